"""Alerts for whoever looks after them: what the store has, and what people say of them. Rule: a note is one record.

Notes go into the topic `alert-notes`, where notifiers and the sink read them; without a stream, into the store.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from ammeter import outside, outside_log, reading
from ammeter.notifying import routes, ways
from ammeter.settings import Settings, SettingsError
from schemas.derived import DEFINITIONS
from schemas.wire import AlertNote
from sinks.clickhouse import ClickHouse
from sinks.due import mute_key
from sinks.message import check_message
from sinks.migrate import Databases
from streams.detect.catalogue import BY_NAME

EVERY = "*"

_COLUMNS = (
    "id, detector, scope, team_id, status, severity, direction, sentence, opened_at, changed_at, resolved_at, since, "
    "reopened, adopted_at, n, observed, expected, usual, usual_low, usual_high, usual_n, now, now_low, now_high, "
    "score, threshold, odds, people, calibrated, detector_version, is_acked, acked_at, is_muted, useful, "
    "board_path, runbook"
)

_LIST = f"""\
SELECT {_COLUMNS} FROM ${{public}}.anomalies
WHERE ({{all:UInt8}} = 1 OR status = 'firing') AND ({{team:String}} = '*' OR team_id = {{team:String}})
    AND ({{detector:String}} = '*' OR detector = {{detector:String}})
ORDER BY status, opened_at DESC, id"""  # noqa: S608 - our own names only

_ONE = f"SELECT {_COLUMNS} FROM ${{public}}.anomalies WHERE endsWith(id, {{name:String}}) ORDER BY id"  # noqa: S608 - our own names only

_TOLD = """\
SELECT alert, channel, word, told_at, number, sending, attempts, failure, in_doubt
FROM ${private}.alert_delivery_rows FINAL ORDER BY alert, channel"""

_NOTE = """\
SELECT version, definitions, id, detector, team_id, acked_at, acked_by, muted_until, useful, useful_by, comment
FROM ${private}.alert_note_rows FINAL WHERE id = {key:String}"""

Row = dict[str, Any]


@dataclass(frozen=True)
class About:
    """What a note is about: an alert, or a detector in a team."""

    key: str
    detector: str
    team_id: str


class Alerts:
    """What one store has."""

    def __init__(self, store: ClickHouse, databases: Databases) -> None:
        self._store, self._databases = store, databases

    def listed(self, *, everything: bool, team: str = EVERY, detector: str = EVERY) -> list[Row]:
        """Alerts, what fires first, with what each channel has heard of them."""
        found = self._rows(_LIST, {"all": int(everything), "team": team, "detector": detector})
        told = self._rows(_TOLD, {})
        return [{**row, "channels": [_channel(each) for each in told if each["alert"] == row["id"]]} for row in found]

    def one(self, name: str) -> Row:
        """An alert by its id or the end of it. Raises SettingsError where there is none, or are several."""
        found = self._rows(_ONE, {"name": name}) if name else []
        exact = [row for row in found if row["id"] == name]
        if len(exact or found) != 1:
            what = f"{len(found)} alerts end in {name!r}" if found else f"there is no alert {name!r}"
            raise SettingsError(f"{what}: `ammeter alerts list --all` names them.")
        (row,) = exact or found
        told = self._rows(_TOLD, {})
        return {**row, "channels": [_channel(each) for each in told if each["alert"] == row["id"]]}

    def note(self, key: str) -> AlertNote | None:
        """What the store knows that people said."""
        found = self._rows(_NOTE, {"key": key})
        return AlertNote(**found[0]) if found else None

    def _rows(self, statement: str, parameters: dict[str, Any]) -> list[Row]:
        names, _, rows = self._store.query(self._databases.fill(statement), parameters)
        return [dict(zip(names, row, strict=True)) for row in rows]


def about_alert(row: Row) -> About:
    """What a note on an alert is about."""
    return About(row["id"], row["detector"], row["team_id"])


def about_mute(detector: str, team: str) -> About:
    """What a mute is about: `*` is every detector, or everybody; no team is the organisation."""
    return About(mute_key(detector, team), detector, team)


def is_detector(name: str) -> bool:
    """Whether there is a detector of that name; `*` is every one."""
    return name == EVERY or name in BY_NAME


def needs_somebody(rows: Sequence[Row]) -> bool:
    """Whether something fires that nobody has acknowledged or muted; the digest can wait."""
    return any(
        row["status"] == "firing" and row["severity"] != "digest" and not row["is_acked"] and not row["is_muted"]
        for row in rows
    )


def change(settings: Settings, about: About, edit: Callable[[AlertNote], AlertNote], *, given: bool) -> str:
    """Changes what is noted; where to, in words. Raises SettingsError, TopicsError, StoreError."""
    blank = AlertNote(0, DEFINITIONS, about.key, about.detector, about.team_id)
    if outside.goes_to_log(settings, given=given):
        held = asyncio.run(outside_log.held(settings.kafka_address, settings.topic_prefix + outside.ALERT_NOTES))
        value = held.get(about.key.encode())
        before = msgspec.msgpack.decode(value, type=AlertNote) if value else None
    else:
        with reading.open_store(settings, given=given) as store:
            before = Alerts(store, Databases(settings.database)).note(about.key)
    note = replace(edit(before or blank), definitions=DEFINITIONS)
    return outside.load(settings, outside.ALERT_NOTES, {about.key: note}, given=given).where


async def check_channels(settings: Settings, chosen: str) -> dict[str, str]:
    """Sends a test message to one channel or all; why each did not take it, or nothing. Raises SettingsError."""
    from sinks.chat_send import NotTaken

    opened = ways(routes(settings))
    if chosen and chosen not in opened:
        raise SettingsError(f"{chosen!r} is no channel: choose {', '.join(sorted(opened))}.")
    found = {}
    for name in [chosen] if chosen else sorted(opened):
        try:
            await opened[name].send(check_message("test", name))
            found[name] = ""
        except NotTaken as exc:
            found[name] = exc.reason
    return found


def _channel(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "alert"}
