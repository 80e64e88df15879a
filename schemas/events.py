"""Canonical events: what a coding assistant did, whatever client said so. Rule: past tense, integers, no content.

An event is one JSON line. Its envelope says who, when and from where; the rest is its own. Fields are only appended,
and unknown ones are ignored, so that an older reader can read what a newer writer sent.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.evidence import CommandKind, Outcome

SCHEMA_VERSION = 1

LATEST_MS = 4_102_444_800_000
"""The first moment of the year 2100: no clock that matters says more."""

Text = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Run = Annotated[str, Field(min_length=16, max_length=16)]
Count = Annotated[int, Field(ge=0, le=1 << 53)]
Amount = Annotated[int, Field(ge=-(1 << 53), le=1 << 53)]
Moment = Annotated[int, Field(ge=0, le=LATEST_MS)]
Index = Annotated[int, Field(ge=0, le=1 << 31)]

Via = Literal["", "hook"]
Source = Literal["claude-code", "codex", "gemini-cli", "copilot", "native", "transcript"]
UserIdKind = Literal["", "enduser", "email", "account", "install"]


class Envelope(BaseModel):
    """What every event carries."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    event_id: Id = Field(description="run-index: the same event has the same id however often it is sent.")
    schema_version: Literal[1] = Field(default=1, description="Of this contract.")
    source: Source = Field(description="The client that said it.")
    session_id: Id = Field(description="The client's own id of the session; also the record key.")
    run: Run = Field(description="16 hex digits: the request, file or stream that the event came in.")
    index: Index = Field(description="Place in the run; rises within it.")
    occurred_at: Moment = Field(description="When it happened, by the client's clock. Epoch milliseconds.")
    received_at: Moment = Field(description="When it was received; stamped once. Epoch milliseconds.")
    user_id: Text = Field(default="", description="Pseudonym of the person; empty where the source names nobody.")
    user_id_kind: UserIdKind = Field(default="", description="What the pseudonym was made from.")
    install_id: Text = Field(default="", description="Pseudonym of the installation.")
    team_hint: Text = Field(default="", description="The team as the client says it.")
    client_version: Text = Field(default="", description="Version of the client.")
    entrypoint: Text = Field(default="", description="How the client was started: cli, sdk-cli, claude-vscode, ...")
    prompt_id: Text = Field(default="", description="Joins the events of one prompt.")
    sequence: Count | None = Field(default=None, description="The client's own count, for loss detection only.")
    via: Via = Field(default="", description="hook: a hook told it, not telemetry.")


class SessionStarted(Envelope):
    """A session began, where the source says so."""

    type: Literal["session_started"] = "session_started"
    start_type: Text = Field(default="", description="fresh, resume, continue, ...")


class PromptSubmitted(Envelope):
    """A prompt went to the assistant."""

    type: Literal["prompt_submitted"] = "prompt_submitted"
    prompt_length: Count = Field(default=0, description="Characters.")
    command_name: Text = Field(default="", description="Of a slash command.")
    command_source: Text = Field(default="", description="builtin, custom, ...")
    injected: bool = Field(default=False, description="Put in by the client itself; nobody typed it.")


class ModelResponded(Envelope):
    """The model API answered a request."""

    type: Literal["model_responded"] = "model_responded"
    model: Text = ""
    request_id: Text = ""
    duration_ms: Count = 0
    ttft_ms: Count = Field(default=0, description="Time to the first token.")
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_creation_tokens: Count = 0
    cost_micros: Count = Field(default=0, description="Micro-dollars, as the client computes them.")
    query_source: Text = ""
    agent_id: Text = ""
    agent_name: Text = ""
    mcp_server: Text = ""
    mcp_tool: Text = ""
    speed: Text = ""
    effort: Text = ""
    reasoning_tokens: Count = Field(default=0, description="Of output_tokens: spent on thinking, where told.")


class AnswerGiven(Envelope):
    """The model's text reached the person; its length, never the text."""

    type: Literal["answer_given"] = "answer_given"
    model: Text = ""
    request_id: Text = ""
    response_length: Count = Field(default=0, description="Characters.")
    query_source: Text = ""
    agent_id: Text = ""


class ModelRequestFailed(Envelope):
    """A model request failed for good: retries that helped are invisible."""

    type: Literal["model_request_failed"] = "model_request_failed"
    kind: Literal["error", "retries_exhausted", "refusal"] = Field(
        default="error", description="retries_exhausted and refusal accompany an error; only error counts as a failure."
    )
    reason: Literal["", "overloaded", "rate_limit", "invalid_request", "auth", "server", "timeout", "other"] = Field(
        default="", description="From status and text; the text itself is dropped."
    )
    model: Text = ""
    request_id: Text = ""
    status_code: Count = Field(default=0, description="0: none was given.")
    attempts: Count = 0
    duration_ms: Count = 0
    query_source: Text = ""
    agent_id: Text = ""


class ToolDecided(Envelope):
    """A tool call was allowed or refused."""

    type: Literal["tool_decided"] = "tool_decided"
    tool_name: Text = ""
    tool_use_id: Text = ""
    decision: Literal["accept", "reject"] = "accept"
    decision_source: Text = Field(default="", description="config, hook, user_temporary, user_reject, ...")
    tool_source: Text = ""
    permission_mode: Text = ""
    request_id: Text = ""
    agent_id: Text = ""


