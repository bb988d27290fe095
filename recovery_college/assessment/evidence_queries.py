"""Reading evidence, each for whom it is: in whole, as metadata, or not at all (A6, trust.md section 1)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.engagement_queries import picked_evidence
from recovery_college.assessment.evidence_facts import submitted_criteria as submitted_criteria
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceFile,
    EvidenceWords,
)
from recovery_college.assessment.evidence_rules import AiUse, Audience, EvidenceKind, audience_of
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import cohorts_scope
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of a piece of evidence, as a page links to it. Where it is stored is not said."""

    id: UUID
    name: str
    media: str
    size: int


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A piece of evidence in whole: for its student, their assessors and quality assurers.

    `closed_at`: taken back or past its time; then words and files are gone and only the facts remain.
    """

    id: UUID
    enrolment_id: UUID
    kind: EvidenceKind
    title: str
    body: str
    link: str
    ai_use: AiUse | None
    ai_note: str
    is_sensitive: bool
    by_student: bool
    by_name: str
    handed_in_at: datetime
    confirmed_at: datetime | None
    closed_at: datetime | None
    criteria: tuple[UUID, ...]
    files: tuple[FileFacts, ...]


@dataclass(frozen=True, slots=True)
class EvidenceMetadata:
    """That there is a piece of evidence: all that an administrator sees. No title, no word, no name of a file."""

    id: UUID
    enrolment_id: UUID
    kind: EvidenceKind
    handed_in_at: datetime
    closed_at: datetime | None
    criteria: tuple[UUID, ...]
    files: int
    size: int


def evidence_audiences(actor: Actor, enrolment_ids: Collection[UUID]) -> dict[UUID, Audience]:
    """What the actor sees of the evidence of each of these enrolments; one that is not there is left out."""
    known = cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
    rows = session().execute(
        select(Enrolment.id, Enrolment.person_id, Enrolment.cohort_id.in_(known)).where(
            Enrolment.id.in_(enrolment_ids)
        )
    )
    return {
        enrolment_id: audience_of(
            actor.role, is_own=person_id == actor.person_id, knows_cohort=bool(knows_cohort)
        )
        for enrolment_id, person_id, knows_cohort in rows
    }


def evidence_of_enrolment(actor: Actor, enrolment_id: UUID) -> tuple[EvidenceItem, ...]:
    """All evidence of one enrolment, the latest first, or () for who may not read it. Four queries."""
    if evidence_audiences(actor, [enrolment_id]).get(enrolment_id) is not Audience.WHOLE:
        return ()
    return _items(Evidence.enrolment_id == enrolment_id)


def evidence_for_cell(actor: Actor, enrolment_id: UUID, criterion_id: UUID) -> tuple[EvidenceItem, ...]:
    """The evidence one student has for one criterion, the latest first; () for who may not read it."""
    if evidence_audiences(actor, [enrolment_id]).get(enrolment_id) is not Audience.WHOLE:
        return ()
    about = select(EvidenceCriterion.evidence_id).where(EvidenceCriterion.criterion_id == criterion_id)
    return _items((Evidence.enrolment_id == enrolment_id) & Evidence.id.in_(about))


def evidence_item(actor: Actor, evidence_id: UUID) -> EvidenceItem | None:
    """One piece of evidence, or None for who may not read it or when there is none."""
    enrolment_id = session().scalar(select(Evidence.enrolment_id).where(Evidence.id == evidence_id))
    if enrolment_id is None:
        return None
    if actor.role is Role.EQA:
        return next(iter(evidence_opened_to(actor, [evidence_id])), None)
    if evidence_audiences(actor, [enrolment_id]).get(enrolment_id) is not Audience.WHOLE:
        return None
    return next(iter(_items(Evidence.id == evidence_id)), None)


def evidence_opened_to(actor: Actor, evidence_ids: Collection[UUID]) -> tuple[EvidenceItem, ...]:
    """Those of these pieces that a pick opens to an external quality assurer, in whole, the latest first (A11)."""
    opened = picked_evidence(actor, evidence_ids=evidence_ids)
    seen = [one.evidence_id for one in opened.values() if one.opens]
    return _items(Evidence.id.in_(seen)) if seen else ()


def evidence_metadata(actor: Actor, enrolment_ids: Collection[UUID]) -> tuple[EvidenceMetadata, ...]:
    """That there is evidence, the latest first, for who may know at least that. Three queries."""
    seen = [
        one
        for one, audience in evidence_audiences(actor, enrolment_ids).items()
        if audience is not Audience.NOTHING
    ]
    if not seen:
        return ()
    rows = session().execute(
        select(
            Evidence.id, Evidence.enrolment_id, Evidence.kind, Evidence.handed_in_at, Evidence.closed_at,
            func.count(EvidenceFile.id), func.coalesce(func.sum(EvidenceFile.size), 0),
        )
        .outerjoin(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .where(Evidence.enrolment_id.in_(seen))
        .group_by(Evidence.id, Evidence.enrolment_id, Evidence.kind, Evidence.handed_in_at, Evidence.closed_at)
        .order_by(Evidence.handed_in_at.desc(), Evidence.id)
    ).all()  # fmt: skip
    criteria = _criteria(Evidence.enrolment_id.in_(seen))
    return tuple(
        EvidenceMetadata(one, enrolment, kind, at, closed, criteria.get(one, ()), files, int(size))
        for one, enrolment, kind, at, closed, files, size in rows
    )


def _criteria(which: ColumnElement[bool]) -> dict[UUID, tuple[UUID, ...]]:
    found: dict[UUID, tuple[UUID, ...]] = {}
    rows = session().execute(
        select(EvidenceCriterion.evidence_id, EvidenceCriterion.criterion_id)
        .join(Evidence, EvidenceCriterion.evidence_id == Evidence.id)
        .where(which)
    )
    for evidence_id, criterion_id in rows:
        found[evidence_id] = (*found.get(evidence_id, ()), criterion_id)
    return found


def _items(which: ColumnElement[bool]) -> tuple[EvidenceItem, ...]:
    """The pieces that fit, in whole, the latest first. Three queries."""
    rows: Iterable[Any] = session().execute(
        select(
            Evidence.id, Evidence.enrolment_id, Evidence.kind, EvidenceWords.title, EvidenceWords.body,
            EvidenceWords.link, Evidence.ai_use, EvidenceWords.ai_note, Evidence.is_sensitive,
            Enrolment.person_id == Evidence.made_by,
            Person.given_name, Person.family_name, Person.preferred_name,
            Evidence.handed_in_at, Evidence.confirmed_at, Evidence.closed_at,
        )
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .join(Person, Evidence.made_by == Person.id)
        .outerjoin(EvidenceWords, EvidenceWords.evidence_id == Evidence.id)
        .where(which)
        .order_by(Evidence.handed_in_at.desc(), Evidence.id)
    ).all()  # fmt: skip
    if not rows:
        return ()
    criteria = _criteria(which)
    files: dict[UUID, list[FileFacts]] = {}
    stored: Iterable[Any] = session().execute(
        select(EvidenceFile.evidence_id, EvidenceFile.id, EvidenceFile.name, EvidenceFile.media, EvidenceFile.size)
        .join(Evidence, EvidenceFile.evidence_id == Evidence.id)
        .where(which)
        .order_by(EvidenceFile.id)
    )  # fmt: skip
    for evidence_id, *facts in stored:
        files.setdefault(evidence_id, []).append(FileFacts(*facts))
    return tuple(
        EvidenceItem(
            id=row[0],
            enrolment_id=row[1],
            kind=row[2],
            title=row[3] or "",
            body=row[4] or "",
            link=row[5] or "",
            ai_use=row[6],
            ai_note=row[7] or "",
            is_sensitive=row[8],
            by_student=bool(row[9]),
            by_name=display_name(*row[10:13]),
            handed_in_at=row[13],
            confirmed_at=row[14],
            closed_at=row[15],
            criteria=criteria.get(row[0], ()),
            files=tuple(files.get(row[0], ())),
        )
        for row in rows
    )
