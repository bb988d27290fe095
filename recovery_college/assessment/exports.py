"""What goes out of this room: decisions as they come in, and the results of every student's units."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.imports import DECISIONS
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import cohorts_known_to, results_of
from recovery_college.assessment.rules import credit_awarded, credit_recommended
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, LearningOutcome, Unit
from recovery_college.courses.queries import places_in
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.imports.kind import ExportKind
from recovery_college.kernel.db import session
from recovery_college.kernel.tables_out import Cell
from recovery_college.people.models import Account, Person

Row = tuple[Cell, ...]

DECISION_COLUMNS = tuple(column.name for column in DECISIONS.columns)
RESULT_COLUMNS = (
    "cohort",
    "student_ref",
    "unit_code",
    "level",
    "credit",
    "criteria",
    "criteria_met",
    "state",
    "credit_recommended",
    "credit_awarded",
)


def _cohorts(actor: Actor, ref: str | None) -> Sequence[Cohort]:
    """The cohorts the actor knows of, oldest first, or the one with this reference."""
    known = sorted(cohorts_known_to(actor), key=lambda cohort: (cohort.starts_on, cohort.ref))
    return known if ref is None else [cohort for cohort in known if cohort.ref == ref]


def decision_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row an attempt, with its latest released decision; drafts stay inside (A7).

    With feedback, so only for tutors, of their own cohorts, and for the console.
    """
    if actor.person_id is not None and not may(actor, Permission.DECISION_RECORD):
        return
    account = (
        select(func.min(Account.email)).where(Account.person_id == Decision.decided_by).scalar_subquery()
    )
    for cohort in _cohorts(actor, cohort_ref):
        rows = session().execute(
            select(
                Person.student_ref,
                Unit.code,
                AssessmentCriterion.number,
                Decision.attempt,
                Decision.outcome,
                Decision.decided_on,
                account,
                Decision.feedback,
            )
            .join(Enrolment, Decision.enrolment_id == Enrolment.id)
            .join(Person, Enrolment.person_id == Person.id)
            .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
            .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
            .join(Unit, AssessmentCriterion.unit_id == Unit.id)
            .where(
                Enrolment.cohort_id == cohort.id,
                Decision.released_at.is_not(None),
                Person.student_ref.is_not(None),
            )
            .order_by(
                Person.student_ref,
                Unit.position,
                Unit.code,
                LearningOutcome.position,
                AssessmentCriterion.position,
                Decision.attempt,
                Decision.revision,
            )
        )
        latest: dict[tuple[Cell, ...], Row] = {}
        for student_ref, code, number, attempt, outcome, on, address, feedback in rows:
            row = (
                cohort.ref,
                student_ref,
                code,
                number,
                attempt,
                outcome.value,
                on,
                address or "",
                feedback,
            )
            latest[row[:5]] = row
        yield from latest.values()


def result_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a student and registered unit, from released decisions only (contract: results out)."""
    if not may(actor, Permission.STATE_SEE):
        return
    syllabuses: dict[object, Syllabus] = {}
    for cohort in _cohorts(actor, cohort_ref):
        if cohort.qualification_id not in syllabuses:
            syllabuses[cohort.qualification_id] = syllabus_of(cohort.qualification_id)
        places = places_in([cohort.id])
        results = results_of(syllabuses[cohort.qualification_id], places)
        for place in places:
            for result in results[place.enrolment_id]:
                unit = result.unit
                yield (
                    cohort.ref,
                    place.student_ref,
                    unit.code,
                    unit.level,
                    unit.credit,
                    len(unit.criteria),
                    result.met,
                    result.state.value,
                    credit_recommended(result.state, unit.credit),
                    credit_awarded(result.state, unit.credit),
                )


EXPORTS = (
    ExportKind("decisions", "Decisions", DECISION_COLUMNS, decision_rows, Permission.DECISION_RECORD),
    ExportKind("results", "Results", RESULT_COLUMNS, result_rows, Permission.COURSE_EXPORT),
)
