"""A simulation as a stream of requests or messages in order of time. Rule: a slice of time is the same however cut.

Memory holds the sessions that are live, nothing else: a session that idles over the slice's beginning is played when
its next turn comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import count
from math import exp
from random import Random
from typing import Literal

from sources.simulator import figures
from sources.simulator.batches import METRICS_EVERY_MS, Client, Delivery
from sources.simulator.organisation import DEMO_SIZES, Organisation, Person, even_sizes, generator, organisation, stream
from sources.simulator.plan import Plan, draw_plan
from sources.simulator.rates import Rates

EVENTS_PER_SESSION = 284
"""Canonical events of a mean session that comes at a rate, resends apart: measured, and held by a test."""

Sent = Literal["", "first", "cut", "again"]
"""As which of several sendings: "" once; "first", and "cut" in mid-body, are followed by "again" a second later."""

SCENARIOS = ("steady", "rising-abandonment")


@dataclass(frozen=True)
class Ramp:
    """From when to when the troubled team's people give up more and more, and how many of the troubled in the end."""

    begins_ms: int
    full_ms: int
    peak: float = 0.6

    def chance(self, usual: float, at: int) -> float:
        """The chance that a session beginning at `at` is abandoned if it hits trouble."""
        share = (at - self.begins_ms) / max(self.full_ms - self.begins_ms, 1)
        return usual + (self.peak - usual) * min(max(share, 0.0), 1.0)


def ramp_before(now_ms: int) -> Ramp:
    """The default: it grows from the eighth to the fifth day before now, and is whole since then."""
    return Ramp(now_ms - 8 * figures.DAY, now_ms - 5 * figures.DAY)


