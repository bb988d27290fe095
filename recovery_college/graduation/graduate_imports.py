"""`import graduates`: who graduated before this system. It makes no certificate, and nobody can sign in by it.

A graduation is known by the person and the cohort. What was earned in this system counts as it stands here.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import name, one_line
from recovery_college.courses.imports.lookups import SignedIn, parts, refusal
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.models import Enrolment
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, email, iso_date
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Person
from recovery_college.people.rules import passes_nhs_number_test

NAMES = ("given_name", "family_name", "email")


def apply_graduates(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a graduation for each row, and the person where the college does not know them yet."""
    refs = [row.values["student_ref"] for row in rows]
    known = {
        str(person.student_ref): person
        for part in parts(refs)
        for person in s.scalars(select(Person).where(Person.student_ref.in_(part)))
    }
    unknown = [row for row in rows if row.values["student_ref"] not in known and row.values["email"]]
    signed_in = SignedIn(s, [row.values["email"] for row in unknown])
    ids = [person.id for person in (*known.values(), *signed_in.people)]
    at_course, graduations = _at_course(s, ids), _graduations(s, ids)
    notes, refusals, events = Notes(), list[Refusal](), list[Event]()
    people: dict[str, dict[str, Any]] = {}
    renamed: dict[UUID, dict[str, Any]] = {}
    joined: dict[str, dict[str, Any]] = {}
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    unchanged = 0
    for row in rows:
        ref, today = row.values["student_ref"], clock.today()
        if row.values["graduated_on"] > today:
            refusals.append(refusal(row, "graduated_on", "This day is still to come"))
            continue
        person = known.get(ref)
        if person is None and ref not in people and not row.values["given_name"]:
            reason = "Add the name: the college does not know this person yet"
            refusals.append(refusal(row, "given_name", reason))
            continue
        if person is None and ref not in people and ref not in joined:
            there = signed_in.take(
                *(row.values[fact] or "" for fact in ("email", "given_name", "family_name"))
            )
            if there is not None:
                names = {fact: row.values[fact] or getattr(there, fact) for fact in NAMES}
                joined[ref] = {"id": there.id, "student_ref": ref, **names}
                notes.add("this person signs in already. The account of this address is theirs", row.line)
        if person is None:
            person_id = joined[ref]["id"] if ref in joined else people.setdefault(ref, _person(row))["id"]
        else:
            person_id = person.id
        is_renamed = person is not None and _renamed(row, person, at_course, renamed, notes)
        _look_at(row, notes)
        old = graduations.get((person_id, (row.values["cohort"] or "").casefold()))
        if old is None:
            new.append(_graduation(row, person_id))
            events.append(event_of(actor, "recorded earlier graduate", "graduation", new[-1]["id"]))
            continue
        said = _said(row, old)
        if old.source is GraduationSource.HERE and row.values["graduated_on"] != old.graduated_on:
            reason = "They graduated in this system on another day. That record counts"
            refusals.append(refusal(row, "graduated_on", reason))
        elif said and old.source is GraduationSource.BEFORE:
            changes.append({"id": old.id, **said})
            events.append(event_of(actor, "changed earlier graduate", "graduation", old.id))
        elif is_renamed:
            changes.append({"id": old.id, "graduated_on": old.graduated_on})
        else:
            unchanged += 1
    add_rows(s, Person, list(people.values()))
    if joined:
        s.execute(update(Person), list(joined.values()))
        events += [event_of(actor, "changed graduate", "person", one["id"]) for one in joined.values()]
    add_rows(s, Graduation, new)
    if renamed:
        s.execute(update(Person), list(renamed.values()))
        events += [event_of(actor, "changed graduate", "person", person_id) for person_id in renamed]
    for change in changes:
        s.execute(
            update(Graduation)
            .where(Graduation.id == change["id"])
            .values({key: value for key, value in change.items() if key != "id"})
        )
    record_many(s, events)
    return Outcome(len(new), len(changes), unchanged, refusals, notes.sentences())


