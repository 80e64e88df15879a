"""Compares what the stream says with what raw events say. Rule: one number, one definition; each difference is named.

Windows are compared for their own `as_of`, so the stream must be quiet. What time alone will still change (a session
that is about to close) is not called a difference.
"""

# ruff: noqa: S608 - only names of ours are put into SQL; what varies is a parameter

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from schemas.counters import OTHER
from sinks import recompute
from sinks.clickhouse import ClickHouse
from sinks.columns import counters, distributions
from sinks.migrate import DEFAULT, Databases
from sinks.placing import SEGMENTS, placed_outcomes
from sinks.rebuilt import passed
from sinks.recompute import IDLE
from sinks.stored import ONE_SHOT_PARTITION

MARGIN = 60_000
"""A stage need not have let time pass more exactly than this, in milliseconds."""

MOST = 1_000
"""Differences that are listed of one relation."""

Sums = dict[int, int]


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
    """Every difference, of at most 1,000 rows a relation; none is how it must be. `now`: epoch milliseconds.

    Raises StoreError.
    """
    now = time.time_ns() // 1_000_000 if now is None else now
    parameters = {"until": passed(store, databases), "now": now, "one_shot": ONE_SHOT_PARTITION}
    scratch = f"{databases.private}.recomputed_{time.time_ns()}_"

    def filled(sql: str) -> str:
        sql = databases.fill(sql.replace("${scratch}", scratch))
        for name, value in parameters.items():
            sql = re.sub(rf"{{{name}:U?Int\d+}}", str(value), sql)
        return sql

    made = []
    try:
        for name, sql in recompute.STEPS:
            made.append(scratch + name)
            store.command(f"CREATE TABLE {made[-1]} ENGINE = MergeTree ORDER BY tuple() AS {filled(sql)}{_ANY_TYPE}")
        return list(_differences(store, filled))
    finally:
        for table in made:
            store.command(f"DROP TABLE IF EXISTS {table} SYNC")


_ANY_TYPE = "\nSETTINGS allow_suspicious_low_cardinality_types = 1"
"""What is compared with a word is a word's kind of number."""


def _differences(store: ClickHouse, filled: Callable[[str], str]) -> Iterator[Difference]:
    for relation, sql, halves in (
        ("sessions", _sessions(), False),
        ("user_minutes", _user_minutes(), True),
        ("user_windows", _user_windows(), True),
        ("team_windows", _team_windows(), True),
        ("session_outcomes", _outcomes(), False),
    ):
        for key, stored, recomputed, others in store.query(filled(sql)).rows:
            name = tuple(map(str, key))
            for each in others:
                yield Difference(relation, name, *each)
            for column, before, after in _figures(_sums(stored), _sums(recomputed), halves):
                yield Difference(relation, name, column, before, after)


def _sums(told: dict[str, Any]) -> Sums:
    return {int(number): int(amount) for number, amount in told.items()}


def _figures(stored: Sums, recomputed: Sums, halves: bool) -> Iterator[tuple[str, str, str]]:
    """Columns that differ, by their names: of all use, and where `halves`, of interactive use."""
    for prefix, shifts in (("", (0, OTHER)), *((("interactive_", (0,)),) if halves else ())):
        for counter in counters(halves):
            before, after = (sum(of.get(counter.number + shift, 0) for shift in shifts) for of in (stored, recomputed))
            if before != after:
                yield prefix + counter.name, str(before), str(after)
        for spread in distributions(halves):
            shown = []
            for of in (stored, recomputed):
                counts = {n: sum(of.get(spread.first + n + shift, 0) for shift in shifts) for n in range(OTHER)}
                shown.append(str({n: count for n, count in counts.items() if count}))
            if shown[0] != shown[1]:
                yield prefix + spread.name, shown[0], shown[1]


