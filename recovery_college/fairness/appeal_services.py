"""Appeals: made, taken back, heard, answered, and what follows (A15). One verb, one transaction, its audit event."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import HOME, tell_answered
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import LONGEST_FEEDBACK
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment
from recovery_college.fairness.appeal_files import AppealFile
from recovery_college.fairness.appeal_models import (
    Appeal,
    AppealOther,
    AppealOutcome,
    AppealReviewer,
    AppealStage,
)
from recovery_college.fairness.appeal_queries import appeal_visible_to
from recovery_college.fairness.appeal_rules import (
    CHANGES,
    FIRST,
    SECOND,
    AppealFinding,
    AppealState,
    due_after,
    why_no_appeal,
    why_no_finding,
    why_no_new_decision,
    why_no_second_review,
)
from recovery_college.fairness.own_appeal_queries import own_appeal
from recovery_college.fairness.reviewer_queries import Candidate, candidates, may_decide_again, others_like
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.working_days import england_bank_holidays

LONGEST_TEXT = 4000


class AppealRefused(DeedRefused):
    """Why nothing was saved."""


class NoSuchAppeal(LookupError):
    """The appeal or the decision is not there, or the actor may not know of it."""


class StaleAppeal(Exception):
    """Something was recorded after the page was drawn. `file` is the appeal as it is now, where there is one."""

    def __init__(self, file: AppealFile | None = None) -> None:
        super().__init__()
        self.file = file


def make_appeal(actor: Actor, enrolment_id: UUID, criterion_id: UUID, seen: int, words: str) -> UUID:
    """Ask for a released decision about oneself to be looked at again. Sent twice is asked once.

    `seen`: the id of the decision the page showed; a later released one makes the page stale. No reason is
    owed: `words` may be empty. Raises NoSuchAppeal, AppealRefused, StaleAppeal.
    """
    with transaction() as s:
        place = s.scalar(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update())
        own = place is not None and place.person_id == actor.person_id
        if place is None or actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
            raise NoSuchAppeal
        decision = s.scalar(
            select(Decision)
            .where(
                Decision.enrolment_id == enrolment_id, Decision.criterion_id == criterion_id,
                Decision.released_at.is_not(None),
            )
            .order_by(Decision.attempt.desc(), Decision.revision.desc())
            .limit(1)
        )  # fmt: skip
        live = decision and s.scalar(
            select(Appeal).where(Appeal.decision_id == decision.id, Appeal.taken_back_at.is_(None))
        )
        if why_no_appeal(released=decision is not None, is_own=own, already=False) or decision is None:
            raise NoSuchAppeal
        if live:
            return live.id
        if decision.id != seen:
            raise StaleAppeal
        _check_length("words", words)
        made = Appeal(
            enrolment_id=enrolment_id, decision_id=decision.id, made_by=actor.person_id, made_at=clock.now()
        )
        s.add(made)
        s.flush()
        _open_stage(s, made.id, FIRST, words)
        record(
            s, actor, "appealed", "appeal", made.id,
            enrolment=str(enrolment_id), criterion=str(criterion_id), decision=decision.id,
        )  # fmt: skip
        return made.id


def ask_second_review(actor: Actor, appeal_id: UUID, words: str) -> None:
    """Ask for a second, independent review of one's own appeal. Twice is once. Raises NoSuchAppeal, AppealRefused."""
    with transaction() as s:
        own = own_appeal(actor, appeal_id, lock=True)
        if own is None:
            raise NoSuchAppeal
        if own.stage.stage == SECOND and own.stage.words == words.strip():
            return
        problem = why_no_second_review(own.facts, taken_back=own.is_taken_back)
        if problem:
            raise AppealRefused(problem, "words")
        _check_length("words", words)
        _open_stage(s, appeal_id, SECOND, words)
        record(s, actor, "asked for second review", "appeal", appeal_id)


def take_appeal_back(actor: Actor, appeal_id: UUID) -> None:
    """Take one's own appeal back while it is being looked at. Twice is once. Raises NoSuchAppeal, AppealRefused."""
    with transaction() as s:
        own = own_appeal(actor, appeal_id, lock=True)
        if own is None:
            raise NoSuchAppeal
        if own.is_taken_back:
            return
        if own.stage.finding is not None:
            raise AppealRefused("It has been answered, so there is nothing left to take back.")
        s.get_one(Appeal, appeal_id).taken_back_at = clock.now()
        record(s, actor, "took back", "appeal", appeal_id)


