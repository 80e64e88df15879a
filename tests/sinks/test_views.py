"""What views hide: older versions, segments, copies, sessions in which nothing happened, and small groups."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import wire
from schemas.counters import quantile
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, set_floor
from sinks.rows import RAW, TABLES, json_lines, rows_of, splice
from sinks.stored import highest_indexes, next_offset
from tests.sinks.made import T, message, pack, tool, windows

MINUTE = T // 60_000


def put(store: ClickHouse, topic: str, *records: tuple[Any, Any]) -> None:
    """Stores records of a table topic, as the sink would."""
    table = TABLES[topic]
    rows = [row for key, value in records for row in rows_of(topic, pack(key), pack(value))]
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows))


def put_raw(store: ClickHouse, lines: bytes) -> None:
    """Stores raw events."""
    store.insert(f"ammeter_private.{RAW}", (), lines)


def session(version: int, **fields: Any) -> wire.SessionState:
    """A session's state."""
    given: dict[str, Any] = {"source": "claude-code", "user_id": "u_1", "team_hint": "red"} | fields
    return wire.SessionState(version, DEFINITIONS, **given)


def minute(version: int, sums: dict[int, int]) -> wire.UserMinute:
    """A minute's value."""
    return wire.UserMinute(version, DEFINITIONS, sums)


def test_newest_wins_whatever_comes_when_and_how_often(store: ClickHouse) -> None:
    """Older after newer, and each twice, in any order and batches, shows the same."""
    records = [(("red",), msgspec.msgpack.decode(windows(version, version))) for version in range(1, 8)] * 2
    random.Random(5).shuffle(records)
    for at in range(0, len(records), 3):
        put(store, "team-windows", *records[at : at + 3])
    assert store.query("SELECT span, events, cost_usd FROM ammeter.team_windows ORDER BY span_minutes").rows == [
        ["5m", 7, 0.007],
        ["1h", 7, 0.007],
        ["24h", 7, 0.007],
    ]


def test_of_an_event_the_lowest_offset_stays(store: ClickHouse) -> None:
    """The copy that the stream counted, in whatever order copies are stored."""
    for offset in (9, 4, 7):
        put_raw(store, splice(message("s", 1, 2), 3, offset))
    sql = "SELECT `index`, `offset` FROM ammeter_private.events ORDER BY `index`"
    assert store.query(sql).rows == [[0, 4], [1, 4]]
    store.command("OPTIMIZE TABLE ammeter_private.session_events FINAL")
    put_raw(store, splice(message("s", 1, 2), 3, 8))
    assert store.query(sql).rows == [[0, 4], [1, 4]]


def test_what_was_set_aside_is_no_event(store: ClickHouse) -> None:
    """Whoever refused a message, no figure may rest on its events."""
    put_raw(store, splice(message("s", 1, 2), 3, 4) + splice(message("s", 2, 1), 3, 6))
    letter = wire.DeadLetter("session-events", 3, 4, T, "key: none", None, None)
    put(store, "session-events-dlq", ((), letter))
    assert store.query("SELECT `index`, `offset` FROM ammeter_private.events").rows == [[0, 6]]
    assert store.query("SELECT topic, `partition`, `offset`, reason FROM ammeter.dead_letters").rows == [
        ["session-events", 3, 4, "key: none"]
    ]


