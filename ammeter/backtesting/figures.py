"""Rates and delays with their uncertainty. Rule: nothing here knows what was detected.

A rate's 95 % interval is that of a Poisson count, widened by how much teams' counts vary beyond it; sums and means of
rates keep the distances to their bounds, added in quadrature.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

Z = 1.959964


class Rate(NamedTuple):
    """Events per 100 team-weeks."""

    value: float
    error: float
    """Standard error."""
    low: float
    high: float
    """The 95 % interval."""
    alarms: int = 0
    team_weeks: float = 0.0


def rate(counts: Sequence[int], weeks: float) -> Rate:
    """Of teams that were watched for so many weeks each.

    >>> found = rate([0] * 98 + [1, 1], 50)
    >>> [round(each, 3) for each in found[:4]]
    [0.04, 0.028, 0.004, 0.144]
    """
    teams, alarms = len(counts), sum(counts)
    exposed = teams * weeks
    if not exposed:
        return Rate(math.nan, math.nan, math.nan, math.nan)
    mean = alarms / teams
    spread = sum((count - mean) ** 2 for count in counts) / max(1, teams - 1)
    wider = max(1.0, spread / mean) if alarms else 1.0
    low, high = _poisson(alarms / wider)
    scale = 100 / exposed
    error = math.sqrt(spread * teams) * scale
    return Rate(alarms * scale, error, low * wider * scale, high * wider * scale, alarms, exposed)


def _poisson(count: float) -> tuple[float, float]:
    """The 95 % interval of a count's mean, by Wilson and Hilferty, close to the exact one."""
    low = 0.0
    if count > 0:
        low = count * max(0.0, 1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3


def total(rates: Sequence[Rate], share: float = 1.0) -> Rate:
    """The sum of independent rates, each times `share` (1 / n: their mean)."""
    value = sum(each.value for each in rates) * share
    error, below, above = (
        math.sqrt(sum(distance**2 for distance in distances)) * share
        for distances in (
            [each.error for each in rates],
            [each.value - each.low for each in rates],
            [each.high - each.value for each in rates],
        )
    )
    alarms, weeks = sum(each.alarms for each in rates), sum(each.team_weeks for each in rates)
    return Rate(value, error, max(0.0, value - below), value + above, alarms, weeks)


def mean(rates: Sequence[Rate]) -> Rate:
    """Of an organisation that has one team of each kind."""
    return total(rates, 1 / len(rates))


class Delay(NamedTuple):
    """How long until a change is found; infinite where it never was in time."""

    median: float
    p90: float
    low: float
    high: float
    """95 % interval of the median, by order statistics."""
    missed: float
    """Share that was not found before the simulation ended."""
    seeds: int


def delay(found: Sequence[float]) -> Delay:
    """Of delays, infinite ones among them.

    >>> delay([3.0, 1.0, 2.0, math.inf]).median
    2.0
    """
    count, ordered = len(found), sorted(found)
    if not count:
        return Delay(math.nan, math.nan, math.nan, math.nan, math.nan, 0)
    half = Z * math.sqrt(count) / 2

    def at(rank: float) -> float:
        return ordered[min(count - 1, max(0, math.ceil(rank) - 1))]

    missed = sum(math.isinf(each) for each in ordered) / count
    return Delay(at(count / 2), at(0.9 * count), at(count / 2 - half), at(count / 2 + half + 1), missed, count)
