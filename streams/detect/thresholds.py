"""Thresholds of the rule for proportions, looked up. Rule: what is stored was rendered from the exact run lengths.

`python -m streams.detect` renders thresholds.json; a test renders parts of it anew. Between its points the threshold is
interpolated; outside them the nearest one holds.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import exp, log
from pathlib import Path

import msgspec

from streams.detect.beta import quantile
from streams.detect.parameters import DEFAULTS, PROPORTIONS
from streams.detect.runlength import HIGHEST, KNOWN, QUANTILES, lattice, run_lengths, solve

STORED = Path(__file__).with_name("thresholds.json")

USUAL: Mapping[str, tuple[float, ...]] = {
    "abandonment": (0.01, 0.02, 0.03, 0.04, 0.05, 0.065, 0.08, 0.10, 0.125, 0.15, 0.20, 0.30),
    "tool_failures": (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.10, 0.15, 0.25),
    "success": (0.30, 0.40, 0.50, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90),
    "trouble": (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.50, 0.60),
    "rejections": (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08),
    "restarts": (0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12),
}
"""Usual rates, by detector."""

WEIGHTS = (50.0, 75.0, 100.0, 150.0, 200.0, 250.0, 350.0, 500.0, 700.0, 1000.0, 1700.0, 3000.0, 1e4, 1e6)
"""Observations behind the usual rate."""

OBSERVATIONS = (3e2, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7)
"""Of which one may be a false alarm."""

_POINTS = 20
"""True rates at which runs are computed; between them the logarithm of the alarm rate is a cubic."""

Table = list[list[list[float]]]
"""Usual rate, weight, observations."""


class Stored(msgspec.Struct):
    """What the file holds."""

    rendered_by: str
    tables: dict[str, Table]


def render_row(name: str, usual: float) -> list[list[float]]:
    """The thresholds of one detector at one usual rate: by weight, by observations."""
    p1 = DEFAULTS[name].alternative.of(usual)
    steps = lattice(usual, p1)
    levels = int(HIGHEST / steps.step) + 1
    least = min(WEIGHTS)
    ends = [_logit(quantile(q, usual * least, (1 - usual) * least)) for q in (0.5 / QUANTILES, 1 - 0.5 / QUANTILES)]
    points = [ends[0] + (ends[1] - ends[0]) * k / (_POINTS - 1) for k in range(_POINTS)]
    logs = [[-log(length) for length in run_lengths(_rate(point), steps, levels)] for point in points]
    row = []
    for weight in WEIGHTS:
        rates = [usual]
        if weight < KNOWN:
            rates = [quantile((k + 0.5) / QUANTILES, usual * weight, (1 - usual) * weight) for k in range(QUANTILES)]
        sums = [0.0] * levels
        for rate in rates:
            first, (a, b, c, d) = _cubic(points, _logit(rate))
            near = zip(sums, *logs[first : first + 4], strict=True)
            sums = [s + exp(a * w + b * x + c * y + d * z) for s, w, x, y, z in near]
        alarms = [s / len(rates) for s in sums]
        row.append([round(solve(steps.step, alarms, observations), 2) for observations in OBSERVATIONS])
    return row


def render() -> bytes:
    """All of it, as the file has it."""
    tables = {name: [render_row(name, usual) for usual in USUAL[name]] for name in PROPORTIONS}
    lines = []
    for name, table in tables.items():
        rows = ",\n  ".join(msgspec.json.encode(row).decode() for row in table)
        lines.append(f' "{name}": [\n  {rows}\n ]')
    body = ",\n".join(lines)
    return f'{{"rendered_by": "python -m streams.detect", "tables": {{\n{body}\n}}}}\n'.encode()


def threshold(name: str, usual: float, weight: float, observations: float) -> float:
    """The score that a detector's runs must exceed, for one false alarm in `observations` (uninflated)."""
    table = _tables()[name]
    i, a = _between(USUAL[name], usual)
    j, b = _between(_LOG_WEIGHTS, log(max(weight, 1.0)))
    k, c = _between(_LOG_OBSERVATIONS, log(max(observations, 1.0)))
    total = 0.0
    for x, of_x in ((i, 1 - a), (i + 1, a)):
        for y, of_y in ((j, 1 - b), (j + 1, b)):
            low, high = table[x][y][k : k + 2]
            total += of_x * of_y * (low + c * (high - low))
    return total


_LOG_WEIGHTS = [log(weight) for weight in WEIGHTS]
_LOG_OBSERVATIONS = [log(observations) for observations in OBSERVATIONS]
_loaded: dict[str, Table] = {}


def _tables() -> Mapping[str, Table]:
    if not _loaded:
        _loaded.update(msgspec.json.decode(STORED.read_bytes(), type=Stored).tables)
    return _loaded


def _between(points: Sequence[float], at: float) -> tuple[int, float]:
    """The point under `at`, and how far it is to the next one; the ends hold for what lies outside."""
    k = min(max(bisect_right(points, at) - 1, 0), len(points) - 2)
    return k, min(max((at - points[k]) / (points[k + 1] - points[k]), 0.0), 1.0)


def _cubic(points: Sequence[float], at: float) -> tuple[int, tuple[float, float, float, float]]:
    """The first of four points around `at`, and the weights of their values in its value (Lagrange)."""
    step = points[1] - points[0]
    first = min(max(int((at - points[0]) / step) - 1, 0), len(points) - 4)
    t = (at - points[first]) / step
    return first, (
        -(t - 1) * (t - 2) * (t - 3) / 6,
        t * (t - 2) * (t - 3) / 2,
        -t * (t - 1) * (t - 3) / 2,
        t * (t - 1) * (t - 2) / 6,
    )


def _logit(rate: float) -> float:
    return log(rate / (1 - rate))


def _rate(logit: float) -> float:
    return 1 / (1 + exp(-logit))
