"""Starts and watches the parts of an embedded stack as processes. Rule: what was started is stopped, by its own id.

Each child leads a process group of its own, so that Ctrl-C reaches this process alone, which then stops the children in
the order of the flow: first who sends, last who stores.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger()

RESTART = 70
"""The exit code by which a worker asks to be started again; what was killed is started again as well."""

BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class PartFailed(RuntimeError):
    """A part of the stack ended and could not be kept up; the message says which, and its last words."""


@dataclass
class Child:
    """One part as a process."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    log_file: Path
    program: tuple[str, ...] = (sys.executable, "-m", "ammeter")
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    stopping: bool = False

    async def spawn(self) -> None:
        """Starts it."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                *self.program,
                *self.arguments,
                env=dict(self.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    async def keep_up(self) -> None:
        """Waits for its end; starts it again when it asks for that; raises PartFailed otherwise."""
        while True:
            assert self.process
            code = await self.process.wait()
            if self.stopping:
                return
            if not (code == RESTART or code < 0) or self.restarts >= 20:
                raise PartFailed(f"{self.name} ended with code {code}: {self._last_line()} (see {self.log_file})")
            delay = BACK_OFF_S[min(self.restarts, len(BACK_OFF_S) - 1)]
            self.restarts += 1
            log.warning("a part ended and is started again", part=self.name, code=code, restarts=self.restarts)
            await asyncio.sleep(delay)
            if not self.stopping:
                await self.spawn()

    async def stop(self, patience_s: float = 15.0) -> None:
        """SIGTERM, then SIGKILL."""
        self.stopping = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), patience_s)
        except TimeoutError:
            log.warning("a part did not stop in time and is killed", part=self.name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _last_line(self) -> str:
        try:
            lines = self.log_file.read_text(errors="replace").strip().splitlines()
        except OSError:
            return "no log"
        return lines[-1][-300:] if lines else "it said nothing"


class Stack:
    """The children of one embedded stack, in the order of their start."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._watches: list[asyncio.Task[None]] = []
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, child: Child) -> None:
        """Starts a child and watches it."""
        await child.spawn()
        self.children.append(child)
        watch = asyncio.create_task(child.keep_up())
        watch.add_done_callback(self._note)
        self._watches.append(watch)

    def _note(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled() and (error := watch.exception()) and not self._failed.done():
            self._failed.set_exception(error)

    async def failed(self) -> None:
        """Raises PartFailed when a child could not be kept up."""
        await asyncio.shield(self._failed)

    async def stop(self, *names: str) -> None:
        """Stops the named children, or all in the reverse order of their start."""
        chosen = [child for child in reversed(self.children) if not names or child.name in names]
        for child in chosen:
            await child.stop()
            self.children.remove(child)
        if not self.children:
            for watch in self._watches:
                watch.cancel()
            if self._failed.done() and not self._failed.cancelled():
                self._failed.exception()  # heard: nobody needs to be told again
