"""What a session was told of each thing that two sources might both tell. Rule: a thing counts once, whoever tells it.

A thing (a tool call, a model request) is 37 bits of two checksums of its id, the same in every process and cheaper than
a hash, and three of what was told of it. The last 1,024 are remembered, the newest at the end. With a hundred in a
session, a new one is taken for an old one once in 10^9.
"""

from zlib import adler32, crc32

ENTRY_BYTES = 5
THINGS = 1_024

_MOST_BYTES = THINGS * ENTRY_BYTES


class Told:
    """A session's memory of things, as it is stored."""

    __slots__ = ("_entries",)

    def __init__(self, packed: bytes) -> None:
        self._entries = bytearray(packed)

    def tell(self, thing: str, flags: int) -> int:
        """Remembers that this (flags: 1, 2, 4) was told of the thing; returns which of it is new."""
        entries, text = self._entries, thing.encode()
        whole, rest = crc32(text).to_bytes(4), (adler32(text) & 31) << 3
        at = entries.find(whole)
        while at >= 0:
            if not at % ENTRY_BYTES:
                before = entries[at + ENTRY_BYTES - 1]
                if before & 0xF8 == rest:
                    entries[at + ENTRY_BYTES - 1] = before | flags
                    return flags & ~before
            at = entries.find(whole, at + 1)
        entries += whole
        entries.append(rest | flags)
        if len(entries) > _MOST_BYTES:
            del entries[:ENTRY_BYTES]
        return flags

    def packed(self) -> bytes:
        """As it is stored."""
        return bytes(self._entries)
