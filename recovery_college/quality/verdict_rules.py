"""When a verdict may be given, and when a sample may be closed (A8, A9). Pure."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from recovery_college.assessment.rules import UnitState, Verdict
from recovery_college.courses.rules import EnrolmentStatus


def seed_of(cohort_id: UUID, unit_id: UUID) -> int:
    """The seed of a unit's sample in a cohort, 0 to 999999: anybody can draw the same picks again (A9)."""
    return int.from_bytes(sha256(cohort_id.bytes + unit_id.bytes).digest()[:8], "big") % 1_000_000


def why_no_verdict(verdict: Verdict, state: UnitState, status: EnrolmentStatus) -> str | None:
    """Say why a unit in this state cannot get this verdict, or None (A8).

    Confirming asks for an assessed unit. Returning also reopens a verified one, since an error may be found
    later, but not once the student has completed the course or the unit was claimed.
    """
    if state is UnitState.ASSESSED:
        return None
    if state is UnitState.IN_PROGRESS:
        return (
            "This unit is not assessed yet: every criterion needs a released decision that it is met, and a "
            "countersignature where its assessor is in training."
        )
    if state is UnitState.WITHDRAWN:
        return "The student has left and this unit was not finished, so there is nothing to check."
    if state is UnitState.VERIFIED and verdict is Verdict.RETURNED:
        if status is not EnrolmentStatus.COMPLETED:
            return None
        return "The student has completed the course with this unit, so it cannot be returned any more."
    if state is UnitState.VERIFIED:
        return "This unit is verified already."
    return f"This unit is {state}, so its verdict stands."


def why_not_closed(asked: int, sampled: int, waiting: Sequence[object], unlooked: int = 0) -> str | None:
    """Say why a unit's sample may not be closed, or None (A8, A9).

    `asked`: how many students the plan asks to look at (all of them where there are so few); `sampled`: how
    many were looked at; `waiting`: those whom closing would verify; `unlooked`: those picked by name in a stored
    plan whose unit is assessed and was not looked at.
    """
    if not waiting:
        return "No student's unit is waiting for this sample, so there is nothing to close."
    if unlooked:
        noun = "student" if unlooked == 1 else "students"
        return (
            f"The plan picks {unlooked} more {noun} by name. Look at them, or set them aside with a reason."
        )
    if sampled < asked:
        left = asked - sampled
        noun = "student" if left == 1 else "students"
        return f"The sample asks for {asked}; {sampled} looked at so far. Look at {left} more {noun} first."
    return None
