"""Who is in which team since when. Rule: the directory goes before what the client says, from `valid_from` on.

An entry holds from the first minute that begins at or after its `valid_from`: panes are minutes, and one belongs to one
team as a whole. Who has no entry at a minute is in the team that the client says.
"""

from sys import intern

import msgspec

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.people import UNASSIGNED, UNKNOWN

MINUTE = 60_000

_decode_key = msgspec.msgpack.Decoder(wire.DirectoryKey).decode
_decode_record = msgspec.msgpack.Decoder(wire.DirectoryRecord).decode


class Directory:
    """Of each identity that is known to it: from which minute on it is in which team."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[tuple[int, str], ...]] = {}

    def __len__(self) -> int:
        return len(self._since)

    def __contains__(self, identity: str) -> bool:
        return identity in self._since

    def learn(self, key: bytes, value: bytes | None) -> str:
        """Takes one record of topic `directory`; None takes the entry away. Returns the identity that it is about.

        Raises InvalidEvent; what was known before then stays.
        """
        try:
            identity = _decode_key(key).identity
            entries = _decode_record(value).entries if value else []
        except msgspec.MsgspecError as exc:
            raise InvalidEvent("directory", str(exc)) from exc
        if entries and identity != UNKNOWN:  # whoever that is, it is not one person
            entries.sort(key=lambda entry: entry.valid_from)
            self._since[identity] = tuple(
                (-(-entry.valid_from // MINUTE), intern(entry.team_id) or UNASSIGNED) for entry in entries
            )
        else:
            self._since.pop(identity, None)
        return identity

    def team_of(self, identity: str, minute: int, hint: str) -> str:
        """The team of an identity in a minute (epoch minutes); `hint` is what the client says."""
        for since, team_id in reversed(self._since.get(identity, ())):
            if since <= minute:
                return team_id
        return hint
