"""Sends recorded input to a receiver again. Rule: byte for byte as it was, unless its times are to be moved."""

import asyncio
import gzip
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from sources import bodies
from sources.bodies import Recorded, Skipped
from sources.otlp.limits import Limits
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


async def replay(
    paths: Iterable[Path],
    url: str,
    *,
    speed: float = 0,
    shift_to: int | None = None,
    token: str = "",
    say: Callable[[str], None] | None = None,
) -> Totals:
    """Sends everything found. `speed`: times real time, 0 as fast as it goes; `shift_to`: when the last was, epoch ms.

    Raises ConnectionError when the receiver cannot be reached.
    """
    found, skipped = bodies.find(paths)
    totals = Totals(skipped=skipped)
    by = shift_to - max(recorded.received_at for recorded in found) if shift_to is not None and found else 0
    began, first = time.monotonic(), found[0].received_at if found else 0
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    running: set[asyncio.Task[None]] = set()
    async with aiohttp.ClientSession(url, headers=headers, timeout=aiohttp.ClientTimeout(total=15)) as session:
        try:
            for recorded in found:
                for sending in sendings(recorded, by, skipped):
                    totals.found += 1
                    if speed:
                        ahead = (sending.at - first) / 1000 / speed - (time.monotonic() - began)
                        await asyncio.sleep(max(0.0, ahead))
                    running.add(asyncio.create_task(_send(session, sending, totals)))
                    if len(running) >= AT_ONCE:
                        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                        for task in done:
                            task.result()
                        running -= done
                    if say:
                        say(f"{totals.sent} requests sent")
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)  # one has told already why it ends
    return totals


def sendings(recorded: Recorded, by_ms: int, skipped: list[Skipped]) -> Iterator[Sending]:
    """The requests that one file makes."""
    if recorded.kind == "events":
        yield from _events(recorded)
        return
    headers = {
        name: recorded.headers[name]
        for name in ("content-type", "content-encoding", "x-enduser-id")
        if name in recorded.headers
    }
    body = recorded.body()
    if by_ms:
        try:
            plain = unpack(body, headers.pop("content-encoding", ""), Limits())
            body = shift(plain, recorded.kind, recorded.encoding, by_ms)
        except (Refused, ValueError) as exc:
            skipped.append(Skipped(recorded.path, str(exc)))
            return
    yield Sending(f"/v1/{recorded.kind}", body, headers, recorded.received_at)


def _events(recorded: Recorded) -> Iterator[Sending]:
    """Canonical events as they stand, so many lines a request."""
    opener = gzip.open if recorded.path.suffix == ".gz" else open
    with opener(recorded.path, "rb") as lines:
        batch: list[bytes] = []
        for line in lines:
            if line.strip():
                batch.append(line.strip())
            if len(batch) == EVENTS_A_REQUEST:
                yield _lines(batch, recorded)
                batch = []
        if batch:
            yield _lines(batch, recorded)


def _lines(batch: list[bytes], recorded: Recorded) -> Sending:
    return Sending("/v1/events", b"\n".join(batch), {"content-type": "application/x-ndjson"}, recorded.received_at)


async def _send(session: aiohttp.ClientSession, sending: Sending, totals: Totals) -> None:
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
