"""What each event counts."""

from collections import defaultdict
from typing import Any, get_args

import pytest

from schemas import counters as c
from schemas import wire
from schemas.evidence import Mark, ToolKind
from streams.metrics.counting import COUNT, COUNT_IN_TURN, Cell, Memory, shifted
from streams.metrics.turns import BITS, CALLS, COUNTS
from tests.streams.metrics.events import T, event

OTHER_KIND = c.TOOL_KIND + ToolKind.OTHER
CALL = {c.TOOL_CALLS: 1, c.TOOL_DURATIONS: 1}

IN_TURN: list[tuple[Any, c.Sums, bool, dict[int, int]]] = [
    (event(wire.PromptSubmitted), {c.PROMPTS: 1}, False, {Mark.PROMPT: T}),
    (event(wire.PromptSubmitted, command_name="clear"), {c.SLASH_COMMANDS: 1}, False, {}),
    (event(wire.PromptSubmitted, injected=True), {c.INJECTED_PROMPTS: 1}, False, {}),
    (
        event(
            wire.ModelResponded, input_tokens=1, output_tokens=2, cache_read_tokens=3, cache_creation_tokens=4,
            cost_micros=5, duration_ms=6,
        ),
        {
            c.RESPONSES: 1, c.INPUT_TOKENS: 1, c.OUTPUT_TOKENS: 2, c.CACHE_READ_TOKENS: 3,
            c.CACHE_CREATION_TOKENS: 4, c.COST_MICROS: 5, c.MODEL_MS: 6,
        },
        True,
        {Mark.ANSWER: T},
    ),
    (event(wire.ModelResponded, agent_id="a"), {c.RESPONSES: 1}, True, {}),
    (event(wire.AnswerGiven, response_length=7), {c.RESPONSE_CHARS: 7}, False, {}),
    (event(wire.ModelRequestFailed), {c.API_FAILURES: 1}, True, {Mark.API_FAILED: T}),
    (event(wire.ModelRequestFailed, kind="retries_exhausted"), {c.API_RETRIES_EXHAUSTED: 1}, False, {}),
    (event(wire.ModelRequestFailed, kind="refusal"), {c.API_REFUSALS: 1}, False, {}),
    (event(wire.ToolDecided), {c.TOOL_ACCEPTS: 1}, False, {}),
    (event(wire.ToolDecided, decision="reject", decision_source="config"), {c.TOOL_REJECTIONS: 1}, False, {}),
    (
        event(wire.ToolDecided, decision="reject", decision_source="user_reject"),
        {c.TOOL_REJECTIONS: 1, c.USER_REJECTIONS: 1},
        False,
        {Mark.STOPPED: T},
    ),
    (event(wire.ToolFinished), CALL | {OTHER_KIND: 1}, True, {Mark.TOOL_SUCCEEDED: T}),
    (
        event(wire.ToolFinished, tool_name="Read", duration_ms=1000, success=False, target="0a1b2c3d"),
        {
            c.TOOL_CALLS: 1, c.TOOL_FAILURES: 1, c.TOOL_MS: 1000, c.TOOL_DURATIONS + 20: 1,
            c.TOOL_KIND + ToolKind.READ: 1,
        },
        True,
        {Mark.TOOL_FAILED: T},
    ),
    (
        event(wire.ToolFinished, tool_name="Bash", command_kind="test"),
        CALL | {c.TOOL_KIND + ToolKind.SHELL: 1, c.TESTS_PASSED: 1},
        True,
        {Mark.TOOL_SUCCEEDED: T, Mark.TEST_PASSED: T},
    ),
    (
        event(wire.ToolFinished, command_kind="test", success=False),
        CALL | {OTHER_KIND: 1, c.TOOL_FAILURES: 1, c.TESTS_FAILED: 1},
        True,
        {Mark.TOOL_FAILED: T, Mark.TEST_FAILED: T},
    ),
    (
        event(wire.ToolFinished, command_kind="commit"),
        CALL | {OTHER_KIND: 1, c.COMMIT_COMMANDS: 1},
        True,
        {Mark.TOOL_SUCCEEDED: T},
    ),
    (
        event(wire.ToolFinished, interrupted=True, success=False),
        CALL | {OTHER_KIND: 1, c.TOOL_FAILURES: 1, c.INTERRUPTS: 1},
        True,
        {Mark.TOOL_FAILED: T, Mark.STOPPED: T},
    ),
    (event(wire.TurnEnded), {}, False, {Mark.ANSWER: T}),
    (event(wire.TurnEnded, failed=True), {}, False, {}),
    (event(wire.TurnInterrupted), {c.INTERRUPTS: 1}, False, {Mark.STOPPED: T}),
]  # fmt: skip

