"""Users, by person. Rule: a person enters and leaves each span of a team once, and is told to it once.

Panes and presence are per person and team, so that one who moves between teams leaves what they did where they did it;
a person's own window is the sum over their teams.
"""

import msgspec
from msgspec import Raw

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.counters import Sums, add
from schemas.derived import DEFINITIONS, SPANS
from schemas.people import UNKNOWN
from streams.metrics.changes import split_team_change
from streams.metrics.cohorts import Cohorts
from streams.metrics.rolling import Rolling
from streams.metrics.stage import Output, Record

MINUTE = 60_000

Pane = tuple[str, str]
"""Of whom, in which team."""

_encode = msgspec.msgpack.Encoder().encode
_decode_key = msgspec.msgpack.Decoder(wire.UserMinuteKey).decode
_decode_minute = msgspec.msgpack.Decoder(tuple[int, int, Raw]).decode
_decode_change = msgspec.msgpack.Decoder(wire.UserChange).decode


class Users:
    """The stage of `user-changes`: what each person did by minute and lately, and who is active in which team.

    `segment`, for a one-shot fold, names the minutes that it writes (its own version) instead of 0.
    """

    name = "users"
    source = "user-changes"
    tables: tuple[str, ...] = ("user-minutes", "user-windows", "user-sessions")

    def __init__(self, segment: int = 0) -> None:
        self._segment = segment
        self._rolling: Rolling[Pane] = Rolling()
        self._present: tuple[set[Pane], ...] = tuple(set() for _ in SPANS)  # as told to the teams
        self._teams: dict[str, list[str]] = {}  # of each person who is present in the longest span
        self._cohorts = Cohorts()
        self._changes: dict[str, wire.TeamChange] = {}

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """Takes one minute or one session; windows follow from minutes."""
        if table == "user-minutes":
            name = _decode_key(key)
            if name.segment == self._segment:
                _, _, sums = _decode_minute(value)
                self._rolling.restore((name.user_id, name.team_id), name.minute, bytes(sums))
        elif table == "user-sessions":
            self._cohorts.restore(key, value)

    def begin(self, now: int) -> None:
        """Who was present at the last commit is who the teams were told of: it was one transaction."""
        self._rolling.begin(now // MINUTE)
        for present, windows in zip(self._present, self._rolling.windows, strict=True):
            present.update(windows)
        for user_id, team_id in self._rolling.windows[-1]:
            self._teams.setdefault(user_id, []).append(team_id)

    def apply(self, message: bytes, now: int) -> None:
        """Adds what one flush of the sessions stage says about one person. Raises InvalidEvent."""
        try:
            change = _decode_change(message)
        except msgspec.DecodeError as exc:
            raise InvalidEvent("", str(exc)) from exc
        for team_id, minutes in change.panes.items():
            key = (change.user_id, team_id)
            to_team = self._change(team_id).minutes
            for minute, sums in minutes.items():
                self._rolling.add(key, minute, sums)
                pane = to_team.get(minute)
                if pane is None:
                    to_team[minute] = sums
                else:
                    add(pane, sums)
        for notice in change.notices:
            self._cohorts.take(change.user_id, notice, now)

    def changed(self, now: int, version: int) -> Output:
        """Changed panes first, because time may forget them; then windows as they are at `now`."""
        rolling = self._rolling
        tables = []
        for (user_id, team_id), minute, pane in rolling.changed_panes():
            key = _encode((user_id, team_id, minute, self._segment))
            tables.append(Record("user-minutes", key, _encode((version, DEFINITIONS, Raw(pane)))))
        for (user_id, team_id), minute, sums in rolling.late_panes():
            key = _encode((user_id, team_id, minute, version))
            tables.append(Record("user-minutes", key, _encode((version, DEFINITIONS, sums))))
            tables.append(Record("user-minutes", key, None))
        for (user_id, team_id), minute in rolling.advance(now // MINUTE):
            tables.append(Record("user-minutes", _encode((user_id, team_id, minute, self._segment)), None))
        tables += self._windows(version)
        tables += self._cohorts.changed(now, version)
        changes = [
            Record("team-changes", team_id.encode(), value)
            for team_id, change in self._changes.items()
            for value in split_team_change(change)
        ]
        self._changes = {}
        return Output(tables, changes)

    def sizes(self) -> dict[str, int]:
        """How many minutes, people with a window, and sessions it remembers."""
        return {"minutes": len(self._rolling), "people": len(self._teams), "sessions": len(self._cohorts)}

    def _windows(self, version: int) -> list[Record]:
        """Tells the teams who came and went; writes each changed person's windows, zeros and then null when empty."""
        people: dict[str, None] = {}
        for i, keys in enumerate(self._rolling.changed_windows()):
            windows, present = self._rolling.windows[i], self._present[i]
            for key in keys:
                people[key[0]] = None
                if (key in windows) != (key in present):
                    self._move(i, key, key in windows)
        tables = []
        for user_id in people:
            name = _encode((user_id,))
            tables.append(Record("user-windows", name, self._window(user_id, version)))
            if user_id not in self._teams:
                tables.append(Record("user-windows", name, None))
        return tables

    def _move(self, i: int, key: Pane, enters: bool) -> None:
        user_id, team_id = key
        if enters:
            self._present[i].add(key)
        else:
            self._present[i].remove(key)
        if user_id != UNKNOWN:
            self._change(team_id).people[i] += 1 if enters else -1
        if i == len(SPANS) - 1:
            teams = self._teams.setdefault(user_id, [])
            if enters:
                teams.append(team_id)
            else:
                teams.remove(team_id)
                if not teams:
                    del self._teams[user_id]

    def _window(self, user_id: str, version: int) -> bytes:
        teams = self._teams.get(user_id, ())
        sums: list[Sums] = []
        for windows in self._rolling.windows:
            parts = [windows[key] for team_id in teams if (key := (user_id, team_id)) in windows]
            if len(parts) == 1:
                sums.append(parts[0])
                continue
            total: Sums = {}
            for part in parts:
                add(total, part)
            sums.append(total)
        return _encode((version, DEFINITIONS, self._rolling.minute, sums))

    def _change(self, team_id: str) -> wire.TeamChange:
        change = self._changes.get(team_id)
        if change is None:
            change = self._changes[team_id] = wire.TeamChange(team_id, {}, [0] * len(SPANS))
        return change
