"""A store of its own for each test: the engine in this process, on a temporary directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import migrate


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[ClickHouse]:
    """Without a schema."""
    store = connect(str(tmp_path / "store"))
    yield store
    store.close()


@pytest.fixture
def store(empty_store: ClickHouse) -> ClickHouse:
    """With its schema."""
    migrate(empty_store)
    return empty_store
