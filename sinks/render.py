"""Renders the migrations of the schema's newest release. Rule: nobody edits what is rendered; an older one is history.

What runs on a store is sinks/migrations alone, in order of its numbers. The release before is in its files only, byte
by byte as it ran; this one brings tables and columns that are new, and says each view anew.
"""

from collections.abc import Iterator

from sinks.columns import RELEASE, Column
from sinks.relations import PUBLIC, Relation
from sinks.tables import TABLES
from sinks.views import VIEWS

FIRST_NUMBER = 29
"""Of the first migration of this release."""


def migrations() -> Iterator[tuple[str, str]]:
    """File name and text of each migration of this release, in order."""
    named = []
    for relation in TABLES:
        if relation.since == RELEASE:
            named.append((f"table_{relation.name}", table(relation)))
        elif text := more(relation):
            named.append((f"more_{relation.name}", text))
    named += [
        (f"view_{'team_grain_' if relation.database == PUBLIC else ''}{relation.name}", view(relation))
        for relation in VIEWS
    ]
    for number, (name, text) in enumerate(named, FIRST_NUMBER):
        yield f"{number:04}_{name}.sql", text


def table(relation: Relation) -> str:
    """CREATE TABLE with every column's meaning."""
    return (
        f"CREATE TABLE IF NOT EXISTS ${{{relation.database}}}.{relation.name}\n(\n"
        + ",\n".join(f"    {_declared(column, column.sql)}" for column in relation.columns)
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


def view(relation: Relation) -> str:
    """CREATE VIEW: readers need no grant on what lies beneath it."""
    return (
        f"CREATE OR REPLACE VIEW ${{{relation.database}}}.{relation.name}\n(\n"
        + ",\n".join(f"    {_declared(column)}" for column in relation.columns)
        + f"\n)\nDEFINER = CURRENT_USER SQL SECURITY DEFINER\nCOMMENT {_quoted(relation.meaning)}\nAS SELECT\n"
        + ",\n".join(f"    {column.sql} AS `{column.name}`" for column in relation.columns)
        + f"\n{relation.source}\n"
    )


def _declared(column: Column, default: str = "") -> str:
    words = (f"`{column.name}`", column.type, default, "COMMENT", _quoted(column.meaning))
    return " ".join(word for word in words if word)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
