"""Looking into a workbook before it is read: a few kilobytes may ask for terabytes of memory.

Three ways are known. A zip that unpacks without end. One cell far down or to the right: the reader lays out
every cell before it, and when the memory is not there the whole process ends; that cannot be caught. And one
text shown by millions of cells. So every XML part, whatever its name, is unpacked within a limit and looked
at, and only an archive packed anew from what was looked at is handed on.

The first look searches the bytes and takes a tenth of the reader's own time. Only what it cannot clear is
walked through tag by tag.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from xml.parsers import expat

from recovery_college.kernel.table_limits import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_TEXT,
    MOST_UNPACKED,
    TableProblem,
)

UNREADABLE = (
    "The spreadsheet cannot be opened: it is damaged or has a password. Save it again and upload that"
)
_MOST_PARTS = 2000
_TOO_FAR = (
    f"A sheet has cells beyond {MOST_COLUMNS} columns or {MOST_ROWS:,} rows, or {MOST_CELLS:,} cells in all. "
    "Copy the table alone into a new workbook and upload that"
)
_TOO_MUCH_TEXT = "The sheet holds more text than we can take. Part the table into smaller files"
_TOO_BIG = (
    "The spreadsheet is far bigger unpacked than a table of ours can be. "
    "Copy the table alone into a new workbook and upload that"
)
# As the reader sees them: bytes, any namespace prefix, either quotation mark.
_PLACE = re.compile(rb"[\s\"']r\s*=\s*[\"']\s*([A-Za-z]*)([0-9]+)")
_VALUE = re.compile(rb"<(?:[^\s<>/]*:)?v[\s>]")
_SHARED = re.compile(rb"<(?:[^\s<>/]*:)?si[\s>]")
_INDEX = re.compile(r"\s*([0-9]{1,9})\s*")
_LONGEST_INDEX = 20
# Cells whose formula came to an error (#N/A). The reader takes them for empty ones, which would empty what is stored.
_CAME_TO_AN_ERROR = re.compile(rb"(<(?:[^\s<>/]*:)?c\s(?:[^<>]*\s)?t\s*=\s*[\"'])e(?=[\"'])")
_SAYS_ERROR = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_CELL_WITH_AN_ERROR = re.compile(
    rb"<(?:[^\s<>/]*:)?table-cell\s(?:\"[^\"]*\"|'[^']*'|[^\"'<>])*?value-type=[\"']error[\"'](?:\"[^\"]*\"|'[^']*'|[^\"'<>])*>"
)
_BLANK_VALUE = re.compile(rb"\s(?:[^\s<>/]*:)?string-value=(?:\"\"|'')")


def looked_through(content: bytes) -> bytes:
    """Pack a workbook (.xlsx or .ods) anew, uncompressed, after looking at every part. Raise TableProblem."""
    parts = _unpacked(content)
    values = longest = 0
    for part in parts.values():
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise TableProblem(UNREADABLE)
        _refuse_far_cells(part)
        values += len(_VALUE.findall(part))
        first = _SHARED.search(part) if b"<si" in part or b":si" in part else None
        if first:
            # Between two ends of a shared text lies one text and its tags: never shorter than the text.
            longest = max(longest, max(map(len, part[first.start() :].split(b"si>"))))
        elif b"table-cell" in part:
            _Walk().through(part)
    if values * longest > MOST_TEXT:
        _refuse_much_shared_text(parts.values())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as anew:
        for name, part in parts.items():
            anew.writestr(zipfile.ZipInfo(name), _with_errors_told(part))
    return out.getvalue()


def _with_errors_told(part: bytes) -> bytes:
    """The part with the words of each error in place of nothing."""
    if b"error" in part and b"table-cell" in part:
        return _CELL_WITH_AN_ERROR.sub(lambda cell: _BLANK_VALUE.sub(b"", cell[0]), part)
    return _CAME_TO_AN_ERROR.sub(rb"\1str", part) if _SAYS_ERROR.search(part) else part


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The XML parts by name. Python's zipfile never gives more of a part than the directory promised."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_PARTS or sum(member.file_size for member in members) > MOST_UNPACKED:
                raise TableProblem(_TOO_BIG)
            wanted = [
                member
                for member in members
                if member.filename.lower().endswith((".xml", ".rels")) or member.filename == "mimetype"
            ]
            if len({member.filename.lower() for member in wanted}) < len(wanted):
                raise TableProblem(UNREADABLE)  # two parts of one name: which one is read is anybody's guess
            return {member.filename: archive.read(member) for member in wanted}
    except TableProblem:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        # ValueError: an offset before the start of the file.
        raise TableProblem(UNREADABLE) from error


def _refuse_far_cells(part: bytes) -> None:
    """Refuse a part of an .xlsx with a cell, or a block from A1 to its farthest cells, beyond our limits."""
    columns, rows = set(), set()
    for column, row in _PLACE.findall(part):
        columns.add(column)
        rows.add(row)
    if any(len(column) > 3 for column in columns) or any(len(row) > 9 for row in rows):
        raise TableProblem(_TOO_FAR)
    _refuse_block(max(map(int, rows), default=0), max(map(_column_number, columns), default=0))


def _refuse_block(rows: int, columns: int) -> None:
    if rows > MOST_ROWS + 1 or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise TableProblem(_TOO_FAR)


def _column_number(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _refuse_much_shared_text(parts: Iterable[bytes]) -> None:
    """Add up exactly how much text the cells of an .xlsx show, each shared text as often as it is shown."""
    lengths: list[int] = []
    shown: Counter[int] = Counter()
    for part in parts:
        if _VALUE.search(part) or _SHARED.search(part):
            walk = _Walk()
            walk.through(part)
            lengths += walk.shared
            shown.update(walk.shown)
    if sum(lengths[index] * times for index, times in shown.items() if index < len(lengths)) > MOST_TEXT:
        raise TableProblem(_TOO_MUCH_TEXT)


class _Walk:
    """One walk through an XML part, tag by tag.

    Of an .xlsx it notes the length of each shared text (`si`) and how often each is shown (`c t="s"`, `v`);
    of an .ods it adds up cells and text, which may be said to repeat (`number-rows-repeated`). Blank cells may
    repeat to the edge of the sheet, as every spreadsheet program writes them.
    """

    def __init__(self) -> None:
        self.shared: list[int] = []
        self.shown: Counter[int] = Counter()
        self._is_shared = False
        self._value: str | None = None  # the text of the `v` we are in
        self._length = 0  # of the text since `si` or the cell began
        self._row = self._column = self._widest = 0
        self._rows = self._cells = 1  # how often this row and this cell stand
        self._filled = False
        self._row_text = self._text = 0
        self._lowest = self._farthest = 0

    def through(self, part: bytes) -> None:
        """Walk. Raise TableProblem for what is no XML in UTF-8, or holds too many cells or too much text."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = _refuse_other_letters
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            if isinstance(error, TableProblem):
                raise
            raise TableProblem(UNREADABLE) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._is_shared = attributes.get("t") == "s"
        elif name == "v":
            self._value = ""
        elif name == "si":
            self._length = 0
        elif name == "table":
            self._row = 0
        elif name == "table-row":
            self._rows = _times(attributes, "number-rows-repeated")
            self._column = self._widest = self._row_text = 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cells = _times(attributes, "number-columns-repeated")
            self._filled = any(key.startswith("office:") or key.endswith("formula") for key in attributes)
            self._length = sum(map(len, attributes.values()))
        else:
            self._filled = True  # whatever stands in a cell
            self._length += _times(attributes, "c")  # text:s, so many blanks

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "v":
            index = _INDEX.fullmatch(self._value or "")
            if self._is_shared and index:
                self.shown[int(index[1])] += 1
            self._value = None
        elif name == "si":
            self.shared.append(self._length)
        elif name in ("table-cell", "covered-table-cell"):
            self._column += self._cells
            if self._filled:
                self._widest = self._column
                self._row_text += self._length * self._cells
        elif name == "table-row":
            self._row += self._rows
            if self._widest:
                self._lowest, self._farthest = max(self._lowest, self._row), max(self._farthest, self._widest)
                _refuse_block(self._lowest, self._farthest)
                self._text += self._row_text * self._rows
                if self._text > MOST_TEXT:
                    raise TableProblem(_TOO_MUCH_TEXT)

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._value is not None and len(self._value) < _LONGEST_INDEX:
            self._value += text


def _refuse_other_letters(version: str, encoding: str | None, standalone: int) -> None:
    """Refuse a part in other letters than UTF-8: the reader would see other tags in it than we do."""
    if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
        raise TableProblem(UNREADABLE)


def _times(attributes: dict[str, str], name: str) -> int:
    for key, value in attributes.items():
        if key.rpartition(":")[2] == name:
            return max(int(value), 1)
    return 1
