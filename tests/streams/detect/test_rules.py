"""The other rules, each alone: failed requests, cost, silence, everybody together, who is there, which day it is."""

import random

import msgspec
import pytest

from streams.detect.calendar import DAY, HOUR, Calendar
from streams.detect.cost import Cost
from streams.detect.finding import Finding
from streams.detect.minutes import Minutes
from streams.detect.organisation import Organisation
from streams.detect.parameters import DEFAULTS, TOGETHER, Calibration, Parameters, Tuning
from streams.detect.people import People, of_user
from streams.detect.prior import fit
from streams.detect.requests import Requests
from streams.detect.silence import Silence, expected

# -- failed model requests ---------------------------------------------------------------------------------------------


def _minutes(rule: Requests, failures: dict[int, int], many: int, answered: int = 40) -> list[tuple[int, Finding]]:
    return [(i, found) for i in range(many) if (found := rule.take(60_000 * (i + 1), 100, failures, answered))]


def test_an_outage_is_found_within_minutes() -> None:
    """A tenth of the requests of twelve people fail."""
    ((after, found),) = _minutes(Requests("api_failures", DEFAULTS["api_failures"]), dict.fromkeys(range(4), 1), 30)
    assert after <= 6
    assert (found.status, found.people) == ("firing", 4)


def test_one_persons_failures_are_a_third_of_the_evidence_at_most() -> None:
    """However many, for however long; and another's single failure does not make them everybody's."""
    rule = Requests("api_failures", DEFAULTS["api_failures"])
    assert _minutes(rule, {1: 50}, 90, answered=10) == []
    assert _minutes(rule, {1: 50, 2: 1, 3: 1}, 1) == []
    assert rule.score < rule.threshold


def test_failures_as_usual_are_quiet() -> None:
    """Three in a thousand, for a day."""
    rule, draw = Requests("api_failures", DEFAULTS["api_failures"]), random.Random(1)
    for i in range(540):
        failures = {person: 1 for person in range(12) if draw.random() < 0.01}
        assert rule.take(60_000 * (i + 1), 100, failures, 40) is None


def test_a_minute_that_is_told_again_replaces_itself() -> None:
    """By the difference; what is older than an hour is not remembered."""
    minutes = Minutes()
    minutes.hear(10, 1, 5)
    minutes.hear(10, 1, 2)
    minutes.hear(10, 2, 1)
    minutes.hear(10, 2, 0)
    assert minutes.of(10) == {1: 2}
    assert minutes.count(10, 42, 2) is None
    assert minutes.count(10, 45, 3) == (3, 1)
    minutes.count(100, 1, 0)
    minutes.forget()
    assert (minutes.of(10), minutes.count(10, 45, 3)) == ({}, None)


# -- cost --------------------------------------------------------------------------------------------------------------


def _spend(rule: Cost, days: range, dollars: float, draw: random.Random) -> list[Finding]:
    found = []
    for day in days:
        for i in range(10):
            micros = int(1e6 * dollars * draw.lognormvariate(0, 0.9))
            if said := rule.take(1 + day * DAY + i, day, i, micros, verified=i % 3 == 0):
                found.append(said)
    return found


def test_a_success_that_costs_twice_as_much_is_found() -> None:
    """After eight weeks at one level; not before, and not by one monstrous session."""
    rule, draw = Cost("cost_per_success", DEFAULTS["cost_per_success"]), random.Random(2)
    assert _spend(rule, range(56), 1.0, draw) == []
    assert rule.take(1, 56, 1, 10**12, verified=True) is None
    found = _spend(rule, range(57, 85), 2.2, draw)
    assert found[0].status == "firing"
    assert found[0].now > 1.4 * found[0].usual
    assert found[0].usual_low < found[0].usual < found[0].usual_high


