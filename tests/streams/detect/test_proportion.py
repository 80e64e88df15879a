"""The rule for proportions, against the same rule written down a second time, and in what it promises."""

import random
from dataclasses import dataclass, field
from math import log

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.detect.finding import Finding
from streams.detect.parameters import DEFAULTS, Parameters
from streams.detect.proportion import Proportion
from streams.detect.run import KEPT_PEOPLE
from streams.detect.thresholds import threshold
from tests.examples import share

TOLD = DEFAULTS["abandonment"]
HOUR = 3_600_000


@dataclass
class Plain:
    """The rule as docs/detection.md has it, in the plainest way: floats, all days, nothing cached."""

    told: Parameters
    day: int = -1
    first: int = -1
    days: dict[int, tuple[float, float]] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)
    today: dict[int, int] = field(default_factory=dict)
    score: float = 0.0
    since: int = 0
    who: set[int] = field(default_factory=set)
    against: float = 0.0
    is_open: bool = False
    usual: float = 0.0
    h: float = 0.0

    def take(self, day: int, person: int, happened: bool) -> str:
        """Says firing, resolved or nothing."""
        told = self.told
        if day != self.day:
            self.begin(day)
        j = self.today[person] = self.today.get(person, 0) + 1
        w = j / (1 + (j - 1) * told.rho) - ((j - 1) / (1 + (j - 2) * told.rho) if j > 1 else 0.0)
        n, x = self.days.get(day, (0.0, 0.0))
        self.days[day] = (n + w, x + w * happened)
        p1 = max(2 * self.usual, self.usual + 0.08)
        gain = w * (log(p1 / self.usual) if happened else log((1 - p1) / (1 - self.usual)))
        if self.is_open:
            self.bad.add(day)
            self.against = max(0.0, self.against - gain)
            if self.against > told.clear * self.h:
                self.is_open, self.score, self.who, self.against = False, 0.0, set(), 0.0
                return "resolved"
            return ""
        was = self.score
        self.score += gain
        if self.score <= 0:
            self.score, self.who = 0.0, set()
            return ""
        self.since = day if was == 0 else self.since
        if happened:
            self.who.add(person)
        if self.score > self.h and len(self.who) >= told.people:
            self.is_open = True
            self.bad |= set(range(self.since, day + 1))
            return "firing"
        return ""

    def begin(self, day: int) -> None:
        """A new day."""
        told = self.told
        self.first = day if self.first < 0 else self.first
        self.day, self.today = day, {}
        if self.is_open or self.score > told.freeze * self.h:
            return
        last = day - told.lag
        first = last - told.history
        if last - self.first < told.warm:
            first, last = self.first, min(day, self.first + told.warm)
        held = [counts for each, counts in self.days.items() if first <= each < last and each not in self.bad]
        n, x = sum(each[0] for each in held), sum(each[1] for each in held)
        self.usual = (told.usual * told.strength + x) / (told.strength + n)
        weeks = min(28, day - self.first) / 7
        lately = sum(each[0] for at, each in self.days.items() if day - 28 <= at < day)
        observations = (lately + told.volume) / (weeks + 1) / told.share
        self.h = told.phi * threshold("abandonment", self.usual, told.strength + n, observations)


