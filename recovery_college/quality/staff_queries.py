"""Reading staff records: who assesses and quality-assures, what they hold, and what was said of their assessing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.assessment.rules import Verdict
from recovery_college.assessment.staff_models import CpdEntry, StaffQualification, StaffRecord
from recovery_college.assessment.staff_queries import awards_of
from recovery_college.assessment.staff_rules import Award, Standing, standing
from recovery_college.courses.models import AssessmentCriterion, CohortTutor, Enrolment, Unit
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person, RoleGrant
from recovery_college.people.queries import name_of
from recovery_college.quality.improvement_models import InterimCheck

STAFF = (Role.TUTOR, Role.IQA)
A_YEAR = timedelta(days=365)
SAID = {Verdict.CONFIRMED: "Confirmed", Verdict.RETURNED: "Returned to the assessor"}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An assessor or quality assurer as the list shows them; `hours` of development in the last twelve months."""

    person_id: UUID
    name: str
    roles: tuple[Role, ...]
    as_assessor: Standing
    as_iqa: Standing
    hours: Decimal
    competence: str
    may_verify: bool
    version: int

    @property
    def is_iqa(self) -> bool:
        """Whether they hold the quality assurer's role."""
        return Role.IQA in self.roles


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a quality assurer said about a unit this person decided in. No student is named.

    `said` is a verdict, or what was found while the course ran.
    """

    on: date
    unit: str
    said: str
    by_name: str
    comment: str
    action: str


@dataclass(frozen=True, slots=True)
class StaffFile:
    """One person's staff record in full."""

    member: StaffMember
    qualifications: tuple[StaffQualification, ...]
    development: tuple[CpdEntry, ...]
    feedback: tuple[Feedback, ...]


def _known_staff(actor: Actor) -> Select[UUID]:
    """The ids of the staff whose records the actor may see: tutors their own, an external their cohorts'."""
    ids = (
        select(RoleGrant.person_id).where(RoleGrant.role.in_(STAFF), RoleGrant.ended_at.is_(None)).distinct()
    )
    if actor.role is Role.TUTOR:
        return ids.where(RoleGrant.person_id == actor.person_id)
    if actor.role is Role.EQA:
        cohorts = engaged_cohorts(actor)
        taught = select(CohortTutor.person_id).where(CohortTutor.cohort_id.in_(cohorts))
        places = select(Enrolment.id).where(Enrolment.cohort_id.in_(cohorts))
        decided = select(Decision.decided_by).where(Decision.enrolment_id.in_(places))
        checked = select(IqaVerdict.verified_by).where(IqaVerdict.enrolment_id.in_(places))
        return ids.where(
            RoleGrant.person_id.in_(taught)
            | RoleGrant.person_id.in_(decided)
            | RoleGrant.person_id.in_(checked)
        )
    return ids


