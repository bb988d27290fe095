"""What waits for a tutor, as counts that link to exactly those rows: for the home page."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, EnrolmentUnit, Unit
from recovery_college.courses.queries import cohorts_scope
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of one cohort wait, and the address that shows exactly those."""

    cohort_id: UUID
    cohort: str
    count: int
    href: str


def drafts_unreleased(actor: Actor) -> list[Waiting]:
    """For a tutor: per assigned cohort how many criteria's latest decision is not released (A7). One query."""
    if not may(actor, Permission.DECISION_RECORD):
        return []
    later = aliased(Decision)
    followed = exists().where(
        later.enrolment_id == Decision.enrolment_id,
        later.criterion_id == Decision.criterion_id,
        later.id > Decision.id,
        ~taken_back(later),
    )
    rows = session().execute(
        select(Cohort.id, Cohort.title, func.count())
        .select_from(Decision)
        .join(Enrolment, Decision.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Cohort.id.in_(cohort_ids(actor)), Decision.released_at.is_(None), ~followed, ~taken_back())
        .group_by(Cohort.id, Cohort.title)
        .order_by(func.count().desc(), Cohort.title)
    )
    return [
        Waiting(cohort_id, title, count, f"/cohorts/{cohort_id}/marking?show=drafts")
        for cohort_id, title, count in rows
    ]


def met_in(cohort_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """By cohort, how many criteria of its students are met by released decisions, and how many there are.

    Those who left are not counted. One query, and it says what the marking grid of the cohort says.
    """
    found = dict.fromkeys(cohort_ids, (0, 0))
    if not found:
        return {}
    released = (Decision.released_at.is_not(None), ~taken_back())
    later = aliased(Decision)
    newer = exists().where(
        later.enrolment_id == Decision.enrolment_id,
        later.criterion_id == Decision.criterion_id,
        later.released_at.is_not(None),
        (later.attempt > Decision.attempt)
        | ((later.attempt == Decision.attempt) & (later.revision > Decision.revision)),
        ~taken_back(later),
    )
    rows = session().execute(
        select(Enrolment.cohort_id, func.count(Decision.id), func.count())
        .select_from(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(EnrolmentUnit, EnrolmentUnit.enrolment_id == Enrolment.id)
        .join(Unit, (Unit.id == EnrolmentUnit.unit_id) & (Unit.qualification_id == Cohort.qualification_id))
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == Unit.id)
        .outerjoin(
            Decision,
            (Decision.enrolment_id == Enrolment.id)
            & (Decision.criterion_id == AssessmentCriterion.id)
            & (Decision.outcome == Outcome.MET)
            & and_(*released, ~newer),
        )
        .where(Enrolment.cohort_id.in_(list(found)), Enrolment.status != EnrolmentStatus.WITHDRAWN)
        .group_by(Enrolment.cohort_id)
    )
    return found | {cohort_id: (met, total) for cohort_id, met, total in rows}


def cohort_ids(actor: Actor) -> Select[UUID]:
    """The ids of the cohorts the actor may know of."""
    return cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
