"""Random logs, from a seed: late, early, impossible times; nobody named, or late; resends whole and half; returns.

A log of n messages begins with the log of n - 1 of the same seed, so that a failing length can be shrunk.
"""

import random
from typing import Any

from schemas import wire
from schemas.codec import write_events
from tests.streams.metrics.events import DAY, HOUR, MINUTE, SECOND, T, event

STEPS = (0, 0, 0, 40, SECOND, SECOND, 20 * SECOND, MINUTE, 2 * MINUTE, 3 * MINUTE, 16 * MINUTE, 31 * MINUTE)
LEAPS = (HOUR, 13 * HOUR, 25 * HOUR, 27 * HOUR)
OFFSETS = (0, 0, 0, 0, -SECOND, -10 * SECOND, -2 * MINUTE, -40 * MINUTE, -3 * HOUR, -26 * HOUR, -3 * DAY, 4 * MINUTE)
IMPOSSIBLE = (6 * MINUTE, DAY, -T)

CALLS = {"tool_use_id": ("", "t1", "t2", "t3", "t4", "t5", "t6")}
TOOLS = CALLS | {
    "tool_name": ("Bash", "Bash", "Edit", "mcp_tool", "Unheard"),
    "command_kind": ("", "test", "commit", "other"),
    "target": ("", "0a1b2c3d", "4e5f6a7b"),
}
REQUESTS = {"request_id": ("", "r1", "r2", "r3")}

KINDS: tuple[tuple[type[wire.Envelope], dict[str, tuple[Any, ...]]], ...] = (
    (wire.PromptSubmitted, {"command_name": ("", "", "clear"), "injected": (False, False, True)}),
    (wire.ModelResponded, {"input_tokens": (0, 3), "output_tokens": (9, 900), "cost_micros": (0, 70_000)} | REQUESTS),
    (
        wire.ModelResponded,
        {"cache_read_tokens": (0, 12_345), "duration_ms": (80, 3000), "agent_id": ("", "a1")} | REQUESTS,
    ),
    (wire.ToolFinished, TOOLS | {"success": (True, True, False), "duration_ms": (0, 1, 90, 100_000)}),
    (wire.ToolFinished, TOOLS | {"success": (True,), "duration_ms": (12, 10**9), "interrupted": (False, True)}),
    (wire.ToolFinished, TOOLS | {"success": (False,), "interrupted": (False, False, True)}),
    (wire.ToolDecided, {"decision": ("accept", "reject"), "decision_source": ("config", "user_reject")} | CALLS),
    (wire.ModelRequestFailed, {"kind": ("error", "retries_exhausted", "refusal")}),
    (wire.AnswerGiven, {"response_length": (0, 100)} | REQUESTS),
    (wire.LinesChanged, {"added": (0, 5), "removed": (1, 2)}),
    (wire.CommitMade, {}),
    (wire.PullRequestOpened, {}),
    (wire.PermissionModeChanged, {}),
    (wire.ContextCompacted, {}),
    (wire.SubagentCompleted, {"agent_id": ("", "a1", "a2")}),
    (wire.TurnInterrupted, {}),
    (wire.TurnEnded, {"failed": (False, True)}),
    (wire.OutcomeReported, {"outcome": ("verified_success", "unknown", "abandoned")}),
    (wire.SessionStarted, {}),
    (wire.SessionEnded, {"reason": ("clear", "other", "")}),
    (wire.SessionEnded, {"reason": ("logout",)}),
    (wire.SequenceSeen, {"first": (1,), "last": (4,), "count": (3,)}),
    (wire.Unrecognised, {}),
)
USAGE = (
    ("claude_code.active_time.total", "cli"),
    ("claude_code.token.usage", "input"),
    ("claude_code.lines_of_code.count", "added"),
    ("claude_code.commit.count", ""),
    ("claude_code.session.count", "fresh"),
)


