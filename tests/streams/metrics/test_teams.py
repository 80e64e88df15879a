"""The teams stage: it adds up what it is told."""

import msgspec
import pytest

from schemas import counters as c
from schemas import wire
from schemas.codec import InvalidEvent
from schemas.derived import DEFINITIONS
from schemas.signals import read_signal
from streams.metrics.closing import CLOSES_AFTER
from streams.metrics.rolling import KEEP
from streams.metrics.stage import Output
from streams.metrics.teams import Teams
from tests.streams.metrics.events import HOUR, MINUTE, T

M = T // MINUTE


def tell(stage: Teams, minutes: dict[int, dict[int, int]], people: list[int]) -> None:
    """One message about team red."""
    stage.apply(msgspec.msgpack.encode(wire.TeamChange("red", minutes, people)), T)


def windows(stage: Teams, now: int) -> list[wire.TeamWindows]:
    """What a flush writes of them."""
    return [
        msgspec.msgpack.decode(value or b"", type=wire.TeamWindows)
        for topic, _, value in stage.changed(now, 3).tables
        if topic == "team-windows"
    ]


def signals(output: Output) -> list[tuple[str, int, wire.TeamSignal]]:
    """Team, minutes after T and what a flush says of the minute."""
    found = []
    for _, key, value in output.changes:
        place, told = read_signal(key, value or b"")
        assert isinstance(place, wire.SignalMinuteKey)
        assert isinstance(told, wire.TeamSignal)
        found.append((place.team_id, place.minute - M, told))
    return found


def test_people_who_come_and_go_are_told_without_any_minute() -> None:
    """One who moves away leaves though nobody did anything."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M: {0: 2}}, [2, 2, 2])
    assert windows(stage, T) == [wire.TeamWindows(3, DEFINITIONS, M, [2, 2, 2], [{0: 2}] * 3)]
    tell(stage, {}, [-1, 0, 0])
    assert windows(stage, T) == [wire.TeamWindows(3, DEFINITIONS, M, [1, 2, 2], [{0: 2}] * 3)]
    assert windows(stage, T) == []
    assert stage.sizes() == {"minutes": 1, "teams": 1}


def test_what_is_too_late_for_any_window_is_dropped() -> None:
    """A team's history is added up from its people's minutes; a late one is no row here."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M - KEEP: {0: 1}}, [0, 0, 0])
    assert stage.changed(T, 1) == ([], [])


def test_a_minute_is_forgotten_after_25_hours() -> None:
    """With a null, so that compaction may remove it."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M: {0: 1}}, [1, 1, 1])
    stage.changed(T, 1)
    gone = [record for record in stage.changed(T + 25 * HOUR, 2).tables if record.topic == "team-minutes"]
    assert [(msgspec.msgpack.decode(record.key), record.value) for record in gone] == [(["red", M], None)]


def test_a_minute_that_is_taken_back_whole_is_nulled() -> None:
    """A person moved to another team: the minute, the people and the windows follow."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M: {0: 2}}, [1, 1, 1])
    stage.changed(T, 1)
    tell(stage, {M: {0: -2}}, [-1, -1, -1])
    minute, shown = stage.changed(T, 3).tables
    assert (minute.topic, minute.value) == ("team-minutes", None)
    assert msgspec.msgpack.decode(shown.value or b"", type=wire.TeamWindows) == (
        wire.TeamWindows(3, DEFINITIONS, M, [0, 0, 0], [{}, {}, {}])
    )


def test_what_cannot_be_read_changes_nothing() -> None:
    """It is refused with the reason."""
    stage = Teams()
    stage.begin(T)
    with pytest.raises(InvalidEvent):
        stage.apply(b"\x91\x01", T)
    assert stage.changed(T, 1) == ([], [])


CLOSED = T + CLOSES_AFTER * MINUTE
ASKED: dict[int, int] = {c.EVENTS: 3, c.RESPONSES: 2, c.API_FAILURES: 1}


def test_a_minute_is_told_once_when_it_has_closed() -> None:
    """Two minutes after its end, with all that it holds."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M: dict(ASKED)}, [1, 1, 1])
    assert stage.changed(CLOSED - 1, 1).changes == []
    tell(stage, {M: {c.RESPONSES: 1}}, [0, 0, 0])
    told = signals(stage.changed(CLOSED, 2))
    assert told == [("red", 0, wire.TeamSignal(2, DEFINITIONS, ASKED | {c.RESPONSES: 3}, CLOSED, False))]
    assert stage.changed(CLOSED + HOUR, 3).changes == []


def test_minutes_that_close_together_are_told_in_their_order() -> None:
    """Each at the moment at which it closed, however much time passed at once."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M + 1: dict(ASKED), M: dict(ASKED)}, [1, 1, 1])
    told = signals(stage.changed(CLOSED + HOUR, 1))
    assert [(minute, signal.closed_at) for _, minute, signal in told] == [(0, CLOSED), (1, CLOSED + MINUTE)]


def test_a_closed_minute_that_changes_is_told_again_whole() -> None:
    """As often as its requests or calls change; other figures of it are no news to a detector."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M: dict(ASKED)}, [1, 1, 1])
    stage.changed(CLOSED, 1)
    tell(stage, {M: {c.SESSIONS_JUDGED: 1}}, [0, 0, 0])
    assert stage.changed(CLOSED, 2).changes == []
    tell(stage, {M: {c.API_FAILURES: 4}}, [0, 0, 0])
    ((_, _, told),) = signals(stage.changed(CLOSED + MINUTE, 3))
    assert told.sums == {c.EVENTS: 3, c.RESPONSES: 2, c.API_FAILURES: 5, c.SESSIONS_JUDGED: 1}
    assert (told.closed_at, told.replaces) == (CLOSED + MINUTE, True)
    tell(stage, {M: {number: -amount for number, amount in told.sums.items()}}, [-1, -1, -1])
    ((_, _, told),) = signals(stage.changed(CLOSED + MINUTE, 4))
    assert told.sums == {}


def test_a_minute_without_requests_and_one_that_is_forgotten_are_not_told() -> None:
    """Lines that were added are nothing to watch; and what is older than 25 hours is added up by SQL alone."""
    stage = Teams()
    stage.begin(T)
    tell(stage, {M: {c.LINES_ADDED: 9}, M - KEEP: dict(ASKED)}, [1, 1, 1])
    assert stage.changed(CLOSED + HOUR, 1).changes == []


def test_a_restart_between_forgets_no_minute_and_repeats_none() -> None:
    """What is open is told by the successor, what has closed is not."""
    stage, successor = Teams(), Teams()
    stage.begin(T)
    tell(stage, {M - 3: dict(ASKED), M: dict(ASKED)}, [1, 1, 1])
    output = stage.changed(T, 1)
    assert [minute for _, minute, _ in signals(output)] == [-3]
    for topic, key, value in output.tables:
        successor.restore(topic, key, value or b"")
    successor.begin(T)
    tell(successor, {M - 3: {c.TOOL_CALLS: 1}}, [0, 0, 0])
    assert [(minute, told.replaces) for _, minute, told in signals(successor.changed(CLOSED, 2))] == [
        (-3, True),
        (0, False),
    ]
