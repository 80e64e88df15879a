"""What every dashboard file must hold, as functions from a dashboard's JSON to what is wrong with it."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from grafana.colors import MEANINGS, color_of

Json = dict[str, Any]
PLUGIN = "grafana-clickhouse-datasource"
UNITS = {"short", "percentunit", "currencyUSD", "ms", "bytes"}
KINDS = {"timeseries", "stat", "table", "barchart", "heatmap", "state-timeline", "text", "row"}
PAINTED = ("timeseries", "barchart")
STATUS = {"text", "yellow", "red"}
RANGE_PARAMETERS = ("from", "to")
SOURCES = re.compile(r"(?:\bFROM|\bARRAY JOIN|\bJOIN)\s+(?!\()(\S+)")
"""Tables; an ARRAY JOIN names an array instead."""
DATABASES = ("${database}.", "${private}.")
CONDITION_VARIABLE = re.compile(r", \$\w+\)")
BARE = re.compile(r"\$\{(?!(?:database|private)\}|\w+:singlequote\})\w+[^}]*\}|\$(?!__)\w+")
PROXIES = re.compile(
    r"sessions_(?:verified|clean|given_up|left|restarted|troubled)|\boutcome\b|is_troubled|work_modes_daily|_proxy\b"
)
LINKED_BOARD = re.compile(r"^/d/([\w-]+)\?")
LINKED_BOARD_ANYWHERE = re.compile(r"\"/d/([\w-]+)\?")


def queries(board: Json) -> Iterator[tuple[str, str]]:
    """The SQL of each variable, annotation and panel, with what asks it."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["rawSql"]
    for annotation in board["annotations"]["list"]:
        yield annotation["name"], annotation["target"]["rawSql"]
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["rawSql"]


def is_personal(board: Json) -> bool:
    """Whether it shows one person's rows: then it knows the database that holds them."""
    return any(variable["name"] == "private" for variable in board["templating"]["list"])


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
    titles = [panel["title"] for panel in asking(board)]
    return [
        *(f"board without {key}" for key in missing),
        *(["panel ids that are not unique"] if len(set(ids)) != len(ids) else []),
        *(["titles that are not unique"] if len(set(titles)) != len(titles) else []),
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
    tables = (
        (name, table)
        for name, sql in queries(board)
        for table in SOURCES.findall(re.sub(r"ARRAY JOIN", "", without_comments(sql)))
    )
    return [f"{name}: {table}" for name, table in tables if not table.startswith(DATABASES)]


def keeps_private_things_private(board: Json) -> list[str]:
    """No board for everybody names a person or the private database; a personal one reads what is bound to a person."""
    if is_personal(board):
        return [name for name, sql in queries(board) if "_private" in sql or "${private}." not in sql]
    return [name for name, sql in queries(board) if re.search(r"user_id|person_id|private|session_id", sql)]


def minds_the_time_range(board: Json) -> list[str]:
    """A panel over time reads the range that the viewer chose."""
    over_time = (panel for panel in asking(board) if panel["type"] in ("timeseries", "heatmap"))
    return [panel["title"] for panel in over_time if "$__timeFilter" not in panel["targets"][0]["rawSql"]]


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


def has_colors_of_their_meaning(board: Json) -> list[str]:
    """Each series has the colour of its name, on all boards; thresholds have those of a status."""
    wrong = []
    for panel in asking(board):
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        wrong += [f"{panel['title']}: {step['color']}" for step in steps if step["color"] not in STATUS]
        fixed = {
            override["matcher"]["options"]: one["value"]["fixedColor"]
            for override in panel["fieldConfig"]["overrides"]
            for one in override["properties"]
            if one["id"] == "color"
        }
        wrong += [f"{panel['title']}: {name}" for name, color in fixed.items() if color != color_of(name)]
        if panel["type"] in PAINTED and (not fixed or not set(fixed) <= set(MEANINGS)):
            wrong.append(f"{panel['title']}: a series without a meaning")
    return wrong


def marks_proxies(board: Json) -> list[str]:
    """What reads a proxy says so: in the panel's title, or in the name of the column."""
    wrong = []
    for panel in asking(board):
        sql = panel["targets"][0]["rawSql"]
        if PROXIES.search(without_comments(sql)) and "(proxy)" not in panel["title"] + sql.partition("\n")[2]:
            wrong.append(panel["title"])
    return wrong


def links_with_time(board: Json) -> list[str]:
    """A link of a value leads to a board of ours with a range: the present one, or that of the thing it is about."""
    links = [
        link["url"]
        for panel in asking(board)
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "links"
        for link in one["value"]
    ]
    return [
        url
        for url in links
        if not LINKED_BOARD.match(url)
        or not ("${__url_time_range}" in url or all(f"&{name}=" in url for name in RANGE_PARAMETERS))
    ]


def says_why_it_is_empty(board: Json) -> list[str]:
    """What stands where there is nothing is a reason of the panel's own, not the default."""
    return [
        panel["title"]
        for panel in asking(board)
        if panel["fieldConfig"]["defaults"].get("noValue", "") in ("", "No data", "Nothing in this time range")
    ]


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
    has_colors_of_their_meaning,
    marks_proxies,
    links_with_time,
    says_why_it_is_empty,
    fits_the_grid,
    is_of_known_kinds,
    behaves_alike,
    leaves_no_placeholder,
)
