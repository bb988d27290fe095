"""Reading .xlsx and .ods: the first sheet's cells as the text a CSV file would hold.

Both are zip files of XML, from people we cannot vouch for. Each member is unpacked by Python's zipfile, which
never gives more than the directory promised, and packed anew without compression: the fast reader only meets
an archive that we wrote. It also lays a sheet out as one block from A1 to the farthest cell, so a lone cell
at XFD1048576 would ask for 17,000 million cells: sheets that reach beyond our limits are refused before.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from recovery_college.kernel.table_limits import MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED, TableProblem

_MOST_MEMBERS = 2000
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Za-z]*)([0-9]+)")
_TAG = re.compile(
    rb"<table:(table-row|table-cell|covered-table-cell|table)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>"
)
_REPEATED = re.compile(rb"number-(?:columns|rows)-repeated\s*=\s*[\"']\s*([0-9]+)")
_UNREADABLE = (
    "The spreadsheet cannot be opened: it is damaged or has a password. Save it again and upload that"
)
_TOO_FAR = (
    f"A sheet has cells beyond {MOST_COLUMNS} columns or {MOST_ROWS:,} rows. "
    "Copy the table alone into a new workbook and upload that"
)


def is_sheet(content: bytes) -> bool:
    """Whether the content is a workbook we can read (.xlsx or .ods), judged by what is in it."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise TableProblem(_UNREADABLE) from None
    return "xl/workbook.xml" in names or {"mimetype", "content.xml"} <= names


def sheet_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row of the first sheet with its line, counted as the spreadsheet shows it. Raise TableProblem."""
    safe = _packed_anew(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            if not book.sheet_names:
                raise TableProblem("The workbook has no sheet")
            grid = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except TableProblem:
        raise
    except BaseException as error:
        # A panic inside the reader comes as a class of its own that cannot be imported.
        if (
            isinstance(error, CalamineError | ValueError | OSError)
            or type(error).__name__ == "PanicException"
        ):
            raise TableProblem(_UNREADABLE) from error
        raise
    for line, row in enumerate(grid, start=1):
        yield line, [cell if type(cell) is str else cell_text(cell) for cell in row]


def _packed_anew(content: bytes) -> bytes:
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
                raise TableProblem(
                    "The spreadsheet is far bigger unpacked than a table of ours can be. "
                    "Copy the table alone into a new workbook and upload that"
                )
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as anew:
                for member in members:
                    if member.filename.lower().endswith((".xml", ".rels")) or member.filename == "mimetype":
                        data = archive.read(member)
                        _refuse_far_cells(member.filename, data)
                        anew.writestr(zipfile.ZipInfo(member.filename), data)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise TableProblem(_UNREADABLE) from error
    return out.getvalue()


def _refuse_far_cells(name: str, data: bytes) -> None:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise TableProblem(_UNREADABLE)
    if name == "content.xml":
        _refuse_repeats(data)
    elif "worksheets/" in name:
        columns, rows = set(), set()
        for column, row in _REFERENCE.findall(data):
            columns.add(column)
            rows.add(row)
        if any(_column_number(column) > MOST_COLUMNS for column in columns):
            raise TableProblem(_TOO_FAR)
        if any(len(row) > 9 or int(row) > MOST_ROWS + 1 for row in rows):
            raise TableProblem(_TOO_FAR)


def _refuse_repeats(data: bytes) -> None:
    """OpenDocument says "N times the same": fine for blank cells to the edge of a sheet, and only there."""
    if b"<!--" in data or b"<![" in data or b"<?" in data[2:]:
        raise TableProblem(_UNREADABLE)  # no spreadsheet writes these, and tags could hide behind them
    row = row_end = column = 0
    for tag in _TAG.finditer(data):
        found = _REPEATED.search(tag[2])
        times = int(found[1][:12]) if found else 1
        if tag[1] == b"table":
            row = row_end = 0
        elif tag[1] == b"table-row":
            row, row_end, column = row_end, row_end + times, 0
        else:
            column += times
            is_blank = tag[2].rstrip().endswith(b"/") and b"office:" not in tag[2]
            if not is_blank and (column > MOST_COLUMNS or max(row + 1, row_end) > MOST_ROWS + 1):
                raise TableProblem(_TOO_FAR)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def cell_text(value: Any) -> str:
    """The text a CSV file would hold: ISO dates, whole numbers without ".0", times as HH:MM, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return f"{value.date().isoformat()} {_time_text(value.time())}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _time_text(value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(value)


def _number_text(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def _time_text(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")
