"""A team's sessions as detectors see them: numbers only, years of them in a second. Rule: the seed decides all.

People differ (gamma), their weeks differ (gamma), a person's sessions resemble each other (beta, by ICC) and those of
one day more so; hours follow a rhythm, weekends are empty, some weekdays are holidays. A change begins at a day and
multiplies everybody's chance. Days are counted from a Monday; working days are five in seven.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
BEGAN = 1_736_121_600_000
"""Monday 2025-01-06, 00:00 UTC: day 0."""
OPENS, HOURS = 9, 9
"""Working hours: from 9:00, nine of them."""
_BY_HOUR = np.array([0.6, 1, 1.2, 1, 0.7, 1.1, 1.2, 1.1, 0.7])
_UP_TO_HOUR = np.cumsum(_BY_HOUR / _BY_HOUR.sum())
_MEAN_SWING = float(np.cos(2 * np.pi * (np.arange(HOURS) + 0.5) / HOURS) @ _BY_HOUR / _BY_HOUR.sum())

ONE_CALL = (0.0, 0.0)


@dataclass(frozen=True)
class Trait:
    """What is counted of sessions: how often teams do it, how they differ, how alike the sessions of one person are."""

    mean: float
    """Of all teams."""
    spread: float
    """Standard deviation between teams."""
    a_week: float
    """Sessions that count, of one person in one week."""
    person: float
    """ICC of one person's sessions."""
    day: float
    """ICC of one person's sessions of one day, besides."""
    session: float = 0.0
    """ICC of the calls of one session, besides; 0: a session is one event."""
    calls: tuple[float, float] = ONE_CALL
    """Calls of a session: mean and deviation of the logarithm."""

    def of_team(self, random: np.random.Generator) -> float:
        """The own rate of one team."""
        strength = self.mean * (1 - self.mean) / self.spread**2 - 1
        drawn = random.beta(self.mean * strength, (1 - self.mean) * strength)
        return float(np.clip(drawn, self.mean / 6, 1 - (1 - self.mean) / 6))

    def clustered(self, times: float) -> "Trait":
        """The same with people and days so many times as much alike, at most 0.2."""
        return replace(self, person=min(0.2, self.person * times), day=min(0.2, self.day * times))


@dataclass(frozen=True)
class Change:
    """From a day on, everybody's chance is multiplied by `times`: at once, or rising over so many days."""

    day: int
    times: float
    over: int = 0

    def factor(self, day: Ints) -> Floats:
        """By which each of these days multiplies."""
        grown = np.clip((day - self.day + 1) / max(1, self.over), 0.0, 1.0) if self.over else (day >= self.day) * 1.0
        return np.asarray(1 + (self.times - 1) * grown)


NO_CHANGE = Change(1 << 40, 1.0)


@dataclass(frozen=True)
class Incident:
    """A span of time, epoch milliseconds, in which chances are multiplied: something that all teams share."""

    begins: int
    ends: int
    times: float


@dataclass(frozen=True)
class World:
    """How life is, besides the trait."""

    weeks: int
    holidays: float = 0.03
    """Of weekdays: a tenth of the sessions."""
    rhythm: float = 0.3
    """By how much a chance swings over the day, relative."""
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True)
class Sessions:
    """One team's sessions in the order of closing."""

    people: int
    rate: float
    """The team's own, before any change."""
    at: Ints
    """Epoch milliseconds."""
    person: Ints
    calls: Ints
    """1 where a session is one event."""
    hits: Ints
    """Of the calls: those that did it."""
    amount: Floats = field(default_factory=lambda: np.empty(0))
    """Where money is meant: what it cost, in micro-dollars."""

    @property
    def day(self) -> Ints:
        """Days since the beginning."""
        return (self.at - BEGAN) // DAY_MS

    def part(self, first: int, end: int) -> "Sessions":
        """Of these days, `end` not among them."""
        low, high = np.searchsorted(self.at, [BEGAN + first * DAY_MS, BEGAN + end * DAY_MS])
        cut = slice(int(low), int(high))
        amount = self.amount[cut] if self.amount.size else self.amount
        return replace(
            self, at=self.at[cut], person=self.person[cut], calls=self.calls[cut], hits=self.hits[cut], amount=amount
        )


