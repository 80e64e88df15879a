"""Codex: what its records become, and its traps, on made-up bodies and on the recordings."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import wire
from sources.otlp.reader import Reader
from tests.sources import support
from tests.sources.support import NOW, body_of, events_of, kinds, only_event, said

CONVERSATION = "01a20326-66a3-70d3-a349-791e21b81994"


def one(name: str, at: int = NOW, **more: Any) -> dict[str, Any]:
    """One record as Codex writes it: a number in JSON is a text."""
    common = {"conversation__id": CONVERSATION, "app__version": "0.169.0", "originator": "codex_cli_rs"}
    return said(f"codex.{name}", at, **common | {"model": "gpt-5.5"} | more)


def body(*records: object) -> bytes:
    """A body of Codex."""
    return body_of("codex_otel.log_only", *records, service__name="codex_cli_rs")


def request(status: int, attempt: int = 0, at: int = NOW, **more: Any) -> dict[str, Any]:
    """One attempt of a request."""
    text = {} if status == 200 else {"error__message": f"http {status}"}
    numbers = {"http__response__status_code": {"intValue": str(status)}, "attempt": {"intValue": str(attempt)}}
    return one("api_request", at, duration_ms="20", endpoint="/responses", **numbers | text | more)


def answer(at: int = NOW) -> dict[str, Any]:
    """The record that has token counts."""
    return one(
        "sse_event",
        at,
        event__kind="response.completed",
        input_token_count="9815",
        output_token_count="110",
        cached_token_count={"intValue": "7852"},
        cache_write_token_count={"intValue": "100"},
        reasoning_token_count={"intValue": "12"},
        tool_token_count="9925",
        ttft_ms={"intValue": "98"},
        model_reasoning_effort="medium",
    )


def tool(name: str, output: str, arguments: str = "{}", success: str = "true", **more: Any) -> wire.Event:
    """The first event of a tool's result."""
    texts = {"tool_name": name, "call_id": "call_1", "success": success, "duration_ms": "105"}
    return events_of(body(one("tool_result", arguments=arguments, output=output, **texts | more)))[0]


def test_an_answer_is_counted_once_with_tokens_that_mean_the_same_everywhere() -> None:
    """Chunks and the first response.completed say nothing; input is what was not cached; reasoning is in the output."""
    chunk = one("sse_event", event__kind="response.created", duration_ms="103")
    first = one("sse_event", event__kind="response.completed", duration_ms="0")
    (found,) = events_of(body(request(200), chunk, first, answer(NOW + 300)))
    assert isinstance(found, wire.ModelResponded)
    assert (found.input_tokens, found.cache_read_tokens, found.cache_creation_tokens) == (1863, 7852, 100)
    assert (found.output_tokens, found.reasoning_tokens, found.ttft_ms, found.duration_ms) == (110, 12, 98, 320)
    assert (found.model, found.effort, found.entrypoint) == ("gpt-5.5", "medium", "cli")
    assert found.occurred_at == NOW + 300


@pytest.mark.parametrize(
    ("attempts", "failures"),
    [
        ([(500, 0), (503, 1), (200, 2)], []),
        ([(500, 0)], []),
        ([(429, 0)], ["rate_limit"]),
        ([(400, 0)], ["invalid_request"]),
        ([(401, 0), (200, 1)], []),
        ([(529, 0), (529, 1), (529, 2), (529, 3), (529, 4)], ["overloaded"]),
        ([(500, 3), (500, 4), (500, 0), (200, 1)], []),
    ],
)
def test_only_failures_for_good_count(attempts: list[tuple[int, int]], failures: list[str]) -> None:
    """What was asked again, or may still be, is none; 429 and other 4xx are not repeated, nor is the fifth attempt."""
    found = events_of(body(*(request(status, number) for status, number in attempts)))
    assert [event.reason for event in found if isinstance(event, wire.ModelRequestFailed)] == failures


def test_a_prompt_after_an_error_makes_it_a_failure_for_good() -> None:
    """It stands where it happened, before the prompt."""
    found = events_of(body(request(500, 1), one("user_prompt", NOW + 9, prompt_length="3", prompt="[REDACTED]")))
    assert kinds(found) == ["model_request_failed", "prompt_submitted"]


@pytest.mark.parametrize(
    ("output", "success", "error_type"),
    [
        ("Chunk ID: 0e\nWall time: 0.0 seconds\nProcess exited with code 2\nOutput:\nboom", False, "exit_2"),
        ("Chunk ID: 0e\nProcess exited with code 0\nOutput:\nProcess exited with code 1\n", True, ""),
        ("Exit code: 1\nWall time: 0 seconds\nOutput:\n", False, "exit_1"),
        ('{"output":"x","metadata":{"exit_code":3,"duration_seconds":0.1}}', False, "exit_3"),
        ("Process running with session ID 4", True, ""),
    ],
)
def test_a_command_that_exits_with_another_code_than_0_failed(output: str, success: bool, error_type: str) -> None:
    """Though Codex says success; only the head of what it prints is believed."""
    found = tool("exec_command", output, '{"cmd": "pytest -q"}')
    assert isinstance(found, wire.ToolFinished)
    assert (found.success, found.error_type, found.command_kind) == (success, error_type, "test")
    assert len(found.target) == 8


