"""Copilot's spans to canonical events, by the vendor's public documents. Rule: each figure from one kind of span.

A root `invoke_agent` is a person's prompt at its start and a turn's end at its end; `chat` is an answer of the model
and `execute_tool` a finished call, with the exit code of a command where the client tells it. What a session changed
comes when it shuts down, as an event within a span. The trace is the prompt's id. A span that does not name its
conversation belongs to that of its trace, if the same body names it.

A failed `chat` is a failure for good unless its trace asked again after it, in the same body. `github.copilot.cost`
is a multiplier of a price and no money, so there is no cost. Its metrics name no session and count nothing.

Tokens: input_tokens holds what was read from and written to the cache; output_tokens holds reasoning.
"""

from collections.abc import Iterator, Sequence

from schemas import wire
from sources.otlp.attributes import Attributes, boolean, label, moment, name, number
from sources.otlp.conversation import Context, Fields, about
from sources.otlp.failures import reason
from sources.otlp.records import Happening, Span
from sources.otlp.unknown import unrecognised

CONVERSATION = "gen_ai.conversation.id"

_OPERATION = "gen_ai.operation.name"
_VENDOR = "github.copilot."
_MOST_HAPPENINGS = 4
"""Of one span that become events: a record has room for seven."""


def stamp(a: Attributes, resource: Attributes, e: Fields) -> None:
    """Its extension of an editor says so in the service's name; the terminal and hosts alike say `github-copilot`."""
    service = name(resource.get("service.name"))
    e["entrypoint"] = e["entrypoint"] or ("vscode" if service.startswith("copilot-chat") else "cli")


def is_quiet(metric: str) -> bool:
    """Whether a metric only repeats what spans say: all of them."""
    return metric.startswith((_VENDOR, "gen_ai.", "copilot_chat."))


def trace_sessions(spans: Sequence[Span]) -> dict[str, str]:
    """Trace to conversation, as the spans of one body say."""
    found: dict[str, str] = {}
    for span in spans:
        said = span.attributes.get(CONVERSATION)
        if isinstance(said, str) and said and span.trace:
            found.setdefault(span.trace, said)
    return found


