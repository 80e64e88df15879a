"""Derived records: what the stages remember, tell each other, and hand to the store. Rule: arrays, in this order.

Keys and values are msgpack arrays of the fields in the order given here. The first field of a table's value is the
version of the flush that wrote it, the second that of the definitions it was counted by. Fields are only appended.
Moments and spans are integer milliseconds, minutes are epoch minutes, money is micro-dollars. `Sums` is the sparse map
of schemas/counters.py: counter number to amount, both halves.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.evidence import Confidence, Outcome

DEFINITIONS = 2
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
    runs: dict[str, int] = Field(default_factory=dict, description="As `heard` was written until definitions 2.")
    series: dict[str, int] = Field(default_factory=dict, description="Cumulative counters: highest value by hash.")
    turns: dict[int, list[int]] = Field(
        default_factory=dict,
        description="Hash of a prompt: first occurred_at, ms to the last, tool calls, bits (1 counts as a turn, 2 not "
        "interactive, 4 the prompt was told, 8 a person stopped it, 16 an interruption was told).",
    )
    waiting: dict[int, dict[int, int]] = Field(
        default_factory=dict,
        description="Sums by minute, while nobody is known. At ~minute, while the session is young: what of its sums "
        "did not say how the client was started.",
    )
    told: bytes = Field(
        default=b"",
        description="The last 1,024 things that two sources might both tell, newest last: 37 bits of hash, 3 of what "
        "was told.",
    )
    marks: dict[int, int] = Field(default_factory=dict, description="schemas.evidence.Mark: latest occurred_at.")
    failing: dict[str, int] = Field(default_factory=dict, description="Target: how often it failed, up to 3.")
    outcome: str = Field(default="", description="As the client says; empty where it says nothing.")
    outcome_at: int = Field(default=0, description="occurred_at of that.")
    counted_from: int = Field(
        default=0,
        description="Who counts, two bits each. Lines, commits, pull requests: 1 the client's metrics, 2 events. "
        "Compactions, failed requests, slash commands: 1 telemetry, 2 hooks, 3 a transcript.",
    )
    heard: bytes = Field(
        default=b"",
        description="The last 64 runs, newest last: 5 bytes of hash, 4 of the highest index counted.",
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
    ended_at: int = 0
    marks: dict[int, int] = Field(default_factory=dict, description="The evidence: moments, when closed.")
    end_seen: bool = Field(default=False, description="The client said that the session ended.")
    outcome: str = Field(default="", description="As the client says.")
    source: str = Field(default="", description="The session's, as known by now.")
    entrypoint: str = Field(default="", description="The session's, as known by now: whether a person sat there.")


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
    hint: str = Field(default="", description="The team as the clients say it, whichever the directory has.")


class UserSessionKey(Record):
    """Key of `user-sessions`."""

    user_id: str
    session_id: str


class UserSession(TableValue):
    """Value of `user-sessions`: open, or closed a short while ago."""

    notice: Notice
    team_id: str
    came_back: bool = Field(description="The person opened another session after this one closed.")
    judged_at: int = Field(default=0, description="0 while its verdict is awaited.")
    counted: dict[int, int] = Field(default_factory=dict, description="What its verdict added to the person's minute.")
    counted_minute: int = Field(default=0, description="Where; stays when the verdict is void. 0: never judged.")


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


class SessionVerdict(TableValue):
    """Value of `signals`, by session: how a session went, told when its cohort closes, and again when that changes."""

    user_id: str
    team_id: str
    source: str
    is_interactive: bool
    started_at: int
    ended_at: int
    judged_at: int
    outcome: Outcome
    is_troubled: bool
    signs: int = Field(description="Bits of schemas.evidence.Sign.")
    confidence: Confidence
    replaces: bool = Field(default=False, description="A correction of an earlier verdict.")
    cost_micros: int = Field(default=0, description="What the session cost, as the client computes it.")
    tool_calls: int = Field(default=0, description="Finished tool calls.")
    tool_failures: int = Field(default=0, description="Finished tool calls that did not succeed.")
    tool_decisions: int = Field(default=0, description="Tool calls allowed or refused, by a person or by rule.")
    user_rejections: int = Field(default=0, description="Tool calls that a person refused.")
    prompts: int = Field(default=0, description="Prompts that a person typed.")


class DirectoryEntry(Record):
    """What holds of a person from a moment on, until the next entry."""

    valid_from: int = Field(ge=0, description="Epoch milliseconds; 0: ever since.")
    team_id: str = Field(default="", max_length=200, description="Empty: none, whatever the client says.")
    role: str = Field(default="", max_length=200)
    occupation: str = Field(default="", max_length=200)


class DirectoryRecord(TableValue):
    """Value of `directory`: who stands behind an identity, and what holds of them when."""

    person: str = Field(max_length=200, description="Pseudonym of the person; the same for all their identities.")
    entries: list[DirectoryEntry] = Field(description="By valid_from, rising.")


class SessionLabel(TableValue):
    """Value of `session-labels`: what somebody who read the session says of it; empty or 0: nothing."""

    session_id: str
    labelled_at: int
    labeller: str = ""
    work_mode: str = ""
    expertise: int = Field(default=0, ge=0, le=5)
    outcome: str = ""
    success_signal: int = Field(default=0, ge=0, le=5)
    failure_signal: int = Field(default=0, ge=0, le=5)
    value: int = Field(default=0, ge=0, description="Ordinal only.")
    occupation: str = ""


class Intervention(TableValue):
    """Value of `interventions`: something that was done to help, and for whom."""

    id: str
    kind: str = Field(description="training, knowledge_base, review, tool, other.")
    started_at: int
    title: str = ""
    team_id: str = Field(default="", description="Empty: everybody.")
    ended_at: int = Field(default=0, description="0: it goes on.")


class DirectoryKey(Record):
    """Key of `directory`."""

    identity: str


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
