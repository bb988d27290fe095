"""Reminding students of what is due: kind, once, honouring more time, and never who muted them (A14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select

from recovery_college.access.rules import Actor
from recovery_college.assessment.deadline_facts import Due, dues_of
from recovery_college.assessment.deadline_models import DueDate, Reminder, ReminderMute
from recovery_college.assessment.deadline_rules import ReminderKind, reminder_due
from recovery_college.assessment.queries import UnitResult, results_of
from recovery_college.assessment.resubmission_facts import no_retries
from recovery_college.assessment.rules import QUALITY_ASSURED, CriterionState, Retry
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.models import Cohort
from recovery_college.courses.queries import Place, places_in
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.wording import day
from recovery_college.people.queries import addresses_of

PURPOSE = "reminder"
DONE = frozenset({CriterionState.MET, CriterionState.SUBMITTED})


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a round did: reminders written, and students without an address."""

    sent: int
    unreachable: int


def send_reminders(actor: Actor) -> Reminded:
    """Write today's reminders into the outbox, a cohort at a time. Run twice, nobody is reminded twice."""
    today = clock.today()
    live = exists().where(DueDate.cohort_id == Cohort.id, DueDate.cancelled_at.is_(None))
    cohorts = session().scalars(select(Cohort).where(live).order_by(Cohort.id)).all()
    session().rollback()
    sent = unreachable = 0
    for cohort in cohorts:
        done = _remind(actor, cohort, today)
        sent, unreachable = sent + done.sent, unreachable + done.unreachable
    return Reminded(sent, unreachable)


def _remind(actor: Actor, cohort: Cohort, today: date) -> Reminded:
    with transaction() as s:
        # Two rounds at once would both find a reminder unsent: the second waits here, and finds it sent.
        s.execute(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())
        places = places_in([cohort.id])
        ids = [place.enrolment_id for place in places]
        dues = dues_of(ids)
        results = results_of(syllabus_of(cohort.qualification_id), places)
        stuck = no_retries(ids)
        people = [place.person_id for place in places]
        muted = set(s.scalars(select(ReminderMute.person_id).where(ReminderMute.person_id.in_(people))))
        before = {
            (enrolment_id, due_id, kind, due_on)
            for enrolment_id, due_id, kind, due_on in s.execute(
                select(Reminder.enrolment_id, Reminder.due_date_id, Reminder.kind, Reminder.due_on).where(
                    Reminder.enrolment_id.in_(ids)
                )
            )
        }
        addresses = addresses_of(people)
        events, unreachable = [], 0
        for place in places:
            for due in dues[place.enrolment_id]:
                kind = reminder_due(
                    due.due_on,
                    today,
                    place.status,
                    done=_is_done(due, results[place.enrolment_id], stuck[place.enrolment_id]),
                    muted=place.person_id in muted,
                    asked_for_time=due.is_asked,
                )
                if kind is None or (place.enrolment_id, due.id, kind, due.due_on) in before:
                    continue
                address = addresses.get(place.person_id, "")
                if not is_address(address):
                    unreachable += 1
                    continue
                subject, body = words_of(place, due, kind)
                queue_mail(s, address, subject, body, PURPOSE)
                s.add(
                    Reminder(
                        enrolment_id=place.enrolment_id,
                        due_date_id=due.id,
                        kind=kind,
                        due_on=due.due_on,
                        sent_at=clock.now(),
                    )
                )
                events.append(
                    event_of(
                        actor,
                        "reminded",
                        "due_date",
                        due.id,
                        enrolment=str(place.enrolment_id),
                        kind=kind.value,
                    )
                )
        record_many(s, events)
        return Reminded(len(events), unreachable)


def _is_done(due: Due, results: list[UnitResult], stuck: Mapping[UUID, Retry]) -> bool:
    """Whether nothing of it is left to hand in. Not being registered for its unit counts as done.

    So does a criterion without another try (A5): nobody is reminded to hand in what cannot be decided.
    """
    result = next((one for one in results if one.unit.id == due.unit_id), None)
    if result is None or result.state in QUALITY_ASSURED:
        return True
    about = [one for one in result.unit.criteria if due.is_about(due.unit_id, one.id)]
    return all(result.for_student[one.number] in DONE or one.id in stuck for one in about)


def words_of(place: Place, due: Due, kind: ReminderKind) -> tuple[str, str]:
    """Subject and text. The subject names no course: others may see it on a locked phone."""
    settings = the_settings()
    first = place.name.split(" ")[0]
    if kind is ReminderKind.AFTER:
        subject = "No hurry: you can still hand it in"
        what = (
            f"“{due.title}” was due on {day(due.due_on)}. That day is over, and that is all right: "
            "you can still hand it in."
        )
    else:
        subject = f"A reminder for {day(due.due_on)}"
        what = f"“{due.title}” is due on {day(due.due_on)}. Part of it is a good start: you can save a draft."
    body = (
        f"Hello {first},\n\n{what}\n\nIf you need more time, press “I need more time” on your page. You do not "
        f"have to say why:\n{settings.public_base_url}/my-progress\n\nYou can turn these reminders off there "
        f"as well.\n\n{settings.college_name}\n"
    )
    return subject, body
