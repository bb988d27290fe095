"""Evidence of a cohort as a list, and one piece as a page: for staff and for its student (A6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceFile,
    EvidenceRequest,
)
from recovery_college.assessment.evidence_queries import EvidenceItem, evidence_item
from recovery_college.assessment.evidence_rules import EvidenceKind, RequestAnswer
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.resubmission_facts import without_tries
from recovery_college.courses.models import AssessmentCriterion, Enrolment, LearningOutcome, Unit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import in_london
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

SHOWS = {"waiting": "To look at", "asked": "Asked back", "all": "All"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: what anybody who may know of it sees. No title and no word of it.

    `no_tries`: the criteria it waits for on which nobody may decide until one more try is agreed (A5), or "".
    """

    id: UUID
    enrolment_id: UUID
    person_id: UUID
    student: str
    kind: EvidenceKind
    criteria: str
    handed_in_at: datetime
    files: int
    is_waiting: bool
    is_asked_back: bool
    is_closed: bool
    no_tries: str = ""

    @property
    def days(self) -> int:
        """How many days ago it came, on London's calendar."""
        return days_since(self.handed_in_at)


@dataclass(frozen=True, slots=True)
class CriterionNamed:
    """A criterion with its unit, as people name it. `no_tries`: see `Listed`; for staff, not for the student."""

    id: UUID
    unit: str
    number: str
    text: str
    no_tries: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A student's request to have evidence back."""

    asked_at: datetime
    answer: RequestAnswer | None
    words: str


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One piece of evidence with whose it is and what became of it.

    `is_decided` counts drafts, so that nobody takes back what is being decided; a student is told of
    `is_released` alone (A7).
    """

    item: EvidenceItem
    cohort_id: UUID
    person_id: UUID
    student: str
    criteria: tuple[CriterionNamed, ...]
    is_decided: bool
    is_released: bool
    asked: Asked | None


def criteria_in_words(named: Iterable[tuple[str, str]]) -> str:
    """Criteria in order as people say them: "Unit 2: 1.3, 2.1; Unit 3: 1.1"."""
    units: dict[str, list[str]] = {}
    for unit, number in named:
        units.setdefault(unit, []).append(number)
    return "; ".join(f"{unit}: {', '.join(numbers)}" for unit, numbers in units.items())


def days_since(at: datetime) -> int:
    """Whole days from then to today, on London's calendar."""
    return (clock.today() - in_london(at).date()).days


def _decided() -> ColumnElement[bool]:
    """That a criterion of a piece was decided since the piece came."""
    return (
        exists()
        .where(
            Decision.enrolment_id == Evidence.enrolment_id,
            Decision.criterion_id == EvidenceCriterion.criterion_id,
            Decision.recorded_at >= Evidence.handed_in_at,
            ~taken_back().correlate(Decision),
        )
        .correlate(Evidence, EvidenceCriterion)
    )


def _stuck() -> ColumnElement[bool]:
    """That a criterion of a piece waits, and no try is left for it (A5)."""
    return ~_decided() & without_tries(Evidence.enrolment_id, EvidenceCriterion.criterion_id)


def _waits() -> ColumnElement[bool]:
    """That a piece waits for a decision on at least one of its criteria, of a student who is on the course.

    It does so as well when no try is left for it: it must not be forgotten.
    """
    undecided = exists().where(EvidenceCriterion.evidence_id == Evidence.id, ~_decided()).correlate(Evidence)
    return (
        Evidence.closed_at.is_(None)
        & undecided
        & Enrolment.status.in_((EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED))
    )


def _asked() -> ColumnElement[bool]:
    return exists().where(EvidenceRequest.evidence_id == Evidence.id, EvidenceRequest.answer.is_(None))


_SHOWN = {"waiting": _waits, "asked": _asked}


def evidence_counts(known: Select[UUID], show: str) -> Select[*tuple[Any, ...]]:
    """By cohort of `known`, how much evidence waits or is asked back, and when the longest-waiting came.

    `stuck`: how much of it is about a criterion without a try left (A5).
    """
    stuck = exists().where(EvidenceCriterion.evidence_id == Evidence.id, _stuck()).correlate(Evidence)
    return (
        select(
            Enrolment.cohort_id.label("cohort_id"),
            func.count().label("count"),
            func.min(Evidence.handed_in_at).label("oldest"),
            func.sum(case((stuck, 1), else_=0)).label("stuck"),
        )
        .select_from(Evidence)
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id.in_(known), _SHOWN[show]())
        .group_by(Enrolment.cohort_id)
    )


