"""Deliveries as bytes of OTLP, JSON or protobuf. Rule: encodings as the client's own, JSON numbers for 64 bit integers.

Times are nanoseconds with the resolution of milliseconds.
"""

from typing import Any

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from sources.simulator import shape
from sources.simulator.batches import Delivery
from sources.simulator.shape import Pairs

_encode = msgspec.json.Encoder().encode


def json_body(delivery: Delivery) -> bytes:
    """As most clients send it."""
    resource = {"attributes": _attributes(shape.resource(delivery.person)), "droppedAttributesCount": 0}
    version = delivery.person.version
    if delivery.kind == "logs":
        scope_logs = {"scope": {"name": shape.EVENTS_SCOPE, "version": version}, "logRecords": _records(delivery)}
        return _encode({"resourceLogs": [{"resource": resource, "scopeLogs": [scope_logs]}]})
    scope_metrics = {"scope": {"name": shape.METRICS_SCOPE, "version": version}, "metrics": _metrics(delivery)}
    return _encode({"resourceMetrics": [{"resource": resource, "scopeMetrics": [scope_metrics]}]})


def protobuf_body(delivery: Delivery) -> bytes:
    """The same in protobuf."""
    return _logs_protobuf(delivery) if delivery.kind == "logs" else _metrics_protobuf(delivery)


class _Common:
    """The attributes that all records of a session share, encoded once."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._known: dict[str, bytes] = {}

    def with_own(self, session: str, own: Pairs) -> msgspec.Raw:
        """All attributes of one record or point."""
        common = self._known.get(session)
        if common is None:
            common = self._known[session] = _encode(_attributes(shape.common(self._delivery, session)))
        if not own:
            return msgspec.Raw(common)
        return msgspec.Raw(common[:-1] + b"," + _encode(_attributes(own))[1:])


def _records(delivery: Delivery) -> list[dict[str, Any]]:
    common, records = _Common(delivery), []
    for sequence, happening in delivery.records:
        name, own = shape.record(delivery, sequence, happening)
        nanoseconds = f"{happening.at}000000"
        records.append(
            {
                "timeUnixNano": nanoseconds,
                "observedTimeUnixNano": nanoseconds,
                "body": {"stringValue": f"claude_code.{name}"},
                "attributes": common.with_own(happening.session, own),
                "droppedAttributesCount": 0,
            }
        )
    return records


def _metrics(delivery: Delivery) -> list[dict[str, Any]]:
    common, metrics, ends = _Common(delivery), [], f"{delivery.at}000000"
    for name, points in shape.by_metric(delivery).items():
        unit, description = shape.METRICS[name]
        data = [
            {
                "attributes": common.with_own(point.session, list(point.attributes)),
                "startTimeUnixNano": f"{point.since}000000",
                "timeUnixNano": ends,
                "asDouble": shape.value(point),
            }
            for point in points
        ]
        sums = {
            "aggregationTemporality": 2 if delivery.person.cumulative else 1,
            "isMonotonic": True,
            "dataPoints": data,
        }
        metrics.append({"name": f"claude_code.{name}", "description": description, "unit": unit, "sum": sums})
    return metrics


def _attributes(pairs: Pairs) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in pairs]


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"arrayValue": {"values": []}}


def _logs_protobuf(delivery: Delivery) -> bytes:
    request = ExportLogsServiceRequest()
    logs = request.resource_logs.add()
    logs.resource.attributes.extend(_key_values(shape.resource(delivery.person)))
    scope = logs.scope_logs.add()
    scope.scope.name, scope.scope.version = shape.EVENTS_SCOPE, delivery.person.version
    common: dict[str, list[KeyValue]] = {}
    for sequence, happening in delivery.records:
        name, own = shape.record(delivery, sequence, happening)
        if happening.session not in common:
            common[happening.session] = _key_values(shape.common(delivery, happening.session))
        record = scope.log_records.add()
        record.time_unix_nano = record.observed_time_unix_nano = happening.at * 1_000_000
        record.body.string_value = f"claude_code.{name}"
        record.attributes.extend(common[happening.session])
        record.attributes.extend(_key_values(own))
    return request.SerializeToString(deterministic=True)


def _metrics_protobuf(delivery: Delivery) -> bytes:
    request = ExportMetricsServiceRequest()
    metrics = request.resource_metrics.add()
    metrics.resource.attributes.extend(_key_values(shape.resource(delivery.person)))
    scope = metrics.scope_metrics.add()
    scope.scope.name, scope.scope.version = shape.METRICS_SCOPE, delivery.person.version
    for name, points in shape.by_metric(delivery).items():
        metric = scope.metrics.add()
        metric.name = f"claude_code.{name}"
        metric.unit, metric.description = shape.METRICS[name]
        metric.sum.aggregation_temporality = 2 if delivery.person.cumulative else 1  # type: ignore[assignment]  # enum
        metric.sum.is_monotonic = True
        for point in points:
            data = metric.sum.data_points.add()
            data.attributes.extend(_key_values(shape.common(delivery, point.session)))
            data.attributes.extend(_key_values(list(point.attributes)))
            data.start_time_unix_nano, data.time_unix_nano = point.since * 1_000_000, delivery.at * 1_000_000
            data.as_double = shape.value(point)
    return request.SerializeToString(deterministic=True)


def _key_values(pairs: Pairs) -> list[KeyValue]:
    found = []
    for key, value in pairs:
        pair = KeyValue(key=key)
        if isinstance(value, str):
            pair.value.string_value = value
        elif isinstance(value, bool):
            pair.value.bool_value = value
        elif isinstance(value, int):
            pair.value.int_value = value
        elif isinstance(value, float):
            pair.value.double_value = value
        else:
            pair.value.array_value.SetInParent()
        found.append(pair)
    return found
