"""A team's latest minutes. Rule: a minute waits for nothing; who failed in it was told before.

What is told again within the hour replaces what was told first, in day counts; what comes later changes nothing, since
nobody remembers what it replaces.
"""

from collections.abc import Mapping

import msgspec

KEPT = 60
"""Minutes."""


class Minutes(msgspec.Struct, array_like=True):
    """What was told of them."""

    failures: dict[int, dict[int, int]] = {}
    """By minute: failed requests by person."""
    counted: dict[int, list[int]] = {}
    """By minute: requests and failures, as they entered the day counts."""

    def hear(self, minute: int, person: int, failed: int) -> None:
        """Of a person in a minute so many requests failed; replaces what was said before."""
        if failed > 0:
            self.failures.setdefault(minute, {})[person] = failed
        elif held := self.failures.get(minute):
            held.pop(person, None)

    def of(self, minute: int) -> Mapping[int, int]:
        """Failed requests by person."""
        return self.failures.get(minute, {})

    def count(self, minute: int, n: int, x: int) -> tuple[int, int] | None:
        """A minute holds so much: what that is more than before. None: it was told for the first time, or forgotten."""
        before = self.counted.get(minute)
        self.counted[minute] = [n, x]
        return None if before is None else (n - before[0], x - before[1])

    def forget(self) -> None:
        """Drops what is older than an hour before the latest."""
        bound = max(max(self.failures, default=0), max(self.counted, default=0)) - KEPT
        for held in (self.failures, self.counted):
            for minute in [minute for minute in held if minute < bound]:
                del held[minute]
