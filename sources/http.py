"""The receiver: OTLP over HTTP in, acknowledged messages out. Rule: 2xx only after the log has acknowledged.

What may heal is 503 with Retry-After, never 500, for clients lose what is answered 500. Memory is bounded by what may
be in flight at once, whatever is sent.
"""

import asyncio
import ipaddress
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import structlog
from aiohttp import web

from ammeter import telemetry
from schemas.people import Pseudonyms
from sources import answers, native
from sources.messages import Log, Message, Unavailable, pack
from sources.otlp.envelope import DEFAULT_TEAM_KEYS
from sources.otlp.limits import Limits
from sources.otlp.reader import Reader, Reading, Signal
from sources.otlp.refused import Refused
from sources.otlp.unpack import unpack
from sources.tokens import bearer

_log = structlog.get_logger()

REQUESTS = telemetry.counter("ammeter_receiver_requests_total", "Requests by path and status.", ("path", "status"))
SECONDS = telemetry.histogram("ammeter_receiver_request_seconds", "From a request's headers to its answer.", ("path",))
BYTES = telemetry.counter("ammeter_receiver_bytes_total", "Bytes of bodies as sent.", ("path",))
EVENTS = telemetry.counter("ammeter_receiver_events_total", "Canonical events acknowledged by the log.")
REJECTED = telemetry.counter("ammeter_receiver_rejected_records_total", "Records not taken, by reason.", ("reason",))
UNKNOWN = telemetry.counter("ammeter_receiver_unrecognised_total", "Events this version does not know.", ("name",))
IN_FLIGHT = telemetry.gauge("ammeter_receiver_in_flight_bytes", "Bytes of bodies being read, parsed or written.")
FAULTS = telemetry.counter("ammeter_receiver_faults_total", "Bodies on which our own code failed; answered 400.")

PATHS = ("/v1/logs", "/v1/metrics", "/v1/traces", native.PATH)
_SIGNALS: Mapping[str, Signal] = {"/v1/logs": "logs", "/v1/metrics": "metrics"}
_MOST_NAMES = 200


@dataclass(frozen=True)
class ReceiverConfig:
    """Where the receiver listens, whom it lets in, and how much at once."""

    host: str = "127.0.0.1"
    port: int = 4318
    tokens: Mapping[str, str] = field(default_factory=dict)
    """Name to token; empty: everybody who can connect may send."""
    team_keys: tuple[str, ...] = DEFAULT_TEAM_KEYS
    limits: Limits = field(default_factory=Limits)
    in_flight_bytes: int = 64 << 20
    """Of bodies at once; above it: 503."""
    inline_bytes: int = 64 << 10
    """A larger or packed body is parsed beside the loop, so that others need not wait for it."""
    read_timeout_s: float = 8.0
    """For a request's headers, and for its body: a client gives up after 10 s."""
    retry_after_s: int = 1
    stop_within_s: float = 3.0

    def __post_init__(self) -> None:
        if not self.tokens and not _is_loopback(self.host):
            raise ValueError(
                f"{self.host} can be reached from other machines: name a file of tokens (AMMETER_TOKENS_FILE),"
                " or listen on 127.0.0.1."
            )


