"""Joins requests as a Collector does, so that a day can be played in a minute. Rule: what comes twice stays alone.

A body's run is its hash, so a body that is sent again must be the same, and only bodies that are sent once are joined.
Several bodies of one kind are one body: protobuf messages join by standing one after another, JSON by their list.
"""

import gzip
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from sources.simulator.otlp import Request

_LISTS = {"logs": (b'{"resourceLogs":[', b"]}"), "metrics": (b'{"resourceMetrics":[', b"]}")}
_JSON = "application/json"


class _Bin(NamedTuple):
    kind: Literal["logs", "metrics"]
    content_type: str


def collect(requests: Iterable[Request], until_ms: int, window_ms: int, most_bytes: int) -> Iterator[Request]:
    """The same requests, those before `until_ms` joined where they lie within a window; later ones as they are.

    A joined request is sent when its window ends; a window is cut short at `most_bytes`.
    """
    bins: dict[_Bin, list[Request]] = {}
    sizes: dict[_Bin, int] = {}
    ends = 0
    for request in requests:
        if request.at_ms >= ends or request.at_ms >= until_ms:
            yield from _joined(bins, ends)
            bins, sizes = {}, {}
            ends = min(request.at_ms + window_ms, until_ms)  # else real time would begin with a pause
        if request.at_ms >= until_ms or request.sent:
            yield request
            continue
        into = _Bin(request.kind, request.headers["Content-Type"])
        bins.setdefault(into, []).append(request)
        sizes[into] = sizes.get(into, 0) + len(request.body)
        if sizes[into] >= most_bytes:
            yield _join(into, bins.pop(into), request.at_ms)
            del sizes[into]
    yield from _joined(bins, ends)


def _joined(bins: dict[_Bin, list[Request]], at_ms: int) -> Iterator[Request]:
    return (_join(into, found, at_ms) for into, found in bins.items())


def _join(into: _Bin, found: list[Request], at_ms: int) -> Request:
    bodies = [_plain(request) for request in found]
    if into.content_type == _JSON:
        opening, closing = _LISTS[into.kind]
        for body in bodies:
            assert body.startswith(opening), "bodies of the simulator begin with their list"
        body = opening + b",".join(body[len(opening) : -len(closing)] for body in bodies) + closing
    else:
        body = b"".join(bodies)
    headers = {"Content-Type": into.content_type, "User-Agent": "OpenTelemetry Collector (simulated)"}
    quiet = frozenset(session for request in found for session in request.quiet)
    events = sum(request.events - len(request.quiet) for request in found) + len(quiet)
    return found[-1]._replace(at_ms=at_ms, headers=headers, body=body, events=events, quiet=quiet)


def _plain(request: Request) -> bytes:
    return gzip.decompress(request.body) if "Content-Encoding" in request.headers else request.body
