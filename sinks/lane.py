"""One stream of records into the store: read, collect, insert, commit. Rule: an offset is committed after its insert.

While one batch is inserted the next is collected; when that is full too, reading pauses. So memory is bounded by two
batches, however long the store is away.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError

from ammeter import telemetry
from sinks.batch import Batch, Record
from sinks.clickhouse import Store, StoreError
from sinks.insert import insert
from sinks.offsets import OffsetsConsumer
from sinks.samples import Samples

log = structlog.get_logger()

AWAY_FIRST_S, AWAY_MOST_S = 0.2, 5.0
"""Waits between two tries of an insert: doubling from the first to the longest."""

LAST_TRY_S = 5.0
"""How long a stop waits for an insert before it leaves the rest to the next process."""

_LANE = ("lane",)
LAG = telemetry.gauge("ammeter_sink_lag_messages", "Messages of ours not yet read.", _LANE)
AWAY = telemetry.gauge("ammeter_sink_store_away", "1 while the store does not take an insert.", _LANE)
RETRIES = telemetry.counter("ammeter_sink_insert_retries_total", "Inserts tried again.", _LANE)
COMMIT_FAILURES = telemetry.counter("ammeter_sink_commit_failures_total", "Offsets that were not committed.", _LANE)


@dataclass(frozen=True)
class LaneConfig:
    """A lane: its name, the topics it reads, and how large a batch may become."""

    name: str
    topics: tuple[str, ...]
    broker: str
    topic_prefix: str
    group: str
    instance: str
    database: str
    batch_rows: int
    batch_bytes: int
    batch_ms: int


class Lane(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Reads its share of the topics and stores it, until stopped."""

    def __init__(self, config: LaneConfig, open_store: Callable[[], Store], now: Callable[[], int], samples: Samples):
        self._config, self._open_store, self._now, self.samples = config, open_store, now, samples
        self._stop = asyncio.Event()
        self._consumer: Any = None
        self._store: Store | None = None
        self._flight: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Runs until `stop`; raises what cannot be waited out."""
        config = self._config
        self._consumer = consumer = OffsetsConsumer(
            bootstrap_servers=config.broker,
            group_id=config.group,
            group_instance_id=f"{config.group}-{config.instance}",
            client_id=f"{config.group}-{config.instance}",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=10_000,
            max_poll_interval_ms=3_600_000,
            fetch_max_bytes=16 << 20,
            fetch_max_wait_ms=100,
        )
        consumer.subscribe([config.topic_prefix + topic for topic in config.topics], listener=self)
        if not await self._connect():
            return
        try:
            await self._work()
        finally:
            await self._land(LAST_TRY_S)
            await consumer.stop()

    def stop(self) -> None:
        """What was read is stored, then `run` returns."""
        self._stop.set()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Nothing to prepare: offsets are the group's."""

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """What is collected is stored all the same; the next owner stores it again, and that changes nothing."""
        for tp in revoked:
            self.samples.lost(self._plain(tp.topic), tp.partition)

    async def lags(self) -> Mapping[int, int]:
        """Messages that this lane has yet to read, by partition."""
        found: dict[int, int] = {}
        if self._consumer is not None:
            for tp in self._consumer.assignment():
                end, at = self._consumer.highwater(tp), _position(self._consumer, tp)
                if end is not None and at is not None:
                    found[tp.partition] = found.get(tp.partition, 0) + max(0, end - at)
        LAG.labels(self._config.name).set(sum(found.values()))
        return found

    async def ends(self, sources: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], int]:
        """Where logs end for a reader of committed records; nothing when the broker does not say."""
        asked = {TopicPartition(self._config.topic_prefix + topic, part): (topic, part) for topic, part in sources}
        if not asked or self._consumer is None:
            return {}
        try:
            ends = await self._consumer.end_offsets(list(asked))
        except KafkaError:
            return {}
        return {asked[tp]: end for tp, end in ends.items()}

    async def _connect(self) -> bool:
        """Starts the consumer, however long the broker is away; False when stopped meanwhile."""
        wait = AWAY_FIRST_S
        while not self._stop.is_set():
            try:
                await self._consumer.start()
                return True
            except KafkaError as exc:
                log.warning("broker away, trying again", lane=self._config.name, why=repr(exc), seconds=wait)
                await self._pause(wait)
                wait = min(wait * 2, AWAY_MOST_S)
        return False

    async def _work(self) -> None:
        config = self._config
        batch, pace, began = Batch(), config.batch_ms / 1000, 0.0
        while not self._stop.is_set():
            found = await self._consumer.getmany(timeout_ms=min(100, config.batch_ms), max_records=5_000)
            self._take(batch, found)
            full = len(batch) >= config.batch_rows or batch.bytes >= config.batch_bytes
            flying = self._flight is not None and not self._flight.done()
            if self._flight is not None and not flying:
                await self._land(None)
            if batch.ends and (full or not flying) and (full or time.monotonic() >= began + pace):
                await self._land(None)
                began = time.monotonic()
                self._flight = asyncio.create_task(self._deliver(batch))
                batch = Batch()
        await self._land(LAST_TRY_S)
        if batch.ends:
            self._flight = asyncio.create_task(self._deliver(batch))

    async def _land(self, within_s: float | None) -> None:
        """Waits until what is being inserted is there; gives up after `within_s`, for a stop."""
        flight = self._flight
        if flight is None:
            return
        if within_s is None:
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait((flight, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            within_s = LAST_TRY_S
        done, _ = await asyncio.wait((flight,), timeout=within_s)
        self._flight = None
        if not done:
            flight.cancel()
            log.warning("store away at the end, the rest is left to the next process", lane=self._config.name)
        else:
            flight.result()

    def _take(self, batch: Batch, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        now = self._now()
        for tp, records in found.items():
            topic = self._plain(tp.topic)
            for each in records:
                if each.key == b"":
                    self.samples.saw(topic, tp.partition, each.value)
                batch.add(Record(topic, tp.partition, each.offset, each.timestamp, each.key, each.value), now)

    async def _deliver(self, batch: Batch) -> None:
        """Inserts until the store has all, then commits."""
        name, wait = self._config.name, AWAY_FIRST_S
        items = await asyncio.to_thread(batch.items, self._now())
        while items:
            try:
                await asyncio.to_thread(self._insert, items)
                break
            except StoreError as exc:
                AWAY.labels(name).set(1)
                RETRIES.labels(name).inc()
                log.warning("store away, trying again", lane=name, why=str(exc), code=exc.code, seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, AWAY_MOST_S)
        AWAY.labels(name).set(0)
        if batch.flushed_at:
            self.samples.stored(max(0, self._now() - batch.flushed_at))
        await self._commit(batch)

    def _insert(self, items: Sequence[Any]) -> None:
        if self._store is None:
            self._store = self._open_store()
        insert(self._store, self._config.database, items, self._now())

    async def _commit(self, batch: Batch) -> None:
        """Failing is harmless: what is not committed is stored again, and that changes nothing."""
        offsets = {
            tp: end
            for (topic, partition), end in batch.ends.items()
            if (tp := TopicPartition(self._config.topic_prefix + topic, partition)) in self._consumer.assignment()
        }
        try:
            if offsets:
                await asyncio.wait_for(self._consumer.commit(offsets), 30)
        except (KafkaError, IllegalStateError, TimeoutError) as exc:
            COMMIT_FAILURES.labels(self._config.name).inc()
            log.warning("offsets not committed", lane=self._config.name, why=repr(exc))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def _plain(self, topic: str) -> str:
        return topic.removeprefix(self._config.topic_prefix)


def _position(consumer: Any, tp: TopicPartition) -> int | None:
    """How far a partition was fetched; None before its place is known. The public way would wait for that."""
    state = consumer._subscription.subscription.assignment.state_value(tp)
    return state.position if state is not None and state.has_valid_position else None
