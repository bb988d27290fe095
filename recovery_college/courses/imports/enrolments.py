"""Importing enrolments: who takes the course with which cohort, registered for which units (A5)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import NO_UNITS, one_line, unit_codes
from recovery_college.courses.imports.lookups import (
    PlaceFact,
    cohorts_named,
    column,
    parts,
    people_named,
    places_held,
    refusal,
)
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.imports.unit_work import settled_units
from recovery_college.courses.imports.usable import Usable
from recovery_college.courses.models import (
    Cohort,
    CohortTutor,
    Enrolment,
    EnrolmentPause,
    EnrolmentUnit,
    UnitGroup,
)
from recovery_college.courses.pauses import end_pauses
from recovery_college.courses.queries import places_taken
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import combination_shortfalls
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, choice, iso_date
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows
from recovery_college.kernel.ids import new_id

ENDED = (EnrolmentStatus.WITHDRAWN, EnrolmentStatus.COMPLETED)


def apply_enrolments(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a place for each row. The day a place ends or rests is the day of the import."""
    cohorts = cohorts_named(s, column(rows, "cohort"))
    return _Enrolments(s, actor, cohorts).apply(rows)


@dataclass(frozen=True, slots=True)
class _Units:
    """A qualification's units by code, and which everyone takes."""

    syllabus: Syllabus
    by_code: dict[str, UUID]
    mandatory: frozenset[UUID]
    shortfalls: dict[tuple[str, ...], str] = field(default_factory=dict)

    def shortfall(self, codes: tuple[str, ...]) -> str:
        """What the rule of combination would still ask for with these units, or an empty text."""
        if codes not in self.shortfalls:
            found = combination_shortfalls(self.syllabus.specification, codes, "in the units registered")
            self.shortfalls[codes] = found[0] if found else ""
        return self.shortfalls[codes]


