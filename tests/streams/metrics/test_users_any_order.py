"""Property of the users stage: whatever comes in which order, flushed or killed whenever, the sums are right."""

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import counters as c
from schemas import wire
from schemas.counters import Sums, add
from schemas.derived import SPANS
from schemas.signals import read_signal
from streams.metrics.stage import Stage
from streams.metrics.teams import Teams
from streams.metrics.users import Users
from streams.metrics.verdict import counted, judge
from tests.examples import share
from tests.streams.metrics.chain import Running, decoded, sums_of
from tests.streams.metrics.events import HOUR, MINUTE, T
from tests.streams.metrics.users import key_of, record, tell

PEOPLE = ("ann", "bob", "unknown")
TEAMS = ("red", "blue", "unassigned")
END = T + 8 * HOUR
"""All that is told lies before, and everything after T - 30 min is still remembered then."""

bounded = settings(max_examples=share(150), derandomize=True, database=None)


class Story:
    """What is told of some sessions, each in its order, mixed; sums by minute; a directory that changes meanwhile.

    Either the clients of a person all say one team, or the directory never gives a minute back to what they say: where
    two such words have met in one minute, one of them is forgotten.
    """

    def __init__(self, seed: int, length: int) -> None:
        self.random = random.Random(seed)
        self.says = {name: self.random.choice(TEAMS) for name in PEOPLE} if self.random.random() < 0.5 else {}
        self.sessions = {f"s{number}": self._lives() for number in range(self.random.randint(1, 5))}
        self.steps = [self._step() for _ in range(length)]

    def _lives(self) -> tuple[str, list[wire.Notice]]:
        """A person, and what is told of one of their sessions."""
        pick = self.random
        begun = T + pick.randrange(0, 60) * MINUTE
        user_id = pick.choice(PEOPLE)
        hint = self._hint(user_id)
        entrypoint = pick.choice(("cli", "sdk-cli"))
        told: list[wire.Notice] = []
        at = begun
        for nth in range(pick.randint(0, 5)):
            state: Any = "opened" if nth == 0 else pick.choice(("closed", "closed", "reopened"))
            if nth:
                begun -= pick.choice((0, 0, 0, MINUTE))
                at += pick.choice((0, 1, MINUTE, 14 * MINUTE, 16 * MINUTE, HOUR))
            notice = wire.Notice("", T, state, at, hint, begun, "", {}, entrypoint=entrypoint)
            if state == "closed":
                numbers = (c.PROMPTS, c.RESPONSES, c.COMMITS, c.LINES_ADDED, c.LOOPS)
                notice.sums = {number: 1 for number in numbers if pick.random() < 0.4}
                notice.marks = {pick.randrange(8): pick.randrange(1, 5) for _ in range(pick.randrange(4))}
                notice.ended_at = at - pick.choice((0, 0, 10 * MINUTE))
                notice.end_seen = pick.random() < 0.5
            told.append(notice)
        return user_id, told

    def _hint(self, user_id: str) -> str:
        return self.says.get(user_id) or self.random.choice(TEAMS)

    def _step(self) -> tuple[str, Any]:
        pick = self.random
        kind = pick.choice(("notice", "notice", "notice", "sums", "sums", "learn", "pass", "flush", "kill"))
        if kind == "sums":
            minute = T // MINUTE + pick.randrange(-30, 60)
            user_id = pick.choice(PEOPLE)
            return kind, (user_id, self._hint(user_id), minute, {c.EVENTS: 1, pick.randrange(1, 9): 2})
        if kind == "learn":
            entries = [(pick.choice((0, T, T + 1, T + HOUR)), pick.choice(("green", "red", ""))) for _ in range(2)]
            since_ever = [] if self.says else [(0, pick.choice(("green", "red", "")))]
            return kind, (pick.choice(PEOPLE), since_ever + entries[: pick.randint(0, 2)])
        if kind == "notice":
            return kind, pick.choice(list(self.sessions))
        return kind, pick.choice((0, MINUTE, HOUR))


class Site:
    """Users and teams, one partition each, and what was last said of each session."""

    def __init__(self) -> None:
        self.users, self.teams = Running(Users), Running(Teams)
        self.directory: dict[str, list[tuple[int, str]]] = {}
        self.signals: dict[str, Any] = {}
        self.now, self.version = T, 0

    @property
    def stage(self) -> Users:
        """The users stage as it runs now."""
        stage: Stage = self.users.stage
        assert isinstance(stage, Users)
        return stage

    def flush(self) -> None:
        """Both stages."""
        self.version += 1
        for found in self.users.flush(self.now, self.version).changes:
            if found.topic == "signals":
                match read_signal(found.key, found.value or b""):
                    case (wire.SessionKey() as name, _):
                        self.signals[name.session_id] = decoded(found.value or b"")
            else:
                self.teams.stage.apply(found.value or b"", self.now)
        self.teams.flush(self.now, self.version)

    def learn(self, name: str, entries: list[tuple[int, str]]) -> None:
        """The directory changes."""
        self.directory[name] = entries
        self.stage.learn(key_of(name), record(*entries) if entries else None)

    def kill(self, shuffle: random.Random) -> None:
        """Another process takes over after the last flush, and reads the directory."""
        for one in (self.users, self.teams):
            one.restart(self.now, shuffle)
        for name, entries in self.directory.items():
            self.stage.learn(key_of(name), record(*entries) if entries else None)


