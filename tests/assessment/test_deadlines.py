"""Due dates, more time, a pause, reminders: without a reason anywhere, once, and honoured everywhere (A14)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment import deadline_facts, evidence_tasks
from recovery_college.assessment.deadline_facts import dues_of
from recovery_college.assessment.deadline_models import (
    DueDate,
    DueDateCriterion,
    Extension,
    ExtraDays,
    Reminder,
    TimeRequest,
)
from recovery_college.assessment.deadline_rules import day_after_pauses
from recovery_college.assessment.deadline_services import (
    ask_for_time,
    cancel_due_date,
    give_more_time,
    move_due_date,
    mute_reminders,
)
from recovery_college.assessment.reminder_services import send_reminders
from recovery_college.assessment.rules import Outcome
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment, EnrolmentPause
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.people.models import Person
from tests.factories.evidence import a_due_date, an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import Page, PageClient

DAY_ONE = date(2026, 1, 5)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    made = a_marked_cohort()
    with transaction() as s:
        for number, person in enumerate(made.people):
            s.get_one(Person, person.id).email = f"student{number}@fenside.example"
    return made


def dates_at(made: MarkedCohort) -> str:
    return f"/cohorts/{made.cohort_id}/due-dates"


def parts(on: date, name: str = "due_on") -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def add(client: PageClient, made: MarkedCohort, **more: Any) -> Page:
    said = {"title": "Reflective account", "unit": str(made.units[0]), **parts(in_days(10)), **more}
    return client.send(dates_at(made), said)


def count(model: type[Any]) -> int:
    return session().scalar(select(func.count()).select_from(model)) or 0


def as_student(client: PageClient, made: MarkedCohort, student: int = 0) -> PageClient:
    return client.wear(signed_in(Role.STUDENT, person=made.people[student]))


@pytest.mark.parametrize("role", [Role.TUTOR, Role.ADMIN])
def test_works(client: PageClient, made: MarkedCohort, role: Role) -> None:
    client.wear(made.tutor if role is Role.TUTOR else signed_in(role))
    for _ in range(2):
        assert add(client, made, criteria=[str(made.criteria[1])]).status == 303
    assert count(DueDate) == 1
    page = client.get(dates_at(made))
    assert "Reflective account" in page.words
    assert "1.2" in page.words


@pytest.mark.parametrize("role", [Role.IQA, Role.AUDITOR, Role.EQA, Role.STUDENT, Role.MANAGER, Role.HR])
def test_other_role_refused(client: PageClient, made: MarkedCohort, role: Role) -> None:
    assert client.wear(signed_in(role)).get(dates_at(made)).status in (403, 404)


def test_other_cohort_not_found(client: PageClient, made: MarkedCohort) -> None:
    other, due = a_marked_cohort(), a_due_date(made.cohort_id, made.criteria[0])
    client.wear(other.tutor)
    for path in (dates_at(made), f"{dates_at(other)}/{due.id}", f"{dates_at(other)}/{due.id}/more-time"):
        assert client.get(path).status == 404


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": ""}, "Say what is to be handed in"),
        ({"unit": ""}, "Choose the unit"),
        ({"due_on-day": "31", "due_on-month": "2"}, "Enter a real date"),
        ({"due_on-year": "2020"}, "Choose today or a later day"),
        ({"due_on-year": "2060"}, "Check the year"),
    ],
)
def test_shows_errors(client: PageClient, made: MarkedCohort, said: dict[str, str], words: str) -> None:
    page = add(client.wear(made.tutor), made, **said)
    assert page.status == 422
    assert words in page.words
    assert count(DueDate) == 0


def test_criteria_of_another_unit_are_refused(client: PageClient, made: MarkedCohort) -> None:
    page = add(client.wear(made.tutor), made, criteria=[str(made.criteria[3])])
    assert (page.status, "Choose criteria of this unit" in page.words) == (422, True)


def test_two_who_move_a_date(client: PageClient, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    client.wear(made.tutor)
    path = f"{dates_at(made)}/{due.id}"
    moved = {"title": "Reflective account", "version": "1", **parts(in_days(12))}
    assert client.send(path, moved).status == 303
    late = client.send(path, {**moved, **parts(in_days(14))})
    assert late.status == 409
    assert client.send(path, {"deed": "cancel", "title": "x"}).status == 303
    assert client.get(path).status == 404


# More time.


def letters() -> list[str]:
    """To whom it was written that there is an answer."""
    session().rollback()
    return list(session().scalars(select(OutgoingMail.recipient).where(OutgoingMail.purpose == "answer")))


def test_more_time_is_asked_by_one_button_and_answered(client: PageClient, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    page = as_student(client, made).get("/my-progress")
    assert "Hand in “Reflective account” for Unit PSW1 by" in page.words
    token = page.hidden("csrf_token")
    ask_at = f"/my-progress/{made.enrolments[0]}/more-time/{due.id}"
    for _ in range(2):
        assert client.post(ask_at, data={"csrf_token": token}).status == 303
    assert count(TimeRequest) == 1
    assert "You asked for more time" in client.get("/my-progress").words
    client.wear(made.tutor)
    assert "1 student asks for time" in client.get("/").words
    listed = client.get(dates_at(made))
    answer_at = next(link for link in listed.links if "/time-asked/" in link)
    assert "Enter the new day" in client.send(answer_at, {"answer": "given"}).words
    assert client.send(answer_at, {"answer": "given", **parts(in_days(2), "until_on")}).status == 422
    assert client.send(answer_at, {"answer": "given", **parts(in_days(20), "until_on")}).status == 303
    assert client.get(answer_at).status == 404
    assert letters() == ["student0@fenside.example"]
    (found,) = dues_of([made.enrolments[0]])[made.enrolments[0]]
    assert (found.due_on, found.is_extended, found.is_asked) == (in_days(20), True, False)
    assert "you have more time" in as_student(client, made).get("/my-progress").words
    (other,) = dues_of([made.enrolments[1]])[made.enrolments[1]]
    assert other.due_on == in_days(10)


@pytest.mark.parametrize("meanwhile", ["the date is taken away", "the student leaves"])
def test_what_cannot_be_answered_any_more_waits_for_nobody(
    client: PageClient, made: MarkedCohort, meanwhile: str
) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    ask_for_time(signed_in(Role.STUDENT, person=made.people[0]), made.enrolments[0], due.id)
    assert "1 student asks for time" in client.wear(made.tutor).get("/").words
    if meanwhile == "the student leaves":
        with transaction() as s:
            s.get_one(Enrolment, made.enrolments[0]).status = EnrolmentStatus.WITHDRAWN
    else:
        cancel_due_date(made.tutor, due.id)
    assert "asks for time" not in client.get("/").words
    assert not [link for link in client.get(dates_at(made)).links if "/time-asked/" in link]


def test_talk_first_reaches_the_student(client: PageClient, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    as_student(client, made).send(
        f"/my-progress/{made.enrolments[0]}/more-time/{due.id}", form_at="/my-progress"
    )
    mute_reminders(signed_in(Role.STUDENT, person=made.people[0]), muted=True)
    client.wear(made.tutor)
    answer_at = next(link for link in client.get(dates_at(made)).links if "/time-asked/" in link)
    client.send(answer_at, {"answer": "talk first", "words": "Shall we have a tea?"})
    assert letters() == [
        "student0@fenside.example"
    ]  # an answer is no reminder: muting those does not stop it
    mail = session().scalars(select(OutgoingMail)).one()
    assert "/my-progress" in mail.body
    assert not any(word in mail.subject + mail.body for word in ("tea", "time", "Reflective", "pause"))
    page = as_student(client, made).get("/my-progress")
    assert "Shall we have a tea?" in page.words
    assert "I need more time" in page.words


def test_a_pause_is_asked_by_one_button_and_given(client: PageClient, made: MarkedCohort) -> None:
    as_student(client, made)
    for _ in range(2):
        client.send(f"/my-progress/{made.enrolments[0]}/pause", form_at="/my-progress")
    assert count(TimeRequest) == 1
    client.wear(made.tutor)
    answer_at = next(link for link in client.get(dates_at(made)).links if "/time-asked/" in link)
    assert client.send(answer_at, {"answer": "given"}).status == 303
    assert letters() == ["student0@fenside.example"]
    assert session().get_one(Enrolment, made.enrolments[0]).status is EnrolmentStatus.PAUSED
    assert count(EnrolmentPause) == 1
    page = as_student(client, made).get("/my-progress")
    assert "Your place is paused" in page.words
    assert "I need a pause" not in page.words


def test_coming_back_is_asked_by_one_button_recorded_by_a_tutor_and_moves_the_dates(
    client: PageClient, made: MarkedCohort
) -> None:
    """C2: what is met stays, dates that fell into the pause or after it are later by as long as it was."""
    before = a_due_date(made.cohort_id, made.criteria[0], in_days(-12))
    within = a_due_date(made.cohort_id, made.criteria[1], in_days(-3))
    after = a_due_date(made.cohort_id, made.criteria[2], in_days(20))
    a_decision(made, 0, 0, Outcome.MET)
    place = made.enrolments[0]
    rest = f"/cohorts/{made.cohort_id}/students/{place}/pause"
    with transaction() as s:
        for due in (before, within, after):
            s.get_one(DueDate, due.id).set_at = clock.now() - timedelta(days=60)
        s.get_one(Enrolment, place).enrolled_on = in_days(-70)
    client.wear(made.tutor)
    assert client.send(rest, {"was": "", **parts(in_days(1), "day")}).status == 422
    assert client.send(rest, {"was": "", **parts(in_days(-71), "day")}).status == 422
    for _ in range(2):  # sent twice it is one pause
        sent = {"was": "", **parts(in_days(-10), "day")}
        token = client.get("/account/password").hidden("csrf_token")
        assert client.post(rest, data={**sent, "csrf_token": token}).status == 303
    assert count(EnrolmentPause) == 1

    student = as_student(client, made)
    assert "These dates wait for you" in student.get("/my-progress").words
    for _ in range(2):
        student.send(f"/my-progress/{place}/back", form_at="/my-progress")
    assert "You asked to come back" in student.get("/my-progress").words
    as_student(client, made, 1)
    assert client.send(f"/my-progress/{place}/back", form_at="/my-progress").status == 404

    client.wear(made.tutor)
    assert "asked to come back" in client.get(dates_at(made)).words
    assert "come back" in client.get("/").words
    assert rest in client.get(f"/cohorts/{made.cohort_id}/students").links
    assert client.send(rest, {"was": "paused", **parts(in_days(-11), "day")}).status == 422
    assert client.send(rest, {"was": "paused", **parts(in_days(1), "day")}).status == 422
    for _ in range(2):
        token = client.get("/account/password").hidden("csrf_token")
        sent = {"was": "paused", "csrf_token": token, **parts(in_days(0), "day")}
        assert client.post(rest, data=sent).status == 303
    assert session().get_one(Enrolment, place).status is EnrolmentStatus.ENROLLED
    assert letters() == ["student0@fenside.example"]
    days = {due.id: due.due_on for due in dues_of([place])[place]}
    assert days == {before.id: in_days(-12), within.id: in_days(7), after.id: in_days(30)}
    others = {due.id: due.due_on for due in dues_of([made.enrolments[1]])[made.enrolments[1]]}
    assert others == {before.id: in_days(-12), within.id: in_days(-3), after.id: in_days(20)}
    page = as_student(client, made).get("/my-progress")
    assert "I would like to come back" not in page.words
    assert "You have met 1 of" in page.words
    told = session().scalars(select(AuditEvent.action).where(AuditEvent.subject_id == str(place))).all()
    assert [one for one in told if one != "viewed"] == ["paused", "asked to come back", "came back"]


def test_nobody_rests_or_comes_back_by_their_own_word(client: PageClient, made: MarkedCohort) -> None:
    """A10: a tutor who is a student of the cohort too; and a tutor of another cohort."""
    with transaction() as s:
        s.get_one(Enrolment, made.enrolments[0]).person_id = made.tutor.person_id
    client.wear(made.tutor)
    own = client.send(
        f"/cohorts/{made.cohort_id}/students/{made.enrolments[0]}/pause",
        {"was": "", **parts(in_days(0), "day")},
    )
    assert own.status == 422
    other = a_marked_cohort(1)
    assert client.get(f"/cohorts/{other.cohort_id}/students/{other.enrolments[0]}/pause").status == 404
    mixed = f"/cohorts/{made.cohort_id}/students/{other.enrolments[0]}/pause"
    assert client.get(mixed).status == 404


PAUSES = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 60)).map(
        lambda one: (DAY_ONE + timedelta(days=one[0]), DAY_ONE + timedelta(days=one[0] + one[1]))
    ),
    max_size=4,
    unique_by=lambda one: one[0],
)


@given(day=st.integers(0, 300), set_on=st.integers(0, 300), pauses=PAUSES)
def test_no_pause_takes_time_away(day: int, set_on: int, pauses: list[tuple[date, date | None]]) -> None:
    """Never earlier, never later than all pauses together, and an open pause moves nothing."""
    due, said = DAY_ONE + timedelta(days=day), DAY_ONE + timedelta(days=set_on)
    moved = day_after_pauses(due, said, pauses)
    assert due <= moved <= due + timedelta(days=sum((to - on).days + 1 for on, to in pauses if to))
    assert day_after_pauses(due, said, [(on, None) for on, _ in pauses]) == due
    if len(pauses) == 1:
        ((from_on, to_on),) = pauses
        assert to_on is not None
        touched = said <= to_on and due >= from_on
        assert (moved > due) == touched
        # As many days after coming back as there were when the pause began.
        assert not touched or (moved - to_on).days - 1 == (due - from_on).days


def test_what_moves_a_day_adds_up_and_does_not_multiply(
    made: MarkedCohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three extensions, two wishes, two pauses, extra days that were agreed twice, two criteria."""
    due, place = a_due_date(made.cohort_id, made.criteria[0], in_days(10)), made.enrolments[0]
    with transaction() as s:
        s.add(DueDateCriterion(due_date_id=due.id, criterion_id=made.criteria[1]))
        s.get_one(DueDate, due.id).set_at = clock.now() - timedelta(days=60)
        for first, last in ((-50, -46), (-20, -11)):
            s.add(EnrolmentPause(enrolment_id=place, from_on=in_days(first), to_on=in_days(last)))
    assert the_day(place) == in_days(25)
    for day in (26, 27, 28):
        ask_for_time(signed_in(Role.STUDENT, person=made.people[0]), place, due.id)
        give_more_time(made.tutor, due.id, place, in_days(day))
    assert the_day(place) == in_days(28)
    with transaction() as s:
        for days, ended_at in ((4, clock.now()), (2, None)):
            s.add(
                ExtraDays(
                    enrolment_id=place,
                    days=days,
                    since_on=in_days(0),
                    since_at=clock.now(),
                    ended_at=ended_at,
                )
            )
    read: list[int] = []
    real = session()

    class Counting:
        def execute(self, statement: Any) -> Any:
            rows = real.execute(statement).all()
            read.append(len(rows))
            return rows

    monkeypatch.setattr(deadline_facts, "session", Counting)
    assert the_day(place) == in_days(29)  # 10, and 4 more, and the 15 of both pauses
    assert read == [3 + 3 + 2 + 2 + 2]


