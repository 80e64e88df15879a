"""Renders the migrations of the schema's newest release. Rule: nobody edits what is rendered; an older one is history.

What runs on a store is sinks/migrations alone, in order of its numbers. The releases before are in their files only,
byte by byte as they ran; this one brings tables, columns and what fills them, as far as they are new, and says anew
what it says otherwise than they.
"""

from collections.abc import Iterator

from sinks.columns import RELEASE, Column
from sinks.functions import FUNCTIONS, Function
from sinks.migrate import all_migrations
from sinks.relations import PUBLIC, Relation
from sinks.tables import TABLES
from sinks.tables_days import FILLS, Fill
from sinks.views import VIEWS

FIRST_NUMBER = 95
"""Of the first migration of this release."""


def migrations() -> Iterator[tuple[str, str]]:
    """File name and text of each migration of this release, in order."""
    named = []
    for relation in TABLES:
        if relation.since == RELEASE:
            named.append((f"table_{relation.name}", table(relation)))
        elif text := more(relation):
            named.append((f"more_{relation.name}", text))
    for fill in FILLS:
        if fill.table.since == RELEASE:
            named += filled(fill)
    said = {each.name: each.text for each in all_migrations() if each.number < FIRST_NUMBER}
    anew = [(f"function_{each.name}", function(each)) for each in FUNCTIONS]
    anew += [
        (f"view_{'team_grain_' if relation.database == PUBLIC else ''}{relation.name}", view(relation))
        for relation in VIEWS
    ]
    named += [(name, text) for name, text in anew if said.get(name) != text]
    for number, (name, text) in enumerate(named, FIRST_NUMBER):
        yield f"{number:04}_{name}.sql", text


def table(relation: Relation) -> str:
    """CREATE TABLE with every column's meaning."""
    indexes = [f"    INDEX {index}" for index in relation.indexes]
    return (
        f"CREATE TABLE IF NOT EXISTS ${{{relation.database}}}.{relation.name}\n(\n"
        + ",\n".join((*(f"    {_declared(column, column.sql)}" for column in relation.columns), *indexes))
        + f"\n)\nENGINE = {relation.engine}\nCOMMENT {_quoted(relation.meaning)}\n"
    )


def more(relation: Relation) -> str:
    """ALTER TABLE with the columns that a table lacks; or nothing."""
    changes = [
        f"    ADD COLUMN IF NOT EXISTS {_declared(column, column.sql)}"
        for column in relation.columns
        if column.since == RELEASE
    ]
    return f"ALTER TABLE ${{{relation.database}}}.{relation.name}\n" + ",\n".join(changes) + "\n" if changes else ""


def filled(fill: Fill) -> Iterator[tuple[str, str]]:
    """What fills a table from now on, then what puts in what was there before; done twice, it is done once."""
    place = f"${{{fill.table.database}}}"
    target = f"{place}.{fill.table.name}"
    columns = ", ".join(f"`{column.name}`" for column in fill.table.columns)
    yield (
        f"fill_{fill.name}",
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {place}.{fill.name} TO {target} AS\n{fill.select}",
    )
    yield f"fill_{fill.name}_before", f"INSERT INTO {target} ({columns})\n{fill.select}"


def function(each: Function) -> str:
    """CREATE FUNCTION; of the whole store, so its name begins with the public database's."""
    return f"CREATE OR REPLACE FUNCTION ${{public}}_{each.name} AS ({', '.join(each.arguments)}) -> {each.sql}\n"


def view(relation: Relation) -> str:
    """CREATE VIEW: readers need no grant on what lies beneath it. One with parameters keeps no columns."""
    columns = ",\n".join(f"    {_declared(column)}" for column in relation.columns)
    return (
        f"CREATE OR REPLACE VIEW ${{{relation.database}}}.{relation.name}\n"
        + ("" if relation.parameters else f"(\n{columns}\n)\n")
        + f"DEFINER = CURRENT_USER SQL SECURITY DEFINER\nCOMMENT {_quoted(relation.meaning)}\nAS SELECT\n"
        + ",\n".join(f"    {column.sql} AS `{column.name}`" for column in relation.columns)
        + f"\n{relation.source}\n"
    )


def _declared(column: Column, default: str = "") -> str:
    words = (f"`{column.name}`", column.type, default, "COMMENT", _quoted(column.meaning))
    return " ".join(word for word in words if word)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
