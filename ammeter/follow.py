"""Sends what clients write into their transcripts to a receiver, as it is written. Rule: at least once, counted once.

An event's id is that of its line, so what is sent again after a crash is known again. Where each file stands is kept
only after the receiver has acknowledged.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import structlog

from ammeter.follow_state import FollowState
from schemas import wire
from schemas.codec import write_events
from schemas.people import Pseudonyms
from sources import native
from sources.bodies import Person
from sources.transcripts import files
from sources.transcripts.reader import Transcript
from sources.transcripts.seen import Seen
from sources.transcripts.tail import Offset, anew, read_more, was_rewritten

EVENTS_A_REQUEST = 500
HEALS = frozenset((408, 429, 500, 502, 503, 504))
WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Between tries; the last for as long as it takes."""
SETTLED_S = 10.0
"""An answer whose file has not grown for so long is whole."""
UNTOLD_S = 60.0
"""A receiver that is away is said again after so long."""

_log = structlog.get_logger()


class Refused(Exception):
    """The receiver will not take it, however often it is sent; says what to do."""


@dataclass(frozen=True)
class FollowConfig:
    """What is followed, and to where."""

    folder: Path
    url: str
    person: Callable[[Path], Person]
    """Whom the events of a file shall name; the receiver makes it a pseudonym."""
    token: str = ""
    every_s: float = 2.0
    beside_telemetry: bool = False
    """The same sessions send telemetry: leave out what it tells and what has no id to know it by."""


@dataclass
class Progress:
    """What was done since the start."""

    files: int = 0
    """Followed."""
    events: int = 0
    """Acknowledged by the receiver."""
    malformed: int = 0
    rejected: int = 0


@dataclass
class _File:
    """A file as it was last looked at."""

    size: int = -1
    changed_at: float = 0.0
    offset: Offset | None = None
    """None: it is no transcript, as far as it can be told."""
    transcript: Transcript | None = field(default=None, repr=False)


