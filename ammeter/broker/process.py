"""The broker's operating-system process. Rule: a signal goes only to a process whose command line is our Kafka's."""

import asyncio
import fcntl
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ammeter.broker.errors import BrokerError
from ammeter.broker.java import SERVER

POLL_SECONDS = 0.05
TAIL_BYTES = 64 << 10

TERMINATED = (128 + signal.SIGTERM, -signal.SIGTERM)
"""How Java ends when asked by SIGTERM: through its handler, or before it had one."""


@dataclass(frozen=True)
class Ended:
    """How a broker's process ended: its exit code (negative: the signal), whether we asked for it, its last words."""

    code: int
    asked: bool
    last_line: str

    def __str__(self) -> str:
        return f"exit code {self.code}, last log line: {self.last_line or '(none)'}"


class Hold:
    """The right to run the broker of one directory; it ends with the process that holds it, however that ends."""

    def __init__(self, path: Path) -> None:
        """Takes the hold. Raises BrokerError when another living process has it."""
        self._file: IO[str] = path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise BrokerError(
                f"A running Ammeter has the broker's directory {path.parent}: stop that one, or use another --data."
            ) from None

    def release(self) -> None:
        """Gives the right back; the file stays, or two could hold two files of one name."""
        self._file.close()


class BrokerProcess:
    """One run of Kafka: started in its own session, so that a terminal's Ctrl-C reaches us and not it."""

    def __init__(self, command: Sequence[str], directory: Path) -> None:
        """Starts it; its output goes to `kafka.log` (the run before: `kafka.log.1`), its pid to `kafka.pid`."""
        self._log = directory / "kafka.log"
        self._pid_file = directory / "kafka.pid"
        self._asked = False
        if self._log.exists():
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is built by us, without a shell
                command,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._pid_file.write_text(f"{self._process.pid}\n")

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def last_line(self) -> str:
        """The last line of its log that is no stack frame."""
        return last_line(self._log)

    @property
    def ended(self) -> Ended | None:
        """How it ended, or None while it runs."""
        code = self._process.poll()
        return None if code is None else Ended(code, self._asked, self.last_line)

    async def wait(self) -> Ended:
        """Returns when it has ended. Polled: so it may be awaited from any event loop, and given up at any time."""
        while (ended := self.ended) is None:  # noqa: ASYNC110 - an event would bind it to one loop
            await asyncio.sleep(POLL_SECONDS)
        return ended

    async def stop(self, within: float) -> Ended:
        """SIGTERM, and SIGKILL when it has not ended `within` seconds."""
        if self.ended is None:
            self._asked = True
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), within)
            if self.ended is None:
                self._process.kill()
        ended = await self.wait()
        self._pid_file.unlink(missing_ok=True)
        return ended


async def stop_orphan(directory: Path, properties: Path, within: float) -> int | None:
    """Stops the broker that a killed parent left in this directory; call it with the hold.

    Returns the orphan's pid, or None when there was none. Raises BrokerError when it cannot be ended.
    """
    pid_file = directory / "kafka.pid"
    pid = _read_pid(pid_file)
    if pid is None or not is_ours(pid, properties):
        pid_file.unlink(missing_ok=True)
        return None
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while is_ours(pid, properties):  # noqa: ASYNC110 - another's child: no event tells its end
                    await asyncio.sleep(POLL_SECONDS)
            pid_file.unlink(missing_ok=True)
            return pid
    raise BrokerError(f"Kafka's process {pid} of an earlier run does not end: end it by hand, then start again.")


def is_ours(pid: int, properties: Path) -> bool:
    """Whether this process is a Kafka that runs with these properties (a zombie, which has no command line, is not)."""
    command = command_line(pid)
    return SERVER in command and str(properties) in command


def command_line(pid: int) -> list[str]:
    """The command line of a process, empty when there is none."""
    try:
        if Path("/proc/self").exists():
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        # macOS: arguments are not told apart, and ours has no blanks but those of paths.
        ps = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(ps, capture_output=True, text=True)  # noqa: S603 - no input but a number
        words = shown.stdout.split()
        return [*words, shown.stdout.strip().rpartition(f" {SERVER} ")[2]]
    except OSError:
        return []


def last_line(log: Path) -> str:
    """The last line of a log that is no stack frame; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    spoken = (line for line in reversed(lines) if line.strip() and not line.startswith(("\t", " ")))
    return next(spoken, "")


def _read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
