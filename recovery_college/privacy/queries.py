"""Reading the audit trail, as far as the actor may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.evidence_models import Evidence
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.graduation.models import Certificate, Graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.tables_out import Cell
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

SECURITY_KINDS = ("account", "person")
PAGE = 50
ROWS_A_PART = 2_000
LONGEST_LOOK_BACK = 36_500


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event with the name of who did it, as far as it is known."""

    event: AuditEvent
    who: str


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What the trail is narrowed to; empty means not narrowed by it."""

    action: str = ""
    subject: str = ""
    actor_id: str = ""
    days: int | None = None


def trail_scope(actor: Actor, chosen: TrailFilter) -> Select[AuditEvent]:
    """The events this actor may see, narrowed: all of them, security only for the system administrator, or none."""
    statement = select(AuditEvent)
    if not may(actor, Permission.AUDIT_SEE):
        security = may(actor, Permission.AUDIT_SECURITY_SEE)
        statement = statement.where(
            AuditEvent.subject_kind.in_(SECURITY_KINDS) if security else AuditEvent.seq.is_(None)
        )
    if chosen.days is not None:
        since = clock.now() - timedelta(days=min(chosen.days, LONGEST_LOOK_BACK))
        statement = statement.where(AuditEvent.at >= since)
    if chosen.action:
        statement = statement.where(AuditEvent.action == chosen.action)
    if chosen.subject:
        statement = statement.where(AuditEvent.subject_id == chosen.subject)
    if chosen.actor_id:
        statement = statement.where(AuditEvent.actor == chosen.actor_id)
    return statement


def trail_visible_to(
    actor: Actor, chosen: TrailFilter, before: int | None = None
) -> tuple[list[TrailLine], int | None]:
    """The newest events first, 50 a page, and the number to go on from (None at the end)."""
    statement = trail_scope(actor, chosen).order_by(AuditEvent.seq.desc()).limit(PAGE + 1)
    if before is not None:
        statement = statement.where(AuditEvent.seq < before)
    events = session().scalars(statement).all()
    shown = events[:PAGE]
    names = _names(shown)
    onward = shown[-1].seq if len(events) > PAGE else None
    return [TrailLine(event, names.get(event.actor, event.actor)) for event in shown], onward


TRAIL_COLUMNS = (
    "number",
    "at",
    "actor",
    "role",
    "action",
    "about",
    "about_id",
    "details",
    "previous_hash",
    "hash",
)


def trail_rows(actor: Actor, chosen: TrailFilter) -> Iterator[tuple[Cell, ...]]:
    """The events of the trail, oldest first, as they are hashed: whoever has the file can check the chain.

    Read in parts, so a trail of any length goes out in constant memory.
    """
    if not may(actor, Permission.AUDIT_EXPORT):
        return
    at = 0
    while True:
        part = session().scalars(
            trail_scope(actor, chosen)
            .where(AuditEvent.seq > at)
            .order_by(AuditEvent.seq)
            .limit(ROWS_A_PART)
            .execution_options(populate_existing=True)
        )
        events = part.all()
        for one in events:
            moment = one.at.astimezone(UTC).isoformat(timespec="microseconds")
            yield (
                one.seq, moment, one.actor, one.role, one.action, one.subject_kind, one.subject_id,
                one.details, one.previous_hash, one.hash,
            )  # fmt: skip
        if len(events) < ROWS_A_PART:
            return
        at = events[-1].seq
        session().expunge_all()


def trail_length(actor: Actor, chosen: TrailFilter) -> int:
    """How many events that is."""
    counted = select(func.count()).select_from(trail_scope(actor, chosen).subquery())
    return session().scalar(counted) or 0


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody looked at what is held about a person."""

    at: datetime
    who: str
    role: str
    what: str


WHAT_WAS_SEEN = {
    "student": "Your record",
    "certificate": "Your certificate",
    "unit work": "Your work on a unit",
    "decisions": "Decisions about your work",
    "evidence": "Your evidence",
    "what helps": "What helps you",
    "candidate": "What you share for a job",
}
"""The kinds of record a view is logged of, in the words of whom it is about."""


def looks_at(actor: Actor, before: int | None = None) -> tuple[list[Look], int | None]:
    """Who looked at the records of this person, newest first, 50 a page; their own looks are left out."""
    if actor.person_id is None or not may(actor, Permission.WHO_LOOKED):
        return [], None
    statement = select(AuditEvent).where(
        AuditEvent.action == "viewed",
        AuditEvent.actor != actor.audit_id,
        AuditEvent.subject_id.in_(records_about(actor.person_id)),
    )
    if before is not None:
        statement = statement.where(AuditEvent.seq < before)
    events = session().scalars(statement.order_by(AuditEvent.seq.desc()).limit(PAGE + 1)).all()
    shown = events[:PAGE]
    names = _names(shown)
    looks = [
        Look(
            one.at,
            names.get(one.actor, "Somebody of the college"),
            role_in_words(one.role),
            WHAT_WAS_SEEN.get(one.subject_kind, f"Your {one.subject_kind}"),
        )
        for one in shown
    ]
    return looks, shown[-1].seq if len(events) > PAGE else None


def records_about(person_id: UUID) -> list[str]:
    """The ids under which views of what is held about a person are recorded."""
    s = session()
    found: list[UUID] = [person_id]
    found += s.scalars(select(Enrolment.id).where(Enrolment.person_id == person_id))
    found += s.scalars(
        select(Evidence.id)
        .join(Enrolment, Enrolment.id == Evidence.enrolment_id)
        .where(Enrolment.person_id == person_id)
    )
    found += s.scalars(
        select(Certificate.id)
        .join(Graduation, Graduation.id == Certificate.graduation_id)
        .where(Graduation.person_id == person_id)
    )
    return [str(one) for one in found]


def role_in_words(word: str) -> str:
    """A role as people say it; the word itself for one that is no longer known."""
    return Role(word).label if word in set(Role) else word


def actions_known(actor: Actor) -> list[str]:
    """Every action in the part of the trail this actor sees, for the filter."""
    statement = select(AuditEvent.action).distinct().order_by(AuditEvent.action)
    if not may(actor, Permission.AUDIT_SEE):
        statement = statement.where(AuditEvent.subject_kind.in_(SECURITY_KINDS))
    return list(session().scalars(statement))


def _names(events: Sequence[AuditEvent]) -> dict[str, str]:
    ids: set[UUID] = set()
    for event in events:
        try:
            ids.add(UUID(event.actor))
        except ValueError:
            continue
    people = session().scalars(select(Person).where(Person.id.in_(ids)))
    return {str(person.id): name_of(person) for person in people}
