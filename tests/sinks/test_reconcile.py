"""The oracle in SQL: nothing to say of what the stages wrote, and something of every figure that was changed."""

import random
from collections.abc import Sequence

import pytest

from schemas import wire
from schemas.counters import COUNTERS
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.recompute_facts import EVERY_TIME, FIRST_TIME, OF_TURNS, OF_VERDICTS, OWN, REPORTED
from sinks.reconcile import Difference, reconcile
from sinks.rows import OUTSIDE, TABLES, json_lines, rows_of, splice
from tests.sinks.made import pack
from tests.streams.metrics.chain import Chain
from tests.streams.metrics.events import DAY, HOUR, MINUTE
from tests.streams.metrics.logs import Writer

Log = list[tuple[int, bytes]]


def without_old_resends(log: Log) -> Log:
    """What a stream no longer remembers it counts again: such repeats are left out."""
    first: dict[bytes, int] = {}
    return [(at, one) for at, one in log if at - first.setdefault(one.split(b'"run":"')[1][:16], at) < 12 * HOUR]


Said = tuple[int, str, wire.DirectoryRecord]
"""After which message of the log the directory says what of whom."""


def through_the_stages(store: ClickHouse, log: Log, end: int, seed: int, said: Sequence[Said] = ()) -> None:
    """Raw events, and what the stages make of them, in any order."""
    pick = random.Random(seed)
    chain = Chain()
    for number, (at, one) in enumerate(log):
        for place, identity, told in said:
            if place == number:
                key, value = pack((identity,)), pack(told)
                chain.learn(key, value)
                outside = OUTSIDE["directory"]
                lines = json_lines(rows_of("directory", key, value, number + 1))
                store.insert(f"ammeter_private.{outside.name}", outside.columns, lines)
        chain.send(one, at)
        if pick.random() < 0.5:
            chain.version = max(chain.version, chain.now * 1000)
            chain.flush()
    for _ in range(2):
        chain.version = max(chain.version, end * 1000)
        chain.flush(end)
    raw = [splice(one, 0, offset) for offset, (_, one) in enumerate(log)]
    pick.shuffle(raw)
    store.insert("ammeter_private.session_events", (), b"".join(raw))
    rows: dict[str, list[object]] = {}
    for stage in (chain.sessions, chain.users, chain.teams):
        for output in stage.outputs:
            for record in (*output.tables, *output.changes):
                rows.setdefault(record.topic, []).extend(rows_of(*record))
    for topic, found in rows.items():
        pick.shuffle(found)
        if topic in TABLES:
            table = TABLES[topic]
            store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(found))  # type: ignore[arg-type] # structs


@pytest.mark.parametrize(("seed", "length", "quiet"), [(1, 250, 0), (2, 120, 4 * MINUTE), (4, 120, 2 * DAY)])
def test_the_stages_and_the_raw_events_agree(store: ClickHouse, seed: int, length: int, quiet: int) -> None:
    """Sessions that are forgotten and come again, late identities, resends, impossible times: no difference."""
    log = without_old_resends(Writer(seed).log(length))
    end = log[-1][0] + quiet
    through_the_stages(store, log, end, seed)
    assert reconcile(store, now=end) == []


def entry(*entries: tuple[int, str]) -> wire.DirectoryRecord:
    """What the directory says of one person."""
    return wire.DirectoryRecord(1, DEFINITIONS, "p", [wire.DirectoryEntry(at, team) for at, team in entries])


@pytest.mark.parametrize("seed", [11, 12])
def test_teams_by_the_directory_agree(store: ClickHouse, seed: int) -> None:
    """Back-dated entries, moves, nobody's team, corrections: in minutes, windows and verdicts."""
    log = without_old_resends(Writer(seed).log(150))
    middle, end = log[75][0], log[-1][0]
    said: list[Said] = [
        (20, "u_1", entry((0, "green"))),
        (60, "u_1", entry((0, "green"), (middle, "blue"))),
        (70, "u_2", entry((end - 2 * HOUR, "green"))),
        (90, "u_2", entry((0, ""))),
        (100, "u_3", entry((0, "blue"))),
        (140, "u_3", entry((0, "blue"), (end - 3 * HOUR, "red"))),
    ]
    through_the_stages(store, log, end, seed, said)
    assert reconcile(store, now=end) == []
    teams = {team for (team,) in store.query("SELECT DISTINCT team_id FROM ammeter.team_minutes").rows}
    assert {"green", "blue", "unassigned"} <= teams


CHANGED = {
    "session": "turns",
    "user_minute": "cost_micros",
    "user_window": "tool_ms",
    "team_window": "people",
    "session_outcome": "signs",
}


STATE = {"session": "session_state"}


def test_each_relation_is_watched(store: ClickHouse) -> None:
    """A figure that was changed, in any table, is named with both values, and nothing else is."""
    log = without_old_resends(Writer(7).log(60))
    end = log[-1][0] + DAY
    through_the_stages(store, log, end, 7)
    for relation, column in CHANGED.items():
        table = f"ammeter_private.{STATE.get(relation, relation)}_rows"
        store.command(
            f"INSERT INTO {table} SELECT * REPLACE (version + 1 AS version, {column} + 5 AS {column}) "
            f"FROM {table} FINAL ORDER BY version DESC LIMIT 1"
        )
    found = reconcile(store, now=end)
    assert {one.relation: one.column for one in found} == {f"{name}s": column for name, column in CHANGED.items()}
    assert [int(one.stored) - int(one.recomputed) for one in found] == [5, 5, 5, 5, 5]


def test_an_event_that_was_never_folded_is_noticed(store: ClickHouse) -> None:
    """Raw events without figures differ everywhere."""
    log = without_old_resends(Writer(8).log(40))
    through_the_stages(store, log, log[-1][0], 8)
    for table in ("session_state_rows", "user_minute_rows"):
        store.command(f"TRUNCATE TABLE ammeter_private.{table}")
    assert {"sessions", "user_minutes"} <= {one.relation for one in reconcile(store, now=log[-1][0])}


def test_every_counter_is_recomputed() -> None:
    """A counter that is appended needs its rule here."""
    known = {*EVERY_TIME, *FIRST_TIME, *OWN, *REPORTED, *OF_TURNS, *OF_VERDICTS}
    assert known == {counter.name for counter in COUNTERS}


def test_a_difference_says_where() -> None:
    """Relation, key, column, both values."""
    said = str(Difference("team_windows", ("red", "5m"), "prompts", "3", "4"))
    assert said == "team_windows (red, 5m) prompts: stored 3, recomputed 4"
