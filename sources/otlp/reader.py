"""Reads one OTLP request. Rule: the same body gives the same events, whenever and however often it comes."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from schemas import wire
from schemas.people import Pseudonyms
from sources.otlp import copilot, json_bodies, metrics, protobuf_bodies
from sources.otlp.clients import CLIENTS, name_of, source_of
from sources.otlp.conversation import Context, Conversation, Fields, Memory
from sources.otlp.envelope import DEFAULT_TEAM_KEYS, Envelopes, Request, happened_at, session_of
from sources.otlp.limits import Limits
from sources.otlp.records import Entries, Entry, Point, Span
from sources.otlp.unknown import unrecognised

Signal = Literal["logs", "metrics", "traces"]
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
    ("traces", "json"): json_bodies.traces,
    ("traces", "protobuf"): protobuf_bodies.traces,
}

_TRACED = b"copilot"
"""The one client whose spans are read names itself in them; a body of traces without that is not opened."""


@dataclass
class Reading:
    """What a request held."""

    sessions: dict[str, list[wire.Event]] = field(default_factory=dict)
    """By session, in the order of the body."""
    records: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """How many records were not taken, by reason."""
    unattributed: Counter[str] = field(default_factory=Counter)
    """How many records named no session, by client, where the client could not have named one: nobody's fault."""
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
        self._context = Context(pseudonyms, Memory())

    def read(self, signal: Signal, encoding: Encoding, body: bytes, received_at: int, enduser: str = "") -> Reading:
        """The events of an unpacked body; `enduser` is whom the request's header names. Raises Refused.

        The run is the hash of the unpacked body, so a resend has the same run, packed or not.
        """
        reading = Reading()
        if signal == "traces" and _TRACED not in body:
            return reading
        digest = hashlib.sha256(signal.encode() + b"\n" + body)
        request = Request(digest.hexdigest()[:16], received_at, enduser.strip())
        sessions: dict[str, _Session] = {}
        entries = _DECODERS[signal, encoding](body, self.limits)
        if signal == "traces":
            self._take_spans(request, list(entries), sessions, reading)
        else:
            for entry in entries:
                self._take(request, entry, sessions, reading)
        for session_id, session in sessions.items():
            reading.sessions[session_id] = session.close()
        return reading

    def _take(self, request: Request, entry: Entry, sessions: "dict[str, _Session]", reading: Reading) -> None:
        record, origin = entry.record, entry.origin
        reading.records += 1
        if record is None or isinstance(record, Span):
            reading.rejected[UNREADABLE] += 1
            return
        a = record.attributes
        source = source_of(record, origin)
        client = CLIENTS.get(source)
        session_id = session_of(a, origin)
        if not session_id:
            if client is None or client.names_sessions:
                reading.rejected[NO_SESSION] += 1
            else:
                reading.unattributed[source] += 1
            return
        if isinstance(record, Point) and client is not None and client.is_quiet(record.metric):
            return
        envelope = self._envelopes.of(request, entry.position * STRIDE, source, session_id, a, origin)
        if client is not None:
            client.stamp(a, origin.resource, envelope)
        session = self._session(sessions, session_id)
        if isinstance(record, Point):
            session.add((metrics.read(self._envelopes, request, envelope, record),), reading)
            return
        envelope["occurred_at"] = happened_at(request, record.time, record.observed, a.get("event.timestamp"))
        called = name_of(record)
        if client is None:
            session.add((unrecognised(envelope, called, a),), reading)
            return
        found = session.conversation(source, self._context).read(called, a, envelope)
        if found is not None:
            session.add(found, reading)
        elif client.numbers_records:
            session.skip(envelope)

    def _take_spans(
        self, request: Request, entries: list[Entry], sessions: "dict[str, _Session]", reading: Reading
    ) -> None:
        """The spans of Copilot; those of others are left, and what cannot be read or joined is no advice to anybody."""
        known = [
            (entry, entry.record)
            for entry in entries
            if isinstance(entry.record, Span) and source_of(entry.record, entry.origin) == "copilot"
        ]
        reading.records += len(known)
        by_trace = copilot.trace_sessions([span for _, span in known])
        for entry, span in known:
            session_id = session_of(span.attributes, entry.origin) or by_trace.get(span.trace, "")[:200]
            if not session_id:
                reading.unattributed["copilot"] += 1
                continue
            place = entry.position * STRIDE
            envelope = self._envelopes.of(request, place, "copilot", session_id, span.attributes, entry.origin)
            copilot.stamp(span.attributes, entry.origin.resource, envelope)
            envelope["occurred_at"] = happened_at(request, span.end, span.start)
            session = self._session(sessions, session_id)
            conversation = session.conversation("copilot", self._context)
            assert isinstance(conversation, copilot.Conversation)
            session.add(conversation.take(span, envelope), reading)

    @staticmethod
    def _session(sessions: "dict[str, _Session]", session_id: str) -> "_Session":
        found = sessions.get(session_id)
        if found is None:
            found = sessions[session_id] = _Session()
        return found


class _Session:
    """One session's part of a body."""

    def __init__(self) -> None:
        self._events: list[wire.Event] = []
        self._conversations: dict[str, Conversation] = {}
        self._skipped: Fields | None = None
        self._sequences: list[int] = []
        self._count = 0

    def conversation(self, source: str, context: Context) -> Conversation:
        """What reads the records of one client."""
        found = self._conversations.get(source)
        if found is None:
            found = self._conversations[source] = CLIENTS[source].open(context)
        return found

    def add(self, found: Sequence[wire.Event], reading: Reading) -> None:
        """The events of one record."""
        for event in found:
            if isinstance(event, wire.Unrecognised):
                reading.unknown[event.name] += 1
            self._events.append(event)

    def skip(self, envelope: Fields) -> None:
        """A record that says nothing that is counted: it is kept for its place in the client's own count."""
        self._count += 1
        self._skipped = envelope
        if envelope["sequence"] is not None:
            self._sequences.append(envelope["sequence"])

    def close(self) -> list[wire.Event]:
        """The events in order, with what was skipped condensed into one that stands where the last of it stood."""
        events = self._events
        if self._skipped is not None:
            envelope = dict(self._skipped)
            envelope["index"] += STRIDE - 1
            envelope["event_id"] = f"{envelope['run']}-{envelope['index']}"
            envelope["sequence"] = None
            first, last = (min(self._sequences), max(self._sequences)) if self._sequences else (0, 0)
            events.append(wire.SequenceSeen(**envelope, first=first, last=last, count=self._count))
        events.sort(key=lambda event: event.index)
        for conversation in self._conversations.values():
            further = conversation.close(events)
            if further:
                events += further
                events.sort(key=lambda event: event.index)
        return events
