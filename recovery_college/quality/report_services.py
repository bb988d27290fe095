"""The external's report with its actions, and what becomes of them (A11)."""

from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.engagement_models import EqaAction, EqaActionNote, EqaReport
from recovery_college.assessment.engagement_rules import Finding
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.quality.engagement_queries import EngagementRow, engagement_visible_to
from recovery_college.quality.engagement_services import (
    LONGEST_WORDS,
    EngagementRefused,
    NoSuchEngagement,
    StaleEngagement,
)
from recovery_college.quality.report_queries import action_visible_to

MOST_ACTIONS = 50


def save_report(
    actor: Actor,
    engagement_id: UUID,
    looked_at: str,
    good_practice: str,
    concerns: str,
    finding: Finding | None,
    seen: int,
    *,
    send: bool = False,
) -> None:
    """Save the external's report as their draft, or send it to the college: then it is frozen.

    `seen`: the version the page showed, 0 when there was none. Raises NoSuchEngagement, StaleEngagement,
    EngagementRefused.
    """
    with transaction() as s:
        _theirs(actor, engagement_id)
        assert actor.person_id is not None
        texts = {"looked_at": looked_at, "good_practice": good_practice, "concerns": concerns}
        for field, text in texts.items():
            if len(text) > LONGEST_WORDS:
                raise EngagementRefused(f"Use {LONGEST_WORDS:,} characters or fewer", field)
        report = _report(s, engagement_id)
        if report is not None and report.sent_at is not None:
            raise EngagementRefused("Your report is with the college, so it cannot be changed any more")
        if (report.version if report else 0) != seen:
            raise StaleEngagement
        if send:
            _check_whole(s, engagement_id, looked_at, finding)
        if report is None:
            report = EqaReport(engagement_id=engagement_id, written_by=actor.person_id, version=0)
            s.add(report)
        for field, text in texts.items():
            setattr(report, field, text.strip())
        report.finding, report.version = finding, report.version + 1
        report.saved_at = clock.now()
        s.flush()
        if send:
            report.sent_at = clock.now()
            actions = s.scalar(select(func.count()).where(EqaAction.engagement_id == engagement_id)) or 0
            record(
                s, actor, "sent report", "engagement", engagement_id,
                finding=finding.value if finding else "", actions=actions,
            )  # fmt: skip
        else:
            record(s, actor, "saved report", "engagement", engagement_id, version=report.version)


def _check_whole(s: Session, engagement_id: UUID, looked_at: str, finding: Finding | None) -> None:
    if not looked_at.strip():
        raise EngagementRefused("Write what you looked at", "looked_at")
    if finding is None:
        raise EngagementRefused("Choose what your report comes to", "finding")
    actions = s.scalar(select(func.count()).where(EqaAction.engagement_id == engagement_id)) or 0
    if finding is Finding.NO_ACTION and actions:
        raise EngagementRefused(
            "You added actions, so the report cannot come to “no action needed”", "finding"
        )
    if finding is not Finding.NO_ACTION and not actions:
        raise EngagementRefused("Add the actions you ask for first, then send the report", "finding")


def add_action(actor: Actor, engagement_id: UUID, words: str, act_by_on: date) -> None:
    """Add an action to the report while it is a draft. The same action twice is added once."""
    with transaction() as s:
        _theirs(actor, engagement_id)
        _check_draft(s, engagement_id)
        words = words.strip()
        if not words:
            raise EngagementRefused("Write what the college should do", "words")
        if len(words) > LONGEST_WORDS:
            raise EngagementRefused(f"Use {LONGEST_WORDS:,} characters or fewer", "words")
        if act_by_on < clock.today():
            raise EngagementRefused(
                "The day to act by is in the past. Enter today or a later day", "act_by_on"
            )
        there = s.scalars(select(EqaAction).where(EqaAction.engagement_id == engagement_id)).all()
        if any((one.words, one.act_by_on) == (words, act_by_on) for one in there):
            return
        if len(there) >= MOST_ACTIONS:
            raise EngagementRefused(f"A report has {MOST_ACTIONS} actions at most", "words")
        s.add(EqaAction(engagement_id=engagement_id, words=words, act_by_on=act_by_on, added_at=clock.now()))
        record(s, actor, "added action", "engagement", engagement_id, act_by=act_by_on.isoformat())


def remove_action(actor: Actor, engagement_id: UUID, action_id: UUID) -> None:
    """Take an action out of a report that is not sent."""
    with transaction() as s:
        _theirs(actor, engagement_id)
        _check_draft(s, engagement_id)
        gone = s.execute(
            delete(EqaAction)
            .where(EqaAction.id == action_id, EqaAction.engagement_id == engagement_id)
            .execution_options(synchronize_session=False)
        )
        if gone.rowcount:  # type: ignore[attr-defined]
            record(s, actor, "removed action", "engagement", engagement_id, eqa_action=str(action_id))


def note_action(actor: Actor, action_id: UUID, words: str, is_done: bool, seen: int) -> None:
    """The college writes what became of an action. `seen`: how many notes the page showed."""
    with transaction() as s:
        s.execute(select(EqaAction.id).where(EqaAction.id == action_id).with_for_update())
        action = action_visible_to(actor, action_id)
        if action is None or actor.person_id is None or not may(actor, Permission.ENGAGEMENT_ANSWER):
            raise NoSuchEngagement
        words = words.strip()
        if not words:
            raise EngagementRefused("Write what was done", "words")
        if len(words) > LONGEST_WORDS:
            raise EngagementRefused(f"Use {LONGEST_WORDS:,} characters or fewer", "words")
        last = action.notes[-1] if action.notes else None
        if last is not None and len(action.notes) != seen and (last.words, last.is_done) == (words, is_done):
            return  # sent twice
        if len(action.notes) != seen:
            raise StaleEngagement
        s.add(
            EqaActionNote(
                action_id=action_id, words=words, is_done=is_done, noted_by=actor.person_id,
                noted_at=clock.now(),
            )
        )  # fmt: skip
        record(
            s,
            actor,
            "noted action",
            "engagement",
            action.engagement_id,
            eqa_action=str(action_id),
            done=is_done,
        )


def _theirs(actor: Actor, engagement_id: UUID) -> EngagementRow:
    engagement = engagement_visible_to(actor, engagement_id)
    if (
        engagement is None
        or actor.person_id is None
        or engagement.person_id != actor.person_id
        or not may(actor, Permission.ENGAGEMENT_PICK)
    ):
        raise NoSuchEngagement
    return engagement


def _report(s: Session, engagement_id: UUID) -> EqaReport | None:
    return s.scalar(
        select(EqaReport)
        .where(EqaReport.engagement_id == engagement_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _check_draft(s: Session, engagement_id: UUID) -> None:
    report = _report(s, engagement_id)
    if report is not None and report.sent_at is not None:
        raise EngagementRefused("Your report is with the college, so its actions cannot be changed any more")
