"""Views of teams over spans that are long enough for the floor. Rule: what is left of a span shown is a group too.

A span that holds too few people is joined to what comes after it, never dropped beside a longer one that is shown.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

import re
from collections.abc import Iterable, Sequence

from sinks.columns import Column, passed, summed
from sinks.floor import EVERYBODY, floored
from sinks.placing import placed_minutes
from sinks.relations import (
    AS_OF,
    FLOOR,
    MINUTE,
    OF_BOARDS,
    PEOPLE,
    PRIVATE,
    PUBLIC,
    SPAN,
    SPAN_MINUTES,
    TEAM,
    WORD,
    Relation,
    shown,
)
from sinks.views_sessions import PERSON

STEP = 5
"""Minutes of the shortest span."""

_FIVE = f"toStartOfInterval(r.minute, INTERVAL {STEP} MINUTE)"
_KNOWN = "r.user_id != 'unknown' AND r.events > 0"
_WHO = f"groupUniqArrayIf(cityHash64(r.person_id), {_KNOWN})"
_DISTINCT = "toUInt64(length(groupUniqArrayArray(c.who)))"
_PEOPLE = f"uniqExactIf(r.person_id, {_KNOWN})"
_SINCE, _UNTIL = "{since:DateTime64(3, 'UTC')}", "{until:DateTime64(3, 'UTC')}"
_WEEK = "toMonday(r.minute)"
_WEEKS = f"{_WEEK} >= toMonday({_SINCE}) AND {_WEEK} <= toDate({_UNTIL})"
_DAYS = f"toDate(r.minute) >= toDate({_SINCE}) AND toDate(r.minute) <= toDate({_UNTIL})"


def _starts(cells: str, kind: str) -> str:
    """Where each span begins, of sorted cells (begin, people): one ends when it holds enough people, or nobody.

    What is left at the end and holds too few belongs to the last.
    """
    longer = "(a.1, arrayDistinct(arrayConcat(a.2, c.2)))"
    fold = f"(a, c) -> if({floored('length(a.2)')}, (arrayPushBack(a.1, c.1), c.2), {longer})"
    none = f"arraySlice([CAST(0 AS {kind})], 2)"
    spans = f"arrayFold({fold}, {cells}, ({none}, emptyArrayUInt64()))"
    return f"arrayMap(f -> if({floored('length(f.2)')} OR length(f.1) = 1, f.1, arrayPopBack(f.1)), [{spans}])[1]"


def _selected(columns: Iterable[Column]) -> str:
    return "".join(f", {column.sql} AS `{column.name}`" for column in columns)


def _parts(where: str, columns: Iterable[Column] = (), at: str = "") -> str:
    """Sums and people of teams by day, or by what is cut out of it: added up before anything is joined to them."""
    key = f", {at} AS at" if at else ""
    return f"""\
