"""How far the log was heard when each day ended. Rule: what is heard again ends its days at the same signals.

Where nobody sends, days end by the clock, so signals alone do not say between which two of them a day ended.
"""

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from streams.detect.calendar import Calendar
from streams.detect.catalogue import CATALOGUE
from streams.detect.parameters import DEFAULTS, TOGETHER, Calibration

KEPT = 40
"""Days; longer than the log keeps its records."""


class Heard(msgspec.Struct, array_like=True):
    """Where in the log a detector is."""

    signals: int = 0
    """So many were taken since the log began."""
    days: dict[int, int] = {}
    """By the first day that was not judged yet: how many signals had been taken when it became that."""
    told: str = ""
    """What it was told (parameters, calendar), as a digest."""
    since: int = 0
    """How many signals had been taken when it was told that."""

    def tell(self, calibration: Calibration, calendar: Calendar) -> bool:
        """It is told this from now on; says whether that is new."""
        versions = [detector.version for detector in CATALOGUE]
        said = msgspec.msgpack.encode((versions, DEFAULTS, TOGETHER, calibration, calendar), order="deterministic")
        told = blake2b(said, digest_size=8).hexdigest()
        if told == self.told:
            return False
        self.told, self.since = told, self.signals
        return True

    def pass_to(self, day: int) -> None:
        """All days before this one are judged."""
        self.days[day] = self.signals
        while len(self.days) > KEPT:
            del self.days[min(self.days)]


def reached(days: Mapping[int, int], signals: int) -> tuple[int, int]:
    """The first and the last day that had been reached when so many signals were taken; -1: none.

    >>> reached({20: 0, 21: 7, 22: 7}, 6), reached({20: 0, 21: 7, 22: 7}, 7), reached({20: 1}, 0)
    ((20, 20), (20, 22), (-1, -1))
    """
    those = [day for day, heard in days.items() if heard <= signals]
    return min(those, default=-1), max(those, default=-1)
