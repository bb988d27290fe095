"""Reading the audit trail, as far as the actor may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

SECURITY_KINDS = ("account", "person")
PAGE = 50
LONGEST_LOOK_BACK = 36_500


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One event with the name of who did it, as far as it is known."""

    event: AuditEvent
    who: str


def trail_visible_to(
    actor: Actor,
    *,
    before: int | None = None,
    action: str = "",
    subject: str = "",
    actor_id: str = "",
    days: int | None = None,
) -> tuple[list[TrailLine], int | None]:
    """The newest events first, 50 a page, and the number to go on from (None at the end).

    The system administrator sees security events only.
    """
    statement = select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(PAGE + 1)
    if not may(actor, Permission.AUDIT_SEE):
        if not may(actor, Permission.AUDIT_SECURITY_SEE):
            return [], None
        statement = statement.where(AuditEvent.subject_kind.in_(SECURITY_KINDS))
    if before is not None:
        statement = statement.where(AuditEvent.seq < before)
    if days is not None:
        statement = statement.where(
            AuditEvent.at >= clock.now() - timedelta(days=min(days, LONGEST_LOOK_BACK))
        )
    if action:
        statement = statement.where(AuditEvent.action == action)
    if subject:
        statement = statement.where(AuditEvent.subject_id == subject)
    if actor_id:
        statement = statement.where(AuditEvent.actor == actor_id)
    events = session().scalars(statement).all()
    shown = events[:PAGE]
    names = _names(shown)
    onward = shown[-1].seq if len(events) > PAGE else None
    return [TrailLine(event, names.get(event.actor, event.actor)) for event in shown], onward


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
    return {str(p.id): display_name(p.given_name, p.family_name, p.preferred_name) for p in people}
