"""Appeals read in full: their stages, who had a part in the decision, and what is in force now (A15)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.history_queries import DecisionRow, decision_rows, verdict_rows
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, UnitState, decision_in_force
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, Unit
from recovery_college.courses.specification import unit_label
from recovery_college.fairness.appeal_models import (
    Appeal,
    AppealOther,
    AppealOutcome,
    AppealReviewer,
    AppealStage,
)
from recovery_college.fairness.appeal_rules import (
    CHANGES,
    AppealFinding,
    AppealState,
    StageFact,
    appeal_state,
    days_left,
    why_not_hear,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.working_days import england_bank_holidays
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


@dataclass(frozen=True, slots=True)
class Finding:
    """What a review found."""

    finding: AppealFinding
    reasons: str
    next_steps: str
    others_affected: bool | None
    decided_by: UUID
    by_name: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an appeal. `others`: students whom its finding affects, by name."""

    stage: int
    words: str
    asked_on: date
    due_on: date
    reviewer_id: UUID | None
    reviewer: str
    finding: Finding | None
    others: tuple[tuple[UUID, str], ...] = ()

    @property
    def fact(self) -> StageFact:
        """The stage as the rules take it."""
        found = self.finding.finding if self.finding else None
        return StageFact(self.stage, self.due_on, self.reviewer_id is not None, found)


@dataclass(frozen=True, slots=True)
class AppealFile:
    """One appeal as staff may know it. `words` of its stages are empty for who may not read them.

    `unit_state` tells whether the unit is claimed or awarded; of everything before that it says "in progress".
    `deciders`: everyone who assessed part of the unit or countersigned it (A10).
    """

    id: UUID
    enrolment_id: UUID
    person_id: UUID
    student: str
    cohort_id: UUID
    cohort: str
    unit_id: UUID
    unit: str
    criterion_id: UUID
    number: str
    text: str
    decision: DecisionRow
    made_at: datetime
    taken_back_at: datetime | None
    ao_told_on: date | None
    stages: tuple[Stage, ...]
    deciders: frozenset[UUID]
    verifiers: frozenset[UUID]
    unit_state: UnitState
    in_force: DecisionRow | None
    state: AppealState
    history: tuple[DecisionRow, ...] = ()
    reads_words: bool = True
    reads_feedback: bool = True

    @property
    def stage(self) -> Stage:
        """The stage it has reached."""
        return self.stages[-1]

    @property
    def heard_before(self) -> UUID | None:
        """Who heard the stage before this one."""
        before = self.stages[-2].finding if len(self.stages) > 1 else None
        return before.decided_by if before else None

    @property
    def days_left(self) -> int:
        """Working days left until the stage is due."""
        return days_left(clock.today(), self.stage.due_on, england_bank_holidays())

    @property
    def stamp(self) -> str:
        """How much has been recorded: rows are only ever added, so it changes with each."""
        named = f"{self.stage.reviewer_id.hex if self.stage.reviewer_id else 0}"
        found = int(self.stage.finding is not None)
        seen = self.in_force.id if self.in_force else 0
        return f"{len(self.stages)}.{named}.{found}.{int(self.taken_back_at is not None)}.{seen}"

    def why_not(self, person_id: UUID | None, conflicts: Collection[UUID] = ()) -> str | None:
        """Why this person may not hear the stage it has reached, or None (A10)."""
        return why_not_hear(
            person_id, student=self.person_id, deciders=self.deciders, verifiers=self.verifiers,
            heard_before=self.heard_before, conflicts=conflicts,
        )  # fmt: skip


def appeal_rows() -> Select[*tuple[Any, ...]]:
    """The statement of every appeal: the caller narrows it, and hands it to `files_of`."""
    return (
        select(
            Appeal, Enrolment.person_id, Enrolment.cohort_id, Cohort.title, Cohort.qualification_id,
            Person.given_name, Person.family_name, Person.preferred_name, Unit.id, Unit.code, Unit.title,
            AssessmentCriterion.id, AssessmentCriterion.number, AssessmentCriterion.text,
        )
        .join(Enrolment, Appeal.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Person, Enrolment.person_id == Person.id)
        .join(Decision, Appeal.decision_id == Decision.id)
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .join(Unit, AssessmentCriterion.unit_id == Unit.id)
        .order_by(Appeal.made_at.desc(), Appeal.id)
    )  # fmt: skip


