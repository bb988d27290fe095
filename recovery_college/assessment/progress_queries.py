"""Reading one's own work as its student may see it: released only (A7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.deadline_facts import dues_of
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceRequest,
    EvidenceWords,
)
from recovery_college.assessment.evidence_rules import EvidenceKind, may_hand_in
from recovery_college.assessment.history_queries import DecisionRow, decision_rows, verdict_rows
from recovery_college.assessment.next_step import NextStep, OwnCriterion, OwnDue, OwnUnit, next_step
from recovery_college.assessment.place_queries import own_enrolments, the_one_to_show
from recovery_college.assessment.queries import UnitResult, unit_result
from recovery_college.assessment.resubmission_facts import no_retries
from recovery_college.assessment.rules import CriterionState, Retry, decision_in_force
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import Syllabus, UnitRow, syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    """Something one handed in, or staff wrote about one's work. `state` is in words for its student."""

    id: UUID
    title: str
    kind: EvidenceKind
    by_student: bool
    handed_in_at: datetime
    is_confirmed: bool
    state: str


@dataclass(frozen=True, slots=True)
class OwnWork:
    """One enrolment as its student sees it. `said`: released decisions with a tutor's words, latest first.

    `dues`: what is due and not handed in yet.
    """

    syllabus: Syllabus
    results: tuple[UnitResult, ...]
    units: tuple[OwnUnit, ...]
    said: tuple[DecisionRow, ...]
    step: NextStep
    dues: tuple[OwnDue, ...] = ()
    evidence: tuple[OwnEvidence, ...] = ()

    @property
    def met(self) -> int:
        """Criteria met, over all registered units."""
        return sum(unit.met for unit in self.units)

    @property
    def criteria(self) -> int:
        """Criteria of all registered units."""
        return sum(len(unit.criteria) for unit in self.units)

    def label_of(self, row: DecisionRow) -> str:
        """The unit and criterion a decision is about."""
        unit = self.syllabus.unit(row.unit_id)
        return f"{unit_label(unit.code)}, {row.number}" if unit else row.number

    def text_of(self, row: DecisionRow) -> str:
        """What the criterion asks."""
        criterion = self.syllabus.criteria.get(row.criterion_id)
        return criterion.text if criterion else ""


def own_work(enrolment: Enrolment) -> OwnWork:
    """One's own work on a course, from released decisions only (A7): drafts are not even read. Eight queries, and
    one more where the tries that are planned may be used up (A5).
    """
    cohort = enrolment.cohort
    syllabus = syllabus_of(cohort.qualification_id)
    registered = units_with_credit([enrolment.id])[enrolment.id]
    decisions = decision_rows([enrolment.id], released_only=True)
    verdicts = verdict_rows([enrolment.id])
    pieces = _own_evidence(enrolment)
    evidence = _came(pieces)
    planned = cohort.qualification.resubmissions
    tried = any(row.attempt > planned for rows in decisions.values() for row in rows)
    stuck = no_retries([enrolment.id])[enrolment.id] if tried else {}
    withdrawn = enrolment.status is EnrolmentStatus.WITHDRAWN
    results: list[UnitResult] = []
    units: list[OwnUnit] = []
    for unit in syllabus.units:
        if unit.id not in registered:
            continue
        rows = decisions.get((enrolment.id, unit.id), [])
        said = [row.fact for row in verdicts.get((enrolment.id, unit.id), [])]
        result = unit_result(
            unit,
            [row.fact for row in rows],
            said,
            registered[unit.id],
            withdrawn=withdrawn,
            handed_in=evidence,
        )
        results.append(result)
        units.append(_own_unit(unit, result, rows, stuck))
    dues = _own_dues(enrolment, results, stuck)
    step = next_step(
        units,
        enrolment.status,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        site=cohort.site.name,
        today=clock.today(),
        dues=dues,
    )
    known = {unit.id for unit in syllabus.units}
    spoken = [row for found in decisions.values() for row in found if row.feedback and row.unit_id in known]
    spoken.sort(key=lambda row: (row.released_at or row.recorded_at, row.id), reverse=True)
    states = {one.id: result.for_student[one.number] for result in results for one in result.unit.criteria}
    shown = tuple(_as_own(one, states) for one in pieces if one.closed_at is None)
    return OwnWork(syllabus, tuple(results), tuple(units), tuple(spoken), step, dues, shown)


@dataclass(slots=True)
class _Piece:
    """A piece of evidence as one query gives it."""

    id: UUID
    kind: EvidenceKind
    title: str
    by_student: bool
    handed_in_at: datetime
    confirmed_at: datetime | None
    closed_at: datetime | None
    is_asked_back: bool
    criteria: list[UUID]


