"""How many tries at a criterion there are for one student: what is planned, and what was agreed beyond it (A5)."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

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


_tried, _place = aliased(Decision), aliased(Enrolment)


def cells_without_tries() -> Select[*tuple[Any, ...]]:
    """(enrolment, criterion) of every cell whose last decision is a released "not yet met" with no try after it.

    It says what `is_beyond_plan` says of the next attempt, for statements that look at many cells at once.
    """
    later = aliased(Decision)
    followed = exists().where(
        later.enrolment_id == _tried.enrolment_id,
        later.criterion_id == _tried.criterion_id,
        later.id > _tried.id,
    )
    agreed = (
        select(func.count())
        .where(
            ResubmissionRequest.enrolment_id == _tried.enrolment_id,
            ResubmissionRequest.criterion_id == _tried.criterion_id,
            ResubmissionRequest.agreed.is_(True),
        )
        .correlate(_tried)
        .scalar_subquery()
    )
    return (
        select(_tried.enrolment_id, _tried.criterion_id)
        .join(_place, _tried.enrolment_id == _place.id)
        .join(Cohort, _place.cohort_id == Cohort.id)
        .join(Qualification, Cohort.qualification_id == Qualification.id)
        .where(
            _tried.outcome == Outcome.NOT_YET_MET,
            _tried.released_at.is_not(None),
            _tried.attempt > Qualification.resubmissions + agreed,
            ~followed,
        )
    )


def cells_without_tries_in(cohort_id: UUID) -> set[tuple[UUID, UUID]]:
    """Those of one cohort. One query."""
    found = session().execute(cells_without_tries().where(_place.cohort_id == cohort_id))
    return {(enrolment_id, criterion_id) for enrolment_id, criterion_id in found}


def without_tries(enrolment_id: ColumnElement[UUID] | Any, criterion_id: Any) -> ColumnElement[bool]:
    """That this cell of the statement around it is one of those."""
    one = cells_without_tries().where(
        _tried.enrolment_id == enrolment_id, _tried.criterion_id == criterion_id
    )
    around = (enrolment_id.class_, criterion_id.class_)
    return one.correlate(*around).exists()


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
