"""Codex's log events to canonical ones. Rule: each figure from one kind of record; what a tool printed is read for its

exit code alone, and what it was given for its target and kind alone.

A response is counted where its token counts are, on the second of two `response.completed`; the attempts of the
request (`api_request`) tell failures only. A command that ran and exited with another code than 0 failed, although
Codex calls it a success: so its failures mean what they mean elsewhere.

**Failed for good.** Each attempt is a record of its own. An error is none if anything was asked or answered after it
and before the next prompt. It is one if a prompt follows, if its status forbids another attempt (4xx; Codex does not
repeat 429 either), or if it was the last of the five attempts. The last error of a body that may still be repeated is
none.

**Conversations that nobody started.** The terminal interface names threads and recapitulates in conversations of their
own: no approvals, read-only, and a first prompt that is mostly the client's own words (about 440 characters). A person
who works like that types less. Their prompts are injected and their entrypoint is `internal`, so that they are no
interactive use; their tokens count.

No record names its prompt: it is the conversation's last one before it, by time (`conversation.Memory`).

Tokens: input_token_count holds what was read from and written to the cache; output_token_count holds reasoning.
"""

import re
from collections.abc import Sequence

from schemas import wire
from schemas.evidence import ToolKind, tool_kind
from schemas.people import Pseudonyms
from sources.commands import Subject, subject
from sources.otlp.attributes import Attributes, Scalar, boolean, name, number
from sources.otlp.conversation import Context, Fields, about, following, opened
from sources.otlp.failures import is_final, reason
from sources.otlp.unknown import unrecognised

PREFIX = "codex."

UNINTERESTING = frozenset(
    {
        "auth_recovery",
        "plugin_install_elicitation_sent",
        "plugin_install_suggestion",
        "sandbox_assessment",
        "sandbox_assessment_latency",
        "sandbox_outcome",
        "startup_phase",
        "turn_ttft",
        "websocket_connect",
        "websocket_event",
        "websocket_request",
    }
)
"""Known events that say nothing that is counted. What was answered over a websocket is told by sse_event too."""

LAST_ATTEMPT = 4
"""Of one request, counted from 0: Codex asks again four times by default."""

INTERNAL = "internal"
"""The entrypoint of conversations that nobody started."""

INTERNAL_CHARACTERS = 300
"""Of the first prompt of such a conversation, at least."""

_SUSPECTED = "suspected"

_TERMINALS = ("codex-tui", "codex_tui", "codex_cli_rs")
_COMPACT = "/responses/compact"
_FATAL = re.compile(r"context_length_exceeded|insufficient_quota|usage_not_included|invalid_prompt|cyber_policy")
_ROOT = "/root/"

_LAST_EXIT = re.compile(r'"metadata"\s*:\s*\{[^{}]*"exit_code"\s*:\s*(-?\d{1,10})')
_HEAD_EXIT = re.compile(r"^(?:Exit code: |Process exited with code )(-?\d{1,10})\s*$", re.MULTILINE)
_OUTPUT = re.compile(r"^Output:\s*$", re.MULTILINE)
_HEAD = 2_000
_REFUSED = re.compile(r"(?:exec command |patch |command )?rejected by user", re.IGNORECASE)

_PATCH = "*** Begin Patch"
_PATCHED = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: (.+?)\s*$", re.MULTILINE)


def stamp(a: Attributes, resource: Attributes, e: Fields) -> None:
    """How Codex was started, by its originator, else by its service: `cli` for the terminal interface."""
    said = name(a.get("originator")) or name(resource.get("service.name"))
    if said.startswith(_TERMINALS):
        said = "cli"
    elif "exec" in said:
        said = "exec"
    elif said.startswith(("codex_sdk", "codex-sdk", "codex_mcp", "codex-mcp")):
        said = f"sdk-{said}"
    e["entrypoint"] = e["entrypoint"] or said


