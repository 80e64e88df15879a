"""What a table or a view is, and the columns that several share. Rule: `${public}` and `${private}` are the databases.

The tables themselves stand in sinks/tables.py, the views in sinks/views*.py.
"""

from typing import NamedTuple

from sinks.columns import Column


class Relation(NamedTuple):
    """A table or a view: what one row of it is, its columns, and how it is made."""

    database: str
    name: str
    meaning: str
    columns: tuple[Column, ...]
    engine: str = ""
    """Of a table: engine, order, partitions."""
    source: str = ""
    """Of a view: all after its select list."""
    since: int = 1
    """Of a table: the release of the schema that brought it."""
    indexes: tuple[str, ...] = ()
    """Of a table: what lets a reader skip rows by something else than its order."""
    parameters: tuple[str, ...] = ()
    """Of a view: what who asks must give, `name(since = ..., until = ...)`; the engine keeps no columns of it."""

    @property
    def is_table(self) -> bool:
        """Whether it holds rows itself."""
        return bool(self.engine)


PUBLIC, PRIVATE = "public", "private"
MOMENT, MINUTE, WORD = "DateTime64(3, 'UTC')", "DateTime('UTC')", "LowCardinality(String)"

VERSION = Column("version", "UInt64", "Of the flush that wrote the row; the highest counts.")
PLACE = Column("version", "UInt64", "Rises along the log that the row came from; the highest counts.")
DELETED = Column("is_deleted", "UInt8", "1: taken back.")
DEFINITIONS = Column("definitions", "UInt32", "Version of the definitions it was counted by.")
USER = Column("user_id", "String", "Pseudonym of the person; 'unknown' where nobody was named in time.")
TEAM = Column("team_id", WORD, "Team; 'unassigned' where there is none.")
AT_MINUTE = Column("minute", MINUTE, "Minute in which the events occurred.")
SPAN = Column("span", WORD, "Length of the window: 5m, 1h or 24h.")
SPAN_MINUTES = Column("span_minutes", "UInt16", "Length of the window in minutes.")
AS_OF = Column("as_of", MINUTE, "Last minute of the window: it holds the minutes (as_of - span, as_of].")
OF_BOARDS = "with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small."
PEOPLE = "Distinct people active; 'unknown' is nobody."
LAST_OFFSET = 9223372036854775807
"""Of a log: a rank counts down from it, so that of copies the one with the highest rank is the earliest."""
DEFAULT_FLOOR = 5
FLOOR = f"(SELECT if(count() = 0, {DEFAULT_FLOOR}, max(value)) FROM ${{private}}.policy FINAL WHERE name = 'floor')"  # noqa: S608 - ours
"""Groups of fewer people are not shown; a group with nobody known in it is nobody's figure, and is."""


def moment(name: str, meaning: str, expression: str) -> Column:
    """Milliseconds of a table, as a time of a view."""
    return Column(name, MOMENT, meaning, f"fromUnixTimestamp64Milli({expression}, 'UTC')")


def shown(table: str, *columns: Column) -> tuple[Column, ...]:
    """Columns as the relation beneath has them; `table` is its alias."""
    return tuple(column._replace(sql=f"{table}.`{column.name}`") for column in columns)
