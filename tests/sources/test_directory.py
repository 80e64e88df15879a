"""The directory from a sheet: dated entries under pseudonyms, and what contradicts itself refused whole."""

import pytest

from schemas import wire
from schemas.people import Pseudonyms
from sources.directory import read_directory
from sources.sheets import SheetRefused

NAMES = Pseudonyms(b"k" * 32)
MARCH = 1_772_323_200_000


def load(text: str) -> dict[str, wire.DirectoryRecord]:
    """The records of a sheet."""
    return dict(read_directory(text.encode(), NAMES, 7, 2))


def faults(text: str) -> list[str]:
    """What is told of a sheet that is refused."""
    with pytest.raises(SheetRefused) as refused:
        load(text)
    return [str(fault) for fault in refused.value.faults]


def test_rows_of_an_identity_are_its_dated_entries() -> None:
    """In the order of their dates, whatever the order of the rows; identities as pseudonyms alone."""
    found = load(
        "identity,team,valid_from,role,occupation\n"
        "Dana@Example.com,web,2026-03-01,lead,software\n"
        "dana@example.com,platform,,engineer,software\n"
    )
    dana = NAMES.of("dana@example.com")

    assert found == {
        dana: wire.DirectoryRecord(
            7,
            2,
            dana,
            [
                wire.DirectoryEntry(0, "platform", "engineer", "software"),
                wire.DirectoryEntry(MARCH, "web", "lead", "software"),
            ],
        )
    }
    assert "example" not in repr(found)


def test_identities_of_one_person_meet() -> None:
    """An installation and an e-mail are one person where the sheet says so; a pseudonym stays as it is."""
    found = load(
        "identity,person,team\nu_0123456789abcdef,dana@example.com,web\ndana@example.com,,web\nDANA,dana@example.com,web\n"
    )

    assert set(found) == {"u_0123456789abcdef", NAMES.of("dana@example.com"), NAMES.of("dana")}
    assert {record.person for record in found.values()} == {NAMES.of("dana@example.com")}


def test_nobodys_team_is_said_by_an_empty_cell() -> None:
    """It holds against what the client says."""
    (record,) = load("identity,team\ndana@example.com,\n").values()

    assert record.entries == [wire.DirectoryEntry(0, "")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["a,,web,,", "A ,,web,,"], ["line 3, identity: says the same as line 2: give one row a day"]),
        (["a,,web,,", "a,,ops,,"], ["line 3, identity: contradicts line 2: give one row a day"]),
        (["a,x,web,,", "a,y,web,2026-03-01,"], ["line 3, person: contradicts line 2: an identity is one person's"]),
        (["a,x,web,,", "b,x,ops,,"], ["line 3, team: contradicts line 2, of the same person from the same day"]),
        (["a,b,web,,", "b,c,web,,"], ["line 2, person: is another person's identity itself (line 3): name that one"]),
        ([",,web,,", "unknown,,web,,"], ["line 2, identity: is empty", "line 3, identity: unknown is nobody"]),
        (["a,,unassigned,,"], ["line 2, team: leave it empty for nobody's team"]),
        (["a,,web,soon,", "a,,ops,,"],
         ["line 2, valid_from: 'soon' is no date: write 2026-03-31, or 2026-03-31T09:00Z"]),
    ],
)  # fmt: skip
def test_contradictions_are_refused(rows: list[str], said: list[str]) -> None:
    """Each with both of its lines."""
    assert faults("\n".join(["identity,person,team,valid_from,role", *rows])) == said


def test_all_faults_are_told_at_once() -> None:
    """Nobody mends a sheet one fault a run."""
    assert len(faults("identity,team,valid_from\n,web,\na,unassigned,never\nb,web,\nb,web,\n")) == 4
