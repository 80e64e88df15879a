"""What verdicts added to day counts, as long as they may be corrected. Rule: taken back exactly as it was added."""

from collections.abc import Iterator

import msgspec

from schemas import wire

KEPT = 2
"""Days: a verdict is corrected for 25 hours after its session closed."""

Name = tuple[str, int]
"""Session and segment."""


class Entry(msgspec.Struct, array_like=True):
    """Of one verdict."""

    day: int
    """When it was heard."""
    team_id: str
    bucket: int
    of_day: int
    """Which day it was counted in."""
    parts: list[tuple[int, int, int]] = []
    """Index of the detector; thousandths of observations, and of those in which it happened."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


class Counted:
    """By session and segment."""

    def __init__(self) -> None:
        self._entries: dict[Name, Entry] = {}
        self._touched: dict[Name, None] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def restore(self, name: str, packed: bytes) -> None:
        """Takes one."""
        session_id, _, segment = name.rpartition("/")
        self._entries[session_id, int(segment)] = _decode(packed)

    def get(self, key: wire.SessionKey) -> Entry | None:
        """What a verdict has added."""
        return self._entries.get((key.session_id, key.segment))

    def put(self, key: wire.SessionKey, entry: Entry) -> None:
        """A verdict has added this, in place of what it had before."""
        name = (key.session_id, key.segment)
        self._entries[name] = entry
        self._touched[name] = None

    def forget(self, day: int) -> None:
        """What nobody corrects any more."""
        for name in [name for name, entry in self._entries.items() if entry.day < day - KEPT]:
            del self._entries[name]
            self._touched[name] = None

    def changed(self) -> Iterator[tuple[str, bytes | None]]:
        """Drains what has changed; None: forgotten."""
        touched, self._touched = self._touched, {}
        for name in touched:
            entry = self._entries.get(name)
            yield f"{name[0]}/{name[1]}", None if entry is None else _encode(entry)
