"""Reading one run in full, as it was frozen, and what has changed since."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.claim_models import AoRegistration, ClaimNote, ClaimStudent, ClaimUnit
from recovery_college.claims.board_queries import Board
from recovery_college.claims.claim_queries import LineRow, Run
from recovery_college.claims.rules import CLAIMABLE, HELD, differs_from_sent
from recovery_college.courses.models import Enrolment
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


@dataclass(frozen=True, slots=True)
class SheetStudent:
    """A student as the claim froze them; `lines` by unit."""

    enrolment_id: UUID
    person_id: UUID
    student_ref: str
    certificate_name: str
    uln: str
    registration_id: UUID
    date_of_birth: date | None
    """As it was registered when the claim was prepared."""
    lines: dict[UUID, LineRow]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A run in the shape of the awarding organisation's sheet: units across, students down, ticks."""

    run: Run
    units: tuple[ClaimUnit, ...]
    students: tuple[SheetStudent, ...]
    notes: tuple[tuple[ClaimNote, str], ...]

    @property
    def credit(self) -> int:
        """The sum of the credit it recommends, over all students."""
        worth = {unit.unit_id: unit.credit for unit in self.units}
        return sum(worth[unit_id] for student in self.students for unit_id in student.lines)


def sheet_of(run: Run) -> Sheet:
    """A run's sheet in three queries: what was frozen, not what the specification says now."""
    s = session()
    units = s.scalars(select(ClaimUnit).where(ClaimUnit.claim_id == run.id).order_by(ClaimUnit.position))
    by_student: dict[UUID, dict[UUID, LineRow]] = {}
    for line in run.lines:
        by_student.setdefault(line.enrolment_id, {})[line.unit_id] = line
    students = s.execute(
        select(ClaimStudent, Enrolment.person_id, AoRegistration.date_of_birth)
        .join(Enrolment, ClaimStudent.enrolment_id == Enrolment.id)
        .join(AoRegistration, ClaimStudent.registration_id == AoRegistration.id)
        .where(ClaimStudent.claim_id == run.id)
        .order_by(ClaimStudent.position)
    )
    return Sheet(
        run,
        tuple(units),
        tuple(
            SheetStudent(
                row.enrolment_id, person_id, row.student_ref, row.certificate_name, row.uln,
                row.registration_id, born, by_student.get(row.enrolment_id, {}),
            )
            for row, person_id, born in students
        ),
        tuple(_notes(run.id)),
    )  # fmt: skip


def _notes(claim_id: UUID) -> list[tuple[ClaimNote, str]]:
    statement = (
        select(ClaimNote, Person.given_name, Person.family_name, Person.preferred_name)
        .join(Person, ClaimNote.written_by == Person.id)
        .where(ClaimNote.claim_id == claim_id)
        .order_by(ClaimNote.written_at)
    )
    return [(note, display_name(*names)) for note, *names in session().execute(statement)]


def what_changed(sheet: Sheet, board: Board) -> list[str]:
    """What is no longer as it was when an open claim was prepared, in words; empty while it may be signed."""
    now = {student.place.enrolment_id: student for student in board.students}
    found = []
    for one in sheet.students:
        student = now.get(one.enrolment_id)
        if student is None:
            found.append(f"{one.certificate_name} is no longer in this cohort.")
            continue
        if student.registered.registration_id != one.registration_id or student.problems:
            found.append(f"{one.certificate_name}: the registration or the record has changed.")
        if student.is_held:
            found.append(f"{one.certificate_name}: {HELD}")
        states = {result.unit.id: result.state for result in student.results}
        for unit in sheet.units:
            if unit.unit_id in one.lines and states.get(unit.unit_id) is not CLAIMABLE:
                found.append(
                    f"{one.certificate_name}: {unit.code} is no longer verified, it is "
                    f"{states.get(unit.unit_id, 'not registered')}."
                )
    return found


def changed_after(sheet: Sheet, board: Board) -> list[str]:
    """Whose record or registration no longer says what went to the awarding organisation with this run."""
    now = {student.place.enrolment_id: student for student in board.students}
    return [
        f"{one.certificate_name}: the record has changed since. Tell the awarding organisation."
        for one in sheet.students
        if (student := now.get(one.enrolment_id))
        and differs_from_sent(student.registered.record, one.certificate_name, one.date_of_birth)
    ]
