"""Macros and variables, against what Grafana's ClickHouse plugin writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ammeter.boards.macros import ALL, Context, MacroError, expand, quoted
from ammeter.boards.timerange import TimeRange

FROM_MS, TO_MS = 1_767_225_600_000, 1_767_229_200_500  # 2026-01-01 00:00:00 to 01:00:00.5


def context(**variables: list[str]) -> Context:
    """An hour in intervals of a minute."""
    return Context(TimeRange(FROM_MS, TO_MS), 60, {"team": [], **variables}, {"database": "ammeter"})


@pytest.mark.parametrize(
    ("sql", "expanded"),
    [
        ("$__fromTime", "toDateTime(1767225600)"),
        ("$__toTime", "toDateTime(1767229200)"),
        ("$__fromTime_ms", "fromUnixTimestamp64Milli(1767225600000)"),
        ("$__toTime_ms", "fromUnixTimestamp64Milli(1767229200500)"),
        ("$__timeFilter(at)", "at >= toDateTime(1767225600) AND at <= toDateTime(1767229200)"),
        (
            "$__timeFilter_ms(at)",
            "at >= fromUnixTimestamp64Milli(1767225600000) AND at <= fromUnixTimestamp64Milli(1767229200500)",
        ),
        ("$__dateFilter(day)", "day >= toDate('2026-01-01') AND day <= toDate('2026-01-01')"),
        (
            "$__dt(day, at)",
            "(day >= toDate('2026-01-01') AND day <= toDate('2026-01-01')) AND "
            "(at >= toDateTime(1767225600) AND at <= toDateTime(1767229200))",
        ),
        ("$__timeInterval(at)", "toStartOfInterval(toDateTime(at), INTERVAL 60 second)"),
        ("$__timeInterval_ms(at)", "toStartOfInterval(toDateTime64(at, 3), INTERVAL 60000 millisecond)"),
        ("$__timeInterval(f(a, b))", "toStartOfInterval(toDateTime(f(a, b)), INTERVAL 60 second)"),
        ("x / $__interval_s", "x / 60"),
        ("FROM ${database}.t", "FROM ammeter.t"),
    ],
)
def test_macros_become_what_the_plugin_writes(sql: str, expanded: str) -> None:
    """Each macro and the database constant become the plugin's own text."""
    if "f(a, b)" in sql:
        with pytest.raises(MacroError, match="takes 1 arguments, not"):
            expand(sql.replace("f(a, b)", "a, b"), context())
    assert expand(sql, context()) == expanded


@pytest.mark.parametrize("chosen", [[], [ALL], ["billing", ALL]])
def test_a_condition_is_true_when_all_is_chosen(chosen: list[str]) -> None:
    """Nothing chosen and All chosen both mean no condition."""
    sql = "WHERE $__conditionalAll(team IN (${team:singlequote}), $team) AND 2=2"

    assert expand(sql, context(team=chosen)) == "WHERE 1=1 AND 2=2"


def test_a_condition_stays_when_some_are_chosen() -> None:
    """Chosen values become a quoted list inside the condition."""
    sql = "WHERE $__conditionalAll(team IN (${team:singlequote}), $team)"

    assert expand(sql, context(team=["a", "it's"])) == r"WHERE team IN ('a','it\'s')"


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("$__nothing(a)", r"no macro \$__nothing"),
        ("$__timeFilter(a, b)", "takes 1 arguments, not 2"),
        ("$__timeFilter(a", "not closed"),
        ("$__conditionalAll(a)", "takes a condition and a variable"),
        ("$__conditionalAll(a = 1, $other)", "unknown variable"),
        ("${team}", "singlequote"),
        ("$team", "singlequote"),
        ("${other:singlequote}", "singlequote"),
        ("${team:raw}", "singlequote"),
    ],
)
def test_wrong_use_is_told(sql: str, says: str) -> None:
    """A wrong macro or variable is an error that names it, never SQL that means something else."""
    with pytest.raises(MacroError, match=says):
        expand(sql, context(team=["a"]))


@pytest.mark.parametrize(
    "value",
    [
        "'); DROP TABLE ammeter.teams --",
        "\\'); SELECT 1 --",
        "${database}",
        "$__timeFilter(x)",
        "$__conditionalAll(1=1, $team)",
        "\\",
        "'",
    ],
)
def test_a_value_stays_a_value(value: str) -> None:
    """What a viewer chooses is never more than one string, whatever it contains."""
    expanded = expand("team IN (${team:singlequote}) AND $__timeFilter(at)", context(team=[value]))

    head, text, rest = expanded.partition(quoted(value))
    assert (head, text) == ("team IN (", quoted(value))
    assert rest == ") AND at >= toDateTime(1767225600) AND at <= toDateTime(1767229200)"


@given(st.text())
def test_a_quoted_value_ends_where_it_should(value: str) -> None:
    """Read as ClickHouse reads it, a quoted value is the value again and has nothing behind it."""
    text = quoted(value)
    read, place = "", 1
    while text[place] != "'":
        place += text[place] == "\\"
        read += text[place]
        place += 1

    assert (read, place) == (value, len(text) - 1)
