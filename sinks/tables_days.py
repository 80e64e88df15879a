"""What the store takes itself out of raw events and states of sessions, for who asks by day.

Rule: a row an event, of its few columns, by the day that it names; and of each session the days that it touches, so
that whoever asks for a day needs to look through other days for the few sessions only that lie on several.
"""

from typing import NamedTuple

from sinks.columns import Column
from sinks.relations import LAST_OFFSET, PRIVATE, WORD, Relation
from sinks.tables_calls import CALLS, SELECT

_DAY = "toDate(fromUnixTimestamp64Milli({of}, 'UTC'))"
_KEY = Column("session_key", "UInt64", "Hash of session_id.", "cityHash64(e.session_id)")
_EVENT = (
    Column("day", "Date", "When it occurred, as the client says it, UTC.", _DAY.format(of="e.occurred_at")),
    _KEY,
    Column("event", "UInt64", "Hash of the event_id.", "cityHash64(e.event_id)"),
    Column("partition", "UInt16", "Of session-events.", "e.partition"),
    Column("offset", "Int64", "Of the message.", "e.offset"),
    Column("at", "Int64", "When it occurred, as the client says it; milliseconds.", "e.occurred_at"),
)
_RANK = Column("rank", "UInt64", "Higher for an earlier message.", f"{LAST_OFFSET} - e.offset")
_SEEN = "e.type = 'sequence_seen'"
_NUMBERS = (
    *_EVENT,
    Column("low", "Int64", "The first number of the client's count.", f"if({_SEEN}, e.first, ifNull(e.sequence, 0))"),
    Column("high", "Int64", "The last.", f"if({_SEEN}, e.last, ifNull(e.sequence, 0))"),
    Column("number", "Int64", "How many it stands for.", f"if({_SEEN}, e.count, 1)"),
    _RANK,
)
_EDITS = (
    *_EVENT,
    Column("kind", WORD, "accept or reject.", "e.kind"),
    Column("tool_name", WORD, "The tool.", "e.tool_name"),
    Column("language", WORD, "Of the file, as the client says it.", "e.language"),
    Column("decision_source", WORD, "Who decided: config is a rule.", "e.decision_source"),
    Column("temporality", WORD, "delta, or cumulative: since started_at.", "e.temporality"),
    Column("series", "String", "What else tells the client's series apart.", "e.series"),
    Column("started_at", "Int64", "Since when it counts; milliseconds.", "e.started_at"),
    Column("value", "Int64", "Edits.", "e.value"),
    _RANK,
)
_DAYS = (
    _KEY,
    Column("first", "SimpleAggregateFunction(min, Date)", "The first day.", f"min({_DAY.format(of='e.occurred_at')})"),
    Column("last", "SimpleAggregateFunction(max, Date)", "The last day.", f"max({_DAY.format(of='e.occurred_at')})"),
)
_BY_DAY = "ReplacingMergeTree(rank)\nPARTITION BY toYYYYMM(day)\nORDER BY (day, session_key, event)"


def _table(name: str, meaning: str, columns: tuple[Column, ...], engine: str) -> Relation:
    return Relation(PRIVATE, name, meaning, tuple(each._replace(sql="") for each in columns), engine, since=3)


NUMBERS = _table(
    "number_rows",
    "Numbers that clients gave to events, by day, from which lost ones are told: filled from session_events.",
    _NUMBERS,
    _BY_DAY,
)
EDITS = _table(
    "edit_rows", "Decisions on edits that clients counted, by day: filled from session_events.", _EDITS, _BY_DAY
)
DAYS = _table(
    "session_day_rows",
    "First and last day of all that is stored of a session: filled from session_events and session_state_rows.",
    _DAYS,
    "AggregatingMergeTree ORDER BY session_key",
)
TABLES = (CALLS, NUMBERS, EDITS, DAYS)


class Fill(NamedTuple):
    """A materialized view: what it fills, with what; once also with what was there before it."""

    name: str
    table: Relation
    select: str


def _select(columns: tuple[Column, ...], source: str) -> str:
    return "SELECT\n" + ",\n".join(f"    {each.sql} AS `{each.name}`" for each in columns) + f"\nFROM {source}\n"


def days_of(states: str) -> str:
    """The days on which sessions began, by the rows of a table of states."""
    began = _DAY.format(of="e.started_at")
    columns = (_KEY, DAYS.columns[1]._replace(sql=began), DAYS.columns[2]._replace(sql=began))
    return _select(columns, f"${{private}}.{states} AS e")


_RAW = "${private}.session_events AS e"
FILLS = (
    Fill("calls", CALLS, SELECT),
    Fill("numbers", NUMBERS, _select(_NUMBERS, f"{_RAW}\nWHERE e.via = '' AND (isNotNull(e.sequence) OR {_SEEN})")),
    Fill(
        "edits",
        EDITS,
        _select(
            _EDITS,
            f"{_RAW}\nWHERE e.type = 'usage_reported' AND e.name = 'claude_code.code_edit_tool.decision'",
        ),
    ),
    Fill("days_of_events", DAYS, _select(_DAYS, f"{_RAW}\nGROUP BY session_key")),
    Fill("days_of_states", DAYS, days_of("session_state_rows")),
)
"""Materialized views; one that fills a table is made before what was there is put in, so that nothing is missed."""
