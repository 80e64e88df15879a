"""Everything is killed in the middle of a replay, and every figure is right afterwards."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ammeter.reheard import NONE, alerts_again, differences
from bench.chaos import DAILY, SESSION_TIMEOUT_S, Chaos
from bench.stand import STAGES, Stand, make_stand
from sinks.reconcile import reconcile

MISSING = msgspec.msgpack.encode(("missing-1",))
"""Key of an alert that the store does not have."""

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
def stand(tmp_path: Path, cache: Path) -> Iterator[Stand]:
    """A whole stack of the test's own."""
    made = make_stand(tmp_path, cache, session_timeout_s=SESSION_TIMEOUT_S)
    yield made
    made.close()


def test_whatever_is_killed_every_figure_is_what_the_raw_events_say(stand: Stand) -> None:
    """kill -9 of each stage, sink and broker, departures and zombies: nothing lost, nothing twice, no dead letter.

    And each alert is the one that a detector gives that hears all of it once more.
    """
    report = Chaos(stand, DAILY).run()
    assert report.differences == []
    assert report.dead_letters == 0
    assert report.produced == report.stored > DAILY.events / 2
    assert min(report.compared.values()) > 0, "nothing was compared"
    for stage in STAGES:
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
    assert {"sessions", "user_minutes", "team_windows"} <= found
    store.command(
        "ALTER TABLE ammeter_private.anomaly_rows UPDATE score = score + 1 WHERE 1 SETTINGS mutations_sync = 2"
    )
    again = asyncio.run(alerts_again(stand.settings))
    assert {each.column for each in differences(store, again)} == {"score"}
    assert {each.stored for each in differences(store, again | {MISSING: next(iter(again.values()))})} >= {NONE}
    store.close()
