"""How many tries at a criterion there are for one student: what is planned, and what was agreed beyond it (A5)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.models import Decision
from recovery_college.assessment.resubmission_models import ResubmissionRequest
from recovery_college.assessment.rules import Outcome, Retry, retry_after
from recovery_college.courses.models import Cohort, Enrolment, Qualification
from recovery_college.kernel.db import session


def answers_for_more(enrolment_id: UUID, criterion_id: UUID) -> list[bool | None]:
    """What was answered to each request about one student's criterion, the latest first: None while it waits."""
    return list(
        session().scalars(
            select(ResubmissionRequest.agreed)
            .where(
                ResubmissionRequest.enrolment_id == enrolment_id,
                ResubmissionRequest.criterion_id == criterion_id,
            )
            .order_by(ResubmissionRequest.asked_at.desc())
        )
    )


def more_agreed(enrolment_id: UUID, criterion_id: UUID) -> int:
    """How many resubmissions more than planned were agreed for one student's criterion."""
    return answers_for_more(enrolment_id, criterion_id).count(True)


def no_retries(enrolment_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Retry]]:
    """By enrolment the criteria that stand at "not yet met" without another try, and why. One query.

    Only what was released counts (A7): a student may read it.
    """
    found: dict[UUID, dict[UUID, Retry]] = {one: {} for one in enrolment_ids}
    rows = session().execute(
        select(
            Decision.enrolment_id, Decision.criterion_id, Decision.attempt, Decision.revision, Decision.outcome,
            Qualification.resubmissions, ResubmissionRequest.id, ResubmissionRequest.agreed,
        )
        .join(Enrolment, Decision.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Qualification, Cohort.qualification_id == Qualification.id)
        .outerjoin(
            ResubmissionRequest,
            (ResubmissionRequest.enrolment_id == Decision.enrolment_id)
            & (ResubmissionRequest.criterion_id == Decision.criterion_id),
        )
        .where(
            Decision.enrolment_id.in_(found),
            Decision.released_at.is_not(None),
            Decision.attempt > Qualification.resubmissions,
        )
        .order_by(ResubmissionRequest.asked_at.desc())
    )  # fmt: skip
    latest: dict[tuple[UUID, UUID], tuple[int, int, Outcome, int]] = {}
    answers: dict[tuple[UUID, UUID], dict[UUID, bool | None]] = {}
    for enrolment_id, criterion_id, attempt, revision, outcome, planned, request_id, agreed in rows:
        key, row = (enrolment_id, criterion_id), (attempt, revision, outcome, planned)
        latest[key] = max(latest.get(key, row), row, key=lambda one: one[:2])
        if request_id is not None:
            answers.setdefault(key, {})[request_id] = agreed
    for (enrolment_id, criterion_id), (attempt, _, outcome, planned) in latest.items():
        said = list(answers.get((enrolment_id, criterion_id), {}).values())
        retry = retry_after(attempt, planned, said)
        if outcome is Outcome.NOT_YET_MET and retry is not Retry.OPEN:
            found[enrolment_id][criterion_id] = retry
    return found
