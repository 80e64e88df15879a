"""Groups of too few people, and what is left when they are taken away. Rule: a difference is a group as well.

What a whole holds beyond the parts that are shown is a part too: either it has enough people, or the whole is shown
without it.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

from collections.abc import Sequence

from sinks.columns import Column
from sinks.relations import FLOOR

EVERYBODY = "'*'"
OTHERS = "'others'"
"""Teams too small to be shown one by one, together."""


def floored(people: str = "people") -> str:
    """Whether a group may be shown, by the number of its people."""
    return f"({people} = 0 OR {people} >= {FLOOR})"


def with_whole(keys: Sequence[str], team: str, who: str, sums: Sequence[Column], source: str) -> str:
    """FROM groups `g`: each team of `source` and the whole, a row each, by `keys`; `g.who` is a state of people.

    `who` and `sums` are aggregates over the rows of `source`. The whole leaves out teams that are not shown, when
    these are too few people together.
    """
    inner = ", ".join([*keys, f"{team} AS team", f"{who} AS who", *(f"{each.sql} AS {each.name}" for each in sums)])
    names = [key.rpartition(" AS ")[2] for key in keys]
    by = ", ".join(names)
    is_shown = floored("finalizeAggregation(who)")
    added = "".join(f", {_again(each)}(s.{each.name}) AS {each.name}" for each in sums)
    return f"""\
FROM (
    SELECT {", ".join(f"s.{name} AS {name}" for name in names)}, shown_team, uniqExactMergeState(s.who) AS who{added}
    FROM (
        SELECT *, {is_shown} AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY {by}) AS rest
        FROM (
            SELECT {inner}
            {source.replace(chr(10), chr(10) + " " * 12)}
            GROUP BY {by}, team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), {EVERYBODY}], s.rest >= {FLOOR}, [{EVERYBODY}], []) AS shown_team
    GROUP BY {by}, shown_team
) AS g"""


def with_others(keys: Sequence[str], team: str, who: str, sums: Sequence[Column], source: str) -> str:
    """FROM groups `g`: each team of `source` that is shown, and those that are not together as one, by `keys`."""
    inner = ", ".join([*keys, f"{team} AS team", f"{who} AS who", *(f"{each.sql} AS {each.name}" for each in sums)])
    names = [key.rpartition(" AS ")[2] for key in keys]
    by = ", ".join(names)
    added = "".join(f", {_again(each)}(s.{each.name}) AS {each.name}" for each in sums)
    return f"""\
FROM (
    SELECT {", ".join(f"s.{name} AS {name}" for name in names)},
        if({floored("finalizeAggregation(s.who)")}, toString(s.team), {OTHERS}) AS shown_team,
        uniqExactMergeState(s.who) AS who{added}
    FROM (
        SELECT {inner}
        {source.replace(chr(10), chr(10) + " " * 8)}
        GROUP BY {by}, team
    ) AS s
    GROUP BY {by}, shown_team
    HAVING {floored("finalizeAggregation(who)")}
) AS g"""


def _again(column: Column) -> str:
    """What adds up a figure of teams: people are told apart, the rest is summed."""
    if column.type.startswith("Map"):
        return "sumMap"
    return "uniqExactMergeState" if column.sql.startswith("uniqExact") else "sum"
