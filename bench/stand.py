"""A whole stack for benches and chaos: our own broker, and each part a process that can be killed, stopped, measured.

Parts are started by their commands, as an operator would, under ports and a data directory of the stand's own.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ammeter import compose, topics
from ammeter.broker import EmbeddedBroker, free_ports
from ammeter.ports import taken
from ammeter.secrets import pseudonyms
from ammeter.settings import Settings
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import migrate

PARTITIONS = compose.EMBEDDED_PARTITIONS
STAGES = {"sessions": PARTITIONS, "users": PARTITIONS, "teams": PARTITIONS, "detect": 1}
"""And how many partitions each has."""
PORTS = 60
"""So many in a row are asked for: a stack's own, and one for the metrics of each process."""

T = TypeVar("T")


def wait_until(question: Callable[[], T], within_s: float, what: str) -> T:
    """Asks until the answer is true and returns it; raises TimeoutError after `within_s` seconds."""
    until = time.monotonic() + within_s
    while not (answer := question()):
        if time.monotonic() > until:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.1)
    return answer


class Part:
    """One process of a stack."""

    def __init__(self, name: str, arguments: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self.began = time.monotonic()
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ammeter", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def text(self) -> str:
        """What it has logged."""
        return self.log.read_text(errors="replace")

    @property
    def folding(self) -> set[tuple[str, int]]:
        """The stages and partitions of a worker that are ready since its latest assignment."""
        text, found = self.text(), set[tuple[str, int]]()
        for stage in STAGES:
            latest = text.rpartition(f'"stage": "{stage}", "partitions": [')[2]
            ready = re.findall(rf'"stage": "{stage}", "partition": (\d+), [^\n]*"event": "partition ready"', latest)
            found |= {(stage, int(number)) for number in ready}
        return found

    def send(self, number: int) -> None:
        """Sends a signal."""
        os.kill(self.process.pid, number)

    def kill(self) -> int:
        """SIGKILL; returns the exit code, -9 unless it had ended before."""
        if self.process.poll() is None:
            self.send(signal.SIGKILL)
        return self.process.wait(10)

    def stop(self, within_s: float = 40) -> int:
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
        return self.process.wait(within_s)

    def cpu_s(self) -> float:
        """CPU seconds that it has used, of a process that runs."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Stand:
    """Where a run works: settings with free ports, a broker, and what was started."""

    folder: Path
    broker: EmbeddedBroker
    settings: Settings
    parts: list[Part] = field(default_factory=list)

    @property
    def pseudonyms(self) -> Pseudonyms:
        """By the stand's own key."""
        return pseudonyms(self.settings)

    def start(self, name: str, *arguments: str, **changes: object) -> Part:
        """Starts one part by its command; `changes` are settings."""
        number = len(self.parts)
        metrics_port = self.settings.ports.metrics + number
        told = {"metrics_port": metrics_port, "parent": os.getpid(), **changes}
        log = self.folder / "logs" / f"{number:03}-{'-'.join((name, *arguments)).replace('--', '')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        part = Part(name, (name, *arguments), compose.child_environment(self.settings, **told), log)
        self.parts.append(part)
        return part

    def worker(self, stage: str, number: int = 0, **changes: object) -> Part:
        """Starts the worker of that number of a stage, or of `all`."""
        return self.start("work", "--stage", stage, "--number", str(number), **changes)

    def wait_folding(self, part: Part, partitions: int = PARTITIONS, within_s: float = 60) -> None:
        """Waits until a worker folds so many partitions."""
        what = f"{part.name} folds {partitions} partitions, see {part.log}"
        wait_until(lambda: part.process.poll() is not None or len(part.folding) >= partitions, within_s, what)
        if part.process.poll() is not None:
            raise RuntimeError(f"{part.log.name} ended with {part.process.poll()}: {part.text()[-1000:]}")

    def start_broker(self) -> None:
        """Kafka with the topics."""
        asyncio.run(self._start_broker())

    async def _start_broker(self) -> None:
        await self.broker.start()
        await topics.ensure(self.broker.address, compose.planned_topics(self.settings, PARTITIONS))

    def kill_broker(self) -> None:
        """SIGKILL, and its end."""
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGKILL)
        asyncio.run(self.broker.wait_ended())

    def start_store(self) -> Part:
        """The store with its schema."""
        part = self.start("store")
        wait_until(lambda: answers(f"{self.settings.store_url}/ping"), 60, f"the store answers, see {part.log}")
        store = self.open_store()
        migrate(store, floor=self.settings.floor)
        store.close()
        return part

    def start_receiver(self) -> Part:
        """The receiver, ready."""
        part = self.start("receive")
        wait_until(lambda: answers(f"{self.receiver_url}/readyz"), 60, f"the receiver is ready, see {part.log}")
        return part

    @property
    def receiver_url(self) -> str:
        """Where OTLP goes."""
        return f"http://127.0.0.1:{self.settings.ports.receiver}"

    def open_store(self) -> ClickHouse:
        """A connection that may write."""
        return connect(self.settings.store_url)

    def open_reader(self) -> ClickHouse:
        """A connection to the read-only port."""
        return connect(self.settings.store_read_url)

    def close(self) -> None:
        """Ends all that was started, the broker last."""
        for part in reversed(self.parts):
            if part.process.poll() is None:
                part.send(signal.SIGCONT)
            part.kill()
        if self.broker.pid is not None:
            asyncio.run(self.broker.stop())


def make_stand(folder: Path, cache: Path, **changes: object) -> Stand:
    """A stand on free ports, nothing started. `cache`: where Kafka's jars lie; `changes`: settings."""
    values: dict[str, object] = {"data": folder, "cache": cache, "log_level": "info", "floor": 1, **changes}
    settings = Settings.model_validate(values | {"port_base": free_base()})
    folder.mkdir(parents=True, exist_ok=True)
    pseudonyms(settings)  # makes the key before several processes want it
    return Stand(folder, EmbeddedBroker(compose.broker(settings)), settings)


def free_base() -> int:
    """From here on all ports of a stack are free, and below what the system gives to connections: none is lost soon."""
    while taken(Settings(port_base=(base := _some_base()))):
        pass
    return base


def _some_base() -> int:
    (port,) = free_ports(1)
    return 12_000 + (port * 7919) % 18_000 // PORTS * PORTS


def answers(url: str) -> bool:
    """Whether an address answers with less than 400."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def machine() -> dict[str, object]:
    """What a figure depends on besides the code. `loop_ms` is how long this machine takes for the same small work just
    now, in CPU time: on shared ones it doubles and halves within a day."""
    began = time.process_time()
    sum(number & 1 for number in range(2_000_000))
    return {
        "cores": os.cpu_count(),
        "loop_ms": round((time.process_time() - began) * 1000),
        "python": sys.version.split()[0],
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
