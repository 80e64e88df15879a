"""Views of people and teams in time: minutes, windows, how cohorts of sessions went, who is at it now.

Rule: a view that everybody may read shows no group of fewer people than the floor, and `*` is the whole organisation.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

from schemas.derived import SPAN_NAMES, SPANS
from sinks.columns import Column, passed, summed
from sinks.placing import DIRECTORY, person, placed, placed_minutes
from sinks.relations import (
    AS_OF,
    AT_MINUTE,
    FLOOR,
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
from sinks.views_sessions import PERSON

_SOMETHING = "sum(r.events) != 0 OR sum(r.sessions_judged) != 0"
_PEOPLE = "uniqExactIf(r.person_id, r.user_id != 'unknown' AND r.events > 0)"
EVERYBODY = "'*'"


def _floored(people: str = "people") -> str:
    return f"({people} = 0 OR {people} >= {FLOOR})"


def _team(sql: str) -> Column:
    return Column("team_id", WORD, f"{TEAM.meaning} {EVERYBODY} is the whole organisation.", sql)


def _spans(team: str) -> str:
    """(team, span, minutes) of each span."""
    return f"[{', '.join(f'({team}, {name!r}, {size})' for name, size in zip(SPAN_NAMES, SPANS, strict=True))}]"


def _outcomes() -> tuple[Column, ...]:
    """Counts and rates of a cohort, all use and people at their terminals."""
    columns = [Column("people", "UInt64", "Distinct people whose sessions were judged.", f"{_JUDGED_PEOPLE}")]
    for prefix, of in (("", ""), ("interactive_", " Interactive use only.")):
        known = f"{prefix}judged - {prefix}unknown"
        for name, counter, meaning in _COUNTS:
            columns.append(
                Column(prefix + name, "Int64", f"{meaning}{of}", f"sum(r.{prefix}{counter})"),
            )
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


_JUDGED_PEOPLE = "uniqExactIf(r.person_id, r.user_id != 'unknown' AND r.sessions_judged != 0)"
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

_SINCE = "(now64(3) - toIntervalMinute(lasts.3))"
_ACTIVE = f"s.ended_at > {_SINCE}"
_KNOWN = "s.user_id NOT IN ('', 'unknown')"

VIEWS = (
    Relation(
        PRIVATE,
        "user_minutes",
        "What one person did in one minute, by team as the directory has it.",
        (
            Column("user_id", "String", USER.meaning, "r.user_id"),
            Column("person_id", "String", PERSON.meaning, "any(r.person_id)"),
            Column("team_id", WORD, TEAM.meaning, "r.placed_team"),
            *shown("r", AT_MINUTE),
            *summed(halves=True),
        ),
        source=f"{placed_minutes()}\nGROUP BY r.user_id, r.placed_team, r.minute\nHAVING {_SOMETHING}",
    ),
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
        source=f"{placed_minutes()}\nGROUP BY r.placed_team, r.minute\nHAVING ({_SOMETHING}) AND {_floored()}",
    ),
    Relation(
        PUBLIC,
        "team_windows",
        "What one team did in the last 5 minutes, hour and 24 hours.",
        (
            *shown("r", TEAM, SPAN, SPAN_MINUTES, AS_OF, Column("people", "Int64", PEOPLE)),
            *passed(halves=True),
        ),
        source=f"FROM ${{private}}.team_window_rows AS r FINAL\nWHERE {_floored('r.people')}",
    ),
    Relation(
        PUBLIC,
        "outcomes_daily",
        "How the sessions that began on a day went, by team: proxies from telemetry, counted when a cohort closes.",
        (
            Column("day", "Date", "On which the sessions began, UTC.", "toDate(r.minute)"),
            _team("team"),
            *_outcomes(),
        ),
        source=f"{placed_minutes()}\nARRAY JOIN [r.placed_team, {EVERYBODY}] AS team\nWHERE r.sessions_judged != 0\n"
        f"GROUP BY day, team\nHAVING judged != 0 AND {_floored()}",
    ),
    Relation(
        PUBLIC,
        "team_live",
        "Sessions and people of the last 5 minutes, hour and 24 hours up to now, by team.",
        (
            _team("lasts.1"),
            Column("span", WORD, SPAN.meaning, "lasts.2"),
            Column("span_minutes", "UInt16", SPAN_MINUTES.meaning, "lasts.3"),
            Column("people", "UInt64", PEOPLE, f"uniqExactIf(s.person_id, {_ACTIVE} AND {_KNOWN})"),
            Column("sessions_active", "UInt64", "Sessions with an event.", f"countIf({_ACTIVE})"),
            Column("sessions_started", "UInt64", "Sessions that began.", f"countIf(s.started_at > {_SINCE})"),
            Column("sessions_ended", "UInt64", "Sessions that closed.", f"countIf(s.closed_at > {_SINCE})"),
            Column(
                "interactive_people",
                "UInt64",
                "Distinct people active at a terminal or editor.",
                f"uniqExactIf(s.person_id, {_ACTIVE} AND {_KNOWN} AND s.is_interactive)",
            ),
            Column(
                "interactive_sessions_active",
                "UInt64",
                "Interactive sessions with an event.",
                f"countIf({_ACTIVE} AND s.is_interactive)",
            ),
        ),
        source="FROM ${private}.sessions AS s\n"
        f"ARRAY JOIN arrayConcat({_spans('toString(s.team_id)')}, {_spans(EVERYBODY)}) AS lasts\n"
        f"WHERE greatest(s.ended_at, ifNull(s.closed_at, s.ended_at)) > {_SINCE} AND s.session_id IN (\n"
        "    SELECT w.session_id FROM ${private}.session_rows AS w WHERE greatest(w.seen_at, w.closed_at)"
        f" > toUnixTimestamp64Milli(now64(3)) - {SPANS[-1] * 60_000}\n)\n"
        f"GROUP BY lasts\nHAVING {_floored()}",
    ),
)
