"""What a user record's text is: typed, a command, put in by the client, or nothing. Rule: no word of it is kept."""

import re
from typing import Literal, NamedTuple

from sources.hooks import BUILTIN_COMMANDS
from sources.prompts import read_prompt
from sources.transcripts.records import Attachment, Block, Record, read_text
from sources.transcripts.tools import DURING_TOOL, INTERRUPTION

Kind = Literal["", "prompt", "interruption", "interruption_during_tool"]

_NOTHING = (
    "<local-command-",
    "<bash-input",
    "<bash-stdout",
    "<bash-stderr",
    "<system-reminder",
    "<user-prompt-submit-hook",
    "Caveat: The messages below were generated",
    "This session is being continued from a previous conversation",
    "Operation stopped by hook",
)
"""How a text begins that went to no model as a prompt: what a person's own commands printed, summaries, remarks."""

_BESIDE = ("<ide_opened_file>", "<ide_selection>", "<system-reminder>")
"""What an editor lays beside a prompt, in blocks of its own."""

_NOTICE = re.compile(r"<[a-z]+(?:-[a-z]+)*-(?:notification|event|message)[\s>]")
"""How a notice begins that the client puts in: of a background task, an agent, a watched build, a teammate."""

_BUILTIN = "<command-name"
"""How a command of the client begins; one that people wrote begins with its message."""
_BEGINNING = 2_000


class Said(NamedTuple):
    """What a text is."""

    kind: Kind = ""
    length: int = 0
    """Characters."""
    command_name: str = ""
    command_source: str = ""
    injected: bool = False


NOTHING = Said()


def read_user(record: Record) -> Said:
    """What a user record says besides the results of tools."""
    message = record.message
    if message is None or record.is_meta or record.is_compact_summary or record.is_visible_in_transcript_only:
        return NOTHING
    content = message.content
    texts = [content] if isinstance(content, str) else _texts(content or [])
    return _said(texts, record.origin.kind if record.origin else None)


def read_attachment(attachment: Attachment) -> Said:
    """A prompt that was typed, or put in, while the model worked."""
    if attachment.type != "queued_command" or attachment.command_mode not in (None, "prompt", "task-notification"):
        return NOTHING
    said = _said([read_text(attachment.prompt)], attachment.origin.kind if attachment.origin else None)
    return said if attachment.command_mode != "task-notification" else said._replace(injected=True)


def _texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if block.type == "text" and block.text is not None]


def _said(texts: list[str], origin: str | None) -> Said:
    texts = [text for text in texts if not text.startswith(_BESIDE)]
    if not texts:
        return NOTHING
    text, length = texts[0], sum(map(len, texts))
    if text.startswith(INTERRUPTION):
        return Said("interruption_during_tool" if text.startswith(DURING_TOOL) else "interruption")
    if text.startswith(_NOTHING) or not length:
        return NOTHING
    begun = text[:_BEGINNING]
    prompt = read_prompt(begun)
    if prompt.command:
        # The name of a command that people wrote themselves may tell what they work on.
        is_builtin = prompt.command in BUILTIN_COMMANDS or begun.startswith(_BUILTIN)
        command = prompt.command if prompt.command in BUILTIN_COMMANDS else "custom"
        return Said("prompt", length, command, "builtin" if is_builtin else "custom")
    is_injected = prompt.is_injected or origin not in (None, "human") or _NOTICE.match(begun) is not None
    return Said("prompt", length, injected=is_injected)
