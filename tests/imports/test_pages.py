"""The four pages: template, upload, check, done; what goes wrong is said where it is."""

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from recovery_college import app as factory
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, Role
from recovery_college.imports import pages, services
from recovery_college.imports.models import ImportUpload
from recovery_college.imports.pages import add_import_pages
from recovery_college.imports.services import FOLDER
from recovery_college.imports.tasks import forget_old_uploads
from recovery_college.kernel import clock, tables
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.settings import Settings
from recovery_college.kernel.storage import new_key
from recovery_college.kernel.tables import read_table
from recovery_college.people.models import Person
from recovery_college.rooms import rooms
from tests.databases import Database
from tests.factories.people import signed_in
from tests.imports.people_kind import PEOPLE, people_file
from tests.page_client import Page, PageClient

START, UPLOAD = "/test-imports/people", "/test-imports/people/upload"
TWO = people_file(("S1", "Ames"), ("S2", "Bell"))
HALF_GOOD = people_file(("S1", "Ames"), ("S2", "Nobody"), ("", "Cole"), ("S4", "<b>Dean</b>"))


@pytest.fixture(scope="module")
def room_app(one_app: Flask, settings: Settings) -> Flask:
    """The app with one more room, whose only pages are these."""
    room = Room("testing", __name__)
    add_import_pages(room, "/test-imports", [PEOPLE], Permission.SIGNED_IN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factory, "rooms", lambda given: (*rooms(given), room))
        app = factory.create_app(settings)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture
def app(room_app: Flask, database: Database, data_folder: Path) -> Iterator[Flask]:
    database.refresh()
    with room_app.app_context():
        yield room_app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def admin(client: PageClient) -> PageClient:
    return client.wear(signed_in(Role.ADMIN))


def send(client: PageClient, content: bytes, name: str = "people.csv") -> Page:
    return client.send(UPLOAD, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def checking(client: PageClient, content: bytes) -> str:
    answer = send(client, content)
    assert answer.status == 303
    return str(answer.response.headers["Location"])


def people() -> set[tuple[str | None, str]]:
    with session() as s:
        rows: Any = s.execute(
            select(Person.student_ref, Person.family_name).where(Person.student_ref.is_not(None))
        )
        return {tuple(row) for row in rows}


def stored(folder: Path) -> int:
    return sum(file.is_file() for file in (folder / "files").rglob("*"))


def test_works(admin: PageClient, data_folder: Path) -> None:
    start = admin.get(START)
    assert start.h1 == "Import people"
    assert "The college's own number" in start.words
    assert UPLOAD in start.links
    address = checking(admin, TWO)
    check = admin.get(address)
    assert check.h1 == "Check 2 rows"
    assert "2 will be made" in check.words
    assert "Bell" in check.words
    assert people() == set()
    done = admin.send(address, {"deed": "all"})
    assert done.response.headers["Location"] == f"{address}/done"
    page = admin.get(f"{address}/done")
    assert page.h1 == "People imported"
    assert "2 made 0 changed 0 unchanged" in page.words
    assert people() == {("S1", "Ames"), ("S2", "Bell")}
    assert stored(data_folder) == 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_can_be_imported(admin: PageClient, form: str) -> None:
    answer = admin.get(f"{START}/template.{form}").response
    assert answer.headers["Content-Disposition"] == f'attachment; filename="people-template.{form}"'
    table = read_table(answer.data)
    assert table.columns == ("student_ref", "family_name")
    assert table.rows[0].values == {"student_ref": "S0001", "family_name": "Example"}
    assert admin.get(f"{START}/template.pdf").status == 404


def test_shows_bad_rows_and_imports_the_good_only_when_chosen(admin: PageClient) -> None:
    address = checking(admin, HALF_GOOD)
    check = admin.get(address)
    assert check.h1 == "2 rows need mending"
    assert "Nobody cannot be imported" in check.words
    assert "This cell is empty and must be filled in" in check.words
    assert "(empty) (to mend)" in check.words
    assert "Import the 2 good rows" in check.words
    assert "Import all" not in check.words
    assert "&lt;b&gt;Dean&lt;/b&gt;" in check.text
    assert "<b>Dean" not in check.text
    admin.send(address, {"deed": "good"})
    page = admin.get(f"{address}/done")
    assert "2 made" in page.words
    assert "2 rows were left out" in page.words
    assert people() == {("S1", "Ames"), ("S4", "<b>Dean</b>")}


def test_all_rows_are_not_imported_while_one_is_bad(admin: PageClient) -> None:
    address = checking(admin, HALF_GOOD)
    answer = admin.send(address, {"deed": "all"})
    assert answer.response.headers["Location"] == address
    assert "Nothing was imported" in admin.get(address).words
    assert people() == set()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"a,b\n1,caf\xe9\n", "not saved in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00", "characters that are not text"),
        (b"shoe\n1\n", "The column “student_ref” is missing"),
        (people_file(), "The file has a header and no rows under it"),
        (b"student_ref,student_ref\n1,2\n", "twice"),
    ],
    ids=["empty", "encoding", "binary", "columns", "header", "doubled"],
)
def test_shows_errors_at_the_field(admin: PageClient, data_folder: Path, content: bytes, said: str) -> None:
    page = send(admin, content)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert said in page.words
    assert "#file" in page.links
    assert stored(data_folder) == 0


def test_a_file_over_the_limit_is_refused(admin: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pages, tables):
        monkeypatch.setattr(module, "MOST_BYTES", len(TWO) - 1)
    page = send(admin, TWO)
    assert page.status == 422
    assert "The file is too big" in page.words


