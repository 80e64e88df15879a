"""Claude Code's log events to canonical ones. Rule: a field is read here or it is dropped; no text of anybody is kept.

Two texts are looked at where the client shows them: the beginning of a prompt, for a slash command or the tag with
which the client marks what it put in itself; and a tool's arguments, for the target and the kind of a command.

An api_refusal that the server answered with another model is none, for the person never saw it.
"""

from collections.abc import Callable, Sequence

from schemas import wire
from sources.otlp.attributes import Attributes, boolean, label, name, number
from sources.otlp.conversation import Context, Fields, about, opened
from sources.otlp.failures import reason
from sources.otlp.unknown import unrecognised
from sources.prompts import read_prompt

PREFIX = "claude_code."

UNINTERESTING = frozenset(
    {
        "api_request_body",
        "api_response_body",
        "at_mention",
        "auth",
        "feedback_survey",
        "hook_execution_complete",
        "hook_execution_start",
        "hook_plugin_metrics",
        "hook_registered",
        "internal_error",
        "managed_settings_resolved",
        "mcp_server_connection",
        "plugin_installed",
        "plugin_loaded",
        "retention_sweep",
        "skill_activated",
    }
)
"""Known events that say nothing that is counted; they are condensed to SequenceSeen."""

NOTICE_WITHIN_MS = 2_000
NOTICE_CHARACTERS = 200
"""A redacted prompt of at least this length, this soon after a background agent ended, is the client's notice of it."""

_REDACTED = "<REDACTED>"


def _prompt(a: Attributes, e: Fields) -> wire.Event:
    command, is_injected = name(a.get("command_name")), False
    text = next((t for t in (a.get("prompt"), a.get("prompt_text")) if isinstance(t, str) and t != _REDACTED), "")
    if not command:
        command, is_injected = read_prompt(text)
    return wire.PromptSubmitted(
        **e,
        prompt_length=number(a.get("prompt_length")),
        command_name=name(command),
        command_source=name(a.get("command_source")),
        injected=is_injected,
    )


def _response(a: Attributes, e: Fields) -> wire.Event:
    micros = a.get("cost_usd_micros")
    return wire.ModelResponded(
        **e,
        model=name(a.get("model")),
        request_id=name(a.get("request_id")),
        duration_ms=number(a.get("duration_ms")),
        ttft_ms=number(a.get("ttft_ms")),
        input_tokens=number(a.get("input_tokens")),
        output_tokens=number(a.get("output_tokens")),
        cache_read_tokens=number(a.get("cache_read_tokens")),
        cache_creation_tokens=number(a.get("cache_creation_tokens")),
        cost_micros=number(micros) if micros is not None else number(a.get("cost_usd"), 1_000_000),
        query_source=name(a.get("query_source")),
        agent_id=name(a.get("agent_id")),
        agent_name=label(a.get("agent.name")),
        speed=name(a.get("speed")),
        effort=name(a.get("effort")),
        **_mcp(a),
    )


def _answer(a: Attributes, e: Fields) -> wire.Event:
    return wire.AnswerGiven(
        **e,
        model=name(a.get("model")),
        request_id=name(a.get("request_id")),
        response_length=number(a.get("response_length")),
        query_source=name(a.get("query_source")),
        agent_id=name(a.get("agent_id")),
    )


def _failure(kind: str, attempts: str, duration: str) -> Callable[[Attributes, Fields], wire.Event]:
    def read(a: Attributes, e: Fields) -> wire.Event:
        status = number(a.get("status_code"))
        return wire.ModelRequestFailed(
            **e,
            kind=kind,  # type: ignore[arg-type]  # one of the three in the table below
            reason=reason(status, a.get("error")),
            model=name(a.get("model")),
            request_id=name(a.get("request_id")) or name(a.get("client_request_id")),
            status_code=status,
            attempts=number(a.get(attempts)),
            duration_ms=number(a.get(duration)),
            query_source=name(a.get("query_source")),
            agent_id=name(a.get("agent_id")),
        )

    return read


def _decision(a: Attributes, e: Fields) -> wire.Event:
    return wire.ToolDecided(
        **e,
        tool_name=name(a.get("tool_name")),
        tool_use_id=name(a.get("tool_use_id")),
        decision="reject" if a.get("decision") in ("reject", "deny", "denied", "rejected") else "accept",
        decision_source=name(a.get("source")),
        tool_source=name(a.get("tool_source")),
        permission_mode=name(a.get("permission_mode")),
        request_id=name(a.get("request_id")),
        agent_id=name(a.get("agent_id")),
    )


def _mode(a: Attributes, e: Fields) -> wire.Event:
    return wire.PermissionModeChanged(
        **e, from_mode=name(a.get("from_mode")), to_mode=name(a.get("to_mode")), trigger=name(a.get("trigger"))
    )


def _compaction(a: Attributes, e: Fields) -> wire.Event:
    return wire.ContextCompacted(
        **e,
        trigger=name(a.get("trigger")),
        success=boolean(a.get("success"), default=True),
        duration_ms=number(a.get("duration_ms")),
        pre_tokens=number(a.get("pre_tokens")),
        post_tokens=number(a.get("post_tokens")),
    )


