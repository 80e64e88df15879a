"""Says when the store last changed, so that a board waits for news and need not ask for the same rows again."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """The state of the store: a number that rises with each change, and when it last did (epoch milliseconds)."""

    version: int
    at_ms: int


class Changes:
    """Counts changes from 1 at the server's start. Rule: a change is told only when it can be read."""

    def __init__(self, now_ms: int) -> None:
        self._last = Change(1, now_ms)
        self._news = asyncio.Event()

    @property
    def last(self) -> Change:
        """The newest change."""
        return self._last

    def tell(self, now_ms: int) -> None:
        """Counts one change and wakes who waits."""
        self._last = Change(self._last.version + 1, now_ms)
        self._news.set()
        self._news = asyncio.Event()

    async def wait(self, after: int, timeout_s: float) -> Change:
        """The newest change as soon as its number is not `after`, or unchanged when the time is up.

        Not equal rather than greater: after a restart numbers begin anew, and who waits must hear it.
        """
        if self._last.version == after:
            try:
                await asyncio.wait_for(self._news.wait(), timeout_s)
            except TimeoutError:
                return self._last
        return self._last
