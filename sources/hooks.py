"""Claude Code's hooks to canonical events. Rule: pure; a field is read here or it is dropped; no text leaves.

A hook's payload is one JSON object without a time and without a name of the person. What OTLP tells of the same session
tells the same things by the same ids (prompt_id, tool_use_id, agent_id), so that whoever counts can count them once.
Hooks never tell lines, commits, tokens or cost: a session that only hooks tell of has none.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from schemas import wire
from schemas.people import Pseudonyms
from sources.commands import Subject, subject
from sources.otlp.attributes import TEXT, Scalar, boolean, label, name, number
from sources.otlp.refused import Refused
from sources.otlp.unknown import unrecognised
from sources.prompts import read_prompt

PATH = "/v1/hooks/claude-code"
SOURCE = "claude-code"

Fields = dict[str, Any]

_Raw = dict[str, msgspec.Raw]

_MOST_SCALAR = 300
"""Bytes of a value that is read without being asked for: numbers of kinds that this version does not know."""

_MOST_KEYS = 200

BUILTIN_COMMANDS = frozenset(
    ("clear", "compact", "config", "context", "cost", "exit", "help", "init", "login", "logout", "mcp", "memory",
     "model", "permissions", "plan", "resume", "review", "rewind", "security-review", "status", "usage")
)  # fmt: skip
"""Slash commands that the client brings along. The name of any other may tell what people work on."""

_STARTS = {"startup": "fresh"}
"""What telemetry calls the source of a start; the others have the same name there."""


@dataclass(frozen=True)
class Sender:
    """What a hook's request says beside its payload."""

    enduser: str = ""
    team: str = ""
    entrypoint: str = ""


