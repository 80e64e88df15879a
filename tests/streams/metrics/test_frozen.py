"""Minutes that are put away."""

from hypothesis import given
from hypothesis import strategies as st

from streams.metrics.frozen import Frozen
from streams.metrics.rolling import KEEP, Rolling


@given(st.dictionaries(st.text(max_size=4), st.binary(max_size=9), max_size=9))
def test_what_is_put_away_comes_back(held: dict[str, bytes]) -> None:
    """All of it, in its order."""
    frozen = Frozen(held.items())
    assert dict(frozen.items()) == held
    assert (len(frozen), list(frozen)) == (len(held), list(held))


def test_a_minute_that_was_put_away_still_changes_and_leaves() -> None:
    """Something late is added to it, and the windows lose exactly what it holds then."""
    rolling: Rolling[str] = Rolling()
    rolling.begin(1_000)
    for key in ("a", "b"):
        rolling.add(key, 1_000, {1: 2})
    list(rolling.changed_panes())
    rolling.advance(1_030)
    rolling.add("a", 1_000, {1: 3})
    assert list(rolling.changed_panes()) == [("a", 1_000, b"\x81\x01\x05", "")]
    rolling.advance(1_050)
    assert (rolling.pane("a", 1_000), rolling.pane("b", 1_000), len(rolling)) == ({1: 5}, {1: 2}, 2)
    assert rolling.windows[1] == {"a": {1: 5}, "b": {1: 2}}
    rolling.advance(1_060)
    assert (rolling.windows[1], rolling.windows[2]) == ({}, {"a": {1: 5}, "b": {1: 2}})
    assert sorted(rolling.advance(1_000 + KEEP)) == [("a", 1_000), ("b", 1_000)]
    assert (rolling.windows[2], len(rolling)) == ({}, 0)
