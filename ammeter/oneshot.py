"""Folds messages without a broker, in one go, into the store. Rule: the same folds and rows as the stream's.

What it writes are segments of their own (its version), so that they add to what a live stream writes and replace
nothing. Windows are the live stream's alone: history is read from minutes. Teams are those of the directory as the
store has it when the fold begins.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.migrate import Databases
from sinks.rows import COLUMNS, RAW, TABLES, json_lines, rows_of, splice
from sinks.stored import ONE_SHOT_PARTITION, directory_teams, next_offset
from streams.metrics.sessions import Sessions
from streams.metrics.users import Users

PARTITION = ONE_SHOT_PARTITION
"""Of the raw events: no broker's, so that nobody takes them for the stream's."""

STORED_TOPICS = ("sessions", "user-minutes", "signals")

FLUSH_MS, FLUSH_MESSAGES = 300_000, 20_000
"""Time of the log between two flushes, less than a cohort waits, so that stages hear of each other in time; and the
messages that are held at most."""
ROWS = 20_000
RAW_BYTES = 8 << 20


@dataclass
class Counts:
    """What a one-shot fold took."""

    messages: int = 0
    events: int = 0
    invalid: int = 0


class OneShot:
    """Sessions and users over all partitions at once."""

    def __init__(
        self,
        store: ClickHouse,
        databases: Databases,
        at: int,
        say: Callable[[str], None] | None = None,
        *,
        into: str = "",
        as_stream: bool = False,
        hear: Callable[[bytes, bytes], None] | None = None,
    ) -> None:
        """`at`: epoch milliseconds, names this fold; `say` is told how far it is.

        `into`: a suffix of other tables to write to, and no raw events; `as_stream`: with the stream's segments;
        `hear`: takes key and value of each signal; of verdicts the store keeps the latest only.
        """
        self._into, self._hear = into, hear
        self._store, self._databases, self._say = store, databases, say or (lambda _: None)
        self._version = at * 1000
        self._offset = next_offset(store, databases, PARTITION)
        segment = 0 if as_stream else self._version
        self._sessions, self._users = Sessions(segment=segment), Users(segment=segment)
        self._learn()
        self._raw: list[bytes] = []
        self._raw_bytes = 0
        self._now = 0
        self._flushed = self._unflushed = 0
        self._rows: dict[str, list[Struct]] = {}
        self.counts = Counts()

    def feed(self, message: bytes, received_at: int) -> None:
        """Folds one message; messages come in the order of their receipt."""
        self._now = max(self._now, received_at)
        if self._now >= self._flushed + FLUSH_MS or self._unflushed >= FLUSH_MESSAGES:
            self._flush()
        try:
            self._sessions.apply(message, self._now)
        except InvalidEvent:
            self.counts.invalid += 1
            return
        raw = splice(message, PARTITION, self._offset + self.counts.messages)
        if not self._into:
            self._raw.append(raw)
            self._raw_bytes += len(raw)
        self.counts.messages += 1
        self._unflushed += 1
        self.counts.events += raw.count(b"\n")
        if self._raw_bytes >= RAW_BYTES:
            self._store_raw()

    def finish(self, now: int) -> None:
        """Lets time pass to `now` and stores the rest."""
        self._now = max(self._now, now)
        self._flush()
        self._flush()  # what closed in the first goes to the users in it, and may change them in time again
        self._store_rows()
        self._store_raw()

    def _learn(self) -> None:
        for identity, teams in directory_teams(self._store, self._databases):
            entries = [wire.DirectoryEntry(since, team_id) for since, team_id in teams]
            known = wire.DirectoryRecord(0, DEFINITIONS, "", entries)
            self._users.learn(msgspec.msgpack.encode(wire.DirectoryKey(identity)), msgspec.msgpack.encode(known))

    def _flush(self) -> None:
        self._flushed, self._unflushed = self._now, 0
        self._version += 1
        told = self._sessions.changed(self._now, self._version)
        for change in told.changes:
            assert change.value is not None
            self._users.apply(change.value, self._now)
        of_users = self._users.changed(self._now, self._version)
        for record in [*told.tables, *of_users.tables, *of_users.changes]:
            if record.topic in STORED_TOPICS:
                self._rows.setdefault(record.topic, []).extend(rows_of(record.topic, record.key, record.value))
            if self._hear and record.topic == "signals":
                self._hear(record.key, record.value or b"")
        if sum(map(len, self._rows.values())) >= ROWS:
            self._store_rows()

    def _store_rows(self) -> None:
        for topic, found in self._rows.items():
            table = TABLES[topic]
            if found:
                into = f"{self._databases.private}.{table.name}{self._into}"
                self._store.insert(into, table.columns, json_lines(found))
        self._rows = {}
        self._say(f"{self.counts.events:,} events folded")

    def _store_raw(self) -> None:
        if self._raw:
            self._store.insert(f"{self._databases.private}.{RAW}", COLUMNS[RAW], b"".join(self._raw))
        self._raw, self._raw_bytes = [], 0
