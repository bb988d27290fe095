"""The marking grid as a sheet: a row a student, a column a criterion, the state of each cell in words."""

from collections.abc import Iterator

from recovery_college.assessment.grid import met_of
from recovery_college.assessment.marking import Grid
from recovery_college.kernel.tables_out import Cell

NOT_TAKEN = "not registered"


def sheet_columns(grid: Grid) -> list[str]:
    """The headings: who, how they take part, how much is met, then every criterion with its unit."""
    criteria = [f"{unit.code} {one.number}" for unit in grid.units for one in unit.criteria]
    return ["Student", "Enrolment", "Criteria met", "Criteria", *criteria]


def sheet_rows(grid: Grid) -> Iterator[list[Cell]]:
    """A row a student. Drafts are named as drafts, so that nobody takes them for released decisions (A7)."""
    for student in grid.students:
        met, total = met_of(student.cells)
        words = [NOT_TAKEN if cell is None else cell.kind.words for cell in student.cells]
        yield [student.name, student.status.value, met, total, *words]
