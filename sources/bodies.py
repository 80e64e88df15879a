"""Recorded input on disk: request bodies with their headers, and canonical events. Rule: the order is that of receipt.

A body is `v1_logs` or `v1_metrics` with `.json` or `.pb` and perhaps `.gz`, whatever stands before it in its name; its
headers stand in the same name with `.headers.json`. Files of another kind are named and skipped.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from schemas import wire
from schemas.codec import InvalidEvent, check_event
from sources.canonical import open_lines, read_file
from sources.messages import Message, pack
from sources.otlp import json_bodies, protobuf_bodies
from sources.otlp.attributes import moment
from sources.otlp.limits import Limits
from sources.otlp.reader import Encoding, Reader, Signal
from sources.otlp.records import LogRecord
from sources.otlp.refused import Refused
from sources.otlp.unpack import unpack

_BODY = re.compile(r"(?:^|.*[^A-Za-z0-9])v1_(logs|metrics|traces)\.(json|pb)(\.gz)?")
_SIDECAR = ".headers.json"
_FIRST_LINE = 1 << 20


@dataclass(frozen=True)
class Recorded:
    """A file that can be read: one request's body, or canonical events."""

    path: Path
    kind: Signal | Literal["events"]
    received_at: int
    """Epoch milliseconds; of canonical events the first one's."""
    encoding: Encoding = "json"
    headers: Mapping[str, str] = field(default_factory=dict)
    """As sent, names in lower case; enough to send the body again."""

    def body(self) -> bytes:
        """The bytes as they were sent."""
        return self.path.read_bytes()


class Skipped(NamedTuple):
    """A file or line that was not read, and why."""

    path: Path
    reason: str


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
    found.sort(key=lambda recorded: (recorded.received_at, recorded.path))
    return found, skipped


def messages(recorded: Recorded, reader: Reader, skipped: list[Skipped]) -> Iterator[Message]:
    """The messages that a receiver would have made of it; what cannot be taken goes to `skipped`."""
    if recorded.kind == "events":
        yield from _canonical(recorded.path, skipped)
        return
    try:
        plain = unpack(recorded.body(), recorded.headers.get("content-encoding", ""), reader.limits)
        enduser = recorded.headers.get("x-enduser-id", "")
        reading = reader.read(recorded.kind, recorded.encoding, plain, recorded.received_at, enduser)
    except Refused as exc:
        skipped.append(Skipped(recorded.path, str(exc)))
        return
    if reading.advice:
        skipped.append(Skipped(recorded.path, reading.advice))
    yield from pack(reading.sessions)


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
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    else:
        yield path


def _recorded(path: Path) -> Recorded:
    """Raises ValueError, which says of what other kind the file is."""
    named = _BODY.fullmatch(path.name)
    if named is None:
        return _of_events(path)
    if named[1] == "traces":
        raise ValueError("holds traces, which are not read")
    signal: Signal = "logs" if named[1] == "logs" else "metrics"
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
    for entry in decoder.logs(plain, limits) if signal == "logs" else decoder.metrics(plain, limits):
        record = entry.record
        if record is not None:
            others = (
                (record.observed, record.attributes.get("event.timestamp")) if isinstance(record, LogRecord) else ()
            )
            latest = max(latest, moment(record.time, *others) or 0)
    return latest or int(path.stat().st_mtime * 1000)


def _of_events(path: Path) -> Recorded:
    if not path.name.endswith((".jsonl", ".jsonl.gz")):
        raise ValueError("is neither an OTLP body (…v1_logs.json, …v1_metrics.pb, …) nor canonical events (.jsonl)")
    try:
        with open_lines(path) as lines:
            line = lines.readline(_FIRST_LINE).strip()
    except (gzip.BadGzipFile, EOFError) as exc:
        raise ValueError("is not whole gzip") from exc
    if not line:
        raise ValueError("is empty")
    try:
        event = check_event(line)
    except InvalidEvent as exc:
        raise ValueError("does not hold canonical events (a hook log or a transcript, perhaps)") from exc
    return Recorded(path, "events", event.received_at)
