"""The directory: who is in which team since when."""

from typing import Any

import pytest

from schemas.codec import InvalidEvent
from streams.metrics.directory import Directory
from tests.streams.metrics.events import MINUTE, T
from tests.streams.metrics.users import key_of, record

M = T // MINUTE


@pytest.mark.parametrize(
    ("minute", "team"), [(M - 1, "hint"), (M, "red"), (M + 9, "red"), (M + 10, "unassigned"), (M + 20, "blue")]
)
def test_an_entry_holds_until_the_next(minute: int, team: str) -> None:
    """Before the first, the client's word holds; one without a team means none, whatever the client says."""
    directory = Directory()
    entries = [(T + 20 * MINUTE, "blue"), (T, "red"), (T + 10 * MINUTE, "")]  # in no order
    assert directory.learn(key_of("ann"), record(*entries)) == "ann"
    assert directory.team_of("ann", minute, "hint") == team
    assert directory.team_of("bob", minute, "hint") == "hint"


def test_an_entry_in_mid_minute_holds_from_the_next_on() -> None:
    """A minute belongs to one team as a whole."""
    directory = Directory()
    directory.learn(key_of("ann"), record((0, "red"), (T + 1, "blue")))
    assert directory.team_of("ann", M, "hint") == "red"
    assert directory.team_of("ann", M + 1, "hint") == "blue"


@pytest.mark.parametrize("nothing", [None, record()])
def test_an_entry_that_is_gone_leaves_the_word_of_the_client(nothing: bytes | None) -> None:
    """A null, or a record without entries."""
    directory = Directory()
    directory.learn(key_of("ann"), record((0, "red")))
    assert "ann" in directory
    directory.learn(key_of("ann"), nothing)
    assert directory.team_of("ann", M, "hint") == "hint"
    assert "ann" not in directory
    assert len(directory) == 0


@pytest.mark.parametrize(
    ("key", "value"), [(b"", record()), (b"\xc1", record()), (key_of("ann"), b"\x91\x01"), (b"ann", record())]
)
def test_what_cannot_be_read_changes_nothing(key: Any, value: Any) -> None:
    """It is refused with the reason, and what was known stays."""
    directory = Directory()
    directory.learn(key_of("ann"), record((0, "red")))
    with pytest.raises(InvalidEvent):
        directory.learn(key, value)
    assert directory.team_of("ann", M, "hint") == "red"
