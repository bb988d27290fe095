"""Checking an uploaded table against its columns: every cell read, every refusal with line, column, reason.

Pure: rows in, values and refusals out. What the database knows is asked later, by the kind's own `apply`.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar

from recovery_college.kernel.plain_text import clean_text
from recovery_college.kernel.tables import Table

Reader = Callable[[str], Any]
Word = TypeVar("Word", bound=StrEnum)
LONGEST_SHOWN = 200
_FORMULA_ERROR = re.compile(
    r"#(N/A|DIV/0!|REF!|NAME\?|VALUE!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)|Err:[0-9]{3}"
)
"""What spreadsheets show where a formula has no answer; a file saved as CSV holds these words."""

_EMAIL = re.compile(r"[^@\s;,<>\"']+@[^@\s;,<>\"']+\.[^@\s.;,<>\"']+")


class CellProblem(ValueError):
    """A cell cannot be taken; the sentence says what is wrong and what would be right.

    `shown` stands in every report for a value that must not be repeated, such as somebody's NHS number.
    """

    def __init__(self, sentence: str, shown: str | None = None) -> None:
        super().__init__(sentence)
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of table. `reader` gets trimmed text that is not empty; an empty cell is None.

    `help` says in words what belongs in it, `example` is a value for the template file, `also_called` are names it
    has in other systems. `in_their_words` reads what other systems write in it as what we would write, in a file whose
    columns a person matched: None where we have no word for it, and then the row does not speak of it.
    """

    name: str
    reader: Reader
    required: bool = False
    help: str = ""
    example: str = ""
    also_called: tuple[str, ...] = ()
    in_their_words: Callable[[str], str | None] | None = None


_CALLED = {
    "glh": "Guided learning hours",
    "manager_email": "Manager’s email",
    "min_attendance": "Least attendance",
    "student_ref": "Student reference",
    "uln": "ULN",
    "url": "Web address",
}


def column_in_words(name: str) -> str:
    """A column as a page speaks of it; files, templates and the console keep its name."""
    return _CALLED.get(name) or name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell (or a whole row: `column` is "") cannot be imported. Line 1 is the header."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row whose every cell could be read: its line, a value for each known column, and the texts as given."""

    line: int
    values: dict[str, Any]
    raw: dict[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check found: rows that may be applied, in the file's order, and what must be told."""

    rows: list[CheckedRow]
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or a dry run would do. `ok` is true exactly when nothing was refused.

    The counts are of rows that were made, changed, or found as they are already. When something was refused
    and good rows were not asked for, nothing was imported and the counts are 0.
    """

    ok: bool
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as `import --json` prints it."""
        return {
            "ok": self.ok,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": [
                {"line": one.line, "column": one.column, "value": one.value, "reason": one.reason}
                for one in self.refused
            ],
            "warnings": list(self.warnings),
        }


def refused_lines(refusals: Sequence[Refusal]) -> set[int]:
    """The lines that cannot be imported."""
    return {refusal.line for refusal in refusals}


