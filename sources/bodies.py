"""Recorded input on disk: request bodies, canonical events, transcripts. Rule: the order is that of receipt.

A body is `v1_logs` or `v1_metrics` with `.json` or `.pb` and perhaps `.gz`, whatever stands before it in its name; its
headers stand in the same name with `.headers.json`. Lines (`.jsonl`, `.jsonl.gz`) are told apart by their first. Files
of another kind are named and skipped.
"""

import gzip
import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush, heapreplace
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from schemas import wire
from schemas.codec import InvalidEvent, check_event
from schemas.people import Pseudonyms
from sources.canonical import open_lines, read_file
from sources.hooks import Hooks, is_payload, run_of
from sources.messages import Message, pack
from sources.otlp import json_bodies, protobuf_bodies
from sources.otlp.attributes import moment
from sources.otlp.limits import Limits
from sources.otlp.reader import Encoding, Reader, Signal
from sources.otlp.records import LogRecord, Point, Span
from sources.otlp.refused import Refused
from sources.otlp.unpack import unpack
from sources.transcripts import files as transcripts
from sources.transcripts.reader import Transcript
from sources.transcripts.seen import Seen

_BODY = re.compile(r"(?:^|.*[^A-Za-z0-9])v1_(logs|metrics|traces)\.(json|pb)(\.gz)?")
Item = TypeVar("Item")

_SIDECAR = ".headers.json"
_HOOKS_AT_ONCE = 500


@dataclass(frozen=True)
class Recorded:
    """A file that can be read: one request's body, or canonical events."""

    path: Path
    kind: Signal | Literal["events", "transcript", "hooks"]
    received_at: int
    """Epoch milliseconds; of lines the first one's."""
    encoding: Encoding = "json"
    headers: Mapping[str, str] = field(default_factory=dict)
    """As sent, names in lower case; enough to send the body again."""

    @property
    def signal(self) -> Signal:
        """Of a request's body."""
        if self.kind == "events" or self.kind == "transcript" or self.kind == "hooks":
            raise ValueError(f"{self.path} is no request's body")
        return self.kind

    @property
    def last_at(self) -> int:
        """When the last of it was received, as far as that is told without reading all of it."""
        return transcripts.ended_at(self.path) if self.kind == "transcript" else self.received_at

    @property
    def rank(self) -> int:
        """What clients sent comes first; what they or their hooks wrote down may tell the same again."""
        return {"transcript": 1, "hooks": 2}.get(self.kind, 0)

    def body(self) -> bytes:
        """The bytes as they were sent."""
        return self.path.read_bytes()


class Skipped(NamedTuple):
    """A file or line that was not read, and why."""

    path: Path
    reason: str


Person = tuple[str, Literal["", "enduser", "email", "account", "install"]]
"""Whom events shall name, and what that was made from."""


@dataclass(frozen=True)
class Edge:
    """What it takes to read what clients keep for themselves: such files name nobody."""

    pseudonyms: Pseudonyms
    person: Callable[[Path], Person]
    """Whose a file is."""
    seen: Seen = field(default_factory=Seen)
    """What was told, over all files."""

    def transcript(self, path: Path) -> Transcript:
        """The reader of one transcript."""
        user_id, kind = self.person(path)
        return Transcript(path.name, self.pseudonyms, self.seen, user_id=user_id, user_id_kind=kind)


def find(paths: Iterable[Path]) -> tuple[list[Recorded], list[Skipped]]:
    """What the files and folders hold, in order of receipt, and which of their files are of another kind."""
    found: list[Recorded] = []
    skipped: list[Skipped] = []
    for path in sorted({file for start in paths for file in _files(start)}):
        if path.name.endswith(_SIDECAR):
            continue
        try:
            found.append(_recorded(path))
        except (OSError, EOFError, zlib.error, ValueError, Refused) as exc:
            skipped.append(Skipped(path, str(exc)))
    found.sort(key=_order)
    return found, skipped


def _order(recorded: Recorded) -> tuple[int, int, Path]:
    """A conversation's copy begins when the conversation did, but was written later."""
    written = recorded.path.stat().st_mtime_ns if recorded.kind == "transcript" else 0
    return recorded.received_at, written, recorded.path


def in_order(
    found: Sequence[Recorded], read: Callable[[Recorded], Iterator[Item]], at: Callable[[Item], int]
) -> Iterator[Item]:
    """What all files hold, merged by its time; only files whose time has come are open.

    `found` stands in order of receipt, as `find` gives it; `at`: when an item was received, rising within a file.
    """
    running: list[tuple[int, int, Item, Iterator[Item]]] = []

    def step() -> Item:
        _, number, item, items = running[0]
        for following in items:
            heapreplace(running, (at(following), number, following, items))
            return item
        heappop(running)
        return item

    for number, recorded in enumerate(found):
        while running and running[0][0] < recorded.received_at:
            yield step()
        items = read(recorded)
        for first in items:
            heappush(running, (at(first), number, first, items))
            break
    while running:
        yield step()


def messages(recorded: Recorded, reader: Reader, skipped: list[Skipped], edge: Edge | None = None) -> Iterator[Message]:
    """The messages that a receiver would have made of it; what cannot be taken goes to `skipped`.

    Without an `edge` only what clients send is read.
    """
    if recorded.kind == "events":
        yield from _canonical(recorded.path, skipped)
    elif recorded.kind == "transcript":
        if edge is not None:
            yield from _transcript(recorded.path, edge, skipped)
    elif recorded.kind == "hooks":
        if edge is not None:
            yield from _hooks(recorded, edge, skipped)
    else:
        yield from _body(recorded, recorded.signal, reader, skipped)


