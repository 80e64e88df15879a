"""One worker process. Rule: it wires stages to the engine, waits for the word to stop, and knows nothing else."""

import asyncio
import gc
import logging
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import structlog

from ammeter import telemetry
from streams.agents.stages import STAGES, Makers
from streams.engine.clock import REAL_TIME, Clock
from streams.engine.ending import RESTART, end_process, or_end
from streams.engine.layout import LayoutError, read_layout
from streams.engine.partition import LIMITS, Limits
from streams.engine.quiet import RateLimit
from streams.engine.stage_app import StageApp, StageConfig, build

USAGE = 2
"""The exit code for what starting again cannot mend."""

YOUNG_OBJECTS = 20_000
"""So many more objects than were freed, and the young ones are searched for cycles; Python's own 700 come with every
batch."""

STOP_WITHIN_S = 30.0
"""Longer than a stop may take: what is not committed then, the successor reads again."""

log = structlog.get_logger()


@dataclass(frozen=True)
class WorkerConfig:
    """What one worker process runs, and how."""

    broker: str
    """host:port."""
    stages: tuple[str, ...]
    instance: str
    """Stable over restarts, different in each process."""
    datadir: Path
    topic_prefix: str = ""
    group_prefix: str = ""
    pace_ms: int = 250
    session_timeout_s: float = 10.0
    clock: Clock = REAL_TIME
    limits: Limits = LIMITS
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    """0: no metrics are served."""
    parent: int = 0
    """The process to end with; 0: none."""


def run(config: WorkerConfig, makers: Makers = STAGES) -> int:
    """Runs the stages until SIGTERM or SIGINT; returns the exit code. What goes wrong ends the process from inside.

    0: stopped in good order. 2: cannot run like this. 70: start it again. 71: do not.
    """
    for handler in logging.getLogger().handlers:
        handler.addFilter(RateLimit())
    return asyncio.run(_work(config, makers))


async def _work(config: WorkerConfig, makers: Makers) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        layout = await read_layout(config.broker, config.topic_prefix)
        apps = [build(makers[name], layout, _stage_config(config)) for name in config.stages]
    except LayoutError as error:
        log.error(str(error))
        return USAGE
    except Exception as exc:
        end_process(RESTART, f"the broker at {config.broker} does not answer: {exc!r}")

    def settled() -> bool:
        return all(app.settled for app in apps)

    try:
        metrics = (
            await telemetry.serve(config.metrics_host, config.metrics_port, settled) if config.metrics_port else None
        )
    except OSError as error:
        log.error(f"Metrics cannot be served on port {config.metrics_port} ({error}): choose another one.")
        return USAGE
    _spare_garbage_collection()
    await or_end(asyncio.gather(*(app.start() for app in apps)), "starting")
    log.info("worker started", stages=list(config.stages), instance=config.instance)
    await _until_over(stop, apps, config.parent)
    await _stop(apps)
    if metrics is not None:
        await metrics.cleanup()
    log.info("worker stopped", instance=config.instance)
    return 0


def _spare_garbage_collection() -> None:
    """Modules and apps stay for good, and a fold makes hardly any cycles: both are looked at less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def _stage_config(config: WorkerConfig) -> StageConfig:
    return StageConfig(
        broker=config.broker,
        group_prefix=config.group_prefix,
        instance=config.instance,
        datadir=config.datadir / "faust",
        pace_s=config.pace_ms / 1000,
        session_timeout_s=config.session_timeout_s,
        clock=config.clock,
        limits=config.limits,
    )


async def _until_over(stop: asyncio.Event, apps: list[StageApp], parent: int) -> None:
    """Returns on the word to stop; a Faust app that ended by itself ends the process."""
    waits: list[asyncio.Task[object]] = [asyncio.create_task(stop.wait())]
    if parent:
        waits.append(asyncio.create_task(_parent_gone(parent)))
    ends = [asyncio.create_task(app.wait_until_stopped()) for app in apps]
    await asyncio.wait([*waits, *ends], return_when=asyncio.FIRST_COMPLETED)
    for app, end in zip(apps, ends, strict=True):
        if end.done():
            end_process(RESTART, f"Faust stopped {app.conf.id}: {app.crash_reason!r}")
    for task in (*waits, *ends):
        task.cancel()


async def _parent_gone(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells a process that its parent died
        await asyncio.sleep(0.5)


async def _stop(apps: list[StageApp]) -> None:
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await asyncio.gather(*(app.stop() for app in apps))
    except TimeoutError:
        end_process(RESTART, f"the stages did not stop within {STOP_WITHIN_S:.0f} s")
