"""A person's sessions that are open or closed a short while ago. Rule: each is judged once its cohort has closed.

Moments decide, not the order of arrival: sessions of one person come from several partitions. What becomes known after
the verdict (more evidence, a successor, another team, that it goes on) replaces it; what it had counted is taken back.

    open ──▶ closed ── 15 min ──▶ judged ── until 25 h after closing ──▶ forgotten
      ▲         └── goes on: the verdict is void ──┘
      └────────────────────────────────┘
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from schemas import counters as c
from schemas import wire
from schemas.counters import Sums, is_interactive, take, total
from schemas.derived import DEFINITIONS
from schemas.people import UNKNOWN
from streams.metrics.directory import Directory
from streams.metrics.stage import Record
from streams.metrics.verdict import counted, evidence, is_idle, judge

MINUTE = 60_000

COHORT = 15 * MINUTE
"""So long after a session's end it may show whether the person came back."""

KEEP = 25 * 60 * MINUTE
"""So long after closing a session is kept: the sessions stage may tell of it for 24 hours; an hour for what is late."""

_encode = msgspec.msgpack.Encoder().encode
_decode_key = msgspec.msgpack.Decoder(wire.UserSessionKey).decode
_decode = msgspec.msgpack.Decoder(wire.UserSession).decode

Name = tuple[str, str]
"""Person and session."""


class Change(NamedTuple):
    """What verdicts add to a minute of a person, or take back from it."""

    user_id: str
    team_hint: str
    minute: int
    sums: Sums


