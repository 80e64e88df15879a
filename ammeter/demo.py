"""`ammeter demo`: the product with a simulated organisation. Rule: it says which of its phases it is in.

History is loaded, the last 25 hours are played through the whole pipeline on a fast clock, then it goes on in real
time.
"""

import asyncio
import json
import signal
import sys
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ammeter import history
from ammeter.compose import child_environment
from ammeter.embedded import Embedded
from ammeter.ports import check_ports, taken
from ammeter.secrets import pseudonyms
from ammeter.settings import Settings, SettingsError
from ammeter.show import Show
from ammeter.stack import PartFailed
from ammeter.status import write_status
from ammeter.watch import Watch
from sources.simulator.collect import collect
from sources.simulator.otlp import Request, requests
from sources.simulator.send import Totals, send_requests
from streams.detect.calendar import Calendar
from streams.engine.clock import Clock

PLAY_S = 120.0
"""How long the last 25 hours take."""

JOIN_MS, JOIN_BYTES = 60_000, 1 << 20
"""While they are played, requests come as from a Collector: joined over a minute of the fast clock."""

BEHIND_MS = 3_000
"""Real time has begun when what is sent is no later than this."""

LOOK_EVERY_S = 0.2
DRAIN_S = 60.0
FREE_BASES = range(20_000, 60_000, 100)


async def run(settings: Settings, *, for_s: float | None, browser: bool, report: Path | None) -> int:
    """Runs until Ctrl-C, or for so many seconds of real time; 0 when all went well."""
    if await asyncio.to_thread((settings.data_dir / "store").exists):
        raise SettingsError(f"{settings.data_dir} holds a store already: a demo begins in an empty directory.")
    own = {"key_file": history.key_file(settings.cache_dir), "boards_user": settings.boards_user or history.viewer()}
    settings = _free_ports(settings).model_copy(update=own)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
    shown_at, show = _now(), Show()
    settings = settings.model_copy(update={"calendar_file": _write_calendar(settings, history.calendar(shown_at))})
    demo = Demo(settings, Embedded(settings, show.step), show, shown_at)
    playing = asyncio.create_task(demo.play(for_s, browser, report))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([playing, stopped], return_when=asyncio.FIRST_COMPLETED)
        return playing.result() if playing.done() else 0
    finally:
        for task in (playing, stopped):
            task.cancel()
        await asyncio.gather(playing, stopped, return_exceptions=True)
        show.end()
        show.step("Stopping.")
        await demo.stack.stop()


def _write_calendar(settings: Settings, calendar: Calendar) -> Path:
    """By which detectors know on which days the simulated people are expected."""
    file = settings.data_dir / "calendar.toml"
    file.write_text(f"begins = {calendar.begins}\nweekend = {[*calendar.weekend]}\n")
    return file


def _free_ports(settings: Settings) -> Settings:
    """The ports asked for; where nobody asked and a usual one is taken, others."""
    if settings.port_base is None and taken(settings):
        for base in FREE_BASES:
            moved = settings.model_copy(update={"port_base": base})
            if not taken(moved):
                return moved
    check_ports(settings)
    return settings


