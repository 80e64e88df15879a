"""The stage: whatever restarts when, the same signals make the same alerts; what it remembers is small."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import wire
from schemas.codec import InvalidEvent
from streams.detect.calendar import HOUR
from streams.detect.parameters import Calibration, Tuning
from streams.detect.stage import Detect
from tests.examples import share
from tests.streams.detect.office import MINUTE, MONDAY, Signal, Site, Team, merged, minute, nine, verdict, work

KNOWN = Calibration(True, "2026-01-01", {
    name: Tuning(usual=usual) for name, usual in (
        ("abandonment", 0.065), ("tool_failures", 0.037), ("success", 0.72), ("trouble", 0.32), ("api_failures", 0.003),
    )
})  # fmt: skip
"""An organisation that knows its rates from the first day on, so that a short record is enough for alerts."""


def _turbulent() -> list[Signal]:
    """Three weeks in which much happens: two bad teams, a tiny one, an outage, corrections, late ones, a silence."""
    teams = [Team("bad", 16, abandons=0.45), Team("worse", 12, tools=0.12), Team("calm", 9), Team("tiny", 3)]
    first = merged(*(work(team, range(17), 1) for team in teams))
    second = merged(*(work(team, range(17, 21), 2) for team in teams[:2]))
    signals, draw = [*first, *second], random.Random(3)
    for at, key, message in draw.sample(first, 60):
        row = msgspec.msgpack.decode(message, type=wire.SessionVerdict)
        row.outcome, row.replaces, row.judged_at = "restarted", True, at + 3 * HOUR
        signals.append((row.judged_at, key, msgspec.msgpack.encode(row)))
    for number in range(200):
        failures = {f"u_bad_{i}": 2 for i in range(5)} if number > 150 else {}
        signals += minute("bad", nine(8) + number * MINUTE, 20, failures)
    signals += minute("bad", nine(8) + 199 * MINUTE, 25, {}, replaces=True)
    signals.append(verdict(nine(9), "bad", "u_bad_1", "late", ended_at=nine(1)))
    return sorted(signals, key=lambda signal: signal[0])


SIGNALS = _turbulent()
END = nine(24)


def _told(site: Site) -> list[tuple[object, ...]]:
    """Every alert as it is at the end, all figures, without the version of its flush."""
    site.wait(END)
    return [msgspec.structs.astuple(row)[1:] for row in site.alerts]


@pytest.fixture(scope="module")
def straight() -> list[tuple[object, ...]]:
    """What a stage says that never restarts."""
    site = Site(calibration=KNOWN)
    site.feed(SIGNALS)
    return _told(site)


def test_much_happens(straight: list[tuple[object, ...]]) -> None:
    """Else the tests below compare nothing with nothing."""
    assert {"abandonment", "tool_failures", "api_failures", "silence"} <= {str(row[1]) for row in straight}


@pytest.mark.parametrize("seed", range(6))
def test_a_restart_at_any_moment_changes_no_verdict(seed: int, straight: list[tuple[object, ...]]) -> None:
    """Killed between two flushes, twelve times: what was not committed is read again, and nothing is said twice."""
    draw = random.Random(seed)
    kills = sorted(draw.sample(range(len(SIGNALS)), 12))
    site = Site(calibration=KNOWN, flush_every=10**9)
    place = 0
    for kill in kills:
        committed = draw.randint(place, kill)
        site.feed(SIGNALS[place:committed])
        site.flush()
        now = site.now
        for at, key, message in SIGNALS[committed:kill]:
            site.stage.take(key, message, max(site.now, at))
        site.now, place = now, committed
        site.restart()
    site.feed(SIGNALS[place:])
    assert _told(site) == straight
    said: dict[tuple[object, ...], set[str]] = {}
    for row in site.history:
        if row.status == "firing":
            said.setdefault((row.detector, row.scope, row.team_id, row.opened_at, row.reopened), set()).add(
                row.sentence
            )
    assert {len(sentences) for sentences in said.values()} == {1}


@pytest.mark.parametrize("flush_every", [1, 7, 10**9])
def test_how_often_it_is_flushed_changes_no_verdict(flush_every: int, straight: list[tuple[object, ...]]) -> None:
    """A flush only drains."""
    site = Site(calibration=KNOWN, flush_every=flush_every)
    site.feed(SIGNALS)
    assert _told(site) == straight


@given(st.randoms(use_true_random=False))
@settings(max_examples=share(25))
def test_the_order_of_corrections_within_a_day_does_not_matter(draw: random.Random) -> None:
    """Each is of another session; day counts are sums, and no score hears of them."""
    first = [
        verdict(nine(0) + i * MINUTE, "payments", f"u{i % 8}", f"s{i}", troubled=i % 2 == 0, tool_calls=20)
        for i in range(40)
    ]
    outcomes = ("abandoned_after_trouble", "verified_success", "unknown", "restarted")
    later = [
        verdict(nine(0) + 3 * HOUR, "payments", f"u{i % 8}", f"s{i}", outcomes[i % 4], troubled=True, replaces=True,
                tool_calls=20, tool_failures=i)
        for i in range(0, 40, 3)
    ]  # fmt: skip
    mixed = [*later]
    draw.shuffle(mixed)
    states = []
    for corrections in (later, mixed):
        site = Site(calibration=KNOWN)
        site.feed([*first, *corrections])
        rules = site.stage._teams["payments"].proportions
        states.append({name: (rule.days.counts, rule.score) for name, rule in rules.items()})
    assert states[0] == states[1]


def test_a_correction_is_as_if_it_had_been_said_at_first() -> None:
    """In day counts, of each rule; also of the bucket, and when the team is another one."""
    bad: dict[str, Any] = {"troubled": True, "outcome": "abandoned_after_trouble", "tool_calls": 30, "tool_failures": 9}
    right = Site(calibration=KNOWN)
    right.feed([verdict(nine(0), "payments", "u1", "s1", tool_calls=30), verdict(nine(0), "search", "u2", "s2", **bad)])
    other = Site(calibration=KNOWN)
    other.feed([verdict(nine(0), "payments", "u1", "s1", **bad), verdict(nine(0), "payments", "u2", "s2", **bad)])
    other.feed([
        verdict(nine(0) + HOUR, "payments", "u1", "s1", replaces=True, tool_calls=30),
        verdict(nine(0) + HOUR, "search", "u2", "s2", replaces=True, **bad),
    ])  # fmt: skip
    for team_id in ("payments", "search"):
        for name, rule in right.stage._teams[team_id].proportions.items():
            held = other.stage._teams[team_id].proportions[name].days.counts
            assert held.get(MONDAY, [0, 0])[:2] == rule.days.counts.get(MONDAY, [0, 0])[:2], name
    for name, rule in right.stage._buckets[1].proportions.items():
        held = other.stage._buckets[1].proportions[name].days.counts
        assert held.get(MONDAY, [0, 0])[:2] == rule.days.counts.get(MONDAY, [0, 0])[:2], name


@pytest.mark.parametrize(("ended", "came"), [(nine(0), nine(1)), (nine(1), nine(3))])
def test_what_comes_late_moves_no_score(ended: int, came: int) -> None:
    """Judged a day after its end, or heard two days after it was judged: its day has it, and no score."""
    site = Site(calibration=KNOWN)
    site.feed([verdict(came - MINUTE, "payments", f"u{i}", f"s{i}", troubled=True) for i in range(8)])
    judged = nine(1)
    at, key, message = verdict(
        judged, "payments", "u1", "late", "abandoned_after_trouble", troubled=True, ended_at=ended
    )
    site.feed([(max(at, came), key, message)])
    rule = site.stage._buckets[1].proportions["abandonment"]
    assert rule.score == 0.0
    assert site.stage._teams["payments"].proportions["abandonment"].days.counts[site.calendar.day(ended)][1] == 1000


def test_a_team_that_was_only_heard_of_is_the_same_after_a_restart() -> None:
    """In the same bucket, whatever order its rows are read in."""
    site = Site()
    for number in range(20):
        site.feed(minute(f"t{number}", nine(0), 5, {"u1": 1}))
    site.flush()
    before = {name: team.standing.bucket for name, team in site.stage._teams.items()}
    site.restart()
    assert {name: team.standing.bucket for name, team in site.stage._teams.items()} == before
    assert sorted(before.values()) == [1] * 8 + [2] * 8 + [3] * 4


def test_a_small_teams_bucket_is_watched_after_a_restart_before_its_first_verdict() -> None:
    """What its people then do is told of the bucket: as without the restart, and never of the team alone."""
    few, told = Team("few", 4, abandons=0.9, tools=0.3), []
    for restarts in (False, True):
        site = Site(calibration=KNOWN)
        site.feed(minute("few", nine(0), 5, {"u_few_1": 1}))
        site.flush()
        if restarts:
            site.restart()
        site.feed(work(few, range(10), 1))
        site.flush()
        told.append([(row.detector, row.scope, row.team_id, row.status, row.opened_at) for row in site.alerts])

    assert told[0] == told[1]
    assert {row[1] for row in told[0]} == {"bucket"}


def test_a_team_that_is_gone_leaves_no_alert_behind() -> None:
    """Nobody of it was seen for twelve weeks: what was open ends."""
    site = Site(calibration=KNOWN)
    site.feed(work(Team("gone", 12, abandons=0.6), range(5), 1))
    assert [row.status for row in site.of("abandonment")] == ["firing"]
    site.wait(nine(60))
    assert [row.status for row in site.of("abandonment")] == ["firing"]
    site.wait(nine(100))
    assert [row.status for row in site.of("abandonment")] == ["resolved"]


def test_headless_sessions_are_nobodys() -> None:
    """Like is compared with like: a person sat there, or it is not judged."""
    site = Site()
    site.feed([verdict(nine(0), "payments", "u1", "s1", is_interactive=False)])
    assert site.stage.sizes() == {"teams": 0, "buckets": 0, "verdicts": 0, "alerts": 0}


def test_what_cannot_be_read_changes_nothing() -> None:
    """Whole or not at all."""
    stage = Detect()
    stage.begin(0)
    for key, message in ((b"\x93", b""), (msgspec.msgpack.encode(["team", 5]), b"\x91\x01"), (b"", b"")):
        with pytest.raises(InvalidEvent):
            stage.take(key, message, nine(0))
    assert stage.changed(nine(0), 1).tables == [] or stage.sizes()["teams"] == 0


def test_verdicts_are_forgotten_when_nobody_corrects_them_any_more() -> None:
    """Two days later; the table is told."""
    site = Site()
    site.feed([verdict(nine(0), "payments", "u1", "s1")])
    assert site.stage.sizes()["verdicts"] == 1
    site.wait(nine(4))
    assert site.stage.sizes()["verdicts"] == 0
    keys = [msgspec.msgpack.decode(key) for key in site.tables["detector-states"]]
    assert not [key for key in keys if key[0] == "counted"]


def test_what_is_remembered_of_a_detector_and_a_team_is_small() -> None:
    """Under two kilobytes, for twenty people after twelve weeks."""
    site = Site(flush_every=500)
    site.feed(merged(work(Team("payments", 20), range(84), 1)))
    site.flush()
    sizes = {tuple(msgspec.msgpack.decode(key)): len(value) for key, value in site.tables["detector-states"].items()}
    assert max(sizes.values()) < 2048, max(sizes, key=lambda key: sizes[key])
