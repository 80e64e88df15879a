"""The SQL of alerts and runbooks, run by the store that it will be asked of."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import migrate
from tests.grafana.test_alert_runbooks import STATEMENTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """With its schema, empty; served by a process of its own, because a process can open one engine only."""
    command = [sys.executable, "-m", "tests.sinks.serve_store", str(tmp_path_factory.mktemp("store"))]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        opened = connect(f"http://127.0.0.1:{int(process.stdout.readline())}")
        migrate(opened)
        yield opened
        opened.close()
        process.communicate(timeout=60)


@pytest.mark.parametrize("statement", STATEMENTS, ids=range(len(STATEMENTS)))
def test_statements_of_runbooks_run(store: ClickHouse, statement: str) -> None:
    """As `ammeter sql` runs them."""
    reader = connect(store.target.where, database="ammeter", readonly=True)
    reader.query(statement)
    reader.close()
