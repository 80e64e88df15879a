"""Pipeline: is what the board shows fresh and whole, and where does it get stuck if not."""

from grafana.board import Board
from grafana.panels import BarChart, Column, Row, Stat, Step, Table, Text, TimeSeries

ABOUT = """\
**Are the figures fresh, and is anything lost on the way?** \
Rows follow an event: it is received and stored, the stages *sessions*, *users* and *teams* add it up, \
the sink brings the windows to the store. Read from the left; the first part with growing lag is the one \
that is stuck. **Not for** capacity planning: the samples are five seconds apart and kept short."""

DELAY = (Step("green"), Step("yellow", 2_000), Step("red", 10_000))
LAG = (Step("green"), Step("yellow", 5_000), Step("red", 50_000))
AGE = (Step("green"), Step("yellow", 10_000), Step("red", 60_000))
NO_SAMPLES = "No part has reported in this time range; is the pipeline running?"
NO_EVENTS = "No event was received in this time range"

STATS = (
    Stat(
        name="events-per-minute",
        title="Events per minute",
        description="Events received in the last whole minute of the range.",
        decimals=0,
        empty=NO_EVENTS,
    ),
    Stat(
        name="delay-to-board",
        title="Event to board, p99",
        description="From the stages' flush to the row in the store, 99th percentile of the last 5 minutes. "
        "Yellow from 2 s, the promise; red from 10 s.",
        unit="ms",
        steps=DELAY,
        empty=NO_SAMPLES,
    ),
    Stat(
        name="lag",
        title="Lag",
        description="Messages that some part has not yet read, all parts together. Yellow from 5,000.",
        decimals=0,
        steps=LAG,
        empty=NO_SAMPLES,
    ),
    Stat(
        name="watermark-age",
        title="Watermark age",
        description="How far the slowest part's time is behind the clock. Yellow from 10 s.",
        unit="ms",
        steps=AGE,
        empty=NO_SAMPLES,
    ),
    Stat(
        name="dead-letters",
        title="Dead letters",
        description="Messages of this time range that a stage could not read. Any is worth a look.",
        decimals=0,
        steps=(Step("green"), Step("red", 1)),
        trend=False,
    ),
    Stat(
        name="store-size",
        title="Store",
        description="Bytes on disk of all tables.",
        unit="bytes",
        decimals=1,
        trend=False,
        empty="The store has no tables yet",
    ),
)

RECEIVED = (
    TimeSeries(
        name="events-by-client",
        title="Events per minute by client",
        description="What each kind of client sent.",
        label="client",
        decimals=0,
        minimum=0,
        stacked=True,
        empty=NO_EVENTS,
    ),
    TimeSeries(
        name="unrecognised",
        title="Unrecognised events",
        description="Share of events whose name this version does not know. They are kept; a jump means that a "
        "client changed.",
        label="client",
        unit="percentunit",
        decimals=1,
        minimum=0,
        steps=(Step("green"), Step("yellow", 0.05)),
        bands=True,
        empty=NO_EVENTS,
    ),
    TimeSeries(
        name="received-to-stored",
        title="Received to stored",
        description="From the receiver's answer to the raw event in the store.",
        unit="ms",
        minimum=0,
        columns=(Column("p50", color="blue"), Column("p99", color="orange")),
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

STAGES = (
    TimeSeries(
        name="lag-by-part",
        title="Lag by part",
        description="Messages not yet read, largest within each interval. The first part that grows is the one "
        "that is stuck.",
        label="part",
        decimals=0,
        minimum=0,
        empty=NO_SAMPLES,
    ),
    TimeSeries(
        name="watermark-age-by-part",
        title="Watermark age by part",
        description="How far the time of the slowest partition is behind the clock, largest within each interval.",
        label="part",
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
        columns=(Column("p50", color="blue"), Column("p99", color="orange")),
        empty=NO_SAMPLES,
    ),
    BarChart(
        name="store-tables",
        title="Tables by size",
        description="Compressed bytes on disk.",
        x_field="table",
        unit="bytes",
        height=8,
        columns=(Column("bytes", color="blue"),),
        empty="The store has no tables yet",
    ),
    Table(
        name="dead-letters-by-reason",
        title="Dead letters",
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
    panels=(
        Text(ABOUT, height=2),
        *STATS,
        Row("Received"),
        *RECEIVED,
        Row("Stages"),
        *STAGES,
        Row("Stored"),
        *STORED,
    ),
)
