"""Every panel's, variable's and annotation's SQL, run by the store that people will ask."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from ammeter.boards.asked import Asked, Mine, whole_second
from ammeter.boards.dashboards import Dashboard, Panel, read_dashboards
from ammeter.boards.mine import Person
from ammeter.boards.views import picked
from ammeter.broker import free_ports
from grafana.board import DASHBOARDS, PERSONAL
from sinks.clickhouse_read import ClickHouseReader
from sinks.frame import Frame, QueryFailed
from tests.grafana.one_person import ME, MY_SESSION, SOMEBODY
from tests.grafana.organisation import TEAMS, TROUBLED
from tests.grafana.shown import DATABASE, Shown

Query = Mapping[str, list[str]]

CHOSEN = {"var-session": [MY_SESSION], "var-team": [TROUBLED]}
"""What the page chooses where one value must be chosen."""
ONE_TEAM = {**CHOSEN, "var-span": ["1440"], "from": ["now-24h"], "to": ["now"]}
A_SHORT_LOOK = {**CHOSEN, "from": ["now-6h"], "to": ["now"]}
"""As links from the board Now leave it."""
A_STRANGER = {
    "var-team": ["'); DROP TABLE shown.teams --", "\\"],
    "var-session": ["' OR 1=1 --"],
    "var-span": ["60') --"],
}
QUIET = {"Session", "Interventions", "Alerts"}
"""What may be empty on a plausible day: marks of things that do not happen daily."""
AXES = ("timeseries", "stat", "heatmap")


class Question(NamedTuple):
    """SQL as the store gets it, and what asks it."""

    board: str
    title: str
    kind: str
    sql: str
    is_personal: bool


def boards(database: str) -> Iterator[Dashboard]:
    """All of them, personal ones too."""
    yield from read_dashboards(DASHBOARDS, database).values()
    yield from read_dashboards(PERSONAL, database, is_personal=True).values()


def questions(database: str, now_ms: int, query: Query, person: str = ME) -> Iterator[Question]:
    """Each panel, variable and annotation; a board on which one team must be chosen has the troubled one."""
    mine = Mine(Person(person, (person,)), f"{database}_private")
    for board in boards(database):
        chosen = {name: values for name, values in query.items() if name != "var-team" or values != [TROUBLED]}
        if query.get("var-team") and ("team" in board.singles or query is not CHOSEN):
            chosen["var-team"] = query["var-team"]
        asked = Asked(board, chosen, now_ms, mine if board.is_personal else None)
        for panel in board.panels:
            yield Question(board.uid, panel.title, panel.kind, asked.sql(panel, now_ms), board.is_personal)
        for mark in board.annotations:
            yield Question(board.uid, mark.name, "annotation", asked.expand(mark.sql, now_ms), board.is_personal)
        for name, sql in board.options.items():
            yield Question(board.uid, name, "variable", asked.expand(sql, now_ms), board.is_personal)


def ask(url: str, sqls: list[str]) -> list[Frame]:
    """The answers of a port."""

    async def run() -> list[Frame]:
        reader = ClickHouseReader(url)
        try:
            return [await reader.query(sql) for sql in sqls]
        finally:
            await reader.close()

    return asyncio.run(run())


def answers(shown: Shown, database: str, query: Query, person: str = ME) -> list[tuple[Question, Frame]]:
    """Each question with its answer: the read-only port's, for personal boards that of the owner's."""
    asked = list(questions(database, whole_second(shown.organisation.end_ms), query, person))
    found = []
    for is_personal, url in ((False, shown.read_url), (True, shown.own_url)):
        some = [one for one in asked if one.is_personal == is_personal]
        found += list(zip(some, ask(url, [one.sql for one in some]), strict=True))
    return found


@pytest.fixture(scope="module")
def day(shown_store: Shown) -> list[tuple[Question, Frame]]:
    """The answers for a plausible day, with the boards' own choices."""
    return answers(shown_store, DATABASE, CHOSEN)


def of(day: list[tuple[Question, Frame]], board: str, title: str) -> Frame:
    """One of them."""
    return next(frame for one, frame in day if (one.board, one.title) == (board, title))


@pytest.mark.parametrize("query", [CHOSEN, ONE_TEAM, A_SHORT_LOOK], ids=["own-range", "one-team", "six-hours"])
def test_every_panel_has_an_answer_for_a_day_of_work(shown_store: Shown, query: Query) -> None:
    """On a plausible day every panel of every board has rows, and figures or words where it promises them.

    Also when a link from another board brings a shorter range than the board's own.
    """
    for one, frame in answers(shown_store, DATABASE, query):
        if one.title in QUIET or (query is not CHOSEN and (one.is_personal or one.board == "anomalies")):
            continue
        assert frame.columns, one
        assert frame.columns[0], one
        if one.kind in (*AXES, "barchart"):
            numbers = [column for column, kind in zip(frame.columns, frame.types, strict=True) if kind == "number"]
            assert any(value is not None for column in numbers for value in column), one


