"""A team's costs, model requests and silence, numbers only, as verdicts.py. Rule: the seed decides all.

Costs of sessions are log-normal, people and their days differ. Requests come in sessions of half an hour; few of them
fail, but those of one person whose network is broken fail together. People are away on some days, on leave for weeks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sources.simulator.verdicts import (
    BEGAN,
    DAY_MS,
    MINUTE_MS,
    NO_CHANGE,
    Change,
    Ints,
    Sessions,
    World,
    alike,
    generator,
    visits,
)


@dataclass(frozen=True)
class Costs:
    """What a session costs, as logarithms of micro-dollars."""

    median: float = float(np.log(1_000_000))
    teams: float = 0.5
    """Standard deviation between teams, as all that follow: between their people, their days, and their sessions."""
    people: float = 0.45
    days: float = 0.25
    sessions: float = 1.0
    verified: float = 0.28
    """Of sessions: end in a verified success."""
    a_week: float = 12.0
    """Sessions of a person."""

    def of_team(self, people: int, world: World, seed: int, change: Change = NO_CHANGE) -> Sessions:
        """One team's sessions with what each cost; hits: verified. `rate` is the median cost in dollars."""
        who, day, at = visits(people, self.a_week, world, seed)
        median = generator(seed, "rate").normal(self.median, self.teams)
        keys, place = np.unique(day * people + who, return_inverse=True)
        level = generator(seed, "people").normal(0, self.people, people)[keys % people]
        level += generator(seed, "days").normal(0, self.days, len(keys)) + median
        level += np.log(change.factor(keys // people))
        amount = np.exp(level[place] + generator(seed, "sessions").normal(0, self.sessions, len(at)))
        hits = (generator(seed, "hits").random(len(at)) < self.verified).astype(np.int64)
        return Sessions(people, float(np.exp(median)) / 1e6, at, who, np.ones(len(at), np.int64), hits, amount)


@dataclass(frozen=True)
class Minutes:
    """Model requests of one team: one entry for each person and minute in which there was one."""

    people: int
    at: Ints
    """When the minute began; rising."""
    person: Ints
    requests: Ints
    """Answered and failed."""
    failures: Ints

    def part(self, first: int, end: int) -> "Minutes":
        """Of these days, `end` not among them."""
        low, high = np.searchsorted(self.at, [BEGAN + first * DAY_MS, BEGAN + end * DAY_MS])
        cut = slice(int(low), int(high))
        return Minutes(self.people, self.at[cut], self.person[cut], self.requests[cut], self.failures[cut])


@dataclass(frozen=True)
class Requests:
    """How people ask, and what fails."""

    a_week: float = 12.0
    """Sessions of a person."""
    minutes: float = 24.0
    """Of a session in which requests come, on average."""
    a_minute: float = 3.0
    failed: float = 0.001
    broken_days: float = 0.02
    """Of a person's days: their own network breaks once."""
    broken_minutes: tuple[int, int] = (5, 30)
    broken_failed: float = 0.6

    def of_team(self, people: int, world: World, seed: int, outage: tuple[int, int, float] | None = None) -> Minutes:
        """`outage`: from when (epoch ms), to when, and the share that fails meanwhile, for everybody alike."""
        random = generator(seed, "requests")
        who, _, began = visits(people, self.a_week, world, seed)
        first = (began - BEGAN) // MINUTE_MS
        length = random.geometric(1 / self.minutes, len(first))
        each = np.repeat(np.arange(len(first)), length)
        minute = first[each] + np.arange(len(each)) - np.repeat(np.cumsum(length) - length, length)
        keys, place = np.unique(minute * people + who[each], return_inverse=True)
        requests = np.bincount(place, random.poisson(self.a_minute, len(each))).astype(np.int64)
        at, person = BEGAN + keys // people * MINUTE_MS, keys % people
        chance = np.where(self._broken(random, people, at, person), self.broken_failed, self.failed)
        if outage is not None:
            begins, ends, share = outage
            chance = np.where((at >= begins) & (at < ends), np.maximum(chance, share), chance)
        failures = generator(seed, "hits").binomial(requests, chance).astype(np.int64)
        some = requests > 0
        return Minutes(people, at[some], person[some], requests[some], failures[some])

    def _broken(self, random: np.random.Generator, people: int, at: Ints, person: Ints) -> NDArray[np.bool_]:
        """In which of these minutes the person's own network is broken."""
        day = (at - BEGAN) // DAY_MS
        keys, place = np.unique(day * people + person, return_inverse=True)
        low, high = self.broken_minutes
        starts = np.where(random.random(len(keys)) < self.broken_days, random.integers(0, 540, len(keys)), 1 << 40)
        ends = starts + random.integers(low, high + 1, len(keys))
        of_day = (at - BEGAN) % DAY_MS // MINUTE_MS - 9 * 60
        return np.asarray((of_day >= starts[place]) & (of_day < ends[place]))


@dataclass(frozen=True)
class Days:
    """Who sent anything on which working day."""

    day: Ints
    is_holiday: NDArray[np.bool_]
    """Known to the calendar."""
    sent: NDArray[np.bool_]
    """A row a day, a column a person."""

    def part(self, first: int, end: int) -> "Days":
        """Of these days, `end` not among them."""
        low, high = np.searchsorted(self.day, [first, end])
        cut = slice(int(low), int(high))
        return Days(self.day[cut], self.is_holiday[cut], self.sent[cut])


@dataclass(frozen=True)
class Presence:
    """How often people who use it send something."""

    sends: float = 0.85
    """Of working days."""
    person: float = 0.1
    """ICC of one person's days."""
    leave: float = 0.08
    """Of a person's weeks: away."""
    off: float = 0.0
    """Of working days: the whole team is off, and no calendar says so."""

    def of_team(self, people: int, world: World, seed: int, silent: tuple[int, float] | None = None) -> Days:
        """`silent`: from which day on, and which share of the people sends nothing more."""
        random = generator(seed, "presence")
        habit = alike(random, np.full(people, self.sends), self.person)
        day = (np.arange(world.weeks)[:, None] * 7 + np.arange(5)).ravel()
        away = np.repeat(random.random((world.weeks, people)) < self.leave, 5, axis=0)
        holiday = random.random(len(day)) < world.holidays
        off = random.random(len(day)) < self.off
        sent = (random.random((len(day), people)) < habit) & ~away & ~(holiday | off)[:, None]
        if silent is not None:
            since, share = silent
            sent &= ~((day >= since)[:, None] & (random.permutation(people) < share * people))
        return Days(day, holiday, sent)