def _own_evidence(enrolment: Enrolment) -> list[_Piece]:
    """One's own evidence with the criteria it is about, the latest first. One query."""
    asked = exists().where(EvidenceRequest.evidence_id == Evidence.id, EvidenceRequest.answer.is_(None))
    rows = session().execute(
        select(
            Evidence.id, Evidence.kind, EvidenceWords.title, Evidence.made_by, Evidence.handed_in_at,
            Evidence.confirmed_at, Evidence.closed_at, asked, EvidenceCriterion.criterion_id,
        )
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .outerjoin(EvidenceWords, EvidenceWords.evidence_id == Evidence.id)
        .where(Evidence.enrolment_id == enrolment.id)
        .order_by(Evidence.handed_in_at.desc(), Evidence.id)
    )  # fmt: skip
    found: dict[UUID, _Piece] = {}
    for one, kind, title, made_by, at, confirmed, closed, is_asked, criterion_id in rows:
        if one not in found:
            by_student = made_by == enrolment.person_id
            found[one] = _Piece(one, kind, title or "", by_student, at, confirmed, closed, bool(is_asked), [])
        found[one].criteria.append(criterion_id)
    return list(found.values())


def _came(pieces: Sequence[_Piece]) -> dict[UUID, datetime]:
    """By criterion, when the latest evidence that is still there was handed in."""
    came: dict[UUID, datetime] = {}
    for piece in pieces:
        if piece.closed_at is None:
            for one in piece.criteria:
                came[one] = max(came.get(one, piece.handed_in_at), piece.handed_in_at)
    return came


def _as_own(piece: _Piece, states: Mapping[UUID, CriterionState]) -> OwnEvidence:
    """How a piece stands, from what its student may know (A7)."""
    about = [states.get(one) for one in piece.criteria]
    if piece.is_asked_back:
        words = "you asked for it back"
    elif not piece.by_student and piece.confirmed_at is None:
        words = "please confirm it"
    elif all(state is CriterionState.MET for state in about):
        words = "met"
    elif CriterionState.SUBMITTED in about:
        words = "being looked at"
    else:
        words = "not yet met: see what your tutor said"
    return OwnEvidence(
        piece.id, piece.title, piece.kind, piece.by_student, piece.handed_in_at,
        piece.confirmed_at is not None, words,
    )  # fmt: skip


def _own_dues(
    enrolment: Enrolment, results: Sequence[UnitResult], stuck: Mapping[UUID, Retry]
) -> tuple[OwnDue, ...]:
    """What is due and not handed in, the earliest first, each with what of it is still to do.

    `stuck`: criteria without another try: nobody is asked to hand in for them.
    """
    units = {result.unit.id: result for result in results}
    found = []
    for due in dues_of([enrolment.id])[enrolment.id]:
        result = units.get(due.unit_id)
        if result is None:
            continue
        left = tuple(
            str(one.id)
            for one in result.unit.criteria
            if due.is_about(due.unit_id, one.id)
            and result.for_student[one.number] not in (CriterionState.MET, CriterionState.SUBMITTED)
            and one.id not in stuck
        )
        if left:
            label = unit_label(result.unit.code)
            found.append(
                OwnDue(
                    str(due.id),
                    label,
                    due.title,
                    due.due_on,
                    left,
                    due.is_extended,
                    due.is_asked,
                    due.talk_first,
                )
            )
    return tuple(found)


def _own_unit(
    unit: UnitRow, result: UnitResult, rows: Sequence[DecisionRow], stuck: Mapping[UUID, Retry]
) -> OwnUnit:
    criteria = []
    for criterion in unit.criteria:
        own = {row.fact: row for row in rows if row.criterion_id == criterion.id}
        in_force = decision_in_force(own)
        state = result.for_student[criterion.number]
        advice = own[in_force].feedback if in_force and state is CriterionState.NOT_YET_MET else ""
        retry = stuck.get(criterion.id, Retry.OPEN)
        criteria.append(
            OwnCriterion(criterion.number, criterion.text, state, advice, str(criterion.id), retry)
        )
    return OwnUnit(unit_label(unit.code), unit.title, result.state, tuple(criteria))


@dataclass(frozen=True, slots=True)
class OwnStart:
    """What a student's home page tells of the course they are on. `to_confirm`: pieces a tutor wrote for them."""

    enrolment: Enrolment
    step: NextStep
    to_confirm: tuple[OwnEvidence, ...]


def own_start(person_id: UUID) -> OwnStart | None:
    """The one next step of a student and what waits for their word; None for who is on no course."""
    enrolment = the_one_to_show(own_enrolments(person_id))
    if enrolment is None:
        return None
    opened = may_hand_in(enrolment.status, ()) is None
    work = own_work(enrolment)
    step = replace(work.step, place=str(enrolment.id) if opened else "")
    waits = tuple(one for one in work.evidence if not one.by_student and not one.is_confirmed)
    return OwnStart(enrolment, step, waits)
