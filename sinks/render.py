"""Renders the migrations of the schema's newest release. Rule: nobody edits what is rendered; an older one is history.

What runs on a store is sinks/migrations alone, in order of its numbers. The release before is in its files only, byte
by byte as it ran; this one brings tables and columns that are new, and says each view anew.
"""

from collections.abc import Iterator

from sinks.columns import RELEASE, Column
from sinks.functions import FUNCTIONS, Function
from sinks.relations import PUBLIC, Relation
from sinks.tables import TABLES
from sinks.tables_calls import FILLS
from sinks.views import VIEWS

FIRST_NUMBER = 29
"""Of the first migration of this release."""

SUCCESSORS = {"session_rows": "session_state_rows"}
"""Tables of the release before that another one follows, in another order: its rows move there."""


def migrations() -> Iterator[tuple[str, str]]:
    """File name and text of each migration of this release, in order."""
    named = []
    for relation in TABLES:
        if relation.since == RELEASE:
            named.append((f"table_{relation.name}", table(relation)))
        elif text := more(relation):
            named.append((f"more_{relation.name}", text))
    for old, new in SUCCESSORS.items():
        named += moved(old, next(relation for relation in TABLES if relation.name == new))
    for name, (table_filled, select) in FILLS.items():
        place = f"${{{table_filled.database}}}"
        filled = f"{place}.{table_filled.name}"
        named.append(
            (f"fill_{name}", f"CREATE MATERIALIZED VIEW IF NOT EXISTS {place}.{name} TO {filled} AS\n{select}")
        )
        columns = ", ".join(f"`{column.name}`" for column in table_filled.columns)
        named.append((f"fill_{table_filled.name}", f"INSERT INTO {filled} ({columns})\n{select}"))
    named += [(f"function_{each.name}", function(each)) for each in FUNCTIONS]
    named += [
        (f"view_{'team_grain_' if relation.database == PUBLIC else ''}{relation.name}", view(relation))
        for relation in VIEWS
    ]
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
    """ALTER TABLE with the columns that a table lacks, and what is said anew of those that it has; or nothing."""
    changes = [
        f"    ADD COLUMN IF NOT EXISTS {_declared(column, column.sql)}"
        for column in relation.columns
        if column.since == RELEASE
    ]
    changes += [
        f"    COMMENT COLUMN `{column.name}` {_quoted(column.meaning)}"
        for column in relation.columns
        if column.name in relation.retold
    ]
    return f"ALTER TABLE ${{{relation.database}}}.{relation.name}\n" + ",\n".join(changes) + "\n" if changes else ""


def moved(old: str, new: Relation) -> Iterator[tuple[str, str]]:
    """What brings the rows of a table into its successor; done twice, it is done once."""
    kept = [column for column in new.columns if column.since < RELEASE and column.sql != "EPHEMERAL"]
    names = ", ".join(f"`{column.name}`" for column in kept)
    place = f"${{{new.database}}}"
    yield f"fill_{new.name}", f"INSERT INTO {place}.{new.name} ({names})\nSELECT {names} FROM {place}.{old}\n"
    yield f"empty_{old}", f"TRUNCATE TABLE {place}.{old}\n"
    said = f"Empty since the release that brought {new.name}, where its rows are."
    yield f"retold_{old}", f"ALTER TABLE {place}.{old}\n    MODIFY COMMENT {_quoted(said)}\n"


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
