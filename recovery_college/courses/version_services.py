"""Versions of a qualification that follow each other (A2): copied, and one superseded by the next."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.services import record
from recovery_college.courses.models import (
    AssessmentCriterion,
    CriterionOrigin,
    LearningOutcome,
    Qualification,
    Supersession,
    Unit,
    UnitGroup,
    VersionCopy,
)
from recovery_college.courses.specification import check_specification
from recovery_college.courses.specification_parts import FACTS_OF_QUALIFICATION
from recovery_college.courses.specification_queries import copies_of, is_superseded
from recovery_college.courses.specification_rows import PartNotFound, facts_of
from recovery_college.courses.specification_services import SpecificationRefused
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.ids import new_id


def copy_version(actor: Actor, qualification_id: UUID, version: str) -> UUID:
    """Make a new version of everything an old one holds. Each criterion remembers where it comes from."""
    with transaction() as s:
        old = s.get(Qualification, qualification_id, with_for_update=True, populate_existing=True)
        if old is None:
            raise PartNotFound("version")
        titles = s.execute(select(Qualification.title, Qualification.version))
        if (old.title.casefold(), version.casefold()) in {(t.casefold(), v.casefold()) for t, v in titles}:
            raise SpecificationRefused("There is a version with this name already", "version")
        new = Qualification(id=new_id(), **{**facts_of(old, FACTS_OF_QUALIFICATION), "version": version})
        s.add(new)
        s.flush()
        s.add(VersionCopy(qualification_id=new.id, copied_from_id=old.id))
        _copy_parts(s, old.id, new.id)
        record(s, actor, "copied version", "qualification", new.id, copied_from=str(old.id))
        return new.id


def _copy_parts(s: Session, old_id: UUID, new_id_: UUID) -> None:
    groups = _copied(
        s, UnitGroup, UnitGroup.qualification_id == old_id, {"qualification_id": {old_id: new_id_}}
    )
    units = _copied(
        s, Unit, Unit.qualification_id == old_id,
        {"qualification_id": {old_id: new_id_}, "group_id": groups},
    )  # fmt: skip
    outcomes = _copied(s, LearningOutcome, LearningOutcome.unit_id.in_(list(units)), {"unit_id": units})
    criteria = _copied(
        s, AssessmentCriterion, AssessmentCriterion.unit_id.in_(list(units)),
        {"unit_id": units, "outcome_id": outcomes},
    )  # fmt: skip
    if criteria:
        s.execute(
            insert(CriterionOrigin),
            [{"criterion_id": new, "origin_id": old} for old, new in criteria.items()],
        )


def _copied(s: Session, model: Any, which: Any, moved: dict[str, dict[UUID, UUID]]) -> dict[UUID, UUID]:
    """Copy every column of the rows, but for the id and the keys that move; return each old id's new one."""
    ids: dict[UUID, UUID] = {}
    rows: list[dict[str, Any]] = []
    for one in s.scalars(select(model).where(which)):
        facts = {column.name: getattr(one, column.name) for column in model.__table__.columns}
        ids[one.id] = new_id()
        rows.append({**facts, **{key: known[facts[key]] for key, known in moved.items()}, "id": ids[one.id]})
    if rows:
        s.execute(insert(model), rows)
    return ids


def supersede_version(actor: Actor, old_id: UUID, new_id_: UUID) -> None:
    """Let a newer version take the place of an old one, which then takes no new cohort. Done twice it is done once.

    There is no way back: a version once superseded can be copied into a new one, never restored.
    """
    with transaction() as s:
        held = s.scalars(
            select(Qualification).where(Qualification.id.in_((old_id, new_id_))).order_by(Qualification.id)
            .with_for_update()
        ).all()  # fmt: skip
        if len(held) != 2:
            raise PartNotFound("version")
        already = s.get(Supersession, old_id)
        if already is not None:
            if already.by_id == new_id_:
                return
            raise SpecificationRefused("That version is superseded already", "old")
        if is_superseded(s, new_id_):
            raise SpecificationRefused(
                "This version is superseded itself, so it takes no other's place", "old"
            )
        if old_id in copies_of(new_id_):
            raise SpecificationRefused(
                "That version was copied from this one, so it is the newer. Open it, and let it take this one's place",
                "old",
            )
        if check_specification(syllabus_of(new_id_).specification).problems:
            raise SpecificationRefused("This version is not ready yet. See what is missing", "old")
        s.add(Supersession(qualification_id=old_id, by_id=new_id_, at=clock.now()))
        record(s, actor, "superseded version", "qualification", old_id, by=str(new_id_))