ALONE: list[tuple[Any, c.Sums]] = [
    (event(wire.SessionStarted), {}),
    (event(wire.LinesChanged, added=3, removed=1), {c.LINES_ADDED: 3, c.LINES_REMOVED: 1}),
    (event(wire.CommitMade), {c.COMMITS: 1}),
    (event(wire.PullRequestOpened), {c.PULL_REQUESTS: 1}),
    (event(wire.PermissionModeChanged), {c.MODE_CHANGES: 1}),
    (event(wire.ContextCompacted), {c.COMPACTIONS: 1}),
    (event(wire.SubagentCompleted), {c.SUBAGENTS: 1}),
    (event(wire.UsageReported, name="claude_code.token.usage", kind="input", value=5), {c.REPORTED_INPUT_TOKENS: 5}),
    (event(wire.UsageReported, name="claude_code.cost.usage", value=70), {c.REPORTED_COST_MICROS: 70}),
    (event(wire.SessionEnded), {}),
    (event(wire.OutcomeReported), {}),
    (event(wire.SequenceSeen, first=1, last=9, count=5), {}),
    (event(wire.Unrecognised), {c.UNRECOGNISED: 1}),
]


def memory() -> Memory:
    """Of a session that was told nothing yet."""
    return Memory(wire.SessionState(version=0, definitions=0))


@pytest.mark.parametrize(("one", "sums", "makes_turn", "marks"), IN_TURN)
def test_an_event_of_a_turn_counts(one: Any, sums: c.Sums, makes_turn: bool, marks: dict[int, int]) -> None:
    """Beside itself, this; it may make the turn count, and is remembered as a moment."""
    cell: Cell = defaultdict(int)
    turn, known = [T, 0, 0, 0], memory()
    COUNT_IN_TURN[type(one)](one, T, cell, known, turn)
    assert shifted(cell, 0) == sums
    assert bool(turn[BITS] & COUNTS) == makes_turn
    assert turn[CALLS] == sums.get(c.TOOL_CALLS, 0)
    assert known.marks == marks


@pytest.mark.parametrize(("one", "sums"), ALONE)
def test_another_event_counts(one: Any, sums: c.Sums) -> None:
    """Beside itself, this."""
    cell: Cell = defaultdict(int)
    COUNT[type(one)](one, cell, memory())
    assert shifted(cell, 0) == sums


def test_every_type_of_event_is_counted() -> None:
    """A type that the contract gains fails here until it is decided what it counts."""
    assert set(COUNT) | set(COUNT_IN_TURN) == set(get_args(wire.Event))
    assert not set(COUNT) & set(COUNT_IN_TURN)
    assert {type(one) for one, *_ in IN_TURN} == set(COUNT_IN_TURN)
    assert {type(one) for one, _ in ALONE} == set(COUNT)


def told(known: Memory, *events: Any) -> c.Sums:
    """What events of one prompt count, one after the other."""
    cell: Cell = defaultdict(int)
    turn = [T, 0, 0, 0]
    for one in events:
        if type(one) in COUNT_IN_TURN:
            COUNT_IN_TURN[type(one)](one, T, cell, known, turn)
        else:
            COUNT[type(one)](one, cell, known)
    return shifted(cell, 0)


@pytest.mark.parametrize(
    "one",
    [
        event(wire.PromptSubmitted, prompt_id="p"),
        event(wire.ModelResponded, request_id="r", output_tokens=4),
        event(wire.AnswerGiven, request_id="r", response_length=4),
        event(wire.ToolDecided, tool_use_id="t"),
        event(wire.ToolFinished, tool_use_id="t", success=False, command_kind="test", duration_ms=9, interrupted=True),
        event(wire.TurnInterrupted, prompt_id="p"),
        event(wire.SubagentCompleted, agent_id="a"),
    ],
)
def test_what_is_told_again_counts_as_a_repeat_only(one: Any) -> None:
    """Whoever tells it: a hook, telemetry, a transcript."""
    once = told(memory(), one)
    assert told(memory(), one, one, one) == once | {c.REPEATS: 2}


