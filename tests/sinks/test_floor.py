"""The floor attacked: small groups, filters, and differences of what is shown."""

import random
from itertools import combinations

import msgspec
import pytest

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, set_floor
from sinks.rows import splice
from tests.sinks.made import tool
from tests.sinks.test_groups import minute_of
from tests.sinks.test_views import put, put_raw, session

MONDAY = 1_794_787_200_000 // 60_000
"""A Monday's first minute, UTC (2026-11-16)."""
DAY = 1_440
WEEK = "since = toDateTime('2026-11-16 00:00:00'), until = toDateTime('2026-11-22 23:59:59')"
FLOOR = 5


@pytest.fixture
def floored(store: ClickHouse) -> ClickHouse:
    """A store whose floor is five."""
    set_floor(store, DEFAULT, FLOOR)
    return store


def worked(store: ClickHouse, team: str, minute: int, *people: int, prompts: int = 1) -> None:
    """Each of these people of a team typed something in a minute."""
    put(store, "user-minutes", *(minute_of(f"u_{team}_{who}", team, minute, PROMPTS=prompts) for who in people))


def test_a_group_of_four_is_nowhere(floored: ClickHouse) -> None:
    """Not by minute, span, day or outcome, whatever a reader filters by."""
    for minute in range(MONDAY, MONDAY + 3 * DAY, 61):
        worked(floored, "small", minute, 1, 2, 3, 4)
    judged = {c.SESSIONS_JUDGED: 3, c.EVENTS: 1}
    put(floored, "user-minutes", (("u_9", "small", MONDAY + 7, 0), wire.UserMinute(1, DEFINITIONS, judged, "small")))
    for relation in ("team_minutes", f"team_spans({WEEK})", "outcomes_daily", "team_windows"):
        assert floored.query(f"SELECT * FROM ammeter.{relation} WHERE people > 0").rows == [], relation


def test_a_week_of_four_and_one_is_shown_as_a_whole(floored: ClickHouse) -> None:
    """With the one who came on one day they are five in that week."""
    _four_and_one(floored)
    assert floored.query(
        f"SELECT day, days, people FROM ammeter.team_days({WEEK}) AS d WHERE team_id = 'small'"
    ).rows == [["2026-11-16", 3, 5]]


def test_a_week_less_a_day_of_everybody_is_nobodys(floored: ClickHouse) -> None:
    """The organisation shows no day of those whose other days would be left: theirs stand on the first together."""
    _four_and_one(floored)
    sql = f"SELECT team_id, day, days, people, d.prompts FROM ammeter.team_days({WEEK}) AS d ORDER BY team_id"
    everybody, small = floored.query(sql).rows
    assert everybody == ["*", "2026-11-16", 1, *small[3:]]


@pytest.mark.parametrize("seed", range(2))
def test_no_sums_and_differences_of_days_are_of_fewer_than_five(floored: ClickHouse, seed: int) -> None:
    """Whatever rows of teams and of everybody are added and subtracted: what a row holds is told by its bits."""
    rng = random.Random(seed)
    cells: list[tuple[str, int]] = []
    minutes = []
    for team, size, often in (("a", 6, 0.6), ("b", 5, 0.6), ("c", 4, 0.4), ("d", 3, 0.5), ("e", 2, 0.5)):
        for day in range(4):
            for who in range(size):
                if rng.random() < often:
                    minutes.append(minute_of(f"u_{team}_{who}", team, MONDAY + day * DAY, PROMPTS=1 << len(cells)))
                    cells.append((team, who))
    put(floored, "user-minutes", *minutes)
    rows = floored.query(f"SELECT team_id, day, people, d.prompts FROM ammeter.team_days({WEEK}) AS d").rows
    assert any(team == "*" for team, *_ in rows)
    together: dict[tuple[bool, ...], set[tuple[str, int]]] = {}
    for at, cell in enumerate(cells):
        together.setdefault(tuple(bool(prompts >> at & 1) for *_, prompts in rows), set()).add(cell)
    assert [len(people) for seen, people in together.items() if any(seen) and len(people) < FLOOR] == []


