"""Importing cohorts, with the tutors assigned to each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import one_line
from recovery_college.courses.imports.lookups import Sites, cohorts_named, column, parts, refusal
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.imports.usable import Usable
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment, Qualification
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, emails, iso_date, whole_number
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Account, Person, RoleGrant

MIN_ATTENDANCE = 80
"""Per cent of the whole course, where a file says nothing (C3; contract: files, cohorts)."""

FACTS = (
    "title", "qualification_id", "site_id", "starts_on", "ends_on", "capacity", "min_attendance",
)  # fmt: skip


def apply_cohorts(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a cohort for each row, and assign exactly the tutors the row names."""
    known = cohorts_named(s, column(rows, "cohort"))
    qualifications = _qualifications(s, column(rows, "qualification"))
    tutors = _Tutors(s, rows, [cohort.id for cohort in known.values()])
    taken = _cohorts_with_students(s, [cohort.id for cohort in known.values()])
    usable = Usable(s)
    sites, notes, refusals, events = Sites(s), Notes(), list[Refusal](), list[Event]()
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    unchanged = 0
    for row in rows:
        old = known.get(row.values["cohort"])
        qualification_id, problem = _qualification(row, qualifications)
        people, unknown = tutors.named_in(row, old.id if old else None)
        problems = [one for one in (problem, _dates(row), *unknown) if one]
        if qualification_id is not None and (old is None or qualification_id != old.qualification_id):
            not_usable = usable.why_not(qualification_id)
            problems += [refusal(row, "version", not_usable)] if not_usable else []
        if old is not None and old.id in taken and qualification_id not in (None, old.qualification_id):
            reason = (
                "Students of this cohort are registered for another qualification or version and stay on it. "
                "Make a new cohort"
            )
            problems.append(refusal(row, "qualification", reason))
        if problems:
            refusals += problems
            continue
        facts = {
            "title": row.values["title"],
            "qualification_id": qualification_id,
            "site_id": sites.id_of(row.values["site"]),
            "starts_on": row.values["starts_on"],
            "ends_on": row.values["ends_on"],
            "capacity": row.values["capacity"],
            "min_attendance": _min_attendance(row, old),
        }
        cohort_id = old.id if old else new_id()
        had = tutors.assigned.get(cohort_id, {})
        tutors_change = people is not None and set(people) != set(had)
        changed = [] if old is None else [fact for fact in FACTS if facts[fact] != getattr(old, fact)]
        if old is None:
            new.append({"id": cohort_id, "ref": row.values["cohort"], "holds_decisions": True, **facts})
            events.append(event_of(actor, "imported cohort", "cohort", cohort_id, tutors=len(people or ())))
        elif changed or tutors_change:
            changes.append({"id": cohort_id, **facts})
            what = ",".join([*changed, *(["tutors"] if tutors_change else [])])
            events.append(event_of(actor, "changed cohort", "cohort", cohort_id, fields=what))
        else:
            unchanged += 1
        if tutors_change and people is not None:
            tutors.assign(cohort_id, people)
        if not (people if people is not None else had):
            notes.add("the cohort has no tutor yet", row.line)
    if new:
        s.execute(insert(Cohort), new)
    if changes:
        s.execute(update(Cohort), changes)
    tutors.write()
    record_many(s, [*sites.events(actor), *events])
    told = [*sites.told(), *notes.sentences()]
    return Outcome(len(new), len(changes), unchanged, refusals, told)


def _min_attendance(row: CheckedRow, old: Cohort | None) -> int:
    if old is not None and "min_attendance" not in row.raw:
        return old.min_attendance
    given: int | None = row.values["min_attendance"]
    return MIN_ATTENDANCE if given is None else given


def _dates(row: CheckedRow) -> Refusal | None:
    if row.values["ends_on"] < row.values["starts_on"]:
        return refusal(row, "ends_on", "The cohort ends before it starts. Check both dates")
    return None


def _qualifications(s: Session, titles: list[str]) -> dict[str, dict[str, UUID]]:
    found: dict[str, dict[str, UUID]] = {}
    for part in parts(titles):
        statement = select(Qualification.title, Qualification.version, Qualification.id)
        for title, version, qualification_id in s.execute(statement.where(Qualification.title.in_(part))):
            found.setdefault(title, {})[version] = qualification_id
    return found


def _qualification(row: CheckedRow, known: dict[str, dict[str, UUID]]) -> tuple[UUID | None, Refusal | None]:
    """The qualification a row names; an empty version means the only one there is."""
    versions = known.get(row.values["qualification"])
    if not versions:
        reason = "There is no qualification with this title. Import it first, or check the spelling"
        return None, refusal(row, "qualification", reason)
    version = row.values["version"]
    if version in versions:
        return versions[version], None
    there = ", ".join(sorted(versions))
    if version is None:
        if len(versions) == 1:
            return next(iter(versions.values())), None
        return None, refusal(row, "version", f"Say which version. There are: {there}")
    return None, refusal(row, "version", f"This qualification has no such version. There are: {there}")


def _cohorts_with_students(s: Session, cohort_ids: list[UUID]) -> set[UUID]:
    return {
        cohort_id
        for part in parts(cohort_ids)
        for cohort_id in s.scalars(
            select(Enrolment.cohort_id).where(Enrolment.cohort_id.in_(part)).distinct()
        )
    }


