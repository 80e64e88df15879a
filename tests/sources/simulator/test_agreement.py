"""Agreement with recorded sessions, and docs/simulator.md with it."""

import pytest

from tests.sources.simulator.agreement import BEGINS, DOC, ENDS, Row, rows, table

pytestmark = pytest.mark.slow  # thousands of sessions, to tell rates from chance


@pytest.fixture(scope="module")
def measured() -> list[Row]:
    """Measured once for both tests."""
    return rows()


def test_sessions_agree_with_recorded_ones(measured: list[Row]) -> None:
    """No measure is further from the recorded one than the ratio that it states."""
    off = [row for row in measured if max(row.recorded / row.simulated, row.simulated / row.recorded) > row.within]
    assert not off


def test_the_document_shows_what_is_measured(measured: list[Row]) -> None:
    """docs/simulator.md holds this very table; `python -m tests.sources.simulator.agreement` renews it."""
    shown = DOC.read_text().partition(BEGINS)[2].partition(ENDS)[0]
    assert shown == table(measured)
