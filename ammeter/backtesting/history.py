"""An organisation's own record: its verdicts, replayed as they were and with people's weeks shuffled.

Rule: read only, and no figure of a person leaves this file. Each person's weeks change places, whole and with their
hours: who resembles whom and what a day has in common stays, what happened to a team as a whole does not.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import msgspec

from ammeter.backtesting.figures import Rate, rate
from ammeter.backtesting.report import Row, row_of
from schemas import wire
from schemas.evidence import Outcome
from sinks.clickhouse import ClickHouse
from sinks.migrate import Databases
from streams.detect.catalogue import BY_NAME
from streams.detect.cost import Cost
from streams.detect.observed import observations
from streams.detect.parameters import PROPORTIONS, Calibration, Parameters, Tuning
from streams.detect.prior import fit
from streams.detect.proportion import Proportion

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
MONDAY = 4 * DAY_MS
"""1970-01-05: weeks begin there."""
AS_IT_WAS, SHUFFLED = "own record", "own record, weeks shuffled"
REPLAYED = (*PROPORTIONS, "cost_per_success")
"""The others watch minutes and days that all have in common: shuffled weeks say nothing of them."""
SHUFFLES = 20

_VERDICTS = """
SELECT o.team_id, o.person_id, toUnixTimestamp64Milli(o.judged_at) AS at, o.outcome, o.is_troubled,
    s.cost_micros, s.tool_calls, s.tool_failures, s.tool_accepts + s.tool_rejections, s.user_rejections
FROM ${private}.session_outcomes AS o INNER JOIN ${private}.all_sessions AS s ON s.session_id = o.session_id
WHERE o.is_interactive AND o.person_id NOT IN ('', 'unknown') ORDER BY at, o.session_id"""


class Told(NamedTuple):
    """What one verdict tells detectors."""

    at: int
    person: int
    """A number."""
    observations: Mapping[str, tuple[int, int]]
    """By detector: in how many it happened, of how many."""
    micros: int
    is_success: bool


@dataclass(frozen=True)
class Record:
    """The verdicts of each team, by time."""

    teams: Mapping[str, Sequence[Told]]

    @property
    def weeks(self) -> int:
        """From the first verdict to the last."""
        moments = [at for verdicts in self.teams.values() for at in (verdicts[0].at, verdicts[-1].at)]
        return (max(moments) - min(moments)) // WEEK_MS + 1 if moments else 0

    @property
    def team_weeks(self) -> int:
        """Weeks of each team, from its first verdict to its last."""
        return sum((each[-1].at - each[0].at) // WEEK_MS + 1 for each in self.teams.values())

    def shuffled(self, seed: int) -> "Record":
        """The same with each person's weeks in another order."""
        random_ = random.Random(seed)  # noqa: S311 - it must repeat itself
        return Record({name: _shuffled(verdicts, random_) for name, verdicts in sorted(self.teams.items())})


def read(store: ClickHouse, databases: Databases) -> Record:
    """All verdicts on interactive sessions of people who are known. Raises StoreError."""
    teams: dict[str, list[Told]] = {}
    numbers: dict[str, int] = {}
    for team, person, at, outcome, is_troubled, *counts in store.query(databases.fill(_VERDICTS)).rows:
        number = numbers.setdefault(str(person), len(numbers))
        teams.setdefault(str(team), []).append(
            told(int(at), number, str(outcome), bool(is_troubled), *map(int, counts))
        )
    return Record(teams)


def told(
    at: int,
    person: int,
    outcome: str,
    is_troubled: bool,
    micros: int = 0,
    calls: int = 0,
    failures: int = 0,
    decisions: int = 0,
    rejections: int = 0,
) -> Told:
    """What the stage would hand to its rules.

    >>> sorted(told(0, 0, "ended_clean", True).observations)
    ['abandonment', 'restarts', 'success', 'trouble']
    """
    verdict = wire.SessionVerdict(
        version=0, definitions=0, user_id="", team_id="", source="", is_interactive=True, started_at=at, ended_at=at,
        judged_at=at, outcome=cast(Outcome, outcome), is_troubled=is_troubled, signs=0, confidence="low",
        cost_micros=micros, tool_calls=calls, tool_failures=failures, tool_decisions=decisions,
        user_rejections=rejections,
    )  # fmt: skip
    counted = {name: (happened, of) for name, happened, of in observations(verdict)}
    return Told(at, person, counted, micros, outcome == "verified_success")


