"""Time ranges as a URL names them."""

import pytest

from ammeter.boards.timerange import parse_moment, parse_range


@pytest.mark.parametrize(("from_text", "to_text"), [("now", "now-1h"), ("now-1h", "now-1h"), ("2000", "1000")])
def test_a_range_that_ends_before_it_begins_is_refused(from_text: str, to_text: str) -> None:
    """An empty or reversed range says so."""
    with pytest.raises(ValueError, match="before it begins"):
        parse_range(from_text, to_text, 1_767_225_600_000)


@pytest.mark.parametrize("text", ["", "yesterday", "now-1q", "now-1h/h", "-5", "9" * 40, "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """An unreadable moment is named, never guessed."""
    with pytest.raises(ValueError, match="is no time"):
        parse_range(text, "now", 1_767_225_600_000)


NOON = 1_772_280_000_000  # 2026-02-28 12:00:00, a Saturday


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("now/d", "2026-02-28T00:00:00", "2026-02-28T23:59:59.999"),
        ("now-1d/d", "2026-02-27T00:00:00", "2026-02-27T23:59:59.999"),
        ("now/w", "2026-02-23T00:00:00", "2026-03-01T23:59:59.999"),
        ("now/M", "2026-02-01T00:00:00", "2026-02-28T23:59:59.999"),
        ("now-1M/M", "2026-01-01T00:00:00", "2026-01-31T23:59:59.999"),
        ("now-1y/y", "2025-01-01T00:00:00", "2025-12-31T23:59:59.999"),
        ("now-2y", "2024-02-28T12:00:00", "2024-02-28T12:00:00"),
    ],
)
def test_calendar_units_round(text: str, begins: str, ends: str) -> None:
    """A day, week, month or year begins and ends by the calendar, in UTC, as in Grafana."""
    assert parse_moment(text, NOON) == parse_moment(begins, 0)
    assert parse_moment(text, NOON, is_end=True) == parse_moment(ends, 0)
