"""The tables and views of the first schema. Rule: who reads needs to know nothing of FINAL, segments or privacy.

Tables end in `_rows` (but `session_events`) and hold what came, newest by version; views show what it means. In the
texts `${public}` and `${private}` are the two databases.
"""

from typing import NamedTuple

from sinks.columns import Column, counter_columns, event_columns, passed, summed


class Relation(NamedTuple):
    """A table or a view: what one row of it is, its columns, and how it is made."""

    database: str
    name: str
    meaning: str
    columns: tuple[Column, ...]
    engine: str = ""
    """Of a table: engine, order, partitions."""
    source: str = ""
    """Of a view: all after its select list."""

    @property
    def is_table(self) -> bool:
        """Whether it holds rows itself."""
        return bool(self.engine)


PUBLIC, PRIVATE = "public", "private"
MOMENT, MINUTE, WORD = "DateTime64(3, 'UTC')", "DateTime('UTC')", "LowCardinality(String)"
LAST_OFFSET = 9223372036854775807

VERSION = Column("version", "UInt64", "Of the flush that wrote the row; the highest counts.")
DEFINITIONS = Column("definitions", "UInt32", "Version of the definitions it was counted by.")
USER = Column("user_id", "String", "Pseudonym of the person; 'unknown' where nobody was named in time.")
TEAM = Column("team_id", WORD, "Team; 'unassigned' where there is none.")
AT_MINUTE = Column("minute", MINUTE, "Minute in which the events occurred.")
SPAN = Column("span", WORD, "Length of the window: 5m, 1h or 24h.")
SPAN_MINUTES = Column("span_minutes", "UInt16", "Length of the window in minutes.")
AS_OF = Column("as_of", MINUTE, "Last minute of the window: it holds the minutes (as_of - span, as_of].")
PEOPLE = "Distinct people active; 'unknown' is nobody."


def _moment(name: str, meaning: str, expression: str) -> Column:
    return Column(name, MOMENT, meaning, f"fromUnixTimestamp64Milli({expression}, 'UTC')")


def _shown(table: str, *columns: Column) -> tuple[Column, ...]:
    return tuple(column._replace(sql=f"{table}.`{column.name}`") for column in columns)


