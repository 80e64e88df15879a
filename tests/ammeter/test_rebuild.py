"""A rebuild gives what was there, row for row, and what the stream writes afterwards meets it."""

# ruff: noqa: F811 - fixtures come by their names

import pytest

from ammeter.rebuild import StillRunning, rebuild
from schemas.codec import read_events
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT
from sinks.reconcile import reconcile
from sinks.rows import COLUMNS, SAMPLES, json_lines
from sinks.shapes import SampleRow
from tests.sinks.conftest import store, store_url  # noqa: F401 - the store of the sink's tests, as fixtures
from tests.sinks.test_reconcile import through_the_stages, without_old_resends
from tests.streams.metrics.logs import Writer

pytestmark = pytest.mark.slow

VIEWS = {
    "all_sessions": "* ORDER BY session_id",
    "user_minutes": "* ORDER BY user_id, team_id, minute",
    "session_silence": "* ORDER BY session_id",
    "session_outcomes": "* EXCEPT (judged_at, replaces) ORDER BY session_id, segment",
}


def shown(store: ClickHouse) -> dict[str, list[list[object]]]:
    """What the rebuilt tables' views show."""
    found = {}
    for view, what in VIEWS.items():
        columns, order = what.split(" ORDER BY ")
        found[view] = store.query(f"SELECT {columns} FROM ammeter_private.{view} ORDER BY {order}").rows
    return found


def test_what_was_there_is_there_again(store: ClickHouse) -> None:
    """Row for row, from a log with everything bad in it; with nothing left beside, and nothing to reconcile."""
    log = without_old_resends(Writer(3).log(150))
    end = log[-1][0]
    through_the_stages(store, log, end, 3)
    before = shown(store)
    told: list[str] = []
    report = rebuild(store, DEFAULT, end, told.append)
    assert report.events == len({event.event_id for _, message in log for event in read_events(message)})
    assert shown(store) == before
    assert reconcile(store, now=end) == []
    assert told
    beside = "SELECT name FROM system.tables WHERE database = 'ammeter_private' AND name LIKE '%rebuilt%'"
    assert store.query(beside).rows == []


def test_figures_that_were_lost_come_back(store: ClickHouse) -> None:
    """Derived rows are gone; the raw events are enough."""
    log = without_old_resends(Writer(6).log(60))
    end = log[-1][0]
    through_the_stages(store, log, end, 6)
    before = shown(store)
    store.command("TRUNCATE TABLE ammeter_private.session_outcome_rows")
    store.command("ALTER TABLE ammeter_private.user_minute_rows DELETE WHERE 1 SETTINGS mutations_sync = 1")
    rebuild(store, DEFAULT, end, lambda _: None)
    assert shown(store) == before


def test_what_the_stream_writes_later_replaces_the_rebuilt_row(store: ClickHouse) -> None:
    """A session that a worker remembers is written under its segment again, and counts once."""
    log = without_old_resends(Writer(9).log(80))
    through_the_stages(store, log, log[-1][0], 9)
    rows = "SELECT DISTINCT session_id, segment FROM ammeter_private.session_state_rows ORDER BY session_id, segment"
    before = store.query(rows).rows
    store.command("TRUNCATE TABLE ammeter_private.session_day_rows")
    rebuild(store, DEFAULT, log[-1][0], lambda _: None)
    assert store.query(rows).rows == before
    days = "SELECT count() FROM ammeter_private.session_state_rows WHERE session_key NOT IN"
    assert store.query(f"{days} (SELECT session_key FROM ammeter_private.session_day_rows)").rows == [[0]]


def test_a_live_sink_is_not_overtaken(store: ClickHouse) -> None:
    """Its last sample is young: nothing is done, and the message says what to do."""
    now = 1_795_000_000_000
    sample = SampleRow(now - 5_000, "sink", 0, 0, 0, 0)
    store.insert(f"ammeter_private.{SAMPLES}", COLUMNS[SAMPLES], json_lines([sample]))
    with pytest.raises(StillRunning, match="stop it"):
        rebuild(store, DEFAULT, now, lambda _: None)
