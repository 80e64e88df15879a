"""Minute panes of many keys, and their sums over spans. Rule: a pane enters each span once and leaves it once, exactly.

A pane is kept as bytes (msgpack of its sums): a tenth of the memory, and a restore need not look inside.

         (m - 5, m]: the span of 5 minutes at minute m
    ─────┬───┬───┬───┬───┬───┬─────▶ minutes
         │m-4│m-3│m-2│m-1│ m │ m+1: already known, enters when its minute comes
     m-5 └───┴───┴───┴───┴───┘
     has left
"""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

import msgspec

from schemas.counters import Sums, add, take
from schemas.derived import SPANS

KEEP = 25 * 60
"""Minutes that are remembered: the longest span, and an hour for what comes late."""

K = TypeVar("K", bound=Hashable)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode


class Rolling(Generic[K]):
    """Panes by key and minute. A window without an entry is empty."""

    def __init__(self) -> None:
        self.minute = 0
        self.windows: tuple[dict[K, Sums], ...] = tuple({} for _ in SPANS)
        self._panes: dict[int, dict[K, bytes]] = {}
        self._same: dict[K, K] = {}  # the one object that stands for equal keys
        self._held: dict[K, int] = {}  # panes of a key
        self._fresh: dict[int, dict[K, Sums]] = {}  # changed since they were last drained
        self._late: dict[int, dict[K, Sums]] = {}
        self._changed: tuple[dict[K, None], ...] = tuple({} for _ in SPANS)

    def __len__(self) -> int:
        return sum(map(len, self._panes.values()))

    def restore(self, key: K, minute: int, sums: bytes) -> None:
        """Takes a pane; `begin` makes it count."""
        self._keep(key, minute, sums)

    def begin(self, minute: int) -> None:
        """All is restored, as it was at `minute`."""
        self.minute = minute
        for at in range(minute - SPANS[-1] + 1, minute + 1):
            for key, pane in self._panes.get(at, {}).items():
                self._enter(key, at, _decode(pane))
        self.changed_windows()

    def add(self, key: K, minute: int, delta: Sums) -> None:
        """Adds to one pane, and to the windows that hold it."""
        if minute <= self.minute - KEEP:
            add(self._late.setdefault(minute, {}).setdefault(key, {}), delta)
            return
        fresh = self._fresh.setdefault(minute, {})
        pane = fresh.get(key)
        if pane is None:
            kept = self._panes.get(minute, {}).get(key)
            pane = fresh[key] = _decode(kept) if kept else {}
        add(pane, delta)
        self._enter(key, minute, delta)

    def changed_panes(self) -> Iterator[tuple[K, int, bytes]]:
        """Drains the panes that changed. Before `advance`, which may forget them."""
        fresh, self._fresh = self._fresh, {}
        for minute, panes in fresh.items():
            for key, pane in panes.items():
                packed = _encode(pane)
                self._keep(key, minute, packed)
                yield key, minute, packed

    def late_panes(self) -> Iterator[tuple[K, int, Sums]]:
        """Drains what came for minutes that are no longer remembered."""
        late, self._late = self._late, {}
        return ((key, minute, sums) for minute, panes in late.items() for key, sums in panes.items())

    def advance(self, minute: int) -> list[tuple[K, int]]:
        """Lets time pass; returns the panes forgotten."""
        old, new = self.minute, max(self.minute, minute)
        if new == old:
            return []
        self.minute = new
        for i, span in enumerate(SPANS):
            for at in range(old - span + 1, min(old, new - span) + 1):
                self._leave(i, at)
            for at in range(max(old, new - span) + 1, new + 1):
                self._arrive(i, at)
        gone = []
        for at in [at for at in self._panes if at <= new - KEEP]:
            for key in self._panes.pop(at):
                gone.append((key, at))
                self._held[key] -= 1
                if not self._held[key]:
                    del self._held[key], self._same[key]
        return gone

    def changed_windows(self) -> tuple[dict[K, None], ...]:
        """Drains, of each span, the keys whose window changed."""
        changed, self._changed = self._changed, tuple({} for _ in SPANS)
        return changed

    def _keep(self, key: K, minute: int, packed: bytes) -> None:
        panes = self._panes.setdefault(minute, {})
        if key not in panes:
            key = self._same.setdefault(key, key)
            self._held[key] = self._held.get(key, 0) + 1
        panes[key] = packed

    def _enter(self, key: K, minute: int, delta: Sums) -> None:
        age = self.minute - minute
        if age >= 0:
            for i, span in enumerate(SPANS):
                if age < span:
                    self._put(i, key, delta)

    def _put(self, i: int, key: K, delta: Sums) -> None:
        window = self.windows[i].get(key)
        if window is None:
            self.windows[i][key] = dict(delta)
        else:
            add(window, delta)
        self._changed[i][key] = None

    def _arrive(self, i: int, minute: int) -> None:
        for key, pane in self._panes.get(minute, {}).items():
            self._put(i, key, _decode(pane))

    def _leave(self, i: int, minute: int) -> None:
        windows, changed = self.windows[i], self._changed[i]
        for key, pane in self._panes.get(minute, {}).items():
            window = windows[key]
            take(window, _decode(pane))
            if not window:
                del windows[key]
            changed[key] = None
