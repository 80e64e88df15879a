"""OTLP over gRPC with a real client: every status that it may get, and the same events as over HTTP."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from schemas.codec import read_events
from sources.grpc import GrpcConfig, GrpcReceiver
from sources.http import Receiver, ReceiverConfig
from sources.messages import Message, pack
from sources.otlp.reader import Reader
from tests.sources import support
from tests.sources.support import MemoryLog
from tests.sources.test_fuzz import mutated

TOKEN = "t" * 32
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
CODE = grpc.StatusCode

Test = Callable[[grpc.aio.Channel, MemoryLog], Awaitable[None]]


def serve(test: Test, config: ReceiverConfig | None = None, log: MemoryLog | None = None) -> None:
    """Runs a test against a receiver of gRPC whose log is in memory."""

    async def run() -> None:
        found = log or MemoryLog()
        receiver = Receiver(replace(config or ReceiverConfig(), port=0), found, support.PSEUDONYMS, lambda: support.NOW)
        await receiver.start()
        over_grpc = GrpcReceiver(GrpcConfig(port=0), receiver.intake)
        await over_grpc.start()
        options = [("grpc.max_send_message_length", -1)]
        try:
            async with (
                asyncio.timeout(60),
                grpc.aio.insecure_channel(f"127.0.0.1:{over_grpc.port}", options=options) as channel,
            ):
                await test(channel, found)
        finally:
            await over_grpc.stop()
            await receiver.stop()

    asyncio.run(run())


async def status_of(call: Awaitable[Any]) -> grpc.aio.AioRpcError | None:
    """How a call failed."""
    try:
        await call
    except grpc.aio.AioRpcError as exc:
        return exc
    return None


def raw(channel: grpc.aio.Channel, body: bytes, method: str = LOGS, **more: Any) -> Awaitable[bytes]:
    """A call whose message is whatever bytes."""
    call: Any = channel.unary_unary(method)
    answer: Awaitable[bytes] = call(body, **more)
    return answer


def some_logs() -> ExportLogsServiceRequest:
    """A recorded request of logs."""
    body = next(one for one in support.bodies() if one.kind == "logs" and one.encoding == "protobuf")
    return ExportLogsServiceRequest.FromString(body.body)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_recorded_bodies_give_the_events_that_they_give_over_http(compression: grpc.Compression) -> None:
    """The same messages with the same runs, so that what came both ways counts once."""
    bodies = [one for one in support.bodies() if one.encoding == "protobuf"]
    reader = Reader(support.PSEUDONYMS)
    expected = [
        message for one in bodies for message in pack(reader.read(one.kind, "protobuf", one.body, support.NOW).sessions)
    ]

    async def test(channel: grpc.aio.Channel, log: MemoryLog) -> None:
        for one in bodies:
            service = "logs.v1.LogsService" if one.kind == "logs" else "metrics.v1.MetricsService"
            method = f"/opentelemetry.proto.collector.{service}/Export"
            assert await raw(channel, one.body, method, compression=compression) == b""
        assert log.messages == expected

    assert len(bodies) > 5
    serve(test)


def test_generated_clients_are_answered() -> None:
    """All three services, with the vendor's own stubs; records that were not taken are told."""

    async def test(channel: grpc.aio.Channel, log: MemoryLog) -> None:
        answer = await LogsServiceStub(channel).Export(some_logs())  # type: ignore[no-untyped-call]  # generated
        assert not answer.HasField("partial_success")
        assert log.messages
        assert await MetricsServiceStub(channel).Export(ExportMetricsServiceRequest())  # type: ignore[no-untyped-call]  # generated
        assert await TraceServiceStub(channel).Export(ExportTraceServiceRequest())  # type: ignore[no-untyped-call]  # generated
        broken = b"\x0a\x09\x12\x07\x12\x01\xff\x12\x02\x2a\x00"  # a record that is none, and one without a session
        said = ExportLogsServiceResponse.FromString(await raw(channel, broken)).partial_success
        assert said.rejected_log_records == 2
        assert "OTEL_METRICS_INCLUDE_SESSION_ID" in said.error_message

    serve(test)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xff\xff\xff", CODE.INVALID_ARGUMENT),
        (bytes(range(256)) * 100, CODE.INVALID_ARGUMENT),
        (some_logs().SerializeToString()[:-40], CODE.INVALID_ARGUMENT),
        (b"\x0a\x00" * 600_000, CODE.RESOURCE_EXHAUSTED),
        (b"\0" * 5_000_000, CODE.RESOURCE_EXHAUSTED),
    ],
    ids=("garbage", "more garbage", "half", "too many", "too long"),
)
def test_hostile_bodies_get_their_status(body: bytes, code: grpc.StatusCode) -> None:
    """Garbage, half a body, too much: said so, without a word of it, and the next one is taken."""

    async def test(channel: grpc.aio.Channel, log: MemoryLog) -> None:
        for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
            failed = await status_of(raw(channel, body, compression=compression))
            assert failed is not None
            assert failed.code() == code
            assert failed.details()
        assert log.messages == []
        assert await raw(channel, b"") == b""

    serve(test)


