"""A clean store for each test: the store server in a process of its own, because a process can open one engine only."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import migrate

ROOT = Path(__file__).parents[2]


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
    for (name,) in store.query("SELECT name FROM system.databases WHERE engine = 'Atomic'").rows:
        if name not in ("default", "system"):
            store.command(f"DROP DATABASE {name} SYNC")
    yield store
    store.close()


@pytest.fixture
def store(empty_store: ClickHouse) -> ClickHouse:
    """With its schema."""
    migrate(empty_store)
    return empty_store
