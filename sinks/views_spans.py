"""Views of teams over spans that are long enough for the floor. Rule: what is left of a span shown is a group too.

A span that holds too few people is joined to what comes after it, never dropped beside a longer one that is shown.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

from collections.abc import Iterable

from sinks.columns import Column, passed, summed
from sinks.floor import EVERYBODY, floored
from sinks.placing import placed_minutes
from sinks.relations import (
    AS_OF,
    FLOOR,
    MINUTE,
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
_MONDAY = "toDateTime(toStartOfWeek({at}, 1), 'UTC')"
_WEEKS = (
    f"r.minute >= {_MONDAY.format(at=_SINCE)} AND r.minute < {_MONDAY.format(at=_UNTIL)} + INTERVAL 7 DAY"
    " AND (r.events != 0 OR r.sessions_judged != 0)"
)
_DAYS = f"r.minute >= toStartOfDay({_SINCE}) AND r.minute < toStartOfDay({_UNTIL}) + INTERVAL 1 DAY"


def _starts(cells: str) -> str:
    """Where each span begins, of sorted cells (begin, people): one ends when it holds enough people, or nobody.

    What is left at the end and holds too few belongs to the last. People are bits: of more than 64 some share one, so
    that never too many are counted. Where each cell holds enough, as of most teams, there is nothing to fold.
    """
    everybody = f"arrayDistinct(arrayFlatten(arrayMap(c -> c.2, {cells})))"
    bit = "bitShiftLeft(toUInt64(1), (indexOf(e, w) - 1) % 64)"
    masks = (
        f"arrayMap(e -> arrayMap(c -> arrayReduce('groupBitOr', arrayMap(w -> {bit}, c.2)), {cells}), [{everybody}])"
    )
    begins = f"(a.2 = 0 OR bitCount(a.2) >= {FLOOR})"
    fold = f"(a, m) -> (concat(a.1, if({begins}, '1', '0')), if({begins}, toUInt64(m), toUInt64(bitOr(a.2, m))))"
    folded = f"arrayFold({fold}, {masks}[1], ('', toUInt64(0)))"
    found = f"arrayFilter((c, b) -> b = '1', arrayMap(c -> c.1, {cells}), extractAll(f.1, '.'))"
    is_whole = f"f.2 = 0 OR bitCount(f.2) >= {FLOOR} OR countSubstrings(f.1, '1') = 1"
    joined = f"arrayMap(f -> if({is_whole}, {found}, arrayPopBack({found})), [{folded}])[1]"
    are_enough = f"arrayAll(c -> empty(c.2) OR length(c.2) >= {FLOOR}, {cells})"
    return f"if({are_enough}, arrayMap(c -> c.1, {cells}), {joined})"


def _selected(columns: Iterable[Column]) -> str:
    return "".join(f", {column.sql} AS `{column.name}`" for column in columns)


_ADDED = [column.name for column in passed(halves=True, table="c") if column.sql == f"c.{column.name}"]
_PARTS = [column for column in summed(halves=True) if column.name in _ADDED]


def _parts(key: str, where: str, columns: Iterable[Column] = ()) -> str:
    """Sums and people of teams by day and `key`: added up before anything is joined to them."""
    return f"""\
