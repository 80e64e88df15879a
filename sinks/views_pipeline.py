"""Views of the pipeline itself: what arrived, how far each part is, what could not be read, how much is stored."""

# ruff: noqa: S608 - only names of ours are put into SQL

from sinks.columns import Column, event_columns
from sinks.relations import MINUTE, MOMENT, PRIVATE, PUBLIC, TEAM, WORD, Relation, moment, shown


def counted(table: str) -> str:
    """Of rows of events, those of messages that were not set aside; said before FINAL, so that another copy counts."""
    return (
        f"({table}.partition, {table}.offset) NOT IN (\n"
        "    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'\n)"
    )


VIEWS = (
    Relation(
        PRIVATE,
        "events",
        "Each counted event once: no copies, none from a message that was set aside.",
        (
            *shown("e", *event_columns()),
            *shown(
                "e",
                Column("partition", "UInt16", "Of session-events."),
                Column("offset", "Int64", "Of the message; the log's order within a session."),
                Column("stored_at", MOMENT, "When the row was stored."),
            ),
            moment("occurred", "occurred_at as a time.", "e.occurred_at"),
            moment("received", "received_at as a time.", "e.received_at"),
        ),
        source=f"FROM ${{private}}.session_events AS e FINAL\nPREWHERE {counted('e')}",
    ),
    Relation(
        PUBLIC,
        "event_minutes",
        "Events by the minute in which they were received; a copy that came in a later minute counts there again.",
        (
            *shown("r", Column("minute", MINUTE, "Minute of receipt.")),
            *shown("r", Column("source", WORD, "The client."), Column("client_version", WORD, "Its version.")),
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
            moment("at", "When the sample was taken.", "r.at"),
            Column("part", WORD, "A stage (sessions, users, teams, detect), or sink.", "r.part"),
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
            moment("at", "When it was set aside.", "r.at"),
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
        "Every team that was ever seen, or that the directory names.",
        (Column("team_id", WORD, TEAM.meaning, "r.team_id"),),
        source="FROM (\n    SELECT DISTINCT team_id FROM ${private}.user_minute_rows\n    UNION DISTINCT\n"
        "    SELECT DISTINCT team_id FROM ${private}.team_window_rows\n    UNION DISTINCT\n"
        "    SELECT DISTINCT if(team = '', 'unassigned', team) FROM (\n"
        "        SELECT arrayJoin(teams) AS team FROM ${private}.directory_rows FINAL\n    )\n) AS r",
    ),
)
