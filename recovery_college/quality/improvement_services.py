"""Recording interim checks, observations, standardisation meetings, and what is to be done (A9, A10)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.rules import may_verify
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.board_queries import unit_file
from recovery_college.quality.improvement_models import (
    InterimCheck,
    PracticeObservation,
    QualityAction,
    StandardisationMeeting,
    StandardisationPerson,
    StandardisationUnit,
)
from recovery_college.quality.improvement_queries import action_of, assessors_known_to, units_taught
from recovery_college.quality.improvement_rules import Finding, Seen
from recovery_college.quality.staff_queries import staff_members

LONGEST_TEXT = 4000


class ImprovementRefused(DeedRefused):
    """Why nothing was recorded."""


class NoSuchThing(LookupError):
    """The unit, the assessor or the action is not there, or the actor may not know of it."""


def _text(text: str, field: str, empty: str = "", longest: int = LONGEST_TEXT) -> str:
    text = text.strip()
    if empty and not text:
        raise ImprovementRefused(empty, field)
    if len(text) > longest:
        raise ImprovementRefused(f"Use {longest:,} characters or fewer", field)
    return text


def _past(day: date | None, field: str) -> date:
    if day is None:
        raise ImprovementRefused("Enter the date, like 27 3 2026", field)
    if day > clock.today():
        raise ImprovementRefused("The date is in the future. Enter today or an earlier date", field)
    return day


def _add_action(
    s: Session,
    actor: Actor,
    owner_id: UUID,
    action: str,
    act_by_on: date | None,
    **source: UUID,
) -> None:
    """Add what is to be done, when something is: with its day, which is not in the past."""
    action = _text(action, "action")
    if not action:
        return
    if act_by_on is None:
        raise ImprovementRefused("Enter the date to act by, like 27 3 2026", "act_by_on")
    if act_by_on < clock.today():
        raise ImprovementRefused(
            "The date to act by is in the past. Enter today or a later date", "act_by_on"
        )
    assert actor.person_id is not None
    s.add(
        QualityAction(
            owner_id=owner_id, what=action, act_by_on=act_by_on, raised_by=actor.person_id,
            raised_at=clock.now(), **source,
        )
    )  # fmt: skip


def _may_record(actor: Actor) -> UUID:
    if not may(actor, Permission.VERDICT_RECORD) or actor.person_id is None:
        raise NoSuchThing
    return actor.person_id


def record_interim_check(
    actor: Actor,
    cohort_id: UUID,
    enrolment_id: UUID,
    unit_id: UUID,
    finding: Finding,
    comment: str,
    action: str,
    act_by_on: date | None,
) -> UUID:
    """Record a look at a student's unit while the course runs; the action goes to who assesses it (A9, A10)."""
    with transaction() as s:
        person_id = _may_record(actor)
        file = unit_file(actor, cohort_id, enrolment_id, unit_id, lock=True)
        if file is None:
            raise NoSuchThing
        cell = file.cell
        problem = may_verify(person_id, cell.deciders, cell.place.person_id, conflicts_of(person_id))
        if problem:
            raise ImprovementRefused(problem)
        if cell.assessor is None:
            raise ImprovementRefused("Nothing is decided in this unit yet, so there is nothing to look at.")
        comment = _text(comment, "comment", "Write what you saw")
        if finding is Finding.ACTION and not action.strip():
            raise ImprovementRefused("Write what the assessor should do", "action")
        latest = s.scalars(
            select(InterimCheck)
            .where(InterimCheck.enrolment_id == enrolment_id, InterimCheck.unit_id == unit_id)
            .order_by(InterimCheck.checked_at.desc())
        ).first()
        if latest is not None and (latest.checked_by, latest.finding, latest.comment) == (
            person_id, finding, comment,
        ):  # fmt: skip
            return latest.id
        made = InterimCheck(
            enrolment_id=enrolment_id, unit_id=unit_id, finding=finding, comment=comment,
            checked_by=person_id, checked_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        _flush(s)
        if finding is Finding.ACTION:
            _add_action(s, actor, cell.assessor[0], action, act_by_on, check_id=made.id)
        record(
            s, actor, "checked while it runs", "unit", unit_id,
            enrolment=str(enrolment_id), finding=finding.value,
        )  # fmt: skip
        return made.id


def _flush(s: Session) -> None:
    try:
        s.flush()
    except IntegrityError as error:
        if "(A10)" in str(error.orig):
            raise ImprovementRefused("You may not judge this yourself (A10). Ask a colleague.") from error
        raise


def record_observation(
    actor: Actor,
    assessor_id: UUID,
    observed_on: date | None,
    seen: Seen,
    went_well: str,
    to_develop: str,
    action: str,
    act_by_on: date | None,
) -> UUID:
    """Record an observation of an assessor at work, by somebody else; sent twice is once (A10)."""
    with transaction() as s:
        person_id = _may_record(actor)
        if not staff_members(actor, assessor_id):
            raise NoSuchThing
        if person_id == assessor_id:
            raise ImprovementRefused("Nobody observes their own practice. Ask a colleague.")
        if assessor_id in conflicts_of(person_id):
            raise ImprovementRefused("You declared a conflict of interest here. Ask a colleague.")
        day = _past(observed_on, "observed_on")
        went_well = _text(went_well, "went_well", "Write what went well")
        to_develop = _text(to_develop, "to_develop")
        there = s.scalar(
            select(PracticeObservation.id).where(
                PracticeObservation.assessor_id == assessor_id, PracticeObservation.observed_by == person_id,
                PracticeObservation.observed_on == day, PracticeObservation.seen == seen,
                PracticeObservation.went_well == went_well,
            )
        )  # fmt: skip
        if there is not None:
            return there
        made = PracticeObservation(
            assessor_id=assessor_id, observed_on=day, seen=seen, went_well=went_well, to_develop=to_develop,
            observed_by=person_id, recorded_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        _flush(s)
        _add_action(s, actor, assessor_id, action, act_by_on, observation_id=made.id)
        record(s, actor, "observed practice", "staff", assessor_id, seen=seen.value, on=day.isoformat())
        return made.id


def record_meeting(
    actor: Actor,
    held_on: date | None,
    title: str,
    agreed: str,
    units: Collection[UUID],
    people: Collection[UUID],
    action: str,
    act_by_on: date | None,
) -> UUID:
    """Record a standardisation meeting: who, about which units, what was agreed, what each is to do."""
    with transaction() as s:
        person_id = _may_record(actor)
        day = _past(held_on, "held_on")
        title = _text(title, "title", "Enter a title, for example: feedback in unit 2", 200)
        agreed = _text(agreed, "agreed", "Write what was agreed")
        if not units or not set(units) <= {one for one, _ in units_taught()}:
            raise ImprovementRefused("Tick the units it was about", "units")
        staff = {one.person_id for one in staff_members(actor)}
        if not people or not set(people) <= staff:
            raise ImprovementRefused("Tick who took part", "people")
        there = s.scalar(
            select(StandardisationMeeting.id).where(
                StandardisationMeeting.held_on == day, StandardisationMeeting.title == title,
                StandardisationMeeting.agreed == agreed,
            )
        )  # fmt: skip
        if there is not None:
            return there
        made = StandardisationMeeting(
            held_on=day, title=title, agreed=agreed, recorded_by=person_id, recorded_at=clock.now()
        )
        s.add(made)
        s.flush()
        s.add_all(StandardisationUnit(meeting_id=made.id, unit_id=one) for one in set(units))
        s.add_all(StandardisationPerson(meeting_id=made.id, person_id=one) for one in set(people))
        assessors = {one for one, _ in assessors_known_to(actor)}
        for one in sorted(set(people) & assessors) or sorted(people)[:1]:
            _add_action(s, actor, one, action, act_by_on, meeting_id=made.id)
        record(
            s, actor, "recorded standardisation", "meeting", made.id,
            on=day.isoformat(), units=len(set(units)), people=len(set(people)),
        )  # fmt: skip
        return made.id


def close_action(actor: Actor, action_id: UUID, note: str) -> None:
    """Record that an action is done, and how: by its owner or a quality assurer. Done twice is once."""
    with transaction() as s:
        if action_of(actor, action_id) is None or actor.person_id is None:
            raise NoSuchThing
        found = s.get_one(QualityAction, action_id, with_for_update=True, populate_existing=True)
        if found.owner_id != actor.person_id and not may(actor, Permission.VERDICT_RECORD):
            raise NoSuchThing
        if found.done_at is not None:
            return
        note = _text(note, "note", "Write what was done")
        found.done_note, found.done_by, found.done_at = note, actor.person_id, clock.now()
        record(s, actor, "closed action", "action", action_id)
