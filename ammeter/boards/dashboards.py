"""
Dashboards as committed for Grafana: what the page reads of them.

Rule: a board for everybody names no private relation, and a personal one none but by `${private}`; what breaks this is
refused before anything is served.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ammeter.boards.macros import ALL

ORDER = ("now", "team", "my-sessions", "session", "cost", "tools", "anomalies", "pipeline")
LONGEST_VALUE = 200
MOST_VALUES = 100
BOUND = "viewer"
"""The variable that the login alone fills."""


@dataclass(frozen=True)
class Panel:
    """A panel that asks something."""

    id: int
    kind: str
    title: str
    sql: str
    interval: str
    figure: str = ""
    """The one column that it shows beside the time, where panels share a query."""


@dataclass(frozen=True)
class Annotation:
    """Marks on all time axes of a board."""

    name: str
    color: str
    sql: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard and what the server itself needs of it."""

    uid: str
    title: str
    json: Mapping[str, Any]
    is_personal: bool
    """Whether it shows one person's figures, to that person."""
    panels: tuple[Panel, ...]
    """Those with a query, in the order of the page."""
    annotations: tuple[Annotation, ...]
    options: Mapping[str, str]
    """SQL of each query variable, by name."""
    singles: frozenset[str]
    """Query variables of which exactly one value is chosen, at first the first one."""
    choices: Mapping[str, tuple[tuple[str, ...], str]]
    """The allowed values and the default of each custom variable, by name."""
    texts: Mapping[str, str]
    """The default of each variable that is typed, by name."""
    constants: Mapping[str, str]

    @property
    def is_of_one(self) -> bool:
        """Whether it shows one thing of a person, which rarely fills a range."""
        return self.is_personal and bool(self.singles)

    def panel(self, panel_id: str) -> Panel | None:
        """The panel of this id that asks something, if there is one."""
        return next((panel for panel in self.panels if str(panel.id) == panel_id), None)

    def chosen(self, asked: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """The values of each variable for what a URL asks: unknown choices become the default, no choice is all."""
        values: dict[str, list[str]] = {}
        for name in self.options:
            some = [value[:LONGEST_VALUE] for value in asked.get(name, []) if value][:MOST_VALUES]
            some = [] if ALL in some or "All" in some else some
            values[name] = some[:1] if name in self.singles else some
        for name, (allowed, default) in self.choices.items():
            values[name] = [next((value for value in asked.get(name, []) if value in allowed), default)]
        for name, default in self.texts.items():
            values[name] = [next(iter(asked.get(name, [])), default)[:LONGEST_VALUE]]
        return values


def read_dashboards(folder: Path, database: str, *, is_personal: bool = False) -> dict[str, Dashboard]:
    """All dashboards of a folder by uid; `database` takes the place of the constant.

    Raises ValueError where one reads what it may not.
    """
    boards = [
        parse(json.loads(path.read_text(encoding="utf-8")), database, is_personal=is_personal)
        for path in folder.glob("*.json")
    ]
    return in_order({board.uid: board for board in boards})


def in_order(boards: Mapping[str, Dashboard]) -> dict[str, Dashboard]:
    """From the whole to the detail, as people ask; others follow by title."""
    place = {uid: number for number, uid in enumerate(ORDER)}
    return dict(sorted(boards.items(), key=lambda one: (place.get(one[0], len(ORDER)), one[1].title)))


def parse(board: dict[str, Any], database: str, *, is_personal: bool = False) -> Dashboard:
    """A dashboard's JSON, read once; raises ValueError."""
    variables = [one for one in board["templating"]["list"] if one["name"] != BOUND]
    queries = [one for one in variables if one["type"] == "query"]
    parsed = Dashboard(
        uid=board["uid"],
        title=board["title"],
        json=board,
        is_personal=is_personal,
        panels=tuple(
            Panel(
                panel["id"],
                panel["type"],
                panel["title"],
                panel["targets"][0]["rawSql"],
                panel.get("interval", ""),
                figure_of(panel),
            )
            for panel in sorted(board["panels"], key=lambda panel: (panel["gridPos"]["y"], panel["gridPos"]["x"]))
            if panel.get("targets")
        ),
        annotations=tuple(
            Annotation(one["name"], one.get("iconColor", "blue"), one["target"]["rawSql"])
            for one in board.get("annotations", {}).get("list", [])
            if one.get("enable", True) and one.get("target", {}).get("rawSql")
        ),
        options={one["name"]: one["query"]["rawSql"] for one in queries},
        singles=frozenset(one["name"] for one in queries if not one.get("multi") and not one.get("includeAll")),
        choices={
            one["name"]: (tuple(option["value"] for option in one["options"]), one["current"]["value"])
            for one in variables
            if one["type"] == "custom"
        },
        texts={one["name"]: str(one.get("query", "")) for one in variables if one["type"] == "textbox"},
        constants={
            one["name"]: one["query"] for one in variables if one["type"] == "constant" and one["name"] != "private"
        }
        | {"database": database},
    )
    check(parsed, database)
    return parsed


def figure_of(panel: Mapping[str, Any]) -> str:
    r"""
    The one column that a panel shows beside the time, as our boards name it; nothing: all.

    >>> figure_of({"options": {"reduceOptions": {"fields": r"/^success \(proxy\)$/"}}})
    'success (proxy)'
    >>> figure_of({"transformations": [{"id": "filterFieldsByName", "options": {"include": {"names": ["time", "a"]}}}]})
    'a'
    """
    for each in panel.get("transformations", ()):
        return str(each["options"]["include"]["names"][-1])
    fields = panel.get("options", {}).get("reduceOptions", {}).get("fields", "")
    return str(fields).removeprefix("/^").removesuffix("$/").replace("\\", "")


def check(board: Dashboard, database: str) -> None:
    """Raises ValueError where a board's SQL names private relations otherwise than it may."""
    for where, sql in statements(board):
        if f"{database}_private" in sql.lower() or "ammeter_private" in sql.lower():
            raise ValueError(f"{where} of the board {board.uid} names a private database: write ${{private}}.")
        if not board.is_personal and ("${private}" in sql or f"${{{BOUND}" in sql):
            raise ValueError(f"{where} of the board {board.uid}, which everybody may see, reads what is private.")


def statements(board: Dashboard) -> Iterator[tuple[str, str]]:
    """All SQL of a board, and where each stands."""
    yield from ((f"The panel {panel.title!r}", panel.sql) for panel in board.panels)
    yield from ((f"The variable {name!r}", sql) for name, sql in board.options.items())
    yield from ((f"The annotation {one.name!r}", one.sql) for one in board.annotations)
