"""Adding and changing a cohort, and the units a student is registered for, with the checks of the imports."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.services import record, record_many
from recovery_college.courses.cohort_queries import has_students, tutor_ids, tutors_to_choose
from recovery_college.courses.imports.lookups import Sites
from recovery_college.courses.imports.unit_work import settled_units
from recovery_college.courses.imports.usable import Usable
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment, EnrolmentUnit
from recovery_college.courses.queries import places_taken
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import combination_shortfalls, unit_label
from recovery_college.courses.specification_parts import stamp_of
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel.db import transaction
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.refusals import DeedRefused

Facts = Mapping[str, Any]
FACTS = (
    "title", "qualification_id", "site_id", "starts_on", "ends_on", "capacity", "min_attendance",
    "holds_decisions",
)  # fmt: skip


class CohortRefused(DeedRefused):
    """What was asked cannot be done."""


class CohortChanged(Exception):
    """Somebody saved the same cohort, or the same student's units, since the page was drawn."""


def cohort_stamp(s: Session, cohort: Cohort) -> str:
    """A digest of what the form of a cohort shows."""
    facts = {name: getattr(cohort, name) for name in FACTS}
    tutors = ",".join(sorted(str(one) for one in tutor_ids(s, cohort.id)))
    return stamp_of({**facts, "tutors": tutors}, has_students(s, cohort.id))


def add_cohort(actor: Actor, ref: str, facts: Facts, tutors: Collection[UUID]) -> tuple[UUID, list[str]]:
    """Make a cohort. Return its id and what to tell. The same one sent twice is made once."""
    with transaction() as s:
        twin = s.scalar(select(Cohort).where(func.lower(Cohort.ref) == ref.lower()))
        if twin is not None:
            same = all(getattr(twin, name) == facts[name] for name in FACTS if name != "site_id")
            if twin.ref == ref and same and tutor_ids(s, twin.id) == set(tutors):
                return twin.id, []
            raise CohortRefused("There is a cohort with this reference already", "ref")
        _refuse_unusable(s, facts["qualification_id"])
        _refuse_dates(facts)
        sites = Sites(s)
        row = Cohort(id=new_id(), ref=ref, **_stored(facts, sites))
        s.add(row)
        try:
            s.flush()
        except IntegrityError as error:
            raise CohortRefused("There is a cohort with this reference already", "ref") from error
        _assign(s, row.id, set(), tutors)
        record_many(s, sites.events(actor))
        record(s, actor, "added cohort", "cohort", row.id, tutors=len(tutors))
        return row.id, _told(sites, len(tutors), None, facts)


def change_cohort(
    actor: Actor, cohort_id: UUID, facts: Facts, tutors: Collection[UUID], seen: str
) -> list[str]:
    """Change a cohort. Return what to tell. With students on it its version stays (A2)."""
    with transaction() as s:
        row = s.get_one(Cohort, cohort_id, with_for_update=True, populate_existing=True)
        if cohort_stamp(s, row) != seen:
            raise CohortChanged
        if facts["qualification_id"] != row.qualification_id:
            if has_students(s, cohort_id):
                text = "Students of this cohort are registered for this version and stay on it"
                raise CohortRefused(text, "qualification_id")
            _refuse_unusable(s, facts["qualification_id"])
        _refuse_dates(facts)
        sites = Sites(s)
        new = _stored(facts, sites)
        changed = [name for name in FACTS if getattr(row, name) != new[name]]
        for name in changed:
            setattr(row, name, new[name])
        had = tutor_ids(s, cohort_id)
        if had != set(tutors):
            _assign(s, cohort_id, had, tutors)
            changed.append("tutors")
        if changed:
            record_many(s, sites.events(actor))
            record(s, actor, "changed cohort", "cohort", cohort_id, fields=",".join(changed))
        return _told(sites, len(tutors), cohort_id, facts)


def _stored(facts: Facts, sites: Sites) -> dict[str, Any]:
    return {
        **{name: facts[name] for name in FACTS if name != "site_id"},
        "site_id": sites.id_of(facts["site"]),
    }


