"""Deliveries as messages of canonical events, as a receiver would write them. Rule: pseudonyms only, as everywhere."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from schemas import wire
from schemas.codec import write_events
from schemas.people import Pseudonyms
from sources.commands import command_kind, target
from sources.simulator.batches import Delivery, Point
from sources.simulator.happenings import (
    Answer,
    ApiFailure,
    Compacted,
    Decision,
    Exhausted,
    Happening,
    ModeChange,
    Noise,
    ProcessEnded,
    Prompt,
    Result,
    Said,
    SubagentDone,
    Unknown,
)
from sources.simulator.organisation import Person
from sources.simulator.shape import by_metric
from sources.simulator.simulation import Sent, Simulation

_KINDS = ("type", "start_type", "decision")
_UNITS: dict[str, Literal["count", "micro_usd", "ms", "micro"]] = {"cost.usage": "micro_usd", "active_time.total": "ms"}

STRIDE = 8
"""Indexes that a record has room for, as in the receiver's own runs."""

Maker = Callable[..., wire.Event]


class Message(NamedTuple):
    """One record of `session-events`: when it is sent, its key, its bytes, how many events it holds, its run."""

    at_ms: int
    session_id: str
    events: bytes
    event_count: int
    run: str
    sent: Sent


def messages(simulation: Simulation, start_ms: int, end_ms: int, pseudonyms: Pseudonyms) -> Iterator[Message]:
    """All messages of [start_ms, end_ms) in order. A cut sending is the first half of a run, then comes all of it."""
    render = Renderer(pseudonyms)
    for at, sending, delivery in simulation.deliveries(start_ms, end_ms):
        if not delivery.lost:
            for session_id, events in render.events(delivery, at).items():
                told = events[: (len(events) + 1) // 2] if sending == "cut" else events
                yield Message(at, session_id, write_events(told), len(told), delivery.run, sending)


def quiet_sessions(delivery: Delivery) -> frozenset[str]:
    """The sessions of which it says things that are condensed into one event a session and body."""
    return frozenset(happening.session for _, happening in delivery.records if type(happening) is Noise)


def count_events(delivery: Delivery) -> int:
    """How many canonical events a delivery makes."""
    noise = quiet_sessions(delivery)
    loud = sum(type(happening) is not Noise for _, happening in delivery.records)
    return loud + len(noise) + len(delivery.points)


class Renderer:
    """Turns deliveries into events."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def events(self, delivery: Delivery, received_at: int) -> dict[str, list[wire.Event]]:
        """The events by session, each list in order of index."""
        found: dict[str, list[wire.Event]] = {}
        envelopes: dict[str, dict[str, Any]] = {}
        noise: dict[str, list[tuple[int, int, Noise]]] = {}
        for position, (sequence, happening) in enumerate(delivery.records):
            session = happening.session
            if session not in envelopes:
                envelopes[session] = self._envelope(delivery, session, received_at)
                found[session] = []
            if isinstance(happening, Noise):
                noise.setdefault(session, []).append((position, sequence, happening))
                continue
            index = position * STRIDE
            event = _MAKERS[type(happening)](
                happening,
                event_id=f"{delivery.run}-{index}",
                index=index,
                occurred_at=happening.at,
                prompt_id=happening.prompt,
                sequence=None if delivery.kind == "ended" else sequence,
                **envelopes[session],
            )
            if isinstance(happening, Result) and delivery.person.details:
                self._show(event, happening)
            found[session].append(_aged(event) if delivery.person.old else event)
        for session, seen in noise.items():
            found[session].append(_condensed(delivery, seen, envelopes[session]))
            found[session].sort(key=_index)
        points = (point for points in by_metric(delivery).values() for point in points)
        for position, point in enumerate(points):
            if point.session not in envelopes:
                envelopes[point.session] = self._envelope(delivery, point.session, received_at)
                found[point.session] = []
            found[point.session].append(_usage(delivery, point, position * STRIDE, envelopes[point.session]))
        return found

    def _show(self, event: wire.Event, it: Result) -> None:
        """What the receiver makes of a file or a command."""
        assert isinstance(event, wire.ToolFinished)
        event.target = target(self._pseudonyms, it.path or it.command)
        event.command_kind = command_kind(it.command)

    def _envelope(self, delivery: Delivery, session: str, received_at: int) -> dict[str, Any]:
        person = delivery.person
        if delivery.kind == "ended":  # a hook names nobody
            hook = {"source": "claude-code", "session_id": session, "run": delivery.run, "received_at": received_at}
            return {**hook, "via": "hook"}
        name = {"enduser": person.email, "email": person.email, "install": person.install}[person.named_by]
        return {
            "source": "claude-code",
            "session_id": session,
            "run": delivery.run,
            "received_at": received_at,
            "user_id": self._pseudonyms.of(name),
            "user_id_kind": person.named_by,
            "install_id": self._pseudonyms.of(person.install),
            "team_hint": person.team_hint,
            "client_version": person.version,
            "entrypoint": _entrypoint(delivery, person, session),
        }


def _entrypoint(delivery: Delivery, person: Person, session: str) -> str:
    """What the client says; else what its requests in this delivery give away."""
    if person.says_version:
        return "sdk-cli" if delivery.plan.printed else person.entrypoint
    asked = {
        happening.query_source
        for _, happening in delivery.records
        if isinstance(happening, Answer | Said | ApiFailure | Exhausted) and happening.session == session
    }
    return "sdk-cli" if "sdk" in asked else "cli" if "repl_main_thread" in asked else ""


def _condensed(delivery: Delivery, seen: list[tuple[int, int, Noise]], envelope: dict[str, Any]) -> wire.Event:
    """The events of a session that say nothing, as one in the place of the last."""
    position, last, it = seen[-1]
    index = position * STRIDE + STRIDE - 1
    return wire.SequenceSeen(
        event_id=f"{delivery.run}-{index}",
        index=index,
        occurred_at=it.at,
        prompt_id=it.prompt,
        first=seen[0][1],
        last=last,
        count=len(seen),
        **envelope,
    )


def _aged(event: wire.Event) -> wire.Event:
    """Without what the older client does not say."""
    if isinstance(event, wire.ModelResponded):
        event.ttft_ms = 0
    elif isinstance(event, wire.ToolDecided):
        event.tool_source = event.permission_mode = event.request_id = ""
    elif isinstance(event, wire.ToolFinished):
        event.request_id = ""
    return event


def _usage(delivery: Delivery, point: Point, index: int, envelope: dict[str, Any]) -> wire.Event:
    own = dict(point.attributes)
    return wire.UsageReported(
        event_id=f"{delivery.run}-{index}",
        index=index,
        occurred_at=delivery.at,
        name=f"claude_code.{point.metric}",
        kind=next((own[key] for key in _KINDS if key in own), ""),
        unit=_UNITS.get(point.metric, "count"),
        value=point.value,
        temporality="cumulative" if delivery.person.cumulative else "delta",
        started_at=point.since,
        series=_series(point) if delivery.person.cumulative else "",
        model=own.get("model", ""),
        query_source=own.get("query_source", ""),
        tool_name=own.get("tool_name", ""),
        decision_source=own.get("source", ""),
        language=own.get("language", ""),
        agent_name=own.get("agent.name", ""),
        effort=own.get("effort", ""),
        **envelope,
    )


def _series(point: Point) -> str:
    return "|".join((point.metric, *(value for _, value in point.attributes)))


def _index(event: wire.Event) -> int:
    return event.index


def _prompt(it: Prompt, **envelope: Any) -> wire.Event:
    source = "builtin" if it.command else ""
    return wire.PromptSubmitted(
        prompt_length=it.length, command_name=it.command, command_source=source, injected=it.injected, **envelope
    )


def _answer(it: Answer, **envelope: Any) -> wire.Event:
    return wire.ModelResponded(
        model=it.model,
        request_id=it.request,
        duration_ms=it.duration_ms,
        ttft_ms=it.ttft_ms,
        input_tokens=it.tokens_in,
        output_tokens=it.tokens_out,
        cache_read_tokens=it.cache_read,
        cache_creation_tokens=it.cache_written,
        cost_micros=it.cost_micros,
        query_source=it.query_source,
        agent_id=it.agent,
        agent_name="Explore" if it.agent else "",
        speed="normal",
        effort="medium",
        **envelope,
    )


def _said(it: Said, **envelope: Any) -> wire.Event:
    return wire.AnswerGiven(
        model=it.model,
        request_id=it.request,
        response_length=it.length,
        query_source=it.query_source,
        agent_id=it.agent,
        **envelope,
    )


def _failure(it: ApiFailure, **envelope: Any) -> wire.Event:
    return wire.ModelRequestFailed(
        kind="error",
        reason="invalid_request" if it.status else "overloaded",
        model=it.model,
        request_id=it.request,
        status_code=it.status,
        attempts=it.attempts,
        duration_ms=it.duration_ms,
        query_source=it.query_source,
        **envelope,
    )


def _exhausted(it: Exhausted, **envelope: Any) -> wire.Event:
    return wire.ModelRequestFailed(
        kind="retries_exhausted",
        reason="overloaded",
        model=it.model,
        attempts=it.attempts,
        duration_ms=it.duration_ms,
        query_source=it.query_source,
        **envelope,
    )


def _decision(it: Decision, **envelope: Any) -> wire.Event:
    return wire.ToolDecided(
        tool_name=it.tool,
        tool_use_id=it.use,
        decision="accept" if it.accepted else "reject",
        decision_source=it.source,
        tool_source="mcp" if it.tool == "mcp_tool" else "builtin",
        permission_mode=it.mode,
        request_id=it.request,
        agent_id=it.agent,
        **envelope,
    )


def _result(it: Result, **envelope: Any) -> wire.Event:
    return wire.ToolFinished(
        tool_name=it.tool,
        tool_use_id=it.use,
        success=it.success,
        duration_ms=it.duration_ms,
        error_type=it.error_type,
        input_bytes=it.bytes_in,
        result_bytes=it.bytes_out,
        decision_source=it.source,
        decision_type="accept" if it.source else "",
        request_id=it.request,
        agent_id=it.agent,
        **envelope,
    )


def _mode(it: ModeChange, **envelope: Any) -> wire.Event:
    return wire.PermissionModeChanged(from_mode=it.before, to_mode=it.after, trigger="shift_tab", **envelope)


def _compacted(it: Compacted, **envelope: Any) -> wire.Event:
    return wire.ContextCompacted(
        trigger="auto", duration_ms=it.duration_ms, pre_tokens=it.before, post_tokens=it.after, **envelope
    )


def _subagent(it: SubagentDone, **envelope: Any) -> wire.Event:
    return wire.SubagentCompleted(
        agent_type="Explore",
        agent_id=it.agent,
        is_async=it.is_async,
        total_tokens=it.tokens,
        tool_uses=it.tools,
        duration_ms=it.duration_ms,
        model=it.model,
        **envelope,
    )


def _unknown(it: Unknown, **envelope: Any) -> wire.Event:
    return wire.Unrecognised(name=it.name, numbers={"entries": float(it.number)}, **envelope)


def _ended(it: ProcessEnded, **envelope: Any) -> wire.Event:
    return wire.SessionEnded(reason=it.reason, **envelope)


_MAKERS: dict[type[Happening], Maker] = {
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
    Unknown: _unknown,
    ProcessEnded: _ended,
}