(
    SELECT r.placed_team AS team, {_WEEK} AS week, toDate(r.minute) AS day{key}, {_WHO} AS who{_selected(columns)}
    {placed_minutes().replace(chr(10), chr(10) + " " * 4)}
    WHERE {where}(r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, week, day{", at" if at else ""}
)"""


def _spans(source: str) -> str:
    """Days of teams, each with the span of days of its week that it is in, and whether that is shown."""
    starts = _starts("days", "Date")
    return f"""\
(
    SELECT *, arrayLast(s -> s[1].1 <= day, arraySplit(c -> has({starts}, c.1), days)) AS span,
        {floored("arrayUniq(arrayFlatten(span.2))")} AS is_shown
    FROM (
        SELECT *, arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days FROM {source}
    )
)"""


def _cuts(where: str) -> str:
    """Where spans of a day begin, of each day that is shown as one of its own."""
    days = f"""\
(
            SELECT team, week, day, arraySort(groupArray((at, p.who))) AS cells, groupUniqArrayArray(p.who) AS who
            FROM {_parts(where, at=_FIVE)} AS p GROUP BY team, week, day
        )"""
    return f"""\
(
    SELECT q.team AS team, q.week AS week, q.day AS day, {_starts("q.cells", MINUTE)} AS starts
    FROM {_spans(days)} AS q
    WHERE q.is_shown AND length(q.span) = 1
)"""


def _shown_days(where: str, columns: Iterable[Column]) -> str:
    """Days; `rest` is how many people of one are in teams that are not shown, not even with other days of the week.

    Each day of a team is in one span that is shown, or in the rest of that day. `*` is made of these, never of a day
    of a span alone: so neither it nor any difference is of too few.
    """
    return f"""\
(
    SELECT *, length(groupUniqArrayArrayIf(who, NOT is_shown) OVER (PARTITION BY week, day)) AS rest
    FROM {_spans(_parts(where, columns))}
)"""


_LONG = "[('7d', 10080), ('28d', 40320)]"
_NOW = "toStartOfMinute(now('UTC'))"
_LIVE = f"SELECT * FROM ${{public}}.team_windows AS w WHERE w.people >= {FLOOR}"


_CURRENT = f"""\
FROM (
    SELECT w.team_id AS team_id, toString(w.span) AS span, w.span_minutes AS span_minutes, w.as_of AS as_of,
        toUInt64(w.people) AS people{_selected(passed(halves=True, table="w"))}
    FROM ({_LIVE} ORDER BY span_minutes LIMIT 1 BY team_id) AS w
    UNION ALL
    SELECT * FROM (
        SELECT r.placed_team AS team_id, lasts.1 AS span, lasts.2 AS span_minutes, {_NOW} AS as_of,
            {_PEOPLE} AS people{_selected(summed(halves=True))}
        {placed_minutes().replace(chr(10), chr(10) + " " * 8)}
        ARRAY JOIN {_LONG} AS lasts
        WHERE r.minute > {_NOW} - INTERVAL 28 DAY AND r.minute > {_NOW} - toIntervalMinute(lasts.2)
            AND r.placed_team NOT IN (SELECT l.team_id FROM ({_LIVE}) AS l)
        GROUP BY r.placed_team, lasts
        HAVING people >= {FLOOR}
        ORDER BY span_minutes LIMIT 1 BY team_id
    )
) AS u"""

_ALL = tuple(summed(halves=True, table="c"))
_OF_DAYS = (
    *("prompts", "turns", "input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"),
    *("cost_micros", "cost_usd", "tool_calls", "tool_failures", "tool_accepts", "tool_rejections", "user_rejections"),
    *("sessions_verified", "sessions_clean", "interactive_turns", "interactive_actions_per_prompt"),
    *(
        f"interactive_sessions_{what}"
        for what in ("judged", "troubled", "verified", "clean", "given_up", "left", "restarted")
    ),
)
"""What boards ask of days."""
_OF_SPANS = ("prompts", "tool_calls", "tool_failures", "cost_usd")
"""The same of spans."""
_WEEK_ASKED = Column("week", "Date", "Its Monday: give a range of it too, then the store reads no more.", "c.week")


def _named(names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(column for column in _ALL if column.name in names)


def _beneath(figures: Iterable[Column]) -> list[Column]:
    """The sums that figures are worked out from: what is not needed would cost who asks as much as what is."""
    needed = set(re.findall(r"c\.(\w+)", " ".join(column.sql for column in figures)))
    return [column for column in summed(halves=True) if column.name in needed]


def _team_days(name: str, meaning: str, figures: Sequence[Column], where: str = "") -> Relation:
    """Days of teams, with these figures; `where` holds parameters, without one who asks gives a range of weeks."""
    asked = f"part.2 >= toDate({_SINCE}) AND part.2 <= toDate({_UNTIL}) AND " if where else ""
    return Relation(
        PUBLIC,
        name,
        meaning,
        (
            *(() if where else (_WEEK_ASKED,)),
            Column(
                "team_id",
                WORD,
                f"{TEAM.meaning} '*' is the organisation; days that a team has joined stand in it on the first.",
                "part.1",
            ),
            Column("day", "Date", "The first day.", "part.2"),
            Column(
                "days",
                "UInt16",
                "Days that it holds, from its first to its last with anything in it; 1 of '*'.",
                f"toUInt16(if(part.1 = {EVERYBODY}, 1, max(c.day) - part.2 + 1))",
            ),
            Column("people", "UInt64", PEOPLE, _DISTINCT),
            *figures,
        ),
        source=f"FROM {_shown_days(where, _beneath(figures))} AS c\n"
        f"ARRAY JOIN multiIf(c.is_shown, [(toString(c.team), c.span[1].1), ({EVERYBODY}, c.span[1].1)],"
        f" c.rest >= {FLOOR}, [({EVERYBODY}, c.day)], []) AS part\n"
        f"GROUP BY c.week, part\nHAVING {asked}{floored()}",
        parameters=("since", "until") if where else (),
    )


def _team_spans(name: str, meaning: str, figures: Sequence[Column], where: str = "", weeks: str = "") -> Relation:
    """Spans of teams, with these figures; without parameters who asks gives a range of weeks and of days."""
    asked = f"started_at >= {_SINCE} AND started_at <= {_UNTIL} AND " if where else ""
    return Relation(
        PUBLIC,
        name,
        meaning,
        (
            *(() if where else (_WEEK_ASKED, Column("day", "Date", "In which it lies: give a range of it.", "c.day"))),
            Column("team_id", WORD, TEAM.meaning, "c.team"),
            Column("started_at", MINUTE, "Where the span begins.", "arrayLast(s -> s <= c.at, p.starts)"),
            Column(
                "ended_at",
                MINUTE,
                "Where it ends: after its last 5 minutes with anything in them.",
                f"max(c.at) + INTERVAL {STEP} MINUTE",
            ),
            Column("span_minutes", "UInt16", "Its length.", "toUInt16(dateDiff('minute', started_at, ended_at))"),
            Column("people", "UInt64", PEOPLE, _DISTINCT),
            *figures,
        ),
        source=f"FROM {_parts(where, _beneath(figures), at=_FIVE)} AS c\n"
        f"INNER JOIN {_cuts(weeks)} AS p ON p.team = c.team AND p.week = c.week AND p.day = c.day\n"
        f"GROUP BY c.team, c.week, c.day, started_at\nHAVING {asked}{floored()}",
        parameters=("since", "until") if where else (),
    )


_DAYS_ARE = "What teams did by day, UTC; days of a week are joined until they hold enough people."
_SPANS_ARE = (
    "What teams did, cut into the shortest spans of 5 minutes and more that hold enough people, within a day, UTC."
)
_ONCE = f"{OF_BOARDS} It takes no parameters, for which the store would work it out twice."

VIEWS = (
    Relation(
        PRIVATE,
        "users",
        "Each person: when they were active, in which team at the end, under how many identities.",
        (
            Column("person_id", "String", PERSON.meaning, "r.person_id"),
            Column("team_id", WORD, "Team of the last minute.", "argMax(r.placed_team, r.minute)"),
            Column("identities", "Array(String)", "Pseudonyms that were active.", "groupUniqArray(r.user_id)"),
            Column("first_minute", MINUTE, "The first with an event.", "min(r.minute)"),
            Column("last_minute", MINUTE, "The last with an event.", "max(r.minute)"),
            Column("active_days", "UInt64", "Days with an event, UTC.", "uniqExact(toDate(r.minute))"),
        ),
        source=f"{placed_minutes()}\nWHERE {_KNOWN}\nGROUP BY r.person_id",
    ),
    _team_days("team_days", _DAYS_ARE, _ALL, f"{_WEEKS} AND "),
    _team_days("team_days_brief", f"As team_days, {_ONCE}", _named(_OF_DAYS)),
    _team_spans("team_spans", _SPANS_ARE, _ALL, f"{_DAYS} AND ", f"{_WEEKS} AND "),
    _team_spans("team_spans_brief", f"As team_spans, {_ONCE}", _named(_OF_SPANS)),
    Relation(
        PUBLIC,
        "team_current",
        "Of each team the shortest of 5m, 1h, 24h, 7d and 28d up to now that holds enough people.",
        shown(
            "u",
            TEAM,
            SPAN._replace(meaning="5m, 1h, 24h, 7d or 28d."),
            SPAN_MINUTES,
            AS_OF,
            Column("people", "UInt64", PEOPLE),
            *passed(halves=True),
        ),
        source=_CURRENT,
    ),
)
