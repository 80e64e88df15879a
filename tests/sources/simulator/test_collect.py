"""Joined requests say the same as the single ones."""

from collections import Counter

from schemas.people import Pseudonyms
from sources.otlp.reader import Encoding, Reader
from sources.otlp.unpack import unpack
from sources.simulator.collect import collect
from sources.simulator.otlp import Request, requests
from sources.simulator.simulation import Simulation

HOUR = 3_600_000
START = 1_768_377_600_000 + 8 * HOUR
SPAN = HOUR // 8
SIMULATION = Simulation(2, 20, rate=20.0, seed=5)


def _events(found: list[Request]) -> Counter[tuple[str, str, int]]:
    """What the receiver's reader finds: session, type, when; each body once, cut ones not at all."""
    reader = Reader(Pseudonyms(b"k" * 32))
    counts: Counter[tuple[str, str, int]] = Counter()
    for body, request in {request.body: request for request in found if not request.cut}.items():
        encoding: Encoding = "json" if request.headers["Content-Type"] == "application/json" else "protobuf"
        plain = unpack(body, request.headers.get("Content-Encoding", ""), reader.limits)
        reading = reader.read(request.kind, encoding, plain, request.at_ms)
        assert not reading.rejected
        assert sum(map(len, reading.sessions.values())) == request.events
        for session, events in reading.sessions.items():
            counts.update(
                (session, type(event).__name__, event.occurred_at)
                for event in events
                if type(event).__name__ != "SequenceSeen"  # how many there are depends on the bodies
            )
    return counts


def test_joined_bodies_hold_the_same_events() -> None:
    """Nothing is lost and nothing comes twice, in JSON and protobuf, and there are far fewer requests."""
    single = list(requests(SIMULATION, START, START + SPAN))

    joined = list(collect(single, START + SPAN, 60_000, 1 << 20))

    assert _events(joined) == _events(single)
    assert len(joined) * 2 < len(single)
    assert [request.at_ms for request in joined] == sorted(request.at_ms for request in joined)


def test_what_is_sent_again_stays_alone_and_real_time_is_left_alone() -> None:
    """A resend is the same body, byte for byte; after `until` nothing is touched."""
    single = list(requests(SIMULATION, START, START + SPAN))
    half = START + SPAN // 2

    joined = list(collect(single, half, 60_000, 1 << 20))

    assert [request for request in joined if request.sent] == [request for request in single if request.sent]
    assert [request for request in joined if request.at_ms > half] == [
        request for request in single if request.at_ms > half
    ]
