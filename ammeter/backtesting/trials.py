"""Runs detectors over simulated teams: how often they cry wolf, how long they take. Rule: the seeds that chose
parameters and the thresholds of the best possible are not those that are reported.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ammeter.backtesting import rivals
from ammeter.backtesting.figures import Delay, Rate, delay, rate
from ammeter.backtesting.subjects import CHANGE_DAY, CHANGED_AT, SUBJECTS, Scenario, Subject
from ammeter.backtesting.together import LIVES, QUICK_LIVES, Life
from sources.simulator.verdicts import BEGAN, DAY_MS, Floats, Ints, Sessions, working_days
from streams.detect.catalogue import BY_NAME
from streams.detect.parameters import Calibration

CHOSEN_ON, REPORTED_ON = 1_000_000, 2_000_000
"""Where the seeds begin that parameters were chosen on, and those that are reported."""
SIZES = (3, 7, 12, 25, 60)
FIRST = "abandonment"
"""The detector that the goals for delays and the rivals are about."""
MOST_TEAMS = 1_200
YOUNG_WEEKS = 16
"""Alarms of a team's first weeks are counted apart."""
WEEKS = 68
PATIENCE_WEEKS = {3: 60, 7: 34}
"""How long a change is waited for, by team size; else 26."""

RIVALS: dict[str, Callable[[Sessions], Ints]] = {
    "fixed threshold": rivals.fixed_threshold,
    "adaptive band": rivals.adaptive_band,
    "robust band": rivals.robust_band,
}
"""They know nothing but abandonment."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How much is simulated."""

    seeds: int
    """Changes of abandonment that are to be found, of each kind and size."""
    signals: int
    """That the detector of abandonment is shown at each team size where nothing happens."""
    sizes: tuple[int, ...] = SIZES
    others: float = 0.5
    """Share of the signals for each other detector that notifies."""
    digest: float = 0.1
    """Share of the signals for what goes to a digest."""
    strong: float = 0.2
    """Share of the teams that live in the harsh world too; abandonment alone."""
    other_seeds: float = 0.08
    """Share of the seeds for all other detectors."""
    choosing: int = 1_000
    """Teams that choose the threshold of the best possible, of abandonment."""
    least: int = 12
    """Teams, however large."""
    lives: tuple[Life, ...] = LIVES
    organisations: int = 0
    """Of each kind of life, in the whole stage."""

    def teams(self, subject: Subject, people: int) -> int:
        """How many live 68 weeks."""
        share = 1.0
        if subject.name != FIRST:
            share = self.others if BY_NAME[subject.name].notifies else self.digest
        wanted = share * self.signals / (people * subject.a_week * WEEKS)
        return round(max(self.least, min(MOST_TEAMS * share, wanted)))

    def chosen(self, subject: Subject, teams: int) -> int:
        """How many teams choose the threshold of the best possible: many where goals rest on it."""
        return self.choosing if subject.name == FIRST else max(12, min(200, teams // 2))

    def changes(self, subject: Subject) -> int:
        """How many times each change is to be found."""
        return self.seeds if subject.name == FIRST else max(6, round(self.seeds * self.other_seeds))


QUICK = Effort(
    seeds=10, signals=24_000, sizes=(7, 12), others=0.4, other_seeds=0.4, choosing=100, least=2, lives=QUICK_LIVES,
    organisations=1,
)  # fmt: skip


def effort_of(seeds: int) -> Effort:
    """As much for false alarms as for delays, roughly."""
    return Effort(seeds, seeds * 4_000, organisations=max(2, seeds // 25))


@dataclass
class Trial:
    """What came out for one detector at one team size."""

    detector: str
    people: int
    false_alarms: Rate
    young: Rate
    """Of the first 16 weeks."""
    strong: Rate | None = None
    """In the harsh world: people and days more alike, and incidents that all share."""
    delays: dict[str, Delay] = field(default_factory=dict)
    """By scenario."""
    best: dict[str, Delay] = field(default_factory=dict)


def trial(subject: Subject, people: int, effort: Effort, calibration: Calibration, say: Say) -> Trial:
    """One detector at one team size."""
    say(f"{subject.name}, teams of {people}: weeks in which nothing happens")
    teams = effort.teams(subject, people)
    found = false_alarms(subject, people, range(REPORTED_ON, REPORTED_ON + teams), calibration)
    done = Trial(subject.name, people, *found)
    if subject.name == FIRST:
        some = max(effort.least, round(teams * effort.strong))
        seeds = range(REPORTED_ON, REPORTED_ON + some)
        done.strong, _ = false_alarms(subject, people, seeds, calibration, strong=True)
    say(f"{subject.name}, teams of {people}: changes that are to be found")
    changes = effort.changes(subject)
    done.delays = delays(subject, people, changes, calibration)
    for scenario in subject.scenarios:
        threshold = best_threshold(subject, people, scenario, effort.chosen(subject, teams))
        if threshold is not None:
            done.best[scenario.name] = best_delay(subject, people, scenario, threshold, changes)
    return done


def false_alarms(
    subject: Subject, people: int, seeds: Iterable[int], calibration: Calibration, *, strong: bool = False
) -> tuple[Rate, Rate]:
    """Alerts of teams to which nothing happens: of the weeks after the first 16, and of those."""
    old: list[int] = []
    young: list[int] = []
    grown = BEGAN + YOUNG_WEEKS * 7 * DAY_MS
    for seed in seeds:
        life = subject.life(people, WEEKS, seed, strong=strong)
        fired = [found.at for found in subject.play(subject.rule(calibration), life) if found.status == "firing"]
        old.append(sum(at >= grown for at in fired))
        young.append(sum(at < grown for at in fired))
    return rate(old, WEEKS - YOUNG_WEEKS), rate(young, YOUNG_WEEKS)


def delays(subject: Subject, people: int, seeds: int, calibration: Calibration) -> dict[str, Delay]:
    """Working days from each change to the first alert; teams that had one open at that moment are left out."""
    found: dict[str, list[float]] = {scenario.name: [] for scenario in subject.scenarios}
    weeks = _weeks(people)
    for seed in range(REPORTED_ON, REPORTED_ON + seeds):
        known = b""
        for scenario in subject.scenarios:
            life = subject.life(people, weeks, seed, scenario)
            if not known:
                rule = subject.rule(calibration)
                for _ in subject.play(rule, life.part(0, CHANGE_DAY)):
                    pass
                if rule.is_open:
                    break
                known = rule.pack()
            later = subject.play(subject.rule(calibration, known), life.part(CHANGE_DAY, weeks * 7))
            first = next((each.at for each in later if each.status == "firing"), None)
            found[scenario.name].append(_waited(first))
    return {name: delay(each) for name, each in found.items()}


def rival_alarms(name: str, people: int, teams: int, weeks: int) -> Rate:
    """False alarms of a rival, about abandonment."""
    subject = SUBJECTS[0]
    counts = [len(RIVALS[name](subject.life(people, weeks, seed))) for seed in range(REPORTED_ON, REPORTED_ON + teams)]
    return rate(counts, weeks)


def rival_delays(name: str, people: int, seeds: int) -> dict[str, Delay]:
    """How long a rival takes, about abandonment; a false alarm at the right moment counts for it."""
    subject = SUBJECTS[0]
    found: dict[str, list[float]] = {scenario.name: [] for scenario in subject.scenarios}
    for scenario in subject.scenarios:
        for seed in range(REPORTED_ON, REPORTED_ON + seeds):
            alarms = RIVALS[name](subject.life(people, _weeks(people), seed, scenario))
            found[scenario.name].append(_waited(_first(alarms)))
    return {name: delay(each) for name, each in found.items()}


def best_delay(subject: Subject, people: int, scenario: Scenario, threshold: float, seeds: int) -> Delay:
    """How long the best possible takes."""
    found = []
    for seed in range(REPORTED_ON, REPORTED_ON + seeds):
        known = subject.steps(subject.life(people, _weeks(people), seed, scenario), scenario)
        assert known is not None
        at, steps = known
        begin = int(np.searchsorted(at, BEGAN + (CHANGE_DAY - 28) * DAY_MS))  # its own score when the change begins
        alarms = at[begin:][rivals.cusum(steps[begin:], threshold)]
        found.append(_waited(_first(alarms)))
    return delay(found)


def best_threshold(subject: Subject, people: int, scenario: Scenario, teams: int) -> float | None:
    """The threshold at which the best possible has the detector's share of false alarms, on the seeds that choose.

    The logarithm of an alarm rate falls along a line; where alarms are too few to count, the line goes on.
    """
    walks = []
    for seed in range(CHOSEN_ON, CHOSEN_ON + teams):
        known = subject.steps(subject.life(people, WEEKS, seed), scenario)
        if known is None:
            return None
        walks.append(known[1])
    weeks, share = teams * WEEKS, BY_NAME[subject.name].share

    def threshold_of(alarms: float) -> tuple[float, float]:
        low, high = 0.2, 30.0
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if _alarms(walks, middle) > alarms else (low, middle)
        return high, math.log(max(1, _alarms(walks, high)) / weeks)

    wanted = share * weeks
    if wanted >= 60:
        return threshold_of(wanted)[0]
    (near, rate_near), (far, rate_far) = threshold_of(60), threshold_of(240)
    if rate_far == rate_near:
        return near
    return near + (math.log(share) - rate_near) * (near - far) / (rate_near - rate_far)


def _alarms(walks: Sequence[Floats], threshold: float) -> int:
    return sum(len(rivals.cusum(steps, threshold)) for steps in walks)


def _weeks(people: int) -> int:
    return CHANGE_DAY // 7 + PATIENCE_WEEKS.get(people, 26)


def _first(alarms: Ints) -> int | None:
    later = alarms[alarms >= CHANGED_AT]
    return int(later[0]) if len(later) else None


def _waited(at: int | None) -> float:
    return math.inf if at is None else working_days(at, CHANGED_AT)
