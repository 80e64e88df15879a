"""
Serves the boards to browsers: one page a board, its data over a WebSocket, SQL and CSV of each panel.

Rule: the store is an injected query; this file knows HTTP only.
"""

import asyncio
import contextlib
import csv
import io
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import WSCloseCode, web

from ammeter.boards.access import USER_HEADER, Login, Refused, is_loopback, networks, same_origin, viewer
from ammeter.boards.asked import Asked, Mine, whole_second
from ammeter.boards.assets import PAGE, load_assets
from ammeter.boards.changes import Follower
from ammeter.boards.dashboards import Dashboard, Panel, in_order, read_dashboards
from ammeter.boards.document import document
from ammeter.boards.hub import Hub, Version
from ammeter.boards.macros import MacroError
from ammeter.boards.mine import find_person, only_person
from ammeter.boards.session import NOBODY, Session, Status
from ammeter.boards.views import picked
from sinks.frame import Query, QueryFailed, Value

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
USER = web.RequestKey("user", Login)

NOT_KEPT = {"Cache-Control": "no-store"}

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
    local_user: str = ""
    """The identity of this machine's one user; where nobody says it, the only person of the store."""


@dataclass(frozen=True)
class Personal:
    """What the boards of one person need."""

    dashboards: Path
    """Folder of their JSON files."""
    query: Query
    """How to ask for what is private."""
    pseudonym: Callable[[str], str]
    """The pseudonym of an identity, by the organisation's key."""


