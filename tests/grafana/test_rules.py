"""The rules for dashboards: the committed ones keep them, and each rule notices a breach."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grafana.board import DASHBOARDS, PERSONAL, QUERIES, Variable
from grafana.boards import BOARDS
from grafana.panels import Panel
from tests.grafana import rules
from tests.grafana.rules import RULES, Json

FILES = sorted([*DASHBOARDS.glob("*.json"), *PERSONAL.glob("*.json")])
A_STAT, A_LINE = 0, -1


def panel(board: Json, place: int) -> Json:
    """A panel with a query: the first stat, or the last line chart."""
    kinds = ("stat",) if place == A_STAT else ("timeseries", "heatmap")
    figures = [one for one in board["panels"] if one["type"] in kinds]
    found: Json = figures[place]
    return found


def asks(variable: Variable) -> bool:
    """Whether a query lists its values."""
    return bool(variable.json()["type"] == "query")


def with_sql(place: int, sql: str) -> Callable[[Json], None]:
    """Plants SQL into a panel."""

    def plant(board: Json) -> None:
        panel(board, place)["targets"][0]["rawSql"] = sql

    return plant


def with_override(name: str, value: object) -> Callable[[Json], None]:
    """Plants a property of a column into a panel."""

    def plant(board: Json) -> None:
        override = {"matcher": {"id": "byName", "options": "value"}, "properties": [{"id": name, "value": value}]}
        panel(board, A_STAT)["fieldConfig"]["overrides"].append(override)

    return plant


def fixed_source(board: Json) -> None:
    panel(board, A_STAT)["datasource"] = {"type": rules.PLUGIN, "uid": "abc"}


def no_input(board: Json) -> None:
    board["__inputs"] = []


def same_ids(board: Json) -> None:
    board["panels"][1]["id"] = board["panels"][2]["id"]


def same_titles(board: Json) -> None:
    first, second, *_ = rules.asking(board)
    first["title"] = second["title"]


def no_question(board: Json) -> None:
    board["panels"][0]["options"]["content"] = "Figures."


def no_unit(board: Json) -> None:
    del panel(board, A_STAT)["fieldConfig"]["defaults"]["unit"]


def falling_thresholds(board: Json) -> None:
    panel(board, A_STAT)["fieldConfig"]["defaults"]["thresholds"]["steps"] = [
        {"color": "text", "value": None},
        {"color": "red", "value": 2},
        {"color": "yellow", "value": 1},
    ]


def traffic_light(board: Json) -> None:
    panel(board, A_STAT)["fieldConfig"]["defaults"]["thresholds"]["steps"] = [{"color": "green", "value": None}]


def no_reason(board: Json) -> None:
    panel(board, A_STAT)["fieldConfig"]["defaults"]["noValue"] = "No data"


def overlap(board: Json) -> None:
    board["panels"][2]["gridPos"] = board["panels"][1]["gridPos"]


def unknown_kind(board: Json) -> None:
    board["panels"][1]["type"] = "gauge"


def own_crosshair(board: Json) -> None:
    board["graphTooltip"] = 0


def placeholder(board: Json) -> None:
    board["title"] = "{{title}}"


PLANTED: dict[Callable[[Json], list[str]], tuple[Callable[[Json], None], ...]] = {
    rules.names_no_data_source: (fixed_source,),
    rules.asks_for_data_source_on_import: (no_input,),
    rules.is_named: (same_ids, same_titles),
    rules.says_its_question_first: (no_question,),
    rules.quotes_variables: (
        with_sql(A_STAT, "SELECT 1 FROM ${database}.t WHERE team IN (${team})"),
        with_sql(A_STAT, "SELECT 1 FROM ${database}.t WHERE team = '$team'"),
        with_sql(A_STAT, "SELECT 1 FROM ${database}.t WHERE team IN (${team:csv})"),
    ),
    rules.names_the_database: (
        with_sql(A_STAT, "SELECT 1 FROM ammeter.teams"),
        with_sql(A_STAT, "SELECT 1 FROM ${database}.t JOIN teams USING team_id"),
    ),
    rules.keeps_private_things_private: (
        with_sql(A_STAT, "SELECT user_id FROM ammeter_private.sessions"),
        with_sql(A_STAT, "SELECT person_id FROM ${database}.sessions"),
    ),
    rules.minds_the_time_range: (with_sql(A_LINE, "SELECT minute AS time, 1.0 AS value FROM ${database}.t"),),
    rules.has_units: (no_unit,),
    rules.has_sound_thresholds: (falling_thresholds,),
    rules.has_colors_of_their_meaning: (
        traffic_light,
        with_override("color", {"mode": "fixed", "fixedColor": "#ff0000"}),
    ),
    rules.marks_proxies: (with_sql(A_STAT, "SELECT sum(sessions_clean) FROM ${database}.team_minutes"),),
    rules.links_with_time: (
        with_override("links", [{"title": "Team", "url": "/d/team?var-team=${__value.raw}"}]),
        with_override("links", [{"title": "Away", "url": "https://example.org/?${__url_time_range}"}]),
    ),
    rules.says_why_it_is_empty: (no_reason,),
    rules.fits_the_grid: (overlap,),
    rules.is_of_known_kinds: (unknown_kind,),
    rules.behaves_alike: (own_crosshair,),
    rules.leaves_no_placeholder: (placeholder,),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_board_keeps_every_rule(file: Path, rule: Callable[[Json], list[str]]) -> None:
    """The committed dashboards have nothing that a rule forbids."""
    assert rule(json.loads(file.read_text())) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_bites(rule: Callable[[Json], list[str]]) -> None:
    """Each rule notices each breach that is planted for it, in each board that has such a panel."""
    planted = 0
    for file in FILES:
        for plant in PLANTED[rule]:
            board = copy.deepcopy(json.loads(file.read_text()))
            if rule is rules.minds_the_time_range and not any(one["type"] == "timeseries" for one in board["panels"]):
                continue
            plant(board)
            planted += 1
            assert rule(board), f"{plant.__name__} in {file.stem}"
    assert planted >= len(FILES) - 1


def test_the_committed_files_are_current() -> None:
    """What `python -m grafana` would write is what is committed, each board where it belongs."""
    assert {file: file.read_text() for file in FILES} == {board.file: board.text() for board in BOARDS}


def test_grafana_never_sees_a_personal_board() -> None:
    """What reads a person's rows lies where neither Grafana's provisioning nor its container looks."""
    personal = {file.stem for file in FILES if rules.is_personal(json.loads(file.read_text()))}
    root = QUERIES.parents[1]
    mounted = (root / "docker-compose.yml").read_text()

    assert personal == {"my-sessions", "session"}
    assert personal == {file.stem for file in PERSONAL.glob("*.json")}
    assert PERSONAL.name not in mounted
    assert f"./grafana/{DASHBOARDS.name}:" in mounted


def test_links_lead_to_boards_that_are_there() -> None:
    """Each link of a value names a board of ours; only a personal one leads to a personal one."""
    there = {board.uid for board in BOARDS if not board.personal}
    personal = {board.uid for board in BOARDS if board.personal}
    for board in BOARDS:
        found = rules.LINKED_BOARD_ANYWHERE.findall(board.text())
        assert set(found) <= there | (personal if board.personal else set()), board.uid


def test_every_query_file_is_used() -> None:
    """No SQL file is left behind when a panel goes."""
    used = {
        f"{board.uid}/{one.query or one.name}" for board in BOARDS for one in board.panels if isinstance(one, Panel)
    }
    used |= {f"variables/{variable.name}" for board in BOARDS for variable in board.variables if asks(variable)}
    used |= {f"annotations/{annotation.name}" for board in BOARDS for annotation in board.annotations}
    there = {str(file.relative_to(QUERIES).with_suffix("")) for file in QUERIES.rglob("*.sql")}

    assert there == used
