"""Naming who stands in for a recruiting manager, and who is named for a duty around answers (V4)."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.audit.services import record
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_models import Deputy
from recovery_college.careers.escalation_models import CareersDuty
from recovery_college.careers.escalation_rules import Duty
from recovery_college.careers.intake_known import managers_by_email
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import RoleGrant

ROLE_FOR = {Duty.PSW_LEAD: Role.ADMIN, Duty.HR_LEAD: Role.HR, Duty.SECOND_READER: Role.HR}
"""The role a person holds who is named for a duty: a duty is a grant within a role, not a new one."""
NOT_A_MANAGER = "Nobody who signs in with this address is a recruiting manager yet. Invite them first."


class NoSuchNaming(LookupError):
    """There is no such deputy or duty, or none this actor may know of."""


def name_deputy(
    actor: Actor, deputy_email: str, starts_on: date, ends_on: date | None, manager_email: str = ""
) -> UUID:
    """Let another recruiting manager answer for one, from a day to a day (or until it is ended).

    A manager names their own deputy; HR names anybody's. Raises Refused with what is wrong by box.
    """
    if not may(actor, Permission.DEPUTY_NAME) or actor.person_id is None:
        raise NoSuchNaming
    deputy, manager = deputy_email.strip().casefold(), manager_email.strip().casefold()
    with transaction() as s:
        found = managers_by_email(s, {address for address in (deputy, manager) if address})
        errors = {}
        for_anybody = may(actor, Permission.VACANCY_EDIT)
        manager_id = found.get(manager) if for_anybody else actor.person_id
        deputy_id = found.get(deputy)
        if manager_id is None:
            errors["manager_email"] = NOT_A_MANAGER
        if deputy_id is None:
            errors["deputy_email"] = NOT_A_MANAGER
        elif deputy_id == manager_id:
            errors["deputy_email"] = "A deputy is somebody else."
        if ends_on is not None and ends_on < starts_on:
            errors["ends_on"] = "The last day must not be before the first."
        elif ends_on is not None and ends_on < clock.today():
            errors["ends_on"] = "The last day must not be past already."
        if errors or manager_id is None or deputy_id is None:
            raise Refused("Check the deputy", errors)
        same = select(Deputy.id).where(
            Deputy.manager_id == manager_id,
            Deputy.deputy_id == deputy_id,
            Deputy.starts_on <= starts_on,
            or_(Deputy.ends_on.is_(None), Deputy.ends_on == ends_on),
        )
        if (there := s.scalar(same.limit(1))) is not None:
            return there
        row = Deputy(
            manager_id=manager_id,
            deputy_email=deputy,
            deputy_id=deputy_id,
            starts_on=starts_on,
            ends_on=ends_on,
            given_by=actor.audit_id,
            given_at=clock.now(),
        )
        s.add(row)
        s.flush()
        record(
            s,
            actor,
            "named deputy",
            "manager",
            manager_id,
            deputy=str(deputy_id),
            starts=starts_on.isoformat(),
            ends=ends_on.isoformat() if ends_on else "",
        )
        return row.id


def end_deputy(actor: Actor, naming_id: UUID) -> None:
    """Let somebody stand in no longer, at once. The manager themselves, or HR; ended twice is ended once."""
    with transaction() as s:
        row = s.get(Deputy, naming_id, with_for_update=True)
        if row is None or not may(actor, Permission.DEPUTY_NAME):
            raise NoSuchNaming
        if not may(actor, Permission.VACANCY_EDIT) and row.manager_id != actor.person_id:
            raise NoSuchNaming
        yesterday = clock.today() - timedelta(days=1)
        if row.ends_on is not None and row.ends_on <= yesterday:
            return
        record(s, actor, "ended deputy", "manager", row.manager_id, deputy=str(row.deputy_id or ""))
        if row.starts_on > yesterday:
            # They never stood in on a day before this one; that they were named stays in the trail.
            s.delete(row)
        else:
            row.ends_on = yesterday


def name_for_duty(actor: Actor, duty: Duty, person_id: UUID) -> None:
    """Name somebody who holds the role of the duty. Only HR; named twice is named once."""
    if not may(actor, Permission.DUTIES_NAME):
        raise NoSuchNaming
    with transaction() as s:
        if not holds(s, person_id, ROLE_FOR[duty]):
            text = "Choose somebody from the list."
            raise Refused(text, {"person": text})
        live = select(CareersDuty.id).where(
            CareersDuty.duty == duty, CareersDuty.person_id == person_id, CareersDuty.ended_at.is_(None)
        )
        if s.scalar(live) is None:
            s.add(CareersDuty(duty=duty, person_id=person_id, named_by=actor.person_id, named_at=clock.now()))
            s.flush()
            record(s, actor, "named for duty", "person", person_id, duty=duty.value)


def end_duty(actor: Actor, naming_id: UUID) -> None:
    """Let somebody be named no longer. Only HR."""
    with transaction() as s:
        row = s.get(CareersDuty, naming_id, with_for_update=True)
        if row is None or not may(actor, Permission.DUTIES_NAME):
            raise NoSuchNaming
        if row.ended_at is None:
            row.ended_at = clock.now()
            record(s, actor, "ended duty", "person", row.person_id, duty=row.duty.value)


def has_duty(actor: Actor, duty: Duty) -> bool:
    """Whether the actor is named for a duty now, and wears its role."""
    if actor.person_id is None or actor.role is not ROLE_FOR[duty]:
        return False
    live = select(CareersDuty.id).where(
        CareersDuty.duty == duty, CareersDuty.person_id == actor.person_id, CareersDuty.ended_at.is_(None)
    )
    return session().scalar(live.limit(1)) is not None


def holds(s: Session, person_id: UUID, role: Role) -> bool:
    """Whether a person holds a role now."""
    grant = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.ended_at.is_(None)
    )
    return s.scalar(grant.limit(1)) is not None
