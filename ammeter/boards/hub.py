"""
One query for one question, however many tabs ask it.

Rule: an answer belongs to a version of the store. "Now" is the moment of the last change, so that all tabs
ask the same SQL and share its answer until the store changes again.
"""

import asyncio
import time

from sinks.frame import Frame, Query, QueryFailed

PARALLEL = 3


class Hub:
    """Answers of the store's present version, and who waits for the next one."""

    def __init__(self, query: Query, now_ms: int, personal: Query | None = None) -> None:
        """Take how to ask the store, the moment from which the first answers look back, and how to ask for what is
        private; nothing private is asked without."""
        self.version = 0
        self.changed_at_ms = now_ms
        self.asked = 0
        """Queries that went to the store."""
        self.busy_s = 0.0
        """Seconds that the store has spent on the present version's answers."""
        self.away = ""
        """Why the store cannot be followed; empty while it can."""
        self._query = query
        self._personal = personal
        self._answers: dict[tuple[bool, str], asyncio.Task[Frame]] = {}
        self._slots = asyncio.Semaphore(PARALLEL)
        self._changed = asyncio.Condition()

    async def answer(self, sql: str, *, personal: bool = False) -> Frame:
        """The answer for the present version; raises QueryFailed."""
        key = (personal, sql)
        if key not in self._answers:
            self._answers[key] = asyncio.create_task(self._ask(key))
        # Who leaves cancels its own waiting only: others may wait for the same answer.
        return await asyncio.shield(self._answers[key])

    async def change(self, now_ms: int) -> None:
        """The store has changed: forget its answers and wake up who waits."""
        async with self._changed:
            self.version += 1
            self.changed_at_ms = max(self.changed_at_ms, now_ms)
            self.busy_s = 0.0
            self.away = ""
            self._answers.clear()
            self._changed.notify_all()

    async def wait(self, seen: int) -> int:
        """The store's version as soon as it is newer than the one seen."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.version > seen)
            return self.version

    async def _ask(self, key: tuple[bool, str]) -> Frame:
        personal, sql = key
        query = self._personal if personal else self._query
        async with self._slots:
            self.asked += 1
            started = time.monotonic()
            try:
                if query is None:
                    raise QueryFailed("Nothing private is shown here: start the boards with the key of pseudonyms.")
                return await query(sql)
            except QueryFailed:
                # A store that was away answers the next one who asks, though nothing has changed in it.
                self._answers.pop(key, None)
                raise
            finally:
                self.busy_s += time.monotonic() - started
