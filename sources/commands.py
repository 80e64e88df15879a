"""What a tool call was about: the kind of its command, and a keyed hash of its file or command. Rule: no word leaves.

A line's kind is that of its weightiest command. Tests are the exception: a line counts as a test run only where its
exit tells whether they passed, so `pytest | tail` and `pytest; echo done` do not.

>>> command_kind("cd api && npm run test:unit"), command_kind("pytest -q 2>&1 | tail -3"), command_kind("")
('test', 'other', '')
>>> command_kind("git -C x commit -m 'git push'"), command_kind("git commit -am x && gh pr create --fill")
('commit', 'commit')
"""

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.evidence import CommandKind
from schemas.people import Pseudonyms
from sources.shell import commands
from sources.verbs import kind_of

ORDER: tuple[CommandKind, ...] = ("commit", "pull_request", "push", "test", "build", "lint", "other")
"""Weightiest first: a commit is evidence of success that is counted, so it hides behind nothing."""

_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh"))
_SCRIPT_OPTION = re.compile(r"-[a-z]*c")
_MOST_DEPTH = 2

_FILES = ("file_path", "notebook_path", "absolute_path", "path")
_COMMANDS = ("command", "cmd", "full_command")


class Subject(NamedTuple):
    """What a tool call was about."""

    target: str = ""
    """Eight hex digits that tell one file or command from another; empty where nobody shows it."""
    command_kind: CommandKind = ""


def command_kind(line: str, depth: int = 0) -> CommandKind:
    """The kind of a shell's command line; empty for an empty one."""
    found: set[CommandKind] = set()
    for words, decides in commands(line):
        script = _script(words) if depth < _MOST_DEPTH else None
        kind = kind_of(words) if script is None else command_kind(script, depth + 1)
        found.add("other" if kind == "test" and not decides else kind)
    return next((kind for kind in ORDER if kind in found), "other" if line.strip() else "")


def _script(words: Sequence[str]) -> str | None:
    """What `bash -c '...'` runs."""
    if words[0].rpartition("/")[2] in _SHELLS:
        for number, word in enumerate(words[1:-1], 1):
            if _SCRIPT_OPTION.fullmatch(word):
                return words[number + 1]
            if not word.startswith("-"):
                return None
    return None


def target(pseudonyms: Pseudonyms, text: str) -> str:
    """The keyed hash of a file's path or a whole command; empty for an empty text."""
    text = text.strip()
    if not text:
        return ""
    # hashed first: letters' case matters here, and the text is not to be remembered among the pseudonyms
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    return pseudonyms.of(f"target\n{digest}")[2:10]


def subject(pseudonyms: Pseudonyms, tool_input: Mapping[str, object]) -> Subject:
    """What a tool call was about, by its arguments as any client names them; a command may be a list of words."""
    for key in _COMMANDS:
        said = tool_input.get(key)
        if isinstance(said, list) and said and all(isinstance(word, str) for word in said):
            said = shlex.join(said)
        if isinstance(said, str) and said.strip():
            kind = command_kind(said)
            is_behind = tool_input.get("run_in_background") is True  # its result says only that it was started
            return Subject(target(pseudonyms, said), "other" if is_behind and kind == "test" else kind)
    for key in _FILES:
        said = tool_input.get(key)
        if isinstance(said, str) and said.strip():
            return Subject(target(pseudonyms, said))
    return Subject()
