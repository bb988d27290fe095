"""Writing tables: safe to open in a spreadsheet, the same bytes each time, and read back exactly."""

import json
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from recovery_college.kernel.cells import guarded, unguarded
from recovery_college.kernel.tables import TableProblem, read_table
from recovery_college.kernel.tables_out import write_csv, write_json, write_xlsx

Writer = Callable[..., None]
TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffe\uffff"), max_size=60
) | st.text(st.sampled_from("=+-@'\t\r\n \",;x_0DF\x01\x0b\x85\u2028\ufeff"), max_size=8)
RARE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(write: Writer, columns: list[str], rows: list[Any], **more: Any) -> bytes:
    out = BytesIO()
    write(out, columns, iter(rows), **more)
    return out.getvalue()


def read_back(data: bytes) -> list[list[str]]:
    return [list(row.values.values()) for row in read_table(data).rows]


@RARE
@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_any_text_comes_back_exactly_from_csv(texts: list[tuple[str, str]]) -> None:
    rows = [["row", *pair] for pair in texts]
    assert read_back(written(write_csv, ["ref", "a", "b"], rows)) == rows


@RARE
@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_any_text_comes_back_exactly_from_xlsx(texts: list[tuple[str, str]]) -> None:
    rows = [["row", *pair] for pair in texts]
    assert read_back(written(write_xlsx, ["ref", "a", "b"], rows)) == rows


@given(TEXT)
def test_the_apostrophe_is_put_on_and_taken_off_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_values_of_every_kind_come_back_as_their_text(write: Writer) -> None:
    row = [
        "a", 3, -5, Decimal("22.5"), Decimal("-0.125"), date(2026, 3, 27), time(9, 30), True, False, None,
        "007", 12345678901234567890, date(1899, 12, 31), "-5", time(9, 30, 15),
        datetime.fromisoformat("2026-03-27T09:30"),
    ]  # fmt: skip
    data = written(write, [f"c{n}" for n in range(len(row))], [row])
    assert read_back(data) == [
        [
            "a", "3", "-5", "22.5", "-0.125", "2026-03-27", "09:30", "yes", "no", "", "007",
            "12345678901234567890", "1899-12-31", "-5", "09:30:15", "2026-03-27 09:30",
        ]
    ]  # fmt: skip


def test_numbers_stay_numbers_and_text_stays_text() -> None:
    rows = [[-5, "-5", Decimal("1.5"), "=1+1", date(2026, 3, 27), "007"]]
    csv = written(write_csv, list("abcdef"), rows)
    assert csv == b"a,b,c,d,e,f\n-5,'-5,1.5,'=1+1,2026-03-27,007\n"
    sheet = load_workbook(BytesIO(written(write_xlsx, list("abcdef"), rows))).get_sheet_by_index(0)
    assert sheet.to_python()[1] == [-5.0, "'-5", 1.5, "'=1+1", date(2026, 3, 27), "007"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    for write in (write_csv, write_xlsx):
        data = written(write, ["ref", f"{start}column"], [["x", f"{start}cmd|' /C calc'!A0"]])
        if write is write_csv:
            seen = data.decode().replace('"', "")
            assert f",'{start}cmd" in seen
            assert f",'{start}column" in seen
        else:
            rows = load_workbook(BytesIO(data)).get_sheet_by_index(0).to_python()
            assert [row[1][:2] for row in rows] == [f"'{start}"] * 2


def test_a_semicolon_cannot_open_a_second_cell_where_semicolons_part_them() -> None:
    assert written(write_csv, ["a"], [["x;=1+1"]]) == b'a\n"x;=1+1"\n'


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_json])
def test_the_same_rows_give_the_same_bytes(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["S1", date(2026, 3, 27), 5]]
    first = written(write, ["a", "b", "c"], rows)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 1, 2, 3, 4, 5, 0, 2, 0))
    assert written(write, ["a", "b", "c"], rows) == first


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_an_empty_table_is_its_header(write: Writer) -> None:
    table = read_table(written(write, ["ref", "name"], []))
    assert (table.columns, table.rows) == (("ref", "name"), [])


def test_json_holds_objects_with_numbers_and_null() -> None:
    rows = [
        ["=1+1", 3, Decimal("22.50"), date(2026, 3, 27), True, None],
        ['"\n', -1, Decimal(0), None, False, ""],
    ]
    data = written(write_json, ["t", "i", "d", "on", "b", "n"], rows)
    assert json.loads(data) == [
        {"t": "=1+1", "i": 3, "d": 22.5, "on": "2026-03-27", "b": True, "n": None},
        {"t": '"\n', "i": -1, "d": 0, "on": None, "b": False, "n": ""},
    ]
    assert json.loads(written(write_json, ["a"], [])) == []


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("character", ["\0", "\ud800", "\uffff"])
def test_characters_no_file_can_hold_are_shown_as_lost(write: Writer, character: str) -> None:
    assert read_back(written(write, ["ref"], [[f"a{character}b"]])) == [["a\ufffdb"]]


def test_a_text_too_long_for_a_spreadsheet_is_refused_not_cut() -> None:
    assert read_back(written(write_xlsx, ["ref"], [["x" * 32_767]])) == [["x" * 32_767]]
    with pytest.raises(TableProblem, match="Line 2: A text has 32,768 characters"):
        written(write_xlsx, ["ref"], [["=" + "x" * 32_766]])


def test_rows_are_written_as_they_come() -> None:
    out = BytesIO()
    seen: list[int] = []

    def rows() -> Any:
        for number in range(3):
            seen.append(len(out.getvalue()))
            yield [str(number)]

    write_csv(out, ["ref"], rows())
    assert seen == [4, 6, 8]


def test_notes_are_a_sheet_of_their_own() -> None:
    notes = [["Column", "What it is"], ["ref", "=not run"]]
    data = written(write_xlsx, ["ref"], [], title="Students: [2026]", notes=notes)
    book = load_workbook(BytesIO(data))
    assert book.sheet_names == ["Students   2026", "About the columns"]
    assert book.get_sheet_by_index(1).to_python() == [["Column", "What it is"], ["ref", "'=not run"]]
    assert read_table(data).columns == ("ref",)
