"""The directory beside a partition over Kafka in memory: known whole before the partition is ready, followed after."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from ammeter.telemetry import CATALOGUE
from schemas import wire
from schemas.topics import CATALOGUE as TOPICS
from streams.engine import meters
from streams.engine.directory import DirectoryFeed
from streams.engine.layout import Layout, LayoutError
from streams.engine.partition import Partition
from streams.engine.restore import Rows
from streams.metrics.users import Users
from tests.streams.engine.memory import START, Memory, done, partition
from tests.streams.metrics.users import key_of, record

LAYOUT = Layout({topic.name: 1 if topic.partitioned_by == "nothing" else 4 for topic in TOPICS})
MINUTE = START // 60_000


class Feed(DirectoryFeed):
    """A feed that a test fills: nothing is read from a broker."""

    def __init__(self) -> None:
        self.told: list[tuple[int, bytes, bytes | None]] = []
        super().__init__("users", "directory", "user-changes", LAYOUT, lambda *news: self.told.append(news))

    def complete(self) -> None:
        """All was read."""
        self._is_whole.set()


def users_partition(memory: Memory, directory: dict[bytes, bytes]) -> Partition:
    """A partition of the users stage over a Memory, not opened."""
    part, _ = partition(memory)

    async def said() -> Rows:
        return directory

    return Partition(0, replace(part.means, make_stage=Users, read_directory=said))


def change(hint: str) -> bytes:
    """One event of ann, whose client says this team."""
    return msgspec.msgpack.encode(wire.UserChange("ann", {hint: {MINUTE: {0: 1}}}, []))


def teams(memory: Memory) -> dict[str, int]:
    """The events of ann that each team's minute holds."""
    rows = [
        (msgspec.msgpack.decode(key), msgspec.msgpack.decode(value, type=wire.UserMinute))
        for key, value in memory.tables["user-minutes"].items()
        if key
    ]
    return {key[1]: row.sums[0] for key, row in rows}


def test_what_is_folded_counts_for_the_team_that_the_directory_has() -> None:
    """It is known before the first message is folded."""
    memory = Memory()
    memory.send(change("red"))
    part = users_partition(memory, {key_of("ann"): record((0, "green"))})
    done(part.open(), part.fold(memory.batch(0)), part.flush())
    assert teams(memory) == {"green": 1}


def test_news_is_flushed_though_no_message_comes() -> None:
    """What is live moves in one transaction, the teams are told; a record that cannot be read says nothing."""
    memory = Memory()
    memory.send(change("red"))
    part = users_partition(memory, {})
    done(part.open(), part.fold(memory.batch(0)), part.flush())
    assert teams(memory) == {"red": 1}
    memory.sent.clear()
    part.learn(key_of("ann"), record((0, "green")))
    part.learn(key_of("ann"), b"?")
    done(part.flush())
    assert teams(memory) == {"green": 1}
    assert {key for topic, key, _ in memory.sent if topic == "team-changes"} == {b"red", b"green"}
    assert len(memory.points) == 2


def test_what_changed_while_nobody_ran_is_made_good_by_the_successor() -> None:
    """From the tables and the directory alone."""
    memory = Memory()
    memory.send(change("red"))
    first = users_partition(memory, {key_of("ann"): record((0, "green"))})
    done(first.open(), first.fold(memory.batch(0)), first.flush())
    second = users_partition(memory, {key_of("ann"): record((0, "blue"))})
    done(second.open(), second.flush())
    assert teams(memory) == {"blue": 1}


def test_no_partition_is_ready_before_the_directory_was_read() -> None:
    """Else panes would be moved back and forth at each start."""

    async def story() -> None:
        feed, memory = Feed(), Memory()
        part = users_partition(memory, {})
        part.means = replace(part.means, read_directory=lambda: feed.rows(0))
        opening = asyncio.create_task(part.open())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not part.ready
        feed.complete()
        await opening
        assert part.ready

    asyncio.run(story())


def test_each_partition_is_told_of_its_own_people() -> None:
    """By the partition of their changes; the latest record of an identity holds, and a null takes it away."""
    feed = Feed()
    people = [f"u_{number}" for number in range(20)]
    for name in people:
        feed.take(key_of(name), record((0, "red")))
        feed.take(key_of(name), record((0, "green")))
    feed.take(key_of("u_3"), None)
    feed.complete()
    for number in range(4):
        mine = {name for name in people if LAYOUT.partition_of("user-changes", name.encode()) == number}
        rows = asyncio.run(feed.rows(number))
        assert rows == {key_of(name): record((0, "green")) for name in mine - {"u_3"}}
        assert {key for told, key, _ in feed.told if told == number} == {key_of(name) for name in mine}
    assert len(feed) == 19


def test_a_record_without_a_readable_key_is_counted_and_left_out() -> None:
    """A key of another form, or none."""
    feed = Feed()
    before = meters.DIRECTORY_REFUSED.labels("users")._value.get()
    for key in (None, b"ann", b"\xc1"):
        feed.take(key, record((0, "red")))
    assert len(feed) == 0
    assert feed.told == []
    assert meters.DIRECTORY_REFUSED.labels("users")._value.get() == before + 3
    assert "ammeter_stage_directory_refused_total" in CATALOGUE


@pytest.mark.parametrize("topic", ["directory", "signals", "team-changes"])
def test_a_topic_beside_the_tables_that_is_missing_is_named(topic: str) -> None:
    """What an older cluster lacks is said at the start, with what to do, and not in the middle of a flush."""
    LAYOUT.check(Users())
    rest = {name: count for name, count in LAYOUT.partitions.items() if name != topic}
    with pytest.raises(LayoutError, match=f"Topic x-{topic} is not there: run `ammeter topics`"):
        Layout(rest, "x-").check(Users())
