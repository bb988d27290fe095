"""The letter when ordinary decisions have answered a claim of prior learning in whole (A13)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.assessment.answer_letters import HOME, tell_answered
from recovery_college.courses.models import Enrolment
from recovery_college.fairness.rpl_models import RplClaim
from recovery_college.fairness.rpl_queries import decided_in_whole


def tell_of_decided_claims(s: Session, enrolment_ids: Collection[UUID], at: datetime) -> None:
    """Write to each student whose claim got its last missing decision at this moment, in the caller's transaction.

    One letter a person, and none for a decision that is changed later. The room of decisions asks for this;
    app.py hands the question up. One query where nobody claims.
    """
    answered = (
        select(Enrolment.person_id)
        .join(RplClaim, RplClaim.enrolment_id == Enrolment.id)
        .where(RplClaim.enrolment_id.in_(enrolment_ids), RplClaim.closed_at.is_(None), decided_in_whole(at))
        .distinct()
        .order_by(Enrolment.person_id)
    )
    for person_id in s.scalars(answered).all():
        tell_answered(s, person_id, HOME)
