"""A shell's command line taken apart: the words of each command, and whose exit the line's is. Rule: bounded.

No shell is imitated: quotes, comments, here-documents, substitutions and the operators between commands are enough to
tell a command from a word inside a text.

>>> [tuple(command) for command in commands("cd a && npm test 2>&1 | tail -3; git commit -m 'a; b'")]
[(('cd', 'a'), False), (('npm', 'test'), False), (('tail', '-3'), False), (('git', 'commit', '-m', 'a; b'), True)]
"""

import re
from typing import NamedTuple

MOST_CHARACTERS = 20_000
"""Of a line; what stands behind is not looked at."""
MOST_COMMANDS = 200
MOST_WORDS = 60
_MOST_DEPTH = 10

_OPERATOR = re.compile(r"&&|\|\||\|&|;;|[;|\n()&]")
_REDIRECTION = re.compile(r"&>>?|(?:>>|>\||<>|<<<|[<>])&?[ \t]*")
_HEREDOC = re.compile(r"<<-?[ \t]*(?:'([^'\n]{1,100})'|\"([^\"\n]{1,100})\"|\\?([A-Za-z0-9_.-]{1,100}))")
_PLAIN = re.compile(r"[^\s;&|()<>'\"`$\\#]+")
_STOPS = re.compile(r"\bset\s+-[a-z]*e")
_PIPEFAIL = re.compile(r"\bset\s+-[a-z]*o\s+pipefail\b")


class Command(NamedTuple):
    """One simple command of a line."""

    words: tuple[str, ...]
    """Without quotes and redirections."""
    decides: bool
    """The line succeeds only if this command ran and succeeded."""


class _Part(NamedTuple):
    words: tuple[str, ...]
    operator: str
    """What follows; empty at the end."""


def commands(line: str) -> list[Command]:
    """The commands of a line, in order; at most MOST_COMMANDS of them."""
    text = line[:MOST_CHARACTERS].replace("\r\n", "\n")
    parts = _Scanner(text).parts()
    stops, pipefail = _STOPS.search(text) is not None, _PIPEFAIL.search(text) is not None
    found: list[Command] = []
    decides = True
    for number in range(len(parts) - 1, -1, -1):  # from the end: what follows a command says whether its exit is lost
        words, operator = parts[number]
        is_last = number == len(parts) - 1
        if operator in ("|", "|&") and not pipefail:
            found.append(Command(words, False))
            continue
        if operator in ("||", "&") or not (is_last or operator in ("&&", "|", "|&") or stops):
            decides = False
        found.append(Command(words, decides))
    found.reverse()
    may_be_left_out = False
    for number in range(1, len(found)):  # what stands behind `||` may not have run at all, though the line succeeds
        before = parts[number - 1].operator
        may_be_left_out = before == "||" or (may_be_left_out and before in ("&&", "|", "|&"))
        if may_be_left_out:
            found[number] = found[number]._replace(decides=False)
    return found


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._heredocs: list[str] = []

    def parts(self) -> list[_Part]:
        """Each command's words with the operator that follows; empty commands are left out."""
        found: list[_Part] = []
        while len(found) < MOST_COMMANDS:
            words, operator = self._command()
            if words:
                found.append(_Part(tuple(words), operator))
            elif found and found[-1].operator == ")" and operator:
                found[-1] = found[-1]._replace(operator=operator)
            if not operator:
                break
        return found

    def _command(self) -> tuple[list[str], str]:
        words: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character in " \t\r":
                self._at += 1
            elif character == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif self._redirected():
                pass
            elif operator := _OPERATOR.match(self._text, self._at):
                self._at = operator.end()
                if operator[0] == "\n":
                    self._skip_heredocs()
                return words, operator[0]
            else:
                word = self._word()
                is_descriptor = word.isdecimal() and self._text[self._at : self._at + 1] in ("<", ">")
                if len(words) < MOST_WORDS and not is_descriptor:
                    words.append(word)
        return words, ""

    def _redirected(self) -> bool:
        """Passes over a redirection with its target."""
        heredoc = _HEREDOC.match(self._text, self._at)
        if heredoc:
            self._heredocs.append(heredoc[1] or heredoc[2] or heredoc[3])
            self._at = heredoc.end()
            return True
        found = _REDIRECTION.match(self._text, self._at)
        if found:
            self._at = found.end()
            if _OPERATOR.match(self._text, self._at) is None:
                self._word()
        return found is not None

    def _word(self) -> str:
        pieces: list[str] = []
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            plain = _PLAIN.match(text, self._at)
            if plain:
                pieces.append(plain[0])
                self._at = plain.end()
            elif character == "\\":
                pieces.append("" if text[self._at + 1 : self._at + 2] == "\n" else text[self._at + 1 : self._at + 2])
                self._at += 2
            elif character in "'`":
                end = _find(text, character, self._at + 1)
                pieces.append(text[self._at + 1 : end] if character == "'" else "")
                self._at = end + 1
            elif character == '"':
                end = _end_of_quote(text, self._at + 1, 0)
                pieces.append(text[self._at + 1 : end])
                self._at = end + 1
            elif text.startswith("$(", self._at):
                self._at = _end_of_substitution(text, self._at + 2, 0) + 1
            elif character == "$" or (character == "#" and pieces):
                pieces.append(character)
                self._at += 1
            else:
                break
        return "".join(pieces)

    def _skip_heredocs(self) -> None:
        for delimiter in self._heredocs:
            self._at = _after_heredoc(self._text, self._at, delimiter)
        self._heredocs.clear()


def _find(text: str, what: str, start: int) -> int:
    """Where it stands, else the end."""
    at = text.find(what, start)
    return len(text) if at < 0 else at


def _after_heredoc(text: str, start: int, delimiter: str) -> int:
    """Behind the line that holds nothing but the delimiter."""
    at = start
    while at < len(text):
        end = _find(text, "\n", at)
        if text[at:end].strip("\t ") == delimiter:
            return end
        at = end + 1
    return len(text)


def _end_of_quote(text: str, start: int, depth: int) -> int:
    """Where the double quote closes that is open at `start`."""
    at = start
    while at < len(text):
        if text[at] == '"':
            return at
        if text[at] == "\\":
            at += 2
        elif depth < _MOST_DEPTH and text.startswith("$(", at):
            at = _end_of_substitution(text, at + 2, depth + 1) + 1
        else:
            at += 1
    return len(text)


def _end_of_substitution(text: str, start: int, depth: int) -> int:
    """Where the parenthesis closes that is open at `start`."""
    at, is_open = start, 1
    heredocs: list[str] = []
    while at < len(text):
        character = text[at]
        heredoc = _HEREDOC.match(text, at) if character == "<" else None
        if heredoc:
            heredocs.append(heredoc[1] or heredoc[2] or heredoc[3])
            at = heredoc.end()
            continue
        if character == "\n" and heredocs:
            at = _after_heredoc(text, at + 1, heredocs.pop(0))
            continue
        if character == "\\":
            at += 1
        elif character == "'":
            at = _find(text, "'", at + 1)
        elif character == '"' and depth < _MOST_DEPTH:
            at = _end_of_quote(text, at + 1, depth + 1)
        elif character == "(":
            is_open += 1
        elif character == ")":
            is_open -= 1
            if not is_open:
                return at
        at += 1
    return len(text)
