"""Records of detection: what detectors watch, what they say and remember. Rule: arrays, as in schemas/derived.py.

Topic `signals` holds three kinds of records, told apart by their keys (schemas/signals.py): the verdict on a session, a
closed minute of a team, and a person's failed model requests in a minute. Rates are shares of one, costs micro-dollars.
"""

from typing import Literal

from pydantic import Field

from schemas.derived import Record, TableValue

Scope = Literal["team", "organisation", "bucket"]
"""Whom an alert is about: one team, everybody, or a bucket of teams that are too small to be watched alone."""

Severity = Literal["alert", "pipeline", "digest"]
"""alert: to the people of the team. pipeline: to those who run Ammeter. digest: once a week, never at once."""


class SignalMinuteKey(Record):
    """Key of `signals`, of a team's minute."""

    team_id: str
    minute: int


class TeamSignal(TableValue):
    """Value of `signals`, by team and minute: what a team did in a closed minute, told again when it changes."""

    sums: dict[int, int]
    closed_at: int = Field(description="When it was told first; the time of the stage.")
    replaces: bool = Field(default=False, description="A correction of what was told before.")


class UserSignalKey(Record):
    """Key of `signals`, of a person's minute."""

    team_id: str
    minute: int
    user_id: str


class UserSignal(TableValue):
    """Value of `signals`, by team, minute and person: failed requests, and again when that changes."""

    api_failures: int
    responses: int


class AnomalyKey(Record):
    """Key of `anomalies`."""

    id: str


class Anomaly(TableValue):
    """Value of `anomalies`: one alert, with the figures that decided it."""

    detector: str = Field(description="Of streams/detect/catalogue.py.")
    scope: Scope
    team_id: str = Field(description="Empty: the organisation. Of a bucket its name.")
    status: Literal["firing", "resolved"]
    severity: Severity
    direction: Literal["up", "down"] = Field(description="Where the figure went.")
    opened_at: int
    changed_at: int = Field(description="When the status changed last.")
    since: int = Field(description="About when the change began, as far as it can be told.")
    n: int = Field(description="Observations since then.")
    observed: float = Field(description="How many of them it happened in (of cost: the sum).")
    expected: float = Field(description="How many were to be expected.")
    usual: float
    usual_low: float = Field(description="Of the 90 % interval.")
    usual_high: float
    usual_n: float = Field(description="Observations behind the usual level, worn off with age.")
    now: float = Field(description="Level since `since`.")
    now_low: float = Field(description="Of the 90 % interval.")
    now_high: float
    score: float = Field(description="The evidence.")
    threshold: float = Field(description="What the evidence had to exceed.")
    odds: float = Field(description="How many times likelier the change makes what was seen.")
    people: int = Field(description="At least so many different people are behind it.")
    detector_version: int
    calibrated: bool = Field(description="On the organisation's own record; else on assumptions.")
    sentence: str = Field(description="For a person.")
    resolved_at: int = Field(default=0, description="0: firing.")
    reopened: int = Field(default=0, description="How often it came back soon and was merged.")
    adopted_at: int = Field(default=0, description="When the new level was taken for the usual one; 0: it was not.")


class DetectorStateKey(Record):
    """Key of `detector-states`."""

    detector: str
    team_id: str


class DetectorState(TableValue):
    """Value of `detector-states`."""

    state: bytes = Field(description="The detector's own.")


class AlertNote(TableValue):
    """Value of `alert-notes`: what people said of an alert (key: its id), or that a detector is to be quiet."""

    id: str = Field(max_length=200, description="Of the alert; of a mute, its key: mute:<detector>:<team_id>.")
    detector: str = Field(max_length=200)
    team_id: str = Field(default="", max_length=200, description="Empty: the organisation.")
    acked_at: int = Field(default=0, description="0: nobody has.")
    acked_by: str = Field(default="", max_length=200)
    muted_until: int = Field(default=0, description="0: not muted.")
    useful: Literal["", "yes", "no"] = ""
    useful_by: str = Field(default="", max_length=200)
    comment: str = Field(default="", max_length=1000)


class AlertDeliveryKey(Record):
    """Key of `alert-deliveries`."""

    channel: str
    alert: str = Field(description="Id of the alert; 'digest' of the weekly one.")


class AlertDelivery(TableValue):
    """Value of `alert-deliveries`: what a channel has heard of an alert, and what is being sent to it."""

    word: Literal["", "firing", "resolved"] = Field(description="The last that the channel took; empty: nothing.")
    told_at: int = Field(description="When it took it; of the digest, up to when it was due. 0: never.")
    number: int = Field(description="Messages so far, the one that is being sent included.")
    sending: Literal["", "opened", "again", "resolved", "digest"] = Field(
        default="", description="What is being sent; empty: nothing."
    )
    message: str = Field(default="", description="Id of the last message; the same when it is sent again.")
    attempts: int = Field(default=0, description="Of the message that is being sent.")
    failure: str = Field(default="", description="Why the last attempt failed, without any address.")
    failed_at: int = Field(default=0, description="When it failed; 0: it did not.")
    in_doubt: bool = Field(default=False, description="Whether what is being sent may have been taken already.")
