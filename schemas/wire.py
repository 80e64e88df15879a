"""The hot path's twins of the models, rendered by `python -m schemas`. Rule: both accept the same.

Events are decoded from JSON by their `type`; derived records are msgpack arrays.
"""

# ruff: noqa: E501 - a rendered field stands on one line

from typing import Annotated, Literal

from msgspec import Meta, Struct, field


class Envelope(Struct, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """What every event carries."""

    event_id: Annotated[str, Meta(min_length=1, max_length=200)]
    schema_version: Literal[1] = 1
    source: Literal["claude-code", "codex", "gemini-cli", "copilot", "native", "transcript"]
    session_id: Annotated[str, Meta(min_length=1, max_length=200)]
    run: Annotated[str, Meta(min_length=16, max_length=16)]
    index: Annotated[int, Meta(ge=0, le=2147483648)]
    occurred_at: Annotated[int, Meta(ge=0, le=4102444800000)]
    received_at: Annotated[int, Meta(ge=0, le=4102444800000)]
    user_id: Annotated[str, Meta(max_length=200)] = ""
    user_id_kind: Literal["", "enduser", "email", "account", "install"] = ""
    install_id: Annotated[str, Meta(max_length=200)] = ""
    team_hint: Annotated[str, Meta(max_length=200)] = ""
    client_version: Annotated[str, Meta(max_length=200)] = ""
    entrypoint: Annotated[str, Meta(max_length=200)] = ""
    prompt_id: Annotated[str, Meta(max_length=200)] = ""
    sequence: Annotated[int, Meta(ge=0, le=9007199254740992)] | None = None
    via: Literal["", "hook"] = ""


class SessionStarted(Envelope, tag="session_started", kw_only=True):
    """A session began, where the source says so."""

    start_type: Annotated[str, Meta(max_length=200)] = ""


class PromptSubmitted(Envelope, tag="prompt_submitted", kw_only=True):
    """A prompt went to the assistant."""

    prompt_length: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    command_name: Annotated[str, Meta(max_length=200)] = ""
    command_source: Annotated[str, Meta(max_length=200)] = ""
    injected: bool = False


class ModelResponded(Envelope, tag="model_responded", kw_only=True):
    """The model API answered a request."""

    model: Annotated[str, Meta(max_length=200)] = ""
    request_id: Annotated[str, Meta(max_length=200)] = ""
    duration_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    ttft_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    input_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    output_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    cache_read_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    cache_creation_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    cost_micros: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    query_source: Annotated[str, Meta(max_length=200)] = ""
    agent_id: Annotated[str, Meta(max_length=200)] = ""
    agent_name: Annotated[str, Meta(max_length=200)] = ""
    mcp_server: Annotated[str, Meta(max_length=200)] = ""
    mcp_tool: Annotated[str, Meta(max_length=200)] = ""
    speed: Annotated[str, Meta(max_length=200)] = ""
    effort: Annotated[str, Meta(max_length=200)] = ""
    reasoning_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0


class AnswerGiven(Envelope, tag="answer_given", kw_only=True):
    """The model's text reached the person; its length, never the text."""

    model: Annotated[str, Meta(max_length=200)] = ""
    request_id: Annotated[str, Meta(max_length=200)] = ""
    response_length: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    query_source: Annotated[str, Meta(max_length=200)] = ""
    agent_id: Annotated[str, Meta(max_length=200)] = ""


class ModelRequestFailed(Envelope, tag="model_request_failed", kw_only=True):
    """A model request failed for good: retries that helped are invisible."""

    kind: Literal["error", "retries_exhausted", "refusal"] = "error"
    reason: Literal["", "overloaded", "rate_limit", "invalid_request", "auth", "server", "timeout", "other"] = ""
    model: Annotated[str, Meta(max_length=200)] = ""
    request_id: Annotated[str, Meta(max_length=200)] = ""
    status_code: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    attempts: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    duration_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    query_source: Annotated[str, Meta(max_length=200)] = ""
    agent_id: Annotated[str, Meta(max_length=200)] = ""


class ToolDecided(Envelope, tag="tool_decided", kw_only=True):
    """A tool call was allowed or refused."""

    tool_name: Annotated[str, Meta(max_length=200)] = ""
    tool_use_id: Annotated[str, Meta(max_length=200)] = ""
    decision: Literal["accept", "reject"] = "accept"
    decision_source: Annotated[str, Meta(max_length=200)] = ""
    tool_source: Annotated[str, Meta(max_length=200)] = ""
    permission_mode: Annotated[str, Meta(max_length=200)] = ""
    request_id: Annotated[str, Meta(max_length=200)] = ""
    agent_id: Annotated[str, Meta(max_length=200)] = ""


class ToolFinished(Envelope, tag="tool_finished", kw_only=True):
    """A tool call ended, well or not."""

    tool_name: Annotated[str, Meta(max_length=200)] = ""
    tool_use_id: Annotated[str, Meta(max_length=200)] = ""
    success: bool = True
    duration_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    error_type: Annotated[str, Meta(max_length=200)] = ""
    input_bytes: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    result_bytes: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    decision_source: Annotated[str, Meta(max_length=200)] = ""
    decision_type: Annotated[str, Meta(max_length=200)] = ""
    request_id: Annotated[str, Meta(max_length=200)] = ""
    agent_id: Annotated[str, Meta(max_length=200)] = ""
    mcp_server: Annotated[str, Meta(max_length=200)] = ""
    mcp_tool: Annotated[str, Meta(max_length=200)] = ""
    target: Annotated[str, Meta(max_length=200)] = ""
    command_kind: Literal["", "test", "build", "lint", "commit", "push", "pull_request", "other"] = ""
    interrupted: bool = False


class LinesChanged(Envelope, tag="lines_changed", kw_only=True):
    """Lines of code changed, from a source that has an event for it."""

    added: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    removed: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    language: Annotated[str, Meta(max_length=200)] = ""


class CommitMade(Envelope, tag="commit_made", kw_only=True):
    """A commit was made through the assistant, from a source that has an event for it."""



class PullRequestOpened(Envelope, tag="pull_request_opened", kw_only=True):
    """A pull request was opened through the assistant, from a source that has an event for it."""



class UsageReported(Envelope, tag="usage_reported", kw_only=True):
    """A counter that the client reports as a metric."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: Annotated[str, Meta(max_length=200)] = ""
    unit: Literal["count", "micro_usd", "ms", "micro"] = "count"
    value: Annotated[int, Meta(ge=-9007199254740992, le=9007199254740992)]
    temporality: Literal["delta", "cumulative"] = "delta"
    started_at: Annotated[int, Meta(ge=0, le=4102444800000)] = 0
    series: Annotated[str, Meta(max_length=200)] = ""
    model: Annotated[str, Meta(max_length=200)] = ""
    query_source: Annotated[str, Meta(max_length=200)] = ""
    tool_name: Annotated[str, Meta(max_length=200)] = ""
    decision_source: Annotated[str, Meta(max_length=200)] = ""
    language: Annotated[str, Meta(max_length=200)] = ""
    agent_name: Annotated[str, Meta(max_length=200)] = ""
    mcp_server: Annotated[str, Meta(max_length=200)] = ""
    mcp_tool: Annotated[str, Meta(max_length=200)] = ""
    effort: Annotated[str, Meta(max_length=200)] = ""


class PermissionModeChanged(Envelope, tag="permission_mode_changed", kw_only=True):
    """The person or the client changed what runs unasked."""

    from_mode: Annotated[str, Meta(max_length=200)] = ""
    to_mode: Annotated[str, Meta(max_length=200)] = ""
    trigger: Annotated[str, Meta(max_length=200)] = ""


class ContextCompacted(Envelope, tag="context_compacted", kw_only=True):
    """The conversation was compacted."""

    trigger: Annotated[str, Meta(max_length=200)] = ""
    success: bool = True
    duration_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    pre_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    post_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0


class SubagentCompleted(Envelope, tag="subagent_completed", kw_only=True):
    """A subagent ran to its end."""

    agent_type: Annotated[str, Meta(max_length=200)] = ""
    agent_id: Annotated[str, Meta(max_length=200)] = ""
    is_async: bool = False
    total_tokens: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    tool_uses: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    duration_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0
    model: Annotated[str, Meta(max_length=200)] = ""


class TurnEnded(Envelope, tag="turn_ended", kw_only=True):
    """The assistant finished a turn, where the source says so."""

    failed: bool = False
    duration_ms: Annotated[int, Meta(ge=0, le=9007199254740992)] = 0


class TurnInterrupted(Envelope, tag="turn_interrupted", kw_only=True):
    """A person interrupted a turn, where the source says so."""

    during_tool: bool = False


class SessionEnded(Envelope, tag="session_ended", kw_only=True):
    """The session ended, where the source says so."""

    reason: Annotated[str, Meta(max_length=200)] = ""


class OutcomeReported(Envelope, tag="outcome_reported", kw_only=True):
    """How the session went, from a harness that knows; the latest holds."""

    outcome: Literal["verified_success", "ended_clean", "abandoned_after_trouble", "abandoned", "restarted", "unknown"] = "unknown"


class SequenceSeen(Envelope, tag="sequence_seen", kw_only=True):
    """Known events that say nothing to us, condensed: so that gaps in the client's count still show loss."""

    first: Annotated[int, Meta(ge=0, le=9007199254740992)]
    last: Annotated[int, Meta(ge=0, le=9007199254740992)]
    count: Annotated[int, Meta(ge=0, le=9007199254740992)]


class Unrecognised(Envelope, tag="unrecognised", kw_only=True):
    """An event that this version does not know: its name and its numbers, no text."""

    name: Annotated[str, Meta(max_length=200)] = ""
    numbers: dict[str, float] = field(default_factory=dict)


Event = (
    SessionStarted
    | PromptSubmitted
    | ModelResponded
    | AnswerGiven
    | ModelRequestFailed
    | ToolDecided
    | ToolFinished
    | LinesChanged
    | CommitMade
    | PullRequestOpened
    | UsageReported
    | PermissionModeChanged
    | ContextCompacted
    | SubagentCompleted
    | TurnEnded
    | TurnInterrupted
    | SessionEnded
    | OutcomeReported
    | SequenceSeen
    | Unrecognised
)


class SessionKey(Struct, array_like=True, gc=False):
    """Key of `sessions`."""

    session_id: str
    segment: int


class SessionState(Struct, array_like=True, gc=False):
    """Value of `sessions`: one session, or the part of it since it was last forgotten."""

    version: int
    definitions: int
    source: str = ""
    client_version: str = ""
    entrypoint: str = ""
    user_id: str = ""
    user_id_kind: str = ""
    install_id: str = ""
    team_hint: str = ""
    is_open: bool = False
    started_at: int = 0
    ended_at: int = 0
    seen_at: int = 0
    closed_at: int = 0
    closing_at: int = 0
    end_reason: str = ""
    sums: dict[int, int] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    turns: dict[int, list[int]] = field(default_factory=dict)
    waiting: dict[int, dict[int, int]] = field(default_factory=dict)
    told: bytes = b''
    marks: dict[int, int] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)
    outcome: str = ""
    outcome_at: int = 0
    counted_from: int = 0
    heard: bytes = b''


