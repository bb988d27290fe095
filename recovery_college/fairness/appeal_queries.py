"""Reading appeals (A15): one's own, those a member of staff may know of, and those waiting for somebody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.history_queries import DecisionRow, decision_rows, verdict_rows
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, UnitState, decision_in_force
from recovery_college.assessment.staff_queries import conflicts_among, conflicts_of
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, Unit
from recovery_college.courses.queries import cohorts_scope
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
    OPEN,
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
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.rules import display_name

HEAR = (Role.TUTOR, Role.IQA, Role.ADMIN)
"""The roles from which somebody is asked to hear an appeal."""


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might hear an appeal, and why not, if not."""

    person_id: UUID
    name: str
    roles: tuple[Role, ...]
    why_not: str | None


def own_appeals(actor: Actor) -> list[OwnAppeal]:
    """The actor's own appeals, latest first."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    return [_own(file) for file in _files(_appeals().where(Enrolment.person_id == actor.person_id))]


def own_appeal(actor: Actor, appeal_id: UUID, *, lock: bool = False) -> OwnAppeal | None:
    """One of the actor's own appeals."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return None
    statement = _appeals().where(Appeal.id == appeal_id, Enrolment.person_id == actor.person_id)
    return next((_own(file) for file in _files(statement, lock=lock)), None)


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


def appeals_visible_to(actor: Actor) -> list[AppealFile]:
    """The appeals this member of staff may know of, latest first: never one's own."""
    statement = _scope(actor)
    return [] if statement is None else [_as_seen_by(actor, file) for file in _files(statement)]


def appeal_visible_to(actor: Actor, appeal_id: UUID, *, lock: bool = False) -> AppealFile | None:
    """One appeal, or None when the actor may not know of it."""
    statement = _scope(actor)
    if statement is None:
        return None
    found = _files(statement.where(Appeal.id == appeal_id), lock=lock)
    return next((_as_seen_by(actor, file) for file in found), None)


def appeals_waiting(actor: Actor) -> list[AppealFile]:
    """Those that wait for this person, the fewest working days left first.

    For who was asked to hear one: until it is answered. For administrators also those that nobody hears yet,
    and whatever else is owed.
    """
    arranges = may(actor, Permission.APPEAL_ARRANGE)
    statement = _scope(actor)
    if statement is None:
        return []
    if (
        not arranges
    ):  # only what this person was asked to hear, or an upheld one that owes a decision, can wait
        changes = exists().where(AppealOutcome.appeal_id == Appeal.id, AppealOutcome.finding.in_(CHANGES))
        decides = may(actor, Permission.DECISION_RECORD)
        statement = statement.where(_asked_of(actor) | changes if decides else _asked_of(actor))
    waiting = [
        file
        for file in (_as_seen_by(actor, one) for one in _files(statement))
        if (file.state is AppealState.REVIEW and file.stage.reviewer_id == actor.person_id)
        or (file.state is AppealState.DECISION_OWED and may_decide_again(actor, file))
        or (arranges and file.state in OPEN - {AppealState.REVIEW})
    ]
    return sorted(waiting, key=lambda file: (file.days_left, file.student))


def may_decide_again(actor: Actor, file: AppealFile) -> bool:
    """Whether the actor may record the new decision: an assessor who is independent (A15)."""
    if not may(actor, Permission.DECISION_RECORD) or file.state is not AppealState.DECISION_OWED:
        return False
    why_not = why_not_hear(
        actor.person_id, student=file.person_id, deciders=file.deciders, verifiers=file.verifiers,
        conflicts=conflicts_of(actor.person_id),
    )  # fmt: skip
    return why_not is None


def candidates(actor: Actor, file: AppealFile) -> list[Candidate]:
    """Everybody who might be asked, for who arranges appeals; who may not is named with the reason."""
    if not may(actor, Permission.APPEAL_ARRANGE):
        return []
    people = colleagues()
    conflicts = conflicts_among(people)
    owed = file.state is AppealState.DECISION_OWED
    return [
        Candidate(person_id, name, roles, file.why_not(person_id, conflicts[person_id]))
        for person_id, (name, roles) in people.items()
        if not owed or Role.TUTOR in roles
    ]


