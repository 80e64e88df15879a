"""Alerts as rows, and what they say: one row an alert, a sentence that stays, and nobody's name."""

from typing import Any

import msgspec
import pytest

from schemas import wire
from streams.detect.alerts import Alerts, Place, identity
from streams.detect.calendar import Calendar
from streams.detect.catalogue import BY_NAME, CATALOGUE
from streams.detect.finding import Finding
from streams.detect.sentence import too_small

WEEK = Calendar()
MONDAY = 1_767_600_000_000 + 4 * 3_600_000  # 2026-01-05
DAY = 86_400_000
TEAM = Place("abandonment", "team", "payments")
_decode = msgspec.msgpack.Decoder(wire.Anomaly).decode


def finding(status: str = "firing", at: int = MONDAY, **more: object) -> Finding:
    """Of a rate that went from 7 to 22 %."""
    said: dict[str, object] = {
        "status": status, "at": at, "since": at - 6 * DAY, "n": 84, "observed": 19.0, "expected": 5.9, "usual": 0.07,
        "usual_low": 0.05, "usual_high": 0.09, "usual_n": 700.0, "now": 0.2, "now_low": 0.16, "now_high": 0.3,
        "score": 8.4, "threshold": 7.9, "odds": 4447.0, "people": 5, **more,
    }  # fmt: skip
    return msgspec.convert(said, Finding)


def rows(alerts: Alerts) -> dict[str, wire.Anomaly]:
    """What changed, by id."""
    return {msgspec.msgpack.decode(record.key)[0]: _decode(record.value or b"") for record in alerts.changed(7)}


def test_an_alert_is_one_row_from_beginning_to_end() -> None:
    """It opens, ends, and has the same id."""
    alerts = Alerts(WEEK, is_calibrated=False)
    alerts.tell(TEAM, finding())
    ((name, row),) = rows(alerts).items()
    assert name == identity(TEAM, MONDAY)
    assert (row.status, row.version, row.opened_at, row.changed_at, row.resolved_at) == ("firing", 7, MONDAY, MONDAY, 0)
    assert (row.severity, row.direction, row.calibrated, row.detector_version) == ("alert", "up", False, 2)

    alerts.tell(TEAM, finding("resolved", MONDAY + 3 * DAY))
    ((again, row),) = rows(alerts).items()
    assert again == name
    assert (row.status, row.opened_at, row.resolved_at) == ("resolved", MONDAY, MONDAY + 3 * DAY)
    assert rows(alerts) == {}


@pytest.mark.parametrize(("days", "is_same"), [(1, True), (7, True), (8, False), (30, False)])
def test_what_comes_back_within_five_working_days_is_the_same(days: int, is_same: bool) -> None:
    """From a Monday: the next Monday is the fifth, the Tuesday after it the sixth."""
    alerts = Alerts(WEEK, is_calibrated=False)
    alerts.tell(TEAM, finding(at=MONDAY - DAY))
    alerts.tell(TEAM, finding("resolved", MONDAY))
    (name,) = rows(alerts)
    alerts.tell(TEAM, finding(at=MONDAY + days * DAY))
    ((again, row),) = rows(alerts).items()
    assert (again == name) is is_same
    assert row.reopened == int(is_same)
    assert row.resolved_at == 0


def test_after_a_level_was_adopted_what_comes_is_another_alert() -> None:
    """It is held against another level."""
    alerts = Alerts(WEEK, is_calibrated=False)
    alerts.tell(TEAM, finding())
    alerts.tell(TEAM, finding("resolved", MONDAY + 28 * DAY, why="adopted"))
    (row,) = rows(alerts).values()
    assert row.adopted_at == row.resolved_at == MONDAY + 28 * DAY
    assert "It has not gone back" in row.sentence
    alerts.tell(TEAM, finding(at=MONDAY + 29 * DAY))
    (row,) = rows(alerts).values()
    assert row.reopened == 0


def test_figures_of_an_open_alert_follow_and_its_sentence_stays() -> None:
    """Another sentence would be another message."""
    alerts = Alerts(WEEK, is_calibrated=False)
    alerts.tell(TEAM, finding())
    (opened,) = rows(alerts).values()
    alerts.refresh(TEAM, finding(at=MONDAY + DAY, n=100, observed=24.0))
    (row,) = rows(alerts).values()
    assert (row.n, row.observed, row.changed_at, row.sentence) == (100, 24.0, MONDAY, opened.sentence)
    alerts.refresh(TEAM, finding(at=MONDAY + DAY, n=100, observed=24.0))
    assert rows(alerts) == {}


