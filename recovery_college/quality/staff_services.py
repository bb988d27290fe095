"""Keeping staff records (A10): a qualification and its award, development, competence and who may verify."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.staff_models import CpdEntry, StaffQualification, StaffRecord
from recovery_college.assessment.staff_rules import Award
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.staff_queries import staff_members

LONGEST_TITLE = 200
LONGEST_TEXT = 4000
OWN_RECORD = (
    "Nobody records their own qualification or permission to verify. Ask a colleague who keeps records."
)


class StaffRefused(DeedRefused):
    """Why a staff record was not changed."""


class NoSuchStaff(LookupError):
    """Nobody of the staff, or nobody the actor may know of."""


class StaleStaff(Exception):
    """Somebody saved the record after the page was drawn."""


def _check(actor: Actor, person_id: UUID, permission: Permission) -> None:
    if not may(actor, permission) or not staff_members(actor, person_id):
        raise NoSuchStaff


def _text(text: str, field: str, empty: str, longest: int = LONGEST_TEXT) -> str:
    text = text.strip()
    if not text:
        raise StaffRefused(empty, field)
    if len(text) > longest:
        raise StaffRefused(f"Use {longest:,} characters or fewer", field)
    return text


def _past(day: date | None, field: str) -> None:
    if day is not None and day > clock.today():
        raise StaffRefused("The date is in the future. Enter today or an earlier date", field)


def record_qualification(
    actor: Actor, person_id: UUID, kind: Award, title: str, awarded_on: date | None
) -> UUID:
    """Record a qualification of a colleague: held since `awarded_on`, or worked towards while that is empty.

    From then on decisions of an assessor who works towards theirs need a countersignature (A10). The same one
    sent twice is recorded once.
    """
    with transaction() as s:
        _check(actor, person_id, Permission.STAFF_KEEP)
        if actor.person_id == person_id:
            raise StaffRefused(OWN_RECORD)
        title = _text(title, "title", "Enter the name of the qualification", LONGEST_TITLE)
        _past(awarded_on, "awarded_on")
        there = s.scalar(
            select(StaffQualification).where(
                StaffQualification.person_id == person_id,
                StaffQualification.kind == kind,
                StaffQualification.title == title,
                StaffQualification.withdrawn_at.is_(None),
            )
        )
        if there is not None:
            if there.awarded_on == awarded_on:
                return there.id
            raise StaffRefused("This qualification is recorded already. Enter its award there", "title")
        made = StaffQualification(
            person_id=person_id, kind=kind, title=title, awarded_on=awarded_on,
            recorded_by=actor.audit_id, recorded_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        record(
            s, actor, "recorded qualification", "staff", person_id,
            kind=kind.value, awarded=awarded_on.isoformat() if awarded_on else "",
        )  # fmt: skip
        return made.id


def _qualification(actor: Actor, person_id: UUID, qualification_id: UUID) -> StaffQualification:
    with transaction() as s:
        _check(actor, person_id, Permission.STAFF_KEEP)
        found = s.get(StaffQualification, qualification_id, with_for_update=True, populate_existing=True)
        if found is None or found.person_id != person_id:
            raise NoSuchStaff
        if actor.person_id == person_id:
            raise StaffRefused(OWN_RECORD)
        return found


def award_qualification(
    actor: Actor, person_id: UUID, qualification_id: UUID, awarded_on: date | None
) -> None:
    """Record that a qualification was awarded: decisions from that day on need no countersignature any more."""
    with transaction() as s:
        found = _qualification(actor, person_id, qualification_id)
        if awarded_on is None:
            raise StaffRefused("Enter the date of the award, like 27 3 2026", "awarded_on")
        _past(awarded_on, "awarded_on")
        if found.awarded_on == awarded_on:
            return
        if found.awarded_on is not None or found.withdrawn_at is not None:
            raise StaffRefused("This qualification is settled already. Record another if it was wrong")
        found.awarded_on = awarded_on
        record(
            s, actor, "recorded award", "staff", person_id,
            kind=found.kind.value, awarded=awarded_on.isoformat(),
        )  # fmt: skip


def withdraw_qualification(actor: Actor, person_id: UUID, qualification_id: UUID) -> None:
    """Withdraw a qualification that was recorded by mistake. It stays to be seen, and counts for nothing."""
    with transaction() as s:
        found = _qualification(actor, person_id, qualification_id)
        if found.withdrawn_at is None:
            found.withdrawn_at = clock.now()
            record(s, actor, "withdrew qualification", "staff", person_id, kind=found.kind.value)


def add_development(
    actor: Actor, person_id: UUID, done_on: date | None, hours: Decimal | None, what: str
) -> UUID:
    """Add a piece of development: one's own, or a colleague's by who keeps the records. Sent twice is once."""
    with transaction() as s:
        own = actor.person_id == person_id and may(actor, Permission.DEVELOPMENT_ADD)
        _check(actor, person_id, Permission.DEVELOPMENT_ADD if own else Permission.STAFF_KEEP)
        if done_on is None:
            raise StaffRefused("Enter the date, like 27 3 2026", "done_on")
        _past(done_on, "done_on")
        if hours is None or not 0 < hours <= 100:
            raise StaffRefused("Enter the hours, like 2.5, at most 100", "hours")
        what = _text(what, "what", "Say what it was")
        there = s.scalar(
            select(CpdEntry.id).where(
                CpdEntry.person_id == person_id, CpdEntry.done_on == done_on, CpdEntry.hours == hours,
                CpdEntry.what == what,
            )
        )  # fmt: skip
        if there is not None:
            return there
        made = CpdEntry(
            person_id=person_id, done_on=done_on, hours=hours, what=what,
            recorded_by=actor.audit_id, recorded_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        record(s, actor, "added development", "staff", person_id, on=done_on.isoformat(), hours=str(hours))
        return made.id


def save_competence(actor: Actor, person_id: UUID, competence: str, may_verify: bool, version: int) -> None:
    """Save occupational competence, and whether this person may verify. Raises StaleStaff."""
    with transaction() as s:
        _check(actor, person_id, Permission.STAFF_KEEP)
        if actor.person_id == person_id:
            raise StaffRefused(OWN_RECORD)
        if len(competence.strip()) > LONGEST_TEXT:
            raise StaffRefused(f"Use {LONGEST_TEXT:,} characters or fewer", "competence")
        kept = s.get(StaffRecord, person_id, with_for_update=True, populate_existing=True)
        wanted = (competence.strip(), may_verify)
        if kept is not None and (kept.competence, kept.may_verify) == wanted:
            return
        if (kept.version if kept else 0) != version:
            raise StaleStaff
        if kept is None:
            s.add(StaffRecord(person_id=person_id, competence=wanted[0], may_verify=may_verify, version=1))
        else:
            kept.competence, kept.may_verify = wanted
            kept.version += 1
        record(s, actor, "saved staff record", "staff", person_id, may_verify=may_verify)