def _body(recorded: Recorded, signal: Signal, reader: Reader, skipped: list[Skipped]) -> list[Message]:
    try:
        plain = unpack(recorded.body(), recorded.headers.get("content-encoding", ""), reader.limits)
        enduser = recorded.headers.get("x-enduser-id", "")
        reading = reader.read(signal, recorded.encoding, plain, recorded.received_at, enduser)
    except Refused as exc:
        skipped.append(Skipped(recorded.path, str(exc)))
        return []
    if reading.advice:
        skipped.append(Skipped(recorded.path, reading.advice))
    return pack(reading.sessions)


def _transcript(path: Path, edge: Edge, skipped: list[Skipped]) -> Iterator[Message]:
    bad: list[str] = []
    try:
        yield from transcripts.messages(path, edge.transcript(path), bad)
    except (OSError, EOFError, zlib.error) as exc:
        bad.append(f"ends early ({exc or type(exc).__name__})")
    skipped += [Skipped(path, reason) for reason in bad]


def _hooks(recorded: Recorded, edge: Edge, skipped: list[Skipped]) -> Iterator[Message]:
    """Payloads have no time: all of a file happened when it was last written."""
    hooks = Hooks(edge.pseudonyms)
    with open_lines(recorded.path) as file:
        run = run_of(iter(partial(file.read, 1 << 20), b""))
    user_id, kind = edge.person(recorded.path)
    sessions: dict[str, list[wire.Event]] = {}
    with open_lines(recorded.path) as lines:
        for index, line in enumerate(lines):
            if not line.strip():
                continue
            try:
                events = hooks.read(line, run, index, recorded.received_at)
            except Refused as exc:
                skipped.append(Skipped(recorded.path, f"line {index + 1}: {exc}"))
                continue
            for event in events:
                event.user_id, event.user_id_kind = user_id, kind
                found = sessions.setdefault(event.session_id, [])
                found.append(event)
                if len(found) >= _HOOKS_AT_ONCE:
                    yield from pack({event.session_id: sessions.pop(event.session_id)})
    yield from pack(sessions)


def _canonical(path: Path, skipped: list[Skipped]) -> Iterator[Message]:
    def events() -> Iterator[wire.Event]:
        for found in read_file(path):
            if isinstance(found, tuple):
                skipped.append(Skipped(path, f"line {found[0]}: {found[1]}"))
            else:
                yield found

    for (session_id, _, _), group in groupby(events(), lambda event: (event.session_id, event.run, event.received_at)):
        yield from pack({session_id: list(group)})


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name not in transcripts.FOLDERS_BESIDE]
        yield from (Path(folder, name) for name in names if not transcripts.BESIDE.fullmatch(name))


def _recorded(path: Path) -> Recorded:
    """Raises ValueError, which says of what other kind the file is."""
    named = _BODY.fullmatch(path.name)
    if named is None:
        return _of_lines(path)
    signal: Signal = named[1]  # type: ignore[assignment]  # one of the three that the pattern names
    encoding: Encoding = "json" if named[2] == "json" else "protobuf"
    sidecar = path.with_name(path.name[: -len(f".{named[2]}{named[3] or ''}")] + _SIDECAR)
    headers, received_at = _read_sidecar(sidecar) if sidecar.is_file() else ({}, None)
    headers.setdefault("content-type", "application/json" if encoding == "json" else "application/x-protobuf")
    if named[3]:
        headers["content-encoding"] = "gzip"
    if received_at is None:
        received_at = _latest(path, signal, encoding, bool(named[3]))
    return Recorded(path, signal, received_at, encoding, headers)


def _read_sidecar(path: Path) -> tuple[dict[str, str], int | None]:
    try:
        found = json.loads(path.read_bytes())
        headers = {str(name).lower(): str(value) for name, value in found.get("headers", ())}
        at = found.get("received_at")
    except (ValueError, TypeError, AttributeError) as exc:
        raise ValueError(f"{path.name} does not hold headers") from exc
    return headers, int(at * 1000) if isinstance(at, int | float) else None


def _latest(path: Path, signal: Signal, encoding: Encoding, is_packed: bool) -> int:
    """Without headers: a request is received when the last of its records has happened."""
    limits = Limits()
    plain = unpack(path.read_bytes(), "gzip" if is_packed else "", limits)
    decoder = json_bodies if encoding == "json" else protobuf_bodies
    latest = 0
    for entry in getattr(decoder, signal)(plain, limits):
        match entry.record:
            case LogRecord() as log:
                at = moment(log.time, log.observed, log.attributes.get("event.timestamp"))
            case Span() as span:
                at = moment(span.end, span.start)
            case Point() as point:
                at = moment(point.time)
            case _:
                at = None
        latest = max(latest, at or 0)
    return latest or int(path.stat().st_mtime * 1000)


def _of_lines(path: Path) -> Recorded:
    if not path.name.endswith((".jsonl", ".jsonl.gz")):
        raise ValueError("is neither an OTLP body (…v1_logs.json, …v1_metrics.pb, …) nor lines (.jsonl)")
    try:
        start = transcripts.read_beginning(path)
    except (gzip.BadGzipFile, EOFError) as exc:
        raise ValueError("is not whole gzip") from exc
    line = start.lstrip().partition(b"\n")[0].strip()
    if not line:
        raise ValueError("is empty")
    began = transcripts.began_at(start)
    if began is not None:
        return Recorded(path, "transcript", began)
    if is_payload(line):
        return Recorded(path, "hooks", path.stat().st_mtime_ns // 1_000_000)
    try:
        event = check_event(line)
    except InvalidEvent as exc:
        raise ValueError("holds neither canonical events nor a transcript nor payloads of hooks") from exc
    return Recorded(path, "events", event.received_at)
