"""Panes and windows, against a loop over everything that was ever added."""

import random
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.counters import Sums, add
from schemas.derived import SPANS
from streams.metrics.rolling import KEEP, NO_SUMS, Rolling
from tests.examples import share

START = 30_000_000
STEPS = (0, 0, 1, 1, 2, 7, 58, 61, 700, 1500, 5000)
AGES = (-4, -1, 0, 0, 1, 3, 4, 5, 59, 60, 61, 1439, 1440, 1499, 1500, 1501, 9000)


def brute(added: list[tuple[str, int, Sums]], minute: int) -> list[dict[str, Sums]]:
    """The windows at a minute, one dict a span."""
    found: list[dict[str, Sums]] = []
    for span in SPANS:
        windows: dict[str, Sums] = {}
        for key, at, delta in added:
            if minute - span < at <= minute:
                add(windows.setdefault(key, {}), delta)
        found.append({key: window for key, window in windows.items() if window})
    return found


@settings(max_examples=share(100), derandomize=True, database=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_windows_equal_brute_force(seed: int, length: int) -> None:
    """Whatever is added or taken back when, however time passes, each window is the sum of its minutes and says when it
    moved."""
    pick, rolling, added = random.Random(seed), Rolling[str](), list[tuple[str, int, Sums]]()
    rolling.begin(START)
    minute, before = START, brute([], START)
    for _ in range(length):
        for _ in range(pick.randrange(4)):
            delta = {0: 1, pick.randrange(1, 9): pick.randrange(1, 99)}
            key, at = pick.choice("abc"), minute - pick.choice(AGES)
            if added and pick.random() < 0.3:  # taken back, perhaps after it was forgotten
                key, at, earlier = added[pick.randrange(len(added))]
                delta = {number: -amount for number, amount in earlier.items()}
            rolling.add(key, at, delta)
            added.append((key, at, delta))
        for _ in rolling.changed_panes():
            pass
        minute += pick.choice(STEPS)
        rolling.advance(minute)
        now = brute(added, minute)
        assert list(rolling.windows) == now
        for changed, old, new in zip(rolling.changed_windows(), before, now, strict=True):
            assert {key for key in "abc" if old.get(key) != new.get(key)} <= set(changed)
        before = now


def test_a_restored_pane_counts_from_begin_on() -> None:
    """What was drained, restored elsewhere, gives the same windows."""
    first, second = Rolling[str](), Rolling[str]()
    first.begin(START)
    for age in (0, 4, 5, 1439, 1440):
        first.add("a", START - age, {0: 1, 5: age})
    for key, minute, pane, _ in first.changed_panes():
        second.restore(key, minute, pane)
    second.begin(START)
    assert second.windows == first.windows
    assert len(second) == len(first) == 5
    assert second.changed_windows() == ({}, {}, {})


def test_a_pane_is_drained_once_and_whole() -> None:
    """Two additions to a minute are one pane; without a new one nothing is drained."""
    rolling = Rolling[str]()
    rolling.begin(START)
    rolling.add("a", START, {0: 1})
    rolling.add("a", START, {0: 2})
    assert list(rolling.changed_panes()) == [("a", START, b"\x81\x00\x03", "")]
    assert list(rolling.changed_panes()) == []


def test_what_is_forgotten_is_said_and_what_is_late_kept_apart() -> None:
    """A pane is remembered for 25 hours; what comes later is late, adds up, and is drained once."""
    rolling = Rolling[str]()
    rolling.begin(START)
    rolling.add("a", START, {0: 1})
    list(rolling.changed_panes())
    assert rolling.advance(START + KEEP - 1) == []
    assert rolling.advance(START + KEEP) == [("a", START)]
    assert len(rolling) == 0
    rolling.add("a", START, {0: 1})
    rolling.add("a", START, {0: 1})
    assert list(rolling.late_panes()) == [("a", START, b"\x81\x00\x02", "")]
    assert list(rolling.late_panes()) == []


def test_of_a_pane_that_adds_up_to_nothing_nothing_is_left() -> None:
    """It is drained once more, without sums, and neither it nor a window of it remains."""
    rolling = Rolling[str]()
    rolling.begin(START)
    rolling.add("a", START, {0: 1})
    list(rolling.changed_panes())
    rolling.add("a", START, {0: -1})
    assert list(rolling.changed_panes()) == [("a", START, NO_SUMS, "")]
    assert len(rolling) == 0
    assert rolling.known() == set()
    assert rolling.windows == ({}, {}, {})
    assert rolling.advance(START + KEEP) == []


def test_a_tag_goes_with_its_pane_in_any_order() -> None:
    """Of two the last in alphabetical order; the usual one costs nothing and is known all the same."""
    for tags in permutations(("red", "blue", "usual")):
        rolling = Rolling[str](usual=lambda key: "usual")
        rolling.begin(START)
        for tag in tags:
            rolling.add("a", START, {0: 1}, tag)
            list(rolling.changed_panes())
        assert list(rolling.panes({"a"})) == [("a", START, "usual")]
        rolling.add("b", START, {0: 1}, "red")
        ((_, _, packed, tag),) = rolling.changed_panes()
        again = Rolling[str](usual=lambda key: "usual")
        again.restore("b", START, packed, tag)
        again.begin(START)
        assert list(again.panes({"a", "b"})) == [("b", START, "red")]
        assert again.pane("b", START) == {0: 1}


def test_time_never_falls() -> None:
    """An earlier minute changes nothing."""
    rolling = Rolling[str]()
    rolling.begin(START)
    rolling.add("a", START, {0: 1})
    list(rolling.changed_panes())
    assert rolling.advance(START - 10) == []
    assert rolling.minute == START
    assert rolling.windows[0] == {"a": {0: 1}}
