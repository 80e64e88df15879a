"""The boards over a quarter of a larger organisation in the real schema: what the views make of rows, panels show."""

import time
from collections.abc import Iterator

import pytest

from bench.store_scale import EVENTS_A_SESSION, TEAMS, fill
from tests.grafana.organisation import Organisation
from tests.grafana.shown import Shown, serving
from tests.grafana.test_queries import answers, of

SESSIONS = 30_000
SOMEBODY = "u_0000000000000007"
A_TEAM = "team-007"
UNTOLD = {"anomalies", "session"}
"""Boards about what this quarter does not hold: alerts, and one session that somebody chose."""


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A store of a quarter that ends now."""
    now_ms = int(time.time() * 1000)
    with serving(tmp_path_factory.mktemp("quarter") / "store") as (store, own_url, read_url):
        fill(store, now_ms, SESSIONS)
        yield Shown(read_url, own_url, store, Organisation(now_ms))


def test_every_panel_runs_on_a_quarter(quarter: Shown) -> None:
    """No SQL fails on the real views with rows in them, for all teams, one team and one person."""
    events = "SELECT count() FROM ammeter_private.session_events WHERE type != ''"

    found = answers(quarter, "ammeter", {"var-team": [A_TEAM]}, person=SOMEBODY)

    assert quarter.value(events) == SESSIONS * EVENTS_A_SESSION
    shown = {one.board for one, frame in found if frame.columns and frame.columns[0]}
    assert {one.board for one, _ in found} - shown <= UNTOLD


def test_figures_of_the_quarter_are_those_of_its_rows(quarter: Shown) -> None:
    """Prompts of all months and sessions of one person, counted straight from the rows, stand on the boards."""
    found = answers(quarter, "ammeter", {}, person=SOMEBODY)
    rows = "ammeter_private.session_state_rows FINAL"
    mine = f"SELECT toFloat64(count()) FROM {rows} WHERE user_id = '{SOMEBODY}' AND started_at > "
    week_ago = quarter.organisation.end_ms - 7 * 86_400_000

    assert of(found, "my-sessions", "Sessions").columns[1] == [quarter.value(f"{mine} {week_ago}")]
    assert len(of(found, "cost", "Teams").columns[0]) <= TEAMS
