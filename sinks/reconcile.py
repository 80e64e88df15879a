"""Compares what the stream says with what raw events say. Rule: one number, one definition; each difference is named.

Windows are compared for their own `as_of`, so the stream must be quiet. What time alone will still change (a session
that is about to close) is not called a difference.
"""

# ruff: noqa: S608 - only names of ours are put into SQL; what varies is a parameter

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from sinks import recompute
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, Databases
from sinks.recompute import IDLE, NAMES
from sinks.stored import ONE_SHOT_PARTITION

MARGIN = 60_000
"""A stage need not have let time pass more exactly than this, in milliseconds."""

SPANS = (("5m", 5), ("1h", 60), ("24h", 1440))

MOST = 1_000
"""Differences that are listed of one relation."""

_DURATIONS = ("tool_durations", "interactive_tool_durations")


class Difference(NamedTuple):
    """A figure that is not what the raw events say."""

    relation: str
    key: tuple[str, ...]
    column: str
    stored: str
    recomputed: str

    def __str__(self) -> str:
        where = ", ".join(self.key)
        return f"{self.relation} ({where}) {self.column}: stored {self.stored}, recomputed {self.recomputed}"


def reconcile(store: ClickHouse, databases: Databases = DEFAULT, now: int | None = None) -> list[Difference]:
    """Every difference, at most 1,000 a relation; none is how it must be. `now`: epoch milliseconds.

    Raises StoreError.
    """
    now = time.time_ns() // 1_000_000 if now is None else now
    passed = int(store.query(databases.fill(_PASSED)).rows[0][0]) // 1000
    parameters = {"until": passed, "now": now, "one_shot": ONE_SHOT_PARTITION}
    found: list[Difference] = []
    for relation, keys, sql in (
        ("sessions", 1, _sessions()),
        ("user_minutes", 3, _user_minutes()),
        ("user_windows", 3, _user_windows()),
        ("team_windows", 3, _team_windows()),
    ):
        found += _differences(relation, keys, store.query(databases.fill(sql), parameters).rows)
    return found


def _differences(relation: str, keys: int, rows: list[list[Any]]) -> Iterator[Difference]:
    for row in rows:
        for column, stored, recomputed in row[keys]:
            yield Difference(relation, tuple(map(str, row[:keys])), column, stored, recomputed)


_PASSED = """
SELECT max(version) FROM (
    SELECT version FROM ${private}.session_rows UNION ALL SELECT version FROM ${private}.user_minute_rows
    UNION ALL SELECT version FROM ${private}.user_window_rows UNION ALL SELECT version FROM ${private}.team_window_rows
)"""
"""Up to when the stages have let time pass, in microseconds."""


def _columns(halves: bool) -> list[str]:
    names = [name for each in NAMES for name in ((each, f"interactive_{each}") if halves else (each,))]
    return [*names, *(_DURATIONS if halves else _DURATIONS[:1])]


def _compared(keys: str, columns: list[str], stored: str, truth: str, on: str, where: str = "") -> str:
    """Rows that differ: their key, then (column, stored, recomputed) of each difference."""

    def of(table: str, column: str) -> str:
        """Maps with the same counts are the same in any order."""
        return f"mapSort({table}.{column})" if column in _DURATIONS else f"{table}.{column}"

    mine = ", ".join(of("s", column) for column in columns)
    theirs = ", ".join(of("t", column) for column in columns)
    each = ", ".join(f"('{column}', toString({of('s', column)}), toString({of('t', column)}))" for column in columns)
    return f"""
SELECT {keys}, arrayFilter(d -> d.2 != d.3, [{each}]) AS differences
FROM ({stored}) AS s FULL OUTER JOIN ({truth}) AS t ON {on}
WHERE ({mine}) != ({theirs}) {where}
ORDER BY {keys} LIMIT {MOST}"""


def _sessions() -> str:
    """`is_open` and `end_reason` are wrong only where time leaves no doubt."""
    columns = ["started_at", "ended_at", "user_id", "team_id", "source", "client_version", "entrypoint"]
    columns += ["install_id", *_columns(halves=False), "is_open", "end_reason"]
    stored = f"""SELECT session_id, toUnixTimestamp64Milli(a.started_at) AS started_at,
        toUnixTimestamp64Milli(a.ended_at) AS ended_at, user_id, toString(a.team_id) AS team_id,
        toString(source) AS source, toString(client_version) AS client_version, toString(entrypoint) AS entrypoint,
        install_id, {", ".join(_columns(halves=False))}, is_open, ifNull(a.end_reason, '') AS end_reason
        FROM ${{private}}.all_sessions AS a"""
    idle_at = f"r.seen_at + {IDLE}"
    truth = f"""SELECT r.session_id AS session_id, r.started_at AS started_at, r.ended_at AS ended_at,
        r.user_id AS user_id, r.team_id AS team_id, toString(r.source) AS source,
        toString(r.client_version) AS client_version, toString(r.entrypoint) AS entrypoint, r.install_id AS install_id,
        {", ".join(f"r.{name} AS {name}" for name in _columns(halves=False))},
        multiIf(r.is_ended, false, {idle_at} <= {{until:Int64}} - {MARGIN}, false,
            {idle_at} > {{now:Int64}}, true, o.is_open) AS is_open,
        multiIf(r.is_ended, r.reason, {idle_at} <= {{until:Int64}} - {MARGIN}, 'idle',
            {idle_at} > {{now:Int64}}, '', ifNull(o.end_reason, '')) AS end_reason
        FROM ({recompute.sessions()}) AS r LEFT JOIN ${{private}}.all_sessions AS o ON r.session_id = o.session_id"""
    key = "if(s.session_id = '', t.session_id, s.session_id)"
    return _compared(key, columns, stored, truth, "s.session_id = t.session_id")


