"""Days, and which of them are worked on. Rule: a day begins at night, so that a late evening belongs to it."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

HOUR = 3_600_000
DAY = 24 * HOUR
_QUARTER = HOUR // 4
_EPOCH = date(1970, 1, 1)


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation's. Days are numbered from 1970-01-01 on, by the date on which they begin.

    >>> night = 1_764_295_200_000  # Friday 2025-11-28, two in the morning
    >>> week = Calendar(holidays=frozenset({"2025-11-27"}))
    >>> week.date(week.day(night)), week.is_working(week.day(night)), week.is_working(week.day(night) + 1)
    ('2025-11-27', False, True)
    """

    zone: str = "UTC"
    begins: int = 4
    """The hour at which a day begins."""
    weekend: tuple[int, ...] = (5, 6)
    """Days of the week, Monday is 0."""
    holidays: frozenset[str] = frozenset()
    """Dates, as in 2026-12-25, on which nobody is expected."""

    def day(self, at: int) -> int:
        """The day of a moment (ms)."""
        return (at + _offset(self.zone, at // _QUARTER) - self.begins * HOUR) // DAY

    def start(self, day: int) -> int:
        """The moment (ms) at which a day begins."""
        local = day * DAY + self.begins * HOUR
        at = local - _offset(self.zone, local // _QUARTER)
        return local - _offset(self.zone, at // _QUARTER)

    def date(self, day: int) -> str:
        """A day's date, as in 2026-12-25."""
        return (_EPOCH + timedelta(days=day)).isoformat()

    def is_working(self, day: int) -> bool:
        """Whether people are expected."""
        return (day + 3) % 7 not in self.weekend and (not self.holidays or self.date(day) not in self.holidays)

    def working(self, first: int, last: int) -> int:
        """How many working days there are from one day on, before another."""
        return sum(self.is_working(day) for day in range(first, last))

    def last_working(self, day: int, many: int) -> list[int]:
        """So many working days before a day, the latest first."""
        found: list[int] = []
        for back in range(1, 8 * many + 60):
            if len(found) == many:
                break
            if self.is_working(day - back):
                found.append(day - back)
        return found


@lru_cache(maxsize=4096)
def _offset(zone: str, quarter: int) -> int:
    """What a zone's clocks are ahead of UTC (ms) in a quarter of an hour."""
    if zone == "UTC":
        return 0
    ahead = datetime.fromtimestamp(quarter * _QUARTER / 1000, ZoneInfo(zone)).utcoffset()
    return int(ahead.total_seconds() * 1000) if ahead else 0
