"""What the database refuses of claims, whatever the code does: raw rows, each with a twin that may (A10, A12)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimSignature
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.assessment.models import Decision
from recovery_college.assessment.staff_models import ConflictOfInterest, Countersignature
from recovery_college.claims.claim_services import ClaimRefused, sign_claim
from recovery_college.courses.models import EnrolmentUnit
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.claims import (
    DIGEST,
    Signers,
    a_claim,
    a_reply,
    a_verified_cohort,
    line_of,
    signers_of,
)
from tests.factories.marking import MarkedCohort
from tests.factories.staff import a_conflict, a_qualification


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_verified_cohort(2)


@pytest.fixture
def signers(made: MarkedCohort) -> Signers:
    return signers_of(made)


def sign(claim_id: UUID, person_id: UUID | None, capacity: Capacity) -> None:
    with transaction() as s:
        s.add(
            ClaimSignature(
                claim_id=claim_id,
                person_id=person_id,
                capacity=capacity,
                digest=DIGEST,
                signed_at=clock.now(),
            )
        )


def test_who_countersigned_signs_as_the_tutor_only(made: MarkedCohort, signers: Signers) -> None:
    """In the service and by raw rows: a countersigner assessed beside the assessor, so assures nothing of it."""
    claim, signer = a_claim(made, signers, [(0, 0)]), signers.iqa
    assert signer.person_id
    a_qualification(signer.person_id)
    with transaction() as s:
        decision = s.scalars(select(Decision.id).where(Decision.enrolment_id == made.enrolments[0])).first()
        s.add(
            Countersignature(decision_id=decision, signed_by=signer.person_id, signed_at=clock.now(), note="")
        )
    with pytest.raises(ClaimRefused, match="countersigned work on this claim"):
        sign_claim(signer, made.cohort_id, claim, DIGEST)
    with pytest.raises(DBAPIError, match=r"countersigned \(A10\)"):
        sign(claim, signer.person_id, Capacity.IQA)
    session().rollback()
    sign(claim, signer.person_id, Capacity.TUTOR)
    sign(claim, signers.reviewer.person_id, Capacity.REVIEWER)


@pytest.mark.parametrize("way", [0, 1])
def test_nobody_signs_where_they_declared_a_conflict_of_interest(
    made: MarkedCohort, signers: Signers, way: int
) -> None:
    """With a student in any capacity; with an assessor in any but the tutor's; declared by either of the two."""
    claim = a_claim(made, signers, [(0, 0)])
    with_student, with_assessor = signers.iqa.person_id, signers.reviewer.person_id
    assert with_student
    assert with_assessor
    assert made.tutor.person_id
    pairs = ((with_student, made.people[0].id), (with_assessor, made.tutor.person_id))
    for pair in pairs:
        a_conflict(*(pair if way == 0 else reversed(pair)))
    for person, capacity in ((with_student, Capacity.IQA), (with_assessor, Capacity.REVIEWER)):
        with pytest.raises(DBAPIError, match=r"declared a conflict of interest \(A10\)"):
            sign(claim, person, capacity)
        session().rollback()
    # The twins: a tutor beside an assessor they declared about, a student of another claim, a conflict that ended.
    sign(claim, made.tutor.person_id, Capacity.TUTOR)
    sign(a_claim(made, signers, [(1, 0)]), with_student, Capacity.IQA)
    with transaction() as s:
        s.execute(update(ConflictOfInterest).values(ended_at=clock.now(), ended_by="tests"))
    sign(claim, with_assessor, Capacity.REVIEWER)


def remove(made: MarkedCohort, unit: int, student: int = 0) -> None:
    with transaction() as s:
        s.execute(
            delete(EnrolmentUnit).where(
                EnrolmentUnit.enrolment_id == made.enrolments[student],
                EnrolmentUnit.unit_id == made.units[unit],
            )
        )


@pytest.mark.parametrize("stage", ["prepared", "locked", "awarded"])
def test_a_unit_on_a_claim_stays_registered(made: MarkedCohort, signers: Signers, stage: str) -> None:
    claim = a_claim(made, signers, [(0, 0)], stage="prepared" if stage == "prepared" else "locked")
    if stage == "awarded":
        a_reply(line_of(claim, made), Reply.AWARDED)
    with pytest.raises(DBAPIError, match="stays registered"):
        remove(made, 0)
    session().rollback()
    with pytest.raises(DBAPIError, match="stays registered"), transaction() as s:
        s.execute(
            update(EnrolmentUnit)
            .where(EnrolmentUnit.enrolment_id == made.enrolments[0], EnrolmentUnit.unit_id == made.units[0])
            .values(enrolment_id=made.enrolments[1])
        )
    session().rollback()
    remove(made, 1)  # the twins: a unit that is on no claim, and another student's
    remove(made, 0, student=1)


def test_a_unit_of_a_claim_set_aside_is_free_again(made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0)])
    with transaction() as s:
        row = s.get_one(Claim, claim)
        row.set_aside_at, row.set_aside_by = clock.now(), signers.admin.person_id
        s.flush()
        s.execute(update(ClaimLine).where(ClaimLine.claim_id == claim).values(ended_at=clock.now()))
    remove(made, 0)