def _user_minutes() -> str:
    columns = _columns(halves=True)
    stored = f"""SELECT user_id, toString(team_id) AS team_id, intDiv(toUnixTimestamp(minute), 60) AS at,
        {", ".join(columns)} FROM ${{private}}.user_minutes"""
    truth = f"""SELECT user_id, team_id, toUInt32(minute) AS at, {", ".join(columns)}
        FROM ({recompute.user_minutes()})"""
    keys = "if(s.user_id = '', t.user_id, s.user_id) AS user_id, if(s.user_id = '', t.team_id, s.team_id) AS team_id,"
    keys += " toDateTime(if(s.user_id = '', t.at, s.at) * 60, 'UTC') AS minute"
    return _keyed(keys, "user_id, team_id, minute", columns, stored, truth, "user_id", ("user_id", "team_id", "at"))


def _user_windows() -> str:
    columns = _columns(halves=True)
    stored = f"""SELECT user_id, toString(span) AS span, as_of, {", ".join(columns)} FROM ${{private}}.user_windows"""
    truth = f"""SELECT w.user_id AS user_id, w.span AS span, w.as_of AS as_of, {_summed(columns)}
        FROM (SELECT user_id, toString(span) AS span, span_minutes, as_of FROM ${{private}}.user_windows) AS w
        INNER JOIN ({recompute.user_minutes(stream_only=True)}) AS m ON w.user_id = m.user_id
        WHERE {_WITHIN} GROUP BY w.user_id, w.span, w.as_of"""
    keys = "if(s.user_id = '', t.user_id, s.user_id) AS user_id, if(s.user_id = '', t.span, s.span) AS span,"
    keys += " if(s.user_id = '', t.as_of, s.as_of) AS as_of"
    return _keyed(keys, "user_id, span, as_of", columns, stored, truth, "user_id", ("user_id", "span"))


def _team_windows() -> str:
    columns = [*_columns(halves=True), "people"]
    rows = "${private}.team_window_rows AS r FINAL"
    stored = f"""SELECT toString(r.team_id) AS team_id, toString(r.span) AS span, r.as_of AS as_of,
        {", ".join(f"r.{column} AS {column}" for column in columns)} FROM {rows}"""
    truth = f"""SELECT w.team_id AS team_id, w.span AS span, w.as_of AS as_of, {_summed(columns[:-1])},
        toInt64(uniqExactIf(m.user_id, m.user_id != 'unknown')) AS people
        FROM (SELECT toString(r.team_id) AS team_id, toString(r.span) AS span, r.span_minutes AS span_minutes,
            r.as_of AS as_of FROM {rows}) AS w
        INNER JOIN ({recompute.user_minutes(stream_only=True)}) AS m ON w.team_id = m.team_id
        WHERE {_WITHIN} GROUP BY w.team_id, w.span, w.as_of"""
    keys = "if(s.team_id = '', t.team_id, s.team_id) AS team_id, if(s.team_id = '', t.span, s.span) AS span,"
    keys += " if(s.team_id = '', t.as_of, s.as_of) AS as_of"
    return _keyed(keys, "team_id, span, as_of", columns, stored, truth, "team_id", ("team_id", "span"))


_WITHIN = """m.minute <= intDiv(toUnixTimestamp(w.as_of), 60)
        AND m.minute > intDiv(toUnixTimestamp(w.as_of), 60) - w.span_minutes"""


def _summed(columns: list[str]) -> str:
    return ", ".join(f"{'sumMap' if name in _DURATIONS else 'sum'}(m.{name}) AS {name}" for name in columns)


def _keyed(
    keys: str, order: str, columns: list[str], stored: str, truth: str, present: str, on: tuple[str, ...]
) -> str:
    joined = " AND ".join(f"s.{name} = t.{name}" for name in on)
    return _compared(keys, columns, stored, truth, joined).replace(f"ORDER BY {keys}", f"ORDER BY {order}")