class Notice(Struct, array_like=True, gc=False):
    """A session opened, closed or reopened."""

    session_id: str
    segment: int
    state: Literal["opened", "closed", "reopened"]
    at: int
    team_hint: str
    started_at: int
    end_reason: str
    sums: dict[int, int]
    ended_at: int = 0
    marks: dict[int, int] = field(default_factory=dict)
    end_seen: bool = False
    outcome: str = ""
    source: str = ""
    entrypoint: str = ""


class UserChange(Struct, array_like=True, gc=False):
    """Value of `user-changes`: what one flush of the sessions stage says about one person."""

    user_id: str
    panes: dict[str, dict[int, dict[int, int]]]
    notices: list[Notice]


class UserMinuteKey(Struct, array_like=True, gc=False):
    """Key of `user-minutes`."""

    user_id: str
    team_id: str
    minute: int
    segment: int


class UserMinute(Struct, array_like=True, gc=False):
    """Value of `user-minutes`."""

    version: int
    definitions: int
    sums: dict[int, int]
    hint: str = ""


class UserSessionKey(Struct, array_like=True, gc=False):
    """Key of `user-sessions`."""

    user_id: str
    session_id: str


class UserSession(Struct, array_like=True, gc=False):
    """Value of `user-sessions`: open, or closed a short while ago."""

    version: int
    definitions: int
    notice: Notice
    team_id: str
    came_back: bool
    judged_at: int = 0
    counted: dict[int, int] = field(default_factory=dict)
    counted_minute: int = 0


