"""Changes of any size."""

import msgspec

from schemas import wire
from schemas.topics import RECORD_BYTES
from streams.metrics.changes import PARTS, split_team_change, split_user_change

SUMS = dict.fromkeys(range(35), 10**6)


def test_a_change_is_one_record() -> None:
    """As long as it is small, which it nearly always is."""
    user = wire.UserChange("ann", {"red": {1: {0: 1}}, "blue": {1: {0: 2}}}, [])
    assert [msgspec.msgpack.decode(part, type=wire.UserChange) for part in split_user_change(user)] == [user]
    team = wire.TeamChange("red", {1: {0: 1}}, [1, 1, 1])
    assert [msgspec.msgpack.decode(part, type=wire.TeamChange) for part in split_team_change(team)] == [team]


def test_years_of_one_person_in_one_flush_fit_the_broker() -> None:
    """An import may bring them: parts add up to the whole, each fits, notices keep their order."""
    minutes = dict.fromkeys(range(3 * PARTS + 1), SUMS)
    notices = [wire.Notice(str(n), 1, "opened", n, "red", n, "", {}) for n in range(2 * PARTS + 1)]
    parts = list(split_user_change(wire.UserChange("ann", {"red": minutes, "blue": {5: SUMS}}, notices)))
    assert max(map(len, parts)) < RECORD_BYTES
    told = [msgspec.msgpack.decode(part, type=wire.UserChange) for part in parts]
    assert [notice for part in told for notice in part.notices] == notices
    panes = [(team, minute) for part in told for team, some in part.panes.items() for minute in some]
    assert sorted(panes) == sorted([("red", minute) for minute in minutes] + [("blue", 5)])


def test_people_of_a_divided_team_change_move_once() -> None:
    """They go with the first part."""
    change = wire.TeamChange("red", dict.fromkeys(range(2 * PARTS + 1), SUMS), [1, 0, -1])
    told = [msgspec.msgpack.decode(part, type=wire.TeamChange) for part in split_team_change(change)]
    assert [part.people for part in told] == [[1, 0, -1], [0, 0, 0], [0, 0, 0]]
    assert sum(len(part.minutes) for part in told) == 2 * PARTS + 1
