"""Minutes of teams until they close. Rule: each is told once when it has closed, and whole again when it changes.

A minute closes when the stage's time is two minutes past its end, by when nearly all of it has come. Told is what has
model requests or tool calls; whoever counts must let a later telling of a minute replace an earlier one.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Raw

from schemas import counters as c
from schemas.counters import Sums
from schemas.derived import DEFINITIONS
from streams.metrics.stage import Record

MINUTE = 60_000

CLOSES_AFTER = 3
"""Minutes from a minute's begin: its own, and two."""

WATCHED = frozenset(
    number + half for number in (c.RESPONSES, c.API_FAILURES, c.TOOL_CALLS, c.TOOL_FAILURES) for half in (0, c.OTHER)
)
"""A minute without any of these is not told, nor a change of others."""

_encode = msgspec.msgpack.Encoder().encode
_decode_sums = msgspec.msgpack.Decoder(dict[int, int]).decode


class Closing:
    """The minutes that are still open, packed, and those that have changed since they closed."""

    def __init__(self) -> None:
        self._open: dict[int, dict[str, bytes]] = {}
        self._heard: set[tuple[str, int]] = set()
        self._corrected: dict[tuple[str, int], bytes] = {}
        self._closed = 0  # the last minute that has closed

    def restore(self, team_id: str, minute: int, packed: bytes) -> None:
        """Takes a minute; `begin` tells which are still open."""
        self._open.setdefault(minute, {})[team_id] = packed

    def begin(self, minute: int) -> None:
        """All is restored, as it was at `minute`."""
        self._closed = minute - CLOSES_AFTER
        self._open = {at: teams for at, teams in self._open.items() if at > self._closed}

    def hear(self, team_id: str, minute: int, sums: Sums) -> None:
        """A minute is about to change by these sums."""
        if minute <= self._closed and not WATCHED.isdisjoint(sums):
            self._heard.add((team_id, minute))

    def take(self, team_id: str, minute: int, packed: bytes) -> None:
        """A minute has changed; what it holds now."""
        if minute > self._closed:
            self._open.setdefault(minute, {})[team_id] = packed
        elif (team_id, minute) in self._heard:
            self._corrected[team_id, minute] = packed

    def advance(self, now: int, version: int) -> list[Record]:
        """Lets time pass: tells what has closed, and the corrections of what had."""
        corrected, self._corrected, self._heard = self._corrected, {}, set()
        told = [_record(name, packed, now, version, replaces=True) for name, packed in corrected.items()]
        self._closed = max(self._closed, now // MINUTE - CLOSES_AFTER)
        for minute in sorted(at for at in self._open if at <= self._closed):
            at = (minute + CLOSES_AFTER) * MINUTE
            told += [
                _record((team_id, minute), packed, at, version, replaces=False)
                for team_id, packed in _watched(self._open.pop(minute).items())
            ]
        return told


def _watched(teams: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, bytes]]:
    return ((team_id, packed) for team_id, packed in sorted(teams) if not WATCHED.isdisjoint(_decode_sums(packed)))


def _record(name: tuple[str, int], packed: bytes, at: int, version: int, *, replaces: bool) -> Record:
    return Record("signals", _encode(name), _encode((version, DEFINITIONS, Raw(packed), at, replaces)))
