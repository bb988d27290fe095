"""What waits for a tutor, as counts that link to exactly those rows: for the home page."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import cohorts_scope
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


def cohort_ids(actor: Actor) -> Select[UUID]:
    """The ids of the cohorts the actor may know of."""
    return cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
