"""Every panel's SQL, run by the store that people will ask."""

import asyncio
from collections.abc import Iterator

import pytest

from ammeter.boards.dashboards import Dashboard, Panel, read_dashboards
from ammeter.boards.session import Asked, whole_second
from ammeter.broker import free_ports
from grafana.board import DASHBOARDS
from sinks.clickhouse_read import ClickHouseReader
from sinks.frame import Frame, QueryFailed
from tests.grafana.organisation import TEAMS, TROUBLED
from tests.grafana.shown import DATABASE, Shown

ONE_TEAM = {"var-team": [TROUBLED], "var-span": ["1440"], "from": ["now-24h"], "to": ["now"]}
A_STRANGER = {"var-team": ["'); DROP TABLE shown.teams --", "\\"], "var-span": ["60') --"]}


def panels(database: str) -> Iterator[tuple[Dashboard, Panel]]:
    """Each panel that asks something, with its board."""
    for board in read_dashboards(DASHBOARDS, database).values():
        for panel in board.panels:
            yield board, panel


def ask(shown: Shown, sqls: list[str]) -> list[Frame]:
    """The answers of the read-only port."""

    async def run() -> list[Frame]:
        reader = ClickHouseReader(shown.read_url)
        try:
            return [await reader.query(sql) for sql in sqls]
        finally:
            await reader.close()

    return asyncio.run(run())


def answers(shown: Shown, database: str, query: dict[str, list[str]]) -> dict[str, Frame]:
    """Each panel's answer, by board and title."""
    now_ms = whole_second(shown.organisation.end_ms)
    asked = {
        f"{board.uid}/{panel.title}/{panel.id}": Asked(board, query, now_ms).sql(panel, now_ms)
        for board, panel in panels(database)
    }
    return dict(zip(asked, ask(shown, list(asked.values())), strict=True))


@pytest.mark.parametrize("query", [{}, ONE_TEAM], ids=["all", "one-team"])
def test_every_panel_has_an_answer_for_a_day_of_work(shown_store: Shown, query: dict[str, list[str]]) -> None:
    """On a plausible day every panel of both boards has rows, and figures where it promises figures."""
    for name, frame in answers(shown_store, DATABASE, query).items():
        assert frame.columns, name
        assert frame.columns[0], name
        figures = [kind == "number" for kind in frame.types]
        assert any(figures), name
        assert any(
            value is not None
            for column, kind in zip(frame.columns, frame.types, strict=True)
            if kind == "number"
            for value in column
        ), name


def test_every_panel_runs_on_the_empty_real_schema(shown_store: Shown) -> None:
    """Before anything was received, no panel's SQL fails on the real views; their columns are as assumed."""
    assert len(answers(shown_store, "ammeter", {})) == len(list(panels("ammeter")))


def test_time_series_begin_with_a_time_in_order(shown_store: Shown) -> None:
    """What Grafana reads as a time series has its time first, rising, and one value beside time and label."""
    now_ms = whole_second(shown_store.organisation.end_ms)
    series = [
        Asked(board, {}, now_ms).sql(panel, now_ms)
        for board, panel in panels(DATABASE)
        if panel.kind in ("timeseries", "stat", "heatmap")
    ]
    for sql, frame in zip(series, ask(shown_store, series), strict=True):
        assert frame.types[0] == "time", sql
        assert frame.columns[0] == sorted(frame.columns[0], key=lambda at: at or 0), sql
        assert set(frame.types[1:]) <= {"string", "number"}, sql


def not_floats(shown: Shown, sql: str) -> list[str]:
    """Columns of a query that are numbers but no Float64, which is what JavaScript can hold."""
    columns = shown.store.query(f"DESCRIBE ({sql})").rows
    others = [f"{name} {kind}" for name, kind, *_ in columns if "Int" in kind or "Decimal" in kind]
    return [column for column in others if "Map(" not in column]


def test_figures_are_floats(shown_store: Shown) -> None:
    """Every figure of every panel is a Float64; the check notices a sum that is not."""
    now_ms = whole_second(shown_store.organisation.end_ms)

    for board, panel in panels(DATABASE):
        assert not_floats(shown_store, Asked(board, {}, now_ms).sql(panel, now_ms)) == [], panel.title
    assert not_floats(shown_store, f"SELECT sum(prompts) AS value FROM {DATABASE}.team_minutes") == ["value Int64"]


def test_a_strangers_choice_does_nothing(shown_store: Shown) -> None:
    """Values that try to leave their quotes find no team, change no answer of the rest, and break nothing."""
    found = answers(shown_store, DATABASE, A_STRANGER)
    teams = next(frame for name, frame in found.items() if "/Teams in the window/" in name)

    assert not any(teams.columns)
    assert shown_store.value(f"SELECT count() FROM {DATABASE}.teams") == len(TEAMS)


def test_stats_are_the_window_that_the_stream_keeps(shown_store: Shown) -> None:
    """The last point of each stat equals the window's own sum, though its trend comes from minutes."""
    found = {name.split("/")[1]: frame for name, frame in answers(shown_store, DATABASE, {}).items() if "live" in name}
    window = f"FROM {DATABASE}.team_windows WHERE span = '1h'"

    for title, expression in {
        "Prompts": "sum(prompts)",
        "API failures": "sum(api_failures)",
        "Cost": "sum(cost_micros) / 1e6",
        "People": "sum(people)",
    }.items():
        last = found[title].columns[1][-1]
        assert last == pytest.approx(shown_store.value(f"SELECT toFloat64({expression}) {window}")), title


def test_a_trend_of_minutes_meets_the_window(shown_store: Shown) -> None:
    """Added up from minutes, the moment before the last shows what the window shows: two ways, one figure."""
    frame = answers(shown_store, DATABASE, {})["teams-live/Prompts/3"]
    before, last = frame.columns[1][-2:]

    assert before == last


def test_the_store_refuses_in_its_own_words(shown_store: Shown) -> None:
    """A query that the store refuses, and one for what is private, fail with the store's sentence."""
    with pytest.raises(QueryFailed, match=r"Code: \d+.*nothing"):
        ask(shown_store, [f"SELECT nothing FROM {DATABASE}.teams"])
    with pytest.raises(QueryFailed, match="Code: "):
        ask(shown_store, ["SELECT count() FROM ammeter_private.user_minute_rows"])


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
