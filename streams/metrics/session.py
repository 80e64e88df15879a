"""One session: what it has seen, and what time does to it. Rule: an event of a session counts once.

Whether it is open depends on three moments only, each the highest seen, so that the order of arrival does not matter:
the last event, the last end event, and the last sign of life (which receipt gives too). A counter that the client
reports is a sign of life and no event: it comes with the time of its export, perhaps after the end.

A session that is quiet is kept as it is stored, a sixth of what its parts take in memory.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from schemas import wire
from schemas.counters import CLOCK_CLAMPED, EVENTS, HOOK_EVENTS, OF_SESSIONS, Sums, add, is_interactive
from schemas.counters import OTHER as OTHER_HALF
from schemas.derived import DEFINITIONS
from streams.metrics.counting import COUNT, COUNT_IN_TURN, Cell, Memory, shifted
from streams.metrics.runs import name_of
from streams.metrics.turns import OTHER

MINUTE = 60_000
AHEAD = 5 * MINUTE
"""How far a client's clock may be ahead of the receipt."""
EARLIEST = 1_577_836_800_000
"""2020-01-01: what says to be older comes from a clock that was never set."""
PATIENCE = 2 * MINUTE
"""How long a session waits for somebody to be named."""
IDLE = 30 * MINUTE
"""A session without a sign of life for so long is closed."""
EVICT = 24 * 60 * MINUTE
"""A session is remembered for so long after it closed."""
HOOK_SLACK = 5_000
"""An end that a hook told holds for so long after it: a hook's time is that of its receipt, the client's clock may be
ahead of ours, and hooks that run beside the client arrive late."""

_INTERACTIVE, _OTHER, _UNSAID, _UNSAID_YOUNG = 0, 1, 2, 3
"""Halves of a minute. Unsaid: of an event that does not say how the client was started, perhaps of a young session."""

