"""My sessions: a person's own figures, which nobody else sees."""

from grafana.board import Board
from grafana.boards.now import FAILURES
from grafana.fields import Column
from grafana.panels import BarChart, Stat, Table, Text, TimeSeries

ABOUT = """\
**How does my own work with assistants go, and which of my sessions should I look at again?** \
These are your sessions alone: whoever is logged in sees their own, and nobody sees another's. *(proxy)* is worked out \
from telemetry, without reading a word; a label takes its place where somebody gave one. Click a session for its \
timeline. **Not for** proving how hard you work, nor for anybody's appraisal."""

NO_SESSION = "None of your sessions began in this time range; are your clients connected, under the name you log in by?"
NO_MINUTE = "No minute of yours in this time range"
THIS_SESSION = (
    "Timeline of this session",
    "/d/session?var-session=${__value.raw}&from=${__data.fields.from}&to=${__data.fields.to}",
)

STATS = (
    Stat(
        name="sessions-in-range",
        query="sessions-in-range",
        figure="sessions",
        title="Sessions",
        description="Your sessions that began in the range.",
        decimals=0,
        empty=NO_SESSION,
    ),
    Stat(
        name="prompts",
        query="figures",
        figure="prompts",
        title="Prompts",
        description="That you typed in the range.",
        decimals=0,
        empty=NO_MINUTE,
    ),
    Stat(
        name="actions-per-prompt",
        query="figures",
        figure="actions",
        title="Actions per prompt",
        description="At a terminal or editor, a geometric mean over turns: how much you hand over at once. It rises "
        "with the size of tasks.",
        decimals=1,
        empty="No turn of yours at a terminal or editor in this time range",
    ),
    Stat(
        name="tool-failures",
        query="figures",
        figure="failures",
        title="Tool failures",
        description="Share of tool calls that failed. Yellow from 8 %, red from 15 %; recorded sessions have 4.5 %.",
        unit="percentunit",
        decimals=1,
        steps=FAILURES,
        empty="No tool call in your sessions in this time range",
    ),
    Stat(
        name="success",
        query="sessions-in-range",
        figure="success (proxy)",
        title="Success (proxy)",
        description="Sessions that were verified or ended clean, of those that ended in a known way.",
        unit="percentunit",
        decimals=0,
        empty="None of your sessions of this time range has been judged",
    ),
    Stat(
        name="cost",
        query="figures",
        figure="cost",
        title="Cost",
        description="What your clients estimate your use to cost.",
        unit="currencyUSD",
        empty=NO_MINUTE,
    ),
)

PANELS = (
    TimeSeries(
        name="prompts-over-time",
        title="Prompts over time",
        description="Yours, in each interval.",
        width=24,
        height=6,
        series=("prompts",),
        draw="bars",
        decimals=0,
        minimum=0,
        interval="30m",
        empty=NO_MINUTE,
    ),
    BarChart(
        name="outcomes",
        title="How my sessions went (proxy)",
        description="Sessions at a terminal or editor, by client. Verified: a commit, a pull request or a last test "
        "run that passed; abandoned: a bad end without a line added.",
        x_field="client",
        series=("verified", "ended clean", "begun anew", "abandoned", "abandoned after trouble", "unknown"),
        height=7,
        decimals=0,
        empty="None of your sessions of this time range has been judged",
    ),
    BarChart(
        name="work-modes",
        title="Kind of work (proxy)",
        description="Sessions by dominant work: as labelled, else guessed from the tools that were used.",
        x_field="work mode",
        series=("sessions",),
        height=7,
        decimals=0,
        empty=NO_SESSION,
    ),
    Table(
        name="sessions",
        title="Session by session",
        description="Newest first. The outcome is a proxy; click a session for its timeline and evidence.",
        height=14,
        decimals=0,
        columns=(
            Column("session", link=THIS_SESSION, width=300),
            Column("began", unit="dateTimeAsLocal", width=170),
            Column("lasted", unit="ms"),
            Column("actions per prompt", decimals=1),
            Column("cost", unit="currencyUSD"),
            Column("outcome (proxy)", width=180),
            Column("from", hidden=True),
            Column("to", hidden=True),
        ),
        empty=NO_SESSION,
    ),
)

MY_SESSIONS = Board(
    uid="my-sessions",
    title="My sessions",
    description="A person's own sessions and figures.",
    time_from="now-7d",
    personal=True,
    panels=(Text(ABOUT), *STATS, *PANELS),
)
