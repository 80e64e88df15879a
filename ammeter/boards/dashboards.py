"""Dashboards as committed for Grafana: what the page reads of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ammeter.boards.macros import ALL

FIRST = "teams-live"
LONGEST_VALUE = 200
MOST_VALUES = 100


@dataclass(frozen=True)
class Panel:
    """A panel that asks something."""

    id: int
    kind: str
    title: str
    sql: str
    interval: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard and what the server itself needs of it."""

    uid: str
    title: str
    json: Mapping[str, Any]
    panels: tuple[Panel, ...]
    """Those with a query, in the order of the page."""
    options: Mapping[str, str]
    """SQL of each query variable, by name."""
    choices: Mapping[str, tuple[tuple[str, ...], str]]
    """The allowed values and the default of each custom variable, by name."""
    constants: Mapping[str, str]

    def panel(self, panel_id: str) -> Panel | None:
        """The panel of this id that asks something, if there is one."""
        return next((panel for panel in self.panels if str(panel.id) == panel_id), None)

    def chosen(self, asked: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """The values of each variable for what a URL asks: unknown choices become the default, no choice is all."""
        values: dict[str, list[str]] = {}
        for name in self.options:
            some = [value[:LONGEST_VALUE] for value in asked.get(name, []) if value][:MOST_VALUES]
            values[name] = [] if ALL in some or "All" in some else some
        for name, (allowed, default) in self.choices.items():
            values[name] = [next((value for value in asked.get(name, []) if value in allowed), default)]
        return values


def read_dashboards(folder: Path, database: str) -> dict[str, Dashboard]:
    """All dashboards of a folder by uid, the first one first; `database` takes the place of the constant."""
    boards = [parse(json.loads(path.read_text(encoding="utf-8")), database) for path in folder.glob("*.json")]
    boards.sort(key=lambda board: (board.uid != FIRST, board.title))
    return {board.uid: board for board in boards}


def parse(board: dict[str, Any], database: str) -> Dashboard:
    """A dashboard's JSON, read once."""
    variables = board["templating"]["list"]
    return Dashboard(
        uid=board["uid"],
        title=board["title"],
        json=board,
        panels=tuple(
            Panel(panel["id"], panel["type"], panel["title"], panel["targets"][0]["rawSql"], panel.get("interval", ""))
            for panel in sorted(board["panels"], key=lambda panel: (panel["gridPos"]["y"], panel["gridPos"]["x"]))
            if panel.get("targets")
        ),
        options={one["name"]: one["query"]["rawSql"] for one in variables if one["type"] == "query"},
        choices={
            one["name"]: (tuple(option["value"] for option in one["options"]), one["current"]["value"])
            for one in variables
            if one["type"] == "custom"
        },
        constants={one["name"]: one["query"] for one in variables if one["type"] == "constant"}
        | {"database": database},
    )