def _shuffled(verdicts: Sequence[Told], random_: random.Random) -> list[Told]:
    """A person stays within the weeks between the first verdict and the last."""
    weeks: dict[int, list[int]] = {}
    for verdict in verdicts:
        week = (verdict.at - MONDAY) // WEEK_MS
        span = weeks.setdefault(verdict.person, [week, week])
        span[0], span[1] = min(span[0], week), max(span[1], week)
    moved: dict[int, dict[int, int]] = {}
    for person, (first, last) in weeks.items():
        order = list(range(first, last + 1))
        random_.shuffle(order)
        moved[person] = {week: order[week - first] - week for week in range(first, last + 1)}
    found = [
        verdict._replace(at=verdict.at + moved[verdict.person][(verdict.at - MONDAY) // WEEK_MS] * WEEK_MS)
        for verdict in verdicts
    ]
    return sorted(found, key=lambda verdict: verdict.at)


def own_level(record: Record, detector: str, calibration: Calibration) -> Calibration:
    """With the rate of a team of which nothing is known, and how much teams differ, as the record has them."""
    known = calibration.of(detector)
    if detector not in PROPORTIONS:
        return calibration
    totals = [_total(verdicts, detector, known) for verdicts in record.teams.values()]
    usual, strength, _ = fit(totals, known)
    tuning = msgspec.structs.replace(calibration.detectors.get(detector, Tuning()), usual=usual, strength=strength)
    return msgspec.structs.replace(calibration, detectors={**calibration.detectors, detector: tuning})


def _total(verdicts: Iterable[Told], detector: str, known: Parameters) -> tuple[float, float]:
    """A team's observations, by what they are worth, and in how many it happened."""
    rule = Proportion(detector, known)
    n = x = 0.0
    for it in verdicts:
        counts = it.observations.get(detector)
        if counts is not None:
            happened, of = counts
            rule.begin(it.at, it.at // DAY_MS)
            weight = rule.weigh(it.person, of)
            n, x = n + weight, x + weight * happened / of
    return n, x


def alarms(record: Record, detector: str, calibration: Calibration) -> list[int]:
    """How many alerts each team would have had."""
    return [_alarms(verdicts, detector, calibration) for verdicts in record.teams.values()]


def _alarms(verdicts: Iterable[Told], detector: str, calibration: Calibration) -> int:
    known, fired = calibration.of(detector), 0
    if detector == "cost_per_success":
        cost = Cost(detector, known)
        for it in verdicts:
            found = cost.take(it.at, it.at // DAY_MS, it.person, it.micros, it.is_success)
            fired += found is not None and found.status == "firing"
        return fired
    rule = Proportion(detector, known)
    for it in verdicts:
        counts = it.observations.get(detector)
        if counts is not None:
            found = rule.take(it.at, it.at // DAY_MS, it.person, *counts)
            fired += found is not None and found.status == "firing"
    return fired


@dataclass(frozen=True)
class Replayed:
    """One detector on the organisation's record."""

    detector: str
    as_it_was: Rate
    """Alerts, true ones among them."""
    shuffled: Rate
    """What remains when nothing happens to a team as a whole: false ones."""

    @property
    def is_over(self) -> bool:
        """Whether even the lower end of the false alarms' interval is over the detector's share."""
        return self.shuffled.low > 100 * BY_NAME[self.detector].share


def replay(
    record: Record, calibration: Calibration, only: Sequence[str], say: Callable[[str], None], shuffles: int = SHUFFLES
) -> list[Replayed]:
    """Each detector, or `only` these, over the record as it was, and over so many shuffled ones."""
    found = []
    others = [record.shuffled(seed) for seed in range(shuffles)] if record.teams else []
    for name in REPLAYED:
        if only and name not in only:
            continue
        say(f"{name}: {len(record.teams)} teams, {record.weeks} weeks")
        known = own_level(record, name, calibration)
        sums = [0] * len(record.teams)
        for other in others:
            sums = [sum_ + more for sum_, more in zip(sums, alarms(other, name, known), strict=True)]
        mean_weeks = record.team_weeks / max(1, len(record.teams))
        was = rate(alarms(record, name, known), mean_weeks)
        found.append(Replayed(name, was, rate(sums, mean_weeks * max(1, len(others)))))
    return found


def rows(found: Sequence[Replayed]) -> list[Row]:
    """For JSON."""
    pairs = [(each.detector, AS_IT_WAS, each.as_it_was) for each in found]
    pairs += [(each.detector, SHUFFLED, each.shuffled) for each in found]
    return [row_of(detector, scenario, None, figures) for detector, scenario, figures in pairs]


def table(found: Sequence[Replayed]) -> list[list[str]]:
    """A line for each detector."""
    lines = [["per 100 team-weeks", "alerts in the record", "weeks shuffled: false alarms", "95 %", "share"]]
    for each in found:
        share = 100 * BY_NAME[each.detector].share
        shuffled = each.shuffled
        lines.append(
            [
                each.detector,
                f"{each.as_it_was.value:.2f} ({each.as_it_was.alarms})",
                f"{shuffled.value:.2f} ({shuffled.error:.2f})",
                f"{shuffled.low:.2f} to {shuffled.high:.2f}",
                f"{share:.2f}",
            ]
        )
    return lines