def colleagues() -> dict[UUID, tuple[str, tuple[Role, ...]]]:
    """Everybody with an open account who teaches, quality-assures or administers: name and roles. One query."""
    roles: dict[UUID, list[Role]] = {}
    names: dict[UUID, str] = {}
    rows = session().execute(
        select(Person.id, Person.given_name, Person.family_name, Person.preferred_name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_(HEAR), RoleGrant.ended_at.is_(None),
            exists().where(Account.person_id == Person.id, Account.closed_at.is_(None)),
        )
        .order_by(Person.family_name, Person.given_name)
    )  # fmt: skip
    for person_id, given, family, preferred, role in rows:
        names[person_id] = display_name(given, family, preferred)
        roles.setdefault(person_id, []).append(role)
    return {person_id: (name, tuple(roles[person_id])) for person_id, name in names.items()}


def others_like(file: AppealFile) -> list[tuple[UUID, str, str]]:
    """Other students with a decision of the same assessor on the same criterion: (enrolment, name, cohort)."""
    rows = session().execute(
        select(
            Enrolment.id, Person.given_name, Person.family_name, Person.preferred_name, Cohort.title
        )
        .join(Person, Enrolment.person_id == Person.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(
            Enrolment.id != file.enrolment_id,
            exists().where(
                Decision.enrolment_id == Enrolment.id, Decision.criterion_id == file.criterion_id,
                Decision.decided_by == file.decision.decided_by, Decision.released_at.is_not(None),
            ),
        )
        .order_by(Cohort.title, Person.family_name, Person.given_name, Enrolment.id)
    )  # fmt: skip
    return [
        (one, display_name(given, family, preferred), cohort)
        for one, given, family, preferred, cohort in rows
    ]


def _appeals() -> Select[*tuple[Any, ...]]:
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


def _scope(actor: Actor) -> Select[*tuple[Any, ...]] | None:
    """Administrators and quality assurers know of every appeal, tutors of those in their cohorts, and everybody
    of those they were asked to hear; nobody of their own here, which stand on a page of their own."""
    if not may(actor, Permission.APPEAL_SEE):
        return None
    statement = _appeals().where(Enrolment.person_id.is_distinct_from(actor.person_id))
    if actor.role in (Role.ADMIN, Role.IQA):
        return statement
    mine = cohorts_scope(actor).with_only_columns(Cohort.id)
    return statement.where(_asked_of(actor) | Enrolment.cohort_id.in_(mine))


def _asked_of(actor: Actor) -> Exists:
    """That the actor was asked to hear a stage of it."""
    return exists().where(AppealReviewer.appeal_id == Appeal.id, AppealReviewer.person_id == actor.person_id)


def _as_seen_by(actor: Actor, file: AppealFile) -> AppealFile:
    """The student's words are for who arranges the hearing and who hears: they may be about a colleague. The
    feedback they appeal is for who reads feedback anyway, and for who hears."""
    asked = {stage.reviewer_id for stage in file.stages}
    asked |= {stage.finding.decided_by for stage in file.stages if stage.finding}
    hears = actor.person_id in asked
    if not hears and not may(actor, Permission.FEEDBACK_SEE):
        file = _without_feedback(file)
    if hears or may(actor, Permission.APPEAL_ARRANGE):
        return file
    stages = tuple(replace(stage, words="") for stage in file.stages)
    return replace(file, stages=stages, reads_words=False)


def _without_feedback(file: AppealFile) -> AppealFile:
    """An administrator arranges the hearing knowing states alone (trust.md, "decisions, feedback")."""
    return replace(
        file,
        decision=file.decision._replace(feedback=""),
        in_force=file.in_force._replace(feedback="") if file.in_force else None,
        history=tuple(row._replace(feedback="") for row in file.history),
        reads_feedback=False,
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


def _files(statement: Select[*tuple[Any, ...]], *, lock: bool = False) -> list[AppealFile]:
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
                frozenset(row.decided_by for row in own),
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