class _Enrolments:
    """One import of enrolments: what is known, and what is to be written."""

    def __init__(self, s: Session, actor: Actor, cohorts: dict[str, Cohort]) -> None:
        self.s, self.actor, self.cohorts = s, actor, cohorts
        self.today = clock.today()
        self.usable = Usable(s)
        ids = [cohort.id for cohort in cohorts.values()]
        self.places = places_held(s, ids)
        self.registered = _registered(s, ids)
        self.tutors = _tutors(s, ids)
        self.taken = places_taken(ids)
        self.units = {
            qualification_id: _units_of(s, qualification_id)
            for qualification_id in {cohort.qualification_id for cohort in cohorts.values()}
        }
        self.notes, self.refusals, self.events = Notes(), list[Refusal](), list[Event]()
        self.new: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.units_added: list[dict[str, UUID]] = []
        self.units_ended: list[tuple[UUID, UUID]] = []
        self.pauses: list[dict[str, Any]] = []
        self.resumed: list[UUID] = []
        self.unchanged = 0

    def apply(self, rows: list[CheckedRow]) -> Outcome:
        """Look at every row, then write everything at once."""
        people = people_named(self.s, column(rows, "student_ref"))
        for row in rows:
            cohort = self.cohorts.get(row.values["cohort"])
            person_id = people.get(row.values["student_ref"])
            if cohort is None:
                self._refuse(
                    row, "cohort", "There is no such cohort. Import it first, or check the reference"
                )
            if person_id is None:
                self._refuse(
                    row, "student_ref", "There is no such student. Import them first, or check the reference"
                )
            if cohort is not None and person_id is not None:
                self._look_at(row, cohort, person_id)
        self._write()
        self._tell_capacity()
        return Outcome(
            len(self.new), len(self.changes), self.unchanged, self.refusals, self.notes.sentences()
        )

    def _refuse(self, row: CheckedRow, name: str, reason: str) -> None:
        self.refusals.append(refusal(row, name, reason))

    def _look_at(self, row: CheckedRow, cohort: Cohort, person_id: UUID) -> None:
        old = self.places.get((cohort.id, row.values["student_ref"]))
        status: EnrolmentStatus = row.values["status"]
        enrolled_on: date = row.values["enrolled_on"]
        if old is not None and old.status is EnrolmentStatus.COMPLETED is not status:
            reason = "This student has completed the course, and an import cannot take that back"
            return self._refuse(row, "status", reason)
        missing = self.usable.missing(cohort.qualification_id) if old is None else ""
        if missing:
            return self._refuse(row, "cohort", missing)
        units = self._units_of(row, cohort, old)
        if units is None:
            return None
        ended = self.registered.get(old.id, set()) - units if old else set()
        settled = settled_units(old.id, ended) if old else set()
        if settled:
            return self._refuse(
                row, "units", "A unit that is verified, claimed or awarded cannot be taken off"
            )
        if enrolled_on > cohort.ends_on:
            self.notes.add("the student is enrolled after the cohort's last day", row.line)
        if (cohort.id, person_id) in self.tutors:
            self.notes.add(
                "the student is also a tutor of this cohort: somebody else assesses them", row.line
            )
        if old is None:
            self._add(cohort, person_id, status, enrolled_on, units)
        else:
            self._change(old, status, enrolled_on, units)
        return None

    def _units_of(self, row: CheckedRow, cohort: Cohort, old: PlaceFact | None) -> set[UUID] | None:
        """The units a row registers for; None when it names one that is not there."""
        if old is not None and "units" not in row.raw:
            return self.registered.get(old.id, set())
        known = self.units[cohort.qualification_id]
        codes = row.values["units"]
        if codes is None:
            return set(known.mandatory)
        if codes == (NO_UNITS,) and NO_UNITS not in known.by_code:
            return set()
        missing = [code for code in codes if code not in known.by_code]
        if missing:
            self._refuse(
                row,
                "units",
                f"{cohort.ref} has no unit {', '.join(missing)}. There are: {', '.join(known.by_code)}",
            )
            return None
        shortfall = known.shortfall(codes)
        if shortfall:
            self.notes.add(
                f"these units are too few for the qualification. {shortfall.rstrip('.')}", row.line
            )
        return {known.by_code[code] for code in codes}

    def _add(
        self, cohort: Cohort, person_id: UUID, status: EnrolmentStatus, enrolled_on: date, units: set[UUID]
    ) -> None:
        enrolment_id = new_id()
        ended_on = max(enrolled_on, min(self.today, cohort.ends_on)) if status in ENDED else None
        self.new.append(
            {
                "id": enrolment_id,
                "cohort_id": cohort.id,
                "person_id": person_id,
                "status": status,
                "enrolled_on": enrolled_on,
                "ended_on": ended_on,
            }
        )
        self._register(enrolment_id, units)
        if status is EnrolmentStatus.PAUSED:
            self._pause(enrolment_id, max(enrolled_on, self.today))
        self.events.append(
            event_of(
                self.actor, "imported enrolment", "enrolment", enrolment_id,
                cohort=str(cohort.id), status=status.value, units=len(units),
            )
        )  # fmt: skip

    def _change(self, old: PlaceFact, status: EnrolmentStatus, enrolled_on: date, units: set[UUID]) -> None:
        had = self.registered.get(old.id, set())
        moved = status is not old.status
        if not moved and enrolled_on == old.enrolled_on and units == had:
            self.unchanged += 1
            return
        ended_on = old.ended_on
        if moved:
            ended_on = max(enrolled_on, self.today) if status in ENDED else None
        self.changes.append(
            {"id": old.id, "status": status, "enrolled_on": enrolled_on, "ended_on": ended_on}
        )
        self._register(old.id, units - had)
        self.units_ended += [(old.id, unit_id) for unit_id in had - units]
        if moved and old.status is EnrolmentStatus.PAUSED:
            self.resumed.append(old.id)
        if moved and status is EnrolmentStatus.PAUSED:
            self._pause(old.id, max(enrolled_on, self.today))
        self.events.append(
            event_of(
                self.actor, "changed enrolment", "enrolment", old.id,
                before=old.status.value, status=status.value,
                units_added=len(units - had), units_ended=len(had - units),
            )
        )  # fmt: skip

    def _register(self, enrolment_id: UUID, units: Collection[UUID]) -> None:
        self.units_added += [{"enrolment_id": enrolment_id, "unit_id": unit_id} for unit_id in units]

    def _pause(self, enrolment_id: UUID, from_on: date) -> None:
        self.pauses.append({"id": new_id(), "enrolment_id": enrolment_id, "from_on": from_on, "to_on": None})

    def _write(self) -> None:
        s = self.s
        add_rows(s, Enrolment, self.new)
        if self.changes:
            s.execute(update(Enrolment), self.changes)
        add_rows(s, EnrolmentUnit, self.units_added)
        for enrolment_id, unit_id in self.units_ended:
            s.execute(
                delete(EnrolmentUnit).where(
                    EnrolmentUnit.enrolment_id == enrolment_id, EnrolmentUnit.unit_id == unit_id
                )
            )
        for part in parts(self.resumed):
            end_pauses(s, part, self.today)
        if self.pauses:
            s.execute(insert(EnrolmentPause), self.pauses)
        record_many(s, self.events)

    def _tell_capacity(self) -> None:
        """Tell which cohorts have more students than places, withdrawn ones apart."""
        taken = Counter(self.taken)
        before = {place.id: place for place in self.places.values()}
        for one in self.changes:
            was = before[one["id"]]
            taken[was.cohort_id] += _holds_a_place(one["status"]) - _holds_a_place(was.status)
        for one in self.new:
            taken[one["cohort_id"]] += _holds_a_place(one["status"])
        for cohort in self.cohorts.values():
            if taken[cohort.id] > cohort.capacity:
                self.notes.add(
                    f"The cohort {cohort.ref} has {cohort.capacity} places and now {taken[cohort.id]} students"
                )


