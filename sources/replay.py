"""Sends recorded input to a receiver again. Rule: byte for byte as it was, unless its times are to be moved.

Transcripts go as the canonical events that they hold. What one file of lines holds goes one request after the other,
for within a run places must rise.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import aiohttp

from schemas.codec import read_events, write_events
from sources import bodies, hooks, native
from sources.bodies import Edge, Recorded, Skipped
from sources.canonical import open_lines
from sources.otlp.limits import Limits
from sources.otlp.reader import Reader
from sources.otlp.refused import Refused
from sources.otlp.unpack import unpack
from sources.shift import shift

RESEND_AFTER_S = (1.0, 1.5, 2.25, 3.4)
"""As the clients do after 429, 502, 503 and 504."""

HEALS = (429, 502, 503, 504)
AT_ONCE = 4
EVENTS_A_REQUEST = 500


@dataclass
class Totals:
    """What became of the requests."""

    found: int = 0
    sent: int = 0
    refused: int = 0
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Sending:
    """One request to make."""

    path: str
    body: bytes
    headers: dict[str, str]
    at: int
    follows: Path | None = None
    """The file whose requests go one after the other."""


async def replay(
    paths: Iterable[Path],
    url: str,
    *,
    edge: Edge | None = None,
    speed: float = 0,
    shift_to: int | None = None,
    token: str = "",
    say: Callable[[str], None] | None = None,
) -> Totals:
    """Sends everything found; what clients kept for themselves only with an `edge`.

    `speed`: times real time, 0 as fast as it goes; `shift_to`: when the last was, epoch ms. Raises ConnectionError when
    the receiver cannot be reached.
    """
    found, skipped = bodies.find(paths)
    totals = Totals(skipped=skipped)
    by = shift_to - max(recorded.last_at for recorded in found) if shift_to is not None and found else 0
    began, first = time.monotonic(), found[0].received_at if found else 0
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    running: set[asyncio.Task[None]] = set()
    last: dict[Path, asyncio.Task[None]] = {}
    read = bodies.in_order(found, lambda recorded: sendings(recorded, by, skipped, edge), lambda sending: sending.at)
    async with aiohttp.ClientSession(url, headers=headers, timeout=aiohttp.ClientTimeout(total=15)) as session:
        try:
            for sending in read:
                totals.found += 1
                if speed:
                    ahead = (sending.at - first) / 1000 / speed - (time.monotonic() - began)
                    await asyncio.sleep(max(0.0, ahead))
                before = last.pop(sending.follows, None) if sending.follows else None
                task = asyncio.create_task(_send(session, sending, totals, before))
                running.add(task)
                if sending.follows:
                    last[sending.follows] = task
                if len(running) >= AT_ONCE:
                    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for each in done:
                        each.result()
                    running -= done
                if say:
                    say(f"{totals.sent} requests sent")
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)  # one has told already why it ends
    return totals


def sendings(recorded: Recorded, by_ms: int, skipped: list[Skipped], edge: Edge | None = None) -> Iterator[Sending]:
    """The requests that one file makes."""
    match recorded.kind:
        case "events":
            yield from _events(recorded)
        case "transcript":
            yield from _transcript(recorded, by_ms, skipped, edge)
        case "hooks":
            yield from _hooks(recorded)
        case _:
            yield from _body(recorded, by_ms, skipped)


def _body(recorded: Recorded, by_ms: int, skipped: list[Skipped]) -> Iterator[Sending]:
    headers = {
        name: recorded.headers[name]
        for name in ("content-type", "content-encoding", "x-enduser-id")
        if name in recorded.headers
    }
    body = recorded.body()
    if by_ms:
        try:
            plain = unpack(body, headers.pop("content-encoding", ""), Limits())
            body = shift(plain, recorded.signal, recorded.encoding, by_ms)
        except (Refused, ValueError) as exc:
            skipped.append(Skipped(recorded.path, str(exc)))
            return
    yield Sending(f"/v1/{recorded.kind}", body, headers, recorded.received_at)


def _events(recorded: Recorded) -> Iterator[Sending]:
    """Canonical events as they stand, so many lines a request."""
    with open_lines(recorded.path) as lines:
        batch: list[bytes] = []
        for line in lines:
            if line.strip():
                batch.append(line.strip())
            if len(batch) == EVENTS_A_REQUEST:
                yield _lines(batch, recorded.received_at, recorded.path)
                batch = []
        if batch:
            yield _lines(batch, recorded.received_at, recorded.path)


def _transcript(recorded: Recorded, by_ms: int, skipped: list[Skipped], edge: Edge | None) -> Iterator[Sending]:
    """The events of a transcript; with their times moved they are others, as a moved body is another."""
    for message in bodies.messages(recorded, Reader(edge.pseudonyms), skipped, edge) if edge else ():
        value = message.value
        if by_ms:
            events = read_events(value)
            for event in events:
                event.occurred_at = max(0, event.occurred_at + by_ms)
                event.run = blake2b(f"{event.run}\n{by_ms}".encode(), digest_size=8).hexdigest()
            value = write_events(events)
        yield _lines([value], message.received_at, recorded.path)


def _hooks(recorded: Recorded) -> Iterator[Sending]:
    """A payload a request, as the client posts them."""
    with open_lines(recorded.path) as lines:
        for line in lines:
            if line.strip():
                headers = {"content-type": "application/json"}
                yield Sending(hooks.PATH, line.strip(), headers, recorded.received_at, recorded.path)


def _lines(batch: list[bytes], at: int, path: Path) -> Sending:
    return Sending(native.PATH, b"\n".join(batch), {"content-type": native.TYPES[0]}, at, path)


async def _send(
    session: aiohttp.ClientSession, sending: Sending, totals: Totals, before: asyncio.Task[None] | None
) -> None:
    if before is not None:
        await before
    for wait in (*RESEND_AFTER_S, None):
        try:
            async with session.post(sending.path, data=sending.body, headers=sending.headers) as answer:
                status = answer.status
        except aiohttp.ClientError as exc:
            raise ConnectionError(
                f"the receiver does not answer ({type(exc).__name__}): start it, or name it with --to."
            ) from exc
        if status not in HEALS or wait is None:
            break
        await asyncio.sleep(wait)
    if status < 300:
        totals.sent += 1
    else:
        totals.refused += 1
