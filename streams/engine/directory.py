"""A small table that every worker of a stage knows whole. Rule: read to its end before any partition is ready, then on.

It is nobody's source: no group, no checkpoint. Each worker reads it from its beginning, once for all its partitions;
what was made of it before follows from the stage's tables, whose keys say what they were counted for.
"""

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.engine import meters
from streams.engine.layout import Layout
from streams.engine.restore import Rows

_name_of = msgspec.msgpack.Decoder(tuple[str]).decode

News = Callable[[int, bytes, bytes | None], None]
"""Source partition, key, value: what one record says, None: that it is gone."""

log = structlog.get_logger()


class DirectoryFeed:
    """One topic, read whole and followed; what it says is sorted by the source partition that it concerns."""

    def __init__(self, stage: str, topic: str, source: str, layout: Layout, news: News) -> None:
        self.stage, self.topic, self.source = stage, topic, source
        self._layout, self._news = layout, news
        self._rows: dict[int, dict[bytes, bytes]] = {}
        self._is_whole = asyncio.Event()

    async def rows(self, partition: int) -> Rows:
        """What concerns one partition of the source; waits until all was read. What comes later is told as news."""
        await self._is_whole.wait()
        return self._rows.get(partition, {})

    async def follow(self, broker: str) -> None:
        """Reads the topic, for ever. Raises what the broker's client raises."""
        name = self._layout.name(self.topic)
        places = [TopicPartition(name, number) for number in range(self._layout.count(self.topic))]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=broker,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",  # a seek would race the reset that assign begins
            max_partition_fetch_bytes=8 << 20,
        )
        await consumer.start()
        try:
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            while True:
                if not self._is_whole.is_set() and not [p for p in places if await consumer.position(p) < ends[p]]:
                    self._is_whole.set()
                    log.info("directory read", stage=self.stage, topic=name, entries=len(self))
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        self.take(record.key, record.value)
        finally:
            await consumer.stop()

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """One record; one whose key cannot be read is told in the log, and says nothing."""
        try:
            (name,) = _name_of(key or b"")
        except msgspec.MsgspecError as exc:
            meters.DIRECTORY_REFUSED.labels(self.stage).inc()
            log.error("a record of the directory has no readable key", topic=self.topic, why=str(exc))
            return
        assert key is not None
        partition = self._layout.partition_of(self.source, name.encode())
        rows = self._rows.setdefault(partition, {})
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value
        meters.DIRECTORY_ENTRIES.labels(self.stage).set(len(self))
        self._news(partition, key, value)

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))
