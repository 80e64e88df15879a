"""One owned partition over Kafka in memory: what it folds, commits, keeps and refuses."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest

from schemas.topics import MESSAGE_BYTES
from schemas.wire import Checkpoint, DeadLetter
from streams.engine.ending import RESTART, STOP, EndWorker
from streams.engine.partition import LIMITS, Partition
from streams.engine.restore import Rows
from tests.integration.counting import Tally
from tests.streams.engine.memory import START, Memory, MemorySource, add, move_clock, partition

HOUR = 3_600_000


def done(*steps: Awaitable[object]) -> None:
    """Runs the steps one after another."""

    async def all_of() -> None:
        for step in steps:
            await step

    asyncio.run(all_of())


def folded(memory: Memory) -> tuple[Partition, MemorySource]:
    """A partition that was opened, has folded the whole log and flushed."""
    part, source = partition(memory)
    done(part.open(), part.fold(memory.batch(0)), part.flush())
    return part, source


async def look(part: Partition) -> None:
    """One turn of the loop of a partition that has nothing to do."""
    part.means = replace(part.means, limits=replace(part.means.limits, tick_s=0.01))
    with suppress(TimeoutError):
        await asyncio.wait_for(part.run(), 0.1)


def test_state_place_and_changes_are_committed_together() -> None:
    """A flush writes the table, what it sends on and how far it has read, holes included."""
    memory = Memory()
    memory.send(add("a", 2), add("b", 3), add("a", 5))
    memory.hole(2)

    folded(memory)

    assert {name: (tally.messages, tally.total) for name, tally in memory.tallies.items()} == {"a": (2, 7), "b": (1, 3)}
    assert memory.points == [Checkpoint(5, START, START * 1000)]
    assert [key for _, key, _ in memory.sent] == [b"a", b"b"]


def test_a_successor_goes_on_where_the_predecessor_committed() -> None:
    """Tables and checkpoint are of one cut, so what was folded and not committed is folded again, once."""
    memory = Memory()
    memory.send(add("a"))
    folded(memory)
    first, _ = partition(memory)
    memory.send(add("a"))
    done(first.open(), first.fold(memory.batch(1)))  # and never flushed

    second, source = partition(memory)
    done(second.open(), second.fold(memory.batch(1)), second.flush())

    assert source.sought == [1]
    assert memory.tallies["a"].messages == 2


def test_a_fenced_predecessor_cannot_commit() -> None:
    """What a zombie has folded never becomes visible; its flush raises, which ends its process."""
    memory = Memory()
    memory.send(add("a"))
    zombie, _ = partition(memory)
    done(zombie.open(), zombie.fold(memory.batch(0)))
    successor, _ = partition(memory)
    done(successor.open())

    with pytest.raises(RuntimeError, match="fenced"):
        done(zombie.flush())

    assert memory.tallies == {}


def test_versions_rise_though_time_stands_still() -> None:
    """Each flush has a version of its own, microseconds."""
    memory = Memory()
    part, _ = partition(memory)
    done(part.open())
    for nth in range(3):
        memory.send(add("a"))
        done(part.fold(memory.batch(nth)), part.flush())

    assert [point.version - START * 1000 for point in memory.points] == [0, 1, 2]


def test_nothing_new_writes_nothing() -> None:
    """An idle partition makes no transactions."""
    memory = Memory()
    memory.send(add("a"))
    part, _ = folded(memory)

    done(part.flush(), part.flush())

    assert len(memory.points) == 1


# -- batches that are not in their place -------------------------------------------------------------------------------


def test_a_batch_that_follows_on_a_lost_one_is_read_again() -> None:
    """It is not folded; the partition seeks back to where it stands."""
    memory = Memory()
    memory.send(add("a"), add("b"), add("c"))
    part, source = partition(memory)
    done(part.open(), part.fold(memory.batch(0, 1)), part.fold(memory.batch(2)), part.flush())

    assert source.sought == [0, 1]
    assert set(memory.tallies) == {"a"}


def test_a_batch_of_before_a_seek_is_only_late() -> None:
    """It is dropped without another seek: seeking for each would read everything twice for ever."""
    memory = Memory()
    memory.send(add("a"), add("b"), add("c"))
    part, source = partition(memory)
    done(part.open(), part.fold(memory.batch(1, 2)))  # seeks

    done(part.fold(memory.batch(2, seek=1)), part.fold(memory.batch(0, seek=2)), part.flush())

    assert source.sought == [0, 0]
    assert set(memory.tallies) == {"a", "b", "c"}


def test_a_batch_that_comes_while_the_partition_opens_is_judged_not_lost() -> None:
    """Ready comes before the seek: whatever arrives between the two is either in place or read again."""
    memory = Memory()
    memory.send(add("a"), add("b"))
    part, source = partition(memory)
    ready_at_seek: list[bool] = []
    before = source.seek

    async def seek(offset: int) -> None:
        ready_at_seek.append(part.ready)
        await before(offset)
        await part.fold(memory.batch(0, 1))

    source.seek = seek  # type: ignore[method-assign] # the moment that matters lies inside
    done(part.open(), part.fold(memory.batch(1)), part.flush())

    assert ready_at_seek == [True]
    assert set(memory.tallies) == {"a", "b"}


def test_nothing_is_folded_by_a_partition_that_is_not_ready() -> None:
    """What arrives before it is loaded, or after it was revoked, is not for it."""
    memory = Memory()
    memory.send(add("a"))
    part, _ = partition(memory)
    done(part.fold(memory.batch(0)), part.open(), part.leave(), part.fold(memory.batch(0)), part.flush())

    assert memory.tallies == {}


# -- coming and going --------------------------------------------------------------------------------------------------


def test_leaving_commits_and_coming_back_keeps_the_state() -> None:
    """An empty transaction proves that nobody had the partition in between; nothing is claimed or read again."""
    memory = Memory()
    memory.send(add("a"))
    part, source = partition(memory)
    done(part.open(), part.fold(memory.batch(0)), part.leave())
    assert memory.tallies["a"].messages == 1
    memory.send(add("a"))

    done(part.open(), part.fold(memory.batch(1, seek=2)), part.flush())

    assert memory.epoch == 1
    assert source.sought == [0, 1]
    assert memory.tallies["a"].messages == 2


def test_a_partition_that_somebody_had_meanwhile_is_loaded_anew() -> None:
    """The proof fails, and what the other has committed is read."""
    memory = Memory()
    memory.send(add("a"), add("a"))
    part, _ = partition(memory)
    done(part.open(), part.fold(memory.batch(0, 1)), part.leave())
    other, _ = partition(memory)
    done(other.open(), other.fold(memory.batch(1)), other.flush())
    memory.send(add("a"))

    done(part.open(), part.fold(memory.batch(2, seek=2)), part.flush())

    assert memory.tallies["a"].messages == 3


def test_a_load_that_was_cut_short_never_passes_for_kept() -> None:
    """A rebalance in the middle of a restore: else a checkpoint of nothing would be written over the real one."""
    memory = Memory()
    memory.send(add("a"))
    folded(memory)
    part, _ = partition(memory)
    read = part.means.read_tables

    async def hang(_: object) -> list[Rows]:
        await asyncio.Event().wait()
        return []

    async def cut_short() -> None:
        part.means = replace(part.means, read_tables=hang)
        with suppress(TimeoutError):
            await asyncio.wait_for(part.open(), 0.01)
        part.means = replace(part.means, read_tables=read)
        await part.open()

    done(cut_short())

    assert part.place == 1
    assert memory.points[-1].offset == 1


# -- bad input ---------------------------------------------------------------------------------------------------------


def test_unreadable_messages_become_letters_in_the_same_transaction() -> None:
    """Each with its place and the reason; the good ones around them count."""
    memory = Memory()
    memory.send(add("a"), b"{broken", None, b"", add("a"))
    memory.send(add("a"), key=None)
    memory.send(b"x" * (MESSAGE_BYTES + 1))
    folded(memory)

    letters = [
        msgspec.msgpack.decode(v or b"", type=DeadLetter) for t, _, v in memory.sent if t == "session-events-dlq"
    ]

    assert memory.tallies["a"].messages == 2
    assert [(letter.offset, letter.at) for letter in letters] == [(offset, START) for offset in (1, 2, 3, 5, 6)]
    assert [letter.message for letter in letters] == [b"{broken", None, b"", add("a"), None]
    assert [letter.key for letter in letters] == [b"k", b"k", b"k", None, b"k"]
    reasons = [letter.reason for letter in letters]
    assert "malformed" in reasons[0]
    assert reasons[1] == reasons[2] == "the message is empty"
    assert "no key" in reasons[3]
    assert str(MESSAGE_BYTES) in reasons[4]
    assert memory.points[-1].offset == 7


def test_a_letter_alone_is_written_at_once() -> None:
    """Though nothing else has changed."""
    memory = Memory()
    memory.send(b"?")

    folded(memory)

    assert [topic for topic, _, _ in memory.sent] == ["session-events-dlq"]


def test_a_fold_that_raises_is_not_bad_input() -> None:
    """Nobody knows what such a stage remembers: the exception goes up, and nothing of the batch is committed."""
    memory = Memory()
    memory.send(add("a"), b'{"name": "a", "n": 1, "boom": true}')
    part, _ = partition(memory)

    with pytest.raises(RuntimeError, match="boom"):
        done(part.open(), part.fold(memory.batch(0)))

    assert memory.points == []


@pytest.mark.parametrize(
    ("bad", "of", "floods"), [(100, 100, False), (101, 101, True), (199, 998, False), (200, 998, True)]
)
def test_a_flood_stops_the_worker(bad: int, of: int, floods: bool) -> None:
    """Over 100 in a row, or 20 % of the last 1,000; below that it goes on."""
    memory = Memory()
    good = of - bad
    for nth in range(of):
        memory.send(b"?" if not good or nth * bad // of != (nth + 1) * bad // of else add("a"))
    part, _ = partition(memory)
    done(part.open())

    if floods:
        with pytest.raises(EndWorker) as ended:
            done(part.fold(memory.batch(0)))
        assert ended.value.code == STOP
    else:
        done(part.fold(memory.batch(0)), part.flush())
        assert len([topic for topic, _, _ in memory.sent if topic.endswith("-dlq")]) == bad


# -- places that cannot be ---------------------------------------------------------------------------------------------


def test_a_checkpoint_older_than_the_log_ends_the_worker() -> None:
    """Records were deleted unread: going on would be wrong for good."""
    memory = Memory()
    memory.send(add("a"))
    folded(memory)
    memory.send(add("a"), add("a"))
    memory.first = 2

    with pytest.raises(EndWorker, match="deleted unread") as ended:
        done(partition(memory)[0].open())

    assert ended.value.code == RESTART


def test_a_log_that_outruns_a_running_worker_ends_it() -> None:
    """aiokafka goes on at the log's new start without a word; the batch has a hole that no transaction made."""
    memory = Memory()
    memory.send(add("a"))
    part, _ = folded(memory)
    memory.send(add("a"), add("a"), add("a"))
    del memory.log[1:3]
    memory.first = 3

    with pytest.raises(EndWorker, match="deleted unread"):
        done(part.fold(memory.batch(1)))


