"""What detectors are compared with, against the same rules written out the long way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ammeter.backtesting import rivals
from sources.simulator.verdicts import BEGAN, DAY_MS, Change, Sessions, Trait, World, team

ABANDONED = Trait(0.065, 0.02, 4.0, person=0.03, day=0.05)
LARGE = team(ABANDONED, 60, World(8), 1, rate=0.07, change=Change(35, 8.0))


@given(st.lists(st.floats(-3, 3), max_size=60), st.floats(0.5, 6))
def test_a_cusum_is_the_sum_that_never_falls_below_zero(steps: list[float], threshold: float) -> None:
    """And begins again after each alarm."""
    score, wanted = 0.0, []
    for place, step in enumerate(steps):
        score = max(0.0, score + step)
        if score > threshold + 1e-9:
            wanted.append(place)
            score = 0.0
    found = rivals.cusum(np.array(steps), threshold + 1e-9)

    assert found == wanted or any(abs(step) < 1e-6 for step in steps)


def test_the_fixed_threshold_is_more_than_15_percent_of_24_hours() -> None:
    """Of ten sessions at least, once for each excursion."""
    wanted, was_above = [], False
    for place, at in enumerate(LARGE.at):
        within = (LARGE.at[: place + 1] > at - DAY_MS).nonzero()[0]
        if len(within) >= 10:
            above = LARGE.hits[within].sum() > 0.15 * len(within)
            if above and not was_above:
                wanted.append(int(at))
            was_above = bool(above)

    assert rivals.fixed_threshold(LARGE).tolist() == wanted


def test_bands_alert_where_it_is_everywhere_and_not_where_it_never_happens() -> None:
    """The robust one at once; the adaptive one follows the rate so fast that it may miss the day."""
    quiet = Sessions(60, 0.0, LARGE.at, LARGE.person, LARGE.calls, np.zeros_like(LARGE.hits))
    changed_at = BEGAN + 35 * DAY_MS
    robust = rivals.robust_band(LARGE)

    assert ((robust >= changed_at) & (robust < changed_at + 2 * DAY_MS)).any()
    assert len(rivals.adaptive_band(LARGE))
    for band in (rivals.adaptive_band, rivals.robust_band):
        assert not len(band(quiet))


@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), min_size=1, max_size=40), st.integers(1, 12))
def test_rolling_figures_are_those_of_each_window(values: list[float], steps: int) -> None:
    """Mean, deviation and median of what is there of the last so many values."""
    known = np.array(values)
    means, deviations = rivals.rolling(known, steps)
    medians = rivals.medians(known, steps)
    for place, value in enumerate(values):
        window = [each for each in values[max(0, place - steps + 1) : place + 1] if not math.isnan(each)]
        if window:
            assert means[place] == pytest.approx(np.mean(window), abs=1e-9)
            assert deviations[place] == pytest.approx(np.std(window), abs=1e-6)
        if not math.isnan(value):
            assert medians[place] == pytest.approx(np.median(window))
