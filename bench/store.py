"""What the store's HTTP costs: 100k JSONEachRow rows through HTTP against the engine's own insert of the same file.

usage: python -m bench.store [ROUNDS]   prints a table of medians with their spread, and the ratio
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ammeter.store import StoreConfig, StoreServer
from ammeter.store.engine import Work
from ammeter.store.request import quoted

ROWS = 100_000
TABLE = """CREATE TABLE bench.{name} (event_id String, session_id String, at DateTime64(3, 'UTC'),
    kind LowCardinality(String), tokens Int64 DEFAULT 0, attributes Map(String, String))
    ENGINE = MergeTree ORDER BY (session_id, at)"""


def rows() -> bytes:
    """Events of about 300 bytes, as the raw table gets them."""
    return b"".join(
        json.dumps(
            {
                "event_id": f"{number:032x}",
                "session_id": f"session-{number % 997:08d}",
                "at": f"2026-03-02 10:{number // 60 % 60:02d}:{number % 60:02d}.123",
                "kind": ("api_request", "tool_result", "user_prompt")[number % 3],
                "tokens": number % 5000,
                "attributes": {"model": "a-model-of-some-name", "tool": f"tool-{number % 20}", "decision": "accept"},
            }
        ).encode()
        + b"\n"
        for number in range(ROWS)
    )


class Taken(NamedTuple):
    """Seconds of one run: by the clock, and of all this process's threads (server, engine and client)."""

    wall: float
    cpu: float


def timed(run: Callable[[], object]) -> Taken:
    """Runs once."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu)


def told(values: Sequence[float], digits: int = 1) -> str:
    """The median and the spread."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


async def main(rounds: int) -> None:
    """Runs both ways in turn and prints what each took."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        server = StoreServer(StoreConfig(path=Path(directory, "data"), port=0))
        await server.start()
        body, path = rows(), Path(directory, "rows.json")
        await asyncio.to_thread(path.write_bytes, body)
        url = f"http://127.0.0.1:{server.port}/"

        def post(data: bytes, query: str = "") -> bytes:
            with urllib.request.urlopen(url + query, data) as response:
                answer: bytes = response.read()
                return answer

        def engine() -> object:
            sql = f"INSERT INTO bench.engine FROM INFILE {quoted(str(path))} FORMAT JSONEachRow"
            return server._engine.run(Work(sql, "bench"))

        def through_http() -> object:
            return post(body, "?query=INSERT%20INTO%20bench.http%20FORMAT%20JSONEachRow")

        def ask() -> None:
            for _ in range(100):
                post(b"SELECT count() FROM bench.http")

        for text in ("CREATE DATABASE bench", TABLE.format(name="engine"), TABLE.format(name="http")):
            await asyncio.to_thread(post, text.encode())
        for run in (engine, through_http):
            await asyncio.to_thread(run)
        taken: dict[str, list[Taken]] = {"engine": [], "http": [], "query": []}
        for _ in range(rounds):
            taken["engine"].append(await asyncio.to_thread(timed, engine))
            taken["http"].append(await asyncio.to_thread(timed, through_http))
            taken["query"].append(await asyncio.to_thread(timed, ask))
        await server.stop()
    print(f"{ROWS:,} rows, {len(body) / 1e6:.1f} MB, {rounds} rounds in turn: median (least-most)")
    for name in ("engine", "http"):
        wall, cpu = ([value[at] * 1e3 for value in taken[name]] for at in (0, 1))
        print(f"{name:7} {told(wall)} ms, {told(cpu)} ms of CPU")
    for at, name in enumerate(("clock", "CPU")):
        ratios = [one[at] / other[at] for one, other in zip(taken["engine"], taken["http"], strict=True)]
        print(f"ratio   {told(ratios, 2)} of the engine's own speed by {name}")
    print(
        f"query   {told([value.wall * 10 for value in taken['query']], 2)} ms, "
        f"{told([value.cpu * 10 for value in taken['query']], 2)} ms of CPU"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
