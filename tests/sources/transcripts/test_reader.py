"""What records say: prompts, answers, calls, and what is told once."""

import json
from typing import Any

import pytest

from schemas import wire
from schemas.codec import check_event, write_events
from sources.transcripts.seen import Seen
from tests.sources.transcripts.made import REJECTED, SESSION, START, Writer, call, of, read, text


def test_an_answer_is_told_once_with_the_tokens_of_its_last_record() -> None:
    """Records of one message repeat its usage, and its first calls' results come between them."""
    w = Writer()
    prompt = w.user("Fix it", promptId="p-1")
    w.answer("m1", text("I look."), output=2)
    w.answer("m1", call("t1", command="ls"), output=2)
    w.result("t1")
    w.answer("m1", call("t2", command="pwd"), output=77)
    w.result("t2")
    w.answer("m2", text("Done."), output=4)
    found = read(w.lines)
    responses = of(found, wire.ModelResponded)
    assert [(each.request_id, each.output_tokens) for each in responses] == [("req_m1", 77), ("req_m2", 4)]
    assert (responses[0].input_tokens, responses[0].cache_read_tokens, responses[0].cache_creation_tokens) == (
        3,
        100,
        20,
    )
    assert [each.response_length for each in of(found, wire.AnswerGiven)] == [7, 5]
    assert {each.prompt_id for each in found} == {"p-1"}
    assert prompt not in {each.prompt_id for each in found}


def test_a_call_is_joined_with_its_result() -> None:
    """Success, time from record to record, sizes, the command's kind and a hash of it; no word of either."""
    w = Writer()
    w.user("Test it")
    w.answer("m1", call("t1", command="pytest -q secret_plan"))
    w.result("t1", "Exit code 1\nsecret_plan failed", is_error=True)
    w.answer("m2", call("t2", command="pytest -q secret_plan"))
    w.result("t2", "1 passed")
    found = read(w.lines)
    first, second = of(found, wire.ToolFinished)
    assert (first.success, second.success) == (False, True)
    assert (first.command_kind, first.error_type, first.duration_ms) == ("test", "ShellError", 1_000)
    assert first.target == second.target != ""
    assert first.input_bytes > 0
    assert b"secret" not in write_events(found)
    for line in write_events(found).splitlines():
        check_event(line)


def test_what_a_person_refused_is_no_call() -> None:
    """A refusal is a decision; the marker behind it is the same deed, one alone is an interruption."""
    w = Writer()
    w.user("Remove it")
    w.answer("m1", call("t1", command="rm -r x"))
    w.result("t1", REJECTED, is_error=True)
    w.user([text("[Request interrupted by user for tool use]")])
    w.user("Then explain")
    w.answer("m2", text("It"))
    w.user([text("[Request interrupted by user]")])
    w.answer("m3", call("t3", command="rm"))
    w.result("t3", "Permission to use Bash has been denied.", is_error=True)
    w.answer("m4", call("t4", command="sleep 9"))
    w.result("t4", "[Request interrupted by user for tool use]", is_error=True)
    found = read(w.lines)
    assert [(each.decision, each.decision_source) for each in of(found, wire.ToolDecided)] == [
        ("reject", "user_reject"),
        ("reject", "config"),
    ]
    assert [each.during_tool for each in of(found, wire.TurnInterrupted)] == [False]
    (stopped,) = of(found, wire.ToolFinished)
    assert (stopped.success, stopped.interrupted) == (False, True)


def test_the_kind_of_a_denial_beats_its_sentence() -> None:
    """Newer clients say who refused."""
    w = Writer()
    w.answer("m1", call("t1", command="rm"), call("t2", command="rm"))
    w.result("t1", "No.", is_error=True, toolDenialKind="user-rejected")
    w.result("t2", REJECTED, is_error=True, toolDenialKind="permission-rule")
    assert [each.decision_source for each in of(read(w.lines), wire.ToolDecided)] == ["user_reject", "config"]


def test_an_allowance_is_told_where_the_client_tells_it() -> None:
    """By the same id as telemetry's."""
    w = Writer()
    w.answer("m1", call("t1", "Write", file_path="/a", content="x\n"))
    w.result("t1", permissionDecision={"decision": "accept", "source": "user_temporary"})
    found = read(w.lines)
    (decided,) = of(found, wire.ToolDecided)
    assert (decided.decision, decided.decision_source, decided.tool_use_id) == ("accept", "user_temporary", "t1")


