"""Turns: what a session did with each prompt. Rule: a turn counts as it stands, in the minute of its first event.

A later event may lengthen a turn, move its beginning, or show that nobody sat there: then what it had counted is taken
away and counted anew, so that no order matters.
"""

from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from hashlib import blake2b
from math import log2

from schemas import counters as c

MINUTE = 60_000

FIRST, SPAN, CALLS, BITS = range(4)
"""Of a turn's list: first occurred_at, milliseconds from there to the last, tool calls, bits."""

COUNTS = 1
"""It got an answer, a tool result or an API failure."""
OTHER = 2
"""Some of it is not interactive."""
PROMPTED = 4
"""Its prompt was told."""
STOPPED = 8
"""A person stopped it."""
INTERRUPTED = 16
"""An event of its own told the interruption."""

Turn = list[int]


class Turns:
    """A session's turns, and as what they were counted before they changed."""

    __slots__ = ("_before", "_prompt", "_turn", "_turns")

    def __init__(self, turns: MutableMapping[int, Turn]) -> None:
        self._turns = turns
        self._before: dict[int, Turn] = {}
        self._prompt = ""
        self._turn: Turn = []

    def take(self, prompt_id: str, at: int, bits: int) -> Turn:
        """The turn that an event of this prompt belongs to, stretched over it."""
        turn = self._turn
        if prompt_id != self._prompt:
            name = turn_of(prompt_id)
            found = self._turns.get(name)
            turn = self._turns[name] = found or [at, 0, 0, 0]
            self._prompt, self._turn = prompt_id, turn
            if name not in self._before:
                self._before[name] = turn.copy() if found else []
        after = at - turn[FIRST]
        if after > turn[SPAN]:
            turn[SPAN] = after
        elif after < 0:
            turn[FIRST] = at
            turn[SPAN] -= after
        turn[BITS] |= bits
        return turn

    def changes(self) -> Iterator[tuple[int, bool, c.Sums]]:
        """Drains what the turns count now and did not at the last drain: minute, whether not interactive, sums."""
        changed, self._before, self._prompt = self._before, {}, ""
        for name, before in changed.items():
            turn = self._turns[name]
            if before and before[BITS] & COUNTS:
                if before[FIRST] // MINUTE == turn[FIRST] // MINUTE and not (before[BITS] ^ turn[BITS]) & OTHER:
                    if sums := _difference(before, turn):
                        yield turn[FIRST] // MINUTE, bool(turn[BITS] & OTHER), sums
                    continue
                yield before[FIRST] // MINUTE, bool(before[BITS] & OTHER), _counted(before, -1)
            if turn[BITS] & COUNTS:
                yield turn[FIRST] // MINUTE, bool(turn[BITS] & OTHER), _counted(turn, 1)


@lru_cache(maxsize=4_096)
def turn_of(prompt_id: str) -> int:
    """A short name of a prompt, the same in every process; 56 bits, so that no session holds two alike."""
    return int.from_bytes(blake2b(prompt_id.encode(), digest_size=7).digest(), "big")


def _difference(before: Turn, turn: Turn) -> c.Sums:
    """What a turn that counted before counts otherwise now, in the same minute and half."""
    sums: c.Sums = {}
    if before[SPAN] != turn[SPAN] and (was := c.bucket(before[SPAN])) != (now := c.bucket(turn[SPAN])):
        sums[c.TURN_DURATIONS + was], sums[c.TURN_DURATIONS + now] = -1, 1
    if before[CALLS] != turn[CALLS]:
        sums[c.LOG_ACTIONS] = log_actions(turn[CALLS]) - log_actions(before[CALLS])
    return sums


def _counted(turn: Turn, times: int) -> c.Sums:
    sums = {c.TURNS: times, c.TURN_DURATIONS + c.bucket(turn[SPAN]): times}
    if turn[CALLS]:
        sums[c.LOG_ACTIONS] = times * log_actions(turn[CALLS])
    return sums


@lru_cache(maxsize=1_024)
def log_actions(calls: int) -> int:
    """1000 log2(1 + tool calls), rounded: sums of it give the geometric mean of actions per turn.

    >>> [log_actions(calls) for calls in (0, 1, 2, 3)]
    [0, 1000, 1585, 2000]
    """
    return round(1_000 * log2(1 + calls))
