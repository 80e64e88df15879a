"""The clients that are known, and which of them sent a record. Rule: what nobody knows is read by what all share."""

from collections.abc import Mapping

from sources.otlp import claude_code, codex, copilot, gemini
from sources.otlp.conversation import Client
from sources.otlp.records import LogRecord, Origin, Point, Span

CLIENTS: Mapping[str, Client] = {
    "claude-code": Client(claude_code.Conversation, claude_code.stamp, claude_code.is_quiet, True, True),
    "codex": Client(codex.Conversation, codex.stamp, codex.is_quiet, False, False),
    "gemini-cli": Client(gemini.Conversation, gemini.stamp, gemini.is_quiet, False, False),
    "copilot": Client(copilot.Conversation, copilot.stamp, copilot.is_quiet, False, False),
}

_SOURCES = (
    ("com.anthropic.claude_code", "claude-code"),
    ("claude-code", "claude-code"),
    ("claude_code.", "claude-code"),
    ("codex", "codex"),
    ("gemini-cli", "gemini-cli"),
    ("gemini_cli.", "gemini-cli"),
    ("copilot", "copilot"),
    ("github-copilot", "copilot"),
    ("github.copilot", "copilot"),
)


def source_of(record: LogRecord | Point | Span, origin: Origin) -> str:
    """Which client sent a record: by its scope, service or names. One that nobody knows is `native`."""
    service = origin.resource.get("service.name")
    if isinstance(record, Point):
        said = record.metric
    elif isinstance(record, Span):
        said = ""
    else:
        said = event_name(record) or record.body
    for text in (origin.scope, service if isinstance(service, str) else "", said):
        for start, source in _SOURCES:
            if text.startswith(start):
                return source
    return "native"


def event_name(record: LogRecord) -> str:
    """The event's name as the record says it: by its attribute, else by its field."""
    said = record.attributes.get("event.name")
    return said if isinstance(said, str) and said else record.event_name


def name_of(record: LogRecord) -> str:
    """The event's name, else a body that looks like one of Claude Code."""
    said = event_name(record)
    return record.body if not said and record.body.startswith(claude_code.PREFIX) else said