@pytest.mark.parametrize(
    ("content", "more", "expected"),
    [
        ("Fix it", {}, (6, "", False)),
        ([text("<ide_opened_file>/home/dana/x.py</ide_opened_file>"), text("Fix it")], {}, (6, "", False)),
        ("Implement the following plan:\n\nx", {"planContent": "x"}, (32, "", False)),
        ("<command-name>/clear</command-name>\n<command-message>clear</command-message>", {}, (None, "clear", False)),
        (
            "<command-message>ship-it</command-message>\n<command-name>/ship-it</command-name>",
            {},
            (None, "custom", False),
        ),
        ("<task-notification>\n<task-id>b1</task-id>", {}, (None, "", True)),
        ("<ci-monitor-event>red</ci-monitor-event>", {}, (None, "", True)),
        ("Look at this", {"origin": {"kind": "channel"}}, (None, "", True)),
    ],
)
def test_prompts_are_told_apart(content: object, more: dict[str, object], expected: tuple[object, ...]) -> None:
    """Typed, a command, or put in by the client; the name of people's own command is not told."""
    w = Writer()
    w.user(content, **more)
    (prompt,) = of(read(w.lines), wire.PromptSubmitted)
    assert (prompt.command_name, prompt.injected) == expected[1:]
    assert expected[0] in (None, prompt.prompt_length)


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ("<local-command-stdout>x</local-command-stdout>", {}),
        ("<local-command-caveat>Caveat: x</local-command-caveat>", {"isMeta": True}),
        ("Base directory for this skill: /x", {"isMeta": True}),
        ("<bash-input>ls</bash-input>", {}),
        ("<bash-stdout>x</bash-stdout>", {}),
        ("This session is being continued from a previous conversation that ran out", {"isCompactSummary": True}),
        ("This session is being continued from a previous conversation that ran out", {}),
        ("Operation stopped by hook: x", {}),
        ("Explore the code", {"isSidechain": True, "agentId": "a1"}),
        ([], {}),
    ],
)
def test_what_nobody_asked_is_no_prompt(content: object, more: dict[str, object]) -> None:
    """What commands printed, summaries, what a subagent is told."""
    w = Writer()
    w.user(content, **more)
    assert read(w.lines) == []


def test_a_prompt_typed_while_the_model_worked_counts() -> None:
    """Older clients put it beside a call's result, newer ones into an attachment; a notice there is none."""
    w = Writer()
    w.answer("m1", call("t1", command="ls"))
    w.user([{"type": "tool_result", "tool_use_id": "t1", "content": "x"}, text("And the tests")])
    human = {"type": "queued_command", "prompt": "And docs", "commandMode": "prompt", "origin": {"kind": "human"}}
    w.record("attachment", attachment=human | {"source_uuid": "q1"})
    w.record("attachment", attachment={"type": "queued_command", "prompt": "<task-notification>x", "source_uuid": "q2"})
    w.record("attachment", attachment={"type": "file", "content": "queued_command"})
    assert [each.injected for each in of(read(w.lines), wire.PromptSubmitted)] == [False, False, True]


def test_lines_are_those_of_the_patch_or_of_a_new_file() -> None:
    """Of successful edits only."""
    w = Writer()
    w.answer("m1", call("t1", "Edit", file_path="/a"), call("t2", "Write", file_path="/b"), call("t3", "Edit"))
    w.result(
        "t1", toolUseResult={"structuredPatch": [{"lines": ["-a", "+b", "+c", " d"]}], "originalFile": "x" * 9_000}
    )
    w.result("t2", toolUseResult={"type": "create", "content": "a\nb\n", "structuredPatch": []})
    w.result("t3", "<tool_use_error>String to replace not found</tool_use_error>", is_error=True, toolUseResult="Error")
    found = read(w.lines)
    assert [(each.added, each.removed) for each in of(found, wire.LinesChanged)] == [(2, 1), (2, 0)]
    assert [each.error_type for each in of(found, wire.ToolFinished)] == ["", "", "ToolUseError"]


def test_commits_requests_compactions_turns_and_subagents() -> None:
    """A pull request once, however often its link is repeated."""
    w = Writer()
    w.user("Ship it")
    w.answer("m1", call("t1", command="git add -A && git commit -m done"), call("t2", "Agent", prompt="look"))
    w.result("t1")
    w.result("t2", toolUseResult={"status": "completed", "agentId": "a9", "totalDurationMs": 50, "totalTokens": 7})
    for _ in range(2):
        w.record("pr-link", prUrl="https://git.example/org/x/pull/1", prNumber=1)
    w.record("system", subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 150_000})
    w.record("system", subtype="turn_duration", durationMs=31_000)
    w.record("system", subtype="stop_hook_summary")
    found = read(w.lines)
    assert len(of(found, wire.CommitMade)) == len(of(found, wire.PullRequestOpened)) == 1
    assert [(each.trigger, each.pre_tokens) for each in of(found, wire.ContextCompacted)] == [("auto", 150_000)]
    assert [each.duration_ms for each in of(found, wire.TurnEnded)] == [31_000]
    assert [(each.agent_id, each.total_tokens) for each in of(found, wire.SubagentCompleted)] == [("a9", 7)]


def test_failed_requests_are_told_and_retries_that_helped_are_not() -> None:
    """The client writes a message of its own; what else it writes itself is no answer."""
    w = Writer()
    w.user("Go")
    w.record("system", subtype="api_error", retryAttempt=1)
    said = {"id": "x", "model": "<synthetic>", "content": [text("API Error: Repeated 529 Overloaded errors")]}
    w.record("assistant", message=said, isApiErrorMessage=True, apiErrorStatus=529, requestId="req_9")
    w.record("assistant", message=said | {"content": [text("No response requested.")]})
    found = read(w.lines)
    (failure,) = of(found, wire.ModelRequestFailed)
    assert (failure.reason, failure.status_code, failure.request_id) == ("overloaded", 529, "req_9")
    assert len(found) == 2


