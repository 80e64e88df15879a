"""Cost and usage: what the assistants cost, what that buys, and what the month will come to."""

from grafana.board import Annotation, Board, QueryVariable
from grafana.fields import Column
from grafana.panels import Row, Stat, Table, Text, TimeSeries

ABOUT = """\
**What does the use of the assistants cost, what does it buy, and what will the month come to?** \
Costs are the clients' own estimates, in days of UTC; models by the hour. The forecast takes each day to come for an \
average one of its weekday in the 8 weeks before; in 8 of 10 months the sum is between *low* and *high* if days go on \
as they did: a new team or price is not in it. *(proxy)*: success is worked out from telemetry. \
**Not for** billing, nor for calling a team dear: what its tasks are worth is not in these figures."""

NO_DAY = "No day of this time range on which enough people of a team were active to show it"
NO_HOUR = "No hour of this time range in which enough people of a team used a model to show it"
THIS_TEAM = ("This team against its past", "/d/team?${__url_time_range}&var-team=${__value.raw}")

STATS = (
    Stat(
        name="cost-in-range",
        query="figures",
        figure="cost",
        title="Cost of the range",
        description="The clients' estimate for the days of the time range, whole days.",
        unit="currencyUSD",
        empty=NO_DAY,
    ),
    Stat(
        name="month-so-far",
        title="Month so far",
        description="The clients' estimate for the month in which the range ends, from its first day, UTC.",
        unit="currencyUSD",
        empty="No day of this month has enough people to be shown",
    ),
    Stat(
        name="month-forecast",
        title="Month, forecast",
        description="The whole month: what was spent before today, and an average day of its weekday for today and "
        "each day to come. Low and high hold it in 8 of 10 months, if days go on as in the 8 weeks before.",
        width=8,
        unit="currencyUSD",
        decimals=0,
        several=True,
        empty="Less than two weeks of history: no forecast yet",
    ),
    Stat(
        name="cost-per-success",
        query="figures",
        figure="success (proxy)",
        title="Per success (proxy)",
        description="Cost of all use for each session that was verified or ended clean; sessions that failed are in "
        "the cost. Whole days of the range.",
        unit="currencyUSD",
        empty="Fewer than 10 sessions of this time range are known to have gone well",
    ),
    Stat(
        name="cache-share",
        query="figures",
        figure="cached",
        title="Read from cache",
        description="Share of input tokens that were read from the prompt cache, at a tenth of the price or so. A "
        "fall makes the same work dearer.",
        unit="percentunit",
        decimals=0,
        empty=NO_DAY,
    ),
)

OVER_TIME = (
    TimeSeries(
        name="cost-a-day",
        title="Cost a day",
        description="The clients' estimate, all chosen teams, a day a step; the last day is not over.",
        unit="currencyUSD",
        minimum=0,
        series=("dollars",),
        bridged_ms=86_400_000,
        interval="1d",
        empty=NO_DAY,
    ),
    TimeSeries(
        name="tokens-a-day",
        title="Tokens a day by kind",
        description="All chosen teams, a day a step. Reading from the cache is cheap, writing to it is not.",
        decimals=1,
        minimum=0,
        stacked=True,
        series=("cache read", "cache write", "input", "output"),
        bridged_ms=86_400_000,
        interval="1d",
        empty=NO_DAY,
    ),
)

BY_WHOM = (
    Table(
        name="teams",
        title="Teams",
        description="Whole days of the range, dearest first. People a day: the mean over days. Success is a proxy, "
        "left out below 10 sessions that went well. Click a team to see it against its past.",
        width=14,
        decimals=0,
        columns=(
            Column("team", link=THIS_TEAM, width=150),
            Column("people a day", decimals=1),
            Column("cost", unit="currencyUSD"),
            Column("per prompt", unit="currencyUSD", decimals=2),
            Column("per success (proxy)", unit="currencyUSD", decimals=2),
            Column("read from cache", unit="percentunit", decimals=0),
        ),
        empty=NO_DAY,
    ),
    Table(
        name="months",
        title="Months",
        description="The last twelve, whatever the range; the newest is not over.",
        width=10,
        decimals=0,
        columns=(
            Column("cost", unit="currencyUSD"),
            Column("a day with use", unit="currencyUSD"),
            Column("per prompt", unit="currencyUSD", decimals=2),
        ),
        empty="No day of the last twelve months has enough people to be shown",
    ),
    Table(
        name="models",
        title="Models",
        description="Dearest first, by hours in which five people or more used the model: less than the cost of the "
        "range. The price of a request is the price of its tokens: long contexts cost more.",
        height=6,
        decimals=0,
        columns=(
            Column("model", width=260),
            Column("cost", unit="currencyUSD"),
            Column("per request", unit="currencyUSD", decimals=3),
            Column("read from cache", unit="percentunit", decimals=0),
        ),
        empty=NO_HOUR,
    ),
)

COST = Board(
    uid="cost",
    title="Cost and usage",
    description="What the assistants cost, what that buys, and what the month will come to.",
    time_from="now-30d",
    variables=(QueryVariable("team", "Team"),),
    annotations=(
        Annotation("alerts-of-team", "Alerts", "red"),
        Annotation("interventions-of-team", "Interventions", "green"),
    ),
    panels=(
        Text(ABOUT),
        *STATS,
        Row("Day by day"),
        *OVER_TIME,
        Row("Whose cost, and for which model"),
        *BY_WHOM,
    ),
)
