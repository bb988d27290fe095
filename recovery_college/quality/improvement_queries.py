"""Reading interim checks, observations, standardisation meetings and actions, for who may know of them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.courses.models import Cohort, CohortTutor, Qualification, Unit
from recovery_college.courses.queries import cohorts_scope
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of
from recovery_college.quality.improvement_models import (
    InterimCheck,
    PracticeObservation,
    QualityAction,
    StandardisationMeeting,
    StandardisationPerson,
    StandardisationUnit,
)
from recovery_college.quality.improvement_rules import Finding, Seen, is_overdue
from recovery_college.quality.waiting_queries import returned_units


@dataclass(frozen=True, slots=True)
class Check:
    """One interim check of a student's unit."""

    finding: Finding
    comment: str
    by_name: str
    at: datetime


def checks_of(enrolment_id: UUID, unit_id: UUID) -> list[Check]:
    """The interim checks of one student's unit, the latest first. The caller checks who may read them."""
    rows = session().execute(
        select(InterimCheck, Person)
        .join(Person, Person.id == InterimCheck.checked_by)
        .where(InterimCheck.enrolment_id == enrolment_id, InterimCheck.unit_id == unit_id)
        .order_by(InterimCheck.checked_at.desc())
    )
    return [Check(one.finding, one.comment, name_of(by), one.checked_at) for one, by in rows]


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation of an assessor's practice."""

    on: date
    seen: Seen
    went_well: str
    to_develop: str
    by_name: str