def test_the_parts_of_a_call_and_calls_apart_count_each() -> None:
    """A decision is no end, another call is another, and so is another request or answer."""
    sums = told(
        memory(),
        event(wire.ToolDecided, tool_use_id="t"),
        event(wire.ToolFinished, tool_use_id="t"),
        event(wire.ToolFinished, tool_use_id="u"),
        event(wire.ModelResponded, request_id="t"),
        event(wire.ModelResponded, request_id="t", input_tokens=1),
        event(wire.AnswerGiven, request_id="t"),
    )
    assert (sums[c.TOOL_ACCEPTS], sums[c.TOOL_CALLS], sums[c.RESPONSES]) == (1, 2, 2)
    assert c.REPEATS not in sums


def test_who_knows_more_of_a_call_adds_what_was_not_known() -> None:
    """Telemetry says that it ended, a hook that it failed and what it ran: one call, one failure, one failed test."""
    knows_little = event(wire.ToolFinished, tool_use_id="t", duration_ms=1)
    knows_more = event(
        wire.ToolFinished, tool_use_id="t", success=False, command_kind="test", target="0a1b2c3d", duration_ms=1
    )
    for order in ((knows_little, knows_more), (knows_more, knows_little), (knows_more, knows_little, knows_more)):
        known = memory()
        sums = told(known, *order)
        assert (sums[c.TOOL_CALLS], sums[c.TOOL_FAILURES], sums[c.TESTS_FAILED], sums[c.TOOL_MS]) == (1, 1, 1, 1)
        assert sums[c.REPEATS] == len(order) - 1
        assert known.failing == {"0a1b2c3d": 1}


@pytest.mark.parametrize("turn_first", [True, False])
def test_an_interrupt_told_by_the_call_and_by_the_turn_is_one(turn_first: bool) -> None:
    """Of one prompt; neither event is a repeat of the other."""
    both = [
        event(wire.TurnInterrupted, prompt_id="p"),
        event(wire.ToolFinished, prompt_id="p", tool_use_id="t", interrupted=True),
    ]
    sums = told(memory(), *(both if turn_first else reversed(both)))
    assert sums[c.INTERRUPTS] == sums[c.TOOL_CALLS] == 1
    assert c.REPEATS not in sums


def test_the_third_failure_of_a_target_is_a_loop_once() -> None:
    """Each target by itself; more failures make no second loop."""
    known = memory()
    fails = [event(wire.ToolFinished, success=False, target=target) for target in ("a", "b", "a", "b", "a", "a")]
    assert [told(known, one).get(c.LOOPS, 0) for one in fails] == [0, 0, 0, 0, 1, 0]
    assert known.failing == {"a": 3, "b": 2}


@pytest.mark.parametrize("metric_first", [True, False])
def test_who_first_told_of_lines_counts_them(metric_first: bool) -> None:
    """A transcript and the client's metric count the same lines; commits are another thing."""
    both = [usage(5), event(wire.LinesChanged, added=6)]
    commit = event(wire.CommitMade)
    sums = told(memory(), *(both if metric_first else reversed(both)), commit)
    assert sums == {c.LINES_ADDED: 5 if metric_first else 6, c.REPEATS: 1, c.COMMITS: 1}


def usage(value: int, **fields: Any) -> wire.UsageReported:
    """A report of lines added."""
    name = "claude_code.lines_of_code.count"
    one: wire.UsageReported = event(wire.UsageReported, name=name, kind="added", value=value, series="x", **fields)
    return one


def test_deltas_add_and_cumulative_values_add_what_is_new() -> None:
    """Of a cumulative series only the rise above its highest counts; a new start begins at zero."""
    known = memory()
    values = ((5, T), (3, T), (9, T), (9, T), (2, T + 1))
    rises = [usage(value, temporality="cumulative", started_at=started) for value, started in values]
    assert told(known, *rises) == {c.LINES_ADDED: 9 + 2}
    assert told(known, usage(4), usage(4)) == {c.LINES_ADDED: 8}


def test_a_reported_counter_that_counts_as_nothing_is_not_remembered() -> None:
    """Its series costs no state."""
    known = memory()
    one = event(wire.UsageReported, name="claude_code.session.count", kind="fresh", value=5, temporality="cumulative")
    assert told(known, one) == {}
    assert not known.state.series
