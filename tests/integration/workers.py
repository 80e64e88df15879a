"""Workers as processes, for tests that kill them: start, wait until they fold, stop, read their logs and metrics."""

import os
import pickle
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from ammeter.log import configure
from streams.agents.worker import WorkerConfig, run

ROOT = Path(__file__).parents[2]

T = TypeVar("T")


def wait_until(question: Callable[[], T], within_s: float = 90, what: str = "") -> T:
    """Asks until the answer is true and returns it; raises AssertionError after `within_s` seconds."""
    until = time.monotonic() + within_s
    while not (answer := question()):
        assert time.monotonic() < until, f"not within {within_s} s: {what or question}"
        time.sleep(0.05)
    return answer


class Worker:
    """One worker process. `makers` names a mapping of stages: `module:NAME`."""

    def __init__(self, config: WorkerConfig, logs: Path, makers: str = "streams.agents.stages:STAGES") -> None:
        self.config = config
        self.log = logs / f"{'+'.join(config.stages)}-{config.instance}-{time.monotonic_ns()}.log"
        argv = [sys.executable, "-m", "tests.integration.workers", makers, pickle.dumps(config).hex()]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(argv, cwd=ROOT, stderr=log, stdin=subprocess.DEVNULL)

    def text(self) -> str:
        """What it has logged."""
        return self.log.read_text(errors="replace")

    @property
    def folding(self) -> set[tuple[str, int]]:
        """The stages and partitions that it has made ready since its latest assignment."""
        text, found = self.text(), set[tuple[str, int]]()
        for stage in self.config.stages:
            latest = text.rpartition(f'"stage": "{stage}", "partitions": [')[2]
            ready = re.findall(rf'"stage": "{stage}", "partition": (\d+), [^\n]*"event": "partition ready"', latest)
            found |= {(stage, int(number)) for number in ready}
        return found

    def wait_ready(self, partitions: int, within_s: float = 90) -> "Worker":
        """Waits until it folds as many partitions, all stages together."""
        what = f"{partitions} partitions ready"
        wait_until(lambda: self.process.poll() is not None or len(self.folding) >= partitions, within_s, what)
        assert self.process.poll() is None, self.text()[-2000:]
        return self

    def send(self, number: int) -> None:
        """Sends a signal."""
        os.kill(self.process.pid, number)

    def kill(self) -> int:
        """SIGKILL; returns the exit code, -9 unless it had ended before."""
        if self.process.poll() is None:
            self.send(signal.SIGKILL)
        return self.process.wait(10)

    def stop(self, within_s: float = 90) -> int:
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
        return self.process.wait(within_s)

    def wait_exit(self, within_s: float = 90) -> int:
        """Waits until it ends by itself; returns the exit code."""
        return self.process.wait(within_s)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric over the series that have these labels; needs a metrics port."""
        url = f"http://127.0.0.1:{self.config.metrics_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        of = [line for line in lines if re.match(rf"{name}[{{ ]", line)]
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(float(line.rpartition(" ")[2]) for line in of if all(label in line for label in wanted))


def main(arguments: Sequence[str]) -> int:
    """The child: runs what its parent describes."""
    module, _, name = arguments[0].partition(":")
    config = pickle.loads(bytes.fromhex(arguments[1]))
    configure("info")
    return run(config, getattr(import_module(module), name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
