"""A made-up office whose sessions are judged: what signals say of it, and a stage that reads them."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from streams.detect.calendar import HOUR, Calendar
from streams.detect.parameters import Calibration
from streams.detect.stage import Detect

MINUTE = 60_000
WEEK = Calendar()
MONDAY = WEEK.day(1_767_600_000_000)  # 2026-01-05
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(wire.Anomaly).decode

Signal = tuple[int, bytes, bytes]
"""When it came, key, message."""


def nine(day: int) -> int:
    """Nine in the morning of a day counted from Monday, 2026-01-05."""
    return WEEK.start(MONDAY + day) + 5 * HOUR


@dataclass
class Team:
    """A team, and how its sessions go."""

    name: str
    people: int
    troubled: float = 4.0
    """Troubled sessions a person and week; there are twice as many others."""
    abandons: float = 0.065
    verified: float = 0.28
    tools: float = 0.037
    dollars: float = 1.0
    first: int = 0
    """Number of its first person, so that teams may share nobody."""

    def person(self, number: int) -> str:
        """A pseudonym."""
        return f"u_{self.name}_{self.first + number}"


def verdict(
    at: int,
    team: str,
    user: str,
    session: str,
    outcome: str = "ended_clean",
    *,
    troubled: bool = False,
    segment: int = 1_767_000_000_000,
    **more: Any,
) -> Signal:
    """A session's verdict, 45 minutes after its end."""
    said = {
        "version": 1,
        "definitions": DEFINITIONS,
        "user_id": user,
        "team_id": team,
        "source": "claude_code",
        "is_interactive": True,
        "started_at": at - 65 * MINUTE,
        "ended_at": at - 45 * MINUTE,
        "judged_at": at,
        "outcome": outcome,
        "is_troubled": troubled,
        "signs": 0,
        "confidence": "medium",
        **more,
    }
    return at, _encode((session, segment)), _encode(wire.SessionVerdict(**said))


def minute(team: str, at: int, answered: int, failures: dict[str, int], *, replaces: bool = False) -> list[Signal]:
    """A team's minute and who failed in it, told two minutes after it ended."""
    number = at // MINUTE
    told = (number + 3) * MINUTE
    signals: list[Signal] = [
        (told, _encode((team, number, user)), _encode(wire.UserSignal(1, DEFINITIONS, failed, 0)))
        for user, failed in failures.items()
    ]
    sums = {c.RESPONSES: answered, c.API_FAILURES: sum(failures.values())}
    said = wire.TeamSignal(1, DEFINITIONS, sums, told, replaces)
    return [*signals, (told, _encode((team, number)), _encode(said))]


def work(team: Team, days: Iterable[int], seed: int, away: frozenset[str] = frozenset()) -> Iterator[Signal]:
    """The verdicts of a team on these days (weekends are left out), in their order."""
    draw = random.Random(f"{seed} {team.name}")
    for day in days:
        if day % 7 > 4:
            continue
        signals = []
        for number in range(team.people):
            user = team.person(number)
            if user in away:
                continue
            for _ in range(_poisson(draw, 3 * team.troubled / 5)):
                at = nine(day) + int(draw.random() * 9 * HOUR)
                signals.append(_session(draw, team, user, at))
        yield from sorted(signals)


def _session(draw: random.Random, team: Team, user: str, at: int) -> Signal:
    troubled = draw.random() < 1 / 3
    outcome = "ended_clean"
    if draw.random() < team.verified:
        outcome = "verified_success"
    elif troubled and draw.random() < team.abandons / (1 - team.verified):
        outcome = "abandoned_after_trouble"
    calls = 1 + int(draw.lognormvariate(3.2, 1.0))
    failed = sum(draw.random() < team.tools for _ in range(calls))
    return verdict(
        at,
        team.name,
        user,
        f"s{draw.getrandbits(48):x}",
        outcome,
        troubled=troubled,
        cost_micros=int(1e6 * team.dollars * draw.lognormvariate(0, 1.0)),
        tool_calls=calls,
        tool_failures=failed,
        tool_decisions=calls,
        user_rejections=sum(draw.random() < 0.009 for _ in range(calls)),
    )


def _poisson(draw: random.Random, mean: float) -> int:
    count, passed = 0, draw.expovariate(1.0)
    while passed < mean:
        count, passed = count + 1, passed + draw.expovariate(1.0)
    return count


@dataclass
class Site:
    """A stage with its tables, as the engine keeps them."""

    calendar: Calendar = WEEK
    calibration: Calibration = field(default_factory=Calibration)
    flush_every: int = 25
    tables: dict[str, dict[bytes, bytes]] = field(default_factory=lambda: {"anomalies": {}, "detector-states": {}})
    history: list[wire.Anomaly] = field(default_factory=list)
    """Every row of `anomalies` ever written, as it was."""
    now: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        self.stage = Detect(self.calibration, self.calendar)
        self.stage.begin(0)
        self._unflushed = 0

    def feed(self, signals: Iterable[Signal]) -> None:
        """Reads signals; flushes now and then."""
        for at, key, message in signals:
            self.now = max(self.now, at)
            self.stage.take(key, message, self.now)
            self._unflushed += 1
            if self._unflushed >= self.flush_every:
                self.flush()

    def wait(self, until: int) -> None:
        """Nothing comes until a moment: time passes by the hour, as the engine lets it."""
        while self.now < until:
            self.now = min(until, self.now + HOUR)
            self.flush()

    def flush(self) -> None:
        """Commits."""
        self.version += 1
        self._unflushed = 0
        for record in self.stage.changed(self.now, self.version).tables:
            if record.value is None:
                self.tables[record.topic].pop(record.key, None)
                continue
            self.tables[record.topic][record.key] = record.value
            if record.topic == "anomalies":
                self.history.append(_decode(record.value))

    def restart(self) -> None:
        """The process is gone, with what it had not committed; another takes over from the tables."""
        self.stage = Detect(self.calibration, self.calendar)
        for table, rows in self.tables.items():
            for key, value in reversed(rows.items()):
                self.stage.restore(table, key, value)
        self.stage.begin(self.now)

    @property
    def alerts(self) -> list[wire.Anomaly]:
        """The alerts there are, as they are now."""
        self.flush()
        return sorted(
            (_decode(value) for value in self.tables["anomalies"].values()),
            key=lambda row: (row.opened_at, row.detector),
        )

    def of(self, detector: str, scope: str = "team", team: str | None = None) -> list[wire.Anomaly]:
        """Those of a detector."""
        return [
            row
            for row in self.alerts
            if row.detector == detector and row.scope == scope and (team is None or row.team_id == team)
        ]


def merged(*streams: Iterable[Signal]) -> list[Signal]:
    """Several teams' signals in the order in which they come."""
    return sorted((signal for stream in streams for signal in stream), key=lambda signal: signal[0])
