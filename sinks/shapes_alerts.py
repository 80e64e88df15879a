"""Rows of alerts: a struct a table, its fields the columns of an insert. Rule: data, no logic."""

from msgspec import Struct


class AnomalyRow(Struct):
    """A row of anomaly_rows: the id, and the fields of wire.Anomaly in their order."""

    id: str
    version: int
    definitions: int
    detector: str
    scope: str
    team_id: str
    status: str
    severity: str
    direction: str
    opened_at: int
    changed_at: int
    since: int
    n: int
    observed: float
    expected: float
    usual: float
    usual_low: float
    usual_high: float
    usual_n: float
    now: float
    now_low: float
    now_high: float
    score: float
    threshold: float
    odds: float
    people: int
    detector_version: int
    calibrated: bool
    sentence: str
    resolved_at: int
    reopened: int
    adopted_at: int


class AlertNoteRow(Struct, omit_defaults=True):
    """A row of alert_note_rows; version is the record's place in the log."""

    id: str
    version: int
    is_deleted: int = 0
    definitions: int = 0
    detector: str = ""
    team_id: str = ""
    acked_at: int = 0
    acked_by: str = ""
    muted_until: int = 0
    useful: str = ""
    useful_by: str = ""
    comment: str = ""


class AlertDeliveryRow(Struct, omit_defaults=True):
    """A row of alert_delivery_rows; version is the record's place in the log."""

    channel: str
    alert: str
    version: int
    is_deleted: int = 0
    definitions: int = 0
    word: str = ""
    told_at: int = 0
    number: int = 0
    sending: str = ""
    message: str = ""
    attempts: int = 0
    failure: str = ""
    failed_at: int = 0
    in_doubt: bool = False
