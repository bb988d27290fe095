"""Reading cells of the marking with their histories, and everything a decision about them depends on."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, Uuid, bindparam, exists, func, select, true
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor
from recovery_college.assessment.cell_facts import CellFacts
from recovery_college.assessment.cells import is_reached
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.claim_rules import NOT_CLAIMED, Credit
from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.history_queries import DECISION_COLUMNS, Histories, decision_row, with_names
from recovery_college.assessment.models import Decision, IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import sequence_of
from recovery_college.assessment.resubmission_facts import without_tries
from recovery_college.assessment.rules import Verdict, VerdictFact, owes_answer, unit_state
from recovery_college.assessment.staff_queries import holds_award, in_conflict
from recovery_college.assessment.staff_rules import Award
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    CohortTutor,
    Enrolment,
    EnrolmentUnit,
    LearningOutcome,
    Qualification,
    Unit,
)
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


def cell_facts(
    actor: Actor, enrolment_id: UUID, criterion_id: UUID, *, lock: bool = False
) -> CellFacts | None:
    """One cell and the history of its unit; None when there is no such cell."""
    return cells_facts(actor, [enrolment_id], [criterion_id], lock=lock).get((enrolment_id, criterion_id))


def cells_facts(
    actor: Actor, enrolment_ids: Collection[UUID], criterion_ids: Collection[UUID], *, lock: bool = False
) -> dict[tuple[UUID, UUID], CellFacts]:
    """The cells of these students and criteria with their histories, in the order of the grid. Two queries, or three
    where a unit has a verdict.

    `lock` holds the enrolments until the transaction ends, so that two tutors decide one after the other. The
    caller makes sure the actor may see the cohort; `is_tutor` says whether they are assigned to it.
    """
    s = session()
    if lock and len(enrolment_ids) > 1:  # in one order, so that two tutors never wait for each other
        s.execute(
            select(Enrolment.id)
            .where(Enrolment.id.in_(enrolment_ids))
            .order_by(Enrolment.id)
            .with_for_update()
        )
    asked = {
        "actor": actor.person_id, "today": clock.today(),
        "enrolments": list(enrolment_ids), "criteria": list(criterion_ids),
    }  # fmt: skip
    rows = s.execute(_cells_statement(lock), asked).all()
    if not rows:
        return {}
    histories, numbers = _histories_of(enrolment_ids, {row[12] for row in rows})
    # Only a verified unit can be claimed, so the others need no third query.
    credits = units_with_credit(enrolment_ids) if any(row[-2] for row in rows) else {}
    return {(row[0], row[1]): _cell_of(row, histories, numbers, credits) for row in rows}


@cache
def _cells_statement(lock: bool) -> Select[*tuple[Any, ...]]:
    """What `cells_facts` asks. Made once: making it took two thirds of a save's time, while others waited to save."""
    actor = bindparam("actor", type_=Uuid)
    other, later = aliased(Decision), aliased(IqaVerdict)
    somebody, anybody = aliased(Enrolment), aliased(Enrolment)
    came = (
        select(func.max(Evidence.handed_in_at))
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .where(
            Evidence.enrolment_id == Enrolment.id,
            EvidenceCriterion.criterion_id == AssessmentCriterion.id,
            Evidence.closed_at.is_(None),
        )
        .correlate(Enrolment, AssessmentCriterion)
    )
    conflict = in_conflict(actor, Enrolment.person_id)
    qualified = holds_award(actor, Award.ASSESSOR, bindparam("today", type_=Date))
    in_training = holds_award(actor, Award.ASSESSOR) & ~qualified
    theirs = aliased(Evidence)
    hands_in = exists().where(
        theirs.enrolment_id == anybody.id, theirs.closed_at.is_(None),
        anybody.cohort_id == Enrolment.cohort_id,
    )  # fmt: skip
    assigned = exists().where(CohortTutor.cohort_id == Enrolment.cohort_id, CohortTutor.person_id == actor)
    statement = (
        select(
            Enrolment.id, AssessmentCriterion.id,
            Cohort.id, Cohort.holds_decisions, Cohort.ends_on, Qualification.resubmissions,
            Enrolment.person_id, Person.given_name, Person.family_name, Person.preferred_name,
            Enrolment.status, Enrolment.enrolled_on,
            Unit.id, Unit.code, Unit.title,
            AssessmentCriterion.number, AssessmentCriterion.text, LearningOutcome.number, LearningOutcome.text,
            EnrolmentUnit.unit_id, assigned,
            exists().where(
                other.criterion_id == AssessmentCriterion.id, other.enrolment_id == somebody.id,
                somebody.cohort_id == Enrolment.cohort_id,
            ),
            came.scalar_subquery(), hands_in, conflict, in_training,
            without_tries(Enrolment.id, AssessmentCriterion.id),
            exists().where(
                IqaVerdictCriterion.verdict_id == IqaVerdict.id,
                IqaVerdictCriterion.criterion_id == AssessmentCriterion.id,
            ),
            IqaVerdict.verdict, IqaVerdict.recorded_at,
        )
        .select_from(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Qualification, Cohort.qualification_id == Qualification.id)
        .join(Person, Enrolment.person_id == Person.id)
        .join(Unit, Unit.qualification_id == Cohort.qualification_id)
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == Unit.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .outerjoin(
            EnrolmentUnit,
            (EnrolmentUnit.enrolment_id == Enrolment.id) & (EnrolmentUnit.unit_id == Unit.id),
        )
        .outerjoin(
            IqaVerdict,
            (IqaVerdict.enrolment_id == Enrolment.id)
            & (IqaVerdict.unit_id == Unit.id)
            & ~exists().where(
                later.enrolment_id == IqaVerdict.enrolment_id, later.unit_id == IqaVerdict.unit_id,
                later.recorded_at > IqaVerdict.recorded_at,
            ),
        )
        .where(
            Enrolment.id.in_(bindparam("enrolments", expanding=True)),
            AssessmentCriterion.id.in_(bindparam("criteria", expanding=True)),
        )
        .order_by(
            Person.family_name, Person.given_name, Enrolment.id,
            Unit.position, LearningOutcome.position, AssessmentCriterion.position,
        )
    )  # fmt: skip
    return statement.with_for_update(of=Enrolment) if lock else statement


