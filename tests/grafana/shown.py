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
from tests.grafana.history import add_history
from tests.grafana.one_person import add_person
from tests.grafana.organisation import Organisation, Row, organisation

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
    own_url: str
    """Of the port that reads people's rows too: what personal boards ask."""
    store: ClickHouse
    organisation: Organisation

    def value(self, sql: str) -> object:
        """The one value that a query gives."""
        return self.store.query(sql).rows[0][0]


@contextmanager
def shown(folder: Path) -> Iterator[Shown]:
    """The store with a plausible day in it."""
    with serving(folder) as (store, own_url, read_url):
        made = organisation(int(time.time() * 1000))
        add_history(made)
        add_person(made)
        fill(store, made)
        yield Shown(read_url, own_url, store, made)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[ClickHouse, str, str]]:
    """A store with the real schema and its two URLs, in a process of its own: a process can open one store only."""
    port, read_port = free_ports(2)
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder), str(port), str(read_port)])
    try:
        store = patiently(f"http://127.0.0.1:{port}", process)
        migrate(store)
        yield store, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{read_port}"
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
    for [made_by] in store.query("SELECT create_query FROM system.functions WHERE name LIKE 'ammeter\\_%'").rows:
        store.command(str(made_by).replace("ammeter_", f"{DATABASE}_"))
    for suffix, views in (("", made.views), ("_private", made.private)):
        store.command(f"CREATE DATABASE {DATABASE}{suffix}")
        for view, rows in views.items():
            make(store, f"{DATABASE}{suffix}.{view}", f"ammeter{suffix}.{view}", rows)


def make(store: ClickHouse, name: str, like: str, rows: list[Row]) -> None:
    """One table; a column that no row names has its type's default."""
    store.command(f"CREATE TABLE {name} ENGINE = MergeTree ORDER BY tuple() EMPTY AS SELECT * FROM {like}")
    names = sorted({key for row in rows for key in row})
    if rows:
        lines = ({key: row[key] for key in names if key in row} for row in rows)
        store.insert(name, names, "\n".join(json.dumps(line) for line in lines).encode())
