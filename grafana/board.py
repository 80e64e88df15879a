"""
A board: its variables, and its panels laid out left to right on Grafana's 24 columns.

Rule: SQL is read from grafana/queries/<board>/<panel>.sql, never written in Python; figures may share a file.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grafana.colors import PALETTE
from grafana.fields import Json
from grafana.panels import DATASOURCE, Panel, Row, Text

COLUMNS = 24
QUERIES = Path(__file__).parent / "queries"
DASHBOARDS = Path(__file__).parent / "dashboards"
PERSONAL = Path(__file__).parent / "dashboards-private"
"""Boards about one person: Grafana never sees them, and `ammeter boards` shows them behind its login."""


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
    """Values that a query lists: first column the value, second the text."""

    name: str
    label: str
    several: bool = True
    """Whether several may be chosen, and all at first; else one, the first one at first."""
    in_range: bool = False
    """Whether the list depends on the time range."""

    def json(self) -> Json:
        """What is chosen at first is Grafana's choice unless it is all."""
        sql = read_query("variables", self.name)
        return {
            "type": "query",
            "name": self.name,
            "label": self.label,
            "datasource": DATASOURCE,
            "definition": sql,
            "query": {"editorType": "sql", "rawSql": sql},
            "refresh": 2 if self.in_range else 1,
            "sort": 0,
            "multi": self.several,
            "includeAll": self.several,
            "current": {"text": ["All"], "value": ["$__all"]} if self.several else {"text": "", "value": ""},
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
class Annotation:
    """Marks on every time axis of a board: its SQL gives time, timeEnd, title, text and tags."""

    name: str
    label: str
    color: str

    def json(self) -> Json:
        """The entry of `annotations.list`."""
        sql = read_query("annotations", self.name)
        return {
            "name": self.label,
            "datasource": DATASOURCE,
            "enable": True,
            "hide": False,
            "iconColor": PALETTE[self.color],
            "target": {"refId": "Anno", "editorType": "sql", "format": 1, "queryType": "table", "rawSql": sql},
        }


@dataclass(frozen=True)
class Board:
    """A dashboard that answers one question."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel | Text | Row, ...]
    variables: tuple[Variable, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    time_from: str = "now-6h"
    personal: bool = False
    """About one person: only `ammeter boards` shows it, and fills in whose rows it reads."""

    @property
    def file(self) -> Path:
        """Where its JSON is committed."""
        return (PERSONAL if self.personal else DASHBOARDS) / f"{self.uid}.json"

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
            "annotations": {"list": [annotation.json() for annotation in self.annotations]},
            "templating": {
                "list": [*fixed_variables(self.personal), *(variable.json() for variable in self.variables)]
            },
            "panels": self.laid_out(),
        }

    def laid_out(self) -> list[Json]:
        """Panels in reading order, each with an id and its place; a panel that does not fit begins a new line."""
        placed: list[Json] = []
        x = y = line = 0
        for number, panel in enumerate(self.panels, start=1):
            if x + panel.width > COLUMNS:
                x, y, line = 0, y + line, 0
            body = (
                panel.json(read_query(self.uid, panel.query or panel.name))
                if isinstance(panel, Panel)
                else panel.json()
            )
            place = {"h": panel.height, "w": panel.width, "x": x, "y": y}
            placed.append({"id": number, "gridPos": place, **body})
            x, line = x + panel.width, max(line, panel.height)
        return placed

    def text(self) -> str:
        """The file as it is committed."""
        return json.dumps(self.json(), indent=2, ensure_ascii=False) + "\n"


def fixed_variables(personal: bool) -> list[Json]:
    """Where the data are: the data source to choose, the databases to know."""
    databases = {"database": ("Database", "ammeter")}
    if personal:
        databases["private"] = ("Own rows", "ammeter_private")
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
        *(
            {
                "type": "constant",
                "name": name,
                "label": label,
                "query": database,
                "current": {"text": database, "value": database},
                "hide": 2,
                "skipUrlSync": True,
            }
            for name, (label, database) in databases.items()
        ),
    ]


def read_query(folder: str, name: str) -> str:
    """The SQL of a panel or variable, without the newline at its end."""
    return (QUERIES / folder / f"{name}.sql").read_text(encoding="utf-8").rstrip()