def test_what_failed_is_part_of_what_a_success_costs() -> None:
    """Everything since the success before."""
    rule = Cost("cost_per_success", DEFAULTS["cost_per_success"])
    for micros, verified in ((500_000, False), (300_000, False), (200_000, True), (1_000_000, True)):
        rule.take(1, 100, 1, micros, verified)
    assert sum(rule.histogram(107).values()) == 2
    assert len(rule.histogram(107)) == 1


def test_little_is_known_little_is_said() -> None:
    """Without twenty successes of anybody there is no usual cost; the organisation's stand in."""
    rule = Cost("cost_per_success", DEFAULTS["cost_per_success"])
    rule.take(1, 100, 1, 1_000_000, verified=True)
    assert (rule.usual, rule.threshold) == (0.0, 0.0)
    rule.prior = {160: 500}
    rule.begin(2, 101)
    assert rule.usual == pytest.approx(2 ** (160.5 / 8))


def test_a_packed_cost_rule_goes_on_as_it_was() -> None:
    """State is all there is."""
    rule, draw = Cost("cost_per_success", DEFAULTS["cost_per_success"]), random.Random(4)
    _spend(rule, range(40), 1.0, draw)
    kept = Cost.unpack("cost_per_success", DEFAULTS["cost_per_success"], rule.pack())
    assert _spend(kept, range(40, 80), 3.0, random.Random(5)) == _spend(rule, range(40, 80), 3.0, random.Random(5))
    assert kept.pack() == rule.pack()


# -- silence -----------------------------------------------------------------------------------------------------------


REGULARS = dict.fromkeys(range(12), 0.1)


def test_all_silent_for_two_days_is_found_and_one_day_is_not() -> None:
    """And it ends with the first day on which they are back."""
    rule = Silence("silence", DEFAULTS["silence"])
    everybody = frozenset(REGULARS)
    said = [rule.end_of_day(1 + day, day, REGULARS, everybody) for day in range(2)]
    assert said[0] is None
    assert said[1] is not None
    assert said[1].status == "firing"
    ended = rule.end_of_day(9, 3, REGULARS, frozenset())
    assert ended is not None
    assert ended.status == "resolved"


def test_who_is_on_leave_is_no_fault() -> None:
    """A third of the team for three weeks."""
    rule = Silence("silence", DEFAULTS["silence"])
    assert [rule.end_of_day(1 + day, day, REGULARS, frozenset(range(4))) for day in range(15)] == [None] * 15


def test_of_too_few_nothing_is_expected() -> None:
    """Four people, all silent."""
    rule = Silence("silence", DEFAULTS["silence"])
    few = dict.fromkeys(range(4), 0.1)
    assert [rule.end_of_day(1 + day, day, few, frozenset(few)) for day in range(10)] == [None] * 10


def test_who_is_expected_follows_from_the_last_working_days() -> None:
    """Six in ten of twenty; whoever came lately, or seldom, is not; holidays and weekends are no absence."""
    calendar, people, monday = Calendar(), People(), 20_458
    for day in range(monday, monday + 35):
        if calendar.is_working(day):
            people.seen(1, day)
            if day % 7 == 5:
                people.seen(2, day)
    people.seen(3, monday + 34)
    day = monday + 35
    people.seen(1, day)
    regulars, silent = expected(people, day, calendar)
    assert (regulars, silent) == ({1: 0.0}, frozenset())
    assert expected(people, day + 1, calendar)[1] == {1}
    assert expected(people, monday + 7, calendar)[0] == {}


# -- everybody ---------------------------------------------------------------------------------------------------------


def _everybody(pool: Organisation, units: int, rate: float, many: int, seed: int = 1) -> list[tuple[int, Finding]]:
    draw, found = random.Random(seed), []
    for i in range(many):
        unit = i % units
        happened = draw.random() < rate
        said = pool.take(i + 1, 100 + i // 300, unit, 0.07, {1000 * unit + i % 9: 1.0} if happened else {}, 1.0, 1,
                         int(happened))  # fmt: skip
        if said:
            found.append((i, said))
    return found


