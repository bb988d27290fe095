"""Changing what the college holds of a student: names, contact, date of birth, learner number (A4, C5)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.courses.student_queries import FACTS, is_student, look_alikes, record_stamp
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.people.models import Person
from recovery_college.people.rules import name_as_stored, name_problem, uln_as_stored, uln_problem

OWN_FACTS = ("preferred_name", "pronouns")
"""What a student changes themselves. The rest is on papers, so the college changes it."""

NAMES = {
    "given_name": "given name",
    "family_name": "family name",
    "preferred_name": "preferred name",
    "certificate_name": "name on certificates",
    "pronouns": "pronouns",
}
LONGEST_PRONOUNS = 60


class RecordRefused(DeedRefused):
    """Why it was not saved."""


class NoSuchStudent(LookupError):
    """There is none, or the actor may not change them."""


class RecordChanged(Exception):
    """Somebody saved the same record since the page was drawn."""


def change_student(
    actor: Actor, person_id: UUID, facts: Mapping[str, Any], seen: str
) -> tuple[list[str], list[str]]:
    """Change a student's record. Return which facts changed, and what to tell.

    The address of an account is another thing: nobody's way in is changed here. The same sent twice changes
    nothing. Raises NoSuchStudent, RecordRefused, RecordChanged.
    """
    with transaction() as s:
        if not may(actor, Permission.PROFILE_EDIT):
            raise NoSuchStudent
        person = _locked(s, person_id)
        if not is_student(s, person):
            raise NoSuchStudent
        changed = _change(s, actor, person, facts, seen, FACTS)
        return changed, look_alikes(person) if changed else []


def change_own_record(actor: Actor, facts: Mapping[str, Any], seen: str) -> list[str]:
    """A student or graduate says what to call them. Raises NoSuchStudent, RecordRefused, RecordChanged."""
    with transaction() as s:
        if actor.person_id is None or not may(actor, Permission.OWN_PROGRESS):
            raise NoSuchStudent
        return _change(s, actor, _locked(s, actor.person_id), facts, seen, OWN_FACTS)


def _locked(s: Session, person_id: UUID) -> Person:
    person = s.scalar(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if person is None:
        raise NoSuchStudent
    return person


def _change(
    s: Session, actor: Actor, person: Person, facts: Mapping[str, Any], seen: str, names: tuple[str, ...]
) -> list[str]:
    wanted = {name: _clean(name, facts[name]) for name in names}
    changed = [name for name in names if getattr(person, name) != wanted[name]]
    if not changed:
        return []
    if record_stamp(person) != seen:
        raise RecordChanged
    for name in changed:
        setattr(person, name, wanted[name])
    s.flush()
    record(s, actor, "changed student", "person", person.id, fields=",".join(changed))
    return changed


def _clean(name: str, value: Any) -> Any:
    """A fact in the form in which it is stored. Raises RecordRefused with the rule's own words."""
    if name == "date_of_birth":
        if value is not None and value >= clock.today():
            raise RecordRefused("The date of birth is not in the past", name)
        if value is not None and value.year < 1900:
            raise RecordRefused("Check the year of birth", name)
        return value
    text = str(value or "")
    if name == "uln":
        problem = uln_problem(text)
        if problem:
            raise RecordRefused(problem, name)
        return uln_as_stored(text)
    if name in NAMES and text:
        problem = name_problem(text, NAMES[name])
        if problem:
            raise RecordRefused(problem, name)
        text = name_as_stored(text)
        if name == "pronouns" and len(text) > LONGEST_PRONOUNS:
            raise RecordRefused(f"Use {LONGEST_PRONOUNS} characters or fewer", name)
    if name == "given_name" and not text:
        raise RecordRefused("Enter the given name. Of a person with one name only, enter it here", name)
    return text
