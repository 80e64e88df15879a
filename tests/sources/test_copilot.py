"""Copilot: its spans, as the vendor's documents describe them, and that nobody else's are opened."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from schemas import wire
from sources.otlp.reader import Encoding, Reader
from tests.sources import support
from tests.sources.support import NOW, attributes, kinds

SESSION = "5f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f"
TRACE, ROOT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def span(operation: str, of: str = "x", start: int = 0, end: int = 1000, **more: Any) -> dict[str, Any]:
    """One span, from and to in milliseconds from NOW."""
    outer: dict[str, Any] = {
        key: more.pop(key) for key in ("parentSpanId", "spanId", "status", "events", "traceId") if key in more
    }
    return {
        "traceId": TRACE,
        "spanId": "00f067aa0ba902b7",
        "parentSpanId": ROOT,
        "name": f"{operation} {of}",
        "startTimeUnixNano": f"{NOW + start}000000",
        "endTimeUnixNano": f"{NOW + end}000000",
        "attributes": attributes(gen_ai__operation__name=operation, **more),
        **outer,
    }


def happening(name: str, at: int, **more: Any) -> dict[str, Any]:
    """An event within a span."""
    return {"name": f"github.copilot.{name}", "timeUnixNano": f"{NOW + at}000000", "attributes": attributes(**more)}


def body(*spans: object, scope: str = "github.copilot", service: str = "github-copilot") -> bytes:
    """A body of spans."""
    resource = {"attributes": attributes(service__name=service, service__version="1.0.95")}
    inner = [{"scope": {"name": scope}, "spans": list(spans)}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": inner}]}).encode()


AGENT = span(
    "invoke_agent",
    end=5000,
    spanId=ROOT,
    parentSpanId="",
    gen_ai__conversation__id=SESSION,
    gen_ai__usage__input_tokens=9000,
    github__copilot__turn_count=2,
)
CHAT = span(
    "chat",
    start=100,
    end=1100,
    gen_ai__conversation__id=SESSION,
    gen_ai__response__model="gpt-5.5",
    gen_ai__response__id="resp-1",
    gen_ai__usage__input_tokens=1000,
    gen_ai__usage__cache_read__input_tokens=400,
    gen_ai__usage__cache_creation__input_tokens=100,
    gen_ai__usage__output_tokens=50,
    gen_ai__usage__reasoning__output_tokens=7,
)
TOOL = span("execute_tool", "bash", 1200, 1450, gen_ai__tool__name="bash", gen_ai__tool__call__id="call_1")


def read(content: bytes, encoding: Encoding = "json") -> Any:
    """What a body holds."""
    return Reader(support.PSEUDONYMS).read("traces", encoding, content, NOW + 9000)


def events_of(*spans: object) -> list[wire.Event]:
    """The events of one session's spans."""
    found = read(body(*spans)).sessions
    return list(found.get(SESSION, ()))


def test_a_prompt_its_answers_and_its_calls() -> None:
    """Root span: prompt at its start, turn's end at its end. A tool's span is joined by its trace."""
    answered, called, asked, ended = events_of(CHAT, TOOL, AGENT)
    assert isinstance(answered, wire.ModelResponded)
    assert (answered.input_tokens, answered.cache_read_tokens, answered.cache_creation_tokens) == (500, 400, 100)
    assert (answered.output_tokens, answered.reasoning_tokens, answered.duration_ms) == (50, 7, 1000)
    assert isinstance(called, wire.ToolFinished)
    assert (called.tool_name, called.tool_use_id, called.success, called.duration_ms) == ("bash", "call_1", True, 250)
    assert isinstance(asked, wire.PromptSubmitted)
    assert isinstance(ended, wire.TurnEnded)
    assert (asked.occurred_at, ended.occurred_at, ended.failed, ended.duration_ms) == (NOW, NOW + 5000, False, 5000)
    assert {event.prompt_id for event in (answered, called, asked, ended)} == {TRACE}
    assert len({event.event_id for event in (answered, called, asked, ended)}) == 4
    assert (asked.source, asked.entrypoint, asked.client_version) == ("copilot", "cli", "1.0.95")


