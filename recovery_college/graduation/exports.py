"""What goes out of this room: eligibility and certificates, in the columns other programs hold on to."""

from collections.abc import Iterator, Sequence

from flask import current_app
from sqlalchemy import select

from recovery_college.access.rules import Actor
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.courses.models import Cohort
from recovery_college.graduation.models import Certificate, Graduation, GraduationSource
from recovery_college.graduation.queries import standings_in
from recovery_college.graduation.rules import why_not
from recovery_college.kernel.db import session
from recovery_college.people.models import Person

Cell = str | int | None

ELIGIBILITY_COLUMNS = (
    "cohort",
    "student_ref",
    "attendance_so_far",
    "attendance_whole_course",
    "units_required",
    "units_verified",
    "eligible",
    "why_not",
)
CERTIFICATE_COLUMNS = (
    "serial",
    "cohort",
    "student_ref",
    "certificate_name",
    "issued_on",
    "state",
    "sha256",
    "verify_url",
)
GRADUATE_COLUMNS = ("student_ref", "given_name", "family_name", "email", "cohort", "graduated_on", "source")


def _cohorts(actor: Actor, ref: str | None) -> Sequence[Cohort]:
    known = sorted(cohorts_known_to(actor), key=lambda cohort: (cohort.starts_on, cohort.ref))
    return [cohort for cohort in known if ref is None or cohort.ref == ref]


def eligibility_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a student: both percentages to one decimal without a sign, and why not."""
    for cohort in _cohorts(actor, cohort_ref):
        for standing in standings_in(cohort):
            so_far, whole = standing.attendance.so_far, standing.attendance.whole_course
            result = standing.eligibility
            yield (
                cohort.ref,
                standing.place.student_ref,
                "" if so_far is None else str(so_far),
                "" if whole is None else str(whole),
                result.units_required,
                result.units_verified,
                "yes" if result.eligible else "no",
                why_not(result),
            )


def certificate_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a certificate, in the order of their numbers."""
    refs = {cohort.ref for cohort in _cohorts(actor, cohort_ref)}
    base = current_app.extensions["settings"].public_base_url
    rows = session().execute(
        select(Certificate, Graduation.cohort_ref, Person.student_ref)
        .join(Graduation, Certificate.graduation_id == Graduation.id)
        .join(Person, Graduation.person_id == Person.id)
        .order_by(Certificate.number)
    )
    for certificate, ref, student_ref in rows:
        if ref in refs:
            yield (
                certificate.serial,
                ref,
                student_ref or "",
                certificate.facts["certificate_name"],
                certificate.issued_on.isoformat(),
                certificate.state.value,
                certificate.sha256,
                f"{base}/verify/{certificate.code}",
            )


def graduate_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a graduation, from before this system and in it, oldest first."""
    refs = {cohort.ref for cohort in _cohorts(actor, None)}
    rows = session().execute(
        select(Graduation, Person)
        .join(Person, Graduation.person_id == Person.id)
        .order_by(Graduation.graduated_on, Graduation.id)
    )
    for graduation, person in rows:
        known = graduation.cohort_ref in refs or graduation.source is GraduationSource.BEFORE
        if known and cohort_ref in (None, graduation.cohort_ref):
            yield (
                person.student_ref or "",
                person.given_name,
                person.family_name,
                person.email,
                graduation.cohort_ref,
                graduation.graduated_on.isoformat(),
                graduation.source_note or graduation.source.value,
            )
