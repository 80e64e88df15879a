"""Anomalies: what was told, on which evidence, how soon, and whether it was of use."""

from grafana.board import Annotation, Board
from grafana.fields import Column, Step, Word
from grafana.panels import BarChart, Row, Stat, Table, Text

ABOUT = """\
**What has Ammeter told, on which evidence, how soon, and was it of use?** \
Each alert says what happened, how often, what was usual, and since about when. *Time to detect* is from that change \
to the alert: small changes in small teams take long. Outcomes are proxies from telemetry, until somebody labels \
sessions. Say what an alert was worth with `ammeter alerts`: detectors are judged by it. \
**Not for** counting alerts against a team, or taking silence for health: a detector needs enough sessions to see."""

NONE = "No alert opened in this time range"
THIS_TEAM = ("This team around that time", "/d/team?${__url_time_range}&var-team=${__value.raw}")
FEEDBACK = (
    Word("yes", "text", "of use"),
    Word("no", "yellow", "false alarm"),
    Word("", "text", "not judged"),
)

STATS = (
    Stat(
        name="open",
        title="Open alerts",
        description="Alerts that are firing now, whatever the range, those about the pipeline too.",
        decimals=0,
        steps=(Step("text"), Step("red", 1)),
        empty="No detector has reported; is the stage `detect` running?",
    ),
    Stat(
        name="opened",
        title="Alerts in the range",
        description="Alerts that opened in the time range; what is only in the weekly digest is apart.",
        decimals=0,
        empty=NONE,
    ),
    Stat(
        name="time-to-detect",
        title="Time to detect",
        description="Half of the alerts of the range came at most this long after the change that they tell of.",
        unit="ms",
        empty=NONE,
    ),
    Stat(
        name="hours-open",
        title="Time open",
        description="Half of the alerts of the range were open at most this long.",
        unit="ms",
        empty=NONE,
    ),
    Stat(
        name="useful",
        title="Of use",
        description="Of the alerts of the range that somebody judged, the share that was of use.",
        unit="percentunit",
        decimals=0,
        empty="Nobody has said yet what an alert of this range was worth",
    ),
    Stat(
        name="not-judged",
        title="Over, not judged",
        description="Alerts of the range that are over and that nobody has judged.",
        decimals=0,
        empty=NONE,
    ),
)

EVIDENCE = (
    Column("opened", unit="dateTimeAsLocal", width=152),
    Column("team", link=THIS_TEAM, width=100),
    Column("detector", width=110),
    Column("what", wrap=True),
    Column("n", decimals=0, width=50),
    Column("observed", decimals=0, width=76),
    Column("expected", decimals=1, width=76),
    Column("people", decimals=0, width=64),
    Column("time to detect", unit="ms", width=104),
    Column("id", width=180),
)

VERDICT = (
    Column("resolved", unit="dateTimeAsLocal", width=152),
    Column("useful", words=FEEDBACK, width=90),
)

LISTS = (
    Table(
        name="open-alerts",
        title="Open now",
        description="Firing now, whatever the range. n: sessions, calls or requests that were looked at; observed and "
        "expected: how many of them went that way, and how many usually would; people: at least so many are behind it.",
        height=6,
        columns=EVIDENCE,
        empty="Nothing is firing",
    ),
    Table(
        name="past-alerts",
        title="Over",
        description="Opened in the time range and resolved since, with the same evidence.",
        height=10,
        columns=(*EVIDENCE, *VERDICT),
        empty="No alert of this time range is over",
    ),
)

JUDGED = (
    Table(
        name="detectors",
        title="Detectors",
        description="What each told in the range, digest included; half of its alerts came at most *time to detect* "
        "after the change; useful and false alarms are what people said.",
        width=12,
        height=9,
        decimals=0,
        columns=(Column("detector", width=160), Column("time to detect", unit="ms")),
        empty=NONE,
    ),
    BarChart(
        name="teams",
        title="Alerts by team",
        description="Alerts that opened in the range, and what people said of them.",
        series=("useful", "not judged", "false alarm"),
        decimals=0,
        empty=NONE,
    ),
)

ANOMALIES = Board(
    uid="anomalies",
    title="Anomalies",
    description="Open and past alerts with their evidence, the time to detect them, and what they were worth.",
    time_from="now-30d",
    annotations=(Annotation("interventions", "Interventions", "green"),),
    panels=(Text(ABOUT), *STATS, Row("Alerts"), *LISTS, Row("How good they were"), *JUDGED),
)