def observations_of(assessor_id: UUID) -> list[Observed]:
    """The observations of one assessor, the latest first. The caller checks who may see the staff record."""
    rows = session().execute(
        select(PracticeObservation, Person)
        .join(Person, Person.id == PracticeObservation.observed_by)
        .where(PracticeObservation.assessor_id == assessor_id)
        .order_by(PracticeObservation.observed_on.desc(), PracticeObservation.recorded_at.desc())
    )
    return [
        Observed(one.observed_on, one.seen, one.went_well, one.to_develop, name_of(by)) for one, by in rows
    ]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A standardisation meeting in full."""

    id: UUID
    held_on: date
    title: str
    agreed: str
    units: tuple[str, ...]
    people: tuple[str, ...]
    recorded_by: str


def meetings_known_to(actor: Actor, only: UUID | None = None) -> list[Meeting]:
    """Standardisation meetings, the latest first: a tutor's own, an external's by the units of their cohorts."""
    if not may(actor, Permission.QUALITY_SEE):
        return []
    s = session()
    statement = (
        select(StandardisationMeeting, Person)
        .join(Person, Person.id == StandardisationMeeting.recorded_by)
        .order_by(StandardisationMeeting.held_on.desc(), StandardisationMeeting.recorded_at.desc())
    )
    if actor.role is Role.TUTOR:
        own = select(StandardisationPerson.meeting_id).where(
            StandardisationPerson.person_id == actor.person_id
        )
        statement = statement.where(StandardisationMeeting.id.in_(own))
    if actor.role is Role.EQA:
        taught = select(Cohort.qualification_id).where(Cohort.id.in_(engaged_cohorts(actor)))
        units = select(Unit.id).where(Unit.qualification_id.in_(taught))
        about = select(StandardisationUnit.meeting_id).where(StandardisationUnit.unit_id.in_(units))
        statement = statement.where(StandardisationMeeting.id.in_(about))
    if only is not None:
        statement = statement.where(StandardisationMeeting.id == only)
    found = s.execute(statement).all()
    ids = [meeting.id for meeting, _ in found]
    units_of: dict[UUID, list[str]] = {one: [] for one in ids}
    people_of: dict[UUID, list[str]] = {one: [] for one in ids}
    for meeting_id, code, title in s.execute(
        select(StandardisationUnit.meeting_id, Unit.code, Unit.title)
        .join(Unit, Unit.id == StandardisationUnit.unit_id)
        .where(StandardisationUnit.meeting_id.in_(ids))
        .order_by(Unit.position)
    ):
        units_of[meeting_id].append(f"{unit_label(code)} {title}")
    for meeting_id, person in s.execute(
        select(StandardisationPerson.meeting_id, Person)
        .join(Person, Person.id == StandardisationPerson.person_id)
        .where(StandardisationPerson.meeting_id.in_(ids))
        .order_by(Person.family_name, Person.given_name)
    ):
        people_of[meeting_id].append(name_of(person))
    return [
        Meeting(
            one.id, one.held_on, one.title, one.agreed, tuple(units_of[one.id]), tuple(people_of[one.id]),
            name_of(by),
        )
        for one, by in found
    ]  # fmt: skip


def units_taught() -> list[tuple[UUID, str]]:
    """Every unit of every qualification that a cohort follows, for a meeting to be about."""
    rows = session().execute(
        select(Unit.id, Unit.code, Unit.title, Qualification.version)
        .join(Qualification, Qualification.id == Unit.qualification_id)
        .where(Qualification.id.in_(select(Cohort.qualification_id)))
        .order_by(Qualification.title, Qualification.version, Unit.position)
    )
    return [(one, f"{unit_label(code)} {title} (version {version})") for one, code, title, version in rows]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be done. `id` is None for a unit that was returned: that is done by deciding again."""

    id: UUID | None
    what: str
    act_by_on: date | None
    owner: str
    source: str
    href: str
    done_note: str = ""
    done_by: str = ""

    @property
    def is_done(self) -> bool:
        """Whether somebody wrote that it is done."""
        return bool(self.done_by)

    def overdue(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.act_by_on is not None and is_overdue(self.act_by_on, self.is_done, today)


def _actions(actor: Actor, only: UUID | None = None) -> Select[QualityAction, Person, Person]:
    """The actions the actor may know of: tutors their own, an external none, the rest of the college all."""
    owner, doer = aliased(Person), aliased(Person)
    statement = (
        select(QualityAction, owner, doer)
        .join(owner, owner.id == QualityAction.owner_id)
        .outerjoin(doer, doer.id == QualityAction.done_by)
        .order_by(QualityAction.act_by_on, QualityAction.raised_at)
    )
    if actor.role is Role.TUTOR:
        statement = statement.where(QualityAction.owner_id == actor.person_id)
    return statement if only is None else statement.where(QualityAction.id == only)


def actions_known_to(actor: Actor, show: str = "open") -> list[Action]:
    """Actions by the day they are due: `open`, `overdue`, or `done`. Returned units are among the open ones."""
    if not may(actor, Permission.QUALITY_SEE) or actor.role is Role.EQA:
        return []
    today = clock.today()
    reads = may(actor, Permission.FEEDBACK_SEE)
    found = [_action(row, owner, doer, reads) for row, owner, doer in session().execute(_actions(actor))]
    if show == "done":
        return [one for one in found if one.is_done]
    found = [one for one in found if not one.is_done]
    found += [
        Action(
            None,
            one.action if reads else "Decide again",
            one.act_by_on,
            one.assessor,
            f"Unit returned: {one.unit}, {one.cohort}",
            one.href,
        )
        for one in returned_units(actor)
    ]
    if show == "overdue":
        found = [one for one in found if one.overdue(today)]
    return sorted(found, key=lambda one: (one.act_by_on or date.max, one.owner))


def actions_to_do(actor: Actor) -> list[Action]:
    """For a tutor's home page: their own open actions, by day. Returned units are told there by themselves."""
    if not may(actor, Permission.DECISION_RECORD):
        return []
    reads = may(actor, Permission.FEEDBACK_SEE)
    mine = _actions(actor).where(QualityAction.owner_id == actor.person_id, QualityAction.done_at.is_(None))
    return [_action(row, owner, doer, reads) for row, owner, doer in session().execute(mine)]


def action_of(actor: Actor, action_id: UUID) -> Action | None:
    """One action, or None when the actor may not know of it."""
    if not may(actor, Permission.QUALITY_SEE) or actor.role is Role.EQA:
        return None
    row = session().execute(_actions(actor, action_id)).first()
    return _action(*row, may(actor, Permission.FEEDBACK_SEE)) if row else None


def _action(row: QualityAction, owner: Person, doer: Person | None, reads: bool) -> Action:
    """The row as pages show it; `reads`: whether they may read what is said of a student's work."""
    source = "Interim check" if row.check_id else "Observation" if row.observation_id else "Standardisation"
    words = reads or not row.check_id
    return Action(
        row.id, row.what if words else "Put right what the check found", row.act_by_on, name_of(owner), source,
        f"/quality/actions/{row.id}", (row.done_note or "") if words else "", name_of(doer),
    )  # fmt: skip


def assessors_known_to(actor: Actor) -> list[tuple[UUID, str]]:
    """Who may be observed or given an action: everybody who teaches a cohort the actor may know of."""
    known = cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
    taught = select(CohortTutor.person_id).where(CohortTutor.cohort_id.in_(known))
    people = session().scalars(
        select(Person).where(Person.id.in_(taught)).order_by(Person.family_name, Person.given_name, Person.id)
    )
    return [(person.id, name_of(person)) for person in people]
