"""Importing cohorts, students, enrolments, sessions and attendance: made, changed, left alone, refused."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.imports import DECISIONS
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.courses.imports import KINDS
from recovery_college.courses.models import (
    Attendance,
    Cohort,
    CourseSession,
    Enrolment,
    EnrolmentPause,
    EnrolmentUnit,
    Site,
)
from recovery_college.courses.queries import tutors_of
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.imports.kind import run_import
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person
from recovery_college.people.services import close_account, create_user
from tests.courses.files import (
    a_small_college,
    bring,
    brought,
    cohort,
    counts,
    criterion,
    csv_of,
    mark,
    place,
    planned,
    refused,
    student,
)
from tests.factories.people import CONSOLE, a_person, an_account


@pytest.fixture
def college(app: Flask) -> None:
    a_small_college()


def only(model: type) -> object:
    return session().scalars(select(model)).one()


# ---- every kind ------------------------------------------------------------------------------------------------


ONE_MORE = {
    "qualification": (criterion(version="2"),),
    "cohorts": (cohort("C2", site="Peterborough", min_attendance="75"),),
    "sessions": (planned("2026-09-21", title="Values", site="Ely"),),
    "students": (student("S3", email="Cai@Example.com", uln="9276308686", date_of_birth="1990-02-28"),),
    "enrolments": (place("S1", status="paused", units="U1"),),
    "attendance": (mark(), mark("S2", given="Late ")),
}


@pytest.mark.parametrize("kind", list(ONE_MORE))
def test_the_same_file_twice_changes_nothing(college: None, kind: str) -> None:
    rows = ONE_MORE[kind]
    first = brought(kind, *rows)
    events = len(session().scalars(select(AuditEvent)).all())
    second = brought(kind, *rows)
    assert first.created + first.updated == len(rows)
    assert counts(second) == (0, 0, len(rows))
    assert len(session().scalars(select(AuditEvent)).all()) == events


@pytest.mark.parametrize("kind", list(ONE_MORE))
def test_a_dry_run_says_the_same_and_keeps_nothing(college: None, kind: str) -> None:
    dry = bring(kind, *ONE_MORE[kind], dry_run=True)
    assert brought(kind, *ONE_MORE[kind]).as_json() == dry.as_json()


@pytest.mark.parametrize("kind", list(ONE_MORE))
def test_each_changed_record_has_an_event_without_a_name(college: None, kind: str) -> None:
    before = session().scalars(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1)).one()
    brought(kind, *ONE_MORE[kind])
    events = session().scalars(select(AuditEvent).where(AuditEvent.seq > before)).all()
    assert events[-1].action == f"imported {kind}"
    assert len([one for one in events[:-1] if one.subject_kind != "site"]) == len(ONE_MORE[kind])
    assert not any("Amina" in one.details or "Cai" in one.details for one in events)
    assert verify_chain(session()).problem is None


def test_the_templates_examples_can_be_imported_in_their_order(app: Flask) -> None:
    for kind in KINDS:
        row = {column.name: column.example for column in kind.columns}
        with clock.held_at(datetime(2026, 10, 1, tzinfo=UTC)):
            report = bring(kind.name, row)
        assert (report.ok, report.created) == (True, 1), (kind.name, report)


# ---- cohorts ---------------------------------------------------------------------------------------------------


def test_a_new_site_is_made_and_named(college: None) -> None:
    report = brought(
        "cohorts", cohort("C2", site="Ely"), cohort("C3", site="ELY"), cohort("C4", site="cambridge")
    )
    assert "The site “Ely” was not known and is made" in report.warnings
    assert sorted(session().scalars(select(Site.name))) == ["Cambridge", "Ely"]


def test_minimum_attendance_is_80_where_nothing_is_said(college: None) -> None:
    brought("cohorts", cohort("C2", min_attendance=""), cohort("C3", min_attendance="0"))
    found = dict(session().execute(select(Cohort.ref, Cohort.min_attendance)).all())  # type: ignore[arg-type]
    assert found == {"C1": 80, "C2": 80, "C3": 0}
    brought("cohorts", cohort("C3"))  # without the column it stays
    assert session().scalar(select(Cohort.min_attendance).where(Cohort.ref == "C3")) == 0


def test_tutors_are_assigned_and_taken_off(college: None) -> None:
    for name in ("maya", "jo"):
        an_account(a_person(name.title()), Role.TUTOR, email=f"{name}@fenside.example")
    both = cohort(tutor_emails="Maya@fenside.example; jo@fenside.example")
    assert counts(brought("cohorts", both)) == (0, 1, 0)
    cohort_id = only(Cohort).id  # type: ignore[attr-defined]
    assert sorted(tutors_of(cohort_id)) == ["Jo Example", "Maya Example"]
    assert counts(brought("cohorts", cohort())) == (0, 0, 1)  # without the column they stay
    assert counts(brought("cohorts", cohort(tutor_emails="jo@fenside.example"))) == (0, 1, 0)
    assert tutors_of(cohort_id) == ["Jo Example"]
    assert "has no tutor yet" in brought("cohorts", cohort(tutor_emails="")).warnings[0]


def test_who_is_no_tutor_is_refused(college: None) -> None:
    an_account(a_person("Hal"), Role.HR, email="hal@fenside.example")
    closed = an_account(a_person("Cleo"), Role.TUTOR, email="cleo@fenside.example")
    close_account(CONSOLE, closed.id)
    report = bring(
        "cohorts", cohort(tutor_emails="hal@fenside.example;nobody@fenside.example;cleo@fenside.example")
    )
    assert [(one.column, one.value) for one in report.refused] == [
        ("tutor_emails", "hal@fenside.example"),
        ("tutor_emails", "nobody@fenside.example"),
        ("tutor_emails", "cleo@fenside.example"),
    ]
    assert "not a tutor" in report.refused[0].reason
    assert "Nobody signs in" in report.refused[1].reason
    assert "closed" in report.refused[2].reason


def test_an_assigned_tutor_who_left_stays_named(college: None) -> None:
    account = an_account(a_person("Cleo"), Role.TUTOR, email="cleo@fenside.example")
    row = cohort(tutor_emails="cleo@fenside.example")
    brought("cohorts", row)
    close_account(CONSOLE, account.id)
    assert counts(brought("cohorts", row)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        ({"qualification": "Unknown"}, "qualification"),
        ({"version": "9"}, "version"),
        ({"ends_on": "2026-09-13"}, "ends_on"),
        ({"min_attendance": "101"}, "min_attendance"),
        ({"capacity": "-1"}, "capacity"),
    ],
)
def test_a_cohort_that_cannot_be_is_refused(college: None, columns: dict[str, str], column: str) -> None:
    assert refused(bring("cohorts", cohort("C2", **columns))) == [(2, column)]


def test_the_version_may_be_left_out_when_there_is_one(college: None) -> None:
    brought("cohorts", cohort("C2", version=""))
    brought("qualification", criterion(version="2"))
    report = bring("cohorts", cohort("C3", version=""))
    assert refused(report) == [(2, "version")]
    assert report.refused[0].reason.endswith("There are: 1, 2")


def test_students_stay_on_their_version(college: None) -> None:
    """A2."""
    brought("qualification", criterion(version="2"))
    assert refused(bring("cohorts", cohort(version="2"))) == [(2, "qualification")]


# ---- students --------------------------------------------------------------------------------------------------


def test_a_student_is_a_person_without_an_account(college: None) -> None:
    person = session().scalars(select(Person).where(Person.student_ref == "S1")).one()
    assert (person.given_name, person.family_name) == ("Amina", "Example")
    assert not session().scalars(select(Account)).all()


def test_a_column_left_out_stays_and_an_empty_cell_empties(college: None) -> None:
    brought("students", student("S1", email="a@example.com", preferred_name="Mina"))
    assert counts(brought("students", {"student_ref": "S1", "given_name": "Amina"})) == (0, 0, 1)
    assert counts(brought("students", student("S1", email=""))) == (0, 1, 0)
    session().expire_all()
    person = session().scalars(select(Person).where(Person.student_ref == "S1")).one()
    assert (person.email, person.preferred_name) == ("", "Mina")


def test_a_new_student_needs_the_family_name_column(college: None) -> None:
    report = bring(
        "students", {"student_ref": "S1", "given_name": "A"}, {"student_ref": "S9", "given_name": "B"}
    )
    assert refused(report) == [(3, "family_name")]


def test_one_name_only_is_welcome_and_told(college: None) -> None:
    report = brought("students", student("S9", given_name="Sukarno", family_name=""))
    assert report.warnings == (
        "Line 2: there is no family name. That is right for a person with one name only",
    )


def test_look_alikes_are_told_and_never_merged(college: None) -> None:
    brought("students", student("S3", date_of_birth="1990-02-28", email="a@example.com"))
    report = brought(
        "students",
        student("S4", given_name="amina", date_of_birth="1990-02-28"),
        student("S5", given_name="Cai", email="A@example.com"),
        student("S6", given_name="Cai", date_of_birth="1990-02-28"),
    )
    assert report.created == 3
    assert report.warnings == (
        "Line 2: the same name and date of birth as student S3. Check that they are two people",
        "Line 3: the same email address as student S3. Check that they are two people",
    )


def test_look_alikes_within_one_file_are_told(college: None) -> None:
    report = brought(
        "students", student("S3", uln="9276308686"), student("S4", given_name="B", uln="9276308686")
    )
    assert [warning.split(" as ")[0] for warning in report.warnings] == [
        "Line 2: the same ULN",
        "Line 3: the same ULN",
    ]


def test_a_learner_number_not_yet_known_is_nobodys_twin(college: None) -> None:
    report = brought(
        "students", student("S3", uln="9999999999"), student("S4", given_name="B", uln="9999999999")
    )
    assert report.warnings == ()


# ---- enrolments ------------------------------------------------------------------------------------------------


def units_held(student_ref: str) -> int:
    statement = (
        select(EnrolmentUnit)
        .join(Enrolment, EnrolmentUnit.enrolment_id == Enrolment.id)
        .join(Person, Enrolment.person_id == Person.id)
        .where(Person.student_ref == student_ref)
    )
    return len(session().scalars(statement).all())


def test_units_left_empty_are_all_mandatory_ones(college: None) -> None:
    assert units_held("S1") == 2
    assert counts(brought("enrolments", place("S1", units="U2"))) == (0, 1, 0)
    assert units_held("S1") == 1
    assert counts(brought("enrolments", place("S1"))) == (0, 0, 1)  # without the column they stay
    assert counts(brought("enrolments", place("S1", units=""))) == (0, 1, 0)
    assert units_held("S1") == 2


def test_options_are_registered_only_when_named(app: Flask) -> None:
    options = {"group": "Options", "group_min_units": 1}
    brought("qualification", criterion(), criterion("O1", **options), criterion("O2", **options))
    brought("cohorts", cohort())
    brought("students", student("S1"), student("S2", given_name="Ben"))
    report = brought("enrolments", place("S1", units=""), place("S2", units="U1;O2"))
    assert (units_held("S1"), units_held("S2")) == (1, 2)
    assert report.warnings == ()
    report = brought("enrolments", place("S2", units="U1"))
    assert "too few for the qualification" in report.warnings[0]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (place("S9"), "student_ref"),
        (place("S1", "C9"), "cohort"),
        (place("S1", units="U1;U9"), "units"),
        (place("S1", status="left"), "status"),
        (place("S1", enrolled_on="31/02/2026"), "enrolled_on"),
    ],
)
def test_an_enrolment_that_cannot_be_is_refused(college: None, row: dict[str, object], column: str) -> None:
    assert refused(bring("enrolments", row)) == [(2, column)]


def test_more_students_than_places_is_told(college: None) -> None:
    brought("cohorts", cohort(capacity=1))
    report = brought("enrolments", place("S1"), place("S2"))
    assert report.warnings == ("The cohort C1 has 1 places and now 2 students",)
    assert brought("enrolments", place("S2", status="withdrawn")).warnings == ()


def test_a_tutor_who_is_a_student_of_the_cohort_is_told(college: None) -> None:
    """A10: nobody assesses themselves."""
    person = session().scalars(select(Person).where(Person.student_ref == "S1")).one()
    an_account(person, Role.TUTOR, email="amina@fenside.example")
    brought("cohorts", cohort(tutor_emails="amina@fenside.example"))
    assert "also a tutor of this cohort" in brought("enrolments", place("S1")).warnings[0]


def test_a_pause_begins_and_ends_with_its_imports(college: None) -> None:
    """C2."""
    with clock.held_at(datetime(2026, 10, 5, 9, tzinfo=UTC)):
        brought("enrolments", place("S1", status="paused"))
    with clock.held_at(datetime(2026, 10, 19, 9, tzinfo=UTC)):
        brought("enrolments", place("S1", status="enrolled"))
        brought("enrolments", place("S2", status="paused"))
        brought("enrolments", place("S2", status="enrolled"))  # a slip, mended the same day
    pause = only(EnrolmentPause)
    assert (pause.from_on, pause.to_on) == (date(2026, 10, 5), date(2026, 10, 18))  # type: ignore[attr-defined]


def test_the_day_a_place_ends_is_kept(college: None) -> None:
    with clock.held_at(datetime(2026, 10, 5, 9, tzinfo=UTC)):
        brought("enrolments", place("S1", status="withdrawn"))
    session().expire_all()
    enrolment = (
        session().scalars(select(Enrolment).where(Enrolment.status == EnrolmentStatus.WITHDRAWN)).one()
    )
    assert enrolment.ended_on == date(2026, 10, 5)
    brought("enrolments", place("S1"))
    session().expire_all()
    assert enrolment.ended_on is None


def test_completed_is_not_taken_back(college: None) -> None:
    brought("enrolments", place("S1", status="completed"))
    assert refused(bring("enrolments", place("S1"))) == [(2, "status")]


# ---- sessions and attendance -----------------------------------------------------------------------------------


def test_a_session_is_known_by_its_day_and_start(college: None) -> None:
    assert counts(brought("sessions", planned(title="Values", ends="12:00"))) == (0, 1, 0)
    assert counts(brought("sessions", planned(starts="13:00"))) == (1, 0, 0)
    assert counts(brought("sessions", planned(ends="12:00"))) == (0, 0, 1)  # the title stays
    assert len(session().scalars(select(CourseSession)).all()) == 2


def test_a_session_that_cannot_be_is_refused(college: None) -> None:
    report = bring("sessions", planned(ends="09:30"), planned(cohort="C9"), planned(starts="25:00"))
    assert refused(report) == [(2, "ends"), (3, "cohort"), (4, "starts")]


def test_a_session_outside_the_course_is_told(college: None) -> None:
    report = brought("sessions", planned("2027-01-04"), planned("2027-01-11"))
    assert report.warnings == ("Lines 2 and 3: the day lies outside the cohort's dates",)


def test_a_mark_is_made_and_changed(college: None) -> None:
    assert counts(brought("attendance", mark(), mark("S2", given="absent"))) == (2, 0, 0)
    assert counts(brought("attendance", mark(), mark("S2", given="apology"))) == (0, 1, 1)
    session().expire_all()
    assert sorted(session().scalars(select(Attendance.mark))) == [Mark.APOLOGY, Mark.PRESENT]


def test_a_mark_for_somebody_not_enrolled_is_refused(college: None) -> None:
    brought("students", student("S3"))
    report = bring("attendance", mark("S3"), mark("S9"), mark(given="here"))
    assert refused(report) == [(2, "student_ref"), (3, "student_ref"), (4, "mark")]


def test_marks_that_count_for_nothing_are_told(college: None) -> None:
    brought("enrolments", place("S2", enrolled_on="2026-09-28"))
    with clock.held_at(datetime(2026, 9, 20, tzinfo=UTC)):
        report = brought("attendance", mark(day="2026-09-15"), mark("S2"), mark(day="2026-09-21"))
    assert report.warnings == (
        "Line 2: C1 has no session planned on 2026-09-15, so the mark does not count",
        "Line 3: the day is before the student's enrolment, so the mark does not count",
        "Line 4: C1 has no session planned on 2026-09-21, so the mark does not count",
        "Line 4: the day is still to come. The mark counts once the day is over",
    )


# ---- who signs in before the file comes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role", "joins"),
    [("A. Other", Role.STUDENT, True), ("amina EXAMPLE", Role.TUTOR, True), ("A. Other", Role.TUTOR, False)],
)
def test_a_student_who_signs_in_already_is_the_same_person(
    app: Flask, name: str, role: Role, joins: bool
) -> None:
    create_user(CONSOLE, "s9@example.com", name, role)
    rows = (student("S9", email="S9@example.com"), student("S8", given_name="Ben"))
    dry = bring("students", *rows, dry_run=True)
    report = brought("students", *rows)
    assert (dry.created, dry.warnings) == (report.created, report.warnings) == (2, dry.warnings)
    people = {one.student_ref: one for one in session().scalars(select(Person))}
    account = session().scalars(select(Account)).one()
    assert (people["S9"].id == account.person_id) is joins
    assert people["S9"].given_name == "Amina"
    assert any("signs in already" in one for one in report.warnings) is joins
    assert counts(brought("students", *rows)) == (0, 0, 2)


def test_who_teaches_and_learns_is_one_person_who_does_not_assess_themselves(college: None) -> None:
    create_user(CONSOLE, "amina@example.com", "Amina Example", Role.TUTOR)
    brought("students", student("S9", email="amina@example.com"))
    brought("enrolments", place("S9"))
    row = place("S9", unit_code="U1", criterion="1.1", attempt=1, decision="met", decided_on="2026-09-15")
    report = run_import(
        DECISIONS, CONSOLE, csv_of([row | {"assessor_email": "amina@example.com"}]), "decisions.csv"
    )
    assert [one.column for one in report.refused] == ["assessor_email"]
    assert "your own" in report.refused[0].reason
