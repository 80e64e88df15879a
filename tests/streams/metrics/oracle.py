"""What the tables must hold, computed from the log in plain Python. Rule: no code of the folds; slow and simple.

Every event that counts is kept in a list with the person and team it counts for; each figure is then a loop over it.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from schemas import counters as c

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
        """The last event."""
        return max(int(e["at"]) for e in self.counted)

    def pass_time(self, now: int) -> bool:
        """Whether it is remembered at `now`."""
        if self.closed_at is None:
            idle_at = self.seen() + 30 * MINUTE
            if self.person is None and now >= min(self.born + 2 * MINUTE, idle_at):
                self.person = ("unknown", "unassigned")
            if now >= idle_at:
                self.closed_at, self.end_reason = idle_at, "idle"
        return self.closed_at is None or now < self.closed_at + 24 * HOUR

    def hear(self, events: list[dict[str, Any]]) -> None:
        """A message's events; those already counted are none."""
        known = {e["event_id"] for e in self.counted}
        new = [e for e in events if e["event_id"] not in known]
        if not new:
            return
        for e in new:
            impossible = e["occurred_at"] > e["received_at"] + 5 * MINUTE or e["occurred_at"] < 1_577_836_800_000
            e["clamped"] = impossible
            e["at"] = e["received_at"] if impossible else e["occurred_at"]
        self.counted += new
        if self.person is None:
            named = [e for e in new if e.get("user_id")]
            if named:
                self.person = (named[0]["user_id"], named[0].get("team_hint") or "unassigned")
        ends = [e for e in self.counted if e["type"] == "session_ended"]
        end = max((e["at"] for e in ends), default=0)
        if self.last() > end:
            self.closed_at, self.end_reason = None, ""
        else:
            if self.closed_at is None or end > self.end:
                self.closed_at = self.seen()
            self.end_reason = max(e.get("reason", "") for e in ends if e["at"] == end)
            if self.person is None:
                self.person = ("unknown", "unassigned")
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
            lives[-1].hear(events)
        for lives in self.lives.values():
            lives[-1].pass_time(end)
        self.facts = [
            (life.person, *fact) for lives in self.lives.values() for life in lives for fact in _facts(life.counted)
        ]

    def sessions(self) -> dict[str, dict[str, Any]]:
        """As Chain.stored_sessions."""
        found = {}
        for session_id, lives in self.lives.items():
            sums: c.Sums = {}
            for life in lives:
                for _, number, amount in _facts(life.counted):
                    sums[number] = sums.get(number, 0) + amount
            found[session_id] = {
                "sums": {number: amount for number, amount in sums.items() if amount},
                "started_at": min(e["at"] for life in lives for e in life.counted),
                "ended_at": max(e["at"] for life in lives for e in life.counted),
                "people": [life.person or ("", "") for life in lives],
                "is_open": lives[-1].closed_at is None,
                "end_reason": lives[-1].end_reason,
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


def _facts(counted: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """(minute, number, amount) of everything that a session's events count, in the order of its log."""
    facts: list[tuple[int, int, int]] = []
    turns: set[str] = set()
    highest: dict[tuple[str, int], int] = {}
    for e in counted:
        entrypoint = e.get("entrypoint", "")
        half = 64 if entrypoint.startswith(("sdk", "print", "headless", "github-action", "ci")) else 0
        for number, amount in _of_event(e, turns, highest):
            facts.append((e["at"] // MINUTE, number + half, amount))
    return facts


def _of_event(e: dict[str, Any], turns: set[str], highest: dict[tuple[str, int], int]) -> list[tuple[int, int]]:
    found = [(c.EVENTS, 1)]
    kind = e["type"]
    if e["clamped"]:
        found.append((c.CLOCK_CLAMPED, 1))
    makes_turn = kind in ("model_responded", "tool_finished") or (
        kind == "model_request_failed" and e.get("kind", "error") == "error"
    )
    if makes_turn and e.get("prompt_id") and e["prompt_id"] not in turns:
        turns.add(e["prompt_id"])
        found.append((c.TURNS, 1))
    if kind == "prompt_submitted":
        slash, injected = bool(e.get("command_name")), e.get("injected", False)
        found.append((c.SLASH_COMMANDS if slash else c.INJECTED_PROMPTS if injected else c.PROMPTS, 1))
    elif kind == "model_responded":
        found += [(c.RESPONSES, 1), (c.MODEL_MS, e.get("duration_ms", 0)), (c.COST_MICROS, e.get("cost_micros", 0))]
        found += [(c.INPUT_TOKENS, e.get("input_tokens", 0)), (c.OUTPUT_TOKENS, e.get("output_tokens", 0))]
        found += [(c.CACHE_READ_TOKENS, e.get("cache_read_tokens", 0))]
        found += [(c.CACHE_CREATION_TOKENS, e.get("cache_creation_tokens", 0))]
    elif kind == "model_request_failed":
        which = {"error": c.API_FAILURES, "refusal": c.API_REFUSALS, "retries_exhausted": c.API_RETRIES_EXHAUSTED}
        found.append((which[e.get("kind", "error")], 1))
    elif kind == "tool_decided":
        found.append((c.TOOL_REJECTIONS if e.get("decision") == "reject" else c.TOOL_ACCEPTS, 1))
    elif kind == "tool_finished":
        took = e.get("duration_ms", 0)
        half_octave = 0
        while half_octave < 63 and 2**half_octave <= took * took:
            half_octave += 1
        found += [(c.TOOL_CALLS, 1), (c.TOOL_MS, took), (128 + half_octave, 1)]
        found += [] if e.get("success", True) else [(c.TOOL_FAILURES, 1)]
    elif kind == "usage_reported":
        found += _of_usage(e, highest)
    else:
        found += _OTHERS.get(kind, lambda e: [])(e)
    return found


_OTHERS: dict[str, Any] = {
    "answer_given": lambda e: [(c.RESPONSE_CHARS, e.get("response_length", 0))],
    "lines_changed": lambda e: [(c.LINES_ADDED, e.get("added", 0)), (c.LINES_REMOVED, e.get("removed", 0))],
    "commit_made": lambda e: [(c.COMMITS, 1)],
    "pull_request_opened": lambda e: [(c.PULL_REQUESTS, 1)],
    "permission_mode_changed": lambda e: [(c.MODE_CHANGES, 1)],
    "context_compacted": lambda e: [(c.COMPACTIONS, 1)],
    "subagent_completed": lambda e: [(c.SUBAGENTS, 1)],
    "turn_interrupted": lambda e: [(c.INTERRUPTS, 1)],
    "unrecognised": lambda e: [(c.UNRECOGNISED, 1)],
}


def _of_usage(e: dict[str, Any], highest: dict[tuple[str, int], int]) -> list[tuple[int, int]]:
    number = c.USAGE.get((e["name"], e.get("kind", "")))
    if number is None:
        return []
    if e.get("temporality", "delta") == "delta":
        return [(number, e["value"])]
    series = (e.get("series", ""), e.get("started_at", 0))
    before = highest.get(series, 0)
    highest[series] = max(before, e["value"])
    return [(number, highest[series] - before)]
