"""Shifting moves every time by the same amount and changes nothing else."""

import gzip
import json
from pathlib import Path

import pytest

from schemas.people import Pseudonyms
from sources.otlp.reader import Encoding, Reader, Signal
from sources.shift import shift

RECORDED = Path(__file__).parents[1] / "fixtures/otlp/claude_code"
BY_MS = 86_400_000 + 1_234
READER = Reader(Pseudonyms(b"k" * 32))


def _bodies() -> list[tuple[str, Signal, Encoding, bytes]]:
    found: list[tuple[str, Signal, Encoding, bytes]] = []
    for file in sorted(RECORDED.rglob("*v1_*")):
        if file.name.endswith(".headers.json") or "traces" in file.name:
            continue
        raw = file.read_bytes()
        body = gzip.decompress(raw) if file.suffix == ".gz" else raw
        signal: Signal = "logs" if "v1_logs" in file.name else "metrics"
        found.append((file.name, signal, "json" if ".json" in file.name else "protobuf", body))
    return found


def _events(signal: Signal, encoding: Encoding, body: bytes) -> list[dict[str, object]]:
    reading = READER.read(signal, encoding, body, 0)
    events = [event for session in reading.sessions.values() for event in session]
    return [
        {name: getattr(event, name) for name in event.__struct_fields__ if name not in ("event_id", "run")}
        for event in events
    ]


def test_every_event_moves_by_the_same_and_stays_what_it_is() -> None:
    """All recorded bodies, read before and after."""
    moved = 0
    for _, signal, encoding, body in _bodies():
        before, after = _events(signal, encoding, body), _events(signal, encoding, shift(body, signal, encoding, BY_MS))
        for event in before:
            event["occurred_at"] = int(str(event["occurred_at"])) + BY_MS
            if event.get("started_at"):
                event["started_at"] = int(str(event["started_at"])) + BY_MS
        assert after == before
        moved += len(after)

    assert moved > 500


def test_shifting_back_gives_the_same_body() -> None:
    """JSON, where the text can be compared: numbers stay numbers and strings strings."""
    for _, signal, encoding, body in _bodies():
        if encoding == "json":
            there_and_back = shift(shift(body, signal, encoding, BY_MS), signal, encoding, -BY_MS)
            assert json.loads(there_and_back) == json.loads(body)


def test_a_time_that_was_not_given_stays_so() -> None:
    """0 means none, and a text that is no time is left alone."""
    body = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"0","attributes":[{"key":"event.timestamp","value":{"stringValue":"noon"}},{"key":"event.timestamp","value":3}]}]}]}]}'  # noqa: E501 - as it is sent

    assert json.loads(shift(body, "logs", "json", BY_MS)) == json.loads(body)


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
def test_what_is_no_body_raises(encoding: Encoding) -> None:
    """ValueError, so that the file can be named and skipped."""
    with pytest.raises(ValueError):  # noqa: PT011 - whichever the decoder raises
        shift(b"\xff\xff garbage", "logs", encoding, BY_MS)
