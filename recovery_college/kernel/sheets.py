"""Reading .xlsx and .ods: the first sheet's cells as the text a CSV file would hold.

Both are zip files of XML, from people we cannot vouch for: `sheet_guard` looks through them first, and the fast
reader only meets an archive that we packed ourselves.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from recovery_college.kernel.sheet_guard import UNREADABLE, looked_through
from recovery_college.kernel.table_limits import TableProblem


def is_sheet(content: bytes) -> bool:
    """Whether the content is a workbook we can read (.xlsx or .ods), judged by what is in it."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise TableProblem(UNREADABLE) from None
    return "xl/workbook.xml" in names or {"mimetype", "content.xml"} <= names


def sheet_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row of the first sheet that holds anything, with its line as the spreadsheet counts it.

    Raise TableProblem.
    """
    safe = looked_through(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            if not book.sheet_names:
                raise TableProblem("The workbook has no sheet")
            grid = next(
                (grid for name in book.sheet_names if (grid := _grid(book, name)) and any(map(any, grid))), []
            )
    except TableProblem:
        raise
    except BaseException as error:
        # A panic inside the reader comes as a class of its own that cannot be imported.
        if (
            isinstance(error, CalamineError | ValueError | OSError)
            or type(error).__name__ == "PanicException"
        ):
            raise TableProblem(UNREADABLE) from error
        raise
    for line, row in enumerate(grid, start=1):
        yield line, [cell if type(cell) is str else cell_text(cell) for cell in row]


def _grid(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


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
