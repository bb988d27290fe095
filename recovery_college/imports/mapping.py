"""Their columns beside ours: guessed by name, chosen by a person, and used to read a file of another system.

Pure. What nobody matched is left out: the row does not speak of it, so what is stored there stays.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import starmap
from zoneinfo import ZoneInfo

from recovery_college.imports.rules import Column, column_in_words, iso_date
from recovery_college.kernel.tables import Table, TableRow

_TIME = (
    r"(?:(?:,? at|,)? *T?(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?:[:.][0-5][0-9](?:\.[0-9]{1,9})?)?"
    r" ?(?:[ap]\.?m\.?)?)?"
)
_DAY_FIRST = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[, ]+)?([0-3]?[0-9])(?:st|nd|rd|th)?"
    r"[/.\- ](?:of )?([0-9]{1,2}|[a-z]{3,9})[/.\- ,]+([0-9]{4}|[0-9]{2})" + _TIME,
    re.IGNORECASE,
)
_ISO_WITH_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?P<zone> ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
_LONDON = ZoneInfo("Europe/London")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """For each of our columns the name of theirs. `day_first`: their dates are written 4/12/2026."""

    theirs: Mapping[str, str]
    day_first: bool = False

    def as_text(self) -> str:
        """The map as it is kept with an upload."""
        return json.dumps({"theirs": dict(self.theirs), "day_first": self.day_first}, sort_keys=True)


def read_map(text: str) -> ColumnMap | None:
    """The map that was kept, or None when there is none."""
    if not text:
        return None
    kept = json.loads(text)
    return ColumnMap(
        {str(ours): str(theirs) for ours, theirs in kept["theirs"].items()}, bool(kept["day_first"])
    )


def guess_map(headings: Sequence[str], columns: Sequence[Column], kept: ColumnMap | None = None) -> ColumnMap:
    """The likeliest map: as it was kept, else by our own name, else by a name other systems use. Each once."""
    plain = {_plain(heading): heading for heading in reversed(headings)}
    theirs: dict[str, str] = {}
    for name, heading in kept.theirs.items() if kept else ():
        if heading in headings:
            theirs[name] = heading
    for names_of in (_own_name, _other_names):
        for column in columns:
            if column.name in theirs:
                continue
            found = [plain[word] for word in map(_plain, names_of(column)) if word in plain]
            free = [heading for heading in found if heading not in theirs.values()]
            # A source that was matched before and leaves a column out goes on leaving it out.
            if free and (kept is None or column.name in kept.theirs):
                theirs[column.name] = free[0]
    return ColumnMap(theirs, kept.day_first if kept else False)


def needs_matching(headings: Sequence[str], columns: Sequence[Column], kept: ColumnMap | None) -> bool:
    """Whether a person has to look: a heading we do not know, or a kept one that is not in the file."""
    if kept is not None:
        return not set(kept.theirs.values()) <= set(headings)
    names = {column.name for column in columns}
    return any(column.required and column.name not in headings for column in columns) or not names & set(
        headings
    )


def faults_of_map(chosen: ColumnMap, headings: Sequence[str], columns: Sequence[Column]) -> dict[str, str]:
    """What is wrong with a choice, by our column."""
    faults: dict[str, str] = {}
    taken: dict[str, str] = {}
    for column in columns:
        heading = chosen.theirs.get(column.name, "")
        if not heading:
            if column.required:
                faults[column.name] = "Choose the column of your file that holds it"
            continue
        if heading not in headings:
            faults[column.name] = "Choose a column of your file"
        elif heading in taken:
            faults[column.name] = f"This column is chosen for “{column_in_words(taken[heading])}” already"
        else:
            taken[heading] = column.name
    return faults


def mapped(table: Table, chosen: ColumnMap, columns: Sequence[Column]) -> Table:
    """The table under our names, with dates as we write them. A kept heading that is missing stays missing."""
    pairs = [(column, chosen.theirs[column.name]) for column in columns if column.name in chosen.theirs]
    pairs = [(column, heading) for column, heading in pairs if heading in table.columns]
    left: dict[tuple[str, str], list[int]] = {}
    rows = []
    for row in table.rows:
        values = {}
        for column, heading in pairs:
            given = row.values.get(heading, "")
            said = _as_ours(column, given, chosen.day_first) if given.strip() else given
            if said is None:
                left.setdefault((column.name, given.strip()), []).append(row.line)
            else:
                values[column.name] = said
        rows.append(TableRow(row.line, values))
    names = tuple(column.name for column, _ in pairs)
    return Table(names, rows, table.problems, (*table.remarks, *starmap(_left_out, left.items())))


def day_as_ours(text: str) -> str:
    """A day as we write it, from one with its time, its weekday or its day first; anything else as it is."""
    return _iso(_day_of(text))


def _as_ours(column: Column, given: str, day_first: bool) -> str | None:
    """What stands in their cell as we would write it; None where we have no word for it."""
    if column.reader is iso_date:
        day = day_as_ours(given) if day_first else _day_of(given)
        return day if any(letter.isdigit() for letter in day) else None
    return column.in_their_words(given) if column.in_their_words else given


def _left_out(which: tuple[str, str], lines: list[int]) -> str:
    named = ", ".join(map(str, lines[:5])) + (f" and {len(lines) - 5:,} more" if len(lines) > 5 else "")
    return f"{column_in_words(which[0])}: we cannot read “{which[1][:60]}”, so it is left out (line {named})"


def writes_day_first(table: Table, chosen: ColumnMap, columns: Sequence[Column]) -> bool:
    """Whether the dates of a file are written with their day first, as far as its first rows tell."""
    dates = [
        chosen.theirs[column.name]
        for column in columns
        if column.reader is iso_date and column.name in chosen.theirs
    ]
    values = [row.values[heading] for row in table.rows[:50] for heading in dates if heading in row.values]
    return any(_iso(value) != value for value in values)


def samples(table: Table, most: int = 3) -> dict[str, str]:
    """A few values of each column, so that a person recognises it."""
    shown: dict[str, str] = {}
    for heading in table.columns:
        values = dict.fromkeys(row.values[heading].strip()[:40] for row in table.rows[:50])
        shown[heading] = ", ".join([value for value in values if value][:most])
    return shown


def _day_of(text: str) -> str:
    """A day without its time. A time with a zone is an instant, and the day is that of England."""
    found = _ISO_WITH_TIME.fullmatch(text.strip())
    if not found:
        return text
    if not found["zone"]:
        return found[1]
    try:
        moment = datetime.fromisoformat(re.sub(r" (?=[Z+-])", "", text.strip()))
        return moment.astimezone(_LONDON).date().isoformat()
    except (ValueError, OverflowError):
        return found[1]


def _iso(text: str) -> str:
    """A date that is written with its day first, as year-month-day; anything else as it is."""
    found = _DAY_FIRST.fullmatch(text.strip())
    if not found:
        return text
    word = found[2].lower()[:3]
    month = int(found[2]) if found[2].isdigit() else (_MONTHS.index(word) + 1 if word in _MONTHS else 0)
    year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
    try:
        return date(year, month, int(found[1])).isoformat()
    except ValueError:
        return text


def _own_name(column: Column) -> tuple[str, ...]:
    return (column.name,)


def _other_names(column: Column) -> tuple[str, ...]:
    return column.also_called


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
