"""Whether people who usually send have fallen silent. Rule: it is about the pipeline, never about the people.

At the end of each working day: of those who sent on six in ten of the last twenty working days, how many did not.
    S = max(0, S + min(0.6 h, silent ln(p1 / q) + (rest) ln((1 - p1) / (1 - q))) / max(1, j - 1)), p1 = max(0.75, 2.5 q)
q is their own mean; one day alone never fires, and the j-th day of a run says less: who is on leave says the same every
day. A day on which the whole organisation is off is nobody's evidence.
"""

from collections.abc import Mapping
from math import log
from typing import Self

import msgspec

from streams.detect.calendar import Calendar
from streams.detect.finding import Finding, Status, Why, of_rate
from streams.detect.parameters import Parameters
from streams.detect.people import People
from streams.detect.run import Counts, Run

WORKING_DAYS = 20
"""Whoever sent on six in ten of so many is expected."""

LEAST_KNOWN = 10
"""Working days that a team must have had before anybody is expected."""

LEAST_REGULARS = 5
"""Of fewer it says nothing: two on leave are not a fault."""

LEVEL = 0.75
"""So many silent are worth an alert, at least."""

LEAST_USUAL = 0.03


class Memory(msgspec.Struct, array_like=True):
    """All that it remembers of one team."""

    usual: float = 0.0
    known: float = 0.0
    days: int = 0
    """Of the run."""
    run: Run = msgspec.field(default_factory=Run)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


class Silence:
    """The rule for silence, of one team or of everybody."""

    __slots__ = ("_memory", "_name", "_told")

    def __init__(self, name: str, told: Parameters, memory: Memory | None = None) -> None:
        self._name, self._told, self._memory = name, told, memory or Memory()

    def end_of_day(
        self, at: int, day: int, regulars: Mapping[int, float], silent: frozenset[int], is_common: bool = False
    ) -> Finding | None:
        """A working day has ended. After four weeks whoever is silent is expected no more.

        regulars: who is expected, and on which part of their days they usually are not there (see `expected`); silent:
        who of them sent nothing. is_common: the whole organisation is off, so that it says nothing of this team.
        """
        memory, told = self._memory, self._told
        run = memory.run
        if self.is_open and day - run.opened_day >= told.adopt:
            found = self.finding(at, "resolved", "adopted")
            run.end()
            return found
        if is_common or len(regulars) < LEAST_REGULARS:
            return None
        if not run.counts.n:
            memory.days = 0
            memory.usual = max(LEAST_USUAL, sum(regulars.values()) / len(regulars))
            memory.known = float(WORKING_DAYS * len(regulars))
        q = memory.usual
        level = min(0.97, max(LEVEL, told.alternative.of(q)))
        n, x = len(regulars), len(silent)
        gain = min(told.clip * self.threshold, x * log(level / q) + (n - x) * log((1 - level) / (1 - q)))
        memory.days += 1
        if gain > 0:
            gain /= max(1, memory.days - 1)
        run.count(n, x, n, x)
        if not run.step(at, day, gain, tuple(sorted(silent)), (self.threshold, told)):
            return None
        found = self.finding(at, run.status)
        if run.status == "resolved":
            run.end()
        return found

    def finding(self, at: int, status: Status, why: Why = "") -> Finding:
        """What there is to tell; n counts people and days."""
        memory, counts = self._memory, self._memory.run.counts
        return of_rate(
            status,
            at,
            (memory.usual, memory.known),
            (counts.n, counts.observed),
            (counts.weight, counts.hits),
            (counts.score, self.threshold),
            (counts.since or at, counts.who),
            why,
        )

    def restart(self) -> None:
        """The team is another one."""
        if not self.is_open:
            self._memory = Memory()

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
    def unpack(cls, name: str, told: Parameters, packed: bytes) -> Self:
        """The same rule again."""
        return cls(name, told, _decode(packed))


def expected(people: People, day: int, calendar: Calendar) -> tuple[dict[int, float], frozenset[int]]:
    """Who is expected to send on a working day, with the part of days on which they do not; and who of them did not.

    Days from before the team began are not held against anybody; with too few there is nobody to expect.
    """
    days = [each for each in calendar.last_working(day, WORKING_DAYS) if each >= people.first]
    if len(days) < LEAST_KNOWN:
        return {}, frozenset()
    regulars = people.regulars(day, days)
    silent = frozenset(person for person in regulars if not people.each[person].was_active(day))
    return regulars, silent
