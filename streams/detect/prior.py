"""What the organisation's own record says of its teams. Rule: by moments; until there is a record, nothing is known.

A team's prior is worth less while the organisation's own rate is known from little: 1 / (1 / s + 1 / observations).
"""

from collections.abc import Sequence

from streams.detect.parameters import Parameters

LEAST_TEAMS = 8
"""From so many on, how much they differ is estimated."""

LEAST_OBSERVATIONS = 20.0
"""Of a team, before it counts as one."""


def fit(totals: Sequence[tuple[float, float]], told: Parameters) -> tuple[float, float, float]:
    """The rate of a team of which nothing is known, what that is worth in observations, and what it was found from.

    totals: observations and hits of each team's baseline.

    >>> fit([(1000.0, 160.0)], Parameters(share=0.004, usual=0.065))
    (0.1581372549019608, 130.76923076923077, 1020.0)
    """
    n, x = sum(each[0] for each in totals), sum(each[1] for each in totals)
    found_from = told.sure + n
    mean = (told.usual * told.sure + x) / found_from
    return mean, 1 / (1 / _strength(totals, told) + 1 / found_from), found_from


def _strength(totals: Sequence[tuple[float, float]], told: Parameters) -> float:
    """By how much the teams differ, in observations."""
    teams = [each for each in totals if each[0] >= LEAST_OBSERVATIONS]
    if len(teams) < LEAST_TEAMS:
        return told.strength
    n, x = sum(each[0] for each in teams), sum(each[1] for each in teams)
    rate = x / n
    spread = sum(each * (hits / each - rate) ** 2 for each, hits in teams)
    noise = (len(teams) - 1) * rate * (1 - rate)
    variance = (spread - noise) / (n - sum(each * each for each, _ in teams) / n)
    least, most = told.strengths
    strength = rate * (1 - rate) / variance - 1 if variance > 0 else most
    return min(max(strength, least), most)
