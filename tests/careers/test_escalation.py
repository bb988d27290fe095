"""Deputies, and who is told of answers that wait (V4): in order, once, in one mail a person and day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from recovery_college.access.rules import Role
from recovery_college.careers.considerations import (
    VacancyNotFound,
    extend_consideration,
    record_consideration,
)
from recovery_college.careers.deputy_queries import told_about
from recovery_college.careers.deputy_services import (
    NoSuchNaming,
    end_deputy,
    has_duty,
    name_deputy,
    name_for_duty,
)
from recovery_college.careers.escalation_models import Escalation
from recovery_college.careers.escalation_rules import Duty, Step, after_last_day, next_step
from recovery_college.careers.escalation_services import send_escalations
from recovery_college.careers.models import Consideration
from recovery_college.careers.queries import VacancyFilter, considerations_waiting, vacancies_visible_to
from recovery_college.careers.terms_rules import DEFAULT
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.mail import OutgoingMail
from tests.factories.careers import a_manager, a_vacancy, considered, email_of, vacancy_of
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient
from tests.statements import statements

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
DEPUTIES = "/considerations/deputies"
DUTIES = "/considerations/duties"
AFTER = after_last_day(DEFAULT)


def sent() -> list[OutgoingMail]:
    session().expire_all()
    return list(session().scalars(select(OutgoingMail).where(OutgoingMail.purpose == "consideration")))


def steps_of(vacancy) -> list[Step]:
    session().expire_all()
    found = session().scalars(
        select(Escalation).where(Escalation.vacancy_id == vacancy.id).order_by(Escalation.sent_at)
    )
    return [one.step for one in found]


# ---- the rule ---------------------------------------------------------------------------------------------


@given(st.lists(st.integers(min_value=1, max_value=4), max_size=30), st.integers(min_value=-2, max_value=9))
def test_steps_come_in_order_each_once_and_never_two_on_a_day(gaps: list[int], left: int) -> None:
    taken: list[Step] = []
    for gap in gaps:
        step = next_step(left, taken)
        if step is not None:
            assert step not in taken
            assert next_step(left, [*taken, step], taken_today=True) is None
            taken.append(step)
            after = dict(AFTER).get(step)
            assert left <= -after if after else 0 <= left <= DEFAULT.soon_days
        left -= gap
    late = [step for step in taken if step is not Step.SOON]
    assert late == [step for step, _ in AFTER][: len(late)]
    assert Step.SOON not in taken[1:]


# ---- sending ----------------------------------------------------------------------------------------------


def test_reminder_deputy_psw_lead_hr_lead_each_in_its_turn(app: Flask) -> None:
    with clock.held_at(MONDAY):
        manager, deputy = a_manager(), a_manager("Deputy")
        lead, hr = signed_in(Role.ADMIN, name="Lead"), signed_in(Role.HR)
        name_for_duty(hr, Duty.PSW_LEAD, lead.person_id)
        name_for_duty(hr, Duty.HR_LEAD, hr.person_id)
        name_deputy(manager, email_of(deputy), date(2026, 11, 23), None)
        vacancy = a_vacancy(manager, title="Support worker, quite late")
    who = []
    for days in range(18):
        with clock.held_at(MONDAY + timedelta(days=days)):
            before = len(sent())
            send_escalations(CONSOLE)
            who += [(days, mail.recipient) for mail in sent()[before:]]
            assert send_escalations(CONSOLE).mails == 0, "a second round tells nobody"
    due = 7  # the Monday after
    assert who == [
        (due - 4, email_of(manager)),  # the Thursday before: two working days left
        (due + 1, email_of(manager)),
        (due + 2, email_of(deputy)),
        (due + 4, email_of(lead)),
        (due + 8, email_of(hr)),  # a weekend is between
    ]
    assert steps_of(vacancy) == list(Step)
    assert "Support worker, quite late" in sent()[0].body
    assert "quite late" not in sent()[0].subject
    assert session().scalar(select(func.count(Consideration.id))) == 0, "nothing decides by itself"
    assert [one.step for one in told_about(hr, vacancy.id)] == list(Step)[::-1]
    for raw in ("UPDATE escalation SET step = 'soon'", "DELETE FROM escalation"):
        with pytest.raises(DatabaseError, match="kept as it was"):
            session().execute(text(raw))
        session().rollback()


def test_forty_late_vacancies_are_one_mail_each_person(app: Flask) -> None:
    with clock.held_at(MONDAY):
        manager, other = a_manager(), a_manager("Other")
        for number in range(24):
            a_vacancy(manager, title=f"Late post {number}")
        a_vacancy(other)
    with clock.held_at(MONDAY + timedelta(days=8)):
        told = send_escalations(CONSOLE)
        assert (told.mails, told.steps) == (2, 25)
        body = next(mail.body for mail in sent() if mail.recipient == email_of(manager))
        assert body.count("Late post") == 20
        assert "and 4 more" in body


def test_the_number_of_queries_does_not_grow(app: Flask) -> None:
    counts = []
    for size, start in ((2, 0), (8, 30)):
        with clock.held_at(MONDAY + timedelta(days=start)):
            for _ in range(size):
                a_vacancy(a_manager())
        with clock.held_at(MONDAY + timedelta(days=start + 8)), statements("SELECT") as asked:
            send_escalations(CONSOLE)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 1


def test_with_nobody_to_tell_the_step_is_recorded_and_the_chain_goes_on(app: Flask) -> None:
    with clock.held_at(MONDAY):
        vacancy = a_vacancy(None)
        hr = signed_in(Role.HR)
        name_for_duty(hr, Duty.HR_LEAD, hr.person_id)
    for days in range(7, 19):
        with clock.held_at(MONDAY + timedelta(days=days)):
            send_escalations(CONSOLE)
    assert steps_of(vacancy)[-4:] == [step for step, _ in AFTER]
    assert [mail.recipient for mail in sent()] == [email_of(hr)]
    assert "nobody to ask yet" in sent()[0].body


def test_no_reminder_on_a_day_off_and_none_once_it_is_decided(app: Flask) -> None:
    with clock.held_at(datetime(2026, 12, 21, 10, tzinfo=UTC)):
        manager = a_manager()
        vacancy, other = a_vacancy(manager), a_vacancy(manager)
    # Christmas Day and the day in lieu of Boxing Day do not count: due on 30 December.
    assert vacancy.consideration_due_on == date(2026, 12, 30)
    for on in (25, 26, 27, 28):
        with clock.held_at(datetime(2026, 12, on, 10, tzinfo=UTC)):
            assert send_escalations(CONSOLE).mails == 0
    with clock.held_at(datetime(2026, 12, 29, 10, tzinfo=UTC)):
        considered(other, manager)
        assert send_escalations(CONSOLE).steps == 1
    assert steps_of(other) == []


def test_more_time_begins_the_chain_anew(app: Flask) -> None:
    with clock.held_at(MONDAY):
        manager, hr = a_manager(), signed_in(Role.HR)
        vacancy = a_vacancy(manager)
    with clock.held_at(MONDAY + timedelta(days=8)):
        send_escalations(CONSOLE)
        version = vacancy_of(vacancy.reference).version
        extend_consideration(hr, vacancy.id, date(2026, 12, 11), "Away", version)
    with clock.held_at(MONDAY + timedelta(days=9)):
        assert send_escalations(CONSOLE).steps == 0
    with clock.held_at(datetime(2026, 12, 14, 10, tzinfo=UTC)):
        send_escalations(CONSOLE)
    assert steps_of(vacancy) == [Step.REMINDER, Step.REMINDER]


# ---- deputies ---------------------------------------------------------------------------------------------


def test_a_deputy_sees_and_decides_between_the_days_and_not_outside_them(app: Flask) -> None:
    manager, deputy = a_manager(), a_manager("Deputy")
    with clock.held_at(MONDAY):
        vacancy = a_vacancy(manager)
        naming = name_deputy(manager, email_of(deputy), date(2026, 11, 25), date(2026, 11, 26))
    for on, sees in ((24, False), (25, True), (26, True), (27, False)):
        with clock.held_at(datetime(2026, 11, on, 12, tzinfo=UTC)):
            page = vacancies_visible_to(deputy, VacancyFilter())
            assert [row.vacancy.id for row in page.rows] == ([vacancy.id] if sees else [])
            assert considerations_waiting(deputy).count == int(sees)
    with clock.held_at(MONDAY), pytest.raises(VacancyNotFound):
        record_consideration(deputy, vacancy.id, "psw post", None, "", vacancy.version)
    with clock.held_at(datetime(2026, 11, 25, 12, tzinfo=UTC)):
        record_consideration(deputy, vacancy.id, "psw post", None, "", vacancy.version)
        assert session().scalars(select(Consideration)).one().decided_by == deputy.person_id
        end_deputy(manager, naming)
        assert vacancies_visible_to(deputy, VacancyFilter()).rows == [], "ended means at once"


def test_who_may_name_and_end_a_deputy(client: PageClient, app: Flask) -> None:
    manager, deputy, stranger, hr = a_manager(), a_manager("Quillan"), a_manager("Other"), signed_in(Role.HR)
    tomorrow = clock.today() + timedelta(days=1)
    days = {"starts_on-day": tomorrow.day, "starts_on-month": tomorrow.month, "starts_on-year": tomorrow.year}
    client.wear(manager)
    assert "Nobody stands in for you" in client.get(DEPUTIES).words
    for said, words in (
        ({"deputy_email": "nobody@nowhere.example", **days}, "Nobody who signs in"),
        ({"deputy_email": email_of(manager), **days}, "somebody else"),
        ({"deputy_email": email_of(deputy)}, "Enter the first day"),
    ):
        page = client.send(
            DEPUTIES, {"starts_on-day": "", "starts_on-month": "", "starts_on-year": ""} | said
        )
        assert page.status == 422
        assert words in page.words
    assert client.send(DEPUTIES, {"deputy_email": email_of(deputy), **days}).status == 303
    assert "Later" in client.get(DEPUTIES).words
    naming = name_deputy(manager, email_of(deputy), tomorrow, None)
    for actor in (stranger, deputy, signed_in(Role.ADMIN)):
        with pytest.raises(NoSuchNaming):
            end_deputy(actor, naming)
    client.wear(stranger)
    assert "Quillan" not in client.get(DEPUTIES).words
    client.wear(hr)
    page = client.get(DEPUTIES)
    assert "Deputies of managers" in page.h1
    said = {"manager_email": email_of(stranger), "deputy_email": email_of(deputy), **days}
    assert client.send(DEPUTIES, said).status == 303
    end_deputy(hr, naming)
    client.wear(signed_in(Role.AUDITOR))
    assert client.get(DEPUTIES).status == 403


def test_hr_names_people_for_duties_from_the_right_role(client: PageClient, app: Flask) -> None:
    hr, reader, lead = (
        signed_in(Role.HR),
        signed_in(Role.HR, name="Reader"),
        signed_in(Role.ADMIN, name="Lead"),
    )
    client.wear(hr)
    assert "Nobody is named yet" in client.get(DUTIES).words
    assert client.send(DUTIES, {"duty": "psw lead", "person": ""}).status == 422
    assert client.send(DUTIES, {"duty": "psw lead", "person": str(reader.person_id)}).status == 422
    assert client.send(DUTIES, {"duty": "emperor", "person": str(reader.person_id)}).status == 400
    assert client.send(DUTIES, {"duty": "psw lead", "person": str(lead.person_id)}).status == 303
    assert client.send(DUTIES, {"duty": "second reader", "person": str(reader.person_id)}).status == 303
    assert has_duty(reader, Duty.SECOND_READER)
    assert not has_duty(hr, Duty.SECOND_READER)
    for role in (Role.MANAGER, Role.ADMIN, Role.AUDITOR):
        client.wear(signed_in(role))
        assert client.get(DUTIES).status == 403
