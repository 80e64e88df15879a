"""Raw events into the store: the sink against the engine's own insert of the same bytes. `python -m bench.sink`.

The engine's own insert is in this process, in batches of the same size, without Kafka and without HTTP. The sink reads
Kafka, checks each message by the stream's reader, splices positions, and sends over HTTP to the store's process; its
rate is from the first batch's acknowledgement to the last's. Both alternate; the median ratio and its spread count.
"""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from bench.folds import messages
from bench.stand import PARTITIONS, Stand, machine, make_stand
from schemas.topics import partition_of
from sinks.clickhouse import ClickHouse, connect
from sinks.consume import Sink, SinkConfig
from sinks.migrate import migrate
from sinks.rows import RAW, splice

RESULTS = Path(__file__).parent / "results"
AT_LEAST = 0.5
TABLE = f"ammeter_private.{RAW}"


class Watched:
    """A store that notes when how many rows had been acknowledged."""

    def __init__(self, store: ClickHouse) -> None:
        self._store = store
        self.acknowledged: list[tuple[float, int]] = []

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Passes on."""
        self._store.insert(table, columns, rows)
        if table == TABLE:
            before = self.acknowledged[-1][1] if self.acknowledged else 0
            self.acknowledged.append((time.perf_counter(), before + rows.count(b"\n")))


async def fill(stand: Stand, sent: Sequence[bytes]) -> None:
    """Sends the messages as the receiver does."""
    producer = AIOKafkaProducer(bootstrap_servers=stand.broker.address, linger_ms=20, compression_type="zstd")
    await producer.start()
    topic = stand.settings.topic_prefix + "session-events"
    pending = []
    for message in sent:
        key = message.partition(b'"session_id":"')[2].partition(b'"')[0]
        pending.append(await producer.send(topic, message, key, partition_of(key, PARTITIONS)))
    await asyncio.gather(*pending)
    await producer.stop()


async def by_sink(stand: Stand, name: str, rows: int, batch_rows: int) -> float:
    """Rows a second of a new group that reads all."""
    store = stand.open_store()
    store.command(f"TRUNCATE TABLE {TABLE}")
    watched = Watched(store)
    config = SinkConfig(
        stand.broker.address, stand.settings.topic_prefix, f"{name}-", name, "unused", batch_rows=batch_rows
    )
    sink = Sink(config, lambda: time.time_ns() // 1_000_000, lambda: watched)
    await sink.start()
    end = time.monotonic() + 300
    while not watched.acknowledged or watched.acknowledged[-1][1] < rows:
        if time.monotonic() > end:
            raise TimeoutError("the sink did not store everything within 300 s")
        await asyncio.sleep(0.05)
    await sink.stop()
    store.close()
    (first, before), (last, after) = watched.acknowledged[0], watched.acknowledged[-1]
    if after == before:
        raise ValueError("all rows came in one batch: send more events")
    return (after - before) / (last - first)


def by_engine(lines: Sequence[bytes], batch_rows: int, folder: Path) -> float:
    """Rows a second of the engine in this process, batch after batch."""
    store = connect(str(folder))
    migrate(store)
    store.command(f"TRUNCATE TABLE {TABLE}")
    batches = [b"".join(lines[at : at + batch_rows]) for at in range(0, len(lines), batch_rows)]
    began = time.perf_counter()
    for batch in batches:
        store.insert(TABLE, (), batch)
    took = time.perf_counter() - began
    store.close()
    return len(lines) / took


def told(values: Sequence[float], shown: Callable[[float], str]) -> tuple[str, str, str]:
    """Median, lowest, highest."""
    return shown(statistics.median(values)), shown(min(values)), shown(max(values))


def main() -> int:
    """Prints a table, writes JSON; 1 when the sink is slower than it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000, help="of some ten events")
    parser.add_argument("--batch-rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ammeter"), help="where Kafka's jars lie")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    before = machine()
    sent = [message for message, _ in messages(options.messages, 2_000)]
    lines = [line for at, message in enumerate(sent) for line in splice(message, 0, at).splitlines(keepends=True)]
    engine, sink = [], []
    with tempfile.TemporaryDirectory(prefix="ammeter-bench-") as scratch:
        stand = make_stand(Path(scratch) / "stand", options.cache.expanduser())
        try:
            stand.start_broker()
            stand.start_store()
            asyncio.run(fill(stand, sent))
            for number in range(options.rounds):
                engine.append(by_engine(lines, options.batch_rows, Path(scratch) / "engine"))
                sink.append(asyncio.run(by_sink(stand, f"sink{number}", len(lines), options.batch_rows)))
        finally:
            stand.close()
    ratios = [mine / theirs for mine, theirs in zip(sink, engine, strict=True)]
    table = Table(
        f"{len(lines):,} rows of {sum(map(len, lines)) / len(lines):.0f} bytes", "median", "lowest", "highest"
    )
    table.add_row("the engine's own insert, rows/s", *told(engine, "{:,.0f}".format))
    table.add_row("the sink, rows/s", *told(sink, "{:,.0f}".format))
    table.add_row(f"sink / engine (at least {AT_LEAST})", *told(ratios, "{:.2f}".format))
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    result = {"before": before, "after": machine(), "rows": len(lines), "engine": engine, "sink": sink, "ratio": ratios}
    (RESULTS / "sink.json").write_text(json.dumps(result, indent=1) + "\n")
    return 0 if statistics.median(ratios) >= AT_LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main())
