"""The sink: from Kafka into ClickHouse. Rule: at least once, into tables in which twice is once; nothing is skipped.

Lanes of their own, so that neither raw events nor the other tables hold up the windows that people watch.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from schemas.topics import TOPICS
from sinks.clickhouse import ClickHouse, Store, StoreError, connect
from sinks.insert import ROWS
from sinks.lane import Lane, LaneConfig
from sinks.migrate import Databases, migrate
from sinks.relations import DEFAULT_FLOOR
from sinks.rows import COLUMNS, SAMPLES, json_lines
from sinks.samples import Samples

log = structlog.get_logger()

LANES = {
    "events": ("session-events", "session-events-dlq"),
    "tables": (
        "sessions",
        "user-minutes",
        "user-windows",
        "user-sessions",
        "team-minutes",
        "signals",
        "anomalies",
        "alert-notes",
        "alert-deliveries",
        "directory",
        "session-labels",
        "interventions",
        "user-changes-dlq",
        "team-changes-dlq",
        "signals-dlq",
    ),
    "windows": ("team-windows",),
}
"""Topics by lane. user-changes, team-changes and detector-states are the stages' own."""

assert all(topic in TOPICS for topics in LANES.values() for topic in topics)


@dataclass(frozen=True)
class SinkConfig:
    """`target` is as in sinks.clickhouse.connect, and may hold a password: it is never printed."""

    broker: str
    topic_prefix: str
    group_prefix: str
    instance: str
    target: str = field(repr=False)
    database: str = "ammeter"
    floor: int = DEFAULT_FLOOR
    batch_rows: int = 50_000
    batch_bytes: int = 32 << 20
    batch_ms: int = 200
    sample_ms: int = 5_000


class Sink:
    """One process of the sink; several share the groups. `open_store` may give another store than ClickHouse."""

    def __init__(self, config: SinkConfig, now: Callable[[], int], open_store: Callable[[], Store] | None = None):
        self._config, self._now = config, now
        self._databases = Databases(config.database)
        self._open_store = open_store or self._open_clickhouse
        self._samples = Samples()
        self._lanes = [Lane(self._lane(name), self._open_store, now, self._samples) for name in LANES]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins; waits for neither broker nor store."""
        self._tasks = [asyncio.create_task(lane.run()) for lane in self._lanes]
        self._tasks.append(asyncio.create_task(self._sample()))

    async def stop(self) -> None:
        """Stores and commits what was read, then ends. Raises what a lane raised."""
        for lane in self._lanes:
            lane.stop()
        *lanes, sampler = self._tasks
        sampler.cancel()
        await asyncio.wait(self._tasks)
        for task in lanes:
            task.result()

    async def wait_ended(self) -> None:
        """Returns, or raises, when a part of it ends by itself."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def run(self, stop: asyncio.Event) -> None:
        """Runs until `stop` is set, or raises what cannot be waited out."""
        await self.start()
        told = asyncio.create_task(stop.wait())
        ended = asyncio.create_task(self.wait_ended())
        try:
            await asyncio.wait((told, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            ended.cancel()
            await self.stop()

    def _lane(self, name: str) -> LaneConfig:
        config = self._config
        return LaneConfig(
            name=name,
            topics=LANES[name],
            broker=config.broker,
            topic_prefix=config.topic_prefix,
            group=f"{config.group_prefix}sink-{name}",
            instance=config.instance,
            database=self._databases.private,
            batch_rows=config.batch_rows,
            batch_bytes=config.batch_bytes,
            batch_ms=config.batch_ms,
        )

    def _open_clickhouse(self) -> ClickHouse:
        store = connect(self._config.target)
        migrate(store, self._databases, self._config.floor)
        return store

    async def _sample(self) -> None:
        """Every few seconds, how far each part is; a sample that cannot be taken or stored is left out."""
        store: Store | None = None
        while True:
            await asyncio.sleep(self._config.sample_ms / 1000)
            ends = await self._lanes[-1].ends(self._samples.sources())
            lags: dict[int, int] = {}
            for lane in self._lanes:
                for partition, lag in (await lane.lags()).items():
                    lags[partition] = lags.get(partition, 0) + lag
            rows = self._samples.take(self._now(), ends, lags)
            if not rows:
                continue
            try:
                if store is None:
                    store = await asyncio.to_thread(self._open_store)
                lines = json_lines(list(rows))
                await asyncio.to_thread(store.insert, f"{self._databases.private}.{SAMPLES}", COLUMNS[SAMPLES], lines)
                ROWS.labels(SAMPLES).inc(len(rows))
            except StoreError as exc:
                log.warning("sample not stored", why=str(exc))