def test_what_could_not_run_failed() -> None:
    """success false, whatever the output says; another tool's output is not read for a code."""
    found = tool("no_such_tool", "unsupported call: no_such_tool", success="false")
    assert isinstance(found, wire.ToolFinished)
    assert not found.success
    found = tool("get_ticket", "Exit code: 1\nOutput:", mcp_server="tracker")
    assert isinstance(found, wire.ToolFinished)
    assert (found.success, found.tool_name, found.mcp_server) == (True, "mcp__tracker__get_ticket", "tracker")


def test_lines_of_a_patch_are_counted_where_it_was_applied() -> None:
    """As an event of their own behind the call's; a patch that does not apply adds none. The file is the target."""
    patch = "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n+z\n*** Add File: b.py\n+q\n*** End Patch\n"
    for arguments in (patch, json.dumps({"input": patch}), json.dumps({"cmd": f"apply_patch <<'EOF'\n{patch}EOF"})):
        texts: dict[str, Any] = {"tool_name": "apply_patch", "call_id": "c", "arguments": arguments}
        done, lines = events_of(body(one("tool_result", success="true", output="Exit code: 0\nOutput:\n", **texts)))
        assert isinstance(done, wire.ToolFinished)
        assert isinstance(lines, wire.LinesChanged)
        assert (lines.added, lines.removed, lines.index, lines.event_id != done.event_id) == (3, 1, 1, True)
        assert len(done.target) == 8
        failed = one("tool_result", success="false", output="verification failed", **texts)
        assert kinds(events_of(body(failed))) == ["tool_finished"]


def test_decisions() -> None:
    """Approved in any form is an acceptance; a call that the person rejected is a rejection and no call."""
    for said_by_client, decision in (
        ("approved", "accept"),
        ("approved_for_session", "accept"),
        ("denied", "reject"),
        ("abort", "reject"),
    ):
        found = only_event(body(one("tool_decision", decision=said_by_client, source="User", tool_name="exec_command")))
        assert isinstance(found, wire.ToolDecided)
        assert (found.decision, found.decision_source) == (decision, "user")
    found = tool("exec_command", "exec command rejected by user", success="false")
    assert isinstance(found, wire.ToolDecided)
    assert (found.decision, found.tool_use_id) == ("reject", "call_1")


def test_conversations_that_nobody_started_are_internal() -> None:
    """The terminal's own: no approvals, read-only, a long first prompt. The same of `codex exec` is a person's."""
    policies = {"approval_policy": "never", "sandbox_policy": "read-only", "mcp_servers": "tracker"}
    for originator, policy, length, injected, entrypoint in (
        ("codex-tui", policies, 440, True, "internal"),
        ("codex-tui", policies | {"approval_policy": "on-request"}, 440, False, "cli"),
        ("codex-tui", policies, 80, False, "cli"),
        ("codex_exec", policies, 440, False, "exec"),
    ):
        conversation = f"{originator}-{length}-{policy['approval_policy']}"
        prompt = one(
            "user_prompt", NOW + 1, prompt_length=str(length), prompt="[REDACTED]", conversation__id=conversation
        )
        names: dict[str, Any] = policy | {"originator": originator, "conversation__id": conversation}
        starts = one("conversation_starts", **names)
        asks = prompt | {"attributes": [*prompt["attributes"], support.attribute("originator", originator)]}
        start, asked, later = events_of(
            body(starts, asks, one("user_prompt", NOW + 2, prompt_length="900", conversation__id=conversation))
        )
        assert isinstance(later, wire.PromptSubmitted)
        assert later.injected == injected  # a long prompt that is not the first tells nothing
        assert isinstance(asked, wire.PromptSubmitted)
        assert (asked.injected, asked.entrypoint, start.entrypoint) == (injected, entrypoint, entrypoint)


def test_a_conversation_that_nobody_started_stays_one_in_later_bodies() -> None:
    """Its answers come when its start has long been sent."""
    reader = Reader(support.PSEUDONYMS)
    policies: dict[str, Any] = {"approval_policy": "never", "sandbox_policy": "read-only", "mcp_servers": ""}
    reader.read("logs", "json", body(one("conversation_starts", originator="codex-tui", **policies)), NOW)
    later = reader.read("logs", "json", body(one("user_prompt", prompt_length="440"), answer()), NOW)
    assert {event.entrypoint for event in later.sessions[CONVERSATION]} == {"internal"}
    assert [e.injected for e in later.sessions[CONVERSATION] if isinstance(e, wire.PromptSubmitted)] == [True]


