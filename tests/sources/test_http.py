"""The receiver over real sockets: every answer that a client may get, and that no body takes its memory."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from sources.http import Receiver, ReceiverConfig
from sources.messages import Message
from sources.otlp.limits import Limits
from sources.otlp.reader import Reader
from tests.sources import support
from tests.sources.support import MemoryLog, logs_body, metrics_body, point, record

JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
TOKEN = "t" * 32


class Client:
    """A receiver on a free port, and a client of it."""

    def __init__(self, receiver: Receiver, log: MemoryLog, session: aiohttp.ClientSession) -> None:
        self.receiver, self.log, self._session = receiver, log, session
        self.url = f"http://127.0.0.1:{receiver.port}"

    async def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, bytes, Any]:
        body = io.BytesIO(body) if isinstance(body, bytes) else body
        async with self._session.post(self.url + path, data=body, headers=headers or JSON) as response:
            return response.status, await response.read(), response.headers

    async def get(self, path: str) -> tuple[int, bytes, Any]:
        async with self._session.get(self.url + path) as response:
            return response.status, await response.read(), response.headers


def serve(
    test: Callable[[Client], Awaitable[None]], config: ReceiverConfig | None = None, log: MemoryLog | None = None
) -> None:
    """Runs a test against a receiver whose log is in memory."""
    found = log or MemoryLog()

    async def run() -> None:
        receiver = Receiver(replace(config or ReceiverConfig(), port=0), found, support.PSEUDONYMS, lambda: support.NOW)
        await receiver.start()
        try:
            async with asyncio.timeout(30), aiohttp.ClientSession() as session:
                await test(Client(receiver, found, session))
        finally:
            await receiver.stop()

    asyncio.run(run())


def test_every_recorded_body_is_accepted_as_it_was_sent() -> None:
    """With the client's own headers each gets 200, in its encoding, and what the reader makes of it is in the log."""

    async def test(client: Client) -> None:
        for one in support.recorded():
            headers = {
                name.title(): one.headers[name] for name in ("content-type", "content-encoding") if name in one.headers
            }
            status, body, said = await client.post(f"/v1/{one.kind}", one.body(), headers)
            assert (status, said["Content-Type"]) == (200, one.headers["content-type"])
            assert body == (b"{}" if one.encoding == "json" else b"")
        sent = sum(message.events for message in client.log.messages)
        assert sent == sum(len(found) for b in support.bodies() for found in support.read(b).sessions.values())

    serve(test)


def test_chunked_bodies_are_taken() -> None:
    """A body without a length, in pieces, is the same body."""

    async def pieces() -> AsyncIterator[bytes]:
        body = logs_body(record("user_prompt"))
        for at in range(0, len(body), 50):
            yield body[at : at + 50]

    async def test(client: Client) -> None:
        assert (await client.post("/v1/logs", pieces()))[0] == 200
        assert len(client.log.messages) == 1

    serve(test)


