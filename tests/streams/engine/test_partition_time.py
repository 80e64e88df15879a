"""One owned partition over Kafka in memory: its time, and how much a flush may hold."""

from dataclasses import replace
from itertools import pairwise

import pytest

from streams.engine.partition import LIMITS
from tests.integration.counting import Tally
from tests.streams.engine.memory import START, Memory, add, done, folded, look, move_clock, partition

HOUR = 3_600_000


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


@pytest.mark.parametrize(("behind_ms", "paces"), [(0, 1), (5_000, 1), (5_001, 8), (HOUR, 8)])
def test_a_partition_that_is_behind_flushes_seldom(behind_ms: int, paces: int) -> None:
    """What is late anyway costs less in few large flushes."""
    memory = Memory()
    memory.send(add("a"))
    part, _ = folded(memory)
    move_clock(part, START + behind_ms)
    part.means = replace(part.means, pace_s=0.25)

    assert part.rest_s() == paces * 0.25
