"""Which topics there are, under which names and with how many partitions. Rule: the broker says so, at start."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from schemas.topics import partition_of
from streams.metrics.stage import Learner, Memory

log = structlog.get_logger()


class LayoutError(ValueError):
    """The broker's topics do not fit the stages; the message says what to do."""


@dataclass(frozen=True)
class Layout:
    """The catalogue's topics on one broker: a prefix, and each topic's number of partitions (names without prefix)."""

    partitions: Mapping[str, int]
    prefix: str = ""

    def name(self, topic: str) -> str:
        """The topic's name on the broker."""
        return self.prefix + topic

    def partition_of(self, topic: str, key: bytes) -> int:
        """Where a record of this key goes. Raises LayoutError for a topic that the broker does not have."""
        return partition_of(key, self.count(topic))

    def check(self, stage: Memory) -> None:
        """Raises LayoutError unless the stage's tables and dead letters have as many partitions as its source.

        What it sends to, and the directory that it may want, need only be there.
        """
        wanted = self.count(stage.source)
        for topic in (*stage.tables, f"{stage.source}-dlq"):
            if (count := self.count(topic)) != wanted:
                raise LayoutError(
                    f"Topic {self.name(topic)} has {count} partitions and {self.name(stage.source)} has {wanted}: "
                    f"create it anew with {wanted}."
                )
        for topic in (*stage.sends, *((stage.directory,) if isinstance(stage, Learner) else ())):
            self.count(topic)

    def count(self, topic: str) -> int:
        """A topic's number of partitions. Raises LayoutError for a topic that the broker does not have."""
        count = self.partitions.get(topic)
        if count is None:
            raise LayoutError(f"Topic {self.name(topic)} is not there: run `ammeter topics`.")
        return count


async def read_layout(broker: str, prefix: str = "", patience_s: float = 60) -> Layout:
    """Asks the broker for all topics of the prefix; waits up to `patience_s` for it to answer, then raises."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker)
        try:
            await admin.start()
            names = [name for name in await admin.list_topics() if name.startswith(prefix)]
            return Layout(_counts(await admin.describe_topics(names), prefix), prefix)
        except KafkaConnectionError:
            if loop.time() > until:
                raise
            log.warning("broker does not answer; trying again", broker=broker)
            await asyncio.sleep(1)
        finally:
            await admin.close()


def _counts(described: Iterable[Mapping[str, object]], prefix: str) -> dict[str, int]:
    counts = {}
    for topic in described:
        name, partitions = topic["topic"], topic["partitions"]
        assert isinstance(name, str)
        assert isinstance(partitions, list)
        counts[name.removeprefix(prefix)] = len(partitions)
    return counts
