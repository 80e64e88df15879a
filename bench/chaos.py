"""Kills everything that can be killed in the middle of a replay, then recomputes every figure: `python -m bench.chaos`.

Simulated events go into Kafka on a fast clock. Meanwhile each stage's worker, the sink and the broker are killed by
SIGKILL, a second worker of each stage comes and leaves, and each worker is stopped past its session timeout, succeeded
and woken. Afterwards SQL over the raw events must say what the stream says, figure for figure.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import functools
import json
import logging
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ammeter import detectors, reheard
from bench.stand import STAGES, Part, Stand, machine, make_stand, wait_until
from schemas.codec import read_events
from sinks.clickhouse import ClickHouse
from sinks.reconcile import Difference, reconcile
from sources.kafka import KafkaConfig, KafkaLog
from sources.messages import Message as LogMessage
from sources.simulator.canonical import Message, messages
from sources.simulator.send import Totals, send_messages
from sources.simulator.simulation import Simulation
from streams.detect.parameters import Calibration, Tuning
from streams.engine.clock import Clock

TOUCHY = Calibration(True, "", {
    "tool_failures": Tuning(usual=0.002, threshold=2.0),
    "trouble": Tuning(usual=0.05, threshold=2.0),
    "success": Tuning(usual=0.2, threshold=2.0),
})  # fmt: skip
"""Detectors that take an organisation at work for a bad one: so there are alerts within hours."""

SESSION_TIMEOUT_S = 6.0
QUIET_WITHIN_S = 120.0


@dataclass(frozen=True)
class Plan:
    """How much, how fast, and how many faults of each kind."""

    events: int
    seconds: float
    rate: float
    """Of the clock: a second of the run is so many seconds of the organisation."""
    kills: int
    """Of each stage's worker."""
    sink_kills: int
    broker_kills: int
    departures: int
    """A second worker of every stage that comes and leaves."""
    zombies: int
    """Of every stage."""
    seed: int = 1
    teams: int = 8
    users: int = 60


DAILY = Plan(40_000, 100, 100, kills=2, sink_kills=1, broker_kills=1, departures=1, zombies=1)
WHOLE = Plan(200_000, 500, 200, kills=12, sink_kills=6, broker_kills=4, departures=2, zombies=3)


@dataclass
class Report:
    """What happened and what differed."""

    produced: int = 0
    """Distinct event ids acknowledged."""
    stored: int = 0
    """Rows of session_events FINAL."""
    dead_letters: int = 0
    differences: list[str] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)
    """Rows by relation."""
    faults: dict[str, list[int | None]] = field(default_factory=dict)
    """Exit codes by fault."""
    restarts: int = 0
    """Of workers that ended by themselves with 70, zombies apart."""
    messages: int = 0
    resent: int = 0
    seconds: float = 0.0
    quiet_after_s: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or wrong."""
        return not (self.differences or self.dead_letters) and self.produced == self.stored > 0


class _Noted:
    """A log that remembers the ids of the events that were acknowledged."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self.ids: set[str] = set()

    @property
    def ready(self) -> bool:
        return self._log.ready

    async def send(self, batch: list[LogMessage]) -> None:
        await self._log.send(batch)
        for message in batch:
            self.ids.update(event.event_id for event in read_events(message.value))


