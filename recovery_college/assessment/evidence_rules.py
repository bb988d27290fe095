"""Rules of evidence (A6): kinds, who reads what of it, when it waits, when it may be taken back. Pure."""

from collections.abc import Collection, Hashable
from datetime import datetime
from enum import StrEnum

from recovery_college.access.rules import Role
from recovery_college.assessment.rules import QUALITY_ASSURED, UnitState
from recovery_college.courses.rules import EnrolmentStatus


class EvidenceKind(StrEnum):
    """What a piece of evidence is (A6)."""

    ASSIGNMENT = "assignment"
    REFLECTIVE_ACCOUNT = "reflective account"
    OBSERVATION = "observation"
    WITNESS_TESTIMONY = "witness testimony"
    PROFESSIONAL_DISCUSSION = "professional discussion"
    PRODUCT = "product"
    PRESENTATION = "presentation"
    CASE_STUDY = "case study"
    RPL = "recognition of prior learning"


STAFF_KINDS = frozenset(
    {EvidenceKind.OBSERVATION, EvidenceKind.WITNESS_TESTIMONY, EvidenceKind.PROFESSIONAL_DISCUSSION}
)
"""What staff write about a student. Everything else a student hands in."""

STUDENT_KINDS = tuple(kind for kind in EvidenceKind if kind not in STAFF_KINDS)


class AiUse(StrEnum):
    """What the authenticity statement says of tools such as ChatGPT or Copilot (A6)."""

    NONE = "none"
    SOME = "some"


class RequestAnswer(StrEnum):
    """What a tutor answered when a student asked for decided evidence back."""

    GIVEN_BACK = "given back"
    KEPT = "kept"


class Audience(StrEnum):
    """What somebody sees of one student's evidence."""

    WHOLE = "whole"
    METADATA = "metadata"
    NOTHING = "nothing"


def audience_of(role: Role, *, is_own: bool = False, knows_cohort: bool = False) -> Audience:
    """Say what a role sees of a student's evidence (A6, trust.md section 1).

    `is_own`: it is about this very person. `knows_cohort`: a tutor is assigned to its cohort. An external
    quality assurer sees nothing by role alone: a pick of an engagement opens single units (A11). Recruiting
    managers and HR never see any.
    """
    if role in (Role.STUDENT, Role.GRADUATE):
        return Audience.WHOLE if is_own else Audience.NOTHING
    if not knows_cohort:
        return Audience.NOTHING
    if role in (Role.TUTOR, Role.IQA):
        return Audience.WHOLE
    return Audience.METADATA if role is Role.ADMIN else Audience.NOTHING


def is_waiting(handed_in_at: datetime, decided_at: datetime | None, taken_back: bool = False) -> bool:
    """Whether evidence waits for a decision on one criterion: none was recorded since it was handed in."""
    return not taken_back and (decided_at is None or handed_in_at > decided_at)


def may_hand_in(status: EnrolmentStatus, states: Collection[UnitState]) -> str | None:
    """Say why a student may not hand in for units in these states, or None (A5, A8)."""
    if status is EnrolmentStatus.WITHDRAWN:
        return "You have left this course, so nothing more can be handed in. What you have met stays yours."
    if status is EnrolmentStatus.COMPLETED:
        return "You have completed this course, so nothing more needs handing in."
    if any(state in QUALITY_ASSURED for state in states):
        return "One of these units is done and checked already. Choose criteria of a unit that is still open."
    return None


def may_write_about(writer: Hashable, student: Hashable, kind: EvidenceKind) -> str | None:
    """Say why this person may not record evidence of this kind about this student, or None (A10: by person)."""
    if kind in STAFF_KINDS and writer == student:
        return "You cannot write this about yourself. Ask your tutor or somebody who saw your work."
    if kind not in STAFF_KINDS and writer != student:
        return f"A student hands in their own {kind}. Choose observation, testimony or discussion."
    return None


def may_take_back(*, own: bool, by_student: bool, taken_back: bool, decided: bool) -> str | None:
    """Say why a student may not take a piece of evidence back now, or None (A6: until it is decided)."""
    if taken_back:
        return "You took this back already."
    if not own or not by_student:
        return "Your tutor wrote this, so only they can change it. Tell them what is not right."
    if decided:
        return "Your tutor has looked at this already, so you cannot take it back by yourself. You can ask for it."
    return None
