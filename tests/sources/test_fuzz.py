"""Mutations of real bodies: each is read or refused, and what is read keeps the contract."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import check_event, read_events, write_events
from sources.hooks import Hooks
from sources.messages import pack
from sources.otlp.reader import Reader
from sources.otlp.refused import Refused
from tests.examples import share
from tests.sources import support

BODIES = [body for body in support.bodies() if len(body.body) < 50_000]
PIECES = [
    b"null",
    b"{}",
    b"[]",
    b'"x"',
    b"-1",
    b"1e999",
    b"true",
    b"\xff",
    b'"\\ud83d"',
    b"\x00",
    b"99999999999999999999",
]


def mutated(body: bytes, seed: int) -> bytes:
    """A few pieces of a body cut out, doubled, or replaced by something else."""
    chance, found = random.Random(seed), bytearray(body)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(found) + 1)
        length = chance.choice((0, 1, 1, 2, 5, 40))
        with_what = chance.choice([b"", chance.choice(PIECES), bytes(found[at : at + 9]), chance.randbytes(2)])
        found[at : at + length] = with_what
    return bytes(found)


@settings(max_examples=share(300))
@given(st.sampled_from(BODIES), st.integers(0, 1 << 32))
def test_a_mutation_is_read_or_refused(body: support.Plain, seed: int) -> None:
    """No other error than the declared one, with 400 or 413; every message that comes of it is good."""
    try:
        reading = Reader(support.PSEUDONYMS).read(body.kind, body.encoding, mutated(body.body, seed), support.NOW)
    except Refused as refused:
        assert refused.status in (400, 413)  # noqa: PT017 - most mutations are read: an error is one of two outcomes
        return
    for message in pack(reading.sessions):
        found = read_events(message.value)
        indexes = [event.index for event in found]
        assert indexes == sorted(set(indexes))


PAYLOADS = [
    line for path in sorted((support.CLAUDE_CODE / "hooks").glob("*.jsonl")) for line in path.read_bytes().splitlines()
]


@settings(max_examples=share(300))
@given(st.sampled_from(PAYLOADS), st.integers(0, 1 << 32))
def test_a_mutated_payload_of_a_hook_is_read_or_refused(payload: bytes, seed: int) -> None:
    """The same of hooks, with 400."""
    try:
        events = Hooks(support.PSEUDONYMS).read(mutated(payload, seed), "0" * 16, 0, support.NOW)
    except Refused as refused:
        assert refused.status == 400  # noqa: PT017 - an error is one of two outcomes
        return
    for event in events:
        check_event(write_events([event]))