class Sender:
    """Replays a simulation into Kafka from a thread of its own."""

    def __init__(self, stand: Stand, simulation: Simulation, start_ms: int, end_ms: int, clock: Clock) -> None:
        self._simulation, self._start_ms, self._end_ms = simulation, start_ms, end_ms
        self._enough = threading.Event()
        self.totals = Totals()
        self.ids: set[str] = set()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(stand, clock), daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether all was sent; raises what went wrong."""
        if self._error:
            raise self._error
        return not self._thread.is_alive()

    def finish(self) -> None:
        """Sends what is left of the planned time, and nothing later: until then the sending goes on and on."""
        self._enough.set()

    def _coming(self, stand: Stand) -> Iterator[Message]:
        far = self._end_ms + 86_400_000
        for message in messages(self._simulation, self._start_ms, far, stand.pseudonyms):
            if message.at_ms >= self._end_ms and self._enough.is_set():
                return
            yield message

    def _run(self, stand: Stand, clock: Clock) -> None:
        try:
            asyncio.run(self._send(stand, clock))
        except BaseException as exc:  # told to whoever asks whether it is over
            self._error = exc

    async def _send(self, stand: Stand, clock: Clock) -> None:
        config = KafkaConfig(stand.broker.address, "session-events", acknowledged_within_ms=10_000)
        log = KafkaLog(config)
        await log.start()
        while not log.ready:  # noqa: ASYNC110 - the log tries on by itself and tells nobody
            await asyncio.sleep(0.05)
        noted = _Noted(log)
        self.ids = noted.ids
        await send_messages(self._coming(stand), noted, clock, self.totals)  # type: ignore[arg-type]  # a list is what it sends
        await log.stop()


class Chaos:
    """One run over a stand."""

    def __init__(self, stand: Stand, plan: Plan, say: Callable[[str], None] = lambda _: None) -> None:
        self.stand, self.plan, self.say, self.report = stand, plan, say, Report()
        self.random = random.Random(plan.seed)
        self.workers: dict[str, Part] = {}
        self.sink: Part | None = None
        self.numbers = dict.fromkeys(STAGES, 0)

    def run(self) -> Report:
        """Starts, sends, breaks, waits until it is quiet, compares."""
        began, stand, plan = time.monotonic(), self.stand, self.plan
        detectors.store(stand.settings, TOUCHY)
        stand.start_broker()
        stand.start_store()
        origin = time.time() * 1000 + 8_000  # when all is started, the clock begins to run
        span = plan.seconds * plan.rate * 1000
        clock = Clock(origin, origin + plan.seconds * 1000 - span, plan.rate)
        stand.settings = stand.settings.model_copy(update={"clock": f"{clock.origin},{clock.start},{clock.rate}"})
        for stage in STAGES:
            self.workers[stage] = stand.worker(stage)
        self.sink = stand.start("sink")
        self._fold_again()
        start = int(clock.start)
        simulation = Simulation(plan.teams, plan.users, plan.events / (span / 1000), plan.seed)
        sender = Sender(stand, simulation, start, start + int(span), clock)
        for fault in self.faults():
            self.say(f"{time.monotonic() - began:.0f} s, {len(sender.ids)} events: {fault}")
            assert not sender.is_over  # every fault falls into the middle of the sending
            getattr(self, f"_{fault}")()
            self._keep_up()
            time.sleep(self.random.uniform(0.2, 1.5))
        sender.finish()
        while not sender.is_over:
            self._keep_up()
            time.sleep(0.5)
        self.report.produced, self.report.messages = len(sender.ids), sender.totals.sent
        self.report.resent = sender.totals.resent
        self.compare(clock)
        self.report.seconds = round(time.monotonic() - began, 1)
        return self.report

    def faults(self) -> list[str]:
        """All faults in an order drawn by the seed."""
        plan = self.plan
        each = {
            "kill": plan.kills * len(STAGES),
            "kill_sink": plan.sink_kills,
            "kill_broker": plan.broker_kills,
            "depart": plan.departures,
            "zombies": plan.zombies,
        }
        self._victims = list(STAGES) * plan.kills
        self.random.shuffle(self._victims)
        found = [name for name, count in each.items() for _ in range(count)]
        self.random.shuffle(found)
        return found

    def compare(self, clock: Clock) -> None:
        """Waits until raw events and tables agree, and keeps what still differs after that."""
        began, report, store = time.monotonic(), self.report, self.stand.open_store()

        def agree() -> bool:
            self._keep_up()
            report.stored = _one(store, "SELECT count() FROM ammeter_private.session_events FINAL")
            if report.stored < report.produced:
                self.say(f"{report.stored} of {report.produced} events are stored")
                return False
            found = [*reconcile(store, now=clock.now()), *self._alerts(store)]
            report.differences = [str(each) for each in found]
            shown = f"{len(found)} differences" if found else "agreement"
            self.say(f"{time.monotonic() - began:.0f} s after the last event: {shown}")
            return not report.differences

        with contextlib.suppress(TimeoutError):  # what still differs then is the finding
            wait_until(agree, QUIET_WITHIN_S, "raw events and tables agree")
        report.quiet_after_s = round(time.monotonic() - began, 1)
        report.dead_letters = _one(store, "SELECT count() FROM ammeter.dead_letters")
        for relation in (
            "all_sessions",
            "user_minutes",
            "user_windows",
            "team_window_rows FINAL",
            "anomaly_rows FINAL",
        ):
            report.compared[relation.partition("_row")[0]] = _one(
                store, f"SELECT count() FROM ammeter_private.{relation}"
            )
        store.close()

    def _alerts(self, store: ClickHouse) -> Iterator[Difference]:
        """Alerts that are not those of a detector that nobody killed."""
        try:
            yield from reheard.differences(store, asyncio.run(reheard.alerts_again(self.stand.settings)))
        except reheard.NotRecomputed as why:
            yield Difference("anomalies", (), "", "", str(why))

    # -- faults --------------------------------------------------------------------------------------------------------

    def _kill(self) -> None:
        """One worker, at any moment, perhaps while it still reads its tables."""
        stage = self._victims.pop()
        self._note(f"{stage} killed", self.workers[stage].kill())
        self.workers[stage] = self.stand.worker(stage, self.numbers[stage])
        if self.random.random() < 0.7:
            self.stand.wait_folding(self.workers[stage], STAGES[stage])

    def _kill_sink(self) -> None:
        assert self.sink
        self._note("sink killed", self.sink.kill())
        self.sink = self.stand.start("sink")

    def _kill_broker(self) -> None:
        self.stand.kill_broker()
        time.sleep(self.random.uniform(0.2, 1.5))
        self.stand.start_broker()
        self._note("broker killed", None)

    def _depart(self) -> None:
        """A second worker of each stage shares the work, then leaves."""
        self._all_fold()
        number = max(self.numbers.values()) + 1
        second = {stage: self.stand.worker(stage, number) for stage in STAGES}
        for stage, part in second.items():
            self.stand.wait_folding(part, min(1, STAGES[stage] - 1))  # of one partition there is none for a second
        time.sleep(1)
        for stage, part in second.items():
            self._note(f"{stage} left", part.stop())

    def _zombies(self) -> None:
        """Each worker is stopped, succeeded, and woken when the successor folds."""
        self._all_fold()
        old = dict(self.workers)
        for part in old.values():
            part.send(signal.SIGSTOP)
            time.sleep(self.random.uniform(0, 0.2))
        for stage in STAGES:
            self.numbers[stage] += 1
            self.workers[stage] = self.stand.worker(stage, self.numbers[stage])
        self._fold_again()
        time.sleep(0.5)
        heard = {stage: len(part.text()) for stage, part in old.items()}
        for part in old.values():
            part.send(signal.SIGCONT)
        for stage, part in old.items():
            # One that has something to write is ended by the fence; one that has nothing finds itself expelled, and
            # comes back as a member like any other.
            wait_until(
                lambda part=part, since=heard[stage]: (  # type: ignore[misc]  # mypy infers no type of defaults
                    part.process.poll() is not None or "partitions assigned" in part.text()[since:]
                ),
                60,
                f"the zombie is ended or expelled, see {part.log}",
            )
            came_back = part.process.poll() is None
            self._note(f"{stage} zombie {'came back' if came_back else 'ended'}", part.stop())

    def _all_fold(self) -> None:
        self._keep_up()
        self._fold_again()

    def _fold_again(self) -> None:
        for stage, part in self.workers.items():
            self.stand.wait_folding(part, STAGES[stage])

    def _keep_up(self) -> None:
        """As a supervisor: what asked to be started again is; anything else ends the run."""
        for stage, part in self.workers.items():
            if (code := part.process.poll()) is not None:
                if code != 70:
                    raise RuntimeError(f"{part.log} ended with {code}: {part.text()[-1000:]}")
                self.report.restarts += 1
                self.workers[stage] = self.stand.worker(stage, self.numbers[stage])
        if self.sink and self.sink.process.poll() is not None:
            raise RuntimeError(f"the sink ended: {self.sink.text()[-1000:]}")

    def _note(self, fault: str, code: int | None) -> None:
        self.report.faults.setdefault(fault, []).append(code)


def _one(store: ClickHouse, sql: str) -> int:
    return int(store.query(sql).rows[0][0])


def main() -> int:
    """Prints what was done and what differed; 0 when nothing did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="40,000 events and few faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ammeter"), help="where Kafka's jars lie")
    parser.add_argument("--report", type=Path, default=Path(__file__).parent / "results" / "chaos.json")
    parser.add_argument("--keep", type=Path, help="a folder for data and logs, which stays")
    options = parser.parse_args()
    plan = dataclasses.replace(DAILY if options.quick else WHOLE, seed=options.seed)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that the broker is away is what we do
    with tempfile.TemporaryDirectory(prefix="ammeter-chaos-") as scratch:
        folder = options.keep or Path(scratch)
        stand = make_stand(folder, options.cache.expanduser(), session_timeout_s=SESSION_TIMEOUT_S)
        try:
            report = Chaos(stand, plan, functools.partial(print, flush=True)).run()
        finally:
            stand.close()
    found = {"machine": machine(), "plan": msgspec.to_builtins(plan), "report": msgspec.to_builtins(report)}
    print(json.dumps(found["report"], indent=1))
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(found, indent=1) + "\n")
    print("nothing lost, doubled or wrong" if report.good else "NOT GOOD: see the differences above")
    return 0 if report.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
