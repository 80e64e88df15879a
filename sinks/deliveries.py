"""What each channel has heard, kept in the log. Rule: whoever writes it has claimed it, and reads it after the claim.

A second notifier that claims it ends the first one before that can send anything more. Nothing is believed to have been
written until the broker says so; what a channel took and the log does not know yet is written first of all.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced

from schemas import wire
from schemas.derived import DEFINITIONS
from sinks.alert_log import AWAY_FIRST_S, AWAY_MOST_S, rows

log = structlog.get_logger()

DELIVERIES = "alert-deliveries"

TIMEOUT_MS = 10_000
"""After this the broker aborts what a killed notifier left open."""

Changes = Mapping[tuple[str, str], wire.AlertDelivery]
"""By channel and alert."""

_encode = msgspec.msgpack.encode
_key = msgspec.msgpack.Decoder(wire.AlertDeliveryKey)
_value = msgspec.msgpack.Decoder(wire.AlertDelivery)


class Superseded(RuntimeError):
    """Another notifier has taken over."""

    def __init__(self) -> None:
        super().__init__("Another `ammeter sink chat` of the same stack has taken over: run one of them alone.")


class Memory:
    """The deliveries, and the only right to write them."""

    def __init__(self, broker: str, prefix: str, now: Callable[[], int]) -> None:
        self._broker, self._prefix, self._now = broker, prefix, now
        self._topic = prefix + DELIVERIES
        self._producer: Any = None
        self._lock = asyncio.Lock()
        self.held: dict[tuple[str, str], wire.AlertDelivery] = {}

    async def claim(self) -> None:
        """Takes over and reads what was written, however long the broker is away."""
        wait = AWAY_FIRST_S
        while True:
            try:
                await self._claim()
                return
            except KafkaError as exc:
                log.warning("deliveries cannot be claimed, trying again", why=repr(exc), seconds=wait)
            await self.close()
            await asyncio.sleep(wait)
            wait = min(wait * 2, AWAY_MOST_S)

    async def write(self, changes: Changes) -> None:
        """Writes all or none of it, however long the broker is away. Raises Superseded."""
        async with self._lock:
            stamped = {key: self._stamped(value, self.held.get(key)) for key, value in changes.items()}
            while True:
                try:
                    await self._write(stamped)
                    break
                except (ProducerFenced, InvalidProducerEpoch):
                    raise Superseded from None
                except KafkaError as exc:
                    # Whether it was written is not known: once more, after a claim, for the log may have changed hands.
                    log.warning("delivery not written, trying again", why=repr(exc))
                    before = dict(self.held)
                    await self.close()
                    await self.claim()
                    if any(self.held.get(key) not in (before.get(key), value) for key, value in stamped.items()):
                        raise Superseded from None
            self.held.update(stamped)

    async def close(self) -> None:
        """Lets go of the connection."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):
                await producer.stop()

    async def _claim(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._broker,
            transactional_id=f"{self._prefix}{DELIVERIES}",
            transaction_timeout_ms=TIMEOUT_MS,
            acks="all",
        )
        await self._producer.start()
        found = await rows(self._broker, self._topic)
        self.held = {}
        for key, value in found.items():
            try:
                place = _key.decode(key)
                self.held[place.channel, place.alert] = _value.decode(value)
            except msgspec.MsgspecError as exc:
                log.warning("record passed over", topic=self._topic, why=str(exc))

    async def _write(self, changes: Changes) -> None:
        producer = self._producer
        async with producer.transaction():
            sent = [
                await producer.send(self._topic, _encode(value), _encode(wire.AlertDeliveryKey(*key)), partition=0)
                for key, value in changes.items()
            ]
            await asyncio.gather(*sent)

    def _stamped(self, value: wire.AlertDelivery, before: wire.AlertDelivery | None) -> wire.AlertDelivery:
        version = max(self._now() * 1000, before.version + 1 if before else 0)
        return msgspec.structs.replace(value, version=version, definitions=DEFINITIONS)