def test_what_all_teams_have_is_one_alert() -> None:
    """Twice the usual rate in forty teams; at the usual rate nothing, for twenty times as long."""
    pool = Organisation(TOGETHER["abandonment"])
    assert _everybody(pool, 40, 0.07, 12_000) == []
    ((after, found), *_) = _everybody(pool, 40, 0.14, 1_500, 2)
    assert after < 800
    assert found.usual == pytest.approx(0.07)
    assert 1.3 < pool.ratio < 3


def test_what_is_usual_must_be_known_before_everybody_is_off() -> None:
    """A third more than was found of three weeks may be those weeks' chance; of a year it is a change."""
    young, old = Organisation(TOGETHER["abandonment"]), Organisation(TOGETHER["abandonment"])
    young.known, old.known = 300.0, 30_000.0
    assert _everybody(young, 12, 0.095, 4_000) == []
    assert _everybody(old, 12, 0.095, 4_000)
    assert _everybody(young, 12, 0.21, 1_000, 2), "yet what is gross is seen"


def test_what_one_team_does_is_not_the_organisations() -> None:
    """However bad: others must be behind it too, and with half of the evidence."""
    pool = Organisation(TOGETHER["abandonment"])
    for i in range(600):
        bad = i % 2 == 0
        hits = {i % 9: 1.0} if bad or i % 29 == 0 else {}
        assert pool.take(i + 1, 100, 1 if bad else 2 + i % 5, 0.07, hits, 1.0, 1, len(hits)) is None
    assert pool.score > pool.threshold


def test_a_team_that_has_its_own_alert_takes_its_evidence_along() -> None:
    """What is left is the others'."""
    pool = Organisation(TOGETHER["abandonment"])
    for i in range(9):
        pool.take(i + 1, 100, 1, 0.07, {i: 1.0}, 1.0, 1, 1)
    pool.take(10, 100, 2, 0.07, {20: 1.0}, 1.0, 1, 1)
    before = pool.score
    pool.release(1)
    assert pool.score == pytest.approx(before / 10)


def test_a_run_of_everybody_has_a_number_that_rises() -> None:
    """Teams keep their evidence as it was when the run began."""
    pool = Organisation(TOGETHER["abandonment"])
    pool.take(1, 100, 1, 0.07, {}, 1.0, 1, 0)
    assert pool.epoch == 0
    pool.take(2, 100, 1, 0.07, {1: 1.0}, 1.0, 1, 1)
    assert pool.epoch == 1
    for i in range(40):
        pool.take(3 + i, 100, 1, 0.07, {}, 1.0, 1, 0)
    pool.take(50, 100, 1, 0.07, {1: 1.0}, 1.0, 1, 1)
    assert pool.epoch == 2


def test_after_four_weeks_everybodys_level_is_usual() -> None:
    """Said once, with the day from which on it holds."""
    pool = Organisation(TOGETHER["abandonment"])
    ((_, found), *_) = _everybody(pool, 40, 0.21, 600)
    assert pool.adopted(1, 110) is None
    told = pool.adopted(2, 100 + 28 + 2)
    assert told is not None
    assert (told[0].why, told[0].status) == ("adopted", "resolved")
    assert not pool.is_open
    assert found.status == "firing"


# -- what is known of the organisation ---------------------------------------------------------------------------------


def test_how_much_teams_differ_is_found_by_moments() -> None:
    """Forty teams whose rates are of Beta with a strength of 100."""
    draw = random.Random(6)
    totals = []
    for _ in range(40):
        rate, n = draw.betavariate(10, 90), 400
        totals.append((float(n), float(sum(draw.random() < rate for _ in range(n)))))
    mean, strength, found_from = fit(totals, Parameters(share=0.004, usual=0.065))
    assert mean == pytest.approx(0.1, abs=0.02)
    assert 55 < strength < 200
    assert found_from == 16_020


