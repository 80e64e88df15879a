"""A run of evidence: a score that rises while things go badly, and an alert. Rule: the same for every rule that counts.

quiet ── score > threshold, three people ──▶ open ── evidence against it > half of that ──▶ quiet
  ▲ score at zero: the run is forgotten        └── 28 days: the new level is usual ──▶ quiet
"""

import msgspec

from streams.detect.finding import Status
from streams.detect.parameters import Parameters

KEPT_PEOPLE = 40
"""Of more it only matters that they are many: more than any floor under which no figure is shown."""


class Counts(msgspec.Struct, array_like=True):
    """What a run consists of, since its score left zero."""

    score: float = 0.0
    n: int = 0
    observed: int = 0
    weight: float = 0.0
    hits: float = 0.0
    since: int = 0
    since_day: int = 0
    who: list[int] = []
    """At most forty."""

    def meet(self, people: tuple[int, ...]) -> None:
        """These are behind it, too."""
        for person in people:
            if len(self.who) < KEPT_PEOPLE and person not in self.who:
                self.who.append(person)


class Run(msgspec.Struct, array_like=True):
    """The state of one cumulative sum with its alert."""

    counts: Counts = msgspec.field(default_factory=Counts)
    opened_at: int = 0
    """0: no alert is open."""
    opened_day: int = 0
    against: float = 0.0
    """The evidence that an open alert is over."""
    epoch: int = 0
    """Of the organisation's run, when `before` was kept."""
    before: Counts | None = None
    """The run as it was when that one began; None: it was empty."""

    def keep(self, epoch: int) -> None:
        """Remembers the run as it is, when the organisation's has begun anew."""
        if epoch != self.epoch:
            self.epoch = epoch
            self.before = msgspec.structs.replace(self.counts, who=[*self.counts.who]) if self.counts.n else None

    def roll_back(self, epoch: int) -> None:
        """What has come since the organisation's run began is the organisation's; an open alert stays."""
        if not self.opened_at and self.epoch == epoch:
            before = self.before
            self.counts = Counts() if before is None else msgspec.structs.replace(before, who=[*before.who])

    def count(self, n: int, observed: int, weight: float, hits: float) -> None:
        """Observations of a run that is going on."""
        counts = self.counts
        counts.n += n
        counts.observed += observed
        counts.weight += weight
        counts.hits += hits

    def step(self, at: int, day: int, gain: float, people: tuple[int, ...], limits: tuple[float, Parameters]) -> bool:
        """Takes evidence for (or, below zero, against) a change, from these people; says whether the status changes.

        Call `count` before. After it has said yes of an open alert, the caller tells and calls `end`.
        """
        threshold, told = limits
        counts = self.counts
        if self.opened_at:
            counts.meet(people)
            self.against = max(0.0, self.against - gain)
            return self.against > told.clear * threshold
        score = counts.score + gain
        if score <= 0:
            self.counts = Counts()
            return False
        if not counts.since:
            counts.since, counts.since_day = at, day
        counts.score = score
        counts.meet(people)
        if score > threshold and len(counts.who) >= told.people:
            self.opened_at, self.opened_day, self.against = at, day, 0.0
            return True
        return False

    def end(self) -> None:
        """The alert is over, or there is nothing that it could have begun from."""
        self.counts, self.opened_at, self.opened_day, self.against = Counts(), 0, 0, 0.0

    @property
    def status(self) -> Status:
        """What was just said, after `step` said that it changes."""
        return "resolved" if self.against else "firing"
