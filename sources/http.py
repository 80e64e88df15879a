"""The receiver over HTTP: OTLP, canonical events and hooks in. Rule: 2xx only after the log has acknowledged.

What may heal is 503 with Retry-After, never 500, for clients lose what is answered 500. Hooks are answered at once,
whatever the log does: whoever sent one waits for the answer, and cannot send it again.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import structlog
from aiohttp import web

from ammeter import telemetry
from schemas.people import Pseudonyms
from sources import answers, hooks, native
from sources.hooks import Sender
from sources.intake import FAULTS, Held, Intake, IntakeConfig
from sources.messages import Log, Unavailable
from sources.otlp.refused import Refused
from sources.tokens import demand_tokens

_log = structlog.get_logger()

REQUESTS = telemetry.counter(
    "ammeter_receiver_requests_total", "Requests by path and status; gRPC's by its own.", ("path", "status")
)
SECONDS = telemetry.histogram("ammeter_receiver_request_seconds", "From a request's headers to its answer.", ("path",))

PATHS = (*answers.SIGNALS, native.PATH, hooks.PATH)


@dataclass(frozen=True)
class ReceiverConfig(IntakeConfig):
    """Where the receiver listens, and how long it waits."""

    host: str = "127.0.0.1"
    port: int = 4318
    read_timeout_s: float = 8.0
    """For a request's headers, and for its body: a client gives up after 10 s."""
    retry_after_s: int = 1
    stop_within_s: float = 3.0

    def __post_init__(self) -> None:
        demand_tokens(self.host, self.tokens)


