"""The producer against a real broker."""

import asyncio
import time
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from ammeter.broker import EmbeddedBroker
from ammeter.topics import ensure, plan
from schemas.topics import partition_of
from sources.kafka import KafkaConfig, KafkaLog
from sources.messages import Message, Unavailable
from tests.sources.support import NOW


async def until_ready(log: KafkaLog) -> None:
    """Waits, at most a minute, until the log is connected."""
    async with asyncio.timeout(60):
        while not log.ready:  # noqa: ASYNC110 - a poll with a bound: readiness has no event of its own
            await asyncio.sleep(0.02)


async def records(bootstrap: str, topic: str) -> list[tuple[int, bytes, bytes, int]]:
    """Partition, key, value and timestamp of all that the topic holds."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(4)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = []
        async with asyncio.timeout(60):
            while any([await consumer.position(place) < ends[place] for place in places]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(one.partition, one.key, one.value, one.timestamp) for one in batch]
        return found
    finally:
        await consumer.stop()


def message(session_id: str, text: bytes = b"{}") -> Message:
    return Message(session_id, text, NOW, 1)


def test_what_is_acknowledged_is_in_the_log(broker: EmbeddedBroker, topics: Callable[[str], str]) -> None:
    """Of many senders at once; each where every producer of ours would put it, with the time of receipt."""
    topic = topics("session-events")

    async def run() -> list[tuple[int, bytes, bytes, int]]:
        log = KafkaLog(KafkaConfig(broker.address, topic, acknowledged_within_ms=20_000))
        await log.start()
        try:
            await until_ready(log)
            await asyncio.gather(*(log.send([message(f"s{n}", b"%d" % n), message(f"t{n}")]) for n in range(100)))
        finally:
            await log.stop()
        return await records(broker.address, topic)

    found = asyncio.run(run())
    assert sorted(key for _, key, _, _ in found) == sorted(f"{c}{n}".encode() for n in range(100) for c in "st")
    assert all(partition == partition_of(key, 4) and at == NOW for partition, key, _, at in found)


def test_an_absent_broker_is_told_in_time_and_comes_back(own_broker: EmbeddedBroker) -> None:
    """Killed under the producer it refuses within its deadline, every time; restarted it takes the same again."""

    async def run() -> tuple[list[float], int]:
        await own_broker.start()
        await ensure(own_broker.address, plan(partitions=4))
        log = KafkaLog(KafkaConfig(own_broker.address, "session-events"))
        await log.start()
        try:
            await until_ready(log)
            await send_until_taken(log, message("before"))
            await own_broker.stop()
            took = []
            for _ in range(3):
                started = time.monotonic()
                with pytest.raises(Unavailable):
                    await log.send([message("during")])
                took.append(time.monotonic() - started)
            await own_broker.start()
            await send_until_taken(log, message("during"))
            keys = {key for _, key, _, _ in await records(own_broker.address, "session-events")}
        finally:
            await log.stop()
        assert keys == {b"before", b"during"}
        return took, len(keys)

    took, _ = asyncio.run(run())
    assert max(took) < 5  # a bound against waiting for ever, not a measurement


async def send_until_taken(log: KafkaLog, one: Message) -> None:
    """As a client does: the same again until it is taken."""
    async with asyncio.timeout(60):
        while True:
            try:
                await log.send([one])
            except Unavailable:
                await asyncio.sleep(0.2)
            else:
                return


def test_without_a_broker_it_starts_refuses_and_stops() -> None:
    """Nothing waits for a broker that was never there."""

    async def run() -> None:
        log = KafkaLog(KafkaConfig("127.0.0.1:1", "session-events", retry_ms=10))
        await log.start()
        with pytest.raises(Unavailable, match="not connected"):
            await log.send([message("s")])
        assert not log.ready
        await log.send([])
        await log.stop()

    asyncio.run(run())
