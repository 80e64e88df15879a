"""Bytes to events and back. Rule: what cannot be read is one error, `InvalidEvent`, that says which field and why."""

from collections.abc import Iterable

import msgspec
import pydantic

from schemas import events, wire

_decode_lines = msgspec.json.Decoder(wire.Event).decode_lines
_encode_event = msgspec.json.Encoder().encode


class InvalidEvent(ValueError):
    """A message or record that its contract refuses: which field, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}" if field else why)
        self.field, self.why = field, why


def read_events(message: bytes) -> list[wire.Event]:
    """The events of one message of `session-events`; at least one, all of one session, of one run after another.

    Raises InvalidEvent for the first thing wrong; a message is good as a whole or not at all.
    """
    try:
        found = _decode_lines(message)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise _from_msgspec(exc) from exc
    if not found:
        raise InvalidEvent("", "the message holds no event")
    session_id = found[0].session_id
    for event in found:
        if event.session_id != session_id:
            raise InvalidEvent("session_id", "events of more than one session in one message")
    return found


def write_events(found: Iterable[wire.Event]) -> bytes:
    """One message: a JSON line each, defaults left out."""
    return b"\n".join([_encode_event(event) for event in found])


def check_event(line: bytes) -> events.Event:
    """The model of one event that others wrote. Raises InvalidEvent."""
    try:
        return events.EVENT.validate_json(line)
    except pydantic.ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or ".".join(str(part) for part in first["loc"])
        raise InvalidEvent(field, first["msg"]) from exc


def _from_msgspec(exc: Exception) -> InvalidEvent:
    """msgspec says "... - at `$[0].index`"."""
    why, _, place = str(exc).partition(" - at `$")
    field = place.rstrip("`").partition("]")[2].lstrip(".") if place else ""
    return InvalidEvent(field, why)
