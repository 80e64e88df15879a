"""OTLP output: what the receiver's reader makes of it, and what recorded bodies look like."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from schemas import wire
from schemas.codec import check_event, read_events
from schemas.people import Pseudonyms
from sources.otlp.reader import Reader
from sources.simulator.batches import Delivery
from sources.simulator.bodies import json_body
from sources.simulator.canonical import Renderer, count_events, messages
from sources.simulator.figures import DAY, HOUR
from sources.simulator.otlp import render, requests
from sources.simulator.simulation import Simulation

RECORDED = Path(__file__).parents[2] / "fixtures" / "otlp" / "claude_code" / "otlp_json"
MONDAY = 1_790_553_600_000
PSEUDONYMS = Pseudonyms(b"k" * 32)
SIMULATION = Simulation(10, 145, seed=7)
MORNING = (MONDAY + DAY + 9 * HOUR, MONDAY + DAY + 12 * HOUR)


@cache
def _bodies() -> list[tuple[int, Delivery]]:
    return [
        (at, delivery)
        for at, sending, delivery in SIMULATION.deliveries(*MORNING)
        if sending != "again"
        and delivery.kind != "ended"
        and not delivery.lost
        and (delivery.records or delivery.points)
    ]


def _plain(event: wire.Event) -> dict[str, Any]:
    """All that does not name the run; which series a cumulative value is of, only by there being one."""
    own = {name: getattr(event, name) for name in event.__struct_fields__ if name not in ("run", "event_id")}
    if "series" in own:
        own["series"] = bool(own["series"])
    return {"is": type(event).__name__, **own}


def test_the_reader_makes_the_canonical_events_of_it() -> None:
    """JSON or protobuf, packed or not, old or new client: parsed OTLP is the canonical output, event for event."""
    reader, renderer, compared, encodings = Reader(PSEUDONYMS), Renderer(PSEUDONYMS), 0, set()
    for at, delivery in _bodies():
        assert delivery.kind != "ended"
        headers, body = render(delivery)
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        protobuf = headers["Content-Type"] == "application/x-protobuf"
        reading = reader.read(delivery.kind, "protobuf" if protobuf else "json", body, at)
        assert not reading.rejected
        wanted = renderer.events(delivery, at)
        assert {key: [_plain(event) for event in events] for key, events in reading.sessions.items()} == {
            key: [_plain(event) for event in events] for key, events in wanted.items()
        }
        assert count_events(delivery) == sum(map(len, reading.sessions.values()))
        compared += count_events(delivery)
        encodings.add((protobuf, "Content-Encoding" in headers, delivery.person.old, delivery.person.cumulative))
    assert compared > 20_000
    assert len(encodings) >= 8


def test_canonical_messages_keep_the_contract() -> None:
    """Each message reads back whole, and each event passes the published model."""
    kinds = set()
    for message in messages(SIMULATION, MORNING[0], MORNING[0] + HOUR, PSEUDONYMS):
        events = read_events(message.events)
        assert len(events) == message.event_count
        assert {event.session_id for event in events} == {message.session_id}
        assert [event.index for event in events] == sorted({event.index for event in events})
        for event, line in zip(events, message.events.split(b"\n"), strict=True):
            if type(event) not in kinds:
                kinds.add(type(event))
                check_event(line)
    assert len(kinds) >= 10


def test_resends_are_the_same_bytes_and_half_resends_half_of_a_run() -> None:
    """What comes again equals what came; of a cut run the first half comes, then all of it."""
    first: dict[str, bytes] = {}
    again = 0
    for request in requests(SIMULATION, *MORNING):
        assert request.cut == (request.sent == "cut")
        if request.sent in ("first", "cut"):
            first[request.body_id] = request.body
        elif request.sent == "again":
            again += request.body_id in first
            assert first.get(request.body_id, request.body) == request.body
    assert again > 50
    halves: dict[tuple[str, str], list[str]] = {}
    whole = 0
    for message in messages(SIMULATION, *MORNING, PSEUDONYMS):
        ids = [event.event_id for event in read_events(message.events)] if message.sent in ("cut", "again") else []
        key = (message.run, message.session_id)
        if message.sent == "cut":
            halves[key] = ids
        elif message.sent == "again" and key in halves:
            half = halves[key]
            assert ids[: len(half)] == half
            assert len(half) == (len(ids) + 1) // 2
            whole += 1
    assert whole > 20


def _kind(value: dict[str, Any]) -> str:
    if "stringValue" in value:
        text = value["stringValue"]
        return "number as text" if text.isdigit() else "truth as text" if text in ("true", "false") else "text"
    return next(iter(value))


def _shapes(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for part in body["resourceLogs"]:
        for scope in part["scopeLogs"]:
            for record in scope["logRecords"]:
                yield record["body"]["stringValue"], {it["key"]: _kind(it["value"]) for it in record["attributes"]}


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, set[str]]]:
    """Of recorded 2.1.330 bodies: event, attribute, kinds of value."""
    found: dict[str, dict[str, set[str]]] = {}
    for path in RECORDED.glob("*/*logs.json"):
        for name, shape in _shapes(json.loads(path.read_text())):
            for key, kind in shape.items():
                found.setdefault(name, {}).setdefault(key, set()).add(kind)
    return found


def test_records_look_like_recorded_ones(recorded: dict[str, dict[str, set[str]]]) -> None:
    """Every event and attribute of a simulated 2.1.330 client was recorded, encoded the same."""
    beyond = {"enduser.id", "team", "user.email", "user.account_uuid", "app.entrypoint", "app.version"}
    not_recorded = {"claude_code.compaction", "claude_code.cache_warmup_finished"}
    seen = set()
    for _, delivery in _bodies():
        if delivery.kind != "logs" or delivery.person.old:
            continue
        for name, shape in _shapes(json.loads(json_body(delivery))):
            if name in not_recorded:
                continue
            seen.add(name)
            for key, kind in shape.items():
                if key in beyond or key == "mcp_server_scope":
                    continue
                assert kind in recorded[name][key] or (kind == "intValue" and key in ("status_code",)), (
                    name,
                    key,
                    kind,
                )
    assert len(seen) >= 12


def test_metrics_look_like_recorded_ones() -> None:
    """Names, units, descriptions and the keys of points are those of the recorded client."""

    def shapes(body: dict[str, Any]) -> dict[str, tuple[str, str, frozenset[str]]]:
        return {
            metric["name"]: (metric["unit"], metric["description"], frozenset(metric["sum"]["dataPoints"][0]))
            for part in body["resourceMetrics"]
            for scope in part["scopeMetrics"]
            for metric in scope["metrics"]
        }

    wanted: dict[str, tuple[str, str, frozenset[str]]] = {}
    for path in RECORDED.glob("*/*metrics.json"):
        wanted |= shapes(json.loads(path.read_text()))
    found: dict[str, tuple[str, str, frozenset[str]]] = {}
    for _, delivery in _bodies():
        if delivery.kind == "metrics":
            found |= shapes(json.loads(json_body(delivery)))
    assert set(wanted) <= set(found) <= set(wanted) | {"claude_code.pull_request.count"}
    assert {name: found[name] for name in wanted} == wanted
