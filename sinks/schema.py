"""The schema as the engine shows it, and the tables of the documentation. Rule: both are what the migrations make."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from schemas.counters import OF_MINUTES, OF_SESSIONS, Counter
from sinks import render
from sinks.clickhouse import ClickHouse, connect
from sinks.columns import COUNTED
from sinks.functions import FUNCTIONS
from sinks.migrate import DEFAULT, Databases, migrate
from sinks.views import VIEWS

HEAD = "-- The schema that the migrations make, as ClickHouse shows it. Written by `python -m sinks`.\n"
BEGIN, END = "<!-- rendered: python -m sinks -->\n", "<!-- end -->\n"


def shown(store: ClickHouse, databases: Databases = DEFAULT) -> str:
    """schema.sql of a store that is up to date."""
    return HEAD + "".join(
        f"\n{store.query(f'SHOW CREATE {database}.{name}').rows[0][0]};\n"
        for database, name, _, _ in _relations(store, databases)
    )


def described(store: ClickHouse, databases: Databases = DEFAULT) -> str:
    """Every relation and column, as Markdown; the counters once."""
    text = "\n### Counters\n| column | unit | one of it is |\n|---|---|---|\n"
    text += "".join(f"| {each.name} | {each.unit} | {each.meaning}{_where(each)} |\n" for each in COUNTED)
    text += "\n### Functions\n| function | gives |\n|---|---|\n"
    text += "".join(
        f"| {databases.public}_{each.name}({', '.join(each.arguments)}) | {each.meaning} |\n" for each in FUNCTIONS
    )
    for database, name, comment, _ in _relations(store, databases):
        columns = store.query(
            "SELECT name, type, comment FROM system.columns WHERE database = {d:String} AND table = {t:String}"
            " ORDER BY position",
            {"d": database, "t": name},
        ).rows
        if name in _PARAMETERS:
            columns = [[column.name, column.type, column.meaning] for column in _PARAMETERS[name].columns]
        names = {column for column, _, _ in columns}
        text += f"\n### {database}.{name}\n{comment}"
        if name in _PARAMETERS:
            text += f" Asked as `{name}({', '.join(f'{each} = ...' for each in _PARAMETERS[name].parameters)})`."
        halves = "interactive_prompts" in names
        few = sorted(each for each in names if each.removeprefix("interactive_") in _COUNTER_NAMES)
        if 0 < len(few) < len(_COUNTER_NAMES) / 2:
            text += f" And the counters {', '.join(f'`{each}`' for each in few)}."
        elif "prompts" in names:
            text += " And all counters" + (", each also as `interactive_<counter>`." if halves else ".")
        text += "\n\n| column | type | meaning |\n|---|---|---|\n"
        for column, type_, meaning in columns:
            if column.removeprefix("interactive_") not in _COUNTER_NAMES:
                text += f"| {column} | {type_} | {meaning} |\n"
    return text


_PARAMETERS = {view.name: view for view in VIEWS if view.parameters}
_COUNTER_NAMES = {each.name for each in COUNTED}


def _where(counter: Counter) -> str:
    if counter.number in OF_SESSIONS:
        return " Of sessions only."
    return " Of minutes and windows only." if counter.number in OF_MINUTES else ""


def write(root: Path) -> Iterator[Path]:
    """Writes the rendered files beneath the project's root and says which changed."""
    for name, text in render.migrations():
        yield from _write(root / "sinks" / "migrations" / name, text)
    with tempfile.TemporaryDirectory() as folder:
        store = connect(folder)
        migrate(store)
        yield from _write(root / "sinks" / "schema.sql", shown(store))
        page = root / "docs" / "sql.md"
        before, _, rest = page.read_text().partition(BEGIN)
        yield from _write(page, before + BEGIN + described(store) + END + rest.partition(END)[2])
        store.close()


def _relations(store: ClickHouse, databases: Databases) -> list[list[str]]:
    """Database, name, comment, engine: what people read first, views before tables."""
    return store.query(
        "SELECT database, name, comment, engine FROM system.tables WHERE database IN ({a:String}, {b:String})"
        " ORDER BY database, engine != 'View', name",
        {"a": databases.public, "b": databases.private},
    ).rows


def _write(path: Path, text: str) -> Iterator[Path]:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        yield path
