"""Their columns beside ours: guessed by name, chosen by a person, and used to read a file of another system.

Pure. What nobody matched is left out: the row does not speak of it, so what is stored there stays.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from recovery_college.imports.rules import Column, iso_date
from recovery_college.kernel.tables import Table, TableRow

_DAY_FIRST = re.compile(
    r"([0-3]?[0-9])[/.\- ]([0-9]{1,2}|[A-Za-z]{3,9})[/.\- ,]+([0-9]{4}|[0-9]{2})(?:[ T]+00:00(?::00)?)?"
)
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
            faults[column.name] = f"This column is chosen for {taken[heading]} already"
        else:
            taken[heading] = column.name
    return faults


def mapped(table: Table, chosen: ColumnMap, columns: Sequence[Column]) -> Table:
    """The table under our names, with dates as we write them. A kept heading that is missing stays missing."""
    pairs = [(column, chosen.theirs[column.name]) for column in columns if column.name in chosen.theirs]
    pairs = [(column, heading) for column, heading in pairs if heading in table.columns]
    dates = {column.name for column, _ in pairs if chosen.day_first and column.reader is iso_date}
    rows = [
        TableRow(
            row.line,
            {
                column.name: _iso(row.values[heading]) if column.name in dates else row.values[heading]
                for column, heading in pairs
            },
        )
        for row in table.rows
    ]
    return Table(tuple(column.name for column, _ in pairs), rows, table.problems)


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
