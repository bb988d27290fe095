"""Importing students. A student becomes a person; an account comes only with an invitation."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import name, one_line, uln
from recovery_college.courses.imports.lookups import SignedIn, parts, refusal
from recovery_college.courses.imports.notes import Notes
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, email, iso_date
from recovery_college.kernel import clock
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Person
from recovery_college.people.rules import marks_of, passes_nhs_number_test

FACTS = (
    "given_name", "family_name", "preferred_name", "certificate_name", "email", "date_of_birth", "uln",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@")


def apply_students(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a person for each row. A column that is not in the file stays as it was."""
    known = _people(s, [row.values["student_ref"] for row in rows])
    unknown = [row for row in rows if row.values["student_ref"] not in known and row.values["email"]]
    signed_in = SignedIn(s, [row.values["email"] for row in unknown])
    at, today = clock.now(), clock.today()
    notes, refusals, events = Notes(), list[Refusal](), list[Event]()
    new: list[dict[str, Any]] = []
    joined: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    final: list[tuple[CheckedRow, dict[str, Any]]] = []
    for row in rows:
        ref = row.values["student_ref"]
        old = known.get(ref)
        given = {fact: _stored(fact, row.values[fact]) for fact in FACTS if fact in row.raw}
        facts: dict[str, Any] = {fact: None if fact == "date_of_birth" else "" for fact in FACTS}
        if old is not None:
            facts = {fact: old[fact] for fact in FACTS}
        elif "family_name" not in given:
            reason = "Add the column “family_name”: the college does not know this student yet"
            refusals.append(Refusal(row.line, "family_name", "", reason))
            continue
        facts.update(given)
        if facts["date_of_birth"] and facts["date_of_birth"] >= today:
            refusals.append(refusal(row, "date_of_birth", "This day is not in the past"))
            continue
        final.append((row, facts))
        changed = [] if old is None else [fact for fact in given if given[fact] != old[fact]]
        there = (
            signed_in.take(facts["email"], facts["given_name"], facts["family_name"]) if old is None else None
        )
        if there is not None:
            joined.append({"id": there.id, "student_ref": ref, **given})
            notes.add("this student signs in already. The account of this address is theirs", row.line)
            events.append(event_of(actor, "imported student", "person", there.id))
        elif old is None:
            person_id = new_id()
            new.append({"id": person_id, "student_ref": ref, "created_at": at, "is_made_up": False, **facts})
            events.append(event_of(actor, "imported student", "person", person_id))
        elif changed:
            changes.append({"id": old["id"], **facts})
            events.append(event_of(actor, "changed student", "person", old["id"], fields=",".join(changed)))
    _look_at(final, notes)
    for line, sentence in _look_alikes(s, final, {one["id"] for one in joined}):
        notes.add(sentence, line)
    if joined:
        s.execute(update(Person), joined)
    if new:
        s.execute(insert(Person), new)
    if changes:
        s.execute(update(Person), changes)
    record_many(s, events)
    made = len(new) + len(joined)
    unchanged = len(final) - made - len(changes)
    return Outcome(made, len(changes), unchanged, refusals, notes.sentences())


def _stored(fact: str, value: Any) -> Any:
    return value if value is not None or fact == "date_of_birth" else ""


def _people(s: Session, refs: Collection[str]) -> dict[str, RowMapping]:
    columns = [getattr(Person, fact) for fact in ("id", "student_ref", *FACTS)]
    return {
        str(row["student_ref"]): row
        for part in parts(refs)
        for row in s.execute(select(*columns).where(Person.student_ref.in_(part))).mappings()
    }


def _look_at(final: list[tuple[CheckedRow, dict[str, Any]]], notes: Notes) -> None:
    """Note what is unusual about a row in itself. The values are not repeated: they may be NHS numbers."""
    for row, facts in final:
        if not facts["family_name"]:
            notes.add("there is no family name. That is right for a person with one name only", row.line)
        if any(str(facts[fact]).startswith(FORMULA) for fact in FACTS if fact.endswith("_name")):
            notes.add("a name begins like a spreadsheet formula. It is kept as plain text", row.line)
        if passes_nhs_number_test(row.values["student_ref"]):
            notes.add(
                "the student_ref could be an NHS number. The college holds none: use a number of its own",
                row.line,
            )


def _look_alikes(
    s: Session, final: list[tuple[CheckedRow, dict[str, Any]]], joined: Collection[UUID]
) -> Iterator[tuple[int, str]]:
    """Sentences about rows that look like somebody else: shown, never merged."""
    seen: dict[tuple[str, ...], dict[UUID | str, str]] = {}
    mine = {row.values["student_ref"] for row, _ in final}
    for person_id, ref, *known in _possible_twins(s, final):
        if ref not in mine and person_id not in joined:  # whoever is in the file counts as the file says
            for mark in _marks(dict(zip(FACTS, known, strict=True))):
                seen.setdefault(mark, {})[person_id] = (
                    f"student {ref}" if ref else "a person without a student_ref"
                )
    for row, facts in final:
        for mark in _marks(facts):
            seen.setdefault(mark, {})[row.values["student_ref"]] = f"student {row.values['student_ref']}"
    for row, facts in final:
        for mark in _marks(facts):
            others = [words for key, words in seen[mark].items() if key != row.values["student_ref"]]
            if others:
                yield row.line, f"the same {mark[0]} as {others[0]}. Check that they are two people"


def _marks(facts: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    return marks_of(
        facts["given_name"], facts["family_name"], facts["date_of_birth"], facts["email"], facts["uln"]
    )


def _possible_twins(s: Session, final: list[tuple[CheckedRow, dict[str, Any]]]) -> Iterator[tuple[Any, ...]]:
    """Everybody who shares a birthday, an address or a learner number with a row, told once."""
    told: set[UUID] = set()
    columns = [getattr(Person, fact) for fact in ("id", "student_ref", *FACTS)]
    for fact in ("date_of_birth", "email", "uln"):
        wanted = [facts[fact] for _, facts in final if facts[fact]]
        for part in parts(wanted):
            for found in s.execute(select(*columns).where(getattr(Person, fact).in_(part))):
                if found[0] not in told:
                    told.add(found[0])
                    yield tuple(found)


STUDENTS = ImportKind(
    name="students",
    title="Students",
    columns=(
        Column("student_ref", one_line(40), required=True,
               help="The college's own number for the student; never an NHS number", example="S0001"),
        Column("given_name", name("given name"), required=True, help="First name or names", example="Amina"),
        Column("family_name", name("family name"),
               help="Last name; empty only for a person with one name", example="O'Connor-Ismail"),
        Column("preferred_name", name("preferred name"),
               help="What they like to be called, if another name", example="Mina"),
        Column("certificate_name", name("certificate name"),
               help="The name to print, if not given and family name", example="Amina O'Connor-Ismail"),
        Column("email", email, help="Where they read mail", example="amina@example.com"),
        Column("date_of_birth", iso_date, help="Needed to register with the awarding organisation",
               example="1990-02-28"),
        Column("uln", uln, help="Unique learner number, 10 digits; 9999999999 when not yet known",
               example="9276308686"),
    ),
    key=("student_ref",),
    apply=apply_students,
    permission=Permission.COURSE_IMPORT,
    note="One row for each student. A column you leave out stays as it is; an empty cell empties it. "
    "Nobody can sign in until you invite them.",
    seen_at="courses.imports_start",
    seen_as="Next: put them into a cohort, by importing enrolments",
)  # fmt: skip
