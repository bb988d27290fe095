"""Reading the list of qualifications, for an actor."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.models import Qualification, Unit
from recovery_college.courses.queries import cohorts_scope
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class QualificationRow:
    """A qualification in the list, with the size of it and how many cohorts the actor knows that take it."""

    id: UUID
    title: str
    version: str
    min_credit: int | None
    units: int
    credit: int
    cohorts: int


def qualifications_visible_to(actor: Actor) -> list[QualificationRow]:
    """Every qualification by title and version, for who may see qualifications at all."""
    if not may(actor, Permission.QUALIFICATION_SEE):
        return []
    units = (
        select(Unit.qualification_id, func.count().label("units"), func.sum(Unit.credit).label("credit"))
        .group_by(Unit.qualification_id)
        .subquery()
    )
    known = cohorts_scope(actor).subquery()
    cohorts = (
        select(known.c.qualification_id, func.count().label("cohorts"))
        .group_by(known.c.qualification_id)
        .subquery()
    )
    rows = session().execute(
        select(
            Qualification.id,
            Qualification.title,
            Qualification.version,
            Qualification.min_credit,
            func.coalesce(units.c.units, 0),
            func.coalesce(units.c.credit, 0),
            func.coalesce(cohorts.c.cohorts, 0),
        )
        .outerjoin(units, units.c.qualification_id == Qualification.id)
        .outerjoin(cohorts, cohorts.c.qualification_id == Qualification.id)
        .order_by(Qualification.title, Qualification.version)
    )
    return [QualificationRow(*row) for row in rows]