def test_small_views_show_what_the_whole_ones_show(floored: ClickHouse) -> None:
    """A range that is given to them makes no other cut: of a week beside others, of a day beside others."""
    rng = random.Random(7)
    minutes = {
        (team, MONDAY + day * DAY + 5 * rng.randrange(8), who)
        for team, size in (("a", 9), ("b", 8), ("c", 4), ("d", 2))
        for day in range(-3, 12)
        for who in range(size)
        if rng.random() < 0.6
    }
    put(floored, "user-minutes", *(minute_of(f"u_{team}_{who}", team, at, PROMPTS=1) for team, at, who in minutes))
    for name, began, day in (("team_days", "day", "day"), ("team_spans", "started_at", "toDate(started_at)")):
        shown = f"SELECT team_id, {began}, people, s.prompts FROM ammeter.{name}"
        whole = floored.query(f"{shown}({WEEK}) AS s ORDER BY ALL").rows
        assert len({row[0] for row in whole}) > 1
        for asked in ("week = '2026-11-16'", "toMonday(s.day) = '2026-11-16'"):
            assert floored.query(f"{shown}_brief AS s WHERE {asked} ORDER BY ALL").rows == whole
        of_day = floored.query(f"{shown}({WEEK}) AS s WHERE {day} = '2026-11-18' ORDER BY ALL").rows
        asked = "week = '2026-11-16' AND s.day = '2026-11-18'"
        assert floored.query(f"{shown}_brief AS s WHERE {asked} ORDER BY ALL").rows == of_day


def _four_and_one(store: ClickHouse) -> None:
    for minute in range(MONDAY, MONDAY + 3 * DAY, 61):
        worked(store, "small", minute, 1, 2, 3, 4)
    worked(store, "small", MONDAY + 7, 9)


def test_a_team_of_eight_is_no_blank_board(floored: ClickHouse) -> None:
    """Spans are as short as they can be, follow one another, and hold everything."""
    for at, people in ((0, (1, 2)), (5, (3,)), (10, (4, 5)), (20, (1, 2, 3, 4, 5, 6)), (40, (7,)), (900, (8,))):
        worked(floored, "eight", MONDAY + at, *people)
    rows = floored.query(
        "SELECT toString(s.started_at), span_minutes, people, s.prompts"
        f" FROM ammeter.team_spans({WEEK}) AS s ORDER BY started_at"
    ).rows
    assert rows == [["2026-11-16 00:00:00", 15, 5, 5], ["2026-11-16 00:20:00", 885, 8, 8]]
    assert floored.query(f"SELECT sum(d.prompts) FROM ammeter.team_days({WEEK}) AS d WHERE team_id = 'eight'").rows == [
        [13]
    ]


def test_what_a_day_holds_beyond_its_spans_is_nothing(floored: ClickHouse) -> None:
    """A lone worker at night is in a span with others, so that subtracting finds nobody."""
    for hour in (9, 10, 14):
        worked(floored, "red", MONDAY + 60 * hour, 1, 2, 3, 4, 5, 6)
    worked(floored, "red", MONDAY + 60 * 3, 6, prompts=77)
    worked(floored, "red", MONDAY + 60 * 23, 1, prompts=99)
    day = f"SELECT sum(d.prompts) FROM ammeter.team_days({WEEK}) AS d WHERE team_id = 'red'"
    spans = f"SELECT sum(s.prompts), min(people) FROM ammeter.team_spans({WEEK}) AS s WHERE team_id = 'red'"
    assert floored.query(spans).rows == [[floored.query(day).rows[0][0], 6]]


def test_a_lone_day_is_joined_to_its_week(floored: ClickHouse) -> None:
    """Whoever works on Sunday alone is shown with the days before; no week is dropped for it."""
    for day in range(5):
        worked(floored, "red", MONDAY + day * DAY + 600, 1, 2, 3, 4, 5)
    worked(floored, "red", MONDAY + 6 * DAY, 1, prompts=50)
    rows = floored.query(
        f"SELECT toString(day), days, people, d.prompts FROM ammeter.team_days({WEEK}) AS d WHERE team_id = 'red'"
        " ORDER BY day"
    ).rows
    assert rows == [
        ["2026-11-16", 1, 5, 5],
        ["2026-11-17", 1, 5, 5],
        ["2026-11-18", 1, 5, 5],
        ["2026-11-19", 1, 5, 5],
        ["2026-11-20", 3, 5, 55],
    ]


@pytest.mark.parametrize("small", [(1,), (1, 2), (1, 2, 3, 4)])
def test_the_organisation_minus_its_teams_is_no_small_team(floored: ClickHouse, small: tuple[int, ...]) -> None:
    """What `*` holds beyond the teams shown is nobody, or enough people."""
    for team in ("red", "blue"):
        worked(floored, team, MONDAY, 1, 2, 3, 4, 5)
    worked(floored, "duo", MONDAY, *small, prompts=1000)
    sums = {c.SESSIONS_JUDGED: 1, c.EVENTS: 1}
    judged = [
        ((f"u_{team}_{who}", team, MONDAY + 1, 0), wire.UserMinute(1, DEFINITIONS, sums, team))
        for team, people in (("red", range(1, 6)), ("blue", range(1, 6)), ("duo", small))
        for who in people
    ]
    put(floored, "user-minutes", *judged)
    for sql in (
        f"SELECT team_id, d.prompts FROM ammeter.team_days({WEEK}) AS d",
        "SELECT team_id, judged FROM ammeter.outcomes_daily",
    ):
        found = dict(map(tuple, floored.query(sql).rows))
        assert found.keys() == {"*", "red", "blue"}
        assert found["*"] == found["red"] + found["blue"]


