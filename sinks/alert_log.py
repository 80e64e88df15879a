"""Alerts and what people say of them, as the log has them. Rule: read from the beginning, and followed for ever.

Both topics are tables of one partition, and small: what notifiers know is all that is in them, so that nothing has to
be remembered of how far they were read.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas import wire
from sinks.due import Known

log = structlog.get_logger()

ALERTS, NOTES = "anomalies", "alert-notes"

AWAY_FIRST_S, AWAY_MOST_S = 0.2, 5.0
"""Waits for a broker or a topic that is not there: doubling from the first to the longest."""

_alert = msgspec.msgpack.Decoder(wire.Anomaly)
_alert_key = msgspec.msgpack.Decoder(wire.AnomalyKey)
_note = msgspec.msgpack.Decoder(wire.AlertNote)


class Read(Protocol):
    """One record."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp: int


class AlertLog:
    """Reads into `known`."""

    def __init__(self, broker: str, prefix: str) -> None:
        self._broker, self._prefix = broker, prefix
        self._places = [TopicPartition(prefix + topic, 0) for topic in (ALERTS, NOTES)]
        self._consumer: Any = None
        self.known = Known()
        self.written: dict[str, int] = {}
        """When each alert's record was written, log time in milliseconds."""

    async def load(self) -> None:
        """Reads all that is there now, however long the broker is away."""
        self._consumer = await opened(self._broker, self._places)
        ends = await self._consumer.end_offsets(self._places)
        while any([await self._consumer.position(place) < ends[place] for place in self._places]):
            await self.read(200)

    async def read(self, within_ms: int) -> bool:
        """Reads what comes within so long; whether anything came."""
        found = await self._consumer.getmany(timeout_ms=within_ms)
        for records in found.values():
            self._take(records)
        return bool(found)

    async def close(self) -> None:
        """Lets go of the connection."""
        if self._consumer is not None:
            await self._consumer.stop()

    def _take(self, records: Sequence[Read]) -> None:
        for record in records:
            if not record.key:
                continue  # the stage's checkpoint
            try:
                self._put(record.topic.removeprefix(self._prefix), record.key, record)
            except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
                log.warning("record passed over", topic=record.topic, why=str(exc))

    def _put(self, topic: str, key: bytes, record: Read) -> None:
        if topic == ALERTS:
            ident = _alert_key.decode(key).id
            if record.value is None:
                self.known.alerts.pop(ident, None)
                self.written.pop(ident, None)
            else:
                self.known.alerts[ident] = _alert.decode(record.value)
                self.written[ident] = record.timestamp
        elif record.value is None:
            self.known.notes.pop(key.decode(), None)
        else:
            self.known.notes[key.decode()] = _note.decode(record.value)


async def opened(broker: str, places: Sequence[TopicPartition]) -> Any:
    """A consumer at the beginning of all places; waits for as long as broker or topics are not there."""
    wait = AWAY_FIRST_S
    while True:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=broker,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
        )
        try:
            await consumer.start()
            missing = sorted({place.topic for place in places} - await consumer.topics())
            if not missing:
                consumer.assign(list(places))
                await consumer.seek_to_beginning(*places)
                return consumer
            log.warning("topics are missing: run `ammeter topics`", topics=missing, seconds=wait)
        except KafkaError as exc:
            log.warning("broker away, trying again", why=repr(exc), seconds=wait)
        except BaseException:
            await consumer.stop()
            raise
        await consumer.stop()
        await asyncio.sleep(wait)
        wait = min(wait * 2, AWAY_MOST_S)


async def rows(broker: str, topic: str) -> Mapping[bytes, bytes]:
    """Of each key of a table of one partition its last value."""
    place = TopicPartition(topic, 0)
    consumer = await opened(broker, [place])
    found: dict[bytes, bytes] = {}
    try:
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            for record in (await consumer.getmany(place, timeout_ms=200)).get(place, ()):
                found.pop(record.key, None)
                if record.value is not None:
                    found[record.key] = record.value
    finally:
        await consumer.stop()
    return found