def test_every_panel_runs_on_the_empty_real_schema(shown_store: Shown) -> None:
    """Before anything was received, no SQL fails on the real views; their columns are as assumed."""
    assert len(answers(shown_store, "ammeter", CHOSEN)) > 100


def test_time_axes_begin_with_a_time_in_order(day: list[tuple[Question, Frame]]) -> None:
    """What Grafana reads as a time series has its time first, rising, and then names and figures."""
    for one, frame in day:
        if one.kind in AXES:
            assert frame.types[0] == "time", one
            assert frame.columns[0] == sorted(frame.columns[0], key=lambda at: at or 0), one
            assert set(frame.types[1:]) <= {"string", "number"}, one
        if one.kind == "state-timeline":
            assert frame.types == ("time", "string", "string", "string"), one


def test_a_timeline_ends_with_its_session(shown_store: Shown, day: list[tuple[Question, Frame]]) -> None:
    """After the last event nothing goes on; of a session that is open the last state holds."""
    times, *states = of(day, "session", "Timeline").columns
    shown_store.store.command(
        f"ALTER TABLE {DATABASE}_private.sessions_brief UPDATE is_open = 1 WHERE 1 SETTINGS mutations_sync = 1"
    )
    try:
        opened = of(answers(shown_store, DATABASE, CHOSEN), "session", "Timeline").columns
    finally:
        shown_store.store.command(
            f"ALTER TABLE {DATABASE}_private.sessions_brief UPDATE is_open = 0 WHERE 1 SETTINGS mutations_sync = 1"
        )

    assert [column[-1] for column in states] == ["", "", ""]
    assert [column[-2] for column in states] == [column[-1] for column in opened[1:]] == ["nobody", "commit", "fine"]
    assert times[-1] == times[-2] + 1  # type: ignore[operator]  # times are integers


def test_answers_fit_their_panels(day: list[tuple[Question, Frame]]) -> None:
    """The columns of an answer are those that its panel paints, names and links; a variable has value and text."""
    panels = {(board.uid, panel.title): panel for board in boards(DATABASE) for panel in board.panels}
    raw = {board.uid: {panel["title"]: panel for panel in board.json["panels"]} for board in boards(DATABASE)}
    for one, frame in day:
        if not frame.names:
            assert one.title in QUIET, one
        elif one.kind == "variable":
            assert frame.names == ("value", "text"), one
        elif one.kind == "annotation":
            assert frame.names == ("time", "timeEnd", "text", "title", "tags"), one
        else:
            panel = panels[one.board, one.title]
            shown = picked(frame, panel.figure)
            assert columns_that_are_missing(raw[one.board][one.title], panel, shown) == [], one


def columns_that_are_missing(raw: Mapping[str, object], panel: Panel, frame: Frame) -> list[str]:
    """Names that a panel's overrides mention and its answer lacks; of a chart also series without a colour."""
    field: dict[str, list[dict[str, dict[str, str]]]] = raw["fieldConfig"]  # type: ignore[assignment]  # JSON
    named = {override["matcher"]["options"] for override in field["overrides"]}
    missing = sorted(named - set(frame.names))
    if panel.kind in ("timeseries", "barchart"):
        missing += [name for name in frame.names[1:] if name not in named]
    return missing


def test_a_column_that_is_missing_is_noticed() -> None:
    """A series that no override paints, and an override of no column."""
    board = next(one for one in boards(DATABASE) if one.uid == "cost")
    panel = next(one for one in board.panels if one.title == "Cost a day")
    raw = next(one for one in board.json["panels"] if one["title"] == "Cost a day")

    frame = Frame(("time", "euros"), ("time", "number"), ([1], [2.0]))
    assert columns_that_are_missing(raw, panel, frame) == ["dollars", "euros"]


def not_floats(shown: Shown, sql: str) -> list[str]:
    """Columns of a query that are numbers but no Float64, which is what JavaScript can hold."""
    columns = shown.store.query(f"DESCRIBE ({sql})").rows
    others = [f"{name} {kind}" for name, kind, *_ in columns if "Int" in kind or "Decimal" in kind]
    return [column for column in others if "Map(" not in column]


