"""Routes: which channel hears of which alert. Rule: an address is a secret, and stands in no log and no error.

Read from TOML. The first route that takes an alert counts, and with `continue` the next ones too. Without routes every
channel hears of everything.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.detection import Severity
from schemas.wire import Anomaly

UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}

ORGANISATION = "organisation"
"""What routes and labels call everybody."""

UNASSIGNED = "unassigned"
"""And those without a team."""

Day: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class RoutesError(ValueError):
    """Routes that cannot be used: a sentence that says where and what to do."""


def span_ms(text: str) -> int:
    """A span in milliseconds. Raises ValueError.

    >>> span_ms("90m"), span_ms("7d")
    (5400000, 604800000)
    """
    found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text)
    if not found:
        raise ValueError("give minutes, hours or days, such as 90m, 4h or 7d")
    return int(found[1]) * UNIT_MS[found[2]]


def team_name(anomaly: Anomaly) -> str:
    """Whom an alert is about, as routes and labels name them."""
    if anomaly.scope == "organisation":
        return ORGANISATION
    return anomaly.team_id or UNASSIGNED


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Digest(_Part):
    day: Day = "monday"
    hour: int = Field(default=9, ge=0, le=23)


class _Route(_Part):
    channels: list[str] = Field(min_length=1)
    teams: list[str] = ["*"]
    severities: list[Severity] = ["alert", "pipeline", "digest"]
    metrics: list[str] = ["*"]
    repeat: str | None = None
    resolved: bool = True
    goes_on: bool = Field(default=False, alias="continue")


class _File(_Part):
    channels: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")], str] = Field(min_length=1)
    routes: list[_Route] = []
    repeat: str = "7d"
    timezone: str = "UTC"
    digest: _Digest | Literal[False] = _Digest()


class Rule(NamedTuple):
    """How a channel hears of an alert."""

    repeat_ms: int
    """After so long it is told again while it fires and nobody acknowledged it; 0: never."""
    resolved: bool
    """Whether it is told the end."""


@dataclass(frozen=True)
class Route:
    """Which alerts go to which channels; names may be patterns with `*`."""

    channels: tuple[str, ...]
    rule: Rule
    teams: tuple[str, ...] = ("*",)
    severities: tuple[str, ...] = ("alert", "pipeline", "digest")
    metrics: tuple[str, ...] = ("*",)
    goes_on: bool = False

    def takes(self, anomaly: Anomaly) -> bool:
        """Whether it is for this alert."""
        return (
            anomaly.severity in self.severities
            and _any(self.teams, team_name(anomaly))
            and _any(self.metrics, anomaly.detector)
        )


@dataclass(frozen=True)
class Routes:
    """All of it. `addresses` are secrets."""

    addresses: Mapping[str, str] = field(repr=False)
    routes: tuple[Route, ...]
    zone: tzinfo = UTC
    digest_day: int | None = 0
    """Monday is 0; None: there is no digest."""
    digest_hour: int = 9

    def of(self, anomaly: Anomaly) -> Mapping[str, Rule]:
        """Each channel that hears of an alert, and how."""
        found: dict[str, Rule] = {}
        for route in self.routes:
            if route.takes(anomaly):
                for channel in route.channels:
                    found.setdefault(channel, route.rule)
                if not route.goes_on:
                    break
        return found


def read_routes(text: str, secret: Callable[[str], str], detectors: Collection[str]) -> Routes:
    """The routes of a file.

    `secret` gives the address that a value stands for (`env:NAME`, `file:PATH`, or itself) and raises ValueError;
    `detectors` are the metrics that there are. Raises RoutesError.
    """
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise RoutesError(f"this is no TOML: {exc}") from None
    except ValidationError as exc:
        raise RoutesError(_first(exc.errors(include_url=False, include_input=False, include_context=False))) from None
    repeat = _repeat("repeat", file.repeat)
    given = file.routes or [_Route(channels=list(file.channels))]
    routes = tuple(_route(f"routes.{number}", each, repeat, file, detectors) for number, each in enumerate(given))
    for name in file.channels:
        if not any(name in route.channels for route in routes):
            raise RoutesError(f"channels.{name}: no route names it; add it to the channels of one, or take it out")
    days = Day.__args__  # type: ignore[attr-defined] # of a Literal
    return Routes(
        addresses={name: _address(name, value, secret) for name, value in file.channels.items()},
        routes=routes,
        zone=_zone(file.timezone),
        digest_day=days.index(file.digest.day) if file.digest else None,
        digest_hour=file.digest.hour if file.digest else 0,
    )


def _route(where: str, given: _Route, repeat: int, file: _File, detectors: Collection[str]) -> Route:
    for name in given.channels:
        if name not in file.channels:
            raise RoutesError(f"{where}.channels: {name!r} is no channel: choose {', '.join(sorted(file.channels))}")
    for pattern in given.metrics:
        if not any(fnmatchcase(name, pattern) for name in detectors):
            raise RoutesError(f"{where}.metrics: {pattern!r} is no metric: choose {', '.join(sorted(detectors))}")
    return Route(
        channels=tuple(given.channels),
        rule=Rule(repeat if given.repeat is None else _repeat(f"{where}.repeat", given.repeat), given.resolved),
        teams=tuple(given.teams),
        severities=tuple(given.severities),
        metrics=tuple(given.metrics),
        goes_on=given.goes_on,
    )


def _repeat(where: str, text: str) -> int:
    try:
        return 0 if text == "never" else span_ms(text)
    except ValueError as exc:
        raise RoutesError(f"{where}: {exc}; or never") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise RoutesError(f"timezone: {name!r} is not known here: give a name such as Europe/Berlin, or UTC") from None


def _address(name: str, value: str, secret: Callable[[str], str]) -> str:
    try:
        found = secret(value).strip()
    except ValueError as exc:
        raise RoutesError(f"channels.{name}: {exc}") from None
    if not found:
        raise RoutesError(f"channels.{name}: the address is empty")
    return found


def _any(patterns: Collection[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _first(errors: list[Any]) -> str:
    """The first fault of several; what was written there is not repeated, for it may be an address."""
    where = ".".join(str(step) for step in errors[0]["loc"])
    return f"{where}: {errors[0]['msg']}" if where else str(errors[0]["msg"])
