"""Reading claims of prior learning (A13): one's own, and those of cohorts one may know of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.evidence_rules import EvidenceKind
from recovery_college.assessment.history_queries import decision_rows
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import results_of
from recovery_college.assessment.rules import QUALITY_ASSURED, Outcome, UnitState
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, LearningOutcome, Unit
from recovery_college.courses.queries import cohorts_scope, places_in
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.fairness.rpl_models import RplClaim, RplClaimCriterion, RplLimit
from recovery_college.fairness.rpl_rules import USUAL_PERCENT, RplUnit
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


@dataclass(frozen=True, slots=True)
class Claimed:
    """A criterion of a claim, with the released decision in force, if any."""

    id: UUID
    unit: str
    number: str
    text: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class RplFile:
    """One claim. `evidence`: how many pieces of the kind serve its criteria."""

    id: UUID
    enrolment_id: UUID
    person_id: UUID
    student: str
    cohort_id: UUID
    cohort: str
    words: str
    opened_by_name: str
    opened_at: datetime
    closed_at: datetime | None
    closed_words: str
    criteria: tuple[Claimed, ...]
    evidence: int

    @property
    def waiting(self) -> int:
        """Criteria without a decision."""
        return sum(one.outcome is None for one in self.criteria)

    @property
    def met(self) -> int:
        """Criteria that are met."""
        return sum(one.outcome is Outcome.MET for one in self.criteria)

    @property
    def is_live(self) -> bool:
        """Whether it is not closed."""
        return self.closed_at is None

    @property
    def by_unit(self) -> dict[str, list[str]]:
        """The numbers of its criteria by unit."""
        found: dict[str, list[str]] = {}
        for one in self.criteria:
            found.setdefault(one.unit, []).append(one.number)
        return found


@dataclass(frozen=True, slots=True)
class Room:
    """What a student may still claim: the registered units, what is claimed, met or locked, and the limit."""

    syllabus: Syllabus
    units: tuple[RplUnit, ...]
    unit_ids: frozenset[UUID]
    already: frozenset[UUID]
    met: frozenset[UUID]
    locked: frozenset[UUID]
    percent: int

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The criteria that can still be chosen, by unit."""
        taken = self.already | self.met | self.locked
        return [
            (str(criterion.id), f"{unit_label(unit.code)}, {criterion.number}: {criterion.text}")
            for unit in self.syllabus.units
            if unit.id in self.unit_ids
            for criterion in unit.criteria
            if criterion.id not in taken
        ]


def own_claims(actor: Actor) -> list[RplFile]:
    """The actor's own claims, latest first."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    return _files(_claims().where(Enrolment.person_id == actor.person_id))


def decided_in_whole(since: datetime) -> ColumnElement[bool]:
    """That decisions released after a claim was opened answer all of it, and one of its criteria only since then."""
    released = (
        Decision.enrolment_id == RplClaim.enrolment_id,
        Decision.criterion_id == RplClaimCriterion.criterion_id,
        Decision.released_at >= RplClaim.opened_at,
    )
    decided, before = exists().where(*released), exists().where(*released, Decision.released_at < since)
    missing = exists().where(RplClaimCriterion.claim_id == RplClaim.id, ~decided).correlate(RplClaim)
    new = exists().where(RplClaimCriterion.claim_id == RplClaim.id, decided, ~before).correlate(RplClaim)
    return ~missing & new


def claims_answered_since(actor: Actor, since: datetime) -> int:
    """How many of the actor's own claims are answered since: closed by somebody else, with words for them, or
    decided in whole. One query.
    """
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return 0
    closed = (RplClaim.closed_by != actor.person_id) & (RplClaim.closed_at >= since)
    found = (
        select(func.count(RplClaim.id))
        .join(Enrolment, RplClaim.enrolment_id == Enrolment.id)
        .where(
            Enrolment.person_id == actor.person_id,
            closed | (RplClaim.closed_at.is_(None) & decided_in_whole(since)),
        )
    )
    return session().scalar(found) or 0


def claims_known_to(actor: Actor, cohort_id: UUID | None = None) -> list[RplFile]:
    """The claims of cohorts the actor may know of, latest first; never one's own."""
    statement = _scope(actor)
    if statement is None:
        return []
    if cohort_id is not None:
        statement = statement.where(Enrolment.cohort_id == cohort_id)
    return _files(statement)


