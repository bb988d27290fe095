"""Reading uploaded tables: what is good is read the same from CSV, XLSX and ODS; what is bad is refused in words."""

import random
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from xlsxwriter import Workbook

from recovery_college.kernel import cells, sheet_guard
from recovery_college.kernel.tables import RowProblem, Table, TableProblem, read_table, read_table_file

ODS = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="S">{}</table:table></office:spreadsheet></office:body></office:document-content>'
)


WIDE = 'table:number-columns-repeated="16000"'


def zipped(**parts: str | bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def an_ods(rows: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", ODS.format(rows))
    return out.getvalue()


def a_cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def an_xlsx(*rows: list[object], first_row: int = 0, empty_sheet_first: bool = False) -> bytes:
    out = BytesIO()
    book = Workbook(out)
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        time: book.add_format({"num_format": "hh:mm"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        timedelta: book.add_format({"num_format": "[h]:mm"}),
    }
    if empty_sheet_first:
        book.add_worksheet("Cover")
    sheet = book.add_worksheet("Data")
    for number, row in enumerate(rows, first_row):
        for place, value in enumerate(row):
            sheet.write(number, place, value, formats.get(type(value)))
    book.close()
    return out.getvalue()


def values(table: Table) -> list[tuple[str, ...]]:
    return [tuple(row.values[name] for name in table.columns) for row in table.rows]


def test_a_csv_is_read_with_its_lines() -> None:
    table = read_table(b'student_ref,given_name\nS1,Amina\n\nS2,"Two\nlines"\nS3,Cai\n')
    assert table.columns == ("student_ref", "given_name")
    assert [(row.line, row.values["given_name"]) for row in table.rows] == [
        (2, "Amina"),
        (4, "Two\nlines"),
        (6, "Cai"),
    ]
    assert table.problems == []


@pytest.mark.parametrize(
    "data",
    [
        "ref,name\nS1,Zoë\n".encode(),
        "\ufeffref,name\nS1,Zoë\n".encode(),
        "ref;name\r\nS1;Zoë\r\n".encode(),
        "ref\tname\rS1\tZoë\r".encode(),
        "sep=;\r\nref;name\r\nS1;Zoë\r\n".encode(),
        "\n\nRef , NAME\nS1,Zoë".encode(),
        '"Ref","Name"\n"S1","Zoë"\n'.encode(),
        "ref,name,,\nS1,Zoë,,\n,,,\n".encode(),
    ],
    ids=["plain", "bom", "semicolon", "tab", "sep", "headings", "quoted", "spreadsheet-edges"],
)
def test_the_ways_a_csv_is_written_read_the_same(data: bytes) -> None:
    table = read_table(data)
    assert table.columns == ("ref", "name")
    assert values(table) == [("S1", "Zoë")]
    assert table.problems == []


def test_the_separator_is_taken_from_the_header_not_from_the_text() -> None:
    assert values(read_table(b'ref,why\nS1,"a; b; c; d"\n')) == [("S1", "a; b; c; d")]
    assert values(read_table(b'"a;b;c",why\nS1,x\n')) == [("S1", "x")]
    assert values(read_table(b"ref\nS1\n")) == [("S1",)]


def test_headings_match_whatever_their_case_and_spaces() -> None:
    assert read_table(b" Student  Ref,GIVEN-NAME\n").columns == ("student_ref", "given_name")


def test_a_header_alone_has_no_rows() -> None:
    table = read_table(b"ref,name\n")
    assert (table.columns, table.rows, table.problems) == (("ref", "name"), [], [])


def test_our_apostrophe_is_taken_off_and_no_other() -> None:
    table = read_table(b"a,b,c,d,e\n'=1+1,'-5,'tis,''=x,-5\n")
    assert values(table) == [("=1+1", "-5", "'tis", "'=x", "-5")]


def test_lines_that_do_not_fit_are_kept_apart_from_the_good_ones() -> None:
    long = "x" * 32_768
    table = read_table(
        f"ref,name,,town\nS1,A,,Ely\nS2,B\nS3,C,,Ely,extra\nS4,{long},,Ely\nS5,E,?,Ely\n".encode()
    )
    assert values(table) == [("S1", "A", "Ely")]
    assert table.problems == [
        RowProblem(3, "", "", "This line has 2 cells and the header has 4. Add what is missing."),
        RowProblem(
            4,
            "",
            "extra",
            "This line has 5 cells and the header has 4. Put text with a comma in it between quotation marks.",
        ),
        RowProblem(5, "name", "x" * 200, "This is longer than 32,767 characters."),
        RowProblem(6, "", "?", "There is a value in column 3, which has no name."),
    ]


@pytest.mark.parametrize(
    ("data", "said", "line"),
    [
        (b"", "is empty", None),
        (b" \r\n\n", "is empty", None),
        (b"\xef\xbb\xbf", "is empty", None),
        (b",,\n,,\n", "is empty", None),
        (b"ref,ref\nS1,S2\n", "“ref” is there twice", 1),
        (b"Student Ref,student_ref\n", "“student_ref” is there twice", 1),
        ("ref,name\nS1,Zoë\nS2,Bob\n".encode("cp1252"), "not UTF-8", 2),
        ("ref,name\nS1,a\nS2,£5\n".encode("latin-1"), "not UTF-8", 3),
        ("ref,name\nS1,Zoë\n".encode("utf-16"), "UTF-16", 1),
        ("ref,name\nS1,Zoë\n".encode("utf-16-le"), "not a text file", 1),
        (b"ref,name\nS1,\0\n", "not a text file", 2),
        (random.Random(1).randbytes(4000), "not", None),
        (b"%PDF-1.7\n", "is a PDF", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel", None),
        (b"\x1f\x8b\x08\0", "compressed", None),
        (b"<!doctype html><table>", "web page or XML", 1),
        (b'ref,name\nS1,a\nS2,"open\n', "quotation mark", 3),
        (b'ref,name\nS1,"a" b\n', "quotation mark", 2),
        (b"ref,name\nS1," + b"x" * 140_000 + b"\n", "32,767 characters", 2),
        (b",".join(b"c%d" % n for n in range(101)) + b"\n", "101 columns; 100 at most", 1),
        (b"ref\n" + b"x\n" * 200_001, "more than 200,000 rows", None),
        (b"x" * (20 * 1024 * 1024 + 1), "20 MB at most", None),
        (b"PK\x03\x04 cut short", "damaged or cut short", None),
        (zipped(**{"a.csv": "ref\n"}), "zip archive", None),
        (zipped(**{"word/document.xml": "<a/>"}), "Word document", None),
        (zipped(**{"xl/workbook.bin": "x"}), "Save it as .xlsx", None),
        (zipped(**{"xl/workbook.xml": "not xml"}), "is damaged", None),
        (zipped(**{"xl/workbook.xml": "<workbook/>"}), "cannot be read", None),
        (zipped(**{"xl/workbook.xml": "<a/>", "xl/x.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "damaged", None),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(data: bytes, said: str, line: int | None) -> None:
    with pytest.raises(TableProblem) as refused:
        read_table(data)
    assert said in str(refused.value)
    if line:
        assert refused.value.line == line
        assert str(refused.value).startswith(f"Line {line}: ")


def test_a_file_is_measured_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(cells.LARGEST_FILE + 1)
    with pytest.raises(TableProblem, match="20 MB at most"):
        read_table_file(path)
    (tmp_path / "small.xlsx").write_bytes(b"ref\nS1\n")  # by what it holds, not by its name
    assert values(read_table_file(tmp_path / "small.xlsx")) == [("S1",)]


def test_a_spreadsheet_reads_like_the_csv_of_the_same() -> None:
    row: list[object] = [
        "S1", date(2026, 3, 27), time(9, 30), datetime.fromisoformat("2026-03-27T09:30"), 3, 22.5, True, 0.1 + 0.2,
        1e15, timedelta(hours=42), "'=x", -5, datetime.fromisoformat("2026-03-27"), time(9, 30, 15), False,
    ]  # fmt: skip
    table = read_table(an_xlsx([f"c{n}" for n in range(len(row))], row))
    assert values(table) == [
        (
            "S1", "2026-03-27", "09:30", "2026-03-27 09:30", "3", "22.5", "yes", "0.3", "1000000000000000",
            "42:00", "=x", "-5", "2026-03-27", "09:30:15", "no",
        )
    ]  # fmt: skip
    assert table.rows[0].line == 2


def test_the_first_sheet_with_anything_in_it_is_read_and_rows_keep_their_numbers() -> None:
    table = read_table(an_xlsx(["ref"], ["S1"], first_row=3, empty_sheet_first=True))
    assert [(row.line, row.values) for row in table.rows] == [(5, {"ref": "S1"})]


def test_an_ods_is_read_with_its_repeats_and_its_endless_empty_rows() -> None:
    rows = (
        f"<table:table-row>{a_cell('ref')}{a_cell('seen_on')}{a_cell('hours')}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="2">{a_cell("S1")}'
        '<table:table-cell office:value-type="date" office:date-value="2026-03-27"><text:p>27/03</text:p>'
        '</table:table-cell><table:table-cell office:value-type="float" office:value="22.5">'
        "<text:p>22,5</text:p></table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="1048573"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    table = read_table(an_ods(rows))
    assert values(table) == [("S1", "2026-03-27", "22.5")] * 2


def far_cell(row: int, column: int) -> bytes:
    out = BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "ref")
    sheet.write(row, column, "x")
    book.close()
    return out.getvalue()


def one_text_many_times(length: int, times: int) -> bytes:
    out = BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "ref")
    for row in range(1, times):
        sheet.write_string(row, 0, "x" * length)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        far_cell(1_048_575, 16_383),
        far_cell(1_048_575, 0),
        far_cell(1, 16_383),
        far_cell(150_000, 99),
        an_ods(f'<table:table-row table:number-rows-repeated="1000000">{a_cell("x")}</table:table-row>'),
        an_ods(f'<table:table-row>{a_cell("x", WIDE)}</table:table-row>'),
        an_ods(
            '<table:table-row><table:table-cell table:number-columns-repeated="16000"/>'
            f"{a_cell('x')}</table:table-row>"
        ),
        an_ods(
            '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
            f"<table:table-row>{a_cell('x')}</table:table-row>"
        ),
        an_ods(f'<table:table-row table:number-rows-repeated="9000">{a_cell("x" * 20_000)}</table:table-row>'),
        one_text_many_times(30_000, 3_000),
        zipped(**{"xl/workbook.xml": "<a/>", "xl/b.xml": b"<a>" + b" " * (201 * 1024 * 1024) + b"</a>"}),
    ],
    ids=[
        "corner", "down", "right", "area", "ods-rows", "ods-columns", "ods-skip", "ods-drop", "ods-text",
        "shared-text", "zip",
    ],
)  # fmt: skip
def test_a_small_file_that_asks_for_much_memory_is_refused_before_it_is_read(data: bytes) -> None:
    assert len(data) < 1024 * 1024
    with pytest.raises(TableProblem, match="too large"):
        read_table(data)


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    honest = zipped(**{"xl/workbook.xml": b"<a>" + b" " * 100_000 + b"</a>"})
    lying = honest.replace((100_007).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(TableProblem, match="damaged"):
        read_table(lying)


def test_a_part_nobody_looked_at_is_not_handed_on() -> None:
    checked = sheet_guard.looked_through(
        zipped(**{"xl/workbook.xml": "<a/>", "xl/media/sheet1.png": "<worksheet/>"})
    )
    with ZipFile(BytesIO(checked)) as parts:
        assert parts.namelist() == ["xl/workbook.xml"]


def test_a_second_part_of_the_same_name_is_refused() -> None:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        archive.writestr("xl/Workbook.xml", "<b/>")
    with pytest.raises(TableProblem, match="damaged"):
        sheet_guard.looked_through(out.getvalue())


@pytest.mark.parametrize("seed", range(40))
def test_a_spreadsheet_with_flipped_bytes_is_read_or_refused_but_never_breaks(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(an_xlsx(["ref", "name"], ["S1", "Amina"], ["S2", 5]))
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    with suppress(TableProblem):
        assert len(read_table(bytes(data)).columns) <= 2