class UserKey(Struct, array_like=True, gc=False):
    """Key of `user-windows`."""

    user_id: str


class UserWindows(Struct, array_like=True, gc=False):
    """Value of `user-windows`."""

    version: int
    definitions: int
    as_of: int
    windows: list[dict[int, int]]


class TeamChange(Struct, array_like=True, gc=False):
    """Value of `team-changes`: what one flush of the users stage says about one team."""

    team_id: str
    minutes: dict[int, dict[int, int]]
    people: list[int]


class TeamMinuteKey(Struct, array_like=True, gc=False):
    """Key of `team-minutes`."""

    team_id: str
    minute: int


class TeamMinute(Struct, array_like=True, gc=False):
    """Value of `team-minutes`."""

    version: int
    definitions: int
    sums: dict[int, int]


class TeamKey(Struct, array_like=True, gc=False):
    """Key of `team-windows`."""

    team_id: str


class TeamWindows(Struct, array_like=True, gc=False):
    """Value of `team-windows`."""

    version: int
    definitions: int
    as_of: int
    people: list[int]
    windows: list[dict[int, int]]


class SessionVerdict(Struct, array_like=True, gc=False):
    """Value of `signals`, by session: how a session went, told when its cohort closes, and again when that changes."""

    version: int
    definitions: int
    user_id: str
    team_id: str
    source: str
    is_interactive: bool
    started_at: int
    ended_at: int
    judged_at: int
    outcome: Literal["verified_success", "ended_clean", "abandoned_after_trouble", "abandoned", "restarted", "unknown"]
    is_troubled: bool
    signs: int
    confidence: Literal["high", "medium", "low"]
    replaces: bool = False
    cost_micros: int = 0
    tool_calls: int = 0
    tool_failures: int = 0
    tool_decisions: int = 0
    user_rejections: int = 0
    prompts: int = 0


