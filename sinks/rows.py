"""From a topic's record to the rows of its table. Rule: pure; the same record always gives the same rows.

Table topics become small JSON lines. Raw events pass as the bytes that came, their position spliced into each line.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
from msgspec import Struct

from schemas import wire
from schemas.codec import InvalidEvent
from schemas.derived import SPAN_NAMES, SPANS
from schemas.people import UNASSIGNED
from schemas.signals import read_signal
from sinks import rows_alerts
from sinks.shapes import (
    DeadLetterRow,
    DirectoryRow,
    InterventionRow,
    SampleRow,
    SessionLabelRow,
    SessionOutcomeRow,
    SessionRow,
    TeamWindowRow,
    UserMinuteRow,
    UserSessionRow,
    UserWindowRow,
)
from sinks.shapes_alerts import AlertDeliveryRow, AlertNoteRow, AnomalyRow

MINUTE_S = 60


class Table(NamedTuple):
    """Where a topic's records go."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[bytes, bytes], list[Struct]]
    """Key and value to rows. Raises msgspec.MsgspecError for what is no record of the topic."""


class Outside(NamedTuple):
    """Where the records of a table from outside go: of a key the last in the log counts, and a null takes it back."""

    name: str
    columns: tuple[str, ...]
    row: Callable[[bytes, bytes | None, int], Struct]
    """Key, value and place in the log to a row. Raises msgspec.MsgspecError for what is no record of the topic."""


RAW = "session_events"
DEAD_LETTERS, SAMPLES = "dead_letter_rows", "pipeline_sample_rows"

encode = msgspec.json.Encoder().encode


def json_lines(rows: list[Struct]) -> bytes:
    """Rows as the store takes them."""
    return b"\n".join([encode(row) for row in rows])


def splice(message: bytes, partition: int, offset: int) -> bytes:
    r"""The message's lines, each with its position as two more fields, ended by a newline; nothing is parsed.

    >>> splice(b'{"a":1}\n{"b":{}}', 3, 7)
    b'{"a":1,"partition":3,"offset":7}\n{"b":{},"partition":3,"offset":7}\n'
    """
    tail = b',"partition":%d,"offset":%d}\n' % (partition, offset)
    lines = message.count(b"\n") + 1
    spliced = message[:-1].replace(b"}\n", tail) + tail
    if message[-1:] == b"}" and len(spliced) == len(message) + lines * (len(tail) - 2) + 1:
        return spliced
    stripped = [line for line in map(bytes.strip, message.split(b"\n")) if line]  # written with spaces by others
    return b"".join([line[:-1] + tail for line in stripped])


def _session(key: bytes, value: bytes) -> list[Struct]:
    session_id, segment = _pair(key)
    state = _decode_session(value)
    return [
        SessionRow(
            session_id,
            segment,
            state.version,
            state.definitions,
            state.source,
            state.client_version,
            state.entrypoint,
            state.user_id,
            state.user_id_kind,
            state.install_id,
            state.team_hint,
            state.is_open,
            state.started_at,
            state.ended_at,
            state.seen_at,
            state.end_reason,
            state.closed_at,
            state.closing_at,
            state.marks,
            state.outcome,
            state.outcome_at,
            state.sums,
        )
    ]


def _user_minute(key: bytes, value: bytes) -> list[Struct]:
    place, pane = _decode_minute_key(key), _decode_minute(value)
    at = place.minute * MINUTE_S
    return [
        UserMinuteRow(
            at, place.team_id, place.user_id, place.segment, pane.version, pane.definitions, pane.hint, pane.sums
        ),
    ]


def _user_windows(key: bytes, value: bytes) -> list[Struct]:
    (user_id,) = _decode_name(key)
    held = _decode_user_windows(value)
    at = held.as_of * MINUTE_S
    return [
        UserWindowRow(user_id, name, span, at, held.version, held.definitions, sums)
        for name, span, sums in zip(SPAN_NAMES, SPANS, held.windows, strict=True)
    ]


def _user_session(key: bytes, value: bytes) -> list[Struct]:
    place, held = _decode_user_session_key(key), _decode_user_session(value)
    notice = held.notice
    return [
        UserSessionRow(
            place.user_id,
            place.session_id,
            notice.segment,
            held.version,
            held.definitions,
            held.team_id or UNASSIGNED,
            notice.state,
            notice.at,
            notice.started_at,
            notice.end_reason,
            held.came_back,
        )
    ]


