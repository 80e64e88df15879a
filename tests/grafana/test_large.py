"""The boards over a quarter of a larger organisation in the real schema: what the views make of rows, panels show."""

import time
from collections.abc import Iterator

import pytest

from bench.store_scale import EVENTS_A_SESSION, fill
from sinks.frame import Frame
from tests.grafana.organisation import Organisation
from tests.grafana.shown import Shown, serving
from tests.grafana.test_queries import Question, answers, of

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


Found = list[tuple[Question, Frame]]


@pytest.fixture(scope="module")
def found(quarter: Shown) -> Found:
    """Every answer, of one team where one is chosen, and for one person."""
    return answers(quarter, "ammeter", {"var-team": [A_TEAM]}, person=SOMEBODY)


def test_every_panel_runs_on_a_quarter(quarter: Shown, found: Found) -> None:
    """No SQL fails on the real views with rows in them, and each board has something to show."""
    shown = {one.board for one, frame in found if frame.columns and frame.columns[0]}

    assert quarter.value("SELECT count() FROM ammeter_private.session_events") == SESSIONS * EVENTS_A_SESSION
    assert {one.board for one, _ in found} - shown <= UNTOLD


def test_figures_of_the_quarter_are_those_of_its_rows(quarter: Shown, found: Found) -> None:
    """The sessions of one person, counted straight from the rows, stand on their board; a chosen team is alone."""
    rows = "ammeter_private.session_state_rows FINAL"
    week_ago = quarter.organisation.end_ms - 7 * 86_400_000
    mine = f"SELECT toFloat64(count()) FROM {rows} WHERE user_id = '{SOMEBODY}' AND started_at > {week_ago}"

    assert of(found, "my-sessions", "Sessions").columns[1] == [quarter.value(mine)]
    assert of(found, "cost", "Teams").columns[0] == [A_TEAM]
