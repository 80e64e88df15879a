"""Events per CPU second, in one run on one broker with the same events: how much the stream costs.

Four things read the same simulated events: bare aiokafka with decoding, the sessions stage, the whole stream in one
worker, and a Faust agent with two tables as Faust's documentation shows it. CPU seconds are those of the process that
reads, from when it is given its partitions until all is committed; the broker's are not counted for anybody.
"""

import asyncio
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ammeter import compose, topics
from bench.stand import PARTITIONS, Part, Stand, wait_until
from schemas.codec import read_events
from schemas.topics import RECORD_BYTES, partition_of
from sources.simulator.canonical import Message, messages
from sources.simulator.simulation import Simulation

SESSIONS_AT_LEAST = 0.2
"""The sessions stage against bare aiokafka and decoding."""
STREAM_AT_LEAST = 30.0
"""The whole stream against the agent that only counts."""

SETTLED_S = 2.0
"""So long a worker that has read everything commits nothing more: then it is done."""

ASK_S = 0.1
"""How often a worker is asked for its metrics: each answer costs it a millisecond or two."""


@dataclass
class Figures:
    """Events per CPU second, one figure a run."""

    events: int
    messages: int
    runs: dict[str, list[float]] = field(default_factory=dict)
    agent_events: int = 0

    def ratios(self) -> dict[str, list[float]]:
        """Run by run."""
        runs = self.runs
        return {
            "sessions / bare": [a / b for a, b in zip(runs["sessions"], runs["bare"], strict=True)],
            "stream / bare": [a / b for a, b in zip(runs["stream"], runs["bare"], strict=True)],
            "stream / agent": [a / b for a, b in zip(runs["stream"], runs["agent"], strict=True)],
        }


def spread(values: list[float]) -> dict[str, float]:
    """The median with the lowest and the highest."""
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def measure(stand: Stand, events: int, agent_events: int, runs: int, users: int) -> Figures:
    """All four, `runs` times, in turns."""
    log = _make_log(stand, events, users)
    figures = Figures(sum(one.event_count for one in log), len(log), agent_events=agent_events)
    for run in range(runs):
        prefix = f"bench{run}."
        for kind in ("sessions.", "stream."):
            asyncio.run(_fill(stand, prefix + kind, log))
        asyncio.run(_fill_single(stand, f"{prefix}single", log, agent_events))
        found = {
            "bare": _bare(stand, prefix + "sessions.session-events", figures.events),
            "sessions": _stages(stand, "sessions", prefix + "sessions.", figures),
            "stream": _stages(stand, "all", prefix + "stream.", figures),
            "agent": _agent(stand, f"{prefix}single", agent_events),
        }
        for name, rate in found.items():
            figures.runs.setdefault(name, []).append(rate)
            print(f"run {run + 1}: {name:9} {rate:10,.0f} events per CPU second", flush=True)
    return figures