def test_a_checkpoint_beyond_the_log_ends_the_worker() -> None:
    """The topic was made anew."""
    memory = Memory()
    memory.send(add("a"), add("a"))
    folded(memory)
    memory.end = 1

    with pytest.raises(EndWorker, match="made anew"):
        done(partition(memory)[0].open())


def test_a_stage_without_checkpoint_begins_where_the_log_does() -> None:
    """A first start on a topic whose oldest records are gone is no loss."""
    memory = Memory(first=3, end=3)
    memory.send(add("a"))
    part, source = partition(memory)
    done(part.open(), part.fold(memory.batch(3)), part.flush())

    assert source.sought == [3]
    assert memory.points[-1].offset == 4


def test_a_way_from_the_broker_that_is_broken_ends_the_worker() -> None:
    """The broker says for long that there is more, and nothing comes."""
    memory = Memory()
    part, _ = partition(memory, replace(LIMITS, tick_s=0.01, stalled_s=0.02))
    done(part.open())
    memory.send(add("a"))

    with pytest.raises(EndWorker, match="nothing comes"):
        done(asyncio.wait_for(part.run(), 5))


# -- time --------------------------------------------------------------------------------------------------------------


def test_time_follows_the_log_not_the_clock() -> None:
    """A worker that was away for long folds what waited at the time at which it was sent."""
    memory = Memory()
    memory.send(add("a"), at=START)
    folded(memory)
    memory.send(add("a"), at=START + 60_000)
    part, _ = partition(memory, now=START + 10 * HOUR)
    done(part.open(), part.fold(memory.batch(1)), part.flush())

    assert memory.tallies["a"].at == START + 60_000


