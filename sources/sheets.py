"""Sheets that people keep by hand, as CSV: cells with their line and column. Rule: every fault is told, not the first.

Taken as spreadsheets write them: a byte order mark, commas, semicolons or tabs, quotes, CRLF, `sep=;`, empty lines.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from schemas.events import LATEST_MS

if TYPE_CHECKING:
    import _csv

TEXT = 200
"""Characters of one cell at most."""

MOST_ROWS = 1_000_000

_SEPARATORS = ",;\t"
_ERRORS = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")

_T = TypeVar("_T")


class Fault(NamedTuple):
    """What is wrong, and where."""

    line: int
    column: str
    """Empty: the line as a whole."""
    why: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.why}"


class SheetRefused(ValueError):
    """A sheet that is not taken: every fault of it, by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Columns:
    """What a sheet's first line may name."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass
class Sheet:
    """The rows of a sheet, and the faults found so far; `done` refuses it when there are any."""

    rows: list["Row"] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def done(self) -> None:
        """Raises SheetRefused."""
        if self.faults:
            raise SheetRefused(sorted(self.faults))


@dataclass(frozen=True)
class Row:
    """One row: its line, its cells by column, stripped; a column that the sheet lacks is empty."""

    line: int
    cells: Mapping[str, str]
    faults: list[Fault] = field(compare=False, repr=False)

    def fault(self, column: str, why: str) -> None:
        """Notes what is wrong."""
        self.faults.append(Fault(self.line, column, why))

    def text(self, column: str, *, required: bool = False) -> str:
        """The cell as text."""
        value = self.cells.get(column, "")
        if not value and required:
            self.fault(column, "is empty")
        return value

    def one_of(self, column: str, choices: Sequence[str], *, required: bool = False) -> str:
        """A word of a list, however it is written: "No clear goal" is no_clear_goal. Empty for nothing."""
        value = re.sub(r"[\s-]+", "_", self.cells.get(column, "").lower())
        if value in choices or (not value and not required):
            return value
        told = "is empty" if not value else f"{self.cells[column]!r} is none"
        self.fault(column, f"{told}: choose {', '.join(choices)}")
        return ""

    def number(self, column: str, low: int, high: int, words: Mapping[str, int] | None = None) -> int:
        """A whole number within bounds, or one of the words; 0 for nothing."""
        value = self.cells.get(column, "")
        if not value:
            return 0
        if words and value.lower() in words:
            return words[value.lower()]
        if re.fullmatch(r"[0-9]{1,15}", value) and low <= int(value) <= high:
            return int(value)
        self.fault(column, f"{value!r} is no whole number from {low} to {high}")
        return 0

    def moment(self, column: str, *, required: bool = False) -> int:
        """An ISO date (its midnight) or time, UTC where no offset stands, as epoch milliseconds; 0 for nothing."""
        value = self.text(column, required=required)
        return self._try(column, _moment, value, 0) if value else 0

    def _try(self, column: str, read: Callable[[str], _T], value: str, otherwise: _T) -> _T:
        try:
            return read(value)
        except ValueError as exc:
            self.fault(column, str(exc))
            return otherwise


def read(body: bytes, columns: Columns) -> Sheet:
    """The rows of a sheet. Raises SheetRefused where its lines or its first line cannot be read at all."""
    lines = list(io.StringIO(_text(body), newline=""))
    skip, separator = _separator(lines)
    reader = csv.reader(lines[skip:], delimiter=separator, strict=True)
    sheet = Sheet()
    header: list[str] | None = None
    for line, cells in _lines(reader, skip, sheet.faults):
        if header is None:
            header = _header(line, cells, columns)
            continue
        row = _row(line, cells, header, sheet.faults)
        if row is not None:
            sheet.rows.append(row)
        if len(sheet.rows) > MOST_ROWS:
            raise SheetRefused([Fault(line, "", f"more than {MOST_ROWS} rows: load it in parts")])
    if header is None:
        raise SheetRefused([Fault(1, "", f"the file is empty: its first line names {', '.join(columns.required)}")])
    return sheet


def _text(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SheetRefused([Fault(1, "", "the file is UTF-16: save it as CSV UTF-8")])
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = body.count(b"\n", 0, exc.start) + 1
        raise SheetRefused([Fault(line, "", "is not UTF-8: save the file as CSV UTF-8")]) from None


def _separator(lines: Sequence[str]) -> tuple[int, str]:
    """How many lines to pass over, and what stands between cells: what the first line has most of."""
    first = lines[0].strip() if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return 1, first[4]
    return 0, max(_SEPARATORS, key=first.count)


def _lines(reader: "_csv.Reader", skip: int, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins in; after one with broken quotes nothing can be told apart."""
    before = skip
    while True:
        line = before + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            faults.append(Fault(line, "", f"its quotes cannot be read ({exc})"))
            return
        before = skip + reader.line_num
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header(line: int, cells: list[str], columns: Columns) -> list[str]:
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = columns.required + columns.optional
    faults = [
        Fault(line, name or f"column {place}", f"is no column of this file: use {', '.join(known)}")
        for place, name in enumerate(names, 1)
        if name not in known
    ]
    faults += [Fault(line, name, "stands there twice") for name in sorted(set(names)) if names.count(name) > 1]
    faults += [Fault(line, name, "is missing") for name in columns.required if name not in names]
    if faults:
        raise SheetRefused(sorted(faults))
    return names


def _row(line: int, cells: list[str], header: Sequence[str], faults: list[Fault]) -> Row | None:
    while len(cells) > len(header) and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) != len(header):
        faults.append(Fault(line, "", f"has {len(cells)} cells, the first line has {len(header)}"))
        return None
    row = Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}, faults)
    for name, value in row.cells.items():
        if len(value) > TEXT:
            row.fault(name, f"is longer than {TEXT} characters")
        elif not value.isprintable():
            row.fault(name, "holds a line end, a tab or another character that cannot be seen")
        elif _ERRORS.fullmatch(value):
            row.fault(name, f"{value} is an error of the spreadsheet")
        elif value.startswith("="):
            row.fault(name, "is a formula: save the file as CSV, with values")
    return row


def _moment(value: str) -> int:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = date.fromisoformat(value)
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        elif re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", value):
            at = datetime.fromisoformat(value)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
        else:
            raise ValueError
        found = round(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is no date: write 2026-03-31, or 2026-03-31T09:00Z") from None
    if not 0 <= found < LATEST_MS:
        raise ValueError(f"{value!r} lies before 1970 or after 2099")
    return found