def name_reviewer(actor: Actor, appeal_id: UUID, person_id: UUID, seen: str) -> None:
    """Ask somebody independent to hear the stage an appeal has reached, or to make the new decision it led to.

    Naming the same person again changes nothing. Raises NoSuchAppeal, AppealRefused, StaleAppeal.
    """
    with transaction() as s:
        file = appeal_visible_to(actor, appeal_id, lock=True)
        if file is None or not may(actor, Permission.APPEAL_ARRANGE):
            raise NoSuchAppeal
        if file.stage.reviewer_id == person_id:
            return
        if file.stamp != seen:
            raise StaleAppeal(file)
        if file.state not in (AppealState.NOBODY_YET, AppealState.REVIEW, AppealState.DECISION_OWED):
            raise AppealRefused("This appeal has been answered, so nobody needs to hear it.", "person")
        asked = next((one for one in candidates(actor, file) if one.person_id == person_id), None)
        _check_candidate(asked)
        named = AppealReviewer(
            appeal_id=appeal_id, stage=file.stage.stage, person_id=person_id, named_by=actor.audit_id,
            named_at=clock.now(),
        )  # fmt: skip
        s.add(named)
        _flush(s, "person")
        record(s, actor, "named reviewer", "appeal", appeal_id, person=str(person_id), stage=file.stage.stage)


def _check_candidate(asked: Candidate | None) -> None:
    if asked is None:
        raise AppealRefused("Choose from the list", "person")
    if asked.why_not:
        raise AppealRefused(asked.why_not, "person")


def record_finding(
    actor: Actor,
    appeal_id: UUID,
    finding: AppealFinding,
    reasons: str,
    next_steps: str,
    others_affected: bool | None,
    others: Collection[UUID],
    seen: str,
) -> bool:
    """Record what the review found, and tell the student that there is an answer; False when sent twice.

    Only who was asked to hear this stage may, and only while they are independent. Raises NoSuchAppeal,
    AppealRefused, StaleAppeal.
    """
    with transaction() as s:
        file = appeal_visible_to(actor, appeal_id, lock=True)
        if file is None or not may(actor, Permission.APPEAL_HEAR) or actor.person_id is None:
            raise NoSuchAppeal
        reasons, next_steps = reasons.strip(), next_steps.strip()
        there = file.stage.finding
        own = there is not None and there.decided_by == actor.person_id
        said = (there.finding, there.reasons, there.next_steps) if there is not None else None
        if own and said == (finding, reasons, next_steps):
            return False
        if file.stage.reviewer_id != actor.person_id and not own:
            raise NoSuchAppeal
        if file.stamp != seen or there is not None or file.state is not AppealState.REVIEW:
            raise StaleAppeal(file)
        why_not = file.why_not(actor.person_id, conflicts_of(actor.person_id))
        if why_not:
            raise AppealRefused(f"{why_not} Tell the college, so that they ask somebody else.", "finding")
        possible = [one for one, _, _ in others_like(file)]
        problem = why_no_finding(
            finding, reasons=reasons, next_steps=next_steps, others_affected=others_affected,
            others=others, possible=possible,
        )  # fmt: skip
        if problem:
            field, sentence = problem
            raise AppealRefused(sentence, field)
        _check_length("reasons", reasons)
        _check_length("next_steps", next_steps)
        stage = file.stage.stage
        changes = finding in CHANGES
        s.add(
            AppealOutcome(
                appeal_id=appeal_id, stage=stage, finding=finding, reasons=reasons, next_steps=next_steps,
                others_affected=bool(others_affected) if changes else None, decided_by=actor.person_id,
                decided_at=_after(file),
            )
        )  # fmt: skip
        _flush(s, "finding")
        s.add_all(
            AppealOther(appeal_id=appeal_id, stage=stage, enrolment_id=one) for one in sorted(set(others))
        )
        record(
            s, actor, "answered", "appeal", appeal_id,
            stage=stage, finding=finding.value, others=len(set(others)),
        )  # fmt: skip
        tell_answered(s, file.person_id, HOME)
        return True


