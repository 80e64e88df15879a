"""The growing end of a transcript. Rule: only whole lines are read, each once; the half-written last one waits.

Where reading stands is an Offset that can be kept: whoever goes on from it gives the same events the same ids.
"""

import hashlib
from pathlib import Path

from msgspec import Struct, field

from schemas import wire
from sources.transcripts.reader import State, Transcript
from sources.transcripts.records import Malformed

CHUNK_BYTES = 1 << 22
MOST_LINE_BYTES = 1 << 28
"""A line longer than this is no record; memory is bounded by it."""

_HEAD_BYTES = 512


class Offset(Struct, array_like=True, gc=False):
    """How far a file was read. A file that is shorter than that, or begins otherwise, was written anew."""

    at: int = 0
    """Bytes."""
    generation: int = 0
    head_bytes: int = 0
    head: bytes = b""
    """Digest of the first bytes, as many as there were."""
    malformed: int = 0
    """Lines that were no records."""
    state: State = field(default_factory=State)


def read_more(path: Path, offset: Offset, transcript: Transcript) -> tuple[list[wire.Event], bool]:
    """The events of the next whole lines, and whether there may be more; moves `offset`.

    `transcript` reads with `offset.state`. Raises OSError.
    """
    found: list[wire.Event] = []
    with path.open("rb") as file:
        if not offset.head_bytes:
            head = file.read(_HEAD_BYTES)
            offset.head_bytes, offset.head = len(head), _digest(head)
        file.seek(offset.at)
        chunk = file.read(CHUNK_BYTES)
        is_full = len(chunk) == CHUNK_BYTES
        while is_full and b"\n" not in chunk and len(chunk) < MOST_LINE_BYTES:
            more = file.read(CHUNK_BYTES)
            chunk += more
            is_full = len(more) == CHUNK_BYTES
    end = chunk.rfind(b"\n") + 1
    if not end and len(chunk) >= MOST_LINE_BYTES:
        end = len(chunk)
    lines = chunk[:end].split(b"\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        try:
            found += transcript.read(line)
        except Malformed:
            offset.malformed += 1
    offset.at += end
    return found, bool(end) and is_full


def was_rewritten(path: Path, offset: Offset) -> bool:
    """Whether another file stands under the name. Raises OSError."""
    if not offset.head_bytes:
        return False
    with path.open("rb") as file:
        head = file.read(offset.head_bytes)
        return _digest(head) != offset.head or file.seek(0, 2) < offset.at


def anew(offset: Offset) -> Offset:
    """To read a file that was written anew; what it tells has other ids, and what is known by its own is told once."""
    return Offset(generation=offset.generation + 1)


def _digest(head: bytes) -> bytes:
    return hashlib.blake2b(head, digest_size=8).digest()