def test_protobuf_says_the_same() -> None:
    """But for ids of spans, which JSON writes in hex and its own mapping in base 64."""
    found = json.loads(body(CHAT, AGENT))
    for one in found["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        one["traceId"], one["spanId"], one["parentSpanId"] = "AAAAAAAAAAAAAAAAAAAAAQ==", "AAAAAAAAAAE=", ""
    packed = ParseDict(found, ExportTraceServiceRequest()).SerializeToString()
    assert kinds(read(packed, "protobuf").sessions[SESSION]) == kinds(events_of(CHAT, AGENT))


@pytest.mark.parametrize(
    ("more", "success", "error_type"),
    [
        ({"process__exit__code": 1}, False, "exit_1"),
        ({"process__exit__code": 0}, True, ""),
        ({"error__type": "TimeoutError"}, False, "TimeoutError"),
        ({"status": {"code": 2}}, False, ""),
    ],
)
def test_a_call_failed(more: dict[str, Any], success: bool, error_type: str) -> None:
    """By its exit code, its error or its status; arguments leave as hash and kind."""
    shown = json.dumps({"command": "pytest -q"})
    call = span("execute_tool", gen_ai__tool__name="bash", gen_ai__tool__call__arguments=shown, **more)
    found = events_of(CHAT, call)[1]
    assert isinstance(found, wire.ToolFinished)
    assert (found.success, found.error_type, found.command_kind, len(found.target)) == (success, error_type, "test", 8)


def test_failures_for_good() -> None:
    """A failed request that its trace repeated is none."""
    failed = span("chat", start=50, end=90, gen_ai__conversation__id=SESSION, error__type="RateLimitError")
    assert kinds(events_of(failed, CHAT)) == ["model_responded"]
    late = span("chat", start=2000, end=2100, gen_ai__conversation__id=SESSION, error__type="Overloaded")
    assert kinds(events_of(CHAT, late, AGENT)) == [
        "model_responded",
        "model_request_failed",
        "prompt_submitted",
        "turn_ended",
    ]


def test_what_happens_within_spans() -> None:
    """Aborts, compactions and the end of a session with its lines, in either spelling of their attributes."""
    happenings = [
        happening("session.abort", 10, abort_reason="user"),
        happening("session.compaction_complete", 20, github__copilot__pre_tokens=9, github__copilot__post_tokens=3),
        happening("session.shutdown", 30, shutdown_type="routine", lines_added=4, github__copilot__lines_removed=1),
        happening("mcp.server.lifecycle", 40),
    ]
    found = events_of(span("chat", gen_ai__conversation__id=SESSION, events=happenings))
    assert kinds(found) == [
        "model_responded",
        "turn_interrupted",
        "context_compacted",
        "lines_changed",
        "session_ended",
    ]
    lines, ended = found[3], found[4]
    assert isinstance(lines, wire.LinesChanged)
    assert isinstance(ended, wire.SessionEnded)
    assert (lines.added, lines.removed, ended.reason, ended.occurred_at) == (4, 1, "routine", NOW + 30)


def test_a_subagent_is_no_prompt() -> None:
    """It is named and has a parent."""
    agent = span("invoke_agent", gen_ai__agent__name="explore", gen_ai__conversation__id=SESSION)
    assert kinds(events_of(agent)) == ["subagent_completed"]


def test_others_spans_are_taken_and_left() -> None:
    """A body without Copilot is not even decoded; in one with it, other clients' spans are passed over."""
    broken = read(b'{"resourceSpans": not JSON')
    assert (broken.sessions, broken.records, broken.rejected.total()) == ({}, 0, 0)
    other = json.loads(body(CHAT, scope="codex_otel", service="codex_exec"))
    other["resourceSpans"] += json.loads(body(CHAT))["resourceSpans"]
    assert len(read(json.dumps(other).encode()).sessions[SESSION]) == 1


def test_a_span_that_cannot_be_joined_is_nobodys_fault() -> None:
    """It is counted as unattributed, and the client is told of no error."""
    found = read(body(TOOL))
    assert (found.sessions, found.rejected.total(), found.unattributed) == ({}, 0, {"copilot": 1})


def test_no_text_leaves() -> None:
    """Prompts, answers, arguments and results, when their capture is on."""
    secret = "SECRETdana wrote this"
    texts: dict[str, Any] = dict.fromkeys(
        ("gen_ai__input__messages", "gen_ai__output__messages", "gen_ai__system_instructions", "user__name"), secret
    )
    call = span(
        "execute_tool",
        gen_ai__tool__call__arguments=json.dumps({"command": secret}),
        gen_ai__tool__call__result=secret,
        gen_ai__tool__description=secret,
    )
    events = [happening("session.abort", 1, abort_reason=secret), happening("hook.error", 1, error_message=secret)]
    told = events_of(span("chat", gen_ai__conversation__id=SESSION, events=events, **texts), call)
    assert kinds(told) == ["model_responded", "turn_interrupted", "tool_finished"]
    assert "SECRETdana" not in repr(told)
