"""The teams stage: it adds up what it is told."""

import msgspec
import pytest

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.derived import DEFINITIONS
from streams.metrics.rolling import KEEP
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
