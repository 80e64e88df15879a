"""
Follows the store's changes: asks the store server to tell, or a plain ClickHouse once a second.

Rule: with nobody looking at a board, nothing is asked of the store but whether it changed.
"""

import asyncio
import time
from collections.abc import Callable

import aiohttp
import structlog
from yarl import URL

from ammeter.boards.hub import Hub

WAIT_S = 25
POLL_S = 1.0
LONGEST_PAUSE_S = 10.0

log = structlog.get_logger()


class Follower:
    """Tells a hub when the store changed, at most once in `gap_s`, and less often while answers are expensive."""

    def __init__(self, url: str, hub: Hub, gap_s: float, clock: Callable[[], float] = time.time) -> None:
        """Take the store's URL; its path, a database, is not looked at."""
        self._url = URL(url).with_path("/changes")
        self._hub = hub
        self._gap_s = gap_s
        self._clock = clock

    async def run(self) -> None:
        """Follow until cancelled; a store that is away is asked again with growing pauses."""
        pause = 0.5
        seen = 0
        timeout = aiohttp.ClientTimeout(total=WAIT_S + 10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                try:
                    seen = await self._next(session, seen)
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    self._hub.away = "The store does not answer; what is shown is from before."
                    log.info("the store is away", store=self._url.authority, error=str(error), again_in_s=pause)
                    await asyncio.sleep(pause)
                    pause = min(LONGEST_PAUSE_S, pause * 2)
                    seen = 0
                    continue
                pause = 0.5
                await self._hub.change(int(self._clock() * 1000))
                await asyncio.sleep(self._gap_s)
                # Answers may take no more of the store's time than there is between them.
                await asyncio.sleep(min(LONGEST_PAUSE_S, max(0.0, self._hub.busy_s - self._gap_s)))

    async def _next(self, session: aiohttp.ClientSession, seen: int) -> int:
        """The store's version once it is newer than the one seen; a plain ClickHouse has none, so after a second."""
        while True:
            asked = {"after": str(seen), "timeout": str(WAIT_S)}
            async with session.get(self._url, params=asked) as answer:
                if answer.status == 404:
                    await asyncio.sleep(POLL_S)
                    return 0
                answer.raise_for_status()
                version = int((await answer.json())["version"])
            if version != seen:
                return version
