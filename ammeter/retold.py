"""Tells detectors of the verdicts that the store has. Rule: once, in one transaction, before they have heard of any.

History that was folded in one go never passed the stream. Told in the order in which its verdicts were given, at their
own times, it is to a detector what it would have been live.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from ammeter import reading
from ammeter.settings import Settings
from ammeter.topics import TopicsError
from schemas import wire
from schemas.topics import DAY_MS, RECORD_BYTES
from sinks.clickhouse import connect
from sinks.migrate import Databases
from sinks.stored import verdicts

SIGNALS = "signals"

REACH_MS = 28 * DAY_MS
"""How far back: less than the topic keeps its records, which have the times of what they say."""

WITHIN_S = 60.0

log = structlog.get_logger()

Told = tuple[wire.SessionKey, wire.SessionVerdict]


async def retell(settings: Settings, now: int, found: Sequence[Told] | None = None) -> int:
    """Returns how many verdicts it told: none where the topic holds a record already. Raises TopicsError, StoreError.

    `now`: epoch milliseconds. `found`: what there is to tell, where more is known than what the store keeps.
    """
    try:
        told = await _tell_once(settings, now - REACH_MS, found)
    except (KafkaError, TimeoutError) as error:
        topic = settings.topic_prefix + SIGNALS
        raise TopicsError(f"Kafka at {settings.kafka_address} did not take {topic} ({error!r}): try again.") from error
    log.info("verdicts told to detectors", verdicts=told)
    return told


async def _tell_once(settings: Settings, since: int, found: Sequence[Told] | None) -> int:
    """Beginning a transaction waits for the end of the one before; only then is it known whether that told anything."""
    encode, topic = msgspec.msgpack.encode, settings.topic_prefix + SIGNALS
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_address,
        transactional_id=f"{settings.topic_prefix}retell-{SIGNALS}",
        acks="all",
        compression_type="zstd",
        max_request_size=RECORD_BYTES,
    )
    async with asyncio.timeout(WITHIN_S), producer, producer.transaction():
        if not await _is_empty(settings.kafka_address, topic):
            return 0
        if found is None:
            found = await asyncio.to_thread(_stored, settings, since)
        sent = [
            await producer.send(topic, encode(verdict), encode(name), 0, timestamp_ms=verdict.judged_at)
            for name, verdict in found
        ]
        await asyncio.gather(*sent)
    return len(found)


def _stored(settings: Settings, since: int) -> Sequence[Told]:
    store = connect(reading.target(settings, settings.store_url))
    try:
        return list(verdicts(store, Databases(settings.database), since))
    finally:
        store.close()


async def _is_empty(address: str, topic: str) -> bool:
    """Whether nothing was ever committed to it: what a load left that was cut short is nothing."""
    place = TopicPartition(topic, 0)
    async with (
        asyncio.timeout(WITHIN_S),
        AIOKafkaConsumer(
            bootstrap_servers=address,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        ) as consumer,
    ):
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            if await consumer.getmany(place, timeout_ms=200, max_records=1):
                return False
        return bool((await consumer.beginning_offsets([place]))[place] == 0)
