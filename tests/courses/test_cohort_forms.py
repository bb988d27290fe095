"""/cohorts/new, /cohorts/<id>/edit and the units of a place: the checks of the imports, in the browser."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment, EnrolmentUnit, Site
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification_services import add_qualification
from recovery_college.courses.version_services import copy_version, supersede_version
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.courses.files import bring
from tests.courses.test_specification_services import FACTS
from tests.factories.courses import a_cohort, a_qualification, an_enrolment, units_of
from tests.factories.graduation import a_finished_cohort
from tests.factories.people import CONSOLE, a_person, an_account, signed_in
from tests.page_client import PageClient


@pytest.fixture
def admin(client: PageClient) -> PageClient:
    return client.wear(signed_in(Role.ADMIN))


def typed(version: object, **said: Any) -> dict[str, Any]:
    return {
        "ref": "C1", "title": "Cohort 1, Ely", "qualification_id": str(version), "site": "Ely",
        "starts_on-day": "14", "starts_on-month": "9", "starts_on-year": "2026",
        "ends_on-day": "18", "ends_on-month": "12", "ends_on-year": "2026",
        "capacity": "16", "min_attendance": "80", "tutors": [], "holds_decisions": "yes",
    } | said  # fmt: skip


def test_a_cohort_is_planned(admin: PageClient) -> None:
    version = a_qualification()
    tutor = a_person("Maya", "Tutor")
    an_account(tutor, Role.TUTOR, email="maya@fenside.example")
    assert "maya@fenside.example" in admin.get("/cohorts/new").words
    data = typed(version.id, tutors=[str(tutor.id)])
    for _ in range(2):  # a double click
        assert admin.send("/cohorts/new", data).status == 303
    made = session().scalars(select(Cohort)).one()
    assert (made.ref, made.capacity, made.holds_decisions) == ("C1", 16, True)
    assert session().scalars(select(CohortTutor.person_id)).all() == [tutor.id]
    assert session().scalars(select(Site.name)).all() == ["Ely"]
    actions = list(session().scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))
    assert actions[-2:] == ["made site", "added cohort"]
    report = bring("cohorts", {"cohort": "C1", "title": "Cohort 1, Ely", "qualification": version.title,
                               "version": "1", "site": "Ely", "starts_on": "2026-09-14", "ends_on": "2026-12-18",
                               "capacity": 16, "tutor_emails": "maya@fenside.example"})  # fmt: skip
    assert (report.ok, report.unchanged) == (True, 1)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"ref": ""}, "Enter a reference"),
        ({"ref": "taken"}, "There is a cohort with this reference already"),
        ({"ends_on-year": "2025"}, "The cohort ends before it starts"),
        ({"ends_on-year": "2062"}, "more than 5 years. Check both dates"),
        ({"starts_on-month": "13"}, "First day must be a real date"),
        ({"capacity": "-1"}, "Places must be from 0 to 10,000"),
        ({"min_attendance": "101"}, "Least attendance to graduate must be from 0 to 100"),
        ({"site": ""}, "Enter where it is taught"),
        ({"tutors": ["00000000-0000-4000-8000-000000000001"]}, "The tutors must be from the list"),
        ({"qualification_id": "nothing"}, "Qualification and version must be from the list"),
    ],
)
def test_shows_errors(admin: PageClient, said: dict[str, Any], problem: str) -> None:
    version = a_qualification()
    an_account(a_person("Maya", "Tutor"), Role.TUTOR)
    a_cohort(version, ref="TAKEN")
    page = admin.send("/cohorts/new", typed(version.id, **said))
    assert page.status == 422
    assert problem in page.words
    assert "Cohort 1, Ely" in page.text  # what was typed is kept
    assert len(session().scalars(select(Cohort)).all()) == 1


def test_a_version_that_is_superseded_or_unfinished_is_refused(admin: PageClient) -> None:
    unfinished = add_qualification(CONSOLE, FACTS)
    page = admin.send("/cohorts/new", typed(unfinished))
    assert page.status == 422
    assert "This version is not ready for a cohort yet. The specification has no units" in page.words
    old = a_qualification()
    token = admin.get("/cohorts/new").hidden("csrf_token")  # a form drawn before it was superseded
    supersede_version(CONSOLE, old.id, copy_version(CONSOLE, old.id, "2"))
    page = admin.post("/cohorts/new", data={"csrf_token": token, **typed(old.id)})
    assert page.status == 422
    assert session().scalars(select(Cohort)).all() == []


def test_a_cohort_is_changed_and_two_editors_are_shown_both(admin: PageClient) -> None:
    cohort = a_cohort(a_qualification())
    path = f"/cohorts/{cohort.id}/edit"
    page = admin.get(path)
    assert 'name="ref"' not in page.text
    seen = page.hidden("seen")
    data = typed(cohort.qualification_id, seen=seen, title="Theirs", capacity="9")
    assert admin.send(path, data).status == 303
    page = admin.send(path, {**data, "title": "Yours"})
    assert page.status == 409
    assert {"Theirs", "Yours"} <= set(page.words.split())
    kept = session().get_one(Cohort, cohort.id, populate_existing=True)
    assert (kept.title, kept.capacity, kept.ref) == ("Theirs", 9, cohort.ref)


def test_with_students_the_version_stays_and_too_few_places_are_told(admin: PageClient) -> None:
    version = a_qualification()
    cohort, other = a_cohort(version), a_qualification()
    an_enrolment(cohort)
    path = f"/cohorts/{cohort.id}/edit"
    page = admin.get(path)
    assert str(other.id) not in page.text
    seen = page.hidden("seen")
    assert admin.send(path, typed(other.id, seen=seen)).status == 422
    assert admin.send(path, typed(version.id, seen=seen, capacity="0")).status == 303
    assert "The cohort has 0 places and 1 students." in admin.get(f"/cohorts/{cohort.id}").words


def test_a_student_is_registered_for_an_optional_unit_and_decisions_stay(admin: PageClient) -> None:
    version = a_qualification(units=2, optional_units=2)
    cohort = a_cohort(version)
    own = an_enrolment(cohort)
    units = [str(unit.id) for unit in units_of(version)]
    path = f"/cohorts/{cohort.id}/students/{own.id}/units"
    assert path in admin.get(f"/cohorts/{cohort.id}/students").links
    page = admin.get(path)
    seen = page.hidden("seen")
    assert admin.send(path, {"seen": seen, "units": units[:3]}).status == 303
    assert registered(own) == set(units[:3])
    page = admin.send(path, {"seen": seen, "units": units})
    assert page.status == 409  # somebody changed them since
    seen = admin.get(path).hidden("seen")
    assert admin.send(path, {"seen": seen, "units": [units[0]]}).status == 303
    assert "too few for the qualification" in admin.get(f"/cohorts/{cohort.id}/students").words
    assert admin.send(path, {"seen": seen, "units": []}).status == 422


def registered(own: Enrolment) -> set[str]:
    rows = session().scalars(select(EnrolmentUnit.unit_id).where(EnrolmentUnit.enrolment_id == own.id))
    return {str(one) for one in rows}


def test_what_quality_assurance_confirmed_stays(admin: PageClient) -> None:
    finished = a_finished_cohort(ready=1)
    own = finished.ready[0]
    path = f"/cohorts/{finished.cohort.id}/students/{own.id}/units"
    page = admin.get(path)
    assert "verified, claimed or awarded, so it stays" in page.words
    assert "decisions on record" in page.words
    units = sorted(registered(own))
    before = len(session().scalars(select(Decision.id)).all())
    page = admin.send(path, {"seen": page.hidden("seen"), "units": units[:1]})
    assert page.status == 422
    assert "so it stays" in page.words
    assert registered(own) == set(units)
    assert len(session().scalars(select(Decision.id)).all()) == before
    with transaction() as s:
        s.get_one(Enrolment, own.id).status = EnrolmentStatus.COMPLETED
    page = admin.send(path, {"seen": admin.get(path).hidden("seen"), "units": units[:1]})
    assert "has completed the course" in page.words


def test_a_file_takes_no_confirmed_unit_off_either(admin: PageClient) -> None:
    finished = a_finished_cohort(ready=1)
    own = finished.ready[0]
    person = own.person_id
    with transaction() as s:
        s.get_one(Enrolment, own.id).person.student_ref = "S9"
    code = units_of(finished.cohort.qualification)[0].code
    row = {"cohort": finished.cohort.ref, "student_ref": "S9", "status": "enrolled",
           "enrolled_on": own.enrolled_on.isoformat(), "units": code}  # fmt: skip
    report = bring("enrolments", row)
    assert [one.column for one in report.refused] == ["units"]
    assert person == own.person_id


def test_other_role_refused(client: PageClient) -> None:
    cohort = a_cohort(a_qualification())
    own = an_enrolment(cohort)
    paths = ("/cohorts/new", f"/cohorts/{cohort.id}/edit", f"/cohorts/{cohort.id}/students/{own.id}/units")
    expected = {
        Role.TUTOR: [403] * 3,
        Role.IQA: [403] * 3,
        Role.AUDITOR: [403, 404, 404],
        Role.STUDENT: [403, 404, 404],
    }
    for role, answers in expected.items():
        client.wear(signed_in(role))
        assert [client.get(path).status for path in paths] == answers, role


def test_another_cohort_s_place_is_not_found(admin: PageClient) -> None:
    one, other = a_cohort(a_qualification()), a_cohort(a_qualification())
    own = an_enrolment(other, enrolled_on=clock.today() - timedelta(days=3))
    assert admin.get(f"/cohorts/{one.id}/students/{own.id}/units").status == 404
