"""Reading the external quality assurer's report and its actions, each for whom it is (A11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.engagement_models import (
    EqaAction,
    EqaActionNote,
    EqaReport,
)
from recovery_college.assessment.engagement_rules import Finding
from recovery_college.assessment.models import EqaEngagement, EqaEngagementCohort
from recovery_college.courses.models import Cohort
from recovery_college.courses.queries import cohorts_scope
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name
from recovery_college.quality.engagement_queries import EngagementRow, engagements_scope


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What somebody wrote about an action."""

    words: str
    is_done: bool
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action of a report, with what became of it: the last note says whether it is done."""

    id: UUID
    engagement_id: UUID
    purpose: str
    words: str
    act_by_on: date
    notes: tuple[NoteRow, ...]

    @property
    def is_done(self) -> bool:
        """Whether the last note says so."""
        return bool(self.notes) and self.notes[-1].is_done

    def is_overdue(self, today: date) -> bool:
        """Whether its day is past and it is not done."""
        return not self.is_done and self.act_by_on < today


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The external's report: `sent_at` is None while only they may read it."""

    looked_at: str
    good_practice: str
    concerns: str
    finding: Finding | None
    version: int
    sent_at: datetime | None


def report_visible_to(actor: Actor, engagement: EngagementRow) -> ReportRow | None:
    """The engagement's report: for its writer from the first word, for the college once it is sent."""
    one = session().get(EqaReport, engagement.id)
    if one is None or (one.sent_at is None and one.written_by != actor.person_id):
        return None
    return ReportRow(one.looked_at, one.good_practice, one.concerns, one.finding, one.version, one.sent_at)


def actions_scope(actor: Actor) -> Select[EqaAction]:
    """The actions of sent reports this actor may know of.

    A tutor knows those about assigned cohorts, an external those about the cohorts they may see now and all
    earlier ones of the same qualifications ("what became of the last ones"), the college all.
    """
    statement = (
        select(EqaAction)
        .join(EqaReport, EqaReport.engagement_id == EqaAction.engagement_id)
        .where(EqaReport.sent_at.is_not(None))
    )
    if not may(actor, Permission.EQA_ACTIONS_SEE):
        return statement.where(EqaAction.id.is_(None))
    if actor.role is Role.TUTOR:
        own = cohorts_scope(actor).with_only_columns(Cohort.id)
        about = select(EqaEngagementCohort.engagement_id).where(EqaEngagementCohort.cohort_id.in_(own))
        return statement.where(EqaAction.engagement_id.in_(about))
    if actor.role is Role.EQA:
        open_now = engagements_scope(actor).with_only_columns(EqaEngagement.id)
        taught = (
            select(Cohort.qualification_id)
            .join(EqaEngagementCohort, EqaEngagementCohort.cohort_id == Cohort.id)
            .where(EqaEngagementCohort.engagement_id.in_(open_now))
        )
        about = (
            select(EqaEngagementCohort.engagement_id)
            .join(Cohort, EqaEngagementCohort.cohort_id == Cohort.id)
            .where(Cohort.qualification_id.in_(taught))
        )
        return statement.where(EqaAction.engagement_id.in_(about))
    return statement


def actions_visible_to(actor: Actor, *, engagement_id: UUID | None = None) -> list[ActionRow]:
    """Those actions, what is not done first and by day. Two queries."""
    statement = actions_scope(actor)
    if engagement_id is not None:
        statement = statement.where(EqaAction.engagement_id == engagement_id)
    found = _actions(session().scalars(statement).all())
    return sorted(found, key=lambda one: (one.is_done, one.act_by_on, one.words))


def count_open_actions(actor: Actor) -> tuple[int, int]:
    """How many of those actions are not done, and how many of them are past their day. One query."""
    later = aliased(EqaActionNote)
    done = (
        exists()
        .where(
            EqaActionNote.action_id == EqaAction.id,
            EqaActionNote.is_done,
            ~exists().where(
                later.action_id == EqaActionNote.action_id, later.noted_at > EqaActionNote.noted_at
            ),
        )
        .correlate(EqaAction)
    )
    days = session().scalars(actions_scope(actor).with_only_columns(EqaAction.act_by_on).where(~done)).all()
    return len(days), sum(one < clock.today() for one in days)


def action_visible_to(actor: Actor, action_id: UUID) -> ActionRow | None:
    """One action, or None when the actor may not know of it."""
    return next(
        iter(_actions(session().scalars(actions_scope(actor).where(EqaAction.id == action_id)).all())), None
    )


def draft_actions(actor: Actor, engagement_id: UUID) -> list[ActionRow]:
    """The actions of a report that is not sent, for its writer alone."""
    statement = (
        select(EqaAction)
        .join(EqaEngagement, EqaAction.engagement_id == EqaEngagement.id)
        .where(EqaAction.engagement_id == engagement_id, EqaEngagement.person_id == actor.person_id)
        .order_by(EqaAction.added_at)
    )
    return _actions(session().scalars(statement).all())


def _actions(actions: Sequence[EqaAction]) -> list[ActionRow]:
    if not actions:
        return []
    s = session()
    notes: dict[UUID, list[NoteRow]] = {}
    for note, *name in s.execute(
        select(EqaActionNote, Person.given_name, Person.family_name, Person.preferred_name)
        .join(Person, EqaActionNote.noted_by == Person.id)
        .where(EqaActionNote.action_id.in_([one.id for one in actions]))
        .order_by(EqaActionNote.noted_at)
    ):
        row = NoteRow(note.words, note.is_done, display_name(*name), note.noted_at)
        notes.setdefault(note.action_id, []).append(row)
    ids = {one.engagement_id for one in actions}
    purposes = {
        one.id: one.purpose for one in s.scalars(select(EqaEngagement).where(EqaEngagement.id.in_(ids)))
    }
    return [
        ActionRow(
            one.id, one.engagement_id, purposes[one.engagement_id], one.words, one.act_by_on,
            tuple(notes.get(one.id, ())),
        )
        for one in actions
    ]  # fmt: skip
