"""What evidence is there and waits, as bare facts: ids and moments, no word of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.kernel.db import session

Cell = tuple[UUID, UUID]
"""An enrolment and a criterion."""


def submitted_criteria(enrolment_ids: Collection[UUID]) -> set[Cell]:
    """The cells with evidence that was handed in and not yet decided on, drafts of decisions counting. One query.

    For staff: a draft nobody released counts as decided here. For what a student sees, use `handed_in` and
    the rules, or they would learn that there is a draft (A7).
    """
    if not enrolment_ids:
        return set()
    decided_since = exists().where(
        Decision.enrolment_id == Evidence.enrolment_id,
        Decision.criterion_id == EvidenceCriterion.criterion_id,
        Decision.recorded_at >= Evidence.handed_in_at,
        ~taken_back(),
    )
    rows = session().execute(
        select(Evidence.enrolment_id, EvidenceCriterion.criterion_id)
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .where(Evidence.enrolment_id.in_(enrolment_ids), Evidence.closed_at.is_(None), ~decided_since)
        .distinct()
    )
    return {(enrolment_id, criterion_id) for enrolment_id, criterion_id in rows}


def handed_in(enrolment_ids: Collection[UUID]) -> Mapping[UUID, dict[UUID, datetime]]:
    """By enrolment and criterion, when the latest evidence that is still there was handed in. One query."""
    found: dict[UUID, dict[UUID, datetime]] = {one: {} for one in enrolment_ids}
    if not enrolment_ids:
        return found
    rows = session().execute(
        select(Evidence.enrolment_id, EvidenceCriterion.criterion_id, func.max(Evidence.handed_in_at))
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .where(Evidence.enrolment_id.in_(enrolment_ids), Evidence.closed_at.is_(None))
        .group_by(Evidence.enrolment_id, EvidenceCriterion.criterion_id)
    )
    for enrolment_id, criterion_id, at in rows:
        found[enrolment_id][criterion_id] = at
    return found
