"""Tool calls and what came of them, from a transcript's blocks. Rule: sentences of the client decide, no one else's.

A call that a person or a rule refused is a decision and no call; every other result is a call that ended.
"""

from typing import NamedTuple

from msgspec import Raw, Struct

from schemas.people import Pseudonyms
from sources.commands import subject
from sources.otlp.attributes import name
from sources.transcripts.records import Block, Record, Result, read_input, read_result, read_text

REJECTIONS = (
    "The user doesn't want to proceed with this tool use.",
    "The user doesn't want to take this action right now.",
    "The agent proposed a plan that was rejected by the user.",
)
"""How the result of a call begins that the person refused."""

DENIALS = ("Permission to use ", "Permission for this action has been denied")
"""How one begins that a rule refused."""

INTERRUPTION = "[Request interrupted by user"
DURING_TOOL = "[Request interrupted by user for tool use]"

USER_REJECT = "user_reject"

_EDITS = frozenset(("Edit", "Write", "MultiEdit", "NotebookEdit"))
_AGENTS = frozenset(("Agent", "Task"))
_READ_RESULT_OF = _EDITS | _AGENTS | {"Bash", "PowerShell"}
_BEGINNING = 400


class Call(Struct, array_like=True, gc=False):
    """A call that has no result yet."""

    name: str
    at: int
    target: str
    command_kind: str
    input_bytes: int
    request_id: str
    agent_id: str


class Lines(NamedTuple):
    """Lines that an edit changed."""

    added: int = 0
    removed: int = 0


class Outcome(NamedTuple):
    """What came of a call."""

    refused_by: str = ""
    """user_reject or config; empty where it ran."""
    success: bool = True
    interrupted: bool = False
    error_type: str = ""
    result_bytes: int = 0


def read_call(block: Block, at: int, request_id: str, agent_id: str, pseudonyms: Pseudonyms) -> Call:
    """A call from the block that makes it."""
    about = read_input(block.input)
    arguments = {
        "command": about.command,
        "file_path": about.file_path,
        "notebook_path": about.notebook_path,
    }
    found = subject(pseudonyms, arguments)
    return Call(name(block.name), at, found.target, found.command_kind, size(block.input), request_id, agent_id)


def read_outcome(block: Block, record: Record, result: Result) -> Outcome:
    """What a result says of its call."""
    bytes_ = size(block.content)
    if not block.is_error:
        return Outcome("", True, bool(result.interrupted), "", bytes_)
    said = begins(block.content)
    denied = record.tool_denial_kind or ""
    if denied.startswith("user") or (not denied and said.startswith(REJECTIONS)):
        return Outcome(USER_REJECT)
    if denied or said.startswith(DENIALS):
        return Outcome("config")
    if said.startswith(INTERRUPTION):
        return Outcome("", False, True, "interrupted", bytes_)
    if said.startswith("<tool_use_error>"):
        kind = "ToolUseError"
    elif said.startswith("Exit code "):
        kind = "ShellError"
    else:
        kind = "Error"
    return Outcome("", False, bool(result.interrupted), kind, bytes_)


def result_of(tool: str, record: Record) -> Result:
    """The structured result, where something is read of this tool's."""
    return read_result(record.tool_use_result) if tool in _READ_RESULT_OF else Result()


def changed_lines(tool: str, result: Result) -> Lines:
    """Lines that an edit added and removed: those of its patch, or all of a new file."""
    if tool not in _EDITS:
        return Lines()
    if not result.structured_patch and result.type == "create":
        text = read_text(result.content)
        return Lines(text.count("\n") + (not text.endswith("\n")) if text else 0)
    lines = [line[:1] for hunk in result.structured_patch or () for line in hunk.lines]
    return Lines(lines.count("+"), lines.count("-"))


def is_subagent(tool: str, result: Result) -> bool:
    """Whether the result tells of a subagent that ran to its end."""
    return tool in _AGENTS and result.status == "completed" and result.total_duration_ms is not None


def size(raw: Raw) -> int:
    """Bytes as they stand in the file, quotes and escapes too."""
    return len(memoryview(raw))


def begins(raw: Raw) -> str:
    """The first characters of a string or of the first text in a list."""
    start = bytes(memoryview(raw)[:_BEGINNING])
    if not start.startswith(b'"') or len(start) < _BEGINNING:
        return read_text(raw)
    # A long text: only its beginning is decoded, up to the last place where no escape or character is cut.
    return start[1:].partition(b"\\")[0].decode(errors="ignore")
