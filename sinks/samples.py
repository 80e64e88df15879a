"""How far each part of the pipeline is. Rule: pure; told what passes and where logs end, it says what to store.

A stage's checkpoint tells its place and its time. One that has read all there is, is not behind, however old its
checkpoint: it writes none while nothing happens.
"""

from collections.abc import Mapping

import msgspec

from sinks.rows import decode_checkpoint
from sinks.shapes import SampleRow

STAGES: Mapping[str, tuple[str, str]] = {
    "sessions": ("sessions", "session-events"),
    "user-minutes": ("users", "user-changes"),
    "team-minutes": ("teams", "team-changes"),
    "anomalies": ("detect", "signals"),
}
"""The table that holds a stage's checkpoint: the stage, and what it reads."""


class Samples:
    """Collects between two samples."""

    def __init__(self) -> None:
        self._points: dict[tuple[str, int], tuple[int, int]] = {}
        self._delay = 0

    def saw(self, topic: str, partition: int, value: bytes | None) -> None:
        """A record with the empty key passed in a table topic."""
        if topic in STAGES and value is not None:
            try:
                point = decode_checkpoint(value)
            except msgspec.MsgspecError:
                return
            self._points[topic, partition] = (point.offset, point.now)

    def lost(self, topic: str, partition: int) -> None:
        """Another process reads this partition now, and samples it."""
        self._points.pop((topic, partition), None)

    def stored(self, delay_ms: int) -> None:
        """Team windows reached the store so long after their flush."""
        self._delay = max(self._delay, delay_ms)

    def sources(self) -> list[tuple[str, int]]:
        """Source topic and partition of each stage whose place is known: ask where they end."""
        return [(STAGES[topic][1], partition) for topic, partition in self._points]

    def take(self, now: int, ends: Mapping[tuple[str, int], int], lags: Mapping[int, int]) -> list[SampleRow]:
        """Rows for this moment; starts anew. `ends` of the stages' sources, `lags` of the sink by partition."""
        rows = []
        for (topic, partition), (offset, time) in sorted(self._points.items()):
            stage, source = STAGES[topic]
            end = ends.get((source, partition))
            if end is not None:
                lag = max(0, end - offset)
                rows.append(SampleRow(now, stage, partition, lag, max(0, now - time) if lag else 0, 0))
        for partition, lag in sorted(lags.items()):
            rows.append(SampleRow(now, "sink", partition, lag, 0, self._delay))
        self._delay = 0
        return rows
