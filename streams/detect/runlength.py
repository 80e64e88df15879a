"""How long a Bernoulli CUSUM runs until it alarms. Rule: exact by a Markov chain, for all thresholds at once.

The score moves up by ln(p1 / p0) where it happened and down by ln((1 - p0) / (1 - p1)) where not, never under zero. On
a lattice that both steps fit, the mean number of observations to an alarm from zero is the first entry of (I - Q)^-1 1
(Brook and Evans 1972). Q for a lower threshold is a leading part of Q for a higher one, so one elimination tells all.
"""

from math import exp, log
from statistics import NormalDist
from typing import NamedTuple

from streams.detect.beta import quantile

KNOWN = 1e5
"""A baseline with so much behind it counts as known."""

QUANTILES = 9
"""At so many levels that the baseline may truly have the alarms are averaged."""

HIGHEST = 34.0
"""No threshold is searched above."""


UNITS = range(2, 11)
MISFIT = 0.01

MOST_NORMAL = 60.0
"""No threshold of normal scores is higher: what is known so badly is not alerted on."""

LONGEST = 1e13
"""Longer runs are not told apart."""


class Lattice(NamedTuple):
    """The two steps of a score as whole numbers of a third."""

    up: int
    down: int
    step: float


def lattice(p0: float, p1: float) -> Lattice:
    """The coarsest lattice that both steps fit to one percent: 2 to 10 units the smaller one.

    >>> lattice(0.065, 0.145)[:2]
    (18, 2)
    """
    up, down = log(p1 / p0), log((1 - p0) / (1 - p1))
    small, large = min(up, down), max(up, down)

    def misfit(units: int) -> float:
        return abs(round(units * large / small) / (units * large / small) - 1)

    units = next((units for units in UNITS if misfit(units) < MISFIT), min(UNITS, key=misfit))
    many = round(units * large / small)
    return Lattice(many, units, small / units) if up >= down else Lattice(units, many, small / units)


def run_lengths(p: float, steps: Lattice, levels: int) -> list[float]:
    """Mean observations to an alarm when the true rate is p; entry n: the score may take the n + 1 lowest levels.

    >>> [round(length, 3) for length in run_lengths(0.5, Lattice(1, 1, 1.0), 3)]
    [2.0, 6.0, 12.0]
    """
    up, down, stays = steps.up, steps.down, 1 - p
    rows: list[list[float]] = []  # of the upper factor, from the diagonal on
    totals: list[float] = []  # (lower factor)^-1 1
    visits: list[float] = []  # the first row of (upper factor)^-1
    lengths, length = [], 0.0
    for i in range(levels):
        first = max(i - down, 0)
        row = [0.0] * (i - first + up + 1)
        row[i - first] += 1.0
        row[0] -= stays
        row[i - first + up] -= p
        total = 1.0
        for k in range(first, i):
            if part := row[k - first]:
                above = rows[k]
                part /= above[0]
                at = k - first
                row[at : at + up + 1] = [x - part * y for x, y in zip(row[at : at + up + 1], above, strict=True)]
                total -= part * totals[k]
        row = row[i - first :]
        rows.append(row)
        totals.append(total)
        known = sum(rows[k][i - k] * visits[k] for k in range(max(0, i - up), i))
        visits.append((float(i == 0) - known) / row[0])
        length = min(max(length, length + visits[i] * total), LONGEST)  # beyond it, rounding has the word
        lengths.append(length)
        if i >= max(up, down):
            rows[i - max(up, down)] = []  # out of reach
    return lengths


def alarm_rates(p0: float, known: float, p1: float, highest: float = HIGHEST) -> tuple[float, list[float]]:
    """The lattice's step, and alarms per observation by level, of a process without any change.

    The baseline is p0, known as well as by `known` observations: the mean over Beta(p0 known, (1 - p0) known).
    """
    steps = lattice(p0, p1)
    levels = int(highest / steps.step) + 1
    rates = [p0]
    if known < KNOWN:
        rates = [quantile((k + 0.5) / QUANTILES, p0 * known, (1 - p0) * known) for k in range(QUANTILES)]
    each = [run_lengths(rate, steps, levels) for rate in rates]
    return steps.step, [sum(1 / length for length in column) / len(rates) for column in zip(*each, strict=True)]


def solve(step: float, rates: list[float], observations: float) -> float:
    """The threshold for one alarm in `observations`; between levels by straight lines of the logarithm."""
    wanted = -log(observations)
    logs = [log(rate) for rate in rates]
    if logs[0] <= wanted:
        return step
    for level in range(1, len(logs)):
        if logs[level] <= wanted:
            return step * (level - 1 + (logs[level - 1] - wanted) / (logs[level - 1] - logs[level]))
    return step * (len(logs) - 1)


def threshold(p0: float, known: float, p1: float, observations: float) -> float:
    """The score to exceed, for one false alarm in `observations`.

    >>> round(threshold(0.065, 1e6, 0.145, 10_000), 2)
    5.45
    """
    return solve(*alarm_rates(p0, known, p1), observations)


def siegmund(observations: float, shift: float, error: float = 0.0) -> float:
    """The threshold of a CUSUM of normal scores for a shift of so many deviations, by Siegmund's approximation.

    error: of the level that is taken for usual, in deviations; alarms are averaged over where it may truly be.

    >>> round(siegmund(1_000, 0.5), 2), round(siegmund(1_000, 0.5, 0.1), 2)
    (4.29, 4.9)
    """
    levels = [error * NormalDist().inv_cdf((k + 0.5) / QUANTILES) for k in range(QUANTILES)] if error else [0.0]
    low, high = 1.0, MOST_NORMAL
    for _ in range(40):
        middle = (low + high) / 2
        b = middle / shift + 1.166
        if sum(1 / _normal_run(level - shift / 2, b) for level in levels) / len(levels) > 1 / observations:
            low = middle
        else:
            high = middle
    return high


def _normal_run(drift: float, b: float) -> float:
    """The mean run length of normal scores with this drift to b, both in deviations."""
    if abs(drift * b) < 1e-4:
        return b * b
    exponent = -2 * drift * b
    return (exp(min(exponent, 700.0)) - exponent - 1) / (2 * drift * drift)
