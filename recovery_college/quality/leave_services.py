"""Asking a student's leave to see a sensitive piece of evidence, and their answer (A6, A11)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.engagement_models import EqaLeave
from recovery_college.assessment.engagement_queries import picked_evidence
from recovery_college.assessment.engagement_rules import LeaveAnswer
from recovery_college.assessment.evidence_models import Evidence, EvidenceWords
from recovery_college.assessment.models import EqaEngagement
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.people.models import Person
from recovery_college.quality.engagement_services import EngagementRefused, NoSuchEngagement

MAIL = (
    "Hello,\n\nSomebody from outside the college checks that our courses are assessed fairly. They would like to "
    "see a piece of work that you marked as private.\n\nYou decide. Sign in, and you can say yes, no, or something "
    "in between. You need not give a reason, and nothing about your course depends on it.\n"
)


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    """What a student is asked: which piece of theirs, until when it would be seen, what they answered."""

    id: UUID
    evidence_id: UUID
    title: str
    asked_at: datetime
    until_on: date
    answer: LeaveAnswer | None
    is_open: bool


def ask_leave(actor: Actor, engagement_id: UUID, pick_id: UUID, evidence_id: UUID) -> None:
    """The external asks; the student is told by mail, once. Asking twice is asking once."""
    with transaction() as s:
        opened = picked_evidence(actor, evidence_ids=[evidence_id], pick_id=pick_id).get(evidence_id)
        if opened is None or not may(actor, Permission.ENGAGEMENT_PICK):
            raise NoSuchEngagement
        if opened.opens:
            raise EngagementRefused("This piece is open to you already")
        if s.scalar(
            select(
                exists().where(EqaLeave.engagement_id == engagement_id, EqaLeave.evidence_id == evidence_id)
            )
        ):
            return  # the student knows; they may answer, and change their answer, themselves
        s.add(EqaLeave(engagement_id=engagement_id, evidence_id=evidence_id, asked_at=clock.now()))
        email = s.scalar(
            select(Person.email)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .join(Evidence, Evidence.enrolment_id == Enrolment.id)
            .where(Evidence.id == evidence_id)
        )
        if email and is_address(email):
            queue_mail(s, email, "A question about your course work", MAIL, "evidence leave")
        record(s, actor, "asked leave", "evidence", evidence_id, engagement=str(engagement_id))


def answer_leave(actor: Actor, leave_id: UUID, answer: LeaveAnswer) -> None:
    """The student answers, or changes their answer: it counts from the external's next click."""
    with transaction() as s:
        request = next((one for one in leave_requests(actor) if one.id == leave_id), None)
        if request is None:
            raise NoSuchEngagement
        if not request.is_open:
            raise EngagementRefused("The visit is over, so nothing is seen any more", "answer")
        if request.answer is answer:
            return
        row = s.get_one(EqaLeave, leave_id)
        if row.answer is None:
            row.answer, row.answered_at = answer, clock.now()
        else:
            s.add(
                EqaLeave(
                    engagement_id=row.engagement_id, evidence_id=row.evidence_id, asked_at=clock.now(),
                    answer=answer, answered_at=clock.now(),
                )
            )  # fmt: skip
        record(s, actor, "answered leave", "evidence", row.evidence_id, answer=answer.value)


def leave_requests(actor: Actor) -> list[LeaveRequest]:
    """What this student was asked, the latest word about each piece, newest first."""
    if not may(actor, Permission.OWN_PROGRESS):
        return []
    today = clock.today()
    rows = session().execute(
        select(EqaLeave, EvidenceWords.title, EqaEngagement.ends_on, EqaEngagement.ended_at)
        .join(Evidence, EqaLeave.evidence_id == Evidence.id)
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .join(EqaEngagement, EqaLeave.engagement_id == EqaEngagement.id)
        .outerjoin(EvidenceWords, EvidenceWords.evidence_id == Evidence.id)
        .where(Enrolment.person_id == actor.person_id)
        .order_by(EqaLeave.asked_at)
    )
    latest: dict[tuple[UUID, UUID], LeaveRequest] = {}
    for leave, title, ends_on, ended_at in rows:
        latest[leave.engagement_id, leave.evidence_id] = LeaveRequest(
            leave.id, leave.evidence_id, title or "A piece you took back", leave.asked_at, ends_on, leave.answer,
            is_open=ended_at is None and ends_on >= today,
        )  # fmt: skip
    return list(latest.values())[::-1]
