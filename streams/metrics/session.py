"""One session: what it has seen, and what time does to it. Rule: an event of a session counts once.

Whether it is open depends on three moments only, each the highest seen, so that the order of arrival does not matter:
the last event, the last end event, and the last sign of life (which receipt gives too).
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from sys import intern

from schemas import wire
from schemas.counters import CLOCK_CLAMPED, EVENTS, TURNS, Sums, add, is_interactive
from schemas.derived import DEFINITIONS
from streams.metrics.counting import COUNT, Cell, count_usage, halves, turn_of

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
RUNS = 64
"""How many runs a session remembers, to know a resend."""


class Session:
    """One incarnation of a session. `due` is where it stands in the queue of what time changes next."""

    __slots__ = ("born", "due", "id", "segment", "state")

    def __init__(self, session_id: str, segment: int, born: int, state: wire.SessionState | None = None) -> None:
        self.id, self.segment, self.born = session_id, segment, born
        self.state = state or wire.SessionState(version=0, definitions=DEFINITIONS)
        self.due = 0
        self.share()

    def share(self) -> None:
        """What many sessions say is kept once: a tenth of a session's memory."""
        state = self.state
        state.source, state.client_version = intern(state.source), intern(state.client_version)
        state.entrypoint, state.team_hint = intern(state.entrypoint), intern(state.team_hint)
        state.user_id, state.user_id_kind = intern(state.user_id), intern(state.user_id_kind)
        state.install_id, state.end_reason = intern(state.install_id), intern(state.end_reason)

    def next_change(self) -> int:
        """When time alone changes it next."""
        state = self.state
        if not state.is_open:
            return state.closed_at + EVICT
        idle = state.seen_at + IDLE
        return idle if state.user_id else min(self.born + PATIENCE, idle)

    def unseen(self, events: Sequence[wire.Event]) -> list[wire.Event]:
        """Those that were not counted before. Within a run indexes rise: at or below the highest is a resend."""
        runs = self.state.runs
        new: list[wire.Event] = []
        run, highest, counted = "", -1, 0
        for event in events:
            if event.run != run:
                if len(new) > counted:
                    self._remember(run, highest)
                    counted = len(new)
                run = event.run
                highest = runs.get(run, -1)
            if event.index > highest:
                highest = event.index
                new.append(event)
        if len(new) > counted:
            self._remember(run, highest)
        return new

    def _remember(self, run: str, highest: int) -> None:
        """The last runs that brought something new, the newest at the end."""
        runs = self.state.runs
        runs.pop(run, None)
        runs[run] = highest
        if len(runs) > RUNS:
            del runs[next(iter(runs))]

    def count(self, events: Sequence[wire.Event]) -> dict[int, Sums]:
        """Counts unseen events, at least one; returns what they add, by minute.

        Sums are built a minute at a time and then added to the session's: a message costs few additions.
        """
        state = self.state
        cells: dict[int, Cell] = {}
        cell: Cell = defaultdict(int)
        place, other, turn = -1, False, ""
        source = version = entrypoint = install = None
        first = state.started_at if state.sums else 1 << 62
        last, seen, ended = state.ended_at, state.seen_at, state.closing_at
        reason = "" if state.is_open or state.end_reason == "idle" else state.end_reason
        for event in events:
            at, received = event.occurred_at, event.received_at
            clamped = at > received + AHEAD or at < EARLIEST
            if clamped:
                at = received
            if at < first:
                first = at
            if at > last:
                last = at
            if received > seen:
                seen = received
            if event.entrypoint != entrypoint:
                entrypoint = event.entrypoint
                other = not is_interactive(entrypoint)
                state.entrypoint = max(state.entrypoint, entrypoint)
            if event.client_version != version:
                version = event.client_version
                state.client_version = max(state.client_version, version, key=_version)
            if event.source != source:
                source = event.source
                state.source = min(state.source, source) if state.source else source
            if event.install_id != install:
                install = event.install_id
                state.install_id = max(state.install_id, install)
            if (here := at // MINUTE * 2 + other) != place:
                place = here
                cell = cells.setdefault(place, defaultdict(int))
            cell[EVENTS] += 1
            if clamped:
                cell[CLOCK_CLAMPED] += 1
            if type(event) is wire.UsageReported:
                count_usage(event, cell, state.series)
            elif type(event) is wire.SessionEnded:
                if at >= ended:
                    reason = max(reason, event.reason) if at == ended else event.reason
                    ended = at
            elif (prompt := COUNT[type(event)](event, cell)) and prompt != turn:
                turn = prompt
                if (name := turn_of(turn)) not in state.turns:
                    state.turns[name] = []
                    cell[TURNS] += 1
        state.started_at, state.ended_at, state.seen_at = first, last, max(seen, last)
        self._turn(ended, reason)
        minutes: dict[int, Sums] = {}
        for minute, sums in halves(cells):
            add(state.sums, sums)
            if minute in minutes:
                add(minutes[minute], sums)
            else:
                minutes[minute] = sums
        return minutes

    def _turn(self, ended: int, reason: str) -> None:
        """Open or closed: an end event closes, and only what occurred after it opens again."""
        state = self.state
        newer = ended > state.closing_at
        state.closing_at = ended
        if state.ended_at > ended:
            state.is_open, state.closed_at, state.end_reason = True, 0, ""
            return
        if state.is_open or newer or not state.closed_at:
            state.closed_at = state.seen_at
        state.is_open, state.end_reason = False, reason

    def close_idle(self) -> None:
        """Time closes it."""
        state = self.state
        state.is_open, state.closed_at, state.end_reason = False, state.seen_at + IDLE, "idle"


@lru_cache(maxsize=1024)
def _version(text: str) -> tuple[tuple[int, ...], str]:
    """Versions compare by their numbers."""
    return tuple(int(number) for number in re.findall(r"\d+", text)), text
