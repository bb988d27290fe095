"""The pages and services of what helps (A14)."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.deadline_facts import dues_of
from recovery_college.assessment.deadline_models import DueDate, Extension, ExtraDays
from recovery_college.assessment.deadline_rules import day_with_extra
from recovery_college.assessment.deadline_services import give_more_time, move_due_date
from recovery_college.assessment.reminder_services import send_reminders
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import CohortTutor
from recovery_college.fairness.support_models import SupportDecision, SupportRequest
from recovery_college.fairness.support_queries import extra_days_of, help_in_cohort, own_support, support_file
from recovery_college.fairness.support_rules import AoPermission, SupportAnswer, SupportKind, SupportState
from recovery_college.fairness.support_services import (
    NoSuchSupport,
    StaleSupport,
    SupportRefused,
    answer_support,
    ask_for_support,
    take_support_back,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.wording import day
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.courses import a_cohort, a_tutor_of, criteria_of, units_of
from tests.factories.evidence import a_due_date
from tests.factories.fairness import SAID, a_learner, a_request
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient

AGREED, FIRST = SupportAnswer.AGREED, "0.0"
pytestmark = pytest.mark.usefixtures("app")


def asking(**changed: str) -> dict[str, str]:
    return {"kind": SupportKind.ADJUSTMENT.value, "wish": SAID, "key": str(uuid4()), **changed}


def test_a_student_asks_the_college_agrees_and_the_tutor_sees_what_helps(client: PageClient) -> None:
    student, place = a_learner()
    tutor, admin = a_tutor_of(place.cohort), signed_in(Role.ADMIN)
    empty = client.wear(student).get("/what-helps-me")
    assert "Nothing is arranged just now" in empty.words
    sent = client.send("/what-helps-me/ask", asking(course=str(place.id)))
    assert sent.status == 303
    assert "Asked, we will answer" in client.get("/what-helps-me").words
    assert SAID not in client.wear(tutor).get(f"/cohorts/{place.cohort_id}/what-helps").words
    request_id = own_support(student)[0].id
    page = client.wear(admin).get(f"/what-helps/{request_id}")
    assert SAID in page.words
    done = client.send(
        f"/what-helps/{request_id}",
        {"seen": FIRST, "answer": "agreed", "helps": "Print at 18 point", "extra_days": "5",
         "permission": "not needed", "words": "Gladly."},
    )  # fmt: skip
    assert done.status == 303
    seen = client.wear(tutor).get(f"/cohorts/{place.cohort_id}/what-helps")
    assert "Print at 18 point" in seen.words
    assert SAID not in seen.words
    assert "Gladly" not in seen.words
    own = client.wear(student).get("/what-helps-me").words
    assert "Gladly." in own
    assert "5 more days" in own
    assert extra_days_of([place.id]) == {place.id: 5}


def test_each_look_of_staff_is_recorded(client: PageClient) -> None:
    student, place = a_learner()
    tutor, admin = a_tutor_of(place.cohort), signed_in(Role.ADMIN)
    request_id = a_request(student, place)
    answer_support(admin, request_id, AGREED, FIRST, helps="Breaks")
    client.wear(tutor).get(f"/cohorts/{place.cohort_id}/what-helps")
    client.wear(admin).get(f"/what-helps/{request_id}")
    looked = session().scalars(
        select(AuditEvent.actor).where(
            AuditEvent.action == "viewed", AuditEvent.subject_kind == "what helps",
            AuditEvent.subject_id == str(place.person_id),
        )
    )  # fmt: skip
    assert set(looked) == {tutor.audit_id, admin.audit_id}


def test_others_do_not_see_it(client: PageClient) -> None:
    student, place = a_learner()
    request_id = a_request(student, place)
    other_tutor = a_tutor_of(a_cohort())
    assert client.wear(other_tutor).get(f"/cohorts/{place.cohort_id}/what-helps").status == 404
    for role in (Role.IQA, Role.EQA, Role.MANAGER, Role.HR, Role.AUDITOR, Role.SYSADMIN):
        client.wear(signed_in(role))
        assert client.get(f"/cohorts/{place.cohort_id}/what-helps").status == 404
        assert client.get(f"/what-helps/{request_id}").status == 404
        assert client.get("/what-helps").status in (403, 404)
    other, _ = a_learner()
    assert own_support(other) == []
    with pytest.raises(NoSuchSupport):
        take_support_back(other, request_id)


def test_a_form_with_errors_keeps_what_was_typed(client: PageClient) -> None:
    student, place = a_learner()
    client.wear(student)
    page = client.send("/what-helps-me/ask", asking(course=str(place.id), kind="special consideration"))
    assert page.status == 422
    assert "Choose the unit it is about" in page.words
    assert SAID in page.text
    page = client.send("/what-helps-me/ask", asking(course=str(place.id), wish=" "))
    assert (page.status, "Write what would help" in page.words) == (422, True)
    assert session().scalar(select(func.count(SupportRequest.id))) == 0
    request_id = a_request(student, place)
    client.wear(signed_in(Role.ADMIN))
    page = client.send(f"/what-helps/{request_id}", {"seen": FIRST, "answer": "talk first", "permission": "given",
                                                     "words": "", "helps": "Kept words"})  # fmt: skip
    assert page.status == 422
    assert "Kept words" in page.text


def test_asked_twice_by_a_double_click_is_asked_once() -> None:
    student, place = a_learner()
    unit, key = units_of(place.cohort.qualification)[0], uuid4()
    made = [
        ask_for_support(student, key, place.id, SupportKind.CONSIDERATION, "A second go at it", unit.id)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert session().scalar(select(func.count(SupportRequest.id))) == 1


def test_answered_twice_is_answered_once_and_a_stale_form_is_told() -> None:
    student, place = a_learner()
    request_id = a_request(student, place)
    admin, other = signed_in(Role.ADMIN), signed_in(Role.ADMIN)
    assert answer_support(admin, request_id, AGREED, FIRST, helps="Breaks")
    assert not answer_support(admin, request_id, AGREED, FIRST, helps="Breaks")
    assert session().scalar(select(func.count(SupportDecision.id))) == 1
    with pytest.raises(StaleSupport):
        answer_support(other, request_id, AGREED, FIRST, helps="A reader")


def test_a_stale_answer_shows_both(client: PageClient) -> None:
    student, place = a_learner()
    request_id = a_request(student, place)
    client.wear(signed_in(Role.ADMIN))
    client.get(f"/what-helps/{request_id}")
    take_support_back(student, request_id)
    token = client.get("/account/password").hidden("csrf_token")
    page = client.post(f"/what-helps/{request_id}", data={
        "csrf_token": token, "seen": FIRST, "answer": "agreed", "helps": "My typed words", "permission": "not needed",
    })  # fmt: skip
    assert page.status == 409
    assert "My typed words" in page.words


def test_agreed_waits_for_the_permission_where_one_is_asked() -> None:
    student, place = a_learner()
    admin, tutor = signed_in(Role.ADMIN), a_tutor_of(place.cohort)
    request_id = a_request(student, place)
    answer_support(
        admin, request_id, AGREED, FIRST, helps="A reader", extra_days=3,
        permission=AoPermission.ASKED, permission_on=clock.today(),
    )  # fmt: skip
    found = support_file(admin, request_id)
    assert found is not None
    assert found.state is SupportState.WAITS_FOR_AO
    assert help_in_cohort(tutor, place.cohort_id) == (place.cohort, [])
    assert extra_days_of([place.id]) == {}
    answer_support(
        admin, request_id, AGREED, found.stamp, helps="A reader", extra_days=3,
        permission=AoPermission.GIVEN, permission_on=clock.today(),
    )  # fmt: skip
    assert extra_days_of([place.id]) == {place.id: 3}
    with pytest.raises(SupportRefused, match="date of the permission"):
        answer_support(
            admin,
            request_id,
            AGREED,
            "2.0",
            helps="Other",
            permission=AoPermission.GIVEN,
        )


def test_an_administrator_who_studies_does_not_decide_for_themselves() -> None:
    student, place = a_learner()
    request_id = a_request(student, place)
    person = session().get_one(Person, place.person_id)
    admin = signed_in(Role.ADMIN, person=person)
    assert support_file(admin, request_id) is None
    with pytest.raises(NoSuchSupport):
        answer_support(admin, request_id, AGREED, FIRST, helps="Everything")
    tutor = signed_in(Role.TUTOR, person=person)
    with transaction() as s:
        s.add(CohortTutor(cohort_id=place.cohort_id, person_id=person.id))
    assert help_in_cohort(tutor, place.cohort_id) == (place.cohort, [])


def test_the_database_lets_nobody_decide_what_helps_themselves() -> None:
    student, place = a_learner()
    request_id = a_request(student, place)
    for person_id, refused in ((place.person_id, True), (signed_in(Role.ADMIN).person_id, False)):
        row = SupportDecision(
            request_id=request_id, answer=AGREED, helps="x", permission=AoPermission.NOT_NEEDED,
            decided_by=person_id, decided_on=clock.today(), decided_at=clock.now(),
        )  # fmt: skip
        if refused:
            with pytest.raises(DBAPIError, match=r"\(A10\)"), transaction() as s:
                s.add(row)
        else:
            with transaction() as s:
                s.add(row)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE support_request SET wish = 'other'",
        "DELETE FROM support_request",
        "UPDATE support_decision SET helps = 'other'",
        "DELETE FROM support_decision",
    ],
)
def test_the_record_is_only_added_to(statement: str) -> None:
    student, place = a_learner()
    answer_support(signed_in(Role.ADMIN), a_request(student, place), AGREED, FIRST, helps="Breaks")
    with pytest.raises(DBAPIError), transaction() as s:
        s.execute(text(statement))


def test_a_list_asks_as_often_whatever_its_length(client: PageClient) -> None:
    student, place = a_learner()
    admin = signed_in(Role.ADMIN)
    for number in range(5):
        request_id = a_request(student, place, f"Wish {number}")
        answer_support(admin, request_id, AGREED, FIRST, helps=f"Help {number}")
    words = client.wear(admin).get("/what-helps").words
    assert words.count("Agreed") == 5


def test_agreed_days_move_the_due_dates_ahead_and_reminders_follow() -> None:
    """An extension drives due dates everywhere (A14): those ahead move, one that is over does not."""
    student, place = a_learner()
    unit = units_of(place.cohort.qualification)[0]
    today = clock.today()
    with transaction() as s:
        for title, days in (("Ahead", 9), ("Over", -9)):
            s.add(
                DueDate(
                    cohort_id=place.cohort_id, unit_id=unit.id, title=title, due_on=today + timedelta(days=days),
                    set_by="x", set_at=clock.now(),
                )
            )  # fmt: skip
    request_id = a_request(student, place)
    admin = signed_in(Role.ADMIN)
    answer_support(admin, request_id, AGREED, FIRST, helps="More time", extra_days=7)
    days = {due.title: (due.due_on - today).days for due in dues_of([place.id])[place.id]}
    assert days == {"Ahead": 16, "Over": -9}
    answer_support(admin, request_id, AGREED, "1.0", helps="More time", extra_days=5)
    assert {due.due_on for due in dues_of([place.id])[place.id]} == {
        today + timedelta(days=16),
        today - timedelta(days=9),
    }


def test_a_button_says_what_it_is_about(client: PageClient) -> None:
    student, place = a_learner()
    a_request(student, place)
    page = client.wear(student).get("/what-helps-me")
    assert "I do not need this any more: The whole course" in page.words
    assert "<span" not in page.words


def agree_days(admin: SignedIn, request_id: UUID, days: int | None, answer: SupportAnswer = AGREED) -> None:
    file = support_file(admin, request_id)
    assert file is not None
    answer_support(admin, request_id, answer, file.stamp, helps="More time", extra_days=days)


def days_more(enrolment_id: UUID, due_id: UUID) -> int:
    due = next(one for one in dues_of([enrolment_id])[enrolment_id] if one.id == due_id)
    return (due.due_on - due.cohort_on).days


def test_days_agreed_move_dates_made_before_and_after(client: PageClient) -> None:
    student, place = a_learner()
    _, other = a_learner(place.cohort, name="Ben")
    tutor, admin = a_tutor_of(place.cohort), signed_in(Role.ADMIN)
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0].id
    passed = a_due_date(place.cohort_id, criterion, clock.today() - timedelta(days=2), title="Passed")
    before = a_due_date(place.cohort_id, criterion, title="Before")
    request_id = a_request(student, place)
    agree_days(admin, request_id, 5)
    after = a_due_date(place.cohort_id, criterion, title="After")
    assert [days_more(place.id, one.id) for one in (passed, before, after)] == [0, 5, 5]
    assert [days_more(other.id, one.id) for one in (passed, before, after)] == [0, 0, 0]
    moved_to = clock.today() + timedelta(days=30)
    for one in (before, after):  # the cohort's day moves, and the student's with it
        move_due_date(tutor, one.id, one.title, moved_to, 1)
    assert [days_more(place.id, one.id) for one in (before, after)] == [5, 5]
    give_more_time(tutor, after.id, place.id, moved_to + timedelta(days=9))
    assert days_more(place.id, after.id) == 9
    own = client.wear(student).get("/my-progress").words
    assert day(moved_to + timedelta(days=5)) in own
    agree_days(admin, request_id, 8)
    assert [days_more(place.id, one.id) for one in (before, after)] == [8, 9]


def test_days_agreed_count_for_a_date_that_an_extension_keeps_open() -> None:
    """The cohort's day has passed and the student's has not: it moves too, and it stands in one place."""
    student, place = a_learner()
    tutor, admin = a_tutor_of(place.cohort), signed_in(Role.ADMIN)
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0].id
    due = a_due_date(place.cohort_id, criterion, clock.today() - timedelta(days=2))
    give_more_time(tutor, due.id, place.id, clock.today() + timedelta(days=1))
    agree_days(admin, a_request(student, place), 9)
    assert days_more(place.id, due.id) == 9
    assert len(session().scalars(select(Extension)).all()) == 1
    event = session().scalars(select(AuditEvent).where(AuditEvent.action == "answered")).one()
    assert json.loads(event.details)["due_dates"] == 1


@pytest.mark.parametrize("by_student", [True, False])
def test_when_the_days_end_dates_set_meanwhile_stay_and_later_ones_are_everybodys(by_student: bool) -> None:
    student, place = a_learner()
    admin = signed_in(Role.ADMIN)
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0].id
    request_id = a_request(student, place)
    agree_days(admin, request_id, 5)
    during = a_due_date(place.cohort_id, criterion, title="During")
    if by_student:
        take_support_back(student, request_id)
    else:
        agree_days(admin, request_id, None, SupportAnswer.ENDED)
    after = a_due_date(place.cohort_id, criterion, title="After")
    assert [days_more(place.id, one.id) for one in (during, after)] == [5, 0]
    (row,) = session().scalars(select(ExtraDays))
    assert row.ended_at is not None


def test_a_reminder_follows_the_days_agreed() -> None:
    student, place = a_learner()
    with transaction() as s:
        s.get_one(Person, place.person_id).email = "amina@fenside.example"
    criterion = criteria_of(units_of(place.cohort.qualification)[0])[0].id
    agree_days(signed_in(Role.ADMIN), a_request(student, place), 10)
    a_due_date(place.cohort_id, criterion, clock.today() + timedelta(days=1))
    assert send_reminders(CONSOLE).sent == 0  # eleven days are left
    a_due_date(place.cohort_id, criterion, clock.today() - timedelta(days=4), title="Passed")
    assert send_reminders(CONSOLE).sent == 1


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(1, 90), st.integers(-50, 50), st.booleans())
def test_days_more_never_take_a_day_away(due_on: date, days: int, since: int, ended: bool) -> None:
    set_at = datetime(2026, 6, 1, tzinfo=UTC)
    since_on = due_on + timedelta(days=since)
    ended_at = set_at - timedelta(seconds=1) if ended else None
    found = day_with_extra(due_on, due_on, set_at, days, since_on, ended_at)
    assert found == (due_on + timedelta(days=days) if since <= 0 and not ended else due_on)


def test_the_database_keeps_the_days_as_they_were_agreed() -> None:
    student, place = a_learner()
    request_id = a_request(student, place)
    agree_days(signed_in(Role.ADMIN), request_id, 5)
    for change in ("UPDATE extra_days SET days = 9", "DELETE FROM extra_days"):
        with pytest.raises(DBAPIError, match="kept as they were agreed"), transaction() as s:
            s.execute(text(change))
    with pytest.raises(DBAPIError), transaction() as s:
        s.add(ExtraDays(enrolment_id=place.id, days=3, since_on=clock.today(), since_at=clock.now()))
    take_support_back(student, request_id)
    with pytest.raises(DBAPIError, match="kept as they were agreed"), transaction() as s:
        s.execute(text("UPDATE extra_days SET ended_at = NULL"))
