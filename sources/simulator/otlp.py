"""Deliveries as the HTTP requests that Claude Code makes. Rule: what is sent again is the same, byte for byte."""

import gzip
from collections.abc import Iterator
from typing import Literal, NamedTuple

from sources.simulator.batches import Delivery
from sources.simulator.bodies import json_body, protobuf_body
from sources.simulator.canonical import count_events, quiet_sessions
from sources.simulator.simulation import Sent, Simulation


class Request(NamedTuple):
    """One HTTP request: when it is sent, to /v1/logs or /v1/metrics, and whether the connection breaks in mid-body.

    events: how many canonical events the body makes. body_id: names the body, so that resends can be told.
    client: number of the person; a client waits for each answer before it sends again.
    quiet: sessions of which events are condensed into one; bodies that are joined share it.
    """

    at_ms: int
    kind: Literal["logs", "metrics"]
    headers: dict[str, str]
    body: bytes
    cut: bool
    events: int
    sent: Sent
    body_id: str
    client: int
    quiet: frozenset[str] = frozenset()


def requests(simulation: Simulation, start_ms: int, end_ms: int) -> Iterator[Request]:
    """All requests of [start_ms, end_ms) in order."""
    for at, sending, delivery in simulation.deliveries(start_ms, end_ms):
        if delivery.kind != "ended" and not delivery.lost and (delivery.records or delivery.points):
            headers, body = render(delivery)
            events, client = count_events(delivery), delivery.person.number
            quiet, cut = quiet_sessions(delivery), sending == "cut"
            yield Request(at, delivery.kind, headers, body, cut, events, sending, delivery.run, client, quiet)


def render(delivery: Delivery) -> tuple[dict[str, str], bytes]:
    """Headers and body of one request."""
    person = delivery.person
    body = protobuf_body(delivery) if person.protobuf else json_body(delivery)
    headers = {
        "Content-Type": "application/x-protobuf" if person.protobuf else "application/json",
        "User-Agent": "OTel-OTLP-Exporter-JavaScript/0.208.0",
    }
    if person.gzip:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 6, mtime=0)
    if person.old:
        headers["Transfer-Encoding"] = "chunked"
    return headers, body
