"""What was started is kept up, stopped in order, and never outlives who started it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ammeter.stack import Child, PartFailed, Stack
from bench.stand import free_base

WITHIN_S = 60.0

COUNTS = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); n = len(p.read_text()) if p.exists() else 0\n"
"""A program that knows how often it was started."""


def child(tmp_path: Path, name: str, text: str) -> Child:
    """A part that is this text of Python; its argument is a file of its own."""
    return Child(
        name,
        (COUNTS + "p.write_text('x' * (n + 1))\n" + text, str(tmp_path / name)),
        dict(os.environ),
        tmp_path / "logs" / f"{name}.log",
        program=(sys.executable, "-c"),
    )


async def until(true: Callable[[], bool]) -> None:
    """Polls, within a bound."""
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - other processes tell no event
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether there is a process of this id that is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_part_that_asks_for_it_is_started_again(tmp_path: Path) -> None:
    """Code 70."""

    async def run() -> None:
        stack = Stack()
        part = child(tmp_path, "work", "import time\nif n < 1: sys.exit(70)\ntime.sleep(60)")
        await stack.start(part)
        await until(lambda: part.restarts == 1 and (tmp_path / "work").exists())
        await until(lambda: (tmp_path / "work").read_text() == "xx")
        await stack.stop()

    asyncio.run(run())


def test_a_part_that_was_killed_is_started_again(tmp_path: Path) -> None:
    """As a supervisor must after kill -9 or out of memory."""

    async def run() -> None:
        stack = Stack()
        part = child(tmp_path, "sink", "import time; time.sleep(60)")
        await stack.start(part)
        await until((tmp_path / "sink").exists)
        assert part.process
        part.process.kill()
        await until(lambda: (tmp_path / "sink").read_text() == "xx")
        await stack.stop()

    asyncio.run(run())


@pytest.mark.parametrize("code", [71, 1, 2, 0])
def test_any_other_end_is_told_with_the_last_words(tmp_path: Path, code: int) -> None:
    """71 above all: what reads the same flood again ends the same way."""

    async def run() -> str:
        stack = Stack()
        part = child(tmp_path, "work", f"print('a flood'); sys.exit({code})")
        await stack.start(part)
        with pytest.raises(PartFailed) as told:
            await asyncio.wait_for(stack.failed(), WITHIN_S)
        await stack.stop()
        assert part.restarts == 0
        return str(told.value)

    said = asyncio.run(run())

    assert said.startswith(f"work ended with code {code}: a flood (see ")


def test_parts_stop_in_the_reverse_order_of_their_start(tmp_path: Path) -> None:
    """Who was started last sends to those before it."""
    text = (
        "import pathlib, signal, sys\n"
        "def end(*_):\n"
        f"    with open({str(tmp_path / 'ends')!r}, 'a') as f: f.write(sys.argv[1][-1])\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(sys.argv[1] + '-ready').touch()\n"
        "while True: signal.pause()"
    )

    async def run() -> None:
        stack = Stack()
        for name in "abc":
            await stack.start(child(tmp_path, name, text))
        await until(lambda: all((tmp_path / f"{name}-ready").exists() for name in "abc"))
        await stack.stop("b")
        await stack.stop()
        assert stack.children == []

    asyncio.run(run())

    assert (tmp_path / "ends").read_text() == "bca"


def test_what_does_not_stop_is_killed(tmp_path: Path) -> None:
    """With its whole process group."""
    text = (
        "import pathlib, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path(sys.argv[1] + '-ready').touch()\nwhile True: signal.pause()"
    )

    async def run() -> int:
        part = child(tmp_path, "deaf", text)
        await part.spawn()
        await until((tmp_path / "deaf-ready").exists)
        await part.stop(patience_s=0.2)
        assert part.process
        assert part.process.returncode == -signal.SIGKILL
        return part.process.pid

    assert not alive(asyncio.run(run()))


PARENT = """
import asyncio, os, sys
from pathlib import Path
from ammeter.settings import Settings, child_environment
from ammeter.stack import Child, Stack

async def run():
    settings = Settings(data=Path(sys.argv[1]), port_base=int(sys.argv[2]))
    stack = Stack()
    await stack.start(Child("store", ("store",), child_environment(settings, parent=os.getpid()), Path(sys.argv[1]) / "log"))
    print(stack.children[0].process.pid, flush=True)
    await stack.failed()

asyncio.run(run())
"""  # noqa: E501 - a program as text


def test_a_killed_parent_leaves_no_part_running(tmp_path: Path) -> None:
    """A part sees that who started it is gone, and ends in good order."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), str(free_base())], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    with parent.stdout:
        pid = int(parent.stdout.readline())
    until_s = time.monotonic() + WITHIN_S
    while "ready" not in _text(tmp_path / "log") and time.monotonic() < until_s:
        time.sleep(0.05)
    assert alive(pid), _text(tmp_path / "log")
    parent.kill()
    parent.wait()
    while alive(pid) and time.monotonic() < until_s:
        time.sleep(0.05)

    assert not alive(pid)
    assert "is gone" in _text(tmp_path / "log")


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
