"""The second read (V5): a sample that can be drawn again, never by who answered, with a right of reply."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from recovery_college.access.rules import Role
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_services import name_for_duty
from recovery_college.careers.escalation_rules import Duty
from recovery_college.careers.models import Consideration
from recovery_college.careers.queries import vacancy_visible_to
from recovery_college.careers.second_read_models import SecondRead, SecondReadSample
from recovery_college.careers.second_read_queries import reads_visible_to, reads_waiting
from recovery_college.careers.second_read_rules import (
    Finding,
    ReadOutcome,
    days_of,
    drawn,
    last_quarter,
    quarter_of,
    sample_size,
)
from recovery_college.careers.second_read_services import (
    NoSuchRead,
    draw_sample,
    record_finding,
    reply_to_finding,
    settle_read,
)
from recovery_college.careers.terms_rules import DEFAULT
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.careers import a_manager, a_vacancy, considered
from tests.factories.people import signed_in
from tests.page_client import PageClient

AUGUST = datetime(2026, 8, 10, 10, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, 10, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 9, 10, tzinfo=UTC)
PATH = "/considerations/second-read"


# ---- the rules --------------------------------------------------------------------------------------------


@given(st.dates(min_value=date(2001, 1, 1), max_value=date(2090, 1, 1)))
def test_every_day_is_in_its_quarter_and_the_last_one_is_over(day: date) -> None:
    first, last = days_of(quarter_of(day))
    assert first <= day <= last
    assert quarter_of(first) == quarter_of(last) == quarter_of(day)
    assert days_of(last_quarter(day))[1] < first


@given(st.lists(st.uuids(), unique=True, max_size=80), st.integers(min_value=0, max_value=2**31 - 1))
def test_a_seed_draws_the_same_answers_in_whatever_order_they_come(ids: list[UUID], seed: int) -> None:
    size = sample_size(len(ids))
    picked = drawn(ids, seed, size)
    assert picked == drawn(ids[::-1], seed, size)
    assert len(picked) == size == len(set(picked))
    assert set(picked) <= set(ids)
    assert len(picked) >= min(DEFAULT.sample_least, len(ids))


@pytest.mark.parametrize("words", ["", "2026", "2026-Q5", "2026-q1", "0000-Q1", "２０２６-Q1"])
def test_what_is_no_quarter(words: str) -> None:
    with pytest.raises(ValueError, match="no quarter"):
        days_of(words)


# ---- the whole way ----------------------------------------------------------------------------------------


def a_sample(answers: int = 1) -> tuple[SignedIn, SignedIn, list[SecondRead]]:
    """HR who reads, the manager, and the drawn answers of last quarter."""
    with clock.held_at(AUGUST):
        manager = a_manager()
        for _ in range(answers):
            considered(a_vacancy(manager), manager, "not a psw role", "funding")
        considered(a_vacancy(manager), manager, "psw post")
    with clock.held_at(OCTOBER):
        reader = signed_in(Role.HR, name="Reader")
        name_for_duty(reader, Duty.SECOND_READER, reader.person_id)
        draw_sample(reader, "2026-Q3")
    return reader, manager, list(session().scalars(select(SecondRead).order_by(SecondRead.place)))


def test_a_sample_is_drawn_once_from_the_quarters_refusals_and_its_seed_draws_it_again(app: Flask) -> None:
    reader, _, reads = a_sample(answers=12)
    sample = session().scalars(select(SecondReadSample)).one()
    assert (sample.quarter, sample.frame, sample.size) == ("2026-Q3", 12, 5)
    frame = session().scalars(select(Consideration.id).where(Consideration.answer == "not a psw role"))
    assert [one.consideration_id for one in reads] == drawn(list(frame), sample.seed, sample.size)
    with clock.held_at(OCTOBER):
        for quarter, words in (
            ("2026-Q3", "already"),
            ("2026-Q4", "not over"),
            ("2026-Q2", "Nobody"),
            ("x", "Choose"),
        ):
            with pytest.raises(Refused, match=words):
                draw_sample(reader, quarter)
        for actor in (a_manager(), signed_in(Role.ADMIN), signed_in(Role.AUDITOR)):
            with pytest.raises(NoSuchRead):
                draw_sample(actor, "2026-Q3")


def test_finding_reply_outcome_and_the_vacancy_asked_again(app: Flask) -> None:
    reader, manager, (read,) = a_sample()
    with clock.held_at(OCTOBER):
        assert reads_visible_to(manager) == [], "a manager is not told that chance picked them"
        assert len(reads_waiting(reader)) == 1
        with pytest.raises(Refused) as refused:
            record_finding(reader, read.id, Finding.POSSIBLE, "  ")
        assert "finding_text" in refused.value.errors
        record_finding(reader, read.id, Finding.POSSIBLE, "Others share this work with a peer")
        assert len(reads_waiting(manager)) == 1
        with pytest.raises(Refused, match="may still reply"):
            settle_read(reader, read.id, ReadOutcome.STANDS, "x")
        reply_to_finding(manager, read.id, "Good point")
        with pytest.raises(Refused, match="meanwhile"):
            reply_to_finding(manager, read.id, "Again")
        settle_read(reader, read.id, ReadOutcome.LOOK_AGAIN, "Would you look once more?")
        (row,) = reads_visible_to(manager)
        assert (row.state, row.reply_text, row.outcome) == ("settled", "Good point", "look again")
        vacancy = vacancy_visible_to(manager, row.vacancy_id)
        assert vacancy is not None
        assert (vacancy.state, vacancy.returned_why) == ("returned", "Would you look once more?")
        assert vacancy.days_left == 5
    assert reads_waiting(reader) == reads_waiting(manager) == []


def test_an_outcome_comes_without_a_reply_only_after_ten_working_days(app: Flask) -> None:
    reader, manager, (read,) = a_sample()
    with clock.held_at(OCTOBER):
        record_finding(reader, read.id, Finding.UNCLEAR, "Which money?")
    session().expire_all()
    assert session().get_one(SecondRead, read.id).reply_due_on == date(2026, 10, 19)
    with (
        clock.held_at(datetime(2026, 10, 19, 20, tzinfo=UTC)),
        pytest.raises(Refused, match="may still reply"),
    ):
        settle_read(reader, read.id, ReadOutcome.STANDS, "x")
    with clock.held_at(NOVEMBER):
        reply_to_finding(manager, read.id, "Late, but here")  # until the outcome is written
        settle_read(reader, read.id, ReadOutcome.STANDS, "Clear now")
        with pytest.raises(Refused, match="nothing to reply"):
            reply_to_finding(manager, read.id, "x")


def test_agreed_is_the_end(app: Flask) -> None:
    reader, manager, (read,) = a_sample()
    with clock.held_at(OCTOBER):
        record_finding(reader, read.id, Finding.AGREE, "")
        with pytest.raises(Refused, match="meanwhile"):
            record_finding(reader, read.id, Finding.POSSIBLE, "Changed my mind")
        with pytest.raises(Refused):
            settle_read(reader, read.id, ReadOutcome.STANDS, "x")
        with pytest.raises(Refused):
            reply_to_finding(manager, read.id, "x")
        assert reads_waiting(reader) == reads_waiting(manager) == []


# ---- duties kept apart by person (A10) --------------------------------------------------------------------


def test_nobody_reads_their_own_answer_whatever_role_they_wear(app: Flask) -> None:
    _, manager, (read,) = a_sample()
    with clock.held_at(OCTOBER):
        person = session().get_one(Person, manager.person_id)
        as_hr = signed_in(Role.HR, person=person)
        name_for_duty(as_hr, Duty.SECOND_READER, person.id)
        with pytest.raises(Refused, match="You gave this answer"):
            record_finding(as_hr, read.id, Finding.AGREE, "")
        with pytest.raises(NoSuchRead):
            record_finding(signed_in(Role.HR), read.id, Finding.AGREE, "")
        for actor in (manager, signed_in(Role.AUDITOR), signed_in(Role.ADMIN)):
            with pytest.raises(NoSuchRead):
                record_finding(actor, read.id, Finding.AGREE, "")
        with pytest.raises(NoSuchRead):
            reply_to_finding(a_manager("Other"), read.id, "x")


def test_the_database_holds_it_too(app: Flask) -> None:
    reader, manager, (read,) = a_sample()

    def refused(sql: str, match: str, **values: object) -> None:
        with pytest.raises(DatabaseError, match=match):
            session().execute(text(sql).bindparams(**values))
        session().rollback()

    as_stored = {
        name: session().scalar(text(f"SELECT {column} FROM {table}"))
        for name, table, column in (
            ("decider", "consideration WHERE answer = 'not a psw role'", "decided_by"),
            ("sample", "second_read_sample", "id"),
            ("read", "second_read", "id"),
        )
    }
    refused("UPDATE second_read SET reader_id = :d, finding = 'agree'", "A10", d=as_stored["decider"])
    refused("UPDATE second_read SET settled_by = :d, outcome = 'stands'", "A10", d=as_stored["decider"])
    refused("DELETE FROM second_read", "written once")
    refused("UPDATE second_read_sample SET seed = 1", "as it was drawn")
    refused("DELETE FROM second_read_sample", "as it was drawn")
    with clock.held_at(OCTOBER):
        record_finding(reader, read.id, Finding.POSSIBLE, "Perhaps")
        reply_to_finding(manager, read.id, "Reply")
    for column, value in (("finding", "agree"), ("finding_text", "x"), ("reply_text", "x"), ("place", 9)):
        refused(f"UPDATE second_read SET {column} = :v", "written once", v=value)


# ---- the pages --------------------------------------------------------------------------------------------


def test_works(client: PageClient, app: Flask) -> None:
    with clock.held_at(AUGUST):
        manager = a_manager()
        considered(a_vacancy(manager, title="Clerk"), manager, "not a psw role", "other", "Only forms")
    with clock.held_at(OCTOBER):
        hr = signed_in(Role.HR)
        name_for_duty(hr, Duty.SECOND_READER, hr.person_id)
        client.wear(hr)
        page = client.get(PATH)
        assert "No sample is drawn yet" in page.words
        assert "July to September 2026" in page.words
        drawn_now = client.send(f"{PATH}/draw", {"quarter": page.hidden("quarter")}, form_at=PATH)
        assert drawn_now.status == 303
        page = client.get(PATH)
        assert "1 of 1 answers" in page.words
        here = next(link for link in page.links if link.startswith(f"{PATH}/"))
        shown = client.get(here)
        assert "Only forms" in shown.words
        empty = client.send(f"{here}/finding", {}, form_at=here)
        assert empty.status == 422
        said = {"finding": "possible", "finding_text": ""}
        assert client.send(f"{here}/finding", said, form_at=here).status == 422
        said["finding_text"] = "A peer does this in the next ward"
        assert client.send(f"{here}/finding", said, form_at=here).status == 303
        client.wear(signed_in(Role.MANAGER, person=session().get_one(Person, manager.person_id)))
        assert "A peer does this in the next ward" in client.get(here).words
        assert client.send(f"{here}/reply", {"reply_text": "We tried"}, form_at=here).status == 303
        client.wear(hr)
        assert "We tried" in client.get(here).words
        said = {"outcome": "learned", "outcome_text": "Ask the college earlier"}
        assert client.send(f"{here}/outcome", said, form_at=here).status == 303
        assert "Ask the college earlier" in client.get(here).words


def test_others_do_not_find_it(client: PageClient, app: Flask) -> None:
    reader, _, (read,) = a_sample()
    with clock.held_at(OCTOBER):
        record_finding(reader, read.id, Finding.POSSIBLE, "Perhaps")
        here = f"{PATH}/{read.id}"
        client.wear(signed_in(Role.MANAGER, name="Other"))
        assert client.get(here).status == 404
        assert "Nothing is read again" in client.get(PATH).words
        assert client.get(f"{PATH}/{uuid4()}").status == 404
        client.wear(signed_in(Role.AUDITOR))
        assert client.get(here).status == 200
        client.wear(signed_in(Role.ADMIN))
        assert client.get(here).status == 404
        assert client.get(PATH).status == 403