def decide_again(actor: Actor, appeal_id: UUID, outcome: Outcome, feedback: str, seen: str) -> int:
    """Record the new decision an upheld appeal led to, by an independent assessor, as a new row (A5, A15).

    It stands for the same attempt, since nothing was handed in again, and it is released at once: the student
    waits for it. Sent twice is recorded once. Raises NoSuchAppeal, AppealRefused, StaleAppeal.
    """
    with transaction() as s:
        file = appeal_visible_to(actor, appeal_id, lock=True)
        if file is None or actor.person_id is None or not may(actor, Permission.DECISION_RECORD):
            raise NoSuchAppeal
        s.execute(select(Enrolment.id).where(Enrolment.id == file.enrolment_id).with_for_update())
        feedback = feedback.strip()
        now = file.in_force
        own = now is not None and file.stamp != seen and now.decided_by == actor.person_id
        if own and now is not None and (now.outcome, now.feedback) == (outcome, feedback):
            return now.id
        if file.stamp != seen:
            raise StaleAppeal(file)
        problem = why_no_new_decision(file.state, outcome, feedback)
        if problem:
            field, sentence = problem
            raise AppealRefused(sentence, field)
        if not may_decide_again(actor, file):
            raise AppealRefused("An assessor who had no part in this unit must decide it.", "outcome")
        if len(feedback) > LONGEST_FEEDBACK:
            raise AppealRefused(f"Use {LONGEST_FEEDBACK:,} characters or fewer", "feedback")
        made = _new_decision(s, actor.person_id, file, outcome, feedback)
        record(
            s, actor, "decided", "decision", made.id,
            enrolment=str(file.enrolment_id), criterion=str(file.criterion_id), attempt=made.attempt,
            revision=made.revision, outcome=outcome.value, released=True, appeal=str(appeal_id),
        )  # fmt: skip
        tell_answered(s, file.person_id, HOME)
        return made.id


def _new_decision(s: Session, person_id: UUID, file: AppealFile, outcome: Outcome, feedback: str) -> Decision:
    latest = s.scalars(
        select(Decision)
        .where(Decision.enrolment_id == file.enrolment_id, Decision.criterion_id == file.criterion_id)
        .order_by(Decision.attempt.desc(), Decision.revision.desc())
        .limit(1)
    ).one()
    at = max(clock.now(), latest.recorded_at + timedelta(microseconds=1), _after(file))
    made = Decision(
        enrolment_id=file.enrolment_id, criterion_id=file.criterion_id, attempt=latest.attempt,
        revision=latest.revision + 1, outcome=outcome, feedback=feedback,
        decided_on=max(clock.today(), latest.decided_on), decided_by=person_id, recorded_at=at,
        released_at=at, released_by=person_id, is_imported=False,
    )  # fmt: skip
    s.add(made)
    _flush(s, "outcome")
    return made


def tell_awarding_organisation(actor: Actor, appeal_id: UUID, told_on: date) -> None:
    """Note the day the awarding organisation was told of an upheld appeal on a claimed unit. Twice is once."""
    with transaction() as s:
        file = appeal_visible_to(actor, appeal_id, lock=True)
        if file is None or not may(actor, Permission.APPEAL_ARRANGE):
            raise NoSuchAppeal
        if file.ao_told_on is not None:
            return
        if file.state is not AppealState.AO_TO_TELL:
            raise AppealRefused("The awarding organisation need not be told about this appeal.", "told_on")
        if told_on > clock.today():
            raise AppealRefused("The date is in the future. Enter today or an earlier date", "told_on")
        if told_on < clock.now().astimezone(clock.LONDON).date() - timedelta(days=3660):
            raise AppealRefused("Enter the date they were told, like 27 3 2026", "told_on")
        s.get_one(Appeal, appeal_id).ao_told_on = told_on
        record(s, actor, "told awarding organisation", "appeal", appeal_id, on=told_on.isoformat())


def _open_stage(s: Session, appeal_id: UUID, stage: int, words: str) -> None:
    settings = the_settings()
    days = settings.appeal_days if stage == FIRST else settings.appeal_second_days
    today = clock.today()
    s.add(
        AppealStage(
            appeal_id=appeal_id, stage=stage, words=words.strip(), asked_on=today,
            due_on=due_after(today, days, england_bank_holidays()),
        )
    )  # fmt: skip


def _after(file: AppealFile) -> datetime:
    """Now, but never at or before what was recorded about the decision: the order of events is what counts."""
    moments = [file.decision.recorded_at, file.decision.released_at]
    if file.in_force:
        moments += [file.in_force.recorded_at, file.in_force.released_at]
    moments += [stage.finding.decided_at for stage in file.stages if stage.finding]
    return max([clock.now(), *(one + timedelta(microseconds=1) for one in moments if one)])


def _flush(s: Session, field: str) -> None:
    """Write the rows. The database refuses who is not independent, whatever this code thinks (A10)."""
    try:
        s.flush()
    except IntegrityError as error:
        if "(A10)" in str(error.orig):
            raise AppealRefused("Somebody independent must do this: they had a part in it.", field) from error
        raise


def _check_length(field: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise AppealRefused(f"Use {LONGEST_TEXT:,} characters or fewer", field)
