"""Reading tables that people upload: CSV, XLSX and ODS, all turned into the same text.

What a file is, its first bytes say, not its name. A file that cannot be a table is refused as a whole
(TableProblem); a line that does not fit is kept apart (`Table.problems`), so that the good ones can go on.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from recovery_college.kernel.cells import (
    LARGEST_FILE,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    TableProblem,
    column_name,
    unguarded,
)
from recovery_college.kernel.sheets import read_sheet

__all__ = ["RowProblem", "Table", "TableProblem", "TableRow", "read_table", "read_table_file"]

_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n?\Z", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_ZIP = b"PK\x03\x04"
_NO_TABLES = (
    (
        b"\xd0\xcf\x11\xe0",
        "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without one.",
    ),
    (b"%PDF", "This is a PDF, not a table. Ask for the table as CSV, XLSX or ODS."),
    (b"PK\x05\x06", "This file is empty. It needs a line of column names."),
    (b"\x1f\x8b", "This file is compressed. Unpack it first."),
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table: its number in the file (from 1) and the text of every column."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A line that does not fit its table. `column` is empty where no single column is to blame."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: the columns by name, the lines that fit, and those that do not."""

    columns: tuple[str, ...]
    rows: list[TableRow]
    problems: list[RowProblem]


def read_table_file(path: Path) -> Table:
    """Read the table in a file. Raises TableProblem, or OSError when the file cannot be opened."""
    if path.stat().st_size > LARGEST_FILE:
        raise TableProblem(_too_big())
    return read_table(path.read_bytes())


def read_table(data: bytes) -> Table:
    """Read a CSV (UTF-8; comma, semicolon or tab), XLSX or ODS file. Raises TableProblem in plain words."""
    if len(data) > LARGEST_FILE:
        raise TableProblem(_too_big())
    if not data.strip():
        raise TableProblem("This file is empty. It needs a line of column names.")
    for start, reason in _NO_TABLES:
        if data.startswith(start):
            raise TableProblem(reason)
    lines = read_sheet(data) if data.startswith(_ZIP) else _csv_lines(_decoded(data))
    return _table(lines)


def _too_big() -> str:
    return f"This file is too big: {LARGEST_FILE // 1024 // 1024} MB at most. Split it and import the parts."


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableProblem(
            "This file is UTF-16 text. In Excel choose Save as, “CSV UTF-8 (Comma delimited)”.", 1
        )
    zero = data.find(b"\0")
    if zero >= 0:
        raise TableProblem(
            "This is not a text file: it holds bytes that no CSV has. Save it as CSV UTF-8, XLSX or ODS.",
            data.count(b"\n", 0, zero) + 1,
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise TableProblem(
            "This file is not UTF-8 text, so letters such as é or £ would be lost. "
            "In Excel choose Save as, “CSV UTF-8 (Comma delimited)”.",
            data.count(b"\n", 0, wrong.start) + 1,
        ) from None
    if text.lstrip().startswith("<"):
        raise TableProblem("This is a web page or XML, not a table. Save the table as CSV, XLSX or ODS.", 1)
    return text


def _csv_lines(text: str) -> list[tuple[int, list[str]]]:
    source = StringIO(text, newline="")
    first = source.readline()
    named = _SEPARATOR_LINE.match(first)
    skipped = 1 if named else 0
    if not named:
        source.seek(0)
        while first and not first.strip():
            first = source.readline()
        source.seek(0)
    delimiter = named[1] if named else _delimiter(first)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    line = skipped + 1
    try:
        for cells in reader:
            if any(cells):
                lines.append((line, cells))
                if len(lines) > MOST_ROWS + 1:
                    raise TableProblem(_too_long())
            line = skipped + reader.line_num + 1
    except csv.Error as wrong:
        if "limit" in str(wrong):
            raise TableProblem(_too_long_cell(), line) from None
        raise TableProblem(
            'A quotation mark (") is opened and not closed, or more text follows a closed one.', line
        ) from None
    return lines


def _delimiter(line: str) -> str:
    """The sign most used between the column names; a comma when there is no telling."""
    bare = _QUOTED.sub("", line)
    return max(",;\t", key=bare.count)


def _too_long() -> str:
    return f"This table has more than {MOST_ROWS:,} rows. Split it and import the parts."


def _too_long_cell() -> str:
    return f"A cell holds more than {LONGEST_CELL:,} characters."


def _table(lines: Sequence[tuple[int, list[str]]]) -> Table:
    if not lines:
        raise TableProblem("This file is empty. It needs a line of column names.")
    line, header = lines[0]
    names = _column_names(line, header)
    if len(lines) - 1 > MOST_ROWS:
        raise TableProblem(_too_long())
    rows: list[TableRow] = []
    problems: list[RowProblem] = []
    places = [(place, name) for place, name in enumerate(names) if name]
    columns = tuple(name for _, name in places)
    whole = len(places) == len(names)
    for line, cells in lines[1:]:
        problem = _misfit(line, cells, names, whole)
        if problem:
            problems.append(problem)
            continue
        rows.append(TableRow(line, {name: unguarded(cells[place]) for place, name in places}))
    return Table(columns, rows, problems)


def _column_names(line: int, header: list[str]) -> list[str]:
    names = [column_name(heading) for heading in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise TableProblem(f"This table has {len(names)} columns; {MOST_COLUMNS} at most.", line)
    if any(len(name) > LONGEST_CELL for name in names):
        raise TableProblem(_too_long_cell(), line)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableProblem(f"The column “{twice[0]}” is there twice. Keep one of them.", line)
    if not any(names):
        raise TableProblem("The first line has no column names.", line)
    return names


def _misfit(line: int, cells: list[str], names: list[str], whole: bool) -> RowProblem | None:
    """Why a line does not fit its header, if it does not."""
    if len(cells) < len(names):
        return RowProblem(
            line,
            "",
            "",
            f"This line has {len(cells)} cells and the header has {len(names)}. Add what is missing.",
        )
    if len(cells) > len(names) and any(cells[len(names) :]):
        return RowProblem(
            line,
            "",
            next(cell for cell in cells[len(names) :] if cell)[:200],
            f"This line has {len(cells)} cells and the header has {len(names)}. "
            "Put text with a comma in it between quotation marks.",
        )
    if not whole:
        for place, name in enumerate(names):
            if not name and cells[place]:
                reason = f"There is a value in column {place + 1}, which has no name."
                return RowProblem(line, "", cells[place][:200], reason)
    if max(map(len, cells)) > LONGEST_CELL:
        name, cell = max(zip(names, cells, strict=False), key=lambda pair: len(pair[1]))
        return RowProblem(line, name, cell[:200], f"This is longer than {LONGEST_CELL:,} characters.")
    return None
