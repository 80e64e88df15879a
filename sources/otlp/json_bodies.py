"""OTLP JSON to records, one record at a time. Rule: what one record costs does not depend on how many there are.

The body is walked once, with the records left as bytes; each is decoded when its turn comes, so that a body of many
records takes little more memory than its bytes, and a record of wrong types costs only itself.
"""

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from sources.otlp.attributes import Attributes, Scalar, quantity
from sources.otlp.limits import Limits
from sources.otlp.records import (
    TEMPORALITIES,
    TEMPORALITY_NAMES,
    Entries,
    Entry,
    Happening,
    LogRecord,
    Origin,
    Point,
    Span,
)
from sources.otlp.refused import Refused

_BYTES_PER_OBJECT = 20
"""An object of a real body takes 35 bytes; of smaller ones there may be as many as records."""

_T = TypeVar("_T", bound=Struct)
_ABSENT = Raw(b"{}")
_Number = int | float | str | None


class _Value(Struct, gc=False):
    stringValue: str | None = None  # noqa: N815 - OTLP's own name
    intValue: _Number = None  # noqa: N815 - OTLP's own name
    doubleValue: _Number = None  # noqa: N815 - OTLP's own name
    boolValue: bool | None = None  # noqa: N815 - OTLP's own name


class _KeyValue(Struct, gc=False):
    key: str
    value: _Value | None = None


class _Attributes(Struct, gc=False):
    attributes: list[_KeyValue] | None = None


class _Scope(Struct, gc=False):
    name: str | None = None
    version: str | None = None


class _LogRecord(Struct, gc=False):
    attributes: list[_KeyValue] | None = None
    body: _Value | None = None
    eventName: str | None = None  # noqa: N815 - OTLP's own name
    timeUnixNano: _Number = None  # noqa: N815 - OTLP's own name
    observedTimeUnixNano: _Number = None  # noqa: N815 - OTLP's own name


class _Point(Struct, gc=False):
    attributes: list[_KeyValue] | None = None
    startTimeUnixNano: _Number = None  # noqa: N815 - OTLP's own name
    timeUnixNano: _Number = None  # noqa: N815 - OTLP's own name
    asInt: _Number = None  # noqa: N815 - OTLP's own name
    asDouble: _Number = None  # noqa: N815 - OTLP's own name
    count: _Number = None
    sum: _Number = None
    min: _Number = None
    max: _Number = None


class _ScopeLogs(Struct, gc=False):
    scope: Raw = _ABSENT
    logRecords: list[Raw] | None = None  # noqa: N815 - OTLP's own name


class _ResourceLogs(Struct, gc=False):
    resource: Raw = _ABSENT
    scopeLogs: list[_ScopeLogs] | None = None  # noqa: N815 - OTLP's own name


class _Logs(Struct, gc=False):
    resourceLogs: list[_ResourceLogs] | None = None  # noqa: N815 - OTLP's own name


class _Points(Struct, gc=False):
    dataPoints: list[Raw] | None = None  # noqa: N815 - OTLP's own name
    aggregationTemporality: int | str | None = None  # noqa: N815 - OTLP's own name
    isMonotonic: bool | None = None  # noqa: N815 - OTLP's own name


class _Metric(Struct, gc=False):
    name: str | None = None
    unit: str | None = None
    sum: _Points | None = None
    gauge: _Points | None = None
    histogram: _Points | None = None
    exponentialHistogram: _Points | None = None  # noqa: N815 - OTLP's own name
    summary: _Points | None = None


class _ScopeMetrics(Struct, gc=False):
    scope: Raw = _ABSENT
    metrics: list[_Metric] | None = None


class _ResourceMetrics(Struct, gc=False):
    resource: Raw = _ABSENT
    scopeMetrics: list[_ScopeMetrics] | None = None  # noqa: N815 - OTLP's own name


class _Metrics(Struct, gc=False):
    resourceMetrics: list[_ResourceMetrics] | None = None  # noqa: N815 - OTLP's own name


class _Happening(Struct, gc=False):
    attributes: list[_KeyValue] | None = None
    name: str | None = None
    timeUnixNano: _Number = None  # noqa: N815 - OTLP's own name


class _Status(Struct, gc=False):
    code: int | str | None = None


