"""Whole organisations in the stage of the stream: the roll-up, what it spares the teams, buckets of small teams.

Rule: the stage hears nothing but verdicts on troubled sessions, in the order in which they were given.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

from ammeter.backtesting.figures import Delay, Rate, delay, rate
from ammeter.backtesting.subjects import SUBJECTS, Proportions
from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.detection import Scope
from sources.simulator.verdicts import (
    BEGAN,
    DAY_MS,
    HOUR_MS,
    NO_CHANGE,
    Change,
    Incident,
    Sessions,
    World,
    team,
    working_days,
)
from streams.detect.parameters import Calibration
from streams.detect.stage import Detect

ABANDONMENT = next(each for each in SUBJECTS if isinstance(each, Proportions))
"""What is tried, the first of the catalogue; the rule is the same for all that are rolled up."""
USUAL, RISES = 0.07, 19 / 7

CHANGE_DAY = 84
"""The Monday on which a change begins: after as many days as a baseline reaches back."""
WEEKS = CHANGE_DAY // 7 + 10
INCIDENT_WEEKS = range(12, WEEKS, 3)
"""In these an incident befalls everybody, on Wednesday from ten o'clock on."""

TEAMS, PEOPLE = 20, 12
SMALL_TEAMS, SMALL_PEOPLE = 8, 3


class Life(NamedTuple):
    """What happens to an organisation, and whom one is to be told of."""

    name: str
    scope: Scope = "organisation"
    teams: int = TEAMS
    people: int = PEOPLE
    rising: int = 0
    """So many of the teams go from 7 to 19 %."""
    hours: int = 0
    """How long incidents last, in which everybody's chances are three times as high."""

    @property
    def events(self) -> list[int]:
        """When that begins which is to be found, in milliseconds."""
        if self.hours:
            return [BEGAN + (7 * week + 2) * DAY_MS + 10 * HOUR_MS for week in INCIDENT_WEEKS]
        return [BEGAN + CHANGE_DAY * DAY_MS + 9 * HOUR_MS] if self.rising else []

    @property
    def after(self) -> int:
        """So long after its beginning an alert is due to it: of an incident a week, of a change four."""
        return (7 if self.hours else 28) * DAY_MS


LIVES = (
    Life("nothing happens"),
    Life("all teams 7 to 19 %", rising=TEAMS),
    Life("one team 7 to 19 %", rising=1),
    Life("three times for a working day", hours=9),
    Life("nothing happens", "bucket", SMALL_TEAMS, SMALL_PEOPLE),
    Life("all teams 7 to 19 %", "bucket", SMALL_TEAMS, SMALL_PEOPLE, rising=SMALL_TEAMS),
    Life("one team 7 to 19 %", "bucket", SMALL_TEAMS, SMALL_PEOPLE, rising=1),
)

QUICK_LIVES = (
    Life("all teams 7 to 19 %", teams=6, rising=6),
    Life("all teams 7 to 19 %", "bucket", SMALL_TEAMS, SMALL_PEOPLE, rising=SMALL_TEAMS),
)


class Lived(NamedTuple):
    """When alerts opened in one organisation."""

    scope: list[int]
    """Of the organisation, or of the bucket."""
    teams: list[int]
    alone: list[int]
    """Of the teams, if each were watched by itself alone."""


@dataclass
class Together:
    """What came out for one kind of life."""

    life: Life
    false_alarms: Rate
    """Of the organisation or the bucket where nothing has happened yet, per 100 weeks of a team."""
    delay: Delay
    teams: Rate
    """Alerts of teams after what happened, per 100 team-weeks; where nothing happens, at any time."""
    alone: Rate
    """The same without roll-up."""


def live(life: Life, seed: int, calibration: Calibration) -> Lived:
    """One organisation, from its first day on."""
    stage, opened = Detect(calibration), dict[bytes, wire.Anomaly]()
    stage.begin(0)
    sessions = list(_teams(life, seed))
    flushed = 0
    for at, key, verdict in _verdicts(sessions):
        if at >= flushed + DAY_MS:
            flushed = at
            _drain(stage, at, opened)
        stage.take(key, verdict, at)
    _drain(stage, flushed + DAY_MS, opened)
    found = Lived([], [], [])
    for row in opened.values():
        if row.detector == ABANDONMENT.name and row.scope in (life.scope, "team"):
            (found.teams if row.scope == "team" else found.scope).append(row.opened_at)
    for each in sessions:
        rule = ABANDONMENT.rule(calibration)
        found.alone.extend(told.at for told in ABANDONMENT.play(rule, each) if told.status == "firing")
    return found


def summed(life: Life, lived: Sequence[Lived]) -> Together:
    """Of several organisations."""
    events, end = life.events, BEGAN + WEEKS * 7 * DAY_MS
    quiet = min(events, default=end)
    waited = [
        min((working_days(at, event) for at in each.scope if event <= at < event + life.after), default=math.inf)
        for each in lived
        for event in events
    ]
    spans = [(event, event + life.after) for event in events] or [(BEGAN, end)]
    weeks = sum(ends - begins for begins, ends in spans) / (7 * DAY_MS) * life.teams

    def of_teams(all_of: Sequence[Sequence[int]]) -> Rate:
        return rate([sum(begins <= at < ends for at in each for begins, ends in spans) for each in all_of], weeks)

    calm = [sum(at < quiet for at in each.scope) for each in lived]
    return Together(
        life,
        rate(calm, (quiet - BEGAN) / (7 * DAY_MS) * life.teams),
        delay(waited),
        of_teams([each.teams for each in lived]),
        of_teams([each.alone for each in lived]),
    )


def _drain(stage: Detect, now: int, opened: dict[bytes, wire.Anomaly]) -> None:
    for topic, key, value in stage.changed(now, 1).tables:
        if topic == "anomalies" and value is not None:
            opened.setdefault(key, msgspec.msgpack.decode(value, type=wire.Anomaly))


def _teams(life: Life, seed: int) -> Iterator[Sessions]:
    starts = life.events if life.hours else []
    world = World(WEEKS, incidents=tuple(Incident(at, at + life.hours * HOUR_MS, 3.0) for at in starts))
    for number in range(life.teams):
        is_rising = number < life.rising
        change = Change(CHANGE_DAY, RISES) if is_rising else NO_CHANGE
        own = USUAL if is_rising else None
        yield team(ABANDONMENT.trait, life.people, world, seed * 1000 + number, rate=own, change=change)


def _verdicts(teams: Sequence[Sessions]) -> Iterator[tuple[int, bytes, bytes]]:
    at = np.concatenate([each.at for each in teams])
    number = np.repeat(np.arange(len(teams)), [len(each.at) for each in teams])
    person = np.concatenate([each.person for each in teams])
    hits = np.concatenate([each.hits for each in teams])
    for place in np.argsort(at, kind="stable").tolist():
        moment, of, who = int(at[place]), int(number[place]), int(person[place])
        verdict = wire.SessionVerdict(
            version=1,
            definitions=DEFINITIONS,
            user_id=f"u{of}-{who}",
            team_id=f"team-{of}",
            source="claude-code",
            is_interactive=True,
            started_at=moment,
            ended_at=moment,
            judged_at=moment,
            outcome="abandoned_after_trouble" if hits[place] else "unknown",
            is_troubled=True,
            signs=0,
            confidence="medium",
        )
        yield moment, msgspec.msgpack.encode((f"s{place}", moment)), msgspec.msgpack.encode(verdict)
