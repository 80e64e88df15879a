"""Libraries' logs at a rate that can be read."""

import logging

from streams.engine.quiet import RateLimit


def record(name: str, template: str, *args: object) -> logging.LogRecord:
    """As a logger makes it."""
    return logging.LogRecord(name, logging.ERROR, "", 0, template, args, None)


def test_a_sentence_comes_once_in_a_while_with_the_number_of_its_like() -> None:
    """What differs only in its arguments is the same sentence."""
    now = [0.0]
    limit = RateLimit(10, lambda: now[0])

    passed = [limit.filter(record("aiokafka", "Unable to connect to %s", port)) for port in range(5)]
    now[0] = 10.0
    later = record("aiokafka", "Unable to connect to %s", 7)

    assert passed == [True, False, False, False, False]
    assert limit.filter(later)
    assert later.getMessage() == "Unable to connect to 7 (and 4 like it)"


def test_other_sentences_and_other_loggers_are_not_held_back() -> None:
    """Only repetition is."""
    limit = RateLimit(10, lambda: 0.0)

    assert limit.filter(record("aiokafka", "one"))
    assert limit.filter(record("aiokafka", "two"))
    assert limit.filter(record("faust", "one"))
