"""One flush, one transaction. Rule: what a flush writes and how far it has read are visible together or not at all."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from aiokafka import AIOKafkaProducer

from streams.engine.layout import Layout

BATCH_BYTES = 512 << 10
"""Of one producer batch before compression: a batch must stay under the topics' max.message.bytes in any case."""

TIMEOUT_MS = 10_000
"""After this the broker aborts a transaction. An owner stopped in the middle of one holds up the read_committed
readers of all that it wrote to, until it is succeeded or this is over: hence not longer."""

Written: TypeAlias = tuple[str, bytes | None, bytes | None]
"""Topic (without prefix), key, value."""


class Transactions(Protocol):
    """The right to write for one source partition."""

    async def claim(self) -> None:
        """From now on nobody else has it: the predecessor's open transaction is aborted, and it is fenced."""

    async def commit(self, own: Sequence[Written], sent: Sequence[Written], at: int) -> None:
        """Writes `own` to the partition of the source's number and `sent` by key, all or nothing; `at` stamps them.

        Any exception means that nobody knows what became of it: the process must end.
        """

    async def stop(self) -> None:
        """Lets go of the connection; what is open is aborted by the broker."""


class KafkaTransactions:
    """Transactions by one transactional producer, whose id names the stage and the partition."""

    def __init__(self, broker: str, ident: str, partition: int, layout: Layout) -> None:
        self._partition, self._layout = partition, layout
        self._producer = AIOKafkaProducer(
            bootstrap_servers=broker,
            transactional_id=ident,
            transaction_timeout_ms=TIMEOUT_MS,
            max_batch_size=BATCH_BYTES,
            max_request_size=2 * BATCH_BYTES,
            compression_type="zstd",
        )

    async def claim(self) -> None:
        """Starting a transactional producer raises its epoch: that is the fence."""
        await self._producer.start()

    async def stop(self) -> None:
        """Closes the producer."""
        await self._producer.stop()

    async def commit(self, own: Sequence[Written], sent: Sequence[Written], at: int) -> None:
        """One Kafka transaction."""
        batches = self._by_place(own, sent)
        await self._producer.begin_transaction()
        delivered: list[asyncio.Future[Any]] = []
        for (topic, partition), records in batches.items():
            delivered += await self._send(self._layout.name(topic), partition, records, at)
        await asyncio.gather(*delivered)
        await self._producer.commit_transaction()

    def _by_place(self, own: Iterable[Written], sent: Iterable[Written]) -> dict[tuple[str, int], list[Written]]:
        places: dict[tuple[str, int], list[Written]] = {}
        for record in own:
            places.setdefault((record[0], self._partition), []).append(record)
        for record in sent:
            assert record[1] is not None  # a change goes where its key says
            places.setdefault((record[0], self._layout.partition_of(record[0], record[1])), []).append(record)
        return places

    async def _send(self, topic: str, partition: int, records: list[Written], at: int) -> list["asyncio.Future[Any]"]:
        """In whole batches: twice as fast over all as `send` a record."""
        producer, delivered = self._producer, []
        batch = producer.create_batch()
        for _, key, value in records:
            if batch.append(key=key, value=value, timestamp=at) is None:
                delivered.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                # The first record of a batch is taken whatever its size; it must not get lost if that ever changes.
                if batch.append(key=key, value=value, timestamp=at) is None:
                    raise ValueError(f"a record of {topic} does not fit into an empty batch")
        delivered.append(await producer.send_batch(batch, topic, partition=partition))
        return delivered
