"""Turns: what a prompt led to, as it stands whenever one looks."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import counters as c
from streams.metrics.turns import CALLS, COUNTS, OTHER, Turns, log_actions, turn_of
from tests.examples import share
from tests.streams.metrics.events import MINUTE, T

EVENT = st.tuples(
    st.sampled_from(["p", "q", "r"]),
    st.integers(0, 5 * MINUTE),
    st.sampled_from([0, 0, COUNTS, OTHER, COUNTS | OTHER]),
    st.integers(0, 2),
)


def told(events: list[Any], cuts: set[int]) -> dict[tuple[int, bool], c.Sums]:
    """What turns count, the events cut into messages."""
    stored: dict[int, list[int]] = {}
    turns = Turns(stored)
    found: dict[tuple[int, bool], c.Sums] = {}
    for place, (prompt, offset, bits, calls) in enumerate(events):
        if place in cuts:
            _add(turns, found)
            turns = Turns(stored)
        turns.take(prompt, T + offset, bits)[CALLS] += calls
    _add(turns, found)
    return {key: sums for key, sums in found.items() if sums}


def _add(turns: Turns, found: dict[tuple[int, bool], c.Sums]) -> None:
    for minute, is_other, sums in turns.changes():
        c.add(found.setdefault((minute, is_other), {}), sums)


@settings(max_examples=share(300), derandomize=True, database=None)
@given(st.lists(EVENT, max_size=12), st.sets(st.integers(0, 12)), st.randoms(use_true_random=False))
def test_turns_equal_brute_force_in_any_order_and_any_split(events: list[Any], cuts: set[int], pick: Any) -> None:
    """In the minute of its first event: one turn, its duration, its actions; whatever was counted before is gone."""
    plain: dict[tuple[int, bool], c.Sums] = {}
    for prompt in {event[0] for event in events}:
        mine = [event for event in events if event[0] == prompt]
        if not any(bits & COUNTS for _, _, bits, _ in mine):
            continue
        first, last = min(event[1] for event in mine), max(event[1] for event in mine)
        actions = log_actions(sum(event[3] for event in mine))
        sums = {c.TURNS: 1, c.TURN_DURATIONS + c.bucket(last - first): 1} | (
            {c.LOG_ACTIONS: actions} if actions else {}
        )
        c.add(plain.setdefault(((T + first) // MINUTE, any(bits & OTHER for _, _, bits, _ in mine)), {}), sums)
    shuffled = events.copy()
    pick.shuffle(shuffled)
    assert told(events, cuts) == plain
    assert told(shuffled, cuts) == plain


def test_the_name_of_a_turn_is_the_same_in_every_process() -> None:
    """It is stored: another worker must find it again."""
    assert turn_of("baddf473-009a-411c-9df6-267c0f9b4dcc") == 11_505_375_864_254_166
