"""Messages into Kafka, acknowledged. Rule: `send` ends in time, whatever the broker does.

What was not acknowledged in time may be sent again, though it may still land: run and index make that harmless.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ammeter import telemetry
from schemas.topics import RECORD_BYTES, partition_of
from sources.messages import Message, Unavailable

_log = structlog.get_logger()

ACKNOWLEDGED_SECONDS = telemetry.histogram(
    "ammeter_producer_acknowledged_seconds", "From handing messages to Kafka until all were acknowledged."
)
PRODUCED = telemetry.counter("ammeter_producer_messages_total", "Messages by what became of them.", ("outcome",))

_BATCH_BYTES = RECORD_BYTES - (64 << 10)
"""Below the topic's limit, for the batch's own header and what does not compress."""


@dataclass(frozen=True)
class KafkaConfig:
    """Which topic of which cluster, and how long to wait for it."""

    bootstrap: str
    topic: str
    acknowledged_within_ms: int = 800
    linger_ms: int = 5
    queue_bytes: int = 64 << 20
    """Handed over and not acknowledged: above it, `send` refuses at once."""
    retry_ms: int = 500


class KafkaLog:
    """An idempotent producer that connects when it can, and again when it must."""

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._producer: AIOKafkaProducer | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._partitions = 0
        self._queued = 0

    @property
    def ready(self) -> bool:
        """Whether it is connected and knows the topic."""
        return self._producer is not None

    async def start(self) -> None:
        """Begins to connect, and goes on until it succeeds; returns at once."""
        self._connect_again()

    async def stop(self, within_s: float = 2.0) -> None:
        """Writes what is under way, at most that long, and closes."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer, within_s)

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns once all are acknowledged, raises Unavailable otherwise, within `acknowledged_within_ms`."""
        if not messages:
            return
        size = sum(len(message.value) for message in messages)
        producer = self._producer
        if producer is None or (self._queued and self._queued + size > self._config.queue_bytes):
            PRODUCED.labels("refused").inc(len(messages))
            raise Unavailable("Kafka is not connected." if producer is None else "The queue to Kafka is full.")
        started = time.monotonic()
        delivery = asyncio.ensure_future(self._deliver(producer, messages))
        self._queued += size
        delivery.add_done_callback(lambda _: self._forget(size))
        done, _ = await asyncio.wait([delivery], timeout=self._config.acknowledged_within_ms / 1000)
        if not done:
            delivery.cancel()
            PRODUCED.labels("late").inc(len(messages))
            raise Unavailable("Kafka did not acknowledge in time.")
        error = delivery.exception()
        if error is not None:
            PRODUCED.labels("failed").inc(len(messages))
            self._replace_if_broken(producer, error)
            raise Unavailable(f"Kafka refused: {type(error).__name__}.") from error
        PRODUCED.labels("acknowledged").inc(len(messages))
        ACKNOWLEDGED_SECONDS.observe(time.monotonic() - started)

    async def _deliver(self, producer: AIOKafkaProducer, messages: Sequence[Message]) -> None:
        futures = []
        for message in messages:
            key = message.session_id.encode()
            futures.append(
                await producer.send(
                    self._config.topic,
                    message.value,
                    key,
                    partition=partition_of(key, self._partitions),
                    timestamp_ms=message.received_at,
                )
            )
        # shielded: a batch is one future of several requests, and goes on though one of them has stopped waiting
        await asyncio.gather(*(asyncio.shield(future) for future in futures))

    def _forget(self, size: int) -> None:
        self._queued -= size

    def _replace_if_broken(self, producer: AIOKafkaProducer, error: BaseException) -> None:
        """An idempotent producer does not survive every error; a new one gets a new id and goes on."""
        retriable = isinstance(error, KafkaError) and error.retriable
        if retriable or producer is not self._producer:
            return
        _log.warning("producer is replaced", error=type(error).__name__)
        self._producer = None
        self._connect_again(producer)

    def _connect_again(self, broken: AIOKafkaProducer | None = None) -> None:
        self._connecting = asyncio.create_task(self._connect(broken))

    async def _connect(self, broken: AIOKafkaProducer | None) -> None:
        if broken is not None:
            await _close(broken, 1.0)
        told = False
        while True:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._config.bootstrap,
                acks="all",
                enable_idempotence=True,
                compression_type="zstd",
                linger_ms=self._config.linger_ms,
                max_batch_size=_BATCH_BYTES,
                max_request_size=RECORD_BYTES,
                request_timeout_ms=10_000,
                retry_backoff_ms=50,
                metadata_max_age_ms=60_000,
            )
            try:
                await producer.start()
                partitions = await producer.partitions_for(self._config.topic)
            except (KafkaError, OSError, TimeoutError) as exc:
                if not told:
                    _log.warning("Kafka cannot be reached, trying on", error=type(exc).__name__)
                    told = True
                await _close(producer, 1.0)
                await asyncio.sleep(self._config.retry_ms / 1000)
            except asyncio.CancelledError:
                await _close(producer, 1.0)
                raise
            else:
                self._partitions = len(partitions)
                self._producer = producer
                return


async def _close(producer: AIOKafkaProducer, within_s: float) -> None:
    with contextlib.suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(within_s):
            await producer.stop()
            return
    with contextlib.suppress(TimeoutError, KafkaError):  # it would wait for ever for a broker that is away
        async with asyncio.timeout(within_s):
            await producer._sender.close()
            await producer.client.close()
