"""Reading tables people upload: .csv, .xlsx and .ods become columns, and rows of text with their line.

Whatever is wrong is said in plain words (`TableProblem`), and nothing here trusts the file: its name decides
nothing, sizes are limited, and a compressed workbook is measured before it is opened. A sheet's cells become
the text a CSV file would hold, so that what reads the rows need not know where they came from.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from recovery_college.kernel.sheets import is_sheet, sheet_rows
from recovery_college.kernel.table_limits import (
    LONGEST_CELL,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    TableProblem,
)

__all__ = ["MOST_ROWS", "RowProblem", "Table", "TableProblem", "TableRow", "read_table"]

_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_DELIMITERS = ",;\t"
_SAID = re.compile(r"sep=([,;\t|])(?:\r\n|\r|\n)")
"""The line Excel takes, and some systems write, before the header: which mark parts the cells."""
_LOOKED_THROUGH, _OF_A_HEADING = 20, 2
"""How many lines are looked through for the header, and how many cells a line above it holds at most."""
_SAVE_AS = "In your spreadsheet choose Save as, then CSV UTF-8 or Excel workbook (.xlsx), and upload that"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line it begins on (the header is usually line 1) and a text for each column."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be read as one: its line, why, and what stood there."""

    line: int
    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns by their plain names, the rows, and the problems of rows that cannot be read."""

    columns: tuple[str, ...]
    rows: list[TableRow]
    problems: tuple[RowProblem, ...] = ()
    remarks: tuple[str, ...] = ()
    """What a person should know who looks through it, though every row could be read."""


def read_table(content: bytes, file_name: str = "", *, of_others: bool = False) -> Table:
    """Read an uploaded table. Rows with nothing in them are left out; raise TableProblem when it is no table.

    `file_name` is only used in words: what the file is, its content decides. `of_others`: it may come from another
    system, which nobody here can set right: older codes, lines above the header, and columns without a name or with
    the same one are read too, and a remark says so.
    """
    if len(content) > MOST_BYTES:
        raise TableProblem(f"The file is too big: {MOST_BYTES // 1024 // 1024} MB at most")
    if not content.strip():
        raise TableProblem("The file is empty. Choose a file with a header row and a row for each entry")
    _refuse_other_kinds(content, file_name)
    text: str | None = None
    remarks: list[str] = []
    if not is_sheet(content):
        text = _decoded_of_others(content, remarks) if of_others else _decoded(content)
    numbered = sheet_rows(content) if text is None else _csv_rows(text)
    if of_others:
        numbered = _from_header(numbered, remarks)
    return _table(numbered, remarks, of_others)


def column_name(heading: str) -> str:
    """The plain name of a column: "Student ref" and "STUDENT_REF" are student_ref."""
    return re.sub(r"[\s_]+", "_", heading.strip()).strip("_").lower()


def _refuse_other_kinds(content: bytes, file_name: str) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableProblem(
            "This is an old Excel file (.xls) or one with a password. Save it as an Excel workbook (.xlsx) "
            "without a password and upload that"
        )
    if content.startswith(b"%PDF"):
        raise TableProblem(f"This is a PDF, not a table. {_SAVE_AS}")
    start = content[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<?xml", b"<html", b"<!doctype", b"{", b"[")):
        raise TableProblem(f"This is not a table of rows and columns. {_SAVE_AS}")
    if not is_sheet(content) and content.startswith(b"PK"):
        named = f"“{file_name}” is" if file_name else "This is"
        raise TableProblem(f"{named} not a spreadsheet we can read. {_SAVE_AS}")


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on."""
    said = _SAID.match(text)
    delimiter, text = (said[1], text[said.end() :]) if said else (_delimiter(text), text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = line = 2 if said else 1
    try:
        for cells in reader:
            yield line, cells
            line = before + reader.line_num
    except csv.Error as error:
        raise TableProblem(
            f'Line {line} cannot be read: a quotation mark (") is opened and not closed, or a cell is longer '
            f"than {LONGEST_CELL:,} characters. Mend that line and upload the file again"
        ) from error


def _decoded_of_others(content: bytes, remarks: list[str]) -> str:
    """The text of a file in UTF-8, in UTF-16 where its mark says so, else in the code of Windows in western Europe."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) and "\0" not in (text := content.decode("utf-16")):
            return text
    except UnicodeDecodeError:
        pass
    try:
        return _decoded(content)
    except TableProblem:
        if b"\0" in content:
            raise
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            pass
        else:
            remarks.append(OLDER_CODE)
            return text
        raise


OLDER_CODE = (
    "The file is not saved in UTF-8 and was read in the older Windows code. Look whether pound signs, dashes and "
    "accents are right"
)


def _from_header(
    numbered: Iterator[tuple[int, list[str]]], remarks: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """The records from the header on: a report's own heading above it has a cell or two, the header has more."""
    first = list(islice(numbered, _LOOKED_THROUGH))
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in first]
    begins = 0
    if max(filled, default=0) > _OF_A_HEADING * 2 - 1:
        begins = next(place for place, count in enumerate(filled) if count > _OF_A_HEADING)
    above = [line for (line, _), count in zip(first[:begins], filled, strict=False) if count]
    if above:
        remarks.append(f"What stands above the header in line {first[begins][0]} was passed over")
    yield from first[begins:]
    yield from numbered


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[:400].count(b"\0") > len(content[:400]) // 4:
        raise TableProblem(
            f"Line 1 is not in UTF-8: the file seems to be saved as Unicode (UTF-16). {_SAVE_AS}"
        )
    place = content.find(b"\0")
    if place >= 0:
        line = _line_of(content, place)
        raise TableProblem(
            f"Line {line} holds characters that are not text, so this is not a table. {_SAVE_AS}"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec takes the three bytes of the mark off before it counts.
        mark = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        line = _line_of(content, error.start + mark)
        raise TableProblem(
            f"Line {line} has a letter that is not saved in UTF-8 (the file has an older Windows code). "
            f"{_SAVE_AS}"
        ) from error


def _line_of(content: bytes, place: int) -> int:
    before = content[:place].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _delimiter(text: str) -> str:
    """The mark that parts the header's names most often, outside quotation marks; a comma when none does."""
    header = next((line for line in re.split(r"\r\n|\r|\n", text[:100_000]) if line.strip(" ,;\t")), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def _table(numbered: Iterator[tuple[int, list[str]]], remarks: list[str], of_others: bool) -> Table:
    columns: tuple[str, ...] = ()
    rows: list[TableRow] = []
    problems: list[RowProblem] = []
    for line, cells in numbered:
        if not any(cells):
            continue
        if not columns:
            columns = _columns(line, _named(cells) if of_others else cells)
            continue
        problem = _row_problem(line, cells, len(columns))
        if problem is None:
            rows.append(TableRow(line, dict(zip(columns, _unguarded(cells), strict=False))))
        else:
            problems.append(problem)
        if len(rows) + len(problems) > MOST_ROWS:
            raise TableProblem(f"The table has more than {MOST_ROWS:,} rows. Part it into smaller files")
    if not columns:
        raise TableProblem("The file is empty. Choose a file with a header row and a row for each entry")
    return Table(columns, rows, tuple(problems), tuple(remarks))


def _named(cells: list[str]) -> list[str]:
    """The headings with a name for each that has none, and a number for each that stands there again."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells, start=1):
        name = column_name(cell)
        seen[name] += 1
        if not name:
            cell = f"column_{place}"
        elif seen[name] > 1:
            cell = f"{name}_{seen[name]}"
        names.append(cell)
    return names


def _columns(line: int, cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if not cells:
        raise TableProblem(f"Line {line} should name the columns, and it is blank")
    if len(cells) > MOST_COLUMNS:
        raise TableProblem(f"The table has {len(cells):,} columns: {MOST_COLUMNS} at most")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise TableProblem(f"A column's name in line {line} is longer than {LONGEST_CELL:,} characters")
    names = tuple(column_name(cell) for cell in _unguarded(cells))
    seen: set[str] = set()
    for place, name in enumerate(names, start=1):
        if not name:
            raise TableProblem(
                f"Column {place} has no name in line {line}: it is empty, or merged with the one before it. "
                "Give it one, or take it out"
            )
        if name in seen:
            raise TableProblem(f"The column “{name}” is in line {line} twice. Keep one of them")
        seen.add(name)
    return names


def _row_problem(line: int, cells: list[str], width: int) -> RowProblem | None:
    if len(cells) < width:
        said = f"This row has {len(cells)} cells and the header has {width}: something is missing"
        return RowProblem(line, said, _shown(cells))
    if len(cells) > width and any(cells[width:]):
        said = (
            f"This row has {len(cells)} cells and the header has {width}: "
            'a column has no name, or a cell that holds a comma has no quotation marks (") around it'
        )
        return RowProblem(line, said, _shown(cells))
    for cell in cells:
        if len(cell) > LONGEST_CELL:
            return RowProblem(line, f"A cell is longer than {LONGEST_CELL:,} characters", cell[:80])
    return None


def _shown(cells: list[str]) -> str:
    return " | ".join(cells)[:200]


def _unguarded(cells: list[str]) -> list[str]:
    """Take off the quote mark that our export puts before text a spreadsheet would run as a formula."""
    if any(cell[:1] == "'" for cell in cells):
        return [cell[1:] if _GUARDED.match(cell) else cell for cell in cells]
    return cells
