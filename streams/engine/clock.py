"""Time for a stage. Rule: a partition's time is its log's; the clock only counts where the log has no more.

Else a worker, or a broker, that was away closes sessions and gives up waiting for what it has not read yet.
"""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """What time it is: `start` + `rate` * (real time since `origin`), never past `until`. Epoch milliseconds.

    The defaults are real time; a demo's clock starts in the past and runs fast until it reaches now, and is real
    time from there on: no clock is ever ahead of the real one by being fast.

    >>> fast = Clock(origin=1_000_000, start=500_000, rate=10, until=1_200_000)
    >>> fast.at(1_010_000), fast.at(9_999_999)
    (600000, 1200000)
    """

    origin: float = 0.0
    start: float = 0.0
    rate: float = 1.0
    until: float = float("inf")

    def at(self, real_ms: float) -> int:
        """This clock's time at a real moment, in epoch milliseconds."""
        fast = self.start + self.rate * (real_ms - self.origin)
        return int(min(self.until, fast, real_ms if self.rate > 1 else fast))

    def now(self) -> int:
        """This clock's time at this moment, in epoch milliseconds."""
        return self.at(time.time() * 1000)


REAL_TIME = Clock()


class PartitionTime:
    """The time of one partition, in epoch milliseconds: it rises with what is read, and never falls.

    >>> time = PartitionTime(100)
    >>> time.rise(90), time.rise(120), time.now
    (None, None, 120)
    """

    __slots__ = ("now",)

    def __init__(self, now: int = 0) -> None:
        self.now = now

    def rise(self, to: int) -> None:
        """A record of this timestamp was read, or the log had no more at this moment."""
        if to > self.now:
            self.now = to
