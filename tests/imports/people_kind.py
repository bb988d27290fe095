"""A small kind of import for these tests: people by student_ref, and a family name that may not be imported."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.imports import rules
from recovery_college.imports.kind import ImportKind, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal
from recovery_college.kernel import clock
from recovery_college.people.models import Person


def apply(s: Session, actor: Actor, rows: list[CheckedRow], options: Mapping[str, str]) -> Outcome:
    """Write people; one called Nobody is refused, after everybody else is written."""
    known = {person.student_ref: person for person in s.scalars(select(Person))}
    created = updated = unchanged = 0
    refusals = []
    for row in rows:
        ref, name = row.values["student_ref"], row.values["family_name"]
        if name == "Nobody":
            refusals.append(Refusal(row.line, "family_name", name, "Nobody cannot be imported"))
        elif ref not in known:
            s.add(Person(student_ref=ref, given_name="A", family_name=name, created_at=clock.now()))
            created += 1
        elif known[ref].family_name != name:
            known[ref].family_name = name
            updated += 1
        else:
            unchanged += 1
    warnings = [f"Made for {options['for']}"] if "for" in options else []
    return Outcome(created, updated, unchanged, refusals, warnings)


PEOPLE = ImportKind(
    name="people",
    title="People",
    columns=(
        Column(
            "student_ref", rules.text(40), required=True, help="The college's own number", example="S0001"
        ),
        Column("family_name", rules.text(200), required=True, help="As on papers", example="Example"),
    ),
    key=("student_ref",),
    apply=apply,
    permission=Permission.COURSE_IMPORT,
    note="One row for each person.",
)


def people_file(*rows: tuple[str, str]) -> bytes:
    return "".join(f"{ref},{name}\n" for ref, name in (("student_ref", "family_name"), *rows)).encode()
