"""One store for all tests of this folder: an engine can be open only once in a process."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from ammeter.store import StoreConfig, StoreServer
from tests.ammeter.store.client import Client


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """A running store with both ports, in an event loop of its own thread."""
    loop = asyncio.new_event_loop()
    config = StoreConfig(
        path=tmp_path_factory.mktemp("store"),
        port=0,
        read_only_port=0,
        max_body_bytes=32 << 20,
        max_result_bytes=4 << 20,
        max_execution_s=20,
        read_memory_bytes=256 << 20,
        compress_answers=True,
    )
    server = StoreServer(config)
    started: Future[None] = Future()

    async def run() -> None:
        try:
            await server.start()
        except BaseException as error:
            started.set_exception(error)
            raise
        started.set_result(None)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(run(), loop)
    started.result(timeout=60)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def client(server: StoreServer) -> Client:
    """The ordinary port."""
    return Client(server.port)


@pytest.fixture
def reader(server: StoreServer) -> Client:
    """The read-only port."""
    assert server.read_only_port is not None
    return Client(server.read_only_port)


@pytest.fixture
def table(client: Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty table of one test's own, in a database that everybody may read."""
    name = f"ammeter.t_{abs(hash(request.node.nodeid))}"
    client.sql("CREATE DATABASE IF NOT EXISTS ammeter")
    client.sql(
        f"CREATE TABLE {name} (id UInt64, word String DEFAULT 'none', at DateTime64(3, 'UTC')) "
        "ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100"
    )
    yield name
    client.sql(f"DROP TABLE {name} SYNC")


@pytest.fixture
def scratch_listing(server: StoreServer) -> Path:
    """Where bodies wait on their way in."""
    assert server._scratch is not None
    return server._scratch._directory
