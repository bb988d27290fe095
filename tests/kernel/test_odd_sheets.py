"""Workbooks and files as people really have them: merged headings, formulas, errors, other programs' habits."""

import io
from typing import Any

import pytest
import xlsxwriter

from recovery_college.imports.rules import Column, check_table, text
from recovery_college.kernel.tables import TableProblem, read_table
from tests.kernel.test_tables import ods, ods_cell, ods_row, values, xlsx


def book(fill: Any) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(made.add_worksheet())
    made.close()
    return out.getvalue()


def with_formulas(sheet: Any) -> None:
    sheet.write_row("A1", ["ref", "name", "team", "site"])
    sheet.write("A2", "S1")
    sheet.write_formula("B2", '="O"&"K"', None, "OK")
    sheet.write_formula("C2", "=NA()", None, "#N/A")
    sheet.write_formula("D2", "=1/0", None, "#DIV/0!")


ODS_WITH_AN_ERROR = ods(
    ods_row(ods_cell("ref"), ods_cell("team"))
    + ods_row(
        ods_cell("S1"),
        '<table:table-cell table:formula="of:=IF(1>0;NA())" office:value-type="string" office:string-value="" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>',
    )
)
COLUMNS = [Column(name, text(20)) for name in ("ref", "name", "team", "site")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (book(with_formulas), {"team": "#N/A", "site": "#DIV/0!"}),
        (ODS_WITH_AN_ERROR, {"team": "#N/A"}),
        (b"ref,team,site\nS1,#REF!,Err:502\n", {"team": "#REF!", "site": "Err:502"}),
    ],
    ids=["xlsx", "ods", "csv"],
)
def test_formulas_are_read_as_what_they_came_to_and_errors_are_refused(
    content: bytes, said: dict[str, str]
) -> None:
    """Read as an empty cell, an error would empty what is stored."""
    checked = check_table(read_table(content), COLUMNS, ["ref"])
    assert {one.column: one.value for one in checked.refusals} == said
    assert all("came to an error" in one.reason for one in checked.refusals)
    assert values(read_table(book(with_formulas)))[0]["name"] == "OK"


def test_merged_headings_are_named() -> None:
    def merged(sheet: Any) -> None:
        sheet.merge_range("A1:B1", "name")
        sheet.write("C1", "ref")
        sheet.write_row("A2", ["Amina", "Ames", "S1"])

    with pytest.raises(TableProblem, match="Column 2 has no name in line 1: it is empty, or merged"):
        read_table(book(merged))


def test_what_is_named_like_a_workbook_and_is_none() -> None:
    """A password makes an .xlsx the same kind of file as an old .xls."""
    with pytest.raises(TableProblem, match=r"old Excel file \(.xls\) or one with a password"):
        read_table(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "students.xlsx")
    with pytest.raises(TableProblem, match="300 columns: 100 at most"):
        read_table(xlsx({"A1": "a"})[:0] + ",".join(f"c{n}" for n in range(300)).encode())


def test_a_line_that_says_the_separator_is_no_header() -> None:
    table = read_table(b"sep=;\r\nref;name\r\nS1;A, B\r\n")
    assert (table.columns, values(table)) == (("ref", "name"), [{"ref": "S1", "name": "A, B"}])
    assert table.rows[0].line == 3


@pytest.mark.parametrize("given", ["\u200b\u2060", "\ufeff\u00ad", "\u202e\u2066"])
def test_invisible_text_is_no_text(given: str) -> None:
    checked = check_table(read_table(f"ref,name\nS1,{given}x\nS2,{given}\n".encode()), COLUMNS, ["ref"])
    assert [(one.line, one.column) for one in checked.refusals] == [(3, "name")]
