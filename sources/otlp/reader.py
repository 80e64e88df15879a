"""Reads one OTLP request. Rule: pure; the same body gives the same events, whenever and however often it comes."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from schemas import wire
from schemas.people import Pseudonyms
from sources.otlp import claude_code, json_bodies, metrics, protobuf_bodies
from sources.otlp.claude_code import Fields
from sources.otlp.envelope import DEFAULT_TEAM_KEYS, Envelopes, Request, happened_at, session_of
from sources.otlp.limits import Limits
from sources.otlp.records import Entries, Entry, LogRecord, Origin, Point
from sources.otlp.unknown import unrecognised

Signal = Literal["logs", "metrics"]
Encoding = Literal["json", "protobuf"]

STRIDE = 8
"""Indexes a record has room for: a record's first index is its place in the body times this."""

UNREADABLE, NO_SESSION = "unreadable", "no_session"

_ADVICE = {
    UNREADABLE: "are not as OTLP describes a record",
    NO_SESSION: "have no session.id (set OTEL_METRICS_INCLUDE_SESSION_ID=true, and do not drop it on the way)",
}

_DECODERS: dict[tuple[Signal, Encoding], Callable[[bytes, Limits], Entries]] = {
    ("logs", "json"): json_bodies.logs,
    ("logs", "protobuf"): protobuf_bodies.logs,
    ("metrics", "json"): json_bodies.metrics,
    ("metrics", "protobuf"): protobuf_bodies.metrics,
}


@dataclass
class Reading:
    """What a request held."""

    sessions: dict[str, list[wire.Event]] = field(default_factory=dict)
    """By session, in the order of the body."""
    records: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """How many records were not taken, by reason."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Names of events that this version does not know, and how often."""
    first_fault: str = ""
    """Where the first canonical event stands that is none: line and field."""

    @property
    def advice(self) -> str:
        """One sentence about the records that were not taken; empty if all were."""
        if not self.rejected:
            return ""
        parts = [f"{count} {_ADVICE[reason]}" for reason, count in sorted(self.rejected.items())]
        return f"Of {self.records} records, " + "; ".join(parts) + "."


class Reader:
    """Reads requests of any client."""

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        team_keys: tuple[str, ...] = DEFAULT_TEAM_KEYS,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._envelopes = Envelopes(pseudonyms, team_keys)

    def read(self, signal: Signal, encoding: Encoding, body: bytes, received_at: int, enduser: str = "") -> Reading:
        """The events of an unpacked body; `enduser` is whom the request's header names. Raises Refused.

        The run is the hash of the unpacked body, so a resend has the same run, packed or not.
        """
        digest = hashlib.sha256(signal.encode() + b"\n" + body)
        request = Request(digest.hexdigest()[:16], received_at, enduser.strip())
        reading = Reading()
        sessions: dict[str, _Session] = {}
        for entry in _DECODERS[signal, encoding](body, self.limits):
            reading.records += 1
            if entry.record is None:
                reading.rejected[UNREADABLE] += 1
                continue
            session_id = session_of(entry.record.attributes, entry.origin)
            if not session_id:
                reading.rejected[NO_SESSION] += 1
                continue
            session = sessions.get(session_id)
            if session is None:
                session = sessions[session_id] = _Session()
            self._take(request, session_id, session, entry, reading)
        for session_id, session in sessions.items():
            reading.sessions[session_id] = session.close()
        return reading

    def _take(self, request: Request, session_id: str, session: "_Session", entry: Entry, reading: Reading) -> None:
        record, origin, index = entry.record, entry.origin, entry.position * STRIDE
        assert record is not None
        source = source_of(record, origin)
        envelope = self._envelopes.of(request, index, source, session_id, record.attributes, origin)
        if isinstance(record, Point):
            event = metrics.read(self._envelopes, request, envelope, record)
        else:
            a = record.attributes
            envelope["occurred_at"] = happened_at(request, record.time, record.observed, a.get("event.timestamp"))
            called = _name_of(record)
            if source == "claude-code":
                if called in claude_code.UNINTERESTING:
                    session.skip(envelope)
                    return
                read = claude_code.EVENTS.get(called)
                event = read(a, envelope) if read is not None else unrecognised(envelope, called, a)
                if isinstance(event, wire.PromptSubmitted) and claude_code.is_redacted(a):
                    session.redacted.add(event.event_id)
            else:
                event = unrecognised(envelope, called, a)
        if isinstance(event, wire.Unrecognised):
            reading.unknown[event.name] += 1
        session.events.append(event)


class _Session:
    """One session's part of a body."""

    def __init__(self) -> None:
        self.events: list[wire.Event] = []
        self.redacted: set[str] = set()
        self._skipped: Fields | None = None
        self._sequences: list[int] = []
        self._count = 0

    def skip(self, envelope: Fields) -> None:
        self._count += 1
        self._skipped = envelope
        if envelope["sequence"] is not None:
            self._sequences.append(envelope["sequence"])

    def close(self) -> list[wire.Event]:
        """The events in order, with what was skipped condensed into one that stands where the last of it stood."""
        if self._skipped is not None:
            envelope = dict(self._skipped)
            envelope["index"] += STRIDE - 1
            envelope["event_id"] = f"{envelope['run']}-{envelope['index']}"
            envelope["sequence"] = None
            first, last = (min(self._sequences), max(self._sequences)) if self._sequences else (0, 0)
            self.events.append(wire.SequenceSeen(**envelope, first=first, last=last, count=self._count))
            self.events.sort(key=lambda event: event.index)
        claude_code.settle(self.events, frozenset(self.redacted))
        return self.events


def source_of(record: LogRecord | Point, origin: Origin) -> str:
    """Which client sent a record: by its scope, service or names. One that nobody knows is `native`."""
    service = origin.resource.get("service.name")
    said = record.metric if isinstance(record, Point) else (_event_name(record) or record.body)
    for text in (origin.scope, service if isinstance(service, str) else "", said):
        for start, source in _SOURCES:
            if text.startswith(start):
                return source
    return "native"


_SOURCES = (
    ("com.anthropic.claude_code", "claude-code"),
    ("claude-code", "claude-code"),
    ("claude_code.", "claude-code"),
    ("codex", "codex"),
    ("gemini-cli", "gemini-cli"),
    ("gemini_cli.", "gemini-cli"),
    ("copilot", "copilot"),
    ("github-copilot", "copilot"),
    ("github.copilot", "copilot"),
)


def _event_name(record: LogRecord) -> str:
    said = record.attributes.get("event.name")
    return said if isinstance(said, str) and said else record.event_name


def _name_of(record: LogRecord) -> str:
    """The event's name: its attribute, else its field, else a body that looks like one; without the client's prefix."""
    said = _event_name(record)
    if not said and record.body.startswith(claude_code.PREFIX):
        said = record.body
    return said.removeprefix(claude_code.PREFIX)
