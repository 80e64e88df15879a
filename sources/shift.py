"""Moves the times in a recorded body. Rule: every time moves by the same amount, and nothing else changes.

A shifted body is another body: it has a run of its own and counts beside the original.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sources.otlp.reader import Encoding, Signal

TIMES = ("timeUnixNano", "observedTimeUnixNano", "startTimeUnixNano", "endTimeUnixNano")
STAMP = "event.timestamp"
NANOS = 1_000_000


def shift(body: bytes, signal: Signal, encoding: Encoding, by_ms: int) -> bytes:
    """The unpacked body with all its times moved. Raises ValueError for what is no body of the signal."""
    if encoding == "json":
        return json.dumps(_moved(json.loads(body), by_ms), separators=(",", ":")).encode()
    try:
        return _shift_protobuf(body, signal, by_ms)
    except DecodeError as exc:
        raise ValueError(f"is no protobuf of {signal}") from exc


def _moved(value: Any, by_ms: int) -> Any:
    if isinstance(value, list):
        return [_moved(item, by_ms) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("key") == STAMP and isinstance(said := value.get("value"), dict):
        text = said.get("stringValue")
        return value | {"value": said | {"stringValue": _stamp(text, by_ms)}} if isinstance(text, str) else value
    return {name: _time(item, by_ms) if name in TIMES else _moved(item, by_ms) for name, item in value.items()}


def _time(nanos: Any, by_ms: int) -> Any:
    """As it was written: a string stays a string; 0 means that no time was given."""
    if not str(nanos).isdigit() or not int(nanos):
        return nanos
    moved = int(nanos) + by_ms * NANOS
    return str(moved) if isinstance(nanos, str) else moved


def _stamp(text: str, by_ms: int) -> str:
    """
    >>> _stamp("2026-11-22T12:01:18.556Z", 1_444)
    '2026-11-22T12:01:20.000Z'
    """
    try:
        moved = datetime.fromisoformat(text) + timedelta(milliseconds=by_ms)
    except ValueError:
        return text
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shift_protobuf(body: bytes, signal: Signal, by_ms: int) -> bytes:
    by = by_ms * NANOS
    if signal == "logs":
        logs = ExportLogsServiceRequest.FromString(body)
        for resource in logs.resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    record.time_unix_nano += by if record.time_unix_nano else 0
                    record.observed_time_unix_nano += by if record.observed_time_unix_nano else 0
                    for attribute in record.attributes:
                        if attribute.key == STAMP:
                            attribute.value.string_value = _stamp(attribute.value.string_value, by_ms)
        return logs.SerializeToString()
    if signal == "traces":
        traces = ExportTraceServiceRequest.FromString(body)
        for resource_spans in traces.resource_spans:
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    span.start_time_unix_nano += by if span.start_time_unix_nano else 0
                    span.end_time_unix_nano += by if span.end_time_unix_nano else 0
                    for happening in span.events:
                        happening.time_unix_nano += by if happening.time_unix_nano else 0
        return traces.SerializeToString()
    metrics = ExportMetricsServiceRequest.FromString(body)
    for resource_metrics in metrics.resource_metrics:
        for scope_metrics in resource_metrics.scope_metrics:
            for metric in scope_metrics.metrics:
                data = getattr(metric, metric.WhichOneof("data") or "sum")
                for point in data.data_points:
                    point.time_unix_nano += by if point.time_unix_nano else 0
                    point.start_time_unix_nano += by if point.start_time_unix_nano else 0
    return metrics.SerializeToString()
