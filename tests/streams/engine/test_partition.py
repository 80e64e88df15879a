"""One owned partition over Kafka in memory: what it folds and commits, and how it comes and goes."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from schemas.wire import Checkpoint
from streams.engine.restore import Rows
from tests.streams.engine.memory import START, Memory, add, done, folded, partition


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
