"""What an event adds to the sums. Rule: one function a type of event, and every type has one.

The functions add to a cell: the sums of one minute and one half, numbered as in schemas/counters.py without `OTHER`.
They may leave zeros there; `minutes_of` drops them. What another source told before counts as a repeat; the moments
(marks) are the latest of all who told.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from schemas import counters as c
from schemas import wire
from schemas.evidence import LOOP_FAILURES, PERSON_REFUSED, Mark, tool_kind
from streams.metrics.runs import Runs, name_of
from streams.metrics.told import Told
from streams.metrics.turns import BITS, CALLS, COUNTS, INTERRUPTED, PROMPTED, STOPPED, Turn, Turns

Cell = defaultdict[int, int]

DECIDED, FINISHED, FAILED = 1, 2, 4
"""What was told of a tool call."""
RAN_WELL, RAN_BADLY, AIMED = 1, 2, 4
"""What is told of few: a test run or commit that succeeded, a test run that failed, what a failure was about."""
ONCE = 1
"""What was told of a request, an answer, a subagent: that it was."""

BY_METRIC, BY_EVENT = 1, 2
BY_TELEMETRY, BY_HOOK, BY_TRANSCRIPT = 1, 2, 3
LINES, COMMITS, PULL_REQUESTS, COMPACTIONS, API_FAILURES, COMMANDS = 0, 2, 4, 6, 8, 10
"""Places in `counted_from`, two bits each."""

_WORK = {c.LINES_ADDED: LINES, c.LINES_REMOVED: LINES, c.COMMITS: COMMITS, c.PULL_REQUESTS: PULL_REQUESTS}

(
    _PROMPT_MARK,
    _ANSWER_MARK,
    _SUCCESS_MARK,
    _FAILURE_MARK,
    _API_FAILURE_MARK,
    _PASSED_MARK,
    _NOT_PASSED_MARK,
    _STOP_MARK,
) = (int(mark) for mark in Mark)


class Memory:
    """What of a session its events are counted against, while its parts are at hand."""

    __slots__ = ("failing", "marks", "runs", "state", "told", "turns")

    def __init__(self, state: wire.SessionState) -> None:
        self.state = state
        self.marks, self.failing = state.marks, state.failing
        self.told, self.turns, self.runs = Told(state.told), Turns(state.turns), Runs(state.heard)
        for run, highest in state.runs.items():  # as they were written until definitions 2
            self.runs.remember(name_of(run), highest, False)
        state.runs = {}

    def mark(self, mark: int, at: int) -> None:
        """Remembers a moment; the latest of its kind holds."""
        if at > self.marks.get(mark, 0):
            self.marks[mark] = at

    def fail(self, target: str, cell: Cell) -> None:
        """A file or command failed; from the third time on it is a loop, which counts once."""
        times = self.failing.get(target, 0) + 1
        if times <= LOOP_FAILURES:
            self.failing[target] = times
            if times == LOOP_FAILURES:
                cell[c.LOOPS] += 1

    def counts(self, work: int, teller: int) -> bool:
        """Whether this teller counts work of this kind of the session: the first who told any does."""
        first = self.state.counted_from >> work & 3
        if not first:
            self.state.counted_from |= teller << work
        return first in (0, teller)


def teller_of(event: wire.Envelope) -> int:
    """Who tells of it, where a session is told of by several."""
    return BY_HOOK if event.via else BY_TRANSCRIPT if event.source == "transcript" else BY_TELEMETRY


def _prompt(event: wire.PromptSubmitted, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    counter = c.SLASH_COMMANDS if event.command_name else c.INJECTED_PROMPTS if event.injected else c.PROMPTS
    if counter == c.PROMPTS:
        memory.mark(_PROMPT_MARK, at)
    told_before = turn[BITS] & PROMPTED
    turn[BITS] |= PROMPTED
    if event.command_name and not memory.counts(COMMANDS, teller_of(event)):  # a transcript gives them no id
        told_before = PROMPTED
    cell[c.REPEATS if told_before else counter] += 1


def _response(event: wire.ModelResponded, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    turn[BITS] |= COUNTS
    if not event.agent_id:
        memory.mark(_ANSWER_MARK, at)
    thing = event.request_id
    if thing and not memory.told.tell(f"q{thing}:{event.input_tokens}:{event.cache_read_tokens}", ONCE):
        cell[c.REPEATS] += 1
        return
    cell[c.RESPONSES] += 1
    cell[c.INPUT_TOKENS] += event.input_tokens
    cell[c.OUTPUT_TOKENS] += event.output_tokens
    cell[c.CACHE_READ_TOKENS] += event.cache_read_tokens
    cell[c.CACHE_CREATION_TOKENS] += event.cache_creation_tokens
    cell[c.COST_MICROS] += event.cost_micros
    cell[c.MODEL_MS] += event.duration_ms


def _answer(event: wire.AnswerGiven, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    thing = event.request_id
    if thing and not memory.told.tell(f"a{thing}:{event.response_length}", ONCE):
        cell[c.REPEATS] += 1
    else:
        cell[c.RESPONSE_CHARS] += event.response_length


_FAILURES = {"error": c.API_FAILURES, "retries_exhausted": c.API_RETRIES_EXHAUSTED, "refusal": c.API_REFUSALS}


def _failure(event: wire.ModelRequestFailed, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    cell[_FAILURES[event.kind] if memory.counts(API_FAILURES, teller_of(event)) else c.REPEATS] += 1
    if event.kind == "error":
        turn[BITS] |= COUNTS
        memory.mark(_API_FAILURE_MARK, at)


def _decision(event: wire.ToolDecided, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    refused = event.decision == "reject"
    by_person = refused and event.decision_source in PERSON_REFUSED
    if by_person:
        memory.mark(_STOP_MARK, at)
    if event.tool_use_id and not memory.told.tell("t" + event.tool_use_id, DECIDED):
        cell[c.REPEATS] += 1
        return
    cell[c.TOOL_REJECTIONS if refused else c.TOOL_ACCEPTS] += 1
    if by_person:
        cell[c.USER_REJECTIONS] += 1


@lru_cache(maxsize=1_024)
def _kind(tool_name: str) -> int:
    return c.TOOL_KIND + tool_kind(tool_name)


def _tool(event: wire.ToolFinished, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    """A call counts at the first who tells of it; failure, test run and target each at the first who knows."""
    turn[BITS] |= COUNTS
    call, kind = event.tool_use_id, event.command_kind
    facts, more = FINISHED, 0
    if event.success:
        memory.mark(_SUCCESS_MARK, at)
        if kind == "test":
            memory.mark(_PASSED_MARK, at)
        if kind in ("test", "commit"):
            more = RAN_WELL
    else:
        memory.mark(_FAILURE_MARK, at)
        facts |= FAILED
        if kind == "test":
            memory.mark(_NOT_PASSED_MARK, at)
            more = RAN_BADLY
        if event.target:
            more |= AIMED
    if call:
        facts = memory.told.tell("t" + call, facts)
    if facts & FINISHED:
        took = event.duration_ms
        cell[c.TOOL_CALLS] += 1
        cell[c.TOOL_MS] += took
        cell[c.TOOL_DURATIONS + c.bucket(took)] += 1
        cell[_kind(event.tool_name)] += 1
        turn[CALLS] += 1
    else:
        cell[c.REPEATS] += 1
    if facts & FAILED:
        cell[c.TOOL_FAILURES] += 1
    if more:
        _more_of_tool(event, memory.told.tell("m" + call, more) if call else more, cell, memory)
    if event.interrupted:
        memory.mark(_STOP_MARK, at)
        stopped = turn[BITS] & STOPPED if event.prompt_id else call and not memory.told.tell("h" + call, ONCE)
        turn[BITS] |= STOPPED
        if not stopped:
            cell[c.INTERRUPTS] += 1


def _more_of_tool(event: wire.ToolFinished, facts: int, cell: Cell, memory: Memory) -> None:
    if facts & RAN_WELL:
        cell[c.TESTS_PASSED if event.command_kind == "test" else c.COMMIT_COMMANDS] += 1
    if facts & RAN_BADLY:
        cell[c.TESTS_FAILED] += 1
    if facts & AIMED:
        memory.fail(event.target, cell)


def _turn_ended(event: wire.TurnEnded, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    if not event.failed:
        memory.mark(_ANSWER_MARK, at)


def _interrupted(event: wire.TurnInterrupted, at: int, cell: Cell, memory: Memory, turn: Turn) -> None:
    memory.mark(_STOP_MARK, at)
    bits = turn[BITS]
    turn[BITS] = bits | STOPPED | INTERRUPTED
    if bits & INTERRUPTED:
        cell[c.REPEATS] += 1
    elif not bits & STOPPED:
        cell[c.INTERRUPTS] += 1


COUNT_IN_TURN: Mapping[type[wire.Envelope], Callable[[Any, int, Cell, Memory, Turn], None]] = {
    wire.PromptSubmitted: _prompt,
    wire.ModelResponded: _response,
    wire.AnswerGiven: _answer,
    wire.ModelRequestFailed: _failure,
    wire.ToolDecided: _decision,
    wire.ToolFinished: _tool,
    wire.TurnEnded: _turn_ended,
    wire.TurnInterrupted: _interrupted,
}
"""Events that are part of a turn; where they name no prompt, of one of their own that is forgotten at once."""


def _only_an_event(event: wire.Envelope, cell: Cell, memory: Memory) -> None:
    pass


def _lines(event: wire.LinesChanged, cell: Cell, memory: Memory) -> None:
    if memory.counts(LINES, BY_EVENT):
        cell[c.LINES_ADDED] += event.added
        cell[c.LINES_REMOVED] += event.removed
    else:
        cell[c.REPEATS] += 1


def _work(work: int, counter: int) -> Callable[[Any, Cell, Memory], None]:
    def count(event: wire.Envelope, cell: Cell, memory: Memory) -> None:
        cell[counter if memory.counts(work, BY_EVENT) else c.REPEATS] += 1

    return count


def _one(counter: int) -> Callable[[Any, Cell, Memory], None]:
    def count(event: wire.Envelope, cell: Cell, memory: Memory) -> None:
        cell[counter] += 1

    return count


def _compacted(event: wire.ContextCompacted, cell: Cell, memory: Memory) -> None:
    """Nobody gives it an id, and one prompt may see several: who tells of one first tells of all."""
    cell[c.COMPACTIONS if memory.counts(COMPACTIONS, teller_of(event)) else c.REPEATS] += 1


def _subagent(event: wire.SubagentCompleted, cell: Cell, memory: Memory) -> None:
    told_before = event.agent_id and not memory.told.tell("g" + event.agent_id, ONCE)
    cell[c.REPEATS if told_before else c.SUBAGENTS] += 1


def _usage(event: wire.UsageReported, cell: Cell, memory: Memory) -> None:
    """A delta counts as it is, a cumulative value by how far it exceeds all of its series before."""
    number = c.USAGE.get((event.name, event.kind))
    if number is None:
        return
    work = _WORK.get(number)
    if work is not None and not memory.counts(work, BY_METRIC):
        cell[c.REPEATS] += 1
        return
    value = event.value
    if event.temporality == "cumulative":
        series, named = memory.state.series, f"{event.series}@{event.started_at}"
        key = blake2b(named.encode(), digest_size=5).hexdigest()
        if named in series:  # as they were named until definitions 2
            series[key] = series.pop(named)
        highest = series.get(key, 0)
        if value <= highest:
            return
        series[key] = value
        value -= highest
    cell[number] += value


COUNT: Mapping[type[wire.Envelope], Callable[[Any, Cell, Memory], None]] = {
    wire.SessionStarted: _only_an_event,
    wire.LinesChanged: _lines,
    wire.CommitMade: _work(COMMITS, c.COMMITS),
    wire.PullRequestOpened: _work(PULL_REQUESTS, c.PULL_REQUESTS),
    wire.PermissionModeChanged: _one(c.MODE_CHANGES),
    wire.ContextCompacted: _compacted,
    wire.SubagentCompleted: _subagent,
    wire.UsageReported: _usage,
    wire.SessionEnded: _only_an_event,
    wire.OutcomeReported: _only_an_event,
    wire.SequenceSeen: _only_an_event,
    wire.Unrecognised: _one(c.UNRECOGNISED),
}
"""All other events. The moments of `SessionEnded` and `OutcomeReported` are the session's own business."""


def shifted(cell: Mapping[int, int], shift: int) -> c.Sums:
    """The sums of a cell without zeros, in the half that `shift` makes of them."""
    return {number + shift: amount for number, amount in cell.items() if amount}
