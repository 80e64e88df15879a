"""Topics at the broker are those of the catalogue, or somebody is told."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ammeter.broker import EmbeddedBroker, free_ports
from ammeter.topics import Comparison, PlannedTopic, TopicsDiffer, TopicsError, compare, differences_of, ensure, plan
from schemas.topics import CATALOGUE, HOUR_MS, TOPICS


def _one(name: str, prefix: str = "", partitions: int = 2) -> PlannedTopic:
    return plan([TOPICS[name]], prefix=prefix, partitions=partitions)[0]


async def _create(address: str, *topics: NewTopic) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics(list(topics))
        async with asyncio.timeout(60):
            while not {topic.name for topic in topics} <= set(await admin.list_topics()):  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


def test_the_plan_holds_each_topic_of_the_catalogue() -> None:
    """What an owner of the cluster would have to create is the whole catalogue, with prefix and settings."""
    planned = plan(prefix="acme.", partitions=12, replication=3, compaction_lag_ms=HOUR_MS)

    assert [topic.name for topic in planned] == [f"acme.{topic.name}" for topic in CATALOGUE]
    alone = {f"acme.{topic.name}" for topic in CATALOGUE if topic.partitioned_by == "nothing"}
    assert {topic.name: (topic.partitions, topic.replication) for topic in planned} == {
        topic.name: (1 if topic.name in alone else 12, 3) for topic in planned
    }
    lags = {topic.config.get("min.compaction.lag.ms") for topic in planned}
    assert lags == {str(HOUR_MS), None}


@pytest.mark.parametrize(
    ("setting", "found", "differs"),
    [
        ("cleanup.policy", "delete", True),
        ("cleanup.policy", "compact,delete", True),
        ("min.compaction.lag.ms", "0", True),
        ("min.compaction.lag.ms", str(48 * HOUR_MS), False),
        ("max.message.bytes", "1000", True),
        ("max.message.bytes", str(10 << 20), False),
        ("message.timestamp.after.max.ms", "3600000", True),
        ("retention.ms", "1000", False),
        ("segment.bytes", "1000000", False),
    ],
)
def test_a_table_that_differs_is_found(setting: str, found: str, differs: bool) -> None:
    """What would lose data differs; more room than is needed and mere tuning do not."""
    wanted = _one("sessions")

    differences = differences_of(wanted, 2, {**wanted.config, setting: found})

    assert [each.setting for each in differences] == ([setting] if differs else [])


@pytest.mark.parametrize(("found", "differs"), [("1000", True), ("-1", False), (str(90 * 24 * HOUR_MS), False)])
def test_a_flow_kept_too_short_is_found(found: str, differs: bool) -> None:
    """Retention is a least one: for ever is enough, an hour is not."""
    wanted = _one("session-events")

    assert bool(differences_of(wanted, 2, {**wanted.config, "retention.ms": found})) is differs


def test_each_difference_says_what_to_do() -> None:
    """A sentence names the topic, what it has, what it needs, and the ways out."""
    wanted = _one("sessions", "acme.")
    partitions, policy = differences_of(wanted, 3, {**wanted.config, "cleanup.policy": "delete"})

    assert str(partitions) == (
        "Topic acme.sessions has 3 partitions and 2 are asked for: "
        "set AMMETER_PARTITIONS=3, or use other topics with AMMETER_TOPIC_PREFIX."
    )
    assert "cleanup.policy=delete and needs compact" in str(policy)


def test_the_catalogue_is_created_once(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str) -> None:
    """Created topics are as planned at the broker, and a second call creates nothing."""
    wanted = plan(prefix=kafka_prefix, partitions=4)

    assert asyncio.run(compare(broker.address, wanted)) == Comparison((), ())
    assert asyncio.run(ensure(broker.address, wanted)) == ()
    assert topics("sessions") in {topic.name for topic in wanted}


def test_two_at_once_create_together(broker: EmbeddedBroker, kafka_prefix: str) -> None:
    """Parts that start at the same moment do not disturb each other."""
    wanted = plan(prefix=kafka_prefix, partitions=2)

    async def both() -> None:
        await asyncio.gather(ensure(broker.address, wanted), ensure(broker.address, wanted))

    asyncio.run(both())
    assert asyncio.run(compare(broker.address, wanted)) == Comparison((), ())


def test_a_differing_topic_is_reported_and_nothing_created(broker: EmbeddedBroker, kafka_prefix: str) -> None:
    """With one topic of other partitions and policy, all differences are told and the missing topics stay missing."""
    wanted = plan([TOPICS["sessions"], TOPICS["session-events"]], prefix=kafka_prefix, partitions=2)
    asyncio.run(_create(broker.address, NewTopic(f"{kafka_prefix}sessions", 3, 1)))

    with pytest.raises(TopicsDiffer) as caught:
        asyncio.run(ensure(broker.address, wanted))

    settings = {each.setting for each in caught.value.differences}
    assert settings >= {"partitions", "cleanup.policy", "min.compaction.lag.ms"}
    assert len(str(caught.value).splitlines()) == len(caught.value.differences)
    missing = asyncio.run(compare(broker.address, wanted)).missing
    assert [topic.name for topic in missing] == [f"{kafka_prefix}session-events"]


def test_what_the_broker_refuses_is_told(broker: EmbeddedBroker, kafka_prefix: str) -> None:
    """More replicas than brokers: the broker's own words, and the command that prints what to create."""
    wanted = [replace(_one("sessions", kafka_prefix), replication=3)]

    with pytest.raises(TopicsError, match=rf"refuses to create topic {kafka_prefix}sessions .*ammeter topics --plan"):
        asyncio.run(ensure(broker.address, wanted))


def test_a_broker_that_is_away_is_told() -> None:
    """No broker at the address: one sentence with the address."""
    address = f"127.0.0.1:{free_ports(1)[0]}"

    with pytest.raises(TopicsError, match=rf"Kafka at {address} cannot be asked"):
        asyncio.run(compare(address, plan()))
