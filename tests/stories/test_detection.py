"""What detection says of what happens to teams, and what it does not say. Each story: days of an office, and verdicts.

The stage is the one in production with its own thresholds; the office is made up (tests/streams/detect/office.py).
"""

import msgspec

from schemas import wire
from streams.detect.calendar import HOUR, Calendar
from streams.detect.parameters import Calibration, Tuning
from tests.streams.detect.office import MINUTE, MONDAY, WEEK, Site, Team, merged, minute, nine, verdict, work

CALIBRATED = Calibration(True, "2026-01-01", {"abandonment": Tuning(usual=0.065), "api_failures": Tuning(usual=0.003)})
"""An organisation that knows its rates from the first day on."""


def _others(*names: str, people: int = 12) -> list[Team]:
    return [Team(name, people) for name in names]


def _worked(teams: list[Team], days: range, seed: int) -> list[tuple[int, bytes, bytes]]:
    return merged(*(work(team, days, seed) for team in teams))


def test_a_team_that_gets_worse_is_found_and_nobody_else() -> None:
    """Six ordinary weeks, then 25 people abandon one troubled session in four: one alert, within two weeks."""
    bad, others = Team("payments", 25), _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked([bad, *others], range(42), 1))
    assert site.alerts == []

    bad.abandons = 0.25
    site.feed(_worked([bad, *others], range(42, 56), 2))
    (alert,) = site.alerts
    assert (alert.detector, alert.scope, alert.team_id, alert.status) == ("abandonment", "team", "payments", "firing")
    assert nine(38) < alert.since < nine(49)
    assert "since about" in alert.sentence
    assert "Calibrated on assumptions." in alert.sentence
    assert alert.usual < 0.1 < alert.now
    assert alert.people >= 3


def test_a_new_team_needs_no_history_and_gets_no_alert_for_being_new() -> None:
    """It waits longer by itself: 12 new people at usual rates are quiet from the first day on, and a very bad new team
    is found without any history of its own."""
    old = _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked(old, range(28), 1))
    new = Team("new", 12)
    site.feed(_worked([*old, new], range(28, 49), 2))
    assert site.alerts == []

    worse = Team("worse", 16, abandons=0.35)
    site.feed(_worked([*old, new, worse], range(49, 84), 3))
    assert [row.team_id for row in site.of("abandonment")] == ["worse"]


def test_a_tiny_team_is_watched_with_others_like_it() -> None:
    """Four people are no team to alert on, however they fare; eight such teams show what they have in common."""
    tiny = [Team(f"tiny{i}", 4) for i in range(8)]
    others = _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked([*others, *tiny], range(42), 1))
    for team in tiny:
        team.abandons = 0.30
    site.feed(_worked([*others, *tiny], range(42, 63), 2))

    alert, *more = [row for row in site.alerts if row.detector == "abandonment"]
    assert {row.scope for row in (alert, *more)} == {"bucket"}
    assert "Too few sessions to alert on one team; a rise from 7 to 19 % would take about" in alert.sentence


def test_a_holiday_is_no_silence_when_the_calendar_has_it() -> None:
    """Two days on which nobody is expected, and nobody comes."""
    calendar = Calendar(holidays=frozenset({WEEK.date(MONDAY + 43), WEEK.date(MONDAY + 44)}))
    teams = _others("search", "mobile", "billing", "payments")
    site = Site(calendar)
    site.feed(_worked(teams, range(43), 1))
    site.feed(_worked(teams, range(45, 56), 2))
    assert site.alerts == []


def test_a_holiday_that_nobody_told_of_is_the_organisations_and_one_day_of_it_is_nothing() -> None:
    """One day off for everybody says nothing; of several days the organisation's pipeline alert asks, no team's."""
    teams = _others("search", "mobile", "billing", "payments")
    site = Site()
    site.feed(_worked(teams, range(43), 1))
    site.feed(_worked(teams, range(44, 49), 2))
    assert site.alerts == []

    site.wait(nine(53))
    (alert,) = site.alerts
    assert (alert.detector, alert.scope, alert.severity) == ("silence", "organisation", "pipeline")


