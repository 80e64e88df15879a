"""Views of frames, and what of them changed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ammeter.boards.timerange import TimeRange
from ammeter.boards.views import delta, view_of
from sinks.frame import Frame

HOUR = TimeRange(0, 3_600_000)


def test_long_form_becomes_one_series_a_label() -> None:
    """Rows of (time, label, value) are turned into series over shared times, holes left open."""
    frame = Frame(
        ("time", "team", "value"),
        ("time", "string", "number"),
        ([1000, 1000, 2000], ["b", "a", "a"], [1.0, 2.0, 3.0]),
    )

    view = view_of(7, "timeseries", frame, HOUR)

    assert (view["times"], view["names"], view["series"]) == ([1000, 2000], ["a", "b"], [[2.0, 3.0], [1.0, None]])


def test_wide_form_keeps_its_columns() -> None:
    """Each column beside the time is a series of its own."""
    frame = Frame(("time", "p50", "p99"), ("time", "number", "number"), ([1000], [1.0], [2.0]))

    view = view_of(7, "timeseries", frame, HOUR)

    assert (view["names"], view["series"]) == (["p50", "p99"], [[1.0], [2.0]])


def test_nothing_to_show_is_told() -> None:
    """No rows, and rows without a value, both are empty."""
    none = Frame((), (), ())
    null = Frame(("time", "value"), ("time", "number"), ([1000], [None]))

    assert view_of(7, "table", none, HOUR)["empty"]
    assert view_of(7, "stat", null, HOUR)["empty"]


@st.composite
def moves(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A view and a later one: some points gone at the front, some new or changed at the end."""
    times = draw(st.lists(st.integers(0, 30), min_size=1, unique=True).map(sorted))
    names = draw(st.sampled_from([["a"], ["a", "b"]]))
    values = st.one_of(st.none(), st.floats(0, 3))
    old_series = [[draw(values) for _ in times] for _ in names]
    drop = draw(st.integers(0, len(times) - 1))
    more = sorted(draw(st.sets(st.integers(31, 40))))
    new_times = times[drop:] + more
    new_series = [[*series[drop:-1], draw(values), *(draw(values) for _ in more)] for series in old_series]
    old = {"id": 1, "from": 0, "to": 30, "names": names, "times": times, "series": old_series}
    return old, {"id": 1, "from": 1, "to": 40, "names": names, "times": new_times, "series": new_series}


@given(moves())
def test_a_delta_leads_to_the_new_view(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """What a browser makes of the old view and the delta is the new view."""
    old, new = pair
    change = delta(old, new)
    if "drop" not in change:
        assert change == new
        return
    kept = slice(change["drop"], change["drop"] + change["keep"])

    assert old["times"][kept] + change["times"] == new["times"]
    assert [before[kept] + tail for before, tail in zip(old["series"], change["series"], strict=True)] == new["series"]