class _Span(Struct, gc=False):
    attributes: list[_KeyValue] | None = None
    name: str | None = None
    traceId: str | None = None  # noqa: N815 - OTLP's own name
    spanId: str | None = None  # noqa: N815 - OTLP's own name
    parentSpanId: str | None = None  # noqa: N815 - OTLP's own name
    startTimeUnixNano: _Number = None  # noqa: N815 - OTLP's own name
    endTimeUnixNano: _Number = None  # noqa: N815 - OTLP's own name
    events: list[_Happening] | None = None
    status: _Status | None = None


class _ScopeSpans(Struct, gc=False):
    scope: Raw = _ABSENT
    spans: list[Raw] | None = None


class _ResourceSpans(Struct, gc=False):
    resource: Raw = _ABSENT
    scopeSpans: list[_ScopeSpans] | None = None  # noqa: N815 - OTLP's own name


class _Traces(Struct, gc=False):
    resourceSpans: list[_ResourceSpans] | None = None  # noqa: N815 - OTLP's own name


_logs = msgspec.json.Decoder(_Logs)
_traces = msgspec.json.Decoder(_Traces)
_span = msgspec.json.Decoder(_Span)
_metrics = msgspec.json.Decoder(_Metrics)
_attributes = msgspec.json.Decoder(_Attributes)
_scope = msgspec.json.Decoder(_Scope)
_log_record = msgspec.json.Decoder(_LogRecord)
_point = msgspec.json.Decoder(_Point)


def logs(body: bytes, limits: Limits) -> Entries:
    """The log records of an ExportLogsServiceRequest. Raises Refused."""
    groups = _decode(_logs, body, limits).resourceLogs or ()
    found = sum(len(inner.logRecords or ()) for group in groups for inner in group.scopeLogs or ())
    _check_records(found, limits)
    positions = count()
    for group in groups:
        resource = _read_attributes(group.resource)
        for inner in group.scopeLogs or ():
            origin = _origin(resource, inner.scope)
            for raw in inner.logRecords or ():
                record = _read(_log_record, raw, limits)
                yield Entry(next(positions), origin, None if record is None else _as_log_record(record))


def traces(body: bytes, limits: Limits) -> Entries:
    """The spans of an ExportTraceServiceRequest. Raises Refused."""
    groups = _decode(_traces, body, limits).resourceSpans or ()
    _check_records(sum(len(inner.spans or ()) for group in groups for inner in group.scopeSpans or ()), limits)
    positions = count()
    for group in groups:
        resource = _read_attributes(group.resource)
        for inner in group.scopeSpans or ():
            origin = _origin(resource, inner.scope)
            for raw in inner.spans or ():
                span = _read(_span, raw, limits)
                yield Entry(next(positions), origin, None if span is None else _as_span(span))


def metrics(body: bytes, limits: Limits) -> Entries:
    """The points of an ExportMetricsServiceRequest. Raises Refused."""
    groups = _decode(_metrics, body, limits).resourceMetrics or ()
    found = sum(
        len(points.dataPoints or ())
        for group in groups
        for inner in group.scopeMetrics or ()
        for metric in inner.metrics or ()
        for points in _kinds(metric)
    )
    _check_records(found, limits)
    positions = count()
    for group in groups:
        resource = _read_attributes(group.resource)
        for inner in group.scopeMetrics or ():
            origin = _origin(resource, inner.scope)
            for metric in inner.metrics or ():
                for points in _kinds(metric):
                    temporality = _temporality(points) if points is metric.sum else ""
                    for raw in points.dataPoints or ():
                        point = _read(_point, raw, limits)
                        record = None if point is None else _as_point(metric, temporality, point)
                        yield Entry(next(positions), origin, record)


def _kinds(metric: _Metric) -> Iterator[_Points]:
    for points in (metric.sum, metric.gauge, metric.histogram, metric.exponentialHistogram, metric.summary):
        if points is not None:
            yield points


def _temporality(points: _Points) -> str:
    if not points.isMonotonic:
        return ""
    said = points.aggregationTemporality
    return TEMPORALITY_NAMES.get(said, "") if isinstance(said, str) else TEMPORALITIES.get(said or 0, "")


