"""What a stage remembered. Rule: read after the claim, so that it can't change any more, and only what is committed."""

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.engine.layout import Layout

Rows = Mapping[bytes, bytes]
"""Of one table's partition: each key's latest value."""


async def read_tables(broker: str, layout: Layout, tables: Sequence[str], partition: int) -> list[Rows]:
    """The rows of the same partition of each table, as they are now."""
    places = [TopicPartition(layout.name(table), partition) for table in tables]
    latest: dict[str, dict[bytes, bytes]] = {place.topic: {} for place in places}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,  # at a table's end there is nothing to wait for
        max_partition_fetch_bytes=8 << 20,
    )
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        while behind := [place for place in places if await consumer.position(place) < ends[place]]:
            for place, records in (await consumer.getmany(*behind, timeout_ms=200)).items():
                rows = latest[place.topic]
                for record in records:
                    if record.value is None:
                        rows.pop(record.key, None)
                    else:
                        rows[record.key] = record.value
        return list(latest.values())
    finally:
        await consumer.stop()
