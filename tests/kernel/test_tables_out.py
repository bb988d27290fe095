"""Writing tables: what goes out comes back in, no cell is a formula, and the bytes are always the same."""

import csv
import io
import json
import zipfile
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recovery_college.kernel.tables import read_table
from recovery_college.kernel.tables_out import Cell, Format, guarded, write_table

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30)
RISKY = st.sampled_from(
    ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "'=x", "''=x", "'", "_x0041_", "a\r\nb", "007", " a "]
)
VALUES = st.one_of(
    TEXT,
    RISKY,
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**6), 10**6, places=2),
    st.dates(),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.booleans(),
    st.none(),
)
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=8)


def as_read(value: Cell) -> str:
    """What the reader should give back for what the writer was given."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def same(read: str, written: Cell) -> bool:
    if isinstance(written, Decimal):
        return Decimal(read) == written
    return read == as_read(written)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(max_examples=120, deadline=None)
@given(rows=ROWS)
@example(
    rows=[("=1", "'=1", "-5"), (None, "", "x"), (time(23, 59, 59), date(1900, 2, 28), date(9999, 12, 31))]
)
def test_what_is_written_is_read_again(form: Format, rows: list[tuple[Cell, ...]]) -> None:
    table = read_table(write_table(form, ("one", "two", "three"), rows))
    assert table.columns == ("one", "two", "three")
    assert table.problems == ()
    kept = [row for row in rows if any(as_read(value) for value in row)]
    assert len(table.rows) == len(kept)
    for read, written in zip(table.rows, kept, strict=True):
        assert all(same(cell, value) for cell, value in zip(read.values.values(), written, strict=True))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'="])
def test_no_text_is_a_formula(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert guarded(text) == f"'{text}"
    content = write_table("csv", ["a"], [[text]]).decode()
    assert list(csv.reader(io.StringIO(content, newline="")))[1][0].startswith("'")
    with zipfile.ZipFile(io.BytesIO(write_table("xlsx", ["a"], [[text]]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b't="s"' in sheet


def test_a_columns_name_is_guarded_too() -> None:
    assert write_table("csv", ["=a"], []) == b"'=a\r\n"


def test_numbers_stay_numbers() -> None:
    assert write_table("csv", ["a", "b"], [[-5, Decimal("-2.50")]]) == b"a,b\r\n-5,-2.50\r\n"
    with zipfile.ZipFile(io.BytesIO(write_table("xlsx", ["a", "b"], [[-5, Decimal("-2.50")]]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<v>-5</v>" in sheet
    assert b"<v>-2.5</v>" in sheet


def test_json_holds_values() -> None:
    content = write_table(
        "json",
        ["a", "b", "c", "d", "e"],
        [["=é", -5, Decimal("22.5"), date(2026, 3, 27), True], [None, 1, None, None, False]],
    )
    assert json.loads(content) == [
        {"a": "=é", "b": -5, "c": 22.5, "d": "2026-03-27", "e": True},
        {"a": None, "b": 1, "c": None, "d": None, "e": False},
    ]


@pytest.mark.parametrize(("form", "nothing"), [("csv", b"a,b\r\n"), ("json", b"[]\n")])
def test_no_rows_is_the_header_alone(form: Format, nothing: bytes) -> None:
    assert write_table(form, ["a", "b"], []) == nothing


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_same_rows_are_the_same_bytes(form: Format) -> None:
    rows: list[list[Cell]] = [["x", 1], [date(2026, 3, 27), time(9, 30)]]
    assert write_table(form, ["a", "b"], rows) == write_table(form, ["a", "b"], iter(rows))


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_characters_no_format_can_hold_are_left_out(form: Format) -> None:
    content = write_table(form, ["a"], [["x\x00\x08\ud800y"]])
    if form == "json":
        assert json.loads(content) == [{"a": "xy"}]
    else:
        assert read_table(content).rows[0].values == {"a": "xy"}


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_row_of_another_width_is_a_mistake_of_ours(form: Format) -> None:
    with pytest.raises(ValueError, match="2 cells"):
        write_table(form, ["a"], [["x", "y"]])


def test_another_format_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no such format"):
        write_table("xls", ["a"], [])  # type: ignore[arg-type]
