"""
One open tab: what it asked for, what it has been sent, and what of the rest it is still owed.

Rule: a tab gets only what changed, panels in the order of the page, each as soon as its answer is there.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from ammeter.boards.dashboards import Dashboard, Panel
from ammeter.boards.hub import Hub
from ammeter.boards.macros import Context, MacroError, expand
from ammeter.boards.timerange import TimeRange, parse_duration_s, parse_range
from ammeter.boards.views import View, delta, view_of
from sinks.frame import QueryFailed

STATUS_S = 1.0

Status = Callable[[], Mapping[str, str]]


class Asked:
    """What a URL asks of a board: its range and the values of its variables."""

    def __init__(self, board: Dashboard, query: Mapping[str, list[str]], now_ms: int) -> None:
        """Take the URL's parameters in Grafana's names; raises ValueError, whose text says which is wrong."""
        self.board = board
        default = board.json["time"]
        self.range_texts = (
            next(iter(query.get("from", [])), default["from"]),
            next(iter(query.get("to", [])), default["to"]),
        )
        self.variables = board.chosen(
            {name.removeprefix("var-"): values for name, values in query.items() if name.startswith("var-")}
        )
        self.time(now_ms)

    def time(self, now_ms: int) -> TimeRange:
        """The range as of now."""
        return parse_range(*self.range_texts, now_ms)

    def axis(self, panel: Panel, now_ms: int) -> TimeRange:
        """The range that a panel's time axis shows."""
        time = self.time(now_ms)
        return time.on_intervals(time.interval_s(parse_duration_s(panel.interval)))

    def sql(self, panel: Panel, now_ms: int) -> str:
        """A panel's SQL as the store gets it; raises MacroError."""
        return self.expand(panel.sql, now_ms, parse_duration_s(panel.interval))

    def expand(self, sql: str, now_ms: int, at_least_s: int = 1) -> str:
        """Any SQL of the board; raises MacroError."""
        time = self.time(now_ms)
        return expand(sql, Context(time, time.interval_s(at_least_s), self.variables, self.board.constants))


def whole_second(ms: int) -> int:
    """The next whole second: macros know seconds, and what happened in this one belongs to now."""
    return -(-ms // 1000) * 1000


class Session:
    """Pushes to one WebSocket until it closes."""

    def __init__(self, socket: web.WebSocketResponse, asked: Asked, hub: Hub, status: Status) -> None:
        """Take the open socket, what its tab asked for, and where answers come from."""
        self._socket = socket
        self._asked = asked
        self._hub = hub
        self._status = status
        self._sent: dict[int, tuple[bytes, View]] = {}
        self._options: dict[str, list[str]] = {}

    async def run(self) -> None:
        """Push until the tab goes; what it says is not listened to."""
        tasks = [asyncio.create_task(self._push()), asyncio.create_task(self._tell_status())]
        try:
            async for _ in self._socket:
                pass
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await task

    async def _push(self) -> None:
        while True:
            version, now_ms = self._hub.version, whole_second(self._hub.changed_at_ms)
            await asyncio.gather(
                self._push_options(now_ms), *(self._push_panel(panel, now_ms) for panel in self._asked.board.panels)
            )
            await self._send({"tick": {"version": version, "at": self._hub.changed_at_ms}})
            await self._hub.wait(version)

    async def _push_options(self, now_ms: int) -> None:
        options: dict[str, list[str]] = {}
        for name, sql in self._asked.board.options.items():
            with contextlib.suppress(QueryFailed):  # the panels say what is wrong with the store
                frame = await self._hub.answer(self._asked.expand(sql, now_ms))
                options[name] = [str(value) for value in frame.columns[0]]
        if options != self._options:
            self._options = options
            await self._send({"options": options})

    async def _push_panel(self, panel: Panel, now_ms: int) -> None:
        time = self._asked.axis(panel, now_ms)
        try:
            frame = await self._hub.answer(self._asked.sql(panel, now_ms))
            view = view_of(panel.id, panel.kind, frame, time)
        except (QueryFailed, MacroError) as error:
            view = {"id": panel.id, "from": time.from_ms, "to": time.to_ms, "error": str(error)}
        digest = digest_of(view)
        before = self._sent.get(panel.id)
        if before is not None and before[0] == digest:
            return
        self._sent[panel.id] = (digest, view)
        await self._send({"panel": view if before is None else delta(before[1], view)})

    async def _tell_status(self) -> None:
        told: Mapping[str, str] = {}
        while True:
            if (status := dict(self._status())) != told:
                told = status
                await self._send({"status": status})
            await asyncio.sleep(STATUS_S)

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._socket.send_str(msgspec.json.encode(message).decode())


def digest_of(view: View) -> bytes:
    """The same for views that draw the same."""
    return hashlib.blake2b(msgspec.json.encode(view), digest_size=8).digest()
