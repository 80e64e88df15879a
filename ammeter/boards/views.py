"""
What a browser needs to draw a panel, and what of it changed.

Rule: pure; numbers keep five digits, which is more than a screen shows.
"""

from dataclasses import dataclass
from typing import Any

from ammeter.boards.timerange import TimeRange
from sinks.frame import Frame, Value

SERIES = ("timeseries", "stat", "heatmap", "state-timeline")
MOST_MARKS = 500
View = dict[str, Any]


def marks_of(name: str, color: str, frame: Frame) -> list[dict[str, Any]]:
    """Annotations for the time axes, at most 500: where, until when, and what they say."""
    columns = dict(zip(frame.names, frame.columns, strict=True))
    count = min(len(columns.get("time", [])), MOST_MARKS)

    def at(column: str, row: int) -> Value:
        return columns[column][row] if column in columns else None

    return [
        {
            "name": name,
            "color": color,
            "from": at("time", row),
            "to": at("timeEnd", row),
            "title": at("title", row) or "",
            "text": at("text", row) or "",
        }
        for row in range(count)
        if at("time", row) is not None
    ]


@dataclass(frozen=True)
class Series:
    """Values of one name over the times that all series of a panel share."""

    name: str
    values: list[Value]


def view_of(panel_id: int, kind: str, frame: Frame, time: TimeRange) -> View:
    """The view of a panel: series for what has a time axis, columns for the rest, `empty` where there is nothing."""
    view: View = {"id": panel_id, "from": time.from_ms, "to": time.to_ms}
    if not frame.columns or not frame.columns[0]:
        return {**view, "empty": True}
    if kind in SERIES and frame.types[0] == "time":
        times, series = wide(frame)
        if not any(value is not None for one in series for value in one.values):
            return {**view, "empty": True}
        names = [one.name for one in series]
        return {**view, "times": times, "names": names, "series": [short(one.values) for one in series]}
    columns = [
        short(column) if type_ == "number" else column for column, type_ in zip(frame.columns, frame.types, strict=True)
    ]
    return {**view, "names": list(frame.names), "types": list(frame.types), "columns": columns}


def picked(frame: Frame, figure: str) -> Frame:
    """
    The times and one figure of a query that several panels share; all, where it has no figure of that name.

    >>> picked(Frame(("time", "calls", "p95"), ("time", "number", "number"), ([1], [2.0], [3.0])), "p95").columns
    ([1], [3.0])
    """
    if figure not in frame.names:
        return frame
    place = frame.names.index(figure)
    names, types = (frame.names[0], figure), (frame.types[0], frame.types[place])
    return Frame(names, types, (frame.columns[0], frame.columns[place]))


def fitted(view: View) -> View:
    """
    The view with an axis that holds what there is and little more, where that is less than a quarter of the range.

    What ends with empty texts is over there; a state that none ended holds until the range does.

    >>> over = {"from": 0, "to": 1_000_000, "times": [100_000, 150_000], "series": [["mine", ""]]}
    >>> fitted(over)
    {'from': 99000, 'to': 151000, 'times': [100000, 150000], 'series': [['mine', '']], 'fitted': True}
    >>> open = {"from": 0, "to": 1_000_000, "times": [900_000, 950_000], "series": [["mine", "yours"]]}
    >>> fitted(open)["from"], fitted(open)["to"]
    (898000, 1000000)
    """
    times = view.get("times")
    if not times:
        return view
    holds = any(isinstance(values[-1], str) and values[-1] for values in view["series"])
    first, last = times[0], view["to"] if holds else times[-1]
    if (last - first) * 4 > view["to"] - view["from"]:
        return view
    margin = max(1_000, (last - first) // 50)
    return {**view, "from": max(view["from"], first - margin), "to": min(view["to"], last + margin), "fitted": True}


def wide(frame: Frame) -> tuple[list[Value], list[Series]]:
    """One column of times and a series a name: long form (time, label, value) is turned as Grafana does."""
    if len(frame.names) == 3 and frame.types[1:] == ("string", "number"):
        times = sorted({time for time in frame.columns[0] if time is not None}, key=float)
        place = {time: number for number, time in enumerate(times)}
        values: dict[str, list[Value]] = {}
        for time, name, value in zip(*frame.columns, strict=True):
            if time is not None:
                values.setdefault(str(name), [None] * len(times))[place[time]] = value
        return list(times), [Series(name, values[name]) for name in sorted(values)]
    named = zip(frame.names[1:], frame.columns[1:], strict=True)
    return frame.columns[0], [Series(name, column) for name, column in named]


def short(values: list[Value]) -> list[Value]:
    """
    Five significant digits.

    >>> short([0.123456789, 1234567.0, None])
    [0.12346, 1234600.0, None]
    """
    return [float(f"{value:.5g}") if isinstance(value, float) else value for value in values]


def delta(old: View, new: View) -> View:
    """
    What turns the old view into the new one: points to drop at the front, to keep after them, and the new tail.

    The whole new view where that would not be shorter.

    >>> old = {"id": 1, "from": 0, "to": 3, "names": ["a"], "times": [1, 2, 3], "series": [[5, 6, 7]]}
    >>> new = {"id": 1, "from": 1, "to": 4, "names": ["a"], "times": [2, 3, 4], "series": [[6, 7, 8]]}
    >>> delta(old, new)
    {'id': 1, 'from': 1, 'to': 4, 'drop': 1, 'keep': 2, 'times': [4], 'series': [[8]]}
    """
    if "times" not in old or "times" not in new or old["names"] != new["names"]:
        return new
    times = new["times"]
    if times[0] not in old["times"]:
        return new
    drop = old["times"].index(times[0])
    keep = common(old["times"][drop:], times)
    for before, after in zip(old["series"], new["series"], strict=True):
        keep = min(keep, common(before[drop : drop + keep], after))
    if keep < len(times) / 2:
        return new
    tail = [values[keep:] for values in new["series"]]
    view: View = {key: new[key] for key in ("id", "from", "to", "fitted") if key in new}
    return {**view, "drop": drop, "keep": keep, "times": times[keep:], "series": tail}


def common(old: list[Value], new: list[Value]) -> int:
    """How many values at the front are the same."""
    same = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        same += 1
    return same