def files_of(statement: Select[*tuple[Any, ...]], *, lock: bool = False) -> list[AppealFile]:
    """The appeals of a statement in full: four queries, and one where one was upheld."""
    s = session()
    if lock:
        statement = statement.with_for_update(of=Appeal).execution_options(populate_existing=True)
    rows = s.execute(statement).all()
    if not rows:
        return []
    enrolments = {row[0].enrolment_id for row in rows}
    stages = _stages([row[0].id for row in rows])
    decisions, verdicts = decision_rows(enrolments), verdict_rows(enrolments)
    upheld = {
        row[0].enrolment_id
        for row in rows
        if any(one.finding and one.finding.finding in CHANGES for one in stages[row[0].id])
    }
    states = _unit_states(upheld)
    files = []
    for (
        appeal, person_id, cohort_id, cohort, _, given, family, preferred, unit_id, code, title, criterion_id,
        number, text,
    ) in rows:  # fmt: skip
        key = (appeal.enrolment_id, unit_id)
        own = decisions.get(key, [])
        in_criterion = [row for row in own if row.criterion_id == criterion_id]
        by_fact = {row.fact: row for row in in_criterion}
        fact = decision_in_force(by_fact)
        in_force = by_fact[fact] if fact else None
        unit_state = states.get(key, UnitState.IN_PROGRESS)
        decision = next(row for row in in_criterion if row.id == appeal.decision_id)
        found = stages[appeal.id]
        files.append(
            AppealFile(
                appeal.id, appeal.enrolment_id, person_id, display_name(given, family, preferred), cohort_id,
                cohort, unit_id, f"{unit_label(code)} {title}", criterion_id, number, text, decision,
                appeal.made_at, appeal.taken_back_at, appeal.ao_told_on, found,
                frozenset(
                    one for row in own for one in (row.decided_by, row.countersigned_by) if one is not None
                ),
                frozenset(row.verified_by for row in verdicts.get(key, [])),
                unit_state, in_force,
                appeal_state(
                    {one.stage: one.fact for one in found},
                    taken_back=appeal.taken_back_at is not None,
                    decided_since=_decided_since(found[-1].finding, decision, in_force, in_criterion),
                    unit=unit_state,
                    ao_told=appeal.ao_told_on is not None,
                ),
                tuple(row for row in in_criterion if row.released_at is not None),
            )
        )  # fmt: skip
    return files


def _decided_since(
    finding: Finding | None, appealed: DecisionRow, in_force: DecisionRow | None, rows: Sequence[DecisionRow]
) -> bool:
    """Whether somebody else decided after the finding, or the criterion is met by now, so nothing is owed."""
    if finding is None:
        return False
    if in_force is not None and in_force.id != appealed.id and in_force.outcome is Outcome.MET:
        return True
    return any(
        row.released_at is not None
        and row.recorded_at > finding.decided_at
        and row.decided_by != appealed.decided_by
        for row in rows
    )


def _unit_states(enrolment_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], UnitState]:
    """Which units of these enrolments are claimed or awarded: all that an appeal asks of a state. One query."""
    if not enrolment_ids:
        return {}
    return {
        (enrolment_id, unit_id): UnitState.AWARDED if credit.awarded else UnitState.CLAIMED
        for enrolment_id, units in units_with_credit(enrolment_ids).items()
        for unit_id, credit in units.items()
        if credit.awarded or credit.claimed
    }


def _stages(appeal_ids: list[UUID]) -> dict[UUID, tuple[Stage, ...]]:
    """The stages of these appeals: who hears, what was found, and whom it affects. One query."""
    hears, found_by, affected = aliased(Person), aliased(Person), aliased(Person)
    rows = session().execute(
        select(
            AppealStage,
            AppealReviewer.person_id, hears.given_name, hears.family_name, hears.preferred_name,
            AppealOutcome, found_by.given_name, found_by.family_name, found_by.preferred_name,
            AppealOther.enrolment_id, affected.given_name, affected.family_name, affected.preferred_name,
        )
        .outerjoin(AppealReviewer, _same_stage(AppealReviewer))
        .outerjoin(hears, AppealReviewer.person_id == hears.id)
        .outerjoin(AppealOutcome, _same_stage(AppealOutcome))
        .outerjoin(found_by, AppealOutcome.decided_by == found_by.id)
        .outerjoin(AppealOther, _same_stage(AppealOther))
        .outerjoin(Enrolment, AppealOther.enrolment_id == Enrolment.id)
        .outerjoin(affected, Enrolment.person_id == affected.id)
        .where(AppealStage.appeal_id.in_(appeal_ids))
        .order_by(
            AppealStage.stage, AppealReviewer.named_at, AppealReviewer.id, affected.family_name, affected.given_name
        )
    )  # fmt: skip
    stages: dict[UUID, dict[int, Stage]] = {}
    others: dict[tuple[UUID, int], dict[UUID, str]] = {}
    for row, reviewer_id, *rest in rows:
        reviewer, outcome, decider, other_id, other = rest[:3], rest[3], rest[4:7], rest[7], rest[8:]
        own = others.setdefault((row.appeal_id, row.stage), {})
        if other_id is not None:
            own[other_id] = display_name(*other)
        finding = outcome and Finding(
            outcome.finding, outcome.reasons, outcome.next_steps, outcome.others_affected, outcome.decided_by,
            display_name(*decider), outcome.decided_at,
        )  # fmt: skip
        stages.setdefault(row.appeal_id, {})[row.stage] = Stage(
            row.stage, row.words, row.asked_on, row.due_on, reviewer_id,
            display_name(*reviewer) if reviewer_id else "", finding, tuple(own.items()),
        )  # fmt: skip
    return {appeal_id: tuple(found.values()) for appeal_id, found in stages.items()}


def _same_stage(
    table: type[AppealReviewer] | type[AppealOutcome] | type[AppealOther],
) -> ColumnElement[bool]:
    return (table.appeal_id == AppealStage.appeal_id) & (table.stage == AppealStage.stage)
