"""Hooks as canonical events: every recorded kind, and what may not leave."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import wire
from schemas.codec import check_event, write_events
from sources.commands import target
from sources.hooks import BUILTIN_COMMANDS, SILENT, Hooks, Payload, Sender, is_payload, run_of
from sources.otlp.refused import Refused
from tests.sources.support import CLAUDE_CODE, NOW, PSEUDONYMS

RECORDED = sorted((CLAUDE_CODE / "hooks").glob("*.jsonl"))
RUN = "0123456789abcdef"


def read(payload: object, sender: Sender | None = None) -> Any:
    """The one event of a payload."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    (event,) = Hooks(PSEUDONYMS).read(body, RUN, 3, NOW, sender or Sender())
    return event


def made(kind: str, **more: object) -> dict[str, object]:
    """A payload."""
    return {"session_id": "s1", "prompt_id": "p1", "hook_event_name": kind, **more}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_recorded_payload_is_a_valid_event_that_a_hook_told(path: Path) -> None:
    """Of the session and prompt that it names, at the time of its receipt."""
    for line in path.read_bytes().splitlines():
        event, said = read(line), json.loads(line)
        check_event(write_events([event]))
        assert not isinstance(event, wire.Unrecognised)
        assert (event.session_id, event.prompt_id) == (said["session_id"], said.get("prompt_id", ""))
        assert (event.via, event.source, event.occurred_at, event.received_at) == ("hook", "claude-code", NOW, NOW)
        assert (event.run, event.index, event.event_id, event.user_id) == (RUN, 3, f"{RUN}-3", "")


def test_nothing_of_anybodys_text_leaves() -> None:
    """No prompt, path, command, answer, error or summary stands in an event."""
    for path in RECORDED:
        for line in path.read_bytes().splitlines():
            written = write_events([read(line)]).decode()
            for text in _texts(json.loads(line)):
                assert text not in written


KEPT = (
    "session_id",
    "id",
    "prompt_id",
    "tool_use_id",
    "agent_id",
    "agent_type",
    "tool_name",
    "hook_event_name",
    "reason",
)


def _texts(said: Any, key: str = "") -> list[str]:
    if isinstance(said, dict):
        return [text for inner, value in said.items() for text in _texts(value, inner) if inner not in KEPT]
    if isinstance(said, list):
        return [text for value in said for text in _texts(value, key)]
    return [said] if isinstance(said, str) and len(said) > 12 else []


@pytest.mark.parametrize(
    ("payload", "kind", "fields"),
    [
        (made("SessionStart", source="startup"), wire.SessionStarted, {"start_type": "fresh"}),
        (made("SessionStart", source="clear"), wire.SessionStarted, {"start_type": "clear"}),
        (made("SessionStart", source="compact"), wire.SequenceSeen, {"count": 1}),
        (made("UserPromptSubmit", prompt="Fix it"), wire.PromptSubmitted, {"prompt_length": 6, "injected": False}),
        (
            made("UserPromptSubmit", prompt="/compact keep"),
            wire.PromptSubmitted,
            {"command_name": "compact", "command_source": "builtin"},
        ),
        (
            made("UserPromptSubmit", prompt="/deploy-orders now"),
            wire.PromptSubmitted,
            {"command_name": "custom", "command_source": "custom"},
        ),
        (
            made("UserPromptSubmit", prompt="<task-notification>\n<task-id>"),
            wire.PromptSubmitted,
            {"injected": True, "command_name": ""},
        ),
        (
            made("PostToolUse", tool_name="Bash", tool_use_id="t", tool_input={"command": "npm test"}, duration_ms=7),
            wire.ToolFinished,
            {"success": True, "command_kind": "test", "duration_ms": 7, "target": target(PSEUDONYMS, "npm test")},
        ),
        (
            made("PostToolUse", tool_name="Bash", tool_use_id="t", tool_response="Error: Exit code 1"),
            wire.ToolFinished,
            {"success": False, "interrupted": False, "target": ""},
        ),
        (
            made("PostToolUseFailure", tool_name="Edit", tool_input={"file_path": "/a.py"}, is_interrupt=True),
            wire.ToolFinished,
            {"success": False, "interrupted": True, "target": target(PSEUDONYMS, "/a.py"), "command_kind": ""},
        ),
        (
            made("PostToolUse", tool_name="mcp__tracker__get_ticket", tool_response=[{"text": "Error: "}]),
            wire.ToolFinished,
            {"success": True, "mcp_server": "tracker", "mcp_tool": "get_ticket"},
        ),
        (
            made("PermissionDenied", tool_name="Bash", tool_use_id="t", reason="no", permission_mode="auto"),
            wire.ToolDecided,
            {"decision": "reject", "decision_source": "config", "tool_use_id": "t", "permission_mode": "auto"},
        ),
        (made("Stop", last_assistant_message="Done."), wire.TurnEnded, {"failed": False}),
        (made("StopFailure", error="server_error"), wire.TurnEnded, {"failed": True}),
        (made("SubagentStop", agent_id="a1", agent_type="Explore"), wire.SubagentCompleted, {"agent_id": "a1"}),
        (made("SubagentStop", agent_id="a1", agent_type=""), wire.SequenceSeen, {}),
        (made("PreCompact", trigger="auto"), wire.ContextCompacted, {"trigger": "auto", "success": True}),
        (made("PostCompact", trigger="auto"), wire.SequenceSeen, {}),
        (made("PreToolUse", tool_name="Bash", tool_use_id="t"), wire.SequenceSeen, {}),
        (made("SessionEnd", reason="prompt_input_exit"), wire.SessionEnded, {"reason": "prompt_input_exit"}),
        (
            made("NewThing", total_tokens=12, text="secret", deep={"a": 1}, prompt="4711"),
            wire.Unrecognised,
            {"name": "NewThing", "numbers": {"total_tokens": 12.0}},
        ),
    ],
)
def test_each_kind_becomes_its_event(payload: object, kind: type, fields: dict[str, object]) -> None:
    """Known kinds, silent ones, and one that no version knows."""
    event = read(payload)
    assert type(event) is kind
    assert {name: getattr(event, name) for name in fields} == fields