_NOWHERE: Cell = defaultdict(int)
"""Before the first event has said where it counts."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(wire.SessionState).decode


class Session:
    """One incarnation of a session. `due` is where it stands in the queue of what time changes next."""

    __slots__ = ("_cells", "_is_young", "_memory", "_next_change", "_packed", "_state", "born", "due", "id", "segment")

    def __init__(self, session_id: str, segment: int, born: int, packed: bytes = b"") -> None:
        self.id, self.segment, self.born = session_id, segment, born
        self.due = self._next_change = 0
        self._is_young = True
        self._packed = packed
        self._state: wire.SessionState | None = None
        self._memory: Memory | None = None
        self._cells: dict[int, Cell] | None = None
        if not packed:
            self._state = wire.SessionState(version=0, definitions=DEFINITIONS)

    @property
    def state(self) -> wire.SessionState:
        """Its parts, to be read and changed; whoever changes them calls `pack` in the end."""
        state = self._state
        if state is None:
            state = self._state = _decode(self._packed)
        return state

    def pack(self, version: int) -> bytes:
        """As it is stored; it has been drained."""
        state, memory = self.state, self._memory
        state.version = version
        if memory is not None:
            state.told, state.heard = memory.told.packed(), memory.runs.packed()
        self._packed = _encode(state)
        return self._packed

    def put_away(self) -> None:
        """Forgets its parts, which have not changed since they were packed."""
        self._next_change = self.next_change()
        self._state = self._memory = self._cells = None

    def next_change(self) -> int:
        """When time alone changes it next."""
        state = self._state
        if state is None:
            if self._next_change:
                return self._next_change
            state = self.state
        if not state.user_id:
            return min(self.born + PATIENCE, state.seen_at + IDLE)
        return state.seen_at + IDLE if state.is_open else state.closed_at + EVICT

    def unseen(self, events: list[wire.Event]) -> list[wire.Event]:
        """Those that were not counted before. Within a run indexes rise: at or below the highest is a resend."""
        memory = self._memory
        if memory is None:
            memory = self._memory = Memory(self.state)
        runs = memory.runs
        new: list[wire.Event] = []
        run, name, before, highest, counted = "", b"", -1, -1, 0
        for event in events:
            if event.run != run:
                if len(new) > counted:
                    runs.remember(name, highest, before >= 0)
                    counted = len(new)
                run = event.run
                name = name_of(run)
                before = highest = runs.highest(name)
            if event.index > highest:
                highest = event.index
                new.append(event)
        if len(new) > counted:
            runs.remember(name, highest, before >= 0)
        return new

    def count(self, events: Sequence[wire.Event], now: int) -> None:
        """Counts unseen events, at least one; what they add is drained.

        Sums are built a minute at a time and added to the session's when they are drained: a message costs no addition.
        """
        state, memory = self.state, self._memory
        if memory is None:
            memory = self._memory = Memory(state)
        is_young = self._is_young = now < self.born + PATIENCE
        cells = self._cells
        if cells is None:
            cells = self._cells = {}
        known = state.entrypoint
        unsaid = _UNSAID_YOUNG if is_young else _UNSAID
        cell = _NOWHERE
        place, half, bits = -1, _INTERACTIVE, 0
        source = version = entrypoint = install = None
        first = state.started_at or 1 << 62
        last, seen, ended = state.ended_at, state.seen_at, state.closing_at
        reason = "" if state.is_open or state.end_reason == "idle" else state.end_reason
        part_of_turn, take = COUNT_IN_TURN.get, memory.turns.take
        for event in events:
            at, received = event.occurred_at, event.received_at
            clamped = at > received + AHEAD or at < EARLIEST
            if clamped:
                at = received
            if at < first:
                first = at
            if received > seen:
                seen = received
            if event.entrypoint != entrypoint:
                entrypoint = event.entrypoint
                if entrypoint > known:
                    state.entrypoint = known = entrypoint
                if entrypoint:
                    half, bits = (_INTERACTIVE, 0) if is_interactive(entrypoint) else (_OTHER, OTHER)
                else:
                    half, bits = (unsaid if is_interactive(known) else _OTHER), 0
            if event.client_version != version:
                version = event.client_version
                if version != state.client_version:
                    state.client_version = max(state.client_version, version, key=_version)
            if event.source != source:
                source = event.source
                if source != state.source:
                    state.source = min(state.source, source) if state.source else source
            if event.install_id != install:
                install = event.install_id
                if install > state.install_id:
                    state.install_id = install
            told_by_hook = event.via == "hook"
            if (here := at // MINUTE * 4 + half) != place:
                place = here
                found = cells.get(place)
                if found is None:
                    found = cells[place] = defaultdict(int)
                cell = found
            cell[EVENTS] += 1
            if told_by_hook:
                cell[HOOK_EVENTS] += 1
            if clamped:
                cell[CLOCK_CLAMPED] += 1
            kind = type(event)
            if (count_in_turn := part_of_turn(kind)) is not None:
                prompt = event.prompt_id
                count_in_turn(event, at, cell, memory, take(prompt, at, bits) if prompt else [at, 0, 0, 0])
            else:
                COUNT[kind](event, cell, memory)
                if kind is wire.UsageReported:
                    if at > seen:
                        seen = at
                    continue
                if type(event) is wire.SessionEnded:
                    end = at + HOOK_SLACK if told_by_hook else at
                    if end >= ended:
                        reason = max(reason, event.reason) if end == ended else event.reason
                        ended = end
                elif type(event) is wire.OutcomeReported:
                    state.outcome_at, state.outcome = max((state.outcome_at, state.outcome), (at, event.outcome))
            if at > last:
                last = at
        state.started_at, state.ended_at, state.seen_at = first, last, seen if seen > last else last
        if ended or not state.is_open:
            self._open_or_close(ended, reason)

    def outgrows(self, now: int) -> bool:
        """Whether what was counted while it was young is to be drained before it counts what came later."""
        return self._cells is not None and self._is_young and now >= self.born + PATIENCE

    def drain(self) -> dict[int, Sums]:
        """Adds to the session's sums what was counted since the last drain; returns it by minute.

        Hooks, counters and prompts do not say how the client was started, and come before what does. While the session
        is young they count as interactive, and what they counted is remembered at `~minute`, until it is known better.
        """
        memory, cells = self._memory, self._cells
        minutes: dict[int, Sums] = {}
        if memory is None or cells is None:
            return minutes
        self._cells = None
        for minute, is_other, sums in memory.turns.changes():
            place = minute * 4 + is_other
            found = cells.get(place)
            if found is None:
                cells[place] = defaultdict(int, sums)
            else:
                add(found, sums)
        state = memory.state
        for place, cell in cells.items():
            minute, half = place >> 2, place & 3
            sums = shifted(cell, OTHER_HALF if half == _OTHER else 0)
            if half == _UNSAID_YOUNG:
                _put(state.waiting, ~minute, sums.copy())
            _put(minutes, minute, sums)
        if state.waiting:
            for unsaid in [minute for minute in state.waiting if minute < 0]:
                if not self._is_young:
                    del state.waiting[unsaid]
                elif not is_interactive(state.entrypoint):
                    sums = state.waiting.pop(unsaid)
                    _put(minutes, ~unsaid, {number: -amount for number, amount in sums.items()})
                    _put(minutes, ~unsaid, shifted(sums, OTHER_HALF))
        for sums in minutes.values():
            add(state.sums, sums)
            for number in OF_SESSIONS.intersection(sums):
                del sums[number]
        return minutes

    def settle(self) -> dict[int, Sums]:
        """Drains what waited for somebody to be named."""
        waiting = self.state.waiting
        return {minute: waiting.pop(minute) for minute in list(waiting) if minute >= 0}

    def _open_or_close(self, ended: int, reason: str) -> None:
        """An end event closes, and only what occurred after it opens again."""
        state = self.state
        newer = ended > state.closing_at
        state.closing_at = ended
        if not ended or state.ended_at > ended:
            state.is_open, state.closed_at, state.end_reason = True, 0, ""
            return
        if state.is_open or newer or not state.closed_at:
            state.closed_at = state.seen_at
        state.is_open, state.end_reason = False, reason

    def close_idle(self) -> None:
        """Time closes it."""
        state = self.state
        state.is_open, state.closed_at, state.end_reason = False, state.seen_at + IDLE, "idle"


def _put(minutes: dict[int, Sums], minute: int, sums: Sums) -> None:
    """Adds; `minutes` may keep what it is given."""
    if minute in minutes:
        add(minutes[minute], sums)
    elif sums:
        minutes[minute] = sums


@lru_cache(maxsize=1024)
def _version(text: str) -> tuple[tuple[int, ...], str]:
    """Versions compare by their numbers."""
    return tuple(int(number) for number in re.findall(r"\d+", text)), text
