"""/courses/import with its six kinds, and /courses/export."""

import io
from pathlib import Path

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.imports import KINDS
from recovery_college.kernel.db import session
from recovery_college.kernel.tables import read_table
from recovery_college.people.models import Person
from tests.courses.files import a_small_college, criterion, csv_of, student
from tests.factories.people import signed_in
from tests.page_client import Page, PageClient

NAMES = [kind.name for kind in KINDS]
NHS_NUMBER = "9434765919"


@pytest.fixture
def admin(client: PageClient, data_folder: Path) -> PageClient:
    return client.wear(signed_in(Role.ADMIN))


def upload(client: PageClient, kind: str, content: bytes) -> Page:
    """Upload a file; the page where it is checked."""
    sent = client.send(f"/courses/import/{kind}/upload", {"file": (io.BytesIO(content), f"{kind}.csv")})
    assert sent.status == 303, sent.words
    return client.get(sent.response.location)


def test_start_works(admin: PageClient) -> None:
    a_small_college()
    page = admin.get("/courses/import")
    found = [link for link in page.links if link.startswith("/courses/import/")]
    assert found == [f"/courses/import/{name}" for name in NAMES]
    assert "2 here now" in page.words
    assert {link: admin.get(link).status for link in found} == dict.fromkeys(found, 200)


def test_a_student_comes_in_by_four_pages(admin: PageClient) -> None:
    page = upload(admin, "students", csv_of([student("S1"), student("S2", given_name="Ben")]))
    assert "2 will be made" in page.words
    path = page.response.request.path
    done = admin.send(path, {"deed": "all"})
    assert "Students imported 2 made" in admin.get(done.response.location).words
    assert sorted(session().scalars(select(Person.student_ref).where(Person.student_ref.is_not(None)))) == [
        "S1",
        "S2",
    ]


def test_an_nhs_number_is_shown_nowhere(admin: PageClient) -> None:
    page = upload(admin, "students", csv_of([student("S1", uln=NHS_NUMBER)]))
    assert "does not hold NHS numbers" in page.words
    assert NHS_NUMBER not in page.text
    assert "(not shown)" in page.words


def test_half_a_qualification_cannot_be_imported(admin: PageClient) -> None:
    page = upload(admin, "qualification", csv_of([criterion(), criterion(number="1.2", level="9")]))
    assert "Upload a mended file" in page.words
    assert "good row" not in page.words
    path = page.response.request.path
    admin.send(path, {"deed": "good"}, form_at="/account/password")
    assert "No qualifications yet" in admin.get("/qualifications").words


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("kind", NAMES)
def test_export_works(admin: PageClient, kind: str, form: str) -> None:
    a_small_college()
    answer = admin.get(f"/courses/export/{kind}.{form}").response
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.{form}"'
    if form == "csv":
        columns = next(one.columns for one in KINDS if one.name == kind)
        assert read_table(answer.data).columns == tuple(column.name for column in columns)
    event = session().scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).one()
    assert event.action == f"exported {kind}"


def test_export_of_one_cohort(admin: PageClient) -> None:
    a_small_college()
    assert b"S1" in admin.get("/courses/export/enrolments.csv?cohort=C1").response.data
    assert admin.get("/courses/export/enrolments.csv?cohort=C9").status == 404


@pytest.mark.parametrize("path", ["nonsense.csv", "students.exe", "students"])
def test_unknown_export_is_not_found(admin: PageClient, path: str) -> None:
    assert admin.get(f"/courses/export/{path}").status == 404


@pytest.mark.parametrize(
    "path", ["/courses/import", "/courses/import/students", "/courses/export/students.csv"]
)
def test_needs_sign_in(client: PageClient, path: str) -> None:
    assert client.get(path).status == 303


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_other_role_refused(client: PageClient, role: Role) -> None:
    client.wear(signed_in(role))
    paths = ("/courses/import", "/courses/import/students", "/courses/export/students.csv")
    assert [client.get(path).status for path in paths] == [403, 404, 404]
