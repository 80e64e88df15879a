"""Topics as the broker has them against what a stage needs."""

import pytest

from streams.engine.layout import Layout, LayoutError
from tests.integration.counting import Count

COUNTS = {"session-events": 4, "sessions": 4, "session-events-dlq": 4, "user-changes": 2}


def test_a_stage_fits_topics_of_equal_partitions() -> None:
    """Its source, its tables and its dead letters go partition by partition."""
    Layout(COUNTS).check(Count())


@pytest.mark.parametrize("topic", COUNTS)
def test_a_topic_that_is_missing_is_named(topic: str) -> None:
    """With its name at the broker, and what to do."""
    rest = {name: count for name, count in COUNTS.items() if name != topic}

    with pytest.raises(LayoutError, match=f"x-{topic} is not there: run `ammeter topics`"):
        Layout(rest, "x-").check(Count())


@pytest.mark.parametrize("topic", ["sessions", "session-events-dlq"])
def test_a_topic_of_other_partitions_is_refused(topic: str) -> None:
    """What partition 5 remembers would have no place."""
    with pytest.raises(LayoutError, match="6 partitions"):
        Layout(COUNTS | {topic: 6}).check(Count())
