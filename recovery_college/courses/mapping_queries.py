"""What became of each criterion of one version in a newer one, and whom it concerns (A2)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    CriterionOrigin,
    Enrolment,
    Qualification,
    Supersession,
    Unit,
    VersionCopy,
)
from recovery_college.courses.queries import cohorts_scope
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification_mapping import CriterionPlace, MappingLine, mapping, unit_changes
from recovery_college.courses.specification_queries import VersionName, version_name
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class Affected:
    """A cohort on the old version, with how many still learn in it. They stay on the version (A2)."""

    id: UUID
    title: str
    learning: int


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What became of an old version in a newer one, and whom it concerns as far as the actor knows them."""

    old: VersionName
    new: VersionName
    lines: tuple[MappingLine, ...]
    changes: tuple[str, ...]
    affected: tuple[Affected, ...]


def mapping_report(
    actor: Actor, old_id: UUID, new_id: UUID, engaged: Collection[UUID] = ()
) -> MappingReport | None:
    """The mapping from one version to another, or None when either is not known or they are not of one kind."""
    if not may(actor, Permission.QUALIFICATION_SEE):
        return None
    s = session()
    if not _follow_each_other(s, old_id, new_id):
        return None
    old, new = syllabus_of(old_id), syllabus_of(new_id)
    return MappingReport(
        version_name(s, old_id),
        version_name(s, new_id),
        mapping(_places(old), _places(new, _origins(s, new_id, old.criteria))),
        unit_changes(old.specification, new.specification),
        _affected(s, actor, old_id, engaged),
    )


def _follow_each_other(s: Session, old_id: UUID, new_id: UUID) -> bool:
    """Whether two versions have the same title, or one was copied from or superseded by the other."""
    old, new = s.get(Qualification, old_id), s.get(Qualification, new_id)
    if old is None or new is None or old.id == new.id:
        return False
    follows, copied = s.get(Supersession, old_id), s.get(VersionCopy, new_id)
    return (
        old.title.casefold() == new.title.casefold()
        or (follows is not None and follows.by_id == new_id)
        or (copied is not None and copied.copied_from_id == old_id)
    )


def _origins(s: Session, new_id: UUID, old: Collection[UUID]) -> dict[UUID, UUID]:
    """For each copied criterion the old one it comes from, through as many versions as lie between."""
    own = select(AssessmentCriterion.id).join(Unit).where(Unit.qualification_id == new_id)
    found = _copied_from(s, CriterionOrigin.criterion_id.in_(own))
    while True:
        between = {origin for origin in found.values() if origin not in old}
        before = _copied_from(s, CriterionOrigin.criterion_id.in_(list(between))) if between else {}
        if not before:
            return found
        found = {one: before.get(origin, origin) for one, origin in found.items()}


def _copied_from(s: Session, which: ColumnElement[bool]) -> dict[UUID, UUID]:
    rows = s.execute(select(CriterionOrigin.criterion_id, CriterionOrigin.origin_id).where(which))
    return {row[0]: row[1] for row in rows}


def _places(syllabus: Syllabus, origins: dict[UUID, UUID] | None = None) -> list[CriterionPlace]:
    known = origins or {}
    return [
        CriterionPlace(
            str(one.id), unit.code, one.number, one.text, one.outcome_text,
            str(known[one.id]) if one.id in known else None,
        )
        for unit in syllabus.units
        for one in unit.criteria
    ]  # fmt: skip


def _affected(s: Session, actor: Actor, old_id: UUID, engaged: Collection[UUID]) -> tuple[Affected, ...]:
    learning = (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED)
    known = cohorts_scope(actor, engaged).where(Cohort.qualification_id == old_id).subquery()
    rows = s.execute(
        select(known.c.id, known.c.title, func.count(Enrolment.id))
        .outerjoin(Enrolment, (Enrolment.cohort_id == known.c.id) & Enrolment.status.in_(learning))
        .group_by(known.c.id, known.c.title, known.c.starts_on)
        .order_by(known.c.starts_on.desc())
    )
    return tuple(Affected(row[0], row[1], row[2]) for row in rows)