def test_time_follows_the_clock_where_the_log_has_no_more() -> None:
    """Windows empty though nobody sends."""
    memory = Memory()
    memory.send(add("a"))
    part, source = folded(memory)
    source.handed = memory.end
    move_clock(part, START + 60_000)
    done(look(part))

    assert part.time.now == START + 60_000


@pytest.mark.parametrize("why", ["the broker is away", "a batch is on its way"])
def test_time_stands_still_while_more_may_come(why: str) -> None:
    """Only the broker can say that there is no more, and only up to where its batches were folded."""
    memory = Memory()
    memory.send(add("a"))
    part, source = folded(memory)
    memory.away = why == "the broker is away"
    source.handed = memory.end if memory.away else 5
    move_clock(part, START + 60_000)
    done(look(part))

    assert part.time.now == START


def test_a_record_from_the_future_carries_time_only_five_minutes_ahead() -> None:
    """One wrong clock must not close everybody's sessions."""
    memory = Memory()
    memory.send(add("a"), at=START + 1000 * HOUR)
    part, _ = folded(memory)

    assert part.time.now == START + 300_000


# -- bounds of a flush -------------------------------------------------------------------------------------------------


def test_a_backlog_is_committed_in_bounded_flushes() -> None:
    """No flush writes more than its bound of messages, and none is left out or doubled."""
    memory = Memory()
    memory.send(*[add("a")] * 25)
    part, _ = partition(memory, replace(LIMITS, messages=10))
    done(part.open(), part.fold(memory.batch(0)), part.flush())

    assert [point.offset for point in memory.points] == [10, 20, 25]
    assert memory.tallies["a"].messages == 25


