"""A person's sessions that are open or closed a short while ago. Rule: a session is kept until its cohort closes.

Moments decide, not the order of arrival: sessions of one person come from several partitions.
"""

from heapq import heappop, heappush

import msgspec

from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.people import UNKNOWN
from streams.metrics.stage import Record

COHORT = 15 * 60_000
"""So long after closing it may show whether the person came back."""

_encode = msgspec.msgpack.Encoder().encode
_decode_key = msgspec.msgpack.Decoder(wire.UserSessionKey).decode
_decode = msgspec.msgpack.Decoder(wire.UserSession).decode


class Cohorts:
    """The table `user-sessions`."""

    def __init__(self) -> None:
        self._people: dict[str, dict[str, wire.UserSession]] = {}
        self._closing: list[tuple[int, str, str]] = []
        self._touched: dict[tuple[str, str], None] = {}

    def __len__(self) -> int:
        return sum(map(len, self._people.values()))

    def restore(self, key: bytes, value: bytes) -> None:
        """Takes one session."""
        name, session = _decode_key(key), _decode(value)
        self._keep(name.user_id, session)

    def take(self, user_id: str, notice: wire.Notice, now: int) -> None:
        """A session of a person opened, closed or reopened. One that closed too long ago matters no more."""
        mine = self._people.get(user_id, {})
        if notice.state == "closed" and notice.at + COHORT <= now and notice.session_id not in mine:
            return
        session = wire.UserSession(0, DEFINITIONS, notice, notice.team_hint, False)
        if user_id != UNKNOWN:
            for other_id, other in mine.items():
                if other_id == notice.session_id:
                    continue
                if _came_back(session, other):
                    session.came_back = True
                if not other.came_back and _came_back(other, session):
                    other.came_back = True
                    self._touched[user_id, other_id] = None
            before = mine.get(notice.session_id)
            if before is not None and before.notice.state == notice.state == "closed":
                session.came_back |= before.came_back
        self._keep(user_id, session)
        self._touched[user_id, notice.session_id] = None

    def changed(self, now: int, version: int) -> list[Record]:
        """Drains what changed, then forgets the sessions whose cohort has closed."""
        tables = []
        for user_id, session_id in self._touched:
            session = self._people[user_id][session_id]
            session.version = version
            tables.append(Record("user-sessions", _encode((user_id, session_id)), _encode(session)))
        self._touched = {}
        while self._closing and self._closing[0][0] <= now:
            _, user_id, session_id = heappop(self._closing)
            mine = self._people.get(user_id, {})
            kept = mine.get(session_id)
            if kept is None or kept.notice.state != "closed" or kept.notice.at + COHORT > now:
                continue  # reopened since, or closed again later
            del mine[session_id]
            if not mine:
                del self._people[user_id]
            tables.append(Record("user-sessions", _encode((user_id, session_id)), None))
        return tables

    def _keep(self, user_id: str, session: wire.UserSession) -> None:
        notice = session.notice
        self._people.setdefault(user_id, {})[notice.session_id] = session
        if notice.state == "closed":
            heappush(self._closing, (notice.at + COHORT, user_id, notice.session_id))


def _came_back(session: wire.UserSession, other: wire.UserSession) -> bool:
    """Whether the other one opened after this one closed, and in time."""
    closed, opened = session.notice, other.notice
    if closed.state != "closed":
        return False
    at = opened.started_at if opened.state == "closed" else opened.at
    return closed.at <= at < closed.at + COHORT
