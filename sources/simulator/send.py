"""Sends a simulation to a receiver, to Kafka or into a file, in time. Rule: what was acknowledged is counted.

Towards a receiver it behaves as the real client does: what 429, 502, 503 or 504 refused comes again byte for byte
after 1, 1.5, 2.25 and 3.4 s or when Retry-After says, if that is within ten seconds; anything else is lost.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp

from sources import messages as log
from sources.simulator.canonical import Message
from sources.simulator.otlp import Request

RESEND_AFTER_S = (1.0, 1.5, 2.25, 3.4)
DEADLINE_S = 10.0
HEALS = (429, 502, 503, 504)
LANES = 32
"""Clients that send at the same time; each person's requests stay in one lane, in order."""

SHORTEST_SLEEP_S, LONGEST_SLEEP_S = 0.002, 0.25
"""A fast clock may become a real one meanwhile, so nobody sleeps long."""


class Clock(Protocol):
    """What time it is for the simulation, and how much faster than real time it runs."""

    @property
    def rate(self) -> float:
        """Milliseconds of the clock in a real one."""

    def now(self) -> int:
        """Epoch milliseconds."""


@dataclass
class Totals:
    """What was sent and what became of it."""

    sent: int = 0
    """Requests or messages, resends included."""
    acknowledged: int = 0
    """Distinct canonical events in what was acknowledged."""
    resent: int = 0
    """After an answer that asked for it."""
    cut: int = 0
    lost: int = 0
    """Canonical events that the receiver refused for good or did not take."""
    behind_ms: int = 0
    """How late the last one was sent, by the clock."""
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, events: int, sent: str, key: tuple[str, str]) -> None:
        """Acknowledged; of a body that comes more than once, each event counts once."""
        before = self._seen.pop(key, 0)
        self.acknowledged += max(events - before, 0)
        if sent in ("first", "cut"):
            self._seen[key] = events

    def lose(self, events: int, key: tuple[str, str]) -> None:
        """Not taken at the last try; what an earlier one brought is not lost."""
        self.lost += events - self._seen.pop(key, 0)


async def send_requests(
    requests: Iterable[Request], url: str, clock: Clock, token: str = "", totals: Totals | None = None
) -> Totals:
    """Sends to a receiver. Ends when all is answered; a cancelled one leaves `totals` as far as it came."""
    totals = totals if totals is not None else Totals()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=DEADLINE_S)
    lanes: list[asyncio.Queue[Request | None]] = [asyncio.Queue(8) for _ in range(LANES)]
    connector = aiohttp.TCPConnector(limit=LANES)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as session:
        client = _Client(session, url.rstrip("/"), headers, totals)
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(client.work(lane))
            for request in requests:
                await _due(request.at_ms, clock, totals)
                await lanes[request.client % LANES].put(request)
            for lane in lanes:
                await lane.put(None)
    return totals


async def send_messages(
    messages: Iterable[Message], to: log.Log, clock: Clock, totals: Totals | None = None, at_once: int = 200
) -> Totals:
    """Sends to Kafka, those that are due together at once; what is not acknowledged is sent again until it is."""
    totals = totals if totals is not None else Totals()
    batch: list[Message] = []
    for message in messages:
        if batch and (len(batch) >= at_once or message.at_ms > clock.now()):
            await _deliver(batch, to, totals)
            batch = []
        await _due(message.at_ms, clock, totals)
        batch.append(message)
    if batch:
        await _deliver(batch, to, totals)
    return totals


def write_messages(messages: Iterable[Message], path: Path) -> Totals:
    """Writes canonical events, a line each, into a file; unpaced."""
    totals = Totals()
    with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
        for message in messages:
            file.write(message.events + b"\n")
            totals.sent += 1
            totals.count(message.event_count, message.sent, (message.run, message.session_id))
    return totals


async def _due(at_ms: int, clock: Clock, totals: Totals) -> None:
    ahead = at_ms - clock.now()
    while ahead > 0:
        await asyncio.sleep(min(max(ahead / 1000 / clock.rate, SHORTEST_SLEEP_S), LONGEST_SLEEP_S))
        ahead = at_ms - clock.now()
    totals.behind_ms = -ahead


async def _deliver(batch: list[Message], to: log.Log, totals: Totals) -> None:
    records = [log.Message(it.session_id, it.events, it.at_ms, it.event_count) for it in batch]
    totals.sent += len(batch)
    while True:
        try:
            await to.send(records)
            break
        except log.Unavailable:
            totals.resent += len(batch)
            await asyncio.sleep(RESEND_AFTER_S[0])
    for message in batch:
        totals.count(message.event_count, message.sent, (message.run, message.session_id))


class _Client:
    def __init__(self, session: aiohttp.ClientSession, url: str, headers: dict[str, str], totals: Totals) -> None:
        self._session, self._url, self._headers, self._totals = session, url, headers, totals

    async def work(self, lane: "asyncio.Queue[Request | None]") -> None:
        """Sends what comes into a lane, one after another."""
        while (request := await lane.get()) is not None:
            self._totals.sent += 1
            if request.cut:
                self._totals.cut += 1
                await self._cut(request)
            elif await self._post(request):
                self._totals.count(request.events, request.sent, (request.body_id, ""))
            elif request.sent != "first":
                self._totals.lose(request.events, (request.body_id, ""))

    async def _post(self, request: Request) -> bool:
        for wait in (*RESEND_AFTER_S, None):
            status, retry_after = await self._once(request)
            if status < 300:
                return True
            if status not in HEALS or wait is None:
                return False
            asked = float(retry_after) if retry_after.isdigit() else wait
            if asked > DEADLINE_S:
                return False
            self._totals.resent += 1
            await asyncio.sleep(asked)
        return False

    async def _once(self, request: Request) -> tuple[int, str]:
        headers = dict(request.headers)
        chunked = headers.pop("Transfer-Encoding", "") == "chunked"
        body = _chunks(request.body) if chunked else request.body
        try:
            async with self._session.post(f"{self._url}/v1/{request.kind}", data=body, headers=headers) as answer:
                await answer.read()
                return answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError):
            return 599, ""

    async def _cut(self, request: Request) -> None:
        """Half the body, then the connection is gone."""
        place = urlsplit(self._url)
        secure = place.scheme == "https"
        port = place.port or (443 if secure else 80)
        headers = {"Host": place.netloc, **self._headers, **request.headers, "Content-Length": str(len(request.body))}
        headers.pop("Transfer-Encoding", None)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {place.path}/v1/{request.kind} HTTP/1.1\r\n{lines}\r\n".encode()
        try:
            _, writer = await asyncio.open_connection(place.hostname, port, ssl=secure or None)
            writer.write(head + request.body[: len(request.body) // 2])
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except OSError:  # a receiver that is away is no different for a body that was to be cut
            return


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    """The body as the older client sends it: without its length."""
    for start in range(0, len(body), 16_384):
        yield body[start : start + 16_384]