def _stored_sums(table: str, halves: bool) -> str:
    """Columns as the map that the stream sends; without halves, all use stands where interactive use would."""
    pairs = []
    for each in counters(halves):
        mine = f"{table}.interactive_{each.name}" if halves else f"{table}.{each.name}"
        pairs.append(f"toUInt16({each.number}), {mine}")
        if halves:
            pairs.append(f"toUInt16({each.number + OTHER}), {table}.{each.name} - {mine}")
    parts = [f"map({', '.join(pairs)})"]
    for spread in distributions(halves):
        mine = f"{table}.interactive_{spread.name}" if halves else f"{table}.{spread.name}"
        parts.append(f"mapApply((k, n) -> (toUInt16(k + {spread.first}), n), {mine})")
        if halves:
            rest = f"mapSubtract({table}.{spread.name}, {mine})"
            parts.append(f"mapApply((k, n) -> (toUInt16(k + {spread.first + OTHER}), n), {rest})")
    return _plain(f"mapConcat({', '.join(parts)})")


def _plain(sums: str) -> str:
    """Equal maps are equal in any order, and a zero is nothing."""
    return f"mapSort(mapFilter((k, n) -> n != 0, {sums}))"


def _compared(key: str, stored: str, truth: str, on: tuple[str, ...], others: tuple[str, ...] = ()) -> str:
    """Rows that differ: key, stored and recomputed sums, (column, stored, recomputed) of each other difference."""
    first = on[0]
    joined = " AND ".join(f"s.{name} = t.{name}" for name in on)
    pairs = ", ".join(f"('{name}', toString(s.{name}), toString(t.{name}))" for name in others)
    differ = (
        f"arrayFilter(d -> d.2 != d.3, [{pairs}])" if others else "CAST([], 'Array(Tuple(String, String, String))')"
    )
    keys = ", ".join(f"if(s.{first} = '', t.{name}, s.{name})" for name in key.split(", "))
    return f"""
SELECT [{keys}] AS key, s.sums AS stored, t.sums AS recomputed, {differ} AS others
FROM ({stored}) AS s FULL OUTER JOIN ({truth}) AS t ON {joined}
WHERE stored != recomputed OR notEmpty(others)
ORDER BY key LIMIT {MOST}"""


def _sessions() -> str:
    """`is_open` and `end_reason` are wrong only where time leaves no doubt."""
    shown = ("started_at", "ended_at", "user_id", "hint", "source", "client_version", "entrypoint", "install_id")
    plain = (*shown, "marks", "told", "has_end")
    stored = f"""SELECT session_id, toUnixTimestamp64Milli(a.started_at) AS started_at,
        toUnixTimestamp64Milli(a.ended_at) AS ended_at, user_id, if(hint = '', 'unassigned', hint) AS hint, source,
        client_version, entrypoint, install_id, mapSort(marks) AS marks, told, has_end, is_open,
        ifNull(a.end_reason, '') AS end_reason, {_stored_sums("a", halves=False)} AS sums
        FROM ${{private}}.all_sessions AS a"""
    both = _plain(f"mapAdd({_half(0)}, {_half(OTHER)})")
    idle_at = f"r.seen_at + {IDLE}"
    truth = f"""SELECT r.session_id AS session_id, {", ".join(f"r.{name} AS {name}" for name in plain)},
        {both} AS sums,
        multiIf(r.is_ended, false, {idle_at} <= {{until:Int64}} - {MARGIN}, false,
            {idle_at} > {{now:Int64}}, true, o.is_open) AS is_open,
        multiIf(r.is_ended, r.reason, {idle_at} <= {{until:Int64}} - {MARGIN}, 'idle',
            {idle_at} > {{now:Int64}}, '', ifNull(o.end_reason, '')) AS end_reason
        FROM ({recompute.sessions()}) AS r
        LEFT JOIN (SELECT session_id, is_open, end_reason FROM ${{private}}.all_sessions) AS o
            ON r.session_id = o.session_id"""
    return _compared("session_id", stored, truth, ("session_id",), (*plain, "is_open", "end_reason"))


