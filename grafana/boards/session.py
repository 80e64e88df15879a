"""Session: one session of one's own as a timeline."""

from grafana.board import Board, QueryVariable
from grafana.boards.now import FAILURES
from grafana.fields import Column, Word
from grafana.panels import BarChart, Stat, StateTimeline, Table, Text, TimeSeries

ABOUT = """\
**What happened in this session, and on what does its outcome rest?** \
Read the timeline from left to right: whose turn it is, what is done, what went wrong; a state holds until the next \
event, the last one until the session ends. The axis holds the session alone. The outcome is a proxy: signs in \
telemetry, no word was read. Content is not kept, so neither prompts nor commands stand here. \
**Not for** anybody but the one who worked in it."""

NONE = "No such session of yours: choose one above, or widen the time range"

STATES = (
    Word("assistant", "blue"),
    Word("person", "cyan"),
    Word("nobody", "grey"),
    Word("prompt", "blue"),
    Word("answer", "cyan"),
    Word("tool", "grey"),
    Word("tests", "yellow"),
    Word("commit", "green"),
    Word("fine", "grey"),
    Word("failed call", "red"),
    Word("failed request", "purple"),
    Word("refused call", "yellow"),
    Word("stopped by the person", "yellow"),
)

STATS = (
    Stat(
        name="lasted",
        query="figures",
        figure="lasted",
        title="Lasted",
        description="From its first event to its last so far.",
        unit="ms",
        empty=NONE,
    ),
    Stat(
        name="prompts",
        query="figures",
        figure="prompts",
        title="Prompts",
        description="That were typed.",
        decimals=0,
        empty=NONE,
    ),
    Stat(
        name="actions-per-prompt",
        query="figures",
        figure="actions",
        title="Actions per prompt",
        description="Geometric mean over its turns.",
        decimals=1,
        empty="No turn yet",
    ),
    Stat(
        name="tool-failures",
        query="figures",
        figure="failures",
        title="Tool failures",
        description="Share of finished tool calls that failed. Yellow from 8 %, red from 15 %.",
        unit="percentunit",
        decimals=1,
        steps=FAILURES,
        empty="No tool call yet",
    ),
    Stat(
        name="cost",
        query="figures",
        figure="cost",
        title="Cost",
        description="The client's estimate.",
        unit="currencyUSD",
        empty=NONE,
    ),
    Stat(
        name="lines",
        query="figures",
        figure="lines",
        title="Lines added",
        description="Output is not value.",
        decimals=0,
        empty=NONE,
    ),
)

PANELS = (
    Table(
        name="outcome",
        title="How it went, and why we think so",
        description="The outcome by telemetry alone, how sure it is, the signs it rests on, and what a reader judged.",
        height=4,
        decimals=0,
        columns=(Column("outcome (proxy)", width=200), Column("evidence", wrap=True)),
        empty=NONE,
    ),
    StateTimeline(
        name="timeline",
        title="Timeline",
        description="Whose turn it is, what is done, and what went wrong; each state holds until the next event.",
        height=8,
        words=STATES,
        empty="No event of this session is kept; raw events are deleted after a while",
    ),
    TimeSeries(
        name="answers",
        title="Tokens of each answer",
        description="By kind, at the moment of the answer. A growing context reads more from the cache each time.",
        draw="bars",
        stacked=True,
        decimals=1,
        minimum=0,
        series=("cache read", "cache write", "input", "output"),
        interval="1s",
        empty="No answer of the model in this time range",
    ),
    BarChart(
        name="tools",
        title="Tools",
        description="Finished calls of this session by how they ended.",
        x_field="tool",
        height=8,
        decimals=0,
        series=("ok", "failed"),
        empty="No tool was called",
    ),
    Table(
        name="events",
        title="Every event",
        description="In the order of its log, content apart.",
        height=16,
        columns=(
            Column("at", unit="dateTimeAsLocal", width=180),
            Column("event", width=200),
            Column("took", unit="ms"),
            Column("output tokens", decimals=0),
        ),
        empty="No event of this session is kept; raw events are deleted after a while",
    ),
)

SESSION = Board(
    uid="session",
    title="Session",
    description="One session as a timeline, with its outcome and evidence.",
    time_from="now-24h",
    personal=True,
    variables=(QueryVariable("session", "Session", several=False, in_range=True),),
    panels=(Text(ABOUT), *STATS, *PANELS),
)
