"""Reads one attribute whatever type its client chose. Rule: never raises; what makes no sense is the default.

Clients send the same number as an int, a double, a string, or a quoted int; all mean the same here.

>>> number("245"), number(245), number(245.0), number(" 2.6 "), number("soon"), number(True), number(None)
(245, 245, 245, 3, 0, 1, 0)
>>> boolean("true"), boolean(True), boolean("False"), boolean(1), boolean(None, default=True)
(True, True, False, True, True)
>>> name("mcp__tracker__get_ticket"), name("rm -rf /home/dana"), label("Plain text")
('mcp__tracker__get_ticket', '', 'Plain text')
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from schemas.events import LATEST_MS

Scalar = str | int | float | bool
Attributes = Mapping[str, Scalar]

MOST = 1 << 53
TEXT = 200

_NAME = re.compile(r"[\w.:@+\-\[\](){}/#=,~$*!%&]{1,200}", re.ASCII)
_LABEL = re.compile(r"[^\x00-\x1f\x7f<>]{1,200}")
_DECIMAL = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)


def quantity(value: Scalar | None) -> int | float | None:
    """The finite number that an attribute of any type holds, or None."""
    if isinstance(value, str):
        text = value.strip()
        if not _DECIMAL.fullmatch(text):
            return None
        try:
            value = int(text)
        except ValueError:
            value = float(text)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def number(value: Scalar | None, scale: int = 1) -> int:
    """A count: `value` times `scale`, rounded to the nearest integer, within 0 to 2^53; 0 for what is no number."""
    found = quantity(value)
    return 0 if found is None else whole(found, scale, 0)


def whole(value: int | float, scale: int = 1, least: int = -MOST) -> int:
    """`value` times `scale`, rounded to the nearest integer, within `least` to 2^53."""
    if isinstance(value, float):
        scaled = value * scale
        if not -MOST < scaled < MOST:
            return MOST if scaled > 0 else least
        return max(math.floor(scaled + 0.5), least)
    return min(max(int(value) * scale, least), MOST)


def boolean(value: Scalar | None, default: bool = False) -> bool:
    """A yes or no."""
    if isinstance(value, str):
        text = value.strip().lower()
        if text in ("true", "1", "yes"):
            return True
        return False if text in ("false", "0", "no") else default
    return default if value is None else bool(value)


def name(value: Scalar | None) -> str:
    """A name or id: one word; a text with a space or a path is not one, and is dropped, for it may be content."""
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, bool) else str(value)[:TEXT]
    text = value[:TEXT]
    return text if _NAME.fullmatch(text) and not text.startswith(("/", "~")) else ""


def label(value: Scalar | None) -> str:
    """A short text in which spaces are normal (a language, a team); dropped if it holds control characters."""
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, bool) else str(value)[:TEXT]
    text = value.strip()[:TEXT]
    return text if _LABEL.fullmatch(text) else ""


def moment(*candidates: Scalar | None) -> int | None:
    """The first candidate that is a time, as epoch milliseconds: Unix nanoseconds, or an ISO 8601 text with a zone.

    >>> moment("0", None, "1795348828359000000"), moment(None, "2026-11-22T12:00:28.359Z"), moment("x", 0)
    (1795348828359, 1795348828359, None)
    """
    for value in candidates:
        found = quantity(value)
        if found is None and isinstance(value, str):
            found = _from_iso(value)
        if found is None or isinstance(value, bool):
            continue
        milliseconds = int(found) // 1_000_000
        if 0 < milliseconds <= LATEST_MS:
            return milliseconds
    return None


def _from_iso(text: str) -> int | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    try:
        return round(when.timestamp() * 1000) * 1_000_000
    except (ValueError, OverflowError):
        return None
