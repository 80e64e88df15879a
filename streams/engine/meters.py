"""The engine's Prometheus metrics. Rule: they tell whether a stage lives, keeps up and can read what it gets."""

from ammeter import telemetry

_STAGE = ("stage",)
_PARTITION = ("stage", "partition")

MESSAGES = telemetry.counter("ammeter_stage_messages_total", "Messages folded by a stage.", _STAGE)
EVENTS = telemetry.counter("ammeter_stage_events_total", "Events in the messages of session-events folded.", _STAGE)
BATCH_MESSAGES = telemetry.histogram(
    "ammeter_stage_batch_messages", "Messages in one fetch of one partition.", _STAGE, telemetry.SIZE_BUCKETS
)
FLUSH_SECONDS = telemetry.histogram(
    "ammeter_stage_flush_seconds", "Time of one flush, its transaction included.", _STAGE
)
FLUSH_RECORDS = telemetry.histogram(
    "ammeter_stage_flush_records", "Records written by one flush.", _STAGE, telemetry.SIZE_BUCKETS
)
TRANSACTIONS = telemetry.counter("ammeter_stage_transactions_total", "Transactions committed by a stage.", _STAGE)
DEAD_LETTERS = telemetry.counter("ammeter_stage_dead_letters_total", "Messages refused as unreadable.", _STAGE)
MISPLACED = telemetry.counter(
    "ammeter_stage_misplaced_batches_total", "Batches that did not begin where the partition stood: read again.", _STAGE
)
REBALANCES = telemetry.counter("ammeter_stage_rebalances_total", "Assignments of partitions by the group.", _STAGE)
RESTORE_SECONDS = telemetry.histogram(
    "ammeter_stage_restore_seconds", "Time to claim a partition and read what it remembered.", _STAGE
)
LAG = telemetry.gauge(
    "ammeter_stage_lag_messages", "Messages of the source partition not folded yet, holes included.", _PARTITION
)
WATERMARK_AGE = telemetry.gauge(
    "ammeter_stage_watermark_age_seconds", "How far the time of a partition is behind the clock.", _PARTITION
)
FLUSH_WAITS = telemetry.gauge(
    "ammeter_stage_flush_waits_seconds",
    "How long the flush under way has taken; grows while the broker is away.",
    _PARTITION,
)
PARTITIONS = telemetry.gauge("ammeter_stage_partitions", "Partitions of the stage's source topic.", _STAGE)
OWNED = telemetry.gauge("ammeter_stage_owned_partitions", "Partitions that this process owns and folds.", _STAGE)
STATE = telemetry.gauge("ammeter_stage_state_entries", "What a stage remembers, by kind.", ("stage", "kind"))
DIRECTORY_ENTRIES = telemetry.gauge(
    "ammeter_stage_directory_entries", "Identities of the directory that this process knows.", _STAGE
)
DIRECTORY_REFUSED = telemetry.counter(
    "ammeter_stage_directory_refused_total", "Records of the directory that could not be read.", _STAGE
)
