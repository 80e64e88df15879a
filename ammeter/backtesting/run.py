"""A whole back-test on simulated organisations. Rule: effort and seeds decide all, not how many processes run."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from typing import TypeVar

from ammeter.backtesting.report import Report, Rival
from ammeter.backtesting.subjects import SUBJECTS, Subject
from ammeter.backtesting.together import Life, Lived, live, summed
from ammeter.backtesting.trials import (
    FIRST,
    REPORTED_ON,
    RIVALS,
    Effort,
    Trial,
    rival_alarms,
    rival_delays,
    trial,
)
from streams.detect.parameters import Calibration

RIVAL_WEEKS = 28
RIVAL_TEAMS = 40
"""Their alarms are so many that few weeks count them."""

Task = tuple[Subject, int, Effort, Calibration]
T = TypeVar("T")
U = TypeVar("U")


def run(
    effort: Effort,
    calibration: Calibration,
    say: Callable[[str], None],
    only: Sequence[str] = (),
    *,
    is_quick: bool = False,
    processes: int = 1,
) -> Report:
    """Every detector, or `only` these, at every team size, and the rivals where abandonment is among them."""
    report = Report(calibrated=calibration.calibrated, is_quick=is_quick)
    subjects = [subject for subject in SUBJECTS if not only or subject.name in only]
    tasks = [(subject, people, effort, calibration) for subject, people in product(subjects, effort.sizes)]
    for done in _trials(tasks, say, processes):
        report.trials.append(done)
        say(f"{done.detector}, teams of {done.people}: {len(report.trials)} of {len(tasks)}")
    if not only or FIRST in only:
        many = max(4, min(RIVAL_TEAMS, effort.seeds // 6))
        for name, people in product(RIVALS, effort.sizes):
            say(f"{name}, teams of {people}")
            alarms = rival_alarms(name, people, many, RIVAL_WEEKS)
            report.rivals.append(Rival(name, people, alarms, rival_delays(name, people, many)))
        seeds = range(REPORTED_ON, REPORTED_ON + effort.organisations)
        for life in effort.lives if effort.organisations else ():
            say(f"{life.scope} of {life.teams} teams, {life.name}")
            lived = list(_map(_live, [(life, seed, calibration) for seed in seeds], processes))
            report.organisations.append(summed(life, lived))
    return report


def _trials(tasks: Sequence[Task], say: Callable[[str], None], processes: int) -> Iterator[Trial]:
    if processes > 1:
        yield from _map(_silently, tasks, processes)
        return
    for task in tasks:
        yield trial(*task, say)


def _map(function: Callable[[T], U], tasks: Sequence[T], processes: int) -> Iterator[U]:
    """In the order of the tasks."""
    if processes == 1:
        yield from map(function, tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(function, tasks)


def _silently(task: Task) -> Trial:
    return trial(*task, lambda _: None)


def _live(task: tuple[Life, int, Calibration]) -> Lived:
    return live(*task)