def check_table(
    table: Table, columns: Sequence[Column], key: Sequence[str], passed_over: Collection[str] = ()
) -> Checked:
    """Read every cell. `key` names the columns that tell one entry from another (none: rows are not compared).

    Columns that are not known are named in a warning, but for those `passed_over`.

    The same key twice in one file: identical rows are one row and a warning, different ones are both refused.
    A required column that is missing is refused at line 1, and then no row is looked at.
    """
    checked = Checked([], warnings=[*table.remarks])
    known = {column.name for column in columns}
    unknown = [name for name in table.columns if name not in known and name not in passed_over]
    if unknown:
        named = ", ".join(f"“{name[:60]}”" for name in unknown)
        many = "s are" if len(unknown) > 1 else " is"
        checked.warnings.append(f"The column{many} not known and left out: {named}")
    missing = [column for column in columns if column.required and column.name not in table.columns]
    if missing:
        here = ", ".join(table.columns)[:LONGEST_SHOWN]
        checked.refusals.extend(
            Refusal(1, column.name, here, f"The column “{column.name}” is missing. Add it to the header row")
            for column in missing
        )
        return checked
    checked.refusals.extend(Refusal(one.line, "", one.value, one.text) for one in table.problems)
    given = [column for column in columns if column.name in table.columns]
    refused: dict[tuple[str, ...], int] = {}
    absent = {column.name: None for column in columns if column.name not in table.columns}
    for row in table.rows:
        values, refusals = _read_row(row.line, row.values, given)
        if refusals:
            checked.refusals.extend(refusals)
            refused.setdefault(_key_texts(row.values, key), row.line)
        else:
            checked.rows.append(CheckedRow(row.line, {**absent, **values}, row.values))
    if key:
        _compare_keys(checked, tuple(key))
        _doubt_keys(checked, tuple(key), refused)
    checked.refusals.sort(key=lambda refusal: refusal.line)
    return checked


def _read_row(
    line: int, texts: dict[str, str], columns: Sequence[Column]
) -> tuple[dict[str, Any], list[Refusal]]:
    values: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for column in columns:
        text_given = texts.get(column.name, "").strip()
        if not text_given:
            values[column.name] = None
            if column.required:
                refusals.append(Refusal(line, column.name, "", "This cell is empty and must be filled in"))
            continue
        try:
            if _FORMULA_ERROR.fullmatch(text_given):
                raise CellProblem(
                    f"The formula in this cell came to an error ({text_given}). Mend it, or type what belongs here"
                )
            values[column.name] = column.reader(text_given)
        except CellProblem as problem:
            shown = text_given[:LONGEST_SHOWN] if problem.shown is None else problem.shown
            refusals.append(Refusal(line, column.name, shown, str(problem)))
    return values, refusals


def _compare_keys(checked: Checked, key: tuple[str, ...]) -> None:
    """Leave out repeated rows and refuse contradicting ones, naming the other line."""
    seen: dict[tuple[Any, ...], CheckedRow] = {}
    alike: dict[tuple[Any, ...], CheckedRow] = {}
    dropped: set[int] = set()
    for row in checked.rows:
        mark = tuple(row.values.get(name) for name in key)
        first = seen.setdefault(mark, row)
        if first is row:
            other = alike.setdefault(tuple(_folded(value) for value in mark), row)
            if other is not row:
                checked.warnings.append(
                    f"Lines {other.line} and {row.line} differ only in capital letters or spaces. "
                    "Both count; check that they are not the same"
                )
            continue
        dropped.add(row.line)
        if first.values == row.values:
            checked.warnings.append(f"Line {row.line} is the same as line {first.line} and counts once")
            continue
        shown = ", ".join(row.raw.get(name, "").strip() for name in key)[:LONGEST_SHOWN]
        column = key[0] if len(key) == 1 else ""
        checked.refusals.append(Refusal(row.line, column, shown, _contradiction(key, first.line)))
        if first.line not in dropped:
            dropped.add(first.line)
            checked.refusals.append(Refusal(first.line, column, shown, _contradiction(key, row.line)))
    checked.rows[:] = [row for row in checked.rows if row.line not in dropped]


def _doubt_keys(checked: Checked, key: tuple[str, ...], refused: dict[tuple[str, ...], int]) -> None:
    """Refuse a good row whose key also stands in a row that needs mending: which is right, nobody can know yet."""
    doubtful: set[int] = set()
    for row in checked.rows:
        texts = _key_texts(row.raw, key)
        if all(texts) and texts in refused:
            doubtful.add(row.line)
            shown = ", ".join(texts)[:LONGEST_SHOWN]
            column = key[0] if len(key) == 1 else ""
            checked.refusals.append(Refusal(row.line, column, shown, _contradiction(key, refused[texts])))
    checked.rows[:] = [row for row in checked.rows if row.line not in doubtful]


