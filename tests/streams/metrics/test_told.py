"""What two sources might both tell."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.metrics.told import ENTRY_BYTES, THINGS, Told
from tests.examples import share

THING = st.sampled_from([f"thing {number}" for number in range(30)])


@settings(max_examples=share(200), derandomize=True, database=None)
@given(st.lists(st.tuples(THING, st.integers(1, 7))), st.integers(0, 20))
def test_it_answers_as_sets_would(told: list[tuple[str, int]], restored: int) -> None:
    """Flags of each thing are new once, also when it was stored and restored in between."""
    memory = Told(b"")
    known: dict[str, int] = {}
    for place, (thing, flags) in enumerate(told):
        if place == restored:
            memory = Told(memory.packed())
        assert memory.tell(thing, flags) == flags & ~known.get(thing, 0)
        known[thing] = known.get(thing, 0) | flags
    assert len(memory.packed()) == len(known) * ENTRY_BYTES


def test_bytes_that_lie_across_two_things_are_neither() -> None:
    """The hash of a thing is found at a thing's place only."""
    memory = Told(b"")
    for number in range(THINGS):
        memory.tell(f"{number}", 1)
    packed = memory.packed()
    names = [packed[at : at + ENTRY_BYTES] for at in range(0, len(packed), ENTRY_BYTES)]
    across = next(a[2:] + b[:2] for a, b in pairwise(names))
    found = Told(across + packed[: ENTRY_BYTES * 2])
    assert found.tell("0", 1) == found.tell("1", 1) == 0


def test_the_oldest_thing_is_forgotten_first() -> None:
    """One more than it remembers pushes out the first."""
    memory = Told(b"")
    for number in range(THINGS + 1):
        memory.tell(f"{number}", 1)
    assert len(memory.packed()) == THINGS * ENTRY_BYTES
    assert memory.tell("1", 1) == 0
    assert memory.tell("0", 1) == 1