def test_restored_alerts_go_on() -> None:
    """Of several of one place the latest."""
    alerts, written = Alerts(WEEK, is_calibrated=False), []
    alerts.tell(TEAM, finding(at=MONDAY - 60 * DAY))
    alerts.tell(TEAM, finding("resolved", MONDAY - 50 * DAY))
    written += alerts.changed(1)
    alerts.tell(TEAM, finding())
    written += alerts.changed(2)

    for order in (written, written[::-1]):
        after = Alerts(WEEK, is_calibrated=False)
        for record in order:
            after.restore(record.key, record.value or b"")
        assert after.firing == 1
        after.tell(TEAM, finding("resolved", MONDAY + DAY))
        ((name, row),) = rows(after).items()
        assert (name, row.status) == (identity(TEAM, MONDAY), "resolved")


def test_success_is_told_as_success() -> None:
    """The rule counts what was not verified; people read what was."""
    alerts = Alerts(WEEK, is_calibrated=True)
    place = Place("success", "team", "payments")
    found = finding(n=100, observed=88.0, expected=72.0, usual=0.72, usual_low=0.68, usual_high=0.76, now=0.86)
    alerts.tell(place, msgspec.structs.replace(found, now_low=0.8, now_high=0.91))
    (row,) = rows(alerts).values()
    assert (row.observed, row.expected, row.direction) == (12.0, 28.0, "down")
    assert row.usual == pytest.approx(0.28)
    assert row.usual_low < row.usual < row.usual_high
    assert row.now_low < row.now < row.now_high < row.usual_low
    assert "12 of 100 sessions had a verified success, about 28 were to be expected" in row.sentence
    assert "A lasting fall" in row.sentence
    assert "Calibrated on this organisation's record." in row.sentence


@pytest.mark.parametrize("detector", CATALOGUE, ids=lambda detector: detector.name)
def test_every_detector_has_a_sentence_for_every_scope(detector: object) -> None:
    """With the title, whom it is about, days, how sure, and what it rests on; no false precision."""
    assert isinstance(detector, type(CATALOGUE[0]))
    for scope in detector.scopes:
        alerts = Alerts(WEEK, is_calibrated=False)
        place = Place(detector.name, scope, {"team": "payments", "bucket": "bucket-2", "organisation": ""}[scope])
        money: dict[str, Any] = {"usual": 1.2e6, "now": 2.5e6} if detector.unit == "micro-dollars" else {}
        alerts.tell(place, finding(**money), weekly=12)
        (row,) = rows(alerts).values()
        assert row.sentence.startswith(detector.title)
        assert "since about" in row.sentence
        assert "over 1,000 times better" in row.sentence
        assert row.sentence.endswith("Calibrated on assumptions.")
        assert "None" not in row.sentence
        assert (too_small(12) in row.sentence) is (scope == "bucket")
        alerts.tell(place, finding("resolved", MONDAY + DAY, **money))
        (row,) = rows(alerts).values()
        assert row.sentence.startswith(detector.title)


def test_the_abandonment_sentence_word_by_word() -> None:
    """As people read it."""
    alerts = Alerts(WEEK, is_calibrated=False)
    alerts.tell(TEAM, finding())
    (row,) = rows(alerts).values()
    assert row.sentence == (
        "Abandonment of troubled sessions (a proxy), team payments: since about 30 December (5 working days) 19 of 84 "
        "troubled sessions were abandoned, about 6 were to be expected: now probably 16 to 30 %, where 7 % (5 to 9 %) "
        "is usual. A lasting rise explains this over 1,000 times better than the usual level does. Calibrated on "
        "assumptions."
    )


def test_old_alerts_are_forgotten_and_open_ones_never() -> None:
    """Nothing is merged with what ended three weeks ago."""
    alerts = Alerts(WEEK, is_calibrated=False)
    alerts.tell(TEAM, finding())
    alerts.tell(Place("success", "team", "payments"), finding())
    alerts.tell(TEAM, finding("resolved", MONDAY + DAY))
    alerts.forget(WEEK.day(MONDAY) + 100)
    alerts.refresh(Place("success", "team", "payments"), finding(n=85))
    assert alerts.firing == 1
    assert len(rows(alerts)) == 2


def test_too_few_sessions_are_told_in_weeks() -> None:
    """About eighty troubled sessions show a rise from 7 to 19 %."""
    assert "about 1 week to see" in too_small(100)
    assert "about 20 weeks to see" in too_small(4)
    assert "more than a year" in too_small(0.5)
    assert "more than a year" in too_small(1)


def test_ids_can_be_typed() -> None:
    """The detector and eight letters; of different places and moments different."""
    names = {identity(Place("silence", scope, "t"), at) for scope in ("team", "organisation") for at in (1, 2)}
    assert len(names) == 4
    assert all(name.startswith("silence-") and len(name) == len("silence-") + 8 for name in names)


def test_the_catalogue_is_complete() -> None:
    """Nine detectors; who notifies, and runbooks that differ."""
    assert {name for name, detector in BY_NAME.items() if detector.notifies} == {
        "abandonment", "tool_failures", "api_failures", "success", "cost_per_success", "silence",
    }  # fmt: skip
    assert len({detector.runbook for detector in CATALOGUE}) == len(CATALOGUE) == 9
