"""Team: one team against its own past and the organisation."""

from grafana.board import Annotation, Board, CustomVariable, QueryVariable
from grafana.boards.now import FAILURES, NO_WORK
from grafana.fields import Column
from grafana.panels import BarChart, Row, Stat, Table, Text, TimeSeries

ABOUT = """\
**Is this team getting better or stuck, compared with its own past?** \
Blue is this team, pale blue its four weeks before, grey everybody. A session counts in the week in which it began. \
What says *(proxy)* is worked out from telemetry: nobody has read the sessions, and labels take its place where there \
are some. Two rates of 14 % and 7 % can be told apart from about 180 sessions on. \
**Not for** ranking teams, judging a person, or comparing teams that use different clients."""

NO_JUDGED = "Fewer than 10 judged sessions in every week of this time range, or too few people"
NO_DAY = "No day of this time range on which enough people were active to show it"

STATS = (
    Stat(
        name="people",
        title="People",
        description="Distinct people of the team with an event in the window that is named.",
        decimals=0,
        named="window",
        empty=NO_WORK,
    ),
    Stat(
        name="actions-per-prompt",
        title="Actions per prompt",
        description="At a terminal or editor, a geometric mean over turns: how much is handed over at once. The study "
        "found 11.7 for experts and 4.9 for novices; it rises with the size of tasks.",
        decimals=1,
        named="window",
        empty="No turn at a terminal or editor in a window that may be shown",
    ),
    Stat(
        name="tool-failures",
        title="Tool failures",
        description="Share of tool calls that failed. Yellow from 8 %, red from 15 %; recorded sessions have 4.5 %.",
        unit="percentunit",
        decimals=1,
        steps=FAILURES,
        named="window",
        empty=NO_WORK,
    ),
    Stat(
        name="success",
        query="figures",
        figure="success (proxy)",
        title="Success (proxy)",
        description="Sessions at a terminal or editor, begun in the time range, that were verified or ended clean, of "
        "those that ended in a known way. A clean end is the absence of bad signs.",
        unit="percentunit",
        decimals=0,
        empty="No session of this time range has been judged",
    ),
    Stat(
        name="abandonment",
        query="figures",
        figure="abandoned (proxy)",
        title="Troubled, abandoned (proxy)",
        description="Of the sessions at a terminal or editor, begun in the time range, that hit trouble: given up "
        "without a line added. In the study 19 % of novices' and 5 to 7 % of all others'; telemetry sees less trouble.",
        unit="percentunit",
        decimals=0,
        empty="Fewer than 10 troubled sessions in this time range",
    ),
    Stat(
        name="cost",
        title="Cost",
        description="What the clients estimate the model's use to cost.",
        unit="currencyUSD",
        named="window",
        empty=NO_WORK,
    ),
)


def against(name: str, title: str, description: str) -> TimeSeries:
    """A rate of this team beside its past and the organisation, a week a step."""
    return TimeSeries(
        name=name,
        title=title,
        description=f"{description} Left out below 10 sessions a week.",
        unit="percentunit",
        decimals=0,
        minimum=0,
        series=("this team", "its past", "organisation"),
        columns=(Column("its past", dashed=True),),
        bridged_ms=604_800_000,
        interval="1d",
        empty=NO_JUDGED,
    )


OUTCOMES = (
    BarChart(
        name="outcomes",
        title="How sessions went (proxy)",
        description="Shares of sessions at a terminal or editor that began in the time range, in the 28 days before "
        "it, and everybody's. Verified: a commit, a pull request or a last test run that passed; abandoned: a bad end "
        "without a line added.",
        width=24,
        height=6,
        x_field="whose",
        series=("verified", "ended clean", "begun anew", "abandoned", "abandoned after trouble", "unknown"),
        unit="percentunit",
        decimals=0,
        empty="No session of this time range that may be shown has been judged",
    ),
    against(
        "success-over-time",
        "Success (proxy), by week",
        "Verified or ended clean, of sessions that ended in a known way.",
    ),
    against(
        "verified-over-time",
        "Verified success (proxy), by week",
        "A commit, a pull request or passing tests at the end. Low where people commit by hand. The study: 13 to 35 %.",
    ),
    against(
        "trouble-over-time",
        "Sessions that hit trouble (proxy), by week",
        "A sign of trouble: an unrecovered error, a failing test at the end, a loop, pushback. Not blame: the "
        "platform's failures are trouble too.",
    ),
    against(
        "abandonment-over-time",
        "Troubled sessions that were abandoned (proxy), by week",
        "Given up without a line added, of sessions that hit trouble.",
    ),
)

