"""The directory as people keep it: who is who, and in which team since when. Rule: what contradicts itself is refused.

A row says what holds of an identity from `valid_from` on, until its next row. Identities become pseudonyms here; one
that is a pseudonym already (as `ammeter doctor` shows them) stays.
"""

import re
from collections.abc import Mapping

from schemas import wire
from schemas.people import UNASSIGNED, UNKNOWN, Pseudonyms
from sources.sheets import Columns, Row, read

COLUMNS = Columns(("identity", "team"), ("person", "valid_from", "role", "occupation"))

MOST_ENTRIES = 500
"""Of one identity."""

_PSEUDONYM = re.compile(r"u_[0-9a-f]{16}")


def read_directory(
    body: bytes, pseudonyms: Pseudonyms, version: int, definitions: int
) -> Mapping[str, wire.DirectoryRecord]:
    """Pseudonym of each identity to what the sheet says of it. Raises SheetRefused with every fault."""
    sheet = read(body, COLUMNS)
    by_identity: dict[str, list[Row]] = {}
    for row in sheet.rows:
        identity = _identity(row, "identity")
        _identity(row, "person")
        if row.text("team").lower() == UNASSIGNED:
            row.fault("team", "leave it empty for nobody's team")
        faults = len(sheet.faults)
        row.moment("valid_from")
        if identity and len(sheet.faults) == faults:
            by_identity.setdefault(identity, []).append(row)
    persons = {identity: _person(identity, rows) for identity, rows in by_identity.items()}
    _check_chains(persons, by_identity)
    _check_entries(persons, by_identity)
    sheet.done()
    return {
        pseudonym(pseudonyms, identity): wire.DirectoryRecord(
            version, definitions, pseudonym(pseudonyms, persons[identity]), sorted(map(_entry, rows), key=_since)
        )
        for identity, rows in by_identity.items()
    }


def pseudonym(pseudonyms: Pseudonyms, identity: str) -> str:
    """Of an identity, or what is one already."""
    return identity if _PSEUDONYM.fullmatch(identity) else pseudonyms.of(identity)


def _identity(row: Row, column: str) -> str:
    value = row.text(column, required=column == "identity").lower()
    if value == UNKNOWN:
        row.fault(column, f"{UNKNOWN} is nobody")
    return value


def _person(identity: str, rows: list[Row]) -> str:
    """The one person that the identity's rows name, else the identity itself."""
    named: dict[str, int] = {}
    for row in rows:
        name = row.text("person").lower()
        if not name:
            continue
        for other, line in named.items():
            if other != name:
                row.fault("person", f"contradicts line {line}: an identity is one person's")
        named.setdefault(name, row.line)
    return next(iter(named), identity)


def _check_chains(persons: Mapping[str, str], by_identity: Mapping[str, list[Row]]) -> None:
    for identity, person in persons.items():
        beyond = persons.get(person, person)
        if beyond != person:
            line = by_identity[person][0].line
            by_identity[identity][0].fault(
                "person", f"is another person's identity itself (line {line}): name that one"
            )


def _check_entries(persons: Mapping[str, str], by_identity: Mapping[str, list[Row]]) -> None:
    """One identity has one entry a moment; the identities of one person agree on what holds from a moment on."""
    of_person: dict[tuple[str, int], tuple[Row, wire.DirectoryEntry]] = {}
    for identity, rows in by_identity.items():
        seen: dict[int, tuple[Row, wire.DirectoryEntry]] = {}
        for row in rows:
            entry = _entry(row)
            before = seen.setdefault(entry.valid_from, (row, entry))
            if before[0] is not row:
                told = "says the same as" if before[1] == entry else "contradicts"
                row.fault("identity", f"{told} line {before[0].line}: give one row a day")
                continue
            other = of_person.setdefault((persons[identity], entry.valid_from), (row, entry))
            if other[1] != entry:
                row.fault("team", f"contradicts line {other[0].line}, of the same person from the same day")
        if len(rows) > MOST_ENTRIES:
            rows[-1].fault("identity", f"has more than {MOST_ENTRIES} rows")


def _entry(row: Row) -> wire.DirectoryEntry:
    quiet = Row(row.line, row.cells, [])  # what is wrong with the date has been told
    return wire.DirectoryEntry(quiet.moment("valid_from"), row.text("team"), row.text("role"), row.text("occupation"))


def _since(entry: wire.DirectoryEntry) -> int:
    return entry.valid_from
