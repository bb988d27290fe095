"""Reading registered units with what was claimed and awarded of them, for whoever works out states (A8)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, select

from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimReply
from recovery_college.assessment.claim_rules import Credit, LineFact, Reply, credit_of
from recovery_college.courses.models import EnrolmentUnit
from recovery_college.kernel.db import session


def units_with_credit(enrolment_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Credit]]:
    """For each enrolment the units it is registered for (A5), each with what stands on a locked claim.

    One query for both, because every page that shows a state needs both.
    """
    rows = session().execute(
        select(
            EnrolmentUnit.enrolment_id, EnrolmentUnit.unit_id,
            Claim.id, ClaimLine.id, ClaimLine.ended_at, ClaimReply.result,
        )
        .outerjoin(
            ClaimLine,
            and_(
                ClaimLine.enrolment_id == EnrolmentUnit.enrolment_id,
                ClaimLine.unit_id == EnrolmentUnit.unit_id,
            ),
        )
        .outerjoin(Claim, and_(Claim.id == ClaimLine.claim_id, Claim.locked_at.is_not(None)))
        .outerjoin(ClaimReply, ClaimReply.line_id == ClaimLine.id)
        .where(EnrolmentUnit.enrolment_id.in_(enrolment_ids))
        .order_by(ClaimReply.recorded_at)
    )  # fmt: skip
    lines: dict[tuple[UUID, UUID], dict[UUID, LineFact]] = {}
    for enrolment_id, unit_id, claim_id, line_id, ended_at, result in rows:
        own = lines.setdefault((enrolment_id, unit_id), {})
        if claim_id is not None:
            own[line_id] = LineFact(ended_at is None, Reply(result) if result else None)
    found: dict[UUID, dict[UUID, Credit]] = {enrolment_id: {} for enrolment_id in enrolment_ids}
    for (enrolment_id, unit_id), own in lines.items():
        found[enrolment_id][unit_id] = credit_of(own.values())
    return found
