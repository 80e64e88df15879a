"""Whether a success costs more than is usual here. Rule: logarithms, median and MAD, so that no one session decides.

    c = what the team's sessions have cost since its success before, this one included
    z = clip((ln c - median) / (1.4826 MAD), +-2.5), d = ln 1.5 / (1.4826 MAD)
    S = max(0, S + d (z - d / 2))

Median and MAD are of sixteen weeks, without the newest; where there is little, the organisation's stand in for thirty
successes. The threshold is Siegmund's for a normal CUSUM, averaged over where the median may truly be, times phi.
"""

from collections.abc import Mapping
from math import exp, log, log2, sqrt
from typing import Self

import msgspec

from streams.detect.finding import Finding, Status, Why, odds
from streams.detect.parameters import Parameters
from streams.detect.run import Counts, Run
from streams.detect.runlength import siegmund

BINS = 8
"""Of an octave."""

RATIO = 1.5
"""The rise worth an alert."""

CLIP = 2.5
"""Deviations."""

LEAST_SPREAD = 0.3
"""No team is taken to be steadier."""

DEVIATIONS = 1.4826
"""Of a normal distribution's standard deviation in its MAD."""

ENOUGH = 20
"""Successes that must be known, of the team or the organisation, before anything is said."""

Histogram = dict[int, int]
"""Successes by bin of their cost."""


class Memory(msgspec.Struct, array_like=True):
    """All that it remembers of one team."""

    day: int = -1
    median: float = 0.0
    """Of ln c; 0: too little is known."""
    spread: float = 0.0
    known: float = 0.0
    threshold: float = 0.0
    weeks: dict[int, Histogram] = {}
    """By the number of the week; ~week: the same, while an alert was open."""
    since_success: int = 0
    """Micro-dollars."""
    run: Run = msgspec.field(default_factory=Run)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


