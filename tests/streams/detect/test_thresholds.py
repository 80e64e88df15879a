"""Thresholds: the run lengths behind them are exact, and what is stored is what they give."""

import random
from math import log

import pytest

from streams.detect.beta import below, quantile
from streams.detect.catalogue import BUDGET, CATALOGUE, ORGANISATION_SHARE, RESERVE_SHARE
from streams.detect.parameters import DEFAULTS, PROPORTIONS
from streams.detect.runlength import Lattice, lattice, run_lengths, siegmund, threshold
from streams.detect.thresholds import OBSERVATIONS, STORED, USUAL, WEIGHTS, render_row
from streams.detect.thresholds import threshold as stored


def _gauss(p: float, steps: Lattice, levels: int) -> float:
    """The mean run length by plain elimination with pivots, of the whole matrix."""
    matrix = [[float(i == j) for j in range(levels)] + [1.0] for i in range(levels)]
    for i in range(levels):
        matrix[i][max(i - steps.down, 0)] -= 1 - p
        if i + steps.up < levels:
            matrix[i][i + steps.up] -= p
    for i in range(levels):
        pivot = max(range(i, levels), key=lambda row: abs(matrix[row][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        for row in range(levels):
            if row != i and matrix[row][i]:
                part = matrix[row][i] / matrix[i][i]
                matrix[row] = [x - part * y for x, y in zip(matrix[row], matrix[i], strict=True)]
    return matrix[0][-1] / matrix[0][0]


@pytest.mark.parametrize("steps", [Lattice(9, 2, 1.0), Lattice(2, 7, 1.0), Lattice(1, 1, 1.0), Lattice(13, 5, 1.0)])
@pytest.mark.parametrize("p", [0.05, 0.3, 0.7])
def test_one_elimination_tells_the_run_lengths_of_all_thresholds(steps: Lattice, p: float) -> None:
    """Each is what solving its own system gives."""
    lengths = run_lengths(p, steps, 40)
    for levels in (1, 7, 23, 40):
        if (exact := _gauss(p, steps, levels)) < 1e9:  # beyond, rounding has the word
            assert lengths[levels - 1] == pytest.approx(exact, rel=1e-6)


def test_a_run_length_is_what_a_simulation_finds() -> None:
    """Within four standard errors, from 4,000 runs of the rule itself."""
    p0, p1, h = 0.08, 0.16, 2.5
    steps = lattice(p0, p1)
    expected = run_lengths(p0, steps, int(h / steps.step) + 1)[-1]
    up, down, draw = log(p1 / p0), log((1 - p1) / (1 - p0)), random.Random(5)
    lengths = []
    for _ in range(4000):
        score, n = 0.0, 0
        while score <= h:
            n += 1
            score = max(0.0, score + (up if draw.random() < p0 else down))
        lengths.append(n)
    mean = sum(lengths) / len(lengths)
    error = (sum((n - mean) ** 2 for n in lengths) / len(lengths) ** 2) ** 0.5
    assert abs(mean - expected) < 4 * error + 0.03 * expected  # the lattice fits the steps to some percent


@pytest.mark.parametrize(("known", "expected"), [(1e6, 5.5), (250.0, 7.4), (150.0, 9.3)])
def test_thresholds_grow_with_what_is_not_known(known: float, expected: float) -> None:
    """At a usual rate of 6.5 % and one false alarm in 10,000 sessions."""
    assert threshold(0.065, known, 0.145, 1e4) == pytest.approx(expected, abs=0.06)
    assert stored("abandonment", 0.065, known, 1e4) == pytest.approx(expected, abs=0.06)


def test_the_stored_thresholds_are_those_of_the_rules_of_today() -> None:
    """One row of each detector is rendered anew; change an alternative, and `python -m streams.detect` is due."""
    for name, usual in (("abandonment", 0.30), ("success", 0.40), ("trouble", 0.30), ("restarts", 0.12),
                        ("tool_failures", 0.25), ("rejections", 0.08)):  # fmt: skip
        row = render_row(name, usual)
        for weight, of_weight in zip(WEIGHTS, row, strict=True):
            for observations, value in zip(OBSERVATIONS, of_weight, strict=True):
                assert stored(name, usual, weight, observations) == pytest.approx(value, abs=0.02)


@pytest.mark.parametrize(("name", "usual", "known", "observations"), [
    ("abandonment", 0.07, 220.0, 2e4), ("abandonment", 0.17, 600.0, 5e4), ("success", 0.72, 300.0, 1e5),
    ("trouble", 0.33, 150.0, 2e4), ("tool_failures", 0.12, 2000.0, 2e6), ("restarts", 0.05, 400.0, 5e3),
])  # fmt: skip
def test_between_its_points_the_table_is_near_the_exact_threshold(
    name: str, usual: float, known: float, observations: float
) -> None:
    """Within four percent, which moves the rate of false alarms less than what the assumptions leave open."""
    exact = threshold(usual, known, DEFAULTS[name].alternative.of(usual), observations)
    assert stored(name, usual, known, observations) == pytest.approx(exact, rel=0.04)


def test_the_table_has_every_detector_that_looks_up() -> None:
    """And no other."""
    assert set(USUAL) == set(PROPORTIONS)
    assert STORED.read_text().startswith('{"rendered_by": "python -m streams.detect"')


def test_outside_the_table_the_nearest_point_holds() -> None:
    """A rate that nobody has, a baseline of nothing."""
    assert stored("abandonment", 0.0001, 10, 10) == stored("abandonment", 0.01, 50, 300)
    assert stored("abandonment", 0.9, 1e9, 1e12) == stored("abandonment", 0.30, 1e6, 3e7)


def test_siegmunds_threshold_is_near_the_simulated_run_length() -> None:
    """Of normal scores with a shift of half a deviation."""
    shift, wanted = 0.5, 500
    h = siegmund(wanted, shift)
    draw, lengths = random.Random(6), []
    for _ in range(1500):
        score, n = 0.0, 0
        while score <= h:
            n += 1
            score = max(0.0, score + shift * (draw.gauss(0, 1) - shift / 2))
        lengths.append(n)
    assert sum(lengths) / len(lengths) == pytest.approx(wanted, rel=0.12)


@pytest.mark.parametrize(("a", "b"), [(0.5, 40.0), (2.0, 3.0), (65.0, 935.0), (400.0, 3.0)])
def test_quantiles_of_beta_are_the_inverse_of_its_distribution(a: float, b: float) -> None:
    """And half of a simulated sample lies under the median."""
    for share in (0.05, 0.5, 0.95):
        assert below(quantile(share, a, b), a, b) == pytest.approx(share, abs=1e-6)
    draw, median = random.Random(7), quantile(0.5, a, b)
    under = sum(draw.betavariate(a, b) < median for _ in range(4000))
    assert under == pytest.approx(2000, abs=130)


def test_the_shares_are_the_budget() -> None:
    """All that notify, the organisation and the reserve: one false alarm in 100 team-weeks."""
    shares = [detector.share for detector in CATALOGUE if detector.notifies]
    assert sum(shares) + ORGANISATION_SHARE + RESERVE_SHARE == pytest.approx(BUDGET)
    assert {detector.name: detector.share for detector in CATALOGUE} == {
        name: told.share for name, told in DEFAULTS.items()
    }