def _refuse_unusable(s: Session, qualification_id: UUID) -> None:
    why = Usable(s).why_not(qualification_id)
    if why:
        raise CohortRefused(why, "qualification_id")


def _refuse_dates(facts: Facts) -> None:
    if facts["ends_on"] < facts["starts_on"]:
        raise CohortRefused("The cohort ends before it starts. Check both dates", "ends_on")


def _assign(s: Session, cohort_id: UUID, had: set[UUID], tutors: Collection[UUID]) -> None:
    """Have exactly these people assigned. Somebody new must be a tutor with an open account."""
    known = {one.person_id for one in tutors_to_choose(cohort_id)}
    if not set(tutors) <= known:
        raise CohortRefused("Choose tutors from the list", "tutors")
    for person_id in had - set(tutors):
        s.execute(
            delete(CohortTutor).where(CohortTutor.cohort_id == cohort_id, CohortTutor.person_id == person_id)
        )
    s.add_all(CohortTutor(cohort_id=cohort_id, person_id=one) for one in set(tutors) - had)
    s.flush()


def _told(sites: Sites, tutors: int, cohort_id: UUID | None, facts: Facts) -> list[str]:
    told = [f"{sentence}." for sentence in sites.told()]
    if not tutors:
        told.append("The cohort has no tutor yet.")
    taken = places_taken([cohort_id]).get(cohort_id, 0) if cohort_id else 0
    if taken > facts["capacity"]:
        told.append(f"The cohort has {facts['capacity']} places and {taken} students.")
    return told


def units_stamp(units: Collection[UUID]) -> str:
    """A digest of the units a student is registered for."""
    return stamp_of({"units": ",".join(sorted(str(one) for one in units))}, False)


def change_units(actor: Actor, enrolment_id: UUID, units: Collection[UUID], seen: str) -> list[str]:
    """Register a student for exactly these units (A5). Return what to tell.

    What is decided for a unit stays on the record when the unit is taken off, and counts again when it comes
    back. A unit that quality assurance confirmed, or that is claimed or awarded, cannot be taken off.
    """
    with transaction() as s:
        place = s.get_one(Enrolment, enrolment_id, with_for_update=True, populate_existing=True)
        if place.status is EnrolmentStatus.COMPLETED:
            raise CohortRefused("This student has completed the course, so the units stay")
        cohort = s.get_one(Cohort, place.cohort_id)
        syllabus = syllabus_of(cohort.qualification_id)
        codes = {unit.id: unit.code for unit in syllabus.units}
        had = set(s.scalars(select(EnrolmentUnit.unit_id).where(EnrolmentUnit.enrolment_id == enrolment_id)))
        wanted = set(units)
        if had == wanted:
            return []
        if units_stamp(had) != seen:
            raise CohortChanged
        if not wanted <= set(codes):
            raise CohortRefused("Choose units from the list", "units")
        _refuse_settled(enrolment_id, had - wanted, codes)
        for unit_id in had - wanted:
            s.execute(
                delete(EnrolmentUnit).where(
                    EnrolmentUnit.enrolment_id == enrolment_id, EnrolmentUnit.unit_id == unit_id
                )
            )
        s.add_all(EnrolmentUnit(enrolment_id=enrolment_id, unit_id=one) for one in wanted - had)
        record(
            s, actor, "changed units", "enrolment", enrolment_id,
            units_added=len(wanted - had), units_ended=len(had - wanted),
        )  # fmt: skip
        chosen = [codes[one] for one in wanted]
        shortfalls = combination_shortfalls(syllabus.specification, chosen, "in the units registered")
        return [f"These units are too few for the qualification. {shortfalls[0]}"] if shortfalls else []


def _refuse_settled(enrolment_id: UUID, ended: Collection[UUID], codes: Mapping[UUID, str]) -> None:
    settled = settled_units(enrolment_id, ended)
    if settled:
        label = unit_label(next(codes[one] for one in codes if one in settled))
        raise CohortRefused(f"{label} is verified, claimed or awarded, so it stays", "units")
