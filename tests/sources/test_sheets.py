"""Sheets as spreadsheets write them, and every fault of one told with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.sheets import Columns, SheetRefused, read

COLUMNS = Columns(("identity", "team"), ("valid_from", "role"))

ROWS = [
    {"identity": "dana@example.com", "team": "platform, core", "valid_from": "2026-03-31", "role": 'the "lead"'},
    {"identity": "kim@example.com", "team": "web", "valid_from": "", "role": ""},
]


def faults(body: bytes, columns: Columns = COLUMNS) -> list[str]:
    """What is told of a sheet that is refused, by reading alone."""
    with pytest.raises(SheetRefused) as refused:
        read(body, columns).done()
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "body",
    [
        b'identity,team,valid_from,role\ndana@example.com,"platform, core",2026-03-31,"the ""lead"""\n'
        b"kim@example.com,web,,\n",
        b'\xef\xbb\xbfIdentity;Team;Valid From;Role\r\n dana@example.com ;platform, core;2026-03-31;"the ""lead"""\r\n'
        b"kim@example.com;web;;\r\n;;;\r\n",
        b'sep=;\r\nidentity;team;valid_from;role;;\r\n"dana@example.com";"platform, core";"2026-03-31";'
        b'"the ""lead""";;\r\n\r\n"kim@example.com";"web";"";"";;',
        b'identity\tteam\tvalid-from\trole\rdana@example.com\tplatform, core\t2026-03-31\t"the ""lead"""\r'
        b"kim@example.com\tweb\t\t\r",
    ],
    ids=["plain", "Excel in Europe", "sep= and empty columns", "tabs and old line ends"],
)
def test_spreadsheets_write_in_many_ways(body: bytes) -> None:
    """The same rows, whatever wrote them."""
    sheet = read(body, COLUMNS)
    sheet.done()

    assert [dict(row.cells) for row in sheet.rows] == ROWS


def test_lines_are_those_of_the_file() -> None:
    """Empty lines and cells of several lines count."""
    sheet = read(b'identity,team\n\na,"x\ny"\nb,z\n', COLUMNS)

    assert [row.line for row in sheet.rows] == [3, 5]
    assert [str(fault) for fault in sheet.faults] == [
        "line 3, team: holds a line end, a tab or another character that cannot be seen"
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ["line 1: the file is empty: its first line names identity, team"]),
        (b"\xff\xfea\x00", ["line 1: the file is UTF-16: save it as CSV UTF-8"]),
        (b"identity,team\na,b\nM\xfcller,web\n", ["line 3: is not UTF-8: save the file as CSV UTF-8"]),
        (
            b"identity,squad,identity\n",
            [
                "line 1, identity: stands there twice",
                "line 1, squad: is no column of this file: use identity, team, valid_from, role",
                "line 1, team: is missing",
            ],
        ),
        (b"identity,team\na\nb,c,d\n",
         ["line 2: has 1 cells, the first line has 2", "line 3: has 3 cells, the first line has 2"]),
        (b"identity,team\na,#N/A\nb,=A1\n", ["line 2, team: #N/A is an error of the spreadsheet",
                                             "line 3, team: is a formula: save the file as CSV, with values"]),
        (b"identity,team\n" + b"x" * 201 + b",a\n", ["line 2, identity: is longer than 200 characters"]),
        (b'identity,team\na,"b\n', ["line 2: its quotes cannot be read (unexpected end of data)"]),
    ],
    ids=["empty", "UTF-16", "Latin-1", "columns", "cells", "spreadsheet", "long", "quotes"],
)  # fmt: skip
def test_faults_are_told_with_their_place(body: bytes, said: list[str]) -> None:
    """Every one, in the order of lines."""
    assert faults(body) == said


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        (b"2026-03-31", 1_774_915_200_000),
        (b"2026-03-31T09:00", 1_774_947_600_000),
        (b"2026-03-31 09:00:00", 1_774_947_600_000),
        (b"2026-03-31T09:00Z", 1_774_947_600_000),
        (b"2026-03-31T11:00+02:00", 1_774_947_600_000),
        (b"", 0),
    ],
)
def test_moments_are_iso_and_utc(cell: bytes, at: int) -> None:
    """A date is its midnight; a time without an offset is UTC."""
    assert read(b"identity,team,valid_from\na,b," + cell, COLUMNS).rows[0].moment("valid_from") == at


@pytest.mark.parametrize(
    "cell",
    [b"31.03.2026", b"03/04/2026", b"2026-02-30", b"46112", b"2026-03-31T25:00", b"1969-01-01", b"2100-01-01"],
)
def test_other_dates_are_refused(cell: bytes) -> None:
    """What could be read in two ways is not guessed."""
    sheet = read(b"identity,team,valid_from\na,b," + cell, COLUMNS)
    sheet.rows[0].moment("valid_from")

    assert len(sheet.faults) == 1


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(body: bytes) -> None:
    """No bytes break the reader in another way."""
    try:
        read(body, COLUMNS).done()
    except SheetRefused as refused:
        assert refused.faults  # noqa: PT017 - both ends are allowed
