"""One owned partition over Kafka in memory: what it refuses to read, and where it refuses to go on."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from schemas.topics import MESSAGE_BYTES
from schemas.wire import DeadLetter
from streams.engine.ending import RESTART, STOP, EndWorker
from streams.engine.partition import LIMITS
from tests.streams.engine.memory import START, Memory, add, done, folded, partition


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
