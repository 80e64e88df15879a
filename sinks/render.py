"""Renders the first migrations. Rule: nobody edits what is rendered; once released it is history and stays as it is.

`python -m sinks` writes them, schema.sql and the tables of docs/sql.md.
"""

from collections.abc import Iterator

from sinks.columns import Column
from sinks.relations import ARRIVALS, PUBLIC, TABLES, VIEWS, Relation

DATABASE = "CREATE DATABASE IF NOT EXISTS ${%s}\n"
MIGRATIONS = """\
CREATE TABLE IF NOT EXISTS ${private}.migrations
(
    number UInt32 COMMENT 'Of the migration.',
    name String COMMENT 'Of its file.',
    digest String COMMENT 'SHA-256 of its text, so that an edited one is noticed.',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it ran.'
)
ENGINE = ReplacingMergeTree
ORDER BY number
COMMENT 'Migrations that ran.'
"""


def migrations() -> Iterator[tuple[str, str]]:
    """File name and text of each rendered migration, in order."""
    named = [
        ("database_private", "-- What holds raw events and person grain.\n" + DATABASE % "private"),
        ("database_public", "-- What everybody may read.\n" + DATABASE % "public"),
        ("table_migrations", MIGRATIONS),
    ]
    named += [(f"table_{relation.name}", table(relation)) for relation in TABLES]
    named.append(("fill_arrivals", "-- Fills arrival_rows with every insert.\n" + ARRIVALS))
    named += [
        (f"view_{'team_grain_' if relation.database == PUBLIC else ''}{relation.name}", view(relation))
        for relation in VIEWS
    ]
    for number, (name, text) in enumerate(named, 1):
        yield f"{number:04}_{name}.sql", text


def table(relation: Relation) -> str:
    """CREATE TABLE with every column's meaning."""
    return (
        f"CREATE TABLE IF NOT EXISTS ${{{relation.database}}}.{relation.name}\n(\n"
        + ",\n".join(f"    {_declared(column, column.sql)}" for column in relation.columns)
        + f"\n)\nENGINE = {relation.engine}\nCOMMENT {_quoted(relation.meaning)}\n"
    )


def view(relation: Relation) -> str:
    """CREATE VIEW: readers need no grant on what lies beneath it."""
    return (
        f"CREATE VIEW IF NOT EXISTS ${{{relation.database}}}.{relation.name}\n(\n"
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
