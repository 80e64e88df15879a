"""The users stage: the sessions of a person, and what it refuses."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from schemas import wire
from schemas.codec import InvalidEvent
from streams.metrics.cohorts import COHORT
from streams.metrics.users import Users
from tests.streams.metrics.events import MINUTE, T


def notice(session_id: str, state: Any, at: int, started_at: int | None = None) -> wire.Notice:
    """A session of team red."""
    return wire.Notice(session_id, T, state, at, "red", at if started_at is None else started_at, "", {})


def tell(stage: Users, *notices: wire.Notice, user_id: str = "ann", now: int = T) -> None:
    """One message."""
    stage.apply(msgspec.msgpack.encode(wire.UserChange(user_id, {}, list(notices))), now)


def sessions(stage: Users, now: int) -> list[tuple[str, wire.UserSession | None]]:
    """What a flush writes of them."""
    return [
        (msgspec.msgpack.decode(key)[1], msgspec.msgpack.decode(value, type=wire.UserSession) if value else None)
        for topic, key, value in stage.changed(now, 7).tables
        if topic == "user-sessions"
    ]


def started() -> Users:
    """A stage with nothing in it."""
    stage = Users()
    stage.begin(T)
    return stage


def test_a_session_stays_until_its_cohort_closes() -> None:
    """Open as long as it is; closed, for fifteen minutes; then forgotten."""
    stage = started()
    tell(stage, notice("a", "opened", T))
    ((_, row),) = sessions(stage, T)
    assert row is not None
    assert (row.notice.state, row.version) == ("opened", 7)
    assert sessions(stage, T + 10 * COHORT) == []
    tell(stage, notice("a", "closed", T + 10 * COHORT), now=T + 10 * COHORT)
    assert len(sessions(stage, T + 11 * COHORT - 1)) == 1
    assert stage.sizes()["sessions"] == 1
    assert sessions(stage, T + 11 * COHORT) == [("a", None)]
    assert stage.sizes()["sessions"] == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_came_back_is_known_in_any_order(order: tuple[int, ...]) -> None:
    """Another session that opened within fifteen minutes of the close; they come from several partitions."""
    told = [notice("a", "closed", T), notice("b", "opened", T + MINUTE), notice("c", "opened", T - MINUTE)]
    stage = started()
    for place in order:
        tell(stage, told[place])
    rows = dict(sessions(stage, T))
    assert {name: row.came_back for name, row in rows.items() if row} == {"a": True, "b": False, "c": False}


@pytest.mark.parametrize(("after", "came_back"), [(-1, False), (0, True), (COHORT - 1, True), (COHORT, False)])
def test_came_back_has_fifteen_minutes(after: int, came_back: bool) -> None:
    """By the moments that the notices name, not by when they are read."""
    stage = started()
    tell(stage, notice("a", "closed", T), notice("b", "opened", T + after))
    rows = dict(sessions(stage, T))
    assert rows["a"] is not None
    assert rows["a"].came_back is came_back


def test_new_evidence_of_a_closed_session_keeps_that_the_person_came_back() -> None:
    """Closed and told again: the notice is new, the verdict stays. Reopened, it is void."""
    stage = started()
    tell(stage, notice("a", "closed", T), notice("b", "opened", T), notice("b", "closed", T, T - 1))
    tell(stage, notice("a", "closed", T))
    row = dict(sessions(stage, T))["a"]
    assert row is not None
    assert row.came_back
    tell(stage, notice("a", "reopened", T + 1))
    row = dict(sessions(stage, T))["a"]
    assert row is not None
    assert not row.came_back


def test_nobody_in_particular_never_comes_back() -> None:
    """`unknown` is many people."""
    stage = started()
    tell(stage, notice("a", "closed", T), notice("b", "opened", T), user_id="unknown")
    assert not any(row and row.came_back for _, row in sessions(stage, T))


def test_news_of_a_session_whose_cohort_has_closed_is_no_news() -> None:
    """A correction that comes after fifteen minutes leaves no row behind."""
    stage = started()
    tell(stage, notice("a", "closed", T), now=T + COHORT)
    assert sessions(stage, T + COHORT) == []


def test_another_segment_of_minutes_is_not_its_memory() -> None:
    """A late row that was not nulled yet is the store's, never this stage's."""
    stage = Users()
    key = msgspec.msgpack.encode(("ann", "red", T // MINUTE, 5))
    stage.restore("user-minutes", key, msgspec.msgpack.encode((1, 1, {0: 1})))
    stage.begin(T)
    assert stage.sizes()["minutes"] == 0


@pytest.mark.parametrize("bad", [b"", b"\x93", b"\xc1", msgspec.msgpack.encode(("ann", {"red": {"x": {}}}, []))])
def test_what_cannot_be_read_changes_nothing(bad: bytes) -> None:
    """It is refused with the reason."""
    stage = started()
    with pytest.raises(InvalidEvent):
        stage.apply(bad, T)
    assert stage.changed(T, 1) == ([], [])
