"""What the rules for rates share: days, a run of evidence, an alert's end. Rule: a rule is told the time and the day.

    usual = (m s + X) / (s + N)         X of N in the days [d - 84, d - 28); a younger history is used as it is

It stands still while the score is above half the threshold, and leaves out the days of alerts.
"""

from math import log
from typing import Self

import msgspec

from streams.detect.days import Days
from streams.detect.finding import Finding, Status, Why, of_rate
from streams.detect.parameters import Parameters
from streams.detect.run import Counts, Run
from streams.detect.thresholds import threshold

HIGHEST_USUAL = 0.95
"""The organisation's alert raises what is usual to no more."""

ENOUGH = 20.0
"""Observations since an alert opened, by what they are worth, without which its level is nobody's usual one."""


class Memory(msgspec.Struct, array_like=True):
    """All that one detector remembers of one team."""

    day: int = -1
    usual: float = 0.0
    known: float = 0.0
    """Observations behind it."""
    threshold: float = 0.0
    days: Days = msgspec.field(default_factory=Days)
    run: Run = msgspec.field(default_factory=Run)
    today: dict[int, int] = {}
    """What each person had today."""
    spent: dict[int, float] = {}
    """The evidence that each person has brought in this run, where that is bounded."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


class Rule:
    """A detector of one team (or bucket); `name` is its name in the catalogue."""

    __slots__ = ("_down", "_memory", "_name", "_told", "_up", "prior")

    def __init__(self, name: str, told: Parameters, memory: Memory | None = None) -> None:
        self._name, self._told, self._memory = name, told, memory or Memory()
        self.prior = (told.usual, told.strength)
        """The organisation's rate, and what it is worth in observations; holds from the next day on."""
        self._up, self._down = self._gains(self._memory.usual)

    def begin(self, at: int, day: int) -> Finding | None:
        """Begins a day, if it is a new one: what is usual, and the threshold. May tell that a new level is adopted."""
        memory, told = self._memory, self._told
        if day <= memory.day:
            return None
        memory.day, memory.today = day, {}
        memory.days.forget(day - told.history - told.lag - 1)
        found = self._adopt(at, day)
        if not memory.usual or not (self.is_open or self.score > told.freeze * memory.threshold):
            memory.usual, memory.known = memory.days.baseline(day, told, self.prior)
            h = told.threshold
            if not h:
                h = threshold(self._name, memory.usual, memory.known, memory.days.volume(day, told) / told.share)
            memory.threshold = told.phi * h
            self._up, self._down = self._gains(memory.usual)
        return found

    def count(self, day: int, n: int, x: int) -> None:
        """What is late, or corrects: thousandths of observations enter a day's counts, never the score."""
        self._memory.days.add(day, n, x)

    def roll_back(self, epoch: int) -> None:
        """The organisation's alert opened: what came since its run began is its evidence, not this team's."""
        self._memory.run.roll_back(epoch)

    def adopt(self, at: int, since: int) -> None:
        """The organisation's new level is the usual one from now on: what was before that day is forgotten."""
        memory = self._memory
        if memory.day >= 0 and not self.is_open:
            memory.days.begin_anew(since)
            self._memory = Memory(day=memory.day - 1, days=memory.days)
            self.begin(at, memory.day)

    def restart(self, at: int, day: int) -> Finding | None:
        """The team is another one: all from before `day` is forgotten. Tells it, if an alert was open."""
        memory = self._memory
        found = self.finding(at, "resolved", "restarted") if self.is_open else None
        memory.days.begin_anew(day)
        self._memory = Memory(day=day - 1, days=memory.days)
        self.begin(at, day)
        return found

    def finding(self, at: int, status: Status, why: Why = "") -> Finding:
        """What there is to tell, with all its figures."""
        memory, divide = self._memory, self._told.divide
        counts = memory.run.counts
        return of_rate(
            status,
            at,
            (memory.usual, memory.known),
            (counts.n, counts.observed),
            (counts.weight / divide, counts.hits / divide),
            (counts.score, memory.threshold),
            (counts.since or at, counts.who),
            why,
        )

    # -- what it knows -------------------------------------------------------------------------------------------------

    @property
    def score(self) -> float:
        """The evidence for a change."""
        return self._memory.run.counts.score

    @property
    def threshold(self) -> float:
        """What it must exceed."""
        return self._memory.threshold

    @property
    def usual(self) -> float:
        """The usual rate; 0 before the first day."""
        return self._memory.usual

    @property
    def usual_n(self) -> float:
        """Observations behind it, the organisation's share among them."""
        return self._memory.known

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self._memory.run.opened_at > 0

    @property
    def day(self) -> int:
        """The day that it is in."""
        return self._memory.day

    @property
    def counts(self) -> Counts:
        """What the run consists of."""
        return self._memory.run.counts

    @property
    def days(self) -> Days:
        """Its day counts."""
        return self._memory.days

    def pack(self) -> bytes:
        """All that it remembers."""
        return _encode(self._memory)

    @classmethod
    def unpack(cls, name: str, told: Parameters, packed: bytes) -> Self:
        """The same rule again."""
        return cls(name, told, _decode(packed))

    # -- within --------------------------------------------------------------------------------------------------------

    def _gains(self, usual: float, ratio: float = 1.0) -> tuple[float, float]:
        """What one observation adds to the score if it happened, and if not."""
        if not usual:
            return 0.0, 0.0
        if ratio != 1.0:
            usual = max(usual, min(HIGHEST_USUAL, usual * ratio))
        level, divide = self._told.alternative.of(usual), self._told.divide
        return log(level / usual) / divide, log((1 - level) / (1 - usual)) / divide

    def _advance(self, at: int, gain: float, people: tuple[int, ...]) -> Finding | None:
        """The run takes what was counted."""
        memory = self._memory
        run = memory.run
        changes = run.step(at, memory.day, gain, people, (memory.threshold, self._told))
        if run.opened_at:
            memory.days.mark(run.counts.since_day if changes else memory.day, memory.day)
        if not changes:
            return None
        found = self.finding(at, run.status)
        if run.status == "resolved":
            run.end()
        return found

    def _adopt(self, at: int, day: int) -> Finding | None:
        memory = self._memory
        opened = memory.run.opened_day
        if not self.is_open or day - opened < self._told.adopt:
            return None
        worth = sum(held[0] for each, held in memory.days.counts.items() if opened <= each < day) / 1000
        if worth < ENOUGH * self._told.divide:
            return None
        found = self.finding(at, "resolved", "adopted")
        memory.days.begin_anew(opened)
        memory.run.end()
        return found
