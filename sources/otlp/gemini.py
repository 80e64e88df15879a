"""Gemini CLI's log events to canonical ones. Rule: each figure from one kind of record; no text of anybody is kept.

An answer is counted by `api_response`; `gen_ai.*` records say the same again. `role` becomes query_source: calls of
the client's own (its router, its summarizer) are answers of the model and cost tokens, but answer nobody, so their
role is their agent_id too. Lines are counted from the metric `gemini_cli.lines.changed`, which comes with prompts
logged or not; the same lines in `tool_call.metadata` come only with them.

**Failed for good.** Each failed attempt is an `api_error`, and each attempt begins with an `api_request`. An error is
none if its prompt and role asked again after it. It is one if a prompt follows or the process ends, or if its status
forbids another attempt (4xx but 429 and 499). The last error of a body that may still be repeated is none.

Refused is what a person refused, or in print mode the rules: such a call never ran and is no tool call. A call that
ended without success and without an error was stopped by the person. A shell command that ran is a success whatever
its exit code, which nothing tells.

Prompt ids: `<session>########<n>` at a terminal; in print mode the session's id itself, also in the next process that
resumes it, so the process is added. A subagent's have its name and turn behind its parent's: it worked for that prompt.

Tokens: input_token_count holds what was read from the cache, not what tools added; output_token_count holds no
thoughts.
"""

import re
from collections.abc import Callable, Sequence

from schemas import wire
from sources.otlp.attributes import Attributes, boolean, name, number
from sources.otlp.conversation import Context, Fields, about
from sources.otlp.failures import is_final, reason
from sources.otlp.unknown import unrecognised
from sources.prompts import read_prompt

PREFIX = "gemini_cli."

UNINTERESTING = frozenset(
    {
        "agent.recovery_attempt",
        "agent.start",
        "chat.content_retry",
        "chat.content_retry_failure",
        "chat.invalid_chunk",
        "conseca.policy_generation",
        "conseca.verdict",
        "conversation_finished",
        "edit_correction",
        "edit_strategy",
        "extension_disable",
        "extension_enable",
        "extension_install",
        "extension_uninstall",
        "extension_update",
        "file_operation",
        "flash_fallback",
        "hook_call",
        "ide_connection",
        "keychain.availability",
        "kitty_sequence_overflow",
        "llm_loop_check",
        "loop_detected",
        "loop_detection_disabled",
        "malformed_json_response",
        "model_routing",
        "next_speaker_check",
        "plan.approval_mode_duration",
        "plan.execution",
        "rewind",
        "ripgrep_fallback",
        "slash_command.model",
        "startup_stats",
        "token_storage.initialization",
        "tool_output_masking",
        "tool_output_truncated",
        "web_fetch_fallback_attempt",
    }
)
"""Known events that say nothing that is counted. `conversation_finished` ends nothing: it comes whenever the terminal
is idle while all tools are allowed, after a cancelled answer too, and again with each line that is shown."""

_ELSEWHERE = ("gen_ai.",)
_MODES = {
    "approval_mode_switch": "plan.approval_mode_switch",
    "approval_mode_duration": "plan.approval_mode_duration",
    "plan_execution": "plan.execution",
}
"""Named without their prefix in some versions, and under `event_name`."""

_KEPT_METRICS = ("gemini_cli.lines.changed", "gemini_cli.session.count", "gemini_cli.token.usage")
_MAIN = ("", "main")
_PROMPT = re.compile(r"(########\d+)?(?:[-#](.+?))?(?:#\d+)?")
"""What stands behind the session's id in a prompt's."""


def stamp(a: Attributes, resource: Attributes, e: Fields) -> None:
    """`cli` at a terminal, `headless` in print mode; and the prompt's id."""
    interactive = a.get("interactive")
    if interactive is not None:
        e["entrypoint"] = e["entrypoint"] or ("cli" if boolean(interactive) else "headless")
    session = e["session_id"]
    prompt, _ = whose(name(a.get("prompt_id")), session)
    process = number(resource.get("process.pid")) if prompt == session else 0
    e["prompt_id"] = e["prompt_id"] or (f"{session[:180]}-{process}" if process else prompt)