def test_what_an_event_leaves_out_is_its_fields_default(store: ClickHouse) -> None:
    """Defaults are not written: a tool that succeeded, an accepted call, an error, a delta."""
    named = {"session_id": "s", "source": "claude-code", "occurred_at": T, "received_at": T, "run": "0" * 16}
    events: list[wire.Event] = [
        wire.ToolFinished(event_id="a", index=0, **named),  # type: ignore[arg-type] # as the contract's strings
        wire.ToolDecided(event_id="b", index=1, **named),  # type: ignore[arg-type] # the same
        wire.ModelRequestFailed(event_id="c", index=2, **named),  # type: ignore[arg-type] # the same
        wire.UsageReported(event_id="d", index=3, name="x", value=1, **named),  # type: ignore[arg-type] # the same
        wire.PromptSubmitted(event_id="e", index=4, **named),  # type: ignore[arg-type] # the same
        wire.Unrecognised(event_id="f", index=5, numbers={"a": 1.5}, **named),  # type: ignore[arg-type] # the same
    ]
    put_raw(store, splice(b"\n".join(map(msgspec.json.encode, events)), 0, 0))
    sql = "SELECT success, decision, kind, temporality, unit, numbers FROM ammeter_private.events ORDER BY `index`"
    assert store.query(sql).rows == [
        [True, "", "", "", "", {}],
        [False, "accept", "", "", "", {}],
        [False, "", "error", "", "", {}],
        [False, "", "", "delta", "count", {}],
        [False, "", "", "", "", {}],
        [False, "", "", "", "", {"a": 1.5}],
    ]


def test_times_are_what_the_client_said(store: ClickHouse) -> None:
    """Raw keeps impossible times, down to the first moment that can be said."""
    for number, at in enumerate((0, 5, 1_700_000_000, 4_102_444_800_000)):
        put_raw(store, splice(msgspec.json.encode(tool("s", number, 0, occurred_at=at)), 0, number))
    assert store.query("SELECT occurred_at FROM ammeter_private.events ORDER BY `offset`").rows == [
        [0],
        [5],
        [1_700_000_000],
        [4_102_444_800_000],
    ]


def test_segments_of_a_session_add_up(store: ClickHouse) -> None:
    """The first segment says who it was, the last how it stands; versions compare by numbers."""
    first = session(1, client_version="2.1.9", started_at=T, ended_at=T + 5, seen_at=T + 5, sums={1: 2, 65: 1})
    later = session(
        2, client_version="2.1.30", user_id="u_2", started_at=T + 9, ended_at=T + 9, seen_at=T + 9, sums={1: 4}
    )
    later.end_reason = "idle"
    put(store, "sessions", (("s", T), first), (("s", T + 9), later))
    assert store.query(
        "SELECT user_id, team_id, client_version, prompts, is_open, end_reason,"
        " toUnixTimestamp64Milli(s.started_at), toUnixTimestamp64Milli(s.ended_at) FROM ammeter_private.sessions AS s"
    ).rows == [["u_1", "red", "2.1.30", 7, False, "idle", T, T + 9]]
    assert "user_id" not in store.query("SELECT * FROM ammeter.sessions").names


def test_sessions_in_which_nothing_happened_are_not_shown(store: ClickHouse) -> None:
    """A phantom of --continue has events and no prompt, answer, failure or tool."""
    put(store, "sessions", (("phantom", T), session(1, sums={0: 3})), (("real", T), session(1, sums={0: 3, 9: 1})))
    assert store.query("SELECT session_id FROM ammeter.sessions").rows == [["real"]]
    assert store.query("SELECT count() FROM ammeter_private.all_sessions").rows == [[2]]


def test_unknown_is_nobody_and_shown(store: ClickHouse) -> None:
    """Late minutes add to early ones; people are distinct and known."""
    put(
        store,
        "user-minutes",
        (("u_1", "red", MINUTE, 0), minute(1, {0: 1, 1: 1})),
        (("u_1", "red", MINUTE, 77), minute(77, {0: 1, 65: 2})),
        (("u_2", "red", MINUTE, 0), minute(1, {0: 5})),
        (("unknown", "unassigned", MINUTE, 0), minute(1, {0: 8})),
    )
    sql = "SELECT team_id, people, events, prompts, interactive_prompts FROM ammeter.team_minutes ORDER BY team_id"
    assert store.query(sql).rows == [["red", 2, 7, 3, 1], ["unassigned", 0, 8, 0, 0]]
    assert store.query("SELECT team_id FROM ammeter.teams ORDER BY team_id").rows == [["red"], ["unassigned"]]


