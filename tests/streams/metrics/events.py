"""Short ways to write events and messages in tests."""

from typing import Any

from schemas import wire
from schemas.codec import write_events

T = 1_795_000_000_000 // 86_400_000 * 86_400_000 + 10 * 3_600_000
"""Ten o'clock of some day; a whole minute."""
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
DAY = 24 * HOUR


def event(of: type[wire.Envelope], at: int = T, /, **fields: Any) -> Any:
    """One event that occurred, and was received, at `at`."""
    run, index = f"{fields.pop('run', 1):016x}", fields.pop("index", 0)
    given: dict[str, Any] = {"session_id": "s", "source": "claude-code", "received_at": at} | fields
    return of(event_id=f"{run}-{index}", run=run, index=index, occurred_at=at, **given)


def prompt(at: int = T, **fields: Any) -> Any:
    """A person typed a prompt."""
    return event(wire.PromptSubmitted, at, **fields)


def by(user_id: str, team: str = "red") -> dict[str, str]:
    """The fields of an event that names somebody."""
    return {"user_id": user_id, "user_id_kind": "email", "team_hint": team}


def message(*events: wire.Event) -> bytes:
    """One message, its events numbered within their run in the order given."""
    for place, one in enumerate(events):
        one.index = max(one.index, place)
        one.event_id = f"{one.run}-{one.index}"
    return write_events(events)