def test_more_rows_than_a_person_should_wait_for_are_refused(
    admin: PageClient, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_ROWS_UPLOADED", 2)
    assert send(admin, TWO).status == 303
    page = send(admin, people_file(("S1", "Ames"), ("S2", "Bell"), ("S3", "Cole")))
    assert page.status == 422
    assert "The file has 3 rows, and this page takes 2 at a time" in page.words
    assert stored(data_folder) == 1


def test_asks_for_a_file_and_its_ending(admin: PageClient) -> None:
    page = admin.send(UPLOAD, {})
    assert page.status == 422
    assert "Choose the file to check" in page.words
    page = send(admin, TWO, "people.pdf")
    assert page.status == 422
    assert "ends in .csv or .xlsx or .ods" in page.words


def test_repeated_rows_are_said(admin: PageClient) -> None:
    address = checking(admin, people_file(("S1", "Ames"), ("S1", "Ames")))
    assert "Line 3 is the same as line 2 and counts once" in admin.get(address).words


def test_many_warnings_are_cut_short(admin: PageClient) -> None:
    page = admin.get(checking(admin, people_file(*[("S1", "Ames")] * 61)))
    assert "Line 52 is the same as line 2" in page.words
    assert "Line 53 is the same" not in page.words
    assert "And 10 more like these" in page.words


def test_many_bad_rows_are_cut_short(admin: PageClient) -> None:
    page = admin.get(checking(admin, people_file(*[(f"S{n}", "Nobody") for n in range(201)])))
    assert page.h1 == "201 rows need mending"
    assert "Line 201" in page.words
    assert "Line 202" not in page.words
    assert "Only the first 200 are shown" in page.words


def test_sent_twice_imports_once(admin: PageClient) -> None:
    address = checking(admin, TWO)
    token = admin.get(address).hidden("csrf_token")
    for _ in range(2):
        answer = admin.post(address, data={"csrf_token": token, "deed": "all"})
        assert answer.response.headers["Location"] == f"{address}/done"
    assert len(people()) == 2
    assert admin.get(address).status == 303


def test_what_changed_since_the_check_is_shown(admin: PageClient, data_folder: Path) -> None:
    address = checking(admin, TWO)
    token = admin.get(address).hidden("csrf_token")
    for file in (data_folder / "files").rglob("*"):
        if file.is_file():
            file.write_bytes(HALF_GOOD)
    assert (
        admin.post(address, data={"csrf_token": token, "deed": "all"}).response.headers["Location"] == address
    )
    assert admin.get(address).h1 == "2 rows need mending"


def test_a_file_that_is_gone_is_said(admin: PageClient) -> None:
    address = checking(admin, TWO)
    token = admin.get(address).hidden("csrf_token")
    assert forget_uploads_files(admin) == 1
    answer = admin.post(address, data={"csrf_token": token, "deed": "all"})
    assert answer.response.headers["Location"] == UPLOAD
    assert "Your file is no longer here" in admin.get(UPLOAD).words


def forget_uploads_files(client: PageClient) -> int:
    storage = client.client.application.extensions["storage"]
    with session() as s:
        keys = list(s.scalars(select(ImportUpload.storage_key)))
    for key in keys:
        storage.delete(key)
    return len(keys)


def test_old_uploads_are_forgotten(admin: PageClient, data_folder: Path) -> None:
    address = checking(admin, TWO)
    the_storage().put(new_key(FOLDER), TWO)  # a server that stopped before the row was written
    forget_old_uploads()
    assert stored(data_folder) == 2
    for file in (data_folder / "files").rglob("*"):
        os.utime(file, (0, 0))
    with transaction() as s:
        s.execute(update(ImportUpload).values(uploaded_at=clock.now() - timedelta(days=8)))
    forget_old_uploads()
    assert stored(data_folder) == 0
    assert admin.get(address).status == 404
    with session() as s:
        assert s.scalar(select(func.count()).select_from(ImportUpload)) == 0


def test_needs_sign_in(client: PageClient) -> None:
    for path in (START, UPLOAD, f"{START}/template.csv"):
        answer = client.get(path)
        assert answer.status == 303
        assert answer.response.headers["Location"].startswith("/sign-in")


def test_other_role_refused(client: PageClient) -> None:
    """The pages are open to all signed in here; the kind is not."""
    client.wear(signed_in(Role.STUDENT))
    for path in (START, UPLOAD, f"{START}/template.csv"):
        assert client.get(path).status == 404


def test_other_persons_upload_not_found(client: PageClient) -> None:
    client.wear(signed_in(Role.ADMIN))
    address = checking(client, TWO)
    token = client.get(address).hidden("csrf_token")
    assert token
    client.wear(signed_in(Role.ADMIN))
    other_token = client.get(UPLOAD).hidden("csrf_token")
    assert client.get(address).status == 404
    assert client.get(f"{address}/done").status == 404
    assert client.post(address, data={"csrf_token": other_token, "deed": "all"}).status == 404
    assert people() == set()


def test_an_unknown_kind_or_button_is_refused(admin: PageClient) -> None:
    assert admin.get("/test-imports/shoes").status == 404
    address = checking(admin, TWO)
    assert admin.send(address, {"deed": "burn"}).status == 400
    assert people() == set()


def test_done_before_the_import_leads_back(admin: PageClient) -> None:
    address = checking(admin, TWO)
    assert admin.get(f"{address}/done").response.headers["Location"] == address