class Cohorts:
    """The table `user-sessions`, and the verdicts for topic `signals`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._people: dict[str, dict[str, wire.UserSession]] = {}
        self._due: list[tuple[int, str, str]] = []
        self._touched: dict[Name, wire.UserSession] = {}
        self._forgotten: dict[Name, None] = {}
        self._heard: dict[Name, int] = {}  # when there was news of a session whose cohort has closed
        self._verdicts: dict[tuple[str, int], wire.SessionVerdict] = {}
        self._changes: list[Change] = []

    def __len__(self) -> int:
        return sum(map(len, self._people.values()))

    @property
    def people(self) -> Iterable[str]:
        """Those with a session that is remembered."""
        return self._people.keys()

    def restore(self, key: bytes, value: bytes) -> None:
        """Takes one session."""
        name, session = _decode_key(key), _decode(value)
        self._people.setdefault(name.user_id, {})[session.notice.session_id] = session
        self._queue(name.user_id, session)

    def take(self, user_id: str, notice: wire.Notice, now: int) -> None:
        """A session of a person opened, closed, reopened, or was told again because its evidence has changed."""
        session = self._people.get(user_id, {}).get(notice.session_id)
        if session is None and notice.state == "closed" and notice.at + KEEP <= now:
            return  # forgotten, hence judged: what comes so late changes it no more
        if session is not None and session.notice.segment != notice.segment:
            self._conclude(user_id, session)
            session = None
        notice.sums = evidence(notice.sums)
        team_id = self._team_of(user_id, notice)
        if session is None:
            session = wire.UserSession(0, DEFINITIONS, notice, team_id, False)
            before, said = None, None
        else:
            before, said = session.notice, self._verdict(user_id, session)
            session.notice, session.team_id = notice, team_id
        self._people.setdefault(user_id, {})[notice.session_id] = session
        if user_id != UNKNOWN:
            self._compare(user_id, session, before, now)
        self._reconsider(user_id, session, said, now)

    def move(self, people: Iterable[str], now: int) -> None:
        """The directory has changed for these people: their sessions are in the team of the minute they began in."""
        for user_id in people:
            for session in self._people.get(user_id, {}).values():
                team_id = self._team_of(user_id, session.notice)
                if team_id != session.team_id:
                    said = self._verdict(user_id, session)
                    session.team_id = team_id
                    self._reconsider(user_id, session, said, now)

    def advance(self, now: int) -> list[Change]:
        """Lets time pass: judges the sessions whose cohort has closed, and drains what verdicts add and take back."""
        due = self._due
        while due and due[0][0] <= now:
            at, user_id, session_id = heappop(due)
            session = self._people.get(user_id, {}).get(session_id)
            if session is None or _next_change(session) != at:
                continue  # changed since it was queued
            if session.judged_at:
                self._forget(user_id, session_id)
            else:
                self._judge(user_id, session)
                self._queue(user_id, session)
        self._heard = {}
        changes, self._changes = self._changes, []
        return changes

    def changed(self, version: int) -> tuple[list[Record], list[Record]]:
        """Drains the rows of the sessions that changed, nulls of those forgotten, and the verdicts."""
        tables = []
        for (user_id, session_id), session in self._touched.items():
            session.version = version
            tables.append(Record("user-sessions", _encode((user_id, session_id)), _encode(session)))
        tables += [Record("user-sessions", _encode(name), None) for name in self._forgotten]
        verdicts = []
        for name, verdict in self._verdicts.items():
            verdict.version = version
            verdicts.append(Record("signals", _encode(name), _encode(verdict)))
        self._touched, self._forgotten, self._verdicts = {}, {}, {}
        return tables, verdicts

    # -- one session ---------------------------------------------------------------------------------------------------

    def _compare(self, user_id: str, session: wire.UserSession, before: wire.Notice | None, now: int) -> None:
        """Who came back to what, now that a session is told (anew)."""
        told, found = session.notice, False
        for other in self._people[user_id].values():
            if other is session:
                continue
            found = found or _follows(other.notice, told)
            came_back = _follows(told, other.notice)
            if not came_back and before is not None and _follows(before, other.notice):
                came_back = any(_follows(each.notice, other.notice) for each in self._people[user_id].values())
            elif not came_back:
                continue
            if came_back != other.came_back:
                said = self._verdict(user_id, other)
                other.came_back = came_back
                self._reconsider(user_id, other, said, now)
        same_end = before is not None and before.state == told.state == "closed" and before.ended_at == told.ended_at
        session.came_back = found or (session.came_back and same_end)  # a successor may be forgotten by now

    def _reconsider(self, user_id: str, session: wire.UserSession, said: wire.SessionVerdict | None, now: int) -> None:
        """A session has changed: a verdict stands if it says the same, else it is void, or at once replaced."""
        notice = session.notice
        name = (user_id, notice.session_id)
        self._touched[name] = session
        is_over = notice.state == "closed" and notice.at + COHORT <= now
        if is_over:
            self._heard[name] = now
            if session.judged_at and self._verdict(user_id, session) == said:
                self._queue(user_id, session)
                return
        session.judged_at = 0
        if not is_over:
            self._count(user_id, session, {}, session.counted_minute)
        self._queue(user_id, session)

    def _judge(self, user_id: str, session: wire.UserSession) -> None:
        notice = session.notice
        name = (user_id, notice.session_id)
        session.judged_at = max(notice.at + COHORT, self._heard.get(name, 0))
        self._touched[name] = session
        verdict = self._verdict(user_id, session)
        if verdict is None:
            self._count(user_id, session, {}, session.counted_minute)
            return
        verdict.judged_at, verdict.replaces = session.judged_at, session.counted_minute > 0
        self._verdicts[notice.session_id, notice.segment] = verdict
        adds = counted(judge(notice, session.came_back), verdict.is_interactive)
        self._count(user_id, session, adds, notice.started_at // MINUTE)

    def _verdict(self, user_id: str, session: wire.UserSession) -> wire.SessionVerdict | None:
        """What would be said of it; None of one that is open, or in which nothing happened."""
        notice = session.notice
        if notice.state != "closed" or is_idle(notice.sums):
            return None
        found, sums = judge(notice, session.came_back), notice.sums
        return wire.SessionVerdict(
            version=0,
            definitions=DEFINITIONS,
            user_id=user_id,
            team_id=session.team_id,
            source=notice.source,
            is_interactive=is_interactive(notice.entrypoint),
            started_at=notice.started_at,
            ended_at=notice.ended_at,
            judged_at=0,
            outcome=found.outcome,
            is_troubled=found.is_troubled,
            signs=found.signs,
            confidence=found.confidence,
            cost_micros=total(sums, c.COST_MICROS),
            tool_calls=total(sums, c.TOOL_CALLS),
            tool_failures=total(sums, c.TOOL_FAILURES),
            tool_decisions=total(sums, c.TOOL_ACCEPTS) + total(sums, c.TOOL_REJECTIONS),
            user_rejections=total(sums, c.USER_REJECTIONS),
            prompts=total(sums, c.PROMPTS),
        )

    def _count(self, user_id: str, session: wire.UserSession, adds: Sums, minute: int) -> None:
        """Takes back what its verdict had counted, and counts this instead."""
        hint, old = session.notice.team_hint, session.counted
        difference = dict(adds)
        if session.counted_minute == minute:
            take(difference, old)
        elif old:
            back: Sums = {}
            take(back, old)
            self._changes.append(Change(user_id, hint, session.counted_minute, back))
        if difference:
            self._changes.append(Change(user_id, hint, minute, difference))
        session.counted, session.counted_minute = adds, minute

    def _conclude(self, user_id: str, session: wire.UserSession) -> None:
        """The session begins another life: the one before is judged as it stands."""
        if session.notice.state == "closed" and not session.judged_at:
            self._judge(user_id, session)

    def _forget(self, user_id: str, session_id: str) -> None:
        mine = self._people[user_id]
        del mine[session_id]
        if not mine:
            del self._people[user_id]
        self._forgotten[user_id, session_id] = None

    def _queue(self, user_id: str, session: wire.UserSession) -> None:
        if at := _next_change(session):
            heappush(self._due, (at, user_id, session.notice.session_id))

    def _team_of(self, user_id: str, notice: wire.Notice) -> str:
        return self._directory.team_of(user_id, notice.started_at // MINUTE, notice.team_hint)


def _next_change(session: wire.UserSession) -> int:
    """When time changes it next; 0 while it is open."""
    if session.notice.state != "closed":
        return 0
    return session.notice.at + (KEEP if session.judged_at else COHORT)


def _follows(successor: wire.Notice, session: wire.Notice) -> bool:
    """Whether one began within 15 minutes of the last event of the other. One that proved idle is no successor."""
    if session.state != "closed" or successor is session:
        return False
    if not session.ended_at <= successor.started_at < session.ended_at + COHORT:
        return False
    return successor.state != "closed" or not is_idle(successor.sums)