class Writer:
    """Writes one log.

    With `one_identity` each session names one person throughout, and nothing is in it that the order of arrival
    decides: no cumulative counters, lines and commits by events alone, and who tells a thing again tells the same.
    """

    def __init__(self, seed: int, one_identity: bool = False) -> None:
        self.random = random.Random(seed)
        self.now = T
        self.runs = 0
        self.sent: list[list[Any]] = []
        self.one_identity = one_identity
        self.things: dict[tuple[Any, ...], tuple[int, dict[str, Any]]] = {}

    def log(self, length: int) -> list[tuple[int, bytes]]:
        """`length` messages and when each was received."""
        return [self._message() for _ in range(length)]

    def _message(self) -> tuple[int, bytes]:
        pick = self.random
        self.now += pick.choice(LEAPS) if pick.random() < 0.05 else pick.choice(STEPS)
        if self.sent and pick.random() < 0.25:
            events = pick.choice(self.sent[-6:])
        else:
            events = self._new()
            self.sent.append(events)
            if pick.random() < 0.2:
                events = events[: pick.randint(1, len(events))]
        for one in events:
            one.received_at = self.now
        return self.now, write_events(events)

    def _new(self) -> list[Any]:
        pick = self.random
        self.runs += 1
        session, stride = pick.randrange(5), pick.choice((1, 16))
        return [self._event(session, self.runs, place * stride) for place in range(pick.randint(1, 4))]

    def _event(self, session: int, run: int, index: int) -> Any:
        pick = self.random
        offset = pick.choice(IMPOSSIBLE) if pick.random() < 0.05 else pick.choice(OFFSETS)
        fields: dict[str, Any] = {"session_id": f"s{session}", "run": run, "index": index}
        fields |= {"entrypoint": pick.choice(("cli", "cli", "sdk-cli")), "received_at": self.now}
        fields |= {"client_version": pick.choice(("2.1.44", "2.1.331", "2.1.9"))}
        fields |= {"prompt_id": pick.choice(("", "p1", "p2", "p3"))}
        if self.one_identity:
            fields |= {"user_id": f"u_{session % 3}", "user_id_kind": "email", "team_hint": "red"}
        elif pick.random() < 0.2:
            fields |= {"via": "hook", "entrypoint": pick.choice(("", "", "cli"))}
        elif pick.random() < 0.4:
            who, team = pick.choice(("u_1", "u_2", "u_3")), pick.choice(("red", "blue", ""))
            fields |= {"user_id": who, "user_id_kind": "email", "team_hint": team}
        at = max(0, self.now + offset)
        if pick.random() < 0.2:
            name, kind = pick.choice(USAGE[:2] if self.one_identity else USAGE)
            started = pick.choice((T, T + 1))
            fields |= {"name": name, "kind": kind, "series": f"{name} {kind}", "started_at": started}
            temporality = "delta" if self.one_identity else pick.choice(("delta", "cumulative"))
            fields |= {"value": pick.randrange(50), "temporality": temporality}
            return event(wire.UsageReported, at, **fields)
        kind_of, choices = pick.choice(KINDS)
        fields |= {name: pick.choice(some) for name, some in choices.items()}
        if self.one_identity and (thing := _thing(kind_of, fields)):
            at, told = self.things.setdefault(thing, (T - pick.randrange(20) * MINUTE, fields))
            fields = told | {"run": run, "index": index, "received_at": self.now}
        return event(kind_of, at, **fields)


def _thing(kind_of: type[wire.Envelope], fields: dict[str, Any]) -> tuple[Any, ...] | None:
    """What two events of one type are the same thing by."""
    by_prompt = (wire.PromptSubmitted, wire.TurnInterrupted, wire.ContextCompacted)
    name = fields["prompt_id"] if kind_of in by_prompt else fields.get("tool_use_id") or fields.get("request_id")
    if kind_of is wire.SubagentCompleted:
        name = fields["agent_id"]
    return (fields["session_id"], kind_of, name) if name else None