def _holds_a_place(status: EnrolmentStatus) -> bool:
    return status is not EnrolmentStatus.WITHDRAWN


def _units_of(s: Session, qualification_id: UUID) -> _Units:
    syllabus = syllabus_of(qualification_id)
    mandatory = set(
        s.scalars(
            select(UnitGroup.name).where(
                UnitGroup.qualification_id == qualification_id, UnitGroup.is_mandatory
            )
        )
    )
    return _Units(
        syllabus,
        {unit.code: unit.id for unit in syllabus.units},
        frozenset(unit.id for unit in syllabus.units if unit.group in mandatory),
    )


def _registered(s: Session, cohort_ids: list[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for part in parts(cohort_ids):
        statement = (
            select(EnrolmentUnit.enrolment_id, EnrolmentUnit.unit_id)
            .join(Enrolment, EnrolmentUnit.enrolment_id == Enrolment.id)
            .where(Enrolment.cohort_id.in_(part))
        )
        for enrolment_id, unit_id in s.execute(statement):
            found.setdefault(enrolment_id, set()).add(unit_id)
    return found


def _tutors(s: Session, cohort_ids: list[UUID]) -> set[tuple[UUID, UUID]]:
    statement = select(CohortTutor.cohort_id, CohortTutor.person_id)
    return {
        (cohort_id, person_id)
        for part in parts(cohort_ids)
        for cohort_id, person_id in s.execute(statement.where(CohortTutor.cohort_id.in_(part)))
    }


ENROLMENTS = ImportKind(
    name="enrolments",
    title="Enrolments",
    columns=(
        Column("cohort", one_line(40), required=True, help="The cohort's reference", example="C11"),
        Column("student_ref", one_line(40), required=True, help="The student's reference", example="S0001"),
        Column("status", choice(EnrolmentStatus), required=True,
               help="enrolled, paused, withdrawn or completed", example="enrolled"),
        Column("enrolled_on", iso_date, required=True, help="The day the place began", example="2026-09-14"),
        Column("units", unit_codes,
               help="Unit codes, a semicolon (;) between two. Empty: all mandatory units; none: no unit", example=""),
    ),
    key=("cohort", "student_ref"),
    apply=apply_enrolments,
    permission=Permission.COURSE_IMPORT,
    note="One row for each place. Import the cohorts and the students first.",
    seen_at="courses.cohorts_list",
    seen_as="See the cohorts",
)  # fmt: skip