def test_nights_and_weekends_say_nothing() -> None:
    """Nothing comes for sixteen hours a day and two days a week: time passes, and no score moves."""
    teams = _others("search", "mobile", "billing")
    site = Site()
    for week in range(6):
        site.feed(_worked(teams, range(7 * week, 7 * week + 5), week))
        before = _scores(site)
        site.wait(nine(7 * week + 7) - 4 * HOUR)
        assert _scores(site) == before
    assert site.alerts == []


def test_a_team_that_stops_sending_is_a_pipeline_alert_within_days() -> None:
    """A gap in telemetry: the platform's on-call hears of it; nothing is said about the product, nothing is healthy."""
    teams = _others("search", "mobile", "billing", "payments")
    site = Site()
    site.feed(_worked(teams, range(42), 1))
    before = _scores(site, "search")
    site.feed(_worked(teams[1:], range(42, 46), 2))
    site.wait(nine(46))

    (alert,) = site.alerts
    assert (alert.detector, alert.scope, alert.team_id, alert.severity) == ("silence", "team", "search", "pipeline")
    assert alert.opened_at <= nine(45)
    assert _scores(site, "search") == before

    site.feed(_worked(teams, range(46, 51), 3))
    site.wait(nine(51))
    (alert,) = site.alerts
    assert alert.status == "resolved"


def test_a_gap_ends_no_open_alert() -> None:
    """Lack of data is never health: after three weeks without a session the alert is as open as before."""
    bad, others = Team("payments", 25), _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked([bad, *others], range(42), 1))
    bad.abandons = 0.30
    site.feed(_worked([bad, *others], range(42, 56), 2))
    site.feed(_worked(others, range(56, 77), 3))

    (alert,) = site.of("abandonment")
    assert alert.status == "firing"
    assert [row.team_id for row in site.of("silence") if row.status == "firing"] == ["payments"]


def test_another_team_is_not_held_against_the_one_before() -> None:
    """A reorganisation: ten of twelve people are others, who abandon more than those did. It is a new team; the alert
    that was open ends, and says why."""
    calm = Team("payments", 25, abandons=0.03)
    others = _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked([calm, *others], range(42), 1))
    calm.abandons = 0.35
    site.feed(_worked([calm, *others], range(42, 56), 2))
    (alert,) = site.of("abandonment")
    assert alert.status == "firing"

    another = Team("payments", 25, abandons=0.09, first=100)
    site.feed(_worked([another, *others], range(56, 84), 3))
    (alert,) = site.of("abandonment")
    assert alert.status == "resolved"
    assert alert.adopted_at == 0
    assert "another team" in alert.sentence


def test_a_team_that_doubles_overnight_begins_anew() -> None:
    """Twelve new people with habits of their own: no alert for their habits, and the baseline is theirs too."""
    half, rest = Team("payments", 12), Team("payments", 12, abandons=0.16, first=50)
    others = _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked([half, *others], range(56), 1))
    site.feed(_worked([half, rest, *others], range(56, 84), 2))

    assert [row for row in site.alerts if row.team_id == "payments"] == []
    assert site.stage._teams["payments"].people.first >= MONDAY + 56
    assert site.stage._teams["payments"].proportions["abandonment"].days.floor >= MONDAY + 56


def test_history_that_is_filled_in_later_says_what_is_usual_and_nothing_else() -> None:
    """Sixty days come at once on a Monday: the day counts have them, no score, and no alert of however bad a past."""
    past = Team("payments", 12, abandons=0.40)
    site = Site()
    site.feed(_worked(_others("search", "mobile", "billing"), range(63), 1))
    told = []
    for at, key, message in work(past, range(60), 2):
        row = msgspec.msgpack.decode(message, type=wire.SessionVerdict)
        row.judged_at = nine(63) + at % HOUR
        told.append((row.judged_at, key, msgspec.msgpack.encode(row)))
    site.feed(sorted(told))

    assert site.alerts == []
    rule = site.stage._teams["payments"].proportions["abandonment"]
    assert rule.score == 0.0
    rule.begin(nine(64), MONDAY + 64)
    assert rule.usual > 0.2