def _key_texts(texts: dict[str, str], key: Sequence[str]) -> tuple[str, ...]:
    return tuple(texts.get(name, "").strip() for name in key)


def _folded(value: Any) -> Any:
    return "".join(value.casefold().split()) if isinstance(value, str) else value


def _contradiction(key: tuple[str, ...], other: int) -> str:
    return f"The same {' and '.join(key)} stands in line {other} with other content. Keep the right one"


# ---- readers: trimmed text that is not empty -> value, or CellProblem ------------------------------------------


def text(longest: int = 250) -> Reader:
    """Text of at most `longest` characters, line breaks as LF, what no person types on purpose left out."""

    def read(given: str) -> str:
        clean = clean_text(given)
        if not clean:
            raise CellProblem("This cell holds nothing that can be read")
        if len(clean) > longest:
            raise CellProblem(f"Use {longest:,} characters or fewer; this has {len(clean):,}")
        return clean

    return read


def email(given: str) -> str:
    """An email address, in small letters."""
    if len(given) > 254 or not _EMAIL.fullmatch(given) or not given.isprintable():
        raise CellProblem("This is not an email address, like name@example.nhs.uk")
    return given.lower()


def emails(given: str) -> tuple[str, ...]:
    """Email addresses with `;` between, in order, each once."""
    return tuple(dict.fromkeys(email(part.strip()) for part in given.split(";") if part.strip()))


def _is_no_day(given: str) -> bool:
    """Whether it has the shape of a day with its year last, and is none in either order, like 31/02/2026."""
    found = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", given)
    if not found:
        return False
    one, other, year = (int(part) for part in found.groups())
    for month, day in ((one, other), (other, one)):
        try:
            date(year, month, day)
        except ValueError:
            continue
        return False
    return True


def iso_date(given: str) -> date:
    """A date as YYYY-MM-DD from 1900 to 2199, as every spreadsheet can write it."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?", given)
    if not found:
        no_day = f"{given} is not a real date. " if _is_no_day(given) else ""
        raise CellProblem(
            f"{no_day}Write {'it' if no_day else 'the date'} as year-month-day, like 2026-03-27"
        )
    try:
        read = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise CellProblem(f"{given} is not a real date") from None
    if not 1900 <= read.year <= 2199:
        raise CellProblem("The year must be from 1900 to 2199")
    return read


def clock_time(given: str) -> time:
    """A time of day as HH:MM on the 24-hour clock; seconds must be 00."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?", given)
    if not found:
        raise CellProblem("Write the time on the 24-hour clock, like 09:30 or 14:00")
    return time(int(found[1]), int(found[2]))


def whole_number(least: int = 0, most: int = 999_999) -> Reader:
    """A whole number from `least` to `most`."""

    def read(given: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", given):
            raise CellProblem("Write a whole number, like 12")
        if not least <= int(given) <= most:
            raise CellProblem(f"Write a number from {least:,} to {most:,}")
        return int(given)

    return read


def choice(kind: type[Word]) -> Callable[[str], Word]:
    """One word of a list, in small or capital letters."""
    words = {_loose(member.value): member for member in kind}
    listed = ", ".join(member.value for member in kind)

    def read(given: str) -> Word:
        found = words.get(_loose(given))
        if found is None:
            raise CellProblem(f"Write one of: {listed}")
        return found

    return read


def _loose(word: str) -> str:
    return " ".join(word.casefold().split())


def web_address(given: str) -> str:
    """An http or https address of at most 2,000 characters."""
    if len(given) > 2000 or not re.fullmatch(r"(?i)https?://[^\s/?#@<>\"'\\]+([/?#][^\s<>\"\\]*)?", given):
        raise CellProblem("Write a web address that starts with https://")
    if not given.isprintable():
        raise CellProblem("Write a web address that starts with https://")
    return given
