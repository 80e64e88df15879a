"""Recomputes alerts from all that detectors were told. Rule: from the log's beginning, or not at all, and it says why.

The store has the latest verdict on each session. Which came first, and what it said, only the log of signals knows.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ammeter import detectors, working_days
from ammeter.settings import Settings
from schemas import wire
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, Databases
from sinks.reconcile import Difference
from sinks.rows import json_lines, rows_of
from streams.detect.again import Again
from streams.detect.heard import Heard

HEARD = msgspec.msgpack.encode(("heard", ""))
"""Key of `detector-states`: where in the log the detectors are."""

NONE = "no alert"
AT_ONCE_MS = 500


class NotRecomputed(Exception):
    """Alerts cannot be recomputed; the message is the reason, and no fault."""


async def alerts_again(settings: Settings) -> dict[bytes, bytes]:
    """Each alert by its key, as it must stand after all that detectors have taken.

    Raises NotRecomputed, SettingsError.
    """
    try:
        async with _reader(settings.kafka_address) as reader:
            states = TopicPartition(f"{settings.topic_prefix}detector-states", 0)
            heard = Heard()
            async for _, key, value in _records(reader, states):
                if key == HEARD and value is not None:
                    state = msgspec.msgpack.decode(value, type=wire.DetectorState).state
                    heard = msgspec.msgpack.decode(state, type=Heard)
            signals = TopicPartition(f"{settings.topic_prefix}signals", 0)
            first = (await reader.beginning_offsets([signals]))[signals]
            if first:
                raise NotRecomputed(f"the log of signals begins at {first}: what detectors were told before is gone")
            if heard.since:
                raise NotRecomputed(f"detectors were told other parameters until they had heard {heard.since} signals")
            hearing = Again(heard, detectors.load(settings), working_days.load(settings))
            async for at, key, value in _records(reader, signals):
                hearing.take(at, key, value or b"")
                if not hearing.left:
                    break
    except KafkaError as error:
        raise NotRecomputed(f"Kafka at {settings.kafka_address} did not answer ({error!r})") from error
    if hearing.left:
        raise NotRecomputed(f"the log of signals lacks {hearing.left} of those that detectors have heard")
    return hearing.alerts()


def differences(
    store: ClickHouse, again: Mapping[bytes, bytes], databases: Databases = DEFAULT
) -> Iterator[Difference]:
    """Each figure of an alert that is not as it must be, and each alert that is missing or too many.

    Raises StoreError.
    """
    stored = _rows(store.raw(databases.fill("SELECT * FROM ${private}.anomaly_rows FINAL"), "JSONEachRow"))
    rows = [row for key, value in again.items() for row in rows_of("anomalies", key, value)]
    recomputed = _rows(json_lines(rows))
    for name in sorted(stored.keys() | recomputed.keys()):
        before, after = stored.get(name), recomputed.get(name)
        if before is None or after is None:
            shown = [NONE if row is None else str(row["sentence"]) for row in (before, after)]
            yield Difference("anomalies", (name,), "sentence", *shown)
            continue
        for column in [each for each in after if each != "version" and before[each] != after[each]]:
            yield Difference("anomalies", (name,), column, str(before[column]), str(after[column]))


def _rows(lines: bytes) -> dict[str, dict[str, object]]:
    found = (msgspec.json.decode(line, type=dict[str, object]) for line in lines.splitlines() if line)
    return {str(row["id"]): row for row in found}


@asynccontextmanager
async def _reader(address: str) -> AsyncIterator[AIOKafkaConsumer]:
    reader = AIOKafkaConsumer(
        bootstrap_servers=address,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 << 20,
    )
    try:
        await reader.start()
        yield reader
    finally:
        await reader.stop()


async def _records(reader: AIOKafkaConsumer, place: TopicPartition) -> AsyncIterator[tuple[int, bytes, bytes | None]]:
    """Time, key and value of all that is committed now."""
    reader.assign([place])
    end = (await reader.end_offsets([place]))[place]
    await reader.seek_to_beginning(place)
    while await reader.position(place) < end:
        for records in (await reader.getmany(place, timeout_ms=AT_ONCE_MS)).values():
            for record in records:
                yield record.timestamp, record.key or b"", record.value
