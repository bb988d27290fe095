"""The pages of the specification editor."""

import re

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.courses.models import AssessmentCriterion, LearningOutcome, Qualification, Unit
from recovery_college.courses.version_services import copy_version
from recovery_college.kernel.db import session
from tests.factories.courses import a_cohort, a_qualification, an_enrolment, criteria_of, units_of
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import Page, PageClient
from tests.statements import statements

NEW = {
    "title": "Peer work", "version": "1", "accreditation": "centre-devised", "number": "601/4292/4",
    "resubmissions": "1", "min_credit": "", "min_credit_at_level": "", "at_level": "",
}  # fmt: skip
UNIT = {
    "code": "PSW-01",
    "title": "=HYPERLINK(1)",
    "level": "4",
    "credit": "3",
    "glh": "",
    "reference": "X/601/3538",
}


@pytest.fixture
def admin(client: PageClient) -> PageClient:
    return client.wear(signed_in(Role.ADMIN))


def follow(client: PageClient, page: Page) -> Page:
    assert page.status == 303, page.words if page.tree is not None else page.status
    return client.get(page.response.location.split("#")[0])


def link(page: Page, ending: str) -> str:
    return next(one for one in page.links if re.search(ending, one))


def save(client: PageClient, path: str, data: dict[str, str]) -> Page:
    """Send a form with what it knows of the page."""
    page = client.get(path)
    return client.send(path, {"seen": page.hidden("seen"), **data})


def test_a_specification_is_written_in_the_browser(admin: PageClient) -> None:
    page = follow(admin, admin.send("/qualifications/new", NEW))
    assert "Not ready for a cohort yet" in page.words
    assert "The specification has no units." in page.words
    path = link(page, "/units/new")
    chosen = re.search(r'<option value="([0-9a-f-]{36})"', admin.get(path).text)
    assert chosen
    unit = follow(admin, admin.send(path, {**UNIT, "group_id": chosen[1]}))
    assert unit.h1 == "PSW-01 =HYPERLINK(1)"
    unit = follow(admin, admin.send(link(unit, "outcomes/new"), {"number": "1", "text": "rozumie nadzieję"}))
    unit = follow(admin, admin.send(link(unit, "criteria/new"), {"number": "1.1", "text": "ŵy <b>x</b>"}))
    assert "1.1 The learner can: ŵy <b>x</b>" in unit.words
    shown = admin.get(link(unit, r"/qualifications/[0-9a-f-]{36}"))
    assert "Not ready" not in shown.words
    assert "This unit reference usually begins with J, not X." in shown.words  # A4: warned, not refused
    assert "This qualification number usually ends in 3, not 4." in shown.words


@pytest.mark.parametrize(
    ("box", "value", "said"),
    [
        ("credit", "0", "Enter a credit of at least 1"),
        ("level", "9", "Level must be from 1 to 8"),
        ("code", "A;B", "cannot hold a semicolon"),
        ("code", "U1", "Another unit of this version has this code"),
        ("title", "", "Enter the title of the unit"),
        ("title", "x" * 201, "200 characters or fewer"),
    ],
)
def test_shows_errors(admin: PageClient, box: str, value: str, said: str) -> None:
    version = a_qualification()
    path = f"/qualifications/{version.id}/units/new"
    group = units_of(version)[0].group_id
    page = admin.send(path, {**UNIT, "group_id": str(group), "reference": "kept words", box: value})
    assert page.status == 422
    assert said in page.words
    assert 'value="kept words"' in page.text
    assert session().scalar(select(Unit.code).where(Unit.reference == "kept words")) is None


def test_a_criterion_of_4000_characters_is_taken_and_one_more_is_not(admin: PageClient) -> None:
    version = a_qualification()
    outcome = session().scalars(select(LearningOutcome)).first()
    assert outcome is not None
    path = f"/qualifications/{version.id}/outcomes/{outcome.id}/criteria/new"
    assert admin.send(path, {"number": "1.9", "text": "x" * 4_001}).status == 422
    assert admin.send(path, {"number": "1.9", "text": "x" * 4_000}).status == 303
    page = admin.send(path, {"number": "1.1", "text": "another"})
    assert page.status == 422
    assert "with this number already" in page.words


def test_two_editors_are_shown_both(admin: PageClient) -> None:
    version = a_qualification()
    one = criteria_of(units_of(version)[0])[0]
    path = f"/qualifications/{version.id}/criteria/{one.id}/edit"
    seen = admin.get(path).hidden("seen")
    assert admin.send(path, {"seen": seen, "number": "1.1", "text": "theirs"}).status == 303
    page = admin.send(path, {"seen": seen, "number": "1.1", "text": "yours"})
    assert page.status == 409
    assert "theirs" in page.words
    assert "yours" in page.words
    assert session().get_one(AssessmentCriterion, one.id, populate_existing=True).text == "theirs"


