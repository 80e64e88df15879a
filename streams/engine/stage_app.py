"""One Faust app over one stage. Rule: Faust says what is ours and brings fetches; the rest is Partition's."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import structlog
from faust.types import TP

from streams.engine import meters
from streams.engine.batch import End
from streams.engine.clock import REAL_TIME, Clock
from streams.engine.directory import DirectoryFeed
from streams.engine.ending import or_end
from streams.engine.layout import Layout
from streams.engine.partition import LIMITS, Limits, Means, Partition
from streams.engine.restore import read_tables
from streams.engine.transaction import KafkaTransactions
from streams.engine.transport import BatchApp, ConsumerThread
from streams.metrics.stage import Learner, Memory

OFFSETS_EVERY_S = 5.0
"""How often group offsets are noted for those who watch lag."""

log = structlog.get_logger()


@dataclass(frozen=True)
class StageConfig:
    """How a stage is run in one process."""

    broker: str
    """host:port."""
    group_prefix: str
    """Before the names of groups and transactional ids; two deployments on one cluster would fence each other."""
    instance: str
    """Stable over restarts and different in each process of a stage: the name of a static member."""
    datadir: Path
    """Faust wants a directory; it keeps nothing in it that matters."""
    pace_s: float = 0.25
    session_timeout_s: float = 10.0
    clock: Clock = REAL_TIME
    limits: Limits = LIMITS


class StageApp(BatchApp):
    """Runs one stage; owns the partitions that the group gives it."""

    owned: dict[TP, Partition]
    joined: bool
    """Whether the group has said what is ours, be it nothing."""

    @property
    def settled(self) -> bool:
        """Whether everything that is ours is loaded and folds."""
        return self.joined and all(part.ready for part in self.owned.values())

    def is_ready(self, tp: TP) -> bool:
        """Whether the partition is loaded and folds."""
        return tp in self.owned and self.owned[tp].ready

    @property
    def thread(self) -> ConsumerThread:
        """The thread that fetches."""
        thread = getattr(self.consumer, "_thread", None)
        assert isinstance(thread, ConsumerThread)
        return thread


@dataclass(frozen=True)
class FaustSource:
    """A partition's reading end, through the app's consumer."""

    app: StageApp
    tp: TP

    @property
    def seeks(self) -> int:
        """How often it was sought."""
        return self.app.thread.seeks.get(self.tp, 0)

    async def seek(self, offset: int) -> None:
        """Moves the consumer; what it had fetched is dropped."""
        await self.app.consumer.seek_wait({self.tp: offset})

    def resume(self) -> None:
        """Lets the consumer fetch."""
        self.app.consumer.resume_partitions({self.tp})

    async def ask_end(self) -> End | None:
        """Asks the broker."""
        return await self.app.thread.ask_end(self.tp)

    async def ask_bounds(self) -> tuple[int, int] | None:
        """Asks the broker."""
        return await self.app.thread.ask_bounds(self.tp)


def build(make_stage: Callable[[], Memory], layout: Layout, config: StageConfig) -> StageApp:
    """The app of one stage, not started. Raises LayoutError when the broker's topics do not fit the stage."""
    stage = make_stage()
    layout.check(stage)
    group = config.group_prefix + stage.name
    datadir = config.datadir / f"{group}-{config.instance}"
    datadir.parent.mkdir(parents=True, exist_ok=True)
    session = config.session_timeout_s
    app = StageApp(
        group,
        broker=f"kafka://{config.broker}",
        datadir=datadir,
        web_enabled=False,
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,  # topics are made from the catalogue
        stream_wait_empty=False,  # what is not folded is read again
        stream_buffer_maxsize=16,  # in batches
        broker_max_poll_records=2_000,  # messages, of some ten events each
        consumer_max_fetch_size=8 << 20,
        consumer_auto_offset_reset="earliest",  # anything else would skip
        consumer_group_instance_id=f"{group}-{config.instance}",
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 10,
        broker_rebalance_timeout=session * 2,
    )
    app.owned, app.joined = {}, False
    _Owner(app, make_stage, stage, layout, config).connect()
    return app


