"""What a body holds, whichever encoding it came in: log records and metric points, each with where it came from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sources.otlp.attributes import Attributes, Scalar


@dataclass(frozen=True, slots=True)
class Origin:
    """The resource and the instrumentation scope of a group of records."""

    resource: Attributes
    scope: str
    scope_version: str


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One log record; times are Unix nanoseconds, in any encoding, unread yet."""

    attributes: Attributes
    body: str
    event_name: str
    time: Scalar | None
    observed: Scalar | None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a metric; times as in LogRecord."""

    attributes: Attributes
    metric: str
    unit: str
    temporality: str
    """delta or cumulative for a monotonic sum; empty for everything that is no counter."""
    value: int | float | None
    start: Scalar | None
    time: Scalar | None
    numbers: Attributes = field(default_factory=dict)
    """What a point that is no counter says: value, or count, sum, min, max."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event within a span; time as in LogRecord."""

    attributes: Attributes
    name: str
    time: Scalar | None


@dataclass(frozen=True, slots=True)
class Span:
    """One span; times as in LogRecord, ids as lower-case hex."""

    attributes: Attributes
    name: str
    trace: str
    span: str
    parent: str
    """Empty for the root."""
    start: Scalar | None
    end: Scalar | None
    failed: bool
    """Its status says error."""
    happenings: tuple[Happening, ...] = ()


class Entry(NamedTuple):
    """A record at its place in the body; None where it could not be read."""

    position: int
    origin: Origin
    record: LogRecord | Point | Span | None


Entries = Iterator[Entry]

TEMPORALITIES = {1: "delta", 2: "cumulative"}
TEMPORALITY_NAMES = {"AGGREGATION_TEMPORALITY_DELTA": "delta", "AGGREGATION_TEMPORALITY_CUMULATIVE": "cumulative"}