def _make_log(stand: Stand, events: int, users: int) -> list[Message]:
    """What a receiver would have written in the last minutes."""
    now, span = time.time_ns() // 1_000_000, 600_000
    simulation = Simulation(max(1, users // 20), users, events / (span / 1000), seed=3)
    return list(messages(simulation, now - span, now, stand.pseudonyms))


async def _fill(stand: Stand, prefix: str, log: list[Message]) -> None:
    settings = stand.settings.model_copy(update={"topic_prefix": prefix})
    await topics.ensure(stand.broker.address, compose.planned_topics(settings, PARTITIONS))
    records = [(one.session_id.encode(), one.events, one.at_ms) for one in log]
    await _send(stand, prefix + "session-events", records)


async def _fill_single(stand: Stand, topic: str, log: list[Message], events: int) -> None:
    """The first of the same events, each a message; by person, as who counts per person would key them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stand.broker.address)
    await admin.start()
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    await admin.close()
    found = [(line, one.at_ms) for one in log[: events + 1] for line in one.events.split(b"\n")][:events]
    assert len(found) == events, "the agent's share is more than there is"
    key = re.compile(rb'"user_id":"([^"]*)"')
    records = [((match[1] if (match := key.search(line)) else b"") or b"nobody", line, at) for line, at in found]
    await _send(stand, topic, records)


async def _send(stand: Stand, topic: str, records: list[tuple[bytes, bytes, int]]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=stand.broker.address,
        compression_type="zstd",
        linger_ms=20,
        max_batch_size=256 << 10,
        max_request_size=RECORD_BYTES,
    )
    async with producer:
        for key, value, at in records:
            await producer.send(topic, value, key, partition=partition_of(key, PARTITIONS), timestamp_ms=at)


def _bare(stand: Stand, topic: str, events: int) -> float:
    """Reads and decodes in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answer: Queue[tuple[int, float]] = context.Queue()
    process = context.Process(target=_read, args=(stand.broker.address, topic, answer))
    process.start()
    seen, cpu = answer.get(timeout=300)
    process.join(10)
    assert seen == events, f"{seen} of {events} events were read"
    return seen / cpu


def _read(address: str, topic: str, answer: "Queue[tuple[int, float]]") -> None:
    asyncio.run(_read_all(address, topic, answer))


async def _read_all(address: str, topic: str, answer: "Queue[tuple[int, float]]") -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 << 20,
        isolation_level="read_committed",
    )
    async with consumer:
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        seen, began = 0, time.process_time()
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200, max_records=20_000)).values():
                for record in records:
                    seen += len(read_events(record.value))
        answer.put((seen, time.process_time() - began))


def _stages(stand: Stand, stage: str, prefix: str, figures: Figures) -> float:
    """One worker, from its assignment until everything is committed."""
    part = stand.worker(stage, topic_prefix=prefix, group_prefix=prefix)
    try:
        _wait_fast(lambda: "partitions assigned" in part.text(), part)
        began = part.cpu_s()
        messages = partial(_metric, stand, part, "ammeter_stage_messages_total", "sessions")
        _wait_fast(lambda: messages() >= figures.messages, part, ASK_S)
        return figures.events / (_settled_cpu(stand, part) - began)
    finally:
        part.stop()


def _wait_fast(question: object, part: Part, every_s: float = 0.02) -> None:
    until = time.monotonic() + 300
    while not question():  # type: ignore[operator]  # a function without arguments
        if part.process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{part.log} ended or stands still: {part.text()[-1000:]}")
        time.sleep(every_s)


def _settled_cpu(stand: Stand, part: Part) -> float:
    """CPU seconds at the last transaction, but for one look at the metrics."""
    latest, cpu, since = -1.0, 0.0, time.monotonic()
    while time.monotonic() - since < SETTLED_S:
        seen = _metric(stand, part, "ammeter_stage_transactions_total")
        if seen != latest:
            latest, cpu, since = seen, part.cpu_s(), time.monotonic()
        time.sleep(ASK_S)
    return cpu


def _metric(stand: Stand, part: Part, name: str, stage: str = "") -> float:
    port = stand.settings.ports.metrics + stand.parts.index(part)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return 0.0
    found = re.findall(rf'^{name}{{[^}}]*stage="{stage or "[a-z]+"}"[^}}]*}} (\S+)$', text, re.MULTILINE)
    return sum(map(float, found))


def _agent(stand: Stand, topic: str, events: int) -> float:
    folder = stand.folder / "peer"
    folder.mkdir(exist_ok=True)
    log = stand.folder / "logs" / f"{topic}.log"
    argv = [
        "-m",
        "bench.peer_faust",
        stand.broker.address,
        topic,
        str(events),
        str(folder),
        "worker",
        "-l",
        "warn",
        "--without-web",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *argv], cwd=Path(__file__).parents[1], stdout=out, stderr=out, env=os.environ
        )
    try:
        told = wait_until(
            lambda: re.search(r"COUNTED (\d+) (\S+)", log.read_text(errors="replace")) or process.poll() is not None,
            600,
            f"the agent has counted all, see {log}",
        )
        assert not isinstance(told, bool), f"the agent ended: {log.read_text(errors='replace')[-1000:]}"
        return events / float(told[2])
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
