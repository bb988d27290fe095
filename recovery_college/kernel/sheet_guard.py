"""Looking into a spreadsheet before it is read: a few kilobytes may ask for terabytes of memory.

Three ways are known: a zip that unpacks without end; one cell far down and to the right, because the reader
lays out every cell before it (this ends the process, it cannot be caught); and one cell or text repeated
millions of times. So each part is unpacked within a limit, parsed once for where its cells lie and how much
text they come to, and only parts that were looked at are handed on.
"""

import re
import zlib
from collections import Counter
from io import BytesIO
from typing import Any
from xml.parsers import expat
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from recovery_college.kernel.cells import MOST_COLUMNS, MOST_ROWS, TableProblem

MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 1_000
MOST_CELLS = 4_000_000
MOST_TEXT = 60_000_000

_LONGEST_INDEX = 20
_PARTS = (".xml", ".rels", "mimetype")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_DAMAGED = "This spreadsheet is damaged. Open it, save it again and upload the new file."
_TOO_LARGE = (
    f"This sheet is too large: {MOST_ROWS:,} rows, {MOST_COLUMNS} columns and {MOST_CELLS:,} cells at most. "
    "Delete stray cells far from the table, or split it."
)


def looked_through(data: bytes) -> bytes:
    """The spreadsheet again, unpacked, with only the parts that were checked. Raises TableProblem."""
    checked = BytesIO()
    strings: list[int] = []
    used: Counter[int] = Counter()
    text = 0
    try:
        with ZipFile(BytesIO(data)) as source, ZipFile(checked, "w", ZIP_STORED) as copy:
            for part in _parts(source):
                content = _unpacked(source, part)
                if part.filename != "mimetype":
                    look = _Look()
                    look.through(content)
                    strings.extend(look.strings)
                    used.update(look.used)
                    text += look.text
                copy.writestr(part.filename, content)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError):
        raise TableProblem(_DAMAGED) from None
    except RuntimeError:  # what zipfile says of an encrypted part
        raise TableProblem("This spreadsheet has a password. Save it without one.") from None
    text += sum(strings[index] * times for index, times in used.items() if 0 <= index < len(strings))
    if text > MOST_TEXT:
        raise TableProblem(_TOO_LARGE)
    return checked.getvalue()


def _parts(source: ZipFile) -> list[ZipInfo]:
    parts = [part for part in source.infolist() if part.filename.lower().endswith(_PARTS)]
    names = {part.filename.lower().lstrip("/") for part in parts}
    if len(names) < len(parts) or len(parts) > MOST_PARTS:
        raise TableProblem(_DAMAGED)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TableProblem(_TOO_LARGE)
    return parts


def _unpacked(source: ZipFile, part: ZipInfo) -> bytes:
    """The content of a part, never more than its directory entry says: that entry may lie."""
    said = part.file_size
    part.file_size = said + 1  # zipfile stops here
    with source.open(part) as packed:
        content = packed.read(said + 1)
    if len(content) != said:
        raise TableProblem(_DAMAGED)
    return content


class _Look:
    """One walk through an XML part: the cells that hold something, where they lie, how long their text is.

    Knows the cells of XLSX (`row`, `c`, `v`, `is`, `f`, and the shared texts `si`) and of ODS (`table-row`,
    `table-cell` and their repeats). A part of another kind has none of these and passes.
    """

    def __init__(self) -> None:
        self.strings: list[int] = []  # lengths of the shared texts
        self.used: Counter[int] = Counter()  # how often each is shown
        self.text = 0
        self._row = self._column = 0
        self._lowest = self._widest = 0
        self._shared = False
        self._in_value = False
        self._value, self._length = "", 0
        self._in_string = False
        self._string = 0
        # ODS: the repeats of this row and cell, the row's own text, and columns passed
        self._rows = self._cells = 1
        self._row_text = self._cell_text = 0
        self._filled = False
        self._row_widest = 0

    def through(self, content: bytes) -> None:
        """Walk through a part. Raises TableProblem when it is no XML or its cells ask for too much."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            raise TableProblem(_DAMAGED) from None

    def _doctype(self, *_: Any) -> None:
        raise TableProblem(_DAMAGED)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._column += 1
            self._shared = attributes.get("t") == "s"
            if "r" in attributes:
                found = _REFERENCE.fullmatch(attributes["r"])
                if not found:
                    raise TableProblem(_DAMAGED)
                self._column, self._row = _number(found[1]), int(found[2])
        elif name in ("v", "is", "f"):
            self._in_value = True
            self._value, self._length = "", 0
            self._place(self._row, self._column)
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif name == "si":
            self._in_string, self._string = True, 0
        elif name == "table-row":
            self._rows = _times(attributes, "number-rows-repeated")
            self._row_widest = self._column = self._row_text = 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cells = _times(attributes, "number-columns-repeated")
            self._filled = any(key.endswith(("value-type", "formula")) for key in attributes)
            self._cell_text = sum(map(len, attributes.values()))
        elif name in ("p", "s"):
            self._filled = True
            self._cell_text += _times(attributes, "c")
        elif name == "table":
            self._row = 0

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "is", "f"):
            self._in_value = False
            if name == "v" and self._shared and re.fullmatch(r"\s*[0-9]{1,9}\s*", self._value):
                self.used[int(self._value)] += 1
            else:
                self.text += self._length
        elif name == "si":
            self._in_string = False
            self.strings.append(self._string)
        elif name in ("table-cell", "covered-table-cell"):
            self._column += self._cells
            if self._filled:
                self._row_widest = self._column
                self._row_text += self._cell_text * self._cells
        elif name == "table-row":
            self._row += self._rows
            if self._row_widest:
                self._place(self._row, self._row_widest)
                self.text += self._row_text * self._rows
                if self.text > MOST_TEXT:
                    raise TableProblem(_TOO_LARGE)

    def _characters(self, text: str) -> None:
        if self._in_value:
            self._length += len(text)
            if len(self._value) < _LONGEST_INDEX:  # the rest is only counted: joining it would take for ever
                self._value += text
        elif self._in_string:
            self._string += len(text)
        else:
            self._cell_text += len(text)

    def _place(self, row: int, column: int) -> None:
        """Note that a cell holds something; a sheet is laid out up to its lowest and widest cell."""
        self._lowest, self._widest = max(self._lowest, row), max(self._widest, column)
        if (
            self._widest > MOST_COLUMNS
            or self._lowest > MOST_ROWS + 1_000
            or self._lowest * self._widest > MOST_CELLS
        ):
            raise TableProblem(_TOO_LARGE)


def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _times(attributes: dict[str, str], name: str) -> int:
    for key, value in attributes.items():
        if key.rpartition(":")[2] == name:
            return max(int(value), 1)
    return 1
