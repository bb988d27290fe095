"""Changing a student's record: names, contact, birthday, learner number; what it means for papers that went out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_rules import Reply
from recovery_college.audit.models import AuditEvent
from recovery_college.graduation import services as graduation
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.claims import a_claim, a_reply, a_verified_cohort, line_of, signers_of
from tests.factories.graduation import a_finished_cohort
from tests.factories.marking import MarkedCohort
from tests.factories.people import CONSOLE, a_person, signed_in
from tests.page_client import Page, PageClient

NHS_NUMBER = "9434765919"


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_verified_cohort(2)


@pytest.fixture
def admin(app: object) -> SignedIn:
    return signed_in(Role.ADMIN, name="Ada")


def path(made: MarkedCohort, student: int = 0) -> str:
    return f"/students/{made.people[student].id}/edit"


def stored(made: MarkedCohort, student: int = 0) -> Person:
    session().rollback()
    return session().get_one(Person, made.people[student].id, populate_existing=True)


def typed(page: Page, made: MarkedCohort, **changes: str) -> dict[str, Any]:
    """The form as it is drawn, with changes."""
    person = stored(made)
    born = person.date_of_birth
    assert born is not None
    day = {"date_of_birth-day": born.day, "date_of_birth-month": born.month, "date_of_birth-year": born.year}
    names = (
        "given_name", "family_name", "preferred_name", "pronouns", "certificate_name", "email", "uln",
    )  # fmt: skip
    return {
        "seen": page.hidden("seen"),
        **{name: getattr(person, name) for name in names},
        **{name: str(value) for name, value in day.items()},
        **changes,
    }


def test_an_administrator_changes_a_record_and_it_is_audited(
    client: PageClient, made: MarkedCohort, admin: SignedIn
) -> None:
    page = client.wear(admin).get(f"/students/{made.people[0].id}")
    assert path(made) in page.links
    page = client.get(path(made))
    changes = {
        "preferred_name": "  Mina ", "pronouns": "she/her", "email": "Mina@Home.example",
        "date_of_birth-month": "June", "uln": "9999 999999",
    }  # fmt: skip
    assert client.send(path(made), typed(page, made, **changes)).status == 303
    person = stored(made)
    assert (person.preferred_name, person.pronouns, person.email) == ("Mina", "she/her", "mina@home.example")
    assert (person.date_of_birth, person.uln) == (date(1980, 6, 4), "9999999999")
    event = session().scalars(select(AuditEvent).where(AuditEvent.action == "changed student")).one()
    assert "preferred_name,pronouns,email,date_of_birth,uln" in event.details
    assert client.get(f"/students/{person.id}").h1.endswith("Mina O'Neill")


BAD = (
    ({"given_name": " "}, "Enter the given name"),
    ({"family_name": "A\tB"}, "hidden character"),
    ({"email": "nobody"}, "right format"),
    ({"date_of_birth-year": "2190"}, "not in the past"),
    ({"date_of_birth-year": "1899"}, "from 1900 to 2199"),
    ({"date_of_birth-day": "31", "date_of_birth-month": "2"}, "real date"),
    ({"uln": "123"}, "as 10 digits"),
    ({"uln": "9276308687"}, "NHS number"),
    ({"uln": "9276308681"}, "last digit does not fit"),
    ({"pronouns": "x" * 61}, "60 characters or fewer"),
)


def test_shows_errors_and_keeps_what_was_typed(
    client: PageClient, made: MarkedCohort, admin: SignedIn
) -> None:
    page = client.wear(admin).get(path(made))
    for changes, words in BAD:
        answer = client.send(path(made), typed(page, made, certificate_name="Typed Kept", **changes))
        assert answer.status == 422, changes
        assert words in answer.words
        assert "Typed Kept" in answer.text
    answer = client.send(path(made), typed(page, made, uln=NHS_NUMBER))
    assert answer.status == 422
    assert NHS_NUMBER not in answer.text  # an NHS number is not shown again
    assert stored(made).certificate_name == "Amina O'Neill"


def test_two_windows_and_a_double_click(client: PageClient, made: MarkedCohort, admin: SignedIn) -> None:
    page = client.wear(admin).get(path(made))
    first = typed(page, made, preferred_name="Mina")
    assert client.send(path(made), first).status == 303
    assert client.send(path(made), first).status == 303  # the same again changes nothing
    stale = client.send(path(made), {**first, "preferred_name": "Ami"})
    assert stale.status == 409
    assert "Mina" in stale.words
    assert "Ami" in stale.words
    assert stored(made).preferred_name == "Mina"


def test_staff_other_roles_and_other_people(client: PageClient, made: MarkedCohort, admin: SignedIn) -> None:
    assert client.get(path(made)).status == 303
    assert client.wear(made.tutor).get(path(made)).status == 403
    assert "Change the record" not in client.get(f"/students/{made.people[0].id}").words
    client.wear(admin)
    assert client.get(f"/students/{a_person('Stella', 'Staff').id}/edit").status == 404


def test_somebody_who_looks_alike_is_shown_and_never_merged(
    client: PageClient, made: MarkedCohort, admin: SignedIn
) -> None:
    page = client.wear(admin).get(path(made, 1))
    with transaction() as s:
        s.get_one(Person, made.people[0].id).email = "same@home.example"
    data = {**typed(page, made, email="same@home.example", uln=""), "given_name": "Ben", "family_name": "W"}
    client.send(path(made, 1), data)
    assert "The same email address as student" in client.get(f"/students/{made.people[1].id}").text


def test_a_name_that_went_out_is_flagged_where_it_matters(
    client: PageClient, made: MarkedCohort, admin: SignedIn
) -> None:
    """Registered, prepared, claimed, awarded: each says what to do about the new name and birthday."""
    signers = signers_of(made)
    a_claim(made, signers, [(0, 0)])
    claim = a_claim(made, signers, [(0, 1)], stage="locked")
    page = client.wear(admin).get(path(made))
    assert "before the record changed" not in page.words
    client.send(path(made), typed(page, made, certificate_name="Amina Newname", **{"date_of_birth-day": "5"}))
    page = client.get(f"/students/{made.people[0].id}")
    assert "Registered as “Amina O'Neill”, and the record says “Amina Newname”" in page.words
    assert (
        "RAC-0001 is prepared with the name “Amina O'Neill” and another date of birth. Set it aside"
        in page.words
    )
    assert "RAC-0002 went to the awarding organisation with the name" in page.words
    assert f"/cohorts/{made.cohort_id}/claim/registrations#student-{made.enrolments[0]}" in page.links
    sheet = client.get(f"/cohorts/{made.cohort_id}/claim/{claim}")
    assert "Amina O'Neill: the record has changed since" in sheet.words
    a_reply(line_of(claim, made, 0, 1), Reply.AWARDED)
    page = client.get(path(made))
    assert "Credit was awarded on RAC-0002 with the name" in page.words


def test_a_certificate_in_another_name_is_flagged(client: PageClient, admin: SignedIn) -> None:
    finished = a_finished_cohort(ready=1, names=("Amina O'Neill",))
    certificate = graduation.issue_certificate(CONSOLE, finished.ready[0].id)
    assert certificate is not None
    with transaction() as s:
        s.get_one(Person, finished.ready[0].person_id).certificate_name = "Amina Newname"
    page = client.wear(admin).get(f"/students/{finished.ready[0].person_id}")
    assert f"Certificate {certificate.serial} says “Amina O'Neill”. Reissue it" in page.words
    assert f"/certificates/{certificate.serial}/reissue" in page.links


def test_students_say_what_to_call_them_and_nothing_else(client: PageClient, made: MarkedCohort) -> None:
    student = signed_in(Role.STUDENT, person=made.people[0])
    page = client.wear(student).get("/my-progress/record")
    data = {"seen": page.hidden("seen"), "preferred_name": "Mina", "pronouns": "she/her", "uln": "9276308686",
            "certificate_name": "Somebody Else"}  # fmt: skip
    assert client.send("/my-progress/record", data).status == 303
    person = stored(made)
    assert (person.preferred_name, person.certificate_name) == ("Mina", "Amina O'Neill")
    assert client.send("/my-progress/record", {**data, "preferred_name": "Ami"}).status == 409
    bad = client.send("/my-progress/record", {**data, "preferred_name": "a\u2028c"})
    assert bad.status == 422
    assert "/my-progress/record" in client.get("/my-progress").links
