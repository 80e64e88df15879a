"""The back-test in its quick form: what it prints, that it is repeatable, and that it notices a bad detector."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from ammeter import cli
from ammeter.backtesting.figures import Rate, mean, rate, total
from ammeter.backtesting.report import Report
from ammeter.backtesting.run import run
from ammeter.backtesting.subjects import SUBJECTS
from ammeter.backtesting.together import Life, live, summed
from ammeter.backtesting.trials import Effort, Trial
from streams.detect.catalogue import CATALOGUE
from streams.detect.parameters import Calibration, Tuning

pytestmark = pytest.mark.slow

KEYS = [
    "detector",
    "scenario",
    "team_size",
    "false_alarms_per_100_team_weeks",
    "median_delay_days",
    "best_possible_delay_days",
    "seeds",
]
SMALL = Effort(seeds=12, signals=60_000, sizes=(12,), least=3)


@pytest.fixture(scope="module")
def rows() -> list[Mapping[str, Any]]:
    """What `ammeter backtest --quick --json` prints."""
    told = CliRunner().invoke(cli.app, ["backtest", "--quick", "--json"])
    assert told.exit_code == 0, told.output
    return list(json.loads(told.stdout))


def test_every_row_begins_with_the_same_keys(rows: list[Mapping[str, Any]]) -> None:
    """And what does not apply is null."""
    assert all(list(row)[: len(KEYS)] == KEYS for row in rows)
    steady = [row for row in rows if row["scenario"] == "steady"]
    assert all(row["median_delay_days"] is None and row["seeds"] is None for row in steady)
    assert all(row["false_alarms_per_100_team_weeks"] is not None for row in steady)


def test_every_detector_of_the_catalogue_is_tried(rows: list[Mapping[str, Any]]) -> None:
    """At each size: where nothing happens and where something does; and the rules that are not ours."""
    names = {row["detector"] for row in rows}

    assert [subject.name for subject in SUBJECTS] == [detector.name for detector in CATALOGUE]
    assert names >= {*(detector.name for detector in CATALOGUE), "all that notify", "fixed threshold"}
    for subject in SUBJECTS:
        for scenario in ("steady", *(each.name for each in subject.scenarios)):
            sizes = [r["team_size"] for r in rows if (r["detector"], r["scenario"]) == (subject.name, scenario)]
            assert [size for size in sizes if size is not None] == [7, 12], (subject.name, scenario)


def test_a_large_change_is_found_and_a_small_team_waits_longer(rows: list[Mapping[str, Any]]) -> None:
    """Within weeks, by the production rules; a fixed threshold cries wolf a hundred times as often."""
    found = {(row["detector"], row["scenario"], row["team_size"]): row for row in rows}
    delays = [found["abandonment", "7 to 19 %", size]["median_delay_days"] for size in (7, 12)]

    assert 1 < delays[1] < delays[0] < 60
    alarms = [
        found[name, "steady", 12]["false_alarms_per_100_team_weeks"] for name in ("abandonment", "fixed threshold")
    ]
    assert alarms[1] > 10 * alarms[0]


def test_what_all_teams_have_is_told_of_once(rows: list[Mapping[str, Any]]) -> None:
    """By the whole stage: the organisation within days, the teams seldom; small teams by their bucket."""
    found = {row["scope"]: row for row in rows if "scope" in row}
    assert set(found) == {"organisation", "bucket"}
    everybody = found["organisation"]
    assert 0 < everybody["median_delay_days"] < 10
    assert everybody["teams_alerts"] < everybody["teams_alerts_without_roll_up"]
    assert 0 < found["bucket"]["median_delay_days"] < 20


def test_an_incident_is_everybodys_only_where_it_is() -> None:
    """What befalls one team of six is not told of all, and nobody is told where nothing happens."""
    one = Life("one team 7 to 19 %", teams=6, rising=1)
    (lived,) = [live(one, 1, Calibration())]
    assert (lived.scope, len(lived.teams)) == ([], 1)
    told = summed(one, [lived])
    assert told.delay.missed == 1.0
    assert told.teams.alarms == 1
    assert told.false_alarms.alarms == 0


def test_the_same_seeds_give_the_same_figures() -> None:
    """However many processes it takes."""
    once, again = (run(SMALL, Calibration(), lambda _: None, ["restarts"], processes=n).rows() for n in (1, 2))

    assert once == again


def test_a_detector_that_cries_wolf_misses_its_goal() -> None:
    """Half the threshold, and even the lower end of the interval is over the budget."""
    eager = Calibration(detectors={"abandonment": Tuning(phi=0.4)})
    report = run(SMALL, eager, lambda _: None, ["abandonment"], is_quick=True)

    missed = [goal.what for goal in report.goals() if not goal.is_met]
    assert any(what.startswith("abandonment: false alarms") for what in missed)


def test_a_deaf_detector_misses_its_goal() -> None:
    """Three times the threshold, and it is far slower than the best possible."""
    deaf = Calibration(detectors={"abandonment": Tuning(phi=3.0)})
    report = run(SMALL, deaf, lambda _: None, ["abandonment"], is_quick=True)

    assert any("against the best possible" in goal.what for goal in report.goals() if not goal.is_met)


def test_a_full_run_wants_the_upper_end() -> None:
    """One alarm in 5,000 team-weeks is within the share, but four hundred team-weeks would not show it."""

    def missed(weeks: float, *, is_quick: bool) -> list[str]:
        counts = [0] * 9 + [1 if weeks > 100 else 0]
        steady = rate(counts, weeks)
        report = Report([Trial("abandonment", 3, steady, steady)], is_quick=is_quick)
        return [goal.what for goal in report.goals() if not goal.is_met]

    assert missed(500, is_quick=False) == []
    assert missed(40, is_quick=True) == []
    assert [what.partition(":")[0] for what in missed(40, is_quick=False)] == ["abandonment"]


def test_sums_and_means_keep_their_intervals() -> None:
    """Two independent counts: the sum's is wider than either's, the mean's narrower."""
    one = rate([0, 1, 0, 2] * 25, 50)
    both, middle = total([one, one]), mean([one, one])

    assert both.value == pytest.approx(2 * one.value)
    assert both.high - both.value == pytest.approx(2**0.5 * (one.high - one.value))
    assert middle.high - middle.value == pytest.approx((one.high - one.value) / 2**0.5)
    assert isinstance(both, Rate)


@pytest.mark.parametrize(
    "arguments", [["--quick", "--seeds", "9"], ["--only", "nothing"], ["--quick", "--data", "/nowhere"]]
)
def test_options_that_do_not_fit_are_refused(arguments: list[str]) -> None:
    """Before anything is simulated."""
    told = CliRunner().invoke(cli.app, ["backtest", *arguments])

    assert told.exit_code != 0
    assert "SettingsError" in repr(told.exception)
