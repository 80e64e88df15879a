"""Views of alerts. Rule: an alert is always shown; figures of fewer people than the floor are not, nor who said what.

Where it leads is a path: whoever shows it knows the address of the boards and of docs/runbooks.md.
"""

from sinks.columns import Column
from sinks.relations import FLOOR, MOMENT, PRIVATE, PUBLIC, WORD, Relation, moment, shown

_DAY_MS = 86_400_000

_MUTES = (
    "(SELECT groupArray((toString(detector), toString(team_id))) FROM ${private}.alert_note_rows FINAL"
    " WHERE startsWith(id, 'mute:') AND muted_until > toUnixTimestamp64Milli(now64(3)))"
)
"""Detector and team of each mute that holds now."""

RUNBOOK = "if(r.detector = 'success', 'verified-success', replaceAll(r.detector, '_', '-'))"
"""Heading of docs/runbooks.md: a test holds it against the detectors' catalogue."""

_SPAN = (
    f"'from=', toString(r.since - {7 * _DAY_MS}), "
    f"'&to=', if(r.resolved_at = 0, 'now', toString(r.resolved_at + {_DAY_MS}))"
)
"""A week before the change, and a day after the end."""

_BOARD = f"""\
if(r.scope = 'team',
        concat('/d/team?var-team=', encodeURLComponent(toString(r.team_id)), '&', {_SPAN}),
        concat('/d/now?', {_SPAN}))"""


def _maybe(name: str, meaning: str) -> Column:
    """Milliseconds where 0 is never, as a time or null."""
    return Column(
        name, f"Nullable({MOMENT})", meaning, f"if(r.{name} = 0, NULL, fromUnixTimestamp64Milli(r.{name}, 'UTC'))"
    )


def _of_notes(name: str, meaning: str) -> Column:
    column = _maybe(name, meaning)
    return column._replace(sql=column.sql.replace("r.", "n."))


_FIGURES = (
    Column("n", "Int64", "Observations since the change began.", "r.n"),
    Column("observed", "Float64", "How many of them it happened in; of cost the sum.", "r.observed"),
    Column("expected", "Float64", "How many were to be expected.", "r.expected"),
    Column("usual", "Float64", "Usual level: a share, or micro-dollars.", "r.usual"),
    Column("usual_low", "Float64", "Of its 90 % interval.", "r.usual_low"),
    Column("usual_high", "Float64", "Of its 90 % interval.", "r.usual_high"),
    Column("usual_n", "Float64", "Observations behind it.", "r.usual_n"),
    Column("now", "Float64", "Level since the change.", "r.now"),
    Column("now_low", "Float64", "Of its 90 % interval.", "r.now_low"),
    Column("now_high", "Float64", "Of its 90 % interval.", "r.now_high"),
    Column("score", "Float64", "The evidence.", "r.score"),
    Column("threshold", "Float64", "What the evidence had to exceed.", "r.threshold"),
    Column("odds", "Float64", "How many times likelier the change makes what was seen.", "r.odds"),
    Column("people", "Int64", "At least so many different people are behind it.", "r.people"),
)

_ALERTS = (
    Column("id", "String", "Of the alert.", "r.id"),
    Column("detector", WORD, "What is watched.", "r.detector"),
    Column("scope", WORD, "team, organisation, or bucket: of teams too small to be watched alone.", "r.scope"),
    Column("team_id", WORD, "The team; of a bucket its name; of the organisation empty.", "r.team_id"),
    Column("status", WORD, "firing or resolved.", "r.status"),
    Column(
        "severity", WORD, "alert: to the team; pipeline: to those who run Ammeter; digest: once a week.", "r.severity"
    ),
    Column("direction", WORD, "Where the figure went: up or down.", "r.direction"),
    Column("sentence", "String", "For a person.", "r.sentence"),
    moment("opened_at", "When it fired first.", "r.opened_at"),
    moment("changed_at", "When the status changed last.", "r.changed_at"),
    _maybe("resolved_at", "When it ended; null: it fires."),
    moment("since", "About when the change began.", "r.since"),
    Column("reopened", "Int64", "How often it came back soon and was merged.", "r.reopened"),
    _maybe("adopted_at", "When the new level was taken for the usual one; null: it was not."),
    *_FIGURES,
    Column("calibrated", "Bool", "On the organisation's own record; else on assumptions.", "r.calibrated"),
    Column(
        "detector_version", "UInt32", "Rises when the same signals would give another verdict.", "r.detector_version"
    ),
    Column("is_acked", "Bool", "Somebody has taken it on.", "n.acked_at > 0"),
    _of_notes("acked_at", "When; null: nobody has."),
    Column(
        "is_muted",
        "Bool",
        "It is to be quiet: itself, or its detector for this team.",
        "n.muted_until > toUnixTimestamp64Milli(now64(3)) OR arrayExists(m -> m.1 IN ('*', toString(r.detector)) AND "
        f"m.2 IN ('*', toString(r.team_id)), {_MUTES})",
    ),
    Column("useful", WORD, "Was it useful: yes, no, or empty where nobody has said.", "n.useful"),
    Column("board_path", "String", "Of the board that shows it, after the address of the boards.", _BOARD),
    Column("runbook", WORD, "Heading of docs/runbooks.md.", RUNBOOK),
)

_OF_PEOPLE = (
    Column("acked_by", "String", "Who has taken it on.", "n.acked_by"),
    Column("useful_by", "String", "Who said whether it was useful.", "n.useful_by"),
    Column("comment", "String", "What they said.", "n.comment"),
)

_FLOORED = f"s.scope = 'team' AND s.people < {FLOOR}"


def _floored(column: Column) -> Column:
    return column._replace(type=f"Nullable({column.type})", sql=f"if({_FLOORED}, NULL, s.`{column.name}`)")


_HIDDEN = f"concat('Of fewer than ', toString({FLOOR}), ' people: a change is seen, and no figure is shown.')"


def _public(column: Column) -> Column:
    if column in _FIGURES:
        return _floored(column)
    if column.name == "sentence":
        return column._replace(sql=f"if({_FLOORED}, {_HIDDEN}, s.sentence)")
    return shown("s", column)[0]


VIEWS = (
    Relation(
        PRIVATE,
        "anomalies",
        "Alerts, with the figures that decided them and what people said of them.",
        (*_ALERTS, *_OF_PEOPLE),
        source="FROM ${private}.anomaly_rows AS r FINAL\n"
        "LEFT JOIN (SELECT * FROM ${private}.alert_note_rows FINAL) AS n ON n.id = r.id",
    ),
    Relation(
        PUBLIC,
        "anomalies",
        "Alerts; of a team below the floor without any figure (null).",
        tuple(_public(column) for column in _ALERTS),
        source="FROM ${private}.anomalies AS s",
    ),
)
