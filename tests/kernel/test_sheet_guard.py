"""Small workbooks that ask for much memory are refused before the reader meets them; honest ones are read.

Each was tried against the reader alone: `corner`, `elsewhere` and `ods-text` end the process, `shared` and
`area` take gigabytes. None of these may reach it, so the tests look at `looked_through` as well.
"""

import io
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable

import pytest
import xlsxwriter

from recovery_college.kernel.sheet_guard import looked_through
from recovery_college.kernel.table_limits import MOST_ROWS, TableProblem
from recovery_college.kernel.tables import read_table

SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="S">{}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def an_xlsx(cells: dict[tuple[int, int], str], *, blank_sheet_first: bool = False) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    if blank_sheet_first:
        book.add_worksheet("Cover")
    sheet = book.add_worksheet()
    for (row, column), text in cells.items():
        sheet.write_string(row, column, text)
    book.close()
    return out.getvalue()


def rewritten(content: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(*change(name, source.read(name)))
    return out.getvalue()


def elsewhere(name: str, part: bytes) -> tuple[str, bytes]:
    """The sheet in a folder where nobody looks for sheets; the workbook points there."""
    return (
        name.replace("xl/worksheets/", "xl/pages/"),
        part.replace(b'"worksheets/sheet1.xml"', b'"pages/sheet1.xml"'),
    )


def prefixed(name: str, part: bytes) -> tuple[str, bytes]:
    """The same cells with a namespace prefix and the other quotation mark."""
    if name.endswith("sheet1.xml"):
        part = part.replace(b'<c r="XFD1048576"', b"<x:c\tr = 'XFD1048576'").replace(
            b"<v>1</v></c>", b"<v>1</v></x:c>"
        )
        part = part.replace(b"<worksheet ", b'<worksheet xmlns:x="urn:x" ')
    return name, part


def an_ods(rows: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", SPREADSHEET, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format(rows))
    return out.getvalue()


def row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def cell(text: str, times: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{times}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def blank(times: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'


def parts(*named: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in named:
            archive.writestr(name, part)
    return out.getvalue()


CORNER = {(0, 0): "ref", (1_048_575, 16_383): "x"}
BOMBS: dict[str, Callable[[], bytes]] = {
    "corner": lambda: an_xlsx(CORNER),
    "elsewhere": lambda: rewritten(an_xlsx(CORNER), elsewhere),
    "prefixed": lambda: rewritten(an_xlsx(CORNER), prefixed),
    "area": lambda: an_xlsx({(0, 0): "ref", (MOST_ROWS - 1, 99): "x"}),
    "area-of-two": lambda: an_xlsx({(0, 0): "ref", (MOST_ROWS - 1, 0): "x", (1, 99): "x"}),
    "shared": lambda: an_xlsx({(0, 0): "ref", **{(line, 0): "x" * 30_000 for line in range(1, 3_000)}}),
    "ods-text": lambda: an_ods(row(cell("x" * 30_000), times=190_000)),
    "ods-wide-text": lambda: an_ods(row(cell("x" * 30_000, times=90), times=1_000)),
    "ods-attribute": lambda: an_ods(
        row('<table:table-cell office:string-value="' + "x" * 30_000 + '"/>', times=190_000)
    ),
    "ods-blanks": lambda: an_ods(row(cell('<text:s text:c="90000000"/>'))),
    "ods-block": lambda: an_ods(row(cell("x", times=100), times=MOST_ROWS)),
    "ods-right": lambda: an_ods(row(blank(16_000), cell("x"))),
    "ods-down": lambda: an_ods(row(blank(1), times=1_000_000) + row(cell("x"))),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_asks_for_much_memory_is_refused(name: str) -> None:
    content = BOMBS[name]()
    assert len(content) < 100_000
    with pytest.raises(TableProblem, match=r"Copy the table alone|more text than we can take"):
        looked_through(content)
    with pytest.raises(TableProblem):
        read_table(content)


def test_the_reader_alone_would_have_ended_the_process() -> None:
    """The known-bad twin: without the look, the same file takes the whole process with it."""
    alone = (
        "import io, sys; from python_calamine import CalamineWorkbook as Book; "
        "Book.from_filelike(io.BytesIO(sys.stdin.buffer.read())).get_sheet_by_index(0); print('read')"
    )

    def two_gigabytes() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

    run = subprocess.run(
        [sys.executable, "-c", alone],
        input=BOMBS["elsewhere"](),
        capture_output=True,
        preexec_fn=two_gigabytes,
        timeout=60,
    )
    assert run.returncode < 0
    assert b"memory allocation" in run.stderr
    assert run.stdout == b""


def honest() -> Iterable[tuple[str, bytes, int]]:
    yield "xlsx", an_xlsx({(0, 0): "ref", **{(line, 0): f"S{line}" for line in range(1, 500)}}), 499
    # Long texts of their own: more than the first look can clear, so they are added up one by one.
    own = {(line, 0): f"{line} " + "x" * 9_000 for line in range(1, 500)}
    many = {(line, place): "y" for line in range(1, 500) for place in range(1, 20)}
    names = {(0, place): f"c{place}" for place in range(20)}
    yield "long texts", an_xlsx({**names, **own, **many}), 499
    edge = row(blank(16_384), times=1_048_000)
    yield "ods", an_ods(row(cell("ref"), blank(16_000)) + row(cell("S1"), times=3) + edge), 3
    yield (
        "ods comment",
        an_ods("<!-- <table:table-cell -->" + row(cell("ref")) + row(cell("&lt;"))),
        1,
    )
    yield "blank sheet first", an_xlsx({(0, 0): "ref", (1, 0): "S1"}, blank_sheet_first=True), 1
    yield "elsewhere", rewritten(an_xlsx({(0, 0): "ref", (1, 0): "S1"}), elsewhere), 1


@pytest.mark.parametrize(("content", "rows"), [one[1:] for one in honest()], ids=[one[0] for one in honest()])
def test_an_honest_workbook_is_read(content: bytes, rows: int) -> None:
    assert len(read_table(content).rows) == rows


@pytest.mark.parametrize(
    "content",
    [
        parts(("xl/workbook.xml", "<a/>"), ("xl/Workbook.xml", "<b/>")),
        parts(("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a/>')),
        an_ods(row(cell("a")) + "<unfinished"),
        an_ods('<table:table-row table:number-rows-repeated="many"><table:table-cell/></table:table-row>'),
        parts(
            ("mimetype", SPREADSHEET),
            ("content.xml", '<?xml version="1.0" encoding="cp037"?><a><table-cell/></a>'),
        ),
        parts(
            ("mimetype", SPREADSHEET),
            ("content.xml", '<?xml version="1.0" encoding="no-such"?><a><table-cell/></a>'),
        ),
    ],
    ids=["twice", "entity", "unfinished", "number", "letters", "unknown-letters"],
)
def test_a_workbook_nobody_writes_is_refused(content: bytes) -> None:
    with pytest.raises(TableProblem, match="cannot be opened"):
        looked_through(content)


def test_a_part_said_to_lie_before_the_file_is_refused() -> None:
    content = an_xlsx({(0, 0): "ref"})
    place = content.index(b"PK\x01\x02") + 42  # the first part's offset, in the directory
    with pytest.raises(TableProblem, match="cannot be opened"):
        read_table(content[:place] + b"\xff\xff\xff\x7f" + content[place + 4 :])
    end = content.rindex(b"PK\x05\x06") + 16  # the directory's own offset
    moved = int.from_bytes(content[end : end + 4], "little") + 65_536
    with pytest.raises(TableProblem, match="cannot be opened"):
        read_table(content[:end] + moved.to_bytes(4, "little") + content[end + 4 :])


def test_a_part_nobody_looked_at_is_not_handed_on() -> None:
    content = parts(("xl/workbook.xml", "<a/>"), ("xl/media/sheet1.png", "<worksheet/>"))
    with zipfile.ZipFile(io.BytesIO(looked_through(content))) as archive:
        assert archive.namelist() == ["xl/workbook.xml"]
