"""Reading the appeals that a member of staff may know of, and those that wait for somebody (A15)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Select, exists

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import cohorts_scope
from recovery_college.fairness.appeal_files import AppealFile, appeal_rows, files_of
from recovery_college.fairness.appeal_models import (
    Appeal,
    AppealOutcome,
    AppealReviewer,
)
from recovery_college.fairness.appeal_rules import (
    CHANGES,
    OPEN,
    AppealState,
)
from recovery_college.fairness.reviewer_queries import may_decide_again


def appeals_visible_to(actor: Actor) -> list[AppealFile]:
    """The appeals this member of staff may know of, latest first: never one's own."""
    statement = _scope(actor)
    return [] if statement is None else [_as_seen_by(actor, file) for file in files_of(statement)]


def appeal_visible_to(actor: Actor, appeal_id: UUID, *, lock: bool = False) -> AppealFile | None:
    """One appeal, or None when the actor may not know of it."""
    statement = _scope(actor)
    if statement is None:
        return None
    found = files_of(statement.where(Appeal.id == appeal_id), lock=lock)
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
        for file in (_as_seen_by(actor, one) for one in files_of(statement))
        if (file.state is AppealState.REVIEW and file.stage.reviewer_id == actor.person_id)
        or (file.state is AppealState.DECISION_OWED and may_decide_again(actor, file))
        or (arranges and file.state in OPEN - {AppealState.REVIEW})
    ]
    return sorted(waiting, key=lambda file: (file.days_left, file.student))


def _scope(actor: Actor) -> Select[*tuple[Any, ...]] | None:
    """Administrators and quality assurers know of every appeal, tutors of those in their cohorts, and everybody
    of those they were asked to hear; nobody of their own here, which stand on a page of their own."""
    if not may(actor, Permission.APPEAL_SEE):
        return None
    statement = appeal_rows().where(Enrolment.person_id.is_distinct_from(actor.person_id))
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