class Receiver:
    """Serves until stopped; `log` is started and stopped by whoever made it."""

    def __init__(self, config: ReceiverConfig, log: Log, pseudonyms: Pseudonyms, now: Callable[[], int]) -> None:
        self._config = config
        self.intake = Intake(config, log, pseudonyms, now)
        self._silent: set[asyncio.BaseProtocol] = set()
        self._server: asyncio.Server | None = None
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, also where the configuration said 0."""
        assert self._server is not None
        return cast(int, self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listens. Raises OSError where the port is taken."""
        app = web.Application(middlewares=[self._around], client_max_size=self._config.limits.sent_bytes)
        for path in PATHS:
            handler = {native.PATH: self._receive_events, hooks.PATH: self._receive_hook}.get(path, self._receive)
            app.router.add_post(path, handler)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=self._config.stop_within_s,
            auto_decompress=False,  # unpacked here, within bounds
            lingering_time=2.0,  # a refused body is read on and dropped this long, so that its sender sees the answer
        )
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._config.host, self._config.port)
        self.intake.start()

    async def stop(self) -> None:
        """Answers what is under way, takes nothing new, writes what hooks have told, and closes."""
        self.intake.refuse()
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.intake.stop()

    def _connection(self) -> asyncio.Protocol:
        """A connection that says nothing in time is closed: the web server would wait for its headers for ever."""
        assert self._runner is not None
        assert self._runner.server is not None
        protocol = self._runner.server()
        self._silent.add(protocol)
        asyncio.get_running_loop().call_later(self._config.read_timeout_s, self._close_if_silent, protocol)
        return protocol

    def _close_if_silent(self, protocol: web.RequestHandler) -> None:
        if protocol in self._silent:
            self._silent.discard(protocol)
            protocol.force_close()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        ready = self.intake.ready
        return web.Response(text="ready\n" if ready else "Kafka is not connected.\n", status=200 if ready else 503)

    @web.middleware
    async def _around(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Counts, and turns every error into an answer that says what to do."""
        self._silent.discard(request.protocol)
        encoding = answers.encoding_of(request.headers.get("Content-Type", "")) or "json"
        path = request.path if request.path in PATHS else "other"
        started = time.monotonic()
        response: web.StreamResponse
        try:
            response = await handler(request)
        except Refused as exc:
            response = answers.refused(exc.status, str(exc), encoding)
        except Unavailable as exc:
            response = answers.refused(503, f"{exc} Send the same again.", encoding, self._config.retry_after_s)
        except TimeoutError:
            response = answers.refused(408, "The body came too slowly: send it at once.", encoding)
            response.force_close()
        except web.HTTPException as exc:
            response = answers.refused(exc.status, _advice(exc), encoding)
            if "Allow" in exc.headers:
                response.headers["Allow"] = exc.headers["Allow"]
        except asyncio.CancelledError:
            raise
        except ConnectionError:  # the client went away in mid-body, and nobody reads the answer
            response = answers.refused(400, "The body was cut off: send it again.", encoding)
        except Exception as exc:  # a fault of ours: told at once and counted, and the client must not resend for ever
            FAULTS.inc()
            place = traceback.extract_tb(exc.__traceback__)[-1]
            _log.error("body could not be read", error=type(exc).__name__, at=f"{place.filename}:{place.lineno}")
            response = answers.refused(400, "The body could not be read: please report this.", encoding)
        if path != "other":
            SECONDS.labels(path).observe(time.monotonic() - started)
        REQUESTS.labels(path, str(response.status)).inc()
        return response

    async def _receive(self, request: web.Request) -> web.Response:
        self._admit(request)
        encoding = answers.encoding_of(request.headers.get("Content-Type", ""))
        if encoding is None:
            raise Refused(415, "Send OTLP as application/json or application/x-protobuf.")
        packed, enduser = request.headers.get("Content-Encoding", ""), request.headers.get("X-Enduser-Id", "")
        with self.intake.hold() as held:
            body = await self._read(request, held, self._config.limits.sent_bytes)
            reading = await self.intake.otlp(
                answers.SIGNALS[request.path], encoding, body, packed=packed, enduser=enduser, path=request.path
            )
        return answers.accepted(request.path, encoding, reading.rejected.total(), reading.advice)

    async def _receive_events(self, request: web.Request) -> web.Response:
        self._admit(request)
        if request.content_type not in native.TYPES:
            raise Refused(415, "Send canonical events as application/x-ndjson, a JSON object a line.")
        packed = request.headers.get("Content-Encoding", "")
        with self.intake.hold() as held:
            body = await self._read(request, held, self._config.limits.sent_bytes)
            reading = await self.intake.events(body, packed=packed, path=request.path)
        rejected = reading.rejected.total()
        told = {"accepted": reading.records - rejected, "rejected": rejected}
        return web.json_response(told | ({"first_rejected": reading.first_fault} if rejected else {}))

    async def _receive_hook(self, request: web.Request) -> web.Response:
        """204 whether or not it will be written: the person at the client could do nothing about it."""
        self._admit(request)
        sender = Sender(
            request.headers.get("X-Enduser-Id", ""),
            request.headers.get("X-Team-Id") or request.query.get("team", ""),
            request.headers.get("X-App-Entrypoint") or request.query.get("entrypoint", ""),
        )
        with self.intake.hold() as held:
            try:
                body = await self._read(request, held, self._config.hook_bytes)
            except Unavailable:
                self.intake.lose_hook("busy")
            else:
                self.intake.hook(body, sender, path=request.path)
        return web.Response(status=204)

    def _admit(self, request: web.Request) -> None:
        self.intake.admit(request.headers.get("Authorization", ""))

    async def _read(self, request: web.Request, held: Held, most: int) -> bytes:
        """The body as sent, refused as soon as it is known to be too long."""
        too_long = Refused(413, f"The body is longer than {most} bytes: send smaller batches, or as gzip.")
        if request.content_length is not None:
            if request.content_length > most:
                raise too_long
            held.take(request.content_length)
        parts, length = [], 0
        async with asyncio.timeout(self._config.read_timeout_s):
            async for part in request.content.iter_any():
                length += len(part)
                if length > most:
                    raise too_long
                if request.content_length is None:
                    held.take(len(part))
                parts.append(part)
        return b"".join(parts)


def _advice(exc: web.HTTPException) -> str:
    if exc.status == 404:
        return (
            "Send to /v1/logs, /v1/metrics, /v1/traces (a client adds these to its endpoint by itself), /v1/events"
            f" or {hooks.PATH}."
        )
    if exc.status == 405:
        return "Send telemetry with POST."
    return exc.reason or "The request cannot be answered."
