"""Writing tables people download: the same rows as .csv, .xlsx or .json, the same bytes every time.

Text that a spreadsheet would run as a formula gets a leading quote mark, which our import takes off again;
numbers stay numbers. Control characters and lone surrogates are left out: no format of these can hold them.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import Any, Literal

import xlsxwriter

Cell = str | int | Decimal | date | time | bool | None
Format = Literal["csv", "xlsx", "json"]

FORMATS: dict[str, Format] = {"csv": "csv", "xlsx": "xlsx"}
"""What people may download, by what stands in the address."""
MEDIA_TYPES: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FIRST_SHEET_DATE = date(1900, 3, 1)  # Excel believes in 29 February 1900
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 the workbook's fixed date of making, or bytes would differ


def write_table(form: Format, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a header and rows (as many cells as columns) in the format asked for. No row: the header alone.

    Raise ValueError for a row of another width, or a format that is none of csv, xlsx and json.
    """
    if form == "csv":
        return _csv(columns, rows)
    if form == "xlsx":
        return _xlsx(columns, rows)
    if form == "json":
        return _json(columns, rows)
    raise ValueError(f"no such format: {form}")


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: a leading quote mark before `= + - @`, a tab or a carriage return.

    Text that has such a quote mark already gets one more, so that taking one off always gives the text back.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(value: Cell) -> str:
    """The value as a CSV file holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return guarded(_NOT_TEXT.sub("", value))


def _checked(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterable[Sequence[Cell]]:
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row has {len(row)} cells, the table {len(columns)} columns")
        yield row


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_plain(name) for name in columns])
    writer.writerows([_plain(value) for value in row] for row in _checked(columns, rows))
    return out.getvalue().encode("utf-8")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A CSV file line by line, the same bytes as `write_table` gives: for tables too long to be held whole."""
    for row in chain([columns], _checked(columns, rows)):
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerow([_plain(value) for value in row])
        yield out.getvalue().encode("utf-8")


def _json(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    kept = [
        dict(zip(columns, (_json_value(value) for value in row), strict=True))
        for row in _checked(columns, rows)
    ]
    return (json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _json_value(value: Cell) -> str | int | float | bool | None:
    if isinstance(value, str):
        return _NOT_TEXT.sub("", value)
    if isinstance(value, bool | int | None):
        return value
    return float(value) if isinstance(value, Decimal) else _plain(value)


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("Table")
    looks = _Looks(book)
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, _plain(name), looks.of("bold"))
        sheet.set_column(place, place, max(12, min(len(name) + 4, 40)))
    for line, row in enumerate(_checked(columns, rows), start=1):
        for place, value in enumerate(row):
            if value is not None and value != "":
                _write_cell(sheet, looks, line, place, value)
    book.close()
    return out.getvalue()


class _Looks:
    """The cell formats of one workbook, made when first asked for."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[str, Any] = {}

    def of(self, number_format: str) -> Any:
        if number_format not in self.made:
            facts = {"bold": True} if number_format == "bold" else {"num_format": number_format}
            self.made[number_format] = self.book.add_format(facts)
        return self.made[number_format]


def _write_cell(sheet: Any, looks: _Looks, line: int, place: int, value: Cell) -> None:
    if isinstance(value, str | bool):
        sheet.write_string(line, place, _plain(value))
    elif isinstance(value, int) and abs(value) < 10**15:
        sheet.write_number(line, place, value)
    elif isinstance(value, Decimal) and len(value.as_tuple().digits) <= 15:
        places = max(0, -int(value.as_tuple().exponent))
        sheet.write_number(line, place, float(value), looks.of("0." + "0" * places if places else "0"))
    elif isinstance(value, time):
        sheet.write_datetime(line, place, value, looks.of("hh:mm:ss" if value.second else "hh:mm"))
    elif isinstance(value, date) and value >= _FIRST_SHEET_DATE:
        sheet.write_datetime(line, place, value, looks.of("yyyy-mm-dd"))
    else:
        sheet.write_string(line, place, _plain(value))