def _cell_of(
    row: Any,
    histories: Histories,
    numbers: dict[UUID, list[str]],
    credits: Mapping[UUID, Mapping[UUID, Credit]],
) -> CellFacts:
    (
        enrolment_id, criterion_id, cohort_id, holds, ends_on, resubmissions, person_id, given, family, preferred,
        status, enrolled_on, unit_id, code, title, number, text, outcome_number, outcome_text, registered,
        is_tutor, decided, handed_in_at, hands_in, conflict, in_training, no_tries, looked_at, verdict, verdict_at,
    ) = row  # fmt: skip
    rows = histories.get((enrolment_id, unit_id), [])
    credit = credits.get(enrolment_id, {}).get(unit_id, NOT_CLAIMED)
    state = unit_state(
        numbers[unit_id],
        [one.fact for one in rows],
        [VerdictFact(verdict, sequence_of(verdict_at))] if verdict else [],
        claimed=credit.claimed,
        awarded=credit.awarded,
        withdrawn=status is EnrolmentStatus.WITHDRAWN,
    )
    returned = verdict is Verdict.RETURNED and not any(
        one.released_at and one.recorded_at > verdict_at for one in rows
    )
    owes = looked_at and owes_answer(
        VerdictFact(verdict, sequence_of(verdict_at)), (number,), number, [one.fact for one in rows]
    )
    reached = is_reached(bool(decided), bool(hands_in), ends_on, clock.today())
    return CellFacts(
        cohort_id, holds, enrolment_id, person_id, display_name(given, family, preferred), status, enrolled_on,
        unit_id, code, title, criterion_id, number, text, outcome_number, outcome_text, resubmissions,
        registered is not None, bool(is_tutor), reached, state,
        tuple(one for one in rows if one.number == number), verdict, verdict_at,
        handed_in_at, bool(conflict), returned, bool(owes), bool(in_training), bool(no_tries),
    )  # fmt: skip


def _histories_of(
    enrolment_ids: Collection[UUID], unit_ids: Collection[UUID]
) -> tuple[Histories, dict[UUID, list[str]]]:
    """Students' decisions by (enrolment, unit), each criterion's earliest first, and each unit's criteria."""
    asked = {"enrolments": list(enrolment_ids), "units": list(unit_ids)}
    histories: Histories = {}
    numbers: dict[UUID, dict[str, None]] = {}
    for columns in session().execute(_histories_statement(), asked):
        numbers.setdefault(columns.unit_id, {})[columns.number] = None
        if columns.id is not None:
            row = decision_row(columns)
            histories.setdefault((row.enrolment_id, row.unit_id), []).append(row)
    return histories, {unit_id: list(found) for unit_id, found in numbers.items()}


@cache
def _histories_statement() -> Select[*tuple[Any, ...]]:
    """The criteria of these units beside each student's decisions on them, with none where there are none."""
    return with_names(
        select(*DECISION_COLUMNS)
        .select_from(Enrolment)
        .join(AssessmentCriterion, true())
        .outerjoin(
            Decision,
            (Decision.criterion_id == AssessmentCriterion.id) & (Decision.enrolment_id == Enrolment.id),
        )
        .where(
            Enrolment.id.in_(bindparam("enrolments", expanding=True)),
            AssessmentCriterion.unit_id.in_(bindparam("units", expanding=True)),
        )
        .order_by(AssessmentCriterion.position, Decision.attempt, Decision.revision)
    )
