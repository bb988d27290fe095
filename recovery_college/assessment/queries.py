"""Reading decisions and verdicts, and what follows from them: the state of every student's units (A8)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.claim_rules import NOT_CLAIMED, Credit
from recovery_college.assessment.evidence_facts import handed_in
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision, EqaEngagement, EqaEngagementCohort, IqaVerdict
from recovery_college.assessment.rules import (
    QUALITY_ASSURED,
    CriterionState,
    DecisionFact,
    UnitState,
    VerdictFact,
    awaits_countersignature,
    criteria_not_met,
    criterion_state_for_staff,
    criterion_state_for_student,
    is_submitted,
    unit_state,
)
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.courses.models import AssessmentCriterion, Cohort
from recovery_college.courses.queries import Place, cohort_visible_to, cohorts_visible_to, place_of
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import Syllabus, UnitRow, syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session


def engaged_cohorts(actor: Actor) -> set[UUID]:
    """The cohorts an external quality assurer's open engagements cover today (A11)."""
    if actor.role is not Role.EQA:
        return set()
    today = clock.today()
    return set(
        session().scalars(
            select(EqaEngagementCohort.cohort_id)
            .join(EqaEngagement, EqaEngagementCohort.engagement_id == EqaEngagement.id)
            .where(
                EqaEngagement.person_id == actor.person_id,
                EqaEngagement.opens_on <= today,
                EqaEngagement.ends_on >= today,
                EqaEngagement.ended_at.is_(None),
            )
        )
    )


def cohort_known_to(actor: Actor, cohort_id: UUID) -> Cohort | None:
    """One cohort, or None when the actor may not know of it: the rule of every page below /cohorts/<id>."""
    return cohort_visible_to(actor, cohort_id, engaged_cohorts(actor))


def cohorts_known_to(actor: Actor) -> Sequence[Cohort]:
    """The cohorts the actor may know of, newest first."""
    return cohorts_visible_to(actor, engaged_cohorts(actor))


def sequence_of(moment: datetime) -> int:
    """A moment as whole microseconds, the order in which decisions and verdicts follow each other."""
    return int(moment.timestamp() * 1_000_000)


AWAITS = Countersignature.decision_id.is_not(None) & Countersignature.signed_at.is_(None)
"""That a decision, outer-joined with `Countersignature`, still needs a signature beside its assessor's (A10)."""


def work_on_units(enrolment_id: UUID) -> dict[UUID, tuple[int, bool]]:
    """For each unit with work in it: how many decisions there are, and whether it is past quality assurance.

    The room below asks this before it changes the units of a place; app.py hands the question up.
    """
    decided = session().execute(
        select(AssessmentCriterion.unit_id, func.count())
        .join(Decision, Decision.criterion_id == AssessmentCriterion.id)
        .where(Decision.enrolment_id == enrolment_id)
        .group_by(AssessmentCriterion.unit_id)
    )
    counts: dict[UUID, int] = {row[0]: row[1] for row in decided}
    place = place_of(enrolment_id)
    if place is None:
        return {}
    cohort = session().get_one(Cohort, place.cohort_id)
    results = results_of(syllabus_of(cohort.qualification_id), [place])[enrolment_id]
    settled = {result.unit.id for result in results if result.state in QUALITY_ASSURED}
    return {unit_id: (counts.get(unit_id, 0), unit_id in settled) for unit_id in counts.keys() | settled}


@dataclass(frozen=True, slots=True)
class UnitResult:
    """Where one student's unit stands, and what of it is missing."""

    unit: UnitRow
    state: UnitState
    not_met: tuple[str, ...]
    for_staff: Mapping[str, CriterionState]
    for_student: Mapping[str, CriterionState]
    awaits_countersignature: bool = False

    @property
    def met(self) -> int:
        """How many criteria are met by released decisions."""
        return len(self.unit.criteria) - len(self.not_met)


