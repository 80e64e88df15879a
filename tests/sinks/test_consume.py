"""The sink against a real broker and the store in memory: nothing skipped, nothing held up, whatever happens when."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ammeter.broker import EmbeddedBroker
from schemas import wire
from schemas.topics import partition_of
from sinks.consume import Sink, SinkConfig
from sinks.memory import MemoryStore
from tests.sinks.made import T, message, pack, until, windows


class Stack:
    """A producer, a store, and sinks of one test."""

    def __init__(self, address: str, prefix: str, producer: Any) -> None:
        self.address, self.prefix, self.producer = address, prefix, producer
        self.store = MemoryStore()

    @asynccontextmanager
    async def sink(self, instance: str = "one", **more: Any) -> AsyncIterator[Sink]:
        """A sink that runs within the block, and stops in good order after it."""
        config = SinkConfig(self.address, self.prefix, self.prefix, instance, "unused", **more)
        sink = Sink(config, lambda: time.time_ns() // 1_000_000, lambda: self.store)
        await sink.start()
        try:
            yield sink
        finally:
            await sink.stop()

    async def send(self, topic: str, key: bytes | None, value: bytes | None, at: int | None = None) -> None:
        """Sends one record to its key's partition, of four."""
        partition = partition_of(key or b"", 4)
        await self.producer.send_and_wait(self.prefix + topic, value, key, partition, timestamp_ms=at)

    async def committed(self, lane: str, topic: str) -> int:
        """Sum of the offsets that a lane's group has committed."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.address, group_id=f"{self.prefix}sink-{lane}")
        await consumer.start()
        try:
            parts = [TopicPartition(self.prefix + topic, number) for number in range(4)]
            return sum([await consumer.committed(part) or 0 for part in parts])
        finally:
            await consumer.stop()


@asynccontextmanager
async def stack(broker: EmbeddedBroker, prefix: str) -> AsyncIterator[Stack]:
    """Everything a test needs, at the shared broker."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.address)
    await producer.start()
    try:
        yield Stack(broker.address, prefix, producer)
    finally:
        await producer.stop()


@pytest.fixture
def on_broker(
    broker: EmbeddedBroker, kafka_prefix: str, topics: Callable[[str], str]
) -> Callable[[Callable[[Stack], Any]], None]:
    """Runs a test's body with its stack."""

    def run(body: Callable[[Stack], Any]) -> None:
        async def main() -> None:
            async with stack(broker, kafka_prefix) as made:
                await asyncio.wait_for(body(made), 120)

        asyncio.run(main())

    return run


def test_what_was_sent_is_stored_and_then_committed(on_broker: Callable[..., None]) -> None:
    """Events with their position, table rows, no row of a checkpoint or a null; offsets follow the inserts."""

    async def body(made: Stack) -> None:
        for number in range(40):
            await made.send("session-events", f"s{number % 7}".encode(), message(f"s{number % 7}", number))
        await made.send("team-windows", pack(("red",)), windows(1, 1))
        await made.send("team-windows", pack(("red",)), windows(2, 5))
        await made.send("user-windows", pack(("u_1",)), None)
        await made.send("sessions", b"", pack(wire.Checkpoint(3, T, 1)))
        async with made.sink():
            await until(lambda: len(made.store.rows("session_events")) == 120)
            await until(lambda: len(made.store.rows("team_window_rows")) == 3)
        assert {row["version"] for row in made.store.rows("team_window_rows")} == {2}
        assert {row["sums"]["0"] for row in made.store.rows("team_window_rows")} == {5}
        assert not made.store.rows("user_window_rows")
        assert not made.store.rows("session_state_rows")
        assert all("partition" in row and "offset" in row for row in made.store.rows("session_events"))
        assert await made.committed("events", "session-events") == 40
        assert await made.committed("windows", "team-windows") == 2

    on_broker(body)


def test_a_store_that_is_away_is_waited_for(on_broker: Callable[..., None]) -> None:
    """Nothing is committed and nothing skipped while the store is away; all of it is stored when it is back."""

    async def body(made: Stack) -> None:
        made.store.away = True
        for number in range(20):
            await made.send("session-events", b"s", message("s", number))
        async with made.sink():
            await until(lambda: made.store.refusals > 3)
            assert await made.committed("events", "session-events") == 0
            made.store.away = False
            await until(lambda: len(made.store.rows("session_events")) == 60)
        assert await made.committed("events", "session-events") == 20

    on_broker(body)


