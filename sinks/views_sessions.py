"""Views of sessions: what each holds, how it went, what others say of it. Rule: a label is never filled by a proxy."""

# ruff: noqa: S608 - only names of ours are put into SQL

import re
from collections.abc import Collection, Iterable, Sequence

from schemas.counters import NOT_INTERACTIVE_PREFIXES
from schemas.evidence import OUTCOMES, Sign
from sinks import verdicts
from sinks.columns import Column, passed, summed
from sinks.placing import DIRECTORY, SEGMENTS, entries, person, placed_outcomes, team
from sinks.proxies import proxies
from sinks.relations import MOMENT, OF_BOARDS, PRIVATE, PUBLIC, TEAM, USER, WORD, Relation, moment, shown

_NUMBERS = "arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))"
_FIRST_HINT = "argMin(toString(r.team_hint), r.seen_at)"

PERSON = Column("person_id", "String", "The person by the directory, else the pseudonym.")
_SESSION = (
    Column("session_id", "String", "The client's own id.", "r.session_id"),
    Column("source", WORD, "The client.", "min(r.source)"),
    Column("client_version", WORD, "The highest that it showed.", f"argMax(r.client_version, {_NUMBERS})"),
    Column("entrypoint", WORD, "How the client was started.", "max(r.entrypoint)"),
)
_WHO = (
    Column("user_id", "String", "Pseudonym; empty while nobody is known.", "argMin(r.user_id, r.seen_at)"),
    Column("user_id_kind", WORD, "What the pseudonym was made from.", "argMin(r.user_id_kind, r.seen_at)"),
    Column("install_id", "String", "Pseudonym of the installation.", "max(r.install_id)"),
)
_STATE = (
    moment("started_at", "When the first event occurred.", "min(r.started_at)"),
    moment("ended_at", "When the last event so far occurred.", "max(r.ended_at)"),
    Column(
        "end_reason",
        "Nullable(String)",
        "The client's reason, 'idle' after 30 minutes of silence, or null while it is open.",
        "nullIf(toString(argMax(r.end_reason, r.seen_at)), '')",
    ),
    Column("is_open", "Bool", "Neither ended nor idle for 30 minutes.", "argMax(r.is_open, r.seen_at)"),
    Column(
        "closed_at",
        f"Nullable({MOMENT})",
        "When it closed; null while it is open.",
        "if(argMax(r.closed_at, r.seen_at) = 0, NULL, fromUnixTimestamp64Milli(argMax(r.closed_at, r.seen_at), 'UTC'))",
    ),
    moment("seen_at", "Latest event or receipt.", "max(r.seen_at)"),
)
_MARKS = (
    Column("hint", WORD, "Team as the client says it; empty: none.", _FIRST_HINT),
    Column("has_end", "Bool", "The client said that it ended.", "max(r.closing_at) > 0"),
    Column("marks", "Map(UInt8, Int64)", "Latest moment of each kind; milliseconds.", "maxMap(r.marks)"),
    Column("told", WORD, "Outcome as the client says it.", "argMax(r.told, r.told_at)"),
)
_SUMS = tuple(summed(halves=False))
_UNREPORTED = tuple(
    Column(
        f"unreported_{name}",
        "Int64",
        f"reported_{name} - {name}, never below 0: what interrupted answers took, which only metrics hold; 0 where no"
        " metrics came.",
        f"greatest(t.reported_{name} - t.{name}, 0)",
    )
    for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "cost_micros")
)
_CAME_BACK = (
    "t.session_id IN (\n        SELECT b.session_id FROM ${private}.session_outcome_rows AS b FINAL\n"
    "        PREWHERE b.session_id IN (SELECT w.session_id FROM ${private}.session_outcome_rows AS w"
    f" WHERE {verdicts.has('w.signs', Sign.CAME_BACK)})\n        WHERE {verdicts.has('b.signs', Sign.CAME_BACK)}\n    )"
)
"""Few come back: FINAL has only their verdicts to look through."""
_STARTED_MINUTE = "intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000"
_PLACE = (
    Column("team_id", WORD, TEAM.meaning, team(_STARTED_MINUTE, "toString(t.hint)")),
    Column("person_id", "String", PERSON.meaning, person("t.user_id")),
    Column(
        "directory_occupation",
        "LowCardinality(Nullable(String))",
        "The person's occupation by the directory, at the start of the session.",
        f"if({entries(_STARTED_MINUTE)} = 0, NULL, nullIf(d.occupations[{entries(_STARTED_MINUTE)}], ''))",
    ),
    Column(
        "is_interactive",
        "Bool",
        "At a person's terminal or editor, by the entrypoint.",
        f"NOT ({' OR '.join(f'startsWith(t.entrypoint, {prefix!r})' for prefix in NOT_INTERACTIVE_PREFIXES)})",
    ),
    Column("came_back", "Bool", "The person began another session within 15 minutes.", _CAME_BACK),
)
_TOTALS = (*_SESSION, *_WHO, *_STATE, *_MARKS, *_SUMS)

