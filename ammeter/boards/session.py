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

from ammeter.boards.asked import Asked, whole_second
from ammeter.boards.dashboards import Panel
from ammeter.boards.hub import Hub, Version
from ammeter.boards.macros import MacroError
from ammeter.boards.views import View, delta, fitted, marks_of, picked, view_of
from sinks.frame import Frame, QueryFailed

STATUS_S = 1.0
NOBODY = (
    "Nobody knows whose sessions to show: open this board through the login proxy, or, on your own machine, "
    "set AMMETER_BOARDS_USER to the identity that your assistant sends (usually your e-mail)."
)

Status = Callable[[], Mapping[str, str]]


class Session:
    """Pushes to one WebSocket until it closes."""

    def __init__(self, socket: web.WebSocketResponse, asked: Asked, hub: Hub, status: Status, version: Version) -> None:
        """Take the open socket, what its tab asked for, where answers come from, and the version to begin with."""
        self._socket = socket
        self._asked = asked
        self._hub = hub
        self._status = status
        self._version = version
        self._sent: dict[int, tuple[bytes, View]] = {}
        self._told: dict[str, Any] = {}

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
        panels = self._asked.board.panels
        if self._asked.is_locked:
            for panel in panels:
                await self._send({"panel": {"id": panel.id, "from": 0, "to": 1, "empty": True, "why": NOBODY}})
            await self._send({"tick": {"version": 0, "at": self._version.at_ms}})
            return
        while True:
            now_ms = whole_second(self._version.at_ms)
            if self._asked.board.singles:  # panels ask about what is chosen, so that comes first
                await self._push_options(now_ms)
            await asyncio.gather(
                *(self._push_panel(panel, now_ms) for panel in panels),
                *([] if self._asked.board.singles else [self._push_options(now_ms)]),
                self._push_marks(now_ms),
            )
            await self._send({"tick": {"version": self._version.number, "at": self._version.at_ms}})
            await self._hub.wait(self._version.number)
            self._version = self._hub.now

    async def _ask(self, sql: str, now_ms: int) -> Frame:
        return await self._answer(self._asked.expand(sql, now_ms))

    async def _answer(self, sql: str) -> Frame:
        return await self._hub.answer(sql, personal=self._asked.board.is_personal, version=self._version)

    async def _push_options(self, now_ms: int) -> None:
        options: dict[str, list[list[str]]] = {}
        for name, sql in self._asked.board.options.items():
            with contextlib.suppress(QueryFailed):  # the panels say what is wrong with the store
                frame = await self._ask(sql, now_ms)
                texts = frame.columns[min(1, len(frame.columns) - 1)] if frame.columns else []
                values = [str(value) for value in frame.columns[0]] if frame.columns else []
                options[name] = [[value, str(text)] for value, text in zip(values, texts, strict=True)]
                if self._asked.settle(name, values):
                    await self._tell("chosen", {name: self._asked.variables[name]})
        await self._tell("options", options)

    async def _push_marks(self, now_ms: int) -> None:
        marks: list[dict[str, Any]] = []
        for one in self._asked.board.annotations:
            with contextlib.suppress(QueryFailed, MacroError):  # figures count for more than the marks on them
                marks += marks_of(one.name, one.color, await self._ask(one.sql, now_ms))
        await self._tell("marks", marks)

    async def _push_panel(self, panel: Panel, now_ms: int) -> None:
        time = self._asked.axis(panel, now_ms)
        try:
            frame = picked(await self._answer(self._asked.sql(panel, now_ms)), panel.figure)
            view = view_of(panel.id, panel.kind, frame, time)
            if self._asked.board.is_of_one:
                view = fitted(view)
        except (QueryFailed, MacroError) as error:
            view = {"id": panel.id, "from": time.from_ms, "to": time.to_ms, "error": str(error)}
        digest = digest_of(view)
        before = self._sent.get(panel.id)
        if before is not None and before[0] == digest:
            return
        self._sent[panel.id] = (digest, view)
        await self._send({"panel": view if before is None else delta(before[1], view)})

    async def _tell_status(self) -> None:
        while True:
            away = {"store": self._hub.away} if self._hub.away else {}
            await self._tell("status", {**self._status(), **away})
            await asyncio.sleep(STATUS_S)

    async def _tell(self, kind: str, what: Any) -> None:
        """Send what differs from what was told last; nothing at first is no news."""
        if what != self._told.get(kind, type(what)()):
            self._told[kind] = what
            await self._send({kind: what})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._socket.send_str(msgspec.json.encode(message).decode())


def digest_of(view: View) -> bytes:
    """The same for views that draw the same."""
    return hashlib.blake2b(msgspec.json.encode(view), digest_size=8).digest()
