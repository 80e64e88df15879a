"""The sessions stage of the stream as a test's own little stream."""

import msgspec

from schemas import wire
from schemas.counters import Sums, add
from streams.metrics.sessions import Sessions


class Folding:
    """Folds messages; sessions' segments are added up."""

    def __init__(self) -> None:
        self._stage, self._now, self._version = Sessions(), 0, 0
        self._rows: dict[bytes, Sums] = {}
        self._stage.begin(0)

    def add(self, message: bytes, now: int) -> None:
        """One message, received at `now`."""
        self._now = max(now, self._now)
        self._stage.apply(message, self._now)

    def sessions(self) -> dict[str, Sums]:
        """The sums by session."""
        self._version += 1
        for record in self._stage.changed(self._now, self._version).tables:
            if record.value is not None:
                self._rows[record.key] = msgspec.msgpack.decode(record.value, type=wire.SessionState).sums
        found: dict[str, Sums] = {}
        for key, sums in self._rows.items():
            name = msgspec.msgpack.decode(key, type=wire.SessionKey).session_id
            add(found.setdefault(name, {}), {n: v for n, v in sums.items() if n < 2 * 64})
        return found
