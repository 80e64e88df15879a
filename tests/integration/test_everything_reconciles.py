"""All that there is to count, through the stages and through `analyse`: the oracle in SQL finds nothing to say.

Recorded runs of three clients with their hooks, transcripts, and an hour of simulation in which requests come late,
twice, half and shuffled, while the stages are killed and restored. Without ../shared, what lies there is left out.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ammeter.analyse import analyse
from ammeter.rebuild import rebuild
from schemas.codec import read_events, write_events
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT
from sinks.reconcile import reconcile
from sinks.rows import TABLES, json_lines, rows_of, splice
from sources import bodies
from sources.otlp.reader import Reader
from sources.simulator.canonical import messages as simulated
from sources.simulator.simulation import Simulation
from tests.stories.folded import recorded
from tests.stories.hand_counted import COLUMNS, FIXTURES, METRICS, SHARED, Counted, runs
from tests.stories.hooked import hooks_of
from tests.streams.metrics.chain import Chain
from tests.streams.metrics.events import DAY, HOUR, MINUTE, SECOND

pytestmark = pytest.mark.slow

PSEUDONYMS = Pseudonyms(b"k" * 32)
TRANSCRIPTS = SHARED.parent / "transcripts" / "sessions"
BEGIN = 1_795_428_000_000
"""The simulated hour: after all that was recorded."""

Log = list[tuple[int, bytes]]


def transcripts(most: int = 50) -> list[Path]:
    """Some of the redacted transcripts, the smaller ones."""
    found = sorted(TRANSCRIPTS.rglob("*.jsonl.gz"), key=lambda path: (path.stat().st_size, path))
    return found[len(found) // 4 :][:most]


def own_transcripts() -> list[Path]:
    """Those of recorded runs."""
    return sorted((SHARED / "claude_code" / "transcripts").rglob("*.jsonl"))


def files() -> list[Path]:
    """All that lies on disk."""
    paths = [FIXTURES / "claude_code", *(SHARED / name for name in ("codex", "gemini"))]
    return [path for path in [*paths, *transcripts(), *own_transcripts()] if path.exists()]


def kept() -> Log:
    """What clients wrote down."""
    edge = bodies.Edge(PSEUDONYMS, lambda path: (PSEUDONYMS.of(path.parent.name), "enduser"))
    skipped: list[bodies.Skipped] = []
    reader = Reader(PSEUDONYMS)
    return [
        (message.received_at, message.value)
        for one in bodies.find([*transcripts(), *own_transcripts()])[0]
        for message in bodies.messages(one, reader, skipped, edge)
    ]


def sent() -> Log:
    """What clients sent, and their hooks half a second later."""
    found: Log = []
    for run in runs().values():
        if run.folder.is_dir():
            told = recorded(run.folder)
            hooks = hooks_of(run, told, late=500) if run.hooks is not None else []
            found += [(message.received_at, message.value) for message in [*told, *hooks]]
    return found


def hour(pick: random.Random) -> Log:
    """An hour of people at work: out of order by up to half a minute, one in 20 late, one in 20 once more.

    A request that is sent twice is late as a whole: clients send again within 10 seconds.
    """
    found: Log = []
    late: dict[str, int] = {}
    simulation = Simulation(4, 24, rate=3.0, seed=5)
    for message in simulated(simulation, BEGIN, BEGIN + HOUR, PSEUDONYMS):
        if message.run not in late:
            late[message.run] = pick.randrange(30 * SECOND) + (pick.random() < 0.05) * pick.randrange(50 * MINUTE)
        at = message.at_ms + late[message.run]
        found.append((at, message.events))
        if pick.random() < 0.05:
            found.append((at + pick.randrange(1, 9 * SECOND), message.events))
    return found


def stamped(log: Log) -> Iterator[tuple[int, bytes]]:
    """In the order of receipt, each event with the moment of its own."""
    for at, message in sorted(log, key=lambda item: item[0]):
        events = read_events(message)
        for event in events:
            event.received_at = at
        yield at, write_events(events)


def test_the_stream_says_what_its_raw_events_say(store: ClickHouse) -> None:
    """Sessions, minutes, windows and verdicts of everything, with kills in between: no difference."""
    pick = random.Random(14)
    log = list(stamped([*kept(), *sent(), *hour(pick)]))
    chain = Chain()
    for place, (at, message) in enumerate(log):
        chain.send(message, at)
        if pick.random() < 0.02:
            chain.version = max(chain.version, chain.now * 1000)
            chain.flush()
            if place % 7 == 0:
                chain.restart(pick)
    end = log[-1][0]
    for after in (0, 0, 20 * MINUTE, 31 * MINUTE, 50 * MINUTE, 51 * MINUTE):
        chain.version = max(chain.version, (end + after) * 1000)
        chain.flush(end + after)
    put(store, chain, log)
    found = reconcile(store, now=end + 51 * MINUTE)
    assert [str(one) for one in found[:20]] == []


def put(store: ClickHouse, chain: Chain, log: Log) -> None:
    """Raw events and all rows, as a sink stores them."""
    raw = [splice(message, 0, offset) for offset, (_, message) in enumerate(log)]
    for start in range(0, len(raw), 5_000):
        store.insert("ammeter_private.session_events", (), b"".join(raw[start : start + 5_000]))
    rows: dict[str, list[object]] = {}
    for stage in (chain.sessions, chain.users, chain.teams):
        for output in stage.outputs:
            for record in (*output.tables, *output.changes):
                rows.setdefault(record.topic, []).extend(rows_of(*record))
    for topic, found in rows.items():
        if topic in TABLES:
            table = TABLES[topic]
            store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(found))  # type: ignore[arg-type] # structs


def test_analyse_says_what_its_raw_events_say(store: ClickHouse) -> None:
    """Folded in one go: recordings, hooks and transcripts, then all of them again; nothing twice, no difference."""
    now = time.time_ns() // 1_000_000
    first = analyse(files(), store, DEFAULT, PSEUDONYMS, now)
    again = analyse(files(), store, DEFAULT, PSEUDONYMS, now + 1_000)
    assert (first.invalid, again.invalid, again.events) == (0, 0, 0)
    found = reconcile(store, now=now + 1_000)
    assert [str(one) for one in found[:20]] == []


def test_after_a_rebuild_a_transcript_that_came_later_is_part_of_its_session(store: ClickHouse) -> None:
    """What it adds to telemetry that was folded before is judged apart at first; a rebuild makes one of both."""
    now = time.time_ns() // 1_000_000
    analyse([FIXTURES / "claude_code"], store, DEFAULT, PSEUDONYMS, now)
    added = analyse(own_transcripts(), store, DEFAULT, PSEUDONYMS, now + 500)
    if added.events:
        assert added.added_to > 0
        assert reconcile(store, now=now + 500)
    rebuild(store, DEFAULT, now + 1_000, lambda _: None)
    found = reconcile(store, now=now + 2_000)
    assert [str(one) for one in found[:20]] == []


def test_views_show_what_was_counted_by_hand(store: ClickHouse) -> None:
    """`ammeter.sessions` has each session with its figures, the verdicts say how it went; phantoms are none."""
    now = time.time_ns() // 1_000_000
    wanted: dict[str, Counted] = {}
    for place, run in enumerate(runs().values()):
        if not run.folder.is_dir():
            continue
        # people of their own, so that no run is the return of another's person
        analyse([run.folder], store, DEFAULT, Pseudonyms(f"{place:032}".encode()), now + place * 10)
        wanted |= {session.session: session for session in run.sessions if not session.phantom}
    columns = ", ".join(f"s.{name}" for name in COLUMNS)
    rows = store.query(f"SELECT s.session_id, s.end_reason, {columns} FROM ammeter.sessions AS s").rows
    assert {row[0]: dict(zip(COLUMNS, row[2:], strict=True)) for row in rows} == {
        name: session.figures for name, session in wanted.items()
    }
    assert {row[1] for row in rows} == {"idle"}
    judged = store.query(
        "SELECT session_id, outcome, is_troubled, outcome_confidence, evidence, is_interactive "
        "FROM ammeter_private.session_outcomes"
    ).rows
    assert {row[0]: tuple(row[1:]) for row in judged} == {
        name: (
            session.ending.outcome,
            session.ending.troubled,
            session.ending.confidence,
            [sign.lower() for sign in session.ending.signs],
            session.half == "interactive",
        )
        for name, session in wanted.items()
        if session.ending is not None
    }


def test_halves_of_minutes_add_up_to_the_sessions(store: ClickHouse) -> None:
    """Minutes of print mode are no interactive use, reported lines included."""
    run = runs()["claude_code/otlp_json/s02-edit"]
    analyse([run.folder], store, DEFAULT, PSEUDONYMS, BEGIN + DAY)
    names = ["prompts", "tool_calls", "input_tokens", *(name for name in METRICS if not name.startswith("reported_"))]
    sums = ", ".join(f"sum(m.{name}), sum(m.interactive_{name})" for name in names)
    (row,) = store.query(f"SELECT {sums} FROM ammeter.team_minutes AS m").rows
    figures = run.sessions[0].figures
    assert list(row) == [value for name in names for value in (figures[name], 0)]