def _subagent(a: Attributes, e: Fields) -> wire.Event:
    return wire.SubagentCompleted(
        **e,
        agent_type=label(a.get("agent_type")),
        agent_id=name(a.get("agent_id")),
        is_async=boolean(a.get("is_async")),
        total_tokens=number(a.get("total_tokens")),
        tool_uses=number(a.get("total_tool_uses")),
        duration_ms=number(a.get("duration_ms")),
        model=name(a.get("model")),
    )


def _mcp(a: Attributes) -> Fields:
    return {
        "mcp_server": label(a.get("mcp_server.name") or a.get("mcp_server_name")),
        "mcp_tool": label(a.get("mcp_tool.name") or a.get("mcp_tool_name")),
    }


EVENTS: dict[str, Callable[[Attributes, Fields], wire.Event]] = {
    "user_prompt": _prompt,
    "api_request": _response,
    "assistant_response": _answer,
    "api_error": _failure("error", "attempt", "duration_ms"),
    "api_retries_exhausted": _failure("retries_exhausted", "total_attempts", "total_retry_duration_ms"),
    "api_refusal": _failure("refusal", "attempt", "duration_ms"),
    "tool_decision": _decision,
    "permission_mode_changed": _mode,
    "compaction": _compaction,
    "subagent_completed": _subagent,
}
"""What each event becomes, tool_result apart. One that is neither here nor uninteresting is Unrecognised."""


class Conversation:
    """The records of one session in one body."""

    def __init__(self, context: Context) -> None:
        self._pseudonyms = context.pseudonyms
        self._redacted: set[str] = set()
        """Event ids of prompts without text."""

    def read(self, called: str, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        """See Conversation."""
        called = called.removeprefix(PREFIX)
        if called in UNINTERESTING or (called == "api_refusal" and boolean(a.get("server_fallback_hop"))):
            return None
        if called == "tool_result":
            return (self._tool(a, e),)
        read = EVENTS.get(called)
        if read is None:
            return (unrecognised(e, called, a),)
        event = read(a, e)
        if isinstance(event, wire.PromptSubmitted) and _is_redacted(a):
            self._redacted.add(event.event_id)
        return (event,)

    def close(self, events: Sequence[wire.Event]) -> Sequence[wire.Event]:
        """Tells the notices among the prompts, and how the client was started, by who asked the model.

        `sdk` asks in print mode or for an SDK, the main thread of the REPL for a person; compaction and subagents ask
        in either.
        """
        notices: list[int] = []
        asked: set[str] = set()
        for event in events:
            if isinstance(event, wire.SubagentCompleted) and event.is_async:
                notices.append(event.occurred_at)
            elif isinstance(event, wire.ModelResponded | wire.AnswerGiven | wire.ModelRequestFailed):
                asked.add(event.query_source.partition(":")[0])
            elif isinstance(event, wire.PromptSubmitted) and notices and not event.command_name:
                notices = [at for at in notices if abs(event.occurred_at - at) <= NOTICE_WITHIN_MS]
                if notices and event.event_id in self._redacted and event.prompt_length >= NOTICE_CHARACTERS:
                    event.injected = True
                if event.injected and notices:
                    del notices[0]
        started = "sdk-cli" if "sdk" in asked else "cli" if "repl_main_thread" in asked else ""
        if started:
            for event in events:
                event.entrypoint = event.entrypoint or started
        return ()

    def _tool(self, a: Attributes, e: Fields) -> wire.Event:
        shown = opened(a.get("tool_parameters"))
        server, tool = shown.get("mcp_server_name"), shown.get("mcp_tool_name")
        mcp = _mcp(a)
        what = about(self._pseudonyms, a.get("tool_parameters"), a.get("tool_input"))
        return wire.ToolFinished(
            **e,
            tool_name=name(a.get("tool_name")),
            tool_use_id=name(a.get("tool_use_id")),
            success=boolean(a.get("success"), default=True),
            duration_ms=number(a.get("duration_ms")),
            error_type=name(a.get("error_type")),
            input_bytes=number(a.get("tool_input_size_bytes")),
            result_bytes=number(a.get("tool_result_size_bytes")),
            decision_source=name(a.get("decision_source")),
            decision_type=name(a.get("decision_type")),
            request_id=name(a.get("request_id")),
            agent_id=name(a.get("agent_id")),
            mcp_server=mcp["mcp_server"] or (label(server) if isinstance(server, str) else ""),
            mcp_tool=mcp["mcp_tool"] or (label(tool) if isinstance(tool, str) else ""),
            target=what.target,
            command_kind=what.command_kind,
        )


def _is_redacted(a: Attributes) -> bool:
    """Whether the text of a prompt was left out, so that its beginning says nothing."""
    return a.get("prompt", _REDACTED) == _REDACTED and a.get("prompt_text", _REDACTED) == _REDACTED


def stamp(a: Attributes, resource: Attributes, e: Fields) -> None:
    """Nothing: Claude Code says it in the words that every client's envelope is read by."""


def is_quiet(metric: str) -> bool:
    """Whether a metric says nothing of use: none."""
    return False
