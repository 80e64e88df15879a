"""`ammeter simulate`: an organisation played into the receiver, Kafka or a file. Rule: the seed decides all."""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ammeter.secrets import pseudonyms
from ammeter.settings import Settings, SettingsError
from sources.kafka import KafkaConfig, KafkaLog
from sources.simulator.canonical import messages
from sources.simulator.otlp import requests
from sources.simulator.send import Totals, send_messages, send_requests, write_messages
from sources.simulator.simulation import Simulation, ramp_before
from streams.engine.clock import Clock

FOREVER_MS = 365 * 86_400_000
FILE_SECONDS = 3_600.0
CONNECT_WITHIN_S = 15.0

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """What a simulation sent, in a sentence."""

    totals: Totals
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether something was sent and all of it was taken."""
        return bool(self.totals.acknowledged) and not self.totals.lost

    def sentence(self) -> str:
        """For a person."""
        it = self.totals
        lost = f", {it.lost:,} were refused" if it.lost else ""
        return f"{it.acknowledged:,} events in {it.sent:,} requests or messages in {self.seconds:.1f} s{lost}"


def chosen(teams: int, users: int, rate: float | None, seed: int, scenario: str, now: int) -> Simulation:
    """The simulation that the options describe. Raises ValueError for what cannot be."""
    if users < teams:
        raise ValueError(f"{users} people cannot fill {teams} teams: give at least as many users.")
    ramp = ramp_before(now) if scenario == "rising-abandonment" else None
    return Simulation(teams, users, rate, seed, scenario, ramp)


async def run(settings: Settings, simulation: Simulation, to: str, for_s: float | None) -> Result:
    """Sends from now on, for so many seconds or until Ctrl-C; a file gets so many seconds of the past, at once."""
    began, now = time.monotonic(), time.time_ns() // 1_000_000
    if to == "otlp":
        totals = await _stoppable(
            lambda over: send_requests(
                _until(requests(simulation, now, _end(now, for_s)), over),
                f"http://127.0.0.1:{settings.ports.receiver}",
                Clock(),
            )
        )
    elif to == "kafka":
        totals = await _to_kafka(settings, simulation, now, for_s)
    elif to.endswith((".jsonl", ".jsonl.gz")):
        span = int((for_s or FILE_SECONDS) * 1000)
        totals = write_messages(messages(simulation, now - span, now, pseudonyms(settings)), Path(to))
    else:
        raise SettingsError(f"--to {to}: give otlp, kafka, or a file that ends in .jsonl or .jsonl.gz.")
    return Result(totals, time.monotonic() - began)


async def _to_kafka(settings: Settings, simulation: Simulation, now: int, for_s: float | None) -> Totals:
    log = KafkaLog(
        KafkaConfig(settings.kafka_address, settings.topic_prefix + "session-events", acknowledged_within_ms=10_000)
    )
    await log.start()
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            while not log.ready:  # noqa: ASYNC110 - the log tries on by itself and tells nobody
                await asyncio.sleep(0.05)
    except TimeoutError:
        await log.stop()
        raise ConnectionError(
            f"Kafka at {settings.kafka_address} does not answer: start it, or set AMMETER_KAFKA."
        ) from None
    try:
        coming = messages(simulation, now, _end(now, for_s), pseudonyms(settings))
        return await _stoppable(lambda over: send_messages(_until(coming, over), log, Clock()))
    finally:
        await log.stop()


def _end(now: int, for_s: float | None) -> int:
    return now + (int(for_s * 1000) if for_s else FOREVER_MS)


async def _stoppable(send: Callable[[asyncio.Event], Coroutine[Any, Any, Totals]]) -> Totals:
    """Ctrl-C ends the sending after what is under way, so that what was acknowledged is counted."""
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    return await send(over)


def _until(coming: Iterable[T], over: asyncio.Event) -> Iterator[T]:
    for item in coming:
        if over.is_set():
            return
        yield item
