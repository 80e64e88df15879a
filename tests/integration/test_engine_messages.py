"""What a running worker does with messages that it cannot read, holes, backlogs, and logs that were cut."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from ammeter.broker import EmbeddedBroker
from schemas.topics import partition_of
from schemas.wire import DeadLetter
from streams.engine.ending import RESTART, STOP
from streams.engine.partition import Limits
from tests.integration.counting import Sent
from tests.integration.engine_site import PARTITIONS, Site
from tests.integration.workers import wait_until

pytestmark = pytest.mark.broker


@pytest.fixture
def site(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path) -> Iterator[Site]:
    """A corner of the shared broker."""
    site = Site(broker.address, kafka_prefix, tmp_path)
    yield site
    site.close()


def send_raw(site: Site, *messages: tuple[bytes | None, bytes | None]) -> None:
    """Sends keys and values as they are."""

    async def go() -> None:
        async with AIOKafkaProducer(bootstrap_servers=site.address, max_request_size=1 << 20) as producer:
            for key, value in messages:
                await site.put(producer, key, value)
            await producer.flush()

    asyncio.run(go())


def test_unreadable_messages_become_dead_letters_and_the_rest_counts(site: Site) -> None:
    """Broken, null, empty, keyless and too large: each is a letter in its partition, the worker goes on."""
    worker = site.worker().wait_ready(8)
    large = b"x" * ((512 << 10) + 1)
    send_raw(site, (b"k", b"{broken"), (b"k", None), (b"k", b""), (None, b"{}"), (b"k", large))
    asyncio.run(site.send(100))

    wait_until(lambda: len(asyncio.run(site.records("session-events-dlq"))) == 5)
    letters = asyncio.run(site.records("session-events-dlq"))
    read = {(r.partition, r.key): msgspec.msgpack.decode(r.value, type=DeadLetter) for r in letters}

    assert {(letter.topic, letter.partition) for letter in read.values()} == {
        ("session-events", partition_of(b"k", PARTITIONS)),
        ("session-events", partition_of(b"", PARTITIONS)),
    }
    assert all(partition == letter.partition and key == letter.key for (partition, key), letter in read.items())
    decoded = [msgspec.msgpack.decode(r.value, type=DeadLetter) for r in letters]
    assert sorted(letter.message or b"" for letter in decoded) == [b"", b"", b"", b"{broken", b"{}"]
    assert all(letter.reason and letter.at > 0 for letter in decoded)
    wait_until(site.sums)
    assert worker.metric("ammeter_stage_dead_letters_total") == 5
    assert worker.stop() == 0


def test_a_flood_of_unreadable_messages_ends_the_worker_with_71(site: Site) -> None:
    """Loudly, rather than draining the topic into the bin."""
    send_raw(site, *[(b"k", b"?")] * 300)
    worker = site.worker("count")

    assert worker.wait_exit() == STOP
    assert "find out who writes them" in worker.text()


def test_a_fold_that_raises_ends_the_worker_with_70(site: Site) -> None:
    """Faust would restart the agent in the middle of the batch; the messages before it are not lost for that."""
    send_raw(site, (b"k", msgspec.json.encode(Sent("k", 1, boom=True))))
    worker = site.worker("count")

    assert worker.wait_exit() == RESTART
    assert "boom" in worker.text()
    assert site.messages("sessions") == {}


def test_a_checkpoint_older_than_the_log_ends_the_worker_with_70(site: Site) -> None:
    """Records were deleted that it had not read."""
    asyncio.run(site.send(200))
    worker = site.worker("count").wait_ready(4)
    wait_until(lambda: site.sums(["sessions"]))
    assert worker.stop() == 0
    asyncio.run(site.send(200))

    async def cut() -> None:
        async with AIOKafkaConsumer(bootstrap_servers=site.address) as consumer:
            places = [TopicPartition(f"{site.prefix}session-events", number) for number in range(PARTITIONS)]
            ends = await consumer.end_offsets(places)
        admin = AIOKafkaAdminClient(bootstrap_servers=site.address)
        await admin.start()
        await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in ends.items()})
        await admin.close()

    asyncio.run(cut())
    again = site.worker("count")

    assert again.wait_exit() == RESTART
    assert "deleted unread" in again.text()


def test_holes_in_a_log_are_read_over(site: Site) -> None:
    """Aborted transactions between records, at the front and at the end: each message counts once."""

    async def go() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=site.address, transactional_id=f"{site.prefix}holes")
        async with producer:
            for nth in range(60):
                name = f"name-{nth % 3}"
                await producer.begin_transaction()
                await site.put(producer, name.encode(), msgspec.json.encode(Sent(name, nth)))
                if nth % 3 == nth % 2:
                    await producer.abort_transaction()
                else:
                    await producer.commit_transaction()
                    site.expected[name] += 1

    worker = site.worker().wait_ready(8)
    asyncio.run(go())
    wait_until(site.sums)
    assert worker.stop() == 0
    second = site.worker().wait_ready(8)
    asyncio.run(go())

    wait_until(site.sums)
    assert second.metric("ammeter_stage_misplaced_batches_total") == 0


def test_a_backlog_is_committed_in_bounded_flushes(site: Site) -> None:
    """No transaction moves a partition by more than the bound, and the sums are right."""
    asyncio.run(site.send(3_000))
    site.worker("count", limits=Limits(messages=100), pace_ms=2_000).wait_ready(4)

    wait_until(lambda: site.sums(["sessions"]))

    for points in site.checkpoints("sessions").values():
        offsets = [0, *(point.offset for point in points)]
        assert max(later - earlier for earlier, later in pairwise(offsets)) <= 100


def test_group_offsets_are_noted_for_those_who_watch_lag(site: Site) -> None:
    """Kafka's own tools see how far the group is."""
    asyncio.run(site.send(100))
    site.worker("count").wait_ready(4)

    async def committed() -> int:
        admin = AIOKafkaAdminClient(bootstrap_servers=site.address)
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(f"{site.prefix}count")
        await admin.close()
        return sum(meta.offset for meta in offsets.values())

    wait_until(lambda: asyncio.run(committed()) == 100)


def test_topics_that_do_not_fit_are_a_usage_error(site: Site) -> None:
    """Code 2, and what to do."""
    site.prefix = "nowhere-"
    worker = site.worker("count")

    assert worker.wait_exit() == 2
    assert "run `ammeter topics`" in worker.text()
