"""Values as YAML. Rule: maps, lists, strings, numbers and truth values, in the one form that every reader agrees on."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value]"
"""What can be written."""

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[ -][A-Za-z0-9_]+)*")
"""Words that need no quotes; the few that YAML takes for something else are not among what is written bare."""

TAKEN_FOR_OTHERS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}


def render(value: Value) -> str:
    """A document; a string of several lines is a literal block."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(f"{_scalar(key)}:", inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _item(inner)
    else:
        yield _scalar(value)


def _entry(head: str, value: Value) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value:
        yield f"{head} |-"
        yield from (f"  {line}" if line else "" for line in value.split("\n"))
    elif isinstance(value, str | int | float):
        yield f"{head} {_scalar(value)}"
    elif not value:
        yield f"{head} {{}}" if isinstance(value, Mapping) else f"{head} []"
    else:
        yield head
        yield from (f"  {line}" if line else "" for line in _lines(value))


def _item(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str) and value:
        first, *rest = _lines(value)
        yield f"- {first}"
        yield from (f"  {line}" if line else "" for line in rest)
    else:
        yield from _entry("-", value)


def _scalar(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if PLAIN.fullmatch(value) and value.lower() not in TAKEN_FOR_OTHERS:
        return value
    return json.dumps(value, ensure_ascii=False)
