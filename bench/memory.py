"""What is remembered: `python -m bench.memory`. Stored, and in memory, of a session and of a person.

An open session of 10 messages and a person with 480 active minutes, as simulated people make them: half their bytes
are what they count, so made-up ones would prove nothing. Stored are the bytes of the values, keys beside them; in
memory is what Python allocates for a stage that holds them, per one.
"""

import argparse
import gc
import json
import random
import statistics
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from schemas import wire
from schemas.codec import read_events
from schemas.people import Pseudonyms
from sources.simulator.canonical import messages
from sources.simulator.simulation import Simulation
from streams.metrics.sessions import Sessions
from streams.metrics.stage import Record, Stage
from streams.metrics.users import Users

T = 1_795_000_000_000
MINUTE = 60_000
HOURS = 3
PEOPLE, TEAMS = 160, 8
MESSAGES = 10
MINUTES = 480
AT_MOST = {"session": (512, 3 << 10), "person": (32 << 10, 64 << 10)}
"""Bytes stored, bytes in memory."""

Batch = list[tuple[bytes, int]]


@dataclass
class Sizes:
    """Bytes of one: the middle and the 95th of a hundred stored, the middle with keys, in memory on average."""

    measured: int
    events: float
    stored: float
    stored_p95: float
    stored_with_keys: float
    in_memory: float


def simulated() -> tuple[list[Batch], list[dict[int, int]]]:
    """The first 10 messages of each session that is open after them; what each minute of each person counted."""
    stage, known = Sessions(), Pseudonyms(b"0" * 32)
    stage.begin(T)
    begun: dict[str, Batch] = {}
    minutes: dict[tuple[str, int], dict[int, int]] = {}
    for message in messages(Simulation(TEAMS, PEOPLE, None, 1), T, T + HOURS * 60 * MINUTE, known):
        stage.apply(message.events, message.at_ms)
        begun.setdefault(message.session_id, []).append((message.events, message.at_ms))
        for record in stage.changed(message.at_ms, message.at_ms).changes:
            change = msgspec.msgpack.decode(record.value or b"", type=wire.UserChange)
            for panes in change.panes.values():
                for minute, sums in panes.items():
                    pane = minutes.setdefault((change.user_id, minute), {})
                    for number, amount in sums.items():
                        pane[number] = pane.get(number, 0) + amount
    first = [batch[:MESSAGES] for batch in begun.values() if len(batch) >= MESSAGES]
    return [batch for batch in first if _is_open(batch)], list(minutes.values())


def _is_open(batch: Batch) -> bool:
    ended = any(isinstance(event, wire.SessionEnded) for message, _ in batch for event in read_events(message))
    return not ended and batch[-1][1] - batch[0][1] < 30 * MINUTE


def session_sizes(batches: Sequence[Batch]) -> Sizes:
    """Of sessions that were sent these messages and no more; the latest first, so that no time closes another."""

    def held() -> tuple[Stage, list[Record]]:
        stage = Sessions()
        stage.begin(T)
        written: dict[bytes, Record] = {}
        for batch in sorted(batches, key=lambda batch: -batch[-1][1]):
            for message, at in batch:
                stage.apply(message, at)
            written |= {record.key: record for record in stage.changed(at, at * 1000).tables}
        assert len(written) == len(batches)
        return stage, list(written.values())

    events = [sum(len(read_events(message)) for message, _ in batch) for batch in batches]
    return _sizes(held, len(batches), [[record] for record in held()[1]], statistics.median(events))


def person_sizes(panes: Sequence[dict[int, int]], people: int = 60) -> Sizes:
    """Of people with 480 active minutes, each like one of somebody simulated."""
    pick, now = random.Random(1), T + MINUTES * MINUTE
    told = {
        f"u_{user:016x}": {f"team-{user % TEAMS:02d}": {T // MINUTE + at: pick.choice(panes) for at in range(MINUTES)}}
        for user in range(people)
    }

    def held() -> tuple[Stage, list[Record]]:
        stage = Users()
        stage.begin(now)
        for user_id, teams in told.items():
            stage.apply(msgspec.msgpack.encode(wire.UserChange(user_id, teams, [])), now)
        tables = stage.changed(now, now * 1000).tables
        stage.changed(now + MINUTE, now * 1000 + 1)  # as it stands a minute later
        return stage, [record for record in tables if record.topic == "user-minutes"]

    by_person: dict[str, list[Record]] = {}
    for record in held()[1]:
        by_person.setdefault(msgspec.msgpack.decode(record.key)[0], []).append(record)
    events = statistics.mean(pane.get(0, 0) + pane.get(64, 0) for pane in panes) * MINUTES
    return _sizes(held, people, list(by_person.values()), events)


def _sizes(
    held: Callable[[], tuple[Stage, list[Record]]], count: int, rows: Sequence[Sequence[Record]], events: float
) -> Sizes:
    gc.collect()
    tracemalloc.start()
    stage = held()[0]
    gc.collect()
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stage.sizes()
    values = sorted(sum(len(record.value or b"") for record in mine) for mine in rows)
    keyed = [sum(len(record.key) + len(record.value or b"") for record in mine) for mine in rows]
    p95 = values[int(len(values) * 0.95)]
    return Sizes(count, events, statistics.median(values), p95, statistics.median(keyed), allocated / count)


def measure() -> dict[str, Sizes]:
    """Both."""
    batches, panes = simulated()
    return {"session": session_sizes(batches), "person": person_sizes(panes)}


def is_enough(found: dict[str, Sizes]) -> bool:
    """Whether the middle one keeps to what it may take."""
    return all(
        sizes.stored <= AT_MOST[what][0] and sizes.in_memory <= AT_MOST[what][1] for what, sizes in found.items()
    )


def lines(found: dict[str, Sizes]) -> list[tuple[str, float, int]]:
    """What, bytes, and how many at most."""
    names = {"session": f"an open session of {MESSAGES} messages", "person": f"a person with {MINUTES} active minutes"}
    rows = []
    for what, sizes in found.items():
        rows.append((f"{names[what]} ({sizes.events:,.0f} events), stored", sizes.stored, AT_MOST[what][0]))
        rows.append((f"{names[what]}, in memory", sizes.in_memory, AT_MOST[what][1]))
    return rows


def main() -> int:
    """Prints the four figures; 1 when one is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, help="where to write them as JSON")
    options = parser.parse_args()
    found = measure()
    for what, size, most in lines(found):
        print(f"{what:68} {size:9,.0f} bytes (at most {most:,})")
    if options.results:
        options.results.write_text(json.dumps({what: asdict(sizes) for what, sizes in found.items()}, indent=1) + "\n")
    return 0 if is_enough(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
