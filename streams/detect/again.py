"""Alerts recomputed from all that was heard. Rule: by the stage itself, from the log's beginning."""

import msgspec

from schemas.codec import InvalidEvent
from streams.detect.calendar import Calendar
from streams.detect.heard import Heard
from streams.detect.parameters import Calibration
from streams.detect.stage import Detect


class Again:
    """Hears the log once more, as far as `heard` says.

    What it is told must be what was told from the log's beginning on: `heard.since` is zero.
    """

    def __init__(self, heard: Heard, calibration: Calibration, calendar: Calendar) -> None:
        self.left = heard.signals
        """So many signals are still to come."""
        self._now = 0
        self._stage = Detect(calibration, calendar, heard.days)
        self._stage.begin(0)

    def take(self, at: int, key: bytes, message: bytes) -> None:
        """Takes the next record of the log, of that time (ms), if it was heard; unreadable ones never were."""
        if not self.left:
            return
        self._now = max(self._now, at)
        try:
            self._stage.take(key, message, self._now)
        except (InvalidEvent, msgspec.MsgspecError):
            return
        self.left -= 1

    def alerts(self) -> dict[bytes, bytes]:
        """Each alert by its key, as it must stand."""
        tables = self._stage.changed(self._now, 0).tables
        return {key: value for topic, key, value in tables if topic == "anomalies" and value is not None}