class Payload:
    """One payload whose values are read only when they are asked for."""

    def __init__(self, body: bytes) -> None:
        """Raises Refused for what is no JSON object."""
        try:
            self._raw = msgspec.json.decode(body, type=_Raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused(400, "Send one hook's payload, the JSON object that Claude Code hands over.") from None

    def text(self, key: str) -> str:
        """A text, or empty."""
        found: str | None = self._as(str, key)
        return found or ""

    def scalar(self, key: str) -> Scalar | None:
        """A text, number or truth value, or None."""
        found: Scalar | None = self._as(str | int | float | bool, key)
        return found

    def holds_error(self, key: str) -> bool:
        """Whether a value is the text of an error, as managed hooks tell of failures."""
        raw = self._raw.get(key)
        return raw is not None and bytes(memoryview(raw)[:7]) == b'"Error:'

    def table(self, key: str) -> Mapping[str, object]:
        """An object, of which only what names a file or command is read."""
        found: dict[str, object] = {}
        for inner, raw in (self._as(_Raw, key) or {}).items():
            if inner in _SUBJECTS:
                value = _read(str | list[str] | bool, raw)
                if value is not None:
                    found[inner] = value
        return found

    def scalars(self) -> dict[str, Scalar]:
        """All short values."""
        short = [key for key, raw in self._raw.items() if len(memoryview(raw)) <= _MOST_SCALAR][:_MOST_KEYS]
        return {key: value for key in short if (value := self.scalar(key)) is not None}

    def _as(self, kind: Any, key: str) -> Any:
        raw = self._raw.get(key)
        return None if raw is None else _read(kind, raw)


_SUBJECTS = frozenset(("file_path", "notebook_path", "path", "command", "run_in_background"))


def _read(kind: Any, raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class Hooks:
    """Reads payloads."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def read(self, body: bytes, run: str, index: int, received_at: int, sender: Sender = Sender()) -> list[wire.Event]:
        """The events of one payload, at least one. `index` is its place in the run. Raises Refused."""
        payload = Payload(body)
        session_id, kind = payload.text("session_id").strip()[:TEXT], payload.text("hook_event_name")
        if not session_id or not kind:
            raise Refused(400, "The payload has no session_id or no hook_event_name: send it as Claude Code made it.")
        user_id = self._pseudonyms.of(sender.enduser[:TEXT])
        envelope: Fields = {
            "event_id": f"{run}-{index}",
            "source": SOURCE,
            "session_id": session_id,
            "run": run,
            "index": index,
            "occurred_at": received_at,
            "received_at": received_at,
            "user_id": user_id,
            "user_id_kind": "enduser" if user_id else "",
            "team_hint": label(sender.team),
            "entrypoint": name(sender.entrypoint),
            "prompt_id": name(payload.text("prompt_id")),
            "via": "hook",
        }
        if kind in SILENT:
            return [_seen(envelope)]
        reader = _KINDS.get(kind)
        if reader is None:
            return [unrecognised(envelope, kind, payload.scalars())]
        event = reader(payload, envelope, self._subject)
        return [_seen(envelope) if event is None else event]

    def _subject(self, payload: Payload) -> Subject:
        return subject(self._pseudonyms, payload.table("tool_input"))


def run_of(parts: Iterable[bytes]) -> str:
    """The run of a recorded log of hooks, its lines numbered as index: the same content gives the same events."""
    digest = hashlib.sha256(b"hooks\n")
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def is_payload(line: bytes) -> bool:
    """Whether a line of a file is a hook's payload."""
    try:
        payload = Payload(line)
    except Refused:
        return False
    return bool(payload.text("session_id") and payload.text("hook_event_name"))


SILENT = frozenset(
    ("PreToolUse", "PermissionRequest", "PostToolBatch", "Notification", "PostCompact", "SubagentStart", "ConfigChange",
     "CwdChanged", "FileChanged", "InstructionsLoaded", "Setup", "TaskCreated", "TaskCompleted", "TeammateIdle",
     "UserPromptExpansion", "WorktreeCreate", "WorktreeRemove", "Elicitation", "ElicitationResult", "MessageDisplay")
)  # fmt: skip
"""Kinds of which nothing is counted but that the session is alive and its hooks work. PreToolUse is an attempt, maybe
refused, maybe never finished; only what finishes is a call. PostCompact tells what PreCompact has told."""

_Subject = Callable[[Payload], Subject]


def _seen(envelope: Fields) -> wire.Event:
    return wire.SequenceSeen(**envelope, first=0, last=0, count=1)


def _start(p: Payload, e: Fields, _: _Subject) -> wire.Event | None:
    source = name(p.text("source"))
    return None if source == "compact" else wire.SessionStarted(**e, start_type=_STARTS.get(source, source))


def _prompt(p: Payload, e: Fields, _: _Subject) -> wire.Event:
    text = p.text("prompt")
    kind = read_prompt(text)
    is_builtin = kind.command in BUILTIN_COMMANDS
    return wire.PromptSubmitted(
        **e,
        prompt_length=len(text),
        command_name=kind.command if is_builtin or not kind.command else "custom",
        command_source="" if not kind.command else "builtin" if is_builtin else "custom",
        injected=kind.is_injected,
    )


def _tool(has_failed: bool) -> Callable[[Payload, Fields, _Subject], wire.Event]:
    def read(p: Payload, e: Fields, subject_of: _Subject) -> wire.Event:
        """A failed call of managed hooks comes twice, once as PostToolUse with the text of the error: both say so."""
        about = subject_of(p)
        return wire.ToolFinished(
            **e,
            **_called(p),
            success=not (has_failed or p.holds_error("tool_response")),
            duration_ms=number(p.scalar("duration_ms")),
            target=about.target,
            command_kind=about.command_kind,
            interrupted=boolean(p.scalar("is_interrupt")),
        )

    return read


def _denied(p: Payload, e: Fields, _: _Subject) -> wire.Event:
    """Refused by a rule or by the classifier of the automatic mode: no person was asked."""
    mode = name(p.text("permission_mode"))
    called = {key: value for key, value in _called(p).items() if not key.startswith("mcp_")}
    return wire.ToolDecided(**e, **called, decision="reject", decision_source="config", permission_mode=mode)


def _called(p: Payload) -> Fields:
    tool = name(p.text("tool_name"))
    parts = tool.split("__", 2) if tool.startswith("mcp__") else []
    return {
        "tool_name": tool,
        "tool_use_id": name(p.text("tool_use_id")),
        "agent_id": name(p.text("agent_id")),
        "mcp_server": parts[1] if len(parts) == 3 else "",
        "mcp_tool": parts[2] if len(parts) == 3 else "",
    }


def _stop(has_failed: bool) -> Callable[[Payload, Fields, _Subject], wire.Event]:
    return lambda p, e, _: wire.TurnEnded(**e, failed=has_failed)


def _subagent(p: Payload, e: Fields, _: _Subject) -> wire.Event | None:
    """/compact stops a subagent that nobody started; it has no type."""
    kind = label(p.text("agent_type"))
    return wire.SubagentCompleted(**e, agent_type=kind, agent_id=name(p.text("agent_id"))) if kind else None


def _compact(p: Payload, e: Fields, _: _Subject) -> wire.Event:
    return wire.ContextCompacted(**e, trigger=name(p.text("trigger")))


def _end(p: Payload, e: Fields, _: _Subject) -> wire.Event:
    return wire.SessionEnded(**e, reason=name(p.text("reason")))


_KINDS: Mapping[str, Callable[[Payload, Fields, _Subject], wire.Event | None]] = {
    "SessionStart": _start,
    "UserPromptSubmit": _prompt,
    "PostToolUse": _tool(has_failed=False),
    "PostToolUseFailure": _tool(has_failed=True),
    "PermissionDenied": _denied,
    "Stop": _stop(has_failed=False),
    "StopFailure": _stop(has_failed=True),
    "SubagentStop": _subagent,
    "PreCompact": _compact,
    "SessionEnd": _end,
}
"""What each kind becomes; None: nothing but that the session is alive. One that is neither here nor silent is
Unrecognised."""
