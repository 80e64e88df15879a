"""Alerts: what rules find, as rows of `anomalies`. Rule: one row an alert, and a sentence that stays while it is open.

What comes back within five working days is the same alert, opened again: its row says how often, and nobody is told
anew. Figures of an open alert are brought up to date; the sentence of when it opened stays.
"""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.detection import Scope
from streams.detect import sentence
from streams.detect.calendar import Calendar
from streams.detect.catalogue import BY_NAME
from streams.detect.finding import Finding
from streams.metrics.stage import Record

MERGED = 5
"""Working days within which what comes back is the same alert."""

REMEMBERED = 21
"""Days for which an alert that has ended is kept at hand; longer than any five working days."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(wire.Anomaly).decode
_decode_key = msgspec.msgpack.Decoder(wire.AnomalyKey).decode


class Place(NamedTuple):
    """What a detector watches."""

    detector: str
    scope: Scope
    team_id: str


class Alerts:
    """The table `anomalies`, as far as it is of interest still."""

    def __init__(self, calendar: Calendar, is_calibrated: bool) -> None:
        self._calendar, self._is_calibrated = calendar, is_calibrated
        self._latest: dict[Place, tuple[str, wire.Anomaly]] = {}
        self._touched: dict[str, wire.Anomaly] = {}

    def restore(self, key: bytes, value: bytes) -> None:
        """Takes one row; of each place the latest counts."""
        name, row = _decode_key(key), _decode(value)
        place = Place(row.detector, row.scope, row.team_id)
        held = self._latest.get(place)
        if held is None or held[1].opened_at < row.opened_at:
            self._latest[place] = (name.id, row)

    def tell(self, place: Place, found: Finding, weekly: float = 0.0) -> None:
        """A rule says that an alert opens or ends; `weekly`: a small team's troubled sessions a week, for a bucket."""
        held = self._latest.get(place)
        if found.status == "firing":
            self._open(place, found, held, weekly)
        elif held is not None and held[1].status == "firing":
            row = held[1]
            _fill(row, found)
            row.status, row.changed_at, row.resolved_at = "resolved", found.at, found.at
            row.adopted_at = found.at if found.why == "adopted" else 0
            row.sentence = sentence.resolved(_said(found, place), place)
            self._touched[held[0]] = row

    def refresh(self, place: Place, found: Finding) -> None:
        """The figures of an open alert, as they are now."""
        held = self._latest.get(place)
        if held is not None and held[1].status == "firing" and (held[1].n, held[1].score) != (found.n, found.score):
            _fill(held[1], found)
            self._touched[held[0]] = held[1]

    def forget(self, day: int) -> None:
        """Alerts that ended so long ago that nothing is merged with them."""
        gone = [
            place
            for place, (_, row) in self._latest.items()
            if row.status == "resolved" and self._calendar.day(row.resolved_at) < day - REMEMBERED
        ]
        for place in gone:
            del self._latest[place]

    def changed(self, version: int) -> list[Record]:
        """Drains the rows that changed."""
        touched, self._touched = self._touched, {}
        for row in touched.values():
            row.version = version
        return [Record("anomalies", _encode((name,)), _encode(row)) for name, row in touched.items()]

    @property
    def firing(self) -> int:
        """How many are open."""
        return sum(row.status == "firing" for _, row in self._latest.values())

    def _open(self, place: Place, found: Finding, held: tuple[str, wire.Anomaly] | None, weekly: float) -> None:
        detector = BY_NAME[place.detector]
        said = sentence.firing(_said(found, place), place, self._calendar, self._is_calibrated, weekly)
        if held is not None and self._is_same(held[1], found.at):
            name, row = held
            _fill(row, found)
            row.status, row.changed_at, row.resolved_at, row.sentence = "firing", found.at, 0, said
            row.reopened += 1
        else:
            name = identity(place, found.at)
            row = wire.Anomaly(
                version=0,
                definitions=DEFINITIONS,
                detector=place.detector,
                scope=place.scope,
                team_id=place.team_id,
                status="firing",
                severity=detector.severity,
                direction=detector.direction,
                opened_at=found.at,
                changed_at=found.at,
                since=found.since,
                n=0,
                observed=0.0,
                expected=0.0,
                usual=0.0,
                usual_low=0.0,
                usual_high=0.0,
                usual_n=0.0,
                now=0.0,
                now_low=0.0,
                now_high=0.0,
                score=0.0,
                threshold=0.0,
                odds=0.0,
                people=0,
                detector_version=detector.version,
                calibrated=self._is_calibrated,
                sentence=said,
            )
            _fill(row, found)
        self._latest[place] = (name, row)
        self._touched[name] = row

    def _is_same(self, row: wire.Anomaly, at: int) -> bool:
        if row.status == "firing":
            return True
        if row.adopted_at:
            return False
        calendar = self._calendar
        return calendar.working(calendar.day(row.resolved_at) + 1, calendar.day(at) + 1) <= MERGED


def identity(place: Place, opened_at: int) -> str:
    """The id of an alert: the detector, and what people can type.

    >>> identity(Place("abandonment", "team", "payments"), 1_764_000_000_000)
    'abandonment-5ab8cba5'
    """
    what = f"{place.scope}|{place.team_id}|{opened_at}".encode()
    return f"{place.detector}-{blake2b(what, digest_size=4).hexdigest()}"


def _said(found: Finding, place: Place) -> Finding:
    """The finding in the metric's own direction: rules count what is bad, success counts what is good."""
    if BY_NAME[place.detector].direction == "up":
        return found
    return msgspec.structs.replace(
        found,
        observed=found.n - found.observed,
        expected=found.n - found.expected,
        usual=1 - found.usual,
        usual_low=1 - found.usual_high,
        usual_high=1 - found.usual_low,
        now=1 - found.now,
        now_low=1 - found.now_high,
        now_high=1 - found.now_low,
    )


_FIGURES = (
    "since", "n", "observed", "expected", "usual", "usual_low", "usual_high", "usual_n", "now", "now_low", "now_high",
    "score", "threshold", "odds", "people",
)  # fmt: skip


def _fill(row: wire.Anomaly, found: Finding) -> None:
    said = _said(found, Place(row.detector, row.scope, row.team_id))
    for name in _FIGURES:
        setattr(row, name, getattr(said, name))
