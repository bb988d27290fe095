"""Reading the first sheet of an XLSX or ODS file as the text a CSV would hold."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, load_workbook

from recovery_college.kernel.cells import TableProblem
from recovery_college.kernel.sheet_guard import looked_through

Cell = str | int | float | bool | date | datetime | time | timedelta

_OTHER = (
    ("word/", "This is a Word document, not a table. Copy the table into a spreadsheet."),
    ("ppt/", "This is a presentation, not a table."),
    ("xl/workbook.bin", "This is an .xlsb file. Save it as .xlsx."),
)


def read_sheet(data: bytes) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet that holds anything: (row number from 1, its cells as text).

    Empty rows are left out. Raises TableProblem.
    """
    _check_kind(data)
    try:
        with load_workbook(BytesIO(looked_through(data))) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                rows = [(number, [_text(cell) for cell in row]) for number, row in enumerate(sheet, 1)]
                filled = [(number, cells) for number, cells in rows if any(cells)]
                if filled:
                    return filled
    except (CalamineError, ValueError, OverflowError):
        raise TableProblem(
            "This spreadsheet cannot be read. Open it, save it again as .xlsx or .ods, or save it as CSV UTF-8."
        ) from None
    return []


def _check_kind(data: bytes) -> None:
    try:
        with ZipFile(BytesIO(data)) as parts:
            names = parts.namelist()
    except (BadZipFile, ValueError):
        raise TableProblem("This spreadsheet is damaged or cut short. Save it again and upload it.") from None
    for start, reason in _OTHER:
        if any(name.startswith(start) for name in names):
            raise TableProblem(reason)
    if "xl/workbook.xml" not in names and "content.xml" not in names:
        raise TableProblem("This is a zip archive, not a table. Unpack it and upload the CSV, XLSX or ODS.")


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else f"{cell.date().isoformat()} {_clock(cell.time())}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return _clock(cell)
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def _number(value: float) -> str:
    """A number as people typed it: no `.0`, no exponent, the 15 digits a spreadsheet shows."""
    return format(Decimal(format(value, ".15g")), "f")


def _clock(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")
