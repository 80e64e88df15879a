"""One team, or a bucket of small ones, with all that is watched of it. Rule: what changed is packed, nothing else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias

import msgspec

from schemas.detection import Scope
from streams.detect.alerts import Place
from streams.detect.cost import Cost
from streams.detect.finding import Finding, Status
from streams.detect.minutes import Minutes
from streams.detect.parameters import PROPORTIONS, Calibration
from streams.detect.people import People, of_user
from streams.detect.proportion import Proportion
from streams.detect.requests import Requests
from streams.detect.silence import Silence

SMALL = 7
"""A team of fewer people is watched together with others like it."""

GROWN_SMALL = 5
"""A team that was larger is small again with so many or fewer: who is away must not move it to and fro."""

BUCKET = 8
"""So many small teams are watched together."""

STRANGERS = 3
"""So many people whom the baseline does not know, at least, make another team; and the share below."""

STRANGE_SHARE = 0.3

Tell: TypeAlias = Callable[[Place, Finding], None]


class Detecting(Protocol):
    """What every rule can say of itself."""

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""

    def finding(self, at: int, status: Status) -> Finding:
        """What there is to tell, with all its figures."""

    def pack(self) -> bytes:
        """All that it remembers."""


class Standing(msgspec.Struct, array_like=True):
    """Who a team is, and how it is watched."""

    people: People = msgspec.field(default_factory=People)
    bucket: int = 0
    """In which it is watched; 0: on its own."""


_encode = msgspec.msgpack.Encoder().encode
_decode_standing = msgspec.msgpack.Decoder(Standing).decode
_decode_minutes = msgspec.msgpack.Decoder(Minutes).decode


class Watched:
    """A team or a bucket."""

    def __init__(self, scope: Scope, team_id: str, calibration: Calibration) -> None:
        self.scope, self.team_id = scope, team_id
        self.number = of_user(f"{scope}/{team_id}")
        self.standing, self.minutes = Standing(), Minutes()
        self.proportions = {name: Proportion(name, calibration.of(name)) for name in PROPORTIONS}
        self.requests = Requests("api_failures", calibration.of("api_failures"))
        self.cost = Cost("cost_per_success", calibration.of("cost_per_success"))
        self.silence = Silence("silence", calibration.of("silence"))
        self._calibration = calibration
        self._changed: dict[str, None] = {}

    def restore(self, name: str, packed: bytes) -> None:
        """Takes what was packed under a name."""
        if name in self.proportions:
            self.proportions[name] = Proportion.unpack(name, self._calibration.of(name), packed)
        elif name == "api_failures":
            self.requests = Requests.unpack(name, self._calibration.of(name), packed)
        elif name == "cost_per_success":
            self.cost = Cost.unpack(name, self._calibration.of(name), packed)
        elif name == "silence":
            self.silence = Silence.unpack(name, self._calibration.of(name), packed)
        elif name == "standing":
            self.standing = _decode_standing(packed)
        elif name == "minutes":
            self.minutes = _decode_minutes(packed)

    def touch(self, name: str) -> None:
        """What is packed under a name has changed."""
        self._changed[name] = None

    def changed(self) -> Iterator[tuple[str, bytes]]:
        """Drains what has changed, packed."""
        names, self._changed = self._changed, {}
        for name in names:
            yield name, self._pack(name)

    def place(self, name: str) -> Place:
        """Where a detector's alert about it stands."""
        return Place(name, self.scope, self.team_id)

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be packed."""
        return bool(self._changed)

    @property
    def people(self) -> People:
        """Who they are."""
        return self.standing.people

    @property
    def is_quiet(self) -> bool:
        """Whether no alert about it is open."""
        return not any(rule.is_open for rule in self._rules.values())

    def open_findings(self, at: int) -> Iterator[tuple[str, Finding]]:
        """What is open, with its figures of now."""
        for name, rule in self._rules.items():
            if rule.is_open:
                yield name, rule.finding(at, "firing")

    def seen(self, person: int, first: int, last: int) -> bool:
        """Somebody was active from one day to another; says whether nobody knew of them."""
        self.touch("standing")
        is_new = False
        for day in range(first, last + 1):
            is_new = self.people.seen(person, day) or is_new
        return is_new

    def is_another(self, day: int, week_ago: int) -> bool:
        """Whether three in ten of those who were active lately are not known to the baseline."""
        strangers, there = self.people.unknown(day, week_ago)
        return strangers >= STRANGERS and strangers >= STRANGE_SHARE * there

    def restart(self, at: int, day: int, tell: Tell) -> None:
        """It is another team: everything begins anew, and open alerts end."""
        self.people.begin_anew(day)
        self.touch("standing")
        for name, rule in (*self.proportions.items(), ("api_failures", self.requests)):
            if rule.day >= 0:
                self._tell(name, rule.restart(at, day), tell)
        if self.cost.day >= 0:
            self._tell("cost_per_success", self.cost.restart(at, day), tell)
        self.silence.restart()
        self.touch("silence")

    def set_priors(self, priors: Mapping[str, tuple[float, float]], costs: Mapping[int, int]) -> None:
        """What the organisation's record says, for the next day."""
        for name, rule in self.proportions.items():
            rule.prior = priors.get(name, rule.prior)
        self.requests.prior = priors.get("api_failures", self.requests.prior)
        self.cost.prior = costs

    def _tell(self, name: str, found: Finding | None, tell: Tell) -> None:
        self.touch(name)
        if found is not None:
            tell(self.place(name), found)

    def _pack(self, name: str) -> bytes:
        if name == "standing":
            return _encode(self.standing)
        return _encode(self.minutes) if name == "minutes" else self._rules[name].pack()

    @property
    def _rules(self) -> dict[str, Detecting]:
        return {
            **self.proportions,
            "api_failures": self.requests,
            "cost_per_success": self.cost,
            "silence": self.silence,
        }
