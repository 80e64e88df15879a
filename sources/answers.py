"""What an OTLP/HTTP server answers, in the encoding of the request. Rule: no word of a body comes back in an answer."""

import json
from typing import Literal

from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

Encoding = Literal["json", "protobuf"]

TYPES: dict[Encoding, str] = {"json": "application/json", "protobuf": "application/x-protobuf"}

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
    if encoding == "json":
        field = "rejectedDataPoints" if path == "/v1/metrics" else "rejectedLogRecords"
        said = {"partialSuccess": {field: str(rejected), "errorMessage": advice}} if rejected else {}
        return _response(200, encoding, json.dumps(said).encode())
    if not rejected:
        return _response(200, encoding, b"")
    if path == "/v1/metrics":
        points = ExportMetricsServiceResponse()
        points.partial_success.rejected_data_points = rejected
        points.partial_success.error_message = advice
        return _response(200, encoding, points.SerializeToString())
    records = ExportLogsServiceResponse()
    records.partial_success.rejected_log_records = rejected
    records.partial_success.error_message = advice
    return _response(200, encoding, records.SerializeToString())


def refused(status: int, text: str, encoding: Encoding = "json", retry_after: int = 0) -> web.Response:
    """A google.rpc.Status that says why; `retry_after` in seconds where the same request may succeed later."""
    code = _CODES.get(status, 2)
    if encoding == "json":
        body = json.dumps({"code": code, "message": text}).encode()
    else:
        message = text.encode()
        body = b"\x08" + _varint(code) + b"\x12" + _varint(len(message)) + message
    response = _response(status, encoding, body)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _response(status: int, encoding: Encoding, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type=TYPES[encoding])


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
