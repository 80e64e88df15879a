"""What detectors hear of a demo: from its plans in a second, or from all its events in minutes.

`python -m tests.ammeter.demo_signals` folds the two weeks of one seed through the stages and prints how plans look in
verdicts: the shares that the quick way draws from.
"""

import random
import sys
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple, cast

import msgspec

from ammeter.history import DAY_MS, HISTORY_MS, PLAYED_MS, REFERENCE_MS
from ammeter.oneshot import FLUSH_MS
from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.evidence import Outcome
from schemas.people import UNASSIGNED, Pseudonyms
from schemas.signals import read_signal
from sources.simulator.canonical import messages
from sources.simulator.plan import Plan
from sources.simulator.simulation import Simulation, demo_simulation
from streams.metrics.sessions import Sessions
from streams.metrics.teams import Teams
from streams.metrics.users import Users

MINUTE = 60_000
BEGINS, NOW = REFERENCE_MS - HISTORY_MS, REFERENCE_MS

Shares = Mapping[tuple[bool, Outcome], float]

LOOKS: Mapping[str, Shares] = {
    "fine": {
        (False, "ended_clean"): 0.669,
        (False, "verified_success"): 0.184,
        (True, "unknown"): 0.048,
        (False, "unknown"): 0.038,
        (True, "verified_success"): 0.02,
        (True, "ended_clean"): 0.018,
        (False, "abandoned"): 0.012,
        (True, "abandoned_after_trouble"): 0.008,
        (True, "restarted"): 0.002,
        (False, "restarted"): 0.002,
    },
    "troubled": {
        (False, "ended_clean"): 0.514,
        (True, "unknown"): 0.15,
        (False, "verified_success"): 0.148,
        (True, "abandoned_after_trouble"): 0.057,
        (True, "verified_success"): 0.057,
        (False, "unknown"): 0.03,
        (True, "ended_clean"): 0.018,
        (True, "restarted"): 0.014,
        (False, "abandoned"): 0.009,
        (False, "restarted"): 0.002,
    },
    "troubled, verified": {
        (False, "verified_success"): 0.799,
        (True, "verified_success"): 0.097,
        (False, "ended_clean"): 0.05,
        (True, "unknown"): 0.023,
        (True, "abandoned_after_trouble"): 0.017,
        (True, "restarted"): 0.007,
        (False, "restarted"): 0.003,
        (True, "ended_clean"): 0.003,
    },
    "fine, verified": {
        (False, "verified_success"): 0.879,
        (True, "verified_success"): 0.056,
        (False, "ended_clean"): 0.054,
        (False, "unknown"): 0.004,
        (True, "unknown"): 0.003,
        (True, "abandoned_after_trouble"): 0.001,
        (True, "restarted"): 0.001,
        (False, "abandoned"): 0.001,
    },
    "abandoned": {
        (True, "abandoned_after_trouble"): 0.791,
        (False, "ended_clean"): 0.109,
        (True, "restarted"): 0.064,
        (False, "verified_success"): 0.036,
    },
}
"""Of plans of each kind, the first verdicts on their sessions: troubled or not, and the outcome. Measured, seed 7."""

ENDS_SEEN = 0.3
"""Of sessions: their end is told, and judged 15 minutes later; the others idle for half an hour first."""

FAILED, REFUSED = 0.027, 0.008
"""Of tool calls."""


class Told(NamedTuple):
    """A record of `signals`, and its time."""

    at: int
    key: bytes
    value: bytes


def kind(plan: Plan) -> str:
    """What happens in it."""
    what = "abandoned" if plan.abandoned else "troubled" if plan.trouble >= 0 else "fine"
    return f"{what}, verified" if plan.verified else what


