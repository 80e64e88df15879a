"""
A board: its variables, and its panels laid out left to right on Grafana's 24 columns.

Rule: SQL is read from grafana/queries/<board>/<panel>.sql, never written in Python.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grafana.panels import DATASOURCE, Json, Panel, Row, Text

COLUMNS = 24
QUERIES = Path(__file__).parent / "queries"
DASHBOARDS = Path(__file__).parent / "dashboards"


class Variable(Protocol):
    """A choice at the top of a board, which SQL reads as `${name}`."""

    @property
    def name(self) -> str:
        """What stands between the braces."""
        ...

    def json(self) -> Json:
        """The entry of `templating.list`."""
        ...


@dataclass(frozen=True)
class QueryVariable:
    """Values that a query lists: first column the value, second the text; several may be chosen."""

    name: str
    label: str

    def json(self) -> Json:
        """All is chosen at first."""
        sql = read_query("variables", self.name)
        return {
            "type": "query",
            "name": self.name,
            "label": self.label,
            "datasource": DATASOURCE,
            "definition": sql,
            "query": {"editorType": "sql", "rawSql": sql},
            "refresh": 1,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "current": {"text": ["All"], "value": ["$__all"]},
            "options": [],
        }


@dataclass(frozen=True)
class CustomVariable:
    """One of a fixed list of (value, text)."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    default: str

    def json(self) -> Json:
        """The default is chosen at first."""
        options = [{"text": text, "value": value, "selected": value == self.default} for value, text in self.choices]
        return {
            "type": "custom",
            "name": self.name,
            "label": self.label,
            "query": ", ".join(f"{text} : {value}" for value, text in self.choices),
            "options": options,
            "current": next(option for option in options if option["selected"]),
            "multi": False,
            "includeAll": False,
        }


@dataclass(frozen=True)
class Board:
    """A dashboard that answers one question."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel | Text | Row, ...]
    variables: tuple[Variable, ...] = ()
    time_from: str = "now-6h"

    def json(self) -> Json:
        """The classic dashboard JSON, which Grafana provisions or imports."""
        return {
            # Only an import by hand reads __inputs: it asks for the data source, which then becomes the variable's.
            "__inputs": [
                {
                    "name": "DS_CLICKHOUSE",
                    "label": "ClickHouse",
                    "description": "The ClickHouse of Ammeter, by a user who may only read",
                    "type": "datasource",
                    "pluginId": DATASOURCE["type"],
                    "pluginName": "ClickHouse",
                }
            ],
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["ammeter"],
            "schemaVersion": 39,
            "version": 1,
            "editable": True,
            "graphTooltip": 2,
            "time": {"from": self.time_from, "to": "now"},
            "refresh": "5s",
            "timezone": "browser",
            "links": [
                {
                    "type": "dashboards",
                    "title": "Boards",
                    "tags": ["ammeter"],
                    "asDropdown": True,
                    "includeVars": True,
                    "keepTime": True,
                    "targetBlank": False,
                    "icon": "external link",
                    "tooltip": "",
                    "url": "",
                }
            ],
            "annotations": {"list": []},
            "templating": {"list": [*fixed_variables(), *(variable.json() for variable in self.variables)]},
            "panels": self.laid_out(),
        }

    def laid_out(self) -> list[Json]:
        """Panels in reading order, each with an id and its place; a panel that does not fit begins a new line."""
        placed: list[Json] = []
        x = y = line = 0
        for number, panel in enumerate(self.panels, start=1):
            if x + panel.width > COLUMNS:
                x, y, line = 0, y + line, 0
            body = panel.json(read_query(self.uid, panel.name)) if isinstance(panel, Panel) else panel.json()
            place = {"h": panel.height, "w": panel.width, "x": x, "y": y}
            placed.append({"id": number, "gridPos": place, **body})
            x, line = x + panel.width, max(line, panel.height)
        return placed

    def text(self) -> str:
        """The file as it is committed."""
        return json.dumps(self.json(), indent=2, ensure_ascii=False) + "\n"


def fixed_variables() -> list[Json]:
    """Where the data are: the data source to choose, the database to know."""
    return [
        {
            "type": "datasource",
            "name": "datasource",
            "label": "Data source",
            "query": DATASOURCE["type"],
            "current": {"text": "", "value": "${DS_CLICKHOUSE}"},
            "hide": 0,
            "includeAll": False,
            "multi": False,
            "options": [],
            "refresh": 1,
            "regex": "",
        },
        {
            "type": "constant",
            "name": "database",
            "label": "Database",
            "query": "ammeter",
            "current": {"text": "ammeter", "value": "ammeter"},
            "hide": 2,
            "skipUrlSync": True,
        },
    ]


def read_query(folder: str, name: str) -> str:
    """The SQL of a panel or variable, without the newline at its end."""
    return (QUERIES / folder / f"{name}.sql").read_text(encoding="utf-8").rstrip()
