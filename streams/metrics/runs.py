"""The runs that a session was told of lately, to know a resend. Rule: within a run indexes rise.

A run, which is a hash, is its last 5 bytes and 4 of the highest index counted of it; the last 64 that brought something
new are remembered, the newest at the end.
"""

from hashlib import blake2b

NAME_BYTES = 5
ENTRY_BYTES = 9
RUNS = 64


class Runs:
    """A session's memory of runs, as it is stored."""

    __slots__ = ("_entries",)

    def __init__(self, packed: bytes) -> None:
        self._entries = bytearray(packed)

    def highest(self, name: bytes) -> int:
        """The highest index counted of a run; -1 if it is not remembered."""
        at = self._find(name)
        return -1 if at < 0 else int.from_bytes(self._entries[at + NAME_BYTES : at + ENTRY_BYTES], "big")

    def remember(self, name: bytes, highest: int, is_known: bool) -> None:
        """The run is the newest, counted up to here; `is_known`: it is remembered already."""
        entries = self._entries
        if is_known:
            at = self._find(name)
            del entries[at : at + ENTRY_BYTES]
        entries += name + highest.to_bytes(4, "big")
        if len(entries) > RUNS * ENTRY_BYTES:
            del entries[:ENTRY_BYTES]

    def packed(self) -> bytes:
        """As it is stored."""
        return bytes(self._entries)

    def _find(self, name: bytes) -> int:
        at = self._entries.find(name)
        while at >= 0 and at % ENTRY_BYTES:
            at = self._entries.find(name, at + 1)
        return at


def name_of(run: str) -> bytes:
    """A short name of a run, the same in every process: its last ten hex digits, or a hash where they are none."""
    try:
        if len(name := bytes.fromhex(run[-2 * NAME_BYTES :])) == NAME_BYTES:
            return name
    except ValueError:
        pass
    return blake2b(run.encode(), digest_size=NAME_BYTES).digest()
