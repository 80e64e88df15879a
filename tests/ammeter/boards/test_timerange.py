"""Time ranges as a URL names them."""

import pytest

from ammeter.boards.timerange import parse_range


@pytest.mark.parametrize(("from_text", "to_text"), [("now", "now-1h"), ("now-1h", "now-1h"), ("2000", "1000")])
def test_a_range_that_ends_before_it_begins_is_refused(from_text: str, to_text: str) -> None:
    """An empty or reversed range says so."""
    with pytest.raises(ValueError, match="before it begins"):
        parse_range(from_text, to_text, 1_767_225_600_000)


@pytest.mark.parametrize("text", ["", "yesterday", "now-1y", "now-1h/h", "-5", "9" * 40, "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """An unreadable moment is named, never guessed."""
    with pytest.raises(ValueError, match="is no time"):
        parse_range(text, "now", 1_767_225_600_000)
