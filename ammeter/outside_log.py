"""Topics that people fill, at the broker: read whole, written in one transaction. Rule: they have one partition."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from ammeter.topics import PlannedTopic, TopicsDiffer, TopicsError, compare
from schemas.topics import RECORD_BYTES, partition_of

WITHIN_S = 30.0
ANSWERS_WITHIN_S = 2.0


async def answers(address: str) -> bool:
    """Whether anybody listens there."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            _, writer = await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    return True


async def check(address: str, planned: PlannedTopic) -> None:
    """Raises TopicsError where the topic is missing or is not as it must be."""
    found = await compare(address, [planned])
    if found.missing:
        raise TopicsError(f"Topic {planned.name} is missing: run `ammeter topics`.")
    if found.differences:
        raise TopicsDiffer(found.differences)


async def held(address: str, topic: str) -> Mapping[bytes, bytes]:
    """Of each key its last value; keys that were taken back are left out. Raises TopicsError."""
    place = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    found: dict[bytes, bytes] = {}
    try:
        async with asyncio.timeout(WITHIN_S):
            await consumer.start()
            consumer.assign([place])
            end = (await consumer.end_offsets([place]))[place]
            while await consumer.position(place) < end:
                for records in (await consumer.getmany(place, timeout_ms=200)).values():
                    for record in records:
                        found.pop(record.key, None)
                        if record.value is not None:
                            found[record.key] = record.value
    except (KafkaError, TimeoutError) as error:
        raise TopicsError(f"Topic {topic} of Kafka at {address} cannot be read ({error!r}): is it running?") from error
    finally:
        await consumer.stop()
    return found


async def write(address: str, topic: str, transactional_id: str, changes: Mapping[bytes, bytes | None]) -> None:
    """Writes all of it or nothing; who loads at the same time under the same id is fenced. Raises TopicsError."""
    producer = AIOKafkaProducer(
        bootstrap_servers=address,
        transactional_id=transactional_id,
        acks="all",
        compression_type="zstd",
        max_request_size=RECORD_BYTES,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            await producer.start()
            async with producer.transaction():
                sent = [await producer.send(topic, value, key, partition_of(key, 1)) for key, value in changes.items()]
                await asyncio.gather(*sent)
    except (KafkaError, TimeoutError) as error:
        raise TopicsError(
            f"Nothing was loaded: Kafka at {address} did not take it into topic {topic} ({error!r}); try again."
        ) from error
    finally:
        await producer.stop()