def test_a_subagents_prompt_is_injected() -> None:
    """Its calls name its path below the root's."""
    prompt = one("user_prompt", prompt_length="80", prompt="[REDACTED]")
    call = one("tool_result", tool_name="exec_command", agent_name="/root/explorer", output="", arguments="{}")
    asked, called = events_of(body(prompt, call))
    assert isinstance(asked, wire.PromptSubmitted)
    assert isinstance(called, wire.ToolFinished)
    assert (asked.injected, called.agent_id) == (True, "explorer")


def test_records_belong_to_the_last_prompt_before_them_also_in_a_later_body() -> None:
    """No record names its prompt; a body read again, even later, is read the same."""
    reader = Reader(support.PSEUDONYMS)

    def prompts(content: bytes) -> list[str]:
        return [e.prompt_id for events in reader.read("logs", "json", content, NOW).sessions.values() for e in events]

    first = body(one("user_prompt", NOW, prompt_length="3"), answer(NOW + 1000))
    later = body(answer(NOW + 2000))
    second = body(one("user_prompt", NOW + 5000, prompt_length="3"), answer(NOW + 6000))
    ids = [prompts(first), prompts(later), prompts(second)]
    assert ids == [[f"{CONVERSATION}-{NOW}"] * 2, [f"{CONVERSATION}-{NOW}"], [f"{CONVERSATION}-{NOW + 5000}"] * 2]
    assert prompts(later) == ids[1]


def test_what_names_no_conversation_is_nobodys_fault() -> None:
    """Metrics and debug records are taken without an error to the client, and counted as unattributed."""
    reader = Reader(support.PSEUDONYMS)
    debug = {"observedTimeUnixNano": "1", "body": {"stringValue": "flushing OTEL metrics"}, "eventName": "event otel/x"}
    logs = reader.read("logs", "json", body_of("codex_otel::metrics::client", debug, service__name="codex_exec"), NOW)
    metric = support.metrics_body("codex.tool.call", [{"asInt": "1", "attributes": []}])
    found = reader.read("metrics", "json", metric.replace(b"com.anthropic.claude_code", b"codex"), NOW)
    for reading in (logs, found):
        assert (reading.sessions, reading.rejected.total(), reading.advice) == ({}, 0, "")
        assert reading.unattributed == {"codex": 1}


def test_times_names_and_people() -> None:
    """timeUnixNano 0 is no time; who logged in is named; an event that nobody knows keeps its numbers only."""
    found = only_event(body(one("new_thing", duration_ms="12", text="secret words", user__email="dana@example.com")))
    assert isinstance(found, wire.Unrecognised)
    assert (found.name, found.numbers, found.occurred_at) == ("codex.new_thing", {"duration_ms": 12.0}, NOW)
    assert (found.user_id_kind, found.client_version) == ("email", "0.169.0")
    assert found.user_id == support.PSEUDONYMS.of("dana@example.com")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("run", "counts", "tokens"),
    [
        ("otlp_json/c01-text", {"prompt_submitted": 1, "model_responded": 1}, (9708, 62, 0)),
        (
            "otlp_json/c02-edit",
            {"prompt_submitted": 1, "model_responded": 4, "tool_decided": 3, "tool_finished": 3, "lines_changed": 1},
            (15475, 326, 23685),
        ),
        (
            "otlp_protobuf/c02-edit",
            {"prompt_submitted": 1, "model_responded": 4, "tool_decided": 3, "tool_finished": 3, "lines_changed": 1},
            (15475, 326, 23685),
        ),
        (
            "otlp_json/c03-tool-failures",
            {"prompt_submitted": 1, "model_responded": 5, "tool_decided": 3, "tool_finished": 5},
            (17488, 330, 31740),
        ),
        ("otlp_json/c04-api-errors-recovered", {"prompt_submitted": 1}, (0, 0, 0)),
    ],
)
def test_the_recordings(shared: Path, run: str, counts: dict[str, int], tokens: tuple[int, int, int]) -> None:
    """Counted by hand from the raw bodies."""
    reader = Reader(support.PSEUDONYMS)
    events: list[wire.Event] = []
    for plain in support.bodies(shared / "data" / "otlp" / "codex" / run):
        reading = reader.read(plain.kind, plain.encoding, plain.body, plain.received_at)
        assert (reading.rejected.total(), reading.unknown) == (0, {})
        events += [event for found in reading.sessions.values() for event in found]
    found = kinds(events)
    assert {kind: found.count(kind) for kind in sorted(set(found))} == counts | {"session_started": 1}
    answers = [event for event in events if isinstance(event, wire.ModelResponded)]
    assert tuple(
        sum(getattr(event, field) for event in answers)
        for field in ("input_tokens", "output_tokens", "cache_read_tokens")
    ) == (tokens)
    assert {event.entrypoint for event in events} == {"exec"}
    if run.endswith("c03-tool-failures"):
        done = [event for event in events if isinstance(event, wire.ToolFinished)]
        assert [(event.tool_name, event.success) for event in done] == [
            ("exec_command", False),
            ("apply_patch", False),
            ("exec_command", False),
            ("exec_command", True),
            ("no_such_tool", False),
        ]
