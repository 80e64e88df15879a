"""Canonical events over HTTP, a JSON line each. Rule: what others wrote is validated; a bad line costs only itself.

The receiver stamps the time of receipt, makes identities pseudonyms and targets keyed hashes; what is one stays.
"""

import re

import msgspec

from schemas import wire
from schemas.codec import InvalidEvent, check_event, read_events
from schemas.people import UNKNOWN, Pseudonyms
from sources.commands import target
from sources.otlp.limits import Limits
from sources.otlp.reader import Reading
from sources.otlp.refused import Refused

PATH = "/v1/events"
TYPES = ("application/x-ndjson", "application/jsonl", "application/json-lines", "application/json")

INVALID = "invalid_event"

_TARGET = re.compile(r"[0-9a-f]{8}")
_PSEUDONYM = re.compile(r"u_[0-9a-f]{16}")


def read_lines(body: bytes, pseudonyms: Pseudonyms, received_at: int, limits: Limits) -> Reading:
    """The events of an unpacked body, by session. Raises Refused for too many lines, and where no line is an event."""
    reading = Reading()
    first = ""
    for line in body.split(b"\n"):
        line = line.strip()
        if not line:
            continue
        reading.records += 1
        if reading.records > limits.records:
            raise Refused(413, f"The body holds more than {limits.records} events: send fewer at once.")
        try:
            check_event(line)
            event = read_events(line)[0]
        except InvalidEvent as exc:
            reading.rejected[INVALID] += 1
            # Of the reason only the field: what stands there may be content.
            first = first or f"line {reading.records}, field {exc.field or 'type'}"
            continue
        if isinstance(event, wire.ToolFinished) and event.target and not _TARGET.fullmatch(event.target):
            event.target = target(pseudonyms, event.target)
        changed = msgspec.structs.replace(
            event,
            event_id=f"{event.run}-{event.index}",
            received_at=received_at,
            user_id=_pseudonym(event.user_id, pseudonyms),
            install_id=_pseudonym(event.install_id, pseudonyms),
        )
        reading.sessions.setdefault(event.session_id, []).append(changed)
    if reading.rejected and not reading.sessions:
        raise Refused(400, f"No line is a canonical event: see {first}, and the JSON Schema of events.")
    reading.first_fault = first
    return reading


def _pseudonym(identity: str, pseudonyms: Pseudonyms) -> str:
    return identity if identity == UNKNOWN or _PSEUDONYM.fullmatch(identity) else pseudonyms.of(identity)
