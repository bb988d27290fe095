"""What a cell of a table may hold, and the apostrophe that keeps a spreadsheet from running it.

A text that starts with `= + - @`, a tab or a carriage return would be a formula to a spreadsheet. Our export
puts an apostrophe before it and our import takes it off. A text that starts with apostrophes before such a
sign gets one more, so that taking one off is exactly the inverse whatever people wrote.
"""

import re

LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 32_767

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_KEPT = re.compile(r"'+[=+\-@\t\r]")
_NOT_TEXT = re.compile("[\x00\ufffe\uffff\ud800-\udfff]")
_WORDS_APART = re.compile(r"[\s_-]+")


class TableProblem(Exception):
    """A file that cannot be read or written as a table; the text says in plain words what to do about it.

    `line` is the line (or spreadsheet row) from 1, where there is one.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"Line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


def guarded(text: str) -> str:
    """`text` as it may stand in a spreadsheet without being run."""
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """`text` without the apostrophe `guarded` put there."""
    return text[1:] if _KEPT.match(text) else text


def writable(text: str) -> str:
    """`text` with U+FFFD for the few characters that neither XML nor PostgreSQL can hold.

    NUL, lone surrogates, U+FFFE and U+FFFF.
    """
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


def column_name(heading: str) -> str:
    """The name a heading stands for: `Student Ref` is `student_ref`."""
    return _WORDS_APART.sub("_", unguarded(heading).strip()).lower()
