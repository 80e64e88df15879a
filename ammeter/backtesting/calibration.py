"""Solves each detector's phi on an organisation's shuffled record. Rule: all detectors or none, and no guess where
data are few.

The logarithm of an alarm rate falls along a line with phi. Two points with enough alarms make the line; where the share
lies beyond them, the line goes on.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from ammeter.backtesting.history import REPLAYED, Record, alarms, own_level
from streams.detect.catalogue import BY_NAME
from streams.detect.parameters import PROPORTIONS, Calibration, Parameters, Tuning
from streams.detect.prior import LEAST_TEAMS

LEAST_WEEKS = 26
LEAST_PER_WEEK = 2.0
"""Observations of a team in a week, on average: with fewer there is nothing to detect by."""
MOST_SIGNALS = 800_000
"""Replayed for one point of the line."""
MOST_SHUFFLES = 60
LEAST_ALARMS = 12
"""From which a rate is read."""
FIRST, LOWEST, HIGHEST, STEP = 1.0, 0.6, 4.0, 0.2
"""Of phi, as it is searched."""

Alarms = Callable[[float], tuple[int, float]]
"""phi to alarms and team-weeks."""


@dataclass(frozen=True)
class Calibrated:
    """What was found, in sentences; without a calibration, why there is none."""

    said: list[str]
    calibration: Calibration | None


def calibrate(record: Record, before: Calibration, now: int, say: Callable[[str], None]) -> Calibrated:
    """`now`: epoch milliseconds, for the date in the file."""
    if lacks := too_little(record):
        return Calibrated(lacks, None)
    shuffles = _shuffles(record)
    records = []
    for seed in range(shuffles):
        say(f"shuffling weeks: {seed + 1} of {shuffles}")
        records.append(record.shuffled(seed))
    found: dict[str, Tuning] = {}
    said = []
    for name in REPLAYED:
        say(f"{name}: {record.team_weeks:,} team-weeks, {shuffles} times shuffled")
        old, new = before.of(name), own_level(record, name, before).of(name)
        new = msgspec.structs.replace(new, phi=_phi(records, name, new))
        found[name] = Tuning(usual=_rounded(new.usual), strength=_rounded(new.strength), phi=_rounded(new.phi))
        said.append(_change(name, old, new))
    today = datetime.fromtimestamp(now / 1000, UTC).date().isoformat()
    return Calibrated(said, Calibration(True, today, {**before.detectors, **found}))


def too_little(record: Record) -> list[str]:
    """What is missing, in sentences; empty: the record will do."""
    teams = len(record.teams)
    lacks = []
    if record.weeks < LEAST_WEEKS:
        lacks.append(f"The record holds {record.weeks} weeks; {LEAST_WEEKS} are needed.")
    if teams < LEAST_TEAMS:
        lacks.append(f"The record holds {teams} teams; {LEAST_TEAMS} are needed.")
    if lacks:
        return lacks
    for name in PROPORTIONS:
        seen = sum(name in told.observations for verdicts in record.teams.values() for told in verdicts)
        if seen < LEAST_PER_WEEK * record.team_weeks:
            lacks.append(
                f"{name}: {seen:,} sessions in {record.team_weeks:,} team-weeks; {LEAST_PER_WEEK:g} a team and week"
                " are needed."
            )
    return lacks


def solve(alarms_at: Alarms, share: float) -> float:
    """The phi at which alarms per team-week are the share, at least 0.6.

    >>> round(solve(lambda phi: (int(1e6 * math.exp(-5 * phi)), 1e6), math.exp(-5.5)), 2)
    1.1
    """
    low, (count, weeks) = FIRST, alarms_at(FIRST)
    while count <= max(LEAST_ALARMS, share * weeks) and low > LOWEST:
        low = max(LOWEST, low - STEP)
        count, weeks = alarms_at(low)
    if count <= share * weeks:
        return low
    high, fewer = low, count
    while fewer > share * weeks and high < HIGHEST:
        after = alarms_at(min(HIGHEST, high + STEP))[0]
        if after < LEAST_ALARMS:
            break
        high, fewer = min(HIGHEST, high + STEP), after
    if fewer == count:
        return HIGHEST if high == HIGHEST else high + STEP
    slope = math.log(count / fewer) / (high - low)
    return min(HIGHEST, low + math.log(count / (share * weeks)) / slope)


def _phi(records: Sequence[Record], name: str, told: Parameters) -> float:
    def alarms_at(phi: float) -> tuple[int, float]:
        tried = Calibration(True, "", {name: Tuning(usual=told.usual, strength=told.strength, phi=phi)})
        found = sum(sum(alarms(record, name, tried)) for record in records)
        return found, float(sum(record.team_weeks for record in records))

    return solve(alarms_at, BY_NAME[name].share)


def _shuffles(record: Record) -> int:
    signals = sum(len(verdicts) for verdicts in record.teams.values())
    return max(1, min(MOST_SHUFFLES, MOST_SIGNALS // max(1, signals)))


def _change(name: str, old: Parameters, new: Parameters) -> str:
    parts = [
        f"{what} {_rounded(before):g} to {_rounded(after):g}"
        for what, before, after in (
            ("phi", old.phi, new.phi),
            ("usual", old.usual, new.usual),
            ("strength", old.strength, new.strength),
        )
        if _rounded(before) != _rounded(after)
    ]
    return f"{name}: {', '.join(parts)}" if parts else f"{name}: as it was"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
