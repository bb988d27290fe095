"""Files to import in these tests: a small qualification, a cohort, two students and what follows."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from recovery_college.courses.imports import KINDS
from recovery_college.imports.kind import ImportKind, run_import
from recovery_college.imports.rules import Report
from tests.factories.people import CONSOLE

BY_NAME: dict[str, ImportKind] = {kind.name: kind for kind in KINDS}
Row = Mapping[str, object]

TITLE = "Peer Support Work (TEST)"


def criterion(unit: str = "U1", number: str = "1.1", **columns: object) -> dict[str, object]:
    """A row of a qualification file."""
    return {
        "qualification": TITLE,
        "version": "1",
        "qualification_min_credit": "",
        "unit_code": unit,
        "unit_title": f"Title of {unit}",
        "level": 4,
        "credit": 3,
        "glh": 20,
        "group": "mandatory",
        "group_min_credit": "",
        "group_min_units": "",
        "outcome": number.split(".")[0],
        "outcome_text": f"Understand {number.split('.')[0]}",
        "criterion": number,
        "criterion_text": f"Explain {number}",
    } | columns


def cohort(ref: str = "C1", **columns: object) -> dict[str, object]:
    return {
        "cohort": ref,
        "title": f"Cohort {ref}",
        "qualification": TITLE,
        "version": "1",
        "site": "Cambridge",
        "starts_on": "2026-09-14",
        "ends_on": "2026-12-18",
        "capacity": 16,
    } | columns


def student(ref: str = "S1", **columns: object) -> dict[str, object]:
    return {"student_ref": ref, "given_name": "Amina", "family_name": "Example"} | columns


def place(ref: str = "S1", cohort_ref: str = "C1", **columns: object) -> dict[str, object]:
    return {
        "cohort": cohort_ref,
        "student_ref": ref,
        "status": "enrolled",
        "enrolled_on": "2026-09-14",
    } | columns


def planned(day: str = "2026-09-14", **columns: object) -> dict[str, object]:
    return {"cohort": "C1", "session_on": day, "starts": "09:30", "ends": "15:30"} | columns


def mark(ref: str = "S1", day: str = "2026-09-14", given: str = "present") -> dict[str, object]:
    return {"cohort": "C1", "student_ref": ref, "session_on": day, "mark": given}


def csv_of(rows: Sequence[Row]) -> bytes:
    """The rows as a CSV file with the columns of all of them."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def bring(kind: str, *rows: Row, **how: Any) -> Report:
    """Import these rows from the console."""
    return run_import(BY_NAME[kind], CONSOLE, csv_of(rows), f"{kind}.csv", **how)


def brought(kind: str, *rows: Row) -> Report:
    """Import rows that must be good."""
    report = bring(kind, *rows)
    assert report.ok, report.refused
    return report


def a_small_college() -> None:
    """A qualification of two units, a cohort, two students enrolled in it, one planned day."""
    brought("qualification", criterion(), criterion(number="1.2"), criterion("U2"))
    brought("cohorts", cohort())
    brought("sessions", planned())
    brought("students", student("S1"), student("S2", given_name="Ben"))
    brought("enrolments", place("S1"), place("S2"))


def refused(report: Report) -> list[tuple[int, str]]:
    """Where a report refuses something."""
    return [(one.line, one.column) for one in report.refused]


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged
