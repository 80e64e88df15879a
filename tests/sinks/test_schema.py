"""The schema: what is committed is what is rendered and what runs, and every column says what it is."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from schemas.counters import COUNTERS, OF_MINUTES, OF_SESSIONS
from schemas.events import EVENT_MODELS
from sinks import render, schema
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, Databases, SchemaError, all_migrations, migrate, plan, set_floor
from sinks.rows import COLUMNS, KEYS, OUTSIDE, TABLES
from sinks.tables_days import FILLS

ROOT = Path(__file__).parents[2]
FIRST_RELEASE, SECOND_RELEASE = 28, 94
"""The last migration of each."""
RELEASED = {
    FIRST_RELEASE: "326331cb2b4136cd2de90ecefcafc4a19baa53b49c8b29621ce89872a690ef1b",
    SECOND_RELEASE: "a1027cf9a96d0008e95cb9cd0df1ca2fc05a76982a3fb76143aa6e1d04880cc1",
}


def test_rendered_files_are_current(store: ClickHouse) -> None:
    """Nobody edited a rendered migration, schema.sql or the tables of docs/sql.md."""
    committed = {path.name: path.read_text() for path in (ROOT / "sinks" / "migrations").glob("*.sql")}
    for name, text in render.migrations():
        assert committed[name] == text
    assert (ROOT / "sinks" / "schema.sql").read_text() == schema.shown(store)
    page = (ROOT / "docs" / "sql.md").read_text()
    assert page.partition(schema.BEGIN)[2].partition(schema.END)[0] == schema.described(store)


def test_what_was_released_is_history() -> None:
    """The migrations of earlier releases are byte by byte what ran."""
    assert max(RELEASED) == render.FIRST_NUMBER - 1
    for last, digest in RELEASED.items():
        texts = [migration.text for migration in all_migrations() if migration.number <= last]
        assert len(texts) == last
        assert hashlib.sha256("\0".join(texts).encode()).hexdigest() == digest


def test_rows_of_the_first_release_are_read(empty_store: ClickHouse) -> None:
    """A store that was filled before it was brought up to date shows what it held; what is new is 0 there."""
    for migration in all_migrations()[:FIRST_RELEASE]:
        empty_store.command(DEFAULT.fill(migration.text))
    row = {"session_id": "s", "segment": 1, "version": 1, "user_id": "u_1", "started_at": 5, "sums": {"1": 2, "65": 1}}
    empty_store.insert("ammeter_private.session_rows", tuple(row), msgspec.json.encode(row))
    migrate(empty_store)
    sql = "SELECT prompts, loops, turn_durations, outcome FROM ammeter_private.sessions"
    assert empty_store.query(sql).rows == [[3, 0, {}, None]]


def test_migrations_are_numbered_without_a_gap_and_hold_one_statement() -> None:
    """1, 2, 3, ...; a semicolon would be a second statement."""
    found = all_migrations()
    assert [migration.number for migration in found] == list(range(1, len(found) + 1))
    assert not [migration.name for migration in found if ";" in migration.text.rstrip().rstrip(";").replace("; ", "")]


def test_migrating_twice_does_nothing(empty_store: ClickHouse) -> None:
    """`plan` says all before, nothing after."""
    assert [step.name for step in plan(empty_store)] == [each.name for each in all_migrations()]
    assert "ammeter_private" in plan(empty_store)[0].statement
    assert migrate(empty_store) == [each.name for each in all_migrations()]
    assert plan(empty_store) == []
    assert migrate(empty_store) == []


def test_a_migration_that_broke_off_goes_on(empty_store: ClickHouse) -> None:
    """What ran and was not recorded runs again and changes nothing."""
    migrate(empty_store)
    empty_store.command("TRUNCATE TABLE ammeter_private.migrations")
    assert len(migrate(empty_store)) == len(all_migrations())


def test_an_edited_or_unknown_migration_is_refused(store: ClickHouse) -> None:
    """A store of a newer version, or whose migration ran with another text, is not touched."""
    store.insert("ammeter_private.migrations", (), b'{"number": 9999, "name": "later", "digest": ""}')
    with pytest.raises(SchemaError, match="newer"):
        migrate(store)
    store.command("TRUNCATE TABLE ammeter_private.migrations")
    store.insert("ammeter_private.migrations", (), b'{"number": 5, "name": "x", "digest": "other"}')
    with pytest.raises(SchemaError, match="another text"):
        plan(store)


def test_databases_can_have_another_name(empty_store: ClickHouse) -> None:
    """Two deployments share a server; a name that would be SQL is refused."""
    migrate(empty_store, Databases("other"))
    names = {name for (name,) in empty_store.query("SELECT name FROM system.databases").rows}
    assert {"other", "other_private"} <= names
    assert not {"ammeter", "ammeter_private"} & names
    with pytest.raises(ValueError, match="cannot name a database"):
        Databases("a; DROP")


def test_every_column_says_what_it_is(store: ClickHouse) -> None:
    """Each relation and each column has a comment; each counter its definition, wherever it stands."""
    ours = "database IN ('ammeter', 'ammeter_private')"
    fills = str(("arrivals", *(fill.name for fill in FILLS)))  # what fills a table is nothing that anybody reads
    assert (
        store.query(f"SELECT name FROM system.tables WHERE {ours} AND comment = '' AND name NOT IN {fills}").rows == []
    )
    silent = store.query(
        f"SELECT table, name FROM system.columns WHERE {ours} AND comment = '' AND table NOT IN {fills}"
    )
    silent_fields = {name for model in EVENT_MODELS for name, info in model.model_fields.items() if info.description}
    assert [row for row in silent.rows if row[0] not in ("session_events", "events") or row[1] in silent_fields] == []
    comments = store.query(f"SELECT table, name, comment FROM system.columns WHERE {ours}").rows
    for counter in COUNTERS:
        said = [
            text
            for table, name, text in comments
            if name == counter.name and table.endswith(("_rows", "r_minutes", "m_minutes"))
        ]
        assert len(said) >= (1 if counter.number in OF_SESSIONS else 5)
        assert all(counter.meaning in text for text in said)


def test_every_counter_has_a_column(store: ClickHouse) -> None:
    """A counter that is appended needs a migration of its own: in each relation that holds it, and in their views."""
    for table in ("session_state_rows", "user_minute_rows", "user_window_rows", "team_window_rows"):
        answer = store.query(
            f"SELECT name FROM system.columns WHERE database = 'ammeter_private' AND table = '{table}'"
        )
        without = OF_MINUTES if table == "session_state_rows" else OF_SESSIONS
        names = {name for (name,) in answer.rows}
        assert {counter.name for counter in COUNTERS if counter.name in names} == {
            counter.name for counter in COUNTERS if counter.number not in without
        }


def test_every_field_of_an_event_has_a_column(store: ClickHouse) -> None:
    """Not counted is not dropped."""
    answer = store.query(
        "SELECT name FROM system.columns WHERE database = 'ammeter_private' AND table = 'session_events'"
    )
    assert {name for model in EVENT_MODELS for name in model.model_fields} <= {name for (name,) in answer.rows}


def test_rows_and_tables_agree(store: ClickHouse) -> None:
    """Each row's fields are columns, and the keys that the store in memory obeys are the engine's, but for a day."""
    for table, columns in COLUMNS.items():
        answer = store.query(
            f"SELECT name FROM system.columns WHERE database = 'ammeter_private' AND table = '{table}'"
        )
        assert set(columns) <= {name for (name,) in answer.rows}
        where = f"database = 'ammeter_private' AND name = '{table}'"
        (order, engine) = store.query(f"SELECT sorting_key, engine_full FROM system.tables WHERE {where}").rows[0]
        key, version, _ = KEYS[table]
        assert tuple(order.replace("`", "").removeprefix("toDate(began), ").split(", ")) == key
        assert engine.startswith("ReplacingMergeTree(" if version else "ReplacingMergeTree ")
    assert (
        set(KEYS)
        == set(COLUMNS)
        == {table.name for table in TABLES.values()}
        | {table.name for table in OUTSIDE.values()}
        | {"session_events"}
        | {"pipeline_sample_rows"}
    )


def test_the_floor_is_kept(store: ClickHouse) -> None:
    """Migrating sets it; one below 1 is refused."""
    sql = "SELECT value FROM ammeter_private.policy FINAL WHERE name = 'floor'"
    assert store.query(sql).rows == [[1]]
    migrate(store, DEFAULT, floor=5)
    assert store.query(sql).rows == [[5]]
    with pytest.raises(ValueError, match="at least 1"):
        set_floor(store, DEFAULT, 0)