@dataclass(frozen=True, slots=True)
class _Account:
    """Whom an address leads to."""

    person_id: UUID
    is_closed: bool
    is_tutor: bool


class _Tutors:
    """Who may be assigned, who is assigned, and what becomes of it."""

    def __init__(self, s: Session, rows: list[CheckedRow], cohort_ids: list[UUID]) -> None:
        self.s = s
        named = [address for row in rows for address in row.values["tutor_emails"] or ()]
        self.accounts = _accounts(s, named)
        # For each cohort the people assigned now, each with every address they are known by.
        self.assigned: dict[UUID, dict[UUID, set[str]]] = {}
        for part in parts(cohort_ids):
            statement = (
                select(CohortTutor.cohort_id, Person.id, Person.email, Account.email)
                .join(Person, CohortTutor.person_id == Person.id)
                .outerjoin(Account, Account.person_id == Person.id)
                .where(CohortTutor.cohort_id.in_(part))
            )
            for cohort_id, person_id, *addresses in s.execute(statement):
                found = self.assigned.setdefault(cohort_id, {}).setdefault(person_id, set())
                found |= {address.casefold() for address in addresses if address}
        self.added: list[dict[str, UUID]] = []
        self.ended: list[tuple[UUID, UUID]] = []

    def named_in(self, row: CheckedRow, cohort_id: UUID | None) -> tuple[list[UUID] | None, list[Refusal]]:
        """The people a row assigns; None when the file has no such column."""
        if "tutor_emails" not in row.raw:
            return None, []
        had = self.assigned.get(cohort_id, {}) if cohort_id else {}
        # Who has no address at all cannot be named in a file, so no file takes them away.
        people = [person_id for person_id, addresses in had.items() if not addresses]
        problems: list[Refusal] = []
        for address in row.values["tutor_emails"] or ():
            already = next((one for one, addresses in had.items() if address in addresses), None)
            account = self.accounts.get(address)
            if already is not None:
                people.append(already)
            elif account is None:
                problems.append(
                    _no_tutor(row, address, "Nobody signs in with this address. Invite them first")
                )
            elif account.is_closed:
                problems.append(_no_tutor(row, address, "The account with this address is closed"))
            elif not account.is_tutor:
                reason = "Whoever signs in with this address is not a tutor. Give them that role first"
                problems.append(_no_tutor(row, address, reason))
            else:
                people.append(account.person_id)
        return list(dict.fromkeys(people)), problems

    def assign(self, cohort_id: UUID, people: list[UUID]) -> None:
        """Have exactly these people assigned to a cohort."""
        had = self.assigned.get(cohort_id, {})
        self.added += [
            {"cohort_id": cohort_id, "person_id": person_id} for person_id in people if person_id not in had
        ]
        self.ended += [(cohort_id, person_id) for person_id in had if person_id not in people]

    def write(self) -> None:
        """Write what `assign` gathered."""
        for cohort_id, person_id in self.ended:
            self.s.execute(
                delete(CohortTutor).where(
                    CohortTutor.cohort_id == cohort_id, CohortTutor.person_id == person_id
                )
            )
        if self.added:
            self.s.execute(insert(CohortTutor), self.added)


def _no_tutor(row: CheckedRow, address: str, reason: str) -> Refusal:
    return Refusal(row.line, "tutor_emails", address, reason)


def _accounts(s: Session, addresses: list[str]) -> dict[str, _Account]:
    found: dict[str, _Account] = {}
    for part in parts(addresses):
        statement = (
            select(Account.email, Account.person_id, Account.closed_at, RoleGrant.id)
            .outerjoin(
                RoleGrant,
                (RoleGrant.person_id == Account.person_id)
                & (RoleGrant.role == Role.TUTOR)
                & RoleGrant.ended_at.is_(None),
            )
            .where(Account.email.in_(part))
        )
        for address, person_id, closed_at, grant_id in s.execute(statement):
            found[address] = _Account(person_id, closed_at is not None, grant_id is not None)
    return found


COHORTS = ImportKind(
    name="cohorts",
    title="Cohorts",
    columns=(
        Column("cohort", one_line(40), required=True, help="The cohort's short reference", example="C11"),
        Column("title", one_line(200), required=True, help="How people call it",
               example="Cohort 11, Cambridge"),
        Column("qualification", one_line(200), required=True, help="Its title, as imported",
               example="Peer Support Work (EXAMPLE)"),
        Column("version", one_line(40), help="Its version; may be empty if there is only one", example="1"),
        Column("site", one_line(120), required=True, help="Where it is taught. A new site is made",
               example="Cambridge"),
        Column("starts_on", iso_date, required=True, help="First day", example="2026-09-14"),
        Column("ends_on", iso_date, required=True, help="Last day", example="2026-12-18"),
        Column("capacity", whole_number(0, 10_000), required=True, help="How many places there are",
               example="16"),
        Column("min_attendance", whole_number(0, 100),
               help="Least attendance over the whole course to graduate, in per cent. Empty: 80",
               example="80"),
        Column("tutor_emails", emails,
               help="The addresses its tutors sign in with, a semicolon (;) between two"),
    ),
    key=("cohort",),
    apply=apply_cohorts,
    permission=Permission.COURSE_IMPORT,
    note="One row for each cohort. Import its qualification first, and invite its tutors.",
    seen_at="courses.cohorts_list",
    seen_as="See the cohorts",
)  # fmt: skip
