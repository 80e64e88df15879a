"""What each detector is tried on: its simulated world, the changes to find, the stream's rule, the best possible.

Rule: the rule is the stream's class with the stream's parameters; a subject only feeds it, in the order of time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np

from ammeter.backtesting.rivals import evidence
from sources.simulator.usage import Costs, Days, Minutes, Presence, Requests
from sources.simulator.verdicts import (
    BEGAN,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    NO_CHANGE,
    Change,
    Floats,
    Incident,
    Ints,
    Sessions,
    Trait,
    World,
    team,
)
from streams.detect.calendar import Calendar
from streams.detect.cost import Cost
from streams.detect.finding import Finding
from streams.detect.parameters import Calibration
from streams.detect.people import People
from streams.detect.proportion import Proportion
from streams.detect.requests import Requests as RequestsRule
from streams.detect.silence import Silence, expected

CHANGE_DAY = 140
"""The Monday on which changes begin, after 20 weeks of history."""
CHANGED_AT = BEGAN + CHANGE_DAY * DAY_MS + 9 * HOUR_MS
STRONG = 3.3
"""In the harsh world, people and days are so many times as much alike."""

INCIDENTS = tuple(
    Incident(begins, begins + 4 * HOUR_MS, 3.0)
    for begins in (BEGAN + (7 * week + 2) * DAY_MS + 10 * HOUR_MS for week in range(3, 200, 6))
)
"""There, too: every six weeks, four hours of a Wednesday in which everybody's chances are three times as high."""

Found = Iterator[Finding]


class Scenario(NamedTuple):
    """A change that is to be found."""

    name: str
    times: float
    """What it multiplies: the rate, the cost; of requests and silence, the share itself."""
    over: int = 0
    """Days over which it grows; 0: at once."""

    @property
    def change(self) -> Change:
        """As the simulation takes it."""
        return Change(CHANGE_DAY, self.times, self.over)


class Subject(Protocol):
    """One detector's trial."""

    @property
    def name(self) -> str:
        """As in streams.detect.catalogue."""

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Which changes are to be found."""

    @property
    def a_week(self) -> float:
        """Signals of a person in a week, for the size of a trial."""

    def life(
        self, people: int, weeks: int, seed: int, scenario: Scenario | None = None, *, strong: bool = False
    ) -> Any:
        """A team's signals. With a scenario, of a team at the usual rate; else its own rate is drawn."""

    def rule(self, calibration: Calibration, packed: bytes = b"") -> Any:
        """The stream's rule of one team, with nothing seen yet or as it was packed."""

    def play(self, rule: Any, life: Any) -> Found:
        """What the rule finds."""

    def steps(self, life: Any, scenario: Scenario) -> tuple[Ints, Floats] | None:
        """When, and what each signal adds to the best possible CUSUM; None where that is not known."""


