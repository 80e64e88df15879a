"""What the organisation's own record says of its teams. Rule: by moments, over teams; little data keep the default."""

from collections.abc import Sequence

from streams.detect.parameters import Parameters

LEAST_TEAMS = 8
"""From so many on, how much they differ is estimated."""

LEAST_OBSERVATIONS = 20.0
"""Of a team, before it counts as one."""


def fit(totals: Sequence[tuple[float, float]], told: Parameters) -> tuple[float, float]:
    """The rate of a team of which nothing is known, and what that is worth in observations.

    totals: observations and hits of each team's baseline. The default holds as much as twice its own strength.

    >>> fit([], Parameters(share=0.004, usual=0.065))
    (0.065, 150.0)
    """
    weight = 2 * told.strength
    n, x = sum(each[0] for each in totals), sum(each[1] for each in totals)
    mean = (told.usual * weight + x) / (weight + n)
    teams = [each for each in totals if each[0] >= LEAST_OBSERVATIONS]
    if len(teams) < LEAST_TEAMS:
        return mean, told.strength
    n, x = sum(each[0] for each in teams), sum(each[1] for each in teams)
    rate = x / n
    spread = sum(each * (hits / each - rate) ** 2 for each, hits in teams)
    noise = (len(teams) - 1) * rate * (1 - rate)
    variance = (spread - noise) / (n - sum(each * each for each, _ in teams) / n)
    least, most = told.strengths
    strength = rate * (1 - rate) / variance - 1 if variance > 0 else most
    return mean, min(max(strength, least), most)
