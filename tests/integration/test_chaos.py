"""Everything is killed in the middle of a replay, and every figure is right afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.chaos import DAILY, SESSION_TIMEOUT_S, Chaos
from bench.stand import Stand, make_stand
from sinks.reconcile import reconcile

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
def stand(tmp_path: Path, cache: Path) -> Iterator[Stand]:
    """A whole stack of the test's own."""
    made = make_stand(tmp_path, cache, session_timeout_s=SESSION_TIMEOUT_S)
    yield made
    made.close()


def test_whatever_is_killed_every_figure_is_what_the_raw_events_say(stand: Stand) -> None:
    """kill -9 of each stage, sink and broker, departures and zombies: nothing lost, nothing twice, no dead letter."""
    report = Chaos(stand, DAILY).run()
    assert report.differences == []
    assert report.dead_letters == 0
    assert report.produced == report.stored > DAILY.events / 2
    assert min(report.compared.values()) > 0, "nothing was compared"
    for stage in ("sessions", "users", "teams"):
        assert report.faults[f"{stage} killed"] == [-9] * DAILY.kills
        assert report.faults[f"{stage} left"] == [0]
        ended = report.faults.get(f"{stage} zombie ended", []) + report.faults.get(f"{stage} zombie came back", [])
        assert ended in ([70], [0]), "a zombie is fenced, or was expelled before it wrote"
    _the_comparison_bites(stand)


def _the_comparison_bites(stand: Stand) -> None:
    """One more prompt among the raw events, which no stage has counted, is found in each table."""
    store = stand.open_store()
    copied = "* REPLACE ('planted-1' AS event_id, 'planted' AS run, received_at AS received_at)"
    store.command(
        f"INSERT INTO ammeter_private.session_events SELECT {copied} FROM ammeter_private.session_events FINAL "
        "WHERE type = 'prompt_submitted' AND user_id != '' ORDER BY occurred_at DESC LIMIT 1"
    )
    found = {each.relation for each in reconcile(store)}
    store.close()
    assert {"sessions", "user_minutes", "team_windows"} <= found
