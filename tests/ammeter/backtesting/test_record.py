"""An organisation's record is what the store has of it."""

# ruff: noqa: F811 - fixtures come by their names

from ammeter.backtesting.history import Record, read
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT
from tests.sinks.conftest import store, store_url  # noqa: F401 - the store of the sink's tests, as fixtures
from tests.sinks.test_reconcile import through_the_stages, without_old_resends
from tests.streams.metrics.logs import Writer


def test_every_verdict_on_a_known_person_is_read(store: ClickHouse) -> None:
    """By team and time, with what the session took; nobody's name, only numbers."""
    log = without_old_resends(Writer(3).log(150))
    through_the_stages(store, log, log[-1][0] + 3_600_000, 3)
    record = read(store, DEFAULT)

    where = "FROM ammeter_private.session_outcomes WHERE is_interactive AND person_id NOT IN ('', 'unknown')"
    wanted = store.query(
        f"SELECT team_id, count(), countIf(is_troubled), uniq(person_id) {where} GROUP BY team_id"
    ).rows
    found = {
        team: (len(told), sum("abandonment" in it.observations for it in told), len({it.person for it in told}))
        for team, told in record.teams.items()
    }

    assert found == {str(team): (int(n), int(troubled), int(people)) for team, n, troubled, people in wanted}
    assert any(it.observations.get("tool_failures", (0, 0))[1] > 0 for told in record.teams.values() for it in told)
    for told in record.teams.values():
        assert [it.at for it in told] == sorted(it.at for it in told)


def test_an_empty_store_is_an_empty_record(store: ClickHouse) -> None:
    """Of no weeks."""
    record = read(store, DEFAULT)

    assert record == Record({})
    assert (record.weeks, record.team_weeks) == (0, 0)
