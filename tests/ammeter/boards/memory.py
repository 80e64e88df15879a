"""A store in memory that answers every query with the same small frame and tells of changes, as the real one does."""

import asyncio

from aiohttp import web

from sinks.frame import Frame, QueryFailed


class MemoryStore:
    """Answers any SQL with (time, value) rows of its own; `change` makes a new version."""

    def __init__(self, *, tells_changes: bool = True) -> None:
        """A store that knows /changes, or answers 404 as a plain ClickHouse does."""
        self.asked: list[str] = []
        self.values: list[float] = [1.0, 2.0]
        self.broken = ""
        self.url = ""
        self._tells_changes = tells_changes
        self._version = 1
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def query(self, sql: str) -> Frame:
        """The rows, or names of teams where the SQL asks for them."""
        self.asked.append(sql)
        if self.broken:
            raise QueryFailed(self.broken)
        if ".teams" in sql:
            return Frame(("value", "text"), ("string", "string"), (["=risky", "search"], ["=risky", "search"]))
        times = [60_000 * number for number in range(len(self.values))]
        return Frame(("time", "value"), ("time", "number"), (list(times), list(self.values)))

    async def change(self, *values: float) -> None:
        """Other rows from now on."""
        async with self._changed:
            self.values = list(values)
            self._version += 1
            self._changed.notify_all()

    async def start(self) -> None:
        """Tell of changes on a free port of this machine."""
        app = web.Application()
        if self._tells_changes:
            app.router.add_get("/changes", self._changes)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0])

    async def stop(self) -> None:
        """Stop telling."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _changes(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        async with self._changed:
            await self._changed.wait_for(lambda: self._version > after)
            return web.json_response({"version": self._version, "at": 0})
