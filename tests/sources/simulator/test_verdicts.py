"""Simulated teams as detectors see them: what was asked for is there, and nothing else changes."""

import numpy as np
import pytest

from sources.simulator.usage import Costs, Presence, Requests
from sources.simulator.verdicts import BEGAN, DAY_MS, Change, Incident, Sessions, Trait, World, team

ABANDONED = Trait(0.065, 0.02, 4.0, person=0.03, day=0.05)
CALLS = Trait(0.037, 0.01, 12.0, person=0.002, day=0.01, session=0.014, calls=(3.73, 1.2))


def lives(trait: Trait, people: int, many: int, **more: object) -> list[Sessions]:
    """So many teams, a year each."""
    return [team(trait, people, World(52), seed, **more) for seed in range(many)]  # type: ignore[arg-type] # passed on


def share(sessions: list[Sessions]) -> float:
    """Of all their calls, those that did it."""
    return float(sum(each.hits.sum() for each in sessions) / sum(each.calls.sum() for each in sessions))


@pytest.mark.parametrize(("trait", "rate"), [(ABANDONED, 0.07), (CALLS, 0.037)])
def test_the_rate_is_the_one_asked_for(trait: Trait, rate: float) -> None:
    """Whatever people, days and hours add."""
    assert share(lives(trait, 12, 40, rate=rate)) == pytest.approx(rate, rel=0.05)


def test_so_many_sessions_come_in_working_hours_and_in_order() -> None:
    """Four a person and week, but for holidays; weekends and nights are empty."""
    sessions = team(ABANDONED, 25, World(52, holidays=0.0), 1)
    hours = (sessions.at - BEGAN) % DAY_MS / 3_600_000

    assert len(sessions.at) == pytest.approx(4 * 25 * 52, rel=0.1)
    assert (np.diff(sessions.at) >= 0).all()
    assert (sessions.day % 7 < 5).all()
    assert hours.min() >= 9
    assert hours.max() < 18


def test_a_change_changes_nothing_before_it() -> None:
    """The same seed is the same life until then, for single events and for calls."""
    for trait in (ABANDONED, CALLS):
        usual = team(trait, 12, World(40), 5)
        changed = team(trait, 12, World(40), 5, change=Change(140, 3.0))

        assert (usual.at == changed.at).all()
        assert (usual.hits[usual.day < 140] == changed.hits[usual.day < 140]).all()
        assert share([changed.part(140, 280)]) > 2 * share([usual.part(140, 280)])


def test_a_drift_is_half_way_in_the_middle() -> None:
    """It grows evenly, and then stays."""
    factor = Change(100, 3.0, over=40).factor(np.array([99, 119, 139, 500]))

    assert factor.tolist() == pytest.approx([1.0, 2.0, 3.0, 3.0])


def test_what_falls_is_the_rest_of_the_rate() -> None:
    """28 % verified to 14 %: what is counted rises from 72 to 86 %."""
    trait = Trait(0.72, 0.05, 12.0, person=0.05, day=0.05)
    sessions = lives(trait, 12, 20, rate=0.72, change=Change(182, 0.5), falls=True)

    assert share([each.part(0, 182) for each in sessions]) == pytest.approx(0.72, abs=0.02)
    assert share([each.part(182, 364) for each in sessions]) == pytest.approx(0.86, abs=0.02)


def test_clustering_makes_teams_differ_from_chance_in_their_weeks() -> None:
    """A person's day of the same kind moves a week further than single sessions would."""

    def spread(trait: Trait) -> float:
        weekly = [
            each.hits[each.day // 7 == week].mean() for each in lives(trait, 12, 12, rate=0.07) for week in range(52)
        ]
        return float(np.var(weekly))

    assert spread(ABANDONED.clustered(4)) > 1.3 * spread(Trait(0.065, 0.02, 4.0, person=0.0, day=0.0))


def test_an_incident_is_everybodys_while_it_lasts() -> None:
    """In its span chances are multiplied, and only there."""
    begins = BEGAN + 100 * DAY_MS
    world = World(20, incidents=(Incident(begins, begins + 5 * DAY_MS, 3.0),))
    changed = [team(ABANDONED, 60, world, seed, rate=0.07) for seed in range(8)]

    assert share([each.part(100, 105) for each in changed]) > 2 * share([each.part(0, 100) for each in changed])


def test_an_outage_fails_its_share_of_requests() -> None:
    """Before it only what a person's own network breaks."""
    begins = BEGAN + 56 * DAY_MS
    minutes = Requests().of_team(12, World(10), 3, (begins, begins + 7 * DAY_MS, 0.3))
    before, during = minutes.part(0, 56), minutes.part(56, 63)

    assert before.failures.sum() / before.requests.sum() < 0.005
    assert during.failures.sum() / during.requests.sum() == pytest.approx(0.3, abs=0.02)


def test_costs_are_multiplied_from_the_change_on() -> None:
    """And are the same before it."""
    usual, dearer = (Costs().of_team(12, World(20), 2, Change(70, times)) for times in (1.0, 2.0))
    later = usual.day >= 70

    assert (usual.amount[~later] == dearer.amount[~later]).all()
    assert dearer.amount[later] / usual.amount[later] == pytest.approx(2.0)


def test_the_silent_send_nothing_more() -> None:
    """Half of the people, from that day on; holidays are nobody's."""
    days = Presence().of_team(20, World(30), 4, (140, 0.5))
    before, after = days.part(0, 140), days.part(140, 210)

    assert before.sent.any(axis=0).sum() == 20
    assert after.sent.any(axis=0).sum() == 10
    assert not days.sent[days.is_holiday].any()
