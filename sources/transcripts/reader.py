"""One transcript, line by line, as canonical events. Rule: a line's events keep their ids however far the file grows.

What must be remembered between lines is one small State, so that reading can stop anywhere and go on elsewhere.
"""

from hashlib import blake2b
from typing import Any

from msgspec import Struct, field

from schemas import wire
from schemas.people import Pseudonyms
from sources.otlp.attributes import name, number
from sources.otlp.failures import reason
from sources.transcripts.prompts import Said, read_attachment, read_user
from sources.transcripts.records import Block, Record, Result, Usage, moment, read_record, read_text
from sources.transcripts.seen import Seen
from sources.transcripts.tools import (
    USER_REJECT,
    Call,
    changed_lines,
    is_subagent,
    read_call,
    read_outcome,
    result_of,
)

STRIDE = 64
"""Places for the events of one line; what a line would tell beyond is left out."""
MOST_LINES = (1 << 31) // STRIDE
MOST_OPEN_CALLS = 1_024

SIDECHAIN = "sidechain"
"""Names a subagent that the record does not name."""

SYNTHETIC = "<synthetic>"
"""The model of what the client itself wrote."""

Fields = dict[str, Any]


MOST_WAITING = 256


class Pending(Struct, array_like=True, gc=False):
    """An answer whose records may not all have come, for the last one tells its tokens; and what waits behind it.

    Results of an answer's first calls come between its records.
    """

    message_id: str
    response: wire.ModelResponded
    waiting: list[wire.Event]


class State(Struct, array_like=True, gc=False):
    """What is remembered between the lines of a file."""

    line: int = 0
    """Lines read."""
    latest: int = 0
    """Time of the latest record, epoch ms."""
    prompt_id: str = ""
    version: str = ""
    entrypoint: str = ""
    was_refused: bool = False
    """A call of this prompt was refused; the marker of an interruption that follows is the same deed."""
    has_copies: bool = False
    calls: dict[str, Call] = field(default_factory=dict)
    pending: Pending | None = None


