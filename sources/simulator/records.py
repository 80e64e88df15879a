"""Each kind of happening as a log record: its event name and its own attributes. Rule: as the version at hand has them.

A Python str, int, float or bool becomes the OTLP value of that type; numbers that the client sends as text stay text.
"""

import json
from collections.abc import Callable
from typing import Any

from sources.simulator.happenings import (
    Answer,
    ApiFailure,
    Compacted,
    Decision,
    Exhausted,
    Happening,
    ModeChange,
    Noise,
    Prompt,
    Result,
    Said,
    SubagentDone,
    Unknown,
)
from sources.simulator.organisation import Person

Value = str | int | float | bool | tuple[()]
Fields = list[tuple[str, Value]]

_REDACTED = "<REDACTED>"
_HOOK_COUNTS = (
    "num_blocking", "num_non_blocking_error", "num_cancelled", "total_duration_ms", "stdout_chars",
    "additional_context_chars", "system_message_chars", "initial_user_message_chars", "num_outputs_persisted",
)  # fmt: skip


def _noise(it: Noise, person: Person) -> tuple[str, Fields]:
    if it.name == "managed_settings_resolved":
        return it.name, [
            ("managed_settings.trigger", "startup"),
            ("managed_settings.sources", ()),
            ("managed_settings.source_behavior", "first-wins"),
            ("managed_settings.helper.state", "none"),
            ("managed_settings.helper.applied", "none"),
        ]
    if it.name == "plugin_loaded":
        return it.name, [
            ("plugin.name", "cc-plugin-agents-md"),
            ("marketplace.name", "builtin"),
            ("plugin.scope", "default-bundle"),
            ("enabled_via", "default-enable"),
            ("plugin_id_hash", "da63145d0acbb62d"),
            ("has_hooks", True),
            ("has_mcp", False),
            ("host_owned_mcp", False),
            ("skill_path_count", 0),
            ("command_path_count", 0),
            ("agent_path_count", 0),
            ("safe_mode", "false"),
        ]
    fields: Fields = [("hook_event", it.detail)]
    if it.name == "hook_registered":
        return it.name, [*fields, ("hook_type", "command"), ("hook_source", "userSettings"), ("safe_mode", "false")]
    fields += [("hook_name", it.detail), ("num_hooks", "1")]
    if it.name == "hook_execution_complete":
        fields.append(("num_success", "1"))
        fields += [(name, "16" if name == "total_duration_ms" else "0") for name in _HOOK_COUNTS]
    return it.name, [*fields, ("managed_only", "false"), ("hook_source", "merged"), ("safe_mode", "false")]


def _unknown(it: Unknown, person: Person) -> tuple[str, Fields]:
    return it.name, [("entries", it.number), ("reason", "startup")]


def _prompt(it: Prompt, person: Person) -> tuple[str, Fields]:
    text = f"/{it.command}" if it.command and it.command in ("clear", "exit") else _REDACTED
    fields: Fields = [("prompt_length", str(it.length)), ("prompt", text)]
    if not person.old:
        fields.append(("prompt_text", text))
    if it.command:
        fields += [("command_name", it.command), ("command_source", "builtin")]
    elif not person.old:
        fields.append(("message.uuid", _message(it)))
    return "user_prompt", fields


def _answer(it: Answer, person: Person) -> tuple[str, Fields]:
    fields: Fields = [
        ("model", it.model),
        ("input_tokens", it.tokens_in),
        ("output_tokens", it.tokens_out),
        ("cache_read_tokens", it.cache_read),
        ("cache_creation_tokens", it.cache_written),
    ]
    if not person.old:
        fields += [("cache_creation_5m_tokens", it.cache_written), ("cache_creation_1h_tokens", 0)]
    fields += [
        ("cost_usd", it.cost_micros / 1_000_000),
        ("cost_usd_micros", it.cost_micros),
        ("duration_ms", it.duration_ms),
    ]
    if not person.old:
        fields.append(("ttft_ms", it.ttft_ms))
    fields += [("request_id", it.request), *_asked(it.query_source)]
    if it.agent:
        fields += [("agent.name", "Explore"), ("agent_id", it.agent)]
    return "api_request", fields


def _said(it: Said, person: Person) -> tuple[str, Fields]:
    fields: Fields = [("response_length", it.length), ("response", _REDACTED), ("request_id", it.request)]
    if not person.old:
        fields.append(("message.uuid", _message(it)))
    return "assistant_response", [*fields, ("model", it.model), ("query_source", it.query_source)]


