"""What an engagement opens to its external: the evidence of picked units, sensitive pieces by the student's leave."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.engagement_models import EqaLeave, EqaPick
from recovery_college.assessment.engagement_rules import LeaveAnswer
from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.models import EqaEngagement
from recovery_college.courses.models import AssessmentCriterion
from recovery_college.kernel import clock
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class Opened:
    """A piece of evidence that a pick is about: whether it opens, and what the student answered if asked."""

    evidence_id: UUID
    opens: bool
    is_sensitive: bool
    asked_at: datetime | None = None
    answer: LeaveAnswer | None = None


def open_engagements(actor: Actor) -> Select[UUID]:
    """The ids of this external's engagements that are open today."""
    today = clock.today()
    statement = select(EqaEngagement.id)
    if actor.role is not Role.EQA:
        return statement.where(EqaEngagement.id.is_(None))
    return statement.where(
        EqaEngagement.person_id == actor.person_id,
        EqaEngagement.opens_on <= today,
        EqaEngagement.ends_on >= today,
        EqaEngagement.ended_at.is_(None),
    )


def picked_enrolments(actor: Actor) -> Select[UUID]:
    """The ids of the places of whom this external picked a unit, in an engagement that is open today."""
    return select(EqaPick.enrolment_id).where(EqaPick.engagement_id.in_(open_engagements(actor)))


def picked_evidence(
    actor: Actor, *, evidence_ids: Collection[UUID] | None = None, pick_id: UUID | None = None
) -> dict[UUID, Opened]:
    """The evidence of the units this external picked in an open engagement, by its id. Two queries.

    What is not marked sensitive opens with the pick; what is, while the student's latest answer to this
    engagement says that they may see it (A6, A11). Narrow it to some evidence, or to one pick.
    """
    found: dict[UUID, Opened] = {}
    statement = (
        select(Evidence.id, Evidence.is_sensitive, EqaPick.engagement_id)
        .join(EqaPick, EqaPick.enrolment_id == Evidence.enrolment_id)
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .join(
            AssessmentCriterion,
            (AssessmentCriterion.id == EvidenceCriterion.criterion_id)
            & (AssessmentCriterion.unit_id == EqaPick.unit_id),
        )
        .where(EqaPick.engagement_id.in_(open_engagements(actor)))
        .distinct()
    )
    if evidence_ids is not None:
        statement = statement.where(Evidence.id.in_(evidence_ids))
    if pick_id is not None:
        statement = statement.where(EqaPick.id == pick_id)
    rows = session().execute(statement).all()
    answers = _answers({row[2] for row in rows}, {row[0] for row in rows})
    for evidence_id, is_sensitive, engagement_id in rows:
        asked_at, answer = answers.get((engagement_id, evidence_id), (None, None))
        opens = not is_sensitive or answer is LeaveAnswer.YES
        before = found.get(evidence_id)
        if before is None or (opens and not before.opens):
            found[evidence_id] = Opened(evidence_id, opens, is_sensitive, asked_at, answer)
    return found


def _answers(
    engagements: Collection[UUID], evidence: Collection[UUID]
) -> dict[tuple[UUID, UUID], tuple[datetime, LeaveAnswer | None]]:
    """The latest request of each engagement for each piece: when it was asked, and the answer."""
    rows = session().execute(
        select(EqaLeave.engagement_id, EqaLeave.evidence_id, EqaLeave.asked_at, EqaLeave.answer)
        .where(EqaLeave.engagement_id.in_(engagements), EqaLeave.evidence_id.in_(evidence))
        .order_by(EqaLeave.asked_at)
    )
    return {(engagement, piece): (asked_at, answer) for engagement, piece, asked_at, answer in rows}
