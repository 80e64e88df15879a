"""Teams live: who works with the assistants right now, how well it goes, and what it costs, per team."""

from grafana.board import Board, CustomVariable, QueryVariable
from grafana.panels import BarChart, Column, Heatmap, Row, Stat, Step, Table, Text, TimeSeries

ABOUT = """\
**How is the work with coding assistants going, team by team, right now?** \
Stats and table show the rolling window chosen as *Window*; lines show the last 30 minutes at each moment. \
**Actions per prompt** is a proxy for how much people hand over at once, a **failure rate** one for friction: \
compare a team with its own past. \
**Not for** judging a person, ranking teams or billing (costs are the clients' estimates)."""

FAILURES = (Step("green"), Step("yellow", 0.08), Step("red", 0.15))
REJECTIONS = (Step("green"), Step("yellow", 0.05), Step("red", 0.12))
THIS_TEAM = ("Only this team", "/d/teams-live?${__url_time_range}&var-team=${__value.raw}")
NO_WORK = "No work of these teams in this time range"

STATS = (
    Stat(
        name="people",
        title="People",
        description="Distinct people with at least one event in the window. Who works in two teams counts in both.",
        decimals=0,
        trend=False,
        empty=NO_WORK,
    ),
    Stat(
        name="prompts",
        title="Prompts",
        description="Prompts that a person typed, in the window; behind it the same window at each earlier moment.",
        decimals=0,
        empty=NO_WORK,
    ),
    Stat(
        name="actions-per-prompt",
        title="Actions per prompt",
        description="Tool calls for each prompt, at a terminal or editor only, in the window. "
        "A proxy for autonomy; the study behind it found about 10.",
        decimals=1,
        empty="No prompt at a terminal or editor in this time range",
    ),
    Stat(
        name="tool-failure-rate",
        title="Tool failures",
        description="Share of tool calls that failed, in the window. Yellow from 8 %, red from 15 %; "
        "recorded sessions have 4.5 %.",
        unit="percentunit",
        decimals=1,
        steps=FAILURES,
        empty="No tool call in this time range",
    ),
    Stat(
        name="api-failures",
        title="API failures",
        description="Requests to the model that failed for good, in the window.",
        decimals=0,
        steps=(Step("green"), Step("yellow", 20), Step("red", 100)),
        empty=NO_WORK,
    ),
    Stat(
        name="cost",
        title="Cost",
        description="What the clients estimate the model's use to cost, in the window.",
        unit="currencyUSD",
        empty=NO_WORK,
    ),
)

NOW = (
    Table(
        name="teams",
        title="Teams in the window",
        description="The rolling window of each team as the stream keeps it, busiest first. "
        "Actions per prompt: use at a terminal or editor only. Click a team to see it alone.",
        height=10,
        decimals=0,
        columns=(
            Column("team", link=THIS_TEAM, width=170),
            Column("actions per prompt", decimals=1),
            Column("tool failures", unit="percentunit", decimals=1, steps=FAILURES),
            Column("rejections", unit="percentunit", decimals=1, steps=REJECTIONS),
            Column("cost", unit="currencyUSD"),
        ),
        empty=NO_WORK,
    ),
    BarChart(
        name="tool-calls-by-team",
        title="How tool calls ended",
        description="Tool calls of the window by how they ended. A rejected call was refused by the person "
        "and never ran.",
        decimals=0,
        columns=(Column("ok", color="blue"), Column("failed", color="red"), Column("rejected", color="yellow")),
        empty=NO_WORK,
    ),
    BarChart(
        name="origin-by-team",
        title="Where the actions came from",
        description="Tool calls of the window: at a person's terminal or editor, or in scripts and "
        "pipelines (print mode, SDK). Compare like with like.",
        decimals=0,
        columns=(Column("terminal or editor", color="blue"), Column("automated", color="purple")),
        empty=NO_WORK,
    ),
)

OUTCOMES = (
    BarChart(
        name="sessions-by-outcome",
        title="How sessions ended",
        description="Sessions at a terminal or editor that began in the time range, once closed for 15 minutes. "
        "A proxy from telemetry: verified is a commit, a pull request or a last test run that passed; abandoned "
        "is a bad end without a line added; nobody has read the sessions.",
        decimals=0,
        columns=(
            Column("verified", color="green"),
            Column("ended clean", color="blue"),
            Column("begun anew", color="yellow"),
            Column("abandoned", color="orange"),
            Column("abandoned after trouble", color="red"),
            Column("unknown", color="purple"),
        ),
        empty="No session of these teams that began in this time range has closed",
    ),
    TimeSeries(
        name="abandonment-over-time",
        title="Troubled sessions that were abandoned",
        description="Proxy, use at a terminal or editor, sessions begun in the 7 days before each moment; left out "
        "below 10 troubled sessions. Compare a team with its own past: telemetry sees less trouble than the study, in "
        "which novices abandoned 19 % of troubled sessions and everybody else 5 to 7 %, so the level is another.",
        label="team",
        unit="percentunit",
        decimals=0,
        minimum=0,
        empty="Fewer than 10 troubled sessions a team in the week before",
    ),
)

