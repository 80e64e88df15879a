"""One owned source partition. Rule: claim, then read, then be ready, then seek, then fold.

A predecessor that still lives is fenced by the claim, so what is read after it can't change any more. What does not go
as it should raises, and ends the process: nothing is repaired in place.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import msgspec
import structlog

from schemas.codec import InvalidEvent
from schemas.topics import HOUR_MS, MESSAGE_BYTES
from schemas.wire import Checkpoint
from streams.engine import meters
from streams.engine.batch import Batch, End
from streams.engine.clock import Clock, PartitionTime
from streams.engine.ending import RESTART, EndWorker
from streams.engine.letters import DeadLetters, Refused
from streams.engine.restore import Rows
from streams.engine.transaction import Transactions, Written
from streams.metrics.stage import Counted, Keyed, Learner, Memory, Stage

CHECKPOINT_KEY = b""
"""Of the record in the stage's first table that says how far it has read."""

AHEAD_MS = 300_000
"""A record may be stamped so far in the future; what is stamped later must not carry the time of all others away."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """What one flush may have to write, bounded from its input: it must end well inside its transaction's timeout."""

    messages: int = 10_000
    message_bytes: int = 64 << 20
    passing_ms: int = HOUR_MS
    """How much time may pass at once: after a long absence a day of minutes is evicted hour by hour."""
    tick_s: float = 1.0
    """How often an idle partition asks whether its log has more."""
    stalled_s: float = 120.0
    """The broker says all the while that there is more, and nothing comes: the way from it to us is broken."""
    behind_ms: int = 5_000
    """A partition whose time is older than that is behind: it works off what waits."""
    behind_paces: float = 8.0
    """It rests so many paces then, since what is late anyway costs less in few large flushes."""


LIMITS = Limits()


class Source(Protocol):
    """The reading end of one source partition."""

    @property
    def seeks(self) -> int:
        """How often it was sought; a batch carries the number of the seek that it was read after."""

    async def seek(self, offset: int) -> None:
        """What is fetched from now on begins at this offset."""

    def resume(self) -> None:
        """Batches may come."""

    async def ask_end(self) -> End | None:
        """Where the log ends, asked now; None when the broker does not say."""

    async def ask_bounds(self) -> tuple[int, int] | None:
        """The first offset that the log still has, and its end; None when the broker does not say."""


@dataclass(frozen=True)
class Means:
    """What a partition works with."""

    make_stage: Callable[[], Memory]
    make_transactions: Callable[[], Transactions]
    read_tables: Callable[[Sequence[str]], Awaitable[list[Rows]]]
    source: Source
    clock: Clock
    pace_s: float
    limits: Limits = LIMITS
    read_directory: Callable[[], Awaitable[Rows]] | None = None
    """What the directory says of this partition's keys, as soon as all of it is known; for a stage that wants it."""


