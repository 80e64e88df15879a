"""How often it happened, by day: what is usual follows. Rule: whole thousandths, so that taking back is exact."""

import msgspec

from streams.detect.parameters import Parameters

LEAST, MOST = 0.001, 0.98
"""No usual rate is taken for lower or higher."""

WEEKS = 4
"""The volume is counted over so many weeks."""


class Days(msgspec.Struct, array_like=True):
    """Counts by day; days rise without holes, seven in a week."""

    first: int = -1
    """The first day with anything; -1: none."""
    floor: int = -1
    """What lies before it was another team's."""
    counts: dict[int, list[int]] = {}
    """By day: thousandths of observations, thousandths in which it happened, 1 while an alert was open."""

    def add(self, day: int, n: int, x: int) -> None:
        """Adds thousandths, or takes back; a day from before the floor says nothing."""
        if day < self.floor:
            return
        if self.first < 0 or day < self.first:
            self.first = day
        held = self.counts.get(day)
        if held is None:
            self.counts[day] = [n, x, 0]
        else:
            held[0] += n
            held[1] += x

    def mark(self, first: int, last: int) -> None:
        """These days were part of an alert, and never are of a baseline."""
        for day in range(first, last + 1):
            self.counts.setdefault(day, [0, 0, 0])[2] = 1

    def forget(self, before: int) -> None:
        """Drops what no baseline reaches any more."""
        if any(day < before for day in self.counts):
            self.counts = {day: held for day, held in self.counts.items() if day >= before}

    def begin_anew(self, floor: int) -> None:
        """Only what was counted from this day on is of interest, alerts or not."""
        self.floor = floor
        self.counts = {day: [n, x, 0] for day, (n, x, _) in self.counts.items() if day >= floor}
        self.first = min(self.counts, default=-1)

    def reach(self, day: int, told: Parameters) -> tuple[int, int]:
        """From which day, and up to which, a baseline reaches on a day."""
        last = day - told.lag
        if last - self.first < told.warm:
            return self.first, min(day, self.first + told.warm)
        return last - told.history, last

    def totals(self, day: int, told: Parameters) -> tuple[float, float]:
        """Observations in the baseline of a day, and in how many it happened."""
        first, last = self.reach(day, told)
        n = x = 0
        for each, (more, happened, is_bad) in self.counts.items():
            if first <= each < last and not is_bad:
                n += more
                x += happened
        return max(n, 0) / 1000, min(max(x, 0), max(n, 0)) / 1000

    def baseline(self, day: int, told: Parameters, prior: tuple[float, float]) -> tuple[float, float]:
        """The usual rate on a day, and how many observations are behind it; `prior` is the organisation's."""
        n, x = self.totals(day, told)
        usual, strength = prior
        return min(max((usual * strength + x) / (strength + n), LEAST), MOST), strength + n

    def volume(self, day: int, told: Parameters) -> float:
        """Observations a week, lately."""
        n = sum(held[0] for each, held in self.counts.items() if day - 7 * WEEKS <= each < day)
        weeks = min(7 * WEEKS, day - self.first if self.first >= 0 else 0) / 7
        return (max(n, 0) / 1000 + told.volume) / (weeks + 1)