OVER_TIME = (
    Heatmap(
        name="activity",
        title="When each team works",
        description="Prompts in each interval: the darker or brighter the cell, the more.",
        decimals=0,
        height=9,
        empty=NO_WORK,
    ),
    TimeSeries(
        name="prompts-per-hour",
        title="Prompts per hour",
        description="From the last 30 minutes at each moment.",
        label="team",
        decimals=0,
        minimum=0,
        empty=NO_WORK,
    ),
    TimeSeries(
        name="people-active",
        title="People active",
        description="People active in a minute, on average over the last 30 minutes at each moment.",
        label="team",
        decimals=1,
        minimum=0,
        empty=NO_WORK,
    ),
    TimeSeries(
        name="actions-per-prompt-over-time",
        title="Actions per prompt",
        description="At a terminal or editor, last 30 minutes at each moment; left out below 5 prompts.",
        label="team",
        decimals=1,
        minimum=0,
        empty="Fewer than 5 prompts in every half hour of this time range",
    ),
    TimeSeries(
        name="tool-failure-rate-over-time",
        title="Tool failure rate",
        description="Share of tool calls that failed, last 30 minutes at each moment; left out below 20 calls. "
        "Bands: 8 % and 15 %; recorded sessions have 4.5 %.",
        label="team",
        unit="percentunit",
        decimals=1,
        minimum=0,
        steps=FAILURES,
        bands=True,
        empty="Fewer than 20 tool calls in every half hour of this time range",
    ),
    TimeSeries(
        name="tokens-by-kind",
        title="Tokens per hour by kind",
        description="All chosen teams, from the last 30 minutes at each moment. "
        "Reading from the cache is cheap, writing to it is not.",
        decimals=1,
        minimum=0,
        stacked=True,
        columns=(
            Column("cache read", color="blue"),
            Column("cache write", color="purple"),
            Column("input", color="green"),
            Column("output", color="orange"),
        ),
        empty=NO_WORK,
    ),
    TimeSeries(
        name="cost-per-hour",
        title="Cost per hour",
        description="The clients' estimate, from the last 30 minutes at each moment.",
        label="team",
        unit="currencyUSD",
        minimum=0,
        empty=NO_WORK,
    ),
    TimeSeries(
        name="lines",
        title="Lines per hour",
        description="All chosen teams, from the last 30 minutes at each moment. Output is not value.",
        decimals=0,
        minimum=0,
        columns=(
            Column("lines added", color="green"),
            Column("lines removed", color="red"),
        ),
        empty=NO_WORK,
    ),
    TimeSeries(
        name="commits-per-hour",
        title="Commits per hour",
        description="Commits made through the assistant, from the last 30 minutes at each moment.",
        label="team",
        decimals=0,
        minimum=0,
        empty=NO_WORK,
    ),
    TimeSeries(
        name="rejection-rate-over-time",
        title="Rejection rate",
        description="Share of decisions on tool calls that were a refusal, last 30 minutes at each moment; "
        "left out below 20 decisions.",
        label="team",
        unit="percentunit",
        decimals=1,
        minimum=0,
        empty="Fewer than 20 decisions in every half hour of this time range",
    ),
    TimeSeries(
        name="api-failures-over-time",
        title="Failures of the model's API per hour",
        description="All chosen teams, from the last 30 minutes at each moment: requests that failed for good, "
        "those of them that had been retried, and refusals.",
        decimals=0,
        minimum=0,
        columns=(
            Column("failed", color="yellow"),
            Column("failed after retries", color="red"),
            Column("refused", color="purple"),
        ),
        empty=NO_WORK,
    ),
)

TEAMS_LIVE = Board(
    uid="teams-live",
    title="Teams live",
    description="How the work with coding assistants is going, team by team, right now.",
    variables=(
        QueryVariable("team", "Team"),
        CustomVariable("span", "Window", (("5", "5 minutes"), ("60", "1 hour"), ("1440", "24 hours")), "60"),
    ),
    panels=(
        Text(ABOUT),
        *STATS,
        Row("The window, team by team"),
        *NOW,
        Row("How sessions went"),
        *OUTCOMES,
        Row("Over time"),
        *OVER_TIME,
    ),
)