class Partition:
    """Owns one source partition of one stage: its state, its place, its time, its right to write."""

    def __init__(self, number: int, means: Means) -> None:
        self.number, self.means = number, means
        self._hold(means.make_stage())
        self.ready = False
        self.place = 0
        """The next source record to fold."""
        self.point = Checkpoint(0, 0, 0)
        """What was committed last."""
        self.time = PartitionTime()
        self.flushing_since: float | None = None
        self._letters = DeadLetters(self.stage.source, number)
        self._transactions: Transactions | None = None
        self._turn = 0
        self._since = 0
        self._seen = 0
        self._unflushed = self._unflushed_bytes = 0
        self._behind_since: float | None = None
        self._work, self._lock = asyncio.Event(), asyncio.Lock()
        self._labels = (self.stage.name,)

    def _hold(self, stage: Memory) -> None:
        self.stage, self._take = stage, _taker(stage)

    # -- owning --------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Makes the partition ours and what it remembers whole, then lets batches come."""
        if not await self._kept():
            await self._load()
        self._turn += 1
        self._behind_since = None
        # Ready before the seek, and no await between them: what comes is judged by where it begins. The other way
        # round, a batch that comes between the two is lost for good.
        self.ready = True
        await self.means.source.seek(self.place)
        self.means.source.resume()
        log.info("partition ready", stage=self.stage.name, partition=self.number, offset=self.place)

    async def leave(self) -> None:
        """Revoked: commits what there is and keeps the state, for it may come back."""
        self.ready = False
        self._turn += 1
        await self.flush()

    async def close(self) -> None:
        """Gone to somebody else, or the process ends in good order."""
        self.ready = False
        self._turn += 1
        if self._transactions is not None:
            await self._transactions.stop()
            self._transactions = None

    async def _kept(self) -> bool:
        """After a rebalance: one empty transaction proves that nobody had the partition in between."""
        if self._transactions is None:
            return False
        try:
            await self._transactions.commit([self._sealed(self.point)], [], self.point.now)
        except Exception as exc:
            log.warning("lost while away", stage=self.stage.name, partition=self.number, why=repr(exc))
            await self.close()
            return False
        return True

    async def _load(self) -> None:
        began, means, stage = time.monotonic(), self.means, self.means.make_stage()
        transactions = means.make_transactions()
        try:
            await transactions.claim()
            tables = [dict(rows) for rows in await means.read_tables(stage.tables)]
            sealed = tables[0].pop(CHECKPOINT_KEY, None)
            point = msgspec.msgpack.decode(sealed, type=Checkpoint) if sealed else None
            place = await self._place_of(point)
            # The last await: what the directory says from here on, the new stage hears itself.
            said = await means.read_directory() if means.read_directory else {}
            for table, rows in zip(stage.tables, tables, strict=True):
                for key, value in rows.items():
                    stage.restore(table, key, value)
            for key, value in said.items():
                self._teach(stage, key, value)
            self.point = point or Checkpoint(place, 0, 0)
            stage.begin(self.point.now)
        except BaseException:  # a rebalance may cancel this: what is half loaded must never pass for kept
            await transactions.stop()
            raise
        self._hold(stage)
        self.time, self.place = PartitionTime(self.point.now), place
        self._since, self._unflushed, self._unflushed_bytes = self.point.now, 0, 0
        self._letters = DeadLetters(stage.source, self.number)
        self._transactions = transactions
        meters.RESTORE_SECONDS.labels(*self._labels).observe(time.monotonic() - began)

    def learn(self, key: bytes, value: bytes | None) -> None:
        """The directory says something new; the next flush writes what follows from it."""
        self._teach(self.stage, key, value)
        self._work.set()

    def _teach(self, stage: Memory, key: bytes, value: bytes | None) -> None:
        """A record that cannot be read says nothing: what the stage knew before holds."""
        assert isinstance(stage, Learner)
        try:
            stage.learn(key, value)
        except InvalidEvent as exc:
            meters.DIRECTORY_REFUSED.labels(*self._labels).inc()
            log.error("a record of the directory cannot be read", stage=stage.name, partition=self.number, why=str(exc))

    async def _place_of(self, point: Checkpoint | None) -> int:
        while (bounds := await self.means.source.ask_bounds()) is None:  # noqa: ASYNC110 - the broker tells when asked
            await asyncio.sleep(0.1)
        first, end = bounds
        if point is None:
            return first
        if point.offset < first:
            raise self._outrun(point.offset, first)
        if point.offset > end:
            raise EndWorker(
                RESTART,
                f"the checkpoint of {self.stage.name}, partition {self.number}, is at {point.offset} and its log ends "
                f"at {end}: the topic was made anew; make the stage's tables anew as well",
            )
        return point.offset

    def _outrun(self, place: int, first: int) -> EndWorker:
        return EndWorker(
            RESTART,
            f"partition {self.number} of {self.stage.source} begins at {first} and {self.stage.name} has read up to "
            f"{place}: records were deleted unread; run `ammeter rebuild`, and give the topic a longer retention",
        )

    # -- folding -------------------------------------------------------------------------------------------------------

    async def fold(self, batch: Batch) -> None:
        """Folds a batch that begins where the partition stands; any other is dropped and, if need be, read again."""
        if not self.ready:
            return
        if batch.start != self.place:
            await self._misplaced(batch)
            return
        turn, records, first = self._turn, batch.records, 0
        if records[0].offset > self.place:
            await self._check_hole(batch)
        limit = self.means.clock.now() + AHEAD_MS
        while first < len(records):
            at = min(records[first].timestamp, limit)
            if self._is_full or self._leaps(at):
                await self._make_room(at)
            if self._turn != turn:  # revoked meanwhile, and perhaps back: what is left of the batch will be read again
                return
            first = self._fold_some(records, first, limit)
        self.place = batch.end
        self._behind_since = None
        self._count(len(records))
        self._work.set()

    def _fold_some(self, records: Sequence[Any], first: int, limit: int) -> int:
        """Folds one record, and on until a flush must come first; returns where it stopped.

        No await from here to the end: state, time and place stay of one cut.
        """
        log_time, limits, take = self.time, self.means.limits, self._take
        log_time.rise(min(records[first].timestamp, limit))
        self._since = self._since or log_time.now
        last = first + limits.messages - self._unflushed if self._since else first + 1
        until, size, most = self._since + limits.passing_ms, self._unflushed_bytes, limits.message_bytes
        index = first
        while True:
            record = records[index]
            size += len(record.value or b"")
            index += 1
            try:
                take(record.key, _readable(record), log_time.now)
            except (InvalidEvent, msgspec.MsgspecError) as exc:
                refused = Refused(record.offset, record.timestamp, record.key, record.value)
                self._letters.add(self._seen + index - first, refused, str(exc))
                meters.DEAD_LETTERS.labels(*self._labels).inc()
            if index >= last or index >= len(records) or size >= most:
                break
            at = records[index].timestamp
            if at > limit:
                at = limit
            if at > until:
                break
            log_time.rise(at)
        self._seen += index - first
        self._unflushed += index - first
        self._unflushed_bytes = size
        self.place = record.offset + 1
        return index

    async def _misplaced(self, batch: Batch) -> None:
        meters.MISPLACED.labels(*self._labels).inc()
        # One that was read before the latest seek is only late. One read after it says that another was dropped.
        if batch.seek == self.means.source.seeks:
            log.warning(
                "batch out of place", stage=self.stage.name, partition=self.number, at=self.place, got=batch.start
            )
            await self.means.source.seek(self.place)

    async def _check_hole(self, batch: Batch) -> None:
        """Records are missing at the front: transactions leave such holes, and so does retention that has outrun us."""
        bounds = await self.means.source.ask_bounds()
        if bounds is not None and bounds[0] > self.place:
            raise self._outrun(self.place, bounds[0])

    @property
    def _is_full(self) -> bool:
        limits = self.means.limits
        return self._unflushed >= limits.messages or self._unflushed_bytes >= limits.message_bytes

    def _leaps(self, at: int) -> bool:
        return bool(self._since) and at > self._since + self.means.limits.passing_ms

    async def _make_room(self, at: int) -> None:
        """Flushes what there is, then lets time pass in steps until `at` is near."""
        await self.flush()
        await self._pass(at - 1)

    async def _pass(self, to: int) -> None:
        """Lets time pass to a moment, with a flush after each step that a flush can bear."""
        turn = self._turn
        while self._leaps(to) and self._turn == turn:
            self.time.rise(self._since + self.means.limits.passing_ms)
            await self.flush()
        if self._turn == turn:
            self.time.rise(to)

    def _count(self, messages: int) -> None:
        meters.MESSAGES.labels(*self._labels).inc(messages)
        meters.BATCH_MESSAGES.labels(*self._labels).observe(messages)
        if isinstance(self.stage, Counted):
            meters.EVENTS.labels(*self._labels).inc(self.stage.events)
            self.stage.events = 0

    # -- committing ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Flushes at once when there is something, at most once a pace; lets time pass when there is nothing."""
        while True:
            try:
                await asyncio.wait_for(self._work.wait(), self.means.limits.tick_s)
            except TimeoutError:
                await self._look()
            if self.ready:
                await self.flush()
            await asyncio.sleep(self.rest_s())

    def rest_s(self) -> float:
        """How long to wait for the next flush: one pace, and longer for a partition that is behind."""
        clock, limits = self.means.clock, self.means.limits
        is_behind = clock.now() - self.time.now > limits.behind_ms * max(1, clock.rate)
        return self.means.pace_s * (limits.behind_paces if is_behind else 1)

    async def _look(self) -> None:
        """Does the log end where we stand? Then it is now what the clock said before we asked."""
        turn, moment = self._turn, self.means.clock.now()
        end = await self.means.source.ask_end() if self.ready else None
        if end is None or self._turn != turn:
            self._behind_since = None
        elif end.position >= end.end and end.handed == self.place:
            self._behind_since = None
            await self._pass(moment)
        else:
            self._watch(end)

    def _watch(self, end: End) -> None:
        now = time.monotonic()
        self._behind_since = self._behind_since or now
        if now - self._behind_since > self.means.limits.stalled_s:
            raise EndWorker(
                RESTART, f"partition {self.number} stands at {self.place}, its log ends at {end.end}, nothing comes"
            )

    async def flush(self) -> None:
        """Commits what has changed since the last one, with the place that it is of."""
        async with self._lock:
            self._work.clear()
            now = self.time.now
            point = Checkpoint(self.place, now, max(self.point.version + 1, now * 1000))
            output = self.stage.changed(now, point.version)  # all taken before the first await: of one cut
            letters = self._letters.drain()
            self._since, self._unflushed, self._unflushed_bytes = now, 0, 0
            if not (output.tables or output.changes or letters or point.offset != self.point.offset):
                return
            assert self._transactions is not None  # nothing was folded without the right to write
            began = self.flushing_since = time.monotonic()
            own = [*output.tables, *letters, self._sealed(point)]
            await self._transactions.commit(own, output.changes, now)
            self.point, self.flushing_since = point, None
        meters.FLUSH_SECONDS.labels(*self._labels).observe(time.monotonic() - began)
        meters.FLUSH_RECORDS.labels(*self._labels).observe(len(own) + len(output.changes))
        meters.TRANSACTIONS.labels(*self._labels).inc()

    def _sealed(self, point: Checkpoint) -> Written:
        return self.stage.tables[0], CHECKPOINT_KEY, msgspec.msgpack.encode(point)


def _taker(stage: Memory) -> Callable[[bytes, bytes, int], None]:
    """How a stage takes key, message and time: asked once, for the answer is slow."""
    if isinstance(stage, Keyed):
        return stage.take
    apply = cast(Stage, stage).apply
    return lambda _, message, now: apply(message, now)


def _readable(record: Any) -> bytes:
    """The message of a record that a stage may be asked to fold. Raises InvalidEvent."""
    value = record.value
    if record.key is None:
        raise InvalidEvent("key", "the record has no key, so nobody knows which partition it belongs to")
    if not value:
        raise InvalidEvent("", "the message is empty")
    if len(value) > MESSAGE_BYTES:
        raise InvalidEvent("", f"the message has {len(value)} bytes and may have {MESSAGE_BYTES}")
    assert isinstance(value, bytes)
    return value
