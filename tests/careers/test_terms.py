"""What the Trust sets around vacancies: within limits, kept, and what counts by it follows (V3, V4, V5, P2)."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.considerations import Refused
from recovery_college.careers.escalation_rules import Step, next_step
from recovery_college.careers.preference_queries import posts_as_facts
from recovery_college.careers.second_read_rules import sample_size
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.terms_rules import DEFAULT, LIMITS, check_terms
from recovery_college.careers.terms_services import TermsChanged, set_terms, terms_set
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.careers import a_manager, a_vacancy
from tests.factories.people import signed_in
from tests.page_client import PageClient

PAGE = "/considerations/terms"


def test_steps_and_samples_follow_the_terms() -> None:
    slow = replace(DEFAULT, soon_days=4, reminder_after=3, sample_share=50, sample_least=1)
    assert next_step(4, (), slow) is Step.SOON
    assert next_step(4, ()) is None
    assert next_step(-2, {Step.SOON}, slow) is None
    assert next_step(-3, {Step.SOON}, slow) is Step.REMINDER
    assert [sample_size(frame, slow) for frame in (0, 1, 7, 100)] == [0, 1, 4, 50]
    assert check_terms(DEFAULT) == {}
    assert "deputy_after" in check_terms(replace(DEFAULT, deputy_after=1))
    assert set(check_terms(replace(DEFAULT, hr_lead_after=3))) == {"hr_lead_after"}
    for name, (least, most) in LIMITS.items():
        assert name in check_terms(replace(DEFAULT, **{name: least - 1}))
        assert name in check_terms(replace(DEFAULT, **{name: most + 1}))


def test_hr_sets_them_on_a_page_and_what_is_asked_from_then_on_follows(
    client: PageClient, app: Flask
) -> None:
    hr, manager = signed_in(Role.HR), a_manager()
    with clock.held_at(clock.now().replace(2026, 11, 23, 12)):
        before = a_vacancy(manager)
        client.wear(hr)
        page = client.get(PAGE)
        assert "these are the defaults" in page.words
        said = {name: str(getattr(DEFAULT, name)) for name in LIMITS} | {"redeployment_first": "no"}
        wrong = client.send(PAGE, {**said, "days_to_consider": "0", "reply_days": "soon", "start_weeks": ""})
        assert wrong.status == 422
        assert "from 1 to 20" in wrong.words
        unordered = client.send(PAGE, {**said, "deputy_after": "5"})
        assert unordered.status == 422
        assert "Enter a later day" in unordered.words
        assert terms_now() == DEFAULT
        new = {**said, "days_to_consider": "8", "start_weeks": "20", "redeployment_first": "yes"}
        assert client.send(PAGE, new).status == 303
        after = a_vacancy(manager)
        session().refresh(before)
        assert before.consideration_due_on == date(2026, 11, 30), "what is due keeps its day"
        assert after.consideration_due_on == date(2026, 12, 3)
        assert posts_as_facts([after])[after.id].start_weeks == 20
        assert "Weeks from the last day to apply to the first day at work: 20" in client.get(PAGE).words
        assert "8 working days to answer" in client.get("/vacancies/rule").words
        stale = client.send(PAGE, {**new, "days_to_consider": "9", "version": "0"})
        assert stale.status == 409
        assert terms_now().days_to_consider == 8
        assert client.send(PAGE, new).status == 303, "the same again changes nothing"
        assert len(terms_set(hr)) == 1
        client.wear(manager)
        assert client.get(PAGE).status == 403
        assert "looked for first" in client.get(f"/vacancies/{after.id}/consideration").words
    event = session().scalars(select(AuditEvent).where(AuditEvent.action == "set terms")).one()
    assert json.loads(event.details)["days_to_consider"] == "5 to 8"


def test_only_hr_and_only_within_the_limits_and_never_changed_afterwards(app: Flask) -> None:
    hr = signed_in(Role.HR)
    for role in (Role.MANAGER, Role.ADMIN, Role.AUDITOR):
        with pytest.raises(PermissionError):
            set_terms(signed_in(role), replace(DEFAULT, reply_days=3), 0)
    with pytest.raises(Refused):
        set_terms(hr, replace(DEFAULT, reply_days=0), 0)
    set_terms(hr, replace(DEFAULT, reply_days=3), 0)
    with pytest.raises(TermsChanged):
        set_terms(hr, replace(DEFAULT, reply_days=4), 0)
    for deed in (
        "UPDATE careers_terms SET reply_days = 9",
        "DELETE FROM careers_terms",
        "INSERT INTO careers_terms SELECT * FROM careers_terms",
        "INSERT INTO careers_terms SELECT number + 1, days_to_consider, soon_days, 9, deputy_after, psw_lead_after, "
        "hr_lead_after, sample_share, sample_least, reply_days, start_weeks, redeployment_first, set_by, set_at "
        "FROM careers_terms",
    ):
        with pytest.raises(DBAPIError), transaction() as s:
            s.execute(text(deed))
    assert terms_now().reply_days == 3
    assert timedelta(weeks=terms_now().start_weeks) == timedelta(weeks=12)
