"""Signals by what they say. Rule: the key tells the kind: three parts, a person; a minute, a team; else a session."""

from typing import TypeAlias

import msgspec

from schemas import wire
from schemas.codec import InvalidEvent

Signal: TypeAlias = (
    tuple[wire.SessionKey, wire.SessionVerdict]
    | tuple[wire.SignalMinuteKey, wire.TeamSignal]
    | tuple[wire.UserSignalKey, wire.UserSignal]
)

LAST_MINUTE = 1_000_000_000
"""Above it a number counts milliseconds, not minutes: in minutes it is the year 3871, in milliseconds 1970."""

_decode_key = msgspec.msgpack.Decoder(list[str | int]).decode
_decode_verdict = msgspec.msgpack.Decoder(wire.SessionVerdict).decode
_decode_team = msgspec.msgpack.Decoder(wire.TeamSignal).decode
_decode_user = msgspec.msgpack.Decoder(wire.UserSignal).decode


def read_signal(key: bytes, value: bytes) -> Signal:
    """The key and value of a record of `signals`. Raises InvalidEvent.

    >>> from msgspec.msgpack import encode
    >>> read_signal(encode(["platform", 29_922_480, "u_1"]), encode([1, 2, 3, 40]))[1]
    UserSignal(version=1, definitions=2, api_failures=3, responses=40)
    """
    try:
        match _decode_key(key):
            case [str(team_id), int(minute), str(user_id)]:
                return wire.UserSignalKey(team_id, minute, user_id), _decode_user(value)
            case [str(team_id), int(minute)] if minute < LAST_MINUTE:
                return wire.SignalMinuteKey(team_id, minute), _decode_team(value)
            case [str(session_id), int(segment)]:
                return wire.SessionKey(session_id, segment), _decode_verdict(value)
    except msgspec.DecodeError as exc:
        raise InvalidEvent("", str(exc)) from exc
    raise InvalidEvent("key", "it names neither a session nor a minute of a team or person")