def claim_known_to(actor: Actor, claim_id: UUID, *, lock: bool = False) -> RplFile | None:
    """One claim, one's own or of a cohort the actor may know of; None when they may not know of it."""
    own = actor.person_id is not None and may(actor, Permission.OWN_FAIRNESS)
    statement = _claims().where(Enrolment.person_id == actor.person_id) if own else _scope(actor)
    if statement is None:
        return None
    return next(iter(_files(statement.where(RplClaim.id == claim_id), lock=lock)), None)


def claims_waiting(actor: Actor, known: Sequence[RplFile]) -> list[RplFile]:
    """For a tutor: of the claims they know of those with a criterion to decide, the longest waiting first."""
    if not may(actor, Permission.PRIOR_LEARNING_OPEN):
        return []
    return [file for file in reversed(known) if file.is_live and file.waiting]


def count_claims_waiting(actor: Actor) -> int:
    """How many claims `claims_waiting` finds, for the home page. One query."""
    statement = _scope(actor) if may(actor, Permission.PRIOR_LEARNING_OPEN) else None
    if statement is None:
        return 0
    decided = exists().where(
        Decision.enrolment_id == RplClaim.enrolment_id,
        Decision.criterion_id == RplClaimCriterion.criterion_id,
        Decision.released_at.is_not(None),
    )
    waits = exists().where(RplClaimCriterion.claim_id == RplClaim.id, ~decided)
    ids = statement.with_only_columns(RplClaim.id).where(RplClaim.closed_at.is_(None), waits).order_by(None)
    return session().scalar(select(func.count()).select_from(ids.subquery())) or 0


def criteria_claimed(enrolment_id: UUID) -> frozenset[UUID]:
    """The criteria of a student's open claims: evidence of prior learning may be handed in for these.

    The room of evidence asks this; app.py hands the question up.
    """
    live = (
        select(RplClaimCriterion.criterion_id)
        .join(RplClaim, RplClaimCriterion.claim_id == RplClaim.id)
        .where(RplClaim.enrolment_id == enrolment_id, RplClaim.closed_at.is_(None))
    )
    return frozenset(session().scalars(live))


def limit_of(qualification_id: UUID) -> tuple[int, int]:
    """A programme's limit in per cent, and the version of the setting (0: the usual one)."""
    row = session().get(RplLimit, qualification_id, populate_existing=True)
    return (row.percent, row.version) if row else (USUAL_PERCENT, 0)


def room_of(enrolment: Enrolment) -> Room:
    """What this student may still claim."""
    cohort = session().get_one(Cohort, enrolment.cohort_id)
    syllabus = syllabus_of(cohort.qualification_id)
    place = [one for one in places_in([cohort.id]) if one.enrolment_id == enrolment.id]
    results = results_of(syllabus, place)[enrolment.id]
    closed = QUALITY_ASSURED | {UnitState.WITHDRAWN}
    met = {
        criterion.id
        for result in results
        for criterion in result.unit.criteria
        if criterion.number not in result.not_met
    }
    live = session().scalars(
        select(RplClaimCriterion.criterion_id)
        .join(RplClaim, RplClaimCriterion.claim_id == RplClaim.id)
        .where(RplClaim.enrolment_id == enrolment.id, RplClaim.closed_at.is_(None))
    )
    return Room(
        syllabus,
        tuple(
            RplUnit(result.unit.credit, frozenset(criterion.id for criterion in result.unit.criteria))
            for result in results
        ),
        frozenset(result.unit.id for result in results),
        frozenset(live),
        frozenset(met),
        frozenset(
            criterion.id for result in results if result.state in closed for criterion in result.unit.criteria
        ),
        limit_of(cohort.qualification_id)[0],
    )