TABLES = (
    Relation(
        PRIVATE,
        "policy",
        "What the views obey: a name and its value. 'floor': groups of fewer people are not shown.",
        (
            Column("name", WORD, "Of the rule."),
            Column("value", "Int64", "What holds."),
            Column("version", "UInt64", "Microseconds; the highest counts."),
        ),
        "ReplacingMergeTree(version) ORDER BY name",
    ),
    Relation(
        PRIVATE,
        "session_events",
        "Canonical events as they came. FINAL leaves of an event_id the copy with the lowest offset: the counted one.",
        (
            *event_columns(),
            Column("partition", "UInt16", "Of session-events, from which the message was read.", "DEFAULT 0"),
            Column("offset", "Int64", "Of the message in its partition.", "DEFAULT 0"),
            Column("stored_at", MOMENT, "When the row was stored.", "DEFAULT now64(3)"),
            Column("rank", "UInt64", "Higher for a lower offset.", f"MATERIALIZED {LAST_OFFSET} - offset"),
        ),
        "ReplacingMergeTree(rank)\nPARTITION BY toYYYYMM(fromUnixTimestamp64Milli(occurred_at, 'UTC'))\n"
        "ORDER BY (session_id, event_id)",
    ),
    Relation(
        PRIVATE,
        "arrival_rows",
        "When events were received and stored, in the order of receipt. One row an event and minute of receipt.",
        (
            Column("minute", MINUTE, "Minute of receipt."),
            Column("event", "UInt64", "Hash of the event_id."),
            Column("source", WORD, "The client."),
            Column("client_version", WORD, "Version of the client."),
            Column("is_unrecognised", "Bool", "This version does not know the event."),
            Column("delay_ms", "Int64", "From receipt to the store."),
            Column("rank", "UInt64", "Higher for an earlier storing."),
        ),
        "ReplacingMergeTree(rank)\nPARTITION BY toYYYYMM(minute)\nORDER BY (minute, event)",
    ),
    Relation(
        PRIVATE,
        "session_rows",
        "State of a session, newest by version. Segments of one session add up.",
        (
            Column("session_id", "String", "The client's own id."),
            Column("segment", "Int64", "When this incarnation came into being; milliseconds."),
            VERSION,
            DEFINITIONS,
            Column("source", WORD, "The client."),
            Column("client_version", WORD, "The highest that it showed."),
            Column("entrypoint", WORD, "The last in alphabetical order that it showed."),
            Column("user_id", "String", "Pseudonym; empty while nobody is known, 'unknown' when that was given up."),
            Column("user_id_kind", WORD, "What the pseudonym was made from."),
            Column("install_id", "String", "Pseudonym of the installation."),
            Column("team_hint", WORD, "Of the event that identified the session."),
            Column("is_open", "Bool", "Neither ended nor idle for 30 minutes."),
            Column("started_at", "Int64", "First occurred_at; milliseconds."),
            Column("ended_at", "Int64", "Last occurred_at; milliseconds."),
            Column("seen_at", "Int64", "Latest of occurred_at and received_at; milliseconds."),
            Column("end_reason", WORD, "The end event's reason, 'idle', or empty."),
            *counter_columns(halves=False),
        ),
        "ReplacingMergeTree(version) ORDER BY (session_id, segment)",
    ),
    Relation(
        PRIVATE,
        "user_minute_rows",
        "Sums of one minute of one person in one team, newest by version. Segments of one minute add up.",
        (
            AT_MINUTE,
            TEAM,
            USER,
            Column("segment", "Int64", "0 while the stream remembers the minute, else the version of a late flush."),
            VERSION,
            DEFINITIONS,
            *counter_columns(halves=True),
        ),
        "ReplacingMergeTree(version)\nPARTITION BY toYYYYMM(minute)\nORDER BY (minute, team_id, user_id, segment)",
    ),
    Relation(
        PRIVATE,
        "user_window_rows",
        "Rolling windows of a person, newest by version.",
        (USER, SPAN, SPAN_MINUTES, AS_OF, VERSION, DEFINITIONS, *counter_columns(halves=True)),
        "ReplacingMergeTree(version) ORDER BY (user_id, span)",
    ),
    Relation(
        PRIVATE,
        "user_session_rows",
        "Last notice of a person's session, newest by version.",
        (
            USER,
            Column("session_id", "String", "The client's own id."),
            Column("segment", "Int64", "The incarnation it is about; milliseconds."),
            VERSION,
            DEFINITIONS,
            TEAM,
            Column("state", WORD, "opened, closed or reopened."),
            Column("at", "Int64", "When; milliseconds."),
            Column("started_at", "Int64", "First occurred_at; milliseconds."),
            Column("end_reason", WORD, "The end event's reason, 'idle', or empty."),
            Column("came_back", "Bool", "The person opened another session after this one closed."),
        ),
        "ReplacingMergeTree(version) ORDER BY (user_id, session_id)",
    ),
    Relation(
        PRIVATE,
        "team_window_rows",
        "Rolling windows of a team, newest by version; a team that emptied has zeros.",
        (
            TEAM,
            SPAN,
            SPAN_MINUTES,
            AS_OF,
            Column("people", "Int64", PEOPLE),
            VERSION,
            DEFINITIONS,
            *counter_columns(halves=True),
        ),
        "ReplacingMergeTree(version) ORDER BY (team_id, span)",
    ),
    Relation(
        PRIVATE,
        "dead_letter_rows",
        "Messages that could not be read.",
        (
            Column("topic", WORD, "Where the message lies."),
            Column("partition", "UInt16", "Its partition."),
            Column("offset", "Int64", "Its offset."),
            Column("at", "Int64", "When it was set aside; milliseconds."),
            Column("reason", "String", "Which field, and why it could not be read."),
        ),
        "ReplacingMergeTree ORDER BY (topic, partition, offset)",
    ),
    Relation(
        PRIVATE,
        "pipeline_sample_rows",
        "How far each part of the pipeline was, about every 5 seconds.",
        (
            Column("at", "Int64", "When the sample was taken; milliseconds."),
            Column("part", WORD, "A stage (sessions, users, teams), or sink."),
            Column("partition", "UInt16", "Of its source."),
            Column("lag", "Int64", "Messages not yet read."),
            Column("watermark_age_ms", "Int64", "How far the part's time is behind the clock."),
            Column("delay_ms", "Int64", "Of the sink: from a flush of team-windows to its row in the store."),
        ),
        "ReplacingMergeTree\nPARTITION BY toYYYYMM(fromUnixTimestamp64Milli(at, 'UTC'))\n"
        "ORDER BY (at, part, partition)\n"
        "TTL toDateTime(fromUnixTimestamp64Milli(at, 'UTC')) + INTERVAL 30 DAY",
    ),
)

ARRIVALS = """\
CREATE MATERIALIZED VIEW IF NOT EXISTS ${private}.arrivals TO ${private}.arrival_rows AS
SELECT
    toStartOfMinute(fromUnixTimestamp64Milli(e.received_at, 'UTC')) AS minute,
    cityHash64(e.event_id) AS event,
    e.source AS source,
    e.client_version AS client_version,
    e.type = 'unrecognised' AS is_unrecognised,
    toUnixTimestamp64Milli(e.stored_at) - e.received_at AS delay_ms,
    9223372036854775807 - toUnixTimestamp64Milli(e.stored_at) AS rank
FROM ${private}.session_events AS e
"""

