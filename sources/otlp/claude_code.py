"""Claude Code's log events to canonical ones. Rule: a field is read here or it is dropped; no text of anybody is read.

The one look at a text is at the beginning of a prompt, for the tag with which the client marks what it put in itself.
"""

from collections.abc import Callable, Iterable
from typing import Any

from schemas import wire
from sources.otlp.attributes import Attributes, boolean, label, name, number
from sources.prompts import CLIENT_TAGS

Fields = dict[str, Any]

PREFIX = "claude_code."

UNINTERESTING = frozenset(
    {
        "hook_execution_complete",
        "hook_execution_start",
        "hook_plugin_metrics",
        "hook_registered",
        "managed_settings_resolved",
        "mcp_server_connection",
        "plugin_installed",
        "plugin_loaded",
        "retention_sweep",
    }
)
"""Known events that say nothing that is counted; they are condensed to SequenceSeen."""

NOTICE_WITHIN_MS = 2_000
NOTICE_CHARACTERS = 200
"""A redacted prompt of at least this length, this soon after a background agent ended, is the client's notice of it."""

_REDACTED = "<REDACTED>"


def _prompt(a: Attributes, e: Fields) -> wire.Event:
    return wire.PromptSubmitted(
        **e,
        prompt_length=number(a.get("prompt_length")),
        command_name=name(a.get("command_name")),
        command_source=name(a.get("command_source")),
        injected=_is_tagged(a),
    )


def _is_tagged(a: Attributes) -> bool:
    return any(
        isinstance(text := a.get(key), str) and text.startswith(CLIENT_TAGS) for key in ("prompt", "prompt_text")
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
            reason=reason(status, a.get("error")),  # type: ignore[arg-type]  # one of the names that it knows
            model=name(a.get("model")),
            request_id=name(a.get("request_id")) or name(a.get("client_request_id")),
            status_code=status,
            attempts=number(a.get(attempts)),
            duration_ms=number(a.get(duration)),
            query_source=name(a.get("query_source")),
            agent_id=name(a.get("agent_id")),
        )

    return read


_REASONS = (
    ("overloaded", "overloaded"),
    ("rate limit", "rate_limit"),
    ("rate_limit", "rate_limit"),
    ("too many requests", "rate_limit"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("authentication", "auth"),
    ("unauthorized", "auth"),
    ("permission", "auth"),
    ("api key", "auth"),
    ("invalid", "invalid_request"),
    ("internal server error", "server"),
    ("api_error", "server"),
)
_STATUSES = {
    401: "auth",
    403: "auth",
    407: "auth",
    408: "timeout",
    504: "timeout",
    429: "rate_limit",
    529: "overloaded",
}


def reason(status: int, text: object) -> str:
    """Why a request failed, from its status, else from words in its text, which goes no further.

    >>> reason(0, "Repeated 529 Overloaded errors"), reason(400, "x"), reason(503, None), reason(0, "?")
    ('overloaded', 'invalid_request', 'server', 'other')
    """
    if status in _STATUSES:
        return _STATUSES[status]
    if 400 <= status < 500:
        return "invalid_request"
    if 500 <= status < 600:
        return "server"
    if not isinstance(text, str) or not text:
        return "other" if status else ""
    lowered = text[:1_000].lower()
    return next((found for words, found in _REASONS if words in lowered), "other")


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


def _tool(a: Attributes, e: Fields) -> wire.Event:
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
        **_mcp(a),
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
    "tool_result": _tool,
    "permission_mode_changed": _mode,
    "compaction": _compaction,
    "subagent_completed": _subagent,
}
"""What each event becomes. One that is neither here nor uninteresting is Unrecognised."""


def is_redacted(a: Attributes) -> bool:
    """Whether the text of a prompt was left out, so that its beginning says nothing."""
    return a.get("prompt", _REDACTED) == _REDACTED and a.get("prompt_text", _REDACTED) == _REDACTED


def settle(found: Iterable[wire.Event], redacted: frozenset[str]) -> None:
    """What only a session's events together tell: the notices among its prompts, and how the client was started.

    `redacted` holds the event ids of prompts without text. Changes the events.
    """
    notices: list[int] = []
    started_by_sdk = False
    events = list(found)
    for event in events:
        if isinstance(event, wire.SubagentCompleted) and event.is_async:
            notices.append(event.occurred_at)
        elif isinstance(event, wire.ModelResponded) and event.query_source == "sdk":
            started_by_sdk = True
        elif isinstance(event, wire.PromptSubmitted) and notices and not event.command_name:
            notices = [at for at in notices if abs(event.occurred_at - at) <= NOTICE_WITHIN_MS]
            if notices and event.event_id in redacted and event.prompt_length >= NOTICE_CHARACTERS:
                event.injected = True
            if event.injected and notices:
                del notices[0]
    if started_by_sdk:
        for event in events:
            event.entrypoint = event.entrypoint or "sdk-cli"
