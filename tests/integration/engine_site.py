"""One test's corner of a broker: topics, workers of the counting stages, senders, and what is committed at last."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ammeter.broker import free_ports
from schemas.topics import partition_of
from schemas.wire import Checkpoint
from streams.agents.worker import WorkerConfig
from tests.integration.counting import Sent, Tally
from tests.integration.workers import Worker

PARTITIONS = 4
NAMES = 50


@dataclass
class Site:
    """Where one test works."""

    address: str
    prefix: str
    folder: Path
    makers: str = "tests.integration.counting:COUNTING"
    workers: list[Worker] = field(default_factory=list)
    expected: Counter[str] = field(default_factory=Counter)

    def worker(self, *stages: str, instance: str = "w0", **settings: Any) -> Worker:
        """Starts a worker, of both counting stages when none is named."""
        config = WorkerConfig(
            self.address,
            stages or ("count", "relay"),
            instance,
            self.folder,
            topic_prefix=self.prefix,
            group_prefix=self.prefix,
            metrics_port=free_ports(1)[0],
            **settings,
        )
        self.workers.append(Worker(config, self.folder, self.makers))
        return self.workers[-1]

    def close(self) -> None:
        """Ends what is left."""
        for worker in self.workers:
            worker.kill()

    async def send(self, count: int, at: Callable[[int], int] | None = None, rate: float = 0) -> None:
        """Sends messages of the counting stage, `rate` a second (0: at once), and expects them."""
        async with AIOKafkaProducer(bootstrap_servers=self.address, enable_idempotence=True) as producer:
            for nth in range(count):
                name = f"name-{nth % NAMES}"
                self.expected[name] += 1
                await self.put(producer, name.encode(), msgspec.json.encode(Sent(name, nth)), at(nth) if at else None)
                if rate and nth % 20 == 19:
                    await asyncio.sleep(20 / rate)
            await producer.flush()

    async def put(
        self, producer: AIOKafkaProducer, key: bytes | None, value: bytes | None, at: int | None = None
    ) -> None:
        """Sends one message of session-events to the partition of its key."""
        partition = partition_of(key or b"", PARTITIONS)
        await producer.send(f"{self.prefix}session-events", value, key=key, partition=partition, timestamp_ms=at)

    async def records(self, topic: str, partitions: int = PARTITIONS) -> list[Any]:
        """All committed records of a topic."""
        found: list[Any] = []
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.address,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # a seek would race the reset to the end that assign begins
        )
        async with consumer:
            places = [TopicPartition(self.prefix + topic, number) for number in range(partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
        return found

    def tallies(self, table: str) -> Mapping[str, Tally]:
        """What a stage's table holds."""
        latest = {record.key: record.value for record in asyncio.run(self.records(table)) if record.key}
        return {key.decode(): msgspec.msgpack.decode(value, type=Tally) for key, value in latest.items()}

    def messages(self, table: str) -> Counter[str]:
        """How many messages of each name a stage has counted."""
        return Counter({name: tally.messages for name, tally in self.tallies(table).items()})

    def checkpoints(self, table: str) -> dict[int, list[Checkpoint]]:
        """Each partition's checkpoints, in order; those that compaction removed are missing."""
        points: dict[int, list[Checkpoint]] = {}
        for record in asyncio.run(self.records(table)):
            if record.key == b"":
                points.setdefault(record.partition, []).append(msgspec.msgpack.decode(record.value, type=Checkpoint))
        return points

    def sums(self, tables: Iterable[str] = ("sessions", "user-minutes")) -> bool:
        """Whether every stage has counted exactly what was sent."""
        return all(self.messages(table) == self.expected for table in tables)
