"""
A running store for tests of boards: the real schema, empty, and beside it the database `shown`, whose tables have
the columns of the real views and hold a plausible day.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ammeter.broker import free_ports
from sinks.clickhouse import ClickHouse, StoreAway, connect
from sinks.migrate import migrate
from tests.grafana.organisation import Organisation, organisation

DATABASE = "shown"
PATIENCE_S = 60
SERVE = """
import asyncio, sys
from pathlib import Path
from ammeter.store import StoreConfig, serve
asyncio.run(serve(StoreConfig(path=Path(sys.argv[1]), port=int(sys.argv[2]), read_only_port=int(sys.argv[3]))))
"""


@dataclass(frozen=True)
class Shown:
    """Where the store is asked, what may be asked of it directly, and what is in it."""

    read_url: str
    store: ClickHouse
    organisation: Organisation

    def value(self, sql: str) -> object:
        """The one value that a query gives."""
        return self.store.query(sql).rows[0][0]


@contextmanager
def shown(folder: Path) -> Iterator[Shown]:
    """The store, in a process of its own: a process can open one such store only."""
    port, read_port = free_ports(2)
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder), str(port), str(read_port)])
    try:
        store = patiently(f"http://127.0.0.1:{port}", process)
        migrate(store)
        made = organisation(int(time.time() * 1000))
        fill(store, made)
        yield Shown(f"http://127.0.0.1:{read_port}", store, made)
        store.close()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def patiently(url: str, process: "subprocess.Popen[bytes]") -> ClickHouse:
    """The store, once it answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return connect(url)
        except StoreAway:
            assert process.poll() is None, "the store ended"
            assert time.monotonic() < deadline, "the store does not answer"
            time.sleep(0.05)


def fill(store: ClickHouse, made: Organisation) -> None:
    """Tables with the columns of the views, and the rows of the organisation in them."""
    store.command(f"CREATE DATABASE {DATABASE}")
    for view, rows in made.views.items():
        table = f"{DATABASE}.{view}"
        store.command(f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY tuple() EMPTY AS SELECT * FROM ammeter.{view}")
        names = sorted({name for row in rows for name in row})
        lines = "\n".join(json.dumps({name: row.get(name, 0) for name in names}) for row in rows)
        store.insert(table, names, lines.encode())