def results_of(
    syllabus: Syllabus, places: Sequence[Place], units: Collection[UUID] | None = None
) -> dict[UUID, list[UnitResult]]:
    """For each place the results of its registered units in the order of the specification.

    Four queries whatever the number of students. `units` narrows to some units.
    """
    ids = [place.enrolment_id for place in places]
    registered = units_with_credit(ids)
    decisions = decision_facts(ids, syllabus)
    verdicts = verdict_facts(ids)
    evidence = handed_in(ids)
    results: dict[UUID, list[UnitResult]] = {}
    for place in places:
        own = registered[place.enrolment_id]
        results[place.enrolment_id] = [
            unit_result(
                unit,
                decisions.get((place.enrolment_id, unit.id), []),
                verdicts.get((place.enrolment_id, unit.id), []),
                own[unit.id],
                withdrawn=place.status is EnrolmentStatus.WITHDRAWN,
                handed_in=evidence[place.enrolment_id],
            )
            for unit in syllabus.units
            if unit.id in own and (units is None or unit.id in units)
        ]
    return results


def unit_result(
    unit: UnitRow,
    decisions: Sequence[DecisionFact],
    verdicts: Sequence[VerdictFact],
    credit: Credit = NOT_CLAIMED,
    *,
    withdrawn: bool,
    handed_in: Mapping[UUID, datetime] | None = None,
) -> UnitResult:
    """Put the rules to work on one student's unit. `handed_in`: by criterion, when its latest evidence came."""
    numbers = [criterion.number for criterion in unit.criteria]
    history: dict[str, list[DecisionFact]] = {number: [] for number in numbers}
    for fact in decisions:
        history[fact.criterion].append(fact)
    came = {
        criterion.number: sequence_of(handed_in[criterion.id])
        for criterion in unit.criteria
        if handed_in and criterion.id in handed_in
    }
    return UnitResult(
        unit=unit,
        state=unit_state(
            numbers,
            decisions,
            verdicts,
            claimed=credit.claimed,
            awarded=credit.awarded,
            withdrawn=withdrawn,
        ),
        not_met=criteria_not_met(numbers, decisions),
        for_staff={
            number: criterion_state_for_staff(facts, is_submitted(facts, came.get(number)))
            for number, facts in history.items()
        },
        for_student={
            number: criterion_state_for_student(
                facts, is_submitted((fact for fact in facts if fact.released), came.get(number))
            )
            for number, facts in history.items()
        },
        awaits_countersignature=awaits_countersignature(numbers, decisions),
    )


def decision_facts(
    enrolment_ids: Collection[UUID], syllabus: Syllabus
) -> dict[tuple[UUID, UUID], list[DecisionFact]]:
    """All decisions that count of these enrolments as facts for the rules, by enrolment and unit."""
    criteria = syllabus.criteria
    found: dict[tuple[UUID, UUID], list[DecisionFact]] = {}
    rows = session().execute(
        select(
            Decision.enrolment_id,
            Decision.criterion_id,
            Decision.attempt,
            Decision.revision,
            Decision.outcome,
            Decision.decided_on,
            Decision.recorded_at,
            Decision.released_at,
            AWAITS,
        )
        .outerjoin(Countersignature, Countersignature.decision_id == Decision.id)
        .where(Decision.enrolment_id.in_(enrolment_ids), ~taken_back())
    )
    for (
        enrolment_id, criterion_id, attempt, revision, outcome, decided_on, recorded_at, released_at, awaits,
    ) in rows:  # fmt: skip
        criterion = criteria.get(criterion_id)
        if criterion is None:
            continue  # of a qualification the student is not on now
        fact = DecisionFact(
            criterion.number,
            attempt,
            revision,
            outcome,
            decided_on,
            sequence_of(recorded_at),
            sequence_of(released_at) if released_at else None,
            bool(awaits),
        )
        found.setdefault((enrolment_id, criterion.unit_id), []).append(fact)
    return found


def verdict_facts(enrolment_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], list[VerdictFact]]:
    """All verdicts of these enrolments as facts for the rules, by enrolment and unit."""
    found: dict[tuple[UUID, UUID], list[VerdictFact]] = {}
    rows = session().execute(
        select(IqaVerdict.enrolment_id, IqaVerdict.unit_id, IqaVerdict.verdict, IqaVerdict.recorded_at).where(
            IqaVerdict.enrolment_id.in_(enrolment_ids)
        )
    )
    for enrolment_id, unit_id, verdict, recorded_at in rows:
        found.setdefault((enrolment_id, unit_id), []).append(VerdictFact(verdict, sequence_of(recorded_at)))
    return found
