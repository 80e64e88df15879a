"""The rules for dashboards: the committed ones keep them, and each rule notices a breach."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grafana.board import DASHBOARDS, QUERIES
from grafana.boards import BOARDS
from tests.grafana import rules
from tests.grafana.rules import RULES, Json

FILES = sorted(DASHBOARDS.glob("*.json"))
A_STAT, A_LINE = 0, -1


def panel(board: Json, place: int) -> Json:
    """A panel with a query: the first stat, or the last line chart."""
    figures = [one for one in board["panels"] if one["type"] in ("stat", "timeseries")]
    found: Json = figures[place]
    return found


def with_sql(place: int, sql: str) -> Callable[[Json], None]:
    """Plants SQL into a panel."""

    def plant(board: Json) -> None:
        panel(board, place)["targets"][0]["rawSql"] = sql

    return plant


def fixed_source(board: Json) -> None:
    panel(board, A_STAT)["datasource"] = {"type": rules.PLUGIN, "uid": "abc"}


def no_input(board: Json) -> None:
    board["__inputs"] = []


def same_ids(board: Json) -> None:
    board["panels"][1]["id"] = board["panels"][2]["id"]


def no_question(board: Json) -> None:
    board["panels"][0]["options"]["content"] = "Figures."


def no_unit(board: Json) -> None:
    del panel(board, A_STAT)["fieldConfig"]["defaults"]["unit"]


def falling_thresholds(board: Json) -> None:
    panel(board, A_STAT)["fieldConfig"]["defaults"]["thresholds"]["steps"] = [
        {"color": "green", "value": None},
        {"color": "red", "value": 2},
        {"color": "yellow", "value": 1},
    ]


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
    rules.is_named: (same_ids,),
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
    rules.keeps_private_things_private: (with_sql(A_STAT, "SELECT user_id FROM ${database}.sessions"),),
    rules.minds_the_time_range: (with_sql(A_LINE, "SELECT minute AS time, 1.0 AS value FROM ${database}.t"),),
    rules.has_units: (no_unit,),
    rules.has_sound_thresholds: (falling_thresholds,),
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
    """Each rule notices each breach that is planted for it, in each board."""
    for file in FILES:
        for plant in PLANTED[rule]:
            board = copy.deepcopy(json.loads(file.read_text()))
            plant(board)
            assert rule(board), f"{plant.__name__} in {file.stem}"


def test_the_committed_files_are_current() -> None:
    """What `python -m grafana` would write is what is committed."""
    assert {file.name: file.read_text() for file in FILES} == {f"{board.uid}.json": board.text() for board in BOARDS}


def test_every_query_file_is_used() -> None:
    """No SQL file is left behind when a panel goes."""
    used = {f"{board.uid}/{one.name}" for board in BOARDS for one in board.panels if hasattr(one, "name")}
    used |= {f"variables/{variable.name}" for board in BOARDS for variable in board.variables}
    there = {str(file.relative_to(QUERIES).with_suffix("")) for file in QUERIES.rglob("*.sql")}

    assert there <= used
