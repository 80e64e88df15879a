"""Views of what people say beside the clients (directory, labels, interventions), of silence, and of edits.

Rule: telemetry that was lost is shown as lost, never as idleness.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

from collections.abc import Collection

from sinks.columns import Column
from sinks.floor import floored
from sinks.relations import MOMENT, PRIVATE, PUBLIC, TEAM, USER, WORD, Relation, moment, shown
from sinks.views_pipeline import counted
from sinks.views_sessions import DONE, PERSON, SOMETHING, sessions_of

INSTALL = Column("install_id", "String", "Pseudonym of the installation; empty: it said none.")
_CLIENT = (
    Column("source", WORD, "The client."),
    Column("client_version", WORD, "The highest that it showed."),
)

_SEVERAL = "(SELECT w.session_key FROM ${private}.session_day_rows AS w FINAL WHERE w.first != w.last)"
"""Sessions that touch several days. All that is stored of any other lies on the day on which it began."""


def _within(table: str) -> str:
    """Rows by the day on which they occurred: who asks for some days reads no others."""
    return f"${{private}}.{table} AS e FINAL PREWHERE {counted('e')}"


def _across(table: str) -> str:
    """Rows of sessions that touch several days, whenever they occurred; a copy may say another day."""
    return (
        f"(SELECT * FROM ${{private}}.{table} AS e PREWHERE e.session_key IN {_SEVERAL} WHERE {counted('e')}"
        " ORDER BY e.offset LIMIT 1 BY e.session_key, e.event) AS e"
    )


def _gaps(source: str, *keys: str) -> str:
    """What is missing between the numbers of each session.

    A process begins at 0: a number of 2 or less after a higher one is another process.
    """
    by = ", ".join(keys)
    named = ", ".join(f"e.{key} AS {key}" for key in keys)
    return f"""\
(
    SELECT {by}, toUInt64(length(parts)) AS processes, arraySum(arrayMap(n -> n.4, numbers)) AS seen,
        arraySum(arrayMap(
            p -> greatest(arrayMax(n -> n.3, p) - arrayMin(n -> n.2, p) + 1 - arraySum(n -> n.4, p), 0), parts
        )) AS lost
    FROM (
        SELECT {named}, arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> n.2, numbers) AS lows, arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> low <= 2 AND low < before, numbers, lows, befores) AS parts
        FROM {source}
        GROUP BY {", ".join(f"e.{key}" for key in keys)}
    )
)"""


def _dayed(names: Collection[str]) -> str:
    """Sessions with their day: a condition on it holds for what is joined by it too."""
    return f"""\
(
    SELECT t.*, toDate(t.started_at) AS day, cityHash64(t.session_id) AS session_key
    FROM {sessions_of({"session_id", "started_at", *names})} AS t
) AS s"""


_HEARD = {"session_id", "user_id", "person_id", "team_id", "install_id", "source", "client_version", "ended_at"}
_SILENCE = f"""\
FROM {_dayed(_HEARD | {"hook_events", *DONE})}
LEFT JOIN {_gaps(_within("number_rows"), "day", "session_key")} AS g ON g.session_key = s.session_key AND g.day = s.day
LEFT JOIN {_gaps(_across("number_rows"), "session_key")} AS o ON o.session_key = s.session_key
WHERE {SOMETHING}"""
_PROCESSES, _NUMBERED, _LOST = (f"if(o.processes > 0, o.{name}, g.{name})" for name in ("processes", "seen", "lost"))
_WITHOUT = "s.hook_events > 0 AND s.prompts > 0 AND s.responses + s.api_failures = 0"
_STOPPED_DAYS = 3

_SERIES = "e.kind, e.tool_name, e.language, e.decision_source, e.temporality, e.series, e.started_at"


def _edits(sessions: str, source: str, day: str, key: str, on_day: str = "") -> str:
    """Edits decided, with their session; a cumulative series counts by its highest value."""
    return f"""\