def test_a_stop_while_the_store_is_away_leaves_the_rest_to_the_next(on_broker: Callable[..., None]) -> None:
    """The sink ends in bounded time, and its successor stores what it could not."""

    async def body(made: Stack) -> None:
        made.store.away = True
        await made.send("session-events", b"s", message("s", 1))
        async with made.sink():
            await until(lambda: made.store.refusals > 1)
        made.store.away = False
        assert not made.store.rows("session_events")
        async with made.sink():
            await until(lambda: len(made.store.rows("session_events")) == 3)

    on_broker(body)


def test_poison_costs_only_itself(on_broker: Callable[..., None]) -> None:
    """What the sessions stage refuses, and what the store refuses, becomes a dead letter; all around it is stored."""

    async def body(made: Stack) -> None:
        mixed = message("s", 90, 1) + b"\n" + message("other", 91, 1)
        made.store.poison = b"0000000000000005-1"
        for number in range(10):
            await made.send("session-events", b"s", message("s", number))
        for bad in (b"no json", mixed, b"", None):
            await made.send("session-events", b"s", bad)
        await made.send("session-events", None, message("s", 92))
        await made.send("team-windows", pack(("red",)), b"\xc1")
        await made.send("session-events", b"s", message("s", 99))
        async with made.sink():
            await until(lambda: len(made.store.rows("session_events")) == 30)
            await until(lambda: len(made.store.rows("dead_letter_rows")) == 7)
        reasons = {(row["topic"], row["reason"]) for row in made.store.rows("dead_letter_rows")}
        assert {topic for topic, _ in reasons} == {"session-events", "team-windows"}
        assert any("more than one session" in reason for _, reason in reasons)
        assert any("poison" in reason for _, reason in reasons)
        assert not [row for row in made.store.rows("session_events") if row["run"] == f"{5:016x}"]

    on_broker(body)


def test_an_event_that_only_the_store_refuses_is_written_plainly(on_broker: Callable[..., None]) -> None:
    """A field that stands twice is read by the stage; the store gets it once."""

    async def body(made: Stack) -> None:
        twice = message("s", 1, 1).replace(b'"tool_finished"', b'"tool_finished","duration_ms":7', 1)
        made.store.poison = b'"duration_ms":7,'
        await made.send("session-events", b"s", twice)
        async with made.sink():
            await until(lambda: len(made.store.rows("session_events")) == 1)
        assert made.store.rows("session_events")[0]["duration_ms"] == 500
        assert not made.store.rows("dead_letter_rows")

    on_broker(body)


def test_several_processes_share_the_work(on_broker: Callable[..., None]) -> None:
    """A second one takes its share, one leaves, and in the end everything is stored once."""

    async def body(made: Stack) -> None:
        async with made.sink("one"):
            for number in range(30):
                await made.send("session-events", b"%d" % number, message(f"s{number}", number))
            async with made.sink("two"):
                for number in range(30, 60):
                    await made.send("session-events", b"%d" % number, message(f"s{number}", number))
                await until(lambda: len(made.store.rows("session_events")) == 180)
            for number in range(60, 90):
                await made.send("session-events", b"%d" % number, message(f"s{number}", number))
            await until(lambda: len(made.store.rows("session_events")) == 270, 60)

    on_broker(body)


def test_samples_say_how_far_each_part_is(on_broker: Callable[..., None]) -> None:
    """A stage's lag from its checkpoint and the log's end; the sink's own, with the delay of team windows."""

    async def body(made: Stack) -> None:
        partition = partition_of(b"", 4)
        for number in range(5):
            await made.producer.send_and_wait(made.prefix + "session-events", message("s", number), b"s", partition)
        now = time.time_ns() // 1_000_000
        await made.send("sessions", b"", pack(wire.Checkpoint(2, now - 60_000, 1)))
        await made.send("team-windows", pack(("red",)), windows(1, 1), at=now - 1000)

        def sampled(part: str) -> list[dict[str, Any]]:
            return [row for row in made.store.rows("pipeline_sample_rows") if row["part"] == part]

        async with made.sink(sample_ms=200):
            await until(lambda: bool(sampled("sessions")) and any(row["delay_ms"] for row in sampled("sink")))
        stage = sampled("sessions")[0]
        assert (stage["partition"], stage["lag"]) == (partition, 3)
        assert stage["watermark_age_ms"] >= 60_000
        assert max(row["delay_ms"] for row in sampled("sink")) >= 1000

    on_broker(body)
