"""Tools and models: which tools fail where, how long they and models take, and what clients we do not understand."""

from grafana.board import Annotation, Board, QueryVariable
from grafana.boards.now import API_FAILURES, FAILURES
from grafana.fields import Column, Step
from grafana.panels import Row, Stat, Table, Text, TimeSeries

ABOUT = """\
**Which tools fail where, are models slow or failing, and do we understand what clients send?** \
Rows follow a call: tools, the models' API, clients. What counts are hours in which five people or more used the same \
tool or model. A failed call is no fault of a person: a failing test is one \
too, and so is a server that is away. Durations of tools hold the wait for a permission. 95 of 100 calls take at most \
*p95*. **Not for** comparing clients that tell different things, nor models by speed: they get different work."""

NO_TOOL = "No hour in which five people of a team used the same tool; fewer are not shown"
NO_MODEL = "No hour in which five people of a team used the same model; fewer are not shown"
NO_EVENT = "No event was received in this time range"
UNKNOWN = (Step("text"), Step("yellow", 0.05), Step("red", 0.2))
THIS_TEAM = ("This team against its past", "/d/team?var-team=${__value.raw}&from=now-90d&to=now")

STATS = (
    Stat(
        name="calls",
        query="calls",
        figure="calls",
        title="Tool calls",
        description="Finished tool calls of the range.",
        decimals=0,
        empty=NO_TOOL,
    ),
    Stat(
        name="tool-failures",
        query="calls",
        figure="failures",
        title="Tool failures",
        description="Share of finished tool calls that failed. Yellow from 8 %, red from 15 %; recorded sessions have "
        "4.5 %.",
        unit="percentunit",
        decimals=1,
        steps=FAILURES,
        empty=NO_TOOL,
    ),
    Stat(
        name="tool-p95",
        query="calls",
        figure="p95",
        title="Tool calls, p95",
        description="95 % of the finished tool calls took at most this long, waiting for permissions included.",
        unit="ms",
        empty=NO_TOOL,
    ),
    Stat(
        name="api-failures",
        query="requests",
        figure="failures",
        title="API failures",
        description="Share of requests to models that failed for good. Yellow from 2 %, red from 10 %.",
        unit="percentunit",
        decimals=1,
        steps=API_FAILURES,
        empty=NO_MODEL,
    ),
    Stat(
        name="model-p95",
        query="requests",
        figure="p95",
        title="Model requests, p95",
        description="95 % of the answered requests took at most this long.",
        unit="ms",
        empty=NO_MODEL,
    ),
    Stat(
        name="unrecognised",
        title="Not recognised",
        description="Share of events whose name this version does not know, all clients and teams. They are kept; a "
        "jump means that a client changed. Yellow from 5 %.",
        unit="percentunit",
        decimals=1,
        steps=UNKNOWN,
        empty=NO_EVENT,
    ),
)

TOOLS = (
    Table(
        name="tools",
        title="Tools",
        description="Most failures first. Refused: by a person or a rule; such calls never ran.",
        width=14,
        decimals=0,
        columns=(
            Column("tool", width=200),
            Column("failed", unit="percentunit", decimals=1, steps=FAILURES),
            Column("refused", unit="percentunit", decimals=1),
            Column("p50", unit="ms"),
            Column("p95", unit="ms"),
        ),
        empty=NO_TOOL,
    ),
    Table(
        name="where-tools-fail",
        title="Which tool fails where",
        description="Tools of single teams with 50 calls or more, highest share of failures first. Click a team to see "
        "it against its past.",
        width=10,
        decimals=0,
        columns=(
            Column("team", link=THIS_TEAM, width=140),
            Column("failed", unit="percentunit", decimals=1, steps=FAILURES),
        ),
        empty="No tool of a team has 50 calls and a failure in this time range",
    ),
    Table(
        name="servers",
        title="MCP servers",
        description="Servers that clients name, most called first.",
        width=14,
        height=6,
        decimals=0,
        columns=(Column("failed", unit="percentunit", decimals=1, steps=FAILURES), Column("p95", unit="ms")),
        empty="No client named an MCP server in this time range",
    ),
    Table(
        name="edits",
        title="Edits by language",
        description="Edits that were decided, days of the range, where the client says so. Where a rule accepts all, "
        "the share says nothing.",
        width=10,
        height=6,
        decimals=0,
        columns=(Column("rejected", unit="percentunit", decimals=1),),
        empty="No client told of edits on these days, or too few people of a team",
    ),
)

MODELS = (
    TimeSeries(
        name="model-latency",
        title="How long answers take",
        description="Answered requests, an hour or more a point.",
        unit="ms",
        minimum=0,
        series=("p50", "p95"),
        bridged_ms=7_200_000,
        interval="1h",
        empty=NO_MODEL,
    ),
    TimeSeries(
        name="api-failures-over-time",
        title="Failures of the models' API",
        description="Requests that failed for good, without and after retries, and refusals; an hour or more a bar.",
        decimals=0,
        minimum=0,
        series=("failed", "failed after retries", "refused"),
        draw="bars",
        stacked=True,
        interval="1h",
        empty=NO_MODEL,
    ),
    Table(
        name="models",
        title="Models",
        description="Most requests first. Failed though retried: of the failures, those that had been tried again.",
        height=6,
        decimals=0,
        columns=(
            Column("model", width=260),
            Column("failed", unit="percentunit", decimals=1, steps=API_FAILURES),
            Column("failed though retried", unit="percentunit", decimals=0),
            Column("p50", unit="ms"),
            Column("p95", unit="ms"),
        ),
        empty=NO_MODEL,
    ),
)

CLIENTS = (
    Table(
        name="versions",
        title="Versions of clients",
        description="What sent something in the range, most events first, and how much of it was not recognised.",
        width=12,
        height=8,
        decimals=0,
        columns=(Column("not recognised", unit="percentunit", decimals=1, steps=UNKNOWN),),
        empty=NO_EVENT,
    ),
    Table(
        name="unrecognised-names",
        title="What was not recognised",
        description="Names of events that this version does not know, days of the range. They are kept with their "
        "numbers, without their text.",
        width=12,
        height=8,
        decimals=0,
        columns=(Column("name", width=280),),
        empty="Every event of these days was recognised",
    ),
)

TOOLS_AND_MODELS = Board(
    uid="tools",
    title="Tools and models",
    description="Which tools fail where, how long they and models take, and what clients send that is not understood.",
    time_from="now-24h",
    variables=(QueryVariable("team", "Team"),),
    annotations=(
        Annotation("alerts-of-team", "Alerts", "red"),
        Annotation("interventions-of-team", "Interventions", "green"),
    ),
    panels=(
        Text(ABOUT),
        *STATS,
        Row("Tools"),
        *TOOLS,
        Row("Models"),
        *MODELS,
        Row("Clients"),
        *CLIENTS,
    ),
)
