"""What marking and verifying ask of staff records: conflicts declared, awards held, who may verify."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, exists, select

from recovery_college.assessment.staff_models import ConflictOfInterest, StaffQualification, StaffRecord
from recovery_college.assessment.staff_rules import Award, AwardFact
from recovery_college.kernel.db import session

MAY_NOT_VERIFY = "Your staff record says that you do not verify yet. Ask the lead quality assurer."


def conflicts_of(person_id: UUID | None) -> frozenset[UUID]:
    """Everybody with whom this person shares a declared conflict of interest that is not ended. One query."""
    return conflicts_among([person_id])[person_id] if person_id else frozenset()


def conflicts_among(person_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """For each of these people everybody with whom they share a conflict that is not ended. One query."""
    found: dict[UUID, set[UUID]] = {one: set() for one in person_ids}
    one, other = ConflictOfInterest.person_id, ConflictOfInterest.with_person_id
    rows = session().execute(
        select(one, other).where(
            ConflictOfInterest.ended_at.is_(None), one.in_(person_ids) | other.in_(person_ids)
        )
    )
    for a, b in rows:
        for person_id, with_person_id in ((a, b), (b, a)):
            if person_id in found:
                found[person_id].add(with_person_id)
    return {person_id: frozenset(others) for person_id, others in found.items()}


def in_conflict(person_id: Any, other: Any) -> Exists:
    """That two people share a declared conflict of interest that is not ended, as part of another query."""
    one, with_other = ConflictOfInterest.person_id, ConflictOfInterest.with_person_id
    return exists().where(
        ConflictOfInterest.ended_at.is_(None),
        ((one == person_id) & (with_other == other)) | ((with_other == person_id) & (one == other)),
    )


def holds_award(person_id: Any, kind: Award, by: Any = None) -> Exists:
    """That somebody holds a qualification, awarded by a day where one is named, as part of another query."""
    award = StaffQualification.person_id == person_id
    award &= (StaffQualification.kind == kind) & StaffQualification.withdrawn_at.is_(None)
    return exists().where(award if by is None else award & (StaffQualification.awarded_on <= by))


def awards_of(person_ids: Collection[UUID]) -> dict[UUID, list[AwardFact]]:
    """The qualifications of these people as facts, withdrawn ones left out. One query."""
    found: dict[UUID, list[AwardFact]] = {one: [] for one in person_ids}
    rows = session().execute(
        select(StaffQualification.person_id, StaffQualification.kind, StaffQualification.awarded_on).where(
            StaffQualification.person_id.in_(person_ids), StaffQualification.withdrawn_at.is_(None)
        )
    )
    for person_id, kind, awarded_on in rows:
        found[person_id].append(AwardFact(kind, awarded_on))
    return found


def verifies(person_id: UUID | None) -> bool:
    """Whether the staff record lets this person verify. Without a record the role they hold decides."""
    if person_id is None:
        return False
    said = session().scalar(select(StaffRecord.may_verify).where(StaffRecord.person_id == person_id))
    return said is not False
