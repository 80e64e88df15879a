"""A whole back-test on simulated organisations. Rule: the effort and the seeds decide all."""

from collections.abc import Callable, Sequence

from ammeter.backtesting.report import Report, Rival
from ammeter.backtesting.subjects import SUBJECTS
from ammeter.backtesting.trials import RIVALS, Effort, rival_alarms, rival_delays, trial
from streams.detect.parameters import Calibration

RIVAL_WEEKS = 28
"""Their alarms are so many that few weeks count them."""


def run(
    effort: Effort,
    calibration: Calibration,
    say: Callable[[str], None],
    only: Sequence[str] = (),
    *,
    is_quick: bool = False,
) -> Report:
    """Every detector, or `only` these, at every team size, and the rivals where abandonment is among them."""
    report = Report(calibrated=calibration.calibrated, is_quick=is_quick)
    for subject in SUBJECTS:
        if only and subject.name not in only:
            continue
        for people in effort.sizes:
            report.trials.append(trial(subject, people, effort, calibration, say))
    if not only or "abandonment" in only:
        for name in RIVALS:
            for people in effort.sizes:
                say(f"{name}, teams of {people}")
                teams = max(8, min(40, effort.seeds))
                alarms = rival_alarms(name, people, teams, RIVAL_WEEKS)
                report.rivals.append(Rival(name, people, alarms, rival_delays(name, people, min(60, effort.seeds))))
    return report
