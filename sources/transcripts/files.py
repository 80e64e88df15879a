"""Transcripts on disk: how one is known, and its events as messages. Rule: memory does not grow with the file.

A line that is no record is counted and passed over; a last line without its end is still being written, and no fault.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import DecodeError, Struct, json

from schemas import wire
from sources.canonical import open_lines
from sources.messages import Message, pack
from sources.transcripts.reader import Transcript
from sources.transcripts.records import SKIPPED, Malformed, moment

KNOWN = frozenset({"user", "assistant", "system", "attachment", "pr-link"} | {kind.decode() for kind in SKIPPED})
"""Types of which at least one stands at the beginning of every transcript."""

BESIDE = re.compile(r"agent-[^/]*\.meta\.json|sessions-index\.json|journal\.jsonl")
FOLDERS_BESIDE = frozenset(("tool-results", "memory"))
"""What a client keeps beside its transcripts and nobody reads here; not worth a word each."""

BATCH_EVENTS = 400
BATCH_MS = 60_000
"""A message holds what happened within this time: log time may not run ahead of it by more."""

_BEGINNING = 1 << 18
_MANY_LINES = 50
_TIMESTAMP = re.compile(rb'"timestamp":\s?"(\d{4}-[\d:.TZ+-]{10,30})"')


class _Start(Struct, rename="camel", gc=False):
    type: str | None = None
    session_id: str | None = None
    message_id: str | None = None
    leaf_uuid: str | None = None


def began_at(start: bytes) -> int | None:
    """When the transcript that begins so began, epoch ms, 0 where it does not say; None where it is no transcript.

    `start` is the beginning of the file, cut anywhere.
    """
    for line in start.split(b"\n")[:_MANY_LINES]:
        if not line.strip():
            continue
        try:
            record = json.decode(line, type=_Start)
        except DecodeError:
            head = line[:2_000]  # a long first line, cut off
            if b'"sessionId":"' not in head or b'"parentUuid":' not in head:
                return None
        else:
            if record.type not in KNOWN or not (record.session_id or record.message_id or record.leaf_uuid):
                return None
        found = _TIMESTAMP.search(start)
        return moment(found[1].decode()) if found else 0
    return None


def read_beginning(path: Path) -> bytes:
    """As much of a file as tells what it is."""
    with open_lines(path) as file:
        return file.read(_BEGINNING)


def ended_at(path: Path) -> int:
    """When the last record of a transcript was written, epoch ms; 0 where none says."""
    with open_lines(path) as file:
        if path.suffix != ".gz":
            file.seek(max(0, path.stat().st_size - _BEGINNING))
        found, end = 0, b""
        while part := file.read(_BEGINNING):
            for at in _TIMESTAMP.findall(end + part):
                found = max(found, moment(at.decode()))
            end = part[-100:]
    return found


def messages(path: Path, transcript: Transcript, bad: list[str]) -> Iterator[Message]:
    """A file's events in messages of one session each; `bad` takes one sentence about lines that are no records."""
    batch: list[wire.Event] = []
    malformed, first = 0, ""
    with open_lines(path) as lines:
        for line in lines:
            try:
                found = transcript.read(line)
            except Malformed as exc:
                if not line.endswith(b"\n"):
                    break
                malformed += 1
                first = first or f"line {transcript.state.line} {exc}"
                continue
            if not found:
                continue
            if batch and _is_over(batch, found):
                yield from _packed(batch)
                batch = []
            batch += found
    batch += transcript.end()
    yield from _packed(batch)
    if malformed:
        bad.append(f"{malformed} lines were passed over: {first}")


def _is_over(batch: list[wire.Event], found: list[wire.Event]) -> bool:
    return (
        len(batch) >= BATCH_EVENTS
        or found[-1].received_at - batch[0].received_at > BATCH_MS
        or found[0].session_id != batch[0].session_id
    )


def _packed(batch: list[wire.Event]) -> list[Message]:
    """Messages, all received when the last of them was."""
    at = max((event.received_at for event in batch), default=0)
    sessions: dict[str, list[wire.Event]] = {}
    for event in batch:
        event.received_at = at
        sessions.setdefault(event.session_id, []).append(event)
    return pack(sessions)