def test_figures_are_floats(shown_store: Shown) -> None:
    """Every figure of every panel is a Float64; the check notices a sum that is not."""
    now_ms = whole_second(shown_store.organisation.end_ms)

    for one in questions(DATABASE, now_ms, CHOSEN):
        assert not_floats(shown_store, one.sql) == [], one
    assert not_floats(shown_store, f"SELECT sum(prompts) AS value FROM {DATABASE}.team_windows_brief") == [
        "value Int64"
    ]


def test_a_strangers_choice_does_nothing(shown_store: Shown) -> None:
    """Values that try to leave their quotes find no team and no session, and break nothing."""
    found = answers(shown_store, DATABASE, A_STRANGER)

    assert not any(of(found, "cost", "Teams").columns)
    assert not any(of(found, "team", "Tools").columns)
    assert not any(of(found, "session", "Every event").columns)
    assert shown_store.value(f"SELECT count() FROM {DATABASE}.teams") == len(TEAMS)


def test_nobody_sees_another_ones_sessions(shown_store: Shown) -> None:
    """Who asks for my session sees nothing of it, and in their list their own alone."""
    found = answers(shown_store, DATABASE, CHOSEN, person=SOMEBODY)

    assert not any(of(found, "session", "Every event").columns)
    assert not any(of(found, "session", "Lasted").columns)
    assert len(of(found, "my-sessions", "Session by session").columns[0]) == 1
    mine = next(frame for one, frame in found if one.kind == "variable" and one.board == "session")
    assert MY_SESSION not in mine.columns[0]


def test_figures_that_share_a_query_are_in_it(day: list[tuple[Question, Frame]]) -> None:
    """Each names a column of numbers; what is shared is asked once by the page."""
    for board in boards(DATABASE):
        figures = [panel for panel in board.panels if panel.figure]
        assert len({panel.sql for panel in figures}) <= len(figures) / 2
        for panel in figures:
            frame = of(day, board.uid, panel.title)
            assert frame.types[frame.names.index(panel.figure)] == "number", panel.title


def test_stats_are_the_window_that_the_stream_keeps(shown_store: Shown, day: list[tuple[Question, Frame]]) -> None:
    """Each stat of Now equals the window's own sum, and says which window it is of."""
    window = f"FROM {DATABASE}.team_windows_brief WHERE span = '1h'"

    for title, expression in {
        "API failures": "sum(api_failures) / sum(api_failures + responses)",
        "Cost": "sum(cost_usd)",
        "Tool failures": "sum(tool_failures) / sum(tool_calls)",
    }.items():
        _, words, values = of(day, "now", title).columns
        assert values[-1] == pytest.approx(shown_store.value(f"SELECT toFloat64({expression}) {window}")), title
        assert words[-1] == "last 1h"


def test_a_window_with_too_few_people_gives_way_to_a_longer_one(shown_store: Shown) -> None:
    """Where the chosen window may not be shown, the shortest that may is, and its name stands beside it."""
    windows, kept = f"{DATABASE}.team_windows_brief", f"{DATABASE}.kept"
    shown_store.store.command(f"CREATE TABLE {kept} ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM {windows}")
    shown_store.store.command(f"ALTER TABLE {windows} DELETE WHERE span = '1h' SETTINGS mutations_sync = 1")
    try:
        found = answers(shown_store, DATABASE, CHOSEN)
    finally:
        shown_store.store.command(f"TRUNCATE TABLE {windows}")
        shown_store.store.command(f"INSERT INTO {windows} SELECT * FROM {kept}")
        shown_store.store.command(f"DROP TABLE {kept}")

    assert of(found, "now", "Cost").columns[1] == ["last 24h"]
    assert set(of(found, "now", "Teams").columns[-1]) == {"24h"}


def test_the_store_refuses_in_its_own_words(shown_store: Shown) -> None:
    """A query that the store refuses, and one for what is private, fail with the store's sentence."""
    with pytest.raises(QueryFailed, match=r"Code: \d+.*nothing"):
        ask(shown_store.read_url, [f"SELECT nothing FROM {DATABASE}.teams"])
    with pytest.raises(QueryFailed, match="Code: "):
        ask(shown_store.read_url, ["SELECT count() FROM ammeter_private.user_minute_rows"])


def test_a_store_that_is_away_fails_in_words(shown_store: Shown) -> None:
    """A reader that cannot connect says so as any other failure; with the store there it answers."""

    async def run() -> None:
        reader = ClickHouseReader(f"http://127.0.0.1:{free_ports(1)[0]}")
        with pytest.raises(QueryFailed, match="could not be reached"):
            await reader.query("SELECT 1")
        await reader.close()
        found = ClickHouseReader(shown_store.read_url)
        assert (await found.query("SELECT toFloat64(1) AS one")).columns == ([1.0],)
        await found.close()

    asyncio.run(run())
