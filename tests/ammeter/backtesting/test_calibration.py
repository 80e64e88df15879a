"""Phi by an organisation's shuffled record; nothing at all where the record is too short."""

import math
from pathlib import Path

import msgspec
import pytest

from ammeter import detectors
from ammeter.backtesting import calibration
from ammeter.backtesting.history import DAY_MS, Record, replay, rows, told
from ammeter.settings import Settings, SettingsError
from sources.simulator.verdicts import Trait, World, team
from streams.detect.parameters import Calibration

NOW = 1_795_000_000_000


def record(teams: int, weeks: int, people: int = 6, clustering: float = 1.0) -> Record:
    """Simulated sessions as verdicts: a third troubled, a quarter verified, calls that fail."""
    trait = Trait(0.065, 0.02, 12.0, person=0.03, day=0.05).clustered(clustering)
    found = {}
    for seed in range(teams):
        life = team(trait, people, World(weeks), seed)
        verdicts = []
        for number, (at, person, hit) in enumerate(
            zip(life.at.tolist(), life.person.tolist(), life.hits.tolist(), strict=True)
        ):
            outcome = "abandoned_after_trouble" if hit else "verified_success" if number % 4 == 0 else "ended_clean"
            is_troubled = bool(hit) or number % 3 == 0
            verdicts.append(told(at, person, outcome, is_troubled, 500_000 + number % 7, 40, number % 5 == 0, 40, 0))
        found[f"team-{seed}"] = verdicts
    return Record(found)


def test_phi_is_where_the_line_crosses_the_share() -> None:
    """Between the points, beyond them where alarms are too few to count, and within its bounds."""

    def alarms(phi: float) -> tuple[int, float]:
        return int(1e4 * math.exp(-6 * (phi - 1))), 1e5

    assert calibration.solve(alarms, 0.02) == pytest.approx(1 + math.log(5) / 6, abs=0.02)
    assert calibration.solve(alarms, 1e-6) == pytest.approx(1 + math.log(1e5) / 6, abs=0.1)
    assert calibration.solve(lambda _: (0, 1e5), 0.004) == calibration.LOWEST
    assert calibration.solve(lambda _: (9_999, 1e5), 0.004) == calibration.HIGHEST


def test_a_short_record_says_what_is_missing() -> None:
    """And no calibration comes of it."""
    for short, missing in ((record(9, 12), "26 are needed"), (record(3, 30), "8 are needed")):
        found = calibration.calibrate(short, Calibration(), NOW, lambda _: None)

        assert found.calibration is None
        assert missing in " ".join(found.said)
    without_calls = {
        name: [told(each.at, each.person, "ended_clean", False) for each in it]
        for name, it in record(9, 30).teams.items()
    }
    lacks = calibration.too_little(Record(without_calls))
    assert [lack.partition(":")[0] for lack in lacks] == ["abandonment", "tool_failures", "rejections"]


def test_weeks_are_shuffled_whole() -> None:
    """Each person keeps their verdicts, weekdays and hours; only the weeks change places."""
    before = record(1, 30)
    after = before.shuffled(7)

    def kept(it: Record) -> list[tuple[int, int, object]]:
        week = 7 * 86_400_000
        return sorted((each.person, (each.at - 4 * 86_400_000) % week, each.micros) for each in it.teams["team-0"])

    assert kept(before) == kept(after)
    assert [each.at for each in before.teams["team-0"]] != [each.at for each in after.teams["team-0"]]
    assert after == before.shuffled(7)


def test_what_happens_to_a_team_as_a_whole_is_gone_once_shuffled() -> None:
    """A bad month of everybody is found as it was, and not when each person's bad weeks lie elsewhere."""
    bad = {}
    for name, verdicts in record(8, 52, people=8).teams.items():
        since = verdicts[0].at + 200 * DAY_MS
        bad[name] = [
            told(each.at, each.person, "abandoned_after_trouble", True)
            if since <= each.at < since + 28 * DAY_MS and number % 5 == 0
            else each
            for number, each in enumerate(verdicts)
        ]
    found = replay(Record(bad), Calibration(), ("abandonment",), lambda _: None, shuffles=2)[0]

    assert found.as_it_was.alarms >= 6
    assert found.shuffled.value < found.as_it_was.value / 2


@pytest.mark.slow
def test_what_was_found_is_written_whole_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every detector by sessions has a phi; the file gives back what was found; a failed write leaves the old one."""
    monkeypatch.setattr(calibration, "MOST_SHUFFLES", 1)
    settings = Settings(data=tmp_path)
    found = calibration.calibrate(record(8, 27, people=3), Calibration(), NOW, lambda _: None).calibration

    assert found is not None
    assert found.calibrated
    assert {"abandonment", "success", "tool_failures", "cost_per_success"} <= set(found.detectors)
    assert detectors.load(settings) == Calibration()
    detectors.store(settings, found)
    assert detectors.load(settings) == found
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        detectors.store(settings, msgspec.structs.replace(found, calibrated_at="later"))
    assert detectors.load(settings) == found
    assert [each.name for each in tmp_path.iterdir()] == ["detectors.toml"]


def test_rows_have_the_keys_of_a_back_test() -> None:
    """Of the record as it was, and shuffled."""
    found = rows(replay(record(1, 8), Calibration(), ("success",), lambda _: None, shuffles=1))

    assert [row["scenario"] for row in found] == ["own record", "own record, weeks shuffled"]
    assert found[0]["median_delay_days"] is None


@pytest.mark.parametrize("text", ["calibrated = maybe", "[detectors.nothing]\nphi = 1.0", "calibrated = true\nphi = 2"])
def test_a_file_that_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    """With what to do, and nothing half taken."""
    (tmp_path / "detectors.toml").write_text(text)

    with pytest.raises(SettingsError, match="is no calibration"):
        detectors.load(Settings(data=tmp_path))


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """Else an alert would say that it is calibrated on assumptions, and nobody would know why."""
    with pytest.raises(SettingsError, match="AMMETER_DETECTORS_FILE"):
        detectors.load(Settings(data=tmp_path, detectors_file=tmp_path / "nowhere.toml"))


@pytest.mark.slow
def test_clustering_asks_for_a_higher_phi(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the record shows decides: people and days that are more alike need a higher threshold."""
    monkeypatch.setattr(calibration, "REPLAYED", ("abandonment",))
    monkeypatch.setattr(calibration, "MOST_SHUFFLES", 2)
    found = []
    for clustering in (0.3, 6.0):
        tuned = calibration.calibrate(record(8, 40, 10, clustering), Calibration(), NOW, lambda _: None).calibration
        assert tuned is not None
        found.append(tuned.detectors["abandonment"].phi or 0.0)

    assert found[1] > found[0]
