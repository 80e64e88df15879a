"""What a stage is to the engine. Rule: a stage is pure; it never sees Kafka, a clock or another partition.

One instance holds one source partition. The engine calls it like this, and in no other order:
    restore(...)*  begin(now)  ( apply(message, now)*  changed(now, version) )*
One that wants the directory is told what it says by learn(key, value), before begin and between any calls after it.
Time (epoch milliseconds, of the log) never falls. What `changed` returns is committed with the source position, in one
transaction, or the process ends.
"""

from typing import NamedTuple, Protocol, runtime_checkable


class Record(NamedTuple):
    """One record to write."""

    topic: str
    key: bytes
    value: bytes | None
    """None: the table forgets the key."""


class Output(NamedTuple):
    """What one flush writes."""

    tables: list[Record]
    """Go to the partition that the stage itself has; in this order."""
    changes: list[Record]
    """Go to the partition of their key, in another topic."""


class Memory(Protocol):
    """What a stage is whatever it reads: one that holds one source partition."""

    name: str
    source: str
    tables: tuple[str, ...]
    """Restored from, and written to; as many partitions as the source. The first also holds the checkpoint."""
    sends: tuple[str, ...]
    """Topics of its changes, of any number of partitions."""

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """Takes the latest value of one key of one table; in any order."""

    def begin(self, now: int) -> None:
        """All is restored; `now` is the time of the last commit (0: never)."""

    def changed(self, now: int, version: int) -> Output:
        """Lets time pass to `now`, then drains what has changed since the last call. Cheap when nothing has."""

    def sizes(self) -> dict[str, int]:
        """How many of what it remembers, for the state gauges: name to number."""


class Stage(Memory, Protocol):
    """One stage over one source partition."""

    def apply(self, message: bytes, now: int) -> None:
        """Folds one message, whole or not at all; raises InvalidEvent for what cannot be read."""


@runtime_checkable
class Keyed(Memory, Protocol):
    """A stage to which a message says by its key what it is."""

    def take(self, key: bytes, message: bytes, now: int) -> None:
        """Folds one message, whole or not at all; raises InvalidEvent for what cannot be read."""


@runtime_checkable
class Counted(Stage, Protocol):
    """A stage whose messages are several events each."""

    events: int
    """In the messages that it has folded since somebody asked, who sets it to 0."""


@runtime_checkable
class Learner(Stage, Protocol):
    """A stage that wants to know what a whole small table says, beside its source."""

    directory: str
    """The table's topic; each of its keys, an array of one, concerns the source partition of that one."""

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Takes the latest value of one key (None: it is gone), in any order of keys; again and again does no harm.

        Never part of a commit: who is restored is told everything anew. Raises InvalidEvent for what cannot be read.
        """
