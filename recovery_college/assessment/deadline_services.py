"""Setting due dates, giving more time, asking for it and answering: one verb, one transaction (A14)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import tell_answered
from recovery_college.assessment.deadline_facts import dues_of
from recovery_college.assessment.deadline_models import (
    DueDate,
    DueDateCriterion,
    Extension,
    ReminderMute,
    TimeRequest,
)
from recovery_college.assessment.deadline_rules import AskedFor, TimeAnswer, is_later
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, Unit
from recovery_college.courses.pauses import start_pause
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused


class NoSuchDate(LookupError):
    """There is none, or the actor may not know of it."""


class DateRefused(DeedRefused):
    """Why it was not done."""

    field = "due_on"


class StaleDate(Exception):
    """Somebody changed the date since the form was drawn. `theirs` is the row now."""

    def __init__(self, theirs: DueDate) -> None:
        super().__init__()
        self.theirs = theirs


def set_due_date(
    actor: Actor, cohort_id: UUID, unit_id: UUID, title: str, due_on: date, criteria: Collection[UUID] = ()
) -> UUID:
    """Set a date for a unit of a cohort, or for some of its criteria. The same again is the same one.

    Raises NoSuchDate, DateRefused.
    """
    with transaction() as s:
        cohort = _cohort(s, actor, cohort_id, lock=True)
        unit = s.get(Unit, unit_id)
        if unit is None or unit.qualification_id != cohort.qualification_id:
            raise DateRefused("Choose a unit of this course", "unit")
        known = set(s.scalars(select(AssessmentCriterion.id).where(AssessmentCriterion.unit_id == unit_id)))
        if not set(criteria) <= known:
            raise DateRefused("Choose criteria of this unit", "criteria")
        _check_day(cohort, due_on)
        same = s.scalars(
            select(DueDate).where(
                DueDate.cohort_id == cohort_id, DueDate.unit_id == unit_id, DueDate.title == title,
                DueDate.due_on == due_on, DueDate.cancelled_at.is_(None),
            )
        ).first()  # fmt: skip
        if same is not None:
            return same.id
        due = DueDate(
            cohort_id=cohort_id, unit_id=unit_id, title=title, due_on=due_on, set_by=actor.audit_id,
            set_at=clock.now(),
        )  # fmt: skip
        s.add(due)
        s.flush()
        s.add_all(DueDateCriterion(due_date_id=due.id, criterion_id=one) for one in sorted(criteria))
        record(s, actor, "set due date", "due_date", due.id, cohort=str(cohort_id), due_on=due_on.isoformat())
        return due.id


def _check_day(cohort: Cohort, due_on: date) -> None:
    if due_on < clock.today():
        raise DateRefused("Choose today or a later day")
    if due_on < cohort.starts_on:
        raise DateRefused("This day is before the course begins. Choose a later one")
    if (due_on - cohort.ends_on).days > 366:
        raise DateRefused("This day is more than a year after the course ends. Check the year")


def move_due_date(actor: Actor, due_id: UUID, title: str, due_on: date, seen: int) -> None:
    """Move or rename a date for the whole cohort. Students with more time keep theirs while it is later.

    Raises NoSuchDate, DateRefused, StaleDate.
    """
    with transaction() as s:
        due = _due(s, actor, due_id)
        if (due.title, due.due_on) == (title, due_on):
            return
        if due.version != seen:
            raise StaleDate(due)
        if due.due_on != due_on:
            _check_day(s.get_one(Cohort, due.cohort_id), due_on)
        due.title, due.due_on, due.version = title, due_on, due.version + 1
        record(s, actor, "moved due date", "due_date", due_id, due_on=due_on.isoformat())


def cancel_due_date(actor: Actor, due_id: UUID) -> None:
    """Take a date away for everybody. Twice is once."""
    with transaction() as s:
        due = _due(s, actor, due_id)
        due.cancelled_at, due.version = clock.now(), due.version + 1
        record(s, actor, "cancelled due date", "due_date", due_id)


def give_more_time(actor: Actor, due_id: UUID, enrolment_id: UUID, until_on: date) -> None:
    """Give one student until another day. No reason is asked or kept (A14). The same day again changes nothing.

    Raises NoSuchDate, DateRefused.
    """
    with transaction() as s:
        due = _due(s, actor, due_id)
        enrolment = s.get(Enrolment, enrolment_id)
        if enrolment is None or enrolment.cohort_id != due.cohort_id:
            raise NoSuchDate
        if enrolment.person_id == actor.person_id:
            raise DateRefused("Somebody else must give you more time.", "until_on")
        now = next(one for one in dues_of([enrolment_id])[enrolment_id] if one.id == due_id)
        if now.due_on == until_on and now.is_extended:
            return
        problem = is_later(until_on, now.due_on, clock.today())
        if problem:
            raise DateRefused(problem, "until_on")
        _extend(s, actor, due, enrolment_id, until_on)


def _extend(s: Session, actor: Actor, due: DueDate, enrolment_id: UUID, until_on: date) -> None:
    if actor.person_id is None:
        raise NoSuchDate
    s.add(
        Extension(
            due_date_id=due.id,
            enrolment_id=enrolment_id,
            until_on=until_on,
            granted_by=actor.person_id,
            granted_at=clock.now(),
        )
    )
    waiting = s.scalars(
        select(TimeRequest).where(
            TimeRequest.due_date_id == due.id,
            TimeRequest.enrolment_id == enrolment_id,
            TimeRequest.answer.is_(None),
        )
    ).all()
    for asked in waiting:
        asked.answer, asked.answered_at = TimeAnswer.GIVEN, clock.now()
        asked.answered_by = actor.person_id
    if waiting:
        tell_answered(s, s.get_one(Enrolment, enrolment_id).person_id)
    s.flush()
    record(
        s,
        actor,
        "gave more time",
        "due_date",
        due.id,
        enrolment=str(enrolment_id),
        until=until_on.isoformat(),
    )


def ask_for_time(actor: Actor, enrolment_id: UUID, due_id: UUID) -> None:
    """A student asks for more time by one button. Twice is once. Raises NoSuchDate."""
    with transaction() as s:
        enrolment = _own(s, actor, enrolment_id)
        if due_id not in {due.id for due in dues_of([enrolment_id])[enrolment_id]}:
            raise NoSuchDate
        _ask(s, actor, enrolment, AskedFor.MORE_TIME, due_id)


def ask_for_pause(actor: Actor, enrolment_id: UUID) -> None:
    """A student asks for a pause by one button. Twice is once. Raises NoSuchDate."""
    with transaction() as s:
        enrolment = _own(s, actor, enrolment_id)
        if enrolment.status is EnrolmentStatus.ENROLLED:
            _ask(s, actor, enrolment, AskedFor.PAUSE, None)


def _ask(s: Session, actor: Actor, enrolment: Enrolment, what: AskedFor, due_id: UUID | None) -> None:
    about = TimeRequest.due_date_id.is_(None) if due_id is None else TimeRequest.due_date_id == due_id
    waiting = select(TimeRequest.id).where(
        TimeRequest.enrolment_id == enrolment.id, about, TimeRequest.answer.is_(None)
    )
    if s.scalar(waiting) is not None:
        return
    asked = TimeRequest(enrolment_id=enrolment.id, asked_for=what, due_date_id=due_id, asked_at=clock.now())
    s.add(asked)
    s.flush()
    record(
        s,
        actor,
        "asked for time",
        "time_request",
        asked.id,
        asked_for=what.value,
        enrolment=str(enrolment.id),
    )


def answer_time_request(
    actor: Actor, request_id: UUID, answer: TimeAnswer, until_on: date | None = None, words: str = ""
) -> bool:
    """A tutor gives the time or the pause, or asks to talk first; whether there was one to answer.

    The student is told by mail that there is an answer, once. Raises NoSuchDate, DateRefused.
    """
    with transaction() as s:
        row = s.execute(
            select(TimeRequest, Enrolment)
            .join(Enrolment, TimeRequest.enrolment_id == Enrolment.id)
            .where(TimeRequest.id == request_id)
            .with_for_update(of=Enrolment)
            .execution_options(populate_existing=True)
        ).first()
        if row is None:
            raise NoSuchDate
        asked, enrolment = row
        _cohort(s, actor, enrolment.cohort_id)
        if enrolment.person_id == actor.person_id or actor.person_id is None:
            raise DateRefused("Somebody else must answer what you asked yourself.", "answer")
        if asked.answer is not None:
            return False
        if answer is TimeAnswer.GIVEN and asked.due_date_id is not None:
            if until_on is None:
                raise DateRefused("Enter the new day, like 27 3 2026", "until_on")
            due = _due(s, actor, asked.due_date_id)
            now = next(one for one in dues_of([enrolment.id])[enrolment.id] if one.id == due.id)
            problem = is_later(until_on, now.due_on, clock.today())
            if problem:
                raise DateRefused(problem, "until_on")
            asked.words = words
            _extend(s, actor, due, enrolment.id, until_on)
            return True
        asked.words = words
        asked.answer, asked.answered_at = answer, clock.now()
        asked.answered_by = actor.person_id
        if answer is TimeAnswer.GIVEN and enrolment.status is EnrolmentStatus.ENROLLED:
            enrolment.status = EnrolmentStatus.PAUSED
            start_pause(s, enrolment.id, clock.today())
        tell_answered(s, enrolment.person_id)
        s.flush()
        record(
            s, actor, "answered", "time_request", request_id, answer=answer.value, enrolment=str(enrolment.id),
            asked_for=asked.asked_for.value,
        )  # fmt: skip
        return True


def mute_reminders(actor: Actor, *, muted: bool) -> None:
    """A student wants no reminders, or wants them again. Twice is once."""
    if actor.person_id is None or not may(actor, Permission.EVIDENCE_HAND_IN):
        raise NoSuchDate
    with transaction() as s:
        row = s.get(ReminderMute, actor.person_id)
        if muted == (row is not None):
            return
        if muted:
            s.add(ReminderMute(person_id=actor.person_id, muted_at=clock.now()))
        else:
            s.execute(delete(ReminderMute).where(ReminderMute.person_id == actor.person_id))
        record(s, actor, "muted reminders" if muted else "unmuted reminders", "person", actor.person_id)


def _own(s: Session, actor: Actor, enrolment_id: UUID) -> Enrolment:
    enrolment = s.scalars(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if (
        enrolment is None
        or enrolment.person_id != actor.person_id
        or not may(actor, Permission.EVIDENCE_HAND_IN)
    ):
        raise NoSuchDate
    return enrolment


def _cohort(s: Session, actor: Actor, cohort_id: UUID, *, lock: bool = False) -> Cohort:
    """The cohort, for who may set its dates."""
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None or not may(actor, Permission.DEADLINE_SET):
        raise NoSuchDate
    if lock:
        s.execute(select(Cohort.id).where(Cohort.id == cohort_id).with_for_update())
    return cohort


def _due(s: Session, actor: Actor, due_id: UUID) -> DueDate:
    """A live date of a cohort the actor may set dates for, held until the transaction ends."""
    due = s.scalars(
        select(DueDate)
        .where(DueDate.id == due_id, DueDate.cancelled_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if due is None:
        raise NoSuchDate
    _cohort(s, actor, due.cohort_id)
    return due
