"""What a back-test says: rows, tables, goals. Rule: a figure that was not measured is null, never zero.

Delays are in working days, false alarms per 100 team-weeks with their standard error and 95 % interval.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ammeter.backtesting.figures import Delay, Rate, mean, total
from ammeter.backtesting.together import Together
from ammeter.backtesting.trials import Trial
from streams.detect.catalogue import BUDGET, BY_NAME

STEADY, YOUNG, STRONG = "steady", "steady, first 16 weeks", "steady, harsh world"
TOGETHER = "all that notify"
AT_MOST = {TOGETHER: 100 * BUDGET, "abandonment": 100 * BY_NAME["abandonment"].share}
RATIO_AT_MOST, RATIO_FROM = 1.35, 7
"""Median delay against the best possible, in teams of so many people and more."""

Row = dict[str, Any]


@dataclass
class Rival:
    """A rule that is not ours, on abandonment."""

    name: str
    people: int
    false_alarms: Rate
    delays: Mapping[str, Delay]


class Goal(NamedTuple):
    """What must be reached, and what was."""

    what: str
    at_most: float
    found: float
    is_met: bool


@dataclass
class Report:
    """All trials of one run."""

    trials: list[Trial] = field(default_factory=list)
    rivals: list[Rival] = field(default_factory=list)
    organisations: list[Together] = field(default_factory=list)
    calibrated: bool = False
    is_quick: bool = False
    """Too few team-weeks to show that a goal is met: it is missed only where even the lower end misses it."""

    @property
    def sizes(self) -> list[int]:
        """Team sizes that were tried."""
        return sorted({trial.people for trial in self.trials})

    def pooled(self, detector: str) -> Rate:
        """Of an organisation with one team of each size."""
        return mean([trial.false_alarms for trial in self.trials if trial.detector == detector])

    def together(self, people: int | None = None) -> Rate:
        """Of all that notify, at one team size or on average of all."""
        names = [name for name in self.detectors if BY_NAME[name].notifies]
        if people is None:
            return total([self.pooled(name) for name in names])
        return total([each.false_alarms for each in self.trials if each.people == people and each.detector in names])

    @property
    def detectors(self) -> list[str]:
        """In the order of the catalogue."""
        return list(dict.fromkeys(trial.detector for trial in self.trials))

    def goals(self) -> list[Goal]:
        """Each goal of what was tried."""
        found = []
        for name, most in AT_MOST.items():
            if name != TOGETHER and name not in self.detectors:
                continue
            rate = self.together() if name == TOGETHER else self.pooled(name)
            seen = rate.low if self.is_quick else rate.high
            end = "lower" if self.is_quick else "upper"
            found.append(Goal(f"{name}: false alarms per 100 team-weeks, {end} end", most, seen, seen <= most))
        for trial in self.trials:
            if trial.detector == "abandonment" and trial.people >= RATIO_FROM:
                found += _ratios(trial, self.is_quick)
        return found

    def rows(self) -> list[Row]:
        """For JSON."""
        found: list[Row] = []
        for trial in self.trials:
            steady = trial.false_alarms
            found.append(row_of(trial.detector, STEADY, trial.people, steady))
            found.append(row_of(trial.detector, YOUNG, trial.people, trial.young))
            if trial.strong is not None:
                found.append(row_of(trial.detector, STRONG, trial.people, trial.strong))
            for scenario, delay in trial.delays.items():
                found.append(row_of(trial.detector, scenario, trial.people, steady, delay, trial.best.get(scenario)))
        found += [row_of(name, STEADY, None, self.pooled(name)) for name in self.detectors]
        found += [row_of(TOGETHER, STEADY, people, self.together(people)) for people in [*self.sizes, None]]
        best = {(t.people, name): d for t in self.trials if t.detector == "abandonment" for name, d in t.best.items()}
        for rival in self.rivals:
            found.append(row_of(rival.name, STEADY, rival.people, rival.false_alarms))
            for scenario, delay in rival.delays.items():
                found.append(
                    row_of(
                        rival.name,
                        scenario,
                        rival.people,
                        rival.false_alarms,
                        delay,
                        best.get((rival.people, scenario)),
                    )
                )
        return found + [_row_together(each) for each in self.organisations]


def _ratios(trial: Trial, is_quick: bool) -> Iterable[Goal]:
    for scenario, delay in trial.delays.items():
        best = trial.best[scenario]
        ratio = delay.median / best.median if best.median else math.inf
        seen = delay.low / best.high if is_quick else ratio
        what = f"{trial.detector}, {scenario}, teams of {trial.people}: median delay against the best possible"
        yield Goal(what, RATIO_AT_MOST, seen, seen <= RATIO_AT_MOST)


def row_of(
    detector: str, scenario: str, people: int | None, rate: Rate, delay: Delay | None = None, best: Delay | None = None
) -> Row:
    """One row for JSON: rate as far as it is known, delays in working days."""
    row: Row = {
        "detector": detector,
        "scenario": scenario,
        "team_size": people,
        "false_alarms_per_100_team_weeks": _number(rate.value),
        "median_delay_days": None if delay is None else _number(delay.median),
        "best_possible_delay_days": None if best is None else _number(best.median),
        "seeds": None if delay is None else delay.seeds,
        "standard_error": _number(rate.error),
        "low": _number(rate.low),
        "high": _number(rate.high),
        "alarms": rate.alarms,
        "team_weeks": _number(rate.team_weeks),
    }
    if delay is not None:
        row |= {
            "median_low": _number(delay.low),
            "median_high": _number(delay.high),
            "p90_delay_days": _number(delay.p90),
            "missed": _number(delay.missed),
        }
        if best is not None and best.median:
            row["against_best_possible"] = _number(delay.median / best.median)
    return row


def _row_together(found: Together) -> Row:
    """A row of an organisation or a bucket; `scope` tells it from those of single teams."""
    life = found.life
    delay = found.delay if life.events else None
    return row_of(f"{life.scope} of {life.teams} teams", life.name, life.people, found.false_alarms, delay) | {
        "scope": life.scope,
        "teams_alerts": _number(found.teams.value),
        "teams_alerts_error": _number(found.teams.error),
        "teams_alerts_without_roll_up": _number(found.alone.value),
    }


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def false_alarm_table(rows: Sequence[Row]) -> list[list[str]]:
    """A line for each detector: by team size with the standard error, and on average with the 95 % interval."""
    steady = [row for row in rows if row["scenario"] == STEADY]
    sizes = sorted({row["team_size"] for row in steady if row["team_size"] is not None})
    table = [["false alarms per 100 team-weeks", *(f"{size} people" for size in sizes), "mean of sizes", "95 %"]]
    for name in dict.fromkeys(row["detector"] for row in steady):
        by_size = {row["team_size"]: row for row in steady if row["detector"] == name}
        line = [name]
        for size in sizes:
            row = by_size.get(size)
            line.append("" if row is None else f"{_short(row['false_alarms_per_100_team_weeks'])}"
                        f" ({_short(row['standard_error'])})")  # fmt: skip
        pooled = by_size.get(None)
        if pooled is None:
            line += ["", ""]
        else:
            line += [_short(pooled["false_alarms_per_100_team_weeks"])]
            line += [f"{_short(pooled['low'])} to {_short(pooled['high'])}"]
        table.append(line)
    return table


def delay_table(rows: Sequence[Row]) -> list[list[str]]:
    """A line for each detector and change: median / 90th percentile in working days, and against the best possible."""
    changed = [row for row in rows if row["seeds"] is not None and "scope" not in row]
    sizes = sorted({row["team_size"] for row in changed})
    table = [["working days until found, median / p90", *(f"{size} people" for size in sizes), "against best possible"]]
    for name, scenario in dict.fromkeys((row["detector"], row["scenario"]) for row in changed):
        by_size = {row["team_size"]: row for row in changed if (row["detector"], row["scenario"]) == (name, scenario)}
        line = [f"{name}: {scenario}"]
        for size in sizes:
            row = by_size.get(size)
            line.append("" if row is None else f"{_days(row['median_delay_days'])} / {_days(row['p90_delay_days'])}")
        ratios = [by_size[size].get("against_best_possible") for size in sizes if size in by_size]
        line.append(" / ".join("-" if each is None else f"{each:.2f}" for each in ratios) if any(ratios) else "")
        table.append(line)
    return table


def organisation_table(rows: Sequence[Row]) -> list[list[str]]:
    """A line for each kind of life of a whole organisation: who is told, when, and what its teams hear besides."""
    table = [["what happens", "told", "false alarms per 100 team-weeks (95 %)", "median / p90", "not found",
              "alerts of teams after it, per 100 team-weeks", "without roll-up"]]  # fmt: skip
    for row in rows:
        if "scope" not in row:
            continue
        rate = f"{_short(row['false_alarms_per_100_team_weeks'])} ({_short(row['low'])} to {_short(row['high'])})"
        line = [row["scenario"], f"{row['detector']} of {row['team_size']}", rate]
        if row["seeds"] is None:
            line += ["", ""]
        else:
            days = [_days(row[name]) for name in ("median_delay_days", "p90_delay_days")]
            line += [" / ".join(days), f"{row['missed']:.0%}"]
        alarms = f"{_short(row['teams_alerts'])} ({_short(row['teams_alerts_error'])})"
        is_rolled_up = row["scope"] == "organisation"
        table.append([*line, *((alarms, _short(row["teams_alerts_without_roll_up"])) if is_rolled_up else ("", ""))])
    return table


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _days(value: float | None) -> str:
    """In the unit that fits; a working day has nine hours.

    >>> _days(0.02), _days(0.5), _days(12.34), _days(None)
    ('11 min', '4.5 h', '12', 'never')
    """
    if value is None:
        return "never"
    if value < 0.1:
        return f"{value * 540:.0f} min"
    if value < 1:
        return f"{value * 9:.1f} h"
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
