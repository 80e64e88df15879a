"""How long an event takes from its acknowledgement to the board. Rule: counts against counts, no clock but one.

The meter is told how many events had been acknowledged at a moment, and how many the board showed at a moment; both
only rise. An event's delay is the time from when it was acknowledged to the first look that showed as many.

>>> meter = DelayMeter()
>>> meter.acknowledged(10, at=0)
>>> meter.acknowledged(30, at=100)
>>> meter.shown(9, at=150)
>>> meter.shown(10, at=250)
>>> meter.shown(30, at=400)
>>> meter.quantile(0.5), meter.quantile(0.99), meter.pending
(300, 300, 0)
"""

from collections import deque


class DelayMeter:
    """Delays in milliseconds, weighted by events."""

    def __init__(self, shown: int = 0) -> None:
        """`shown` events were acknowledged and shown before: they count for nothing."""
        self._waiting: deque[tuple[int, int, int]] = deque()  # total after, events in it, when
        self._acknowledged = self._shown = shown
        self._delays: list[tuple[int, int]] = []  # delay, events

    def acknowledged(self, total: int, at: int) -> None:
        """So many events had been acknowledged at this moment, since the beginning."""
        if total > self._acknowledged:
            self._waiting.append((total, total - self._acknowledged, at))
            self._acknowledged = total

    def shown(self, total: int, at: int) -> None:
        """A look that began at this moment or later showed so many events, since the beginning."""
        while self._waiting and self._waiting[0][0] <= total:
            _, events, when = self._waiting.popleft()
            self._delays.append((max(0, at - when), events))

    @property
    def pending(self) -> int:
        """Events that no look has shown yet."""
        return sum(events for _, events, _ in self._waiting)

    def quantile(self, share: float) -> int | None:
        """The delay that `share` of the events did not exceed; None when none was seen."""
        wanted = share * sum(events for _, events in self._delays)
        below = 0
        for delay, events in sorted(self._delays):
            below += events
            if below >= wanted:
                return delay
        return None
