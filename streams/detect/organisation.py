"""Whether all teams together have it more often than each is used to. Rule: a team is held against its own level only.

One pooled CUSUM for a ratio of 1.5, from the upper end of what may be usual: what is wrong with the levels of a young
record is wrong with all of them alike, and adds up. When it opens, one message says so, every team's evidence goes back
to what it was when this run began, and while it is open teams are held against their usual level times the
organisation's ratio.
"""

from collections.abc import Mapping
from math import log, sqrt
from typing import Self

import msgspec

from streams.detect.finding import Finding, Status, Why, of_rate
from streams.detect.parameters import Pooled
from streams.detect.rule import HIGHEST_USUAL
from streams.detect.run import Counts, Run

LEAST_TEAMS = 3
"""So many teams must be behind it: what one team does is its own."""


REST = 0.5
"""And so much of the threshold must be left without the team that has brought most."""

DOUBT = 1.645
"""Standard errors of the organisation's rate by which what is usual may be higher: one in twenty is beyond."""


class Memory(msgspec.Struct, array_like=True):
    """All that it remembers."""

    epoch: int = 0
    """Rises when a run begins; teams keep their evidence as it was then."""
    expected: float = 0.0
    """Of the run's hits, by the teams' own levels."""
    brought: dict[int, float] = {}
    """What each team (or bucket) has added to the run's score, on balance."""
    run: Run = msgspec.field(default_factory=Run)
    spent: dict[int, float] = {}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


class Organisation:
    """The roll-up of one detector over all teams."""

    __slots__ = ("_memory", "_pooled", "_told", "known")

    def __init__(self, pooled: Pooled, memory: Memory | None = None) -> None:
        self._pooled, self._told, self._memory = pooled, pooled.told, memory or Memory()
        self.known = 1000.0
        """Observations behind the teams' levels, all together."""

    def take(
        self,
        at: int,
        day: int,
        unit: int,
        usual: float,
        hits: Mapping[int, float],
        weight: float,
        n: int = 1,
        observed: int = 0,
    ) -> Finding | None:
        """Takes what a team, or a small team of a bucket, has just taken; `unit` is the one or the other.

        usual: the team's own rate; hits: how much of `weight` it happened in, by person; n and observed: unweighted.
        """
        memory, told = self._memory, self._told
        run = memory.run
        doubted = min(HIGHEST_USUAL, usual + DOUBT * sqrt(usual * (1 - usual) / self.known))
        level = told.alternative.of(doubted)
        up, down = log(level / doubted) / told.divide, log((1 - level) / (1 - doubted)) / told.divide
        total = sum(hits.values())
        gain = (weight - total) * down
        for person, worth in hits.items():
            gain += self._bounded(person, worth * up)
        if not run.counts.n:
            memory.expected, memory.brought = 0.0, {}
            if gain > 0:
                memory.epoch += 1
        memory.expected += weight * usual
        memory.brought[unit] = memory.brought.get(unit, 0.0) + gain
        run.count(n, observed, weight, total)
        limit = self.threshold
        if not run.opened_at and run.counts.score + gain > limit:
            limit = limit if self._is_common(run.counts.score + gain) else float("inf")
        changes = run.step(at, day, gain, tuple(hits), (limit, told))
        if not run.counts.score or run.opened_at:
            memory.spent = {}
        if not changes:
            return None
        found = self.finding(at, run.status)
        if run.status == "resolved":
            self._end()
        return found

    def release(self, unit: int) -> None:
        """A team's own alert has opened: what it has brought is its own, not the organisation's."""
        counts = self._memory.run.counts
        if not self.is_open and (brought := self._memory.brought.pop(unit, 0.0)) > 0:
            counts.score = max(0.0, counts.score - brought)

    def adopted(self, at: int, day: int) -> tuple[Finding, int] | None:
        """After four weeks the new level is everybody's usual one: says so once, and since which day."""
        run = self._memory.run
        if not run.opened_at or day - run.opened_day < self._told.adopt:
            return None
        found, since = self.finding(at, "resolved", "adopted"), run.opened_day
        self._end()
        return found, since

    def finding(self, at: int, status: Status, why: Why = "") -> Finding:
        """What there is to tell."""
        memory, divide = self._memory, self._told.divide
        counts = memory.run.counts
        usual = memory.expected / counts.weight if counts.weight else 0.5
        return of_rate(
            status,
            at,
            (usual, self.known),
            (counts.n, counts.observed),
            (counts.weight / divide, counts.hits / divide),
            (counts.score, self.threshold),
            (counts.since or at, counts.who),
            why,
        )

    @property
    def ratio(self) -> float:
        """Observed to expected, while its alert is open; else 1."""
        memory = self._memory
        if not memory.run.opened_at:
            return 1.0
        caution = self._pooled.caution
        return min(self._pooled.most, max(1.0, (memory.run.counts.hits + caution) / (memory.expected + caution)))

    @property
    def epoch(self) -> int:
        """Of its run."""
        return self._memory.epoch

    @property
    def score(self) -> float:
        """The evidence for a change."""
        return self._memory.run.counts.score

    @property
    def threshold(self) -> float:
        """What it must exceed."""
        return self._told.threshold * self._told.phi

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self._memory.run.opened_at > 0

    @property
    def counts(self) -> Counts:
        """What the run consists of."""
        return self._memory.run.counts

    def pack(self) -> bytes:
        """All that it remembers."""
        return _encode(self._memory)

    @classmethod
    def unpack(cls, pooled: Pooled, packed: bytes) -> Self:
        """The same again."""
        return cls(pooled, _decode(packed))

    def _bounded(self, person: int, gain: float) -> float:
        """One person's evidence, where it is bounded."""
        if not self._told.clip:
            return gain
        brought = self._memory.spent.get(person, 0.0)
        more = max(0.0, min(gain, self._told.clip * self.threshold - brought))
        self._memory.spent[person] = brought + more
        return more

    def _is_common(self, score: float) -> bool:
        """Several teams are behind it, and it is more than what the one does that has brought most."""
        brought = self._memory.brought.values()
        return sum(each > 0 for each in brought) >= LEAST_TEAMS and score - max(brought) > REST * self.threshold

    def _end(self) -> None:
        self._memory.run.end()
        self._memory.expected, self._memory.brought = 0.0, {}
