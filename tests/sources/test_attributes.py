"""The tolerant reader of attributes."""

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas import wire
from sources.otlp import attributes
from tests.sources import support

COUNTS = st.integers(0, 1 << 53)
ANYTHING = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.binary().map(repr))

NUMERIC = {
    "api_request": {
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "cache_read_tokens": "cache_read_tokens",
        "cache_creation_tokens": "cache_creation_tokens",
        "duration_ms": "duration_ms",
        "ttft_ms": "ttft_ms",
        "cost_usd_micros": "cost_micros",
        "event.sequence": "sequence",
    },
    "user_prompt": {"prompt_length": "prompt_length"},
    "assistant_response": {"response_length": "response_length"},
    "tool_result": {
        "duration_ms": "duration_ms",
        "tool_input_size_bytes": "input_bytes",
        "tool_result_size_bytes": "result_bytes",
    },
    "api_error": {"status_code": "status_code", "attempt": "attempts", "duration_ms": "duration_ms"},
    "api_retries_exhausted": {"total_attempts": "attempts", "total_retry_duration_ms": "duration_ms"},
    "compaction": {"pre_tokens": "pre_tokens", "post_tokens": "post_tokens", "duration_ms": "duration_ms"},
    "subagent_completed": {
        "total_tokens": "total_tokens",
        "total_tool_uses": "tool_uses",
        "duration_ms": "duration_ms",
    },
}


def spellings(value: int) -> list[dict[str, object]]:
    """The encodings that clients have been seen to use, and those that OTLP allows."""
    return [
        {"intValue": value},
        {"intValue": str(value)},
        {"doubleValue": float(value)},
        {"doubleValue": value},
        {"stringValue": str(value)},
        {"stringValue": f" {value} "},
        {"stringValue": f"{value}.0"},
    ]


@given(st.integers(0, 1 << 50), st.sampled_from(range(7)))
def test_every_number_is_read_in_every_spelling(value: int, spelling: int) -> None:
    """Each numeric attribute of each event has the same value however the client wrote it."""
    for event, fields in NUMERIC.items():
        for name, field in fields.items():
            said: dict[str, Any] = {name: spellings(value)[spelling]}
            body = support.logs_body(support.record(event, **said))
            assert getattr(support.only_event(body), field) == value, (event, name)


@given(st.booleans(), st.sampled_from([0, 1, 2]))
def test_every_boolean_is_read_in_every_spelling(value: bool, spelling: int) -> None:
    """A yes or no may be a boolean, a word or a number."""
    said = [{"boolValue": value}, {"stringValue": str(value).lower()}, {"intValue": int(value)}][spelling]
    tool = support.only_event(support.logs_body(support.record("tool_result", success=said)))
    agent = support.only_event(support.logs_body(support.record("subagent_completed", is_async=said)))
    assert isinstance(tool, wire.ToolFinished)
    assert isinstance(agent, wire.SubagentCompleted)
    assert (tool.success, agent.is_async) == (value, value)


@given(st.integers(0, 1 << 40), st.booleans())
def test_money_is_micro_dollars_from_either_attribute(micros: int, in_dollars: bool) -> None:
    """The exact attribute where there is one, else the dollars, rounded."""
    said: dict[str, Any] = {"cost_usd": micros / 1e6} if in_dollars else {"cost_usd_micros": micros, "cost_usd": 1.0}
    event = support.only_event(support.logs_body(support.record("api_request", **said)))
    assert isinstance(event, wire.ModelResponded)
    assert event.cost_micros == micros


@given(ANYTHING)
def test_nothing_makes_a_reader_fail(value: str | int | float | bool | None) -> None:
    """Whatever an attribute holds, each reader gives a value that the contract takes."""
    assert 0 <= attributes.number(value, 1_000_000) <= 1 << 53
    assert attributes.boolean(value) in (True, False)
    assert len(attributes.name(value)) <= 200
    assert len(attributes.label(value)) <= 200
    found = attributes.quantity(value)
    assert found is None or math.isfinite(found)
    at = attributes.moment(value)
    assert at is None or 0 < at <= 4_102_444_800_000


def test_a_time_is_the_first_that_makes_sense() -> None:
    """Nanoseconds of the record, else of its observation, else the client's text, else the receipt."""
    early = {"timeUnixNano": "0", "observedTimeUnixNano": 1_795_348_800_123_000_000}
    said = support.attributes(session__id="s", event__name="x", event__timestamp="2026-11-22T12:00:28.359Z")
    observed = support.only_event(support.logs_body({**early, "attributes": said}))
    in_text = support.only_event(support.logs_body({"attributes": said}))
    none = support.only_event(support.logs_body({"attributes": said[:2]}))
    assert [event.occurred_at for event in (observed, in_text, none)] == [
        1_795_348_800_123,
        1_795_348_828_359,
        support.NOW + 5,
    ]