class Conversation:
    """The records of one conversation in one body."""

    def __init__(self, context: Context) -> None:
        self._pseudonyms, self._memory = context
        self._is_subagent = False
        self._failed: list[wire.Event] = []
        self._pending: tuple[wire.Event, bool] | None = None
        """The last failed attempt while nothing came after it, and whether it was the last one possible."""
        self._asked: tuple[int, int] | None = None
        """When the headers of the answer under way came, and after how long."""

    def read(self, called: str, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        """See Conversation."""
        event = called.removeprefix(PREFIX)
        if event in UNINTERESTING or not called.startswith(PREFIX):
            return None
        if event == "user_prompt":
            self._memory.prompt_came(e["session_id"], e["occurred_at"])
        e["prompt_id"] = e["prompt_id"] or self._memory.prompt_at(e["session_id"], e["occurred_at"])
        if event == "conversation_starts":
            if _may_be_internal(a):
                self._memory.mark(e["session_id"], _SUSPECTED)
            return (wire.SessionStarted(**e),)
        if event == "user_prompt":
            self._settle(True)
            length = number(a.get("prompt_length"))
            if self._memory.unmark(e["session_id"], _SUSPECTED) and length >= INTERNAL_CHARACTERS:
                self._memory.mark(e["session_id"], INTERNAL)
            return (wire.PromptSubmitted(**e, prompt_length=length),)
        if event == "api_request":
            return self._attempt(a, e)
        if event == "sse_event":
            return self._chunk(a, e)
        if event == "tool_decision":
            return (_decision(a, e),)
        if event == "tool_result":
            return self._tool(a, e)
        if event == "agent_response":
            return (
                wire.AnswerGiven(
                    **e,
                    model=name(a.get("model")),
                    request_id=name(a.get("item.id")),
                    response_length=number(a.get("response_length")),
                    agent_id="" if a.get("agent.type") in (None, "main") else name(a.get("agent.type")),
                ),
            )
        return (unrecognised(e, called, a),)

    def close(self, events: Sequence[wire.Event]) -> Sequence[wire.Event]:
        """The failures for good; and marks what nobody typed."""
        self._settle(self._pending is not None and self._pending[1])
        for event in (*events, *self._failed):
            is_internal = self._memory.is_marked(event.session_id, INTERNAL)
            if is_internal:
                event.entrypoint = INTERNAL
            if isinstance(event, wire.PromptSubmitted) and (is_internal or self._is_subagent):
                event.injected = True
        return self._failed

    def _settle(self, for_good: bool) -> None:
        if self._pending is not None and for_good:
            self._failed.append(self._pending[0])
        self._pending = None

    def _fail(self, a: Attributes, e: Fields, is_last: bool) -> None:
        status = number(a.get("http.response.status_code"))
        self._settle(False)
        failed = wire.ModelRequestFailed(
            **e,
            reason=reason(status, a.get("error.message")),
            model=name(a.get("model")),
            request_id=name(a.get("auth.request_id")),
            status_code=status,
            attempts=number(a.get("attempt")) + 1,
            duration_ms=number(a.get("duration_ms")),
        )
        self._pending = failed, is_last

    def _attempt(self, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        endpoint = a.get("endpoint")
        if isinstance(endpoint, str) and endpoint.rstrip("/").endswith("/models"):
            return None  # it asks which models there are
        status = number(a.get("http.response.status_code"))
        if not 200 <= status < 300 or a.get("error.message"):
            is_last = status == 429 or is_final(status) or number(a.get("attempt")) >= LAST_ATTEMPT
            self._fail(a, e, is_last)
            return None
        self._settle(False)
        duration = number(a.get("duration_ms"))
        self._asked = e["occurred_at"], duration
        if endpoint == _COMPACT:
            return (wire.ContextCompacted(**e, duration_ms=duration),)
        return None

    def _chunk(self, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        if "input_token_count" not in a:
            failed = a.get("error.message")
            if isinstance(failed, str) and failed:
                self._fail(a, e, _FATAL.search(failed[:4_000]) is not None)
            return None
        self._settle(False)
        asked, self._asked = self._asked, None
        read, written = number(a.get("cached_token_count")), number(a.get("cache_write_token_count"))
        return (
            wire.ModelResponded(
                **e,
                model=name(a.get("model")),
                duration_ms=max(0, e["occurred_at"] - asked[0] + asked[1]) if asked else 0,
                ttft_ms=number(a.get("ttft_ms")),
                input_tokens=max(0, number(a.get("input_token_count")) - read - written),
                output_tokens=number(a.get("output_token_count")),
                cache_read_tokens=read,
                cache_creation_tokens=written,
                reasoning_tokens=number(a.get("reasoning_token_count")),
                effort=name(a.get("model_reasoning_effort")),
            ),
        )

    def _tool(self, a: Attributes, e: Fields) -> Sequence[wire.Event]:
        called, server = name(a.get("tool_name")), name(a.get("mcp_server"))
        if server and not called.startswith("mcp"):
            called = name(f"mcp__{server}__{called}")
        agent = _agent(a.get("agent_name"))
        self._is_subagent = self._is_subagent or bool(agent)
        arguments, output = a.get("arguments"), a.get("output")
        if isinstance(output, str) and _REFUSED.match(output):
            refused = wire.ToolDecided(
                **e,
                tool_name=called,
                tool_use_id=name(a.get("call_id")),
                decision="reject",
                decision_source="user",
                agent_id=agent,
            )
            return (refused,)
        code = exit_code(output) if tool_kind(called) in (ToolKind.SHELL, ToolKind.EDIT) else 0
        success = boolean(a.get("success"), default=True) and code == 0
        patch = _patch(arguments)
        what = _subject(self._pseudonyms, arguments, patch)
        finished = wire.ToolFinished(
            **e,
            tool_name=called,
            tool_use_id=name(a.get("call_id")),
            success=success,
            duration_ms=number(a.get("duration_ms")),
            error_type=f"exit_{code}" if code else "",
            input_bytes=_length(arguments),
            result_bytes=0 if boolean(a.get("output_truncated")) else _length(output),
            agent_id=agent,
            mcp_server=server,
            target=what.target,
            command_kind=what.command_kind,
        )
        added, removed = lines_of(patch)
        if success and (added or removed):
            return finished, wire.LinesChanged(**following(e, 1), added=added, removed=removed)
        return (finished,)


def _agent(path: Scalar | None) -> str:
    """A subagent by its path below the root's; empty for the root itself."""
    return name(path.removeprefix(_ROOT)) if isinstance(path, str) and path.startswith(_ROOT) else ""


def _may_be_internal(a: Attributes) -> bool:
    originator = name(a.get("originator"))
    return (
        (not originator or not any(word in originator for word in ("exec", "sdk", "mcp")))
        and a.get("approval_policy") == "never"
        and a.get("sandbox_policy") in ("read-only", "read_only")
    )


def _decision(a: Attributes, e: Fields) -> wire.Event:
    said = a.get("decision")
    refused = isinstance(said, str) and said.lower().startswith(("den", "abort", "reject", "timed"))
    return wire.ToolDecided(
        **e,
        tool_name=name(a.get("tool_name")),
        tool_use_id=name(a.get("call_id")),
        decision="reject" if refused else "accept",
        decision_source=name(a.get("source")).lower(),
    )


def exit_code(output: Scalar | None) -> int:
    """The exit code that a tool's printed result begins with, or holds as metadata; 0 where it tells none.

    >>> exit_code("Exit code: 2\\nWall time: 0 seconds\\nOutput:\\n"), exit_code("Output:\\nExit code: 1")
    (2, 0)
    >>> exit_code("Wall time: 1 s\\nProcess exited with code 3\\nOutput:\\nx"), exit_code("Process running with id 7")
    (3, 0)
    >>> exit_code('{"output":"x","metadata":{"exit_code":1,"duration_seconds":0.1}}')
    1
    """
    if not isinstance(output, str):
        return 0
    if output.startswith("{"):
        found = list(_LAST_EXIT.finditer(output))
        return int(found[-1][1]) if found else 0
    head = output[:_HEAD]
    printed = _OUTPUT.search(head)
    code = _HEAD_EXIT.search(head, 0, printed.start() if printed else len(head))
    return int(code[1]) if code else 0


def lines_of(patch: str) -> tuple[int, int]:
    """Lines that a patch adds and removes.

    >>> lines_of("*** Begin Patch\\n*** Update File: a.py\\n@@\\n-x\\n+y\\n+z\\n same\\n*** End Patch\\n")
    (2, 1)
    """
    lines = patch.partition("*** End Patch")[0].splitlines()
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def _patch(arguments: Scalar | None) -> str:
    """The patch among a tool's arguments, from its first line on; empty where there is none."""
    if not isinstance(arguments, str) or _PATCH not in arguments:
        return ""
    said = opened(arguments)
    texts = [value for value in said.values() if isinstance(value, str)] if said else [arguments]
    for text in texts:
        _, begins, rest = text.partition(_PATCH)
        if begins:
            return begins + rest
    return ""


def _subject(pseudonyms: Pseudonyms, arguments: Scalar | None, patch: str) -> Subject:
    file = _PATCHED.search(patch)
    return subject(pseudonyms, {"file_path": file[1]}) if file else about(pseudonyms, arguments)


def _length(text: Scalar | None) -> int:
    return len(text.encode(errors="replace")) if isinstance(text, str) else 0


def is_quiet(metric: str) -> bool:
    """Whether a metric only repeats what events say: all of them, should one ever name its conversation."""
    return metric.startswith(PREFIX)