class SignalMinuteKey(Struct, array_like=True, gc=False):
    """Key of `signals`, of a team's minute."""

    team_id: str
    minute: int


class TeamSignal(Struct, array_like=True, gc=False):
    """Value of `signals`, by team and minute: what a team did in a closed minute, told again when it changes."""

    version: int
    definitions: int
    sums: dict[int, int]
    closed_at: int
    replaces: bool = False


class UserSignalKey(Struct, array_like=True, gc=False):
    """Key of `signals`, of a person's minute."""

    team_id: str
    minute: int
    user_id: str


class UserSignal(Struct, array_like=True, gc=False):
    """Value of `signals`, by team, minute and person: failed requests, and again when that changes."""

    version: int
    definitions: int
    api_failures: int
    responses: int


class AnomalyKey(Struct, array_like=True, gc=False):
    """Key of `anomalies`."""

    id: str


class Anomaly(Struct, array_like=True, gc=False):
    """Value of `anomalies`: one alert, with the figures that decided it."""

    version: int
    definitions: int
    detector: str
    scope: Literal["team", "organisation", "bucket"]
    team_id: str
    status: Literal["firing", "resolved"]
    severity: Literal["alert", "pipeline", "digest"]
    direction: Literal["up", "down"]
    opened_at: int
    changed_at: int
    since: int
    n: int
    observed: float
    expected: float
    usual: float
    usual_low: float
    usual_high: float
    usual_n: float
    now: float
    now_low: float
    now_high: float
    score: float
    threshold: float
    odds: float
    people: int
    detector_version: int
    calibrated: bool
    sentence: str
    resolved_at: int = 0
    reopened: int = 0
    adopted_at: int = 0


