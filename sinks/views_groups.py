"""Views of people and teams in time: minutes, windows, how cohorts of sessions went, who is at it now.

Rule: a view that everybody may read shows no group of fewer people than the floor, and `*` is the whole organisation.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

from collections.abc import Iterable
from itertools import pairwise

from schemas.derived import SPAN_NAMES, SPANS
from sinks.columns import Column, passed, summed
from sinks.floor import EVERYBODY, floored, with_whole
from sinks.placing import DIRECTORY, person, placed, placed_minutes
from sinks.relations import (
    AS_OF,
    AT_MINUTE,
    FLOOR,
    OF_BOARDS,
    PEOPLE,
    PRIVATE,
    PUBLIC,
    SPAN,
    SPAN_MINUTES,
    TEAM,
    USER,
    WORD,
    Relation,
    moment,
    shown,
)
from sinks.views_sessions import DONE, PERSON, SOMETHING, read, sessions_of

_SOMETHING = "sum(r.events) != 0 OR sum(r.sessions_judged) != 0"
_PEOPLE = "uniqExactIf(r.person_id, r.user_id != 'unknown' AND r.events > 0)"


def _team(sql: str) -> Column:
    return Column("team_id", WORD, f"{TEAM.meaning} {EVERYBODY} is the whole organisation, as far as shown.", sql)


def _outcomes() -> tuple[Column, ...]:
    """Counts and rates of a cohort, all use and people at their terminals."""
    columns = [Column("people", "UInt64", "Distinct people whose sessions were judged.", "finalizeAggregation(g.who)")]
    for prefix, of in (("", ""), ("interactive_", " Interactive use only.")):
        known = f"{prefix}judged - {prefix}unknown"
        for name, _, meaning in _COUNTS:
            columns.append(Column(prefix + name, "Int64", f"{meaning}{of}", f"g.{prefix}{name}"))
        parts = " + ".join(f"{prefix}{name}" for name in ("verified", "clean", "given_up", "left", "restarted"))
        columns.append(
            Column(f"{prefix}unknown", "Int64", f"Nothing tells how they ended.{of}", f"{prefix}judged - ({parts})")
        )
        for name, meaning, sql in (
            ("trouble_rate", "troubled / judged.", f"{prefix}troubled / nullIf({prefix}judged, 0)"),
            (
                "abandonment_rate",
                "given_up / troubled: of troubled sessions.",
                f"{prefix}given_up / nullIf({prefix}troubled, 0)",
            ),
            (
                "success_rate",
                "(verified + clean) / (judged - unknown).",
                f"({prefix}verified + {prefix}clean) / nullIf({known}, 0)",
            ),
            ("verified_rate", "verified / (judged - unknown).", f"{prefix}verified / nullIf({known}, 0)"),
            ("wrote_code_rate", "coded / judged.", f"{prefix}coded / nullIf({prefix}judged, 0)"),
        ):
            columns.append(Column(prefix + name, "Nullable(Float64)", f"{meaning}{of}", sql))
    return tuple(columns)


_JUDGED_PEOPLE = "uniqExactStateIf(r.person_id, r.user_id != 'unknown' AND r.sessions_judged != 0)"
_COUNTS = (
    ("judged", "sessions_judged", "Closed sessions with a verdict."),
    ("troubled", "sessions_troubled", "Of them: hit trouble."),
    ("verified", "sessions_verified", "Ended with a commit, a pull request, or tests that passed."),
    ("clean", "sessions_clean", "Ended clean."),
    ("given_up", "sessions_given_up", "Abandoned after trouble, no line added."),
    ("left", "sessions_left", "Abandoned without trouble, no line added."),
    ("restarted", "sessions_restarted", "Given up and begun anew within 15 minutes."),
    ("coded", "sessions_coded", "Added at least one line."),
)

_JUDGED = [
    Column(prefix + name, "Int64", "", f"sum(r.{prefix}{counter})")
    for prefix in ("", "interactive_")
    for name, counter, _ in _COUNTS
]

_SINCE = "(now64(3) - toIntervalMinute(lasts.2))"
_ACTIVE = f"s.ended_at > {_SINCE}"
_KNOWN = "s.user_id NOT IN ('', 'unknown')"
_SEEN = (
    "(SELECT w.session_key FROM ${private}.session_state_rows AS w WHERE greatest(w.seen_at, w.closed_at)"
    f" > toUnixTimestamp64Milli(now64(3)) - {SPANS[-1] * 60_000})"
)
_LIVE = (
    Column("sessions_active", "UInt64", "Sessions with an event.", f"countIf({_ACTIVE})"),
    Column("sessions_started", "UInt64", "Sessions that began.", f"countIf(s.started_at > {_SINCE})"),
    Column("sessions_ended", "UInt64", "Sessions that closed.", f"countIf(s.closed_at > {_SINCE})"),
    Column(
        "interactive_people",
        "UInt64",
        "Distinct people active at a terminal or editor.",
        f"uniqExactStateIf(s.person_id, {_ACTIVE} AND {_KNOWN} AND s.is_interactive)",
    ),
    Column(
        "interactive_sessions_active",
        "UInt64",
        "Interactive sessions with an event.",
        f"countIf({_ACTIVE} AND s.is_interactive)",
    ),
)
_SESSION = {"team_id", "closed_at", *DONE} | read(" ".join((_ACTIVE, _KNOWN, *(column.sql for column in _LIVE))), "s")
_BEFORE = ", ".join(
    "uniqExactIf(m.person_id, m.user_id != 'unknown' AND m.events > 0"
    f" AND m.minute <= w.as_of - INTERVAL {short} MINUTE"
    f" AND m.minute > w.as_of - INTERVAL {long} MINUTE) AS before_{short}"
    for short, long in pairwise(SPANS)
)
_DAY_MINUTES = placed_minutes().replace("\n", "\n        ").removesuffix("AS r") + "AS m"
_REST = f"""\
(
        SELECT w.team_id AS team_id, {_BEFORE}
        {_DAY_MINUTES}
        INNER JOIN (
            SELECT team_id, max(as_of) AS as_of FROM ${{private}}.team_window_rows FINAL GROUP BY team_id
        ) AS w ON w.team_id = m.placed_team
        WHERE {FLOOR} > 1 AND m.minute > (SELECT max(as_of) - INTERVAL 1 DAY FROM ${{private}}.team_window_rows)
        GROUP BY w.team_id
    )"""
"""How many people were active in what a longer window holds before the next shorter one begins."""
_WINDOW_SHOWN = " AND ".join(
    (floored("r.people"), *(f"(r.span_minutes > {short} OR {floored(f'b.before_{short}')})" for short in SPANS[:-1]))
)


def _user_minutes(name: str, meaning: str, figures: Iterable[Column]) -> Relation:
    """Minutes of people, with these figures."""
    return Relation(
        PRIVATE,
        name,
        meaning,
        (
            Column("user_id", "String", USER.meaning, "r.user_id"),
            Column("person_id", "String", PERSON.meaning, "any(r.person_id)"),
            Column("team_id", WORD, TEAM.meaning, "r.placed_team"),
            *shown("r", AT_MINUTE),
            *figures,
        ),
        source=f"{placed_minutes()}\nGROUP BY r.user_id, r.placed_team, r.minute\nHAVING {_SOMETHING}",
    )


def _team_windows(name: str, meaning: str, figures: Iterable[Column]) -> Relation:
    """Windows of teams, with these figures."""
    return Relation(
        PUBLIC,
        name,
        meaning,
        (*shown("r", TEAM, SPAN, SPAN_MINUTES, AS_OF, Column("people", "Int64", PEOPLE)), *figures),
        source=f"FROM ${{private}}.team_window_rows AS r FINAL\nLEFT JOIN {_REST} AS b ON b.team_id = r.team_id\n"
        f"WHERE {_WINDOW_SHOWN}",
    )


def _named(columns: Iterable[Column], *names: str) -> list[Column]:
    return [column for column in columns if column.name in names]


_OF_MINUTES = _named(
    summed(halves=True),
    *("prompts", "tool_calls", "tool_failures", "cost_usd", "interactive_turns", "interactive_log_actions"),
)
_OF_WINDOWS = _named(
    passed(halves=True),
    *("events", "prompts", "responses", "api_failures", "tool_calls", "tool_failures", "cost_usd"),
    *("interactive_turns", "interactive_actions_per_prompt"),
)

VIEWS = (
    _user_minutes(
        "user_minutes", "What one person did in one minute, by team as the directory has it.", summed(halves=True)
    ),
    _user_minutes("user_minutes_brief", f"As user_minutes, {OF_BOARDS}", _OF_MINUTES),
    Relation(
        PRIVATE,
        "user_windows",
        "Rolling windows of a person.",
        (
            *shown("r", USER),
            Column("person_id", "String", PERSON.meaning, person("r.user_id")),
            *shown("r", SPAN, SPAN_MINUTES, AS_OF),
            *passed(halves=True),
        ),
        source=f"FROM ${{private}}.user_window_rows AS r FINAL\nLEFT JOIN {DIRECTORY} AS d ON d.identity = r.user_id",
    ),
    Relation(
        PRIVATE,
        "user_sessions",
        "The last thing that happened to a person's session.",
        (
            *shown("r", USER, PERSON),
            Column("team_id", WORD, TEAM.meaning, "r.placed_team"),
            *shown("r", Column("session_id", "String", "The client's own id.")),
            Column("state", WORD, "opened, closed or reopened.", "r.state"),
            moment("at", "When.", "r.at"),
            moment("started_at", "When the first event occurred.", "r.started_at"),
            Column("end_reason", "Nullable(String)", "As in sessions.", "nullIf(toString(r.end_reason), '')"),
            Column("came_back", "Bool", "The person opened another session after this one closed.", "r.came_back"),
        ),
        source=placed(
            "${private}.user_session_rows AS a FINAL", "intDiv(a.started_at, 60000) * 60000", "toString(a.team_id)"
        ),
    ),
    Relation(
        PUBLIC,
        "team_minutes",
        "What one team did in one minute, by the directory as it is now.",
        (
            Column("team_id", WORD, TEAM.meaning, "r.placed_team"),
            *shown("r", AT_MINUTE),
            Column("people", "UInt64", PEOPLE, _PEOPLE),
            *summed(halves=True),
        ),
        source=f"{placed_minutes()}\nGROUP BY r.placed_team, r.minute\nHAVING ({_SOMETHING}) AND {floored()}",
    ),
    _team_windows("team_windows", "What one team did in the last 5 minutes, hour and 24 hours.", passed(halves=True)),
    _team_windows("team_windows_brief", f"As team_windows, {OF_BOARDS}", _OF_WINDOWS),
    Relation(
        PUBLIC,
        "outcomes_daily",
        "How the sessions that began on a day went, by team: proxies from telemetry, counted when a cohort closes.",
        (
            Column("day", "Date", "On which the sessions began, UTC.", "g.day"),
            _team("g.shown_team"),
            *_outcomes(),
        ),
        source=with_whole(
            ["toDate(r.minute) AS day"],
            "r.placed_team",
            _JUDGED_PEOPLE,
            _JUDGED,
            f"{placed_minutes()}\nWHERE r.sessions_judged != 0",
        )
        + "\nWHERE g.judged != 0",
    ),
    Relation(
        PUBLIC,
        "team_live",
        "Sessions and people of the last 5 minutes, hour and 24 hours up to now, by team.",
        (
            _team("g.shown_team"),
            Column("span", WORD, SPAN.meaning, "g.span"),
            Column("span_minutes", "UInt16", SPAN_MINUTES.meaning, "g.span_minutes"),
            Column("people", "UInt64", PEOPLE, "finalizeAggregation(g.who)"),
            *(
                column._replace(
                    sql=f"finalizeAggregation(g.{column.name})" if "State" in column.sql else f"g.{column.name}"
                )
                for column in _LIVE
            ),
        ),
        source=with_whole(
            ["lasts.1 AS span", "lasts.2 AS span_minutes"],
            "s.team_id",
            f"uniqExactStateIf(s.person_id, {_ACTIVE} AND {_KNOWN})",
            _LIVE,
            f"FROM {sessions_of(_SESSION, _SEEN)} AS s\n"
            f"ARRAY JOIN [{', '.join(map(str, zip(SPAN_NAMES, SPANS, strict=True)))}] AS lasts\n"
            f"WHERE greatest(s.ended_at, ifNull(s.closed_at, s.ended_at)) > {_SINCE} AND {SOMETHING}",
        ),
    ),
)