def test_a_session_that_goes_on_is_counted_once() -> None:
    """Its first verdict moved the score, for that was the order of closing; the correction moves day counts only."""
    site = Site(calibration=CALIBRATED)
    for number in range(9):
        at = nine(0) + number * MINUTE
        site.feed([verdict(at, "payments", f"u{number}", f"s{number}", "ended_clean", troubled=True)])
    outcome = "abandoned_after_trouble"
    site.feed([verdict(nine(0) + HOUR, "payments", "u1", "again", outcome, troubled=True)])
    rule = site.stage._teams["payments"].proportions["abandonment"]
    score, counts = rule.score, rule.days.counts[MONDAY][:2]
    assert score > 0
    assert counts[1] > 0

    later = nine(0) + 5 * HOUR
    site.feed([verdict(later, "payments", "u1", "again", "verified_success", troubled=True, replaces=True)])
    assert rule.score == score
    assert rule.days.counts[MONDAY][1] == 0
    site.feed([verdict(later, "payments", "u1", "again", "verified_success", troubled=True, replaces=True)])
    assert rule.days.counts[MONDAY][:2] == [counts[0], 0]


def test_what_comes_back_soon_is_the_same_alert() -> None:
    """It ends, and within five working days it is back: the same row, opened again; much later it is another one."""
    bad, others = Team("payments", 40), _others("search", "mobile", "billing")
    site = Site()
    site.feed(_worked([bad, *others], range(42), 1))
    day = 42
    bad.abandons = 0.40
    while not site.of("abandonment"):
        site.feed(_worked([bad, *others], range(day, day + 1), day))
        day += 1
    bad.abandons = 0.02
    while site.of("abandonment")[0].status == "firing":
        site.feed(_worked([bad, *others], range(day, day + 1), day))
        day += 1
    bad.abandons = 0.60
    site.feed(_worked([bad, *others], range(day, day + 4), 5))

    (alert,) = site.of("abandonment")
    assert (alert.status, alert.reopened, alert.resolved_at) == ("firing", 1, 0)


def test_an_outage_is_one_message_and_no_teams() -> None:
    """Model requests fail for everybody: the organisation's alert, within minutes; evidence goes back to the teams'."""
    site, teams = Site(flush_every=1, calibration=CALIBRATED), [f"t{i:02}" for i in range(12)]
    users = {team: [f"u_{team}_{i}" for i in range(9)] for team in teams}
    site.feed([verdict(nine(0) + i * MINUTE, team, user, f"s_{user}", "unknown")
               for i, team in enumerate(teams) for user in users[team]])  # fmt: skip
    for number in range(60, 180):
        for team in teams:
            failures = dict.fromkeys(users[team][:4], 1) if number >= 120 else {}
            site.feed(minute(team, nine(0) + number * MINUTE, 15, failures))

    (alert,) = site.alerts
    assert alert.detector == "api_failures"
    assert alert.opened_at < nine(0) + 130 * MINUTE
    assert "since about 11:00 (UTC)" in alert.sentence


def test_one_persons_network_is_nobodys_outage() -> None:
    """One of nine cannot reach the model for an hour, twenty times a minute; two others fail once."""
    site = Site(flush_every=1, calibration=CALIBRATED)
    users = [f"u{i}" for i in range(9)]
    site.feed(verdict(nine(0), "payments", user, f"s_{user}") for user in users)
    for number in range(60, 180):
        failures = {"u1": 20} if 100 <= number < 160 else {}
        if number in (120, 150):
            failures[users[number // 30]] = 1
        site.feed(minute("payments", nine(0) + number * MINUTE, 8, failures))
    assert site.alerts == []


def _scores(site: Site, team: str = "") -> dict[tuple[str, str], float]:
    return {
        (name, rule): held.proportions[rule].score
        for name, held in site.stage._teams.items()
        if team in ("", name)
        for rule in held.proportions
    }
