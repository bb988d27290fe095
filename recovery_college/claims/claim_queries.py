"""Reading claims: a cohort's board with what may be claimed, its runs, and one run's sheet.

The caller has made sure that the actor may see the cohort (`assessment.queries.cohort_known_to`).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from recovery_college.assessment.claim_models import (
    AoRegistration,
    Claim,
    ClaimAnswer,
    ClaimLine,
    ClaimNote,
    ClaimReply,
    ClaimSignature,
    ClaimStudent,
    ClaimUnit,
)
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import UnitResult, results_of
from recovery_college.claims.rules import (
    CLAIMABLE,
    Clock,
    Identity,
    Problem,
    ProblemKind,
    claim_clock,
    digest_of,
    registration_problems,
)
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment
from recovery_college.courses.queries import Place, Syllabus, UnitRow, places_in, syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


def run_label(number: int) -> str:
    """A run as people name it."""
    return f"RAC-{number:04}"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One tick with what the awarding organisation and the college said of it since."""

    id: UUID
    claim_id: UUID
    number: int
    enrolment_id: UUID
    unit_id: UUID
    is_live: bool
    locked: bool
    reply_id: UUID | None = None
    reply: Reply | None = None
    awarded_on: date | None = None
    answer: str = ""

    @property
    def run(self) -> str:
        """The run it stands on."""
        return run_label(self.number)

    @property
    def is_queried(self) -> bool:
        """Whether a query waits for the college's answer."""
        return self.reply is Reply.QUERIED and not self.answer


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed, in which capacity, when."""

    person_id: UUID
    name: str
    capacity: Capacity
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One claim: its lines, its signatures, where it stands."""

    id: UUID
    number: int
    cohort_id: UUID
    reviewer_id: UUID
    reviewer_name: str
    prepared_by: UUID
    prepared_by_name: str
    prepared_at: datetime
    digest: str
    locked_at: datetime | None
    set_aside_at: datetime | None
    set_aside_reason: str
    signatures: tuple[SignatureRow, ...]
    lines: tuple[LineRow, ...]

    @property
    def label(self) -> str:
        """The run's id."""
        return run_label(self.number)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for signatures."""
        return self.locked_at is None and self.set_aside_at is None

    @property
    def unsigned(self) -> tuple[Capacity, ...]:
        """The signatures that are missing."""
        there = {one.capacity for one in self.signatures}
        return tuple(one for one in Capacity if one not in there) if self.is_open else ()

    @property
    def students(self) -> int:
        """How many students it holds."""
        return len({line.enrolment_id for line in self.lines})

    @property
    def units(self) -> int:
        """How many units it holds."""
        return len({line.unit_id for line in self.lines})

    def with_reply(self, reply: Reply | None) -> int:
        """How many lines have this as their latest reply."""
        return sum(line.reply is reply for line in self.lines)

    @property
    def queried(self) -> list[LineRow]:
        """The lines whose query waits for an answer."""
        return [line for line in self.lines if line.is_queried]


def line_rows(*where: ColumnElement[bool]) -> list[LineRow]:
    """Ticks with their latest reply, in one query; those of claims set aside are left out."""
    rows = session().execute(
        select(
            ClaimLine.id, ClaimLine.claim_id, Claim.run, ClaimLine.enrolment_id, ClaimLine.unit_id,
            ClaimLine.ended_at, Claim.locked_at, ClaimReply.id, ClaimReply.result, ClaimReply.awarded_on,
            ClaimAnswer.answer,
        )
        .join(Claim, ClaimLine.claim_id == Claim.id)
        .outerjoin(ClaimReply, ClaimReply.line_id == ClaimLine.id)
        .outerjoin(ClaimAnswer, ClaimAnswer.reply_id == ClaimReply.id)
        .where(*where)
        .order_by(Claim.run, ClaimReply.recorded_at)
    )  # fmt: skip
    found: dict[UUID, LineRow] = {}
    for line_id, claim_id, number, enrolment_id, unit_id, ended, locked, reply_id, said, on, answer in rows:
        found[line_id] = LineRow(
            line_id, claim_id, number, enrolment_id, unit_id, ended is None, locked is not None,
            reply_id, Reply(said) if said else None, on, answer or "",
        )  # fmt: skip
    return list(found.values())


def runs_of(*where: ColumnElement[bool]) -> list[Run]:
    """Runs, the latest first, in three queries."""
    reviewer, preparer = aliased(Person), aliased(Person)
    claims: list[Any] = list(
        session().execute(
            select(
                Claim, reviewer.given_name, reviewer.family_name, reviewer.preferred_name,
                preparer.given_name, preparer.family_name, preparer.preferred_name,
            )
            .join(reviewer, Claim.reviewer_id == reviewer.id)
            .join(preparer, Claim.prepared_by == preparer.id)
            .where(*where)
            .order_by(Claim.run.desc())
        )
    )  # fmt: skip
    ids = [row[0].id for row in claims]
    lines: dict[UUID, list[LineRow]] = {one: [] for one in ids}
    for line in line_rows(ClaimLine.claim_id.in_(ids)):
        lines[line.claim_id].append(line)
    signatures = signatures_on(ids)
    return [
        Run(
            claim.id, claim.run, claim.cohort_id, claim.reviewer_id, display_name(*row[:3]),
            claim.prepared_by, display_name(*row[3:]), claim.prepared_at, claim.digest, claim.locked_at,
            claim.set_aside_at, claim.set_aside_reason, tuple(signatures.get(claim.id, ())),
            tuple(lines[claim.id]),
        )
        for claim, *row in claims
    ]  # fmt: skip


def signatures_on(claim_ids: Collection[UUID]) -> dict[UUID, list[SignatureRow]]:
    """The signatures of some claims in the order they were given."""
    rows = session().execute(
        select(
            ClaimSignature.claim_id, ClaimSignature.person_id, ClaimSignature.capacity,
            ClaimSignature.signed_at, Person.given_name, Person.family_name, Person.preferred_name,
        )
        .join(Person, ClaimSignature.person_id == Person.id)
        .where(ClaimSignature.claim_id.in_(claim_ids))
        .order_by(ClaimSignature.signed_at)
    )  # fmt: skip
    found: dict[UUID, list[SignatureRow]] = {}
    for claim_id, person_id, capacity, at, *names in rows:
        found.setdefault(claim_id, []).append(
            SignatureRow(person_id, display_name(*names), Capacity(capacity), at)
        )
    return found


# What the awarding organisation knows of students, and what the college does.


@dataclass(frozen=True, slots=True)
class Registered:
    """A student's identity as recorded and as registered, with what stands between them."""

    record: Identity
    registration_id: UUID | None
    registered: Identity | None
    number: str
    registered_on: date | None

    @property
    def problems(self) -> list[Problem]:
        """What must be mended before the student can be claimed for."""
        return registration_problems(self.record, self.registered)


