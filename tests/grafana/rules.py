"""What every dashboard file must hold, as functions from a dashboard's JSON to what is wrong with it."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
PLUGIN = "grafana-clickhouse-datasource"
UNITS = {"short", "percentunit", "currencyUSD", "ms", "bytes"}
KINDS = {"timeseries", "stat", "table", "barchart", "heatmap", "text", "row"}
SOURCES = re.compile(r"\b(?:FROM|JOIN)\s+(?!\(|toStartOfMinute\()(\S+)")
"""Tables; the FROM of WITH FILL names a moment instead."""
CONDITION_VARIABLE = re.compile(r", \$\w+\)")
BARE = re.compile(r"\$\{(?!database\}|\w+:singlequote\})\w+[^}]*\}|\$(?!__)\w+")


def queries(board: Json) -> Iterator[tuple[str, str]]:
    """The SQL of each variable and panel, with what asks it."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["rawSql"]
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["rawSql"]


def asking(board: Json) -> Iterator[Json]:
    """The panels with a query."""
    return (panel for panel in board["panels"] if panel.get("targets"))


def data_sources(node: Any) -> Iterator[Any]:
    """Every data source that is named anywhere."""
    if isinstance(node, dict):
        if "datasource" in node:
            yield node["datasource"]
        for value in node.values():
            yield from data_sources(value)
    elif isinstance(node, list):
        for value in node:
            yield from data_sources(value)


def names_no_data_source(board: Json) -> list[str]:
    """The data source is the variable's, nowhere a fixed one."""
    wanted = {"type": PLUGIN, "uid": "${datasource}"}
    return [f"fixed data source {found}" for found in data_sources(board) if found != wanted]


def asks_for_data_source_on_import(board: Json) -> list[str]:
    """An import by hand asks for a data source, and what is chosen becomes the variable's value."""
    inputs = [one["name"] for one in board.get("__inputs", []) if one.get("pluginId") == PLUGIN]
    chosen = [one["current"]["value"] for one in board["templating"]["list"] if one["type"] == "datasource"]
    return [] if len(inputs) == 1 and chosen == [f"${{{inputs[0]}}}"] else ["no input for the data source variable"]


def is_named(board: Json) -> list[str]:
    """Board and panels have the names by which links and people find them."""
    missing = [key for key in ("uid", "title", "description") if not board.get(key)]
    ids = [panel["id"] for panel in board["panels"]]
    return [
        *(f"board without {key}" for key in missing),
        *(["panel ids that are not unique"] if len(set(ids)) != len(ids) else []),
        *(
            f"panel {panel['id']} without {key}"
            for panel in asking(board)
            for key in ("title", "description")
            if not panel[key]
        ),
    ]


def says_its_question_first(board: Json) -> list[str]:
    """The first panel is a text with a question and with what not to use the board for."""
    first = board["panels"][0]
    text = first.get("options", {}).get("content", "")
    return [] if first["type"] == "text" and "?**" in text and "**Not for**" in text else ["no question at the top"]


def quotes_variables(board: Json) -> list[str]:
    """A variable enters SQL as `${name:singlequote}` only; the database is a constant."""
    asked = ((name, CONDITION_VARIABLE.sub(")", sql)) for name, sql in queries(board))
    return [f"{name}: {bare}" for name, sql in asked for bare in BARE.findall(sql)]


def names_the_database(board: Json) -> list[str]:
    """Each table is read from `${database}`, so that a cluster of others can hold it under another name."""
    tables = ((name, table) for name, sql in queries(board) for table in SOURCES.findall(without_comments(sql)))
    return [f"{name}: {table}" for name, table in tables if not table.startswith("${database}.")]


def keeps_private_things_private(board: Json) -> list[str]:
    """No board of everybody names a person or the private database."""
    return [name for name, sql in queries(board) if "user_id" in sql or "_private" in sql]


def minds_the_time_range(board: Json) -> list[str]:
    """A panel over time reads the range that the viewer chose."""
    over_time = (panel for panel in asking(board) if panel["type"] in ("timeseries", "heatmap"))
    return [panel["title"] for panel in over_time if "$__timeFilter(" not in panel["targets"][0]["rawSql"]]


def has_units(board: Json) -> list[str]:
    """Each figure has a unit that both Grafana and the page know, and says what no data means."""
    defaults = [(panel["title"], panel["fieldConfig"]["defaults"]) for panel in asking(board)]
    return [title for title, default in defaults if default.get("unit") not in UNITS or not default.get("noValue")]


def has_sound_thresholds(board: Json) -> list[str]:
    """Thresholds begin without a value and rise."""
    wrong = []
    for panel in asking(board):
        first, *others = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        values = [step["value"] for step in others]
        if first["value"] is not None or values != sorted(values):
            wrong.append(panel["title"])
    return wrong


def fits_the_grid(board: Json) -> list[str]:
    """Panels lie on 24 columns without overlapping."""
    taken: set[tuple[int, int]] = set()
    wrong = []
    for panel in board["panels"]:
        x, y, width, height = (panel["gridPos"][key] for key in ("x", "y", "w", "h"))
        cells = set(itertools.product(range(x, x + width), range(y, y + height)))
        if x + width > 24 or cells & taken:
            wrong.append(panel["title"])
        taken |= cells
    return wrong


def is_of_known_kinds(board: Json) -> list[str]:
    """Only panels that the page draws too."""
    return [panel["type"] for panel in board["panels"] if panel["type"] not in KINDS]


def behaves_alike(board: Json) -> list[str]:
    """All boards share the crosshair, refresh as Grafana allows, and lead to each other with time and choices kept."""
    links = [
        link for link in board["links"] if link["type"] == "dashboards" and link["includeVars"] and link["keepTime"]
    ]
    sound = board["graphTooltip"] == 2 and board["refresh"] == "5s" and board["schemaVersion"] >= 39
    return [] if sound and links and "ammeter" in board["tags"] else ["no shared crosshair, refresh, schema or links"]


def leaves_no_placeholder(board: Json) -> list[str]:
    """Nothing that a template forgot."""
    return re.findall(r"TODO|FIXME|\{\{\w*\}\}", json.dumps(board))


def without_comments(sql: str) -> str:
    """The SQL alone."""
    return re.sub(r"--[^\n]*", "", sql)


RULES: tuple[Callable[[Json], list[str]], ...] = (
    names_no_data_source,
    asks_for_data_source_on_import,
    is_named,
    says_its_question_first,
    quotes_variables,
    names_the_database,
    keeps_private_things_private,
    minds_the_time_range,
    has_units,
    has_sound_thresholds,
    fits_the_grid,
    is_of_known_kinds,
    behaves_alike,
    leaves_no_placeholder,
)