class Receiver:
    """Serves until stopped; `log` is started and stopped by whoever made it."""

    def __init__(self, config: ReceiverConfig, log: Log, pseudonyms: Pseudonyms, now: Callable[[], int]) -> None:
        self._config, self._out, self._now = config, log, now
        self._reader = Reader(pseudonyms, config.team_keys, config.limits)
        self._pseudonyms = pseudonyms
        self._beside = ThreadPoolExecutor(1, "parse")  # one: what a large body takes, only one of them takes at a time
        self._in_flight = 0
        self._names: set[str] = set()
        self._stopping = False
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
            app.router.add_post(path, self._receive if path != native.PATH else self._receive_events)
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

    async def stop(self) -> None:
        """Answers what is under way, takes nothing new, and closes."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._beside.shutdown(wait=False, cancel_futures=True)

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
        ready = self._out.ready and not self._stopping
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
        signal = _SIGNALS.get(request.path)
        enduser = request.headers.get("X-Enduser-Id", "")
        reader = signal and partial(self._reader.read, signal, encoding, received_at=self._now(), enduser=enduser)
        reading = await self._take(request, reader)
        return answers.accepted(request.path, encoding, reading.rejected.total(), reading.advice)

    async def _receive_events(self, request: web.Request) -> web.Response:
        self._admit(request)
        if request.content_type not in native.TYPES:
            raise Refused(415, "Send canonical events as application/x-ndjson, a JSON object a line.")
        limits = self._config.limits
        reader = partial(native.read_lines, pseudonyms=self._pseudonyms, received_at=self._now(), limits=limits)
        reading = await self._take(request, reader)
        rejected = reading.rejected.total()
        told = {"accepted": reading.records - rejected, "rejected": rejected}
        return web.json_response(told | ({"first_rejected": reading.first_fault} if rejected else {}))

    def _admit(self, request: web.Request) -> None:
        if self._config.tokens and bearer(self._config.tokens, request.headers.get("Authorization", "")) is None:
            raise Refused(401, "Send a token that the receiver knows: Authorization: Bearer <token>.")
        if self._stopping:
            raise Unavailable("The receiver is stopping.")

    async def _take(self, request: web.Request, reader: Callable[[bytes], Reading] | None) -> Reading:
        """Reads the body, parses it, and returns once the log has it; without a reader it is read and dropped."""
        held = _Held(self)
        try:
            body = await self._read(request, held)
            BYTES.labels(request.path).inc(len(body))
            if reader is None:
                return Reading()  # traces are none of ours: taken, so that nobody resends
            packed = request.headers.get("Content-Encoding", "")
            if packed or len(body) > self._config.inline_bytes:
                loop = asyncio.get_running_loop()
                reading, messages = await loop.run_in_executor(self._beside, self._parse, reader, body, packed)
            else:
                reading, messages = self._parse(reader, body, packed)
            del body
            await self._out.send(messages)
        finally:
            held.release()
        self._count(reading, messages)
        return reading

    def _parse(self, reader: Callable[[bytes], Reading], body: bytes, packed: str) -> tuple[Reading, list[Message]]:
        reading = reader(unpack(body, packed, self._config.limits))
        return reading, pack(reading.sessions)

    async def _read(self, request: web.Request, held: "_Held") -> bytes:
        """The body as sent, refused as soon as it is known to be too long."""
        most = self._config.limits.sent_bytes
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

    def _count(self, reading: Reading, messages: list[Message]) -> None:
        EVENTS.inc(sum(message.events for message in messages))
        for reason, count in reading.rejected.items():
            REJECTED.labels(reason).inc(count)
        for name, count in reading.unknown.items():
            if len(self._names) < _MOST_NAMES:
                self._names.add(name)
            UNKNOWN.labels(name if name in self._names else "(others)").inc(count)


class _Held:
    """What one request holds of the bytes that may be in flight."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._bytes = receiver, 0

    def take(self, count: int) -> None:
        """Raises Unavailable where the receiver holds enough already."""
        receiver = self._receiver
        if receiver._in_flight + count > receiver._config.in_flight_bytes:
            raise Unavailable("The receiver is busy.")
        receiver._in_flight += count
        self._bytes += count
        IN_FLIGHT.inc(count)

    def release(self) -> None:
        self._receiver._in_flight -= self._bytes
        IN_FLIGHT.dec(self._bytes)
        self._bytes = 0


def _advice(exc: web.HTTPException) -> str:
    if exc.status == 404:
        return (
            "Send to /v1/logs, /v1/metrics, /v1/traces (a client adds these to its endpoint by itself) or /v1/events."
        )
    if exc.status == 405:
        return "Send telemetry with POST."
    return exc.reason or "The request cannot be answered."


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
