"""Keeps worker processes running. Rule: code 70 and a violent death mean "again", any other failure "stop all".

Starting again what ended with 71 would read the same flood; what ended with 2 would fail the same way.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import structlog

from streams.engine.ending import RESTART

Spawn = Callable[[int], "subprocess.Popen[bytes]"]
"""Starts the worker of a number; the same number must give it the same instance name."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Patience:
    """How long a supervisor waits for what, in seconds."""

    poll: float = 0.1
    first_pause: float = 1.0
    longest_pause: float = 30.0
    healthy: float = 60.0
    """A worker that ran so long begins again with the first pause."""
    stop: float = 40.0
    """Then SIGKILL: what was not committed is read again."""


PATIENCE = Patience()


class _Child:
    """One worker: its process, or the moment at which it is started again."""

    def __init__(self, number: int, spawn: Spawn, patience: Patience) -> None:
        self.number, self._spawn, self._patience = number, spawn, patience
        self._pause = patience.first_pause
        self.start()

    def start(self) -> None:
        self.process: subprocess.Popen[bytes] | None = self._spawn(self.number)
        self._began, self._again_at = time.monotonic(), 0.0

    def tend(self) -> int | None:
        """Starts it again when it is time to. Returns the code with which it ended for good, if it has."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._again_at:
                self.start()
            return None
        code = self.process.poll()
        if code is None or not (code == RESTART or code < 0):
            return code
        if now - self._began > self._patience.healthy:
            self._pause = self._patience.first_pause
        log.warning("worker ended, starting it again", worker=self.number, code=code, in_seconds=self._pause)
        self.process, self._again_at = None, now + self._pause
        self._pause = min(2 * self._pause, self._patience.longest_pause)
        return None


def supervise(spawn: Spawn, processes: int, patience: Patience = PATIENCE) -> int:
    """Runs that many workers until SIGTERM or SIGINT, which are passed on, or until one fails for good.

    A worker that ends with 0 was told to, and the others go on. Returns 0, or the code of the failure.
    """
    with _signals() as asked_to_stop:
        children = [_Child(number, spawn, patience) for number in range(processes)]
        codes: list[int] = []
        while children and not any(codes) and not asked_to_stop():
            for child in tuple(children):
                if (code := child.tend()) is not None:
                    log.info("worker ended for good", worker=child.number, code=code)
                    children.remove(child)
                    codes.append(code)
            time.sleep(patience.poll)
        codes += _stop_all(children, patience)
    return next((code for code in codes if code > 0 and code != RESTART), 0)


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_all(children: list[_Child], patience: Patience) -> list[int]:
    running = [child.process for child in children if child.process is not None]
    for process in running:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + patience.stop
    codes = []
    for process in running:
        try:
            codes.append(process.wait(max(0.0, until - time.monotonic())))
        except subprocess.TimeoutExpired:
            log.error("worker does not stop, killing it", pid=process.pid)
            process.kill()
            process.wait()
            codes.append(RESTART)
    return codes
