"""From a topic's record to the rows of its table. Rule: pure; the same record always gives the same rows.

Table topics become small JSON lines. Raw events pass as the bytes that came, their position spliced into each line.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
from msgspec import Struct

from schemas import wire
from schemas.derived import SPAN_NAMES, SPANS
from schemas.people import UNASSIGNED

MINUTE_S = 60


class SessionRow(Struct):
    """A row of session_rows."""

    session_id: str
    segment: int
    version: int
    definitions: int
    source: str
    client_version: str
    entrypoint: str
    user_id: str
    user_id_kind: str
    install_id: str
    team_hint: str
    is_open: bool
    started_at: int
    ended_at: int
    seen_at: int
    end_reason: str
    sums: dict[int, int]


class UserMinuteRow(Struct):
    """A row of user_minute_rows; minute in epoch seconds."""

    minute: int
    team_id: str
    user_id: str
    segment: int
    version: int
    definitions: int
    sums: dict[int, int]


class UserWindowRow(Struct):
    """A row of user_window_rows; as_of in epoch seconds."""

    user_id: str
    span: str
    span_minutes: int
    as_of: int
    version: int
    definitions: int
    sums: dict[int, int]


class UserSessionRow(Struct):
    """A row of user_session_rows."""

    user_id: str
    session_id: str
    segment: int
    version: int
    definitions: int
    team_id: str
    state: str
    at: int
    started_at: int
    end_reason: str
    came_back: bool


class TeamWindowRow(Struct):
    """A row of team_window_rows; as_of in epoch seconds."""

    team_id: str
    span: str
    span_minutes: int
    as_of: int
    people: int
    version: int
    definitions: int
    sums: dict[int, int]


class DeadLetterRow(Struct):
    """A row of dead_letter_rows."""

    topic: str
    partition: int
    offset: int
    at: int
    reason: str


class SampleRow(Struct):
    """A row of pipeline_sample_rows."""

    at: int
    part: str
    partition: int
    lag: int
    watermark_age_ms: int
    delay_ms: int


class Table(NamedTuple):
    """Where a topic's records go."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[bytes, bytes], list[Struct]]
    """Key and value to rows. Raises msgspec.MsgspecError for what is no record of the topic."""


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
            state.sums,
        )
    ]


def _user_minute(key: bytes, value: bytes) -> list[Struct]:
    place, pane = _decode_minute_key(key), _decode_minute(value)
    at = place.minute * MINUTE_S
    return [
        UserMinuteRow(at, place.team_id, place.user_id, place.segment, pane.version, pane.definitions, pane.sums),
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
_decode_name = _unpack(tuple[str]).decode
decode_dead_letter = _unpack(wire.DeadLetter).decode
decode_checkpoint = _unpack(wire.Checkpoint).decode


def _table(name: str, row: type[Struct], rows: Callable[[bytes, bytes], list[Struct]]) -> Table:
    return Table(name, row.__struct_fields__, rows)


_LETTERS = _table(DEAD_LETTERS, DeadLetterRow, _dead)

TABLES: Mapping[str, Table] = {
    "sessions": _table("session_rows", SessionRow, _session),
    "user-minutes": _table("user_minute_rows", UserMinuteRow, _user_minute),
    "user-windows": _table("user_window_rows", UserWindowRow, _user_windows),
    "user-sessions": _table("user_session_rows", UserSessionRow, _user_session),
    "team-windows": _table("team_window_rows", TeamWindowRow, _team_windows),
    "session-events-dlq": _LETTERS,
    "user-changes-dlq": _LETTERS,
    "team-changes-dlq": _LETTERS,
}
"""Topics whose records become rows. `session-events` is spliced, `team-minutes` has only a checkpoint for the store."""

COLUMNS: Mapping[str, tuple[str, ...]] = {table.name: table.columns for table in TABLES.values()} | {
    RAW: (),
    SAMPLES: SampleRow.__struct_fields__,
}
"""Columns of an insert, by table; none: every column that the lines name."""


def rows_of(topic: str, key: bytes | None, value: bytes | None) -> list[Struct]:
    """The rows of one record of a table topic or of dead letters; none for a null, a checkpoint, or another topic.

    Raises msgspec.MsgspecError for what is no record of the topic.
    """
    table = TABLES.get(topic)
    if table is None or value is None or (not key and table is not _LETTERS):
        return []
    return table.rows(key or b"", value)


KEYS: Mapping[str, tuple[tuple[str, ...], str | None, bool]] = {
    RAW: (("session_id", "event_id"), "offset", True),
    "session_rows": (("session_id", "segment"), "version", False),
    "user_minute_rows": (("minute", "team_id", "user_id", "segment"), "version", False),
    "user_window_rows": (("user_id", "span"), "version", False),
    "user_session_rows": (("user_id", "session_id"), "version", False),
    "team_window_rows": (("team_id", "span"), "version", False),
    DEAD_LETTERS: (("topic", "partition", "offset"), None, False),
    SAMPLES: (("at", "part", "partition"), None, False),
}
"""What makes two rows of a table the same, the column that says which stays, and whether its lowest value does."""