def the_day(place: UUID) -> date:
    """When the one date of this student is due."""
    (due,) = dues_of([place])[place]
    return due.due_on


def test_a_cohorts_day_moved_past_an_extension_counts_for_everybody(made: MarkedCohort) -> None:
    due, place = a_due_date(made.cohort_id, made.criteria[0], in_days(10)), made.enrolments[0]
    give_more_time(made.tutor, due.id, place, in_days(14))
    move_due_date(made.tutor, due.id, due.title, in_days(12), 1)
    assert the_day(place) == in_days(14)
    move_due_date(made.tutor, due.id, due.title, in_days(20), 2)
    assert the_day(place) == in_days(20)


def test_another_s_time_is_not_theirs_to_ask(client: PageClient, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    as_student(client, made, 1)
    for path in (f"more-time/{due.id}", "pause"):
        asked = client.send(f"/my-progress/{made.enrolments[0]}/{path}", form_at="/my-progress")
        assert asked.status == 404
    assert count(TimeRequest) == 0


def test_a_tutor_gives_time_unasked_and_only_later(client: PageClient, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    path = f"{dates_at(made)}/{due.id}/more-time"
    client.wear(made.tutor)
    said = {"student": str(made.enrolments[1]), **parts(in_days(20), "until_on")}
    for _ in range(2):
        assert client.send(path, said).status == 303
    assert count(Extension) == 1
    assert client.send(path, {**said, **parts(in_days(15), "until_on")}).status == 422
    assert "Ben Piątek" in client.get(dates_at(made)).words
    given = select(AuditEvent.details).where(AuditEvent.action == "gave more time")
    assert "reason" not in str(session().scalar(given))


def test_no_form_has_room_for_a_reason(client: PageClient, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0])
    page = as_student(client, made).get("/my-progress")
    assert "<textarea" not in page.text
    assert 'type="text"' not in page.text


# Reminders.


def mails() -> list[str]:
    session().rollback()
    return list(session().scalars(select(OutgoingMail.recipient).order_by(OutgoingMail.recipient)))


def test_each_is_reminded_once(app: Flask, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0], in_days(6))
    assert send_reminders(CONSOLE).sent == 3
    assert send_reminders(CONSOLE).sent == 0
    assert mails() == [f"student{number}@fenside.example" for number in range(3)]
    mail = session().scalars(select(OutgoingMail)).first()
    assert mail is not None
    assert "You do not have to say why" in mail.body
    assert "Reflective account" not in mail.subject
    with clock.held_at(clock.now() + timedelta(days=5)):
        assert send_reminders(CONSOLE).sent == 3
    assert count(Reminder) == 6


