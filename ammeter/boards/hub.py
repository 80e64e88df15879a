"""
One query for one question, however many tabs ask it.

Rule: an answer belongs to a version of the store. "Now" is the moment of the last change, so that all tabs
ask the same SQL and share its answer until the store changes again.
"""

import asyncio
import time
from dataclasses import dataclass, field

from sinks.frame import Frame, Query, QueryFailed

PARALLEL = 3
KEPT_S = 10.0
"""How long answers that were asked ahead wait for the tab that wants them."""

Key = tuple[bool, str]


@dataclass(frozen=True)
class Version:
    """One state of the store: its number, the moment to which its answers look back, and those that were asked for."""

    number: int
    at_ms: int
    answers: dict[Key, asyncio.Task[Frame]] = field(default_factory=dict)


class Hub:
    """Answers of the store's present version, and who waits for the next one."""

    def __init__(self, query: Query, now_ms: int, personal: Query | None = None) -> None:
        """Take how to ask the store, the moment from which the first answers look back, and how to ask for what is
        private; nothing private is asked without."""
        self.now = Version(0, now_ms)
        """The present version."""
        self.asked = 0
        """Queries that went to the store."""
        self.busy_s = 0.0
        """Seconds that the store has spent on the present version's answers."""
        self.away = ""
        """Why the store cannot be followed; empty while it can."""
        self._query = query
        self._personal = personal
        self._kept: dict[int, Version] = {}
        self._slots = asyncio.Semaphore(PARALLEL)
        self._changed = asyncio.Condition()

    async def answer(self, sql: str, *, personal: bool = False, version: Version | None = None) -> Frame:
        """The answer for a version, at first the present one; raises QueryFailed."""
        answers = (version or self.now).answers
        key = (personal, sql)
        if key not in answers:
            answers[key] = asyncio.create_task(self._ask(key, answers))
        # Who leaves cancels its own waiting only: others may wait for the same answer.
        return await asyncio.shield(answers[key])

    async def change(self, now_ms: int) -> None:
        """The store has changed: forget its answers and wake up who waits."""
        async with self._changed:
            self.now = Version(self.now.number + 1, max(self.now.at_ms, now_ms))
            self.busy_s = 0.0
            self.away = ""
            self._changed.notify_all()

    def keep(self) -> Version:
        """The present version, which `kept` finds for a while though the store goes on."""
        kept = self._kept.setdefault(self.now.number, self.now)
        asyncio.get_running_loop().call_later(KEPT_S, self._kept.pop, kept.number, None)
        return kept

    def kept(self, number: str) -> Version:
        """The version of a number, as long as it is kept; else the present one."""
        return self._kept.get(int(number), self.now) if number.isascii() and number.isdigit() else self.now

    async def wait(self, seen: int) -> int:
        """The store's version as soon as it is newer than the one seen."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.now.number > seen)
            return self.now.number

    async def _ask(self, key: Key, answers: dict[Key, asyncio.Task[Frame]]) -> Frame:
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
                answers.pop(key, None)
                raise
            finally:
                self.busy_s += time.monotonic() - started