class BoardsServer:
    """The server; `start`, then `url`, then `stop`."""

    def __init__(
        self, config: BoardsConfig, query: Query, status: Status = dict, personal: Personal | None = None
    ) -> None:
        """Take how to ask the store, and what the stack says of itself (`phase` and `text`, or nothing).

        Without `personal` there are no boards of one person. Raises ValueError for boards that would be open to
        everybody, or that read what they may not.
        """
        self._config = config
        self._proxies = networks(config.proxies)
        if not is_loopback(config.host) and not config.proxies:
            raise ValueError(
                f"Boards on {config.host} would be open to everybody: name the login proxy's address, or use 127.0.0.1."
            )
        self._boards = read_dashboards(config.dashboards, config.database)
        if personal is not None:
            own = read_dashboards(personal.dashboards, config.database, is_personal=True)
            self._boards = in_order({**self._boards, **own})
        self._personal = personal
        self._private = f"{config.database}_private"
        self._status = status
        self._hub = Hub(query, int(time.time() * 1000), personal.query if personal else None)
        self._follower = Follower(config.store_url, self._hub, config.gap_s)
        self._assets = load_assets()
        self._page = (PAGE / "page.html").read_text(encoding="utf-8")
        self._sockets: set[web.WebSocketResponse] = set()
        self._ahead: set[asyncio.Task[None]] = set()
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
        for task in set(self._ahead):
            task.cancel()
        for socket in set(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            host, named = request.headers.get("Host", ""), request.headers.getall(USER_HEADER, [])
            request[USER] = viewer(request.remote or "", host, named, self._proxies, self._config.local_user)
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
        board = (await self._asked(request, identify=False)).board
        version = self._hub.keep()
        ahead = asyncio.create_task(self._ask_ahead(request, version))
        self._ahead.add(ahead)
        ahead.add_done_callback(self._ahead.discard)
        page = document(self._page, self._assets, self._boards.values(), board, request[USER].name, version.number)
        return web.Response(text=page, content_type="text/html", headers=NOT_KEPT)

    async def _ask_ahead(self, request: web.Request, version: Version) -> None:
        """Ask the store what the page will ask as soon as its scripts run, so that the answers wait for it."""
        with contextlib.suppress(QueryFailed, MacroError, web.HTTPException):  # the page asks again, and is told
            asked = await self._asked(request)
            if asked.is_locked:
                return
            await self._settle(asked, version)
            now_ms, personal = whole_second(version.at_ms), asked.board.is_personal
            sqls = [asked.sql(panel, now_ms) for panel in asked.board.panels]
            asking = (self._hub.answer(sql, personal=personal, version=version) for sql in sqls)
            await asyncio.gather(*asking, return_exceptions=True)

    async def _asset(self, request: web.Request) -> web.Response:
        asset = self._assets.files.get(request.match_info["name"])
        if asset is None or request.match_info["release"] != self._assets.release:
            raise web.HTTPNotFound(text="There is no such file: reload the page.\n")
        return asset.response(request)

    async def _tell_status(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._status()))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not same_origin(request.headers.get("Origin"), request.headers.get("Host", "")):
            raise Refused("Only the boards' own page may open this.")
        try:
            asked = await self._asked(request)
        except QueryFailed:
            # Who looks cannot be told while the store is away: the page tries again.
            raise web.HTTPServiceUnavailable(text="The store does not answer.\n") from None
        socket = web.WebSocketResponse(heartbeat=20, compress=True, max_msg_size=4096)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            version = self._hub.kept(request.query.get("version", ""))
            await Session(socket, asked, self._hub, self._status, version).run()
        finally:
            self._sockets.discard(socket)
        return socket

    async def _sql(self, request: web.Request) -> web.Response:
        try:
            asked, panel, now_ms = await self._panel(request)
            told = {"sql": panel.sql, "expanded": asked.sql(panel, now_ms)}
        except (QueryFailed, MacroError) as error:
            return web.Response(status=502, text=f"{error}\n")
        return web.json_response(told, headers=NOT_KEPT)

    async def _csv(self, request: web.Request) -> web.Response:
        try:
            asked, panel, now_ms = await self._panel(request)
            answer = await self._hub.answer(asked.sql(panel, now_ms), personal=asked.board.is_personal)
        except (QueryFailed, MacroError) as error:
            return web.Response(status=502, text=f"{error}\n")
        frame = picked(answer, panel.figure)
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(frame.names)
        rows.writerows([cell(value) for value in row] for row in zip(*frame.columns, strict=True))
        name = f"{asked.board.uid}-{panel.id}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', **NOT_KEPT}
        return web.Response(text=text.getvalue(), content_type="text/csv", headers=headers)

    async def _asked(self, request: web.Request, *, identify: bool = True) -> Asked:
        """What a request asks for, and for a personal board of whom; raises QueryFailed."""
        uid = request.match_info["uid"]
        board: Dashboard | None = self._boards.get(uid)
        if board is None:
            raise web.HTTPNotFound(text=f"There is no such board. There are: {', '.join(self._boards)}.\n")
        query: Mapping[str, list[str]] = {name: request.query.getall(name) for name in request.query}
        mine = await self._mine(request[USER]) if board.is_personal and identify else None
        try:
            return Asked(board, query, whole_second(self._hub.now.at_ms), mine)
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from None

    async def _mine(self, login: Login) -> Mine | None:
        """Who is logged in, as the store knows them; None where nobody says who."""
        assert self._personal is not None  # else there is no personal board
        ask = self._personal.query
        pseudonym = self._personal.pseudonym(login.identity)
        if pseudonym:
            return Mine(await find_person(ask, self._private, pseudonym), self._private)
        only = await only_person(ask, self._private)
        return Mine(only, self._private) if only else None

    async def _panel(self, request: web.Request) -> tuple[Asked, Panel, int]:
        asked = await self._asked(request)
        panel = asked.board.panel(request.match_info["id"])
        if panel is None:
            raise web.HTTPNotFound(text="This board has no such panel with a query.\n")
        if asked.is_locked:
            raise web.HTTPForbidden(text=f"{NOBODY}\n")
        version = self._hub.now
        await self._settle(asked, version)
        return asked, panel, whole_second(version.at_ms)

    async def _settle(self, asked: Asked, version: Version) -> None:
        """Choose what must be chosen and is not; raises QueryFailed, MacroError."""
        for name, sql in asked.board.options.items():
            if name in asked.board.singles and not asked.variables[name]:
                expanded = asked.expand(sql, whole_second(version.at_ms))
                frame = await self._hub.answer(expanded, personal=asked.board.is_personal, version=version)
                asked.settle(name, [str(value) for value in frame.columns[0]] if frame.columns else [])


def cell(value: Value) -> Value:
    """A value of a CSV file; a spreadsheet would run text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
