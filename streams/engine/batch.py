"""What a reader of a log hands over. Rule: positions say what follows on what; offsets of records do not."""

from typing import Any, NamedTuple


class End(NamedTuple):
    """Where a log ends, and how far its reader is."""

    position: int
    """The next offset that the consumer fetches."""
    end: int
    """The next offset that a reader of committed records could ever get."""
    handed: int
    """Up to where batches were handed over."""


class Batch:
    """What one partition's log holds from `start` up to `end`, holes of transactions included.

    A position counts the holes, the last record's offset does not; so only positions tell whether a batch follows on
    another. `seek` is the number of the seek that it was read after. To Faust a batch is its last record.
    """

    __slots__ = ("end", "last", "records", "seek", "start")

    def __init__(self, records: list[Any], start: int, end: int, seek: int) -> None:
        self.records, self.last = records, records[-1]
        self.start, self.end, self.seek = start, end, seek

    def __getattr__(self, name: str) -> Any:
        return getattr(self.last, name)
