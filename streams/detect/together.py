"""All teams together: roll-ups, what is usual in the organisation, silence everywhere. Rule: teams come in order."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from streams.detect.alerts import Place
from streams.detect.calendar import Calendar
from streams.detect.finding import Finding
from streams.detect.organisation import Organisation
from streams.detect.parameters import PROPORTIONS, TOGETHER, Calibration
from streams.detect.prior import fit
from streams.detect.silence import Silence, expected
from streams.detect.watched import Tell, Watched

COMMON_TEAMS = 3
"""Of fewer teams nobody can say that the whole organisation is off."""

COMMON_SHARE = 0.5
"""Of all who are expected: if so many are silent, it is a holiday that nobody told of, or everybody's data are lost."""


class Known(msgspec.Struct, array_like=True):
    """What is remembered beside the roll-ups."""

    day: int = -1
    """The first that has not been judged."""
    priors: dict[str, tuple[float, float]] = {}
    costs: dict[int, int] = {}
    observations: dict[str, float] = {}
    """Behind the organisation's rate, by detector."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Known).decode


class Together:
    """The organisation."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._known = Known()
        self._pools = {name: Organisation(told) for name, told in TOGETHER.items()}
        self._silence = Silence("silence", calibration.of("silence"))
        self._changed: dict[str, None] = {}
        self._held: frozenset[str] = frozenset()
        self._reckon()

    def restore(self, name: str, packed: bytes) -> None:
        """Takes what was packed under a name."""
        if name in self._pools:
            self._pools[name] = Organisation.unpack(TOGETHER[name], packed)
        elif name == "silence":
            self._silence = Silence.unpack(name, self._calibration.of(name), packed)
        elif name == "organisation":
            self._known = _decode(packed)
        self._reckon()

    def changed(self) -> Iterator[tuple[str, bytes]]:
        """Drains what has changed, packed."""
        names, self._changed = self._changed, {}
        for name in names:
            if name in self._pools:
                yield name, self._pools[name].pack()
            else:
                yield name, self._silence.pack() if name == "silence" else _encode(self._known)

    @property
    def day(self) -> int:
        """The first day that has not been judged; -1: none has come yet."""
        return self._known.day

    def set_day(self, day: int) -> None:
        """Up to this one, days are judged."""
        self._known.day = day
        self._changed["organisation"] = None

    @property
    def priors(self) -> Mapping[str, tuple[float, float]]:
        """Rate and strength, by detector."""
        return self._known.priors

    @property
    def costs(self) -> Mapping[int, int]:
        """What successes cost, as a histogram."""
        return self._known.costs

    def is_known(self, name: str) -> bool:
        """Whether the organisation's rate is known well enough to hold anybody against it."""
        return name in self._held

    def take(
        self, name: str, at: int, day: int, unit: int, usual: float, hits: Mapping[int, float],
        counts: tuple[float, int, int],
    ) -> Finding | None:  # fmt: skip
        """A team's observations enter the roll-up, if the detector has one; counts: weight, observations, hits."""
        pool = self._pools.get(name)
        if pool is None:
            return None
        self._changed[name] = None
        weight, n, observed = counts
        return pool.take(at, day, unit, usual, hits, weight, n, observed)

    def release(self, name: str, unit: int) -> None:
        """A team's own alert has opened."""
        if pool := self._pools.get(name):
            self._changed[name] = None
            pool.release(unit)

    def standing(self, name: str) -> tuple[float, int]:
        """Observed to expected while the alert is open, and the epoch of the run."""
        pool = self._pools.get(name)
        return (pool.ratio, pool.epoch) if pool is not None else (1.0, 0)

    def end_day(self, at: int, day: int, teams: Sequence[Watched]) -> list[tuple[Place, Finding, str, int]]:
        """What teams have shown becomes what is usual; levels that have held for four weeks are adopted."""
        known = self._known
        for name in (*PROPORTIONS, "api_failures"):
            told = self._calibration.of(name)
            rules = [team.requests if name == "api_failures" else team.proportions[name] for team in teams]
            totals = [rule.days.totals(day + 1, told) for rule in rules if rule.day >= 0]
            mean, strength, found_from = fit(totals, told)
            known.priors[name], known.observations[name] = (mean, strength), found_from
        known.costs = {}
        for team in teams:
            for bin_, count in team.cost.histogram(day + 1).items():
                known.costs[bin_] = known.costs.get(bin_, 0) + count
        self._changed["organisation"] = None
        self._reckon()
        found = []
        for name, pool in self._pools.items():
            if adopted := pool.adopted(at, day):
                self._changed[name] = None
                found.append((Place(name, "organisation", ""), adopted[0], name, adopted[1]))
        return found

    def judge_silence(self, at: int, day: int, teams: Sequence[Watched], calendar: Calendar, tell: Tell) -> None:
        """Of whom something was expected on a day that has ended, and nothing came: by team, and all together."""
        each = [(team, *expected(team.people, day, calendar)) for team in teams]
        those = [told for told in each if told[1] or told[0].silence.is_open]
        heard = [(regulars, silent) for team, regulars, silent in those if regulars and not team.silence.is_open]
        everybody = {person: away for regulars, _ in heard for person, away in regulars.items()}
        silent = frozenset(person for _, gone in heard for person in gone)
        is_common = len(heard) >= COMMON_TEAMS and len(silent) >= COMMON_SHARE * len(everybody)
        for team, regulars, gone in those:
            if found := team.silence.end_of_day(at, day, regulars, gone, is_common):
                tell(team.place("silence"), found)
        if len(heard) >= COMMON_TEAMS or self._silence.is_open:
            self._changed["silence"] = None
            if found := self._silence.end_of_day(at, day, everybody, silent):
                tell(Place("silence", "organisation", ""), found)

    def _reckon(self) -> None:
        """Which rates are known well enough, and how well."""
        held = []
        for name in (*PROPORTIONS, "api_failures"):
            told = self._calibration.of(name)
            observations = self._known.observations.get(name, told.sure)
            if observations >= told.strength:
                held.append(name)
            if name in self._pools:
                self._pools[name].known = observations
        self._held = frozenset(held)
