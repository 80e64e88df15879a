"""Which ids were told already, over all files of one import. Rule: bounded; what is forgotten is the oldest half."""

from collections.abc import Iterable
from hashlib import blake2b

MOST = 1 << 18
"""Of each half: more than a month of one person's prompts, answers and calls."""


class Seen:
    """A set of 8-byte hashes in two halves: when the younger is full, the older goes."""

    def __init__(self, known: Iterable[int] = (), most: int = MOST) -> None:
        self._young: set[int] = set(known)
        self._old: set[int] = set()
        self._most = most
        self.fresh: list[int] | None = None
        """A list here takes what is claimed, for those who store it."""

    def claim(self, what: str, which: str) -> bool:
        """Whether this id is new; from now on it is not."""
        key = _hash(what, which)
        if key in self._young or key in self._old:
            return False
        if len(self._young) >= self._most:
            self._old, self._young = self._young, set()
        self._young.add(key)
        if self.fresh is not None:
            self.fresh.append(key)
        return True

    def holds(self, what: str, which: str) -> bool:
        """Whether this id was claimed."""
        key = _hash(what, which)
        return key in self._young or key in self._old


def _hash(what: str, which: str) -> int:
    return int.from_bytes(blake2b(f"{what}\n{which}".encode(), digest_size=8).digest(), "little", signed=True)