def _team_windows(key: bytes, value: bytes) -> list[Struct]:
    (team_id,) = _decode_name(key)
    held = _decode_team_windows(value)
    at = held.as_of * MINUTE_S
    return [
        TeamWindowRow(team_id, name, span, at, people, held.version, held.definitions, sums)
        for name, span, people, sums in zip(SPAN_NAMES, SPANS, held.people, held.windows, strict=True)
    ]


def _verdict(key: bytes, value: bytes) -> list[Struct]:
    """Of signals the verdicts alone: what detectors watch beside them follows from minutes."""
    try:
        name, told = read_signal(key, value)
    except InvalidEvent as exc:
        raise msgspec.DecodeError(str(exc)) from exc
    if not (isinstance(name, wire.SessionKey) and isinstance(told, wire.SessionVerdict)):
        return []
    return [
        SessionOutcomeRow(
            name.session_id,
            name.segment,
            told.version,
            told.definitions,
            told.user_id,
            told.team_id or UNASSIGNED,
            told.source,
            told.is_interactive,
            told.started_at,
            told.ended_at,
            told.judged_at,
            told.outcome,
            told.is_troubled,
            told.signs,
            told.confidence,
            told.replaces,
        )
    ]


def _directory(key: bytes, value: bytes | None, place: int) -> Struct:
    (identity,) = _decode_name(key)
    if value is None:
        return DirectoryRow(identity, place, is_deleted=1)
    told = _decode_directory(value)
    entries = sorted(told.entries, key=lambda entry: entry.valid_from)
    return DirectoryRow(
        identity,
        place,
        definitions=told.definitions,
        person=told.person,
        valid_from=[entry.valid_from for entry in entries],
        teams=[entry.team_id for entry in entries],
        roles=[entry.role for entry in entries],
        occupations=[entry.occupation for entry in entries],
    )


def _label(key: bytes, value: bytes | None, place: int) -> Struct:
    session_id = _text(key)
    if value is None:
        return SessionLabelRow(session_id, place, is_deleted=1)
    told = _decode_label(value)
    return SessionLabelRow(
        session_id,
        place,
        definitions=told.definitions,
        labelled_at=told.labelled_at,
        labeller=told.labeller,
        work_mode=told.work_mode,
        expertise=told.expertise,
        outcome=told.outcome,
        success_signal=told.success_signal,
        failure_signal=told.failure_signal,
        value=told.value,
        occupation=told.occupation,
    )


def _intervention(key: bytes, value: bytes | None, place: int) -> Struct:
    name = _text(key)
    if value is None:
        return InterventionRow(name, place, is_deleted=1)
    told = _decode_intervention(value)
    return InterventionRow(
        name,
        place,
        definitions=told.definitions,
        kind=told.kind,
        started_at=told.started_at,
        title=told.title,
        team_id=told.team_id,
        ended_at=told.ended_at,
    )