def test_reminders_honour_what_was_agreed_done_and_chosen(app: Flask, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0], in_days(1))
    give_more_time(made.tutor, due.id, made.enrolments[0], in_days(30))
    an_evidence(made.enrolments[1], made.criteria[:1])
    mute_reminders(signed_in(Role.STUDENT, person=made.people[2]), muted=True)
    assert send_reminders(CONSOLE).sent == 0
    mute_reminders(signed_in(Role.STUDENT, person=made.people[2]), muted=False)
    assert send_reminders(CONSOLE).sent == 1
    assert mails() == ["student2@fenside.example"]
    with clock.held_at(clock.now() + timedelta(days=29)):
        assert send_reminders(CONSOLE).sent == 1  # the day that counts for the first student
    assert mails()[0] == "student0@fenside.example"


def test_who_asked_for_time_paused_or_left_is_not_pressed(app: Flask, made: MarkedCohort) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0], in_days(1))
    ask_for_time(signed_in(Role.STUDENT, person=made.people[0]), made.enrolments[0], due.id)
    with transaction() as s:
        s.get_one(Enrolment, made.enrolments[1]).status = EnrolmentStatus.PAUSED
        s.get_one(Enrolment, made.enrolments[2]).status = EnrolmentStatus.WITHDRAWN
    assert send_reminders(CONSOLE).sent == 0