def test_partial_success_says_what_to_do() -> None:
    """In both encodings and for both signals: how many were not taken, and why."""

    async def test(client: Client) -> None:
        status, body, _ = await client.post("/v1/logs", logs_body(record("user_prompt"), {}, 7))
        said = json.loads(body)["partialSuccess"]
        assert (status, said["rejectedLogRecords"]) == (200, "2")
        assert "OTEL_METRICS_INCLUDE_SESSION_ID" in said["errorMessage"]
        points = metrics_body("claude_code.commit.count", [point(1), {"asDouble": 1}])
        status, body, _ = await client.post("/v1/metrics", points)
        assert (status, json.loads(body)["partialSuccess"]["rejectedDataPoints"]) == (200, "1")
        broken = b"\x0a\x09\x12\x07\x12\x01\xff\x12\x02\x2a\x00"  # a record that is none, and one without a session
        status, body, _ = await client.post("/v1/logs", broken, PROTOBUF)
        assert (status, ExportLogsServiceResponse.FromString(body).partial_success.rejected_log_records) == (200, 2)
        no_session = b"\x0a\x0a\x12\x08\x12\x06\x0a\x00\x3a\x02\x0a\x00"  # a sum of one point that says nothing
        status, body, _ = await client.post("/v1/metrics", no_session, PROTOBUF)
        assert (status, ExportMetricsServiceResponse.FromString(body).partial_success.rejected_data_points) == (200, 1)

    serve(test)


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/v1/logs", b"{}", JSON, 200),
        ("/v1/logs", b"", PROTOBUF, 200),
        ("/v1/traces", b"anything", JSON, 200),
        ("/v1/logs", b"garbage", JSON, 400),
        ("/v1/logs", b"\xff\xff\xff", PROTOBUF, 400),
        ("/v1/logs", b'{"resourceLogs":{}}', JSON, 400),
        (
            "/v1/logs",
            gzip.compress(b'{"resourceLogs":[]}' * 99, mtime=0)[:-9],
            JSON | {"Content-Encoding": "gzip"},
            400,
        ),
        ("/v1/logs", b"{}", JSON | {"Content-Encoding": "gzip"}, 400),
        ("/v1/other", b"{}", JSON, 404),
        ("/v1/logs/v1/logs", b"{}", JSON, 404),
        ("/v1/logs", b"x" * (5 << 20), JSON, 413),
        ("/v1/logs", gzip.compress(b" " * (33 << 20), mtime=0), JSON | {"Content-Encoding": "gzip"}, 413),
        ("/v1/logs", b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + b"{}," * 60_000 + b"{}]}]}]}", JSON, 413),
        ("/v1/logs", b"{}", {"Content-Type": "text/plain"}, 415),
        ("/v1/logs", b"{}", JSON | {"Content-Encoding": "br"}, 415),
    ],
)
def test_each_body_gets_its_status(path: str, body: bytes, headers: dict[str, str], status: int) -> None:
    """And the answer to a refused one is a Status in the encoding of the request."""

    async def test(client: Client) -> None:
        found, answer, said = await client.post(path, body, headers)
        assert found == status
        if status != 200 and headers is not PROTOBUF:
            assert json.loads(answer)["message"]
        elif status != 200:
            assert said["Content-Type"] == PROTOBUF["Content-Type"]
            assert answer.startswith(b"\x08\x03\x12")
        assert client.log.messages == []

    serve(test)


def test_other_methods_are_405() -> None:
    """Telemetry is posted."""

    async def test(client: Client) -> None:
        status, _, headers = await client.get("/v1/logs")
        assert (status, headers["Allow"]) == (405, "POST")

    serve(test)


def test_an_absent_log_is_503_soon_to_be_tried_again() -> None:
    """Nothing is acknowledged that the log has not; when it is back, the same body is taken."""

    async def test(client: Client) -> None:
        client.log.away = True
        status, _, headers = await client.post("/v1/logs", logs_body(record("user_prompt")))
        assert status == 503
        assert 1 <= int(headers["Retry-After"]) <= 3
        assert (await client.get("/readyz"))[0] == 503
        assert (await client.get("/healthz"))[0] == 200
        client.log.away = False
        assert (await client.post("/v1/logs", logs_body(record("user_prompt"))))[0] == 200
        assert (await client.get("/readyz"))[0] == 200

    serve(test)


