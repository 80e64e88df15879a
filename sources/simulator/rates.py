"""How often simulated clients do what real ones do. Rule: every rate stands here; a test counts each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """Shares between 0 and 1, each of what its line says."""

    resent: float = 0.02
    """Of requests: sent again whole after a second, byte for byte."""
    cut: float = 0.01
    """Of requests: the connection breaks in mid-body, then the whole body comes."""
    killed: float = 0.03
    """Of sessions: ended by SIGKILL; logs of the last 5 s and metrics since the last export are lost."""
    restarted: float = 0.5
    """Of pauses above 30 minutes: the client was left and started again, its sequence begins at 0."""
    continued: float = 0.4
    """Of those restarts: by --continue, whose start shows a throw-away session id; the others by --resume."""
    cleared: float = 0.015
    """Of shorter pauses: ended by /clear, a new session id in the same process."""
    slash: float = 0.022
    """Of prompts: a slash command comes before it."""
    mode_changed: float = 0.03
    """Of prompts: the permission mode is changed before it."""
    interrupted: float = 0.058
    """Of prompts at a terminal, but those that end in a commit: interrupted, half of them while a tool runs."""
    api_failed: float = 0.0008
    """Of model requests outside trouble: failed for good."""
    api_failed_in_trouble: float = 0.01
    """Of model requests while a session is in trouble."""
    retries_exhausted: float = 0.7
    """Of failed model requests: had been retried before."""
    unseen_failure: float = 0.33
    """Of failed tool calls: failed in validation, which leaves no telemetry at all."""
    parallel: float = 0.15
    """Of tool calls: asked for by the same answer as the one before."""
    background: float = 0.25
    """Of subagents: run in the background; their end is injected as a prompt."""
    committed: float = 0.9
    """Of sessions with a hard sign of success: end in a commit."""
    pull_request: float = 0.28
    """Of sessions with such a commit: a pull request is opened."""
    unknown_event: float = 0.02
    """Of process starts: an event that no version of the reader knows."""
    hooks: float = 0.25
    """Of people: have hooks configured (60 % of the bytes; a session's end is known)."""
    old_client: float = 0.12
    """Of people: use version 2.1.197 with fewer attributes, sent chunked."""
    protobuf: float = 0.3
    """Of people: send protobuf."""
    gzip: float = 0.15
    """Of people: send compressed."""
    cumulative: float = 0.05
    """Of people: report cumulative counters."""
    says_version: float = 0.2
    """Of people: app.version and app.entrypoint on everything."""
    resource_only: float = 0.1
    """Of people: team and name on the resource only."""
    enduser: float = 0.3
    """Of people: named by the resource attribute enduser.id."""
    install_only: float = 0.15
    """Of people: named by nothing but the installation. The rest are logged in and show an e-mail."""
    no_team: float = 0.02
    """Of people: show no team."""
    details: float = 0.3
    """Of people: show what tools are used on (OTEL_LOG_TOOL_DETAILS=1)."""
    prints: float = 0.1
    """Of people: run 30 % of their sessions in print mode, with nobody there."""
