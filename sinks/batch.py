"""What is collected for one insert. Rule: nothing is dropped here but older values of a key that came again.

A message is an `Item`: rows for one table, and where it lies, so that one that the store cannot read can be set aside
alone.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from schemas.codec import InvalidEvent, read_events
from schemas.topics import MESSAGE_BYTES
from sinks.rows import DEAD_LETTERS, OUTSIDE, RAW, TABLES, encode, json_lines, rows_of, splice
from sinks.shapes import DeadLetterRow

LINES = "session-events"


class Item(NamedTuple):
    """The rows of one message."""

    table: str
    topic: str
    partition: int
    offset: int
    rows: bytes
    number: int


class Record(NamedTuple):
    """A record as it was read; topic without the deployment's prefix, timestamp in epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Batch:
    """Records of any of our topics, until they are inserted. Remembers up to where it has read."""

    def __init__(self) -> None:
        self.ends: dict[tuple[str, int], int] = {}
        """(topic, partition) to the next offset."""
        self.events = 0
        self.bytes = 0
        self.flushed_at = 0
        """Log time of the oldest record of team-windows in it; 0: there is none. Milliseconds."""
        self._raw: list[Item] = []
        self._latest: dict[tuple[str, bytes], Record] = {}
        self._refused: list[Item] = []

    def __len__(self) -> int:
        """Rows, roughly."""
        return self.events + len(self._latest) + len(self._refused)

    def add(self, record: Record, now: int) -> None:
        """Takes one record. `now`, in epoch milliseconds, dates a dead letter."""
        self.ends[record.topic, record.partition] = record.offset + 1
        if record.topic == LINES:
            self._add_lines(record, now)
        elif record.topic in OUTSIDE or (record.topic in TABLES and record.value is not None):
            # Of a key only the newest value in the log; keys of dead letters are no names.
            name = record.key or b""
            if record.topic.endswith("-dlq"):
                name = b"%d/%d" % (record.partition, record.offset)
            elif not name:
                return
            if record.topic == "team-windows" and not self.flushed_at:
                self.flushed_at = record.timestamp
            self._latest[record.topic, name] = record
            self.bytes += len(record.value or b"")

    def items(self, now: int) -> list[Item]:
        """What to insert: tables first, raw events last."""
        found = []
        for record in self._latest.values():
            try:
                rows = rows_of(record.topic, record.key, record.value, _place(record))
            except msgspec.MsgspecError as exc:
                found.append(letter(record.topic, record.partition, record.offset, now, str(exc)))
                continue
            name = (OUTSIDE.get(record.topic) or TABLES[record.topic]).name
            found.append(Item(name, record.topic, record.partition, record.offset, json_lines(rows) + b"\n", len(rows)))
        return [*found, *self._raw, *self._refused]

    def _add_lines(self, record: Record, now: int) -> None:
        """What the sessions stage refuses is set aside here by the same reader, so that both always agree."""
        try:
            message = readable(record.key, record.value)
            count = len(read_events(message))
        except InvalidEvent as exc:
            self._refused.append(letter(LINES, record.partition, record.offset, now, str(exc)))
            return
        rows = splice(message, record.partition, record.offset)
        self._raw.append(Item(RAW, LINES, record.partition, record.offset, rows, count))
        self.events += count
        self.bytes += len(rows)


def _place(record: Record) -> int:
    """Rises along the log, and when a topic was made anew: offsets alone would begin again."""
    return record.timestamp * 1_000_000 + record.offset % 1_000_000


def readable(key: bytes | None, value: bytes | None) -> bytes:
    """The message of a record that may be read at all. Raises InvalidEvent."""
    if key is None:
        raise InvalidEvent("key", "the record has no key, so nobody knows which partition it belongs to")
    if not value:
        raise InvalidEvent("", "the message is empty")
    if len(value) > MESSAGE_BYTES:
        raise InvalidEvent("", f"the message has {len(value)} bytes and may have {MESSAGE_BYTES}")
    return value


def letter(topic: str, partition: int, offset: int, at: int, reason: str) -> Item:
    """A dead letter of the sink's own."""
    row = DeadLetterRow(topic, partition, offset, at, reason[:1000])
    return Item(DEAD_LETTERS, topic, partition, offset, encode(row) + b"\n", 1)


def by_table(items: Iterable[Item]) -> Mapping[str, list[Item]]:
    """Items of each table, in their order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.table, []).append(item)
    return found