@dataclass(frozen=True)
class Proportions:
    """A share of sessions, or of calls."""

    name: str
    trait: Trait
    usual: float
    """The rate of teams that change."""
    scenarios: tuple[Scenario, ...]
    falls: bool = False
    """It is the others that become fewer."""

    @property
    def a_week(self) -> float:
        return self.trait.a_week

    def life(
        self, people: int, weeks: int, seed: int, scenario: Scenario | None = None, *, strong: bool = False
    ) -> Sessions:
        trait = self.trait.clustered(STRONG) if strong else self.trait
        rate, change = (None, NO_CHANGE) if scenario is None else (self.usual, scenario.change)
        world = World(weeks, incidents=INCIDENTS if strong else ())
        return team(trait, people, world, seed, rate=rate, change=change, falls=self.falls)

    def rule(self, calibration: Calibration, packed: bytes = b"") -> Proportion:
        told = calibration.of(self.name)
        return Proportion.unpack(self.name, told, packed) if packed else Proportion(self.name, told)

    def play(self, rule: Proportion, life: Sessions) -> Found:
        columns = (life.at, life.at // DAY_MS, life.person, life.hits, life.calls)
        take = rule.take
        for at, day, person, hits, calls in zip(*(column.tolist() for column in columns), strict=True):
            found = take(at, day, person, hits, calls)
            if found is not None:
                yield found

    def steps(self, life: Sessions, scenario: Scenario) -> tuple[Ints, Floats]:
        rate = life.rate
        changed = 1 - (1 - rate) * scenario.times if self.falls else min(0.9, rate * scenario.times)
        weight = np.ones(len(life.at)) if self.trait.session == 0 else _weights(life)
        return life.at, evidence(life.hits, life.calls, weight, rate, changed)


def _weights(life: Sessions, rho: float = 0.02) -> Floats:
    """What calls of one person and day add when they resemble each other."""
    keys, place = np.unique(life.day * life.people + life.person, return_inverse=True)
    order = np.argsort(place, kind="stable")
    sums = np.cumsum(life.calls[order])
    first = np.searchsorted(place[order], np.arange(len(keys)))
    before_day = np.concatenate([[0], sums])[first]
    after = np.empty(len(order))
    after[order] = sums - before_day[place[order]]
    before = after - life.calls

    def counted(calls: Floats) -> Floats:
        return calls / (1 + np.maximum(calls - 1, 0) * rho)

    return np.asarray(counted(after) - counted(before))


@dataclass(frozen=True)
class CostPerSuccess:
    """What a verified success costs."""

    scenarios: tuple[Scenario, ...]
    name: str = "cost_per_success"
    costs: Costs = field(default_factory=Costs)

    @property
    def a_week(self) -> float:
        return self.costs.a_week

    def life(
        self, people: int, weeks: int, seed: int, scenario: Scenario | None = None, *, strong: bool = False
    ) -> Sessions:
        more = 1.5 if strong else 1.0
        costs = Costs(people=self.costs.people * more, days=self.costs.days * more)
        return costs.of_team(people, World(weeks), seed, NO_CHANGE if scenario is None else scenario.change)

    def rule(self, calibration: Calibration, packed: bytes = b"") -> Cost:
        told = calibration.of(self.name)
        return Cost.unpack(self.name, told, packed) if packed else Cost(self.name, told)

    def play(self, rule: Cost, life: Sessions) -> Found:
        columns = (life.at, life.at // DAY_MS, life.person, life.amount.astype(np.int64), life.hits.astype(bool))
        for at, day, person, micros, verified in zip(*(column.tolist() for column in columns), strict=True):
            found = rule.take(at, day, person, micros, verified)
            if found is not None:
                yield found

    def steps(self, life: Sessions, scenario: Scenario) -> tuple[Ints, Floats]:
        """The mean and the deviation that it knows are those of the history before the change."""
        success = np.flatnonzero(life.hits)
        spent = np.log(np.diff(np.concatenate([[0.0], np.cumsum(life.amount)[success]])))
        before = spent[life.at[success] < CHANGED_AT]
        mean, deviation = before.mean(), before.std()
        shift = np.log(scenario.times) / deviation
        return life.at[success], shift * ((spent - mean) / deviation - shift / 2)


@dataclass(frozen=True)
class ApiFailures:
    """Failed model requests, by the minute."""

    scenarios: tuple[Scenario, ...]
    name: str = "api_failures"
    requests: Requests = field(default_factory=Requests)
    a_week: float = 60.0
    """Fewer than a person's 285 minutes with requests: of one minute all of a team are one signal."""

    def life(
        self, people: int, weeks: int, seed: int, scenario: Scenario | None = None, *, strong: bool = False
    ) -> Minutes:
        requests = Requests(broken_days=self.requests.broken_days * (STRONG if strong else 1))
        outage = None if scenario is None else (CHANGED_AT, 1 << 60, scenario.times)
        return requests.of_team(people, World(weeks), seed, outage)

    def rule(self, calibration: Calibration, packed: bytes = b"") -> RequestsRule:
        told = calibration.of(self.name)
        return RequestsRule.unpack(self.name, told, packed) if packed else RequestsRule(self.name, told)

    def play(self, rule: RequestsRule, life: Minutes) -> Found:
        moments, first = np.unique(life.at, return_index=True)
        responses = np.add.reduceat(life.requests - life.failures, first) if len(first) else first
        failing: dict[int, dict[int, int]] = {}
        for place in np.flatnonzero(life.failures):
            failing.setdefault(int(life.at[place]), {})[int(life.person[place])] = int(life.failures[place])
        none: Mapping[int, int] = {}
        for at, answered in zip(moments.tolist(), responses.tolist(), strict=True):
            found = rule.take(at + MINUTE_MS, at // DAY_MS, failing.get(at, none), answered)
            if found is not None:
                yield found

    def steps(self, life: Minutes, scenario: Scenario) -> None:
        """A test that knows whose network is broken when would know more than can be known."""
        return


@dataclass
class SilentTeam:
    """A team's people, and the rule about their silence."""

    people: People
    silence: Silence

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self.silence.is_open

    def pack(self) -> bytes:
        """All that both remember."""
        return msgspec.msgpack.encode((self.people, self.silence.pack()))


@dataclass(frozen=True)
class Silent:
    """People who usually send and do not."""

    scenarios: tuple[Scenario, ...]
    name: str = "silence"
    presence: Presence = field(default_factory=Presence)
    a_week: float = 5.0

    def life(
        self, people: int, weeks: int, seed: int, scenario: Scenario | None = None, *, strong: bool = False
    ) -> Days:
        presence = Presence(off=0.01) if strong else self.presence
        silent = None if scenario is None else (CHANGE_DAY, scenario.times)
        return presence.of_team(people, World(weeks), seed, silent)

    def rule(self, calibration: Calibration, packed: bytes = b"") -> SilentTeam:
        told = calibration.of(self.name)
        if not packed:
            return SilentTeam(People(), Silence(self.name, told))
        people, rule = msgspec.msgpack.decode(packed, type=tuple[People, bytes])
        return SilentTeam(people, Silence.unpack(self.name, told, rule))

    def play(self, rule: SilentTeam, life: Days) -> Found:
        first = BEGAN // DAY_MS
        holidays = [str(np.datetime64(int(day) + first, "D")) for day in life.day[life.is_holiday]]
        calendar = Calendar(holidays=frozenset(holidays))
        for day, is_holiday, sent in zip(life.day.tolist(), life.is_holiday.tolist(), life.sent, strict=True):
            if is_holiday:
                continue
            today = first + day
            for person in np.flatnonzero(sent).tolist():
                rule.people.seen(person, today)
            rule.people.forget(today)
            found = rule.silence.end_of_day(calendar.start(today + 1), today, *expected(rule.people, today, calendar))
            if found is not None:
                yield found

    def steps(self, life: Days, scenario: Scenario) -> tuple[Ints, Floats]:
        """It knows how many are usually silent."""
        open_days = ~life.is_holiday
        day, silent = life.day[open_days], (~life.sent[open_days]).sum(axis=1)
        people = life.sent.shape[1]
        usual = silent[day < CHANGE_DAY].sum() / max(1, (day < CHANGE_DAY).sum() * people)
        changed = usual + scenario.times * (1 - usual) - 1e-6
        steps = silent * np.log(changed / usual) + (people - silent) * np.log((1 - changed) / (1 - usual))
        return BEGAN + day * DAY_MS + 18 * HOUR_MS, steps


SIX_WEEKS = 42
CALLS = (3.73, 1.2)
"""Of a session: mean and deviation of the logarithm, as recorded."""

SUBJECTS: tuple[Subject, ...] = (
    Proportions(
        "abandonment",
        Trait(0.065, 0.02, 4.0, person=0.03, day=0.05),
        0.07,
        (
            Scenario("7 to 19 %", 19 / 7),
            Scenario("7 to 14 %", 2.0),
            Scenario("7 to 19 % in 6 weeks", 19 / 7, SIX_WEEKS),
        ),
    ),
    Proportions(
        "tool_failures",
        Trait(0.037, 0.01, 12.0, person=0.002, day=0.01, session=0.014, calls=CALLS),
        0.037,
        (Scenario("4 to 11 %", 3.0), Scenario("4 to 7 %", 2.0), Scenario("4 to 11 % in 6 weeks", 3.0, SIX_WEEKS)),
    ),
    ApiFailures((Scenario("to 30 %", 0.3), Scenario("to 10 %", 0.1))),
    Proportions(
        "success",
        Trait(0.72, 0.05, 12.0, person=0.05, day=0.05),
        0.72,
        (Scenario("28 to 7 %", 0.25), Scenario("28 to 14 %", 0.5), Scenario("28 to 7 % in 6 weeks", 0.25, SIX_WEEKS)),
        falls=True,
    ),
    CostPerSuccess((Scenario("twice", 2.0), Scenario("1.5 times", 1.5), Scenario("twice in 6 weeks", 2.0, SIX_WEEKS))),
    Silent((Scenario("all", 1.0), Scenario("half", 0.5))),
    Proportions("trouble", Trait(0.32, 0.04, 12.0, person=0.05, day=0.05), 0.32, (Scenario("32 to 55 %", 55 / 32),)),
    Proportions(
        "rejections",
        Trait(0.009, 0.003, 12.0, person=0.01, day=0.01, session=0.017, calls=CALLS),
        0.009,
        (Scenario("1 to 4 %", 4.4),),
    ),
    Proportions("restarts", Trait(0.03, 0.01, 12.0, person=0.03, day=0.05), 0.03, (Scenario("3 to 10 %", 10 / 3),)),
)
"""In the order of the catalogue."""
