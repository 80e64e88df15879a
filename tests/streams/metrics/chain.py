"""The three stages in one process, with in-memory twins of what is around them: compacted tables, and the store."""

import random
from collections.abc import Callable
from typing import Any

import msgspec

from schemas import wire
from schemas.counters import Sums, add
from schemas.signals import read_signal
from streams.metrics.sessions import Sessions
from streams.metrics.stage import Output, Stage
from streams.metrics.teams import Teams
from streams.metrics.users import Users

Row = list[Any]
decode = msgspec.msgpack.Decoder().decode


def decoded(value: bytes) -> Any:
    """A msgpack value."""
    return msgspec.msgpack.decode(value, strict=False)


def sums_of(packed: dict[Any, Any]) -> Sums:
    """Sums without zeros."""
    return {int(number): amount for number, amount in packed.items() if amount}


class Running:
    """One stage: what it holds, its compacted tables, and what a sink stored of them."""

    def __init__(self, make: Callable[[], Stage]) -> None:
        self.make, self.stage = make, make()
        self.stage.begin(0)
        self.tables: dict[tuple[str, bytes], bytes] = {}
        self.store: dict[tuple[str, bytes], Row] = {}
        self.outputs: list[Output] = []

    def flush(self, now: int, version: int) -> Output:
        """One flush: its tables as a broker compacts them and a sink stores them."""
        output = self.stage.changed(now, version)
        for topic, key, value in output.tables:
            if value is None:
                self.tables.pop((topic, key), None)
                continue
            row = decoded(value)
            assert row[0] == version
            before = self.store.get((topic, key))
            assert before is None or before[0] <= version
            self.tables[topic, key] = value
            self.store[topic, key] = row
        self.outputs.append(output)
        return output

    def restart(self, now: int, shuffle: random.Random) -> None:
        """Another process takes over: only the tables are left."""
        self.stage = self.make()
        left = list(self.tables.items())
        shuffle.shuffle(left)
        for (topic, key), value in left:
            self.stage.restore(topic, key, value)
        self.stage.begin(now)


class Chain:
    """Sessions, users, teams, one partition each; a directory that survives restarts; the latest signals."""

    def __init__(self, segment: int = 0) -> None:
        self.sessions = Running(lambda: Sessions(segment))
        self.users = Running(lambda: Users(segment))
        self.teams = Running(Teams)
        self.directory: dict[bytes, bytes] = {}
        self.signals: dict[bytes, Row] = {}
        self.closed_minutes: dict[tuple[str, int], wire.TeamSignal] = {}
        self.failures: dict[tuple[str, int, str], wire.UserSignal] = {}
        self.now = self.version = 0

    def learn(self, key: bytes, value: bytes | None) -> None:
        """The directory says something new."""
        if value is None:
            self.directory.pop(key, None)
        else:
            self.directory[key] = value
        self._learner.learn(key, value)

    @property
    def _learner(self) -> Users:
        assert isinstance(self.users.stage, Users)
        return self.users.stage

    def send(self, message: bytes, now: int) -> None:
        """A message reaches the sessions stage at `now`."""
        self.now = max(self.now, now)
        self.sessions.stage.apply(message, self.now)

    def flush(self, now: int | None = None, stages: int = 3) -> None:
        """The first `stages` stages flush, each reading what the one before it committed."""
        self.now = max(self.now, now or 0)
        self.version += 1
        running = (self.sessions, self.users, self.teams)
        for i, one in enumerate(running[:stages]):
            output = one.flush(self.now, self.version)
            for record in output.changes:
                if record.topic == "signals":
                    self._signal(record.key, record.value or b"")
                else:
                    running[i + 1].stage.apply(record.value or b"", self.now)

    def _signal(self, key: bytes, value: bytes) -> None:
        match read_signal(key, value):
            case (wire.SessionKey(), _):
                self.signals[key] = decoded(value)
            case (wire.SignalMinuteKey() as place, wire.TeamSignal() as minute):
                self.closed_minutes[place.team_id, place.minute] = minute
            case (wire.UserSignalKey() as name, wire.UserSignal() as failed):
                self.failures[name.team_id, name.minute, name.user_id] = failed

    def restart(self, shuffle: random.Random) -> None:
        """All three are killed after a flush and restored."""
        for one in (self.sessions, self.users, self.teams):
            one.restart(self.now, shuffle)
        for key, value in self.directory.items():
            self._learner.learn(key, value)

    def verdicts(self) -> dict[tuple[str, int], Row]:
        """What was said last of each session that is judged, without when, and whether it was said before."""
        found = {}
        for (topic, _), row in self.users.store.items():
            if topic == "user-sessions" and row[5]:
                name = tuple(row[2][:2])
                if verdict := self.signals.get(msgspec.msgpack.encode(name)):
                    found[name] = [*verdict[2:8], *verdict[9:13]]
        return found

    def stored_sessions(self) -> dict[str, dict[str, Any]]:
        """What views show of each session: its segments added up, the newest segment's person and state."""
        found: dict[str, dict[str, Any]] = {}
        rows = sorted(
            ([*decoded(key), row] for (topic, key), row in self.sessions.store.items() if topic == "sessions"),
            key=lambda row: (row[0], row[1]),
        )
        for session_id, _, row in rows:
            one = found.setdefault(
                session_id,
                {"sums": {}, "started_at": row[10], "ended_at": 0, "people": [], "marks": {}, "outcomes": []},
            )
            add(one["sums"], sums_of(row[16]))
            one["started_at"] = min(one["started_at"], row[10])
            one["ended_at"] = max(one["ended_at"], row[11])
            one["people"].append((row[5], row[8]))
            one["is_open"], one["end_reason"] = row[9], row[15]
            for mark, at in row[22].items():
                one["marks"][int(mark)] = max(one["marks"].get(int(mark), 0), at)
            one["outcomes"].append((row[25], row[24]))
        return found

    def stored_minutes(self) -> dict[tuple[str, str, int], Sums]:
        """`user-minutes` as views show them: segments added up."""
        found: dict[tuple[str, str, int], Sums] = {}
        for (topic, key), row in self.users.store.items():
            if topic == "user-minutes":
                user_id, team_id, minute, _ = decoded(key)
                add(found.setdefault((user_id, team_id, minute), {}), sums_of(row[2]))
        return {key: sums for key, sums in found.items() if sums}

    def user_windows(self) -> dict[str, list[Sums]]:
        """The windows that are remembered: those with something in them."""
        return {
            decoded(key)[0]: [sums_of(window) for window in decoded(value)[3]]
            for (topic, key), value in self.users.tables.items()
            if topic == "user-windows"
        }

    def team_windows(self) -> dict[str, tuple[list[int], list[Sums]]]:
        """People and sums of each team that was ever seen."""
        return {
            decoded(key)[0]: (row[3], [sums_of(window) for window in row[4]])
            for (topic, key), row in self.teams.store.items()
            if topic == "team-windows"
        }
