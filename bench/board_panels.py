"""What each panel of the boards costs the store by itself: `python -m bench.board_panels [--days 2] [--rounds 5]`.

Every statement of a board is asked alone, as the page asks it, of a store in this process: the CPU is the store's, and
what panels share is asked once. Prints the least of some rounds, for load adds to CPU seconds too, and writes JSON.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ammeter import compose
from ammeter.boards.asked import Asked, Mine, whole_second
from ammeter.boards.dashboards import Dashboard, in_order, read_dashboards
from ammeter.boards.mine import Person
from bench import boards_site, simulated
from bench.stand import machine
from sinks.clickhouse import ClickHouse, connect

PRIVATE = "ammeter_private"


def statements(store: ClickHouse, board: Dashboard, now_ms: int) -> Iterator[tuple[str, str]]:
    """Each statement of a board and the first panel that asks it, for the simulated person who uses assistants most."""
    me = simulated.KEY.of(boards_site.viewer(now_ms))
    asked = Asked(board, {}, now_ms, Mine(Person(me, (me,)), PRIVATE) if board.is_personal else None)
    for name, sql in board.options.items():
        expanded = asked.expand(sql, now_ms)
        asked.settle(name, [str(value) for value, *_ in store.query(expanded).rows])
        yield f"variable {name}", expanded
    for panel in board.panels:
        yield panel.title, asked.sql(panel, now_ms)
    for mark in board.annotations:
        yield f"annotation {mark.name}", asked.expand(mark.sql, now_ms)


def least_cpu_ms(store: ClickHouse, sql: str, rounds: int) -> float:
    """CPU milliseconds of one statement, the least of some rounds after one that is not counted."""
    store.query(sql)
    found = []
    for _ in range(rounds):
        began = time.process_time()
        store.query(sql)
        found.append(time.process_time() - began)
    return round(1000 * min(found), 1)


def main() -> int:
    """Makes a store where none is given, asks, prints a line a statement and a sum a board."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=2, help="of the simulated organisation of four teams")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="a directory that is kept")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results" / "board_panels.json")
    options = parser.parse_args()
    before = machine()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.data or Path(scratch) / "store"
        if not folder.exists():
            made = [sys.executable, "-m", "bench.simulated", str(folder), str(time.time_ns() // 1_000_000)]
            subprocess.run([*made, str(options.days)], check=True, stdout=subprocess.DEVNULL)
        store = connect(str(folder))
        now_ms = whole_second(time.time_ns() // 1_000_000)
        own = read_dashboards(compose.personal_dashboards(), "ammeter", is_personal=True)
        boards = in_order({**read_dashboards(compose.dashboards(), "ammeter"), **own})
        found: dict[str, dict[str, float]] = {}
        for uid, board in boards.items():
            named = {sql: name for name, sql in reversed(list(statements(store, board, now_ms)))}
            found[uid] = {name: least_cpu_ms(store, sql, options.rounds) for sql, name in reversed(named.items())}
        store.close()
    table = Table("board", "asked by", "CPU ms")
    for uid, costs in found.items():
        for name, cost in costs.items():
            table.add_row(uid, name, f"{cost:.0f}")
        table.add_row(uid, f"all {len(costs)}", f"{sum(costs.values()):.0f}", style="bold", end_section=True)
    Console().print(table)
    whole = {"days": options.days, "rounds": options.rounds, "before": before, "after": machine(), "cpu_ms": found}
    options.results.write_text(json.dumps(whole, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
