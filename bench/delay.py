"""From acknowledged to visible: how old a figure on the board is, at a steady rate, through the whole stack.

Every part is a process as `ammeter up` has them. A simulated organisation sends OTLP at the rate; beside it small
requests of probe teams are sent, one after another. A request's delay runs from its 2xx until the view
`ammeter.team_windows`, asked over the store's read-only port, counts its prompt.
"""

import asyncio
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from ammeter import compose
from bench.stand import STAGES, Stand
from sinks.clickhouse import ClickHouse

P99_BELOW_MS = 2_000

TEAMS = 8
PROBES_A_SECOND = 8.0
LOOK_EVERY_S = 0.05
WARM_UP_S = 10.0
"""Of load before the first probe."""
STRAGGLERS_S = 10.0


@dataclass
class Delays:
    """Milliseconds from a request's acknowledgement to the first look that showed it."""

    rate: float
    seconds: float
    sent: int = 0
    unseen: int = 0
    delays: list[int] = field(default_factory=list)
    looks_ms: list[float] = field(default_factory=list)
    """How long a look took: what it adds to a delay on the average is half of it and of the pause."""
    cpu_share: dict[str, float] = field(default_factory=dict)
    """Of one core, by part."""
    load: str = ""
    """What the simulated organisation said at its end."""

    def quantiles(self) -> dict[str, float]:
        """p50, p95, p99 and the highest."""
        cuts = statistics.quantiles(self.delays, n=100)
        return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "highest": max(self.delays)}


def measure(stand: Stand, rate: float, seconds: float) -> Delays:
    """Starts the stack on the stand, loads it, probes it."""
    stand.start_broker()
    stand.start_store()
    worker, sink = stand.worker("all"), stand.start("sink")
    receiver, boards = stand.start_receiver(), stand.start("boards")
    stand.wait_folding(worker, sum(STAGES.values()))
    found = Delays(rate, seconds)
    environment = compose.child_environment(stand.settings)
    told = ["--teams", "40", "--users", "400", "--rate", f"{rate:g}", "--to", "otlp"]
    told += ["--for", f"{WARM_UP_S + seconds + 5:g}"]
    load = subprocess.Popen(
        [sys.executable, "-m", "ammeter", "simulate", *told], env=environment, stdout=subprocess.PIPE, text=True
    )
    store = stand.open_reader()
    try:
        time.sleep(WARM_UP_S)
        parts = {"receive": receiver, "work": worker, "sink": sink, "store": stand.parts[0], "boards": boards}
        before, began = {name: part.cpu_s() for name, part in parts.items()}, time.monotonic()
        asyncio.run(_probe(stand.receiver_url, store, found))
        wall = time.monotonic() - began
        found.cpu_share = {name: round((part.cpu_s() - before[name]) / wall, 3) for name, part in parts.items()}
        found.load = load.communicate(timeout=120)[0].strip()
    finally:
        if load.poll() is None:
            load.kill()
            load.wait()
        store.close()
    return found


async def _probe(url: str, store: ClickHouse, found: Delays) -> None:
    waiting: dict[str, list[int]] = {f"probe-{number}": [] for number in range(TEAMS)}
    over = asyncio.Event()
    looking = asyncio.create_task(_look(store, waiting, found, over))
    until = time.monotonic() + found.seconds
    async with aiohttp.ClientSession(url) as session:
        while time.monotonic() < until:
            team = f"probe-{found.sent % TEAMS}"
            async with session.post("/v1/logs", json=_body(team, int(time.time() * 1000))) as answer:
                assert answer.status == 200, f"the receiver answered {answer.status}"
            waiting[team].append(_now())
            found.sent += 1
            # Not in step with the stages' pace: 100 to 150 ms, by turns.
            await asyncio.sleep((0.8 + (found.sent * 37 % 40) / 100) / PROBES_A_SECOND)
    late = time.monotonic() + STRAGGLERS_S
    while len(found.delays) < found.sent and time.monotonic() < late:  # noqa: ASYNC110 - a bound matters, not the moment
        await asyncio.sleep(0.1)
    over.set()
    await looking
    found.unseen = found.sent - len(found.delays)


async def _look(store: ClickHouse, waiting: dict[str, list[int]], found: Delays, over: asyncio.Event) -> None:
    """A team's n-th prompt is there when the view counts n of them."""
    shown = dict.fromkeys(waiting, 0)
    sql = "SELECT team_id, prompts FROM ammeter.team_windows WHERE span = '24h' AND startsWith(team_id, 'probe-')"
    while not over.is_set():
        began = time.monotonic()
        rows = (await asyncio.to_thread(store.query, sql)).rows
        found.looks_ms.append((time.monotonic() - began) * 1000)
        for team, prompts in rows:
            # A prompt may be shown before its 2xx has come: then it waited for nobody.
            there = min(prompts, len(waiting[team]))
            found.delays += [max(0, _now() - when) for when in waiting[team][shown[team] : there]]
            shown[team] = max(shown[team], there)
        await asyncio.sleep(LOOK_EVERY_S)


def _now() -> int:
    return time.monotonic_ns() // 1_000_000


def _body(team: str, now: int) -> dict[str, object]:
    """One prompt of a new person of a team, as Claude Code says it."""
    told = {
        "event.name": "user_prompt",
        "event.timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now / 1000)) + f".{now % 1000:03}Z",
        "event.sequence": "0",
        "session.id": str(uuid.uuid4()),
        "user.email": f"{uuid.uuid4()}@example.com",
        "prompt_length": "120",
    }
    record = {
        "timeUnixNano": str(now * 1_000_000),
        "body": {"stringValue": "claude_code.user_prompt"},
        "attributes": _attributes(told),
    }
    resource = {"attributes": _attributes({"service.name": "claude-code", "service.version": "2.1.0", "team.id": team})}
    scope = {"name": "com.anthropic.claude_code.events", "version": "2.1.0"}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": [record]}]}]}


def _attributes(values: dict[str, str]) -> Sequence[dict[str, object]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]
