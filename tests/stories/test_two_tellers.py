"""Telemetry and hooks tell one session: nothing counts twice, the end is known, and no order of the two matters."""

import random

import pytest

from schemas import wire
from schemas.counters import total
from sources.messages import Message, pack
from tests.stories.folded import NUMBERS, Folded, fold, recorded
from tests.stories.hand_counted import COLUMNS, Run, runs
from tests.stories.hooked import hooks_of
from tests.streams.metrics.events import SECOND, T, by, event, message

HOOKED = [run for run in runs().values() if run.hooks is not None]
BY_HOOKS = ("prompts", "injected_prompts", "tool_calls", "tool_failures", "subagents")
"""What hooks alone tell of these runs as fully as telemetry."""


@pytest.fixture(params=HOOKED, ids=[run.name for run in HOOKED])
def run(request: pytest.FixtureRequest) -> Run:
    """A run that has hooks."""
    found: Run = request.param
    return found


def in_order_of_receipt(messages: list[Message]) -> list[Message]:
    """As a log would hold them."""
    return sorted(messages, key=lambda message: message.received_at)


def same(found: dict[str, Folded], run: Run, *, endings: bool = True) -> None:
    """Figures, halves and endings as counted by hand with hooks."""
    for session in run.sessions:
        one, wanted = found[session.session], session.figures | session.hooked_more
        assert one.figures == wanted
        if session.half:
            assert {column: one.half(column, session.half) for column in COLUMNS} == wanted
        if endings:
            assert one.ending == session.hooked


def test_as_they_come(run: Run) -> None:
    """Each hook at its moment, telemetry up to seconds later."""
    told = recorded(run.folder)
    same(fold(in_order_of_receipt([*told, *hooks_of(run, told)])), run)


def test_hooks_after_all_telemetry(run: Run) -> None:
    """A hook of a moment that is read after the batch that tells the same."""
    told = recorded(run.folder)
    same(fold([*told, *hooks_of(run, told)]), run)


def test_hooks_before_all_telemetry(run: Run) -> None:
    """Hooks name nobody: what they tell waits for the telemetry that does."""
    told = recorded(run.folder)
    same(fold([*hooks_of(run, told), *told]), run)


def test_any_order_and_twice(run: Run) -> None:
    """Shuffled, and everything sent twice."""
    told, pick = recorded(run.folder), random.Random(run.name)
    messages = [*told, *hooks_of(run, told)] * 2
    pick.shuffle(messages)
    same(fold(messages), run)


def test_hooks_that_are_half_a_minute_late(run: Run) -> None:
    """Their time is that of their receipt: what is counted stays, how long turns took and what came last may not."""
    told = recorded(run.folder)
    same(fold(in_order_of_receipt([*told, *hooks_of(run, told, late=30 * SECOND)])), run, endings=False)


def test_a_repeat_is_counted_as_one(run: Run) -> None:
    """Events of both tellers are counted as events; what both told, as repeats."""
    told = recorded(run.folder)
    hooks = hooks_of(run, told)
    alone, both = fold(told), fold([*told, *hooks])
    for name, one in both.items():
        before = alone[name].state.sums
        of_hooks = total(one.state.sums, NUMBERS["hook_events"])
        assert total(one.state.sums, NUMBERS["events"]) == total(before, NUMBERS["events"]) + of_hooks
        known = sum(total(before, NUMBERS[column]) for column in BY_HOOKS if column != "tool_failures")
        assert total(one.state.sums, NUMBERS["repeats"]) == known


def test_hooks_alone_tell_prompts_calls_and_failures(run: Run) -> None:
    """A laptop whose telemetry is lost still shows what was asked and done, and nothing that hooks cannot know."""
    told = recorded(run.folder)
    found = fold(hooks_of(run, told))
    for session in run.sessions:
        if session.phantom:
            assert session.session not in found
            continue
        figures = found[session.session].figures
        assert {column: figures[column] for column in BY_HOOKS} == {
            column: session.figures[column] for column in BY_HOOKS
        }
        assert figures["input_tokens"] == figures["responses"] == figures["cost_micros"] == 0


def finished(at: int, **fields: object) -> wire.Event:
    """A call that finished."""
    told = event(wire.ToolFinished, at, tool_use_id="toolu_1", tool_name="Bash", prompt_id="p", **by("ann"), **fields)
    assert isinstance(told, wire.ToolFinished)
    return told


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_a_managed_failure_is_told_three_times(order: tuple[int, int, int]) -> None:
    """Managed hooks tell a failed call as failed and as finished, telemetry once more: one call, one failure."""
    tellers = (
        message(finished(T, success=False, run=1)),
        message(finished(T + SECOND, success=False, via="hook", run=2)),
        message(finished(T + SECOND, success=True, via="hook", run=3)),
    )
    found = fold([Message("s", tellers[place], T + SECOND, 1) for place in order])["s"]
    assert (found.figures["tool_calls"], found.figures["tool_failures"]) == (1, 1)
    assert total(found.state.sums, NUMBERS["repeats"]) == 2


def test_a_compaction_is_told_by_both() -> None:
    """Telemetry's events and the hooks of two compactions in one long turn: two."""
    told = [
        event(wire.ContextCompacted, T, prompt_id="p", trigger="auto", **by("ann")),
        event(wire.ContextCompacted, T + SECOND, prompt_id="p", trigger="auto", via="hook", run=2),
        event(wire.ContextCompacted, T + 60 * SECOND, prompt_id="p", trigger="auto", run=3, **by("ann")),
        event(wire.ContextCompacted, T + 60 * SECOND, prompt_id="p", trigger="auto", via="hook", run=4),
    ]
    messages = [found for one in told for found in pack({"s": [one]})]
    for order in (messages, messages[::-1]):
        assert fold(order)["s"].figures["compactions"] == 2
