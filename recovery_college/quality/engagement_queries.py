"""Reading external quality assurance: engagements, picks, reports and actions, each for whom it is (A11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.engagement_models import (
    EqaAction,
    EqaActionNote,
    EqaObjection,
    EqaPick,
    EqaReport,
)
from recovery_college.assessment.engagement_rules import EngagementState, Finding, engagement_state
from recovery_college.assessment.models import EqaEngagement, EqaEngagementCohort
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort, Enrolment, Unit
from recovery_college.courses.queries import cohorts_scope
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import in_london
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

VIEWED = "picked unit"
"""What the audit trail calls a look at a pick."""


@dataclass(frozen=True, slots=True)
class EngagementRow:
    """An engagement as lists show it. `cohorts`: (id, title) of those it covers."""

    id: UUID
    person_id: UUID
    person_name: str
    purpose: str
    opens_on: date
    ends_on: date
    ended_on: date | None
    state: EngagementState
    cohorts: tuple[tuple[UUID, str], ...]
    picks: int
    unanswered: int
    sent_at: datetime | None
    finding: Finding | None
    version: int


@dataclass(frozen=True, slots=True)
class PickRow:
    """One student's unit that the external picked. `unanswered`: an objection waits for the external."""

    id: UUID
    engagement_id: UUID
    cohort_id: UUID
    enrolment_id: UUID
    unit_id: UUID
    student: str
    unit: str
    reason: str
    picked_at: datetime
    last_seen_at: datetime | None
    unanswered: bool


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """What the college wrote against a pick, and what the external answered."""

    id: UUID
    words: str
    by_name: str
    at: datetime
    answer: str
    answered_at: datetime | None


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


def engagements_scope(actor: Actor) -> Select[EqaEngagement]:
    """The engagements this actor may know of: an external their own while it is open, the college all."""
    statement = select(EqaEngagement)
    if not may(actor, Permission.ENGAGEMENT_SEE):
        return statement.where(EqaEngagement.id.is_(None))
    if actor.role is not Role.EQA:
        return statement
    today = clock.today()
    return statement.where(
        EqaEngagement.person_id == actor.person_id,
        EqaEngagement.opens_on <= today,
        EqaEngagement.ends_on >= today,
        EqaEngagement.ended_at.is_(None),
    )


def last_day_of(actor: Actor) -> date | None:
    """The last day of an external's latest engagement when it is over, for their home page; else None."""
    if actor.role is not Role.EQA or actor.person_id is None:
        return None
    ended = (
        select(EqaEngagement.ends_on, EqaEngagement.ended_at)
        .where(EqaEngagement.person_id == actor.person_id, EqaEngagement.opens_on <= clock.today())
        .order_by(EqaEngagement.ends_on.desc())
        .limit(1)
    )
    row = session().execute(ended).first()
    if row is None:
        return None
    day = min(row.ends_on, in_london(row.ended_at).date()) if row.ended_at else row.ends_on
    return day if row.ended_at or day < clock.today() else None


def engagements_visible_to(actor: Actor) -> list[EngagementRow]:
    """Those engagements, the latest first. Five queries whatever their number."""
    found = session().scalars(
        engagements_scope(actor).order_by(EqaEngagement.opens_on.desc(), EqaEngagement.id)
    )
    return _rows(found.all())


def engagement_visible_to(actor: Actor, engagement_id: UUID) -> EngagementRow | None:
    """One engagement, or None when the actor may not know of it."""
    found = session().scalar(engagements_scope(actor).where(EqaEngagement.id == engagement_id))
    return _rows([found])[0] if found else None


