"""The embedded stack: Kafka, the store and all parts on this machine. Rule: nothing is left running."""

import asyncio
import os
from collections.abc import Callable, Sequence

import aiohttp
import structlog

from ammeter import compose, notifying, reading, retold, topics
from ammeter.broker import EmbeddedBroker
from ammeter.settings import Settings, SettingsError
from ammeter.stack import Child, PartFailed, Stack
from sinks.clickhouse import StoreError, connect
from sinks.migrate import Databases, migrate

log = structlog.get_logger()

READY_WITHIN_S = 60.0
BROKER_RESTARTS = 5

PARTS = ("receive", "work", "sink", "boards")
"""In the order of their start; each but `store` serves metrics at its place after the first port."""


class Embedded:
    """Starts, watches and stops. What an address in the settings names is used and not started."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        """`say` is told in a sentence what takes long."""
        self._settings, self._say = settings, say
        self._stack = Stack()
        self._broker = None if settings.kafka else EmbeddedBroker(compose.broker(settings), say)
        self._watch: asyncio.Task[None] | None = None

    async def start_storage(self) -> None:
        """Kafka and the store, with topics and schema. Raises BrokerError, PartFailed, TopicsError."""
        self._settings.data_dir.mkdir(parents=True, exist_ok=True)
        await asyncio.gather(self.start_broker(), self.start_store())

    async def tell_history(self, now: int, found: Sequence[retold.Told] | None = None) -> None:
        """Detectors hear of these verdicts, else of those that the store has, if they have heard of none.

        `now`: epoch milliseconds.
        """
        told = await retold.retell(self._settings, now, found)
        if told:
            self._say(f"Detectors are told of {told:,} verdicts of before.")

    async def start_parts(self, clock: str = "") -> None:
        """Receiver, stages, sink, boards, and the notifier that is configured; ready when it returns."""
        ports, notifier = self._settings.ports, notifying.part(self._settings)
        for number, name in enumerate(PARTS):
            await self._stack.start(self._child(name, clock=clock, metrics_port=ports.metrics + number))
        if notifier:
            port = ports.metrics + len(PARTS)
            await self._stack.start(self._child("notify", notifier, clock=clock, metrics_port=port))
        await asyncio.gather(
            self._answers("the receiver", f"http://127.0.0.1:{ports.receiver}/readyz"),
            self._answers("the boards", f"{self.boards_url}/"),
        )

    @property
    def boards_url(self) -> str:
        """Where a browser finds the boards."""
        return f"http://127.0.0.1:{self._settings.ports.boards}"

    async def failed(self) -> None:
        """Raises PartFailed when a part could not be kept up."""
        waits = [asyncio.create_task(self._stack.failed())]
        if self._watch:
            waits.append(self._watch)
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """Who sends first, who stores last."""
        await self._stack.stop()
        if self._watch:
            self._watch.cancel()
        if self._broker and self._broker.pid:
            await self._broker.stop()

    def _child(self, name: str, arguments: tuple[str, ...] = (), **changes: object) -> Child:
        environment = compose.child_environment(self._settings, parent=os.getpid(), **changes)
        logs = self._settings.data_dir / "logs"
        return Child(name, arguments or (name,), environment, logs / f"{name}.log")

    async def start_broker(self) -> None:
        """Kafka, with the topics."""
        partitions = None
        if self._broker:
            await self._broker.start()
            self._watch = asyncio.create_task(self._keep_broker(self._broker))
            partitions = compose.EMBEDDED_PARTITIONS
        await topics.ensure(self._settings.kafka_address, compose.planned_topics(self._settings, partitions))

    async def _keep_broker(self, broker: EmbeddedBroker) -> None:
        for _ in range(BROKER_RESTARTS):
            ended = await broker.wait_ended()
            log.warning("Kafka ended and is started again", code=ended.code, last_line=ended.last_line)
            await broker.start()
        raise PartFailed(f"Kafka ended {BROKER_RESTARTS} times: see {self._settings.data_dir / 'kafka'}")

    async def start_store(self) -> None:
        """The store, with the schema."""
        if not self._settings.clickhouse:
            await self._stack.start(self._child("store"))
            await self._answers("the store", f"{self._settings.store_url}/ping")
        await asyncio.to_thread(self._migrate)

    def _migrate(self) -> None:
        try:
            store = connect(reading.target(self._settings, self._settings.store_url))
            try:
                migrate(store, Databases(self._settings.database), self._settings.floor)
            finally:
                store.close()
        except StoreError as exc:
            raise SettingsError(f"the store's schema cannot be brought up to date: {exc}") from None

    async def _answers(self, what: str, url: str) -> None:
        """Returns when the part answers; raises PartFailed when it ends or takes too long."""
        failed = asyncio.create_task(self._stack.failed())
        asking = asyncio.create_task(_until_ok(url))
        try:
            done, _ = await asyncio.wait([failed, asking], timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            if failed in done:
                failed.result()
            if not done:
                raise PartFailed(
                    f"{what} did not answer within {READY_WITHIN_S:.0f} s: see {self._settings.data_dir}/logs"
                )
        finally:
            failed.cancel()
            asking.cancel()


async def _until_ok(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status < 400:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.05)
