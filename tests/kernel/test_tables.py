"""Reading tables: what is taken, and what is refused in plain words."""

import io
import re
import zipfile
from contextlib import suppress
from datetime import date, time

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery_college.kernel import sheets
from recovery_college.kernel.table_limits import MOST_BYTES
from recovery_college.kernel.tables import Table, TableProblem, column_name, read_table
from recovery_college.kernel.tables_out import write_table

ODS_HEAD = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="One">'
)
ODS_FOOT = "</table:table></office:spreadsheet></office:body></office:document-content>"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
BLANK_TO_THE_EDGE = (
    '<table:table-row table:number-rows-repeated="1048000">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def ods(rows: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS_TYPE)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
            "</manifest:manifest>",
        )
        archive.writestr("content.xml", ODS_HEAD + rows + ODS_FOOT)
    return out.getvalue()


def ods_cell(text: str, extra: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{extra}><text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells: str, extra: str = "") -> str:
    return f"<table:table-row{extra}>{''.join(cells)}</table:table-row>"


def xlsx(cells: dict[str, object], sheets_after: int = 0) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    day, hour = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "hh:mm"})
    for place, value in cells.items():
        if isinstance(value, date):
            sheet.write_datetime(place, value, day)
        elif isinstance(value, time):
            sheet.write_datetime(place, value, hour)
        else:
            sheet.write(place, value)
    for _ in range(sheets_after):
        book.add_worksheet().write("A1", "other")
    book.close()
    return out.getvalue()


def values(table: Table) -> list[dict[str, str]]:
    return [row.values for row in table.rows]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a mark"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_csv_file_is_read(mark: bytes, delimiter: str, ending: str) -> None:
    text = ending.join(
        delimiter.join(cells) for cells in [("Student ref", " NAME "), ("S1", "Zoë"), ("S2", "")]
    )
    table = read_table(mark + text.encode(), "students.csv")
    assert table.columns == ("student_ref", "name")
    assert values(table) == [{"student_ref": "S1", "name": "Zoë"}, {"student_ref": "S2", "name": ""}]
    assert [row.line for row in table.rows] == [2, 3]
    assert table.problems == ()


def test_lines_count_what_stands_in_the_file() -> None:
    table = read_table(b'a,b\r\n\r\n"one\ntwo",2\r\n,\r\nlast,3\r\n')
    assert [(row.line, row.values["a"]) for row in table.rows] == [(3, "one\ntwo"), (6, "last")]


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert read_table(b"a,b\n") == Table(("a", "b"), [])


def test_a_delimiter_inside_a_quoted_name_is_no_delimiter() -> None:
    assert read_table(b'"a, b, c";d\n1;2\n').columns == ("a,_b,_c", "d")


def test_rows_of_another_width_are_reported_with_their_line() -> None:
    table = read_table(b"a,b\n1,2\n1,2,3\n1\n3,4,,\n5,6\n")
    assert [row.line for row in table.rows] == [2, 5, 6]
    assert [(problem.line, problem.value) for problem in table.problems] == [(3, "1 | 2 | 3"), (4, "1")]


def test_a_cell_longer_than_a_spreadsheets_is_reported() -> None:
    table = read_table(b"a,b\n" + b"x" * 32_768 + b",1\n" + b"x" * 32_767 + b",1\n")
    assert [problem.line for problem in table.problems] == [2]
    assert [row.line for row in table.rows] == [3]


