"""The truth, against what the stream's own fold makes of both outputs."""

import gzip
from collections import defaultdict

import pytest

from schemas import counters
from schemas.codec import write_events
from schemas.counters import Sums, total
from schemas.people import Pseudonyms
from sources.otlp.reader import Reader
from sources.simulator.canonical import messages
from sources.simulator.figures import DAY, HOUR
from sources.simulator.otlp import requests
from sources.simulator.simulation import Simulation
from sources.simulator.truth import Truth, truth
from tests.sources.simulator.folding import Folding

pytestmark = pytest.mark.slow

MONDAY = 1_790_553_600_000
PSEUDONYMS = Pseudonyms(b"k" * 32)
START, END = MONDAY + DAY + 6 * HOUR, MONDAY + DAY + 18 * HOUR
SIMULATION = Simulation(6, 60, seed=21, begins_ms=START)
NOT_TOLD = {counters.EVENTS, counters.INTERRUPTS, counters.CLOCK_CLAMPED, counters.HOOK_EVENTS}


@pytest.fixture(scope="module")
def known() -> Truth:
    """Of half a day in which every session begins within."""
    return truth(SIMULATION, START, END)


def _told(sums: Sums) -> Sums:
    """Both halves of every counter that the truth has, zeros left out."""
    found = {it.number: total(sums, it.number) for it in counters.COUNTERS if it.number not in NOT_TOLD}
    return {number: amount for number, amount in found.items() if amount}


def test_otlp_output_read_and_folded_is_the_truth(known: Truth) -> None:
    """Resends, cuts, restarts, phantoms, killed clients: each session's sums are those that were simulated."""
    reader, folding = Reader(PSEUDONYMS), Folding()
    for request in requests(SIMULATION, START, END):
        if request.cut:  # half a body is refused whole
            continue
        body = gzip.decompress(request.body) if "Content-Encoding" in request.headers else request.body
        protobuf = request.headers["Content-Type"] == "application/x-protobuf"
        reading = reader.read(request.kind, "protobuf" if protobuf else "json", body, request.at_ms)
        for events in reading.sessions.values():
            folding.add(write_events(events), request.at_ms)
    _compare(folding, known)


def test_canonical_output_folded_is_the_truth(known: Truth) -> None:
    """The same from messages, half resends among them."""
    folding = Folding()
    for message in messages(SIMULATION, START, END, PSEUDONYMS):
        folding.add(message.events, message.at_ms)
    _compare(folding, known)


def _compare(folding: Folding, known: Truth) -> None:
    folded = folding.sessions()
    assert len(folded) > 40
    late = {delivery_session for delivery_session in known.sessions if delivery_session not in folded}
    for session_id in late:  # nothing of it was told, so it was lost whole
        assert not known.sessions[session_id].told
    for session_id, sums in folded.items():
        assert _told(sums) == known.sessions[session_id].told, session_id


def test_losses_are_known_amounts(known: Truth) -> None:
    """What killed clients did not tell is counted apart, and small."""
    told, lost = known.total(), known.lost()
    assert 0 < lost[counters.RESPONSES] < 0.01 * told[counters.RESPONSES]
    assert sum(session.unseen["interrupt"] for session in known.sessions.values()) > 10


def test_teams_add_up(known: Truth) -> None:
    """The teams' sums are those of their sessions; who shows no team is under no name."""
    sums: dict[int, int] = defaultdict(int)
    for team in known.teams().values():
        for number, amount in team.items():
            sums[number] += amount
    assert sums == known.total()
