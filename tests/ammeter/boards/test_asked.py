"""What a URL asks of a board, and what of it is listened to."""

from dataclasses import replace
from typing import Any

import pytest

from ammeter.boards.asked import Asked
from ammeter.boards.dashboards import in_order, parse
from ammeter.boards.views import marks_of
from sinks.frame import Frame
from tests.ammeter.boards.people import board, query_variable

NOW = 1_795_000_000_000


def asked(*variables: dict[str, Any], **query: list[str]) -> Asked:
    """A board with these variables, asked by a URL."""
    made = parse(board("b", {1: ("table", "SELECT 1")}, *variables), "ammeter")
    return Asked(made, {name.replace("var_", "var-"): values for name, values in query.items()}, NOW)


@pytest.mark.parametrize(("chosen", "values"), [(["x"], ["x"]), (["x", "y"], ["x"]), ([], []), (["All"], [])])
def test_a_single_variable_has_one_value(chosen: list[str], values: list[str]) -> None:
    """Of several values in the address the first counts; without one the store's first value is chosen."""
    one = asked(query_variable("session", "SELECT 1"), var_session=chosen)

    assert one.variables["session"] == values
    assert one.settle("session", ["newest", "older"]) is (not values)
    assert one.variables["session"] == (values or ["newest"])


def test_a_variable_of_several_is_never_settled() -> None:
    """Where all may be chosen, nothing chosen means all."""
    one = asked(query_variable("team", "SELECT 1") | {"multi": True, "includeAll": True})

    assert one.settle("team", ["a"]) is False
    assert one.variables["team"] == []


@pytest.mark.parametrize(("asked_for", "waits"), [("now-90d", True), ("now-6h", False)])
def test_an_axis_waits_for_the_end_of_a_small_interval_alone(asked_for: str, waits: bool) -> None:
    """Ninety days end with the day; six hours of a panel by days do not end at midnight."""
    made = parse(board("b", {1: ("timeseries", "SELECT 1")}), "ammeter")
    panel = replace(made.panels[0], interval="1d")
    one = Asked(made, {"from": [asked_for]}, NOW)

    assert (one.axis(panel, NOW).to_ms - NOW > 3_600_000) is waits


def test_a_typed_variable_is_kept_short() -> None:
    """A text from the address is one value of at most 200 characters."""
    one = asked({"type": "textbox", "name": "text", "query": "usual"}, var_text=["x" * 1000, "y"])

    assert one.variables["text"] == ["x" * 200]
    assert asked({"type": "textbox", "name": "text", "query": "usual"}).variables["text"] == ["usual"]


def test_boards_come_from_the_whole_to_the_detail() -> None:
    """The order of the bar is the order in which people ask; what is not known comes last, by title."""
    boards = {uid: parse(board(uid, {}), "ammeter") for uid in ("zoo", "pipeline", "session", "art", "now")}

    assert list(in_order(boards)) == ["now", "session", "pipeline", "art", "zoo"]


def test_marks_say_when_and_what() -> None:
    """Rows of an annotation become marks; what has no time is left out, what has no end is a moment."""
    frame = Frame(
        ("time", "timeEnd", "title", "text"),
        ("time", "time", "string", "string"),
        ([1, None, 3], [2, None, None], ["a", "b", "c"], ["x", None, None]),
    )

    assert marks_of("Alerts", "red", frame) == [
        {"name": "Alerts", "color": "red", "from": 1, "to": 2, "title": "a", "text": "x"},
        {"name": "Alerts", "color": "red", "from": 3, "to": None, "title": "c", "text": ""},
    ]
