"""The boards over a simulated store, on free ports: for tests in a browser, pictures, and the bench of the boards.

Rule: what is served is what `ammeter boards` serves: the committed boards over the read-only port, those of one person
over the other one, and a Chromium that asks nobody outside.
"""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from ammeter import compose
from ammeter.boards import BoardsConfig, BoardsServer, Personal
from ammeter.boards.dashboards import in_order, read_dashboards
from ammeter.broker import free_ports
from bench import simulated
from bench.stand import answers, wait_until
from sinks.clickhouse import ClickHouse, connect
from sinks.clickhouse_read import ClickHouseReader
from sinks.migrate import migrate

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_S = 120
SERVE = """
import asyncio, sys
from pathlib import Path
from ammeter.store import StoreConfig, serve
asyncio.run(serve(StoreConfig(path=Path(sys.argv[1]), port=int(sys.argv[2]), read_only_port=int(sys.argv[3]))))
"""


@dataclass(frozen=True)
class Store:
    """Where a store is asked, and a connection that may write."""

    url: str
    read_url: str
    client: ClickHouse

    def value(self, sql: str) -> float:
        """The one figure that a query gives."""
        return float(str(self.client.query(sql).rows[0][0]))


def boards() -> list[str]:
    """The uids of all boards, in the order in which they are offered."""
    own = read_dashboards(compose.personal_dashboards(), "ammeter", is_personal=True)
    return list(in_order({**read_dashboards(compose.dashboards(), "ammeter"), **own}))


def viewer(now_ms: int) -> str:
    """The identity of the simulated person who uses assistants most, of those who show who they are."""
    people = [one for one in simulated.simulation(now_ms).organisation.people if one.named_by == "email"]
    return max(people, key=lambda person: person.sessions_per_day).email


@contextmanager
def store(folder: Path, days: int) -> Iterator[Store]:
    """A store with so many simulated days, or with its schema alone; each engine in a process of its own."""
    if days:
        made = [sys.executable, "-m", "bench.simulated", str(folder), str(time.time_ns() // 1_000_000), str(days)]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    port, read_port = free_ports(2)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder), str(port), str(read_port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        client = patiently(f"http://127.0.0.1:{port}", process)
        if not days:
            migrate(client)
        yield Store(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{read_port}", client)
        client.close()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def patiently(url: str, process: "subprocess.Popen[bytes]") -> ClickHouse:
    """The store, once it answers; raises TimeoutError."""
    wait_until(lambda: process.poll() is not None or answers(f"{url}/ping"), PATIENCE_S, "the store answers")
    if process.poll() is not None:
        raise TimeoutError(f"the store ended with {process.returncode}")
    return connect(url)


@contextmanager
def serving(
    url: str, read_url: str, user: str, status: Callable[[], Mapping[str, str]] = dict, gap_s: float = 1.0
) -> Iterator[str]:
    """The boards' address; served from a thread of their own, since a browser is driven from this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, loop).result()  # type: ignore[arg-type]  # any coroutine

    reader, private = ClickHouseReader(read_url), ClickHouseReader(url, read_only=True)
    config = BoardsConfig("127.0.0.1", 0, compose.dashboards(), read_url, gap_s=gap_s, local_user=user)
    personal = Personal(compose.personal_dashboards(), private.query, simulated.KEY.of)
    server = BoardsServer(config, reader.query, status, personal)
    run(server.start())
    try:
        yield server.url
    finally:
        for ending in (server.stop(), reader.close(), private.close()):
            run(ending)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, in a time zone that is not UTC."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        browser.close()