class Conversation:
    """The spans of one session in one body; its log records are not known."""

    def __init__(self, context: Context) -> None:
        self._pseudonyms = context.pseudonyms
        self._pending: dict[str, tuple[int, wire.Event]] = {}
        """By trace: when the last failed request began, and its failure."""
        self._answered: dict[str, int] = {}
        """By trace: when the last answered request began."""

    def read(self, called: str, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        """See Conversation."""
        return (unrecognised(e, called, a),)

    def take(self, span: Span, e: Fields) -> Sequence[wire.Event]:
        """The events of a span, whose end is the envelope's time."""
        e["prompt_id"] = e["prompt_id"] or span.trace
        start = moment(span.start) or e["occurred_at"]
        operation = span.attributes.get(_OPERATION) or span.name.partition(" ")[0]
        found: list[wire.Event] = []
        if operation == "invoke_agent":
            found += self._invoked(span, e, start)
        elif operation == "chat":
            found += self._asked(span, e, start)
        elif operation == "execute_tool":
            found.append(self._called(span, e, start))
        for happening in span.happenings:
            if len(found) < _MOST_HAPPENINGS + 2:
                found += _happened(happening, e)
        for place, event in enumerate(found):
            event.index = e["index"] + place
            event.event_id = f"{e['run']}-{event.index}"
        return found

    def close(self, events: Sequence[wire.Event]) -> Sequence[wire.Event]:
        """The failures for good."""
        return [event for trace, (at, event) in self._pending.items() if self._answered.get(trace, -1) < at]

    def _invoked(self, span: Span, e: Fields, start: int) -> Iterator[wire.Event]:
        a = span.attributes
        agent = label(a.get("gen_ai.agent.name"))
        if span.parent and agent:
            duration = max(0, e["occurred_at"] - start)
            yield wire.SubagentCompleted(
                **e, agent_type=agent, model=_model(a), duration_ms=duration, agent_id=span.span
            )
            return
        yield wire.PromptSubmitted(**e | {"occurred_at": start})
        yield wire.TurnEnded(**e, failed=_failed(span), duration_ms=max(0, e["occurred_at"] - start))

    def _asked(self, span: Span, e: Fields, start: int) -> Iterator[wire.Event]:
        a, duration = span.attributes, max(0, e["occurred_at"] - start)
        source = name(a.get(f"{_VENDOR}initiator"))
        if _failed(span):
            status = number(a.get("http.response.status_code") or a.get("http.status_code"))
            failed = wire.ModelRequestFailed(
                **e,
                reason=reason(status, a.get("error.type")),
                model=_model(a),
                status_code=status,
                attempts=1,
                duration_ms=duration,
                query_source=source,
            )
            if start >= self._pending.get(span.trace, (0, failed))[0]:
                self._pending[span.trace] = start, failed
            return
        self._answered[span.trace] = max(start, self._answered.get(span.trace, 0))
        read = number(a.get("gen_ai.usage.cache_read.input_tokens"))
        written = number(a.get("gen_ai.usage.cache_creation.input_tokens"))
        reasoning = a.get("gen_ai.usage.reasoning.output_tokens", a.get("gen_ai.usage.reasoning_tokens"))
        yield wire.ModelResponded(
            **e,
            model=_model(a),
            request_id=name(a.get("gen_ai.response.id")),
            duration_ms=duration,
            ttft_ms=number(a.get("gen_ai.response.time_to_first_chunk"), 1_000),
            input_tokens=max(0, number(a.get("gen_ai.usage.input_tokens")) - read - written),
            output_tokens=number(a.get("gen_ai.usage.output_tokens")),
            cache_read_tokens=read,
            cache_creation_tokens=written,
            reasoning_tokens=number(reasoning),
            query_source=source,
            effort=name(a.get("gen_ai.request.reasoning.level")),
        )

    def _called(self, span: Span, e: Fields, start: int) -> wire.Event:
        a = span.attributes
        code = number(a.get("process.exit.code"))
        shown = {
            "command": a.get(f"{_VENDOR}tool.parameters.command"),
            "file_path": a.get(f"{_VENDOR}tool.parameters.file_path"),
        }
        what = about(self._pseudonyms, a.get("gen_ai.tool.call.arguments"), shown)
        return wire.ToolFinished(
            **e,
            tool_name=name(a.get("gen_ai.tool.name")),
            tool_use_id=name(a.get("gen_ai.tool.call.id")),
            success=not _failed(span) and code == 0,
            duration_ms=max(0, e["occurred_at"] - start),
            error_type=name(a.get("error.type")) or (f"exit_{code}" if code else ""),
            mcp_server=label(a.get(f"{_VENDOR}tool.parameters.mcp_server_name")),
            mcp_tool=label(a.get(f"{_VENDOR}tool.parameters.mcp_tool_name")),
            target=what.target,
            command_kind=what.command_kind,
        )


def _model(a: Attributes) -> str:
    return name(a.get("gen_ai.response.model")) or name(a.get("gen_ai.request.model"))


def _failed(span: Span) -> bool:
    return span.failed or bool(span.attributes.get("error.type"))


def _happened(happening: Happening, e: Fields) -> Iterator[wire.Event]:
    a = {key.removeprefix(_VENDOR): value for key, value in happening.attributes.items()}
    e = e | {"occurred_at": moment(happening.time) or e["occurred_at"]}
    called = happening.name.removeprefix(_VENDOR)
    if called == "session.abort":
        yield wire.TurnInterrupted(**e)
    elif called == "session.compaction_complete":
        yield wire.ContextCompacted(
            **e,
            success=boolean(a.get("success"), default=True),
            pre_tokens=number(a.get("pre_tokens")),
            post_tokens=number(a.get("post_tokens")),
        )
    elif called == "session.shutdown":
        added, removed = number(a.get("lines_added")), number(a.get("lines_removed"))
        if added or removed:
            yield wire.LinesChanged(**e, added=added, removed=removed)
        yield wire.SessionEnded(**e, reason=name(a.get("shutdown_type")))