@dataclass(frozen=True)
class Simulation:
    """What is simulated: people in teams, at their own pace or at a rate, by a seed.

    rate: canonical events a second wanted overall, round the clock; without one, people keep their days and weeks.
    begins_ms: no session begins before. ramp: of the scenario `rising-abandonment` only.
    shift_ms: people live by the calendar of so many whole hours earlier, so that any hour can be a working hour.
    """

    teams: int
    users: int
    rate: float | None = None
    seed: int = 1
    scenario: str = "steady"
    ramp: Ramp | None = None
    sizes: tuple[int, ...] = ()
    begins_ms: int = 0
    shift_ms: int = 0
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        if self.scenario not in SCENARIOS:
            raise ValueError(f"There is no scenario {self.scenario!r}: take one of {', '.join(SCENARIOS)}.")
        if (self.ramp is not None) != (self.scenario == "rising-abandonment"):
            raise ValueError("The scenario rising-abandonment needs a ramp, and no other takes one.")
        if self.rate is not None and self.rate <= 0:
            raise ValueError("The rate must be above zero events a second.")
        if self.shift_ms % figures.HOUR:
            raise ValueError("The calendar can be shifted by whole hours only.")

    @cached_property
    def organisation(self) -> Organisation:
        """The people: teams of `sizes`, else as equal as can be."""
        return organisation(self.sizes or even_sizes(self.teams, self.users), self.seed, self.rates)

    @property
    def longest_ms(self) -> int:
        """A session's last turn begins at most this long after its start."""
        return figures.LONGEST_SESSION if self.rate is None else figures.LONGEST_AT_A_RATE

    def moved(self, by_ms: int) -> "Simulation":
        """The same people and sessions, whole hours later."""
        ramp = self.ramp and replace(
            self.ramp, begins_ms=self.ramp.begins_ms + by_ms, full_ms=self.ramp.full_ms + by_ms
        )
        begins = self.begins_ms + by_ms if self.begins_ms else 0
        return replace(self, ramp=ramp, begins_ms=begins, shift_ms=self.shift_ms + by_ms)

    def plans(self, start_ms: int, end_ms: int) -> Iterator[Plan]:
        """The sessions that begin in [start_ms, end_ms), hour by hour, not in order within one."""
        people = self.organisation.people
        every_day = sum(person.sessions_per_day for person in people)
        first, last = max(start_ms, self.begins_ms) - self.shift_ms, end_ms - 1 - self.shift_ms
        for hour in range(first // figures.HOUR, last // figures.HOUR + 1):
            for person in people:
                expected = _rhythm(person, hour)
                if self.rate is not None:
                    share = person.sessions_per_day / every_day
                    expected = self.rate * 3600 / EVENTS_PER_SESSION * share
                if not expected:
                    continue
                random = generator(stream(self.seed, person.number, hour))
                for number in range(_poisson(random, expected)):
                    at = self.shift_ms + hour * figures.HOUR + int(random.random() * figures.HOUR)
                    if max(start_ms, self.begins_ms) <= at < end_ms:
                        seed = stream(self.seed, person.number, hour, number)
                        yield draw_plan(person, seed, at, self._giving_up(person, at), self.rates, self.longest_ms)

    def _giving_up(self, person: Person, at: int) -> float:
        usual = figures.GIVES_UP[person.expertise - 1]
        if self.ramp is None or person.team != self.organisation.troubled_team:
            return usual
        return self.ramp.chance(usual, at)

    def deliveries(self, start_ms: int, end_ms: int) -> Iterator[tuple[int, Sent, Delivery]]:
        """What is sent in [start_ms, end_ms), in order: when, as which of several sendings, and what.

        A delivery that a kill lost is among them, marked so.
        """
        return _Stream(self, start_ms, end_ms).run()


def demo_simulation(seed: int, now_ms: int) -> Simulation:
    """What `ammeter demo` shows at now_ms: two weeks, with one team in growing trouble since eight days ago."""
    return Simulation(
        len(DEMO_SIZES), sum(DEMO_SIZES), None, seed, "rising-abandonment", ramp_before(now_ms), DEMO_SIZES
    )


class _Stream:
    """A heap of live sessions: the next delivery of each, and the plans whose first one lies ahead."""

    def __init__(self, simulation: Simulation, start_ms: int, end_ms: int) -> None:
        self._simulation, self._start, self._end = simulation, start_ms, end_ms
        self._ties = count()
        self._heap: list[tuple[int, int, str, object, Iterator[Delivery] | None]] = []
        self._planned_to = start_ms

    def run(self) -> Iterator[tuple[int, Sent, Delivery]]:
        start, end, heap = self._start, self._end, self._heap
        simulation = self._simulation
        for plan in simulation.plans(start - simulation.longest_ms - figures.LONGEST_TURN - figures.HOUR, start):
            if plan.end + METRICS_EVERY_MS > start:
                heap.append((self._wakes(plan), next(self._ties), "plan", plan, None))
        heapify(heap)
        while True:
            while self._planned_to < end and (not heap or heap[0][0] >= self._planned_to):
                self._plan_hour()
            if not heap or heap[0][0] >= end:
                return
            at, _, what, item, rest = heappop(heap)
            if isinstance(item, Plan):
                self._advance(Client(item, self._simulation.rates).deliveries())
                continue
            assert isinstance(item, Delivery)
            if rest is not None:
                self._advance(rest)
            yield from self._send(at, what, item)

    def _plan_hour(self) -> None:
        ends = min((self._planned_to // figures.HOUR + 1) * figures.HOUR, self._end)
        for plan in self._simulation.plans(self._planned_to, ends):
            heappush(self._heap, (plan.at, next(self._ties), "plan", plan, None))
        self._planned_to = ends

    def _wakes(self, plan: Plan) -> int:
        """A moment before the first delivery at or after the start."""
        if not plan.person.cumulative:
            for turn in plan.turns:
                if turn.end + METRICS_EVERY_MS + 30_000 >= self._start:
                    return max(turn.at - 10_000, self._start)
        return self._start

    def _advance(self, rest: Iterator[Delivery]) -> None:
        """Puts a session's next delivery into the heap; those before the start are past, but may be sent again."""
        for delivery in rest:
            if delivery.at >= self._start:
                heappush(self._heap, (delivery.at, next(self._ties), "", delivery, rest))
                return
            if delivery.repeat and delivery.at + _again_ms(delivery) >= self._start:
                heappush(self._heap, (delivery.at + _again_ms(delivery), next(self._ties), "again", delivery, None))

    def _send(self, at: int, what: str, delivery: Delivery) -> Iterator[tuple[int, Sent, Delivery]]:
        if what == "again":
            yield at, "again", delivery
            return
        if not delivery.repeat:
            yield at, "", delivery
            return
        heappush(self._heap, (at + _again_ms(delivery), next(self._ties), "again", delivery, None))
        yield at, "cut" if delivery.repeat == "cut" else "first", delivery


def _again_ms(delivery: Delivery) -> int:
    return 1_000 + delivery.at % 7


def _rhythm(person: Person, hour: int) -> float:
    """Sessions expected of a person in this hour since 1970, by their own clock."""
    local = hour + person.team.offset_ms // figures.HOUR
    return person.sessions_per_day * figures.WEEKDAYS[(local // 24 + 3) % 7] * figures.HOURS[local % 24]


def _poisson(random: Random, expected: float) -> int:
    """A whole number with this mean (large ones by the normal distribution)."""
    if expected > 50:
        return max(round(random.gauss(expected, expected**0.5)), 0)
    limit, product, number = exp(-expected), random.random(), 0
    while product > limit:
        product *= random.random()
        number += 1
    return number
