"""Short ways to talk to a users stage in tests, and to read what it writes."""

from typing import Any

import msgspec

from schemas import counters as c
from schemas import wire
from schemas.evidence import Mark
from schemas.signals import Signal, read_signal
from streams.metrics.stage import Output
from streams.metrics.users import Users
from tests.streams.metrics.events import MINUTE, T

TALKED: dict[int, int] = {c.PROMPTS: 1, c.RESPONSES: 1}
ANSWERED: dict[int, int] = {Mark.PROMPT: T, Mark.ANSWER: T + 1}
GIVEN_UP: dict[int, int] = {Mark.PROMPT: T, Mark.STOPPED: T + 2}


def notice(session_id: str, state: Any, at: int, started_at: int | None = None, **fields: Any) -> wire.Notice:
    """A session of team red; one that is closed held an answered prompt and ended when it closed."""
    begun = at if started_at is None else started_at
    told = wire.Notice(session_id, T, state, at, "red", begun, "", {})
    if state == "closed":
        told.sums, told.marks, told.ended_at = dict(TALKED), dict(ANSWERED), at
    for name, value in fields.items():
        setattr(told, name, value)
    return told


def tell(
    stage: Users,
    *notices: wire.Notice,
    user_id: str = "ann",
    now: int = T,
    panes: dict[str, dict[int, dict[int, int]]] | None = None,
) -> None:
    """One message."""
    stage.apply(msgspec.msgpack.encode(wire.UserChange(user_id, panes or {}, list(notices))), now)


def key_of(identity: str) -> bytes:
    """The key of an identity's record."""
    return msgspec.msgpack.encode(wire.DirectoryKey(identity))


def record(*entries: tuple[int, str]) -> bytes:
    """A record of topic `directory`: (valid_from, team)."""
    found = [wire.DirectoryEntry(valid_from, team_id) for valid_from, team_id in entries]
    return msgspec.msgpack.encode(wire.DirectoryRecord(1, 2, "p_1", found))


def started() -> Users:
    """A stage with nothing in it."""
    stage = Users()
    stage.begin(T)
    return stage


def sessions(output: Output) -> dict[str, wire.UserSession | None]:
    """The sessions that a flush wrote last."""
    return {
        msgspec.msgpack.decode(key)[1]: msgspec.msgpack.decode(value, type=wire.UserSession) if value else None
        for topic, key, value in output.tables
        if topic == "user-sessions"
    }


def verdicts(output: Output) -> list[tuple[str, wire.SessionVerdict]]:
    """Session and verdict, as a flush says them."""
    return [
        (name.session_id, verdict)
        for name, verdict in _signals(output)
        if isinstance(name, wire.SessionKey) and isinstance(verdict, wire.SessionVerdict)
    ]


def failures(output: Output) -> dict[tuple[str, int, str], tuple[int, int]]:
    """Team, minutes after T and person: failed and answered requests, as a flush says them."""
    return {
        (name.team_id, name.minute - T // MINUTE, name.user_id): (told.api_failures, told.responses)
        for name, told in _signals(output)
        if isinstance(name, wire.UserSignalKey) and isinstance(told, wire.UserSignal)
    }


def _signals(output: Output) -> list[Signal]:
    return [read_signal(key, value or b"") for topic, key, value in output.changes if topic == "signals"]


def minutes(output: Output) -> dict[tuple[str, str, int], wire.UserMinute | None]:
    """Person, team and minutes after T: the minutes that a flush wrote last; one forgotten is None."""
    return {
        (user_id, team_id, minute - T // MINUTE): msgspec.msgpack.decode(value, type=wire.UserMinute) if value else None
        for topic, key, value in output.tables
        if topic == "user-minutes"
        for user_id, team_id, minute, _ in (msgspec.msgpack.decode(key),)
    }


def to_teams(output: Output) -> dict[str, wire.TeamChange]:
    """What a flush tells each team."""
    told = [
        msgspec.msgpack.decode(value or b"", type=wire.TeamChange)
        for topic, _, value in output.changes
        if topic == "team-changes"
    ]
    return {change.team_id: change for change in told}