_NUMBERS = "arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))"
_FLOOR = "(SELECT ifNull(max(value), 1) FROM ${private}.policy FINAL WHERE name = 'floor')"

_SESSION = (
    Column("session_id", "String", "The client's own id.", "r.session_id"),
    Column("source", WORD, "The client.", "min(r.source)"),
    Column("client_version", WORD, "The highest that it showed.", f"argMax(r.client_version, {_NUMBERS})"),
    Column("entrypoint", WORD, "How the client was started.", "max(r.entrypoint)"),
)
_TEAM_OF_SESSION = "if(argMin(r.team_hint, r.seen_at) = '', 'unassigned', argMin(r.team_hint, r.seen_at))"
_SESSION_STATE = (
    Column("team_id", WORD, TEAM.meaning, _TEAM_OF_SESSION),
    _moment("started_at", "When the first event occurred.", "min(r.started_at)"),
    _moment("ended_at", "When the last event so far occurred.", "max(r.ended_at)"),
    Column(
        "end_reason",
        "Nullable(String)",
        "The client's reason, 'idle' after 30 minutes of silence, or null while it is open.",
        "nullIf(toString(argMax(r.end_reason, r.seen_at)), '')",
    ),
    Column("is_open", "Bool", "Neither ended nor idle for 30 minutes.", "argMax(r.is_open, r.seen_at)"),
)
_PERSON_OF_SESSION = (
    Column("user_id", "String", "Pseudonym; empty while nobody is known.", "argMin(r.user_id, r.seen_at)"),
    Column("user_id_kind", WORD, "What the pseudonym was made from.", "argMin(r.user_id_kind, r.seen_at)"),
    Column("install_id", "String", "Pseudonym of the installation.", "max(r.install_id)"),
)
_SOMETHING = "prompts + responses + api_failures + tool_calls + tool_accepts + tool_rejections > 0"
_SESSION_SUMS = tuple(summed(halves=False))
_SESSION_ALL = (*_SESSION, *_PERSON_OF_SESSION, *_SESSION_STATE, *_SESSION_SUMS)

