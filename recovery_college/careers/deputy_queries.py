"""Deputies and people named for a duty, as the pages show them; and what was sent about a vacancy."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.deputy_facts import stood_in_for
from recovery_college.careers.deputy_models import Deputy
from recovery_college.careers.escalation_models import CareersDuty, Escalation
from recovery_college.careers.escalation_rules import Duty, Reached, Step
from recovery_college.careers.models import Vacancy
from recovery_college.careers.vacancy_list import joined, sees_answers, visible
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """One naming: who answers for whom, from when to when."""

    id: UUID
    manager_id: UUID
    manager: str
    deputy: str
    starts_on: date
    ends_on: date | None

    def stands_on(self, day: date) -> bool:
        """Whether they answer that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody named for a duty."""

    id: UUID
    duty: Duty
    person_id: UUID
    name: str
    named_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One step about one vacancy."""

    step: Step
    reached: Reached
    name: str
    at: datetime


def deputies_visible_to(actor: Actor) -> list[DeputyRow]:
    """Deputies now and to come: a manager's own and those they stand in for, all of them for HR."""
    if not may(actor, Permission.DEPUTY_NAME):
        return []
    manager, deputy = aliased(Person), aliased(Person)
    statement = (
        select(Deputy, manager, deputy)
        .join(manager, manager.id == Deputy.manager_id)
        .outerjoin(deputy, deputy.id == Deputy.deputy_id)
        .where(or_(Deputy.ends_on.is_(None), Deputy.ends_on >= clock.today()))
        .order_by(manager.family_name, manager.given_name, Deputy.starts_on, Deputy.id)
    )
    if not may(actor, Permission.VACANCY_EDIT):
        own = (Deputy.manager_id == actor.person_id, Deputy.deputy_id == actor.person_id)
        statement = statement.where(or_(*own))
    return [
        DeputyRow(
            row.id,
            row.manager_id,
            name_of(whose),
            name_of(who) or row.deputy_email,
            row.starts_on,
            row.ends_on,
        )
        for row, whose, who in session().execute(statement)
    ]


def stands_in_for(actor: Actor) -> list[str]:
    """The names of the managers somebody stands in for today."""
    people = select(Person).where(Person.id.in_(stood_in_for(actor.person_id, clock.today())))
    return [name_of(who) for who in session().scalars(people.order_by(Person.family_name, Person.given_name))]


def named_people(actor: Actor, duty: Duty | None = None) -> list[NamedPerson]:
    """Who is named for a duty now; for HR, who names them."""
    if not may(actor, Permission.DUTIES_NAME):
        return []
    statement = (
        select(CareersDuty, Person)
        .join(Person, Person.id == CareersDuty.person_id)
        .where(CareersDuty.ended_at.is_(None))
        .order_by(Person.family_name, Person.given_name, CareersDuty.id)
    )
    if duty is not None:
        statement = statement.where(CareersDuty.duty == duty)
    return [
        NamedPerson(row.id, row.duty, row.person_id, name_of(who), row.named_at)
        for row, who in session().execute(statement)
    ]


def told_about(actor: Actor, vacancy_id: UUID) -> list[Told]:
    """Every step taken about a vacancy's answer, newest first; none for who may not see answers."""
    if not sees_answers(actor):
        return []
    known = joined(select(Vacancy.id).select_from(Vacancy)).where(
        Vacancy.id == vacancy_id, visible(actor, clock.today())
    )
    statement = (
        select(Escalation, Person)
        .outerjoin(Person, Person.id == Escalation.told_id)
        .where(Escalation.vacancy_id.in_(known))
        .order_by(Escalation.sent_at.desc(), Escalation.id.desc())
    )
    return [
        Told(row.step, row.reached, name_of(who), row.sent_at) for row, who in session().execute(statement)
    ]