def whose(said: str, session: str) -> tuple[str, str]:
    """The person's prompt and the subagent that a prompt's id names; empty where it names none.

    >>> whose("s", "s"), whose("s########3", "s"), whose("0badcafe", "s")
    (('s', ''), ('s########3', ''), ('0badcafe', ''))
    >>> whose("s########3-investigator-x1#0", "s"), whose("s-investigator-x1#0", "s"), whose("s#investigator-x1#0", "s")
    (('s########3', 'investigator-x1'), ('s', 'investigator-x1'), ('s', 'investigator-x1'))
    >>> whose("investigator-x1#0", "s")
    ('', 'investigator-x1')
    """
    if said.startswith(session):
        found = _PROMPT.fullmatch(said, len(session))
        if found is not None:
            return session + (found[1] or ""), found[2] or ""
    return ("", said.partition("#")[0]) if "#" in said else (said, "")


def is_quiet(metric: str) -> bool:
    """Whether a metric only repeats what events say, or tells of the client's own workings."""
    return metric.startswith((PREFIX, *_ELSEWHERE)) and metric not in _KEPT_METRICS


class Conversation:
    """The records of one session in one body."""

    def __init__(self, context: Context) -> None:
        self._pseudonyms = context.pseudonyms
        self._pending: dict[tuple[str, str], tuple[wire.Event, bool]] = {}
        """By prompt and role: the last failed attempt while nothing was asked after it, and whether its status says
        that nothing will be."""
        self._failed: list[wire.Event] = []

    def read(self, called: str, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        """See Conversation."""
        called = called or name(a.get("event_name"))
        event = _MODES.get(called, called.removeprefix(PREFIX))
        if event == "plan.approval_mode_duration" and e["entrypoint"] == "headless":
            self._settle(True)  # it comes when the process ends
        if event in UNINTERESTING or called.startswith(_ELSEWHERE):
            return None
        read = _EVENTS.get(event)
        if read is not None:
            return (read(a, e),)
        if event == "user_prompt":
            return self._prompt(a, e)
        if event == "tool_call":
            return self._tool(a, e)
        if event in ("api_request", "api_response"):
            self._pending.pop(_caller(a), None)
            return None if event == "api_request" else (_response(a, e),)
        if event == "api_error":
            return self._error(a, e)
        return (unrecognised(e, called, a),)

    def close(self, events: Sequence[wire.Event]) -> Sequence[wire.Event]:
        """The failures for good."""
        self._settle(False)
        return self._failed

    def _settle(self, is_over: bool) -> None:
        self._failed += [event for event, is_last in self._pending.values() if is_last or is_over]
        self._pending.clear()

    def _prompt(self, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        self._settle(True)
        text = a.get("prompt")
        if isinstance(text, str) and read_prompt(text).command:
            return None  # told by slash_command
        return (wire.PromptSubmitted(**e, prompt_length=number(a.get("prompt_length"))),)

    def _error(self, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        self._pending.pop(_caller(a), None)
        kind = a.get("error.type") or a.get("error_type")
        if isinstance(kind, str) and "abort" in kind.lower():
            return (wire.TurnInterrupted(**e),)
        status = number(a.get("status_code")) or number(a.get("http.status_code"))
        failed = wire.ModelRequestFailed(
            **e,
            reason=reason(status, a.get("error.message") or a.get("error")),
            model=name(a.get("model")) or name(a.get("model_name")),
            status_code=status,
            attempts=1,
            duration_ms=number(a.get("duration_ms")) or number(a.get("duration")),
            query_source=name(a.get("role")),
            agent_id=_agent(a, e),
        )
        self._pending[_caller(a)] = failed, is_final(status)
        return None

    def _tool(self, a: Attributes, e: Fields) -> Sequence[wire.Event]:
        called, server = name(a.get("function_name")), name(a.get("mcp_server_name"))
        if a.get("tool_type") == "mcp" and not called.startswith("mcp"):
            called = name(f"mcp__{server}__{called}") or "mcp_tool"
        decision, is_headless = a.get("decision"), e["entrypoint"] == "headless"
        if decision == "reject":
            source = "config" if is_headless else "user"
            refused = wire.ToolDecided(
                **e, tool_name=called, decision="reject", decision_source=source, agent_id=_agent(a, e)
            )
            return (refused,)
        success = boolean(a.get("success"), default=True)
        what = about(self._pseudonyms, a.get("function_args"))
        finished = wire.ToolFinished(
            **e,
            tool_name=called,
            success=success,
            duration_ms=number(a.get("duration_ms")),
            error_type=name(a.get("error_type") or a.get("error.type")),
            result_bytes=number(a.get("content_length")),
            decision_type=name(decision),
            agent_id=_agent(a, e),
            mcp_server=server,
            target=what.target,
            command_kind=what.command_kind,
            interrupted=not (success or is_headless or a.get("error") or a.get("error_type")),
        )
        if not isinstance(decision, str) or not decision:
            return (finished,)
        later = e["index"] + 1
        accepted = wire.ToolDecided(**e, tool_name=called, agent_id=_agent(a, e))
        finished.index, finished.event_id = later, f"{e['run']}-{later}"
        return accepted, finished


def _caller(a: Attributes) -> tuple[str, str]:
    return str(a.get("prompt_id") or ""), str(a.get("role") or "")


def _agent(a: Attributes, e: Fields) -> str:
    """Who asked, if it was not the person's own conversation: a subagent by its name, else the role."""
    role = name(a.get("role"))
    return whose(name(a.get("prompt_id")), e["session_id"])[1] or ("" if role in _MAIN else role)


def _response(a: Attributes, e: Fields) -> wire.Event:
    read, thoughts = number(a.get("cached_content_token_count")), number(a.get("thoughts_token_count"))
    return wire.ModelResponded(
        **e,
        model=name(a.get("model")),
        duration_ms=number(a.get("duration_ms")),
        input_tokens=max(0, number(a.get("input_token_count")) - read) + number(a.get("tool_token_count")),
        output_tokens=number(a.get("output_token_count")) + thoughts,
        cache_read_tokens=read,
        reasoning_tokens=thoughts,
        query_source=name(a.get("role")),
        agent_id=_agent(a, e),
    )


def _slash(a: Attributes, e: Fields) -> wire.Event:
    return wire.PromptSubmitted(
        **e,
        command_name=name(a.get("command")).lstrip("/") or "command",
        command_source="extension" if a.get("extension_id") else "",
    )


def _compression(a: Attributes, e: Fields) -> wire.Event:
    before, after = number(a.get("tokens_before")), number(a.get("tokens_after"))
    return wire.ContextCompacted(**e, success=after <= before, pre_tokens=before, post_tokens=after)


def _mode(a: Attributes, e: Fields) -> wire.Event:
    return wire.PermissionModeChanged(**e, from_mode=name(a.get("from_mode")), to_mode=name(a.get("to_mode")))


def _agent_finished(a: Attributes, e: Fields) -> wire.Event:
    return wire.SubagentCompleted(
        **e,
        agent_type=name(a.get("agent_name")),
        agent_id=whose(name(a.get("agent_id")), e["session_id"])[1] or name(a.get("agent_id")),
        duration_ms=number(a.get("duration_ms")),
    )


_EVENTS: dict[str, Callable[[Attributes, Fields], wire.Event]] = {
    "config": lambda _, e: wire.SessionStarted(**e),
    "slash_command": _slash,
    "chat_compression": _compression,
    "plan.approval_mode_switch": _mode,
    "agent.finish": _agent_finished,
}
