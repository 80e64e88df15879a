"""The readers, held to what the recordings hold."""

import json
from collections import Counter

import msgspec
import pytest

from schemas import wire
from schemas.codec import read_events
from schemas.counters import COUNTERS, USAGE, total
from sources.messages import pack
from streams.metrics.sessions import Sessions
from tests.sources import count_recordings, support

EXPECTED: dict[str, dict[str, dict[str, int]]] = json.loads(count_recordings.EXPECTED.read_text())


def test_the_table_is_current() -> None:
    """The committed table is what the counting script counts."""
    assert count_recordings.EXPECTED.read_text() == count_recordings.rendered()


@pytest.mark.parametrize("recording", EXPECTED)
def test_events_hold_what_was_recorded(recording: str) -> None:
    """Counted from the canonical events alone, each session has the expected figures."""
    sessions: dict[str, Counter[str]] = {}
    highest: dict[tuple[str, str], int] = {}
    for body in support.bodies(support.CLAUDE_CODE / recording):
        for message in pack(support.read(body).sessions):
            figures = sessions.setdefault(message.session_id, Counter())
            for event in read_events(message.value):
                _count(figures, highest, event)
    assert {s: {c: found[c] for c in count_recordings.COLUMNS} for s, found in sessions.items()} == EXPECTED[recording]


@pytest.mark.parametrize("recording", EXPECTED)
def test_the_fold_counts_the_same(recording: str) -> None:
    """The state of each session holds both halves of each expected figure; one that says nothing is no row."""
    stage, now = Sessions(), 0
    stage.begin(0)
    for body in support.bodies(support.CLAUDE_CODE / recording):
        now = max(now, body.received_at)
        for message in pack(support.read(body).sessions):
            stage.apply(message.value, now)
    found = {}
    for record in stage.changed(now, 1).tables:
        if record.topic == "sessions" and record.key and record.value is not None:
            state = msgspec.msgpack.decode(record.value, type=wire.SessionState)
            session_id = msgspec.msgpack.decode(record.key, type=wire.SessionKey).session_id
            found[session_id] = {column: total(state.sums, NUMBERS[column]) for column in count_recordings.COLUMNS}
    assert found == EXPECTED[recording]


NUMBERS = {counter.name: counter.number for counter in COUNTERS}


def _count(figures: Counter[str], highest: dict[tuple[str, str], int], event: wire.Event) -> None:
    match event:
        case wire.PromptSubmitted():
            figures["prompts"] += not event.command_name and not event.injected
        case wire.ToolFinished():
            figures["tool_calls"] += 1
            figures["tool_failures"] += not event.success
        case wire.ToolDecided():
            figures["tool_rejections"] += event.decision == "reject"
        case wire.ModelRequestFailed():
            figures["api_failures"] += event.kind == "error"
        case wire.ModelResponded():
            for column in (*count_recordings.TOKENS, "cost_micros"):
                figures[column] += getattr(event, column)
        case wire.UsageReported() if (event.name, event.kind) in USAGE:
            column = COUNTERS[USAGE[event.name, event.kind]].name
            if event.temporality == "delta":
                figures[column] += event.value
            else:
                seen = highest.get((event.session_id, event.series), 0)
                figures[column] += max(0, event.value - seen)
                highest[event.session_id, event.series] = max(seen, event.value)
        case _:
            pass