class Cost:
    """The rule for what a success costs, of one team.

    >>> from streams.detect.parameters import DEFAULTS
    >>> rule = Cost("cost_per_success", DEFAULTS["cost_per_success"])
    >>> rule.take(1_000, 20_000, 7, 250_000, False), rule.take(2_000, 20_000, 7, 250_000, True), rule.histogram(20_007)
    (None, None, {151: 1})
    """

    __slots__ = ("_memory", "_name", "_told", "prior")

    def __init__(self, name: str, told: Parameters, memory: Memory | None = None) -> None:
        self._name, self._told, self._memory = name, told, memory or Memory()
        self.prior: Mapping[int, int] = {}
        """The organisation's histogram; holds from the next day on."""

    def take(self, at: int, day: int, person: int, micros: int, verified: bool) -> Finding | None:
        """Takes a session that just ended: what it cost, and whether it was a success. `day` never falls."""
        found = self.begin(at, day)
        memory = self._memory
        memory.since_success += max(0, micros)
        if not verified or memory.since_success <= 0:
            return found
        cost, memory.since_success = memory.since_success, 0
        self._count(cost)
        if not memory.median:
            return found
        shift = log(RATIO) / memory.spread
        z = max(-CLIP, min(CLIP, (log(cost) - memory.median) / memory.spread))
        gain = shift * (z - shift / 2) / self._told.divide
        run = memory.run
        run.count(1, cost, 1.0, log(cost))
        changes = run.step(at, memory.day, gain, (person,) if gain > 0 else (), (memory.threshold, self._told))
        if not changes:
            return found
        if run.status == "firing":
            for week in range(run.counts.since_day // 7, memory.day // 7 + 1):
                self._set_aside(week)
        found = self.finding(at, run.status)
        if run.status == "resolved":
            run.end()
        return found

    def begin(self, at: int, day: int) -> Finding | None:
        """Begins a day, if it is a new one. May tell that a new level is adopted."""
        memory, told = self._memory, self._told
        if day <= memory.day:
            return None
        memory.day = day
        oldest = (day - told.history - told.lag) // 7
        memory.weeks = {week: held for week, held in memory.weeks.items() if max(week, ~week) >= oldest}
        found = None
        if self.is_open and day - memory.run.opened_day >= told.adopt and memory.run.counts.n >= ENOUGH:
            found = self.finding(at, "resolved", "adopted")
            opened = memory.run.opened_day // 7
            memory.weeks = {max(week, ~week): held for week, held in memory.weeks.items() if max(week, ~week) >= opened}
            memory.run.end()
            self._reckon(day, 0)
        elif not memory.median or not (self.is_open or self.score > told.freeze * memory.threshold):
            self._reckon(day, told.lag)
        return found

    def histogram(self, day: int) -> Histogram:
        """The successes of the baseline of a day, by bin."""
        return self._baseline(day, self._told.lag)

    def restart(self, at: int, day: int) -> Finding | None:
        """The team is another one: all is forgotten. Tells it, if an alert was open."""
        found = self.finding(at, "resolved", "restarted") if self.is_open else None
        self._memory = Memory(day=day - 1)
        self.begin(at, day)
        return found

    def finding(self, at: int, status: Status, why: Why = "") -> Finding:
        """What there is to tell; levels are typical costs (of logarithms), observed and expected that many times n."""
        memory = self._memory
        counts, usual = memory.run.counts, exp(memory.median)
        n = max(counts.n, 1)
        now = exp(counts.hits / n) if counts.n else usual
        error = 1.645 * memory.spread / sqrt(n)
        doubt = 1.645 * DEVIATIONS / 1.1829 * memory.spread / sqrt(max(memory.known, 1.0))
        return Finding(
            status=status,
            at=at,
            since=counts.since or at,
            n=counts.n,
            observed=now * counts.n,
            expected=usual * counts.n,
            usual=usual,
            usual_low=usual * exp(-doubt),
            usual_high=usual * exp(doubt),
            usual_n=memory.known,
            now=now,
            now_low=now * exp(-error),
            now_high=now * exp(error),
            score=counts.score,
            threshold=memory.threshold,
            odds=odds(counts.score),
            people=len(counts.who),
            why=why,
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
        """The usual cost in micro-dollars; 0: too little is known."""
        return exp(self._memory.median) if self._memory.median else 0.0

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self._memory.run.opened_at > 0

    @property
    def counts(self) -> Counts:
        """What the run consists of."""
        return self._memory.run.counts

    @property
    def day(self) -> int:
        """The day that it is in."""
        return self._memory.day

    def pack(self) -> bytes:
        """All that it remembers."""
        return _encode(self._memory)

    @classmethod
    def unpack(cls, name: str, told: Parameters, packed: bytes) -> Self:
        """The same rule again."""
        return cls(name, told, _decode(packed))

    # -- within --------------------------------------------------------------------------------------------------------

    def _count(self, cost: int) -> None:
        week = self._memory.day // 7
        held = self._memory.weeks.setdefault(~week if self.is_open else week, {})
        bin_ = int(BINS * log2(cost))
        held[bin_] = held.get(bin_, 0) + 1

    def _set_aside(self, week: int) -> None:
        weeks = self._memory.weeks
        if held := weeks.pop(week, None):
            into = weeks.setdefault(~week, {})
            for bin_, count in held.items():
                into[bin_] = into.get(bin_, 0) + count

    def _baseline(self, day: int, lag: int) -> Histogram:
        last, found = (day - lag) // 7, Histogram()
        for week, held in self._memory.weeks.items():
            if 0 <= week <= last:
                for bin_, count in held.items():
                    found[bin_] = found.get(bin_, 0) + count
        return found

    def _reckon(self, day: int, lag: int) -> None:
        memory, told = self._memory, self._told
        own = self._baseline(day, lag)
        memory.known = float(sum(own.values()))
        theirs = sum(self.prior.values())
        mixed: dict[int, float] = {bin_: float(count) for bin_, count in own.items()}
        if theirs:
            for bin_, count in self.prior.items():
                mixed[bin_] = mixed.get(bin_, 0.0) + count * told.strength / theirs
        if memory.known + theirs < ENOUGH:
            memory.median = 0.0
            return
        memory.median = _middle({(bin_ + 0.5) / BINS * log(2): count for bin_, count in mixed.items()})
        away: dict[float, float] = {}
        for bin_, share in mixed.items():
            distance = round(abs((bin_ + 0.5) / BINS * log(2) - memory.median), 9)
            away[distance] = away.get(distance, 0.0) + share
        memory.spread = max(LEAST_SPREAD, DEVIATIONS * _middle(away))
        weeks = {week for week in memory.weeks if 0 <= week < day // 7}
        a_week = (memory.known + told.volume) / (len(weeks) + 1)
        borrowed = 1 / (1 / told.strength + 1 / theirs) if theirs else 0.0
        error = 1.2533 / sqrt(max(1.0, memory.known + borrowed))  # of a median, in deviations
        h = told.threshold or siegmund(a_week / told.share, log(RATIO) / memory.spread, error)
        memory.threshold = told.phi * h


def _middle(counts: Mapping[float, float]) -> float:
    """The median of weighted values, between the two around it by their weights.

    >>> _middle({1.0: 2, 2.0: 2}), _middle({1.0: 1, 2.0: 5, 9.0: 1})
    (1.5, 2.0)
    """
    half, below = sum(counts.values()) / 2, 0.0
    before, before_at = None, 0.0
    for value in sorted(counts):
        middle = below + counts[value] / 2
        if middle >= half:
            if before is None:
                return value
            return before + (value - before) * (half - before_at) / (middle - before_at)
        below += counts[value]
        before, before_at = value, middle
    return before or 0.0