def test_mutated_bodies_are_answered_or_refused() -> None:
    """Whatever is cut out of a real body, or put into it: taken, or said to be wrong; the receiver goes on."""

    async def test(channel: grpc.aio.Channel, _: MemoryLog) -> None:
        body = some_logs().SerializeToString()
        codes = set()
        for seed in range(200):
            failed = await status_of(raw(channel, mutated(body, seed)))
            codes.add(failed.code() if failed else CODE.OK)
        assert codes == {CODE.OK, CODE.INVALID_ARGUMENT}

    serve(test)


def test_a_small_message_that_unpacks_to_much_is_refused() -> None:
    """What gzip hides does not take the memory."""

    async def test(channel: grpc.aio.Channel, _: MemoryLog) -> None:
        failed = await status_of(raw(channel, b"\0" * (64 << 20), compression=grpc.Compression.Gzip))
        assert failed is not None
        assert failed.code() == CODE.RESOURCE_EXHAUSTED

    serve(test)


def test_an_absent_log_is_unavailable_with_retry_info() -> None:
    """A client that obeys sends the same again after a second."""

    async def test(channel: grpc.aio.Channel, log: MemoryLog) -> None:
        log.away = True
        failed = await status_of(raw(channel, some_logs().SerializeToString()))
        assert failed is not None
        assert failed.code() == CODE.UNAVAILABLE
        details = dict(failed.trailing_metadata() or ())["grpc-status-details-bin"]
        assert isinstance(details, bytes)
        assert details[:2] == b"\x08\x0e"  # the code once more
        assert b"type.googleapis.com/google.rpc.RetryInfo" in details
        delay = Duration(seconds=1).SerializeToString()
        assert details.endswith(b"\x12\x04\x0a\x02" + delay)
        log.away = False
        assert await raw(channel, some_logs().SerializeToString()) == b""

    serve(test)


def test_too_much_at_once_is_unavailable() -> None:
    """The bound of bytes in flight is that of HTTP."""

    async def test(channel: grpc.aio.Channel, _: MemoryLog) -> None:
        failed = await status_of(raw(channel, b"\0" * 2_000))
        assert failed is not None
        assert failed.code() == CODE.UNAVAILABLE

    serve(test, ReceiverConfig(in_flight_bytes=1_000))


def test_tokens_are_asked_for() -> None:
    """As over HTTP, before the message is read."""

    async def test(channel: grpc.aio.Channel, log: MemoryLog) -> None:
        body = some_logs().SerializeToString()
        for shown in ((), (("authorization", f"Bearer {TOKEN}x"),), (("authorization", TOKEN),)):
            failed = await status_of(raw(channel, body, metadata=shown))
            assert failed is not None
            assert failed.code() == CODE.UNAUTHENTICATED
            assert "Authorization: Bearer" in (failed.details() or "")
        assert log.messages == []
        assert await raw(channel, body, metadata=(("authorization", f"Bearer {TOKEN}"),)) == b""
        assert log.messages

    serve(test, ReceiverConfig(tokens={"laptops": TOKEN}))