def play(story: Story) -> tuple[Site, dict[str, list[wire.Notice]], list[tuple[str, str, int, Sums]]]:
    """Tells the story; returns the site as it is at END, each session's notices, and the sums that were told."""
    site, sums = Site(), list[tuple[str, str, int, Sums]]()
    told: dict[str, list[wire.Notice]] = {name: [] for name in story.sessions}

    def say(name: str) -> None:
        user_id, notices = story.sessions[name]
        if len(told[name]) < len(notices):
            one = msgspec.structs.replace(notices[len(told[name])], session_id=name)
            told[name].append(one)
            site.now = max(site.now, one.at)
            tell(site.stage, one, user_id=user_id, now=site.now)

    for kind, what in story.steps:
        if kind == "notice":
            say(what)
        elif kind == "sums":
            user_id, hint, minute, delta = what
            sums.append(what)
            tell(site.stage, panes={hint: {minute: delta}}, user_id=user_id, now=site.now)
        elif kind == "learn":
            site.learn(*what)
        elif kind == "pass":
            site.now += what
        else:
            site.flush()
            if kind == "kill":
                site.kill(story.random)
    for name, (_, notices) in story.sessions.items():
        for _ in notices:
            say(name)
    site.now = max(site.now, END)
    site.flush()
    site.flush()
    return site, told, sums


def team_of(site: Site, user_id: str, minute: int, hint: str) -> str:
    """By the directory as it is at last."""
    holding = [entry for entry in site.directory.get(user_id, []) if entry[0] <= minute * MINUTE]
    if not holding or user_id == "unknown":
        return hint
    latest = max(since for since, _ in holding)
    return next(team for since, team in reversed(holding) if since == latest) or "unassigned"


def came_back(story: Story, last: dict[str, wire.Notice], name: str) -> bool:
    """Another session of the person began within 15 minutes, and did not prove unused."""
    user_id, end = story.sessions[name][0], last[name].ended_at
    return user_id != "unknown" and any(
        end <= other.started_at < end + 15 * MINUTE
        and (other.state != "closed" or bool({c.PROMPTS, c.RESPONSES} & other.sums.keys()))
        for other_name, other in last.items()
        if other_name != name and story.sessions[other_name][0] == user_id
    )


@bounded
@given(st.integers(0, 2**32), st.integers(0, 40))
def test_whatever_comes_when_the_sums_are_those_of_a_plain_loop(seed: int, length: int) -> None:
    """Minutes by person and team, windows and people of teams, and what was said of each session."""
    story = Story(seed, length)
    site, told, sums = play(story)
    last = {name: notices[-1] for name, notices in told.items() if notices}
    minutes: dict[tuple[str, str, int], Sums] = {}

    expected: dict[str, list[Any]] = {}
    for name, notice in last.items():
        user_id, minute = story.sessions[name][0], notice.started_at // MINUTE
        if notice.state == "closed" and {c.PROMPTS, c.RESPONSES} & notice.sums.keys():
            verdict = judge(notice, came_back(story, last, name))
            sums.append((user_id, notice.team_hint, minute, counted(verdict, notice.entrypoint == "cli")))
            team_id = team_of(site, user_id, minute, notice.team_hint)
            expected[name] = [user_id, team_id, notice.started_at, verdict.outcome, verdict.signs]
    for user_id, hint, minute, delta in sums:
        add(minutes.setdefault((user_id, team_of(site, user_id, minute, hint), minute), {}), delta)

    assert _rows(site) == minutes
    judged = {name for name, row in _sessions(site).items() if row[5]}
    assert {name: [said[i] for i in (2, 3, 6, 9, 11)] for name, said in site.signals.items() if name in expected} == (
        expected
    )
    assert set(expected) <= judged
    assert _teams(site) == _brute_teams(minutes, site.now // MINUTE)


def _rows(site: Site) -> dict[tuple[str, str, int], Sums]:
    found: dict[tuple[str, str, int], Sums] = {}
    for (topic, key), row in site.users.store.items():
        if topic == "user-minutes":
            user_id, team_id, minute, _ = decoded(key)
            add(found.setdefault((user_id, team_id, minute), {}), sums_of(row[2]))
    return {key: sums for key, sums in found.items() if sums}


def _sessions(site: Site) -> dict[str, Any]:
    return {decoded(key)[1]: row for (topic, key), row in site.users.store.items() if topic == "user-sessions"}


def _teams(site: Site) -> dict[str, Any]:
    return {
        decoded(key)[0]: (row[3], [sums_of(window) for window in row[4]])
        for (topic, key), row in site.teams.store.items()
        if topic == "team-windows" and any(row[4])
    }


def _brute_teams(minutes: dict[tuple[str, str, int], Sums], now: int) -> dict[str, Any]:
    found = {}
    for team_id in {team_id for _, team_id, _ in minutes}:
        windows: list[Sums] = [{} for _ in SPANS]
        people: list[set[str]] = [set() for _ in SPANS]
        for (user_id, team, minute), sums in minutes.items():
            for i, span in enumerate(SPANS):
                if team == team_id and now - span < minute <= now:
                    add(windows[i], sums)
                    people[i] |= {user_id} - {"unknown"}
        if any(windows):
            found[team_id] = ([len(each) for each in people], windows)
    return found