def test_small_teams_together_are_in_the_organisation(floored: ClickHouse) -> None:
    """Three teams of two are six people, and no single one can be told apart."""
    for team in ("a", "b", "c"):
        worked(floored, team, MONDAY, 1, 2)
    rows = floored.query(f"SELECT team_id, people, d.prompts FROM ammeter.team_days({WEEK}) AS d").rows
    assert rows == [["*", 6, 6]]


def test_windows_of_different_length_cannot_be_subtracted(floored: ClickHouse) -> None:
    """Five people in the last 5 minutes, one more within the hour: the hour minus the 5 minutes would be hers."""
    now = MONDAY + 600
    worked(floored, "red", now, 1, 2, 3, 4, 5)
    worked(floored, "red", now - 30, 6, prompts=40)
    for who in range(1, 7):
        worked(floored, "red", now - 300, who)
    sums = [{c.EVENTS: 5, c.PROMPTS: 5}, {c.EVENTS: 6, c.PROMPTS: 45}, {c.EVENTS: 12, c.PROMPTS: 51}]
    put(floored, "team-windows", (("red",), wire.TeamWindows(1, DEFINITIONS, now, [5, 6, 6], sums)))
    rows = floored.query("SELECT span, people, prompts FROM ammeter.team_windows ORDER BY span_minutes").rows
    assert rows == [["1h", 6, 45], ["24h", 6, 51]]
    sql = "SELECT span, people FROM ammeter.team_current WHERE team_id = 'red'"
    assert floored.query(sql).rows == [["1h", 6]]


def test_a_tool_that_one_person_uses_is_not_told_apart(floored: ClickHouse) -> None:
    """By team, tool and client: rows of too few people are put together, or left out."""
    lines, number = [], 0
    for team, name, people in (("red", "Bash", 6), ("red", "Secret", 1), ("a", "Bash", 3), ("b", "Bash", 2)):
        for who in range(people):
            number += 1
            lines.append(
                msgspec.json.encode(
                    tool(f"s{number}", number, 0, tool_name=name, team_hint=team, user_id=f"u_{team}_{who}")
                )
            )
    put_raw(floored, splice(b"\n".join(lines), 0, 0))
    rows = floored.query("SELECT team_id, tool_name, people, calls FROM ammeter.tool_hours ORDER BY team_id").rows
    assert rows == [["others", "Bash", 5, 5], ["red", "Bash", 6, 6]]


def test_no_sum_of_rows_shown_is_of_fewer_than_five(floored: ClickHouse) -> None:
    """Every difference of sums of rows that a reader can see, over a day of five teams of many sizes."""
    truth: dict[tuple[str, int], set[int]] = {}
    for number, team in enumerate(("a", "b", "c", "d", "e")):
        for step in range(0, DAY, 97):
            people = [who for who in range(2 + 3 * number) if (step + who * 31 + number) % 5 < 2]
            if people:
                worked(floored, team, MONDAY + step, *people)
                truth[team, step] = set(people)
    spans = floored.query(
        "SELECT team_id, toUnixTimestamp(s.started_at), toUnixTimestamp(s.ended_at)"
        f" FROM ammeter.team_spans({WEEK}) AS s"
    ).rows
    atoms: list[tuple[str, set[int]]] = []
    for team, start, end in spans:
        steps = range(int(start) // 60 - MONDAY, int(end) // 60 - MONDAY)
        atoms.append((team, set().union(*(people for (of, at), people in truth.items() if of == team and at in steps))))
    assert atoms
    assert all(len(people) >= FLOOR for _, people in atoms)
    for (team, start, end), (other, begin, _) in combinations(spans, 2):
        assert team != other or begin >= end or start >= begin, "spans of a team do not overlap"


def test_sessions_are_shown_one_by_one_without_the_person(floored: ClickHouse) -> None:
    """Not floored, as docs/sql.md says: who must not see single sessions gets no grant on them."""
    put(floored, "sessions", (("s", 1), session(1, sums={c.PROMPTS: 1})))
    answer = floored.query("SELECT * FROM ammeter.sessions")
    assert len(answer.rows) == 1
    assert not {"user_id", "person_id", "install_id", "user_id_kind"} & set(answer.names)
