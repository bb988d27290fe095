"""Turning claims into words, tags and links to where a thing is mended."""

from typing import Any
from uuid import UUID

from flask import url_for

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_rules import Reply
from recovery_college.claims.claim_queries import LineRow, Run
from recovery_college.claims.left_rules import Left, LeftKind
from recovery_college.courses.queries import Place
from recovery_college.courses.syllabus_queries import Syllabus
from recovery_college.people.rules import ULN_NOT_YET_KNOWN

Tag = tuple[str, str, str]


def run_tag(run: Run) -> Tag:
    """Where a run stands: words, colour, shape."""
    if run.set_aside_at:
        return ("Set aside", "grey", "dot")
    if run.locked_at is None:
        left = len(run.unsigned)
        return (f"{left} {'signature' if left == 1 else 'signatures'} to come", "yellow", "ring")
    if run.queried:
        return (f"{len(run.queried)} queried", "orange", "question")
    silent = run.with_reply(None)
    if silent == 0:
        return ("Answered", "green", "tick")
    return ("Claimed", "blue", "flag")


def reply_words(line: LineRow | None) -> str:
    """What became of one tick."""
    if line is None:
        return ""
    if line.reply is Reply.AWARDED:
        return "awarded"
    if line.reply is Reply.QUERIED:
        if not line.answer:
            return "queried"
        return "query answered" if line.is_live else "to be claimed again"
    return "claimed" if line.locked else "ticked"


def uln_words(uln: str) -> str:
    """A learner number as people read it."""
    return "not yet known" if uln in ("", ULN_NOT_YET_KNOWN) else uln


def where_to_mend(actor: Actor, left: Left, place: Place, syllabus: Syllabus) -> str:
    """The address of the page where what is left is done; for who may not do it there, where it is seen."""
    cohort_id, enrolment_id = place.cohort_id, place.enrolment_id
    prepares = may(actor, Permission.CLAIM_PREPARE)
    if left.kind is LeftKind.REGISTRATION and prepares:
        return url_for("claims.registrations", cohort_id=cohort_id, _anchor=f"student-{enrolment_id}")
    if left.kind is LeftKind.PREPARE and prepares:
        return url_for("claims.claim_prepare", cohort_id=cohort_id)
    if left.claim:
        return url_for("claims.claim_show", cohort_id=cohort_id, claim_id=UUID(left.claim))
    unit = next((one for one in syllabus.units if one.code == left.unit), None)
    if unit is None or left.kind in (LeftKind.REGISTRATION, LeftKind.PREPARE):
        if left.kind is LeftKind.COMBINATION and may(actor, Permission.STUDENT_SEE):
            return url_for("courses.cohort_students", cohort_id=cohort_id)
        return url_for("claims.cohort_claim", cohort_id=cohort_id)
    if left.kind is LeftKind.COUNTERSIGNATURE and may(actor, Permission.COUNTERSIGN):
        return url_for("quality.countersign_cohort", cohort_id=cohort_id)
    criterion = next((one for one in unit.criteria if one.number == left.criterion), None)
    if criterion is not None and may(actor, Permission.FEEDBACK_SEE):
        where: dict[str, Any] = {"enrolment_id": enrolment_id, "criterion_id": criterion.id}
        return url_for("assessment.marking_cell", cohort_id=cohort_id, **where)
    return url_for("quality.quality_unit", cohort_id=cohort_id, enrolment_id=enrolment_id, unit_id=unit.id)