def test_the_guard_before_formulas_is_taken_off_and_no_other_quote() -> None:
    table = read_table(b"a\n'=1+1\n'-5\n''=x\n'tis\n'\n-5\n")
    assert [row["a"] for row in values(table)] == ["=1+1", "-5", "'=x", "'tis", "'", "-5"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \r\n \r\n", "empty"),
        (b",,\n,,\n", "empty"),
        (b"a,b\n1,caf\xe9\n", "Line 2 has a letter that is not saved in UTF-8"),
        (b"\xef\xbb\xbfa,b\n1,2\n1,caf\xe9\n", "Line 3 has a letter"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        (b"a,b\n1,\x00\n", "Line 2 holds characters that are not text"),
        (b"a,b\n1,2\n\"x,3\n4,5\n", "Line 3 cannot be read"),
        (b'a,b\n"x"y,3\n', "Line 2 cannot be read"),
        (b"a,A\n1,2\n", "“a” is in line 1 twice"),
        (b"a,,b\n1,2,3\n", "Column 2 has no name"),
        (b",".join(b"c%d" % n for n in range(101)) + b"\n", "101 columns"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<?xml version='1.0'?><a/>", "not a table"),
        (b"<html><table></table></html>", "not a table"),
        (b'[{"a": 1}]', "not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04 and then nothing of a zip", "cannot be opened"),
        (b"PK of a kind", "“x.csv” is not a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(TableProblem, match=re.escape(said)):
        read_table(content, "x.csv")


def test_a_file_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TableProblem, match="20 MB at most"):
        read_table(b"a" * (MOST_BYTES + 1))


def test_rows_over_the_limit_are_refused() -> None:
    assert len(read_table(b"a\n" + b"1\n" * 200_000).rows) == 200_000
    with pytest.raises(TableProblem, match="more than 200,000 rows"):
        read_table(b"a\n" + b"1\n" * 200_001)


def test_a_workbook_gives_the_text_a_csv_would_hold() -> None:
    content = xlsx(
        {
            "A1": "Day", "B1": "From", "C1": "Number", "D1": "Part", "E1": "Yes no", "F1": "Text",
            "A3": date(2026, 3, 27), "B3": time(9, 30), "C3": 12, "D3": 0.1, "E3": True, "F3": "007",
        },
        sheets_after=1,
    )  # fmt: skip
    table = read_table(content, "wrong-ending.csv")
    assert values(table) == [
        {"day": "2026-03-27", "from": "09:30", "number": "12", "part": "0.1", "yes_no": "yes", "text": "007"}
    ]
    assert table.rows[0].line == 3


def test_an_opendocument_sheet_is_read() -> None:
    rows = ods_row(ods_cell("a"), ods_cell("b")) + ods_row(
        '<table:table-cell office:value-type="time" office:time-value="PT09H30M00S"/>',
        '<table:table-cell office:value-type="date" office:date-value="2026-03-27"/>',
    )
    table = read_table(ods(rows + BLANK_TO_THE_EDGE))
    assert values(table) == [{"a": "09:30", "b": "2026-03-27"}]


@pytest.mark.parametrize(
    "rows",
    [
        ods_row(ods_cell("x", ' table:number-columns-repeated="999999999"')),
        ods_row(ods_cell("x"), extra=' table:number-rows-repeated="999999999"'),
        ods_row(ods_cell("a"))
        + BLANK_TO_THE_EDGE
        + ods_row('<table:table-cell table:number-columns-repeated="16380"/>', ods_cell("z")),
        ods_row(ods_cell("x", ' table:formula="of:=1>0" table:number-columns-repeated="999999"')),
        '<!-- <table:table-cell " -->' + ods_row(ods_cell("x", ' table:number-columns-repeated="99999"')),
    ],
    ids=["cell", "row", "corner", "formula", "hidden"],
)
def test_an_opendocument_sheet_that_would_not_fit_in_memory_is_refused(rows: str) -> None:
    with pytest.raises(TableProblem):
        read_table(ods(rows))


@pytest.mark.parametrize("far", ["XFD1048576", "CW2", "A200003"])
def test_a_workbook_with_a_far_cell_is_refused_before_it_is_laid_out(far: str) -> None:
    with pytest.raises(TableProblem, match="beyond 100 columns or 200,000 rows"):
        read_table(xlsx({"A1": "a", far: "x"}))


def test_a_workbook_to_the_last_column_is_taken() -> None:
    with pytest.raises(TableProblem, match="Column 2 has no name"):
        read_table(xlsx({"A1": "a", "CV1": "x"}))


def zipped(sizes: dict[str, int]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in sizes.items():
            with archive.open(name, "w") as member:
                for _ in range(size // 1_000_000 + 1):
                    member.write(b" " * min(size, 1_000_000))
    return out.getvalue()


def test_a_zip_bomb_is_refused_by_its_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"xl/workbook.xml": 10, "xl/worksheets/sheet1.xml": 320_000_000})
    assert len(bomb) < 1_000_000

    def unpacked(*_: object) -> bytes:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "read", unpacked)
    with pytest.raises(TableProblem, match="far bigger unpacked"):
        read_table(bomb)


def test_a_zip_whose_directory_lies_is_refused() -> None:
    honest = xlsx({"A1": "a", "A2": "x" * 5000})
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    directory = honest.rindex(b"PK\x01\x02", 0, honest.rindex(b"xl/worksheets/sheet1.xml"))
    place = directory + 24
    assert int.from_bytes(honest[place : place + 4], "little") == true_size
    lying = honest[:place] + (100).to_bytes(4, "little") + honest[place + 4 :]
    with pytest.raises(TableProblem, match="cannot be opened"):
        read_table(lying)


def test_entities_in_a_workbook_are_refused() -> None:
    honest = xlsx({"A1": "a"})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sharedStrings.xml"):
                data = data.replace(b"<sst", b'<!DOCTYPE x [<!ENTITY e "xx">]><sst', 1)
            target.writestr(name, data)
    assert read_table(honest).columns == ("a",)
    with pytest.raises(TableProblem):
        read_table(out.getvalue())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(place: int, noise: bytes) -> None:
    good = write_table("xlsx", ["a", "b"], [["x", 1], ["y", 2]])
    at = place % len(good)
    with suppress(TableProblem):
        assert isinstance(read_table(good[:at] + noise + good[at + len(noise) :]), Table)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_nothing_else(content: bytes) -> None:
    with suppress(TableProblem):
        assert isinstance(read_table(content), Table)


@given(st.text(max_size=30))
def test_a_columns_name_is_settled(heading: str) -> None:
    assert column_name(column_name(heading)) == column_name(heading)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (1e-7, "0.0000001"), (1e22, "10000000000000000000000"), (None, ""), (False, "no")],
)
def test_a_cells_value_as_text(value: object, text: str) -> None:
    assert sheets.cell_text(value) == text
