"""Messages of `session-events`: what one request said about one session. Rule: at most MESSAGE_BYTES, split above."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas import wire
from schemas.codec import write_events
from schemas.topics import MESSAGE_BYTES


class Message(NamedTuple):
    """A record to be written: `session_id` is its key, `received_at` (epoch ms) its timestamp."""

    session_id: str
    value: bytes
    received_at: int
    events: int


class Unavailable(Exception):
    """The log did not acknowledge in time; the same messages may be sent again, whatever became of these."""


class Log(Protocol):
    """Where messages go."""

    @property
    def ready(self) -> bool:
        """Whether it can take messages now."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns once all are acknowledged. Raises Unavailable."""


def pack(sessions: Mapping[str, Sequence[wire.Event]]) -> list[Message]:
    """The messages of one request, session by session, each session's events in their order."""
    return [message for events in sessions.values() if events for message in _split(events)]


def _split(events: Sequence[wire.Event]) -> Iterable[Message]:
    value = write_events(events)
    if len(value) <= MESSAGE_BYTES or len(events) == 1:
        first = events[0]
        return [Message(first.session_id, value, first.received_at, len(events))]
    half = len(events) // 2
    return [*_split(events[:half]), *_split(events[half:])]