VIEWS = (
    Relation(
        PRIVATE,
        "events",
        "Each counted event once: no copies, none from a message that was set aside.",
        (
            *_shown("e", *event_columns()),
            *_shown(
                "e",
                Column("partition", "UInt16", "Of session-events."),
                Column("offset", "Int64", "Of the message; the log's order within a session."),
                Column("stored_at", MOMENT, "When the row was stored."),
            ),
            _moment("occurred", "occurred_at as a time.", "e.occurred_at"),
            _moment("received", "received_at as a time.", "e.received_at"),
        ),
        source="FROM ${private}.session_events AS e FINAL\n"
        "PREWHERE (e.partition, e.offset) NOT IN (\n"
        "    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'\n)",
    ),
    Relation(
        PRIVATE,
        "all_sessions",
        "Sessions, those too in which nothing happened: the last segment says how one stands, the first who it was.",
        _SESSION_ALL,
        source="FROM ${private}.session_rows AS r FINAL\nGROUP BY r.session_id",
    ),
    Relation(
        PRIVATE,
        "sessions",
        "Sessions in which something happened, with the person.",
        _shown("s", *_SESSION_ALL),
        source=f"FROM ${{private}}.all_sessions AS s\nWHERE {_SOMETHING}",
    ),
    Relation(
        PRIVATE,
        "user_minutes",
        "What one person did in one minute, by team.",
        (*_shown("r", USER, TEAM, AT_MINUTE), *summed(halves=True)),
        source="FROM ${private}.user_minute_rows AS r FINAL\nGROUP BY r.user_id, r.team_id, r.minute",
    ),
    Relation(
        PRIVATE,
        "user_windows",
        "Rolling windows of a person.",
        (*_shown("r", USER, SPAN, SPAN_MINUTES, AS_OF), *passed(halves=True)),
        source="FROM ${private}.user_window_rows AS r FINAL",
    ),
    Relation(
        PRIVATE,
        "user_sessions",
        "The last thing that happened to a person's session.",
        (
            *_shown("r", USER, TEAM, Column("session_id", "String", "The client's own id.")),
            Column("state", WORD, "opened, closed or reopened.", "r.state"),
            _moment("at", "When.", "r.at"),
            _moment("started_at", "When the first event occurred.", "r.started_at"),
            Column("end_reason", "Nullable(String)", "As in sessions.", "nullIf(toString(r.end_reason), '')"),
            Column("came_back", "Bool", "The person opened another session after this one closed.", "r.came_back"),
        ),
        source="FROM ${private}.user_session_rows AS r FINAL",
    ),
    Relation(
        PUBLIC,
        "sessions",
        "Sessions in which something happened, without the person.",
        _shown("s", *_SESSION, *_SESSION_STATE, *_SESSION_SUMS),
        source="FROM ${private}.sessions AS s",
    ),
    Relation(
        PUBLIC,
        "team_minutes",
        "What one team did in one minute.",
        (
            *_shown("r", TEAM, AT_MINUTE),
            Column("people", "UInt64", PEOPLE, "uniqExactIf(r.user_id, r.user_id != 'unknown' AND r.events > 0)"),
            *summed(halves=True),
        ),
        source="FROM ${private}.user_minute_rows AS r FINAL\nGROUP BY r.team_id, r.minute\n"
        f"HAVING people = 0 OR people >= {_FLOOR}",
    ),
    Relation(
        PUBLIC,
        "team_windows",
        "What one team did in the last 5 minutes, hour and 24 hours.",
        (
            *_shown("r", TEAM, SPAN, SPAN_MINUTES, AS_OF, Column("people", "Int64", PEOPLE)),
            *passed(halves=True),
        ),
        source=f"FROM ${{private}}.team_window_rows AS r FINAL\nWHERE r.people = 0 OR r.people >= {_FLOOR}",
    ),
    Relation(
        PUBLIC,
        "event_minutes",
        "Events by the minute in which they were received; a copy that came in a later minute counts there again.",
        (
            *_shown("r", Column("minute", MINUTE, "Minute of receipt.")),
            *_shown("r", Column("source", WORD, "The client."), Column("client_version", WORD, "Its version.")),
            Column("events", "UInt64", "Events received.", "count()"),
            Column("unrecognised", "UInt64", "Events that this version does not know.", "countIf(r.is_unrecognised)"),
            Column("store_delay_p50_ms", "Float64", "Half were stored after this long.", "quantile(0.5)(r.delay_ms)"),
            Column("store_delay_p99_ms", "Float64", "99 % were stored after this.", "quantile(0.99)(r.delay_ms)"),
        ),
        source="FROM ${private}.arrival_rows AS r FINAL\nGROUP BY r.minute, r.source, r.client_version",
    ),
    Relation(
        PUBLIC,
        "pipeline_samples",
        "How far each part of the pipeline was, about every 5 seconds.",
        (
            _moment("at", "When the sample was taken.", "r.at"),
            Column("part", WORD, "A stage (sessions, users, teams), or sink.", "r.part"),
            Column("partition", "UInt16", "Of its source.", "r.partition"),
            Column("lag", "Int64", "Messages not yet read.", "r.lag"),
            Column("watermark_age_ms", "Int64", "How far its time is behind the clock.", "r.watermark_age_ms"),
            Column("delay_ms", "Int64", "Of the sink: flush of team-windows to its row in the store.", "r.delay_ms"),
        ),
        source="FROM ${private}.pipeline_sample_rows AS r FINAL",
    ),
    Relation(
        PUBLIC,
        "dead_letters",
        "Messages that could not be read and were set aside.",
        (
            _moment("at", "When it was set aside.", "r.at"),
            Column("topic", WORD, "Where the message lies.", "r.topic"),
            Column("partition", "UInt16", "Its partition.", "r.partition"),
            Column("offset", "Int64", "Its offset.", "r.offset"),
            Column("reason", "String", "Which field, and why it could not be read.", "r.reason"),
        ),
        source="FROM ${private}.dead_letter_rows AS r FINAL",
    ),
    Relation(
        PUBLIC,
        "store_tables",
        "Size of our tables.",
        (
            Column("table", "String", "Its name.", "p.table"),
            Column("rows", "UInt64", "Rows, older versions included until they are merged away.", "sum(p.rows)"),
            Column("bytes", "UInt64", "On disk, compressed.", "sum(p.bytes_on_disk)"),
        ),
        source="FROM system.parts AS p\nWHERE p.active AND p.database = '${private}'\nGROUP BY p.table",
    ),
    Relation(
        PUBLIC,
        "teams",
        "Every team that was ever seen.",
        (Column("team_id", WORD, TEAM.meaning, "r.team_id"),),
        source="FROM (\n    SELECT DISTINCT team_id FROM ${private}.user_minute_rows\n    UNION DISTINCT\n"
        "    SELECT DISTINCT team_id FROM ${private}.team_window_rows\n) AS r",
    ),
)

RELATIONS = (*TABLES, *VIEWS)