def _outcomes() -> str:
    """Verdicts that hold: an older one of a session that went on means nothing. Lives are numbered as they began."""
    plain = ("user_id", "team_id", "outcome", "is_troubled", "signs", "confidence", "is_interactive")
    nothing = "CAST(map(), 'Map(UInt16, Int64)') AS sums"
    lives = f"""SELECT session_id, segment, is_open, closed_at,
        row_number() OVER (PARTITION BY session_id ORDER BY segment) AS life FROM {SEGMENTS}"""
    placed = placed_outcomes()
    stored = f"""SELECT v.session_id AS session_id, toString(l.life) AS life, v.user_id AS user_id,
        toString(v.placed_team) AS team_id, toString(v.outcome) AS outcome, v.is_troubled AS is_troubled,
        v.signs AS signs, toString(v.confidence) AS confidence, v.is_interactive AS is_interactive, {nothing}
        {placed.removesuffix("AS r")} AS v
        INNER JOIN ({lives}) AS l ON l.session_id = v.session_id AND l.segment = v.segment
        WHERE NOT l.is_open AND v.judged_at >= l.closed_at"""
    truth = f"""SELECT b.session_id AS session_id, toString(b.life) AS life,
        {", ".join(f"b.{name} AS {name}" for name in plain)}, {nothing} FROM ({recompute.outcomes()}) AS b"""
    return _compared("session_id, life", stored, truth, ("session_id", "life"), plain)


def _half(shift: int) -> str:
    """One half of recomputed sums, numbered as the interactive one."""
    mine = f"bitAnd(k, {OTHER}) = {shift}"
    return f"mapApply((k, n) -> (toUInt16(k - {shift}), n), mapFilter((k, n) -> {mine}, r.sums))"


_MINUTE = "toString(toDateTime({} * 60, 'UTC'))"


def _user_minutes() -> str:
    stored = f"""SELECT a.user_id AS user_id, toString(a.team_id) AS team_id, toString(a.minute) AS minute,
        {_stored_sums("a", halves=True)} AS sums FROM ${{private}}.user_minutes AS a"""
    truth = f"""SELECT b.user_id AS user_id, b.team_id AS team_id, {_MINUTE.format("b.minute")} AS minute,
        {_plain("b.sums")} AS sums FROM ({recompute.user_minutes()}) AS b"""
    return _compared("user_id, team_id, minute", stored, truth, ("user_id", "team_id", "minute"))


def _user_windows() -> str:
    windows = "SELECT user_id, toString(span) AS span, span_minutes, as_of FROM ${private}.user_windows"
    stored = f"""SELECT a.user_id AS user_id, toString(a.span) AS span, toString(a.as_of) AS as_of,
        {_stored_sums("a", halves=True)} AS sums FROM ${{private}}.user_windows AS a"""
    return _compared("user_id, span, as_of", stored, _true_windows("user_id", windows), ("user_id", "span"))


def _team_windows() -> str:
    rows = "${private}.team_window_rows AS r FINAL"
    windows = f"SELECT toString(r.team_id) AS team_id, toString(r.span) AS span, r.span_minutes, r.as_of FROM {rows}"
    stored = f"""SELECT toString(r.team_id) AS team_id, toString(r.span) AS span, toString(r.as_of) AS as_of,
        r.people AS people, {_stored_sums("r", halves=True)} AS sums FROM {rows}"""
    truth = _true_windows("team_id", windows)
    return _compared("team_id, span, as_of", stored, truth, ("team_id", "span"), ("people",))


def _true_windows(key: str, windows: str) -> str:
    """Recomputed minutes summed up as each stored window says that it is of."""
    return f"""SELECT w.{key} AS {key}, w.span AS span, toString(w.as_of) AS as_of,
        uniqExactIf(m.user_id, m.user_id != 'unknown') AS people, {_plain("sumMap(m.sums)")} AS sums
        FROM ({windows}) AS w INNER JOIN ({recompute.user_minutes(stream_only=True)}) AS m ON w.{key} = m.{key}
        WHERE m.minute <= intDiv(toUnixTimestamp(w.as_of), 60)
            AND m.minute > intDiv(toUnixTimestamp(w.as_of), 60) - w.span_minutes
        GROUP BY w.{key}, w.span, w.as_of"""
