"""Topics at the broker: made from the catalogue, or compared with it. Rule: a topic that differs is never used."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.topics import CATALOGUE, HOUR_MS, Topic

LEADERS_WITHIN_SECONDS = 30.0
POLL_SECONDS = 0.05

AT_LEAST = ("retention.ms", "min.compaction.lag.ms", "max.message.bytes", "message.timestamp.after.max.ms")
"""Settings of which a cluster may give more than is needed; -1 is without end."""


class TopicsError(Exception):
    """Topics cannot be read or made: a sentence that says what to do."""


class TopicsDiffer(TopicsError):
    """Topics that exist are not as they must be: a sentence for each difference."""

    def __init__(self, differences: Sequence["Difference"]) -> None:
        super().__init__("\n".join(str(each) for each in differences))
        self.differences = tuple(differences)


@dataclass(frozen=True)
class PlannedTopic:
    """A topic as it must be at the broker."""

    name: str
    holds: str
    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """One way in which an existing topic is not as it must be; `setting` is `partitions` or a name of Kafka's."""

    topic: str
    setting: str
    wanted: str
    found: str

    def __str__(self) -> str:
        if self.setting == "partitions":
            return (
                f"Topic {self.topic} has {self.found} partitions and {self.wanted} are asked for: "
                f"set AMMETER_PARTITIONS={self.found}, or use other topics with AMMETER_TOPIC_PREFIX."
            )
        return (
            f"Topic {self.topic} has {self.setting}={self.found} and needs {self.wanted}: "
            f"let the cluster's owner alter it, or use other topics with AMMETER_TOPIC_PREFIX."
        )


@dataclass(frozen=True)
class Comparison:
    """What of a plan the broker lacks, and what it has otherwise."""

    missing: tuple[PlannedTopic, ...]
    differences: tuple[Difference, ...]


def plan(
    catalogue: Iterable[Topic] = CATALOGUE,
    *,
    prefix: str = "",
    partitions: int = 6,
    replication: int = 1,
    compaction_lag_ms: int = 6 * HOUR_MS,
) -> tuple[PlannedTopic, ...]:
    """The topics as they must be: what would be created where none exist.

    >>> planned = plan(prefix="acme.", partitions=12)[0]
    >>> planned.name, planned.partitions, planned.config["cleanup.policy"]
    ('acme.session-events', 12, 'delete')
    """
    return tuple(
        PlannedTopic(
            prefix + topic.name,
            topic.holds,
            1 if topic.partitioned_by == "nothing" else partitions,
            replication,
            topic.config(compaction_lag_ms),
        )
        for topic in catalogue
    )


def differences_of(wanted: PlannedTopic, partitions: int, config: Mapping[str, str]) -> list[Difference]:
    """How a topic with these partitions and settings at the broker is not as it must be."""
    found = [("partitions", str(wanted.partitions), str(partitions))] if partitions != wanted.partitions else []
    for setting in _that_matter(wanted):
        need, have = wanted.config[setting], config.get(setting, "")
        if not (_is_at_least(have, need) if setting in AT_LEAST else have == need):
            found.append((setting, need, have or "nothing"))
    return [Difference(wanted.name, *each) for each in found]


def _that_matter(wanted: PlannedTopic) -> Iterable[str]:
    """Segment sizes are tuning, and retention says nothing to a topic that is only compacted."""
    settings = ["cleanup.policy", "max.message.bytes", "message.timestamp.after.max.ms"]
    return [*settings, "min.compaction.lag.ms" if wanted.config["cleanup.policy"] == "compact" else "retention.ms"]


def _is_at_least(have: str, need: str) -> bool:
    return have.lstrip("-").isdigit() and (have == "-1" or (need != "-1" and int(have) >= int(need)))


async def compare(address: str, wanted: Sequence[PlannedTopic]) -> Comparison:
    """Compares the broker's topics with a plan; changes nothing. Raises TopicsError when it cannot be asked."""
    async with _admin(address) as admin:
        return await _compare(admin, wanted)


async def ensure(address: str, wanted: Sequence[PlannedTopic]) -> tuple[str, ...]:
    """Creates what is missing and returns the names created, when each of their partitions has a leader.

    Raises TopicsDiffer, before anything is created, when a topic that exists differs; TopicsError when the broker
    cannot be asked or refuses.
    """
    async with _admin(address) as admin:
        before = await _compare(admin, wanted)
        if before.differences:
            raise TopicsDiffer(before.differences)
        if before.missing:
            await _create(admin, before.missing)
            await _leaders(admin, [topic.name for topic in before.missing])
            # Another process may have created some of them otherwise in the meantime.
            if after := (await _compare(admin, before.missing)).differences:
                raise TopicsDiffer(after)
        return tuple(topic.name for topic in before.missing)


@asynccontextmanager
async def _admin(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise TopicsError(f"Kafka at {address} cannot be asked for its topics ({error}): is it running?") from error
    finally:
        await admin.close()


async def _compare(admin: AIOKafkaAdminClient, wanted: Sequence[PlannedTopic]) -> Comparison:
    there = {topic["topic"]: topic for topic in await admin.describe_topics()}
    exist = [topic for topic in wanted if topic.name in there]
    configs = await _configs(admin, [topic.name for topic in exist])
    return Comparison(
        tuple(topic for topic in wanted if topic.name not in there),
        tuple(
            difference
            for topic in exist
            for difference in differences_of(topic, len(there[topic.name]["partitions"]), configs[topic.name])
        ),
    )


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    found: dict[str, Mapping[str, str]] = {}
    for code, message, _, name, entries in (resource for answer in answers for resource in answer.resources):
        if code:
            raise TopicsError(f"Kafka does not tell the settings of topic {name} ({message}): allow DESCRIBE_CONFIGS.")
        found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[PlannedTopic]) -> None:
    topics = [
        NewTopic(topic.name, topic.partitions, topic.replication, topic_configs=dict(topic.config)) for topic in missing
    ]
    for name, code, message in (await admin.create_topics(topics)).topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise TopicsError(
                f"Kafka refuses to create topic {name} ({message or f'error {code}'}): "
                "let the cluster's owner create what `ammeter topics --plan` prints."
            )


async def _leaders(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    try:
        async with asyncio.timeout(LEADERS_WITHIN_SECONDS):
            while not all(_led(topic) for topic in await admin.describe_topics(list(names))):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise TopicsError(
            f"Topics were created and have no leaders after {LEADERS_WITHIN_SECONDS:.0f} s: see the broker's log."
        ) from None


def _led(topic: Mapping[str, Any]) -> bool:
    partitions = topic["partitions"]
    return topic["error_code"] == 0 and bool(partitions) and all(part["leader"] >= 0 for part in partitions)