class Demo:
    """One run."""

    def __init__(self, settings: Settings, stack: Embedded, show: Show, shown_at: int) -> None:
        """`shown_at`: epoch milliseconds, by which all its parts move history; they begin within a minute of it."""
        self._settings, self.stack, self._show, self._shown_at = settings, stack, show, shown_at
        self._totals = Totals()
        self._sending_over = False

    async def play(self, for_s: float | None, browser: bool, report: Path | None) -> int:
        """History, the last 25 hours, real time; then, where an end was asked for, the drain and the report."""
        began = time.monotonic()
        self._say("loading", "Loading two weeks of history; the last 25 hours follow.")
        await asyncio.gather(self.stack.start_broker(), self._store_with_history())
        now, keys = _now(), pseudonyms(self._settings)
        heard = await asyncio.to_thread(history.heard, self._settings.cache_dir, keys, self._shown_at)
        await self.stack.tell_history(now, heard)
        start = history.played_from(self._shown_at)
        clock = Clock(origin=now, start=start, rate=(now - start) / (PLAY_S * 1000) + 1)
        await self.stack.start_parts(clock=f"{clock.origin:.0f},{clock.start:.0f},{clock.rate}")
        self._show.step(f"Boards: {self.stack.boards_url}")
        if browser:
            await asyncio.to_thread(webbrowser.open, self.stack.boards_url)
        self._say("playing", "Playing the last 25 hours through the whole pipeline, on a fast clock.")
        watch = Watch(self._settings)
        sending = asyncio.create_task(self._send(start, clock))
        failing = asyncio.create_task(self.stack.failed())
        try:
            caught_up = now + int(PLAY_S * 1000)
            await self._watch(
                watch, lambda: _now() >= caught_up and self._totals.behind_ms < BEHIND_MS, sending, failing
            )
            self._say("live", "Live: the organisation at work, in real time.")
            self._show.step(tour(self._settings, self.stack.boards_url))
            await watch.begin_delay(self._totals.acknowledged)
            ends = _now() + int(for_s * 1000) if for_s else None
            await self._watch(watch, lambda: ends is not None and _now() >= ends, sending, failing)
            self._say("stopped", "The demo has stopped sending; what was sent is being stored.")
            self._sending_over = True
            await sending
            drained = await watch.drain(self._totals.acknowledged, DRAIN_S)
            result = await watch.report(self._totals.acknowledged, self.stack.boards_url)
        finally:
            for task in (sending, failing):
                task.cancel()
            await asyncio.gather(sending, failing, return_exceptions=True)
            await watch.close()
        result |= {"lost": self._totals.lost, "seconds": round(time.monotonic() - began, 1), "real_time_s": for_s}
        if report:
            await asyncio.to_thread(report.write_text, json.dumps(result, indent=1) + "\n")
        self._show.result(result)
        return 0 if drained and result["boards_ok"] and not result["dead_letters"] else 1

    async def _store_with_history(self) -> None:
        """In a process of its own: one engine at a time has the directory."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ammeter",
            "history",
            str(self._shown_at),
            env=child_environment(self._settings),
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            assert process.stdout
            async for line in process.stdout:
                self._show.line(line.decode().strip())
            if code := await process.wait():
                raise PartFailed(
                    f"history could not be loaded (code {code}): remove {self._settings.cache_dir}/history"
                )
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        self._show.end()
        await self.stack.start_store()

    async def _send(self, start: int, clock: Clock) -> None:
        organisation = history.simulation(self._shown_at)
        single = requests(organisation, start, start + 365 * history.DAY_MS)
        coming = self._until_over(collect(single, _now() + int(PLAY_S * 1000), JOIN_MS, JOIN_BYTES))
        receiver = f"http://127.0.0.1:{self._settings.ports.receiver}"
        await send_requests(coming, receiver, Pace(clock), totals=self._totals)

    def _until_over(self, coming: Iterable[Request]) -> Iterator[Request]:
        for request in coming:
            if self._sending_over:
                return
            yield request

    async def _watch(
        self,
        watch: Watch,
        is_over: Callable[[], bool],
        sending: "asyncio.Task[None]",
        failing: "asyncio.Task[None]",
    ) -> None:
        """Looks and tells until it is over; raises when something ends that should not."""
        told = 0.0
        while not is_over():
            await asyncio.wait([sending, failing], timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
            for task in (sending, failing):
                if task.done():
                    task.result()
            await watch.look(self._totals.acknowledged, _now())
            if time.monotonic() - told >= 1.0:
                told = time.monotonic()
                self._show.line(await watch.line(self._totals.acknowledged))
                for alert in await watch.new_alerts():
                    self._show.alert(alert)

    def _say(self, phase: str, text: str) -> None:
        write_status(self._settings.data_dir, phase, "" if phase == "live" else text)
        self._show.end()
        self._show.step(text)


class Pace:
    """The demo's clock, as fast as it really is: it becomes real time when it has caught up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def rate(self) -> float:
        """Milliseconds of the clock in a real one, now."""
        return self._clock.rate if self._clock.now() < _now() - 1000 else 1.0

    def now(self) -> int:
        """Epoch milliseconds."""
        return self._clock.now()


def tour(settings: Settings, boards_url: str) -> str:
    """Where to look first; README.md goes on from there, in another terminal, at this demo's ports."""
    moved = "" if settings.port_base is None else f"AMMETER_PORT_BASE={settings.port_base} "
    return (
        f"Look at {boards_url} and, in another terminal, at {moved}.venv/bin/ammeter alerts list: "
        'README.md, "A tour", leads on.'
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
