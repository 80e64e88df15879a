"""A Collector between clients and receiver: its configuration, and the figures of what it makes of recorded bodies."""

import asyncio
import gzip
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from sources.http import Receiver, ReceiverConfig
from sources.otlp.limits import Limits
from tests.ammeter.cli.test_files import SESSIONS, ammeter, rows
from tests.deploy.plain_yaml import load
from tests.sources.support import CLAUDE_CODE, PSEUDONYMS, MemoryLog, bodies

pytestmark = pytest.mark.slow

CONFIG = Path(__file__).parents[2] / "deploy/collector/config.yaml"
MADE: dict[str, Any] = load(CONFIG.read_text())

LARGEST: int = MADE["exporters"]["otlphttp/ammeter"]["sending_queue"]["batch"]["max_size"]

COUNTED = (
    "prompts", "interactive_prompts", "turns", "interactive_turns", "tool_calls", "interactive_tool_calls",
    "tool_failures", "input_tokens", "output_tokens", "cost_micros", "lines_added", "commits", "active_cli_ms",
)  # fmt: skip

MINUTES = f"""
    SELECT team_id, minute, uniqExact(user_id) AS people, {", ".join(f"sum({name})" for name in COUNTED)}
    FROM ammeter_private.user_minutes GROUP BY team_id, minute ORDER BY team_id, minute"""
"""Of teams that are smaller than the floor, which nobody else sees."""

KNOWN = {
    "extensions.file_storage": {"directory", "create_directory", "fsync", "compaction", "timeout"},
    "extensions.file_storage.compaction": {"on_start", "on_rebound", "cleanup_on_start", "directory"},
    "receivers.otlp": {"protocols"},
    "receivers.otlp.protocols": {"http", "grpc"},
    "receivers.otlp.protocols.http": {"endpoint"},
    "receivers.otlp.protocols.grpc": {"endpoint"},
    "processors.resource": {"attributes"},
    "processors.attributes": {"actions"},
    "exporters.nop": set[str](),
    "exporters.otlphttp": {"endpoint", "headers", "compression", "timeout", "retry_on_failure", "sending_queue"},
    "exporters.otlphttp.headers": {"Authorization"},
    "exporters.otlphttp.retry_on_failure": {"enabled", "initial_interval", "max_interval", "max_elapsed_time"},
    "exporters.otlphttp.sending_queue": {"enabled", "storage", "num_consumers", "sizer", "queue_size", "batch"},
    "exporters.otlphttp.sending_queue.batch": {"flush_timeout", "sizer", "min_size", "max_size"},
    "service": {"extensions", "pipelines", "telemetry"},
}
"""Settings of the components, as their documentation names them."""


