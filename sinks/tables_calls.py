"""What the store takes itself out of raw events, for who asks by time. Rule: a row an event, of its few columns."""

from schemas.counters import COST_MICROS, COUNTERS, INPUT_TOKENS
from sinks.columns import Column
from sinks.relations import LAST_OFFSET, MINUTE, PRIVATE, WORD, Relation

KINDS = ("model_responded", "model_request_failed", "tool_finished", "tool_decided", "unrecognised")
_AT = "if(e.occurred_at > e.received_at + 300000 OR e.occurred_at < 1577836800000, e.received_at, e.occurred_at)"
_SOURCES = (
    Column("type", WORD, "What happened.", "e.type"),
    Column("minute", MINUTE, "When it occurred.", f"toStartOfMinute(fromUnixTimestamp64Milli({_AT}, 'UTC'))"),
    Column("event", "UInt64", "Hash of the event_id.", "cityHash64(e.event_id)"),
    Column("partition", "UInt16", "Of session-events.", "e.partition"),
    Column("offset", "Int64", "Of the message.", "e.offset"),
    Column("source", WORD, "The client.", "e.source"),
    Column("client_version", WORD, "Its version.", "e.client_version"),
    Column("user_id", "String", "Pseudonym of the person; empty: the event names nobody.", "e.user_id"),
    Column("hint", WORD, "Team as the client says it.", "e.team_hint"),
    Column(
        "name",
        WORD,
        "The model, the tool, or the name that was not recognised.",
        "multiIf(startsWith(e.type, 'model'), toString(e.model), e.type = 'unrecognised', toString(e.name),"
        " toString(e.tool_name))",
    ),
    Column("mcp_server", WORD, "Of a tool; empty: none.", "e.mcp_server"),
    Column(
        "result",
        WORD,
        "Of a failed request its kind, of a finished call failed or empty, of a decision accept or reject.",
        "multiIf(e.type = 'model_request_failed', toString(e.kind), e.type = 'tool_decided', toString(e.decision),"
        " e.type = 'tool_finished' AND NOT e.success, 'failed', '')",
    ),
    Column("duration_ms", "Int64", "How long it took.", "e.duration_ms"),
    *(
        Column(counter.name, "Int64", f"{counter.meaning} Here of one.", f"e.{counter.name}")
        for counter in COUNTERS[INPUT_TOKENS : COST_MICROS + 1]
    ),
    Column("rank", "UInt64", "Higher for an earlier message.", f"{LAST_OFFSET} - e.offset"),
)
SELECT = (
    "SELECT\n"
    + ",\n".join(f"    {column.sql} AS `{column.name}`" for column in _SOURCES)
    + f"\nFROM ${{private}}.session_events AS e\nWHERE e.via = '' AND e.type IN {KINDS}\n"
)
"""Of raw events, what the table takes; hooks tell again what telemetry tells, so theirs are left out."""

CALLS = Relation(
    PRIVATE,
    "call_rows",
    "Requests to models, calls of tools, and what was not recognised, by time: filled from session_events.",
    tuple(column._replace(sql="") for column in _SOURCES),
    "ReplacingMergeTree(rank)\nPARTITION BY toYYYYMM(minute)\nORDER BY (type, minute, event)",
    since=2,
)