def test_groups_below_the_floor_are_not_shown(store: ClickHouse) -> None:
    """A later change of the policy holds at once."""
    put(store, "team-windows", (("red",), msgspec.msgpack.decode(windows(1, 1))))
    put(store, "user-minutes", (("u_1", "red", MINUTE, 0), minute(1, {0: 1})))
    for floor, shown in ((1, [[3, 1]]), (2, [[0, 0]])):
        set_floor(store, DEFAULT, floor)
        sql = "SELECT (SELECT count() FROM ammeter.team_windows), (SELECT count() FROM ammeter.team_minutes)"
        assert store.query(sql).rows == shown


def test_events_by_minute_of_receipt(store: ClickHouse) -> None:
    """Stored twice is counted once."""
    for _ in range(2):
        put_raw(store, splice(message("s", 1, 3), 0, 1))
    assert store.query("SELECT source, events, unrecognised FROM ammeter.event_minutes").rows == [["claude-code", 3, 0]]


def test_sizes_are_shown(store: ClickHouse) -> None:
    """Tables by name, with rows and bytes."""
    put_raw(store, splice(message("s", 1, 3), 0, 1))
    found = {name: (rows, size) for name, rows, size in store.query("SELECT * FROM ammeter.store_tables").rows}
    assert found["session_events"][0] == 3
    assert found["session_events"][1] > 0


def test_what_is_stored_of_a_run(store: ClickHouse) -> None:
    """An importer sends what lies above, and numbers its messages after the last."""
    put_raw(store, splice(message("s", 1, 3), 7, 41))
    known = highest_indexes(store, DEFAULT, [f"{1:016x}", f"{2:016x}"])
    assert known == {("s", f"{1:016x}"): 2}
    assert (next_offset(store, DEFAULT, 7), next_offset(store, DEFAULT, 8)) == (42, 0)


COUNTS = st.dictionaries(st.integers(0, 63), st.integers(0, 1000), max_size=9)


@given(st.lists(COUNTS, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quantiles_follow_one_rule(store: ClickHouse, counts: list[dict[int, int]]) -> None:
    """SQL and the stream read the same quantiles from the same counts."""
    store.command("TRUNCATE TABLE ammeter_private.team_window_rows")
    for number, buckets in enumerate(counts):
        sums = {128 + bucket: amount for bucket, amount in buckets.items()}
        value = [1, DEFINITIONS, MINUTE, [1, 1, 1], [sums, sums, sums]]
        put(store, "team-windows", ((f"t{number}",), value))
    rows = store.query(
        "SELECT tool_duration_p50_ms, tool_duration_p95_ms FROM ammeter.team_windows WHERE span = '1h' ORDER BY team_id"
    ).rows
    for buckets, row in zip(counts, rows, strict=True):
        for share, found in zip((0.5, 0.95), row, strict=True):
            wanted = quantile(buckets, share)
            assert found is None if wanted != wanted else found == pytest.approx(wanted)


def test_a_session_that_is_said_to_begin_earlier_is_one(store: ClickHouse) -> None:
    """A late event moves its beginning to the day before: the newest row counts, whatever day the older one is of."""
    day = 86_400_000
    put(store, "sessions", (("s", T), session(1, started_at=T, ended_at=T, seen_at=T, sums={1: 2})))
    put(store, "sessions", (("s", T), session(2, started_at=T - day, ended_at=T, seen_at=T, sums={1: 3})))
    put(store, "sessions", (("t", T), session(1, started_at=T, ended_at=T, seen_at=T, sums={1: 7})))
    sql = "SELECT session_id, toUnixTimestamp64Milli(s.started_at), prompts FROM ammeter.sessions AS s"
    assert store.query(f"{sql} ORDER BY session_id").rows == [["s", T - day, 3], ["t", T, 7]]
    after = f"{sql} WHERE s.started_at >= fromUnixTimestamp64Milli({T}, 'UTC')"
    assert store.query(after).rows == [["t", T, 7]]
