"""Derived records: what the stages remember, tell each other, and hand to the store. Rule: arrays, in this order.

Keys and values are msgpack arrays of the fields in the order given here. The first field of a table's value is the
version of the flush that wrote it, the second that of the definitions it was counted by. Fields are only appended.
Moments and spans are integer milliseconds, minutes are epoch minutes, money is micro-dollars. `Sums` is the sparse map
of schemas/counters.py: counter number to amount, both halves.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DEFINITIONS = 1
"""Rises when a counter's meaning changes, so that old rows are known by what they are."""

SPANS = (5, 60, 1440)
"""Rolling windows, in minutes: a span of s minutes at minute m holds the minutes (m - s, m]."""

SPAN_NAMES = ("5m", "1h", "24h")


class Record(BaseModel):
    """A frozen record, validated strictly."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class TableValue(Record):
    """What every table's value begins with."""

    version: int = Field(description="Of the flush: microseconds, rising within a partition.")
    definitions: int = Field(description="Of what was counted.")


class SessionKey(Record):
    """Key of `sessions`."""

    session_id: str
    segment: int = Field(description="When this incarnation came into being; rows of one session add up.")


class SessionState(TableValue):
    """Value of `sessions`: one session, or the part of it since it was last forgotten."""

    source: str = ""
    client_version: str = Field(default="", description="The highest that it showed.")
    entrypoint: str = Field(default="", description="The last in alphabetical order that it showed.")
    user_id: str = Field(default="", description="Empty while nobody is known; 'unknown' when that was given up.")
    user_id_kind: str = ""
    install_id: str = ""
    team_hint: str = Field(default="", description="Of the event that identified the session.")
    is_open: bool = False
    started_at: int = Field(default=0, description="First occurred_at.")
    ended_at: int = Field(default=0, description="Last occurred_at.")
    seen_at: int = Field(default=0, description="Latest of occurred_at and received_at: idle time counts from here.")
    closed_at: int = Field(default=0, description="0 while open.")
    closing_at: int = Field(default=0, description="occurred_at of the latest end event; only what is later reopens.")
    end_reason: str = Field(default="", description="The end event's reason, 'idle', or empty.")
    sums: dict[int, int] = Field(default_factory=dict)
    runs: dict[str, int] = Field(default_factory=dict, description="The last 64 runs: highest index counted.")
    series: dict[str, int] = Field(default_factory=dict, description="Cumulative counters: highest value per start.")
    turns: list[int] = Field(default_factory=list, description="Hashes of the prompts that count as a turn already.")
    waiting: dict[int, dict[int, int]] = Field(
        default_factory=dict, description="Sums by minute, while nobody is known."
    )


class Notice(Record):
    """A session opened, closed or reopened."""

    session_id: str
    segment: int
    state: Literal["opened", "closed", "reopened"]
    at: int
    team_hint: str
    started_at: int
    end_reason: str
    sums: dict[int, int] = Field(description="The evidence: what the session holds, when closed.")


class UserChange(Record):
    """Value of `user-changes`: what one flush of the sessions stage says about one person."""

    user_id: str
    panes: dict[str, dict[int, dict[int, int]]] = Field(description="Team hint, minute: sums to add.")
    notices: list[Notice]


class UserMinuteKey(Record):
    """Key of `user-minutes`."""

    user_id: str
    team_id: str
    minute: int
    segment: int = Field(description="0 while the minute is remembered, else the version of the flush; rows add up.")


class UserMinute(TableValue):
    """Value of `user-minutes`."""

    sums: dict[int, int]


class UserSessionKey(Record):
    """Key of `user-sessions`."""

    user_id: str
    session_id: str


class UserSession(TableValue):
    """Value of `user-sessions`: open, or closed a short while ago."""

    notice: Notice
    team_id: str
    came_back: bool = Field(description="The person opened another session after this one closed.")


class UserWindows(TableValue):
    """Value of `user-windows`."""

    as_of: int = Field(description="The minute up to which it counts.")
    windows: list[dict[int, int]] = Field(description="One a span.")


class TeamChange(Record):
    """Value of `team-changes`: what one flush of the users stage says about one team."""

    team_id: str
    minutes: dict[int, dict[int, int]]
    people: list[int] = Field(description="People more or fewer, one number a span.")


class TeamMinuteKey(Record):
    """Key of `team-minutes`."""

    team_id: str
    minute: int


class TeamMinute(TableValue):
    """Value of `team-minutes`."""

    sums: dict[int, int]


class TeamWindows(TableValue):
    """Value of `team-windows`."""

    as_of: int
    people: list[int] = Field(description="Distinct people active, one number a span.")
    windows: list[dict[int, int]]


class Checkpoint(Record):
    """The record with the empty key of a stage's first table: how far it has read. Sinks skip it as a row."""

    offset: int = Field(description="The next source record.")
    now: int = Field(description="The time that the stage has seen.")
    version: int = Field(description="Of the last flush.")


class DeadLetter(Record):
    """Value of a dead letter: where the unreadable message lies, and why it could not be read."""

    topic: str
    partition: int
    offset: int
    at: int
    reason: str
    key: bytes | None
    message: bytes | None = Field(description="The bytes, for session-events only.")


class UserKey(Record):
    """Key of `user-windows`."""

    user_id: str


class TeamKey(Record):
    """Key of `team-windows`."""

    team_id: str


DERIVED_MODELS: tuple[type[Record], ...] = (
    SessionKey,
    SessionState,
    Notice,
    UserChange,
    UserMinuteKey,
    UserMinute,
    UserSessionKey,
    UserSession,
    UserKey,
    UserWindows,
    TeamChange,
    TeamMinuteKey,
    TeamMinute,
    TeamKey,
    TeamWindows,
    Checkpoint,
    DeadLetter,
)


RECORDS: dict[str, tuple[type[Record] | None, type[Record]]] = {
    "sessions": (SessionKey, SessionState),
    "user-changes": (None, UserChange),
    "user-minutes": (UserMinuteKey, UserMinute),
    "user-sessions": (UserSessionKey, UserSession),
    "user-windows": (UserKey, UserWindows),
    "team-changes": (None, TeamChange),
    "team-minutes": (TeamMinuteKey, TeamMinute),
    "team-windows": (TeamKey, TeamWindows),
    "session-events-dlq": (None, DeadLetter),
    "user-changes-dlq": (None, DeadLetter),
    "team-changes-dlq": (None, DeadLetter),
}
"""Topic to the models of its key and value. No key model: the key is the plain id, as bytes. `session-events` holds
JSON lines of schemas/events.py instead."""