SELECT x.day AS day, s.team_id AS team_id, s.person_id AS person_id, s.user_id AS user_id, x.kind AS kind,
        x.tool_name AS tool_name, x.language AS language, x.decision_source AS decision_source, x.amount AS amount
    FROM {sessions}
    INNER JOIN (
        SELECT {day} AS day, e.session_key AS session_key, e.kind AS kind, e.tool_name AS tool_name,
            e.language AS language, e.decision_source AS decision_source,
            if(e.temporality = 'cumulative', max(e.value), sum(e.value)) AS amount
        FROM {source}
        GROUP BY {key}, {_SERIES}
    ) AS x ON x.session_key = s.session_key{on_day}"""


_EDITOR = {"session_id", "user_id", "person_id", "team_id"}
_FIRST_DAY = "toDate(fromUnixTimestamp64Milli(min(e.at), 'UTC'))"
_EDITORS = f"(SELECT w.session_key FROM ${{private}}.edit_rows AS w WHERE w.session_key IN {_SEVERAL})"
_EDITING = f"(SELECT t.*, cityHash64(t.session_id) AS session_key FROM {sessions_of(_EDITOR, _EDITORS)} AS t) AS s"
_WITHIN = f"{_within('edit_rows')} WHERE e.session_key NOT IN {_SEVERAL}"
_EDITS = f"""\
(
    {_edits(_dayed(_EDITOR), _WITHIN, "e.day", "e.day, e.session_key", " AND x.day = s.day")}
    UNION ALL
    {_edits(_EDITING, _across("edit_rows"), _FIRST_DAY, "e.session_key")}
)"""

_LABELS = (
    Column("session_id", "String", "The client's own id.", "r.session_id"),
    moment("labelled_at", "When.", "r.labelled_at"),
    Column("labeller", WORD, "Who or what read it.", "r.labeller"),
    Column("work_mode", "LowCardinality(Nullable(String))", "Dominant work.", "nullIf(r.work_mode, '')"),
    Column("expertise", "Nullable(UInt8)", "1 to 5.", "nullIf(r.expertise, 0)"),
    Column("outcome", "LowCardinality(Nullable(String))", "As judged.", "nullIf(r.outcome, '')"),
    Column("success_signal", "Nullable(UInt8)", "1 to 5.", "nullIf(r.success_signal, 0)"),
    Column("failure_signal", "Nullable(UInt8)", "1 to 5.", "nullIf(r.failure_signal, 0)"),
    Column("value", "Nullable(Int64)", "Ordinal only.", "nullIf(r.value, 0)"),
    Column("occupation", "LowCardinality(Nullable(String))", "Trade.", "nullIf(r.occupation, '')"),
)

VIEWS = (
    Relation(
        PRIVATE,
        "directory",
        "Who stands behind an identity, and in which team since when: a row an entry.",
        (
            Column("identity", "String", "Pseudonym of an identity.", "r.identity"),
            Column("person_id", "String", "Pseudonym of the person, the same for all identities.", "r.person"),
            moment("valid_from", "Since when it holds; 1970: ever.", "entry.1"),
            Column("team_id", WORD, TEAM.meaning, "if(entry.2 = '', 'unassigned', entry.2)"),
            Column("role", WORD, "Role.", "entry.3"),
            Column("occupation", WORD, "Occupation.", "entry.4"),
        ),
        source="FROM ${private}.directory_rows AS r FINAL\n"
        "ARRAY JOIN arrayZip(r.valid_from, r.teams, r.roles, r.occupations) AS entry",
    ),
    Relation(
        PRIVATE,
        "session_labels",
        "What somebody who read a session says of it; null: nothing.",
        _LABELS,
        source="FROM ${private}.session_label_rows AS r FINAL",
    ),
    Relation(
        PUBLIC,
        "labels",
        "What a reader says of a session; null: nothing. Who read it is in ammeter_private.session_labels.",
        shown("r", *(column for column in _LABELS if column.name != "labeller")),
        source="FROM ${private}.session_labels AS r",
    ),
    Relation(
        PUBLIC,
        "interventions",
        "What was done to help, when and for whom.",
        (
            Column("id", "String", "Of the intervention.", "r.id"),
            Column("kind", WORD, "training, knowledge_base, review, tool or other.", "r.kind"),
            Column("title", "String", "What it was.", "r.title"),
            Column("team_id", WORD, "For whom; '*': everybody.", "if(r.team_id = '', '*', toString(r.team_id))"),
            moment("started_at", "When it began.", "r.started_at"),
            Column(
                "ended_at",
                f"Nullable({MOMENT})",
                "When it ended; null: it goes on.",
                "if(r.ended_at = 0, NULL, fromUnixTimestamp64Milli(r.ended_at, 'UTC'))",
            ),
        ),
        source="FROM ${private}.intervention_rows AS r FINAL",
    ),
    Relation(
        PRIVATE,
        "session_silence",
        "Of each session what its client counted and what arrived: a gap is telemetry that was lost on its way.",
        (
            *shown("s", Column("session_id", "String", "The client's own id."), USER, PERSON, TEAM, INSTALL, *_CLIENT),
            *shown("s", Column("started_at", MOMENT, "When the first event occurred.")),
            *shown("s", Column("ended_at", MOMENT, "When the last event so far occurred.")),
            Column(
                "processes",
                "UInt64",
                "Processes of the client, as its count began anew; 0: it counts nothing.",
                _PROCESSES,
            ),
            Column("numbered", "Int64", "Events with a number that arrived.", _NUMBERED),
            Column("lost", "Int64", "Numbers between the first and last of a process that did not.", _LOST),
            Column("hook_events", "Int64", "Events that hooks told.", "s.hook_events"),
            Column(
                "is_without_requests",
                "Bool",
                "Hooks told of prompts and no telemetry of a model request: the exporter is off or blocked.",
                _WITHOUT,
            ),
        ),
        source=_SILENCE,
    ),
    Relation(
        PUBLIC,
        "silence",
        "Lost telemetry by day, team and client: it is no idleness.",
        (
            Column("day", "Date", "On which the sessions began, UTC.", "s.day"),
            *shown("s", TEAM, *_CLIENT),
            Column(
                "people", "UInt64", "Distinct people.", "uniqExactIf(s.person_id, s.user_id NOT IN ('', 'unknown'))"
            ),
            Column("sessions", "UInt64", "Sessions.", "count()"),
            Column("sessions_with_gaps", "UInt64", "Sessions that lost something.", f"countIf({_LOST} > 0)"),
            Column("numbered", "Int64", "Events with a number that arrived.", f"sum({_NUMBERED})"),
            Column("lost", "Int64", "Events that did not arrive.", f"sum({_LOST})"),
            Column("lost_share", "Nullable(Float64)", "lost / (lost + numbered).", "lost / nullIf(lost + numbered, 0)"),
            Column(
                "sessions_without_requests",
                "UInt64",
                "Sessions of which hooks told and telemetry did not.",
                f"countIf({_WITHOUT})",
            ),
        ),
        source=f"{_SILENCE}\nGROUP BY s.day, s.team_id, s.source, s.client_version\nHAVING {floored()}",
    ),
    Relation(
        PRIVATE,
        "clients",
        "Each installation: when it was heard first and last. One that stopped is silent, which need not be idle.",
        (
            Column("source", WORD, "The client.", "s.source"),
            Column("install_id", "String", INSTALL.meaning, "s.install_id"),
            Column("user_id", "String", USER.meaning, "s.user_id"),
            Column("person_id", "String", PERSON.meaning, "any(s.person_id)"),
            Column("team_id", WORD, "Team of its last session.", "argMax(s.team_id, s.seen_at)"),
            Column("client_version", WORD, "Of its last session.", "argMax(s.client_version, s.seen_at)"),
            Column("first_heard_at", MOMENT, "Its first event.", "min(s.started_at)"),
            Column("last_heard_at", MOMENT, "Its last event or receipt.", "max(s.seen_at)"),
            Column("sessions", "UInt64", "Sessions.", "count()"),
            Column(
                "has_stopped",
                "Bool",
                f"Silent for {_STOPPED_DAYS} days or longer.",
                f"last_heard_at < now64(3) - toIntervalDay({_STOPPED_DAYS})",
            ),
        ),
        source=f"FROM {sessions_of(_HEARD | {'started_at', 'seen_at'})} AS s\n"
        "GROUP BY s.source, s.install_id, s.user_id",
    ),
    Relation(
        PUBLIC,
        "client_versions",
        "Installations by client and version: how many are heard, and how many have stopped.",
        (
            *shown("c", *_CLIENT),
            Column(
                "people", "UInt64", "Distinct people.", "uniqExactIf(c.person_id, c.user_id NOT IN ('', 'unknown'))"
            ),
            Column("installs", "UInt64", "Installations, one a person at least.", "count()"),
            Column("stopped", "UInt64", f"Of them silent for {_STOPPED_DAYS} days.", "countIf(c.has_stopped)"),
            Column("last_heard_at", MOMENT, "The last event or receipt of any.", "max(c.last_heard_at)"),
        ),
        source=f"FROM ${{private}}.clients AS c\nGROUP BY c.source, c.client_version\nHAVING {floored()}",
    ),
    Relation(
        PUBLIC,
        "edit_decisions",
        "Edits accepted and rejected, by day, team, tool, language and who decided, where the client says so.",
        (
            Column("day", "Date", "UTC.", "x.day"),
            Column("team_id", WORD, "Of the session.", "x.team_id"),
            Column("tool_name", WORD, "The tool.", "x.tool_name"),
            Column("language", WORD, "Of the file, as the client says it.", "x.language"),
            Column("decision_source", WORD, "Who decided: config is a rule.", "x.decision_source"),
            Column(
                "people", "UInt64", "Distinct people.", "uniqExactIf(x.person_id, x.user_id NOT IN ('', 'unknown'))"
            ),
            Column("accepted", "Int64", "Edits accepted.", "sumIf(x.amount, x.kind = 'accept')"),
            Column("rejected", "Int64", "Edits rejected.", "sumIf(x.amount, x.kind = 'reject')"),
        ),
        source=f"FROM {_EDITS} AS x\n"
        "GROUP BY x.day, x.team_id, x.tool_name, x.language, x.decision_source\n"
        f"HAVING {floored()}",
    ),
)
