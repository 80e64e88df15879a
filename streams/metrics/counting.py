"""What an event adds to the sums. Rule: one function a type of event, and every type has one.

The functions add to a cell: the sums of one minute and one half, numbered as in schemas/counters.py without `OTHER`.
They may leave zeros there; `halves` drops them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from hashlib import blake2b
from typing import Any

from schemas import counters as c
from schemas import wire

Cell = defaultdict[int, int]


def _only_an_event(event: wire.Envelope, cell: Cell) -> str:
    return ""


def _prompt(event: wire.PromptSubmitted, cell: Cell) -> str:
    cell[c.SLASH_COMMANDS if event.command_name else c.INJECTED_PROMPTS if event.injected else c.PROMPTS] += 1
    return ""


def _response(event: wire.ModelResponded, cell: Cell) -> str:
    cell[c.RESPONSES] += 1
    cell[c.INPUT_TOKENS] += event.input_tokens
    cell[c.OUTPUT_TOKENS] += event.output_tokens
    cell[c.CACHE_READ_TOKENS] += event.cache_read_tokens
    cell[c.CACHE_CREATION_TOKENS] += event.cache_creation_tokens
    cell[c.COST_MICROS] += event.cost_micros
    cell[c.MODEL_MS] += event.duration_ms
    return event.prompt_id


def _answer(event: wire.AnswerGiven, cell: Cell) -> str:
    cell[c.RESPONSE_CHARS] += event.response_length
    return ""


_FAILURES = {"error": c.API_FAILURES, "retries_exhausted": c.API_RETRIES_EXHAUSTED, "refusal": c.API_REFUSALS}


def _failure(event: wire.ModelRequestFailed, cell: Cell) -> str:
    cell[_FAILURES[event.kind]] += 1
    return event.prompt_id if event.kind == "error" else ""


def _decision(event: wire.ToolDecided, cell: Cell) -> str:
    cell[c.TOOL_ACCEPTS if event.decision == "accept" else c.TOOL_REJECTIONS] += 1
    return ""


def _tool(event: wire.ToolFinished, cell: Cell) -> str:
    took = event.duration_ms
    cell[c.TOOL_CALLS] += 1
    cell[c.TOOL_MS] += took
    cell[c.TOOL_DURATIONS + c.bucket(took)] += 1
    if not event.success:
        cell[c.TOOL_FAILURES] += 1
    return event.prompt_id


def _lines(event: wire.LinesChanged, cell: Cell) -> str:
    cell[c.LINES_ADDED] += event.added
    cell[c.LINES_REMOVED] += event.removed
    return ""


def _one(counter: int) -> Callable[[Any, Cell], str]:
    def count(event: wire.Envelope, cell: Cell) -> str:
        cell[counter] += 1
        return ""

    return count


COUNT: Mapping[type[wire.Envelope], Callable[[Any, Cell], str]] = {
    wire.SessionStarted: _only_an_event,
    wire.PromptSubmitted: _prompt,
    wire.ModelResponded: _response,
    wire.AnswerGiven: _answer,
    wire.ModelRequestFailed: _failure,
    wire.ToolDecided: _decision,
    wire.ToolFinished: _tool,
    wire.LinesChanged: _lines,
    wire.CommitMade: _one(c.COMMITS),
    wire.PullRequestOpened: _one(c.PULL_REQUESTS),
    wire.PermissionModeChanged: _one(c.MODE_CHANGES),
    wire.ContextCompacted: _one(c.COMPACTIONS),
    wire.SubagentCompleted: _one(c.SUBAGENTS),
    wire.TurnEnded: _only_an_event,
    wire.TurnInterrupted: _one(c.INTERRUPTS),
    wire.SessionEnded: _only_an_event,
    wire.OutcomeReported: _only_an_event,
    wire.SequenceSeen: _only_an_event,
    wire.Unrecognised: _one(c.UNRECOGNISED),
}
"""Counts what the event alone tells; returns the prompt that it makes a turn of, or nothing. UsageReported has
`count_usage`, because what a cumulative counter adds depends on what the session has seen."""


def count_usage(event: wire.UsageReported, cell: Cell, series: MutableMapping[str, int]) -> None:
    """Counts a reported counter: a delta as it is, a cumulative one by how far it exceeds all before (`series`)."""
    number = c.USAGE.get((event.name, event.kind))
    if number is None:
        return
    value = event.value
    if event.temporality == "cumulative":
        key = f"{event.series}@{event.started_at}"
        highest = series.get(key, 0)
        if value <= highest:
            return
        series[key] = value
        value -= highest
    cell[number] += value


def turn_of(prompt_id: str) -> int:
    """A short name of a prompt, the same in every process; 56 bits, so that no session holds two alike."""
    return int.from_bytes(blake2b(prompt_id.encode(), digest_size=7).digest(), "big")


def halves(cells: Mapping[int, Cell]) -> Iterable[tuple[int, c.Sums]]:
    """Cells by `minute * 2 + half` as (minute, sums), the half in the numbers; a minute may come twice."""
    for place, cell in cells.items():
        shift = c.OTHER if place & 1 else 0
        yield place >> 1, {number + shift: amount for number, amount in cell.items() if amount}
