"""What the folds make of messages: every session's figures, and the verdict on it once its cohort is closed."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from schemas import wire
from schemas.codec import read_events, write_events
from schemas.counters import COUNTERS, LOG_ACTIONS, OTHER, TURN_DURATIONS, Sums, interactive, total
from schemas.evidence import Sign
from schemas.signals import read_signal
from sources import bodies
from sources.messages import Message
from sources.otlp.reader import Reader
from tests.sources.support import PSEUDONYMS
from tests.stories.hand_counted import COLUMNS, Ending
from tests.streams.metrics.chain import Chain

NUMBERS = {counter.name: counter.number for counter in COUNTERS}
HOUR = 3_600_000
MINUTE = 60_000


@dataclass(frozen=True)
class Folded:
    """A session as the product counts it."""

    state: wire.SessionState
    verdict: wire.SessionVerdict | None

    @property
    def figures(self) -> dict[str, int]:
        """Both halves of each column that the hand-counted tables have."""
        return {column: total(self.state.sums, NUMBERS[column]) for column in COLUMNS}

    def half(self, column: str, of: str) -> int:
        """One half of a figure."""
        both, sat_there = total(self.state.sums, NUMBERS[column]), interactive(self.state.sums, NUMBERS[column])
        return sat_there if of == "interactive" else both - sat_there

    @property
    def turn_buckets(self) -> dict[int, int]:
        """Turns by half octave of their duration."""
        return buckets(self.state.sums)

    @property
    def log_actions(self) -> int:
        """In milli-octaves."""
        return total(self.state.sums, LOG_ACTIONS)

    @property
    def ending(self) -> Ending | None:
        """As the verdict says."""
        one = self.verdict
        if one is None:
            return None
        signs = tuple(sign.name for sign in Sign if one.signs >> sign & 1)
        return Ending(one.outcome, one.is_troubled, one.confidence, signs, self.state.end_reason)


def buckets(sums: Mapping[int, int]) -> dict[int, int]:
    """Turns by half octave of their duration, both halves."""
    found: dict[int, int] = {}
    for number, amount in sums.items():
        if TURN_DURATIONS <= number < TURN_DURATIONS + 2 * OTHER:
            bucket = (number - TURN_DURATIONS) % OTHER
            found[bucket] = found.get(bucket, 0) + amount
    return {bucket: amount for bucket, amount in found.items() if amount}


def recorded(folder: Path) -> list[Message]:
    """The messages that a receiver would have made of a recording, in order of receipt."""
    reader = Reader(PSEUDONYMS)
    skipped: list[bodies.Skipped] = []
    found = bodies.find([folder])[0]
    assert found, f"{folder} holds no bodies"
    return [message for one in found for message in bodies.messages(one, reader, skipped)]


def apart(messages: Iterable[Message]) -> list[Message]:
    """A message for each event."""
    return [
        Message(message.session_id, write_events([event]), message.received_at, 1)
        for message in messages
        for event in read_events(message.value)
    ]


def interleaved(messages: Iterable[Message], pick: random.Random) -> list[Message]:
    """Shuffled, but for the order within a run, which is that of its body."""
    by_run: dict[str, list[Message]] = {}
    for message in messages:
        by_run.setdefault(read_events(message.value)[0].run, []).append(message)
    turns = [run for run, found in by_run.items() for _ in found]
    pick.shuffle(turns)
    ahead = {run: iter(found) for run, found in by_run.items()}
    return [next(ahead[run]) for run in turns]


def fold(messages: Sequence[Message]) -> dict[str, Folded]:
    """Sessions by id, all closed and judged: two hours after the last message."""
    chain = Chain()
    for message in messages:
        chain.send(message.value, message.received_at)
    chain.flush()
    end = chain.now
    for minutes in (31, 47, 60, 120):
        chain.flush(end + minutes * MINUTE)
    return sessions_of(chain)


def sessions_of(chain: Chain) -> dict[str, Folded]:
    """What the stages last wrote of each session."""
    states: dict[str, wire.SessionState] = {}
    for (topic, key), value in chain.sessions.tables.items():
        if topic == "sessions":
            name = msgspec.msgpack.decode(key, type=wire.SessionKey)
            assert name.session_id not in states
            states[name.session_id] = msgspec.msgpack.decode(value, type=wire.SessionState)
    verdicts: dict[str, wire.SessionVerdict] = {}
    for output in chain.users.outputs:
        for record in (*output.tables, *output.changes):
            if record.topic == "signals" and record.value is not None:
                match read_signal(record.key, record.value):
                    case (wire.SessionKey() as name, wire.SessionVerdict() as verdict):
                        verdicts[name.session_id] = verdict
    return {name: Folded(state, verdicts.get(name)) for name, state in states.items()}


def summed(sums: Iterable[Sums]) -> Sums:
    """All added up."""
    found: Sums = {}
    for one in sums:
        for number, amount in one.items():
            found[number] = found.get(number, 0) + amount
    return found