def registrations_of(enrolment_ids: Collection[UUID]) -> dict[UUID, Registered]:
    """For each enrolment the identity in the record beside the latest registration. One query."""
    rows = session().execute(
        select(
            Enrolment.id, Person.given_name, Person.family_name, Person.certificate_name,
            Person.date_of_birth, Person.uln, AoRegistration.id, AoRegistration.certificate_name,
            AoRegistration.date_of_birth, AoRegistration.uln, AoRegistration.number,
            AoRegistration.registered_on,
        )
        .join(Person, Enrolment.person_id == Person.id)
        .outerjoin(AoRegistration, AoRegistration.enrolment_id == Enrolment.id)
        .where(Enrolment.id.in_(enrolment_ids))
        .order_by(AoRegistration.recorded_at)
    )  # fmt: skip
    found: dict[UUID, Registered] = {}
    for enrolment_id, given, family, name, born, uln, row_id, as_name, as_born, as_uln, number, on in rows:
        found[enrolment_id] = Registered(
            Identity(name or f"{given} {family}", born, uln or ""),
            row_id,
            Identity(as_name, as_born, as_uln) if row_id else None,
            number or "",
            on,
        )
    return found


@dataclass(frozen=True, slots=True)
class BoardStudent:
    """A student of a cohort with their units and their registration."""

    place: Place
    registered: Registered
    results: tuple[UnitResult, ...]

    @property
    def problems(self) -> list[Problem]:
        """What stands in the way of claiming for them."""
        return self.registered.problems


