"""What many keys hold in one minute, put away. Rule: it is read whole or not at all.

A bytes object costs 33 bytes beside its content and a place in a dict some 36: more than half of a pane. Of a minute
that nobody changes any more, keys stand in a row, and one string holds what they hold.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Generic, TypeVar

K = TypeVar("K")


class Frozen(Generic[K]):
    """Keys and their bytes."""

    __slots__ = ("_content", "_ends", "_keys")

    def __init__(self, items: Iterable[tuple[K, bytes]]) -> None:
        pairs = list(items)
        self._keys = tuple(key for key, _ in pairs)
        self._content = b"".join([held for _, held in pairs])
        ends = array("I", [0])
        for _, held in pairs:
            ends.append(ends[-1] + len(held))
        self._ends = ends

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def items(self) -> Iterator[tuple[K, bytes]]:
        """As they were put away."""
        content = self._content
        return ((key, content[at:end]) for key, (at, end) in zip(self._keys, pairwise(self._ends), strict=True))
