"""What Prometheus's rules say of which figures: stories of trouble, and of what looks like it and is none."""

from dataclasses import dataclass, field

AT = 'instance="a:9464",job="ammeter"'


@dataclass(frozen=True)
class Fires:
    """An alert that is told."""

    alert: str
    says: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """Series, a value each minute from minute 0 on, and who is told what at which moments; everybody else is quiet."""

    name: str
    series: dict[str, str]
    moments: dict[str, list[Fires]]
    every: str = "1m"
    """From one value to the next."""


def stage(metric: str, name: str = "users", partition: int = 0) -> str:
    """A series of one partition."""
    return f'ammeter_stage_{metric}{{{AT},stage="{name}",partition="{partition}"}}'


def of(metric: str, **labels: str) -> str:
    """Any series of ours."""
    return f"ammeter_{metric}{{{AT}{''.join(f',{name}={chr(34)}{value}{chr(34)}' for name, value in labels.items())}}}"


PLACE = {"instance": "a:9464", "job": "ammeter", "part": "users"}
UP = 'up{instance="a:9464",job="ammeter",part="users"}'
STARTED = 'process_start_time_seconds{instance="a:9464",job="ammeter",part="users"}'

STORIES = (
    Story(
        "a part that does not answer is told after two minutes, and no longer once it does",
        {UP: "1x4 0x6 1x10"},
        {
            "6m": [],
            "8m": [Fires("AmmeterPartDown", "The part users at a:9464 does not answer.", PLACE)],
            "12m": [],
        },
    ),
    Story("a part that is away for one scrape is nothing", {UP: "1x4 0 1x10"}, {"5m": [], "7m": [], "10m": []}),
    Story(
        "a part that is started again and again is told; an upgrade that starts it twice is not",
        {STARTED: "100 100 200 200 300 300 400 400 400 500x40"},
        {
            "5m": [],
            "10m": [
                Fires("AmmeterPartRestarts", "The part users at a:9464 was started 4 times in half an hour.", PLACE)
            ],
            "45m": [],
        },
    ),
    Story(
        "a receiver that cannot write is told after five minutes",
        {
            of("receiver_requests_total", path="/v1/logs", status="200"): "0+60x5 300x20",
            of("receiver_requests_total", path="/v1/logs", status="503"): "0x5 0+60x20",
        },
        {
            "7m": [],
            "16m": [
                Fires(
                    "AmmeterReceiverUnavailable",
                    "The receiver turns 100% of the requests away, for it cannot write to Kafka.",
                )
            ],
        },
    ),
    Story(
        "a broker that restarts within a minute costs a few retries and no alert",
        {
            of("receiver_requests_total", path="/v1/logs", status="200"): "0+60x30",
            of("receiver_requests_total", path="/v1/logs", status="503"): "0x5 10 20x25",
        },
        {"6m": [], "9m": [], "12m": [], "20m": []},
    ),
    Story(
        "a token that half of the clients do not have is told",
        {
            of("receiver_requests_total", path="/v1/logs", status="200"): "0+30x40",
            of("receiver_requests_total", path="grpc/logs", status="UNAUTHENTICATED"): "0+30x40",
        },
        {
            "14m": [],
            "35m": [
                Fires(
                    "AmmeterReceiverRefuses",
                    "The receiver refuses 50% of the requests: a token, a path or a format is wrong.",
                )
            ],
        },
    ),
    Story(
        "one client that is set up wrong among many is no alert",
        {
            of("receiver_requests_total", path="/v1/logs", status="200"): "0+90x40",
            of("receiver_requests_total", path="/v1/logs", status="401"): "0+10x40",
        },
        {"20m": [], "38m": []},
    ),
    Story(
        "records that are not taken are told when they are a tenth, not when they are one in a hundred",
        {
            of("receiver_events_total"): "0+99x30 2970+90x60",
            of("receiver_rejected_records_total", reason="too_long"): "0+1x30 30+10x60",
        },
        {
            "28m": [],
            "80m": [
                Fires(
                    "AmmeterReceiverRejectsRecords", "The receiver takes none of 10% of the records that clients send."
                )
            ],
        },
    ),
    Story(
        "a fault of our own is told at once, and for a quarter of an hour",
        {of("receiver_faults_total"): "0x10 1x40"},
        {
            "9m": [],
            "12m": [
                Fires(
                    "AmmeterReceiverFails",
                    "The receiver's own code failed on a body: its client was told 400, and its records are lost.",
                )
            ],
            "30m": [],
        },
    ),
    Story(
        "the first hook that is lost is told, though its series begins with it",
        {of("receiver_hooks_lost_total", reason="stopped"): "_x10 1x40"},
        {
            "9m": [],
            "12m": [
                Fires(
                    "AmmeterHooksLost",
                    "Payloads of hooks were taken and lost (stopped); nobody sends them again.",
                    {"reason": "stopped"},
                )
            ],
            "40m": [],
        },
    ),
    Story(
        "hooks that wait are told when half of their room is taken, and not while a broker restarts",
        {of("receiver_hooks_waiting_bytes"): "0x5 9000000 0x5 12582912x10"},
        {
            "6m": [],
            "15m": [
                Fires(
                    "AmmeterHooksWait",
                    "12MiB of hooks wait at a:9464 for Kafka; above 16 MiB they go.",
                    {"instance": "a:9464"},
                )
            ],
        },
    ),
    Story(
        "events of unknown names are told after an hour of more than one in twenty",
        {
            of("receiver_events_total"): "0+100x240",
            of("receiver_unrecognised_total", name="new_thing"): "0+2x60 120+10x180",
        },
        {
            "60m": [],
            "220m": [Fires("AmmeterUnrecognised", "10% of the events have names that this version does not know.")],
        },
    ),
    Story(
        "silence in the middle of work is told: there was work all week at this time, and today until half an hour ago",
        {of("receiver_events_total"): "0+100x2040 204000x24"},
        {
            "169h": [],
            "171h": [
                Fires(
                    "AmmeterReceiverSilent", "Nobody has sent anything for half an hour, in the middle of a day's work."
                )
            ],
            "175h": [],
        },
        every="5m",
    ),
    Story(
        "a night is quiet, and so is the morning before the first has come",
        # Twelve hours of work, twelve of none, for eight days.
        {of("receiver_events_total"): " ".join(f"{14400 * day}+100x143 {14400 * (day + 1)}x143" for day in range(8))},
        {"156h": [], "157h": [], "160h": [], "167h": [], "168h": []},
        every="5m",
    ),
    Story(
        "a holiday is quiet: a week ago there was work at this time, and today nobody has begun",
        {of("receiver_events_total"): "0+100x300 30000x1900"},
        {"30h": [], "169h": [], "172h": [], "180h": []},
        every="5m",
    ),
    Story(
        "a stage whose time stands still is told after three minutes",
        {stage("watermark_age_seconds"): "2x5 60+60x15"},
        {
            "8m": [],
            "10m": [
                Fires(
                    "AmmeterStageStandsStill",
                    "The time of the stage users is 5m 0s behind the clock.",
                    {"stage": "users"},
                )
            ],
        },
    ),
    Story(
        "a worker that catches up after a restart within two minutes is quiet, and so is a stage without work",
        {
            stage("watermark_age_seconds"): "2x5 120 90 1x20",
            stage("watermark_age_seconds", "teams"): "1x30",
            stage("lag_messages", "teams"): "0x30",
        },
        {"6m": [], "7m": [], "10m": [], "25m": []},
    ),
    Story(
        "a stage that falls behind is told; one that works a backlog off is not",
        {
            stage("lag_messages", "users"): "0+2000x40",
            stage("lag_messages", "sessions"): "90000-2000x40",
        },
        {
            "10m": [],
            "20m": [
                Fires(
                    "AmmeterStageFallsBehind",
                    "The stage users has 40k messages before it, and they become more.",
                    {"stage": "users"},
                )
            ],
            "35m": [
                Fires(
                    "AmmeterStageFallsBehind",
                    "The stage users has 70k messages before it, and they become more.",
                    {"stage": "users"},
                )
            ],
        },
    ),
    Story(
        "partitions that nobody works on are told after five minutes",
        {
            of("stage_partitions", stage="users"): "6x30",
            of("stage_owned_partitions", stage="users"): "6x5 4x25",
        },
        {
            "9m": [],
            "12m": [
                Fires(
                    "AmmeterPartitionsUnowned",
                    "Of the stage users only 4 partitions are worked on.",
                    {"stage": "users"},
                )
            ],
        },
    ),
    Story(
        "partitions that change hands, and workers that share them, are quiet",
        {
            of("stage_partitions", stage="users"): "6x30",
            of("stage_owned_partitions", stage="users"): "6x5 3x25",
            'ammeter_stage_owned_partitions{instance="b:9464",job="ammeter",stage="users"}': "0x7 3x25",
        },
        {"6m": [], "8m": [], "20m": []},
    ),
    Story(
        "a stage that cannot write is told after a minute; one slow flush is not",
        {stage("flush_waits_seconds"): "0x3 31 0x3 40+60x10"},
        {
            "3m": [],
            "4m": [],
            "10m": [
                Fires(
                    "AmmeterStageCannotWrite",
                    "The stage users has tried to write to Kafka for 1m 40s.",
                    {"stage": "users"},
                )
            ],
        },
    ),
    Story(
        "the first dead letter is told, though its series begins with it, and no longer after a quarter of an hour",
        {of("stage_dead_letters_total", stage="sessions"): "_x10 1x40"},
        {
            "9m": [],
            "12m": [
                Fires(
                    "AmmeterDeadLetters",
                    "The stage sessions set messages aside that it could not read.",
                    {"stage": "sessions"},
                )
            ],
            "40m": [],
        },
    ),
    Story(
        "dead letters of long ago are quiet",
        {
            of("stage_dead_letters_total", stage="sessions"): "7x60",
            of("sink_dead_letters_total", topic="sessions"): "3x60",
        },
        {"30m": [], "60m": []},
    ),
    Story(
        "records of the directory that cannot be read are told",
        {of("stage_directory_refused_total", stage="users"): "0x10 2x100"},
        {
            "9m": [],
            "12m": [
                Fires(
                    "AmmeterDirectoryRefused",
                    "The stage users could not read records of the directory.",
                    {"stage": "users"},
                )
            ],
            "90m": [],
        },
    ),
    Story(
        "a store that is away is told after two minutes, once; when it is back, all is quiet",
        {
            of("sink_store_away", lane="events"): "0x5 1x10 0x45",
            of("sink_insert_retries_total", lane="events"): "0x5 0+12x10 120x45",
        },
        {
            "7m": [],
            "10m": [
                Fires(
                    "AmmeterStoreAway",
                    "The store takes no inserts of the lane events; boards stand still.",
                    {"lane": "events"},
                )
            ],
            "17m": [],
            "30m": [],
        },
    ),
    Story(
        "a store that restarts within a minute is quiet",
        {of("sink_store_away", lane="events"): "0x5 1 0x20"},
        {"5m": [], "6m": [], "8m": []},
    ),
    Story(
        "inserts that fail now and then for half an hour are told",
        {
            of("sink_store_away", lane="tables"): "0x60",
            of("sink_insert_retries_total", lane="tables"): "0x5 0+1x55",
        },
        {
            "20m": [],
            "45m": [
                Fires(
                    "AmmeterInsertsFail",
                    "Inserts of the lane tables fail again and again, and succeed at a later try.",
                    {"lane": "tables"},
                )
            ],
        },
    ),
    Story(
        "offsets that cannot be noted are told; a rebalance that costs one or two is not",
        {
            of("sink_commit_failures_total", lane="events"): "0x5 2x25 2+1x30",
            of("sink_commit_failures_total", lane="tables"): "0x5 2x55",
        },
        {
            "8m": [],
            "45m": [
                Fires(
                    "AmmeterCommitsFail",
                    "The sink's lane events cannot note in Kafka how far it has stored.",
                    {"lane": "events"},
                )
            ],
        },
    ),
    Story(
        "a lane that falls behind is told; one that works a backlog off is not",
        {
            of("sink_lag_messages", lane="events"): "0+5000x40",
            of("sink_lag_messages", lane="tables"): "400000-9000x40",
        },
        {
            "15m": [],
            "30m": [
                Fires(
                    "AmmeterSinkFallsBehind",
                    "The sink's lane events has 150k messages before it, and they become more.",
                    {"lane": "events"},
                )
            ],
        },
    ),
    Story(
        "what the sink could not read is told",
        {of("sink_dead_letters_total", topic="team-windows"): "_x10 1x40"},
        {
            "9m": [],
            "12m": [
                Fires(
                    "AmmeterSinkDeadLetters",
                    "The sink set messages of team-windows aside that it could not read.",
                    {"topic": "team-windows"},
                )
            ],
            "40m": [],
        },
    ),
    Story(
        "detectors whose time stands still are told as such, and not as a stage besides",
        {stage("watermark_age_seconds", "detect"): "1x5 60+60x15"},
        {
            "8m": [],
            "14m": [Fires("AmmeterDetectorBehind", "The detectors are behind: what goes wrong now is told late.")],
        },
    ),
    Story(
        "detectors that read a day's signals anew within minutes are quiet",
        {
            stage("watermark_age_seconds", "detect"): "1x5 900 300 1x20",
            stage("lag_messages", "detect"): "0x5 50000 20000 0x20",
        },
        {"6m": [], "7m": [], "12m": []},
    ),
    Story(
        "a channel that takes nothing is told after five minutes, and what waits for it is not told besides",
        {
            of("notifier_failing", channel="checkout"): "0x5 1x15 0x20",
            of("notifier_failures_total", channel="checkout"): "0x5 0+1x15 15x20",
            of("notifier_waiting", channel="checkout"): "0x5 1x15 0x20",
        },
        {
            "9m": [],
            "18m": [
                Fires("AmmeterDeliveryFails", "The channel checkout takes no alerts.", {"channel": "checkout"}),
            ],
            "25m": [],
        },
    ),
    Story(
        "a channel that fails at the first attempt and takes the second is quiet",
        {
            of("notifier_failing", channel="checkout"): "0x5 1 0x30",
            of("notifier_failures_total", channel="checkout"): "0x5 1x31",
            of("notifier_waiting", channel="checkout"): "0x5 1 0x30",
        },
        {"6m": [], "12m": [], "30m": []},
    ),
    Story(
        "a channel that fails every quarter of an hour is told after three hours",
        {
            of("notifier_failing", channel="checkout"): "0x300",
            of("notifier_failures_total", channel="checkout"): " ".join(f"{n}x14" for n in range(20)),
        },
        {
            "100m": [],
            "200m": [
                Fires(
                    "AmmeterDeliveriesFail",
                    "Attempts to tell the channel checkout fail again and again, and succeed later.",
                    {"channel": "checkout"},
                )
            ],
        },
    ),
    Story(
        "alerts that wait though the channel does not fail are told after ten minutes",
        {
            of("notifier_waiting", channel="checkout"): "0x5 2x20",
            of("notifier_failing", channel="checkout"): "0x30",
        },
        {
            "12m": [],
            "20m": [
                Fires(
                    "AmmeterNotifierBehind",
                    "2 alerts have waited for the channel checkout for ten minutes.",
                    {"channel": "checkout"},
                )
            ],
        },
    ),
    Story(
        "alerts that no route takes are told after ten minutes",
        {of("notifier_unrouted"): "0x5 3x20"},
        {"12m": [], "20m": [Fires("AmmeterAlertsUnrouted", "3 alerts fire, and no route takes them.")]},
    ),
)