WORK = (
    BarChart(
        name="work-modes",
        title="Kind of work (proxy)",
        description="Share of sessions by dominant work: as somebody who read them labelled it, else guessed from the "
        "tools that were used. It sees tools, not purposes.",
        x_field="work mode",
        series=("this team", "organisation"),
        stacked=False,
        unit="percentunit",
        decimals=0,
        empty="No session of this time range that may be shown has a kind of work",
    ),
    Table(
        name="tools",
        title="Tools",
        description="Which tools failed for this team in the last 7 days of the range, most failures first, and how "
        "often they failed for everybody.",
        width=12,
        height=9,
        decimals=0,
        columns=(
            Column("this team", unit="percentunit", decimals=1, steps=FAILURES),
            Column("everybody", unit="percentunit", decimals=1),
        ),
        empty="No hour of the last 7 days in which five people of this team used the same tool; fewer are not shown",
    ),
)


def beside(name: str, title: str, description: str, empty: str, **look: object) -> TimeSeries:
    """A figure of this team beside the organisation's, a day a step."""
    return TimeSeries(
        name=name,
        title=title,
        description=description,
        series=("this team", "organisation"),
        minimum=0,
        bridged_ms=86_400_000,
        interval="1d",
        empty=empty,
        **look,  # type: ignore[arg-type]  # unit and decimals
    )


DAYS = (
    beside(
        "actions-over-time",
        "Actions per prompt, by day",
        "Geometric mean over turns at a terminal or editor; left out below 20 turns a day.",
        "Fewer than 20 turns on every day of this time range",
        decimals=1,
    ),
    beside(
        "tool-failures-over-time",
        "Tool failure rate, by day",
        "Share of tool calls that failed; left out below 50 calls a day.",
        "Fewer than 50 tool calls on every day of this time range",
        unit="percentunit",
        decimals=1,
    ),
    beside(
        "rejections-over-time",
        "Refusals by people, by day",
        "Share of decisions on tool calls in which a person refused; left out below 50 decisions a day. Experienced "
        "people step in more.",
        "Fewer than 50 decisions on every day of this time range",
        unit="percentunit",
        decimals=1,
    ),
    beside(
        "cost-per-prompt",
        "Cost per prompt, by day",
        "The clients' estimate, divided by prompts; left out below 20 prompts a day.",
        "Fewer than 20 prompts on every day of this time range",
        unit="currencyUSD",
    ),
    TimeSeries(
        name="people-a-day",
        title="People a day",
        description="Distinct people of the team with an event on the day. Days do not add up.",
        series=("people",),
        bridged_ms=86_400_000,
        decimals=0,
        minimum=0,
        interval="1d",
        empty=NO_DAY,
    ),
    Table(
        name="alerts",
        title="Alerts of this team",
        description="Alerts that were open at some time of the range, newest first, with their evidence.",
        width=12,
        height=8,
        columns=(
            Column("opened", unit="dateTimeAsLocal", width=130),
            Column("resolved", unit="dateTimeAsLocal", width=130),
            Column("what", wrap=True),
        ),
        empty="No alert about this team in this time range",
    ),
)

TEAM = Board(
    uid="team",
    title="Team",
    description="One team against its own past and the organisation.",
    time_from="now-90d",
    variables=(
        QueryVariable("team", "Team", several=False),
        CustomVariable("span", "Window", (("5", "5 minutes"), ("60", "1 hour"), ("1440", "24 hours")), "1440"),
    ),
    annotations=(
        Annotation("alerts-of-team", "Alerts", "red"),
        Annotation("interventions-of-team", "Interventions", "green"),
    ),
    panels=(
        Text(ABOUT),
        *STATS,
        Row("How sessions went"),
        *OUTCOMES,
        Row("What kind of work, and which tools fail"),
        *WORK,
        Row("Day by day"),
        *DAYS,
    ),
)
