"""What the events of one life of a session count, in plain Python. Rule: as oracle.py; a fact counts where it is first.

Keys are whole strings, turns are lists of events: nothing here remembers as a fold must.
"""

from collections import Counter
from collections.abc import Iterable
from math import log2
from typing import Any

from schemas import counters as c
from schemas.evidence import PERSON_REFUSED, Mark, tool_kind

MINUTE = 60_000
PREFIXES = ("sdk", "print", "headless", "github-action", "ci")
IN_TURN = ("prompt_submitted", "model_responded", "answer_given", "tool_decided", "tool_finished",
           "model_request_failed", "turn_ended", "turn_interrupted")  # fmt: skip
WORK = {
    "lines_changed": "lines",
    "commit_made": "commits",
    "pull_request_opened": "pull requests",
    "context_compacted": "compactions",
    "model_request_failed": "api failures",
    "claude_code.lines_of_code.count": "lines",
    "claude_code.commit.count": "commits",
    "claude_code.pull_request.count": "pull requests",
}

Event = dict[str, Any]
Fact = tuple[int, int, int]
"""Minute, number with its half, amount."""


def facts_of(life: Any) -> list[Fact]:
    """Everything that a life's events count, in the order of its log."""
    events: list[Event] = life.counted
    told = _Told()
    found: list[Fact] = []
    for e in events:
        half = 64 * _is_other(e, life)
        for number, amount in told.counts(e):
            found.append((e["at"] // MINUTE, number + half, amount))
    return found + _turns(events, told.calls)


def _headless(entrypoint: str) -> bool:
    return entrypoint.startswith(PREFIXES)


def _is_other(e: Event, life: Any) -> bool:
    said: str = e.get("entrypoint", "")
    if said:
        return _headless(said)
    events = life.counted[: life.counted.index(e) + 1]
    young = life.born + 2 * MINUTE
    if e["heard_at"] < young:
        events = [o for o in life.counted if o["heard_at"] < young]
    return _headless(max(o.get("entrypoint", "") for o in events))


def _turns(events: list[Event], calls: set[str]) -> list[Fact]:
    prompts: dict[str, list[Event]] = {}
    for e in events:
        if e["type"] in IN_TURN and e.get("prompt_id"):
            prompts.setdefault(e["prompt_id"], []).append(e)
    found = []
    for mine in prompts.values():
        if not any(map(_makes_turn, mine)):
            continue
        first, last = min(e["at"] for e in mine), max(e["at"] for e in mine)
        half = 64 * any(_headless(e.get("entrypoint", "")) for e in mine)
        actions = sum(e["event_id"] in calls for e in mine)
        for number, amount in (
            (c.TURNS, 1),
            (256 + _half_octave(last - first), 1),
            (c.LOG_ACTIONS, round(1000 * log2(1 + actions))),
        ):
            found.append((first // MINUTE, number + half, amount))
    return found


def _makes_turn(e: Event) -> bool:
    return e["type"] in ("model_responded", "tool_finished") or (
        e["type"] == "model_request_failed" and e.get("kind", "error") == "error"
    )


def _half_octave(ms: int) -> int:
    number = 0
    while number < 63 and 2**number <= ms * ms:
        number += 1
    return number


class _Told:
    """What came before in the log."""

    def __init__(self) -> None:
        self.known: set[tuple[str, ...]] = set()
        self.failed: Counter[str] = Counter()
        self.highest: dict[tuple[str, int], int] = {}
        self.calls: set[str] = set()
        self.teller: dict[str, str] = {}

    def first(self, *fact: str) -> bool:
        """Whether this is told for the first time; without an id it always is."""
        if not fact[-1]:
            return True
        new = fact not in self.known
        self.known.add(fact)
        return new

    def counts(self, e: Event) -> Iterable[tuple[int, int]]:
        """What one event adds, but for the turn that it is part of."""
        yield c.EVENTS, 1
        if e["clamped"]:
            yield c.CLOCK_CLAMPED, 1
        if e.get("via") == "hook":
            yield c.HOOK_EVENTS, 1
        kind = e["type"]
        if kind == "tool_finished":
            yield from self._facts_of_call(e)
        stopped = kind == "turn_interrupted" or (kind == "tool_finished" and e.get("interrupted"))
        if stopped and self.first("stop", e.get("prompt_id") or e.get("tool_use_id", "")):
            yield c.INTERRUPTS, 1
        work = WORK.get(str(e.get("name", kind)))
        if kind == "prompt_submitted" and e.get("command_name"):
            work = "commands"
        if work and (kind != "usage_reported" or (e["name"], e.get("kind", "")) in c.USAGE):
            by = "metric" if kind == "usage_reported" else "event"
            if kind in ("context_compacted", "model_request_failed", "prompt_submitted"):
                by = e.get("via") or ("transcript" if e["source"] == "transcript" else "telemetry")
            if self.teller.setdefault(work, by) != by:
                yield c.REPEATS, 1
                return
        if self.first(kind, _key(e)):
            if kind == "tool_finished":
                self.calls.add(e["event_id"])
            yield from self._own(e)
        else:
            yield c.REPEATS, 1

    def _facts_of_call(self, e: Event) -> Iterable[tuple[int, int]]:
        call, ran, target = e.get("tool_use_id", ""), e.get("command_kind", ""), e.get("target", "")
        if e.get("success", True):
            if ran in ("test", "commit") and self.first("ran well", call):
                yield (c.TESTS_PASSED if ran == "test" else c.COMMIT_COMMANDS), 1
            return
        if self.first("failed", call):
            yield c.TOOL_FAILURES, 1
        if ran == "test" and self.first("ran badly", call):
            yield c.TESTS_FAILED, 1
        if target and self.first("aimed", call):
            self.failed[target] += 1
            if self.failed[target] == 3:
                yield c.LOOPS, 1

    def _own(self, e: Event) -> Iterable[tuple[int, int]]:
        kind = e["type"]
        if kind == "prompt_submitted":
            slash, injected = bool(e.get("command_name")), e.get("injected", False)
            yield (c.SLASH_COMMANDS if slash else c.INJECTED_PROMPTS if injected else c.PROMPTS), 1
        elif kind == "model_responded":
            yield c.RESPONSES, 1
            for number, name in (
                (c.MODEL_MS, "duration_ms"), (c.COST_MICROS, "cost_micros"), (c.INPUT_TOKENS, "input_tokens"),
                (c.OUTPUT_TOKENS, "output_tokens"), (c.CACHE_READ_TOKENS, "cache_read_tokens"),
                (c.CACHE_CREATION_TOKENS, "cache_creation_tokens"),
            ):  # fmt: skip
                yield number, e.get(name, 0)
        elif kind == "model_request_failed":
            which = {"error": c.API_FAILURES, "refusal": c.API_REFUSALS, "retries_exhausted": c.API_RETRIES_EXHAUSTED}
            yield which[e.get("kind", "error")], 1
        elif kind == "tool_decided":
            rejected = e.get("decision") == "reject"
            yield (c.TOOL_REJECTIONS if rejected else c.TOOL_ACCEPTS), 1
            if rejected and e.get("decision_source") in PERSON_REFUSED:
                yield c.USER_REJECTIONS, 1
        elif kind == "tool_finished":
            took = e.get("duration_ms", 0)
            yield from ((c.TOOL_CALLS, 1), (c.TOOL_MS, took), (128 + _half_octave(took), 1))
            yield 384 + tool_kind(e.get("tool_name", "")), 1
        elif kind == "usage_reported":
            yield from self._usage(e)
        else:
            yield from _OTHERS.get(kind, lambda e: [])(e)

    def _usage(self, e: Event) -> Iterable[tuple[int, int]]:
        number = c.USAGE.get((e["name"], e.get("kind", "")))
        if number is None:
            return
        if e.get("temporality", "delta") == "delta":
            yield number, e["value"]
            return
        series = (e.get("series", ""), e.get("started_at", 0))
        before = self.highest.get(series, 0)
        self.highest[series] = max(before, e["value"])
        yield number, self.highest[series] - before


_OTHERS: dict[str, Any] = {
    "answer_given": lambda e: [(c.RESPONSE_CHARS, e.get("response_length", 0))],
    "lines_changed": lambda e: [(c.LINES_ADDED, e.get("added", 0)), (c.LINES_REMOVED, e.get("removed", 0))],
    "commit_made": lambda e: [(c.COMMITS, 1)],
    "pull_request_opened": lambda e: [(c.PULL_REQUESTS, 1)],
    "permission_mode_changed": lambda e: [(c.MODE_CHANGES, 1)],
    "context_compacted": lambda e: [(c.COMPACTIONS, 1)],
    "subagent_completed": lambda e: [(c.SUBAGENTS, 1)],
    "unrecognised": lambda e: [(c.UNRECOGNISED, 1)],
}


def _key(e: Event) -> str:
    kind, request = e["type"], e.get("request_id", "")
    if kind in ("prompt_submitted", "turn_interrupted"):
        return str(e.get("prompt_id", ""))
    if kind in ("tool_decided", "tool_finished"):
        return str(e.get("tool_use_id", ""))
    if kind == "subagent_completed":
        return str(e.get("agent_id", ""))
    if kind == "model_responded" and request:
        return f"{request}:{e.get('input_tokens', 0)}:{e.get('cache_read_tokens', 0)}"
    if kind == "answer_given" and request:
        return f"{request}:{e.get('response_length', 0)}"
    return ""


def marks_of(events: list[Event]) -> dict[int, int]:
    """The latest of each kind of moment."""
    found: dict[int, int] = {}
    for e in events:
        for mark in _marks(e):
            found[mark] = max(found.get(mark, 0), e["at"])
    return found


def _marks(e: Event) -> Iterable[int]:
    kind = e["type"]
    if kind == "prompt_submitted" and not e.get("command_name") and not e.get("injected"):
        yield Mark.PROMPT
    if (kind == "model_responded" and not e.get("agent_id")) or (kind == "turn_ended" and not e.get("failed")):
        yield Mark.ANSWER
    if kind == "tool_finished":
        well = e.get("success", True)
        yield Mark.TOOL_SUCCEEDED if well else Mark.TOOL_FAILED
        if e.get("command_kind") == "test":
            yield Mark.TEST_PASSED if well else Mark.TEST_FAILED
    if kind == "model_request_failed" and e.get("kind", "error") == "error":
        yield Mark.API_FAILED
    refused = e.get("decision") == "reject" and e.get("decision_source") in PERSON_REFUSED
    if kind == "turn_interrupted" or e.get("interrupted") or refused:
        yield Mark.STOPPED
