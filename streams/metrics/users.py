"""Users, by person. Rule: a person enters and leaves each span of a team once, and is told to it once.

Panes and presence are per person and team, so that one who moves between teams leaves what they did where they did it;
a person's own window is the sum over their teams. A pane's key says for which team it was counted, so that a directory
that changes, or has changed while the stage was away, moves it by the difference.
"""

import msgspec
from msgspec import Raw

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.counters import Sums, add, take
from schemas.derived import DEFINITIONS, SPANS
from schemas.people import UNKNOWN
from streams.metrics.changes import split_team_change
from streams.metrics.cohorts import Cohorts
from streams.metrics.directory import Directory
from streams.metrics.failures import Failures
from streams.metrics.rolling import NO_SUMS, Rolling
from streams.metrics.stage import Output, Record

MINUTE = 60_000

Pane = tuple[str, str]
"""Of whom, in which team."""

_encode = msgspec.msgpack.Encoder().encode
_decode_key = msgspec.msgpack.Decoder(wire.UserMinuteKey).decode
_decode_change = msgspec.msgpack.Decoder(wire.UserChange).decode


class _Minute(msgspec.Struct, array_like=True):
    """A wire.UserMinute whose sums stay packed."""

    version: int
    definitions: int
    sums: Raw
    hint: str = ""


_decode_minute = msgspec.msgpack.Decoder(_Minute).decode


class Users:
    """The stage of `user-changes`: what each person did by minute and lately, who is active in which team, whose model
    requests failed, and how each closed session went.

    `segment`, for a one-shot fold, names the minutes that it writes (its own version) instead of 0.
    """

    name = "users"
    source = "user-changes"
    tables: tuple[str, ...] = ("user-minutes", "user-windows", "user-sessions")
    sends: tuple[str, ...] = ("team-changes", "signals")
    directory = "directory"

    def __init__(self, segment: int = 0) -> None:
        self._segment = segment
        self._rolling: Rolling[Pane] = Rolling(usual=lambda pane: pane[1])  # the tag of a pane is its team hint
        self._directory = Directory()
        self._learned: set[str] = set()  # about whom the directory says something new
        self._present: tuple[set[Pane], ...] = tuple(set() for _ in SPANS)  # as told to the teams
        self._teams: dict[str, list[str]] = {}  # of each person who is present in the longest span
        self._cohorts = Cohorts(self._directory)
        self._changes: dict[str, wire.TeamChange] = {}
        self._failures = Failures()

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """Takes one minute or one session; windows follow from minutes."""
        if table == "user-minutes":
            name = _decode_key(key)
            if name.segment == self._segment:
                held = _decode_minute(value)
                self._rolling.restore((name.user_id, name.team_id), name.minute, bytes(held.sums), held.hint)
        elif table == "user-sessions":
            self._cohorts.restore(key, value)

    def begin(self, now: int) -> None:
        """Who was present at the last commit is who the teams were told of: it was one transaction.

        What the directory says otherwise than then is moved with the first flush.
        """
        self._rolling.begin(now // MINUTE)
        for present, windows in zip(self._present, self._rolling.windows, strict=True):
            present.update(windows)
        for user_id, team_id in self._rolling.windows[-1]:
            self._teams.setdefault(user_id, []).append(team_id)
        self._learned = {user_id for user_id, _ in self._rolling.known()} | {*self._cohorts.people}

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Takes a record of topic `directory`, None: its entry is gone; the next flush moves live panes and sessions.

        Raises InvalidEvent.
        """
        self._learned.add(self._directory.learn(key, value))

    def apply(self, message: bytes, now: int) -> None:
        """Adds what one flush of the sessions stage says about one person. Raises InvalidEvent."""
        try:
            change = _decode_change(message)
        except msgspec.DecodeError as exc:
            raise InvalidEvent("", str(exc)) from exc
        user_id = change.user_id
        for hint, minutes in change.panes.items():
            if user_id in self._directory:
                for minute, sums in minutes.items():
                    self._add(user_id, self._team_of(user_id, minute, hint), hint, {minute: sums})
            else:
                self._add(user_id, hint, hint, minutes)
        for notice in change.notices:
            self._cohorts.take(user_id, notice, now)

    def changed(self, now: int, version: int) -> Output:
        """Changed panes first, because time may forget them; then windows as they are at `now`.

        A pane of which nothing is left is written without sums, then nulled: a null alone would leave the old row.
        """
        rolling = self._rolling
        self._move_panes(now)
        for user_id, hint, minute, sums in self._cohorts.advance(now):
            self._add(user_id, self._team_of(user_id, minute, hint), hint, {minute: sums})
        tables = []
        failures = self._failures
        for pane, minute, packed, hint in rolling.changed_panes():
            user_id, team_id = pane
            failures.take(pane, minute, packed)
            key = _encode((user_id, team_id, minute, self._segment))
            tables.append(Record("user-minutes", key, _encode((version, DEFINITIONS, Raw(packed), hint))))
            if packed == NO_SUMS:
                tables.append(Record("user-minutes", key, None))
        for (user_id, team_id), minute, packed, hint in rolling.late_panes():
            key = _encode((user_id, team_id, minute, version))
            tables.append(Record("user-minutes", key, _encode((version, DEFINITIONS, Raw(packed), hint))))
            tables.append(Record("user-minutes", key, None))
        for (user_id, team_id), minute in rolling.advance(now // MINUTE):
            tables.append(Record("user-minutes", _encode((user_id, team_id, minute, self._segment)), None))
        tables += self._windows(version)
        sessions, verdicts = self._cohorts.changed(version)
        tables += sessions
        changes = [
            Record("team-changes", team_id.encode(), value)
            for team_id, change in self._changes.items()
            for value in split_team_change(change)
        ]
        self._changes = {}
        return Output(tables, changes + failures.drain(version) + verdicts)

    def sizes(self) -> dict[str, int]:
        """How many minutes, people with a window, sessions, and identities of the directory it remembers."""
        return {
            "minutes": len(self._rolling),
            "people": len(self._teams),
            "sessions": len(self._cohorts),
            "identities": len(self._directory),
        }

    def _team_of(self, user_id: str, minute: int, hint: str) -> str:
        return self._directory.team_of(user_id, minute, hint)

    def _add(self, user_id: str, team_id: str, hint: str, minutes: dict[int, Sums]) -> None:
        """Adds to a person's minutes in a team, and to the team's; may keep what it is given."""
        key = (user_id, team_id)
        to_team = self._change(team_id).minutes
        for minute, sums in minutes.items():
            self._failures.hear(key, minute, sums)
            self._rolling.add(key, minute, sums, hint)
            pane = to_team.get(minute)
            if pane is None:
                to_team[minute] = sums
            else:
                add(pane, sums)

    def _move_panes(self, now: int) -> None:
        """Brings what is live to where the directory has it."""
        learned, self._learned = self._learned, set()
        if not learned:
            return
        keys = {key for key in self._rolling.known() if key[0] in learned}
        moves = [
            (key, minute, there, hint)
            for key, minute, hint in self._rolling.panes(keys)
            if (there := self._team_of(key[0], minute, hint)) != key[1]
        ]
        for key, minute, there, hint in moves:
            sums, back = self._rolling.pane(key, minute), Sums()
            take(back, sums)
            self._add(*key, hint, {minute: back})
            self._add(key[0], there, hint, {minute: sums})
        self._cohorts.move(learned, now)

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
