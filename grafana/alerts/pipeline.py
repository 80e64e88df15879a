"""What Prometheus watches of the pipeline. Rule: no alert for what heals by itself within minutes, none for quiet."""

from grafana.alerts.prometheus import PipelineRule, RuleGroup


def counted(metric: str, within: str, by: str = "") -> str:
    """Whether a counter has risen. The first count of a labelled one is no rise for Prometheus: the series is new."""
    risen = f"increase({metric}[{within}]) > 0 or {metric} > 0 unless {metric} offset {within}"
    return f"sum{f' by ({by})' if by else ''} ({risen}) > 0"


PARTS = RuleGroup(
    "parts",
    (
        PipelineRule(
            "AmmeterPartDown",
            'up{job="ammeter"} == 0',
            "2m",
            "now",
            "The part {{ $labels.part }} at {{ $labels.instance }} does not answer.",
        ),
        PipelineRule(
            "AmmeterPartRestarts",
            'changes(process_start_time_seconds{job="ammeter"}[30m]) > 3',
            "0m",
            "soon",
            "The part {{ $labels.part }} at {{ $labels.instance }} was started {{ $value | humanize }} times in half an"
            " hour.",
        ),
    ),
)

RECEIVER = RuleGroup(
    "receiver",
    (
        PipelineRule(
            "AmmeterReceiverUnavailable",
            'sum(rate(ammeter_receiver_requests_total{status=~"503|UNAVAILABLE"}[5m]))\n'
            "  / sum(rate(ammeter_receiver_requests_total[5m])) > 0.05",
            "5m",
            "now",
            "The receiver turns {{ $value | humanizePercentage }} of the requests away, for it cannot write to Kafka.",
        ),
        PipelineRule(
            "AmmeterReceiverRefuses",
            'sum(rate(ammeter_receiver_requests_total{status=~"4..|UNAUTHENTICATED|INVALID_ARGUMENT"}[15m]))\n'
            "  / sum(rate(ammeter_receiver_requests_total[15m])) > 0.2",
            "15m",
            "soon",
            "The receiver refuses {{ $value | humanizePercentage }} of the requests: a token, a path or a format is "
            "wrong.",
        ),
        PipelineRule(
            "AmmeterReceiverRejectsRecords",
            "sum(rate(ammeter_receiver_rejected_records_total[15m]))\n"
            "  / (sum(rate(ammeter_receiver_rejected_records_total[15m]))\n"
            "    + sum(rate(ammeter_receiver_events_total[15m]))) > 0.05",
            "15m",
            "soon",
            "The receiver takes none of {{ $value | humanizePercentage }} of the records that clients send.",
        ),
        PipelineRule(
            "AmmeterReceiverFails",
            counted("ammeter_receiver_faults_total", "15m"),
            "0m",
            "soon",
            "The receiver's own code failed on a body: its client was told 400, and its records are lost.",
        ),
        PipelineRule(
            "AmmeterReceiverSilent",
            # In the middle of a day's work: it was busy until half an hour ago, and a week ago it was at this time.
            "sum(increase(ammeter_receiver_events_total[30m])) == 0\n"
            "  and sum(increase(ammeter_receiver_events_total[2h] offset 30m)) > 200\n"
            "  and sum(increase(ammeter_receiver_events_total[30m] offset 1w)) > 50",
            "5m",
            "now",
            "Nobody has sent anything for half an hour, in the middle of a day's work.",
        ),
        PipelineRule(
            "AmmeterHooksLost",
            counted("ammeter_receiver_hooks_lost_total", "15m", "reason"),
            "0m",
            "soon",
            "Payloads of hooks were taken and lost ({{ $labels.reason }}); nobody sends them again.",
        ),
        PipelineRule(
            "AmmeterHooksWait",
            "sum by (instance) (ammeter_receiver_hooks_waiting_bytes) > 8388608",
            "2m",
            "now",
            "{{ $value | humanize1024 }}B of hooks wait at {{ $labels.instance }} for Kafka; above 16 MiB they go.",
        ),
        PipelineRule(
            "AmmeterUnrecognised",
            "sum(rate(ammeter_receiver_unrecognised_total[1h])) / sum(rate(ammeter_receiver_events_total[1h])) > 0.05",
            "1h",
            "soon",
            "{{ $value | humanizePercentage }} of the events have names that this version does not know.",
        ),
    ),
)

