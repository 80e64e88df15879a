"""Teams, by team. Rule: what the users stage says is added up; nothing is counted here."""

import msgspec
from msgspec import Raw

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.derived import DEFINITIONS, SPANS
from streams.metrics.closing import Closing
from streams.metrics.rolling import NO_SUMS, Rolling
from streams.metrics.stage import Output, Record

MINUTE = 60_000

_encode = msgspec.msgpack.Encoder().encode
_decode_minute_key = msgspec.msgpack.Decoder(wire.TeamMinuteKey).decode
_decode_key = msgspec.msgpack.Decoder(wire.TeamKey).decode
_decode_minute = msgspec.msgpack.Decoder(tuple[int, int, Raw]).decode
_decode_windows = msgspec.msgpack.Decoder(wire.TeamWindows).decode
_decode_change = msgspec.msgpack.Decoder(wire.TeamChange).decode


class Teams:
    """The stage of `team-changes`: what each team did lately, how many people were active in it, and closed minutes.

    Minutes that come too late for any window are dropped: a team's history is added up from `user-minutes` by SQL.
    """

    name = "teams"
    source = "team-changes"
    tables: tuple[str, ...] = ("team-minutes", "team-windows")
    sends: tuple[str, ...] = ("signals",)

    def __init__(self) -> None:
        self._rolling: Rolling[str] = Rolling()
        self._people: dict[str, list[int]] = {}
        self._moved: dict[str, None] = {}  # teams whose people changed
        self._closing = Closing()

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """Takes one minute, or of a team's windows the people; the sums follow from minutes."""
        if table == "team-minutes":
            name = _decode_minute_key(key)
            _, _, sums = _decode_minute(value)
            packed = bytes(sums)
            self._rolling.restore(name.team_id, name.minute, packed)
            self._closing.restore(name.team_id, name.minute, packed)
        elif table == "team-windows":
            self._people[_decode_key(key).team_id] = _decode_windows(value).people

    def begin(self, now: int) -> None:
        """The windows as they were at the last commit."""
        self._rolling.begin(now // MINUTE)
        self._closing.begin(now // MINUTE)

    def apply(self, message: bytes, now: int) -> None:
        """Adds what one flush of the users stage says about one team. Raises InvalidEvent."""
        try:
            change = _decode_change(message)
        except msgspec.DecodeError as exc:
            raise InvalidEvent("", str(exc)) from exc
        team_id = change.team_id
        for minute, sums in change.minutes.items():
            self._closing.hear(team_id, minute, sums)
            self._rolling.add(team_id, minute, sums)
        if any(change.people):
            people = self._people.get(team_id, [0] * len(SPANS))
            self._people[team_id] = [there + more for there, more in zip(people, change.people, strict=True)]
            self._moved[team_id] = None

    def changed(self, now: int, version: int) -> Output:
        """Changed panes first, because time may forget them; then windows as they are at `now`, zeros included."""
        rolling = self._rolling
        tables = []
        for team_id, minute, packed, _ in rolling.changed_panes():
            self._closing.take(team_id, minute, packed)
            value = _encode((version, DEFINITIONS, Raw(packed))) if packed != NO_SUMS else None
            tables.append(Record("team-minutes", _encode((team_id, minute)), value))
        rolling.late_panes()
        for team_id, minute in rolling.advance(now // MINUTE):
            tables.append(Record("team-minutes", _encode((team_id, minute)), None))
        moved, self._moved = self._moved, {}
        for keys in rolling.changed_windows():
            moved.update(keys)
        for team_id in moved:
            people = self._people.setdefault(team_id, [0] * len(SPANS))
            windows = [of_span.get(team_id, {}) for of_span in rolling.windows]
            value = _encode((version, DEFINITIONS, rolling.minute, people, windows))
            tables.append(Record("team-windows", _encode((team_id,)), value))
        return Output(tables, self._closing.advance(now, version))

    def sizes(self) -> dict[str, int]:
        """How many minutes and teams it remembers."""
        return {"minutes": len(self._rolling), "teams": len(self._people)}