class ToolFinished(Envelope):
    """A tool call ended, well or not."""

    type: Literal["tool_finished"] = "tool_finished"
    tool_name: Text = ""
    tool_use_id: Text = ""
    success: bool = True
    duration_ms: Count = 0
    error_type: Text = ""
    input_bytes: Count = 0
    result_bytes: Count = 0
    decision_source: Text = ""
    decision_type: Text = ""
    request_id: Text = ""
    agent_id: Text = ""
    mcp_server: Text = ""
    mcp_tool: Text = ""
    target: Text = Field(default="", description="Keyed hash of the file or command; empty where nobody shows it.")
    command_kind: CommandKind = Field(default="", description="Of a shell command: what it does.")
    interrupted: bool = Field(default=False, description="A person stopped it.")


class LinesChanged(Envelope):
    """Lines of code changed, from a source that has an event for it."""

    type: Literal["lines_changed"] = "lines_changed"
    added: Count = 0
    removed: Count = 0
    language: Text = ""


class CommitMade(Envelope):
    """A commit was made through the assistant, from a source that has an event for it."""

    type: Literal["commit_made"] = "commit_made"


class PullRequestOpened(Envelope):
    """A pull request was opened through the assistant, from a source that has an event for it."""

    type: Literal["pull_request_opened"] = "pull_request_opened"


class UsageReported(Envelope):
    """A counter that the client reports as a metric."""

    type: Literal["usage_reported"] = "usage_reported"
    name: Id = Field(description="The client's name of the metric.")
    kind: Text = Field(default="", description="What it splits by: added, removed, input, user, accept, fresh, ...")
    unit: Literal["count", "micro_usd", "ms", "micro"] = Field(
        default="count", description="Of the value; micro: millionths of the metric's own unit."
    )
    value: Amount = Field(description="The increase, or for a cumulative counter all since started_at.")
    temporality: Literal["delta", "cumulative"] = "delta"
    started_at: Moment = Field(default=0, description="From when the value counts.")
    series: Text = Field(
        default="", description="Names the series within the session; cumulative values compare by it."
    )
    model: Text = ""
    query_source: Text = ""
    tool_name: Text = ""
    decision_source: Text = ""
    language: Text = ""
    agent_name: Text = ""
    mcp_server: Text = ""
    mcp_tool: Text = ""
    effort: Text = ""


class PermissionModeChanged(Envelope):
    """The person or the client changed what runs unasked."""

    type: Literal["permission_mode_changed"] = "permission_mode_changed"
    from_mode: Text = ""
    to_mode: Text = ""
    trigger: Text = ""


class ContextCompacted(Envelope):
    """The conversation was compacted."""

    type: Literal["context_compacted"] = "context_compacted"
    trigger: Text = ""
    success: bool = True
    duration_ms: Count = 0
    pre_tokens: Count = 0
    post_tokens: Count = 0


class SubagentCompleted(Envelope):
    """A subagent ran to its end."""

    type: Literal["subagent_completed"] = "subagent_completed"
    agent_type: Text = ""
    agent_id: Text = ""
    is_async: bool = False
    total_tokens: Count = 0
    tool_uses: Count = 0
    duration_ms: Count = 0
    model: Text = ""


class TurnEnded(Envelope):
    """The assistant finished a turn, where the source says so."""

    type: Literal["turn_ended"] = "turn_ended"
    failed: bool = False
    duration_ms: Count = Field(default=0, description="As the client measured it; 0: it did not.")


class TurnInterrupted(Envelope):
    """A person interrupted a turn, where the source says so."""

    type: Literal["turn_interrupted"] = "turn_interrupted"
    during_tool: bool = False


class SessionEnded(Envelope):
    """The session ended, where the source says so."""

    type: Literal["session_ended"] = "session_ended"
    reason: Text = Field(default="", description="clear, resume, logout, prompt_input_exit, other, ...")


class OutcomeReported(Envelope):
    """How the session went, from a harness that knows; the latest holds."""

    type: Literal["outcome_reported"] = "outcome_reported"
    outcome: Outcome = "unknown"


class SequenceSeen(Envelope):
    """Known events that say nothing to us, condensed: so that gaps in the client's count still show loss."""

    type: Literal["sequence_seen"] = "sequence_seen"
    first: Count = Field(description="The lowest sequence among them.")
    last: Count = Field(description="The highest.")
    count: Count = Field(description="How many.")


class Unrecognised(Envelope):
    """An event that this version does not know: its name and its numbers, no text."""

    type: Literal["unrecognised"] = "unrecognised"
    name: Text = ""
    numbers: dict[str, float] = Field(default_factory=dict)


EVENT_MODELS: tuple[type[Envelope], ...] = (
    SessionStarted,
    PromptSubmitted,
    ModelResponded,
    AnswerGiven,
    ModelRequestFailed,
    ToolDecided,
    ToolFinished,
    LinesChanged,
    CommitMade,
    PullRequestOpened,
    UsageReported,
    PermissionModeChanged,
    ContextCompacted,
    SubagentCompleted,
    TurnEnded,
    TurnInterrupted,
    SessionEnded,
    OutcomeReported,
    SequenceSeen,
    Unrecognised,
)

Event = Annotated[
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
    | Unrecognised,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Validates one event that others wrote."""
