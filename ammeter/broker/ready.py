"""When a broker is really ready. Rule: an open port proves nothing; only answers of every part it has do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

PROBE = "ammeter-ready"
"""Topic, group and transactional id of the probe; one record a start."""

ATTEMPT_SECONDS = 10.0


async def not_ready(address: str) -> str | None:
    """Why the broker at `address` is not ready yet, or None when it is.

    Ready: each partition of each topic has a leader, a transaction with a record and a group's offset is committed,
    and the offset reads back. One attempt, at most ten seconds.
    """
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS), _admin(address) as admin:
            await _probe_topic(admin)
            if leaderless := await _leaderless(admin):
                return f"{leaderless} partitions have no leader"
            return await _write_and_read_back(address)
    except (KafkaError, TimeoutError, OSError) as error:
        return str(error) or type(error).__name__


@asynccontextmanager
async def _admin(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _probe_topic(admin: AIOKafkaAdminClient) -> None:
    if PROBE in await admin.list_topics():
        return
    settings = {"retention.ms": "3600000", "segment.ms": "3600000"}
    answer = await admin.create_topics([NewTopic(PROBE, 1, 1, topic_configs=settings)])
    for _, code, message in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise KafkaError(message)


async def _leaderless(admin: AIOKafkaAdminClient) -> int:
    topics = await admin.describe_topics()
    return sum(part["leader"] < 0 or part["error_code"] != 0 for topic in topics for part in topic["partitions"])


async def _write_and_read_back(address: str) -> str | None:
    place = TopicPartition(PROBE, 0)
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id=PROBE, request_timeout_ms=5000)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address, group_id=PROBE, enable_auto_commit=False, request_timeout_ms=5000
    )
    try:
        await producer.start()
        async with producer.transaction():
            record = await producer.send_and_wait(PROBE, b"ready", partition=0)
            await producer.send_offsets_to_transaction({place: record.offset + 1}, PROBE)
        await consumer.start()
        consumer.assign([place])
        committed = await consumer.committed(place)
    finally:
        await producer.stop()
        await consumer.stop()
    return None if committed == record.offset + 1 else f"a committed offset reads back as {committed}"