def test_a_released_not_yet_met_is_not_done_and_a_met_is(app: Flask, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0], in_days(1))
    an_evidence(made.enrolments[0], made.criteria[:1], at=clock.now() - timedelta(hours=1))
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback="More.")
    a_decision(made, 1, 0, Outcome.MET)
    send_reminders(CONSOLE)
    assert mails() == ["student0@fenside.example", "student2@fenside.example"]


def test_nobody_is_reminded_to_hand_in_what_cannot_be_decided(app: Flask, made: MarkedCohort) -> None:
    """A5: both tries are used up for the first student, one for the second."""
    a_due_date(made.cohort_id, made.criteria[0], in_days(1))
    for student, attempt in ((0, 1), (0, 2), (1, 1)):
        a_decision(made, student, 0, Outcome.NOT_YET_MET, feedback="More.", attempt=attempt)
    send_reminders(CONSOLE)
    assert mails() == ["student1@fenside.example", "student2@fenside.example"]


def test_a_day_that_is_over_is_told_kindly_and_once(app: Flask, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0], in_days(-3))
    assert send_reminders(CONSOLE).sent == 3
    body = session().scalar(select(OutgoingMail.body))
    assert "you can still hand it in" in str(body)
    assert not {"late", "overdue", "failed", "must"} & set(str(body).lower().split())
    with clock.held_at(clock.now() + timedelta(days=2)):
        assert send_reminders(CONSOLE).sent == 0


