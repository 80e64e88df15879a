"""Whether something happens more often than is usual here. Rule: one Bernoulli CUSUM for steps and for drift.

    S = max(0, S + w (x / n ln(p1 / p0) + (1 - x / n) ln((1 - p1) / (1 - p0))))
    w = f(N + n) - f(N), f(j) = j / (1 + (j - 1) rho)       N: what the person had that day before
    alert: S > phi h, and three different people

h is such that, averaged over what is not known of the baseline, one in (weekly volume / share) observations is a false
alarm. An observation is a session (n = 1), or the n tool calls of one. The clock is what comes, in its order.
"""

from streams.detect.finding import Finding
from streams.detect.rule import Rule


class Proportion(Rule):
    """The rule for proportions.

    >>> from streams.detect.parameters import Parameters
    >>> rule = Proportion("restarts", Parameters(share=0.004, usual=0.03))
    >>> rule.take(1_000, 20_000, 7, 1), round(rule.score, 2)
    (None, 1.3)
    """

    __slots__ = ()

    def take(
        self, at: int, day: int, person: int, happened: int, of: int = 1, ratio: float = 1.0, epoch: int = 0
    ) -> Finding | None:
        """Takes what just ended: it happened in `happened` of `of`. `day` never falls.

        ratio: observed to expected in the whole organisation, while its alert is open. epoch: of the organisation's
        run, so that it can be rolled back to its beginning.
        """
        found = self.begin(at, day)
        weight = self.weigh(person, of)
        return self.step(at, person, happened, of, weight, ratio, epoch) or found

    def weigh(self, person: int, of: int) -> float:
        """What a person's next `of` are worth today. Call it once for each, after `begin`."""
        today, rho = self._memory.today, self._told.rho
        before = today.get(person, 0)
        today[person] = after = before + of
        worth = after / (1 + (after - 1) * rho)
        return worth - before / (1 + (before - 1) * rho) if before else worth

    def step(
        self, at: int, person: int, happened: int, of: int, weight: float, ratio: float = 1.0, epoch: int = 0
    ) -> Finding | None:
        """Takes what was weighed."""
        memory, clip = self._memory, self._told.clip
        hits = weight * (happened / of)
        memory.days.add(memory.day, round(1000 * weight), round(1000 * hits))
        up, down = (self._up, self._down) if ratio == 1.0 else self._gains(memory.usual, ratio)
        gain = hits * up + (weight - hits) * down
        if clip:
            most = clip * memory.threshold
            gain = max(-most, min(most, gain))
        if epoch:
            memory.run.keep(epoch)
        memory.run.count(of, happened, weight, hits)
        return self._advance(at, gain, (person,) if gain > 0 else ())
