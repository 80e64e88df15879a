"""The part of YAML in which our configuration files are written: maps by indentation, lists, flow maps and lists."""

import re
from typing import Any


def load(text: str) -> Any:
    """The value of a file. Raises ValueError for what is beyond that part."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [(len(line) - len(line.lstrip()), line.strip()) for line in lines if line.strip() and line.strip()[0] != "#"]
    value, rest = _block(kept, 0)
    if rest:
        raise ValueError(f"cannot be read from {rest[0][1]!r} on")
    return value


def _block(lines: list[tuple[int, str]], depth: int) -> tuple[Any, list[tuple[int, str]]]:
    if not lines or lines[0][0] < depth:
        return None, lines
    depth = lines[0][0]
    if lines[0][1].startswith("- "):
        found = []
        while lines and lines[0][0] == depth and lines[0][1].startswith("- "):
            found.append(_scalar(lines[0][1][2:]))
            lines = lines[1:]
        return found, lines
    values: dict[str, Any] = {}
    while lines and lines[0][0] == depth:
        key, colon, said = lines[0][1].partition(":")
        if not colon or (said and not said.startswith(" ")) or key in values:
            raise ValueError(f"{lines[0][1]!r} is no entry of a map, or stands there twice")
        lines = lines[1:]
        if said:
            values[key] = _scalar(said.strip())
        else:
            values[key], lines = _block(lines, depth + 1)
    return values, lines


def _scalar(text: str) -> Any:
    if text.startswith("{") and text.endswith("}"):
        return {key: _scalar(value) for key, value in (part.strip().split(": ", 1) for part in text[1:-1].split(","))}
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(part.strip()) for part in text[1:-1].split(",")]
    if text in ("true", "false"):
        return text == "true"
    if re.search(r"[#&*!|>'\"%@`]|: ", text):
        raise ValueError(f"{text!r} is beyond the plain part")
    return int(text) if re.fullmatch(r"[0-9]+", text) else text