def test_the_sweep_goes_by_day(app: Flask, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0], in_days(1))
    here = clock.now().astimezone(clock.LONDON)
    with clock.held_at(datetime(here.year, here.month, here.day, 3, tzinfo=clock.LONDON)):
        evidence_tasks.remind_students()
    assert mails() == []
    with clock.held_at(datetime(here.year, here.month, here.day, 9, tzinfo=clock.LONDON)):
        evidence_tasks.remind_students()
        evidence_tasks.remind_students()
    assert len(mails()) == 3


def test_reminders_are_muted_by_one_button(client: PageClient, made: MarkedCohort) -> None:
    as_student(client, made)
    for deed, words in (("mute", "You get no reminders by email."), ("unmute", "You get an email a week")):
        client.send("/my-progress/reminders", {"deed": deed}, form_at="/my-progress")
        assert words in client.get("/my-progress").words


def test_the_command_tells_how_many(app: Flask, made: MarkedCohort, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    from recovery_college.commands import reminders

    a_due_date(made.cohort_id, made.criteria[0], in_days(1))
    with transaction() as s:
        s.get_one(Person, made.people[0].id).email = ""

    @contextmanager
    def opened() -> Any:
        yield app

    monkeypatch.setattr(reminders, "open_app", opened)
    said = CliRunner().invoke(reminders.reminders, ["send"])
    assert (said.exit_code, said.output) == (0, "2 reminded. 1 have no address.\n")
