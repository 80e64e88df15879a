"""Views of models and tools by hour, of work by day, of what was not recognised. Rule: an event says whose it is.

An event counts for the identity that it names; a session's figures are its person's. So both agree but where a client
names nobody.
"""

from sinks.columns import MAP, Column, bucket
from sinks.floor import with_others, with_whole
from sinks.placing import placed
from sinks.relations import MINUTE, PEOPLE, PUBLIC, TEAM, WORD, Relation
from sinks.views_pipeline import counted

_ROWS = placed("${private}.call_rows AS a FINAL", "toUnixTimestamp(a.minute) * 1000", "toString(a.hint)").replace(
    "\n) AS r", f"\n    PREWHERE {counted('a')}\n) AS r"
)
_WHO = "uniqExactStateIf(r.person_id, r.user_id NOT IN ('', 'unknown'))"
_OTHERS = f"{TEAM.meaning} 'others': teams with too few people in this row, together."
_SOURCE = Column("source", WORD, "The client.", "g.source")
_HOUR = Column("hour", MINUTE, "Hour in which they occurred.", "g.hour")
_SHOWN = (
    Column("team_id", WORD, _OTHERS, "g.shown_team"),
    Column("people", "UInt64", "Distinct people.", "finalizeAggregation(g.who)"),
)


def _durations(of: str) -> str:
    return f"sumMapIf(map(toUInt16({bucket('r.duration_ms')}), toInt64(1)), {of})"


def _of_type(name: str, column: str) -> str:
    return f"sumIf(r.{column}, r.type = '{name}')"


_ANSWERED, _FAILED = "r.type = 'model_responded'", "r.type = 'model_request_failed'"
_MODEL = (
    Column("requests", "UInt64", "Answered requests.", f"countIf({_ANSWERED})"),
    Column("failures", "UInt64", "Requests that failed for good.", f"countIf({_FAILED} AND r.result != 'refusal')"),
    Column(
        "retries_exhausted",
        "UInt64",
        "Of them: had been retried.",
        f"countIf({_FAILED} AND r.result = 'retries_exhausted')",
    ),
    Column("refusals", "UInt64", "Requests that the model refused.", f"countIf({_FAILED} AND r.result = 'refusal')"),
    *(
        Column(name, "Int64", f"Sum over answered requests. [{unit}]", _of_type("model_responded", name))
        for name, unit in (
            ("input_tokens", "tokens"),
            ("output_tokens", "tokens"),
            ("cache_read_tokens", "tokens"),
            ("cache_creation_tokens", "tokens"),
            ("cost_micros", "micro-dollars"),
        )
    ),
    Column("durations", MAP, "Answered requests by half octave of their duration.", _durations(_ANSWERED)),
)
_FINISHED, _DECIDED = "r.type = 'tool_finished'", "r.type = 'tool_decided'"
_TOOL = (
    Column("calls", "UInt64", "Finished calls.", f"countIf({_FINISHED})"),
    Column("failures", "UInt64", "Of them: did not succeed.", f"countIf({_FINISHED} AND r.result = 'failed')"),
    Column("rejections", "UInt64", "Calls refused.", f"countIf({_DECIDED} AND r.result = 'reject')"),
    Column("durations", MAP, "Finished calls by half octave of their duration.", _durations(_FINISHED)),
)
_MODES = (Column("sessions", "UInt64", "Sessions at a terminal or editor.", "count()"),)


def _from(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(column._replace(sql=f"g.{column.name}") for column in columns)


VIEWS = (
    Relation(
        PUBLIC,
        "model_hours",
        "Requests to models by hour, team, client and model.",
        (_HOUR, *_SHOWN, _SOURCE, Column("model", WORD, "The model.", "g.model"), *_from(_MODEL)),
        source=with_others(
            ["toStartOfHour(r.minute) AS hour", "r.source AS source", "r.name AS model"],
            "r.placed_team",
            _WHO,
            _MODEL,
            f"{_ROWS}\nWHERE r.type IN ('model_responded', 'model_request_failed')",
        ),
    ),
    Relation(
        PUBLIC,
        "tool_hours",
        "Calls of tools by hour, team, client and tool.",
        (
            _HOUR,
            *_SHOWN,
            _SOURCE,
            Column("tool_name", WORD, "The tool.", "g.tool_name"),
            Column("mcp_server", WORD, "Its MCP server; empty: none.", "g.mcp_server"),
            *_from(_TOOL),
        ),
        source=with_others(
            [
                "toStartOfHour(r.minute) AS hour",
                "r.source AS source",
                "r.name AS tool_name",
                "r.mcp_server AS mcp_server",
            ],
            "r.placed_team",
            _WHO,
            _TOOL,
            f"{_ROWS}\nWHERE r.type IN ('tool_finished', 'tool_decided')",
        )
        + "\nWHERE g.calls + g.rejections > 0",
    ),
    Relation(
        PUBLIC,
        "unrecognised_daily",
        "What this version did not recognise, by day, client and name.",
        (
            Column("day", "Date", "On which it occurred, UTC.", "toDate(r.minute)"),
            Column("source", WORD, "The client.", "r.source"),
            Column("client_version", WORD, "Its version.", "r.client_version"),
            Column("name", WORD, "As the client says it.", "r.name"),
            Column("events", "UInt64", "Events of that name.", "count()"),
        ),
        source=f"{_ROWS}\nWHERE r.type = 'unrecognised'\nGROUP BY day, r.source, r.client_version, r.name",
    ),
    Relation(
        PUBLIC,
        "work_modes_daily",
        "Sessions at a terminal or editor by the day on which they began, by team and dominant work.",
        (
            Column("day", "Date", "UTC.", "g.day"),
            Column("team_id", WORD, f"{TEAM.meaning} '*' is the organisation, as far as shown.", "g.shown_team"),
            Column("work_mode", WORD, "Of the label, else of the proxy.", "g.work_mode"),
            Column("is_label", "Bool", "A reader said it; else it is a proxy from telemetry.", "g.is_label"),
            Column("people", "UInt64", PEOPLE, "finalizeAggregation(g.who)"),
            *_from(_MODES),
        ),
        source=with_whole(
            [
                "toDate(s.started_at) AS day",
                "toString(ifNull(s.work_mode, s.work_mode_proxy)) AS work_mode",
                "isNotNull(s.work_mode) AS is_label",
            ],
            "s.team_id",
            "uniqExactStateIf(s.person_id, s.user_id NOT IN ('', 'unknown'))",
            _MODES,
            "FROM ${private}.sessions_brief AS s\n"
            "WHERE s.is_interactive AND isNotNull(ifNull(s.work_mode, s.work_mode_proxy))",
        ),
    ),
)
