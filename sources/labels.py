"""Labels of sessions and interventions, as people and their tools keep them. Rule: words of the study, or refused."""

from collections.abc import Mapping

from schemas import wire
from schemas.people import Pseudonyms
from sources.sheets import Columns, Row, Sheet, read

LABELS = Columns(
    ("session_id",),
    (
        "work_mode",
        "expertise",
        "outcome",
        "success_signal",
        "failure_signal",
        "value",
        "occupation",
        "labeller",
        "labelled_at",
    ),
)
INTERVENTIONS = Columns(("id", "kind", "started_at"), ("title", "team", "ended_at"))

WORK_MODES = ("plan", "build", "fix", "understand", "test", "operate", "analyze", "orchestrate", "communicate")
OUTCOMES = ("succeeded", "partially", "failed", "no_clear_goal")
KINDS = ("training", "knowledge_base", "review", "tool", "other")

TOOL = "tool:"
"""What the name of a labeller begins with that is no person, and so is kept as it is."""

_UNCLEAR = {"unclear": 0}
_NONE = {"none": 0}


def read_labels(
    body: bytes, pseudonyms: Pseudonyms, now: int, version: int, definitions: int
) -> Mapping[str, wire.SessionLabel]:
    """Session to its label; `now`, in epoch milliseconds, dates those that say no time. Raises SheetRefused."""
    sheet = read(body, LABELS)
    found = {}
    for row in sheet.rows:
        session_id = row.text("session_id", required=True)
        label = wire.SessionLabel(
            version,
            definitions,
            session_id,
            row.moment("labelled_at") or now,
            _labeller(row, pseudonyms),
            row.one_of("work_mode", WORK_MODES),
            row.number("expertise", 1, 5, _UNCLEAR),
            row.one_of("outcome", OUTCOMES),
            row.number("success_signal", 1, 5, _NONE),
            row.number("failure_signal", 1, 5, _NONE),
            row.number("value", 1, 10**15 - 1),
            row.text("occupation"),
        )
        if not any(row.text(column) for column in LABELS.optional[:7]):
            row.fault("", "says nothing of the session")
        found[session_id] = label
    _check_twice(sheet, "session_id")
    sheet.done()
    return found


def read_interventions(body: bytes, version: int, definitions: int) -> Mapping[str, wire.Intervention]:
    """Id to intervention. Raises SheetRefused with every fault."""
    sheet = read(body, INTERVENTIONS)
    found = {}
    for row in sheet.rows:
        name = row.text("id", required=True)
        started_at, ended_at = row.moment("started_at", required=True), row.moment("ended_at")
        if ended_at and ended_at <= started_at:
            row.fault("ended_at", "is not after started_at")
        kind = row.one_of("kind", KINDS, required=True)
        title, team = row.text("title"), row.text("team")
        found[name] = wire.Intervention(version, definitions, name, kind, started_at, title, team, ended_at)
    _check_twice(sheet, "id")
    sheet.done()
    return found


def _labeller(row: Row, pseudonyms: Pseudonyms) -> str:
    name = row.text("labeller")
    return name if name.startswith(TOOL) else pseudonyms.of(name)


def _check_twice(sheet: Sheet, column: str) -> None:
    lines: dict[str, int] = {}
    for row in sheet.rows:
        value = row.text(column)
        line = lines.setdefault(value, row.line)
        if value and line != row.line:
            row.fault(column, f"stands in line {line} as well")
