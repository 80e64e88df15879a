"""Kafka in memory, as far as a partition sees it: a log with holes, tables, and one transactional id that fences."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

from schemas.wire import Checkpoint
from streams.engine.batch import Batch, End
from streams.engine.clock import Clock
from streams.engine.partition import CHECKPOINT_KEY, LIMITS, Limits, Means, Partition
from streams.engine.restore import Rows
from streams.engine.transaction import Written
from tests.integration.counting import Count, Sent, Tally

START = 1_795_000_000_000


class Logged(NamedTuple):
    """A record of a log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


@dataclass
class Memory:
    """One partition's log, the tables beside it, and who may write."""

    log: list[Logged] = field(default_factory=list)
    first: int = 0
    end: int = 0
    away: bool = False
    tables: dict[str, dict[bytes, bytes]] = field(default_factory=dict)
    sent: list[Written] = field(default_factory=list)
    points: list[Checkpoint] = field(default_factory=list)
    epoch: int = 0

    def send(self, *values: bytes | None, at: int = START, key: bytes | None = b"k") -> None:
        """Appends messages."""
        for value in values:
            self.log.append(Logged(self.end, at, key, value))
            self.end += 1

    def hole(self, size: int = 1) -> None:
        """Offsets that no reader ever gets: the mark of a transaction, or what was aborted."""
        self.end += size

    def batch(self, start: int, end: int | None = None, seek: int = 1) -> Batch:
        """What a reader gets from one position to another."""
        end = self.end if end is None else end
        return Batch([record for record in self.log if start <= record.offset < end], start, end, seek)

    @property
    def tallies(self) -> dict[str, Tally]:
        """What is committed of the counting stage."""
        rows = self.tables.get("sessions", {})
        return {k.decode(): msgspec.msgpack.decode(v, type=Tally) for k, v in rows.items() if k != CHECKPOINT_KEY}


@dataclass
class MemoryTransactions:
    """Transactions over a Memory; the one who claimed last is the only one who may."""

    memory: Memory
    epoch: int = 0
    stopped: bool = False

    async def claim(self) -> None:
        """Fences whoever had it."""
        self.memory.epoch += 1
        self.epoch = self.memory.epoch

    async def stop(self) -> None:
        """Notes it."""
        self.stopped = True

    async def commit(self, own: Sequence[Written], sent: Sequence[Written], at: int) -> None:
        """All or nothing."""
        if self.epoch != self.memory.epoch or self.stopped:
            raise RuntimeError("fenced")
        for topic, key, value in own:
            rows = self.memory.tables.setdefault(topic, {})
            assert key is not None or topic.endswith("-dlq")
            if value is None:
                rows.pop(key or b"", None)
            else:
                rows[key or b""] = value
            if key == CHECKPOINT_KEY and value is not None and not topic.endswith("-dlq"):
                self.memory.points.append(msgspec.msgpack.decode(value, type=Checkpoint))
        self.memory.sent += [*sent, *(record for record in own if record[0].endswith("-dlq"))]


@dataclass
class MemorySource:
    """The reading end of a Memory; `handed` is set by the test, as the batches that it hands over."""

    memory: Memory
    sought: list[int] = field(default_factory=list)
    handed: int = -1
    resumed: bool = False

    @property
    def seeks(self) -> int:
        """How often it was sought."""
        return len(self.sought)

    async def seek(self, offset: int) -> None:
        """Notes it."""
        self.sought.append(offset)
        self.handed = offset

    def resume(self) -> None:
        """Notes it."""
        self.resumed = True

    async def ask_end(self) -> End | None:
        """None while the broker is away."""
        return None if self.memory.away else End(self.handed, self.memory.end, self.handed)

    async def ask_bounds(self) -> tuple[int, int] | None:
        """The log's."""
        return self.memory.first, self.memory.end


def partition(memory: Memory, limits: Limits = LIMITS, now: int = START) -> tuple[Partition, MemorySource]:
    """A partition of the counting stage over a Memory, not opened, at a clock that stands still."""
    source = MemorySource(memory)

    async def read(tables: Sequence[str]) -> list[Rows]:
        return [dict(memory.tables.get(table, {})) for table in tables]

    clock = Clock(start=now, rate=0)
    return Partition(0, Means(Count, lambda: MemoryTransactions(memory), read, source, clock, 0.0, limits)), source


def move_clock(part: Partition, now: int) -> None:
    """Lets the partition's clock stand at another moment."""
    part.means = replace(part.means, clock=Clock(start=now, rate=0))


def add(name: str, n: int = 1) -> bytes:
    """A message of the counting stage."""
    return msgspec.json.encode(Sent(name, n))


def done(*steps: Awaitable[object]) -> None:
    """Runs the steps one after another."""

    async def all_of() -> None:
        for step in steps:
            await step

    asyncio.run(all_of())


def folded(memory: Memory) -> tuple[Partition, MemorySource]:
    """A partition that was opened, has folded the whole log and flushed."""
    part, source = partition(memory)
    done(part.open(), part.fold(memory.batch(0)), part.flush())
    return part, source


async def look(part: Partition) -> None:
    """One turn of the loop of a partition that has nothing to do."""
    part.means = replace(part.means, limits=replace(part.means.limits, tick_s=0))
    with suppress(TimeoutError):
        await asyncio.wait_for(part.run(), 0.1)
