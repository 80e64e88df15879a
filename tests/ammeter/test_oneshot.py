"""A one-shot fold stores what the stream would have said, verdicts included, in the teams of the store's directory."""

# ruff: noqa: F811 - fixtures come by their names

from ammeter.oneshot import OneShot
from schemas import wire
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT
from sinks.rows import OUTSIDE, json_lines, rows_of
from tests.sinks.conftest import store, store_url  # noqa: F401 - the store of the sink's tests, as fixtures
from tests.streams.metrics.events import HOUR, MINUTE, T, by, event, message, prompt
from tests.streams.metrics.users import key_of, record


def test_verdicts_are_stored_and_counted_in_the_team_that_the_directory_has(store: ClickHouse) -> None:
    """One that was abandoned and begun anew, one that ended clean; an entry holds from its moment on."""
    table = OUTSIDE["directory"]
    entry = rows_of("directory", key_of("u_ann"), record((T + MINUTE, "green")), 1)
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(entry))

    fold = OneShot(store, DEFAULT, T + HOUR)
    first = {"session_id": "one", "run": 1} | by("u_ann")
    second = {"session_id": "two", "run": 2} | by("u_ann")
    fold.feed(message(prompt(T, **first)), T)
    answered = event(wire.ModelResponded, T + 3 * MINUTE, **second)
    fold.feed(message(prompt(T + 2 * MINUTE, **second), answered), T + 3 * MINUTE)
    fold.finish(T + HOUR)

    found = store.query(
        "SELECT session_id, team_id, outcome FROM ammeter_private.session_outcome_rows FINAL ORDER BY session_id"
    )
    assert found.rows == [["one", "red", "restarted"], ["two", "green", "ended_clean"]]
    minutes = store.query(
        "SELECT team_id, toString(hint), sum(sessions_judged), sum(sessions_restarted), sum(sessions_clean) "
        "FROM ammeter_private.user_minute_rows FINAL GROUP BY team_id, hint "
        "HAVING sum(sessions_judged) > 0 ORDER BY team_id"
    )
    assert [[str(cell) for cell in row] for row in minutes.rows] == [
        ["green", "red", "1", "0", "1"],
        ["red", "red", "1", "1", "0"],
    ]
