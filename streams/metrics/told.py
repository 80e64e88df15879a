"""What a session was told of each thing that two sources might both tell. Rule: a thing counts once, whoever tells it.

A thing (a tool call, a model request) is 5 bytes of the hash of its id and a byte of flags: what was told of it. The
last 1,024 are remembered, the newest at the end; two of a session are alike once in 10^9 sessions.
"""

from hashlib import blake2b

ID_BYTES = 5
ENTRY_BYTES = 6
THINGS = 1_024


class Told:
    """A session's memory of things, as it is stored."""

    __slots__ = ("_entries",)

    def __init__(self, packed: bytes) -> None:
        self._entries = bytearray(packed)

    def tell(self, thing: str, flags: int) -> int:
        """Remembers that this was told of the thing; returns which of the flags are new."""
        entries = self._entries
        name = blake2b(thing.encode(), digest_size=ID_BYTES).digest()
        at = entries.find(name)
        while at >= 0 and at % ENTRY_BYTES:
            at = entries.find(name, at + 1)
        if at < 0:
            entries += name
            entries.append(flags)
            if len(entries) > THINGS * ENTRY_BYTES:
                del entries[:ENTRY_BYTES]
            return flags
        before = entries[at + ID_BYTES]
        entries[at + ID_BYTES] = before | flags
        return flags & ~before

    def packed(self) -> bytes:
        """As it is stored."""
        return bytes(self._entries)
