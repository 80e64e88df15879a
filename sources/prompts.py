"""What a prompt's text says about who put it there. Rule: its beginning is looked at, and no word of it is kept.

>>> read_prompt("/compact keep the plan"), read_prompt("/home/dev/a.py is broken")
(Prompt(command='compact', is_injected=False), Prompt(command='', is_injected=False))
>>> read_prompt("<task-notification>\\n<task-id>a1"), read_prompt("<command-name>/clear</command-name>")
(Prompt(command='', is_injected=True), Prompt(command='clear', is_injected=False))
"""

import re
from typing import NamedTuple

CLIENT_TAGS = (
    "<task-notification",
    "<bash-notification",
    "<system-reminder",
    "<local-command-",
    "<command-name",
    "<command-message",
    "<bash-stdout",
    "<bash-stderr",
    "<user-prompt-submit-hook",
    "<teammate-message",
    "Caveat: The messages below were generated",
    "This session is being continued from a previous conversation",
)
"""How a prompt begins that nobody typed."""

_SLASH = re.compile(r"/([A-Za-z0-9][A-Za-z0-9:_-]{0,99})(?=\s|$)")
_TAGGED = re.compile(r"<command-name>/?([^<\s]{1,100})</command-name>")
_DIRECTORIES = frozenset(
    ("bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp",
     "usr", "var", "Applications", "Library", "Users", "Volumes")
)  # fmt: skip
"""A slash and one of these is a place, not a command."""

_TAGS_WITHIN = 2_000


class Prompt(NamedTuple):
    """What a prompt is; typed by a person where it is neither."""

    command: str
    """Of a slash command, its name without the slash."""
    is_injected: bool
    """The client put it in itself."""


def read_prompt(text: str) -> Prompt:
    """Tells a prompt's kind from its text, whoever shows it: a hook, a transcript, telemetry that has prompts on."""
    begun = text[:_TAGS_WITHIN].lstrip()
    if begun.startswith(("<command-name", "<command-message")):
        tagged = _TAGGED.search(begun)
        if tagged:
            return Prompt(tagged[1], False)
    if begun.startswith(CLIENT_TAGS):
        return Prompt("", True)
    slash = _SLASH.match(begun)
    return Prompt(slash[1] if slash and slash[1] not in _DIRECTORIES else "", False)
