"""
Expands a panel's SQL as Grafana and its ClickHouse plugin do.

Rule 1: the order is conditions, then macros, then variables, each once: what a value contains is never expanded.
Rule 2: a value enters SQL inside single quotes only, with quotes and backslashes escaped.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ammeter.boards.timerange import TimeRange

ALL = "$__all"
CONDITION = "$__conditionalAll("
MACRO = re.compile(r"\$__(\w+)")
VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)")
NAME = re.compile(r"\w+")

Variables = Mapping[str, Sequence[str]]


class MacroError(ValueError):
    """The SQL uses a macro or variable wrongly; the text says which."""


@dataclass(frozen=True)
class Context:
    """What macros and variables stand for: constants are the board's own, variables are what a viewer chose."""

    time: TimeRange
    interval_s: int
    variables: Variables
    constants: Mapping[str, str]


def expand(sql: str, context: Context) -> str:
    """The SQL as the store gets it; raises MacroError."""
    return replace_variables(expand_macros(expand_conditions(sql, context.variables), context), context)


def expand_conditions(sql: str, variables: Variables) -> str:
    """`$__conditionalAll(condition, $variable)` is `1=1` where all or nothing is chosen, else the condition."""
    while (start := sql.rfind(CONDITION)) != -1:
        arguments, end = arguments_at(sql, start + len(CONDITION) - 1)
        if len(arguments) != 2:
            raise MacroError(f"$__conditionalAll takes a condition and a variable, not {len(arguments)} arguments.")
        name = arguments[1].strip().strip("${}")
        if name not in variables:
            raise MacroError(f"$__conditionalAll names the unknown variable {arguments[1].strip()}.")
        chosen = variables[name]
        sql = sql[:start] + ("1=1" if not chosen or ALL in chosen else arguments[0].strip()) + sql[end:]
    return sql


def expand_macros(sql: str, context: Context) -> str:
    """Each `$__macro`, with its arguments where it has some."""
    done: list[str] = []
    place = 0
    while match := MACRO.search(sql, place):
        arity, render = MACROS.get(match[1], (0, None))
        if render is None:
            raise MacroError(f"There is no macro $__{match[1]}.")
        arguments, end = arguments_at(sql, match.end()) if arity else ([], match.end())
        if len(arguments) != arity:
            raise MacroError(f"$__{match[1]} takes {arity} arguments, not {len(arguments)}.")
        done += [sql[place : match.start()], render(context, *(argument.strip() for argument in arguments))]
        place = end
    return "".join([*done, sql[place:]])


def replace_variables(sql: str, context: Context) -> str:
    """`${name:singlequote}` is a list of quoted values, a constant is a bare name; anything else is an error."""

    def replacement(match: re.Match[str]) -> str:
        name, form = match[1] or match[3], match[2]
        if form == "singlequote" and name in context.variables:
            # Nothing is an empty string, as in Grafana: an empty list would be no SQL.
            return ",".join(quoted(value) for value in context.variables[name] or [""])
        if form is None and NAME.fullmatch(context.constants.get(name, "")):
            return context.constants[name]
        raise MacroError(f"{match[0]} is no constant and no known variable in :singlequote form.")

    return VARIABLE.sub(replacement, sql)


def quoted(value: str) -> str:
    r"""
    A value as a string of ClickHouse.

    >>> print(quoted("it's"))
    'it\'s'
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def arguments_at(sql: str, start: int) -> tuple[list[str], int]:
    """The arguments in the parentheses that open at `start`, split at their own commas, and where they end."""
    if sql[start : start + 1] != "(":
        return [], start
    arguments, depth, begin = [], 0, start + 1
    for place in range(start, len(sql)):
        if sql[place] == "(":
            depth += 1
        elif sql[place] == ")":
            depth -= 1
        if depth == 0 or (depth == 1 and sql[place] == ","):
            arguments.append(sql[begin:place])
            begin = place + 1
        if depth == 0:
            return arguments, place + 1
    raise MacroError("A macro's parenthesis is not closed.")


def seconds(ms: int) -> str:
    """A moment with the precision of seconds."""
    return f"toDateTime({ms // 1000})"


def milliseconds(ms: int) -> str:
    """A moment with the precision of milliseconds."""
    return f"fromUnixTimestamp64Milli({ms})"


def day(ms: int) -> str:
    """The day of a moment, UTC."""
    return f"toDate('{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}')"


def between(column: str, time: TimeRange, moment: Callable[[int], str]) -> str:
    """A column within the range, both ends included."""
    return f"{column} >= {moment(time.from_ms)} AND {column} <= {moment(time.to_ms)}"


def date_time(context: Context, date: str, time: str) -> str:
    """Both filters: the date prunes partitions, the time is exact."""
    return f"({between(date, context.time, day)}) AND ({between(time, context.time, seconds)})"


MACROS: Mapping[str, tuple[int, Callable[..., str]]] = {
    "fromTime": (0, lambda c: seconds(c.time.from_ms)),
    "toTime": (0, lambda c: seconds(c.time.to_ms)),
    "fromTime_ms": (0, lambda c: milliseconds(c.time.from_ms)),
    "toTime_ms": (0, lambda c: milliseconds(c.time.to_ms)),
    "timeFilter": (1, lambda c, column: between(column, c.time, seconds)),
    "timeFilter_ms": (1, lambda c, column: between(column, c.time, milliseconds)),
    "dateFilter": (1, lambda c, column: between(column, c.time, day)),
    "dateTimeFilter": (2, date_time),
    "dt": (2, date_time),
    "timeInterval": (1, lambda c, column: f"toStartOfInterval(toDateTime({column}), INTERVAL {c.interval_s} second)"),
    "timeInterval_ms": (
        1,
        lambda c, column: f"toStartOfInterval(toDateTime64({column}, 3), INTERVAL {c.interval_s * 1000} millisecond)",
    ),
    "interval_s": (0, lambda c: str(c.interval_s)),
}
