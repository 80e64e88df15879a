"""Delays are weighted by events, and what was not seen yet is in none of them."""

from hypothesis import given
from hypothesis import strategies as st

from ammeter.delay import DelayMeter


def test_what_was_there_before_counts_for_nothing() -> None:
    """A meter that begins at 100 waits for what comes after."""
    meter = DelayMeter(100)
    meter.acknowledged(100, at=0)
    meter.shown(100, at=5)
    meter.acknowledged(101, at=10)

    assert (meter.quantile(0.5), meter.pending) == (None, 1)


def test_events_weigh_and_not_looks() -> None:
    """Ninety-nine fast events and one slow one: the median is fast, the last hundredth slow."""
    meter = DelayMeter()
    meter.acknowledged(99, at=0)
    meter.acknowledged(100, at=0)
    meter.shown(99, at=10)
    meter.shown(100, at=9_000)

    assert (meter.quantile(0.5), meter.quantile(0.99), meter.quantile(1)) == (10, 10, 9_000)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 1_000)), max_size=30))
def test_nothing_is_lost(steps: list[tuple[int, int]]) -> None:
    """However looks and acknowledgements alternate, at the end all are shown and no delay is negative."""
    meter, total, at = DelayMeter(), 0, 0
    for more, pause in steps:
        total, at = total + more, at + pause
        meter.acknowledged(total, at)
        meter.shown(total - more, at)
    meter.shown(total, at)

    assert meter.pending == 0
    assert total == 0 or (meter.quantile(0) or 0) >= 0