_CLOSED = "if(r.closed_at = 0, NULL, fromUnixTimestamp64Milli(r.closed_at, 'UTC'))"
_ALONE = {
    "hint": "r.team_hint",
    "started_at": "r.began",
    "ended_at": "fromUnixTimestamp64Milli(r.ended_at, 'UTC')",
    "seen_at": "fromUnixTimestamp64Milli(r.seen_at, 'UTC')",
    "end_reason": "nullIf(toString(r.end_reason), '')",
    "closed_at": _CLOSED,
    "has_end": "r.closing_at > 0",
    **{column.name: column.sql for column in passed(halves=False)},
}
"""Of a session with one segment, what is not a column of its row as it is."""

_SEVERAL = """\
(
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )"""
"""Sessions of which several rows may count: several segments, or rows of one that moved to another day."""


def _selected(columns: Iterable[Column]) -> str:
    return ", ".join(f"{column.sql} AS `{column.name}`" for column in columns)


def _totals(columns: Sequence[Column] = _TOTALS, keys: str = "") -> str:
    """A session of one segment, as nearly all are, needs no grouping: who asks for a time reads the days of that time.

    With `keys`, a query of hashes of session ids, little is read of other sessions of one segment but their hash.
    """
    one = [column._replace(sql=_ALONE.get(column.name, f"r.{column.name}")) for column in columns]
    return f"""\
(
    SELECT {_selected(one)}
    FROM ${{private}}.session_state_rows AS r FINAL
    {f"PREWHERE r.session_key IN {keys} " if keys else ""}WHERE r.session_key NOT IN {_SEVERAL}
    UNION ALL
    SELECT {_selected(columns)}
    FROM (
        SELECT * FROM ${{private}}.session_state_rows AS w WHERE w.session_key IN {_SEVERAL}
        ORDER BY w.version DESC LIMIT 1 BY w.session_id, w.segment
    ) AS r
    GROUP BY r.session_id
)"""


_ALL = (*shown("t", *_TOTALS), *_UNREPORTED, *_PLACE)


def read(sql: str, table: str) -> set[str]:
    """The columns of a table, by its alias, that stand in an expression."""
    return set(re.findall(rf"\b{table}\.`?(\w+)", sql))


def sessions_of(names: Collection[str], keys: str = "") -> str:
    """Rows of all_sessions with few columns, for who needs no more: what is not asked for would be worked out too.

    With `keys`, those whose hashes a query gives, and a few others.
    """
    columns = [column for column in _ALL if column.name in names]
    beneath = {"user_id"} | read(_selected(columns), "t")
    return f"""\
(
    SELECT {_selected(columns)}
    FROM {_totals([column for column in _TOTALS if column.name in beneath], keys)} AS t
    LEFT JOIN {DIRECTORY} AS d ON d.identity = t.user_id
)"""


_IS_JUDGED = (
    "NOT t.is_open AND isNotNull(t.closed_at) AND toUnixTimestamp64Milli(t.closed_at) + "
    f"{verdicts.COHORT_MS} <= toUnixTimestamp64Milli(now64(3))"
)
_OUTCOME = verdicts.outcome("t.signs")
_WHILE = "null while it is open, and for 15 minutes after it closed"
_VERDICT = (
    Column(
        "outcome",
        "LowCardinality(Nullable(String))",
        f"How it ended, by telemetry alone: {', '.join(OUTCOMES)}; {_WHILE}.",
        f"if({_IS_JUDGED}, {_OUTCOME}, NULL)",
    ),
    Column(
        "outcome_confidence",
        "LowCardinality(Nullable(String))",
        "high: hard evidence, or the client said so; medium: its end was seen; low: silence only.",
        f"if({_IS_JUDGED}, {verdicts.confidence('t.signs', _OUTCOME)}, NULL)",
    ),
    Column(
        "is_troubled",
        "Nullable(Bool)",
        f"It hit trouble, a proxy of the study's failure signal of 3 and more; {_WHILE}.",
        f"if({_IS_JUDGED}, toBool({verdicts.troubled('t.signs')}), NULL)",
    ),
    Column(
        "evidence",
        "Array(String)",
        "What the outcome rests on: names of schemas.evidence.Sign, as far as they are known.",
        verdicts.evidence("t.signs"),
    ),
)
_LABELS = (
    Column(
        "judged_outcome",
        "LowCardinality(Nullable(String))",
        "Label: the outcome as a reader judged it.",
        "nullIf(l.outcome, '')",
    ),
    Column("work_mode", "LowCardinality(Nullable(String))", "Label: dominant work.", "nullIf(l.work_mode, '')"),
    Column("expertise", "Nullable(UInt8)", "Label: 1 to 5.", "nullIf(l.expertise, 0)"),
    Column("value", "Nullable(Int64)", "Label: ordinal only.", "nullIf(l.value, 0)"),
    Column("occupation", "LowCardinality(Nullable(String))", "Label: trade.", "nullIf(l.occupation, '')"),
    Column("success_signal", "Nullable(UInt8)", "Label: 1 to 5.", "nullIf(l.success_signal, 0)"),
    Column("failure_signal", "Nullable(UInt8)", "Label: 1 to 5.", "nullIf(l.failure_signal, 0)"),
)
_HIDDEN = {"marks", "told", "hint"}
DONE = ("prompts", "responses", "api_failures", "tool_calls", "tool_accepts", "tool_rejections")
SOMETHING = f"{' + '.join(DONE)} > 0"
_SIGNED = tuple(column for column in _ALL if column.name not in _HIDDEN)
_SESSIONS = (*shown("t", *_SIGNED), *_VERDICT, *_LABELS, *proxies())
_OF_PEOPLE = {"user_id", "user_id_kind", "install_id", "person_id"}
_OF_BOARDS = (
    *("session_id", "person_id", "user_id", "team_id", "source", "started_at", "ended_at", "end_reason", "is_open"),
    *("is_interactive", "prompts", "tool_calls", "tool_failures", "lines_added", "commits", "tests_passed"),
    *("tests_failed", "cost_usd", "actions_per_prompt", "outcome", "outcome_confidence", "is_troubled", "evidence"),
    *("judged_outcome", "work_mode", "work_mode_proxy"),
)