def evidence_list(actor: Actor, cohort_id: UUID, show: str = "all") -> list[Listed]:
    """A cohort's evidence, what has waited longest first; the caller makes sure they may see the cohort.

    Two queries whatever its size.
    """
    if not may(actor, Permission.EVIDENCE_LIST):
        return []
    which = Enrolment.cohort_id == cohort_id
    if show in _SHOWN:
        which = which & _SHOWN[show]()
    files = (
        select(func.count())
        .where(EvidenceFile.evidence_id == Evidence.id)
        .correlate(Evidence)
        .scalar_subquery()
    )
    rows: Iterable[Any] = session().execute(
        select(
            Evidence.id, Evidence.enrolment_id, Person.id, Person.given_name, Person.family_name,
            Person.preferred_name, Evidence.kind, Evidence.handed_in_at, Evidence.closed_at, files,
            _waits(), _asked(),
        )
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .join(Person, Enrolment.person_id == Person.id)
        .where(which)
        .order_by(Evidence.handed_in_at, Evidence.id)
    ).all()  # fmt: skip
    about: dict[UUID, list[tuple[str, str]]] = {}
    stuck: dict[UUID, list[tuple[str, str]]] = {}
    named = (
        select(EvidenceCriterion.evidence_id, Unit.code, AssessmentCriterion.number, _stuck())
        .join(Evidence, EvidenceCriterion.evidence_id == Evidence.id)
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .join(AssessmentCriterion, EvidenceCriterion.criterion_id == AssessmentCriterion.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .where(which)
        .order_by(Unit.position, LearningOutcome.position, AssessmentCriterion.position)
    )
    for evidence_id, code, number, is_stuck in session().execute(named) if rows else ():
        about.setdefault(evidence_id, []).append((unit_label(code), number))
        if is_stuck:
            stuck.setdefault(evidence_id, []).append((unit_label(code), number))
    return [
        Listed(
            id=row[0],
            enrolment_id=row[1],
            person_id=row[2],
            student=display_name(*row[3:6]),
            kind=row[6],
            handed_in_at=row[7],
            is_closed=row[8] is not None,
            files=row[9],
            is_waiting=bool(row[10]),
            is_asked_back=bool(row[11]),
            criteria=criteria_in_words(about.get(row[0], ())),
            no_tries=criteria_in_words(stuck.get(row[0], ())) if row[10] else "",
        )
        for row in rows
    ]


def evidence_page(actor: Actor, evidence_id: UUID) -> EvidencePage | None:
    """One piece in whole, for who may read it; None for everybody else and when there is none."""
    item = evidence_item(actor, evidence_id)
    if item is None:
        return None
    s = session()
    cohort_id, person_id, *names = s.execute(
        select(
            Enrolment.cohort_id, Enrolment.person_id, Person.given_name, Person.family_name, Person.preferred_name
        )
        .join(Person, Enrolment.person_id == Person.id)
        .where(Enrolment.id == item.enrolment_id)
    ).one()  # fmt: skip
    named = s.execute(
        select(
            AssessmentCriterion.id, Unit.code, AssessmentCriterion.number, AssessmentCriterion.text, _stuck()
        )
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .join(EvidenceCriterion, EvidenceCriterion.criterion_id == AssessmentCriterion.id)
        .join(Evidence, EvidenceCriterion.evidence_id == Evidence.id)
        .where(Evidence.id == evidence_id, AssessmentCriterion.id.in_(item.criteria))
        .order_by(Unit.position, LearningOutcome.position, AssessmentCriterion.position)
    )
    staff, is_open = person_id != actor.person_id, item.closed_at is None
    criteria = tuple(
        CriterionNamed(one, unit_label(code), number, text, bool(stuck) and staff and is_open)
        for one, code, number, text, stuck in named
    )
    decided = exists().where(
        Decision.enrolment_id == item.enrolment_id,
        Decision.criterion_id.in_(item.criteria),
        Decision.recorded_at >= item.handed_in_at,
        ~taken_back(),
    )
    is_decided, is_released = s.execute(
        select(decided, decided.where(Decision.released_at.is_not(None)))
    ).one()
    asked = s.execute(
        select(EvidenceRequest.asked_at, EvidenceRequest.answer, EvidenceRequest.words)
        .where(EvidenceRequest.evidence_id == evidence_id)
        .order_by(EvidenceRequest.asked_at.desc())
        .limit(1)
    ).first()
    return EvidencePage(
        item=item,
        cohort_id=cohort_id,
        person_id=person_id,
        student=display_name(*names),
        criteria=criteria,
        is_decided=bool(is_decided),
        is_released=bool(is_released),
        asked=Asked(*asked) if asked else None,
    )


def answered_since(actor: Actor, since: datetime) -> list[UUID]:
    """The actor's own pieces that they asked back and got an answer about since, the latest first. One query."""
    statement = (
        select(EvidenceRequest.evidence_id)
        .join(Evidence, EvidenceRequest.evidence_id == Evidence.id)
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == actor.person_id, EvidenceRequest.answered_at >= since)
        .order_by(EvidenceRequest.answered_at.desc())
    )
    return list(dict.fromkeys(session().scalars(statement)))


def stored_key(evidence_id: UUID, file_id: UUID) -> str | None:
    """Where a file is kept. The caller makes sure the actor may read the evidence."""
    return session().scalar(
        select(EvidenceFile.storage_key).where(
            EvidenceFile.id == file_id, EvidenceFile.evidence_id == evidence_id
        )
    )