def sessions(seed: int, days: int, people: int, rate: float) -> list[tuple[int, int, bool]]:
    """Day, person, abandoned."""
    draw = random.Random(seed)
    return [
        (day, person, draw.random() < (rate if day < days // 2 else 3 * rate))
        for day in range(days)
        if day % 7 < 5
        for person in range(people)
        for _ in range(draw.choice((0, 0, 1, 1, 2)))
    ]


@pytest.mark.parametrize("seed", range(6))
def test_it_says_what_the_rule_says_when_written_down_plainly(seed: int) -> None:
    """The same alerts at the same sessions, the same score to a thousandth: day counts are whole thousandths."""
    told = msgspec.structs.replace(TOLD, adopt=10_000)
    rule, plain = Proportion("abandonment", told), Plain(told)
    said = []
    for i, (day, person, happened) in enumerate(sessions(seed, 300, 14, 0.06)):
        found = rule.take(1 + i, day, person, int(happened))
        expected = plain.take(day, person, happened)
        assert (found.status if found else "") == expected
        said.append(expected)
        if not rule.is_open:
            assert rule.score == pytest.approx(plain.score, abs=0.02)
        assert rule.usual == pytest.approx(plain.usual, rel=1e-3)

    assert "firing" in said


def test_the_clock_is_sessions_not_hours() -> None:
    """Nights, weekends and weeks without sessions move no score: lack of data is neither health nor trouble."""
    rule = Proportion("abandonment", TOLD)
    for person in range(5):
        rule.take(HOUR, 100, person, 1)
    score = rule.score

    assert rule.begin(30 * HOUR, 121) is None
    assert rule.score == score > 0


def test_one_person_never_fires() -> None:
    """However much evidence one person brings."""
    rule = Proportion("abandonment", TOLD)
    assert [rule.take(i, i // 10, 1, 1) for i in range(400)] == [None] * 400
    assert rule.score > 3 * rule.threshold


def test_an_alert_names_figures_that_belong_together() -> None:
    """What was seen, what was to be expected, and the intervals around both."""
    found = _fires(Proportion("abandonment", TOLD), 0.5)
    assert found.status == "firing"
    assert found.score > found.threshold
    assert found.expected == pytest.approx(found.n * found.usual)
    assert found.usual_low < found.usual < found.usual_high < found.now_low < found.now < found.now_high + 0.1
    assert 3 <= found.people <= 12
    assert found.since <= found.at


def test_whoever_joins_an_open_alert_is_counted() -> None:
    """Up to forty: a floor of people is compared with it."""
    rule = Proportion("abandonment", TOLD)
    opened = _fires(rule, 1.0)
    assert opened.people < 12
    for i in range(400):
        rule.take(10_000 + i, 100 + i // 60, i % 60, 1)
    assert rule.finding(20_000, "firing").people == KEPT_PEOPLE > 12


def test_an_open_alert_needs_evidence_to_end() -> None:
    """It stays open without sessions, and ends when the rate is back; the next one begins from nothing."""
    rule = Proportion("abandonment", TOLD)
    opened = _fires(rule, 0.5)
    day = rule.day
    ended = [found for i in range(400) if (found := rule.take(opened.at + i, day + 1 + i // 20, i % 12, 0))]

    assert [found.status for found in ended] == ["resolved"]
    assert rule.score == 0.0


def test_after_four_weeks_the_new_level_is_the_usual_one() -> None:
    """It ends the alert, says why, and knows the new level at once."""
    rule = Proportion("abandonment", TOLD)
    opened = _fires(rule, 0.3)
    start, draw = rule.day, random.Random(2)
    found = [
        said
        for day in range(start, start + 40)
        for i in range(20)
        if (said := rule.take(opened.at + day, day, i % 12, int(draw.random() < 0.3)))
    ]
    assert [(each.status, each.why) for each in found] == [("resolved", "adopted")]
    assert rule.usual == pytest.approx(0.25, abs=0.08)


def test_without_sessions_nothing_is_adopted() -> None:
    """Four weeks of nothing are no level."""
    rule = Proportion("abandonment", TOLD)
    opened = _fires(rule, 0.9)
    assert rule.begin(opened.at, rule.day + 40) is None
    assert rule.is_open


def test_the_days_of_an_alert_are_in_no_baseline() -> None:
    """Else the next one would be measured by the last."""
    rule = Proportion("abandonment", TOLD)
    draw = random.Random(3)
    for day in range(60):
        for i in range(12):
            rule.take(1 + day, day, i, int(draw.random() < 0.06))
    opened = _fires(rule, 0.6, first=60)
    last = rule.day
    for i in range(600):
        if (found := rule.take(opened.at + i, last + i // 30, i % 12, 0)) is not None:
            assert found.status == "resolved"
            break
    for day in range(rule.day + 1, rule.day + 60):
        for i in range(12):
            rule.take(1, day, i, int(draw.random() < 0.06))
    assert rule.usual == pytest.approx(0.06, abs=0.025)


def test_what_is_late_changes_what_is_usual_and_no_score() -> None:
    """Back-filled history makes the baseline at once; the score is of what comes in order."""
    rule = Proportion("abandonment", TOLD)
    rule.take(1, 100, 1, 1)
    score = rule.score
    for day in range(10, 70):
        rule.count(day, 10_000, 1_000)
    assert rule.score == score

    rule.begin(2, 101)
    assert rule.usual == pytest.approx((0.065 * 150 + 56) / (150 + 560), abs=0.002)


def test_what_is_taken_back_leaves_nothing() -> None:
    """Whole thousandths: a correction is exact."""
    rule, other = Proportion("abandonment", TOLD), Proportion("abandonment", TOLD)
    for each in (rule, other):
        each.take(1, 100, 1, 1)
    rule.count(100, 818, 818)
    rule.count(100, -818, -818)
    assert rule.pack() == other.pack()


def test_a_restart_forgets_who_was_there_before() -> None:
    """And what comes late from before is another team's."""
    rule = Proportion("abandonment", TOLD)
    draw = random.Random(4)
    for day in range(100):
        for i in range(10):
            rule.take(1, day, i, int(draw.random() < 0.15))
    assert rule.usual > 0.1
    assert rule.restart(2, 100) is None
    rule.count(50, 1_000_000, 1_000_000)
    rule.begin(3, 101)
    assert rule.usual == pytest.approx(TOLD.usual)
    assert rule.usual_n == TOLD.strength


def test_a_roll_back_returns_to_the_beginning_of_the_organisations_run() -> None:
    """What a team had before stays its own."""
    rule = Proportion("abandonment", TOLD)
    for person in (1, 2):
        rule.take(1, 100, person, 1, epoch=4)
    own = rule.score
    for person in (3, 4, 5):
        rule.take(2, 100, person, 1, epoch=5)
    assert rule.score > own
    rule.roll_back(4)
    assert rule.score > own
    rule.roll_back(5)
    assert rule.score == own


def test_while_all_have_it_a_team_is_held_against_all() -> None:
    """A ratio raises what is usual, so that the same sessions say less."""
    alone, together = Proportion("abandonment", TOLD), Proportion("abandonment", TOLD)
    for i in range(60):
        alone.take(i, 100, i % 10, int(i % 5 == 0))
        together.take(i, 100, i % 10, int(i % 5 == 0), ratio=3.0)
    assert together.score < alone.score


def test_one_broken_session_moves_a_score_of_calls_by_a_third_of_the_threshold_at_most() -> None:
    """Eighty failed calls of one session are one accident."""
    rule = Proportion("tool_failures", DEFAULTS["tool_failures"])
    rule.take(1, 100, 1, 80, 80)
    assert rule.score == pytest.approx(rule.threshold / 3)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans()), max_size=120), st.integers(0, 120))
@settings(max_examples=share(60))
def test_packed_and_unpacked_anywhere_it_is_the_same_rule(taken: list[tuple[int, int, bool]], cut: int) -> None:
    """State is all there is."""
    rule = kept = Proportion("abandonment", TOLD)
    day = 100
    for i, (later, person, happened) in enumerate(taken):
        day += later
        if i == cut:
            kept = Proportion.unpack("abandonment", TOLD, rule.pack())
            kept.prior = rule.prior
        said = rule.take(i + 1, day, person, int(happened))
        if kept is not rule:
            assert kept.take(i + 1, day, person, int(happened)) == said
    assert msgspec.msgpack.decode(kept.pack()) == msgspec.msgpack.decode(rule.pack())


def test_a_team_of_sixty_fits_into_two_kilobytes() -> None:
    """After 100 days, 60 people, each every day."""
    rule = Proportion("abandonment", TOLD)
    for day in range(100):
        for person in range(60):
            rule.take(1_767_600_000_000 + day, 20_458 + day, 4_000_000_000 + person, int(person % 20 == 0))
    assert len(rule.pack()) < 2048


def _fires(rule: Proportion, rate: float, first: int = 0) -> Finding:
    draw = random.Random(1)
    for i in range(2000):
        if found := rule.take(1_000 + i, first + i // 24, i % 12, int(draw.random() < rate)):
            return found
    raise AssertionError("no alert")
