"""
Time ranges in Grafana's words, and the width of the intervals that a range is cut into.

Rule: now is an argument; this file reads no clock.
"""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
POINTS = 300
RELATIVE = re.compile(r"now(?:-(\d{1,6})([smhdwMy]))?(?:/([dwMy]))?")
DURATION = re.compile(r"(\d{1,6})([smhdw])")


@dataclass(frozen=True)
class TimeRange:
    """From and to in epoch milliseconds, both included, as Grafana's macros take them."""

    from_ms: int
    to_ms: int

    def interval_s(self, at_least_s: int = 1) -> int:
        """
        Seconds of one interval, so that about 300 of them fill the range.

        >>> TimeRange(0, 6 * 3_600_000).interval_s(), TimeRange(0, 600_000).interval_s(at_least_s=60)
        (120, 60)
        """
        wanted = (self.to_ms - self.from_ms) / 1000 / POINTS
        fitting = next((step for step in STEPS_S if step >= wanted), STEPS_S[-1])
        return max(fitting, at_least_s)

    def on_intervals(self, interval_s: int) -> "TimeRange":
        """
        The range moved on to the end of its last interval: what an axis shows moves once an interval only.

        >>> TimeRange(1_000, 61_000).on_intervals(60)
        TimeRange(from_ms=60000, to_ms=120000)
        """
        late = -self.to_ms % (interval_s * 1000)
        return TimeRange(self.from_ms + late, self.to_ms + late)


def parse_range(from_text: str, to_text: str, now_ms: int) -> TimeRange:
    """The range that a URL's `from` and `to` mean; raises ValueError, whose text says what is wrong."""
    chosen = TimeRange(parse_moment(from_text, now_ms), parse_moment(to_text, now_ms, is_end=True))
    if chosen.from_ms >= chosen.to_ms:
        raise ValueError(f"The range ends ({to_text}) before it begins ({from_text}): choose an earlier `from`.")
    return chosen


def parse_moment(text: str, now_ms: int, *, is_end: bool = False) -> int:
    """
    Epoch milliseconds of `now`, `now-6h`, `now/M`, epoch milliseconds, or an ISO 8601 time; in UTC unless it says
    otherwise. What is rounded goes down to where its unit begins, as an end up to where it ends.

    >>> parse_moment("now-2m", 600_000), parse_moment("1767225600000", 0), parse_moment("2026-01-01T00:00:00", 0)
    (480000, 1767225600000, 1767225600000)
    >>> parse_moment("now/d", 90_000_000), parse_moment("now/d", 90_000_000, is_end=True)
    (86400000, 172799999)
    """
    if relative := RELATIVE.fullmatch(text):
        count, unit, rounded = relative.groups()
        moment = back(now_ms, int(count), unit) if count else now_ms
        return round_to(moment, rounded, is_end=is_end) if rounded else moment
    if text.isascii() and text.isdigit() and len(text) <= 14:
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time: write now-6h, epoch milliseconds or an ISO time.") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def back(moment_ms: int, count: int, unit: str) -> int:
    """A moment so many units earlier; a month or year earlier is the same day, or the last that there was."""
    if unit in UNITS_S:
        return moment_ms - count * UNITS_S[unit] * 1000
    at = datetime.fromtimestamp(moment_ms / 1000, UTC)
    months = max(12, at.year * 12 + at.month - 1 - count * (12 if unit == "y" else 1))
    year, month = divmod(months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp() * 1000)


def round_to(moment_ms: int, unit: str, *, is_end: bool) -> int:
    """Where the day, week (from Monday), month or year of a moment begins, or its last millisecond."""
    day = datetime.fromtimestamp(moment_ms / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = {
        "d": day,
        "w": day - timedelta(days=day.weekday()),
        "M": day.replace(day=1),
        "y": day.replace(month=1, day=1),
    }[unit]
    if not is_end:
        return int(begin.timestamp() * 1000)
    length = {"d": 1, "w": 7, "M": monthrange(begin.year, begin.month)[1], "y": 365 + isleap(begin.year)}[unit]
    return int((begin + timedelta(days=length)).timestamp() * 1000) - 1


def parse_duration_s(text: str) -> int:
    """
    Seconds of a panel's smallest interval such as `1m`; 1 where there is none.

    >>> parse_duration_s("1m"), parse_duration_s("")
    (60, 1)
    """
    match = DURATION.fullmatch(text)
    return int(match[1]) * UNITS_S[match[2]] if match else 1
