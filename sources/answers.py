"""What an OTLP/HTTP server answers, in the encoding of the request. Rule: no word of a body comes back in an answer."""

import json
from collections.abc import Mapping

from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from sources.otlp.reader import Encoding, Signal

TYPES: dict[Encoding, str] = {"json": "application/json", "protobuf": "application/x-protobuf"}

SIGNALS: Mapping[str, Signal] = {"/v1/logs": "logs", "/v1/metrics": "metrics", "/v1/traces": "traces"}

_Response = ExportLogsServiceResponse | ExportMetricsServiceResponse | ExportTraceServiceResponse

_REJECTED: Mapping[Signal, tuple[type[_Response], str, str]] = {
    "logs": (ExportLogsServiceResponse, "rejectedLogRecords", "rejected_log_records"),
    "metrics": (ExportMetricsServiceResponse, "rejectedDataPoints", "rejected_data_points"),
    "traces": (ExportTraceServiceResponse, "rejectedSpans", "rejected_spans"),
}
"""What says how many were not taken, in each encoding."""

_CODES = {400: 3, 401: 16, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3, 429: 8, 503: 14}
"""google.rpc.Code of each status."""


def encoding_of(content_type: str) -> Encoding | None:
    """The encoding that a Content-Type names; None for one that OTLP does not know.

    >>> encoding_of("application/json; charset=utf-8"), encoding_of("application/x-protobuf"), encoding_of("text/plain")
    ('json', 'protobuf', None)
    """
    found = content_type.partition(";")[0].strip().lower()
    return next((encoding for encoding, name in TYPES.items() if name == found), None)


def accepted(path: str, encoding: Encoding, rejected: int = 0, advice: str = "") -> web.Response:
    """All was taken, or all but `rejected` records."""
    signal = SIGNALS[path]
    if encoding == "protobuf":
        return _response(200, encoding, accepted_protobuf(signal, rejected, advice))
    said = {"partialSuccess": {_REJECTED[signal][1]: str(rejected), "errorMessage": advice}} if rejected else {}
    return _response(200, encoding, json.dumps(said).encode())


def accepted_protobuf(signal: Signal, rejected: int = 0, advice: str = "") -> bytes:
    """The same as the message of an Export call."""
    if not rejected:
        return b""
    kind, _, field = _REJECTED[signal]
    response = kind()
    setattr(response.partial_success, field, rejected)
    response.partial_success.error_message = advice
    return response.SerializeToString()


def refused(status: int, text: str, encoding: Encoding = "json", retry_after: int = 0) -> web.Response:
    """A google.rpc.Status that says why; `retry_after` in seconds where the same request may succeed later."""
    code = _CODES.get(status, 2)
    body = json.dumps({"code": code, "message": text}).encode() if encoding == "json" else status_of(code, text)
    response = _response(status, encoding, body)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _response(status: int, encoding: Encoding, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type=TYPES[encoding])


def status_of(code: int, text: str) -> bytes:
    """A google.rpc.Status without details, in protobuf."""
    message = text.encode()
    return b"\x08" + varint(code) + b"\x12" + varint(len(message)) + message


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
