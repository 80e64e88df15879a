"""A simulation as a stream."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import pytest

from schemas.people import Pseudonyms
from sources.simulator.canonical import count_events, messages
from sources.simulator.figures import DAY, HOUR, MINUTE
from sources.simulator.otlp import requests
from sources.simulator.plan import Plan
from sources.simulator.simulation import Ramp, Simulation, demo_simulation, ramp_before

MONDAY = 1_790_553_600_000  # 2026-09-28, 00:00 UTC
PSEUDONYMS = Pseudonyms(b"k" * 32)
SMALL = Simulation(3, 20, seed=4)


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Requests and messages of a day repeat themselves; another seed gives others."""
    day = (MONDAY + 9 * HOUR, MONDAY + 12 * HOUR)
    assert list(requests(SMALL, *day)) == list(requests(replace(SMALL), *day))
    assert list(messages(SMALL, *day, PSEUDONYMS)) == list(messages(replace(SMALL), *day, PSEUDONYMS))
    assert list(requests(SMALL, *day)) != list(requests(replace(SMALL, seed=5), *day))


@pytest.mark.parametrize("rate", [None, 2.0])
def test_a_slice_is_the_same_however_time_is_cut(rate: float | None) -> None:
    """Slices of odd lengths one after another are the whole, in content; and each can be made alone."""
    simulation = replace(SMALL, rate=rate)
    start, end = MONDAY + 9 * HOUR, MONDAY + 11 * HOUR
    cuts = [start, start + 7 * MINUTE + 13, start + 61 * MINUTE, end - 1, end]
    parts = [request for low, high in pairwise(cuts) for request in requests(simulation, low, high)]
    whole = list(requests(simulation, start, end))
    assert len(whole) > 100
    assert sorted(parts, key=repr) == sorted(whole, key=repr)


def test_everything_comes_in_order_of_time() -> None:
    """Requests and messages never go back in time, and stay within the slice."""
    start, end = MONDAY + 8 * HOUR, MONDAY + 16 * HOUR
    for times in (
        [request.at_ms for request in requests(SMALL, start, end)],
        [message.at_ms for message in messages(SMALL, start, end, PSEUDONYMS)],
    ):
        assert times == sorted(times)
        assert start <= times[0]
        assert times[-1] < end


def test_nothing_begins_before_the_beginning() -> None:
    """begins_ms holds back every session that would have begun before."""
    simulation = replace(SMALL, begins_ms=MONDAY + 10 * HOUR)
    assert not list(requests(simulation, MONDAY, MONDAY + 10 * HOUR))
    assert list(requests(simulation, MONDAY + 10 * HOUR, MONDAY + 12 * HOUR))


def test_people_keep_their_days_and_weeks() -> None:
    """Without a rate, nights and weekends are quiet; with one, the clock does not matter."""

    def begun(simulation: Simulation, start: int, end: int) -> int:
        return sum(1 for _ in simulation.plans(start, end))

    simulation = Simulation(10, 300, seed=9)
    assert begun(simulation, MONDAY + DAY, MONDAY + 2 * DAY) > 3 * begun(simulation, MONDAY + 6 * DAY, MONDAY + 7 * DAY)
    even = replace(simulation, rate=50.0)
    night, noon = (begun(even, MONDAY + hour * HOUR, MONDAY + (hour + 2) * HOUR) for hour in (2, 12))
    assert 0.8 < night / noon < 1.25


@pytest.mark.slow  # sessions enough to tell a rate from chance
def test_a_rate_is_kept() -> None:
    """The wanted events a second come, within 15 %, from the first minutes on."""
    simulation = Simulation(10, 145, 50.0, seed=2)
    told = sum(
        count_events(delivery)
        for _, _, delivery in simulation.deliveries(MONDAY, MONDAY + 3 * HOUR)
        if not delivery.lost
    )
    assert 0.85 < told / (50 * 3 * 3600) < 1.15


def test_memory_holds_live_sessions_only() -> None:
    """Four times the time takes no more memory."""

    def peak(hours: int) -> int:
        tracemalloc.start()
        for _ in Simulation(2, 20, 2.0, seed=1).deliveries(MONDAY, MONDAY + hours * HOUR):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(8) < 2 * peak(2)


def _plans(simulation: Simulation, start: int, end: int) -> tuple[list[Plan], list[Plan]]:
    """Those of the troubled team, and all others."""
    team = simulation.organisation.troubled_team
    plans = list(simulation.plans(start, end))
    return [plan for plan in plans if plan.person.team == team], [plan for plan in plans if plan.person.team != team]


def test_the_scenario_changes_one_team_and_nothing_else() -> None:
    """Rising abandonment leaves every other team's sessions byte for byte, and all sessions' beginnings."""
    rising = demo_simulation(6, MONDAY + 14 * DAY)
    steady = replace(rising, scenario="steady", ramp=None)
    week = (MONDAY + 7 * DAY, MONDAY + 14 * DAY)
    (risen, others), (usual, same) = _plans(rising, *week), _plans(steady, *week)
    assert others == same
    changed = 0
    for now, before in zip(risen, usual, strict=True):
        assert now.turns == before.turns[: len(now.turns)]
        changed += now.abandoned and not before.abandoned
        assert now == before or now.abandoned
    assert changed > 10


@pytest.mark.slow  # likewise
def test_abandonment_follows_the_study_and_the_ramp() -> None:
    """Of troubled sessions 5 to 8 % are abandoned usually; at the ramp's end, in the troubled team, its peak."""
    now = MONDAY + 200 * DAY
    simulation = replace(demo_simulation(3, now), ramp=Ramp(MONDAY, MONDAY + 1))
    start, end = MONDAY + DAY, MONDAY + 60 * DAY
    for plans, low, high in zip(_plans(simulation, start, end), (0.55, 0.05), (0.65, 0.08), strict=True):
        troubled = [plan for plan in plans if plan.trouble >= 0]
        assert low < sum(plan.abandoned for plan in troubled) / len(troubled) < high


def test_the_default_ramp_ends_five_days_before_now() -> None:
    """The chance is the usual one eight days ago, and the peak since the fifth."""
    now = MONDAY
    ramp = ramp_before(now)
    assert ramp.chance(0.06, now - 9 * DAY) == 0.06
    assert ramp.chance(0.06, now - 5 * DAY) == ramp.chance(0.06, now + DAY) == pytest.approx(ramp.peak)
    assert 0.06 < ramp.chance(0.06, now - 6 * DAY) < ramp.peak


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scenario": "calm"}, "There is no scenario"),
        ({"scenario": "rising-abandonment"}, "needs a ramp"),
        ({"ramp": Ramp(0, 1)}, "no other takes one"),
        ({"rate": 0.0}, "above zero"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, object], said: str) -> None:
    """What cannot be simulated is an error that says why."""
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **changes)  # type: ignore[arg-type]  # wrong on purpose


def test_a_moved_simulation_is_the_same_whole_hours_later() -> None:
    """Any hour can be a working hour: people, sessions and troubles are the same, later by so much."""
    simulation = demo_simulation(3, 1_768_402_800_000)
    by = 1000 * HOUR

    before = list(simulation.plans(1_768_390_000_000, 1_768_400_000_000))
    after = list(simulation.moved(by).plans(1_768_390_000_000 + by, 1_768_400_000_000 + by))

    assert before
    assert [(plan.person.number, plan.at + by) for plan in before] == [(plan.person.number, plan.at) for plan in after]