@dataclass(frozen=True)
class Board:
    """A cohort as the claim sees it: students, units, runs, and the day the claim is due."""

    cohort: Cohort
    syllabus: Syllabus
    students: tuple[BoardStudent, ...]
    runs: tuple[Run, ...]
    clock: Clock

    @cached_property
    def live(self) -> dict[tuple[UUID, UUID], LineRow]:
        """The lines that are live, by (enrolment, unit): nothing of them is claimed again."""
        return {
            (line.enrolment_id, line.unit_id): line
            for run in self.runs
            if run.set_aside_at is None
            for line in run.lines
            if line.is_live
        }

    @cached_property
    def claimable(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Students with the units that are verified and on no run, whatever stands in their way."""
        found = []
        for student in self.students:
            units = [
                result.unit
                for result in student.results
                if result.state is CLAIMABLE and (student.place.enrolment_id, result.unit.id) not in self.live
            ]
            if units:
                found.append((student, units))
        return found

    @property
    def ready(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Who can be claimed for now, and for what."""
        return [(student, units) for student, units in self.claimable if not student.problems]

    @property
    def blocked(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Who has something to claim and cannot be claimed for yet."""
        return [(student, units) for student, units in self.claimable if student.problems]

    @property
    def ticks(self) -> set[tuple[UUID, UUID]]:
        """Every (enrolment, unit) that can be claimed now."""
        return {(student.place.enrolment_id, unit.id) for student, units in self.ready for unit in units}

    @property
    def problem_counts(self) -> Counter[ProblemKind]:
        """How many students who have something to claim each kind of problem concerns."""
        return Counter(problem.kind for student, _ in self.blocked for problem in student.problems)

    @property
    def stamp(self) -> str:
        """What the board offers to claim, to notice that it changed meanwhile."""
        offered = [
            [str(student.registered.registration_id), [str(unit.id) for unit in units]]
            for student, units in self.ready
        ]
        return digest_of(offered)[:32]

    def run(self, claim_id: UUID) -> Run | None:
        """One of the runs."""
        return next((run for run in self.runs if run.id == claim_id), None)


def board_of(cohort: Cohort) -> Board:
    """A cohort's board in eleven queries whatever its size."""
    syllabus, places = syllabus_of(cohort.qualification_id), places_in([cohort.id])
    results = results_of(syllabus, places)
    registered = registrations_of([place.enrolment_id for place in places])
    return Board(
        cohort,
        syllabus,
        tuple(
            BoardStudent(place, registered[place.enrolment_id], tuple(results[place.enrolment_id]))
            for place in places
        ),
        tuple(runs_of(Claim.cohort_id == cohort.id)),
        claim_clock(cohort.ends_on, clock.today()),
    )


def deciders_of(pairs: Collection[tuple[UUID, UUID]]) -> set[UUID]:
    """Everyone with a decision in one of these (enrolment, unit) pairs, drafts and earlier tries included."""
    wanted = set(pairs)
    rows = session().execute(
        select(Decision.enrolment_id, AssessmentCriterion.unit_id, Decision.decided_by)
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .where(Decision.enrolment_id.in_({enrolment_id for enrolment_id, _ in wanted}))
        .distinct()
    )
    return {by for enrolment_id, unit_id, by in rows if (enrolment_id, unit_id) in wanted}


# One run in full.


@dataclass(frozen=True, slots=True)
class SheetStudent:
    """A student as the claim froze them; `lines` by unit."""

    enrolment_id: UUID
    person_id: UUID
    student_ref: str
    certificate_name: str
    uln: str
    registration_id: UUID
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
        """All credit it recommends."""
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
        select(ClaimStudent, Enrolment.person_id)
        .join(Enrolment, ClaimStudent.enrolment_id == Enrolment.id)
        .where(ClaimStudent.claim_id == run.id)
        .order_by(ClaimStudent.position)
    )
    return Sheet(
        run,
        tuple(units),
        tuple(
            SheetStudent(
                row.enrolment_id, person_id, row.student_ref, row.certificate_name, row.uln,
                row.registration_id, by_student.get(row.enrolment_id, {}),
            )
            for row, person_id in students
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
        states = {result.unit.id: result.state for result in student.results}
        for unit in sheet.units:
            if unit.unit_id in one.lines and states.get(unit.unit_id) is not CLAIMABLE:
                found.append(
                    f"{one.certificate_name}: {unit.code} is no longer verified, it is "
                    f"{states.get(unit.unit_id, 'not registered')}."
                )
    return found


def who_may_review(cohort: Cohort, people: Sequence[Person]) -> list[tuple[str, str]]:
    """People as choices: (id, name), by family name."""
    return [
        (str(person.id), display_name(person.given_name, person.family_name, person.preferred_name))
        for person in sorted(people, key=lambda one: (one.family_name, one.given_name))
    ]