def staff_members(actor: Actor, only: UUID | None = None) -> list[StaffMember]:
    """The staff this actor may know of, by name. Five queries whatever their number."""
    if not may(actor, Permission.STAFF_SEE):
        return []
    s, today = session(), clock.today()
    statement = (
        select(Person, StaffRecord)
        .outerjoin(StaffRecord, StaffRecord.person_id == Person.id)
        .where(Person.id.in_(_known_staff(actor)))
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    if only is not None:
        statement = statement.where(Person.id == only)
    found = s.execute(statement).all()
    ids = [person.id for person, _ in found]
    roles: dict[UUID, list[Role]] = {}
    held = select(RoleGrant.person_id, RoleGrant.role).where(
        RoleGrant.person_id.in_(ids), RoleGrant.role.in_(STAFF), RoleGrant.ended_at.is_(None)
    )
    for person_id, role in s.execute(held):
        roles.setdefault(person_id, []).append(role)
    hours = _hours_since(ids, today - A_YEAR)
    awards = awards_of(ids)
    return [
        StaffMember(
            person_id=person.id,
            name=name_of(person),
            roles=tuple(role for role in STAFF if role in roles.get(person.id, ())),
            as_assessor=standing(awards[person.id], Award.ASSESSOR, today),
            as_iqa=standing(awards[person.id], Award.IQA, today),
            hours=hours.get(person.id, Decimal(0)),
            competence=kept.competence if kept else "",
            may_verify=kept.may_verify if kept else True,
            version=kept.version if kept else 0,
        )
        for person, kept in found
    ]


def _hours_since(ids: Collection[UUID], day: date) -> dict[UUID, Decimal]:
    rows = session().execute(
        select(CpdEntry.person_id, func.sum(CpdEntry.hours))
        .where(CpdEntry.person_id.in_(ids), CpdEntry.done_on > day)
        .group_by(CpdEntry.person_id)
    )
    return {person_id: Decimal(hours) for person_id, hours in rows}


def staff_file(actor: Actor, person_id: UUID) -> StaffFile | None:
    """One staff record with its history, or None when the actor may not know of it."""
    members = staff_members(actor, person_id)
    if not members:
        return None
    s = session()
    qualifications = s.scalars(
        select(StaffQualification)
        .where(StaffQualification.person_id == person_id)
        .order_by(StaffQualification.recorded_at)
    ).all()
    development = s.scalars(
        select(CpdEntry)
        .where(CpdEntry.person_id == person_id)
        .order_by(CpdEntry.done_on.desc(), CpdEntry.recorded_at.desc())
    ).all()
    return StaffFile(members[0], tuple(qualifications), tuple(development), _feedback(actor, person_id))


def _feedback(actor: Actor, person_id: UUID) -> tuple[Feedback, ...]:
    """The latest fifty verdicts, and interim checks, of units in which they decided, the latest first.

    Words only for who may read feedback.
    """
    reads = may(actor, Permission.FEEDBACK_SEE)
    decided = (
        select(Decision.enrolment_id, AssessmentCriterion.unit_id)
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .where(Decision.decided_by == person_id)
        .distinct()
        .subquery()
    )
    statement = (
        select(IqaVerdict, Unit.code, Person)
        .join(
            decided,
            (decided.c.enrolment_id == IqaVerdict.enrolment_id) & (decided.c.unit_id == IqaVerdict.unit_id),
        )
        .join(Unit, Unit.id == IqaVerdict.unit_id)
        .join(Person, Person.id == IqaVerdict.verified_by)
        .where(IqaVerdict.verdict != Verdict.SAMPLE_CLOSED)
        .order_by(IqaVerdict.recorded_at.desc())
        .limit(50)
    )
    looks = (
        select(InterimCheck, Unit.code, Person)
        .join(
            decided,
            (decided.c.enrolment_id == InterimCheck.enrolment_id)
            & (decided.c.unit_id == InterimCheck.unit_id),
        )
        .join(Unit, Unit.id == InterimCheck.unit_id)
        .join(Person, Person.id == InterimCheck.checked_by)
        .order_by(InterimCheck.checked_at.desc())
        .limit(50)
    )
    if actor.role is Role.EQA:
        places = select(Enrolment.id).where(Enrolment.cohort_id.in_(engaged_cohorts(actor)))
        statement = statement.where(IqaVerdict.enrolment_id.in_(places))
        looks = looks.where(InterimCheck.enrolment_id.in_(places))
    found = [
        Feedback(
            verdict.recorded_at.date(), unit_label(code), SAID[verdict.verdict], name_of(by),
            verdict.comment if reads else "", verdict.action if reads else "",
        )
        for verdict, code, by in session().execute(statement)
    ]  # fmt: skip
    found += [
        Feedback(
            look.checked_at.date(), unit_label(code), f"While it ran: {look.finding}", name_of(by),
            look.comment if reads else "", "",
        )
        for look, code, by in session().execute(looks)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.on, reverse=True))
