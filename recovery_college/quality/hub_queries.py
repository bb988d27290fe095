"""Reading quality assurance across cohorts: where each stands against its plan (A9)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor
from recovery_college.assessment.models import IqaVerdict
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.rules import Verdict
from recovery_college.courses.models import Enrolment
from recovery_college.kernel.db import session
from recovery_college.quality.plan_queries import picks_of
from recovery_college.quality.sampling import Stage


@dataclass(frozen=True, slots=True)
class CohortPlanLine:
    """One cohort: how many picks its plan has, how many were looked at. No picks: no plan."""

    cohort_id: UUID
    title: str
    picks: int
    looked: int


def plans_known_to(actor: Actor) -> list[CohortPlanLine]:
    """The cohorts the actor may know of, newest first, with their plans. Four queries whatever their number."""
    cohorts = cohorts_known_to(actor)
    ids = [cohort.id for cohort in cohorts]
    picks = picks_of(ids)
    rows = session().execute(
        select(IqaVerdict.enrolment_id, IqaVerdict.unit_id)
        .join(Enrolment, Enrolment.id == IqaVerdict.enrolment_id)
        .where(Enrolment.cohort_id.in_(ids), IqaVerdict.verdict != Verdict.SAMPLE_CLOSED)
        .distinct()
    )
    looked = {(enrolment_id, unit_id) for enrolment_id, unit_id in rows}
    found = []
    for cohort in cohorts:
        live = [one for one in picks[cohort.id] if one.live and one.stage is Stage.SUMMATIVE]
        seen = sum((one.enrolment_id, one.unit_id) in looked for one in live)
        found.append(CohortPlanLine(cohort.id, cohort.title, len(live), seen))
    return found