def _sessions(sessions: str, labels: str = "*") -> str:
    """FROM sessions in which something happened, with their signs and labels."""
    return (
        f"FROM (SELECT t.*, {verdicts.signs()} AS signs FROM {sessions} AS t) AS t\n"
        f"LEFT JOIN (SELECT {labels} FROM ${{private}}.session_label_rows FINAL) AS l ON l.session_id = t.session_id\n"
        f"WHERE {SOMETHING}"
    )


_BRIEF = tuple(column for column in _SESSIONS if column.name in _OF_BOARDS)
_BENEATH = {"session_id", *DONE} | read(_selected(_BRIEF) + verdicts.signs(), "t")

VIEWS = (
    Relation(
        PRIVATE,
        "session_totals",
        "Sessions, those too in which nothing happened: the last segment says how one stands, the first who it was.",
        shown("u", *_TOTALS),
        source=f"FROM {_totals()} AS u",
    ),
    Relation(
        PRIVATE,
        "all_sessions",
        "Sessions, those too in which nothing happened, with team and person by the directory at their start.",
        _ALL,
        source=f"FROM ${{private}}.session_totals AS t\nLEFT JOIN {DIRECTORY} AS d ON d.identity = t.user_id",
    ),
    Relation(
        PRIVATE,
        "sessions",
        "Sessions in which something happened, with the person.",
        _SESSIONS,
        source=_sessions("${private}.all_sessions"),
    ),
    Relation(
        PRIVATE,
        "sessions_brief",
        f"As sessions, {OF_BOARDS}",
        _BRIEF,
        source=_sessions(sessions_of(_BENEATH), "session_id, work_mode, outcome"),
    ),
    Relation(
        PRIVATE,
        "session_people",
        "Whose a session is, those too in which nothing happened.",
        shown("s", *(column for column in _ALL if column.name in ("session_id", "user_id", "person_id"))),
        source=f"FROM {sessions_of(('session_id', 'user_id', 'person_id'))} AS s",
    ),
    Relation(
        PUBLIC,
        "sessions",
        "Sessions in which something happened, without the person.",
        shown("s", *(column for column in _SESSIONS if column.name not in _OF_PEOPLE)),
        source="FROM ${private}.sessions AS s",
    ),
    Relation(
        PRIVATE,
        "session_outcomes",
        "Each verdict as the stream gave it; none of a session that went on since.",
        (
            Column("session_id", "String", "The client's own id.", "r.session_id"),
            Column("segment", "Int64", "The incarnation that was judged; milliseconds.", "r.segment"),
            *shown("r", USER, PERSON),
            Column("team_id", WORD, TEAM.meaning, "r.placed_team"),
            Column("source", WORD, "The client.", "r.source"),
            Column("is_interactive", "Bool", "At a person's terminal or editor.", "r.is_interactive"),
            moment("started_at", "When the first event occurred: its cohort.", "r.started_at"),
            moment("ended_at", "When the last event occurred.", "r.ended_at"),
            moment("judged_at", "When the verdict was given.", "r.judged_at"),
            Column("outcome", WORD, "How it ended.", "r.outcome"),
            Column("outcome_confidence", WORD, "high, medium or low.", "r.confidence"),
            Column("is_troubled", "Bool", "It hit trouble.", "r.is_troubled"),
            Column("evidence", "Array(String)", "Names of schemas.evidence.Sign.", verdicts.evidence("r.signs")),
            Column("replaces", "Bool", "A correction of an earlier verdict.", "r.replaces"),
            Column("definitions", "UInt32", "Version of the definitions it was judged by.", "r.definitions"),
        ),
        source=placed_outcomes() + f"\nINNER JOIN {SEGMENTS} AS h"
        " ON h.session_id = r.session_id AND h.segment = r.segment\n"
        "WHERE NOT h.is_open AND r.judged_at >= h.closed_at",
    ),
)
