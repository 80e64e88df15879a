"""Inserts a batch, whatever is in it. Rule: on return each message is in the store, or set aside there with its reason.

Rows that the store cannot read are narrowed down to their message by halves; the others are not held up.
"""

import time
from collections.abc import Sequence

import structlog

from ammeter import telemetry
from schemas.codec import InvalidEvent, read_events, write_events
from sinks.batch import Item, by_table, letter
from sinks.clickhouse import BadRows, Store
from sinks.rows import COLUMNS, RAW, splice

log = structlog.get_logger()

_TABLE = ("table",)
ROWS = telemetry.counter("ammeter_sink_rows_total", "Rows that the store has acknowledged.", _TABLE)
INSERT_SECONDS = telemetry.histogram("ammeter_sink_insert_seconds", "One insert into one table.", _TABLE)
INSERT_ROWS = telemetry.histogram(
    "ammeter_sink_insert_rows", "Rows of one insert.", _TABLE, buckets=telemetry.SIZE_BUCKETS
)
SET_ASIDE = telemetry.counter("ammeter_sink_dead_letters_total", "Messages that the sink set aside.", ("topic",))


def insert(store: Store, database: str, items: Sequence[Item], now: int) -> None:
    """Inserts all of them. Blocks; run it in a thread. `now`, in epoch milliseconds, dates dead letters.

    Raises StoreAway when the store is away: then any part may be in it, and all must be inserted again.
    """
    refused: list[Item] = []
    for table, group in by_table(items).items():
        refused += _insert(store, database, table, group, now)
    if refused:
        for each in refused:
            SET_ASIDE.labels(each.topic).inc()
        rows = b"".join([each.rows for each in refused])
        store.insert(f"{database}.{refused[0].table}", COLUMNS[refused[0].table], rows)


def _insert(store: Store, database: str, table: str, items: Sequence[Item], now: int) -> list[Item]:
    """Returns dead letters of what could not be inserted."""
    began = time.monotonic()
    try:
        store.insert(f"{database}.{table}", COLUMNS[table], b"".join([item.rows for item in items]))
    except BadRows as exc:
        if len(items) > 1:
            half = len(items) // 2
            return [
                *_insert(store, database, table, items[:half], now),
                *_insert(store, database, table, items[half:], now),
            ]
        return _insert_plain(store, database, items[0], now, str(exc))
    rows = sum(item.number for item in items)
    INSERT_SECONDS.labels(table).observe(time.monotonic() - began)
    INSERT_ROWS.labels(table).observe(rows)
    ROWS.labels(table).inc(rows)
    return []


def _insert_plain(store: Store, database: str, item: Item, now: int, reason: str) -> list[Item]:
    """Events that the stage reads and the store does not (a field named twice, say) are written plainly first."""
    if item.table == RAW:
        try:
            message = write_events(read_events(item.rows))
            store.insert(f"{database}.{RAW}", COLUMNS[RAW], splice(message, item.partition, item.offset))
        except (InvalidEvent, BadRows) as exc:
            reason = str(exc)
        else:
            ROWS.labels(RAW).inc(item.number)
            return []
    log.warning("message set aside", topic=item.topic, partition=item.partition, offset=item.offset, reason=reason)
    return [letter(item.topic, item.partition, item.offset, now, reason)]