def test_large_messages_are_committed_in_bounded_flushes() -> None:
    """Bytes count too."""
    memory = Memory()
    memory.send(*[add("a" * 1000)] * 10)
    part, _ = partition(memory, replace(LIMITS, message_bytes=3000))
    done(part.open(), part.fold(memory.batch(0)), part.flush())

    assert [point.offset for point in memory.points] == [3, 6, 9, 10]


def test_a_long_absence_passes_hour_by_hour() -> None:
    """Evicting a day of everything would not fit into one transaction."""
    memory = Memory()
    memory.send(add("a"), at=START)
    part, _ = folded(memory)
    times: list[int] = []
    changed = part.stage.changed

    def note(now: int, version: int) -> object:
        times.append(now)
        return changed(now, version)

    part.stage.changed = note  # type: ignore[method-assign,assignment] # the stage that is opened is what counts
    move_clock(part, START + 5 * HOUR)
    memory.send(add("a"), at=START + 4 * HOUR)
    done(part.fold(memory.batch(1)), part.flush())

    assert times[0] == START
    assert all(later - earlier <= HOUR for earlier, later in pairwise(times))
    assert times[-1] == START + 4 * HOUR


def test_a_partition_revoked_in_the_middle_of_a_batch_stands_where_it_committed() -> None:
    """A flush that a batch waits for may be the last before a rebalance: what is left is read again, once."""
    memory = Memory()
    memory.send(*[add("a")] * 25)
    part, source = partition(memory, replace(LIMITS, messages=10))

    async def revoked_meanwhile() -> None:
        await part.open()
        make_room = part._make_room

        async def leave_first(at: int) -> None:
            await part.leave()
            await make_room(at)

        part._make_room = leave_first  # type: ignore[method-assign] # the moment that matters lies inside
        await part.fold(memory.batch(0))
        part._make_room = make_room  # type: ignore[method-assign] # as above
        await part.open()
        await part.fold(memory.batch(10, seek=2))
        await part.flush()

    done(revoked_meanwhile())

    assert source.sought == [0, 10]
    assert memory.tallies == {"a": Tally(memory.tallies["a"].version, 25, 25, START)}
