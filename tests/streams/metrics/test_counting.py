"""What each event counts."""

from collections import defaultdict
from typing import Any, get_args

import pytest

from schemas import counters as c
from schemas import wire
from streams.metrics.counting import COUNT, Cell, count_usage, halves, turn_of
from tests.streams.metrics.events import T, event

CASES: list[tuple[Any, c.Sums, str]] = [
    (event(wire.SessionStarted), {}, ""),
    (event(wire.PromptSubmitted, prompt_id="p"), {c.PROMPTS: 1}, ""),
    (event(wire.PromptSubmitted, command_name="clear"), {c.SLASH_COMMANDS: 1}, ""),
    (event(wire.PromptSubmitted, injected=True), {c.INJECTED_PROMPTS: 1}, ""),
    (
        event(
            wire.ModelResponded, prompt_id="p", input_tokens=1, output_tokens=2, cache_read_tokens=3,
            cache_creation_tokens=4, cost_micros=5, duration_ms=6,
        ),
        {
            c.RESPONSES: 1, c.INPUT_TOKENS: 1, c.OUTPUT_TOKENS: 2, c.CACHE_READ_TOKENS: 3,
            c.CACHE_CREATION_TOKENS: 4, c.COST_MICROS: 5, c.MODEL_MS: 6,
        },
        "p",
    ),
    (event(wire.AnswerGiven, prompt_id="p", response_length=7), {c.RESPONSE_CHARS: 7}, ""),
    (event(wire.ModelRequestFailed, prompt_id="p"), {c.API_FAILURES: 1}, "p"),
    (event(wire.ModelRequestFailed, prompt_id="p", kind="retries_exhausted"), {c.API_RETRIES_EXHAUSTED: 1}, ""),
    (event(wire.ModelRequestFailed, prompt_id="p", kind="refusal"), {c.API_REFUSALS: 1}, ""),
    (event(wire.ToolDecided, prompt_id="p"), {c.TOOL_ACCEPTS: 1}, ""),
    (event(wire.ToolDecided, prompt_id="p", decision="reject"), {c.TOOL_REJECTIONS: 1}, ""),
    (event(wire.ToolFinished, prompt_id="p"), {c.TOOL_CALLS: 1, c.TOOL_DURATIONS: 1}, "p"),
    (
        event(wire.ToolFinished, duration_ms=1000, success=False),
        {c.TOOL_CALLS: 1, c.TOOL_FAILURES: 1, c.TOOL_MS: 1000, c.TOOL_DURATIONS + 20: 1},
        "",
    ),
    (event(wire.LinesChanged, added=3, removed=1), {c.LINES_ADDED: 3, c.LINES_REMOVED: 1}, ""),
    (event(wire.CommitMade), {c.COMMITS: 1}, ""),
    (event(wire.PullRequestOpened), {c.PULL_REQUESTS: 1}, ""),
    (event(wire.PermissionModeChanged), {c.MODE_CHANGES: 1}, ""),
    (event(wire.ContextCompacted), {c.COMPACTIONS: 1}, ""),
    (event(wire.SubagentCompleted), {c.SUBAGENTS: 1}, ""),
    (event(wire.TurnEnded), {}, ""),
    (event(wire.TurnInterrupted), {c.INTERRUPTS: 1}, ""),
    (event(wire.SessionEnded), {}, ""),
    (event(wire.SequenceSeen, first=1, last=9, count=5), {}, ""),
    (event(wire.Unrecognised), {c.UNRECOGNISED: 1}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "sums", "turn"), CASES)
def test_an_event_counts(one: Any, sums: c.Sums, turn: str) -> None:
    """Beside itself, this, and it makes a turn of this prompt."""
    cell: Cell = defaultdict(int)
    assert COUNT[type(one)](one, cell) == turn
    assert dict(halves({0: cell})) == {0: sums}


def test_every_type_of_event_is_counted() -> None:
    """A type that the contract gains fails here until it is decided what it counts."""
    assert set(COUNT) | {wire.UsageReported} == set(get_args(wire.Event))
    assert {type(one) for one, _, _ in CASES} == set(COUNT)


def usage(value: int, **fields: Any) -> wire.UsageReported:
    """A report of lines added."""
    name = "claude_code.lines_of_code.count"
    one: wire.UsageReported = event(wire.UsageReported, name=name, kind="added", value=value, series="x", **fields)
    return one


def test_deltas_add_and_cumulative_values_add_what_is_new() -> None:
    """Of a cumulative series only the rise above its highest counts; a new start begins at zero."""
    cell: Cell = defaultdict(int)
    series: dict[str, int] = {}
    for value, started in ((5, T), (3, T), (9, T), (9, T), (2, T + 1)):
        count_usage(usage(value, temporality="cumulative", started_at=started), cell, series)
    assert cell[c.LINES_ADDED] == 9 + 2
    for _ in range(2):
        count_usage(usage(4), cell, series)
    assert cell[c.LINES_ADDED] == 9 + 2 + 8


def test_a_reported_counter_that_is_counted_from_events_counts_nothing_and_is_not_remembered() -> None:
    """Tokens are counted from responses; their metric costs no state."""
    cell: Cell = defaultdict(int)
    series: dict[str, int] = {}
    one = event(wire.UsageReported, name="claude_code.token.usage", kind="input", value=5, temporality="cumulative")
    count_usage(one, cell, series)
    assert not cell
    assert not series


def test_the_halves_of_a_minute_have_their_own_numbers() -> None:
    """Interactive use keeps its numbers, the rest stands beside it."""
    cell: Cell = defaultdict(int, {c.EVENTS: 1, c.TOOL_DURATIONS + 3: 2, c.TOOL_MS: 0})
    assert list(halves({14: cell, 15: cell})) == [
        (7, {c.EVENTS: 1, c.TOOL_DURATIONS + 3: 2}),
        (7, {c.EVENTS + c.OTHER: 1, c.TOOL_DURATIONS + c.OTHER + 3: 2}),
    ]


def test_the_name_of_a_turn_is_the_same_in_every_process() -> None:
    """It is stored: another worker must find it again."""
    assert turn_of("baddf473-009a-411c-9df6-267c0f9b4dcc") == 11_505_375_864_254_166