(
    SELECT r.placed_team AS team, toDate(r.minute) AS day, {key} AS at, {_WHO} AS who{_selected(columns)}
    {placed_minutes().replace(chr(10), chr(10) + " " * 4)}
    WHERE {where} AND (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, day, at
)"""


_SAME_SPAN = "arrayLast(s -> s <= c.1, starts) = start"
_OF_SPAN = f"arrayUniq(arrayFlatten(arrayMap(c -> c.2, arrayFilter(c -> {_SAME_SPAN}, cells))))"


def _days(source: str) -> str:
    """Days of teams, each with the beginning of the span that it is in, and whether it is shown as a day of its own."""
    return f"""\
(
    SELECT *, {_starts("cells")} AS starts, arrayLast(s -> s <= day, starts) AS start,
        start = day AND NOT arrayExists(c -> c.1 > day AND {_SAME_SPAN}, cells)
            AND (empty(who) OR length(who) >= {FLOOR}) AS is_alone
    FROM (
        SELECT *, arraySort(groupArray((day, who)) OVER (PARTITION BY team, toMonday(day))) AS cells FROM {source}
    )
)"""


_ALONE = f"SELECT q.team, q.day FROM {_days(_parts('day', _WEEKS))} AS q WHERE q.is_alone"
_CUTS = f"""\
(
    SELECT team, day, arraySort(groupArray((at, who))) AS cells, {_starts("cells")} AS starts
    FROM {_parts(_FIVE, f"{_DAYS} AND (r.placed_team, toDate(r.minute)) IN ({_ALONE})")}
    GROUP BY team, day
)"""
_SHOWN_DAYS = f"""\
(
    SELECT *, is_alone OR {floored(_OF_SPAN)} AS is_shown,
        length(groupUniqArrayArrayIf(who, NOT is_shown) OVER (PARTITION BY day)) AS rest
    FROM {_days(_parts("day", _WEEKS, _PARTS))}
)"""
"""Days; `rest` is how many people of one are in teams that are not shown, not even with other days of the week.

Each day of a team is in one span that is shown, or in the rest of that day. `*` is made of these, never of a day of a
span alone: so neither it nor any difference is of too few.
"""

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

BRIEF = (
    *("prompts", "turns", "input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"),
    *("cost_micros", "cost_usd", "tool_calls", "tool_failures", "tool_accepts", "tool_rejections", "user_rejections"),
    *("sessions_verified", "sessions_clean", "interactive_turns", "interactive_actions_per_prompt"),
    *(
        f"interactive_sessions_{what}"
        for what in ("judged", "troubled", "verified", "clean", "given_up", "left", "restarted")
    ),
)
"""What boards ask of days."""
_ALL = summed(halves=True, table="c")
_BRIEF = tuple(column for column in _ALL if column.name in BRIEF)
_OF_BOARDS = (
    "with the figures that boards show: a view is worked out as a whole, whatever is asked of it, "
    "and this one is small."
)


def _team_days(name: str, meaning: str, figures: Iterable[Column]) -> Relation:
    """Days of teams, with these figures."""
    return Relation(
        PUBLIC,
        name,
        meaning,
        (
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
        source=f"FROM {_SHOWN_DAYS} AS c\n"
        f"ARRAY JOIN multiIf(c.is_shown, [(toString(c.team), c.start), ({EVERYBODY}, c.start)],"
        f" c.rest >= {FLOOR}, [({EVERYBODY}, c.day)], []) AS part\n"
        f"GROUP BY part\nHAVING part.2 >= toDate({_SINCE}) AND part.2 <= toDate({_UNTIL}) AND {floored()}",
        parameters=("since", "until"),
    )


def _team_spans(name: str, meaning: str, figures: Iterable[Column]) -> Relation:
    """Spans of teams, with these figures."""
    return Relation(
        PUBLIC,
        name,
        meaning,
        (
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
        source=f"FROM {_parts(_FIVE, _DAYS, _PARTS)} AS c\n"
        f"INNER JOIN {_CUTS} AS p ON p.team = c.team AND p.day = c.day\n"
        f"GROUP BY c.team, started_at\nHAVING started_at >= {_SINCE} AND started_at <= {_UNTIL} AND {floored()}",
        parameters=("since", "until"),
    )


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
    _team_days(
        "team_days", "What teams did by day, UTC; days of a week are joined until they hold enough people.", _ALL
    ),
    _team_days("team_days_brief", f"As team_days, {_OF_BOARDS}", _BRIEF),
    _team_spans(
        "team_spans",
        "What teams did, cut into the shortest spans of 5 minutes and more that hold enough people, within a day, UTC.",
        _ALL,
    ),
    _team_spans("team_spans_brief", f"As team_spans, {_OF_BOARDS}", _BRIEF),
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
