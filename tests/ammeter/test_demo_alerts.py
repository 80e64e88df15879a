"""The demo's organisation and the production detector: the one bad team is told of, and no other."""

from collections.abc import Iterable

import msgspec
import pytest

from ammeter import history
from schemas import wire
from sources.simulator.simulation import demo_simulation
from streams.detect.calendar import Calendar
from streams.detect.stage import Detect
from tests.ammeter.demo_signals import NOW, Told, quick, whole

pytestmark = pytest.mark.slow

HOUR = 3_600_000
BAD = demo_simulation(1, NOW).organisation.troubled_team.name


def alerts(told: Iterable[Told]) -> list[wire.Anomaly]:
    """Those that somebody is told of at once, as they opened."""
    stage, found = Detect(), dict[bytes, wire.Anomaly]()
    stage.begin(0)

    def look(now: int) -> None:
        for topic, key, value in stage.changed(now, 1).tables:
            if topic == "anomalies" and value is not None:
                found.setdefault(key, msgspec.msgpack.decode(value, type=wire.Anomaly))

    flushed = 0
    for each in told:
        if each.at > flushed + HOUR:
            flushed = each.at
            look(flushed)
        stage.take(each.key, each.value, each.at)
    look(NOW)
    return [alert for alert in found.values() if alert.severity != "digest"]


def said(found: Iterable[wire.Anomaly]) -> list[tuple[str, str, str]]:
    """What of whom."""
    return [(alert.detector, alert.scope, alert.team_id) for alert in found]


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 21))])
def test_the_bad_team_is_told_of_and_no_other(seed: int) -> None:
    """Of its abandonment, before the two weeks are over, since about when it began."""
    found = alerts(quick(seed))
    assert said(found) == [("abandonment", "team", BAD)]
    (alert,) = found
    assert alert.opened_at < NOW
    assert demo_simulation(seed, NOW).ramp.begins_ms - 4 * 24 * HOUR < alert.since < alert.opened_at  # type: ignore[union-attr] # it has one


@pytest.mark.slow
def test_so_it_is_when_all_events_pass_the_stages() -> None:
    """The seed that the demo shows: history as it is told, the last hours with their minutes and failed requests."""
    assert said(alerts(whole(history.SEED))) == [("abandonment", "team", BAD)]


@pytest.mark.parametrize("hours", [0, 5, 19, 24 * 3 + 7, 24 * 317 + 23])
def test_detectors_live_by_the_calendar_of_those_whom_the_demo_shows(hours: int) -> None:
    """At whatever hour of whatever day it is shown: the same days, the same weekends."""
    shown, usual = history.calendar(NOW + hours * HOUR + 1), Calendar()
    days = {shown.day(NOW + (hours + each) * HOUR) - usual.day(NOW + each * HOUR) for each in range(24 * 14)}
    assert len(days) == 1
    (later,) = days
    first = usual.day(NOW)
    assert [shown.is_working(first + later + each) for each in range(14)] == [
        usual.is_working(first + each) for each in range(14)
    ]
