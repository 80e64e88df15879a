"""The chat notifier: tells channels of alerts, once. Rule: what is sent is written down before, what was taken after.

Killed between a channel's taking a message and the record of it (tens of milliseconds), it sends that one message
again, with the same id and saying so. A channel that takes nothing holds up no other.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import structlog

from sinks.alert_log import AlertLog
from sinks.chat_send import NotTaken, Way
from sinks.deliveries import Memory
from sinks.due import DIGEST, Due, digest_due, digest_id, for_digest, is_time, wanted
from sinks.heard import NOTHING, begun, refused, taken
from sinks.message import Message, Writing, alerts_message, digest_message, message_id
from sinks.notifying import FAILING, FAILURES, MESSAGES, SECONDS, UNROUTED, WAITING
from sinks.routes import Routes

log = structlog.get_logger()

LOOK_S = 1.0
"""How often a channel looks what is due though nothing came."""

LAST_S = 12.0
"""So long a stop waits for messages on their way: less than whoever stops it waits for it."""

READ_MS = 500
"""How long one read of the log waits."""


@dataclass(frozen=True)
class ChatConfig:
    """What it needs. `ways` hold secrets."""

    broker: str
    topic_prefix: str
    routes: Routes
    writing: Writing
    ways: Mapping[str, Way] = field(repr=False)


class Chat:
    """One process of it; a second one ends the first."""

    def __init__(self, config: ChatConfig, now: Callable[[], int]) -> None:
        self._config, self._now = config, now
        self._log = AlertLog(config.broker, config.topic_prefix)
        self._memory = Memory(config.broker, config.topic_prefix, now)
        self._changed: dict[str, asyncio.Event] = {}
        self._unrouted: frozenset[str] = frozenset()
        self._running: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begins; waits for nobody."""
        self._running = asyncio.create_task(self._run())

    async def wait_ended(self) -> None:
        """Returns, or raises, when it ends by itself."""
        assert self._running
        await asyncio.shield(self._running)

    async def stop(self) -> None:
        """Ends when messages on their way are written down; after LAST_S what is still on its way is left in doubt."""
        self._stopping = True
        for event in self._changed.values():
            event.set()
        if self._running:
            if not self._changed or not (await asyncio.wait((self._running,), timeout=LAST_S))[0]:
                self._running.cancel()
            await asyncio.wait((self._running,))
        await self._log.close()
        await self._memory.close()

    async def _run(self) -> None:
        await self._memory.claim()
        await self._log.load()
        self._note_unrouted()
        self._changed = {name: asyncio.Event() for name in self._config.ways}
        log.info("telling channels of alerts", channels=sorted(self._config.ways))
        parts = [self._follow(), *(self._serve(name, way) for name, way in self._config.ways.items())]
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while not self._stopping:
            if await self._log.read(READ_MS):
                self._note_unrouted()
                for event in self._changed.values():
                    event.set()

    def _note_unrouted(self) -> None:
        routes = self._config.routes
        found = frozenset(
            ident
            for ident, alert in self._log.known.alerts.items()
            if alert.status == "firing" and not routes.of(alert)
        )
        UNROUTED.set(len(found))
        for ident in sorted(found - self._unrouted):
            log.warning("no route takes this alert: nobody is told of it", alert=ident)
        self._unrouted = found

    async def _serve(self, channel: str, way: Way) -> None:
        """Tells one channel, until told to stop."""
        changed = self._changed[channel]
        while not self._stopping:
            changed.clear()
            told = await self._tell_alerts(channel, way) + await self._tell_digest(channel, way)
            if not told and not self._stopping:
                try:
                    async with asyncio.timeout(LOOK_S):
                        await changed.wait()
                except TimeoutError:
                    pass

    async def _tell_alerts(self, channel: str, way: Way) -> int:
        """Sends what is due; how many messages that were."""
        now, held = self._now(), self._memory.held
        waiting = wanted(self._log.known, held, self._config.routes, channel, now)
        WAITING.labels(channel).set(len(waiting))
        messages = _messages([item for item in waiting if is_time(held.get((channel, item.alert)), now)])
        for items in messages:
            if self._stopping:
                break
            ident = items[0].message or message_id(items)
            message = alerts_message(
                ident, items, self._log.known.alerts, self._config.writing, is_repeat=bool(items[0].message)
            )
            await self._deliver(channel, way, message, items, now)
        if not waiting:
            FAILING.labels(channel).set(0)
        return len(messages)

    async def _tell_digest(self, channel: str, way: Way) -> int:
        now, held, known, routes = self._now(), self._memory.held, self._log.known, self._config.routes
        found = None if self._stopping else digest_due(held, routes, channel, now)
        if found is None or not is_time(held.get((channel, DIGEST)), now):
            return 0
        item, at = found
        chosen = for_digest(known, routes, channel, at)
        if not chosen:
            return 0
        ident = digest_id(routes, at)
        message = digest_message(ident, chosen, known.alerts, self._config.writing, is_repeat=bool(item.message))
        await self._deliver(channel, way, message, [item], at)
        return 1

    async def _deliver(self, channel: str, way: Way, message: Message, items: Sequence[Due], at: int) -> None:
        """Writes down what is being sent, sends it, writes down what became of it."""
        before = {(channel, item.alert): self._memory.held.get((channel, item.alert), NOTHING) for item in items}
        sending = {(channel, item.alert): begun(before[channel, item.alert], item, message.id) for item in items}
        await self._memory.write(sending)
        try:
            await way.send(message)
        except NotTaken as exc:
            FAILURES.labels(channel).inc()
            FAILING.labels(channel).set(1)
            log.warning("message not taken, trying again", channel=channel, message=message.id, why=exc.reason)
            now = self._now()
            await self._memory.write(
                {key: refused(before[key], sent, exc.reason, exc.in_doubt, now) for key, sent in sending.items()}
            )
            return
        await self._memory.write({key: taken(sent, at) for key, sent in sending.items()})
        MESSAGES.labels(channel).inc()
        FAILING.labels(channel).set(0)
        self._observe(channel, items)
        log.info("message taken", channel=channel, message=message.id)

    def _observe(self, channel: str, items: Sequence[Due]) -> None:
        """How long it took, of what was told as soon as it could be."""
        for item in items:
            written = self._log.written.get(item.alert)
            if item.kind in ("opened", "resolved") and written is not None:
                SECONDS.labels(channel).observe(max(0, self._now() - written) / 1000)


def _messages(items: Sequence[Due]) -> list[list[Due]]:
    """Alerts to messages: what is in doubt as it was, what has failed alone, all that is new together."""
    doubted = sorted((item for item in items if item.message), key=lambda item: item.message)
    found = [list(group) for _, group in groupby(doubted, key=lambda item: item.message)]
    found += [[item] for item in items if item.failed]
    new = [item for item in items if not item.message and not item.failed]
    return found + ([new] if new else [])