class Follower:
    """Follows one folder."""

    def __init__(
        self,
        config: FollowConfig,
        state: FollowState,
        pseudonyms: Pseudonyms,
        *,
        say: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock`: seconds, as files' times."""
        self._config, self._state, self._pseudonyms = config, state, pseudonyms
        self._say, self._clock = say or (lambda _: None), clock
        self._seen: Seen = state.seen()
        self._files: dict[Path, _File] = {}
        self.progress = Progress()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. Raises Refused, StateError."""
        headers = {"Authorization": f"Bearer {self._config.token}"} if self._config.token else {}
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(self._config.url, headers=headers, timeout=timeout) as session:
            while not stop.is_set():
                await self.look(session, stop)
                self._say(self.sentence())
                await _wait(stop, self._config.every_s)

    async def look(self, session: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        """Sends what is new in all files, the longest unchanged first. Raises Refused."""
        found = _stat(self._config.folder)
        gone = [path for path in self._files if path not in found]
        for path in gone:
            del self._files[path]
        self._state.forget(gone)
        for path, (size, changed_at) in sorted(found.items(), key=lambda each: (each[1][1], each[0])):
            if stop.is_set():
                return
            known = self._files.setdefault(path, _File())
            has_waiting = known.transcript is not None and known.transcript.state.pending is not None
            if (size, changed_at) == (known.size, known.changed_at) and not has_waiting:
                continue
            try:
                await self._follow(path, known, session, stop, is_settled=self._clock() - changed_at > SETTLED_S)
            except OSError as exc:
                _log.warning("cannot read a transcript", file=path.name, error=exc.strerror)
                continue
            if not stop.is_set():
                known.size, known.changed_at = size, changed_at
        self.progress.files = sum(known.offset is not None for known in self._files.values())

    async def _follow(
        self, path: Path, known: _File, session: aiohttp.ClientSession, stop: asyncio.Event, *, is_settled: bool
    ) -> None:
        if known.offset is None:
            if files.began_at(files.read_beginning(path)) is None:
                return
            self._open(path, known, self._state.offset(path))
        assert known.offset is not None
        assert known.transcript is not None
        if was_rewritten(path, known.offset):
            self._open(path, known, anew(known.offset))
        more = True
        while more and not stop.is_set():
            malformed = known.offset.malformed
            events, more = read_more(path, known.offset, known.transcript)
            if is_settled and not more:
                events += known.transcript.end()
            self.progress.malformed += known.offset.malformed - malformed
            if not await self._send(events, session, stop):
                return  # told to stop: who comes after goes on from what is kept
            assert self._seen.fresh is not None
            self._state.keep(path, known.offset, self._seen.fresh)
            self._seen.fresh.clear()

    def _open(self, path: Path, known: _File, offset: Offset) -> None:
        user_id, kind = self._config.person(path)
        known.offset = offset
        known.transcript = Transcript(
            path.name,
            self._pseudonyms,
            self._seen,
            user_id=user_id,
            user_id_kind=kind,
            state=offset.state,
            generation=offset.generation,
        )

    async def _send(self, events: Sequence[wire.Event], session: aiohttp.ClientSession, stop: asyncio.Event) -> bool:
        """Whether all is acknowledged; False when told to stop before."""
        if self._config.beside_telemetry:
            events = [event for event in events if not _is_telemetry(event)]
        for start in range(0, len(events), EVENTS_A_REQUEST):
            if not await self._post(events[start : start + EVENTS_A_REQUEST], session, stop):
                return False
        return True

    async def _post(self, events: Sequence[wire.Event], session: aiohttp.ClientSession, stop: asyncio.Event) -> bool:
        body, headers = write_events(events), {"Content-Type": native.TYPES[0]}
        tries, told_at = 0, -UNTOLD_S
        while True:
            try:
                async with session.post(native.PATH, data=body, headers=headers) as answer:
                    status, said = answer.status, await answer.read()
            except (aiohttp.ClientError, TimeoutError) as exc:
                status, said = 0, type(exc).__name__.encode()
            if 200 <= status < 300:
                self.progress.events += len(events)
                return True
            if status == 413 and len(events) > 1:
                half = len(events) // 2
                return await self._post(events[:half], session, stop) and await self._post(events[half:], session, stop)
            if status and status not in HEALS:
                raise Refused(_advice(status, said))
            if (now := time.monotonic()) - told_at >= UNTOLD_S:
                _log.warning("the receiver does not take it yet, trying on", status=status or said.decode())
                told_at = now
            await _wait(stop, WAITS_S[min(tries, len(WAITS_S) - 1)])
            tries += 1
            if stop.is_set():
                return False

    def sentence(self) -> str:
        """How far it is."""
        done = self.progress
        bad = f", {done.malformed:,} lines passed over" if done.malformed else ""
        return f"{done.files:,} transcripts followed, {done.events:,} events sent{bad}"


def _advice(status: int, said: bytes) -> str:
    if status in (401, 403):
        return "The receiver asks for a token: write it into a file and name that in AMMETER_TOKEN_FILE."
    if status == 404:
        return "There is no receiver of events at that address: name it with --to."
    return f"The receiver answers {status} ({said[:200].decode(errors='replace')}): is it of this version?"


def _is_telemetry(event: wire.Event) -> bool:
    """What telemetry tells as well, without an id that both have."""
    if isinstance(event, wire.PromptSubmitted):
        return event.command_source == "builtin"
    return isinstance(
        event,
        wire.LinesChanged
        | wire.CommitMade
        | wire.PullRequestOpened
        | wire.ModelRequestFailed
        | wire.ContextCompacted
        | wire.SubagentCompleted,
    )


def _stat(folder: Path) -> dict[Path, tuple[int, float]]:
    """Size and time of change of every file that may be a transcript."""
    found: dict[Path, tuple[int, float]] = {}
    for name, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in files.FOLDERS_BESIDE]
        for each in names:
            if each.endswith(".jsonl") and not files.BESIDE.fullmatch(each):
                path = Path(name, each)
                try:
                    stat = path.stat()
                except OSError:
                    continue  # deleted meanwhile
                found[path] = stat.st_size, stat.st_mtime
    return found


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
