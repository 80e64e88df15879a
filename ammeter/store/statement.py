"""What a request's text is: which statement, which output format, and for an INSERT where its data begin.

Rule: pure; an INSERT's data are never decoded and never looked into.
"""

from dataclasses import dataclass
from itertools import pairwise

from ammeter.store.errors import StoreError
from ammeter.store.lexer import Token, tokens

_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose whole text is SQL; `output_format` is its FORMAT clause, if any."""

    text: str
    tokens: tuple[Token, ...]
    output_format: str | None

    @property
    def verb(self) -> str:
        """Its first word in upper case; of `(SELECT 1)` it is SELECT."""
        return next((token.text.upper() for token in self.tokens if token.kind == "word"), "")


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT that brings its data along: `head` up to FORMAT (target, columns, settings), then the data."""

    head: str
    settings: str
    format: str
    data: memoryview


def parse(text: bytes, body: bytes | None = None, default_format: str | None = None) -> Statement | Insert:
    """Reads a request's text. With `body`, `text` came in the URL and the body continues it (or is an INSERT's data).

    >>> found = parse(b"INSERT INTO t (a) FORMAT CSV", b"1")
    >>> (found.head, found.format, bytes(found.data))
    ('INSERT INTO t (a)', 'CSV', b'1')
    >>> parse(b"SELECT 1 FORMAT JSON").output_format
    'JSON'
    """
    insert = _insert(text, body, default_format)
    if insert:
        return insert
    whole = text + b"\n" + body if body else text
    try:
        sql = whole.decode()
    except UnicodeDecodeError:
        raise StoreError(62, "SYNTAX_ERROR", "Syntax error: the statement is not UTF-8.") from None
    found = tuple(tokens(sql))
    if not found:
        raise StoreError(62, "SYNTAX_ERROR", "Syntax error: Empty query.")
    semicolon = next((at for at, token in enumerate(found) if token.text == ";"), None)
    if semicolon is not None:
        if any(token.text != ";" for token in found[semicolon:]):
            raise StoreError(62, "SYNTAX_ERROR", "Syntax error: Multi-statements are not allowed; send one at a time.")
        sql, found = sql[: found[semicolon].start], found[:semicolon]
    return Statement(sql, found, _output_format(found))


def _output_format(found: tuple[Token, ...]) -> str | None:
    """The format of a FORMAT clause outside of all brackets; only SETTINGS may follow it."""
    depth, name = 0, None
    for token, following in pairwise(found):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.is_word("FORMAT") and following.kind in ("word", "quoted"):
            name = following.value
    return name


def _insert(text: bytes, body: bytes | None, default_format: str | None) -> Insert | None:
    """The INSERT with data in `text` (or in `body`), None if it is another statement or takes its rows from SQL."""
    raw = text.decode("latin-1")  # byte for byte: offsets hold, and data need be no text
    depth, settings_at, previous = 0, None, None
    for number, token in enumerate(tokens(raw)):
        if number == 0 and not token.is_word("INSERT"):
            return None
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and previous is not None and number > 2 and previous.text != ".":
            if previous.is_word("FORMAT") and token.kind in ("word", "quoted"):
                start = _data_start(text, token.end)
                return _made(raw, text, previous.start, settings_at, token.value, start, body)
            if token.is_word("SELECT", "WITH", "FROM", "WATCH", "EXPLAIN"):
                return None
            if token.is_word("SETTINGS"):
                settings_at = token.start
            elif token.is_word("VALUES"):
                return _made(raw, text, token.start, settings_at, "Values", token.end, body)
        if depth == 1 and token.is_word("SELECT"):
            return None
        previous = token
    if previous is None or body is None:
        return None
    return _made(raw, text, len(text), settings_at, default_format or "Values", len(text), body)


def _made(
    raw: str, text: bytes, head_end: int, settings_at: int | None, name: str, data_at: int, body: bytes | None
) -> Insert:
    def sql(part: str) -> str:
        return part.encode("latin-1").decode(errors="replace").strip()

    head = sql(raw[: head_end if settings_at is None else settings_at])
    settings = "" if settings_at is None else sql(raw[settings_at:head_end])[len("SETTINGS") :].strip().rstrip(",")
    data = memoryview(text)[data_at:]
    if body:
        data = memoryview(bytes(data) + body) if data.nbytes and bytes(data).strip() else memoryview(body)
    return Insert(head, settings, name, data)


def _data_start(text: bytes, at: int) -> int:
    """Data begin after the spaces and the one line break that follow the format's name."""
    while at < len(text) and text[at : at + 1] in (b" ", b"\t"):
        at += 1
    if text[at : at + 2] == b"\r\n":
        return at + 2
    return at + 1 if text[at : at + 1] in (b"\n", b";") else at
