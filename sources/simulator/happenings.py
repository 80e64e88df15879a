"""What happens in a session, before anybody encodes it. Rule: one struct a kind, times in epoch ms, no content."""

from msgspec import Struct


class Happening(Struct, gc=False):
    """At what time, in which session, for which prompt ("" for none)."""

    at: int
    session: str
    prompt: str


class ProcessStarted(Happening):
    """The client started; its sequence begins at 0. No event of its own."""

    start_type: str


class ProcessEnded(Happening):
    """The client ended: killed, or with a reason that only a hook tells."""

    killed: bool
    reason: str


class Noise(Happening):
    """A known event that says nothing to us."""

    name: str
    detail: str = ""


class Unknown(Happening):
    """An event that no reader knows."""

    name: str
    number: int


class Prompt(Happening):
    """A prompt, a slash command, or a notice that the client put in."""

    length: int
    command: str = ""
    injected: bool = False


class Answer(Happening):
    """The model answered, or (seen False) was interrupted while it did: then only the counters know."""

    model: str
    request: str
    duration_ms: int
    ttft_ms: int
    tokens_in: int
    tokens_out: int
    cache_read: int
    cache_written: int
    cost_micros: int
    query_source: str
    agent: str
    seen: bool


class Said(Happening):
    """The model's text, by its length."""

    model: str
    request: str
    length: int
    query_source: str
    agent: str


class ApiFailure(Happening):
    """A model request failed for good. status 0: overloaded, as repeated failures say no number."""

    model: str
    request: str
    status: int
    attempts: int
    duration_ms: int
    query_source: str


class Exhausted(Happening):
    """That request had been retried until the client gave up; follows the failure."""

    model: str
    attempts: int
    duration_ms: int
    query_source: str


class Decision(Happening):
    """A tool call was allowed or refused."""

    tool: str
    use: str
    accepted: bool
    source: str
    mode: str
    request: str
    agent: str


class Result(Happening):
    """A tool call ended."""

    tool: str
    use: str
    success: bool
    duration_ms: int
    error_type: str
    bytes_in: int
    bytes_out: int
    source: str
    request: str
    agent: str
    committed: bool
    path: str = ""
    command: str = ""


class ModeChange(Happening):
    """The permission mode changed."""

    before: str
    after: str


class Compacted(Happening):
    """The context was compacted."""

    duration_ms: int
    before: int
    after: int


class SubagentDone(Happening):
    """A subagent ran to its end."""

    agent: str
    is_async: bool
    tokens: int
    tools: int
    duration_ms: int
    model: str


class Counted(Happening):
    """A counter rose: metric without its prefix, its own attributes, by how much (ms for times)."""

    metric: str
    attributes: tuple[tuple[str, str], ...]
    value: int


class Unseen(Happening):
    """What leaves no telemetry, known to the truth alone: "failure" (of a call, in validation) or "interrupt"."""

    what: str
