"""Sessions, by session. Rule: an event counts once, for the one person whom its session shows first."""

from heapq import heappop, heappush
from itertools import islice
from typing import Literal

import msgspec

from schemas import wire
from schemas.codec import read_events
from schemas.counters import Sums, add
from schemas.people import UNASSIGNED, UNKNOWN
from streams.metrics.changes import split_user_change
from streams.metrics.session import Session
from streams.metrics.stage import Output, Record

WARM = 1_000
"""So many sessions may stay unpacked from one flush to the next, some 6 KB each."""

_encode = msgspec.msgpack.Encoder().encode
_decode_key = msgspec.msgpack.Decoder(wire.SessionKey).decode


class Sessions:
    """The stage of `session-events`: remembers sessions, tells of each person what their sessions count.

    `segment`, for a one-shot fold, names the rows that it writes (its own version), so that they add to what the
    stream writes and never replace it; without it a session's segment is the time at which it came into being.
    """

    name = "sessions"
    source = "session-events"
    tables: tuple[str, ...] = ("sessions",)
    sends: tuple[str, ...] = ("user-changes",)

    def __init__(self, segment: int = 0) -> None:
        self._segment = segment
        self._sessions: dict[str, Session] = {}
        self._due: list[tuple[int, str]] = []  # each session once, at its `due`; older entries of it mean nothing
        self._touched: dict[Session, None] = {}  # changed since the last flush
        self._warm: dict[Session, None] = {}  # unpacked, though the last flush has written them
        self._forgotten: list[Session] = []
        self._changes: dict[str, wire.UserChange] = {}
        self.events = 0

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """Takes one session."""
        name = _decode_key(key)
        session = Session(name.session_id, name.segment, name.segment, value)
        self._add(session)
        session.put_away()

    def begin(self, now: int) -> None:
        """A session is all that its record says."""

    def apply(self, message: bytes, now: int) -> None:
        """First lets happen to the session what time brings until `now`, so that flushes make no difference."""
        events = read_events(message)
        self.events += len(events)
        session_id = events[0].session_id
        session = self._sessions.get(session_id)
        is_new = session is None or (session.due <= now and not self._let_pass(session, now))
        if session is None or is_new:
            session = Session(session_id, self._segment or now, now)
        new = session.unseen(events)
        if not new:
            self._warm[session] = None
            return
        if session.outgrows(now):
            self._drain(session)
        state = session.state
        was_open, was_known = state.is_open, bool(state.user_id)
        session.count(new, now)
        if is_new:
            self._add(session)
        self._touched[session] = None
        if was_known and was_open and state.is_open:
            return  # what time brings next has only moved away
        if not was_known:
            self._identify(session, new)
        elif was_open or not state.is_open:
            self._tell_if_closed(session)
        else:
            self._notify(session, "reopened", state.seen_at)
        if session.next_change() < session.due:
            self._queue(session)

    def changed(self, now: int, version: int) -> Output:
        """Lets time pass; a session that it forgets is written a last time first, when something was new."""
        due = self._due
        while due and due[0][0] <= now:
            at, session_id = heappop(due)
            session = self._sessions.get(session_id)
            if session is None or session.due != at:
                continue
            # What has moved since it was queued goes back first: sessions change in the order of their times.
            if session.next_change() > at or self._let_pass(session, now):
                self._queue(session)
        for session in self._touched:
            self._drain(session)
        tables = [Record("sessions", _key(session), session.pack(version)) for session in self._touched]
        tables += [Record("sessions", _key(session), None) for session in self._forgotten]
        self._cool()
        changes = [
            Record("user-changes", user_id.encode(), value)
            for user_id, change in self._changes.items()
            for value in split_user_change(change)
        ]
        self._touched, self._forgotten, self._changes = {}, [], {}
        return Output(tables, changes)

    def sizes(self) -> dict[str, int]:
        """How many sessions it remembers."""
        return {"sessions": len(self._sessions)}

    def _cool(self) -> None:
        """Puts away what was told nothing since the last flush; a busy session is not unpacked for each flush."""
        touched, warm = self._touched, self._warm
        for session in warm:
            if session not in touched:
                session.put_away()
        self._warm = dict.fromkeys(islice(touched, WARM))
        for session in islice(touched, WARM, None):
            session.put_away()

    def _add(self, session: Session) -> None:
        self._sessions[session.id] = session
        self._queue(session)

    def _queue(self, session: Session) -> None:
        session.due = session.next_change()
        heappush(self._due, (session.due, session.id))

    def _let_pass(self, session: Session, now: int) -> bool:
        """What time brings to one session, one after the other; False when in the end it is forgotten."""
        while session.next_change() <= now:
            state = session.state
            if not state.user_id:
                self._give_up(session)
            elif state.is_open:
                session.close_idle()
                self._tell_if_closed(session)
            else:
                del self._sessions[session.id]
                self._forgotten.append(session)
                if self._segment:
                    self._segment += 1  # what comes later of this session is another row
                return False
            self._touched[session] = None
        return True

    def _drain(self, session: Session) -> None:
        """What a session counted goes to its person; while nobody is known it waits."""
        if minutes := session.drain():
            _place(minutes, self._panes(session) if session.state.user_id else session.state.waiting)

    def _identify(self, session: Session, events: list[wire.Event]) -> None:
        """The first who is named is the person; what waited counts for them. A hook may end it before that."""
        state = session.state
        for event in events:
            if event.user_id:
                state.user_id_kind = event.user_id_kind
                self._count_for(session, event.user_id, event.team_hint or UNASSIGNED)
                return

    def _give_up(self, session: Session) -> None:
        self._count_for(session, UNKNOWN, UNASSIGNED)

    def _count_for(self, session: Session, user_id: str, team: str) -> None:
        state = session.state
        state.user_id, state.team_hint = user_id, team
        _place(session.settle(), self._panes(session))
        self._notify(session, "opened", state.seen_at)
        self._tell_if_closed(session)

    def _tell_if_closed(self, session: Session) -> None:
        """Told again when what a closed session holds has changed: the last telling is the evidence."""
        if not session.state.is_open:
            self._notify(session, "closed", session.state.closed_at)

    def _notify(self, session: Session, state: Literal["opened", "closed", "reopened"], at: int) -> None:
        """The evidence goes with what is closed: it may change as long as the session is open."""
        known = session.state
        if not known.is_open:
            self._drain(session)
        notice = wire.Notice(
            session.id, session.segment, state, at, known.team_hint, known.started_at, known.end_reason, {}
        )
        notice.source, notice.entrypoint = known.source, known.entrypoint
        if not known.is_open:
            notice.sums, notice.marks = dict(known.sums), dict(known.marks)
            notice.ended_at, notice.end_seen, notice.outcome = known.ended_at, known.closing_at > 0, known.outcome
        self._change(session).notices.append(notice)

    def _change(self, session: Session) -> wire.UserChange:
        user_id = session.state.user_id
        change = self._changes.get(user_id)
        if change is None:
            change = self._changes[user_id] = wire.UserChange(user_id, {}, [])
        return change

    def _panes(self, session: Session) -> dict[int, Sums]:
        return self._change(session).panes.setdefault(session.state.team_hint, {})


def _place(minutes: dict[int, Sums], into: dict[int, Sums]) -> None:
    """Adds; `into` may keep what it is given."""
    for minute, sums in minutes.items():
        pane = into.get(minute)
        if pane is None:
            into[minute] = sums
        else:
            add(pane, sums)


def _key(session: Session) -> bytes:
    return _encode((session.id, session.segment))
