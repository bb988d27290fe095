"""Whose vacancies somebody answers for today, and whose candidates they meet: the one place that says so.

A deputy within their days stands in for everything a manager does about the vacancy and its team. They do not meet
its candidates: a graduate's yes is to one manager, and nobody who names a deputy can give it to another (P1, ADR 15).
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select

from recovery_college.access.rules import Actor
from recovery_college.careers.deputy_models import Deputy, TeamManager
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.team_models import TeamNamed
from recovery_college.kernel.db import session


def standing(today: date) -> tuple[ColumnElement[bool], ...]:
    """What makes a deputy's row count on a day; both its days are within it."""
    return (
        Deputy.starts_on <= today,
        or_(Deputy.ends_on.is_(None), Deputy.ends_on >= today),
    )


def stood_in_for(person_id: UUID | None, today: date) -> Select[Any]:
    """The managers somebody stands in for that day."""
    return select(Deputy.manager_id).where(Deputy.deputy_id == person_id, *standing(today))


def answers_for(actor: Actor, today: date) -> ColumnElement[bool]:
    """The vacancies whose manager the actor is, or stands in for today."""
    return or_(
        Vacancy.manager_id == actor.person_id, Vacancy.manager_id.in_(stood_in_for(actor.person_id, today))
    )


def hires_for(actor: Actor) -> ColumnElement[bool]:
    """The vacancies whose candidates the actor meets: those that are their own. Never those of a deputy."""
    return Vacancy.manager_id == actor.person_id


def is_hiring_manager(actor: Actor, vacancy: Vacancy) -> bool:
    """Whether the actor meets this vacancy's candidates and says how it hires: `hires_for` of one vacancy."""
    return vacancy.manager_id is not None and vacancy.manager_id == actor.person_id


def is_their_manager(actor: Actor, vacancy: Vacancy, today: date) -> bool:
    """Whether the actor is this vacancy's manager, or stands in for them today."""
    if vacancy.manager_id is None or actor.person_id is None:
        return False
    if vacancy.manager_id == actor.person_id:
        return True
    found = stood_in_for(actor.person_id, today).where(Deputy.manager_id == vacancy.manager_id)
    return session().execute(found.limit(1)).first() is not None


def knows_team(actor: Actor, today: date) -> ColumnElement[bool]:
    """The teams a manager prepares, and their deputy with them: those they lead, and those they recruit for.

    A vacancy whose team its manager typed themselves counts once HR has confirmed it (team_models.TeamNamed).
    """
    leads = exists().where(
        TeamManager.team_id == Team.id,
        or_(
            TeamManager.person_id == actor.person_id,
            TeamManager.person_id.in_(stood_in_for(actor.person_id, today)),
        ),
        TeamManager.ended_on.is_(None),
    )
    unconfirmed = exists().where(TeamNamed.vacancy_id == Vacancy.id, TeamNamed.team_id == Team.id)
    recruits = exists().where(Vacancy.team_id == Team.id, answers_for(actor, today), ~unconfirmed)
    return or_(leads, recruits)
