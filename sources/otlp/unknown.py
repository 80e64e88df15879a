"""What is not known: its name and its numbers are kept. Rule: no text is kept, and no number that names somebody."""

import re

from schemas import wire
from sources.otlp.attributes import TEXT, Attributes, quantity
from sources.otlp.conversation import Fields
from sources.otlp.envelope import PERSONAL

MOST_NUMBERS = 50

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,63}", re.ASCII)
_QUANTITY = re.compile(
    r"(^|[_.])(ms|count|counts|tokens|bytes|chars|length|size|usd|seconds|duration|latency|attempt|attempts|total|num)($|[_.])"
)
"""What a key must say for a number in a *string* to count: the text of a prompt may be nothing but digits."""

_NOT_QUANTITIES = PERSONAL | {"event.sequence", "event.timestamp", "process.pid", "server.port"}
_PERSONAL_PARTS = ("user.", "enduser.", "organization.", "account")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,99}", re.ASCII)


def unrecognised(envelope: Fields, name: str, attributes: Attributes) -> wire.Unrecognised:
    """The event of a record that this version has no other for."""
    return wire.Unrecognised(**envelope, name=event_name(name), numbers=numbers(attributes))


def event_name(said: str) -> str:
    """The name of an event if it is one: a word of letters, digits, dots; anything else may be content.

    >>> event_name("gemini_cli.tool_call"), event_name("event otel/src/lib.rs:703"), event_name("Fix the parser!")
    ('gemini_cli.tool_call', '', '')
    """
    return said if _NAME.fullmatch(said) and len(said) <= TEXT else ""


def numbers(attributes: Attributes) -> dict[str, float]:
    """The quantities among attributes, at most MOST_NUMBERS of them.

    >>> numbers({"duration_ms": "12", "prompt": "4711", "lines": 3, "ok": True, "user.account_id": 7})
    {'duration_ms': 12.0, 'lines': 3.0}
    """
    found: dict[str, float] = {}
    for key, value in attributes.items():
        if isinstance(value, bool) or key in _NOT_QUANTITIES or key.startswith(_PERSONAL_PARTS):
            continue
        if isinstance(value, str) and not _QUANTITY.search(key):
            continue
        held = quantity(value)
        if held is not None and _KEY.fullmatch(key) and abs(held) < 1e300:
            found[key] = float(held)
            if len(found) == MOST_NUMBERS:
                break
    return found
