"""Beginning a pause and coming back from it: progress stays, dates move by as long as it was (C2)."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import tell_answered
from recovery_college.assessment.deadline_models import TimeRequest
from recovery_college.assessment.deadline_rules import TimeAnswer, why_not_back, why_not_pause
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment, EnrolmentPause
from recovery_college.courses.pauses import end_pauses, open_pause, start_pause
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused


class NoSuchPlace(LookupError):
    """There is none, or the actor may not know of it or do this."""


class PauseRefused(DeedRefused):
    """Why it was not done."""


def ask_back(actor: Actor, enrolment_id: UUID) -> None:
    """A student who has a pause asks to come back, by one button. Twice is once. Raises NoSuchPlace."""
    with transaction() as s:
        place = _held(s, enrolment_id)
        if place is None or place.person_id != actor.person_id or not may(actor, Permission.EVIDENCE_HAND_IN):
            raise NoSuchPlace
        if place.status is not EnrolmentStatus.PAUSED:
            return
        pause = open_pause(enrolment_id)
        if pause is None:
            pause = start_pause(s, enrolment_id, clock.today())
        if pause.asked_back_at is not None:
            return
        pause.asked_back_at = clock.now()
        s.flush()
        record(s, actor, "asked to come back", "enrolment", enrolment_id)


def come_back(actor: Actor, cohort_id: UUID, enrolment_id: UUID, back_on: date) -> bool:
    """A tutor or administrator records a student's first day back; False when they are back already.

    A pause that ended on the day it began was a slip and never was. Raises NoSuchPlace, PauseRefused.
    """
    with transaction() as s:
        place = _to_change(s, actor, cohort_id, enrolment_id)
        if place.status is EnrolmentStatus.ENROLLED:
            return False
        if place.status is not EnrolmentStatus.PAUSED:
            raise PauseRefused(f"This place is {place.status.value}, so there is no pause to come back from")
        pause = open_pause(enrolment_id)
        paused_on = pause.from_on if pause else place.enrolled_on
        problem = why_not_back(back_on, paused_on, clock.today())
        if problem:
            raise PauseRefused(problem)
        place.status = EnrolmentStatus.ENROLLED
        if pause is not None and pause.asked_back_at is not None:
            tell_answered(s, place.person_id)
        end_pauses(s, [enrolment_id], back_on)
        s.flush()
        s.expire_all()
        record(
            s, actor, "came back", "enrolment", enrolment_id,
            paused_on=paused_on.isoformat(), back_on=back_on.isoformat(),
        )  # fmt: skip
        return True


def begin_pause(actor: Actor, cohort_id: UUID, enrolment_id: UUID, from_on: date) -> bool:
    """A tutor or administrator records a pause; False when there is one. A wish that waited is answered with it.

    No reason is asked or kept. Raises NoSuchPlace, PauseRefused.
    """
    with transaction() as s:
        place = _to_change(s, actor, cohort_id, enrolment_id)
        if place.status is EnrolmentStatus.PAUSED:
            return False
        if place.status is not EnrolmentStatus.ENROLLED:
            raise PauseRefused(f"This place is {place.status.value}, so it cannot be paused")
        last = s.scalar(
            select(EnrolmentPause.to_on)
            .where(EnrolmentPause.enrolment_id == enrolment_id, EnrolmentPause.to_on.is_not(None))
            .order_by(EnrolmentPause.to_on.desc())
            .limit(1)
        )
        back_on = last + timedelta(days=1) if last else None
        problem = why_not_pause(from_on, place.enrolled_on, back_on, clock.today())
        if problem:
            raise PauseRefused(problem)
        place.status = EnrolmentStatus.PAUSED
        start_pause(s, enrolment_id, from_on)
        waiting = s.scalars(
            select(TimeRequest).where(
                TimeRequest.enrolment_id == enrolment_id,
                TimeRequest.due_date_id.is_(None),
                TimeRequest.answer.is_(None),
            )
        ).all()
        for asked in waiting:
            asked.answer, asked.answered_at, asked.answered_by = (
                TimeAnswer.GIVEN,
                clock.now(),
                actor.person_id,
            )
        if waiting:
            tell_answered(s, place.person_id)
        s.flush()
        record(s, actor, "paused", "enrolment", enrolment_id, from_on=from_on.isoformat())
        return True


def _held(s: Session, enrolment_id: UUID) -> Enrolment | None:
    return s.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _to_change(s: Session, actor: Actor, cohort_id: UUID, enrolment_id: UUID) -> Enrolment:
    """The place, held, for who sets dates in its cohort. Nobody does it for themselves (A10)."""
    place = _held(s, enrolment_id)
    if place is None or place.cohort_id != cohort_id or actor.person_id is None:
        raise NoSuchPlace
    if cohort_known_to(actor, cohort_id) is None or not may(actor, Permission.DEADLINE_SET):
        raise NoSuchPlace
    if place.person_id == actor.person_id:
        raise PauseRefused("Somebody else must record this for you")
    return place
