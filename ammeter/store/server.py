"""The store's HTTP server: ClickHouse's paths and headers, an ordinary port, a read-only port, and news of changes."""

import asyncio
import contextlib
import hmac
import json
import signal
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from ammeter.store import encoding
from ammeter.store.changes import Changes
from ammeter.store.config import StoreConfig
from ammeter.store.engine import Engine, Pool, Work
from ammeter.store.errors import StoreError
from ammeter.store.execute import Answer, Executor
from ammeter.store.insert import Scratch
from ammeter.store.request import Request, credentials, form, read
from ammeter.store.rules import reaching_names

log = structlog.get_logger()

_MOST_WAIT_S = 60.0
_STOP_S = 3.0  # then queries are ended; inserts are finished
_CONTENT_TYPES = {
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
}


class StoreServer:
    """Serves one data directory; `start` returns when it can be asked, `stop` finishes what runs."""

    def __init__(self, config: StoreConfig) -> None:
        self._config = config
        self._engine = Engine(config.path)
        self._pools: list[Pool] = []
        self._runners: list[web.AppRunner] = []
        self._executors: list[Executor] = []
        self._scratch: Scratch | None = None
        self._changes = Changes(_now_ms())
        self.port = config.port
        self.read_only_port = config.read_only_port

    async def start(self) -> None:
        """Opens the data and listens. `StoreError` or `OSError` says in one sentence why it cannot."""
        config = self._config
        config.path.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self._engine.open)
        try:
            self._scratch = Scratch(config.scratch)
            reaching = await asyncio.to_thread(self._reaching)
            readers, writers = self._pool(config.readers, "read"), self._pool(config.writers, "write")
            ordinary = Executor(
                config, self._engine, readers, self._changes, reaching, writers=writers, scratch=self._scratch
            )
            self.port = await self._listen(ordinary, config.port)
            if config.read_only_port is not None:
                reading = Executor(
                    config, self._engine, self._pool(config.readers, "read-only"), self._changes, reaching
                )
                self.read_only_port = await self._listen(reading, config.read_only_port)
        except BaseException:
            await self.stop()
            raise
        log.info("store ready", path=str(config.path), port=self.port, read_only_port=self.read_only_port)

    def _pool(self, size: int, name: str) -> Pool:
        self._pools.append(Pool(self._engine, size, self._config.max_waiting, name))
        return self._pools[-1]

    def _reaching(self) -> frozenset[str]:
        functions = self._engine.run(Work("SELECT name FROM system.table_functions", "start"))
        engines = self._engine.run(Work("SELECT name FROM system.table_engines", "start"))
        return reaching_names(functions.payload.decode().split(), engines.payload.decode().split())

    async def _listen(self, executor: Executor, port: int) -> int:
        # Bodies are read piece by piece against the configured limit, so aiohttp's own limit is off.
        app = web.Application(client_max_size=0)
        self._executors.append(executor)
        handle = self._handler(executor)
        app.router.add_route("*", "/", handle)
        app.router.add_get("/ping", _ok)
        app.router.add_get("/replicas_status", _ok)
        app.router.add_get("/changes", self._tell_changes)
        # Encodings are undone here, where their unpacked size has a limit.
        runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            auto_decompress=False,
            max_line_size=1 << 20,
            shutdown_timeout=_STOP_S,
        )
        self._runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, self._config.host, port)
        await site.start()
        address: tuple[str, int] = runner.addresses[-1]
        return address[1]

    async def stop(self) -> None:
        """Stops listening, lets statements finish, closes the data."""
        for runner in reversed(self._runners):
            await runner.cleanup()
        self._runners.clear()
        for executor in self._executors:
            await executor.finish()
        self._executors.clear()
        for pool in self._pools:
            await asyncio.to_thread(pool.close)
        self._pools.clear()
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None
        await asyncio.to_thread(self._engine.close)

    def _handler(self, executor: Executor) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(http: web.Request) -> web.Response:
            query_id = str(uuid.uuid4())
            try:
                arguments, body = await self._arguments(http)
                self._authenticate(arguments, http.headers)
                if http.method == "GET" and not arguments.get("query") and not body:
                    return web.Response(text="Ok.\n")
                request = read(arguments, http.headers, http.method)
                query_id = request.query_id or query_id
                answer = await executor.run(request, body)
                return await self._respond(answer, request, query_id, http.headers.get("Accept-Encoding", ""))
            except StoreError as error:
                return _refusal(error, query_id)

        return handle

    async def _arguments(self, http: web.Request) -> tuple[dict[str, str], bytes]:
        """URL parameters with those of a form, and the body without its encoding."""
        raw = bytearray()
        async for piece in http.content.iter_any():
            raw += piece
            if len(raw) > self._config.max_body_bytes:
                raise encoding.too_large(self._config.max_body_bytes)
        name = http.headers.get("Content-Encoding")
        unpacked = bytes(raw)
        if name and name != "identity":
            unpacked = await asyncio.to_thread(encoding.unpack, unpacked, name, self._config.max_body_bytes)
        arguments = dict(http.query)
        if http.content_type == "multipart/form-data":
            return arguments | form(http.headers["Content-Type"], unpacked), b""
        return arguments, unpacked

    def _authenticate(self, arguments: Mapping[str, str], headers: Mapping[str, str]) -> None:
        if self._config.password is None:
            return
        user, password = credentials(arguments, headers)
        right = hmac.compare_digest(password.encode(), self._config.password.encode())
        if user != self._config.user or not right:
            raise StoreError(516, "AUTHENTICATION_FAILED", "Wrong user or password for this store.")

    async def _respond(self, answer: Answer, request: Request, query_id: str, accepted: str) -> web.Response:
        result = answer.result
        summary = {
            "read_rows": result.read_rows,
            "read_bytes": result.read_bytes,
            "written_rows": result.written_rows,
            "written_bytes": result.written_bytes,
            "result_bytes": len(result.payload),
            "elapsed_ns": result.elapsed_ns,
        }
        headers = _headers(query_id) | {
            "X-ClickHouse-Summary": json.dumps({name: str(value) for name, value in summary.items()}),
            "Content-Type": _CONTENT_TYPES.get(answer.output_format or "TSV", "application/octet-stream"),
        }
        if answer.output_format:
            headers["X-ClickHouse-Format"] = answer.output_format
        payload, packed = result.payload, None
        if self._config.compress_answers and request.compress_answer:
            payload, packed = await asyncio.to_thread(encoding.pack, payload, accepted)
        if packed:
            headers["Content-Encoding"] = packed
        return web.Response(body=payload, headers=headers)

    async def _tell_changes(self, http: web.Request) -> web.Response:
        """`GET /changes?after=N&timeout=S` answers `{"version": n, "at": ms}` when n is not N, or after S seconds."""
        try:
            self._authenticate(dict(http.query), http.headers)
            try:
                after = int(http.query.get("after", "0"))
                timeout_s = min(max(float(http.query.get("timeout", "0")), 0.0), _MOST_WAIT_S)
            except ValueError:
                raise StoreError(36, "BAD_ARGUMENTS", "after and timeout must be numbers.") from None
        except StoreError as error:
            return _refusal(error, str(uuid.uuid4()))
        change = await self._changes.wait(after, timeout_s)
        return web.json_response({"version": change.version, "at": change.at_ms})


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


def _headers(query_id: str) -> dict[str, str]:
    safe = "".join(character for character in query_id if character.isprintable())[:200]
    return {
        "X-ClickHouse-Server-Display-Name": "ammeter",
        "X-ClickHouse-Query-Id": safe,
        "X-ClickHouse-Timezone": "UTC",
    }


def _refusal(error: StoreError, query_id: str) -> web.Response:
    headers = _headers(query_id) | {"X-ClickHouse-Exception-Code": str(error.code)}
    return web.Response(text=f"{error}\n", status=error.status, headers=headers)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def serve(config: StoreConfig) -> None:
    """Runs a store until it is cancelled or told to stop by SIGTERM or SIGINT."""
    server, stop = StoreServer(config), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError):  # not the main thread: cancelled instead
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await server.start()
    try:
        await stop.wait()
    finally:
        await server.stop()
