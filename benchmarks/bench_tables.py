"""Bar 10, our own: reading a large table, against the parser alone that does not look at what it reads.

20,000 rows of 20 columns, from bytes to rows with their lines; every cell trimmed, every limit kept.
"""

import csv
import io

from python_calamine import CalamineWorkbook

from benchmarks.harness import Comparison, interleaved, times_the_floor
from recovery_college.kernel.tables import read_table
from recovery_college.kernel.tables_out import write_table

ROWS, COLUMNS, ROUNDS = 20_000, 20, 5
CSV_AT_MOST, XLSX_AT_MOST = 3.0, 4.0


def rows() -> list[Comparison]:
    """Read both forms, turn by turn with the bare parser."""
    columns = [f"c{place}" for place in range(COLUMNS)]
    cells = [[f"text {line} {place}" for place in range(COLUMNS)] for line in range(ROWS)]
    as_csv, as_xlsx = write_table("csv", columns, cells), write_table("xlsx", columns, cells)
    ours_csv, floor_csv = interleaved([lambda: _read(as_csv), lambda: _csv_alone(as_csv)], ROUNDS)
    ours_xlsx, floor_xlsx = interleaved([lambda: _read(as_xlsx), lambda: _calamine_alone(as_xlsx)], ROUNDS)
    each = f"for {ROWS:,} rows of {COLUMNS}"
    return [
        times_the_floor(
            10, "read-csv", "reading CSV against csv.reader",
            ours=ours_csv, floor=floor_csv, at_most=CSV_AT_MOST, each=each,
        ),
        times_the_floor(
            10, "read-xlsx", "reading XLSX against calamine alone",
            ours=ours_xlsx, floor=floor_xlsx, at_most=XLSX_AT_MOST, each=each,
        ),
    ]  # fmt: skip


def _read(content: bytes) -> None:
    assert len(read_table(content).rows) == ROWS


def _csv_alone(content: bytes) -> None:
    assert len(list(csv.reader(io.StringIO(content.decode())))) == ROWS + 1


def _calamine_alone(content: bytes) -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == ROWS + 1