def test_silent_kinds_say_that_the_session_is_alive() -> None:
    """And nothing else."""
    assert {type(read(made(kind))) for kind in SILENT} == {wire.SequenceSeen}
    assert "clear" in BUILTIN_COMMANDS


def test_a_test_run_in_the_background_has_not_passed_when_it_is_begun() -> None:
    """Its result says only that it was started."""
    about = {"command": "npm test", "run_in_background": True}
    assert read(made("PostToolUse", tool_name="Bash", tool_input=about)).command_kind == "other"


def test_the_request_may_name_person_team_and_entrypoint() -> None:
    """The person as a pseudonym; the payload names nobody."""
    event = read(made("Stop", user_id="eve"), Sender("Dana@example.com", "payments", "sdk-cli"))
    assert (event.user_id, event.user_id_kind) == (PSEUDONYMS.of("dana@example.com"), "enduser")
    assert (event.team_hint, event.entrypoint) == ("payments", "sdk-cli")


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"1", b"{", b'{"session_id":1}', b"{}", b'{"session_id":"s"}', b"\xff", b"[" * 9999]
)
def test_what_is_no_payload_is_refused(body: bytes) -> None:
    """With 400, and a file with such a line is no log of hooks."""
    with pytest.raises(Refused) as caught:
        Hooks(PSEUDONYMS).read(body, RUN, 0, NOW)
    assert caught.value.status == 400
    assert not is_payload(body)


@given(
    st.dictionaries(
        st.sampled_from(("prompt", "tool_name", "tool_input", "tool_response", "duration_ms", "agent_type", "source")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    ),
    st.sampled_from((*sorted(SILENT)[:1], "UserPromptSubmit", "PostToolUse", "SubagentStop", "SessionStart", "Other")),
)
def test_any_values_make_a_valid_event(values: dict[str, object], kind: str) -> None:
    """Of whatever type a field is."""
    check_event(write_events([read(made(kind, **values))]))


def test_what_is_not_asked_for_is_not_read() -> None:
    """A payload's long values are passed over, not decoded."""
    payload = Payload(json.dumps(made("X", long="9" * 1_000, short=9)).encode())
    assert payload.scalars()["short"] == 9
    assert "long" not in payload.scalars()


def test_a_recorded_log_has_one_run_by_its_content() -> None:
    """The same however it is cut into parts, another for other content."""
    assert run_of([b"ab", b"c"]) == run_of([b"abc"]) != run_of([b"abd"])
    assert len(run_of([])) == 16
