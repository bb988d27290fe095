"""The claim as a table: a row a student and registered unit, claimed or not (contract: rac out)."""

from collections.abc import Iterator

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.rules import QUALITY_ASSURED, UnitState
from recovery_college.claims.board_queries import Board, board_of
from recovery_college.claims.claim_queries import Run
from recovery_college.claims.left_queries import left_on
from recovery_college.claims.sheet_queries import Sheet, sheet_of
from recovery_college.imports.kind import ExportKind
from recovery_college.kernel.tables_out import Cell
from recovery_college.people.rules import ULN_NOT_YET_KNOWN

RAC_COLUMNS = (
    "run",
    "cohort",
    "student_ref",
    "certificate_name",
    "uln",
    "unit_code",
    "unit_title",
    "level",
    "credit",
    "recommended",
    "registered",
    "problem",
)
Row = tuple[Cell, ...]


def rac_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """Every registered unit of every student: on which run it stands, or what stands in its way.

    A ULN that is not yet known stands as it is sent to the awarding organisation, 9999999999 (A4).

    What stands on a run is told as that run froze it: its unit data is never amended (A12).
    """
    if not may(actor, Permission.CLAIM_SEE):
        return
    known = sorted(cohorts_known_to(actor), key=lambda cohort: (cohort.starts_on, cohort.ref))
    for cohort in known:
        if cohort_ref in (None, cohort.ref):
            yield from _rows_of(board_of(cohort), actor)


def _rows_of(board: Board, actor: Actor) -> Iterator[Row]:
    frozen: dict[object, Sheet] = {run.id: sheet_of(run) for run in board.runs if run.set_aside_at is None}
    left = {one.place.enrolment_id: one.left for one in left_on(board, actor)}
    for student in board.students:
        place = student.place
        record = student.registered.registered or student.registered.record.sent
        mend = " ".join(problem.text for problem in student.problems)
        for result in student.results:
            unit = result.unit
            line = board.live.get((place.enrolment_id, unit.id))
            sheet = frozen.get(line.claim_id) if line else None
            name, uln = record.certificate_name, record.uln
            code, title, level, credit = unit.code, unit.title, unit.level, unit.credit
            if sheet is not None:
                was = next(one for one in sheet.students if one.enrolment_id == place.enrolment_id)
                name, uln = was.certificate_name, was.uln
                kept = next(one for one in sheet.units if one.unit_id == unit.id)
                code, title, level, credit = kept.code, kept.title, kept.level, kept.credit
            waits = result.state in QUALITY_ASSURED and not (line is not None and line.is_queried)
            lines = [one.text for one in left[place.enrolment_id].lines if one.unit == unit.code]
            problem = "" if waits else " ".join(lines)
            blocked = mend if result.state is UnitState.VERIFIED and line is None else ""
            yield (
                line.run if line else "",
                board.cohort.ref,
                place.student_ref,
                name,
                uln or ULN_NOT_YET_KNOWN,
                code,
                title,
                level,
                credit,
                "yes" if line is not None or result.state in QUALITY_ASSURED else "no",
                "yes" if student.registered.registered else "no",
                " ".join(part for part in (blocked, problem) if part),
            )


def sheet_rows(sheet: Sheet, run: Run, cohort_ref: str) -> Iterator[Row]:
    """One run's ticks, as it froze them, in the same columns."""
    for student in sheet.students:
        for unit in sheet.units:
            line = student.lines.get(unit.unit_id)
            if line is not None:
                yield (
                    run.label, cohort_ref, student.student_ref, student.certificate_name,
                    student.uln or ULN_NOT_YET_KNOWN, unit.code, unit.title, unit.level,
                    unit.credit, "yes", "yes", "queried" if line.is_queried else "",
                )  # fmt: skip


RAC = ExportKind("rac", "Recommendation for award of credit", RAC_COLUMNS, rac_rows, Permission.CLAIM_SEE)
