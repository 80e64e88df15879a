"""What the rules are told. Rule: frozen, and all of it printed by `ammeter calibrate`; a rule has no other constants.

The defaults rest on the assumptions of docs/detection.md, until an organisation calibrates on its own record.
"""

from collections.abc import Mapping

import msgspec

from streams.detect.catalogue import BY_NAME, ORGANISATION_SHARE

HIGHEST_RATE = 0.99

CALIBRATED = 10_000.0
"""What a rate that an organisation found on its own record is worth, in observations."""


class Alternative(msgspec.Struct, frozen=True):
    """The level worth an alert, from the usual one: so many times it, and at least so much more.

    `falls`: what matters is the rest of the rate, and that it falls to one part in `times`, and at least by `plus`.

    >>> round(Alternative(2, 0.08).of(0.065), 3), round(Alternative(2, 0.08, falls=True).of(0.72), 3)
    (0.145, 0.86)
    """

    times: float
    plus: float
    falls: bool = False

    def of(self, usual: float) -> float:
        """The level worth an alert, where `usual` is usual."""
        if self.falls:
            rest = 1 - usual
            return min(HIGHEST_RATE, 1 - min(rest / self.times, rest - self.plus))
        return min(HIGHEST_RATE, max(usual * self.times, usual + self.plus))


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Of one detector."""

    share: float
    """False alarms per team-week."""
    usual: float = 0.0
    """Before anything is known of the organisation: the rate that a team has."""
    sure: float = 20.0
    """How many observations of the organisation that is worth; what telemetry shows of a rate differs by how it is
    used, so that the organisation's own record soon says more than any study."""
    strength: float = 150.0
    """How many observations the organisation's rate is worth for one team; by how much the teams differ."""
    strengths: tuple[float, float] = (50.0, 400.0)
    """Within these, the organisation's own record decides."""
    volume: float = 10.0
    """Observations a week, of a team of which nothing is known."""
    alternative: Alternative = Alternative(2.0, 0.08)
    rho: float = 0.10
    """Correlation of one person's observations of one day: the weight of repeats falls."""
    phi: float = 1.10
    """Inflation of the threshold, for what the weights leave of the correlation."""
    divide: float = 1.0
    """The evidence is divided by it, where observations come in bursts."""
    clip: float = 0.0
    """One step of the score is at most this part of the threshold; 0: as it comes."""
    people: int = 3
    """So many different people must be behind an alert."""
    history: int = 56
    """Days in the baseline."""
    lag: int = 28
    """The newest days, left out of it: a slow drift must not become usual while it goes on."""
    warm: int = 28
    """A younger history is used without lag."""
    freeze: float = 0.5
    """The baseline stands still while the score is above this part of the threshold."""
    clear: float = 0.5
    """An alert ends when the evidence against it passes this part of the threshold."""
    adopt: int = 28
    """After so many days open, the new level is the usual one."""
    threshold: float = 0.0
    """Fixed; 0: from the share, the volume and how well the baseline is known."""


DEFAULTS: Mapping[str, Parameters] = {
    "abandonment": Parameters(share=0.004, usual=0.065, phi=1.08),
    "tool_failures": Parameters(
        share=0.001, usual=0.037, strength=300, strengths=(100, 1000), volume=1000, alternative=Alternative(2, 0.03),
        rho=0.03, clip=1 / 3,
    ),
    "api_failures": Parameters(
        share=0.001, usual=0.003, strength=1000, strengths=(300, 10_000), volume=5000,
        alternative=Alternative(4, 0.04), divide=2.0, clip=1 / 3, phi=1.0, threshold=16.0,
    ),
    "success": Parameters(
        share=0.001, usual=0.72, strength=80, strengths=(30, 400), volume=50, alternative=Alternative(2, 0.08, True),
        phi=1.05,
    ),
    "cost_per_success": Parameters(share=0.001, strength=30, volume=5, phi=0.8, history=112, lag=7),
    "silence": Parameters(share=0.001, usual=0.15, alternative=Alternative(2.5, 0), clip=0.6, phi=1.0, threshold=9.0),
    "trouble": Parameters(
        share=0.004, usual=0.32, strength=60, strengths=(30, 400), volume=50, alternative=Alternative(1.5, 0.12),
    ),
    "rejections": Parameters(
        share=0.004, usual=0.009, strength=300, strengths=(100, 2000), volume=1000, alternative=Alternative(3, 0.02),
        rho=0.02, clip=1 / 3,
    ),
    "restarts": Parameters(share=0.004, usual=0.03, strength=150, volume=50, alternative=Alternative(2.5, 0.04)),
}  # fmt: skip
"""Of each detector of the catalogue."""


class Pooled(msgspec.Struct, frozen=True, kw_only=True):
    """How one detector is rolled up over all teams, each held against its own level."""

    told: Parameters
    caution: float = 3.0
    """Observations by which the ratio of the organisation is drawn to one."""
    most: float = 6.0
    """The ratio is taken for no higher."""


def _pooled(falls: bool = False) -> Pooled:
    return Pooled(told=Parameters(
        share=ORGANISATION_SHARE, alternative=Alternative(1.5, 0, falls), clear=0.4, phi=1.0, threshold=10.0,
    ))  # fmt: skip


TOGETHER: Mapping[str, Pooled] = {
    "abandonment": _pooled(),
    "tool_failures": _pooled(),
    "success": _pooled(falls=True),
    "api_failures": Pooled(
        told=Parameters(
            share=ORGANISATION_SHARE, alternative=Alternative(4, 0.04), divide=2.0, clip=1 / 3, phi=1.0, threshold=16.0,
        ),
        caution=0.3,
        most=300.0,
    ),
}  # fmt: skip
"""What is rolled up. An outage fails requests a hundred times as often as usual, and shows within minutes."""

PROPORTIONS = ("abandonment", "tool_failures", "success", "trouble", "rejections", "restarts")
"""Judged by the rule for proportions."""


class Tuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a calibration may set of one detector; None: as it is by default."""

    share: float | None = None
    usual: float | None = None
    strength: float | None = None
    rho: float | None = None
    phi: float | None = None
    threshold: float | None = None


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `ammeter calibrate` found on an organisation's own record. Raises ValueError for an unknown detector."""

    calibrated: bool = False
    """Else every alert says that it is calibrated on assumptions."""
    calibrated_at: str = ""
    detectors: dict[str, Tuning] = {}

    def __post_init__(self) -> None:
        if unknown := self.detectors.keys() - BY_NAME.keys():
            raise ValueError(f"no detector is called {min(unknown)!r}; there are {', '.join(BY_NAME)}")

    def of(self, name: str) -> Parameters:
        """The parameters of a detector.

        >>> Calibration(True, "", {"abandonment": Tuning(phi=1.3)}).of("abandonment").phi
        1.3
        """
        said = self.detectors.get(name, Tuning())
        values = {field: value for field in said.__struct_fields__ if (value := getattr(said, field)) is not None}
        if said.usual is not None:
            values["sure"] = CALIBRATED
        return msgspec.structs.replace(DEFAULTS[name], **values)
