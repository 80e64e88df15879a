"""Splits ClickHouse SQL into tokens. Rule: where it cannot follow the engine's own lexer it refuses, never guesses."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ammeter.store.errors import StoreError

Kind = Literal["word", "quoted", "string", "other"]

_SKIP = re.compile(r"(?:\s+|--[^\n]*|#(?:!| )[^\n]*|/\*(?s:.*?)\*/)+")
_WORD = re.compile(r"[A-Za-z_0-9][A-Za-z_0-9$]*")
_HEREDOC = re.compile(r"\$(?:[A-Za-z_0-9]*)\$")
_STRING = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`', re.DOTALL)
_TYPOGRAPHIC = "‘’“”"
# The same characters where a body is read byte by byte.
_TYPOGRAPHIC_BYTES = tuple(quote.encode().decode("latin-1") for quote in _TYPOGRAPHIC)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)


class Token(NamedTuple):
    """One token: its kind, its text as written, and where it stands."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """What it names: without quotes and escapes.

        >>> Token("quoted", "`a``b`", 0, 6).value
        'a`b'
        """
        if self.kind not in ("quoted", "string"):
            return self.text
        if self.text[0] == "$":
            tag = self.text.index("$", 1) + 1
            return self.text[tag:-tag]
        quote, inner = self.text[0], self.text[1:-1]
        return _ESCAPE.sub(_unescape, inner.replace(quote * 2, quote))

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords (upper case), unquoted."""
        return self.kind == "word" and self.text.upper() in words


def _unescape(found: re.Match[str]) -> str:
    escaped = found[1]
    return chr(int(escaped[1:], 16)) if len(escaped) == 3 else escaped


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens from `start` on, lazily: what follows an INSERT's head is data and must not be read.

    >>> [token.text for token in tokens("SELECT 'it''s' /* no */ FROM t -- end")]
    ['SELECT', "'it''s'", 'FROM', 't']
    """
    at = start
    while True:
        skipped = _SKIP.match(text, at)
        at = skipped.end() if skipped else at
        if at >= len(text):
            return
        token = _token(text, at)
        yield token
        at = token.end


def _token(text: str, at: int) -> Token:
    first = text[at]
    if first == "'":
        return _matched(text, at, _STRING, "string")
    if first in '"`':
        return _matched(text, at, _QUOTED, "quoted")
    if first == "$" and (tag := _HEREDOC.match(text, at)):
        end = text.find(tag[0], tag.end())
        if end < 0:
            raise _unreadable("a here-document that does not end")
        return Token("string", text[at : end + len(tag[0])], at, end + len(tag[0]))
    if text.startswith("/*", at):
        raise _unreadable("a comment that does not end")
    if first in _TYPOGRAPHIC or text.startswith(_TYPOGRAPHIC_BYTES, at):
        raise _unreadable("typographic quotes; use ' or `")
    if word := _WORD.match(text, at):
        return Token("word", word[0], at, word.end())
    return Token("other", first, at, at + 1)


def _matched(text: str, at: int, pattern: re.Pattern[str], kind: Kind) -> Token:
    found = pattern.match(text, at)
    if not found:
        raise _unreadable("a quote that does not end")
    return Token(kind, found[0], at, found.end())


def _unreadable(what: str) -> StoreError:
    return StoreError(62, "SYNTAX_ERROR", f"Syntax error: the statement has {what}.")
