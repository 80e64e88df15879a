"""
Serves the boards to browsers: one page a board, its data over a WebSocket, SQL and CSV of each panel.

Rule: the store is an injected query; this file knows HTTP only.
"""

import asyncio
import csv
import io
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiohttp import WSCloseCode, web

from ammeter.boards.access import Refused, is_loopback, networks, same_origin, viewer
from ammeter.boards.assets import PAGE, load_assets
from ammeter.boards.changes import Follower
from ammeter.boards.dashboards import Dashboard, Panel, read_dashboards
from ammeter.boards.hub import Hub
from ammeter.boards.session import Asked, Session, Status, whole_second
from sinks.frame import Query, QueryFailed, Value

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
USER = web.RequestKey("user", str)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class BoardsConfig:
    """Where the boards listen and what they show."""

    host: str
    port: int
    """0 takes a free one."""
    dashboards: Path
    """Folder of Grafana's JSON files."""
    store_url: str
    """Whom to ask whether something changed."""
    database: str = "ammeter"
    proxies: tuple[str, ...] = ()
    """Addresses or networks of the proxies that may name a user."""
    gap_s: float = 1.0
    """The shortest time between two pushes, seconds."""


class BoardsServer:
    """The server; `start`, then `url`, then `stop`."""

    def __init__(self, config: BoardsConfig, query: Query, status: Status = dict) -> None:
        """Take how to ask the store, and what the stack says of itself (`phase` and `text`, or nothing)."""
        self._config = config
        self._proxies = networks(config.proxies)
        if not is_loopback(config.host) and not config.proxies:
            raise ValueError(
                f"Boards on {config.host} would be open to everybody: name the login proxy's address, or use 127.0.0.1."
            )
        self._boards = read_dashboards(config.dashboards, config.database)
        self._status = status
        self._hub = Hub(query, int(time.time() * 1000))
        self._follower = Follower(config.store_url, self._hub, config.gap_s)
        self._assets = load_assets()
        self._page = (PAGE / "page.html").read_text(encoding="utf-8")
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None
        self._following: asyncio.Task[None] | None = None
        self._port = config.port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the boards."""
        host = self._config.host if is_loopback(self._config.host) else "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    async def start(self) -> None:
        """Listen; raises OSError where the port is taken."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/", self._index)
        app.router.add_get("/d/{uid}", self._board)
        app.router.add_get("/assets/{release}/{name}", self._asset)
        app.router.add_get("/api/status", self._tell_status)
        app.router.add_get("/api/boards/{uid}/live", self._live)
        app.router.add_get("/api/boards/{uid}/panels/{id:\\d+}.sql", self._sql)
        app.router.add_get("/api/boards/{uid}/panels/{id:\\d+}.csv", self._csv)
        # aiohttp's default would let open tabs hold up the end for a minute.
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._config.host, self._config.port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._following = asyncio.create_task(self._follower.run())

    async def stop(self) -> None:
        """Tell open tabs, stop listening."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        for socket in set(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            request[USER] = viewer(request.remote or "", request.headers, self._proxies)
            response = await handler(request)
        except Refused as refusal:
            response = web.Response(status=403, text=f"{refusal}\n")
        except web.HTTPException as answer:
            answer.headers.update(SECURITY)
            raise
        if not response.prepared:
            response.headers.update(SECURITY)
        return response

    async def _index(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/d/{next(iter(self._boards))}")

    async def _board(self, request: web.Request) -> web.Response:
        board = self._asked(request).board
        boot = {
            "board": board.json,
            "boards": [{"uid": one.uid, "title": one.title} for one in self._boards.values()],
            "user": request[USER],
        }
        preloads = "".join(
            f'<link rel="modulepreload" href="{self._assets.path(name)}">' for name in self._assets.modules
        )
        parts = {
            "title": escape(board.title),
            "style": self._assets.path("page.css"),
            "script": self._assets.path("page.js"),
            "preloads": preloads,
            # Inside a script element only "<" could end it.
            "boot": json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c"),
        }
        page = self._page
        for name, text in parts.items():
            page = page.replace("{{" + name + "}}", text)
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _asset(self, request: web.Request) -> web.Response:
        asset = self._assets.files.get(request.match_info["name"])
        if asset is None or request.match_info["release"] != self._assets.release:
            raise web.HTTPNotFound(text="There is no such file: reload the page.\n")
        return asset.response(request)

    async def _tell_status(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._status()))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not same_origin(request.headers):
            raise Refused("Only the boards' own page may open this.")
        asked = self._asked(request)
        socket = web.WebSocketResponse(heartbeat=20, compress=True, max_msg_size=4096)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await Session(socket, asked, self._hub, self._status).run()
        finally:
            self._sockets.discard(socket)
        return socket

    async def _sql(self, request: web.Request) -> web.Response:
        asked, panel, now_ms = self._panel(request)
        return web.json_response({"sql": panel.sql, "expanded": asked.sql(panel, now_ms)})

    async def _csv(self, request: web.Request) -> web.Response:
        asked, panel, now_ms = self._panel(request)
        try:
            frame = await self._hub.answer(asked.sql(panel, now_ms))
        except QueryFailed as error:
            return web.Response(status=502, text=f"{error}\n")
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(frame.names)
        rows.writerows([cell(value) for value in row] for row in zip(*frame.columns, strict=True))
        name = f"{asked.board.uid}-{panel.id}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return web.Response(text=text.getvalue(), content_type="text/csv", headers=headers)

    def _asked(self, request: web.Request) -> Asked:
        uid = request.match_info["uid"]
        board: Dashboard | None = self._boards.get(uid)
        if board is None:
            raise web.HTTPNotFound(text=f"There is no such board. There are: {', '.join(sorted(self._boards))}.\n")
        query: Mapping[str, list[str]] = {name: request.query.getall(name) for name in request.query}
        try:
            return Asked(board, query, whole_second(self._hub.changed_at_ms))
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from None

    def _panel(self, request: web.Request) -> tuple[Asked, Panel, int]:
        asked = self._asked(request)
        panel = asked.board.panel(request.match_info["id"])
        if panel is None:
            raise web.HTTPNotFound(text="This board has no such panel with a query.\n")
        return asked, panel, whole_second(self._hub.changed_at_ms)


def cell(value: Value) -> Value:
    """A value of a CSV file; a spreadsheet would run text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
