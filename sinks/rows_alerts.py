"""Rows of alerts, of what people say of them, and of what channels have heard. Rule: as sinks/rows.py.

A row has the fields of its record in their order, so that what is appended there needs only a column.
"""

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from schemas import wire
from sinks.shapes_alerts import AlertDeliveryRow, AlertNoteRow, AnomalyRow

_unpack = msgspec.msgpack.Decoder
_decode_anomaly_key = _unpack(wire.AnomalyKey).decode
_decode_anomaly = _unpack(wire.Anomaly).decode
_decode_note = _unpack(wire.AlertNote).decode
_decode_delivery_key = _unpack(wire.AlertDeliveryKey).decode
_decode_delivery = _unpack(wire.AlertDelivery).decode


def anomaly(key: bytes, value: bytes) -> list[Struct]:
    """The row of an alert."""
    return [AnomalyRow(_decode_anomaly_key(key).id, *astuple(_decode_anomaly(value)))]


def note(key: bytes, value: bytes | None, place: int) -> Struct:
    """The row of what people said of an alert, or of a mute."""
    try:
        name = key.decode()
    except UnicodeDecodeError as exc:
        raise msgspec.DecodeError(f"the key is no text: {exc}") from exc
    if value is None:
        return AlertNoteRow(name, place, is_deleted=1)
    _, definitions, _, *said = astuple(_decode_note(value))
    return AlertNoteRow(name, place, 0, definitions, *said)


def delivery(key: bytes, value: bytes | None, place: int) -> Struct:
    """The row of what a channel has heard of an alert."""
    name = _decode_delivery_key(key)
    if value is None:
        return AlertDeliveryRow(name.channel, name.alert, place, is_deleted=1)
    _, *said = astuple(_decode_delivery(value))
    return AlertDeliveryRow(name.channel, name.alert, place, 0, *said)
