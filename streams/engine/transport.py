"""Faust's transport, changed where our transactions need it. Rule: one Faust message is one partition's whole fetch.

Faust commits nothing, seeks nothing and judges nothing: places are in checkpoints, and Partition knows what it misses.
Everything that overrides Faust stands in this file; SIGNATURES lists what it relies on, and a test compares that with
the installed version (pinned to the minor).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import faust
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.engine.batch import Batch, End

FETCH_WAIT_MS = 100
"""Faust says 1500: an idle partition then holds up the others of its broker."""

ASK_S = 5.0
"""How long a question to the broker may take before the answer is "not known"."""

T = TypeVar("T")


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Knows from where to where each batch reads, so that one that is lost or out of place is seen, on any topic."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handed: dict[TP, int] = {}
        self.seeks: dict[TP, int] = {}

    async def _seek_wait(self, consumer: Any, partitions: Mapping[TP, int]) -> None:
        # Noted before the seek and without an await between them: a batch fetched after it must not count as read
        # from where the one before had ended.
        for tp, offset in partitions.items():
            self.handed[tp] = offset
            self.seeks[tp] = self.seeks.get(tp, 0) + 1
        await super()._seek_wait(consumer, partitions)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Any,
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's parameter
        max_records: int | None = None,
    ) -> Any:
        fetched = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        batches = {}
        for tp, records in fetched.items():
            if records:
                end = consumer._subscription.subscription.assignment.state_value(tp).position
                batches[tp] = Batch(records, self.handed.get(tp, -1), end, self.seeks.get(tp, 0))
                self.handed[tp] = end
        return batches

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # Faust ties it to its own exactly_once
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        consumer._partition_assignment_strategy = (StickyPartitionAssignor,)  # Faust's moves every partition
        return consumer

    async def ask_end(self, tp: TP) -> End | None:
        """Where the log ends according to the broker, asked now; None when it does not say."""
        return await self._ask(partial(self._end, tp))

    async def ask_bounds(self, tp: TP) -> tuple[int, int] | None:
        """The first offset that the log still has, and its end; None when the broker does not say."""
        return await self._ask(partial(self._bounds, tp))

    async def note_offsets(self, offsets: Mapping[TP, int]) -> None:
        """Commits group offsets, for those who watch the lag of groups; nothing here ever reads them."""
        await self._ask(partial(self._note, offsets))

    def leave_for_good(self) -> None:
        """A static member says good-bye as a dynamic one does, so that a successor need not wait for its session."""
        if self._consumer is not None and self._consumer._coordinator is not None:
            self._consumer._coordinator._group_instance_id = None

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        async def within() -> T:
            async with asyncio.timeout(ASK_S):  # in the thread: it works on two calls at a time, fetching is one
                return await question()

        with contextlib.suppress(Exception):  # the broker is away, or a rebalance is on: ask again later
            async with asyncio.timeout(2 * ASK_S):
                return cast(T, await self.call_thread(within))
        return None

    async def _end(self, tp: TP) -> End:
        consumer = self._ensure_consumer()
        end = (await consumer.end_offsets([tp]))[tp]
        return End(await consumer.position(tp), end, self.handed.get(tp, -1))

    async def _bounds(self, tp: TP) -> tuple[int, int]:
        consumer = self._ensure_consumer()
        return (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]

    async def _note(self, offsets: Mapping[TP, int]) -> None:
        noted = {
            TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()
        }  # no TP of Faust's
        await self._ensure_consumer().commit(noted)


class BatchConsumer(driver.Consumer):
    """Hands batches over, to partitions that are ready."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's parameter
        # As Faust's, with a copy of the active set: Faust empties the live one while its thread waits on it, aiokafka
        # takes "none" for "all", and Faust then drops silently what it did not ask for.
        if not self.flow_active:
            await self.wait(cast(Any, self.can_resume_flow))  # Faust's own call, of a type that it does not declare
        generation, active = self.app.consumer_generation_id, frozenset(self._get_active_partitions())
        if not active:
            await self.sleep(0.02)
            return {}, active
        fetched = await self._thread.getmany(cast(Any, active), timeout)
        if generation != self.app.consumer_generation_id:  # fetched before a rebalance: every partition seeks after it
            return {}, active
        return {tp: [batch] for tp, batch in fetched.items()}, active

    async def perform_seek(self) -> None:
        """Faust goes back to the group's offsets here. A partition goes to its own place when it is opened."""

    def _to_message(self, tp: TP, record: Any) -> Any:
        message = super()._to_message(tp, record)
        message.value = record
        return message

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Faust resumes all after a rebalance; what is not loaded yet stays paused."""
        super().resume_partitions({tp for tp in tps if cast(BatchApp, self.app).is_ready(tp)})

    def _new_offset(self, tp: TP) -> None:
        """Faust would commit what it counts here. It forgets the counts, and finds nothing to commit."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Batches always look like gaps."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust complains after five minutes that nothing is committed; Partition watches whether it stalls."""


class BatchApp(faust.App):
    """A Faust app whose messages are batches."""

    def is_ready(self, tp: TP) -> bool:
        """Whether batches of this partition may come."""
        raise NotImplementedError

    def _new_transport(self) -> driver.Transport:
        transport = driver.Transport(self.conf.broker_consumer, self)
        transport.Consumer = BatchConsumer  # type: ignore[misc] # this app's transport alone
        return transport


SIGNATURES: Mapping[Callable[..., Any], str] = {
    driver.AIOKafkaConsumerThread._seek_wait: "(self, consumer, partitions)",
    driver.AIOKafkaConsumerThread._fetch_records: "(self, consumer, active_partitions, timeout, max_records)",
    driver.AIOKafkaConsumerThread._create_worker_consumer: "(self, transport)",
    driver.AIOKafkaConsumerThread._ensure_consumer: "(self)",
    driver.AIOKafkaConsumerThread.getmany: "(self, active_partitions, timeout)",
    driver.AIOKafkaConsumerThread.call_thread: "(self, fun, args, kwargs)",
    driver.Consumer._new_consumer_thread: "(self)",
    driver.Consumer._wait_next_records: "(self, timeout)",
    driver.Consumer._get_active_partitions: "(self)",
    driver.Consumer.perform_seek: "(self)",
    driver.Consumer._to_message: "(self, tp, record)",
    driver.Consumer.resume_partitions: "(self, tps)",
    driver.Consumer._new_offset: "(self, tp)",
    driver.Consumer._add_gap: "(self, tp, offset_from, offset_to)",
    driver.Consumer.verify_event_path: "(self, now, tp)",
    driver.Consumer.seek_wait: "(self, partitions)",
    faust.App._new_transport: "(self)",
}
"""What of Faust is overridden or called from inside: names of the parameters, as of 0.15.3."""