def _check_records(found: int, limits: Limits) -> None:
    if found > limits.records:
        raise Refused(413, f"The body holds {found} records; send at most {limits.records} in one request.")


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes, limits: Limits) -> _T:
    """The outline of a body; objects are counted first, for each may become one of ours."""
    if body.count(b"{") > limits.records + len(body) // _BYTES_PER_OBJECT:
        raise Refused(413, f"The body holds too many objects; send at most {limits.records} records in one request.")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as exc:
        raise Refused(400, f"The body is not OTLP: {exc}.") from None
    except RecursionError:
        raise Refused(400, "The body is nested too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        repaired = _without_lone_surrogates(body)
        if repaired is not None:
            return _decode(decoder, repaired, limits)
        raise Refused(400, f"The body is not JSON: {exc}.") from None


_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair: good
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"  # half of one
    rb"|\\.",  # any other escape
    re.DOTALL,
)
_LONE = len(rb"\ud800")


def _without_lone_surrogates(body: bytes) -> bytes | None:
    """JavaScript may cut a text within an emoji and send the half, which msgspec refuses. None if there was none."""
    repaired = _ESCAPES.sub(lambda found: rb"\ufffd" if len(found[0]) == _LONE else found[0], body)
    return repaired if repaired != body else None


def _read(decoder: msgspec.json.Decoder[_T], raw: Raw, limits: Limits) -> _T | None:
    """One record, or None where it is not one. A part that has the wrong type is left out."""
    if len(memoryview(raw)) > limits.record_bytes:
        return None
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _salvage(decoder.type, raw)


def _salvage(kind: type[_T], raw: Raw) -> _T | None:
    try:
        found = json.loads(bytes(raw).decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    attributes = found.get("attributes")
    if isinstance(attributes, list):
        found["attributes"] = [pair for pair in attributes if _is(_KeyValue, pair)]
    for field in msgspec.structs.fields(kind):
        if field.name in found and not _is(field.type, found[field.name]):
            del found[field.name]
    return msgspec.convert(found, kind)


def _is(kind: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _read_attributes(raw: Raw) -> Attributes:
    found = _read(_attributes, raw, _OF_A_RESOURCE)
    return {} if found is None else _pairs(found.attributes)


def _origin(resource: Attributes, raw: Raw) -> Origin:
    scope = _read(_scope, raw, _OF_A_RESOURCE)
    return Origin(resource, "", "") if scope is None else Origin(resource, scope.name or "", scope.version or "")


_OF_A_RESOURCE = Limits()


def _pairs(found: list[_KeyValue] | None) -> dict[str, Scalar]:
    """The attributes that hold one value; lists and maps are left out."""
    pairs: dict[str, Scalar] = {}
    for pair in found or ():
        value = pair.value
        if value is None:
            continue
        text = value.stringValue
        if text is not None:
            pairs[pair.key] = text
        elif value.boolValue is not None:
            pairs[pair.key] = value.boolValue
        else:
            held = quantity(value.intValue if value.intValue is not None else value.doubleValue)
            if held is not None:
                pairs[pair.key] = held
    return pairs


def _as_log_record(found: _LogRecord) -> LogRecord:
    body = found.body.stringValue if found.body is not None else None
    return LogRecord(
        attributes=_pairs(found.attributes),
        body=body or "",
        event_name=found.eventName or "",
        time=found.timeUnixNano,
        observed=found.observedTimeUnixNano,
    )


def _as_span(found: _Span) -> Span:
    return Span(
        attributes=_pairs(found.attributes),
        name=found.name or "",
        trace=(found.traceId or "").lower(),
        span=(found.spanId or "").lower(),
        parent=(found.parentSpanId or "").lower().strip("0"),
        start=found.startTimeUnixNano,
        end=found.endTimeUnixNano,
        failed=found.status is not None and found.status.code in (2, "2", "STATUS_CODE_ERROR"),
        happenings=tuple(
            Happening(_pairs(event.attributes), event.name or "", event.timeUnixNano) for event in found.events or ()
        ),
    )


def _as_point(metric: _Metric, temporality: str, found: _Point) -> Point:
    value = quantity(found.asInt if found.asInt is not None else found.asDouble)
    said = {"value": value, "count": found.count, "sum": found.sum, "min": found.min, "max": found.max}
    numbers = {name: held for name, held in ((name, quantity(one)) for name, one in said.items()) if held is not None}
    return Point(
        attributes=_pairs(found.attributes),
        metric=metric.name or "",
        unit=metric.unit or "",
        temporality=temporality,
        value=value,
        start=found.startTimeUnixNano,
        time=found.timeUnixNano,
        numbers={} if temporality else numbers,
    )