STAGES = RuleGroup(
    "stages",
    (
        PipelineRule(
            "AmmeterStageStandsStill",
            'max by (stage) (ammeter_stage_watermark_age_seconds{stage!="detect"}) > 60',
            "3m",
            "now",
            "The time of the stage {{ $labels.stage }} is {{ $value | humanizeDuration }} behind the clock.",
        ),
        PipelineRule(
            "AmmeterStageFallsBehind",
            'sum by (stage) (ammeter_stage_lag_messages{stage!="detect"}) > 10000\n'
            '  and deriv(sum by (stage) (ammeter_stage_lag_messages{stage!="detect"})[10m:1m]) > 0',
            "10m",
            "soon",
            "The stage {{ $labels.stage }} has {{ $value | humanize }} messages before it, and they become more.",
        ),
        PipelineRule(
            "AmmeterPartitionsUnowned",
            "sum by (stage) (ammeter_stage_owned_partitions) < max by (stage) (ammeter_stage_partitions)",
            "5m",
            "now",
            "Of the stage {{ $labels.stage }} only {{ $value | humanize }} partitions are worked on.",
        ),
        PipelineRule(
            "AmmeterStageCannotWrite",
            "max by (stage) (ammeter_stage_flush_waits_seconds) > 30",
            "1m",
            "now",
            "The stage {{ $labels.stage }} has tried to write to Kafka for {{ $value | humanizeDuration }}.",
        ),
        PipelineRule(
            "AmmeterDeadLetters",
            counted("ammeter_stage_dead_letters_total", "15m", "stage"),
            "0m",
            "soon",
            "The stage {{ $labels.stage }} set messages aside that it could not read.",
        ),
        PipelineRule(
            "AmmeterDirectoryRefused",
            counted("ammeter_stage_directory_refused_total", "1h", "stage"),
            "0m",
            "soon",
            "The stage {{ $labels.stage }} could not read records of the directory.",
        ),
    ),
)

SINK = RuleGroup(
    "sink",
    (
        PipelineRule(
            "AmmeterStoreAway",
            "max by (lane) (ammeter_sink_store_away) == 1",
            "2m",
            "now",
            "The store takes no inserts of the lane {{ $labels.lane }}; boards stand still.",
        ),
        PipelineRule(
            "AmmeterInsertsFail",
            # In each of the last three ten minutes: one outage, however long ago it ended, is not told twice.
            "sum by (lane) (increase(ammeter_sink_insert_retries_total[10m])) > 0\n"
            "  and sum by (lane) (increase(ammeter_sink_insert_retries_total[10m] offset 10m)) > 0\n"
            "  and sum by (lane) (increase(ammeter_sink_insert_retries_total[10m] offset 20m)) > 0\n"
            "  unless max by (lane) (ammeter_sink_store_away) == 1",
            "1m",
            "soon",
            "Inserts of the lane {{ $labels.lane }} fail again and again, and succeed at a later try.",
        ),
        PipelineRule(
            "AmmeterCommitsFail",
            "sum by (lane) (increase(ammeter_sink_commit_failures_total[15m])) > 3",
            "0m",
            "soon",
            "The sink's lane {{ $labels.lane }} cannot note in Kafka how far it has stored.",
        ),
        PipelineRule(
            "AmmeterSinkFallsBehind",
            "sum by (lane) (ammeter_sink_lag_messages) > 50000\n"
            "  and deriv(sum by (lane) (ammeter_sink_lag_messages)[10m:1m]) > 0",
            "10m",
            "soon",
            "The sink's lane {{ $labels.lane }} has {{ $value | humanize }} messages before it, and they become more.",
        ),
        PipelineRule(
            "AmmeterSinkDeadLetters",
            counted("ammeter_sink_dead_letters_total", "15m", "topic"),
            "0m",
            "soon",
            "The sink set messages of {{ $labels.topic }} aside that it could not read.",
        ),
    ),
)

ALERTS = RuleGroup(
    "alerts",
    (
        PipelineRule(
            "AmmeterDetectorBehind",
            'max(ammeter_stage_watermark_age_seconds{stage="detect"}) > 60\n'
            '  or sum(ammeter_stage_lag_messages{stage="detect"}) > 1000',
            "5m",
            "now",
            "The detectors are behind: what goes wrong now is told late.",
        ),
        PipelineRule(
            "AmmeterDeliveryFails",
            "max by (channel) (ammeter_notifier_failing) == 1",
            "5m",
            "now",
            "The channel {{ $labels.channel }} takes no alerts.",
        ),
        PipelineRule(
            "AmmeterDeliveriesFail",
            # In each of the last three hours: a channel that was away once is not told of again.
            "sum by (channel) (increase(ammeter_notifier_failures_total[1h])) > 0\n"
            "  and sum by (channel) (increase(ammeter_notifier_failures_total[1h] offset 1h)) > 0\n"
            "  and sum by (channel) (increase(ammeter_notifier_failures_total[1h] offset 2h)) > 0\n"
            "  unless max by (channel) (ammeter_notifier_failing) == 1",
            "1m",
            "soon",
            "Attempts to tell the channel {{ $labels.channel }} fail again and again, and succeed later.",
        ),
        PipelineRule(
            "AmmeterNotifierBehind",
            "max by (channel) (ammeter_notifier_waiting) > 0 unless max by (channel) (ammeter_notifier_failing) == 1",
            "10m",
            "now",
            "{{ $value | humanize }} alerts have waited for the channel {{ $labels.channel }} for ten minutes.",
        ),
        PipelineRule(
            "AmmeterAlertsUnrouted",
            "max(ammeter_notifier_unrouted) > 0",
            "10m",
            "soon",
            "{{ $value | humanize }} alerts fire, and no route takes them.",
        ),
    ),
)

GROUPS = (PARTS, RECEIVER, STAGES, SINK, ALERTS)
RULES = tuple(rule for group in GROUPS for rule in group.rules)