def _rows(engagements: Sequence[EqaEngagement]) -> list[EngagementRow]:
    s = session()
    ids = [one.id for one in engagements]
    names = {
        one.id: display_name(one.given_name, one.family_name, one.preferred_name)
        for one in s.scalars(select(Person).where(Person.id.in_([one.person_id for one in engagements])))
    }
    cohorts: dict[UUID, list[tuple[UUID, str]]] = {}
    for engagement_id, cohort_id, title in s.execute(
        select(EqaEngagementCohort.engagement_id, Cohort.id, Cohort.title)
        .join(Cohort, EqaEngagementCohort.cohort_id == Cohort.id)
        .where(EqaEngagementCohort.engagement_id.in_(ids))
        .order_by(Cohort.starts_on, Cohort.ref)
    ):
        cohorts.setdefault(engagement_id, []).append((cohort_id, title))
    picks: dict[UUID, tuple[int, int]] = {
        engagement_id: (count, open_count)
        for engagement_id, count, open_count in s.execute(
            select(EqaPick.engagement_id, func.count(func.distinct(EqaPick.id)), func.count(EqaObjection.id))
            .outerjoin(
                EqaObjection, (EqaObjection.pick_id == EqaPick.id) & EqaObjection.answered_at.is_(None)
            )
            .where(EqaPick.engagement_id.in_(ids))
            .group_by(EqaPick.engagement_id)
        )
    }
    reports = {
        one: (sent_at, finding)
        for one, sent_at, finding in s.execute(
            select(EqaReport.engagement_id, EqaReport.sent_at, EqaReport.finding).where(
                EqaReport.engagement_id.in_(ids), EqaReport.sent_at.is_not(None)
            )
        )
    }
    today = clock.today()
    made = []
    for one in engagements:
        ended_on = in_london(one.ended_at).date() if one.ended_at else None
        sent_at, finding = reports.get(one.id, (None, None))
        made.append(
            EngagementRow(
                one.id, one.person_id, names[one.person_id], one.purpose, one.opens_on, one.ends_on, ended_on,
                engagement_state(one.opens_on, one.ends_on, today, ended_on=ended_on),
                tuple(cohorts.get(one.id, ())), *picks.get(one.id, (0, 0)), sent_at, finding, one.version,
            )
        )  # fmt: skip
    return made


def picks_of(engagement_id: UUID) -> list[PickRow]:
    """The picks of an engagement by student and unit, each with when the external last looked. Two queries.

    The caller has made sure the actor may see the engagement.
    """
    s = session()
    rows = s.execute(
        select(
            EqaPick, Enrolment.cohort_id, Person.given_name, Person.family_name, Person.preferred_name, Unit.code,
            select(func.count())
            .select_from(EqaObjection)
            .where(EqaObjection.pick_id == EqaPick.id, EqaObjection.answered_at.is_(None))
            .correlate(EqaPick)
            .scalar_subquery(),
        )
        .join(Enrolment, EqaPick.enrolment_id == Enrolment.id)
        .join(Person, Enrolment.person_id == Person.id)
        .join(Unit, EqaPick.unit_id == Unit.id)
        .where(EqaPick.engagement_id == engagement_id)
        .order_by(Person.family_name, Person.given_name, Enrolment.id, Unit.position)
    ).all()  # fmt: skip
    seen = last_views([row[0].id for row in rows])
    return [
        PickRow(
            pick.id, pick.engagement_id, cohort_id, pick.enrolment_id, pick.unit_id,
            display_name(given, family, preferred), unit_label(code), pick.reason, pick.picked_at,
            seen.get(pick.id), bool(waiting),
        )
        for pick, cohort_id, given, family, preferred, code, waiting in rows
    ]  # fmt: skip


def pick_of(actor: Actor, engagement_id: UUID, pick_id: UUID) -> PickRow | None:
    """One pick of an engagement the actor may know of."""
    if engagement_visible_to(actor, engagement_id) is None:
        return None
    return next((one for one in picks_of(engagement_id) if one.id == pick_id), None)


def last_views(pick_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When the external last looked at each of these picks: the audit trail knows (A11: each view is logged)."""
    rows = session().execute(
        select(AuditEvent.subject_id, func.max(AuditEvent.at))
        .where(
            AuditEvent.subject_kind == VIEWED,
            AuditEvent.subject_id.in_([str(one) for one in pick_ids]),
            AuditEvent.action == "viewed",
            AuditEvent.role == Role.EQA.value,
        )
        .group_by(AuditEvent.subject_id)
    )
    return {UUID(one): at for one, at in rows}


def views_of(pick_id: UUID) -> list[datetime]:
    """Every time the external looked at a pick, the latest first."""
    return list(
        session().scalars(
            select(AuditEvent.at)
            .where(
                AuditEvent.subject_kind == VIEWED,
                AuditEvent.subject_id == str(pick_id),
                AuditEvent.action == "viewed",
                AuditEvent.role == Role.EQA.value,
            )
            .order_by(AuditEvent.seq.desc())
            .limit(50)
        )
    )


def objections_to(pick_id: UUID) -> list[ObjectionRow]:
    """What the college wrote against a pick, the earliest first."""
    rows = session().execute(
        select(EqaObjection, Person.given_name, Person.family_name, Person.preferred_name)
        .join(Person, EqaObjection.objected_by == Person.id)
        .where(EqaObjection.pick_id == pick_id)
        .order_by(EqaObjection.objected_at)
    )
    return [
        ObjectionRow(one.id, one.words, display_name(*name), one.objected_at, one.answer, one.answered_at)
        for one, *name in rows
    ]


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
