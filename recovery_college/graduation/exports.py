"""What goes out of this room: eligibility and certificates, in the columns other programs hold on to."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission
from recovery_college.assessment.place_queries import own_enrolments
from recovery_college.assessment.progress_queries import own_work
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.courses.models import Attendance, Cohort, Enrolment
from recovery_college.courses.specification import unit_label
from recovery_college.graduation.models import Certificate, Graduation, GraduationSource
from recovery_college.graduation.queries import standings_in
from recovery_college.graduation.rules import why_not_with_notes
from recovery_college.imports.kind import ExportKind
from recovery_college.kernel.db import session
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.tables_out import Cell
from recovery_college.people.models import Person

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


OWN_ATTENDANCE_COLUMNS = ("cohort", "session_on", "mark")
OWN_DECISION_COLUMNS = (
    "cohort",
    "unit_code",
    "criterion",
    "criterion_text",
    "attempt",
    "decision",
    "decided_on",
    "feedback",
)
OWN_RESULT_COLUMNS = (
    "cohort",
    "unit_code",
    "unit_title",
    "level",
    "credit",
    "criteria",
    "criteria_met",
    "where",
)


def own_attendance_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a day of one's own courses."""
    rows = session().execute(
        select(Cohort.ref, Attendance.session_on, Attendance.mark)
        .join(Enrolment, Attendance.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == actor.person_id)
        .order_by(Attendance.session_on, Cohort.ref)
    )
    for ref, day, mark in rows:
        yield ref, day, mark.value


def own_decision_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a decision about one's own work, as the page shows it: released ones only (A7)."""
    for enrolment in own_enrolments(actor.person_id) if actor.person_id else ():
        work = own_work(enrolment)
        criteria = work.syllabus.criteria
        for row in reversed(work.said):
            criterion = criteria[row.criterion_id]
            unit = work.syllabus.unit(criterion.unit_id)
            yield (
                enrolment.cohort.ref,
                unit.code if unit else "",
                criterion.number,
                criterion.text,
                row.attempt,
                row.outcome.value,
                row.decided_on,
                row.feedback,
            )


def own_result_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a unit of one's own, in the words of one's own page."""
    for enrolment in own_enrolments(actor.person_id) if actor.person_id else ():
        work = own_work(enrolment)
        words = {unit.label: unit.words for unit in work.units}
        for result in work.results:
            unit = result.unit
            yield (
                enrolment.cohort.ref,
                unit.code,
                unit.title,
                unit.level,
                unit.credit,
                len(unit.criteria),
                result.met,
                words.get(unit_label(unit.code), ""),
            )


OWN_EXPORTS: Mapping[str, ExportKind] = {
    kind.name: kind
    for kind in (
        ExportKind("my-results", "Your units", OWN_RESULT_COLUMNS, own_result_rows, Permission.OWN_PROGRESS),
        ExportKind(
            "my-decisions",
            "What your tutors said",
            OWN_DECISION_COLUMNS,
            own_decision_rows,
            Permission.OWN_PROGRESS,
        ),
        ExportKind(
            "my-attendance",
            "Your attendance",
            OWN_ATTENDANCE_COLUMNS,
            own_attendance_rows,
            Permission.OWN_PROGRESS,
        ),
    )
}
"""What students and graduates may take out of their own: nothing that their own pages do not show."""


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
                so_far,
                whole,
                result.units_required,
                result.units_verified,
                "yes" if result.eligible else "no",
                why_not_with_notes(result),
            )


def certificate_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[tuple[Cell, ...]]:
    """A row a certificate, in the order of their numbers."""
    refs = {cohort.ref for cohort in _cohorts(actor, cohort_ref)}
    base = the_settings().public_base_url
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
                certificate.issued_on,
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
        .order_by(Graduation.graduated_on, Graduation.cohort_ref, Person.student_ref, Graduation.id)
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
                graduation.graduated_on,
                graduation.source_note or graduation.source.value,
            )
