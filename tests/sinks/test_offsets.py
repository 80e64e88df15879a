"""An answer with an error is never taken for "no offset"."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from ammeter.broker import EmbeddedBroker
from sinks.offsets import CheckedCoordinator, OffsetsConsumer

PLACE = TopicPartition("session-events", 0)
LOADING = 14
MOVED = 16
UNAUTHORIZED = 30
REFUSED = OffsetFetchResponse_v3(0, [], LOADING)
COMMITTED = OffsetFetchResponse_v3(0, [(PLACE.topic, [(PLACE.partition, 42, "", 0)])], 0)
NEVER = OffsetFetchResponse_v3(0, [(PLACE.topic, [(PLACE.partition, -1, "", 0)])], 0)


class Answers:
    """Kafka's client as a coordinator sees it: gives the answers in order, the last for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def send(self, node: int, request: Any, *, group: object) -> Any:
        """The next answer."""
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _fetch(kind: Any, client: Answers) -> Any:
    """What a coordinator of this kind makes of the answers; only its connection to the cluster is left out."""

    async def fetch() -> Any:
        coordinator = kind.__new__(kind)
        coordinator._client = client
        coordinator._retry_backoff_ms = 1
        coordinator.group_id = "sink"
        coordinator.coordinator_id = 1
        coordinator._coordinator_dead_fut = asyncio.get_running_loop().create_future()

        async def known() -> None:
            coordinator.coordinator_id = 1

        coordinator.ensure_coordinator_known = known
        return await asyncio.wait_for(coordinator.fetch_committed_offsets([PLACE]), 10)

    return asyncio.run(fetch())


def test_aiokafka_itself_takes_a_refusal_for_no_offset() -> None:
    """The defect is there in the installed version; when this fails, sinks/offsets.py can go."""
    assert _fetch(GroupCoordinator, Answers(REFUSED, COMMITTED)) == {}


@pytest.mark.parametrize("code", [LOADING, MOVED])
def test_a_coordinator_that_loads_or_moved_is_asked_again(code: int) -> None:
    """The offset that was committed is found once the coordinator answers without an error."""
    client = Answers(OffsetFetchResponse_v3(0, [], code), REFUSED, COMMITTED)

    offsets = _fetch(CheckedCoordinator, client)

    assert offsets[PLACE].offset == 42
    assert client.asked == 3


def test_no_offset_is_believed_of_an_answer_without_error() -> None:
    """A group that never committed is told so."""
    assert _fetch(CheckedCoordinator, Answers(NEVER)) == {}


def test_what_does_not_pass_is_raised() -> None:
    """A refusal for want of rights reaches the caller, with the group's name."""
    with pytest.raises(GroupAuthorizationFailedError, match="sink"):
        _fetch(CheckedCoordinator, Answers(OffsetFetchResponse_v3(0, [], UNAUTHORIZED)))


def test_what_is_overridden_exists_in_the_installed_version() -> None:
    """The place that we override takes a request and is what the fetch of offsets goes through."""
    assert list(inspect.signature(GroupCoordinator._send_req).parameters) == ["self", "request"]
    assert inspect.iscoroutinefunction(GroupCoordinator._send_req)
    assert "self._send_req(request)" in inspect.getsource(GroupCoordinator._do_fetch_commit_offsets)
    assert "self._coordinator = GroupCoordinator(" in inspect.getsource(AIOKafkaConsumer.start)


def test_a_consumer_has_the_checked_coordinator(
    broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str
) -> None:
    """On a real broker: it joins, commits, and a successor in the group begins where it ended."""

    async def trial() -> None:
        place = TopicPartition(topics(PLACE.topic), 0)
        async with AIOKafkaProducer(bootstrap_servers=broker.address) as producer:
            for number in range(3):
                await producer.send_and_wait(place.topic, b"%d" % number, partition=0)
        seen = []
        for _ in range(2):
            consumer = OffsetsConsumer(
                place.topic,
                bootstrap_servers=broker.address,
                group_id=f"{kafka_prefix}sink",
                enable_auto_commit=False,
                auto_offset_reset="earliest",
            )
            async with consumer:
                assert type(consumer._coordinator) is CheckedCoordinator
                record = await asyncio.wait_for(consumer.getone(), 30)
                seen.append(record.offset)
                await consumer.commit({place: record.offset + 1})
        assert seen == [0, 1]

    asyncio.run(trial())