def test_subagents_are_named() -> None:
    """Their files speak of the session that they belong to, and their answers are not the conversation's."""
    w = Writer()
    own: dict[str, Any] = {"isSidechain": True, "agentId": "a9"}
    w.user("Explore", promptId="p-1", **own)
    w.answer("m1", call("t1", "Grep"), **own)
    w.result("t1", promptId="p-1", **own)
    found = read(w.lines, "agent-a9.jsonl")
    assert {type(each).__name__: each.agent_id for each in found} == {"ModelResponded": "a9", "ToolFinished": "a9"}  # type: ignore[union-attr] # both have it
    assert {each.session_id for each in found} == {SESSION}
    assert of(found, wire.ToolFinished)[0].prompt_id == "p-1"


def test_repeated_records_count_once_in_a_file_and_across_files() -> None:
    """A branch of one conversation repeats records; a resumed copy has them under another session."""
    w = Writer()
    w.user("Go")
    w.answer("m1", call("t1", command="ls"))
    w.result("t1")
    w.record("system", subtype="turn_duration", durationMs=9)
    once = len(read(w.lines))
    seen = Seen()
    assert len(read([*w.lines, *w.lines], seen=seen)) == once
    copied = [line.replace(SESSION.encode() + b'","version', b'other","version') for line in w.lines]
    assert b'"sessionId":"other"' in copied[0]
    assert read(copied, "other.jsonl", seen) == []


@pytest.mark.parametrize("parent_first", [True, False])
def test_what_a_branch_took_over_is_its_parents(parent_first: bool) -> None:
    """Stamped copies are not told, nor the unstamped ones of the same records that the client wrote behind them."""
    parent = Writer()
    parent.user("Go")
    parent.answer("m1", call("t1", command="ls"))
    parent.result("t1")
    branch = Writer("branch")
    for line in parent.lines:
        record = json.loads(line) | {"sessionId": "branch"}
        stamped = record | {"forkedFrom": {"sessionId": SESSION, "messageUuid": record["uuid"]}}
        branch.lines += [json.dumps(stamped).encode(), json.dumps(record).encode()]
    branch.user("Another way")
    branch.answer("m2", text("Well"))
    seen = Seen()
    if parent_first:
        assert len(read(parent.lines, seen=seen)) == 3
    found = read(branch.lines, "branch.jsonl", seen)
    assert [type(each).__name__ for each in found] == ["PromptSubmitted", "ModelResponded", "AnswerGiven"]
    if not parent_first:
        assert len(read(parent.lines, seen=seen)) == 3


def test_ids_stay_while_the_file_grows() -> None:
    """Every beginning of a file gives the beginning of its events, whenever it is read."""
    w = Writer()
    w.user("Go")
    for number in range(5):
        w.answer(f"m{number}", text("x"), call(f"t{number}", command="ls"))
        w.result(f"t{number}")
    whole = read(w.lines)
    for end in range(len(w.lines)):
        part = read(w.lines[:end])
        assert [event.event_id for event in part] == [event.event_id for event in whole[: len(part)]]
    assert len({event.event_id for event in whole}) == len(whole)
    assert {event.event_id for event in read(w.lines, f"{SESSION}.jsonl.gz")} == {event.event_id for event in whole}


def test_lines_that_are_no_records_cost_only_themselves() -> None:
    """Cut off, of another shape, of another type, empty; an unknown field or type is normal."""
    w = Writer()
    w.user("Go", somethingNew={"deep": [1]})
    bad = [b'{"type":"user","mess', b"[1]", b'{"type":"user","sessionId":7}', b"", b"\xff\xfe", b'{"type":"new-kind"}']
    w.answer("m1", text("x"))
    lines = [w.lines[0], *bad, w.lines[1]]
    assert [type(each).__name__ for each in read(lines)] == ["PromptSubmitted", "ModelResponded", "AnswerGiven"]


def test_times_and_versions_come_from_the_records() -> None:
    """One without a time has that of the record before it; receipt never lies before what happened."""
    w = Writer()
    w.user("Go")
    w.user("Again", timestamp="soon")
    first, second = read(w.lines)
    assert first.occurred_at == second.occurred_at == START + 1_000
    assert second.received_at >= second.occurred_at
    assert (first.client_version, first.entrypoint, first.source) == ("2.1.330", "cli", "transcript")
    assert (first.user_id, first.user_id_kind) == ("u_0000000000000001", "enduser")


def test_known_ids_are_bounded() -> None:
    """The oldest half is forgotten."""
    seen = Seen(most=10)
    assert all(seen.claim("x", str(number)) for number in range(25))
    assert not seen.claim("x", "24")
    assert not seen.claim("x", "12")
    assert seen.claim("x", "0")
    assert not seen.holds("y", "24")