def test_without_a_record_a_prior_is_worth_little() -> None:
    """The study's rate is not the organisation's: telemetry is a proxy."""
    told = Parameters(share=0.004, usual=0.065)
    assert fit([], told) == pytest.approx((0.065, 1 / (1 / 150 + 1 / 20), 20.0))
    known = Calibration(True, "", {"abandonment": Tuning(usual=0.12)}).of("abandonment")
    assert fit([], known)[0] == pytest.approx(0.12)
    assert fit([], known)[1] == pytest.approx(150, rel=0.02)


def test_a_calibration_of_a_detector_that_is_not_there_is_refused() -> None:
    """With what there is."""
    with pytest.raises(msgspec.ValidationError, match="no detector is called 'abandonmnt'; there are abandonment"):
        msgspec.convert({"detectors": {"abandonmnt": {"phi": 1.2}}}, Calibration)
    with pytest.raises(msgspec.ValidationError, match="phy"):
        msgspec.convert({"detectors": {"abandonment": {"phy": 1.2}}}, Calibration)


# -- who and when ------------------------------------------------------------------------------------------------------


def test_who_came_after_the_baseline_is_a_stranger() -> None:
    """For four weeks; and in a team's first four weeks nobody is."""
    people = People()
    for day in range(100, 200):
        people.seen(1, day)
        if day >= 180:
            people.seen(2, day)
    assert people.unknown(190, 185) == (1, 2)
    assert people.unknown(209, 195) == (0, 2)
    young = People()
    young.seen(1, 100)
    young.seen(2, 120)
    assert young.unknown(121, 100) == (0, 2)


def test_people_are_known_in_any_order_of_days() -> None:
    """What is told late counts on its day."""
    forward, backward = People(), People()
    days = [100, 101, 104, 110, 131]
    for day in days:
        forward.seen(7, day)
    for day in reversed(days):
        backward.seen(7, day)
    assert forward.each == backward.each
    assert [day for day in range(101, 132) if forward.each[7].was_active(day)] == days[1:]


def test_people_who_are_gone_are_forgotten() -> None:
    """After twelve weeks; a pseudonym does not lead back."""
    people = People()
    people.seen(of_user("u_1"), 100)
    people.seen(of_user("u_2"), 150)
    people.forget(190)
    assert list(people.each) == [of_user("u_2")]
    assert people.lately(190) == 0


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata"])
def test_a_day_is_where_its_start_is(zone: str) -> None:
    """Through a year with its changes of the clocks days follow each other, and each begins at four in the morning."""
    calendar = Calendar(zone)
    for day in range(20_458, 20_458 + 370):
        start = calendar.start(day)
        assert calendar.day(start) == day
        assert calendar.day(start - 1) == day - 1
        assert 23 * HOUR <= calendar.start(day + 1) - start <= 25 * HOUR


def test_working_days_leave_out_weekends_and_holidays() -> None:
    """Christmas 2026 is a Friday."""
    calendar = Calendar(holidays=frozenset({"2026-12-25"}))
    monday = calendar.day(1_797_836_400_000)
    assert calendar.date(monday) == "2026-12-21"
    assert calendar.working(monday, monday + 7) == 4
    assert calendar.last_working(monday + 7, 3) == [monday + 3, monday + 2, monday + 1]


def test_after_four_weeks_of_silence_nothing_is_expected() -> None:
    """A team that is gone is no open alert for ever."""
    rule = Silence("silence", DEFAULTS["silence"])
    for day in range(2):
        rule.end_of_day(1 + day, day, REGULARS, frozenset(REGULARS))
    assert rule.is_open
    assert rule.end_of_day(3, 20, {}, frozenset()) is None
    ended = rule.end_of_day(4, 30, {}, frozenset())
    assert ended is not None
    assert (ended.status, ended.why) == ("resolved", "adopted")
