"""Now: who is working with the assistants at this moment, and what is going wrong."""

from grafana.board import Annotation, Board, CustomVariable
from grafana.fields import Column, Step
from grafana.panels import Heatmap, Stat, Table, Text, TimeSeries

ABOUT = """\
**Who is working with the assistants right now, and is something going wrong?** \
Each figure names its window: the chosen one, or the next one up that has enough people to be shown. Yellow: look; \
red: act. Click a team for its past. **Not for** judging people, ranking teams or billing."""

FAILURES = (Step("text"), Step("yellow", 0.08), Step("red", 0.15))
API_FAILURES = (Step("text"), Step("yellow", 0.02), Step("red", 0.1))
ALERTS = (Step("text"), Step("red", 1))
THIS_TEAM = ("This team against its past", "/d/team?var-team=${__value.raw}&from=now-90d&to=now")
NO_WORK = "No window up to 24 hours has a team with enough people active to be shown"

STATS = (
    Stat(
        name="people",
        title="People",
        description="Distinct people of the organisation with at least one event in the window.",
        decimals=0,
        named="window",
        empty="Too few people were active in the last 24 hours to show a number",
    ),
    Stat(
        name="sessions",
        title="Sessions",
        description="Sessions with an event in the window.",
        decimals=0,
        named="window",
        empty="Too few people were active in the last 24 hours to show a number",
    ),
    Stat(
        name="alerts-open",
        title="Open alerts",
        description="Alerts about teams or everybody that are firing. Red from the first; the table has them.",
        decimals=0,
        steps=ALERTS,
        empty="No detector has reported; is the stage `detect` running?",
    ),
    Stat(
        name="tool-failures",
        title="Tool failures",
        description="Share of tool calls that failed in the window, all teams that are shown. Yellow from 8 %, red "
        "from 15 %; recorded sessions have 4.5 %.",
        unit="percentunit",
        decimals=1,
        steps=FAILURES,
        named="window",
        empty=NO_WORK,
    ),
    Stat(
        name="api-failures",
        title="API failures",
        description="Share of requests to the model that failed for good in the window, retries apart. Yellow from "
        "2 %, red from 10 %: the platform's trouble, not people's.",
        unit="percentunit",
        decimals=1,
        steps=API_FAILURES,
        named="window",
        empty=NO_WORK,
    ),
    Stat(
        name="cost",
        title="Cost",
        description="What the clients estimate the model's use to cost in the window, all teams that are shown.",
        unit="currencyUSD",
        named="window",
        empty=NO_WORK,
    ),
)

TEAMS = Table(
    name="teams",
    title="Teams",
    description="Each team in the shortest window that may be shown, alerts first, then the busiest. Actions per "
    "prompt: at a terminal or editor, a mean over turns; compare a team with its own past.",
    width=14,
    height=11,
    decimals=0,
    columns=(
        Column("team", link=THIS_TEAM, width=150),
        Column("alerts", steps=ALERTS, decimals=0, width=70),
        Column("actions per prompt", decimals=1),
        Column("tool failures", unit="percentunit", decimals=1, steps=FAILURES),
        Column("API failures", unit="percentunit", decimals=1, steps=API_FAILURES),
        Column("cost", unit="currencyUSD"),
        Column("window", width=80),
    ),
    empty=NO_WORK,
)

ALERT_LIST = Table(
    name="alerts",
    title="What is going wrong",
    description="Alerts that are firing, newest first, each with what was seen and what is usual. The board Anomalies "
    "has how sure that is, and the past ones.",
    width=10,
    height=11,
    columns=(
        Column("opened", unit="dateTimeAsLocal", width=130),
        Column("team", link=THIS_TEAM, width=90),
        Column("what", wrap=True),
    ),
    empty="Nothing is firing",
)

OVER_TIME = (
    TimeSeries(
        name="prompts",
        query="work",
        figure="prompts",
        title="Prompts per hour",
        description="Prompts that people typed, all teams; the unfinished interval is left out.",
        width=8,
        height=7,
        series=("prompts",),
        decimals=0,
        minimum=0,
        interval="5m",
        empty="No prompt of a team with enough people in this time range",
    ),
    TimeSeries(
        name="tool-failures-over-time",
        query="work",
        figure="tool failures",
        series=("tool failures",),
        title="Tool failure rate",
        description="Share of tool calls that failed, all teams; left out below 20 calls. Bands: 8 % and 15 %; "
        "recorded sessions have 4.5 %.",
        width=8,
        height=7,
        unit="percentunit",
        decimals=1,
        minimum=0,
        steps=FAILURES,
        bands=True,
        interval="5m",
        empty="Fewer than 20 tool calls in every interval of this time range",
    ),
    Heatmap(
        name="activity",
        title="When each team works",
        description="Prompts in each interval: the further the cell stands out from the background, the more.",
        width=8,
        height=7,
        decimals=0,
        interval="10m",
        empty="No prompt of a team with enough people in this time range",
    ),
)

NOW = Board(
    uid="now",
    title="Now",
    description="The organisation live: who is working, and what is going wrong.",
    variables=(CustomVariable("span", "Window", (("5", "5 minutes"), ("60", "1 hour"), ("1440", "24 hours")), "60"),),
    annotations=(
        Annotation("alerts", "Alerts", "red"),
        Annotation("interventions", "Interventions", "green"),
    ),
    panels=(Text(ABOUT, height=2), *STATS, TEAMS, ALERT_LIST, *OVER_TIME),
)