def _person(row: CheckedRow) -> dict[str, Any]:
    return {
        "id": new_id(),
        "student_ref": row.values["student_ref"],
        **{fact: row.values[fact] or "" for fact in NAMES},
        "created_at": clock.now(),
        "is_made_up": False,
    }


def _graduation(row: CheckedRow, person_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "person_id": person_id,
        "cohort_ref": row.values["cohort"] or "",
        "graduated_on": row.values["graduated_on"],
        "source": GraduationSource.BEFORE,
        "source_note": _note(row),
    }


def _note(row: CheckedRow) -> str:
    """Where it is known from; the words of our own export for "nobody said" are none."""
    said = row.values["source"] or ""
    return "" if said == GraduationSource.BEFORE.value else said


def _said(row: CheckedRow, old: Graduation) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if row.values["graduated_on"] != old.graduated_on:
        said["graduated_on"] = row.values["graduated_on"]
    if "source" in row.raw and _note(row) != old.source_note:
        said["source_note"] = _note(row)
    return said


def _renamed(
    row: CheckedRow,
    person: Person,
    at_course: Collection[UUID],
    renamed: dict[UUID, dict[str, Any]],
    notes: Notes,
) -> bool:
    """Names and address may be corrected here, but not of somebody who is a student of this system."""
    said = {fact: row.values[fact] or "" for fact in NAMES if fact in row.raw}
    if not said.get("given_name", "x"):
        del said["given_name"]
    if all(getattr(person, fact) == value for fact, value in said.items()):
        return False
    if person.id in at_course:
        notes.add("this person is a student here under other details. They stay as they are", row.line)
        return False
    if person.id in renamed:
        notes.add("this person stands in two lines with different details. The last one counts", row.line)
    stays = {fact: getattr(person, fact) for fact in NAMES}
    renamed[person.id] = {"id": person.id, **stays, **said}
    return True


def _look_at(row: CheckedRow, notes: Notes) -> None:
    if passes_nhs_number_test(row.values["student_ref"]):
        notes.add(
            "the student_ref could be an NHS number. The college holds none: use a number of its own",
            row.line,
        )
    if row.values["graduated_on"] < date(2000, 1, 1):
        notes.add("the day is long ago. Check the year", row.line)


def _at_course(s: Session, people: Collection[UUID]) -> set[UUID]:
    return {
        person_id
        for part in parts(people)
        for person_id in s.scalars(select(Enrolment.person_id).where(Enrolment.person_id.in_(part)))
    }


def _graduations(s: Session, people: Collection[UUID]) -> dict[tuple[UUID, str], Graduation]:
    return {
        (row.person_id, row.cohort_ref.casefold()): row
        for part in parts(people)
        for row in s.scalars(select(Graduation).where(Graduation.person_id.in_(part)))
    }


GRADUATES = ImportKind(
    name="graduates",
    title="Graduates from before this system",
    columns=(
        Column("student_ref", one_line(40), required=True,
               help="The college's own number for the person; never an NHS number", example="S0001"),
        Column("given_name", name("given name"), help="First name or names", example="Amina"),
        Column("family_name", name("family name"), help="Last name", example="O'Connor-Ismail"),
        Column("email", email, help="Where they read mail, to be asked once whether they look for work",
               example="amina@example.com"),
        Column("cohort", one_line(40), help="The cohort they were in, as it was called", example="C07"),
        Column("graduated_on", iso_date, required=True, help="The day they graduated", example="2019-07-12"),
        Column("source", one_line(300), help="Where this is known from", example="College register of 2019"),
    ),
    key=("student_ref", "cohort"),
    apply=apply_graduates,
    permission=Permission.COURSE_IMPORT,
    note="One row for each graduation from before this system. It makes no certificate, and nobody can sign in "
    "by it.",
)  # fmt: skip
