"""Signals of three small months: teams of which one gives up more from the middle on, and one whose requests fail."""

import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.evidence import Outcome

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

TEAMS = {"red": 30, "blue": 12, "green": 12, "tiny": 4}
"""People; red is the one that gives up, blue the one whose requests fail."""

_encode = msgspec.msgpack.encode


class Told(NamedTuple):
    """A record of `signals`, and its time."""

    at: int
    key: bytes
    value: bytes


def signals(seed: int, begins: int, days: int) -> list[Told]:
    """In order of time; `begins` is a midnight, UTC."""
    draw = random.Random(seed)
    found = [
        told
        for day in range(days)
        if (begins // DAY + day + 3) % 7 < 5
        for told in _of_day(draw, begins + day * DAY, changed=day >= days // 2)
    ]
    return sorted(found, key=lambda told: told.at)


def _of_day(draw: random.Random, midnight: int, *, changed: bool) -> Iterator[Told]:
    for team, people in TEAMS.items():
        for person in range(people):
            for number in range(draw.randint(1, 4)):
                begun = midnight + draw.randint(9 * HOUR, 17 * HOUR)
                yield from _session(draw, team, f"{team}-{person}", number, begun, changed=changed)
        yield from _outage(draw, team, people, midnight + draw.randint(9 * HOUR, 16 * HOUR), changed=changed)


def _session(draw: random.Random, team: str, user_id: str, number: int, begun: int, *, changed: bool) -> Iterator[Told]:
    ended = begun + draw.randint(2, 50) * MINUTE
    troubled = draw.random() < 0.4
    gives_up = draw.random() < (0.5 if changed and team == "red" else 0.07)
    outcome: Outcome = "ended_clean" if draw.random() < 0.7 else "verified_success"
    outcome = "abandoned_after_trouble" if troubled and gives_up else outcome
    calls = draw.randint(3, 60)
    verdict = wire.SessionVerdict(
        version=1,
        definitions=DEFINITIONS,
        user_id=user_id,
        team_id=team,
        source="claude-code",
        is_interactive=draw.random() < 0.9,
        started_at=begun,
        ended_at=ended,
        judged_at=ended + 15 * MINUTE,
        outcome=outcome,
        is_troubled=troubled,
        signs=0,
        confidence="medium",
        cost_micros=draw.randint(10_000, 3_000_000),
        tool_calls=calls,
        tool_failures=sum(draw.random() < 0.04 for _ in range(calls)),
        tool_decisions=calls,
        user_rejections=int(draw.random() < 0.02),
        prompts=draw.randint(1, 9),
    )
    key = _encode((f"{user_id}-{begun}-{number}", begun))
    yield Told(verdict.judged_at, key, _encode(verdict))
    if draw.random() < 0.05:  # more of it came late
        later = verdict.judged_at + draw.randint(1, 20) * HOUR
        corrected = msgspec.structs.replace(verdict, outcome="unknown", judged_at=later, replaces=True)
        yield Told(later, key, _encode(corrected))


def _outage(draw: random.Random, team: str, people: int, begun: int, *, changed: bool) -> Iterator[Told]:
    """Forty minutes in which everybody's requests are told; of blue, from the middle on, half of them fail."""
    fails = changed and team == "blue"
    for minute in range(begun // MINUTE, begun // MINUTE + 40):
        failures, responses = 0, 0
        for person in range(people):
            asked = draw.randint(0, 4)
            failed = sum(draw.random() < (0.5 if fails else 0.001) for _ in range(asked))
            failures, responses = failures + failed, responses + asked - failed
            if failed:
                told = (1, DEFINITIONS, failed, asked - failed)
                yield Told((minute + 1) * MINUTE, _encode((team, minute, f"{team}-{person}")), _encode(told))
        sums = {c.RESPONSES: responses, c.API_FAILURES: failures}
        closed = (minute + 3) * MINUTE
        yield Told(closed, _encode((team, minute)), _encode((1, DEFINITIONS, sums, closed, False)))
