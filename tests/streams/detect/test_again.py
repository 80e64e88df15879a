"""Alerts recomputed from the log are those that were given, whatever the clock did between two signals."""

import random
from collections.abc import Mapping

import msgspec

from schemas import wire
from schemas.codec import InvalidEvent
from streams.detect.again import Again
from streams.detect.calendar import DAY, HOUR, Calendar
from streams.detect.heard import KEPT, Heard
from streams.detect.parameters import Calibration, Tuning
from tests.streams.detect.office import WEEK, Signal, Site, Team, merged, minute, nine, work

KNOWN = Calibration(True, "", {"abandonment": Tuning(usual=0.065), "success": Tuning(usual=0.72)})
LOG = merged(work(Team("bad", 12, abandons=0.6), range(9), 1), work(Team("calm", 9), range(5), 2))


def heard(site: Site) -> Heard:
    """What the table remembers of the log."""
    value = site.tables["detector-states"][msgspec.msgpack.encode(("heard", ""))]
    return msgspec.msgpack.decode(msgspec.msgpack.decode(value, type=wire.DetectorState).state, type=Heard)


def again(log: list[Signal], told: Heard, calendar: Calendar = WEEK) -> dict[bytes, wire.Anomaly]:
    """Recomputed, without the flush's version."""
    hearing = Again(told, KNOWN, calendar)
    for at, key, message in log:
        hearing.take(at, key, message)
    return plain(hearing.alerts())


def plain(rows: Mapping[bytes, bytes]) -> dict[bytes, wire.Anomaly]:
    """Rows without the flush's version."""
    found = {key: msgspec.msgpack.decode(value, type=wire.Anomaly) for key, value in rows.items()}
    for row in found.values():
        row.version = 0
    return found


def lived(draw: random.Random) -> tuple[Site, list[Signal]]:
    """A detector that is restarted and waits, with a clock that is ahead of a log that is late; and the log."""
    site, log, ahead = Site(calibration=KNOWN, now=LOG[0][0]), list[Signal](), 0
    for number, (at, key, message) in enumerate([*LOG, (nine(9), b"\x93", b"")]):
        if number % 90 == 0:
            ahead = draw.choice((0, 0, 20 * HOUR))
            site.wait(at + ahead)
            site.flush()
            site.restart()
        log.append((at, key, message))
        site.now = max(site.now, at)
        try:
            site.stage.take(key, message, site.now)
        except InvalidEvent:
            continue
        if draw.random() < 0.1:
            site.flush()
    site.wait(nine(11))
    return site, log


def test_what_was_said_is_said_again() -> None:
    """Every row with all its figures, though days ended between other signals than the log's times say."""
    for seed in (1, 2):
        site, log = lived(random.Random(seed))
        told = heard(site)
        assert told.since == 0
        found = again(log, told)
        assert found == plain(site.tables["anomalies"])
        assert "abandonment" in {row.detector for row in found.values()}


def test_the_comparison_bites() -> None:
    """One verdict less, days that end elsewhere, another calendar: each is seen."""
    site, log = lived(random.Random(1))
    told, said = heard(site), plain(site.tables["anomalies"])
    since = min(row.since for row in said.values() if row.detector == "abandonment")
    gone = next(number for number, each in enumerate(log) if each[0] > since)
    assert again(log[:gone] + log[gone + 1 :], told) != said
    shifted = msgspec.structs.replace(told, days={day: at + 60 for day, at in told.days.items()})
    assert again(log, shifted) != said
    assert again(log, told, Calendar(weekend=(0, 1))) != said


def test_who_is_told_anew_says_since_when() -> None:
    """Other parameters make other alerts; from where they hold, what was before cannot be said again."""
    site = Site(calibration=KNOWN)
    site.feed(minute("calm", nine(0), 5, {}))
    site.flush()
    assert heard(site).since == 0
    site.restart()
    site.flush()
    assert heard(site).since == 0
    site.calibration = Calibration()
    site.restart()
    site.flush()
    assert (heard(site).since, heard(site).signals) == (1, 1)


def test_what_is_remembered_of_the_log_is_bounded() -> None:
    """Days are forgotten when the log has forgotten them."""
    site = Site()
    site.feed(minute("calm", nine(0), 5, {}))
    site.wait(nine(0) + 60 * DAY)
    assert len(heard(site).days) == KEPT
