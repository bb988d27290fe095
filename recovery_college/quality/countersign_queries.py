"""Reading the decisions of assessors in training that wait for a qualified assessor's signature (A10)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.assessment.staff_queries import holds_award, in_conflict
from recovery_college.assessment.staff_rules import Award, Standing, may_countersign
from recovery_college.assessment.waiting_queries import Waiting, cohort_ids
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, LearningOutcome, Unit
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class Unsigned:
    """One decision that waits. `problem`: why this actor may not sign it, or ""."""

    decision_id: int
    cohort_id: UUID
    cohort: str
    enrolment_id: UUID
    student: str
    unit: str
    number: str
    text: str
    criterion_id: UUID
    outcome: Outcome
    feedback: str
    decided_on: date
    assessor: str
    is_draft: bool
    problem: str


def unsigned_decisions(actor: Actor, cohort_id: UUID | None = None) -> list[Unsigned]:
    """The decisions that wait in the cohorts the actor may know of, by student. One query."""
    if not may(actor, Permission.COUNTERSIGN) or actor.person_id is None:
        return []
    later, assessor, me = aliased(Decision), aliased(Person), actor.person_id
    statement = (
        select(
            Decision, AssessmentCriterion, Unit.code, Enrolment, Cohort.title, Person, assessor,
            holds_award(me, Award.ASSESSOR, clock.today()), holds_award(me, Award.ASSESSOR),
            in_conflict(me, Enrolment.person_id), in_conflict(me, Decision.decided_by),
        )
        .join(Countersignature, Countersignature.decision_id == Decision.id)
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .join(Enrolment, Decision.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Person, Enrolment.person_id == Person.id)
        .join(assessor, Decision.decided_by == assessor.id)
        .where(
            Countersignature.signed_at.is_(None),
            Cohort.id.in_(_cohorts(actor, cohort_id)),
            ~taken_back(),
            ~exists().where(
                later.enrolment_id == Decision.enrolment_id,
                later.criterion_id == Decision.criterion_id,
                later.id > Decision.id,
                ~taken_back(later),
            ),
        )
        .order_by(
            Cohort.starts_on, Person.family_name, Person.given_name, Enrolment.id, Unit.position,
            LearningOutcome.position, AssessmentCriterion.position,
        )
    )  # fmt: skip
    rows = session().execute(statement).all()
    if not rows:
        return []
    return [
        Unsigned(
            decision.id, place.cohort_id, cohort, place.id, name_of(student), unit_label(code),
            criterion.number, criterion.text, criterion.id, decision.outcome, decision.feedback,
            decision.decided_on, name_of(by), decision.released_at is None,
            may_countersign(
                me, decision.decided_by, place.person_id,
                Standing.QUALIFIED if holds else Standing.IN_TRAINING if has_one else Standing.NOT_RECORDED,
                {place.person_id} if with_student else {decision.decided_by} if with_assessor else (),
            ) or "",
        )
        for decision, criterion, code, place, cohort, student, by, holds, has_one, with_student, with_assessor
        in rows
    ]  # fmt: skip


def _cohorts(actor: Actor, cohort_id: UUID | None) -> Select[UUID]:
    ids = cohort_ids(actor)
    return ids if cohort_id is None else ids.where(Cohort.id == cohort_id)


def countersignatures_waiting(actor: Actor) -> list[Waiting]:
    """Per cohort how many decisions wait that this person may countersign, for the home page."""
    rows = [row for row in unsigned_decisions(actor) if not row.problem]
    titles = {row.cohort_id: row.cohort for row in rows}
    counts = Counter(row.cohort_id for row in rows)
    return [
        Waiting(one, titles[one], count, f"/cohorts/{one}/quality/countersign")
        for one, count in counts.most_common()
    ]
