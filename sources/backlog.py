"""Messages that nobody waits for, written behind. Rule: `put` returns at once; what is lost is counted and told.

In order, one batch after the other: a batch that the log did not acknowledge is sent again until it is, which run and
index make harmless. What comes while too much waits is lost.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

import structlog

from ammeter import telemetry
from sources.messages import Log, Message, Unavailable

_log = structlog.get_logger()

WRITTEN = telemetry.counter("ammeter_receiver_hook_events_total", "Events that hooks told, acknowledged by the log.")
LOST = telemetry.counter("ammeter_receiver_hooks_lost_total", "Payloads of hooks answered and lost.", ("reason",))
WAITING = telemetry.gauge("ammeter_receiver_hooks_waiting_bytes", "Of events that hooks told and the log has not.")

BATCH_MESSAGES = 500
AGAIN_S = (0.1, 0.2, 0.5, 1.0)
"""Pauses before a batch is sent again; the last one from then on."""

_OVERHEAD = 400
"""Bytes that a waiting message costs beside its value."""


class Backlog:
    """A bounded queue with a task that empties it."""

    def __init__(self, log: Log, most_bytes: int) -> None:
        self._out, self._most = log, most_bytes
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._more, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None
        self._is_told = False

    def start(self) -> None:
        """Begins to write."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, within_s: float) -> None:
        """Writes what waits, at most so long; what is left then is lost."""
        task, self._task = self._task, None
        if task is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        task.cancel()
        await asyncio.wait([task])
        if self._waiting:
            self.lose("stopped", len(self._waiting))
        self._waiting.clear()
        self._weigh(-self._bytes)

    def put(self, messages: Sequence[Message]) -> None:
        """Takes them, or loses them where too much waits."""
        size = sum(len(message.value) + _OVERHEAD for message in messages)
        if self._bytes + size > self._most:
            self.lose("full")
            return
        self._waiting.extend(messages)
        self._weigh(size)
        self._empty.clear()
        self._more.set()

    def lose(self, reason: str, payloads: int = 1) -> None:
        """Counts what was lost, and tells it once until something is written again."""
        LOST.labels(reason).inc(payloads)
        if not self._is_told:
            _log.error("what hooks tell is lost, though they are answered", reason=reason)
            self._is_told = True

    async def _run(self) -> None:
        while True:
            await self._more.wait()
            batch = [self._waiting[place] for place in range(min(len(self._waiting), BATCH_MESSAGES))]
            if await self._write(batch):
                WRITTEN.inc(sum(message.events for message in batch))
                self._is_told = False
            for message in batch:
                self._waiting.popleft()
                self._weigh(-len(message.value) - _OVERHEAD)
            if not self._waiting:
                self._more.clear()
                self._empty.set()

    async def _write(self, batch: Sequence[Message]) -> bool:
        """Whether the log has it; tries until then, unless it is the batch's own fault."""
        attempt = 0
        while True:
            try:
                await self._out.send(batch)
            except Unavailable:
                await asyncio.sleep(AGAIN_S[min(attempt, len(AGAIN_S) - 1)])
                attempt += 1
            except Exception as exc:  # a fault of ours must not keep all that follows from being written
                _log.error("a batch of hooks could not be written", error=type(exc).__name__)
                self.lose("fault", len(batch))
                return False
            else:
                return True

    def _weigh(self, size: int) -> None:
        self._bytes += size
        WAITING.inc(size)