class _Owner:
    """Gives partitions to the app and takes them away, as the group says."""

    def __init__(
        self, app: StageApp, make_stage: Callable[[], Memory], stage: Memory, layout: Layout, config: StageConfig
    ) -> None:
        self.app, self.make_stage, self.layout, self.config = app, make_stage, layout, config
        self.name, self.source_name, self.source = stage.name, stage.source, layout.name(stage.source)
        self.tasks: dict[TP, asyncio.Task[None]] = {}
        self.directory: DirectoryFeed | None = None
        self.following: asyncio.Task[None] | None = None
        if isinstance(stage, Learner):
            self.directory = DirectoryFeed(stage.name, stage.directory, stage.source, layout, self.learn)

    def connect(self) -> None:
        app = self.app
        topic = app.topic(self.source, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=app.conf.id)(self.fold)
        app.on_partitions_revoked.connect(cast(Any, self.revoked), weak=False)  # Faust's own handlers have this form
        app.on_partitions_assigned.connect(cast(Any, self.assigned), weak=False)
        app.on_before_shutdown.connect(cast(Any, self.stopping), weak=False)
        app.task(self.tend)

    async def fold(self, stream: Any) -> None:
        async for event in stream.events():
            part = self.app.owned.get(event.message.tp)
            if part is not None:
                await or_end(part.fold(event.value), f"{self.name}, partition {part.number}")

    async def revoked(self, _: Any, revoked: Any, **__: Any) -> None:
        await self.leave()

    async def leave(self) -> None:
        mine = [part.leave() for part in self.app.owned.values() if part.ready]
        # aiokafka sends no heartbeat meanwhile: any longer, and the group would go on without us.
        await or_end(asyncio.wait_for(asyncio.gather(*mine), self.config.session_timeout_s * 0.8), "leaving")

    async def assigned(self, _: Any, assigned: Any, **__: Any) -> None:
        log.info("partitions assigned", stage=self.name, partitions=sorted(tp.partition for tp in assigned))
        meters.REBALANCES.labels(self.name).inc()
        if self.directory is not None and self.following is None:
            following = self.directory.follow(self.config.broker)
            self.following = asyncio.create_task(or_end(following, f"{self.name}, following the directory"))
        owned = self.app.owned
        for tp in set(owned) - set(assigned):
            await self.drop(tp)
        for tp in assigned:
            if tp not in owned:
                owned[tp] = Partition(tp.partition, self.means(tp))
            await self.start(tp)
        self.app.joined = True

    def learn(self, partition: int, key: bytes, value: bytes | None) -> None:
        part = self.app.owned.get(TP(self.source, partition))
        if part is not None:
            part.learn(key, value)

    def means(self, tp: TP) -> Means:
        config, layout, directory = self.config, self.layout, self.directory
        ident = f"{config.group_prefix}{self.name}-{tp.partition}"
        return Means(
            make_stage=self.make_stage,
            make_transactions=lambda: KafkaTransactions(config.broker, ident, tp.partition, layout),
            read_tables=lambda tables: read_tables(config.broker, layout, tables, tp.partition),
            source=FaustSource(self.app, tp),
            clock=config.clock,
            pace_s=config.pace_s,
            limits=config.limits,
            read_directory=(lambda: directory.rows(tp.partition)) if directory is not None else None,
        )

    async def start(self, tp: TP) -> None:
        await self.cancel(tp)
        # A task, for it may take long: aiokafka sends no heartbeat while it waits for us here.
        self.tasks[tp] = asyncio.create_task(self.live(self.app.owned[tp]))

    async def live(self, part: Partition) -> None:
        async def whole() -> None:
            await part.open()
            await part.run()

        await or_end(whole(), f"{self.name}, partition {part.number}")

    async def cancel(self, tp: TP) -> None:
        task = self.tasks.pop(tp, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def drop(self, tp: TP) -> None:
        await self.cancel(tp)
        await self.app.owned.pop(tp).close()
        for gauge in (meters.LAG, meters.WATERMARK_AGE, meters.FLUSH_WAITS):
            gauge.remove(self.name, tp.partition)

    async def stopping(self, _: Any, **__: Any) -> None:
        await self.leave()
        for tp in list(self.app.owned):
            await self.drop(tp)
        if self.following is not None:
            self.following.cancel()
            await asyncio.wait([self.following])
        self.app.thread.leave_for_good()
        log.info("stage stopped", stage=self.name)

    async def tend(self) -> None:
        """Once a second, what the metrics tell; now and then, the group's offsets."""
        noted = time.monotonic()
        meters.PARTITIONS.labels(self.name).set(self.layout.count(self.source_name))
        while True:
            await asyncio.sleep(1)
            ready = {tp: part for tp, part in self.app.owned.items() if part.ready}
            meters.OWNED.labels(self.name).set(len(ready))
            self.measure(ready)
            if ready and time.monotonic() - noted > OFFSETS_EVERY_S:
                noted = time.monotonic()
                await self.app.thread.note_offsets({tp: part.point.offset for tp, part in ready.items()})

    def measure(self, ready: Mapping[TP, Partition]) -> None:
        now, sizes = self.config.clock.now(), dict[str, int]()
        for tp, part in ready.items():
            labels = (self.name, tp.partition)
            meters.LAG.labels(*labels).set(max(0, (self.app.thread.highwater(tp) or 0) - part.place))
            meters.WATERMARK_AGE.labels(*labels).set((now - part.time.now) / 1000 if part.time.now else 0)
            since = part.flushing_since
            meters.FLUSH_WAITS.labels(*labels).set(time.monotonic() - since if since else 0)
            for kind, size in part.stage.sizes().items():
                sizes[kind] = sizes.get(kind, 0) + size
        for kind, size in sizes.items():
            meters.STATE.labels(self.name, kind).set(size)
