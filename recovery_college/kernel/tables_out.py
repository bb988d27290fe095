"""Writing tables people take away: CSV, XLSX and JSON, row by row, safe to open in a spreadsheet.

The same rows give the same bytes. What is written here, `tables.read_table` reads back exactly.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from recovery_college.kernel.cells import LONGEST_CELL, MOST_ROWS, TableProblem, guarded, writable

Value = str | int | Decimal | date | datetime | time | bool | None
Values = Iterable[Sequence[Value]]

_NEEDS_QUOTES = re.compile(r'[",;\t\r\n]|^\s|\s$')
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST_DAY = date(1900, 3, 1)  # before it spreadsheets disagree about dates
_EXACT = 10**15  # spreadsheets hold 15 digits of a number
_WIDE = 60


def csv_lines(columns: Sequence[str], rows: Values) -> Iterator[str]:
    """The lines of a CSV file, each with its line feed, header first."""
    yield _csv_line(columns)
    for values in rows:
        yield _csv_line(values)


def write_csv(out: BinaryIO, columns: Sequence[str], rows: Values) -> None:
    """Write a CSV file (UTF-8, commas, line feeds) to `out`."""
    for line in csv_lines(columns, rows):
        out.write(line.encode("utf-8"))


def write_json(out: BinaryIO, columns: Sequence[str], rows: Values) -> None:
    """Write a JSON list of objects to `out`: dates and times as ISO text, empty cells as null."""
    names = [json.dumps(writable(column), ensure_ascii=False) for column in columns]
    before = "[\n"
    for values in rows:
        pairs = (f"{name}: {_json(value)}" for name, value in zip(names, values, strict=True))
        out.write(f"{before}{{{', '.join(pairs)}}}".encode())
        before = ",\n"
    out.write(b"[]\n" if before == "[\n" else b"\n]\n")


def write_xlsx(
    out: BinaryIO,
    columns: Sequence[str],
    rows: Values,
    *,
    title: str = "Table",
    notes: Sequence[Sequence[str]] = (),
) -> None:
    """Write an XLSX file to `out`: one sheet with a header, and one of `notes` if there are any.

    Raises TableProblem when a text or the table is longer than a spreadsheet can hold.
    """
    book = Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties({"title": writable(title), "created": _EPOCH})
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    clock = book.add_format({"num_format": "hh:mm"})
    try:
        sheet = book.add_worksheet(_sheet_name(title))
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, min(max(len(column) + 2, 12), _WIDE))
        _write_row(sheet, 0, columns, bold, bold, bold)
        for number, values in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise TableProblem(f"This table has more than {MOST_ROWS:,} rows. Export it as CSV.")
            _write_row(sheet, number, values, None, day, clock)
        if notes:
            _write_notes(book.add_worksheet("About the columns"), notes, bold)
    finally:
        book.close()


def _csv_line(values: Sequence[Value]) -> str:
    cells = [_quoted(_text(value)) for value in values]
    return (",".join(cells) if cells != [""] else '""') + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _text(value: Value) -> str:
    return guarded(writable(value)) if isinstance(value, str) else _plain(value)


def _plain(value: int | Decimal | date | time | bool | None) -> str:
    """The text of what is not text, which needs no apostrophe: a number may start with a minus."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, time):
        return value.isoformat("auto" if value.second else "minutes")
    return value.isoformat()


def _json(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | Decimal):
        return _plain(value)
    return json.dumps(writable(value) if isinstance(value, str) else _plain(value), ensure_ascii=False)


def _write_row(
    sheet: Worksheet,
    number: int,
    values: Sequence[Value],
    words: Format | None,
    day: Format,
    clock: Format,
) -> None:
    for place, value in enumerate(values):
        if isinstance(value, str):
            text = guarded(writable(value))
            if len(text) > LONGEST_CELL:
                raise TableProblem(
                    f"A text has {len(text):,} characters; a spreadsheet holds {LONGEST_CELL:,}. Export it as CSV.",
                    number + 1,
                )
            if text:
                sheet.write_string(number, place, text, words)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool) and _is_exact(value):
            sheet.write_number(number, place, value)
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
            sheet.write_datetime(number, place, value, day)
        elif isinstance(value, time) and not value.second and not value.tzinfo:
            sheet.write_datetime(number, place, value, clock)
        elif value is not None:
            sheet.write_string(number, place, _plain(value))


def _is_exact(value: int | Decimal) -> bool:
    """Whether a spreadsheet's 15 digits hold this number whole."""
    number = Decimal(value)
    return number.is_finite() and len(number.as_tuple().digits) <= 15 and abs(number) < _EXACT


def _write_notes(sheet: Worksheet, notes: Sequence[Sequence[str]], bold: Format) -> None:
    widths = [
        max(len(str(row[place])) for row in notes if place < len(row)) for place in range(len(notes[0]))
    ]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width + 2, _WIDE))
    for number, row in enumerate(notes):
        _write_row(sheet, number, row, bold if number == 0 else None, bold, bold)


def _sheet_name(title: str) -> str:
    """A name a spreadsheet takes: 31 characters, none of []:*?/\\ and no apostrophe at the ends."""
    return (
        re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", writable(title)).strip().strip("'")[:31].rstrip("'") or "Table"
    )