def working_days(at: int, since: int) -> float:
    """Working days from one moment to another, a day of nine hours being one.

    >>> monday = BEGAN + 9 * HOUR_MS
    >>> working_days(monday + 7 * DAY_MS + 4 * HOUR_MS + HOUR_MS // 2, monday)
    5.5
    """
    return _on_clock(at) - _on_clock(since)


def _on_clock(at: int) -> float:
    day, ms = divmod(at - BEGAN, DAY_MS)
    week, weekday = divmod(day, 7)
    if weekday > 4:
        return float(week * 5 + 5)
    return week * 5 + weekday + min(1.0, max(0.0, (ms / HOUR_MS - OPENS) / HOURS))


def team(
    trait: Trait,
    people: int,
    world: World,
    seed: int,
    *,
    rate: float | None = None,
    change: Change = NO_CHANGE,
    falls: bool = False,
) -> Sessions:
    """One team's life. The same seed with another change is the same life until then. `rate`: its own, else drawn.

    With `falls` the rate is that of hits still, but what a change multiplies is the chance that there is none.
    """
    who, day, at = visits(people, trait.a_week, world, seed)
    own = trait.of_team(generator(seed, "rate")) if rate is None else rate
    chance = 1 - own if falls else own
    busy = activity(people, seed)
    habit = alike(generator(seed, "people"), np.full(people, chance), trait.person)
    habit = np.clip(habit * chance * busy.sum() / (busy @ habit), 0.0, 0.99 if falls else 0.9)
    keys, place = np.unique(day * people + who, return_inverse=True)
    of_day = np.minimum(habit[keys % people] * change.factor(keys // people), 0.97)
    today = alike(generator(seed, "days"), of_day, trait.day)[place]
    hour = ((at - BEGAN) % DAY_MS) / HOUR_MS - OPENS
    today = today * (1 + world.rhythm * (np.cos(2 * np.pi * hour / HOURS) - _MEAN_SWING))
    for incident in world.incidents:
        today = np.where((at >= incident.begins) & (at < incident.ends), today * incident.times, today)
    today = np.minimum(today, 0.97)
    calls = np.ones(len(at), np.int64)
    if trait.calls == ONE_CALL:
        hits = (generator(seed, "hits").random(len(at)) < today).astype(np.int64)
    else:
        calls = np.maximum(1, np.exp(generator(seed, "calls").normal(*trait.calls, len(at)))).astype(np.int64)
        of_session = alike(generator(seed, "sessions"), today, trait.session)
        hits = generator(seed, "hits").binomial(calls, of_session).astype(np.int64)
    return Sessions(people, own, at, who, calls, calls - hits if falls else hits)


def generator(seed: int, what: str) -> np.random.Generator:
    """The numbers of one kind: kinds apart, so that a change in one leaves the others as they are."""
    return np.random.default_rng([seed, *what.encode()])


def activity(people: int, seed: int) -> Floats:
    """How busy each is, 1 on average."""
    drawn = generator(seed, "activity").gamma(4.0, 0.25, people)
    return np.asarray(drawn * people / drawn.sum())


def visits(people: int, a_week: float, world: World, seed: int) -> tuple[Ints, Ints, Ints]:
    """Who has a session, on which day and when it closes (epoch milliseconds); one entry a session, by time."""
    random = generator(seed, "visits")
    weekly = activity(people, seed)[:, None] * random.gamma(2.0, 0.5, (people, world.weeks))
    open_days = np.where(random.random((world.weeks, 5)) < world.holidays, 0.1, 1.0)
    expected = weekly[:, :, None] * open_days[None] * (a_week / 5)
    counts = random.poisson(expected).reshape(people, -1)
    who = np.repeat(np.repeat(np.arange(people), counts.shape[1]), counts.ravel())
    days = np.arange(world.weeks)[:, None] * 7 + np.arange(5)
    day = np.repeat(np.tile(days.ravel(), people), counts.ravel())
    hour = np.searchsorted(_UP_TO_HOUR[:-1], random.random(len(day))) + random.random(len(day))
    at = BEGAN + day * DAY_MS + ((OPENS + hour) * HOUR_MS).astype(np.int64)
    order = np.argsort(at, kind="stable")
    return who[order], day[order], at[order]


def alike(random: np.random.Generator, mean: Floats, icc: float) -> Floats:
    """A chance for each, around its mean; icc 0: the mean itself."""
    if icc <= 0:
        return mean
    strength = 1 / icc - 1
    return random.beta(np.maximum(mean * strength, 1e-3), np.maximum((1 - mean) * strength, 1e-3))