def maps(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each map with where it stands; a component by its type, whatever its own name."""
    if isinstance(value, dict):
        yield place, value
        for key, inner in value.items():
            yield from maps(inner, f"{place}.{key.partition('/')[0]}".strip("."))


def test_every_setting_is_one() -> None:
    """Each key of each component is known, each component is of a known type."""
    for place, found in maps(MADE):
        if place in KNOWN:
            assert set(found) <= KNOWN[place], place
    types = {f"{kind}.{name.partition('/')[0]}" for kind in list(MADE)[:-1] for name in MADE[kind]}

    assert types <= set(KNOWN)
    assert list(MADE) == ["extensions", "receivers", "processors", "exporters", "service"]


def test_pipelines_use_what_is_defined() -> None:
    """Every component that a pipeline names is there, every one that is there is used, and the queue's storage runs."""
    pipelines = MADE["service"]["pipelines"]
    for kind in ("receivers", "processors", "exporters"):
        assert {name for pipeline in pipelines.values() for name in pipeline.get(kind, [])} == set(MADE[kind])
    assert MADE["service"]["extensions"] == list(MADE["extensions"])
    assert MADE["exporters"]["otlphttp/ammeter"]["sending_queue"]["storage"] in MADE["extensions"]
    assert set(pipelines) == {"logs", "metrics", "traces"}


def test_it_listens_on_this_machine_alone_and_holds_no_secret() -> None:
    """Loopback, at the standard ports; address and token come from the environment."""
    protocols = MADE["receivers"]["otlp"]["protocols"]
    exporter = MADE["exporters"]["otlphttp/ammeter"]

    assert {name: each["endpoint"] for name, each in protocols.items()} == {
        "http": "127.0.0.1:4318",
        "grpc": "127.0.0.1:4317",
    }
    assert exporter["endpoint"] == "${env:RECEIVER_URL}"
    assert exporter["headers"] == {"Authorization": "Bearer ${env:RECEIVER_TOKEN}"}
    assert set(re.findall(r"env:(\w+)", CONFIG.read_text())) == {"RECEIVER_URL", "RECEIVER_TOKEN", "QUEUE_DIRECTORY"}


def test_it_keeps_what_it_cannot_send_and_sends_it_in_order() -> None:
    """Retries never end, one sender keeps the order, and no batch is larger than the receiver takes."""
    exporter = MADE["exporters"]["otlphttp/ammeter"]
    queue, limits = exporter["sending_queue"], Limits()

    assert exporter["retry_on_failure"]["enabled"]
    assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s"
    assert queue["num_consumers"] == 1
    assert queue["batch"]["sizer"] == queue["sizer"] == "bytes"
    assert queue["batch"]["min_size"] <= queue["batch"]["max_size"] < limits.sent_bytes
    assert queue["batch"]["max_size"] // 64 < limits.records  # no record of a client is as small as that


DELETED = {rule["key"] for name in ("resource/words",) for rule in MADE["processors"][name]["attributes"]}


class Collector:
    """Makes of requests what the configured Collector sends: merged in order, split by size, protobuf, gzip."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes

    def send(self, kind: str, requests: Sequence[bytes]) -> list[bytes]:
        """The bodies of the requests on their way."""
        parts: list[Any] = []
        for request in requests:
            for part in self._parts(kind, self._parsed(kind, request)):
                kept = [each for each in part.resource.attributes if each.key not in DELETED]
                del part.resource.attributes[:]
                part.resource.attributes.extend(kept)
                parts.append(part)
        return [gzip.compress(body.SerializeToString(deterministic=True)) for body in self._batches(kind, parts)]

    def _batches(self, kind: str, parts: Sequence[Any]) -> Iterator[Message]:
        batch = self._empty(kind)
        for part in self._small(kind, parts):
            if batch.ByteSize() and batch.ByteSize() + part.ByteSize() > self._max:
                yield batch
                batch = self._empty(kind)
            self._parts(kind, batch).append(part)
        yield batch

    def _small(self, kind: str, parts: Sequence[Any]) -> Iterator[Any]:
        """A resource whose records are too many is cut, its records in order."""
        for part in parts:
            if part.ByteSize() <= self._max:
                yield part
                continue
            for scope in part.scope_logs if kind == "logs" else part.scope_metrics:
                records = scope.log_records if kind == "logs" else scope.metrics
                for record in records:
                    cut = type(part)()
                    cut.resource.CopyFrom(part.resource)
                    inner = (cut.scope_logs if kind == "logs" else cut.scope_metrics).add()
                    inner.scope.CopyFrom(scope.scope)
                    (inner.log_records if kind == "logs" else inner.metrics).append(record)
                    yield cut

    @staticmethod
    def _empty(kind: str) -> Any:
        return ExportLogsServiceRequest() if kind == "logs" else ExportMetricsServiceRequest()

    def _parsed(self, kind: str, body: bytes) -> Any:
        found = self._empty(kind)
        found.ParseFromString(body)
        return found

    @staticmethod
    def _parts(kind: str, request: Any) -> Any:
        return request.resource_logs if kind == "logs" else request.resource_metrics


RECORDED = [body for body in bodies(CLAUDE_CODE / "otlp_protobuf") if body.encoding == "protobuf"]


def through_collector(max_bytes: int) -> list[tuple[str, bytes]]:
    """What the recorded requests become: first all logs, then all metrics, as after a day off the network."""
    collector = Collector(max_bytes)
    return [
        (kind, body)
        for kind in ("logs", "metrics")
        for body in collector.send(kind, [each.body for each in RECORDED if each.kind == kind])
    ]


@pytest.mark.parametrize("max_bytes", [LARGEST, 20_000])
def test_figures_are_those_of_direct_sending(tmp_path: Path, max_bytes: int) -> None:
    """Sessions merged into one request, or one cut into many: the same sessions with the same figures."""
    between = tmp_path / "between"
    between.mkdir()
    made = through_collector(max_bytes)
    for number, (kind, body) in enumerate(made):
        name = between / f"{number:03d}-v1_{kind}"
        name.with_suffix(".pb.gz").write_bytes(body)
        headers = {"received_at": RECORDED[-1].received_at / 1000 + number / 10, "headers": []}
        name.with_suffix(".headers.json").write_text(json.dumps(headers))
    ammeter("analyse", CLAUDE_CODE / "otlp_protobuf", "--data", tmp_path / "direct")
    ammeter("analyse", between, "--data", tmp_path / "collected")
    for statement, least in ((SESSIONS, 6), (MINUTES, 3)):
        direct, collected = rows(tmp_path / "direct", statement), rows(tmp_path / "collected", statement)
        assert direct == collected
        assert len(direct) >= least
    assert len(made) == 2 if max_bytes > 1_000_000 else len(made) > 10


def test_the_receiver_takes_them() -> None:
    """Over HTTP with the token; the same request again is the same run, so that it counts once."""
    log = MemoryLog()

    async def send() -> list[int]:
        config = ReceiverConfig(port=0, tokens={"laptop": "t" * 16})
        receiver = Receiver(config, log, PSEUDONYMS, lambda: RECORDED[-1].received_at)
        await receiver.start()
        headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
        headers["Authorization"] = "Bearer " + "t" * 16
        found = []
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{receiver.port}", headers=headers) as session:
                for kind, body in [*through_collector(3 << 20), *through_collector(3 << 20)]:
                    async with session.post(f"/v1/{kind}", data=body) as answer:
                        found.append(answer.status)
        finally:
            await receiver.stop()
        return found

    assert set(asyncio.run(send())) == {200}
    once = log.messages[: len(log.messages) // 2]
    assert [message.value for message in once] == [message.value for message in log.messages[len(once) :]]
