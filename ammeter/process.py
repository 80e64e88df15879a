"""Runs one part as a process: signals, metrics, the parent's death. Rule: SIGTERM and SIGINT end it in good order."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog

from ammeter import telemetry
from ammeter.settings import Settings

log = structlog.get_logger()


class Part(Protocol):
    """What can be started and stopped."""

    async def start(self) -> None:
        """Ready when it returns."""

    async def stop(self) -> None:
        """Finishes what is in flight."""


async def serve(part: Part, settings: Settings, *, ended: Callable[[], Awaitable[None]] | None = None) -> int:
    """Runs a part until it is told to stop, its parent is gone, or `ended` says that it is over by itself.

    Returns the exit code: 0 when told to stop, 1 when it ended by itself.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metrics = await telemetry.serve(settings.host, settings.metrics_port) if settings.metrics_port else None
    await part.start()
    waits: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait())]
    if settings.parent:
        waits.append(asyncio.create_task(parent_gone(settings.parent)))
    over = asyncio.create_task(_await(ended)) if ended else None
    try:
        done, _ = await asyncio.wait([*waits, *([over] if over else [])], return_when=asyncio.FIRST_COMPLETED)
        if over and over in done:
            over.result()
            return 1
        return 0
    finally:
        for task in [*waits, *([over] if over else [])]:
            task.cancel()
        await part.stop()
        if metrics:
            with contextlib.suppress(Exception):
                await metrics.cleanup()


async def _await(ended: Callable[[], Awaitable[None]]) -> None:
    await ended()


async def parent_gone(parent: int) -> None:
    """Returns when the process that started this one is no longer there: a killed demo leaves nothing running."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells a process that its parent died
        await asyncio.sleep(0.5)
    log.warning("the process that started this one is gone, stopping", parent=parent)
