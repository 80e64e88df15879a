"""Rows as the store takes them: a struct a table, its fields the columns of an insert. Rule: data, no logic."""

from msgspec import Struct


class SessionRow(Struct):
    """A row of session_state_rows."""

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
    closed_at: int
    closing_at: int
    marks: dict[int, int]
    told: str
    told_at: int
    sums: dict[int, int]


class UserMinuteRow(Struct):
    """A row of user_minute_rows; minute in epoch seconds."""

    minute: int
    team_id: str
    user_id: str
    segment: int
    version: int
    definitions: int
    hint: str
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


class SessionOutcomeRow(Struct):
    """A row of session_outcome_rows."""

    session_id: str
    segment: int
    version: int
    definitions: int
    user_id: str
    team_id: str
    source: str
    is_interactive: bool
    started_at: int
    ended_at: int
    judged_at: int
    outcome: str
    is_troubled: bool
    signs: int
    confidence: str
    replaces: bool


class DirectoryRow(Struct, omit_defaults=True):
    """A row of directory_rows; version is the record's place in the log."""

    identity: str
    version: int
    is_deleted: int = 0
    definitions: int = 0
    person: str = ""
    valid_from: list[int] = []
    teams: list[str] = []
    roles: list[str] = []
    occupations: list[str] = []


class SessionLabelRow(Struct, omit_defaults=True):
    """A row of session_label_rows; version is the record's place in the log."""

    session_id: str
    version: int
    is_deleted: int = 0
    definitions: int = 0
    labelled_at: int = 0
    labeller: str = ""
    work_mode: str = ""
    expertise: int = 0
    outcome: str = ""
    success_signal: int = 0
    failure_signal: int = 0
    value: int = 0
    occupation: str = ""


class InterventionRow(Struct, omit_defaults=True):
    """A row of intervention_rows; version is the record's place in the log."""

    id: str
    version: int
    is_deleted: int = 0
    definitions: int = 0
    kind: str = ""
    started_at: int = 0
    title: str = ""
    team_id: str = ""
    ended_at: int = 0


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
