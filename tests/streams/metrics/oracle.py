"""What the tables must hold, computed from the log in plain Python. Rule: no code of the folds; slow and simple.

Every event that counts is kept in a list with the person and team it counts for; each figure is then a loop over it.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from schemas import counters as c
from tests.streams.metrics.oracle_facts import facts_of, marks_of

MINUTE = 60_000
HOUR = 60 * MINUTE

Log = list[tuple[int, bytes]]
"""When the record was written, and the message."""


@dataclass
class Life:
    """A session from when it is first heard of until it is forgotten."""

    born: int
    counted: list[dict[str, Any]] = field(default_factory=list)
    person: tuple[str, str] | None = None
    closed_at: int | None = None
    end_reason: str = ""
    end: int = 0

    def seen(self) -> int:
        """The last sign of life."""
        return max(max(int(e["at"]), int(e["received_at"])) for e in self.counted)

    def last(self) -> int:
        """The last event; counters are none."""
        return max((int(e["at"]) for e in self.counted if e["type"] != "usage_reported"), default=0)

    def pass_time(self, now: int) -> bool:
        """Whether it is remembered at `now`."""
        idle_at = self.seen() + 30 * MINUTE
        if self.person is None and now >= min(self.born + 2 * MINUTE, idle_at):
            self.person = ("unknown", "unassigned")
        if self.closed_at is None and now >= idle_at:
            self.closed_at, self.end_reason = idle_at, "idle"
        return self.closed_at is None or now < self.closed_at + 24 * HOUR

    def hear(self, events: list[dict[str, Any]], now: int) -> None:
        """A message's events; those already counted are none."""
        known = {e["event_id"] for e in self.counted}
        new = [e for e in events if e["event_id"] not in known]
        if not new:
            return
        for e in new:
            e["heard_at"] = now
            impossible = e["occurred_at"] > e["received_at"] + 5 * MINUTE or e["occurred_at"] < 1_577_836_800_000
            e["clamped"] = impossible
            e["at"] = e["received_at"] if impossible else e["occurred_at"]
        self.counted += new
        if self.person is None:
            named = [e for e in new if e.get("user_id")]
            if named:
                self.person = (named[0]["user_id"], named[0].get("team_hint") or "unassigned")
        ends = [e for e in self.counted if e["type"] == "session_ended"]
        end = max((_end(e) for e in ends), default=0)
        if not end or self.last() > end:
            self.closed_at, self.end_reason = None, ""
        else:
            if self.closed_at is None or end > self.end:
                self.closed_at = self.seen()
            self.end_reason = max(e.get("reason", "") for e in ends if _end(e) == end)
        self.end = end


class Oracle:
    """Reads a log, lets time pass to `end`."""

    def __init__(self, log: Log, end: int) -> None:
        self.end = end
        self.lives: dict[str, list[Life]] = {}
        now = 0
        for at, message in log:
            now = max(now, at)
            events = [json.loads(line) for line in message.splitlines()]
            lives = self.lives.setdefault(events[0]["session_id"], [])
            if not lives or not lives[-1].pass_time(now):
                lives.append(Life(now))
            lives[-1].hear(events, now)
        for lives in self.lives.values():
            lives[-1].pass_time(end)
        self.facts = [
            (life.person, *fact)
            for lives in self.lives.values()
            for life in lives
            for fact in facts_of(life)
            if fact[1] not in c.OF_SESSIONS
        ]

    def sessions(self) -> dict[str, dict[str, Any]]:
        """As Chain.stored_sessions."""
        found = {}
        for session_id, lives in self.lives.items():
            sums: c.Sums = {}
            for life in lives:
                for _, number, amount in facts_of(life):
                    sums[number] = sums.get(number, 0) + amount
            found[session_id] = {
                "sums": {number: amount for number, amount in sums.items() if amount},
                "started_at": min(e["at"] for life in lives for e in life.counted),
                "ended_at": max(life.last() for life in lives),
                "people": [life.person or ("", "") for life in lives],
                "is_open": lives[-1].closed_at is None,
                "end_reason": lives[-1].end_reason,
                "marks": marks_of([e for life in lives for e in life.counted]),
                "outcomes": [
                    max(
                        (
                            (e["at"], e.get("outcome", "unknown"))
                            for e in life.counted
                            if e["type"] == "outcome_reported"
                        ),
                        default=(0, ""),
                    )
                    for life in lives
                ],
            }
        return found

    def minutes(self) -> dict[tuple[str, str, int], c.Sums]:
        """As Chain.stored_minutes."""
        found: dict[tuple[str, str, int], c.Sums] = {}
        for person, minute, number, amount in self.facts:
            if person:
                sums = found.setdefault((*person, minute), {})
                sums[number] = sums.get(number, 0) + amount
        return {key: {n: amount for n, amount in sums.items() if amount} for key, sums in found.items()}

    def user_windows(self) -> dict[str, list[c.Sums]]:
        """As Chain.user_windows."""
        found = {}
        for user in {key[0] for key in self.minutes()}:
            windows = [self._window(span, user, None) for span in (5, 60, 1440)]
            if any(windows):
                found[user] = windows
        return found

    def team_windows(self) -> dict[str, tuple[list[int], list[c.Sums]]]:
        """As Chain.team_windows, of teams with something in a window."""
        found = {}
        for team in {key[1] for key in self.minutes()}:
            windows = [self._window(span, None, team) for span in (5, 60, 1440)]
            people = [
                len({u for u, t, m in self.minutes() if t == team and u != "unknown" and self._holds(span, m)})
                for span in (5, 60, 1440)
            ]
            if any(windows):
                found[team] = people, windows
        return found

    def _holds(self, span: int, minute: int) -> bool:
        return self.end // MINUTE - span < minute <= self.end // MINUTE

    def _window(self, span: int, user: str | None, team: str | None) -> c.Sums:
        total: c.Sums = {}
        for (u, t, minute), sums in self.minutes().items():
            if user in (None, u) and team in (None, t) and self._holds(span, minute):
                for number, amount in sums.items():
                    total[number] = total.get(number, 0) + amount
        return {number: amount for number, amount in total.items() if amount}


def _end(e: dict[str, Any]) -> int:
    return int(e["at"]) + (5_000 if e.get("via") == "hook" else 0)