def test_beyond_loopback_tokens_are_demanded() -> None:
    """A receiver that others can reach is not made without."""
    intake = Receiver(ReceiverConfig(), MemoryLog(), support.PSEUDONYMS, lambda: support.NOW).intake
    with pytest.raises(ValueError, match="AMMETER_TOKENS_FILE"):
        GrpcReceiver(GrpcConfig(host="0.0.0.0"), intake)


def test_metadata_names_the_person() -> None:
    """x-enduser-id is the person of records that name nobody better."""

    async def test(channel: grpc.aio.Channel, log: MemoryLog) -> None:
        named = some_logs()
        for resource in named.resource_logs:
            kept = [pair for pair in resource.resource.attributes if pair.key != "enduser.id"]
            del resource.resource.attributes[:]
            resource.resource.attributes.extend(kept)
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    pairs = [pair for pair in record.attributes if pair.key != "enduser.id"]
                    del record.attributes[:]
                    record.attributes.extend(pairs)
        await raw(channel, named.SerializeToString(), metadata=(("x-enduser-id", "dana"),))
        events = [event for message in log.messages for event in read_events(message.value)]
        assert {(event.user_id, event.user_id_kind) for event in events} == {(support.PSEUDONYMS.of("dana"), "enduser")}

    serve(test)


def test_other_methods_are_unimplemented() -> None:
    """As gRPC says it."""

    async def test(channel: grpc.aio.Channel, _: MemoryLog) -> None:
        failed = await status_of(raw(channel, b"", "/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export"))
        assert failed is not None
        assert failed.code() == CODE.UNIMPLEMENTED

    serve(test)


def test_a_fault_of_ours_is_told_and_not_to_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no word of it reaches the client."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError("secret content")

    async def test(channel: grpc.aio.Channel, _: MemoryLog) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(Reader, "read", fail)
            failed = await status_of(raw(channel, b""))
        assert failed is not None
        assert failed.code() == CODE.INVALID_ARGUMENT
        assert "secret" not in (failed.details() or "")

    serve(test)


def test_a_taken_port_is_an_error() -> None:
    """It is not shared in silence."""

    async def run() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            intake = Receiver(ReceiverConfig(), MemoryLog(), support.PSEUDONYMS, lambda: support.NOW).intake
            receiver = GrpcReceiver(GrpcConfig(port=other.getsockname()[1]), intake)
            with pytest.raises(OSError, match="gRPC"):
                await receiver.start()
            await receiver.stop()

    asyncio.run(run())


def test_a_stop_answers_what_is_under_way() -> None:
    """A call whose message is in is acknowledged though the receiver stops meanwhile."""

    class SlowLog(MemoryLog):
        def __init__(self) -> None:
            super().__init__()
            self.reached, self.go = asyncio.Event(), asyncio.Event()

        async def send(self, messages: Any) -> None:
            self.reached.set()
            await self.go.wait()
            await super().send(messages)

    async def run() -> list[Message]:
        log = SlowLog()
        receiver = Receiver(ReceiverConfig(port=0), log, support.PSEUDONYMS, lambda: support.NOW)
        await receiver.start()
        over_grpc = GrpcReceiver(GrpcConfig(port=0), receiver.intake)
        await over_grpc.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{over_grpc.port}") as channel:
            call = asyncio.ensure_future(raw(channel, some_logs().SerializeToString()))
            await log.reached.wait()
            stopping = asyncio.create_task(over_grpc.stop())
            await asyncio.sleep(0)
            log.go.set()
            assert await call == b""
            await stopping
        await receiver.stop()
        return log.messages

    assert asyncio.run(run())
