"""The lines of a transcript, decoded as far as something is read of them. Rule: what says nothing is not decoded.

The format is the client's own and moves with every version: an unknown field or type is normal, and is passed over.
"""

from datetime import datetime
from typing import Any

from msgspec import DecodeError, Raw, Struct, ValidationError, field, json

from schemas.events import LATEST_MS

SKIPPED = frozenset(
    [
        b"agent-name",
        b"ai-title",
        b"api-request",
        b"api-request-blob",
        b"api-request-shape",
        b"content-replacement",
        b"cost-state",
        b"custom-title",
        b"file-history-delta",
        b"file-history-snapshot",
        b"last-prompt",
        b"mode",
        b"permission-mode",
        b"progress",
        b"queue-operation",
        b"summary",
        b"tools-used",
        b"worktree-state",
    ]
)
"""Types that say nothing that is counted. progress repeats what the files of subagents hold; summary belongs to others'
sessions; queue-operation is followed by the prompt itself."""

_TYPE = b'"type":"'
_QUEUED = b'"queued_command"'


class Block(Struct, gc=False):
    """A part of a message: text, a tool call, or its result."""

    type: str = ""
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = Raw(b"null")
    tool_use_id: str | None = None
    content: Raw = Raw(b"null")
    is_error: bool | None = None


class Usage(Struct, gc=False):
    """What one request took."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    speed: str | None = None


class Message(Struct, gc=False):
    """What went to the model, or came from it."""

    id: str | None = None
    model: str | None = None
    content: str | list[Block] | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class Origin(Struct, gc=False):
    """Who put a prompt there."""

    kind: str | None = None


class Decision(Struct, gc=False):
    """Whether a call was allowed, and by whom."""

    decision: str | None = None
    source: str | None = None


class Attachment(Struct, rename="camel", gc=False):
    """What the client laid beside a prompt; a prompt typed while the model worked is one too."""

    type: str = ""
    prompt: Raw = Raw(b"null")
    source_uuid: str | None = field(name="source_uuid", default=None)
    command_mode: str | None = None
    origin: Origin | None = None


class Compaction(Struct, rename="camel", gc=False):
    """What is said of a compaction."""

    trigger: str | None = None
    pre_tokens: int | None = None
    post_tokens: int | None = None
    duration_ms: float | None = None


class Record(Struct, rename="camel", gc=False):
    """One line."""

    type: str = ""
    subtype: str | None = None
    uuid: str | None = None
    session_id: str | None = None
    timestamp: str | None = None
    prompt_id: str | None = None
    request_id: str | None = None
    agent_id: str | None = None
    is_sidechain: bool | None = None
    is_meta: bool | None = None
    is_compact_summary: bool | None = None
    is_visible_in_transcript_only: bool | None = None
    is_api_error_message: bool | None = None
    version: str | None = None
    entrypoint: str | None = None
    effort: str | None = None
    message: Message | None = None
    attachment: Attachment | None = None
    origin: Origin | None = None
    forked_from: Raw = Raw(b"null")
    tool_use_result: Raw = Raw(b"null")
    tool_denial_kind: str | None = None
    permission_decision: Decision | None = None
    api_error_status: int | None = None
    api_error_type: str | None = None
    error: Raw = Raw(b"null")
    duration_ms: float | None = None
    compact_metadata: Compaction | None = None
    pr_url: str | None = None

    @property
    def is_copy(self) -> bool:
        """Whether a branch took it over from the conversation that it began in."""
        return begins_with(self.forked_from, b"{")


class Input(Struct, gc=False):
    """What a tool call works on."""

    command: str | None = None
    file_path: str | None = None
    notebook_path: str | None = None
    path: str | None = None


class Hunk(Struct, gc=False):
    """A part of a patch."""

    lines: list[str] = []


class Result(Struct, rename="camel", gc=False):
    """What a tool call's structured result says."""

    type: str | None = None
    content: Raw = Raw(b"null")
    structured_patch: list[Hunk] | None = None
    interrupted: bool | None = None
    agent_id: str | None = None
    agent_type: str | None = None
    status: str | None = None
    total_duration_ms: float | None = None
    total_tokens: int | None = None
    total_tool_use_count: int | None = None


class Malformed(ValueError):
    """A line that is no record; says why, without a word of the line."""


_record = json.Decoder(Record).decode
_input = json.Decoder(Input).decode
_result = json.Decoder(Result).decode
_text = json.Decoder(str).decode
_blocks = json.Decoder(list[Block]).decode
_object = json.Decoder(dict[str, Any]).decode


def read_record(line: bytes) -> Record | None:
    """The record of a line; None for one of a type that says nothing. Raises Malformed."""
    if len(line) < 3 and not line.strip():
        return None
    start = line.find(_TYPE)
    if start > 0 and line.find(b"{", 1, start) < 0:  # nothing opened before it: the record's own type
        start += len(_TYPE)
        kind = line[start : line.find(b'"', start)]
        if kind in SKIPPED or (kind == b"attachment" and _QUEUED not in line):
            if not line.rstrip().endswith(b"}"):
                raise Malformed("is cut off")
            return None
    try:
        return _record(line)
    except ValidationError as exc:
        raise Malformed("holds a field of another type: " + str(exc).rpartition("`")[0].rpartition("`")[2]) from None
    except (DecodeError, UnicodeDecodeError):
        raise Malformed("is not JSON") from None


def read_input(raw: Raw) -> Input:
    """What a call works on; empty where its input is shaped otherwise."""
    try:
        return _input(raw)
    except (ValidationError, DecodeError):
        return Input()


def read_result(raw: Raw) -> Result:
    """A structured result; empty where it is a text or shaped otherwise."""
    if not begins_with(raw, b"{"):
        return Result()
    try:
        return _result(raw)
    except (ValidationError, DecodeError):
        return Result()


def read_text(raw: Raw) -> str:
    """The text of a string, or of the first text block of a list; empty for anything else."""
    first = bytes(memoryview(raw)[:1])
    try:
        if first == b'"':
            return _text(raw)
        if first == b"[":
            return next((block.text for block in _blocks(raw) if block.text), "")
        if first == b"{":
            found = _object(raw)
            return next((text for key in ("message", "type") if isinstance(text := found.get(key), str)), "")
    except (ValidationError, DecodeError):
        pass
    return ""


def begins_with(raw: Raw, start: bytes) -> bool:
    """Whether undecoded JSON begins so."""
    return bytes(memoryview(raw)[: len(start)]) == start


def moment(timestamp: str | None) -> int:
    """Epoch milliseconds of an ISO 8601 time; 0 where there is none.

    >>> moment("2026-01-05T12:17:31.250Z"), moment(None), moment("soon")
    (1767615451250, 0, 0)
    """
    try:
        at = round(datetime.fromisoformat(timestamp or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
    return at if 0 < at <= LATEST_MS else 0