def test_parts_are_moved_and_removed_by_buttons(admin: PageClient) -> None:
    version = a_qualification()
    unit = units_of(version)[0]
    first, second, _ = criteria_of(unit)
    page = f"/qualifications/{version.id}/units/{unit.id}"
    move = f"/qualifications/{version.id}/criterion/{second.id}/move"
    assert admin.send(move, {"at": "1", "to": "up"}, form_at=page).status == 303
    words = admin.get(page).words
    assert words.index("1.2 The learner can") < words.index("1.1 The learner can")
    assert "Number them in this order" in words
    assert admin.send(f"{page}/renumber", form_at=page).status == 303
    assert "Number them in this order" not in admin.get(page).words
    assert admin.send(move, {"at": "x", "to": "up"}, form_at=page).status == 400
    gone = f"/qualifications/{version.id}/criterion/{first.id}/remove"
    assert "Remove this assessment criterion?" in admin.get(gone).words
    assert "removed" in follow(admin, admin.send(gone)).words
    whole = admin.get(f"/qualifications/{version.id}/unit/{unit.id}/remove")
    assert "Its 1 learning outcome and 2 assessment criteria are removed with it." in whole.words


def test_with_students_only_wording_is_offered(admin: PageClient) -> None:
    version = a_qualification()
    an_enrolment(a_cohort(version))
    unit = units_of(version)[0]
    one = criteria_of(unit)[0]
    page = admin.get(f"/qualifications/{version.id}")
    assert "Students are on this version" in page.words
    assert not [at for at in page.links if at.endswith(("/units/new", "/groups/new", "/remove"))]
    path = f"/qualifications/{version.id}/criteria/{one.id}/edit"
    form = admin.get(path)
    assert 'name="text"' in form.text
    assert 'name="number"' not in form.text
    assert save(admin, path, {"text": "mended words"}).status == 303
    shown = admin.get(f"/qualifications/{version.id}").words
    assert "Before: Explain point 1.1 Now: mended words" in shown
    for ending in (f"units/{unit.id}/outcomes/new", "units/new", f"groups/{unit.group_id}/edit"):
        page = follow(admin, admin.get(f"/qualifications/{version.id}/{ending}"))
        assert "Copy it into a new version" in page.words
    assert save(admin, f"/qualifications/{version.id}/edit", {"number": "601/4292/3"}).status == 303
    assert session().get_one(Qualification, version.id, populate_existing=True).number == "601/4292/3"


def test_a_version_is_copied_compared_and_takes_the_old_one_s_place(admin: PageClient) -> None:
    old = a_qualification()
    cohort = a_cohort(old)
    an_enrolment(cohort)
    page = follow(admin, admin.send(f"/qualifications/{old.id}/copy", {"version": "2"}))
    assert admin.send(f"/qualifications/{old.id}/copy", {"version": "2"}).status == 422
    new = session().scalars(select(Qualification).where(Qualification.version == "2")).one()
    report = admin.get(link(page, "/mapping/"))
    assert "6 same, 0 reworded, 0 moved, 0 gone, 0 new." in report.words
    assert f"{cohort.title}: 1 student still learning" in report.words
    assert "There is no older version" in admin.get(f"/qualifications/{old.id}/supersede").words
    path = f"/qualifications/{new.id}/supersede"
    assert "Choose a version" in admin.send(path, {"old": ""}).words
    assert admin.send(path, {"old": str(old.id)}).status == 303
    assert (
        admin.send(path, {"old": str(old.id)}, form_at="/qualifications/new").status == 303
    )  # a double click
    third = copy_version(CONSOLE, old.id, "3")
    stale = f"/qualifications/{third}/supersede"
    page = admin.send(stale, {"old": str(old.id)})  # drawn before the other was done
    assert page.status == 422
    assert "superseded already" in page.words
    assert "Superseded" in admin.get(f"/qualifications/{old.id}").words
    assert "1 (superseded by 2)" in admin.get("/qualifications").words
    # Whoever may see qualifications sees the report, and in it only the cohorts they know of.
    student = admin.wear(signed_in(Role.STUDENT)).get(f"/qualifications/{old.id}/mapping/{new.id}")
    assert "No cohort you know of" in student.words
    assert cohort.title not in student.words


def test_other_role_refused(client: PageClient) -> None:
    version = a_qualification()
    unit = units_of(version)[0]
    for role in (Role.STUDENT, Role.TUTOR, Role.IQA, Role.EQA, Role.AUDITOR):
        client.wear(signed_in(role))
        for path in ("new", f"{version.id}/edit", f"{version.id}/units/{unit.id}", f"{version.id}/copy"):
            assert client.get(f"/qualifications/{path}").status == 403, (role, path)
        shown = client.get(f"/qualifications/{version.id}")
        assert not [at for at in shown.links if at.endswith(("/edit", "/copy"))]
    client.wear(signed_in(Role.MANAGER))
    assert client.get(f"/qualifications/{version.id}/copy").status == 404


def test_the_page_of_a_version_asks_a_constant_number_of_questions(admin: PageClient) -> None:
    sizes = []
    for units in (1, 6):
        version = a_qualification(units=units, criteria=6)
        with statements() as asked:
            admin.get(f"/qualifications/{version.id}")
        sizes.append(len(asked))
    assert sizes[0] == sizes[1], sizes


def test_a_copy_of_a_copy_is_mapped_by_the_page(admin: PageClient) -> None:
    old = a_qualification()
    second = copy_version(CONSOLE, old.id, "2")
    third = copy_version(CONSOLE, second, "3")
    assert "6 same" in admin.get(f"/qualifications/{old.id}/mapping/{third}").words
    assert admin.get(f"/qualifications/{old.id}/mapping/{units_of(old)[0].id}").status == 404
    assert (
        admin.get(f"/qualifications/{old.id}/mapping/{a_qualification().id}").status == 404
    )  # another course
    assert admin.get(f"/qualifications/{old.id}/mapping/{old.id}").status == 404