class DetectorStateKey(Struct, array_like=True, gc=False):
    """Key of `detector-states`."""

    detector: str
    team_id: str


class DetectorState(Struct, array_like=True, gc=False):
    """Value of `detector-states`."""

    version: int
    definitions: int
    state: bytes


class AlertNote(Struct, array_like=True, gc=False):
    """Value of `alert-notes`: what people said of an alert (key: its id), or that a detector is to be quiet."""

    version: int
    definitions: int
    id: Annotated[str, Meta(max_length=200)]
    detector: Annotated[str, Meta(max_length=200)]
    team_id: Annotated[str, Meta(max_length=200)] = ""
    acked_at: int = 0
    acked_by: Annotated[str, Meta(max_length=200)] = ""
    muted_until: int = 0
    useful: Literal["", "yes", "no"] = ""
    useful_by: Annotated[str, Meta(max_length=200)] = ""
    comment: Annotated[str, Meta(max_length=1000)] = ""


class AlertDeliveryKey(Struct, array_like=True, gc=False):
    """Key of `alert-deliveries`."""

    channel: str
    alert: str


class AlertDelivery(Struct, array_like=True, gc=False):
    """Value of `alert-deliveries`: what a channel has heard of an alert, and what is being sent to it."""

    version: int
    definitions: int
    word: Literal["", "firing", "resolved"]
    told_at: int
    number: int
    sending: Literal["", "opened", "again", "resolved", "digest"] = ""
    message: str = ""
    attempts: int = 0
    failure: str = ""
    failed_at: int = 0
    in_doubt: bool = False


class DirectoryKey(Struct, array_like=True, gc=False):
    """Key of `directory`."""

    identity: str


class DirectoryEntry(Struct, array_like=True, gc=False):
    """What holds of a person from a moment on, until the next entry."""

    valid_from: Annotated[int, Meta(ge=0)]
    team_id: Annotated[str, Meta(max_length=200)] = ""
    role: Annotated[str, Meta(max_length=200)] = ""
    occupation: Annotated[str, Meta(max_length=200)] = ""


class DirectoryRecord(Struct, array_like=True, gc=False):
    """Value of `directory`: who stands behind an identity, and what holds of them when."""

    version: int
    definitions: int
    person: Annotated[str, Meta(max_length=200)]
    entries: list[DirectoryEntry]


class SessionLabel(Struct, array_like=True, gc=False):
    """Value of `session-labels`: what somebody who read the session says of it; empty or 0: nothing."""

    version: int
    definitions: int
    session_id: str
    labelled_at: int
    labeller: str = ""
    work_mode: str = ""
    expertise: Annotated[int, Meta(ge=0, le=5)] = 0
    outcome: str = ""
    success_signal: Annotated[int, Meta(ge=0, le=5)] = 0
    failure_signal: Annotated[int, Meta(ge=0, le=5)] = 0
    value: Annotated[int, Meta(ge=0)] = 0
    occupation: str = ""


class Intervention(Struct, array_like=True, gc=False):
    """Value of `interventions`: something that was done to help, and for whom."""

    version: int
    definitions: int
    id: str
    kind: str
    started_at: int
    title: str = ""
    team_id: str = ""
    ended_at: int = 0


class Checkpoint(Struct, array_like=True, gc=False):
    """The record with the empty key of a stage's first table: how far it has read. Sinks skip it as a row."""

    offset: int
    now: int
    version: int


class DeadLetter(Struct, array_like=True, gc=False):
    """Value of a dead letter: where the unreadable message lies, and why it could not be read."""

    topic: str
    partition: int
    offset: int
    at: int
    reason: str
    key: bytes | None
    message: bytes | None
