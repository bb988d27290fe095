"""Declaring a conflict of interest, and ending one that is over (A10)."""

from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.staff_models import ConflictOfInterest
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.conflict_queries import conflicts_around, people_around

LONGEST_REASON = 1000


class ConflictRefused(DeedRefused):
    """Why a conflict was not declared."""


class NoSuchConflict(LookupError):
    """The cohort or the conflict is not there, or the actor may not know of it."""


def declare_conflict(actor: Actor, cohort_id: UUID, person_id: UUID, other_id: UUID, reason: str) -> UUID:
    """Declare that two people of a cohort are too close for one to judge the other. Declared twice is once.

    A tutor declares their own; who keeps the staff records declares for anybody. From now on neither assesses,
    verifies, countersigns nor certifies the other; what was decided before stays.
    """
    with transaction() as s:
        if cohort_known_to(actor, cohort_id) is None or not may(actor, Permission.CONFLICT_DECLARE):
            raise NoSuchConflict
        if not may(actor, Permission.STAFF_KEEP):
            person_id = actor.person_id or person_id
        people = people_around(actor, cohort_id)
        judges = {one for one, _ in people.judges}
        if person_id not in judges:
            raise ConflictRefused("Choose from the list", "person")
        if other_id not in judges | {one for one, _ in people.students}:
            raise ConflictRefused("Choose from the list", "other")
        if person_id == other_id:
            raise ConflictRefused("Choose two different people", "other")
        if not reason.strip():
            raise ConflictRefused("Say in a few words what the conflict is", "reason")
        if len(reason.strip()) > LONGEST_REASON:
            raise ConflictRefused(f"Use {LONGEST_REASON:,} characters or fewer", "reason")
        pair = {person_id, other_id}
        there = s.scalar(
            select(ConflictOfInterest.id).where(
                ConflictOfInterest.ended_at.is_(None),
                ConflictOfInterest.person_id.in_(pair),
                ConflictOfInterest.with_person_id.in_(pair),
            )
        )
        if there is not None:
            return there
        made = ConflictOfInterest(
            person_id=person_id, with_person_id=other_id, reason=reason.strip(),
            declared_by=actor.audit_id, declared_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        record(s, actor, "declared conflict", "conflict", made.id, person=str(person_id), other=str(other_id))
        return made.id


def end_conflict(actor: Actor, cohort_id: UUID, conflict_id: UUID) -> None:
    """End a conflict that is over, or was declared by mistake: only who keeps the records, and not their own."""
    with transaction() as s:
        known = {one.id for one in conflicts_around(actor, people_around(actor, cohort_id))}
        if cohort_known_to(actor, cohort_id) is None or conflict_id not in known:
            raise NoSuchConflict
        found = s.get_one(ConflictOfInterest, conflict_id, with_for_update=True, populate_existing=True)
        if not may(actor, Permission.STAFF_KEEP):
            raise NoSuchConflict
        if actor.person_id in (found.person_id, found.with_person_id):
            raise ConflictRefused("Somebody else must end your own conflict of interest.")
        if found.ended_at is None:
            found.ended_at, found.ended_by = clock.now(), actor.audit_id
            record(s, actor, "ended conflict", "conflict", conflict_id)
