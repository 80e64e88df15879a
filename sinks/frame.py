"""
The answer of a query as columns, and the one way in which a query fails.

Rule: this file knows no database; who reads a store returns frames, who shows figures takes them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["time", "number", "string"]
Value = int | float | str | None


@dataclass(frozen=True)
class Frame:
    """Columns of equal length: times are epoch milliseconds, numbers are floats or null, the rest is text."""

    names: tuple[str, ...]
    types: tuple[Kind, ...]
    columns: tuple[list[Value], ...]


class QueryFailed(Exception):
    """The store refused the query or could not be reached; the text is one sentence for a person."""


Query = Callable[[str], Awaitable[Frame]]