def _failure(it: ApiFailure, person: Person) -> tuple[str, Fields]:
    text = "prompt is malformed" if it.status else "Repeated 529 Overloaded errors"
    fields: Fields = [("model", it.model), ("error", text)]
    if it.status:
        fields.append(("status_code", it.status))
    fields += [("duration_ms", it.duration_ms), ("attempt", it.attempts)]
    if it.request:
        fields.append(("request_id", it.request))
    return "api_error", fields + _asked(it.query_source)


def _exhausted(it: Exhausted, person: Person) -> tuple[str, Fields]:
    return "api_retries_exhausted", [
        ("model", it.model),
        ("error", "Repeated 529 Overloaded errors"),
        ("total_attempts", it.attempts),
        ("total_retry_duration_ms", it.duration_ms),
        *_asked(it.query_source),
    ]


def _decision(it: Decision, person: Person) -> tuple[str, Fields]:
    fields: Fields = [
        ("decision", "accept" if it.accepted else "reject"),
        ("source", it.source),
        ("tool_name", it.tool),
        ("tool_use_id", it.use),
    ]
    if not person.old:
        fields.append(("tool_source", "mcp" if it.tool == "mcp_tool" else "builtin"))
        fields += [("permission_mode", it.mode), ("request_id", it.request)]
    if it.agent:
        fields.append(("agent_id", it.agent))
    return "tool_decision", fields


def _result(it: Result, person: Person) -> tuple[str, Fields]:
    fields: Fields = [
        ("tool_name", it.tool),
        ("tool_use_id", it.use),
        ("success", "true" if it.success else "false"),
        ("duration_ms", str(it.duration_ms)),
    ]
    if it.error_type:
        fields.append(("error_type", it.error_type))
    fields.append(("tool_input_size_bytes", str(it.bytes_in)))
    if it.success:
        fields.append(("tool_result_size_bytes", str(it.bytes_out)))
    if person.details:
        fields += _details(it)
    if it.committed and not person.old:
        fields += [("vcs.ref.head.revision", f"{it.at:040x}"), ("vcs.ref.head.name", "main")]
        fields.append(("vcs.ref.head.type", "branch"))
    if it.source:
        fields += [("decision_source", it.source), ("decision_type", "accept")]
    if not person.old:
        fields.append(("request_id", it.request))
    if it.agent:
        fields.append(("agent_id", it.agent))
    if it.tool == "mcp_tool":
        fields.append(("mcp_server_scope", "project"))
    return "tool_result", fields


def _details(it: Result) -> Fields:
    """JSON within a string, as the client sends it."""
    if it.command:
        words = {"bash_command": it.command.split()[0], "full_command": it.command, "description": "Run it"}
        own = {"command": it.command, "description": "Run it"}
        return [("tool_parameters", _json(words)), ("tool_input", _json(own))]
    return [("tool_input", _json({"file_path": it.path}))] if it.path else []


def _json(value: dict[str, str]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _mode(it: ModeChange, person: Person) -> tuple[str, Fields]:
    return "permission_mode_changed", [("from_mode", it.before), ("to_mode", it.after), ("trigger", "shift_tab")]


def _compacted(it: Compacted, person: Person) -> tuple[str, Fields]:
    return "compaction", [
        ("trigger", "auto"),
        ("success", "true"),
        ("duration_ms", str(it.duration_ms)),
        ("pre_tokens", str(it.before)),
        ("post_tokens", str(it.after)),
        ("precompute_reuse", "none"),
    ]


def _subagent(it: SubagentDone, person: Person) -> tuple[str, Fields]:
    return "subagent_completed", [
        ("agent_type", "Explore"),
        ("agent.source", "built-in"),
        ("is_built_in", True),
        ("is_async", it.is_async),
        ("total_tokens", it.tokens),
        ("total_tool_uses", it.tools),
        ("duration_ms", it.duration_ms),
        ("model", it.model),
        ("final_model", it.model),
        ("model_swapped", False),
        ("agent_id", it.agent),
    ]


def _asked(query_source: str) -> Fields:
    return [("speed", "normal"), ("query_source", query_source), ("effort", "medium")]


def _message(it: Happening) -> str:
    """A message's uuid, from what makes it the only one."""
    return f"{it.at & 0xFFFFFFFF:08x}-{it.prompt[9:]}"


FIELDS: dict[type[Happening], Callable[[Any, Person], tuple[str, Fields]]] = {
    Noise: _noise,
    Unknown: _unknown,
    Prompt: _prompt,
    Answer: _answer,
    Said: _said,
    ApiFailure: _failure,
    Exhausted: _exhausted,
    Decision: _decision,
    Result: _result,
    ModeChange: _mode,
    Compacted: _compacted,
    SubagentDone: _subagent,
}
