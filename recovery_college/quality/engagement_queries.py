"""Reading external quality assurance: engagements, picks and objections, each for whom it is (A11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.engagement_models import EqaObjection, EqaPick, EqaReport
from recovery_college.assessment.engagement_rules import EngagementState, Finding, engagement_state
from recovery_college.assessment.models import EqaEngagement, EqaEngagementCohort
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort, Enrolment, Unit
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import day, in_london
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of
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


def why_nothing_is_open(actor: Actor | None) -> str:
    """Tell an external since when nothing is open to them, and from which day on something is; else "".

    It speaks of their own days only, so it may stand on any page that is not found: it is the same whatever was
    asked for. One query.
    """
    if actor is None or actor.role is not Role.EQA or actor.person_id is None:
        return ""
    days = session().execute(
        select(EqaEngagement.opens_on, EqaEngagement.ends_on, EqaEngagement.ended_at).where(
            EqaEngagement.person_id == actor.person_id
        )
    )
    today = clock.today()
    over, ahead = [], []
    for opens_on, ends_on, ended_at in days:
        ended_on = in_london(ended_at).date() if ended_at else None
        match engagement_state(opens_on, ends_on, today, ended_on=ended_on):
            case EngagementState.OPEN:
                return ""
            case EngagementState.PLANNED:
                ahead.append(opens_on)
            case EngagementState.ENDED if opens_on <= today:
                over.append(min(ends_on, ended_on or ends_on))
    said = []
    if over:
        said.append(
            f"Your engagement ended on {day(max(over))}, so its pages are closed. What you picked and saved is kept. "
            "Ask the college when you need to look again."
        )
    if ahead:
        which = "Your next engagement" if over else "Your engagement"
        said.append(f"{which} begins on {day(min(ahead))}: its pages open to you then.")
    return " ".join(said)


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
        one.id: name_of(one)
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


def pick_of(engagement: EngagementRow, pick_id: UUID) -> PickRow | None:
    """One pick of an engagement."""
    return next((one for one in picks_of(engagement.id) if one.id == pick_id), None)


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
