"""Failed model requests, by person and minute. Rule: told when there are some, and again whenever the minute changes.

Told before the team's minute can close: with the sums that go to the team. Whoever counts must let a later telling of a
minute replace an earlier one.
"""

import msgspec

from schemas import counters as c
from schemas.counters import Sums, total
from schemas.derived import DEFINITIONS
from streams.metrics.stage import Record

Pane = tuple[str, str]
"""Of whom, in which team."""

_FAILED, _FAILED_OTHER = c.API_FAILURES, c.API_FAILURES + c.OTHER

_encode = msgspec.msgpack.Encoder().encode
_decode_sums = msgspec.msgpack.Decoder(dict[int, int]).decode


class Failures:
    """What the next flush says of failed requests."""

    def __init__(self) -> None:
        self._heard: set[tuple[Pane, int]] = set()
        self._told: list[tuple[tuple[str, int, str], int, int]] = []

    def hear(self, pane: Pane, minute: int, sums: Sums) -> None:
        """A minute of a person in a team is about to change by these sums: failures may be taken back as well."""
        if _FAILED in sums or _FAILED_OTHER in sums:
            self._heard.add((pane, minute))

    def take(self, pane: Pane, minute: int, packed: bytes) -> None:
        """A minute has changed; what it holds now. That most have no failure is seen without unpacking them."""
        was_heard = bool(self._heard) and (pane, minute) in self._heard
        if was_heard or _FAILED in packed or _FAILED_OTHER in packed:
            sums = _decode_sums(packed)
            failures = total(sums, c.API_FAILURES)
            if was_heard or failures:
                user_id, team_id = pane
                self._told.append(((team_id, minute, user_id), failures, total(sums, c.RESPONSES)))

    def drain(self, version: int) -> list[Record]:
        """The records, and a new beginning."""
        told, self._told, self._heard = self._told, [], set()
        return [
            Record("signals", _encode(name), _encode((version, DEFINITIONS, failures, responses)))
            for name, failures, responses in told
        ]
