"""The receiver over gRPC: OTLP's three services. Rule: what is done with a body is what HTTP does with it.

A message is taken as bytes and read by the same reader, so that a body is the same run over either protocol. Clients of
gRPC hardly send again: what may heal is UNAVAILABLE with RetryInfo, which those that can obey.
"""

import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import grpc
import grpc.aio
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration

from sources import answers
from sources.http import REQUESTS, SECONDS
from sources.intake import FAULTS, Intake
from sources.messages import Unavailable
from sources.otlp.reader import Signal
from sources.otlp.refused import Refused
from sources.tokens import demand_tokens

_log = structlog.get_logger()

_METHODS: Mapping[str, Signal] = {
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
}

_STATUSES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
}

_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"

Metadata = Mapping[str, str]


@dataclass(frozen=True)
class GrpcConfig:
    """Where it listens."""

    host: str = "127.0.0.1"
    port: int = 4317
    message_bytes: int = 4 << 20
    """Of one message, unpacked: what is longer is refused by the transport."""
    calls_at_once: int = 64
    retry_after_s: int = 1
    stop_within_s: float = 3.0


class GrpcReceiver:
    """Serves until stopped; the intake is started and stopped by whoever made it."""

    def __init__(self, config: GrpcConfig, intake: Intake) -> None:
        """Raises ValueError where others could reach it without a token."""
        demand_tokens(config.host, intake.config.tokens)
        self._config, self._intake = config, intake
        self._server: grpc.aio.Server | None = None
        self.port = config.port

    async def start(self) -> None:
        """Listens. Raises OSError where the port is taken."""
        server = grpc.aio.server(
            handlers=[_Services(self)],
            maximum_concurrent_rpcs=self._config.calls_at_once,
            options=[
                ("grpc.max_receive_message_length", self._config.message_bytes),
                ("grpc.so_reuseport", 0),  # else a second receiver would silently share the port
            ],
        )
        host = f"[{self._config.host}]" if ":" in self._config.host else self._config.host
        try:
            self.port = server.add_insecure_port(f"{host}:{self._config.port}")
        except RuntimeError as exc:
            raise OSError(
                f"port {self._config.port} (OTLP over gRPC) cannot be listened on: stop what listens there, or move it."
            ) from exc
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Answers what is under way, takes nothing new, and closes."""
        self._intake.refuse()
        if self._server is not None:
            await self._server.stop(self._config.stop_within_s)

    async def export(self, signal: Signal, body: bytes, metadata: Metadata, context: Any) -> bytes:
        """One Export call, answered or aborted with a status that says what to do."""
        path, started = f"grpc/{signal}", time.monotonic()
        code, text, retry_after = grpc.StatusCode.OK, "", 0
        answer = b""
        try:
            with self._intake.hold() as held:
                held.take(len(body))
                enduser = metadata.get("x-enduser-id", "")
                reading = await self._intake.otlp(signal, "protobuf", body, enduser=enduser, path=path)
            answer = answers.accepted_protobuf(signal, reading.rejected.total(), reading.advice)
        except Refused as exc:
            code, text = _STATUSES.get(exc.status, grpc.StatusCode.INVALID_ARGUMENT), str(exc)
        except Unavailable as exc:
            code, text = grpc.StatusCode.UNAVAILABLE, f"{exc} Send the same again."
            retry_after = self._config.retry_after_s
        except Exception as exc:  # a fault of ours: told at once and counted, and the client must not resend for ever
            FAULTS.inc()
            place = traceback.extract_tb(exc.__traceback__)[-1]
            _log.error("body could not be read", error=type(exc).__name__, at=f"{place.filename}:{place.lineno}")
            code, text = grpc.StatusCode.INVALID_ARGUMENT, "The body could not be read: please report this."
        SECONDS.labels(path).observe(time.monotonic() - started)
        REQUESTS.labels(path, code.name).inc()
        if code is not grpc.StatusCode.OK:
            await _abort(context, code, text, retry_after)
        return answer

    def handler(self, method: str, metadata: Metadata) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """What serves a call; None for a method that OTLP does not know. Who shows no token is not listened to."""
        signal = _METHODS.get(method)
        if signal is None:
            return None
        try:
            self._intake.admit(metadata.get("authorization", ""))
        except Refused as exc:
            text = str(exc)
            REQUESTS.labels(f"grpc/{signal}", grpc.StatusCode.UNAUTHENTICATED.name).inc()

            async def refuse(_: Any, context: Any) -> None:
                await _abort(context, grpc.StatusCode.UNAUTHENTICATED, text)

            return grpc.stream_unary_rpc_method_handler(refuse)  # as a stream: the message is not even read

        async def export(body: bytes, context: Any) -> bytes:
            return await self.export(signal, body, metadata, context)

        return grpc.unary_unary_rpc_method_handler(export)


class _Services(grpc.GenericRpcHandler):
    def __init__(self, receiver: GrpcReceiver) -> None:
        self._receiver = receiver

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        metadata = {
            key.lower(): value
            for key, value in handler_call_details.invocation_metadata or ()
            if isinstance(value, str)
        }
        return self._receiver.handler(handler_call_details.method, metadata)


async def _abort(context: Any, code: grpc.StatusCode, text: str, retry_after: int = 0) -> None:
    trailing = (("grpc-status-details-bin", status(code, text, retry_after)),) if retry_after else ()
    await cast(Awaitable[None], cast(Callable[..., object], context.abort)(code, text, trailing))


def status(code: grpc.StatusCode, text: str, retry_after: int) -> bytes:
    """A google.rpc.Status whose detail is a RetryInfo of so many seconds."""
    delay = Duration(seconds=retry_after).SerializeToString()
    info = AnyMessage(type_url=_RETRY_INFO, value=b"\x0a" + bytes([len(delay)]) + delay)
    detail = info.SerializeToString()
    return answers.status_of(code.value[0], text) + b"\x1a" + answers.varint(len(detail)) + detail