def _scope(actor: Actor) -> Select[*tuple[Any, ...]] | None:
    if not may(actor, Permission.PRIOR_LEARNING_SEE):
        return None
    known = cohorts_scope(actor).with_only_columns(Cohort.id)
    others = Enrolment.person_id.is_distinct_from(actor.person_id)
    return _claims().where(Enrolment.cohort_id.in_(known), others)


def _claims() -> Select[*tuple[Any, ...]]:
    student, opener = aliased(Person), aliased(Person)
    return (
        select(
            RplClaim, Enrolment.person_id, Enrolment.cohort_id, Cohort.title,
            student.given_name, student.family_name, student.preferred_name,
            opener.given_name, opener.family_name, opener.preferred_name,
        )
        .join(Enrolment, RplClaim.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(student, Enrolment.person_id == student.id)
        .join(opener, RplClaim.opened_by == opener.id)
        .order_by(RplClaim.opened_at.desc(), RplClaim.id)
    )  # fmt: skip


def _files(statement: Select[*tuple[Any, ...]], *, lock: bool = False) -> list[RplFile]:
    """The claims of a statement with their criteria and what was decided, in four queries."""
    s = session()
    if lock:
        statement = statement.with_for_update(of=RplClaim).execution_options(populate_existing=True)
    rows = s.execute(statement).all()
    if not rows:
        return []
    ids = [row[0].id for row in rows]
    in_force: dict[tuple[UUID, UUID], Outcome] = {}
    for found in decision_rows({row[0].enrolment_id for row in rows}, released_only=True).values():
        for decision in found:
            in_force[decision.enrolment_id, decision.criterion_id] = decision.outcome
    enrolment_of = {row[0].id: row[0].enrolment_id for row in rows}
    criteria: dict[UUID, list[Claimed]] = {}
    for claim_id, criterion_id, number, text, code, title in s.execute(
        select(
            RplClaimCriterion.claim_id, AssessmentCriterion.id, AssessmentCriterion.number,
            AssessmentCriterion.text, Unit.code, Unit.title,
        )
        .join(AssessmentCriterion, RplClaimCriterion.criterion_id == AssessmentCriterion.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .where(RplClaimCriterion.claim_id.in_(ids))
        .order_by(Unit.position, LearningOutcome.position, AssessmentCriterion.position)
    ):  # fmt: skip
        outcome = in_force.get((enrolment_of[claim_id], criterion_id))
        one = Claimed(criterion_id, f"{unit_label(code)} {title}", number, text, outcome)
        criteria.setdefault(claim_id, []).append(one)
    evidence = _evidence(ids)
    return [
        RplFile(
            claim.id, claim.enrolment_id, person_id, display_name(*student), cohort_id, cohort, claim.words,
            display_name(*opener), claim.opened_at, claim.closed_at, claim.closed_words or "",
            tuple(criteria.get(claim.id, ())), evidence.get(claim.id, 0),
        )
        for claim, person_id, cohort_id, cohort, student, opener in (
            (row[0], row[1], row[2], row[3], row[4:7], row[7:10]) for row in rows
        )
    ]  # fmt: skip


def _evidence(claim_ids: Collection[UUID]) -> dict[UUID, int]:
    """By claim, how many pieces of evidence of this kind that are still there serve its criteria."""
    rows = session().execute(
        select(RplClaim.id, func.count(func.distinct(Evidence.id)))
        .join(RplClaimCriterion, RplClaimCriterion.claim_id == RplClaim.id)
        .join(EvidenceCriterion, EvidenceCriterion.criterion_id == RplClaimCriterion.criterion_id)
        .join(
            Evidence,
            (Evidence.id == EvidenceCriterion.evidence_id) & (Evidence.enrolment_id == RplClaim.enrolment_id),
        )
        .where(
            RplClaim.id.in_(claim_ids), Evidence.kind == EvidenceKind.RPL, Evidence.closed_at.is_(None)
        )
        .group_by(RplClaim.id)
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}
