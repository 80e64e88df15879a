"""OTLP protobuf to records, one record at a time. Rule: what one record costs does not depend on how many there are.

The outline of a body (resources, scopes, records) is walked by hand over its bytes, in bounded steps; only the records
themselves become protobuf objects, one after the other.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from sources.otlp.attributes import Scalar, quantity
from sources.otlp.limits import Limits
from sources.otlp.records import TEMPORALITIES, Entries, Entry, Happening, LogRecord, Origin, Point, Span
from sources.otlp.refused import Refused

_STEPS_PER_RECORD = 10
"""Fields of the outline for each record allowed: real bodies have one to three."""

_LENGTH, _VARINT, _FIXED64, _FIXED32 = 2, 0, 1, 5

_POINT_KINDS: dict[int, type[Message]] = {
    5: metrics_pb2.NumberDataPoint,  # gauge
    7: metrics_pb2.NumberDataPoint,  # sum
    9: metrics_pb2.HistogramDataPoint,
    10: metrics_pb2.ExponentialHistogramDataPoint,
    11: metrics_pb2.SummaryDataPoint,
}
_SUM = 7

_M = TypeVar("_M", bound=Message)


class _Outline:
    """Walks the fields of messages inside one body."""

    def __init__(self, body: bytes, limits: Limits) -> None:
        self._body, self._limits = body, limits
        self._steps = limits.records * _STEPS_PER_RECORD

    def fields(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Of each field: number, and where its bytes begin and end (a varint: begin is its value, end is -1)."""
        body, at = self._body, start
        while at < end:
            self._steps -= 1
            if self._steps < 0:
                raise Refused(413, f"The body holds too much; send at most {self._limits.records} records a request.")
            tag, at = self._varint(at, end)
            number, wire = tag >> 3, tag & 7
            if number == 0:
                raise _broken()
            if wire == _LENGTH:
                length, at = self._varint(at, end)
                if at + length > end:
                    raise _broken()
                yield number, at, at + length
                at += length
            elif wire == _VARINT:
                value, at = self._varint(at, end)
                yield number, value, -1
            elif wire in (_FIXED64, _FIXED32):
                at += 8 if wire == _FIXED64 else 4
            else:
                raise _broken()
        if at != end or end > len(body):
            raise _broken()

    def groups(self, start: int, end: int) -> tuple[tuple[int, int], list[tuple[int, int]]]:
        """Of a ResourceX or ScopeX message: where its first field lies, and where each of its second."""
        first, seconds = (start, start), []
        for number, begin, stop in self.fields(start, end):
            if stop >= 0 and number == 1:
                first = (begin, stop)
            elif stop >= 0 and number == 2:
                seconds.append((begin, stop))
        if len(seconds) > self._limits.records:
            raise Refused(413, f"The body holds too many records; send at most {self._limits.records} a request.")
        return first, seconds

    def read(self, kind: type[_M], place: tuple[int, int]) -> _M | None:
        """The message that lies there, or None where it cannot be read."""
        begin, stop = place
        if stop - begin > self._limits.record_bytes:
            return None
        try:
            return kind.FromString(self._body[begin:stop])
        except DecodeError:
            return None

    def scopes(self) -> Iterator[tuple[Origin, list[tuple[int, int]]]]:
        """The groups of records of the body, with their origin."""
        for number, begin, stop in self.fields(0, len(self._body)):
            if number != 1 or stop < 0:
                continue
            where, inners = self.groups(begin, stop)
            resource = self.read(Resource, where)
            attributes = {} if resource is None else _pairs(resource.attributes)
            for inner in inners:
                where, records = self.groups(*inner)
                scope = self.read(InstrumentationScope, where) or InstrumentationScope()
                yield Origin(attributes, scope.name, scope.version), records

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        value = shift = 0
        while at < end and shift < 64:
            byte = self._body[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
            shift += 7
        raise _broken()


def _broken() -> Refused:
    return Refused(400, "The body is not OTLP in protobuf.")


def logs(body: bytes, limits: Limits) -> Entries:
    """The log records of an ExportLogsServiceRequest. Raises Refused."""
    outline = _Outline(body, limits)
    positions = _counted(limits)
    for origin, places in outline.scopes():
        for place in places:
            found = outline.read(logs_pb2.LogRecord, place)
            yield Entry(next(positions), origin, None if found is None else _as_log_record(found))


def traces(body: bytes, limits: Limits) -> Entries:
    """The spans of an ExportTraceServiceRequest. Raises Refused."""
    outline = _Outline(body, limits)
    positions = _counted(limits)
    for origin, places in outline.scopes():
        for place in places:
            found = outline.read(trace_pb2.Span, place)
            yield Entry(next(positions), origin, None if found is None else _as_span(found))


def metrics(body: bytes, limits: Limits) -> Entries:
    """The points of an ExportMetricsServiceRequest. Raises Refused."""
    outline = _Outline(body, limits)
    positions = _counted(limits)
    for origin, places in outline.scopes():
        for begin, stop in places:
            name = unit = ""
            data: list[tuple[int, int, int]] = []
            for number, start, end in outline.fields(begin, stop):
                if end < 0:
                    continue
                if number == 1:
                    name = body[start:end].decode(errors="replace")
                elif number == 3:
                    unit = body[start:end].decode(errors="replace")
                elif number in _POINT_KINDS:
                    data.append((number, start, end))
            for number, start, end in data:
                temporality, points = _points(outline, number, start, end)
                for place in points:
                    found = outline.read(_POINT_KINDS[number], place)
                    record = None if found is None else _as_point(name, unit, temporality, found)
                    yield Entry(next(positions), origin, record)


def _counted(limits: Limits) -> Iterator[int]:
    for position in count():
        if position >= limits.records:
            raise Refused(413, f"The body holds too many records; send at most {limits.records} in one request.")
        yield position


def _points(outline: _Outline, kind: int, start: int, end: int) -> tuple[str, list[tuple[int, int]]]:
    points, temporality, monotonic = [], 0, False
    for number, begin, stop in outline.fields(start, end):
        if number == 1 and stop >= 0:
            points.append((begin, stop))
        elif number == 2 and stop < 0:
            temporality = begin
        elif number == 3 and stop < 0:
            monotonic = bool(begin)
    return (TEMPORALITIES.get(temporality, "") if kind == _SUM and monotonic else ""), points


def _pairs(found: Iterable[KeyValue]) -> dict[str, Scalar]:
    """The attributes that hold one value; lists, maps and bytes are left out."""
    pairs: dict[str, Scalar] = {}
    for pair in found:
        value = pair.value
        kind = value.WhichOneof("value")
        if kind == "string_value":
            pairs[pair.key] = value.string_value
        elif kind == "int_value":
            pairs[pair.key] = value.int_value
        elif kind == "bool_value":
            pairs[pair.key] = value.bool_value
        elif kind == "double_value":
            held = quantity(value.double_value)
            if held is not None:
                pairs[pair.key] = held
    return pairs


def _as_log_record(found: logs_pb2.LogRecord) -> LogRecord:
    return LogRecord(
        attributes=_pairs(found.attributes),
        body=found.body.string_value,
        event_name=found.event_name,
        time=found.time_unix_nano,
        observed=found.observed_time_unix_nano,
    )


def _as_span(found: trace_pb2.Span) -> Span:
    return Span(
        attributes=_pairs(found.attributes),
        name=found.name,
        trace=found.trace_id.hex(),
        span=found.span_id.hex(),
        parent=found.parent_span_id.hex().strip("0"),
        start=found.start_time_unix_nano,
        end=found.end_time_unix_nano,
        failed=found.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        happenings=tuple(
            Happening(_pairs(event.attributes), event.name, event.time_unix_nano) for event in found.events
        ),
    )


def _as_point(name: str, unit: str, temporality: str, found: Message) -> Point:
    value: int | float | None = None
    said: dict[str, Scalar] = {}
    if isinstance(found, metrics_pb2.NumberDataPoint):
        kind = found.WhichOneof("value")
        if kind is not None:
            value = quantity(found.as_int if kind == "as_int" else found.as_double)
            said = {} if value is None or temporality else {"value": value}
    elif isinstance(found, metrics_pb2.SummaryDataPoint):
        said = {"count": found.count, "sum": found.sum}
    elif isinstance(found, metrics_pb2.HistogramDataPoint | metrics_pb2.ExponentialHistogramDataPoint):
        said = {"count": found.count}
        said |= {key: getattr(found, key) for key in ("sum", "min", "max") if found.HasField(key)}
    else:
        raise TypeError(type(found))
    return Point(
        attributes=_pairs(found.attributes),
        metric=name,
        unit=unit,
        temporality=temporality,
        value=value,
        start=found.start_time_unix_nano,
        time=found.time_unix_nano,
        numbers=said,
    )