class Transcript:
    """Reads one file. `name`: the file's, which with a record's session identifies it, whatever folder it lies in."""

    def __init__(
        self,
        name: str,
        pseudonyms: Pseudonyms,
        seen: Seen,
        *,
        user_id: str = "",
        user_id_kind: str = "",
        state: State | None = None,
        generation: int = 0,
    ) -> None:
        """`generation`: how often the file was begun anew under its name; each time its events are others."""
        self._name = name.removesuffix(".gz") + (f"\n{generation}" if generation else "")
        self._pseudonyms = pseudonyms
        self._seen = seen
        self._user_id, self._user_id_kind = user_id, user_id_kind
        self._runs: dict[str, str] = {}
        self.state = state or State()

    def read(self, line: bytes) -> list[wire.Event]:
        """The events of the next line, perhaps after those of an answer before it. Raises Malformed."""
        state = self.state
        state.line += 1
        record = read_record(line) if state.line < MOST_LINES else None
        if record is None or not record.session_id:
            return []
        state.latest = max(state.latest, moment(record.timestamp))
        state.version = (record.version or state.version)[:200]
        state.entrypoint = (record.entrypoint or state.entrypoint)[:200]
        if record.is_copy:
            state.has_copies = True
            waited = self.end()
            self._events(record)
            state.pending = None
            return waited
        waited = self.end() if self._closes(record) else []
        found = self._events(record)[: STRIDE - 1]
        for place, event in enumerate(found, 1):
            self._place(event, place)
        if state.pending is None:
            return [*waited, *found]
        state.pending.waiting += found
        return waited

    def end(self) -> list[wire.Event]:
        """The answer that waited for further records; for when the file does not grow for now, too."""
        pending, self.state.pending = self.state.pending, None
        return [pending.response, *pending.waiting] if pending else []

    def _closes(self, record: Record) -> bool:
        """Whether no more of the answer that waits is to come: another began, or something but results of its calls."""
        pending = self.state.pending
        if pending is None:
            return False
        if record.type == "user":
            return record.message is None or not isinstance(record.message.content, list)
        is_same = record.message is not None and record.message.id == pending.message_id
        return not is_same or len(pending.waiting) > MOST_WAITING

    def _events(self, record: Record) -> list[wire.Event]:
        """What a record says; what an answer took waits in the state."""
        match record.type:
            case "assistant":
                return self._assistant(record)
            case "user":
                return self._user(record)
            case "system":
                return self._system(record)
            case "attachment" if record.attachment is not None:
                return self._said(record, read_attachment(record.attachment), record.attachment.source_uuid)
            case "pr-link" if record.pr_url and self._claim(record, "pull request", record.pr_url):
                return [wire.PullRequestOpened(**self._envelope(record))]
        return []

    def _assistant(self, record: Record) -> list[wire.Event]:
        message = record.message
        if message is None:
            return []
        if record.is_api_error_message:
            return self._failure(record)
        agent_id, message_id = _agent(record), message.id or record.request_id
        blocks = message.content if isinstance(message.content, list) else []
        self._open_calls(record, blocks, agent_id)
        if message.model == SYNTHETIC or not message_id:
            return []
        if self.state.pending is None and self._claim(record, "answer", message_id):
            response = wire.ModelResponded(
                **self._envelope(record),
                model=name(message.model),
                request_id=name(record.request_id),
                agent_id=agent_id,
                effort=name(record.effort),
            )
            self._place(response, 0)
            self.state.pending = Pending(message_id, response, [])
        if self.state.pending is not None and message.usage is not None:
            _set_usage(self.state.pending.response, message.usage)
        return self._answers(record, blocks, agent_id)

    def _open_calls(self, record: Record, blocks: list[Block], agent_id: str) -> None:
        calls = self.state.calls
        for block in blocks:
            if block.type == "tool_use" and block.id:
                at = self._moment(record)
                calls[block.id] = read_call(block, at, name(record.request_id), agent_id, self._pseudonyms)
        while len(calls) > MOST_OPEN_CALLS:
            del calls[next(iter(calls))]

    def _answers(self, record: Record, blocks: list[Block], agent_id: str) -> list[wire.Event]:
        assert record.message is not None
        length = sum(len(block.text) for block in blocks if block.type == "text" and block.text)
        if not length or not self._claim(record, "text", record.uuid or ""):
            return []
        return [
            wire.AnswerGiven(
                **self._envelope(record),
                model=name(record.message.model),
                request_id=name(record.request_id),
                response_length=length,
                agent_id=agent_id,
            )
        ]

    def _failure(self, record: Record) -> list[wire.Event]:
        if not self._claim(record, "failure", record.uuid or ""):
            return []
        status = number(record.api_error_status)
        why = reason(status, record.api_error_type or read_text(record.error) or _first_text(record))
        return [
            wire.ModelRequestFailed(
                **self._envelope(record),
                reason=why,
                request_id=name(record.request_id),
                status_code=status,
                agent_id=_agent(record),
            )
        ]

    def _user(self, record: Record) -> list[wire.Event]:
        content = record.message.content if record.message else None
        found: list[wire.Event] = []
        for block in content if isinstance(content, list) else ():
            if block.type == "tool_result" and block.tool_use_id:
                found += self._result(record, block, block.tool_use_id)
        if record.is_sidechain:
            return found  # what a subagent is told, nobody typed
        return found + self._said(record, read_user(record), record.prompt_id or record.uuid)

    def _said(self, record: Record, said: Said, prompt_id: str | None) -> list[wire.Event]:
        state, prompt_id = self.state, (prompt_id or "")[:200]
        match said.kind:
            case "prompt":
                # A prompt beside results is one that waited; it belongs to the turn that takes it up.
                if not self._claim(record, "prompt", record.uuid or prompt_id):
                    return []
                if said.command_source != "builtin":
                    state.prompt_id, state.was_refused = prompt_id, False
                return [
                    wire.PromptSubmitted(
                        **self._envelope(record, prompt_id),
                        prompt_length=said.length,
                        command_name=said.command_name,
                        command_source=said.command_source,
                        injected=said.injected,
                    )
                ]
            case "interruption" | "interruption_during_tool":
                was_refused, state.was_refused = state.was_refused, False
                if was_refused or not self._claim(record, "interruption", record.uuid or ""):
                    return []
                during_tool = said.kind == "interruption_during_tool"
                return [wire.TurnInterrupted(**self._envelope(record), during_tool=during_tool)]
        return []

    def _result(self, record: Record, block: Block, tool_use_id: str) -> list[wire.Event]:
        call = self.state.calls.pop(tool_use_id, None)
        if not self._claim(record, "call", tool_use_id):
            return []
        if call is None:
            call = Call("", 0, "", "", 0, "", _agent(record))
        result = result_of(call.name, record)
        outcome = read_outcome(block, record, result)
        envelope = self._envelope(record)
        about: Fields = {
            "tool_name": call.name,
            "tool_use_id": name(tool_use_id),
            "request_id": call.request_id,
            "agent_id": call.agent_id,
        }
        parts = call.name.split("__", 2) if call.name.startswith("mcp__") else []
        server: Fields = {"mcp_server": parts[1], "mcp_tool": parts[2]} if len(parts) == 3 else {}
        if outcome.refused_by:
            self.state.was_refused = outcome.refused_by == USER_REJECT
            return [wire.ToolDecided(**envelope, **about, decision="reject", decision_source=outcome.refused_by)]
        found: list[wire.Event] = []
        allowed = record.permission_decision
        source = name(allowed.source) if allowed and allowed.decision == "accept" else ""
        if source:
            found.append(wire.ToolDecided(**envelope, **about, decision_source=source))
        found.append(
            wire.ToolFinished(
                **envelope,
                **about,
                **server,
                success=outcome.success,
                duration_ms=max(0, envelope["occurred_at"] - call.at) if call.at else 0,
                error_type=outcome.error_type,
                input_bytes=call.input_bytes,
                result_bytes=outcome.result_bytes,
                decision_source=source,
                decision_type="accept" if source else "",
                target=call.target,
                command_kind=call.command_kind,  # type: ignore[arg-type]  # as it was read
                interrupted=outcome.interrupted,
            )
        )
        if outcome.success:
            found += self._effects(call, result, envelope)
        return found

    def _effects(self, call: Call, result: Result, envelope: Fields) -> list[wire.Event]:
        """What a call that went well did besides."""
        found: list[wire.Event] = []
        lines = changed_lines(call.name, result)
        if lines.added or lines.removed:
            found.append(wire.LinesChanged(**envelope, added=lines.added, removed=lines.removed))
        if call.command_kind == "commit":
            found.append(wire.CommitMade(**envelope))
        if is_subagent(call.name, result):
            found.append(
                wire.SubagentCompleted(
                    **envelope,
                    agent_type=name(result.agent_type),
                    agent_id=name(result.agent_id),
                    total_tokens=number(result.total_tokens),
                    tool_uses=number(result.total_tool_use_count),
                    duration_ms=number(result.total_duration_ms),
                )
            )
        return found

    def _system(self, record: Record) -> list[wire.Event]:
        if record.subtype == "turn_duration" and self._claim(record, "turn", record.uuid or ""):
            return [wire.TurnEnded(**self._envelope(record), duration_ms=number(record.duration_ms))]
        if record.subtype == "compact_boundary" and self._claim(record, "compaction", record.uuid or ""):
            said = record.compact_metadata
            return [
                wire.ContextCompacted(
                    **self._envelope(record),
                    trigger=name(said.trigger) if said else "",
                    duration_ms=number(said.duration_ms) if said else 0,
                    pre_tokens=number(said.pre_tokens) if said else 0,
                    post_tokens=number(said.post_tokens) if said else 0,
                )
            ]
        return []

    def _claim(self, record: Record, what: str, which: str) -> bool:
        """Whether this is told for the first time, and here. What a branch copied is its parent's to tell."""
        if record.is_copy:
            self._seen.claim(f"{record.session_id}'s copy of {what}", which)
            return False
        if self.state.has_copies and self._seen.holds(f"{record.session_id}'s copy of {what}", which):
            return False
        return self._seen.claim(what, which)

    def _moment(self, record: Record) -> int:
        return moment(record.timestamp) or self.state.latest

    def _envelope(self, record: Record, prompt_id: str = "") -> Fields:
        session_id = (record.session_id or "")[:200]
        run = self._runs.get(session_id)
        if run is None:
            run = blake2b(f"{session_id}\n{self._name}".encode(), digest_size=8).hexdigest()
            self._runs = {session_id: run}  # a file speaks of one session, of an older one at its beginning
        return {
            "event_id": run,
            "source": "transcript",
            "session_id": session_id,
            "run": run,
            "index": 0,
            "occurred_at": self._moment(record),
            "received_at": self.state.latest,
            "user_id": self._user_id,
            "user_id_kind": self._user_id_kind,
            "client_version": self.state.version,
            "entrypoint": self.state.entrypoint,
            "prompt_id": (prompt_id or record.prompt_id or self.state.prompt_id)[:200],
        }

    def _place(self, event: wire.Event, place: int) -> None:
        event.index = self.state.line * STRIDE + place
        event.event_id = f"{event.run}-{event.index}"


def _agent(record: Record) -> str:
    return name(record.agent_id) or (SIDECHAIN if record.is_sidechain else "")


def _first_text(record: Record) -> str:
    content = record.message.content if record.message else None
    if isinstance(content, list):
        return next((block.text for block in content if block.text), "")
    return content or ""


def _set_usage(response: wire.ModelResponded, usage: Usage) -> None:
    response.input_tokens = number(usage.input_tokens)
    response.output_tokens = number(usage.output_tokens)
    response.cache_read_tokens = number(usage.cache_read_input_tokens)
    response.cache_creation_tokens = number(usage.cache_creation_input_tokens)
    response.speed = name(usage.speed)
