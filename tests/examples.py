"""How many examples a property is tried with: all of them, and a fifth in the daily loop (`conftest.py`)."""

from hypothesis import settings


def share(of: int) -> int:
    """Of the examples that a property is worth, those of this run; Hypothesis's own number is a hundred."""
    chosen = settings.default
    assert chosen is not None
    return of * chosen.max_examples // 100
