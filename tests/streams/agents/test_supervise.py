"""The supervisor over real child processes."""

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from streams.agents.supervise import Patience, supervise
from tests.integration.workers import wait_until

QUICK = Patience(poll=0.01, first_pause=0.02, longest_pause=0.05, stop=1.0)


class Children:
    """Spawns Python children that run a line each, and remembers them."""

    def __init__(self, folder: Path, line: str) -> None:
        self.folder, self.line = folder, line
        self.started: list[tuple[int, subprocess.Popen[bytes]]] = []

    def __call__(self, number: int) -> "subprocess.Popen[bytes]":
        code = f"import os, signal, sys, time; number = {number}; nth = {self.count(number)}; {self.line}"
        process = subprocess.Popen([sys.executable, "-c", code], cwd=self.folder)
        self.started.append((number, process))
        return process

    def count(self, number: int) -> int:
        """How often the child of this number was started."""
        return sum(1 for other, _ in self.started if other == number)


def interrupt(when: Children, file: Path) -> threading.Thread:
    """Sends this process SIGTERM as soon as the file is there."""

    def send() -> None:
        wait_until(file.exists)
        signal.raise_signal(signal.SIGTERM)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_a_worker_that_ends_with_70_is_started_again(tmp_path: Path) -> None:
    """As often as it takes; when all have ended with 0 the supervisor does too."""
    children = Children(tmp_path, "sys.exit(70 if nth < 3 else 0)")

    assert supervise(children, 1, QUICK) == 0
    assert children.count(0) == 4


def test_a_worker_that_was_killed_is_started_again(tmp_path: Path) -> None:
    """The out-of-memory killer is no reason to go on without it."""
    children = Children(tmp_path, "os.kill(os.getpid(), 9) if nth < 1 else sys.exit(0)")

    assert supervise(children, 1, QUICK) == 0
    assert children.count(0) == 2


@pytest.mark.parametrize("code", [71, 2, 1])
def test_a_worker_that_ends_for_good_stops_the_others(tmp_path: Path, code: int) -> None:
    """Its code is the supervisor's; nothing keeps running."""
    children = Children(tmp_path, f"sys.exit({code}) if number else time.sleep(60)")

    assert supervise(children, 2, QUICK) == code
    assert all(process.poll() is not None for _, process in children.started)


def test_a_worker_that_was_told_to_stop_leaves_the_others_alone(tmp_path: Path) -> None:
    """One process can be taken out by hand; the supervisor ends with the last."""
    children = Children(tmp_path, "number and (time.sleep(0.5), open('last', 'w').close())")

    assert supervise(children, 2, QUICK) == 0
    assert (tmp_path / "last").exists()


def test_sigterm_is_passed_on(tmp_path: Path) -> None:
    """Each worker is told to stop; good order is code 0."""
    line = "signal.signal(15, lambda *_: sys.exit(0)); open('ready', 'w').close(); time.sleep(60)"
    children = Children(tmp_path, line)
    thread = interrupt(children, tmp_path / "ready")

    assert supervise(children, 1, replace(QUICK, stop=60)) == 0
    thread.join()
    assert [process.returncode for _, process in children.started] == [0]


def test_a_worker_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    """Nothing is left running; what it had not committed is read again."""
    children = Children(tmp_path, "signal.signal(15, signal.SIG_IGN); open('ready', 'w').close(); time.sleep(60)")
    thread = interrupt(children, tmp_path / "ready")

    assert supervise(children, 1, QUICK) == 0
    thread.join()
    assert [process.returncode for _, process in children.started] == [-9]
