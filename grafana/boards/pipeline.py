"""Pipeline: is what the board shows fresh and whole, and where does it get stuck if not."""

from grafana.board import Annotation, Board
from grafana.fields import Column, Step
from grafana.panels import BarChart, Heatmap, Row, Stat, Table, Text, TimeSeries

ABOUT = """\
**Are the figures fresh, and is anything lost on the way?** \
Rows follow an event: clients send it, it is received, the stages *sessions*, *users*, *teams* and *detect* add it \
up, the sink brings it to the store. Read from the top; the first part with growing lag is the one that is stuck. \
Lost telemetry is shown as lost, never as idleness. \
**Not for** capacity planning: the samples are five seconds apart and kept short."""

DELAY = (Step("text"), Step("yellow", 2_000), Step("red", 10_000))
LAG = (Step("text"), Step("yellow", 5_000), Step("red", 50_000))
LOST = (Step("text"), Step("yellow", 0.01), Step("red", 0.05))
AGE = (Step("text"), Step("yellow", 10_000), Step("red", 60_000))
PARTS = ("sessions", "users", "teams", "detect", "sink")
NO_SAMPLES = "No part has reported in this time range; is the pipeline running?"
NO_EVENTS = "No event was received in this time range"

STATS = (
    Stat(
        name="events-per-minute",
        title="Events per minute",
        description="Events received in the last whole minute of the range.",
        decimals=0,
        width=3,
        trend=True,
        empty=NO_EVENTS,
    ),
    Stat(
        name="lost",
        title="Lost on the way",
        description="Share of the events that clients numbered which never came: sessions begun on the days of the "
        "range. Yellow from 1 %, red from 5 %.",
        unit="percentunit",
        decimals=1,
        width=3,
        steps=LOST,
        empty="No client that numbers its events was heard on these days",
    ),
    Stat(
        name="silent-clients",
        title="Silent clients",
        description="Installations that were heard once and have been silent for 3 days, whatever the range.",
        decimals=0,
        width=3,
        empty="No client version has enough people to be shown",
    ),
    Stat(
        name="delay-to-board",
        title="Event to board, p99",
        description="From the stages' flush to the row in the store, 99th percentile of the last 5 minutes. "
        "Yellow from 2 s, the promise; red from 10 s.",
        unit="ms",
        width=3,
        trend=True,
        steps=DELAY,
        empty=NO_SAMPLES,
    ),
    Stat(
        name="lag",
        title="Lag",
        description="Messages that some part has not yet read, all parts together. Yellow from 5,000.",
        decimals=0,
        width=3,
        trend=True,
        steps=LAG,
        empty=NO_SAMPLES,
    ),
    Stat(
        name="watermark-age",
        title="Watermark age",
        description="How far the slowest part's time is behind the clock. Yellow from 10 s.",
        unit="ms",
        width=3,
        trend=True,
        steps=AGE,
        empty=NO_SAMPLES,
    ),
    Stat(
        name="dead-letters",
        title="Dead letters",
        description="Messages of this time range that a stage could not read. Any is worth a look.",
        decimals=0,
        width=3,
        steps=(Step("text"), Step("red", 1)),
        empty="No dead letter",
    ),
    Stat(
        name="store-size",
        title="Store",
        description="Bytes on disk of all tables.",
        unit="bytes",
        decimals=1,
        width=3,
        empty="The store has no tables yet",
    ),
)

RECEIVED = (
    Heatmap(
        name="events-by-client",
        title="Events per minute by client",
        description="What each kind of client sent: a row that fades has gone silent.",
        width=12,
        height=8,
        label="client",
        decimals=0,
        empty=NO_EVENTS,
    ),
    TimeSeries(
        name="unrecognised",
        title="Unrecognised events",
        description="Share of events whose name this version does not know. They are kept; a jump means that a "
        "client changed.",
        unit="percentunit",
        decimals=1,
        minimum=0,
        steps=(Step("text"), Step("yellow", 0.05)),
        bands=True,
        empty=NO_EVENTS,
    ),
    TimeSeries(
        name="received-to-stored",
        title="Received to stored",
        description="From the receiver's answer to the raw event in the store.",
        unit="ms",
        minimum=0,
        series=("p50", "p99"),
        empty=NO_EVENTS,
    ),
    Table(
        name="clients",
        title="Clients",
        description="Versions that sent something in this time range, most events first.",
        width=12,
        height=8,
        decimals=0,
        columns=(Column("unrecognised", unit="percentunit", decimals=1),),
        empty=NO_EVENTS,
    ),
)

SILENCE = (
    Table(
        name="silence",
        title="Lost on the way, by team and client",
        description="By team and client, sessions begun on the days of the range. Events lost: numbers of a client's "
        "own count that never came. Exporter off or blocked: sessions of which hooks told and telemetry did not.",
        width=12,
        height=8,
        decimals=0,
        columns=(
            Column("team", width=150),
            Column("events lost", unit="percentunit", decimals=1, steps=LOST),
            Column("exporter off or blocked", steps=(Step("text"), Step("red", 1)), decimals=0),
        ),
        empty="No session of a team with enough people began on these days",
    ),
    Table(
        name="stopped",
        title="Clients that are heard, and that stopped",
        description="Installations by client and version, whatever the range; stopped is silent for 3 days. Of whom, "
        "`ammeter doctor` says.",
        width=12,
        height=8,
        decimals=0,
        columns=(Column("last heard", unit="dateTimeAsLocal", width=160),),
        empty="No client version has enough people to be shown",
    ),
)

STAGES = (
    TimeSeries(
        name="lag-by-part",
        title="Lag by part",
        description="Messages not yet read, largest within each interval. The first part that grows is the one "
        "that is stuck.",
        series=PARTS,
        decimals=0,
        minimum=0,
        empty=NO_SAMPLES,
    ),
    TimeSeries(
        name="watermark-age-by-part",
        title="Watermark age by part",
        description="How far the time of the slowest partition is behind the clock, largest within each interval.",
        series=PARTS,
        unit="ms",
        minimum=0,
        empty=NO_SAMPLES,
    ),
)

STORED = (
    TimeSeries(
        name="delay-to-board-over-time",
        title="Event to board",
        description="From the flush of a team's window to its row in the store. The dashed line is the promise, 2 s.",
        unit="ms",
        minimum=0,
        steps=DELAY[:2],
        bands=True,
        series=("p50", "p99"),
        empty=NO_SAMPLES,
    ),
    BarChart(
        name="store-tables",
        title="Tables by size",
        description="Compressed bytes on disk.",
        x_field="table",
        unit="bytes",
        height=8,
        series=("bytes",),
        empty="The store has no tables yet",
    ),
    Table(
        name="dead-letters-by-reason",
        title="Dead letters by reason",
        description="What could not be read in this time range, by topic and reason; `ammeter dead-letters` shows one.",
        height=6,
        decimals=0,
        columns=(Column("last", unit="dateTimeAsLocal"), Column("topic", width=220)),
        empty="No dead letter in this time range: every message could be read",
    ),
)

PIPELINE = Board(
    uid="pipeline",
    title="Pipeline",
    description="Whether the figures are fresh and whole, and where events get stuck if not.",
    time_from="now-1h",
    annotations=(Annotation("alerts-of-pipeline", "Alerts", "red"),),
    panels=(
        Text(ABOUT, height=3),
        *STATS,
        Row("Received"),
        *RECEIVED,
        Row("Silence"),
        *SILENCE,
        Row("Stages"),
        *STAGES,
        Row("Stored"),
        *STORED,
    ),
)
