"""Dead letters of one partition. Rule: one bad message costs only itself; a flood of them stops the worker.

A flood means that our code, or a producer, is wrong. Then draining the topic into the bin would be the real damage.
"""

from collections import deque
from typing import NamedTuple

import msgspec

from schemas.topics import MESSAGE_BYTES
from schemas.wire import DeadLetter
from streams.engine.ending import STOP, EndWorker
from streams.engine.transaction import Written

KEPT_BYTES_OF = frozenset({"session-events"})
"""Whose bytes a letter keeps: the other topics can be made again from them."""

MOST_IN_A_ROW = 100
WINDOW = 1_000
MOST_IN_WINDOW = 200
"""20 %."""

_encode = msgspec.msgpack.Encoder().encode


class Refused(NamedTuple):
    """A message that could not be read, and where it lies."""

    offset: int
    at: int
    """The record's timestamp, epoch milliseconds."""
    key: bytes | None
    value: bytes | None


class DeadLetters:
    """Collects the letters of one partition until they are written in the flush that passes their messages."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic, self.partition = topic, partition
        self._held: list[Written] = []
        self._bad: deque[int] = deque()
        self._in_a_row = 0

    def add(self, nth: int, refused: Refused, reason: str) -> None:
        """The `nth` message (of all that this worker read of the partition) is refused. Raises EndWorker on a flood."""
        self._in_a_row = self._in_a_row + 1 if self._bad and self._bad[-1] == nth - 1 else 1
        self._bad.append(nth)
        while self._bad[0] <= nth - WINDOW:
            self._bad.popleft()
        if self._in_a_row > MOST_IN_A_ROW or len(self._bad) >= MOST_IN_WINDOW:
            raise EndWorker(
                STOP,
                f"{self._in_a_row} messages in a row and {len(self._bad)} of the last {WINDOW} cannot be read, up to "
                f"offset {refused.offset} of {self.topic}, partition {self.partition} ({reason}): find out who writes "
                "them, then start the worker again",
            )
        self._held.append(self._letter(refused, reason))

    def drain(self) -> list[Written]:
        """The letters since the last call; they go to the partition of the same number."""
        held, self._held = self._held, []
        return held

    def _letter(self, refused: Refused, reason: str) -> Written:
        message = refused.value if self.topic in KEPT_BYTES_OF else None
        if message and len(message) > MESSAGE_BYTES:
            message = None  # the letter itself would be too large for its topic; its place says where the bytes are
        key = refused.key if refused.key is None or len(refused.key) <= MESSAGE_BYTES // 2 else None
        letter = DeadLetter(self.topic, self.partition, refused.offset, refused.at, reason[:1000], key, message)
        return (f"{self.topic}-dlq", key, _encode(letter))
