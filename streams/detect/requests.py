"""Whether model requests fail more often than is usual here. Rule: bins of a minute, and nobody is heard for everybody.

Of one person and minute at most three failures count; of one person and run at most a third of the threshold. The same
evidence as for proportions, divided by two: requests fail in bursts. Found within minutes, where many people send.
"""

from collections.abc import Mapping

from streams.detect.finding import Finding
from streams.detect.rule import Rule

MOST_OF_A_MINUTE = 3
"""So many failures of one person in one minute count."""


class Requests(Rule):
    """The rule for model requests.

    >>> from streams.detect.parameters import DEFAULTS
    >>> rule = Requests("api_failures", DEFAULTS["api_failures"])
    >>> rule.take(60_000, 20_000, {1: 9}, 40), rule.counts.observed
    (None, 3)
    """

    __slots__ = ()

    def take(
        self, at: int, day: int, failures: Mapping[int, int], responses: int, ratio: float = 1.0, epoch: int = 0
    ) -> Finding | None:
        """Takes a minute of the team: how many requests of each person failed, and how many were answered."""
        found = self.begin(at, day)
        memory = self._memory
        counted = capped(failures)
        x = sum(counted.values())
        n = responses + x
        memory.days.add(memory.day, 1000 * n, 1000 * x)
        up, down = (self._up, self._down) if ratio == 1.0 else self._gains(memory.usual, ratio)
        gain = responses * down
        for person, failed in counted.items():
            brought = memory.spent.get(person, 0.0)
            more = max(0.0, min(failed * up, self._told.clip * memory.threshold - brought))
            memory.spent[person] = brought + more
            gain += more
        if epoch:
            memory.run.keep(epoch)
        memory.run.count(n, x, n, x)
        found = self._advance(at, gain, tuple(counted)) or found
        if not self.score or self.is_open:
            memory.spent = {}
        return found

    def roll_back(self, epoch: int) -> None:
        """As of every rule; and everybody may bring evidence again."""
        super().roll_back(epoch)
        self._memory.spent = {}


def capped(failures: Mapping[int, int]) -> dict[int, int]:
    """The failures that count, by person.

    >>> capped({1: 20, 2: 1, 3: 0})
    {1: 3, 2: 1}
    """
    return {person: min(MOST_OF_A_MINUTE, failed) for person, failed in failures.items() if failed > 0}
