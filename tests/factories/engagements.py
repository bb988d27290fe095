"""Engagements of external quality assurers for tests, made straight in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from recovery_college.assessment.engagement_models import (
    EqaAction,
    EqaActionNote,
    EqaLeave,
    EqaObjection,
    EqaPick,
    EqaReport,
)
from recovery_college.assessment.engagement_rules import Finding
from recovery_college.assessment.models import EqaEngagement, EqaEngagementCohort
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


def an_engagement(
    person_id: UUID,
    cohort_ids: Sequence[UUID],
    *,
    days_ago: int = 1,
    days_left: int = 30,
    purpose: str = "",
) -> UUID:
    """An engagement that began some days ago and lasts some days more."""
    with transaction() as s:
        one = EqaEngagement(
            person_id=person_id,
            opens_on=clock.today() - timedelta(days=days_ago),
            ends_on=clock.today() + timedelta(days=days_left),
            purpose=purpose,
            created_by="console:tests",
        )
        s.add(one)
        s.flush()
        s.add_all(EqaEngagementCohort(engagement_id=one.id, cohort_id=cohort) for cohort in cohort_ids)
    return one.id


def a_pick(engagement_id: UUID, enrolment_id: UUID, unit_id: UUID, by: UUID, reason: str = "") -> UUID:
    """A picked unit."""
    with transaction() as s:
        pick = EqaPick(
            engagement_id=engagement_id, enrolment_id=enrolment_id, unit_id=unit_id, reason=reason,
            picked_by=by, picked_at=clock.now(),
        )  # fmt: skip
        s.add(pick)
        s.flush()
    return pick.id


def an_objection(pick_id: UUID, by: UUID, words: str) -> UUID:
    """An objection that waits for the external's answer."""
    with transaction() as s:
        made = EqaObjection(pick_id=pick_id, words=words, objected_by=by, objected_at=clock.now())
        s.add(made)
        s.flush()
    return made.id


def a_leave(engagement_id: UUID, evidence_id: UUID) -> UUID:
    """A question to the student that waits for an answer."""
    with transaction() as s:
        made = EqaLeave(engagement_id=engagement_id, evidence_id=evidence_id, asked_at=clock.now())
        s.add(made)
        s.flush()
    return made.id


@dataclass
class SentReport:
    """A report with one action."""

    engagement_id: UUID
    action_id: UUID


def a_sent_report(
    person_id: UUID,
    cohort_ids: Sequence[UUID],
    college: UUID,
    *,
    words: str = "Four portfolios.",
    action: str = "Date each observation.",
    note: str = "Done in the new form.",
    days_left: int = -200,
    act_in_days: int = -100,
) -> SentReport:
    """An earlier engagement whose external sent a report with an action, and what the college wrote about it."""
    engagement_id = an_engagement(person_id, cohort_ids, days_ago=200 + 10, days_left=days_left, purpose="")
    with transaction() as s:
        made = EqaAction(
            engagement_id=engagement_id,
            words=action,
            act_by_on=clock.today() + timedelta(days=act_in_days),
            added_at=clock.now(),
        )
        s.add(made)
        s.flush()
        s.add(
            EqaReport(
                engagement_id=engagement_id, written_by=person_id, looked_at=words,
                finding=Finding.ACTIONS, saved_at=clock.now(), sent_at=clock.now(),
            )
        )  # fmt: skip
        if note:
            s.add(EqaActionNote(action_id=made.id, words=note, noted_by=college, noted_at=clock.now()))
    return SentReport(engagement_id, made.id)