def _text(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError as exc:
        raise msgspec.DecodeError(f"the key is no text: {exc}") from exc


def dead_letter(letter: wire.DeadLetter, prefix: str = "") -> DeadLetterRow:
    """A dead letter's row; the topic without the deployment's prefix."""
    topic = letter.topic.removeprefix(prefix)
    return DeadLetterRow(topic, letter.partition, letter.offset, letter.at, letter.reason)


def _dead(_: bytes, value: bytes) -> list[Struct]:
    return [dead_letter(decode_dead_letter(value))]


def _pair(key: bytes) -> tuple[str, int]:
    found = _decode_session_key(key)
    return found.session_id, found.segment


_unpack = msgspec.msgpack.Decoder
_decode_session_key = _unpack(wire.SessionKey).decode
_decode_session = _unpack(wire.SessionState).decode
_decode_minute_key = _unpack(wire.UserMinuteKey).decode
_decode_minute = _unpack(wire.UserMinute).decode
_decode_user_windows = _unpack(wire.UserWindows).decode
_decode_user_session_key = _unpack(wire.UserSessionKey).decode
_decode_user_session = _unpack(wire.UserSession).decode
_decode_team_windows = _unpack(wire.TeamWindows).decode
_decode_directory = _unpack(wire.DirectoryRecord).decode
_decode_label = _unpack(wire.SessionLabel).decode
_decode_intervention = _unpack(wire.Intervention).decode
_decode_name = _unpack(tuple[str]).decode
decode_dead_letter = _unpack(wire.DeadLetter).decode
decode_checkpoint = _unpack(wire.Checkpoint).decode


def _table(name: str, row: type[Struct], rows: Callable[[bytes, bytes], list[Struct]]) -> Table:
    return Table(name, row.__struct_fields__, rows)


_LETTERS = _table(DEAD_LETTERS, DeadLetterRow, _dead)

TABLES: Mapping[str, Table] = {
    "sessions": _table("session_state_rows", SessionRow, _session),
    "user-minutes": _table("user_minute_rows", UserMinuteRow, _user_minute),
    "user-windows": _table("user_window_rows", UserWindowRow, _user_windows),
    "user-sessions": _table("user_session_rows", UserSessionRow, _user_session),
    "team-windows": _table("team_window_rows", TeamWindowRow, _team_windows),
    "signals": _table("session_outcome_rows", SessionOutcomeRow, _verdict),
    "anomalies": _table("anomaly_rows", AnomalyRow, rows_alerts.anomaly),
    "session-events-dlq": _LETTERS,
    "user-changes-dlq": _LETTERS,
    "team-changes-dlq": _LETTERS,
    "signals-dlq": _LETTERS,
}
"""Topics whose records become rows. `session-events` is spliced, `team-minutes` has only a checkpoint for the store."""

OUTSIDE: Mapping[str, Outside] = {
    "directory": Outside("directory_rows", DirectoryRow.__struct_fields__, _directory),
    "session-labels": Outside("session_label_rows", SessionLabelRow.__struct_fields__, _label),
    "interventions": Outside("intervention_rows", InterventionRow.__struct_fields__, _intervention),
    "alert-notes": Outside("alert_note_rows", AlertNoteRow.__struct_fields__, rows_alerts.note),
    "alert-deliveries": Outside("alert_delivery_rows", AlertDeliveryRow.__struct_fields__, rows_alerts.delivery),
}
"""Topics that people or notifiers fill: no stage's memory, so that a null says that somebody took the row back."""

COLUMNS: Mapping[str, tuple[str, ...]] = {table.name: table.columns for table in TABLES.values()} | {
    **{table.name: table.columns for table in OUTSIDE.values()},
    RAW: (),
    SAMPLES: SampleRow.__struct_fields__,
}
"""Columns of an insert, by table; none: every column that the lines name."""


def rows_of(topic: str, key: bytes | None, value: bytes | None, place: int = 0) -> list[Struct]:
    """The rows of one record of a table topic or of dead letters; none for a checkpoint or another topic.

    A null is a row of a table from outside, where `place`, which rises along the log, is the version; of a stage's
    table it is none: the stage forgot, the store does not. Raises msgspec.MsgspecError for what is no record of the
    topic.
    """
    if topic in OUTSIDE and key:
        return [OUTSIDE[topic].row(key, value, place)]
    table = TABLES.get(topic)
    if table is None or value is None or (not key and table is not _LETTERS):
        return []
    return table.rows(key or b"", value)


KEYS: Mapping[str, tuple[tuple[str, ...], str | None, bool]] = {
    RAW: (("session_id", "event_id"), "offset", True),
    "session_state_rows": (("session_id", "segment"), "version", False),
    "user_minute_rows": (("minute", "team_id", "user_id", "segment"), "version", False),
    "user_window_rows": (("user_id", "span"), "version", False),
    "user_session_rows": (("user_id", "session_id"), "version", False),
    "team_window_rows": (("team_id", "span"), "version", False),
    "session_outcome_rows": (("session_id", "segment"), "version", False),
    "directory_rows": (("identity",), "version", False),
    "session_label_rows": (("session_id",), "version", False),
    "intervention_rows": (("id",), "version", False),
    "anomaly_rows": (("id",), "version", False),
    "alert_note_rows": (("id",), "version", False),
    "alert_delivery_rows": (("channel", "alert"), "version", False),
    DEAD_LETTERS: (("topic", "partition", "offset"), None, False),
    SAMPLES: (("at", "part", "partition"), None, False),
}
"""What makes two rows of a table the same, the column that says which stays, and whether its lowest value does."""