def test_too_much_at_once_is_503() -> None:
    """Above the bound of what may be in flight a body is refused before it is read, with or without a length."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    async def test(client: Client) -> None:
        for body in (b" " * 2_000, pieces()):
            status, _, headers = await client.post("/v1/logs", body)
            assert (status, headers["Retry-After"]) == (503, "1")
        assert (await client.post("/v1/logs", b"{}"))[0] == 200

    serve(test, ReceiverConfig(in_flight_bytes=1_000))


def test_tokens_are_asked_for() -> None:
    """Where there are tokens, no body is read without one of them; health is for everybody."""

    async def test(client: Client) -> None:
        for shown in (
            {},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Authorization": TOKEN},
            {"Authorization": "Bearer "},
        ):
            status, _, headers = await client.post("/v1/logs", b"{}", JSON | shown)
            assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await client.post("/v1/logs", b"{}", JSON | {"Authorization": f"Bearer {TOKEN}"}))[0] == 200
        assert (await client.get("/healthz"))[0] == 200

    serve(test, ReceiverConfig(tokens={"laptops": TOKEN, "others": "o" * 32}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "", "example.com"])
def test_beyond_loopback_tokens_are_demanded(host: str) -> None:
    """A receiver that others can reach does not start without tokens, and says what to do."""
    with pytest.raises(ValueError, match="AMMETER_TOKENS_FILE"):
        ReceiverConfig(host=host)
    assert ReceiverConfig(host=host, tokens={"laptops": TOKEN}).host == host
    assert ReceiverConfig(host="localhost").tokens == ReceiverConfig(host="::1").tokens == {}


def test_the_header_names_the_person() -> None:
    """X-Enduser-Id is the person of records that name nobody better."""

    async def test(client: Client) -> None:
        await client.post("/v1/logs", logs_body(record("user_prompt")), JSON | {"X-Enduser-Id": "dana"})
        (message,) = client.log.messages
        assert support.PSEUDONYMS.of("dana").encode() in message.value
        assert b'"user_id_kind":"enduser"' in message.value

    serve(test)


@pytest.mark.parametrize("said", [b"", b"POST /v1/logs HT", b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nA: "])
def test_a_connection_that_says_nothing_is_closed(said: bytes) -> None:
    """Headers that do not come hold no connection for ever."""

    async def test(client: Client) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.receiver.port)
        writer.write(said)
        assert await reader.read() == b""
        writer.close()

    serve(test, ReceiverConfig(read_timeout_s=0.1))


def test_a_body_that_does_not_come_is_408() -> None:
    """A body that trickles is given up."""

    async def test(client: Client) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.receiver.port)
        writer.write(
            b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.close()

    serve(test, ReceiverConfig(read_timeout_s=0.1))


def test_a_fault_of_ours_is_400_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients must not resend for ever what we cannot read; the next body is read as ever."""

    def fail(*_: object) -> None:
        raise KeyError("secret content")

    async def test(client: Client) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(Reader, "read", fail)
            status, body, _ = await client.post("/v1/logs", logs_body(record("user_prompt")))
        assert status == 400
        assert b"secret" not in body
        assert (await client.post("/v1/logs", logs_body(record("user_prompt"))))[0] == 200

    serve(test)


def test_a_stop_answers_what_is_under_way() -> None:
    """A request whose body is in is acknowledged though the receiver stops meanwhile."""

    class SlowLog(MemoryLog):
        def __init__(self) -> None:
            super().__init__()
            self.reached, self.go = asyncio.Event(), asyncio.Event()

        async def send(self, messages: Any) -> None:
            self.reached.set()
            await self.go.wait()
            await super().send(messages)

    async def run() -> tuple[int, list[Message]]:
        log = SlowLog()
        receiver = Receiver(ReceiverConfig(port=0), log, support.PSEUDONYMS, lambda: support.NOW)
        await receiver.start()
        async with aiohttp.ClientSession() as session:
            client = Client(receiver, log, session)
            request = asyncio.create_task(client.post("/v1/logs", logs_body(record("user_prompt"))))
            await log.reached.wait()
            stopping = asyncio.create_task(receiver.stop())
            await asyncio.sleep(0)
            log.go.set()
            status, _, _ = await request
            await stopping
        return status, log.messages

    status, messages = asyncio.run(run())
    assert (status, len(messages)) == (200, 1)


def test_large_bodies_are_read_beside_the_loop() -> None:
    """The receiver answers others while it parses a body of many records."""

    async def test(client: Client) -> None:
        body = logs_body(*(record("user_prompt", session=f"s{n % 9}") for n in range(5_000)))
        large = asyncio.create_task(client.post("/v1/logs", body))
        assert (await client.get("/healthz"))[0] == 200
        assert (await large)[0] == 200
        assert sum(message.events for message in client.log.messages) == 5_000

    serve(test, ReceiverConfig(limits=Limits()))
