"""Reading one's own appeals, and what may be appealed: nothing of other students (A15)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.history_queries import DecisionRow, decision_rows
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, Unit
from recovery_college.courses.specification import unit_label
from recovery_college.fairness.appeal_files import AppealFile, appeal_rows, files_of
from recovery_college.fairness.appeal_models import (
    Appeal,
    AppealOutcome,
)
from recovery_college.fairness.appeal_rules import (
    AppealFinding,
    AppealState,
    StageFact,
)
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class OwnStage:
    """One stage as the student sees it."""

    stage: int
    words: str
    asked_on: date
    due_on: date
    reviewer: str
    finding: AppealFinding | None
    reasons: str
    next_steps: str
    found_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnAppeal:
    """One appeal as its student sees it: nothing of other students."""

    id: UUID
    cohort: str
    unit: str
    number: str
    text: str
    outcome: Outcome
    feedback: str
    decided_on: date
    assessor: str
    made_at: datetime
    state: AppealState
    stages: tuple[OwnStage, ...]
    facts: dict[int, StageFact]
    now: Outcome | None
    now_by: str
    is_taken_back: bool

    @property
    def stage(self) -> OwnStage:
        """The stage it has reached."""
        return self.stages[-1]


@dataclass(frozen=True, slots=True)
class Appealable:
    """A released decision in force that the student may ask to have looked at again."""

    enrolment_id: UUID
    criterion_id: UUID
    cohort: str
    unit: str
    number: str
    text: str
    decision: DecisionRow
    appeal_id: UUID | None


def own_appeals(actor: Actor) -> list[OwnAppeal]:
    """The actor's own appeals, latest first."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    return [_own(file) for file in files_of(appeal_rows().where(Enrolment.person_id == actor.person_id))]


def own_appeal(actor: Actor, appeal_id: UUID, *, lock: bool = False) -> OwnAppeal | None:
    """One of the actor's own appeals."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return None
    statement = appeal_rows().where(Appeal.id == appeal_id, Enrolment.person_id == actor.person_id)
    return next((_own(file) for file in files_of(statement, lock=lock)), None)


def answers_since(actor: Actor, since: datetime) -> list[tuple[UUID, str]]:
    """The actor's own appeals that were answered since, the latest first: (appeal, "Unit 2, 2.2"). One query."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    rows = session().execute(
        select(Appeal.id, Unit.code, AssessmentCriterion.number, func.max(AppealOutcome.decided_at))
        .join(AppealOutcome, AppealOutcome.appeal_id == Appeal.id)
        .join(Enrolment, Appeal.enrolment_id == Enrolment.id)
        .join(Decision, Appeal.decision_id == Decision.id)
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .where(Enrolment.person_id == actor.person_id, AppealOutcome.decided_at >= since)
        .group_by(Appeal.id, Unit.code, AssessmentCriterion.number)
        .order_by(func.max(AppealOutcome.decided_at).desc(), Appeal.id)
    )
    return [(appeal_id, f"{unit_label(code)}, {number}") for appeal_id, code, number, _ in rows]


def appealable(actor: Actor) -> list[Appealable]:
    """Every released decision in force about the actor, "not yet met" first. Four queries."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    s = session()
    cohorts: dict[UUID, str] = {}
    for enrolment_id, title in s.execute(
        select(Enrolment.id, Cohort.title)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == actor.person_id)
    ):
        cohorts[enrolment_id] = title
    live: dict[int, UUID] = {}
    for decision_id, appeal_id in s.execute(
        select(Appeal.decision_id, Appeal.id).where(
            Appeal.enrolment_id.in_(cohorts), Appeal.taken_back_at.is_(None)
        )
    ):
        live[decision_id] = appeal_id
    latest: dict[tuple[UUID, UUID], DecisionRow] = {}
    for rows in decision_rows(list(cohorts), released_only=True).values():
        for row in rows:
            latest[row.enrolment_id, row.criterion_id] = row
    told = s.execute(
        select(AssessmentCriterion.id, AssessmentCriterion.text, Unit.code, Unit.title)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .where(AssessmentCriterion.id.in_({criterion_id for _, criterion_id in latest}))
    )
    words = {one: (text, f"{unit_label(code)} {title}") for one, text, code, title in told}
    found = [
        Appealable(
            enrolment_id, criterion_id, cohorts[enrolment_id], words[criterion_id][1], row.number,
            words[criterion_id][0], row, live.get(row.id),
        )
        for (enrolment_id, criterion_id), row in latest.items()
    ]  # fmt: skip
    return sorted(
        found, key=lambda one: (one.decision.outcome is Outcome.MET, one.cohort, one.unit, one.number)
    )


def _own(file: AppealFile) -> OwnAppeal:
    stages = tuple(
        OwnStage(
            stage.stage, stage.words, stage.asked_on, stage.due_on, stage.reviewer,
            stage.finding.finding if stage.finding else None,
            stage.finding.reasons if stage.finding else "",
            stage.finding.next_steps if stage.finding else "",
            stage.finding.decided_at if stage.finding else None,
        )
        for stage in file.stages
    )  # fmt: skip
    later = file.in_force if file.in_force and file.in_force.id != file.decision.id else None
    return OwnAppeal(
        file.id, file.cohort, file.unit, file.number, file.text, file.decision.outcome, file.decision.feedback,
        file.decision.decided_on, file.decision.by_name, file.made_at, file.state, stages,
        {stage.stage: stage.fact for stage in file.stages},
        later.outcome if later else None, later.by_name if later else "", file.taken_back_at is not None,
    )  # fmt: skip
