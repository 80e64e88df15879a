"""Minute panes of many keys, and their sums over spans. Rule: a pane enters each span once and leaves it once, exactly.

A pane is kept as bytes (msgpack of its sums): a tenth of the memory, and a restore need not look inside. It carries a
tag along, which costs nothing where it goes without saying. A pane or window that adds up to nothing is none. A minute
that has left the shortest span is put away frozen, until something late changes it.

         (m - 5, m]: the span of 5 minutes at minute m
    ─────┬───┬───┬───┬───┬───┬─────▶ minutes
         │m-4│m-3│m-2│m-1│ m │ m+1: already known, enters when its minute comes
     m-5 └───┴───┴───┴───┴───┘
     has left
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Set
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

from schemas.counters import Sums, add, take
from schemas.derived import SPANS
from streams.metrics.frozen import Frozen

KEEP = 25 * 60
"""Minutes that are remembered: the longest span, and an hour for what comes late."""

NO_SUMS = b"\x80"
"""Sums of nothing, packed."""

K = TypeVar("K", bound=Hashable)

Drained = tuple[K, int, bytes, str]
"""A pane to be written: key, minute, packed sums (NO_SUMS when nothing is left of it), tag."""

_encode = msgspec.msgpack.Encoder().encode
_decode_sums = msgspec.msgpack.Decoder(dict[int, int]).decode
_decode_tagged = msgspec.msgpack.Decoder(tuple[dict[int, int], str]).decode
_decode_tag = msgspec.msgpack.Decoder(tuple[Raw, str]).decode
_TAGGED = 0x92  # an array of two, where sums alone are a map


class _Pane:
    """A pane that has changed."""

    __slots__ = ("sums", "tag")

    def __init__(self, sums: Sums, tag: str) -> None:
        self.sums, self.tag = sums, tag

    def add(self, delta: Sums, tag: str) -> None:
        """Of two tags the last in alphabetical order stays, so that no order matters."""
        self.tag = max(self.tag, tag) if self.sums else tag
        add(self.sums, delta)


class Rolling(Generic[K]):
    """Panes by key and minute. A window without an entry is empty. `usual`: the tag that goes without saying."""

    def __init__(self, usual: Callable[[K], str] = lambda key: "") -> None:
        self._usual = usual
        self.minute = 0
        self.windows: tuple[dict[K, Sums], ...] = tuple({} for _ in SPANS)
        self._panes: dict[int, dict[K, bytes]] = {}
        self._frozen: dict[int, Frozen[K]] = {}  # a minute stands here or there
        self._same: dict[K, K] = {}  # the one object that stands for equal keys
        self._held: dict[K, int] = {}  # panes of a key
        self._fresh: dict[int, dict[K, _Pane]] = {}  # changed since they were last drained
        self._late: dict[int, dict[K, _Pane]] = {}
        self._changed: tuple[dict[K, None], ...] = tuple({} for _ in SPANS)

    def __len__(self) -> int:
        return sum(map(len, self._panes.values())) + sum(map(len, self._frozen.values()))

    def restore(self, key: K, minute: int, sums: bytes, tag: str = "") -> None:
        """Takes a pane; `begin` makes it count. An empty tag is the usual one."""
        self._keep(key, minute, self._packed(key, sums, tag or self._usual(key)))

    def begin(self, minute: int) -> None:
        """All is restored, as it was at `minute`."""
        self.minute = minute
        for at in range(minute - SPANS[-1] + 1, minute + 1):
            for key, pane in self._items(at):
                self._enter(key, at, _sums_of(pane))
        self.changed_windows()
        self._freeze()

    def add(self, key: K, minute: int, delta: Sums, tag: str = "") -> None:
        """Adds to one pane, and to the windows that hold it."""
        if minute <= self.minute - KEEP:
            self._late.setdefault(minute, {}).setdefault(key, _Pane({}, tag)).add(delta, tag)
            return
        fresh = self._fresh.setdefault(minute, {})
        pane = fresh.get(key)
        if pane is None:
            kept = self._thawed(minute).get(key)
            pane = fresh[key] = _Pane(_sums_of(kept), self._tag_of(key, kept)) if kept else _Pane({}, tag)
        pane.add(delta, tag)
        self._enter(key, minute, delta)

    def known(self) -> set[K]:
        """The keys with a pane."""
        return {*self._held, *(key for panes in self._fresh.values() for key in panes)}

    def panes(self, keys: Set[K]) -> Iterator[tuple[K, int, str]]:
        """Key, minute and tag of the panes of these keys, what has not been drained yet included."""
        for minute in [*self._panes, *self._frozen]:
            fresh = self._fresh.get(minute, {})
            for key, kept in list(self._items(minute)):
                if key in keys and key not in fresh:
                    yield key, minute, self._tag_of(key, kept)
        for minute, fresh in self._fresh.items():
            for key in fresh.keys() & keys:
                yield key, minute, fresh[key].tag

    def pane(self, key: K, minute: int) -> Sums:
        """The sums of one pane."""
        fresh = self._fresh.get(minute, {}).get(key)
        return dict(fresh.sums) if fresh else _sums_of(self._thawed(minute)[key])

    def changed_panes(self) -> Iterator[Drained[K]]:
        """Drains the panes that changed, and forgets the empty ones. Before `advance`, which may forget more."""
        fresh, self._fresh = self._fresh, {}
        for minute, panes in fresh.items():
            for key, pane in panes.items():
                sums = _encode(pane.sums)
                if pane.sums:
                    self._keep(key, minute, self._packed(key, sums, pane.tag))
                elif key in self._thawed(minute):
                    del self._panes[minute][key]
                    self._release(key)
                yield key, minute, sums, pane.tag

    def late_panes(self) -> Iterator[Drained[K]]:
        """Drains what came for minutes that are no longer remembered."""
        late, self._late = self._late, {}
        return (
            (key, minute, _encode(pane.sums), pane.tag)
            for minute, panes in late.items()
            for key, pane in panes.items()
            if pane.sums
        )

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
        for at in [at for at in (*self._panes, *self._frozen) if at <= new - KEEP]:
            for key in list(self._thawed(at)):
                gone.append((key, at))
                self._release(key)
            del self._panes[at]
        self._freeze()
        return gone

    def changed_windows(self) -> tuple[dict[K, None], ...]:
        """Drains, of each span, the keys whose window changed."""
        changed, self._changed = self._changed, tuple({} for _ in SPANS)
        return changed

    def _keep(self, key: K, minute: int, packed: bytes) -> None:
        panes = self._thawed(minute)
        if key not in panes:
            key = self._same.setdefault(key, key)
            self._held[key] = self._held.get(key, 0) + 1
        panes[key] = packed

    def _items(self, minute: int) -> Iterable[tuple[K, bytes]]:
        frozen = self._frozen.get(minute)
        return frozen.items() if frozen is not None else self._panes.get(minute, {}).items()

    def _thawed(self, minute: int) -> dict[K, bytes]:
        """The panes of a minute, to be changed."""
        panes = self._panes.get(minute)
        if panes is None:
            frozen = self._frozen.pop(minute, None)
            panes = self._panes[minute] = dict(frozen.items()) if frozen is not None else {}
        return panes

    def _freeze(self) -> None:
        """Puts away what lies behind the shortest span."""
        for at in [at for at in self._panes if at <= self.minute - SPANS[0]]:
            panes = self._panes.pop(at)
            if panes:
                self._frozen[at] = Frozen(panes.items())

    def _release(self, key: K) -> None:
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key], self._same[key]

    def _packed(self, key: K, sums: bytes, tag: str) -> bytes:
        return sums if tag == self._usual(key) else _encode((Raw(sums), tag))

    def _tag_of(self, key: K, kept: bytes) -> str:
        return _decode_tag(kept)[1] if kept[0] == _TAGGED else self._usual(key)

    def _enter(self, key: K, minute: int, delta: Sums) -> None:
        age = self.minute - minute
        if age >= 0:
            for i, span in enumerate(SPANS):
                if age < span:
                    self._put(i, key, delta)

    def _put(self, i: int, key: K, delta: Sums) -> None:
        windows = self.windows[i]
        window = windows.get(key)
        if window is None:
            if delta:
                windows[key] = dict(delta)
        else:
            add(window, delta)
            if not window:
                del windows[key]
        self._changed[i][key] = None

    def _arrive(self, i: int, minute: int) -> None:
        for key, pane in self._items(minute):
            self._put(i, key, _sums_of(pane))

    def _leave(self, i: int, minute: int) -> None:
        windows, changed = self.windows[i], self._changed[i]
        for key, pane in self._items(minute):
            window = windows.setdefault(key, {})
            take(window, _sums_of(pane))
            if not window:
                del windows[key]
            changed[key] = None


def _sums_of(kept: bytes) -> Sums:
    return _decode_tagged(kept)[0] if kept[0] == _TAGGED else _decode_sums(kept)