def quick(seed: int) -> list[Told]:
    """Verdicts on two weeks, drawn from plans."""
    draw, found = random.Random(seed), []
    for number, plan in enumerate(demo_simulation(seed, NOW).plans(BEGINS, NOW)):
        looks = LOOKS[kind(plan)]
        troubled, outcome = draw.choices(list(looks), list(looks.values()))[0]
        calls = sum(turn.actions for turn in plan.turns)
        verdict = wire.SessionVerdict(
            version=1,
            definitions=DEFINITIONS,
            user_id=f"u_{plan.person.number}",
            team_id=plan.person.team_hint or UNASSIGNED,
            source="claude-code",
            is_interactive=not plan.printed,
            started_at=plan.at,
            ended_at=plan.end,
            judged_at=plan.end + (15 if draw.random() < ENDS_SEEN else 45) * MINUTE,
            outcome=outcome,
            is_troubled=troubled,
            signs=0,
            confidence="medium",
            cost_micros=int(draw.lognormvariate(13, 1.1)),
            tool_calls=calls,
            tool_failures=sum(draw.random() < FAILED for _ in range(calls)),
            tool_decisions=calls,
            user_rejections=sum(draw.random() < REFUSED for _ in range(calls)),
            prompts=len(plan.turns),
        )
        key = msgspec.msgpack.encode((f"s{number}", plan.at))
        found.append(Told(verdict.judged_at, key, msgspec.msgpack.encode(verdict)))
    return sorted(told for told in found if told.at <= NOW)


def whole(seed: int) -> Iterator[Told]:
    """All that detectors hear of a demo: the verdicts of history, then all that the stages say of the last 25 hours."""
    played = NOW - PLAYED_MS
    for told in fold(demo_simulation(seed, NOW), BEGINS, played, FLUSH_MS, played + DAY_MS):
        if isinstance(verdict := read_signal(told.key, told.value)[1], wire.SessionVerdict):
            yield Told(verdict.judged_at, told.key, told.value)
    yield from fold(replace(demo_simulation(seed, NOW), begins_ms=played), played, NOW, MINUTE, NOW)


def fold(simulation: Simulation, begins: int, ends: int, every: int, until: int) -> Iterator[Told]:
    """What the stages say of a span of time, flushed so often, when nothing comes after it until a moment."""
    stages = Sessions(), Users(), Teams()
    sessions, users, teams = stages
    for stage in stages:
        stage.begin(begins)
    flushed, version = begins, 0

    def flush(now: int) -> Iterator[Told]:
        for change in sessions.changed(now, version).changes:
            users.apply(change.value or b"", now)
        of_users = users.changed(now, version).changes
        for change in of_users:
            if change.topic == "team-changes":
                teams.apply(change.value or b"", now)
        for change in (*of_users, *teams.changed(now, version).changes):
            if change.topic == "signals":
                yield Told(now, change.key, change.value or b"")

    for message in messages(simulation, begins, ends, Pseudonyms(b"k" * 32)):
        if message.at_ms >= flushed + every:
            flushed, version = message.at_ms, version + 1
            yield from flush(flushed)
        sessions.apply(message.events, message.at_ms)
    for number in (1, 2):  # what closes in the first is judged in the second
        version += number
        yield from flush(until)


def looks(simulation: Simulation, told: Iterator[Told]) -> dict[str, Counter[tuple[bool, str]]]:
    """How plans of each kind look in the first verdicts on their sessions: by team, and the moment they began."""
    first: dict[bytes, wire.SessionVerdict] = {}
    for each in told:
        if isinstance(verdict := read_signal(each.key, each.value)[1], wire.SessionVerdict):
            first.setdefault(each.key, verdict)
    begun: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for key, verdict in first.items():
        begun[verdict.team_id].append((verdict.started_at, key))
    found: dict[str, Counter[tuple[bool, str]]] = defaultdict(Counter)
    for sessions in begun.values():
        sessions.sort()
    for plan in simulation.plans(BEGINS, NOW):
        mine = begun[plan.person.team_hint or UNASSIGNED]
        at = bisect(mine, (plan.at - 1000, b""))
        if not plan.printed and at < len(mine) and mine[at][0] < plan.at + MINUTE:
            said = first[mine[at][1]]
            found[kind(plan)][said.is_troubled, cast(str, said.outcome)] += 1
    return found


if __name__ == "__main__":
    chosen = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    for name, counts in looks(demo_simulation(chosen, NOW), whole(chosen)).items():
        shares = {look: round(count / counts.total(), 3) for look, count in counts.most_common()}
        sys.stdout.write(f"{name} ({counts.total()}): {shares}\n")
