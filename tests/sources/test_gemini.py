"""Gemini CLI: what its records become, and its traps, on made-up bodies and on the recordings."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import wire
from schemas.counters import LINES_ADDED, LINES_REMOVED, USAGE, is_interactive
from sources.otlp.reader import Reader
from tests.sources import support
from tests.sources.support import NOW, body_of, events_of, kinds, only_event, said

SESSION = "6589d10b-c1a8-4831-8f16-5c1b34644cb8"
FIRST, SECOND = f"{SESSION}########0", f"{SESSION}########1"


def one(name: str, at: int = NOW, **more: Any) -> dict[str, Any]:
    """One record as Gemini CLI writes it."""
    common = {"session__id": SESSION, "installation__id": "i", "interactive": True, "prompt_id": FIRST}
    return said(f"gemini_cli.{name}", at, **common | more)


def body(*records: object, **resource: object) -> bytes:
    """A body of Gemini CLI, with what it says of its process."""
    names = {"service__name": "gemini-cli", "service__version": "v20.20.2", "process__pid": 4711}
    return body_of("gemini-cli", *records, **names | resource)


def error(status: int, **more: Any) -> dict[str, Any]:
    """One failed attempt."""
    texts = {"error__type": "ApiError", "error__message": "no", "model": "gemini-3.8-flash", "role": "main"}
    return one("api_error", status_code=status, duration_ms=30, **texts | more)


REQUEST = one("api_request", model="gemini-3.8-flash", role="main")
RESPONSE = one(
    "api_response",
    model="gemini-3.8-flash",
    duration_ms=173,
    input_token_count=12102,
    output_token_count=68,
    cached_content_token_count=6051,
    thoughts_token_count=8,
    tool_token_count=5,
    total_token_count=12183,
    status_code=200,
    role="main",
)


def test_an_answer_is_counted_once_with_tokens_that_mean_the_same_everywhere() -> None:
    """gen_ai records say it again; input is what was not cached, with what tools added; thoughts are output."""
    twin = said("gen_ai.client.inference.operation.details", session__id=SESSION, gen_ai__usage__input_tokens=12102)
    (found,) = events_of(body(REQUEST, twin, RESPONSE, twin))
    assert isinstance(found, wire.ModelResponded)
    assert (found.input_tokens, found.cache_read_tokens) == (6056, 6051)
    assert (found.output_tokens, found.reasoning_tokens, found.duration_ms) == (76, 8, 173)
    assert (found.query_source, found.agent_id, found.prompt_id) == ("main", "", FIRST)
    assert (found.entrypoint, found.client_version) == ("cli", "")


def test_the_clients_own_calls_answer_nobody() -> None:
    """The router and a subagent are named as who asked; a subagent works for the prompt that its own id begins with."""
    router = one("api_response", role="utility_router", input_token_count=891, output_token_count=18)
    agent = one("api_response", role="subagent", prompt_id="codebase_investigator-x1#0", input_token_count=1)
    nested = one("api_response", role="subagent", prompt_id=f"{SECOND}-codebase_investigator-x1#4", input_token_count=1)
    found = events_of(body(router, agent, nested))
    assert [(e.agent_id, e.prompt_id) for e in found if isinstance(e, wire.ModelResponded)] == [
        ("utility_router", FIRST),
        ("codebase_investigator-x1", ""),
        ("codebase_investigator-x1", SECOND),
    ]


@pytest.mark.parametrize(
    ("records", "reasons"),
    [
        ([REQUEST, error(500), REQUEST, error(503), REQUEST, RESPONSE], []),
        ([REQUEST, error(429)], []),
        ([REQUEST, error(400)], ["invalid_request"]),
        ([REQUEST, error(429), one("user_prompt", prompt_id=SECOND, prompt_length=3)], ["rate_limit"]),
        ([error(500), one("plan.approval_mode_duration", mode="default", duration_ms=9.5)], []),
        ([error(500, role="utility_router"), REQUEST, RESPONSE, one("user_prompt", prompt_id=SECOND)], ["server"]),
        ([error(400), REQUEST, RESPONSE], []),
    ],
)
def test_only_failures_for_good_count(records: list[dict[str, Any]], reasons: list[str]) -> None:
    """What the same prompt and role asked again, or may still, is none; what forbids it or was left behind is one."""
    found = events_of(body(*records))
    assert [event.reason for event in found if isinstance(event, wire.ModelRequestFailed)] == reasons


def test_print_mode_ends_with_its_process() -> None:
    """An error that nothing followed is a failure for good once the process ends; nobody sat there."""
    last = one("plan.approval_mode_duration", interactive=False, prompt_id=SESSION)
    (found,) = events_of(body(error(500, interactive=False, prompt_id=SESSION), last))
    assert isinstance(found, wire.ModelRequestFailed)
    assert (found.entrypoint, is_interactive(found.entrypoint), found.status_code) == ("headless", False, 500)


def test_prompts_of_two_processes_of_one_session_are_two() -> None:
    """In print mode the prompt's id is the session's, also when it is resumed: the process tells them apart."""
    prompt = one("user_prompt", interactive=False, prompt_id=SESSION, prompt_length=26)
    ids = [only_event(body(prompt, process__pid=pid)).prompt_id for pid in (27856, 27901)]
    assert ids == [f"{SESSION}-27856", f"{SESSION}-27901"]


def test_slash_commands_are_counted_once() -> None:
    """By slash_command; older versions send what was typed as a prompt as well."""
    typed = one("user_prompt", prompt="/chat save x", prompt_length=12)
    command = one("slash_command", command="chat", subcommand="save", prompt_id={})
    (found,) = events_of(body(typed, command))
    assert isinstance(found, wire.PromptSubmitted)
    assert (found.command_name, found.injected) == ("chat", False)
    path = only_event(body(one("user_prompt", prompt="/home/dev/x.py is broken", prompt_length=24)))
    assert isinstance(path, wire.PromptSubmitted)
    assert (path.command_name, path.prompt_length) == ("", 24)


def test_a_call_that_ran() -> None:
    """Its decision and its end; what it was about leaves as hash and kind; an MCP tool is named as one."""
    arguments = json.dumps({"command": "npm test", "description": "x"})
    call = one("tool_call", function_name="run_shell_command", success=True, duration_ms=203, decision="auto_accept")
    call["attributes"] += [support.attribute("function_args", arguments), support.attribute("content_length", 180)]
    decided, done = events_of(body(call))
    assert isinstance(decided, wire.ToolDecided)
    assert isinstance(done, wire.ToolFinished)
    assert (decided.decision, decided.index, done.index) == ("accept", 0, 1)
    assert (done.tool_name, done.success, done.command_kind, len(done.target)) == ("run_shell_command", True, "test", 8)
    assert (done.decision_type, done.duration_ms, done.result_bytes) == ("auto_accept", 203, 180)
    unknown = only_event(body(one("tool_call", function_name="no_such", success=False, decision={}, error="not found")))
    assert isinstance(unknown, wire.ToolFinished)
    assert (unknown.success, unknown.interrupted) == (False, False)
    mcp = one("tool_call", function_name="get", tool_type="mcp", mcp_server_name="tracker", success=True)
    assert getattr(only_event(body(mcp)), "tool_name") == "mcp__tracker__get"  # noqa: B009 - of any event


def test_a_call_that_did_not_run_or_was_stopped() -> None:
    """Refused by the person, or in print mode by the rules: no call. Ended without an error: stopped by the person."""
    for interactive, source in ((True, "user"), (False, "config")):
        call = one("tool_call", function_name="replace", success=False, decision="reject", interactive=interactive)
        found = only_event(body(call))
        assert isinstance(found, wire.ToolDecided)
        assert (found.decision, found.decision_source) == ("reject", source)
    stopped = events_of(body(one("tool_call", function_name="replace", success=False, decision="accept")))[1]
    assert isinstance(stopped, wire.ToolFinished)
    assert stopped.interrupted
    aborted = only_event(body(error(0, error__type="AbortError")))
    assert isinstance(aborted, wire.TurnInterrupted)


def test_the_other_events() -> None:
    """Starts, modes under both names, compressions, agents; the rest that is known says nothing."""
    mode: dict[str, Any] = {"from_mode": "default", "to_mode": "plan"}
    unnamed = one("x", **mode | {"event_name": "gemini_cli.plan.approval_mode_switch"})
    unnamed["attributes"] = [pair for pair in unnamed["attributes"] if pair["key"] != "event.name"]
    found = events_of(
        body(
            one("config", model="auto", prompt_id={}),
            one("plan.approval_mode_switch", **mode),
            unnamed,
            one("chat_compression", tokens_before=900, tokens_after=100),
            one("agent.finish", agent_name="codebase_investigator", agent_id="a1", duration_ms=5, turn_count=3),
            one("conversation_finished", approvalMode="yolo", turnCount=3),
            one("model_routing", decision_model="x"),
            one("startup_stats", phases="[]"),
            one("loop_detected", loop_type="x"),
        )
    )
    assert kinds(found) == [
        "session_started",
        "permission_mode_changed",
        "permission_mode_changed",
        "context_compacted",
        "subagent_completed",
    ]


def test_metrics_hold_lines_alone() -> None:
    """Lines changed are cumulative by session and process; what events say too is left."""
    points = [
        {**support.point(5), "attributes": support.attributes(session__id=SESSION, interactive=True, type="added")}
    ]
    cumulative: dict[str, Any] = {"aggregationTemporality": 2}
    lines = support.metrics_body("gemini_cli.lines.changed", points, **cumulative)
    found = only_event(lines.replace(b"com.anthropic.claude_code", b"gemini-cli"), "metrics")
    assert isinstance(found, wire.UsageReported)
    assert (found.source, found.value, found.temporality, found.entrypoint) == ("gemini-cli", 5, "cumulative", "cli")
    assert USAGE[found.name, found.kind] == LINES_ADDED
    assert USAGE[found.name, "removed"] == LINES_REMOVED
    for name in ("gemini_cli.tool.call.count", "gen_ai.client.token.usage", "gemini_cli.startup.duration"):
        other = support.metrics_body(name, points, **cumulative).replace(b"com.anthropic.claude_code", b"gemini-cli")
        assert events_of(other, "metrics") == []


def test_an_event_that_nobody_knows_keeps_its_numbers_only() -> None:
    """Its name and its quantities, not a word."""
    found = only_event(body(one("new_thing", duration_ms="12", text="secret words")))
    assert isinstance(found, wire.Unrecognised)
    assert (found.name, found.numbers) == ("gemini_cli.new_thing", {"duration_ms": 12.0})


@pytest.mark.shared
@pytest.mark.parametrize(
    ("run", "counts", "tokens", "prompts"),
    [
        ("g01-text", {"prompt_submitted": 1, "model_responded": 2}, (11027, 54, 0), 1),
        (
            "g02-edit",
            {"prompt_submitted": 1, "model_responded": 6, "tool_decided": 4, "tool_finished": 4},
            (37573, 260, 24668),
            1,
        ),
        (
            "g03-tool-failures",
            {"prompt_submitted": 1, "model_responded": 7, "tool_decided": 4, "tool_finished": 5},
            (43935, 232, 31004),
            1,
        ),
        (
            "g06-multi",
            {"prompt_submitted": 2, "model_responded": 3, "tool_decided": 1, "tool_finished": 1},
            (24334, 72, 4921),
            2,
        ),
    ],
)
def test_the_recordings(
    shared: Path, run: str, counts: dict[str, int], tokens: tuple[int, int, int], prompts: int
) -> None:
    """Counted by hand from the raw bodies."""
    reader = Reader(support.PSEUDONYMS)
    events: list[wire.Event] = []
    for plain in support.bodies(shared / "data" / "otlp" / "gemini" / "otlp_json" / run):
        reading = reader.read(plain.kind, plain.encoding, plain.body, plain.received_at)
        assert (reading.rejected.total(), reading.unknown, reading.unattributed) == (0, {}, {})
        events += [event for found in reading.sessions.values() for event in found]
    found = [kind for kind in kinds(events) if kind not in ("usage_reported", "session_started")]
    assert {kind: found.count(kind) for kind in sorted(set(found))} == counts
    answers = [event for event in events if isinstance(event, wire.ModelResponded)]
    names = ("input_tokens", "output_tokens", "cache_read_tokens")
    assert tuple(sum(getattr(event, field) for event in answers) for field in names) == tokens
    assert {event.entrypoint for event in events} == {"headless"}
    assert len({event.prompt_id for event in events if isinstance(event, wire.PromptSubmitted)}) == prompts
    if run == "g03-tool-failures":
        done = [event for event in events if isinstance(event, wire.ToolFinished)]
        assert [event.success for event in done] == [True, False, False, True, False]
