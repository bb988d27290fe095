"""Consent: by field and purpose, a yes a vacancy, blocks without a reason, and nothing without them (P1)."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.consent_models import CandidateBlock, CandidateConsent, VacancyAnswer
from recovery_college.careers.consent_queries import (
    NAME_TO_MANAGERS,
    consents_of,
    profile_as_manager_sees,
    profile_for,
    profiles_as_manager_sees,
    said_yes,
)
from recovery_college.careers.consent_rules import (
    COUNTED,
    FIELD_OF,
    POSSIBLE,
    SHAREABLE,
    ApplicationWay,
    CandidateFacts,
    CandidateProfile,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
    profile_of,
)
from recovery_college.careers.consent_services import (
    BlockRefused,
    answer_vacancy,
    ask_to_go_on,
    block,
    save_consents,
    unblock,
)
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.models import Vacancy
from recovery_college.careers.people_match_queries import blocked_from
from recovery_college.careers.preference_models import CandidatePreference
from recovery_college.careers.preference_rules import Wishes
from recovery_college.careers.preference_services import (
    NotACandidate,
    PreferenceChanged,
    save_statement,
    save_wishes,
)
from recovery_college.kernel.db import session, transaction
from tests.factories.candidates import a_candidate, an_open_post, fields_shown, shows_all
from tests.factories.careers import a_manager
from tests.factories.people import signed_in

YES, NO, WITHDRAWN = VacancyAnswerKind.YES, VacancyAnswerKind.NO, VacancyAnswerKind.WITHDRAWN
FACTS = CandidateFacts(UUID(int=1), "Greta", "greta@x.example", "I listen.", Wishes(), 2025)


@settings(max_examples=100)
@given(st.frozensets(st.sampled_from(list(ConsentField))))
def test_a_profile_holds_what_was_given_and_nothing_else(given_fields: frozenset[ConsentField]) -> None:
    profile = profile_of(FACTS, given_fields)
    assert (profile is None) == (ConsentField.NAME not in given_fields)
    if profile is not None:
        assert fields_shown(profile) <= given_fields


def test_every_field_of_a_profile_has_its_consent_and_none_is_about_health() -> None:
    names = {one.name for one in fields(CandidateProfile)} - {"person_id"}
    assert names == set(FIELD_OF)
    assert set(FIELD_OF.values()) == set(SHAREABLE)
    for word in ("health", "evidence", "decision", "adjustment", "support", "diagnosis"):
        assert not [name for name in names if word in name]


def test_a_yes_shows_a_name_and_each_view_is_recorded(app: Flask) -> None:
    manager = a_manager()
    post = an_open_post(manager)
    who = a_candidate("Greta")
    assert profile_as_manager_sees(manager, who.person_id, post.id) is None
    answer_vacancy(who, post.id, YES)
    answer_vacancy(who, post.id, YES)  # pressed twice is once
    assert said_yes(post.id) == {who.person_id}
    profile = profile_as_manager_sees(manager, who.person_id, post.id)
    assert profile is not None
    assert profile.name.startswith("Greta")
    assert fields_shown(profile) == {ConsentField.NAME}
    assert profiles_as_manager_sees(manager, post.id) == [profile]
    assert profile_for(who.person_id, ConsentPurpose.MANAGER) == (profile,)
    views = session().scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.action == "viewed", AuditEvent.subject_id == str(who.person_id))
    )
    assert views == 2
    assert session().scalar(select(func.count()).select_from(VacancyAnswer)) == 1


def test_who_else_may_not(app: Flask) -> None:
    """Not another manager, not in another role, not once it is closed, and not the other way round."""
    manager, other = a_manager(), a_manager("Other")
    post, theirs = an_open_post(manager), an_open_post(other)
    who = shows_all(a_candidate())
    answer_vacancy(who, post.id, YES)
    for actor in (other, signed_in(Role.HR), signed_in(Role.ADMIN), who):
        assert profile_as_manager_sees(actor, who.person_id, post.id) is None
    assert profile_as_manager_sees(other, who.person_id, theirs.id) is None
    assert profile_as_manager_sees(manager, who.person_id, post.id) is not None
    with transaction() as s:
        s.execute(text("UPDATE vacancy SET status = 'withdrawn'"))
    assert profile_as_manager_sees(manager, who.person_id, post.id) is None


@pytest.mark.parametrize("how", ["taken back", "name", "team", "manager", "role", "account"])
def test_withdrawing_counts_on_the_next_request(app: Flask, how: str) -> None:
    manager = a_manager()
    post = an_open_post(manager, team="Ward S3")
    who = shows_all(a_candidate())
    answer_vacancy(who, post.id, YES)
    assert profile_as_manager_sees(manager, who.person_id, post.id) is not None
    if how == "taken back":
        answer_vacancy(who, post.id, WITHDRAWN)
    elif how == "name":
        save_consents(who, POSSIBLE - {NAME_TO_MANAGERS})
    elif how == "team":
        block(who, team_id=session().scalar(select(Vacancy.team_id).where(Vacancy.id == post.id)))
    elif how == "manager":
        block(who, manager_id=manager.person_id)
    else:
        table = "role_grant SET ended_at" if how == "role" else "account SET closed_at"
        with transaction() as s:
            people = "(SELECT person_id FROM candidate_preference)"
            s.execute(text(f"UPDATE {table} = CURRENT_TIMESTAMP WHERE person_id IN {people}"))
    assert profile_as_manager_sees(manager, who.person_id, post.id) is None
    assert profiles_as_manager_sees(manager, post.id) == []


def test_a_block_touches_no_other_teams_vacancy(app: Flask) -> None:
    """Nor one without a team or a manager: "no team" is not a team somebody can keep away from."""
    manager, other = a_manager(), a_manager("Other")
    post, theirs = an_open_post(manager), an_open_post(other, team="Ward S3")
    who = a_candidate()
    for one in (post, theirs):
        answer_vacancy(who, one.id, YES)
    block(who, manager_id=a_manager("Third").person_id)
    assert said_yes(post.id) == said_yes(theirs.id) == {who.person_id}
    assert blocked_from(post.id) == blocked_from(theirs.id) == set()
    block(who, team_id=theirs.team_id)
    assert (said_yes(post.id), said_yes(theirs.id)) == ({who.person_id}, set())
    assert (blocked_from(post.id), blocked_from(theirs.id)) == (set(), {who.person_id})


def test_a_block_takes_a_yes_back_and_ending_it_does_not_give_it_again(app: Flask) -> None:
    manager = a_manager()
    post = an_open_post(manager)
    who = a_candidate()
    answer_vacancy(who, post.id, YES)
    block(who, manager_id=manager.person_id)
    block(who, manager_id=manager.person_id)
    made = session().scalars(select(CandidateBlock)).one()
    unblock(who, made.id)
    assert said_yes(post.id) == set()
    with pytest.raises(BlockRefused):
        unblock(a_candidate("Other"), made.id)
    with pytest.raises(BlockRefused):
        block(who, manager_id=who.person_id)
    told = session().scalars(
        select(AuditEvent.details).where(AuditEvent.action == "changed who may see them")
    )
    assert all(str(manager.person_id) not in details for details in told)


def test_a_yes_needs_an_open_post_and_somebody_in_training_may_say_it(app: Flask) -> None:
    manager = a_manager()
    post = an_open_post(manager)
    student = a_candidate("Sam", role=Role.STUDENT)
    answer_vacancy(student, post.id, YES)
    assert said_yes(post.id) == {student.person_id}
    with pytest.raises(VacancyNotFound):
        answer_vacancy(student, UUID(int=7), YES)
    with pytest.raises(VacancyNotFound):
        answer_vacancy(a_candidate("New"), post.id, WITHDRAWN)
    with pytest.raises(NotACandidate):
        answer_vacancy(manager, post.id, YES)
    with transaction() as s:
        s.execute(text("UPDATE vacancy SET status = 'closed'"))
    with pytest.raises(VacancyNotFound):
        answer_vacancy(a_candidate("Late"), post.id, YES)
    answer_vacancy(student, post.id, WITHDRAWN)  # taking back is always possible


def test_going_on_here_or_by_introduction_says_yes_and_by_link_does_not(app: Flask) -> None:
    manager = a_manager()
    post = an_open_post(manager)
    by_link, here = a_candidate("Lin"), a_candidate("Hera")
    ask_to_go_on(by_link, post.id, ApplicationWay.BY_LINK)
    assert said_yes(post.id) == set()
    ask_to_go_on(here, post.id, ApplicationWay.HERE)
    ask_to_go_on(here, post.id, ApplicationWay.HERE)
    assert said_yes(post.id) == {here.person_id}


def test_consents_are_a_history_and_counted_is_its_newest_word(app: Flask) -> None:
    who = a_candidate(consents=())
    for wanted in ((COUNTED,), (COUNTED, NAME_TO_MANAGERS), (NAME_TO_MANAGERS,), ()):
        save_consents(who, wanted)
        assert consents_of([who.person_id]).get(who.person_id, frozenset()) == set(wanted)
        session().expire_all()
        row = session().get_one(CandidatePreference, who.person_id)
        assert row.counted == (COUNTED in wanted)
    rows = session().execute(
        select(CandidateConsent.field, CandidateConsent.given).order_by(
            CandidateConsent.field, CandidateConsent.number
        )
    )
    assert [tuple(row) for row in rows] == [
        ("name", True),
        ("name", False),
        ("wishes", True),
        ("wishes", False),
    ]
    with pytest.raises(ValueError, match="no such consent"):
        save_consents(who, [(ConsentField.NAME, ConsentPurpose.COUNT)])


def test_saving_over_what_another_window_saved_is_refused(app: Flask) -> None:
    who = a_candidate()
    save_statement(who, "First", 0)
    for save in (lambda: save_statement(who, "Late", 0), lambda: save_wishes(who, Wishes(), 0)):
        with pytest.raises(PreferenceChanged):
            save()


GUARDED = (
    "UPDATE candidate_consent SET given = (NOT given)",
    "DELETE FROM candidate_consent",
    "UPDATE vacancy_answer SET answer = 'yes'",
    "DELETE FROM vacancy_answer",
    "UPDATE vacancy_application SET way = 'here'",
    "DELETE FROM vacancy_application",
    "DELETE FROM candidate_block",
    "UPDATE candidate_block SET since_at = CURRENT_TIMESTAMP",
    "UPDATE candidate_block SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NOT NULL",
)


@pytest.fixture
def filled(app: Flask) -> Any:
    manager = a_manager()
    post = an_open_post(manager)
    who = a_candidate()
    ask_to_go_on(who, post.id, ApplicationWay.INTRODUCTION)
    block(who, manager_id=manager.person_id)
    unblock(who, session().scalars(select(CandidateBlock.id)).one())
    return who


def test_the_database_keeps_what_was_said(filled: Any) -> None:
    for statement in GUARDED:
        with pytest.raises(DBAPIError, match="is kept"), transaction() as s:
            s.execute(text(statement))
    with transaction() as s:  # the twin: what may change does
        s.execute(text("UPDATE candidate_preference SET looking = (NOT looking)"))


def test_a_row_cannot_be_replaced(filled: Any) -> None:
    if session().get_bind().dialect.name != "sqlite":
        return
    for table in ("candidate_consent", "vacancy_answer", "vacancy_application", "candidate_block"):
        with pytest.raises(DBAPIError, match="is kept"), transaction() as s:
            s.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))
