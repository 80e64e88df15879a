"""What is watched. Rule: the shares of all that notify, the organisation's and the reserve are the whole budget.

Rates of sequential detectors add, so the budget of one false alarm per 100 team-weeks is divided. What goes to a digest
notifies nobody and has a share of its own.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from schemas.detection import Scope, Severity

Unit = Literal["share", "micro-dollars", "people"]

BUDGET = 0.01
"""False alarms per team-week, over all detectors that notify."""

ORGANISATION_SHARE = 0.0002
"""Of it: what is said of everybody at once."""

RESERVE_SHARE = 0.0008
"""Of it: for what the assumptions leave out."""


class Detector(NamedTuple):
    """One thing that is watched."""

    name: str
    title: str
    """As it stands over a message."""
    metric: str
    """What the rate is of, in docs/metrics.md's words."""
    direction: Literal["up", "down"]
    """Which way of the figure is bad."""
    unit: Unit
    minimum_effect: str
    """The smallest change that it is built to find."""
    share: float
    """False alarms per team-week that it may raise."""
    severity: Severity
    scopes: tuple[Scope, ...]
    runbook: str
    """Heading of docs/runbooks.md, as an anchor."""
    version: int
    """Rises when the same signals would give another verdict."""

    @property
    def notifies(self) -> bool:
        """Whether somebody hears of it at once."""
        return self.severity != "digest"


CATALOGUE = (
    Detector(
        "abandonment",
        "Abandonment of troubled sessions",
        "abandonment of troubled sessions",
        "up",
        "share",
        "twice the usual rate, and at least 8 points more",
        0.004,
        "alert",
        ("team", "organisation", "bucket"),
        "abandonment",
        2,
    ),
    Detector(
        "tool_failures",
        "Tool failures",
        "failed tool calls",
        "up",
        "share",
        "twice the usual rate, and at least 3 points more",
        0.001,
        "alert",
        ("team", "organisation", "bucket"),
        "tool-failures",
        2,
    ),
    Detector(
        "api_failures",
        "Failed model requests",
        "failed model requests",
        "up",
        "share",
        "four times the usual rate, and at least 4 points more",
        0.001,
        "alert",
        ("team", "organisation"),
        "api-failures",
        2,
    ),
    Detector(
        "success",
        "Verified success",
        "verified success",
        "down",
        "share",
        "half the usual rate, and at least 8 points less",
        0.001,
        "alert",
        ("team", "organisation", "bucket"),
        "verified-success",
        2,
    ),
    Detector(
        "cost_per_success",
        "Cost per success",
        "cost per verified success",
        "up",
        "micro-dollars",
        "one and a half times the usual cost",
        0.001,
        "alert",
        ("team",),
        "cost-per-success",
        2,
    ),
    Detector(
        "silence",
        "Silence",
        "people who usually send and do not",
        "up",
        "people",
        "three in four of those who usually send",
        0.001,
        "pipeline",
        ("team", "organisation"),
        "silence",
        1,
    ),
    Detector(
        "trouble",
        "Trouble",
        "sessions that hit trouble",
        "up",
        "share",
        "one and a half times the usual rate, and at least 12 points more",
        0.004,
        "digest",
        ("team", "bucket"),
        "trouble",
        2,
    ),
    Detector(
        "rejections",
        "Rejections by people",
        "tool calls that people refuse",
        "up",
        "share",
        "three times the usual rate, and at least 2 points more",
        0.004,
        "digest",
        ("team", "bucket"),
        "rejections",
        2,
    ),
    Detector(
        "restarts",
        "Restarts",
        "sessions begun anew",
        "up",
        "share",
        "two and a half times the usual rate, and at least 4 points more",
        0.004,
        "digest",
        ("team", "bucket"),
        "restarts",
        2,
    ),
)  # fmt: skip

BY_NAME: Mapping[str, Detector] = {detector.name: detector for detector in CATALOGUE}
