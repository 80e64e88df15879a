"""A clean store for each test: the store server in a process of its own, because a process can open one engine only."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from ammeter.broker import EmbeddedBroker
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import DEFAULT, SchemaError, migrate, plan, set_floor
from tests.sinks.alerted import Run, Site

ROOT = Path(__file__).parents[2]


@pytest.fixture
def on_site(broker: EmbeddedBroker, kafka_prefix: str, topics: Callable[[str], str]) -> Run:
    """Runs the body of a notifier's test with its site."""

    def run(body: Callable[[Site], Any]) -> None:
        async def main() -> None:
            producer = AIOKafkaProducer(bootstrap_servers=broker.address)
            await producer.start()
            try:
                await asyncio.wait_for(body(Site(broker.address, kafka_prefix, producer)), 120)
            finally:
                await producer.stop()

        asyncio.run(main())

    return run


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the store of all these tests is."""
    command = [sys.executable, "-m", "tests.sinks.serve_store", str(tmp_path_factory.mktemp("store"))]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.communicate(timeout=60)


@pytest.fixture
def empty_store(store_url: str) -> Iterator[ClickHouse]:
    """Without a schema."""
    store = connect(store_url)
    drop_databases(store)
    yield store
    store.close()


@pytest.fixture
def store(store_url: str) -> Iterator[ClickHouse]:
    """With its schema, empty, and a floor of one."""
    with filled(store_url) as store:
        yield store


@contextmanager
def filled(store_url: str) -> Iterator[ClickHouse]:
    """A schema that is up to date is kept: making it takes longer than most tests. Its tables are emptied."""
    store = connect(store_url)
    try:
        is_new = bool(plan(store))
    except SchemaError:
        is_new = True
    if is_new:
        drop_databases(store)
        migrate(store)
    tables = "database = 'ammeter_private' AND engine LIKE '%MergeTree' AND name != 'migrations' AND total_rows > 0"
    for (name,) in store.query(f"SELECT name FROM system.tables WHERE {tables}").rows:
        store.command(f"TRUNCATE TABLE ammeter_private.{name}")
    set_floor(store, DEFAULT, 1)
    yield store
    store.close()


def drop_databases(store: ClickHouse) -> None:
    """Nothing is left."""
    for (name,) in store.query("SELECT name FROM system.databases WHERE engine = 'Atomic'").rows:
        if name not in ("default", "system"):
            store.command(f"DROP DATABASE {name} SYNC")
