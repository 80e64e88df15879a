"""What libraries log, at a rate that can be read. Rule: an outage is told once in a while, not a thousand times."""

import logging
import time
from collections.abc import Callable


class RateLimit(logging.Filter):
    """Lets each sentence of each logger through once in `every_s` seconds, and says how many it kept back.

    Sentences are told apart by their template: what differs only in a partition or a number is the same sentence.
    """

    def __init__(self, every_s: float = 10.0, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.every_s, self._now = every_s, now
        self._until: dict[tuple[str, str], float] = {}
        self._kept: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        key, now = (record.name, str(record.msg)), self._now()
        if now < self._until.get(key, 0):
            self._kept[key] = self._kept.get(key, 0) + 1
            return False
        self._until[key] = now + self.every_s
        if kept := self._kept.pop(key, 0):
            record.msg, record.args = f"{record.getMessage()} (and {kept} like it)", None
        return True
