"""Staff records for tests: qualified assessors, assessors in training, conflicts of interest."""

from datetime import timedelta
from uuid import UUID

from recovery_college.assessment.staff_models import ConflictOfInterest, StaffQualification
from recovery_college.assessment.staff_rules import Award
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


def a_qualification(person_id: UUID, kind: Award = Award.ASSESSOR, *, held: bool = True) -> UUID:
    """A qualification that was awarded a year ago, or is worked towards."""
    with transaction() as s:
        made = StaffQualification(
            person_id=person_id, kind=kind, title="Level 3 Certificate in Assessing", recorded_by="tests",
            recorded_at=clock.now(), awarded_on=clock.today() - timedelta(days=365) if held else None,
        )  # fmt: skip
        s.add(made)
    return made.id


def in_training(person_id: UUID) -> UUID:
    """From now on this person's decisions need a countersignature."""
    return a_qualification(person_id, held=False)


def a_conflict(one: UUID, other: UUID, reason: str = "Cousins") -> UUID:
    """A declared conflict of interest between two people."""
    with transaction() as s:
        made = ConflictOfInterest(
            person_id=one, with_person_id=other, reason=reason, declared_by="tests", declared_at=clock.now()
        )
        s.add(made)
    return made.id
