"""Candidacies: a yes begins one, its manager moves it, what is withdrawn is gone at once (P1, P3, A10)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.careers.candidacy_models import CandidacyEvent, Interview
from recovery_college.careers.candidacy_own_queries import own_candidacies
from recovery_college.careers.candidacy_own_services import (
    ask_for_help,
    declare_line_manager,
    opt_for_interview,
    withdraw,
)
from recovery_college.careers.candidacy_queries import candidacy_visible_to, happenings_of, help_asked
from recovery_college.careers.candidacy_rules import EndReason, Move, OutcomeMessage, Stage
from recovery_college.careers.candidacy_services import (
    CandidacyChanged,
    CandidacyNotFound,
    Meeting,
    add_note,
    call_off_interview,
    move_candidacy,
    plan_interview,
    save_hiring,
    send_message,
    set_next_step,
)
from recovery_college.careers.consent_queries import profiles_as_manager_sees
from recovery_college.careers.consent_rules import ApplicationWay
from recovery_college.careers.consent_services import ask_to_go_on, block, save_consents
from recovery_college.careers.considerations import Refused
from recovery_college.careers.models import Vacancy
from recovery_college.careers.pipeline_queries import PipelineFilter, board_for, listed_for, waiting_for
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.people.models import Account
from recovery_college.people.signin import SignedIn
from tests.factories.candidacies import a_candidacy, the_candidacy
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager, email_of
from tests.factories.people import signed_in
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("app")
ALL = PipelineFilter()


def names_on(board_of: SignedIn) -> dict[Stage, list[str]]:
    return {
        column.stage: [card.name for card in column.cards]
        for column in board_for(board_of, ALL)
        if column.count
    }


@pytest.fixture
def scene() -> tuple[SignedIn, SignedIn, Vacancy]:
    manager, greta = a_manager(), a_candidate()
    return manager, greta, an_open_post(manager)


def test_a_yes_begins_it_and_applying_here_moves_it(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    assert names_on(manager) == {}
    a_candidacy(greta, post)
    assert names_on(manager) == {Stage.INTERESTED: ["Greta Example"]}
    ask_to_go_on(greta, post.id, ApplicationWay.HERE)
    assert list(names_on(manager)) == [Stage.APPLIED]
    assert names_on(a_manager("Other")) == {}
    assert names_on(signed_in(Role.HR)) == {Stage.APPLIED: ["Greta Example"]}
    assert names_on(signed_in(Role.ADMIN)) == {}


def test_a_yes_taken_back_is_gone_on_the_next_click_and_may_come_again(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
    withdraw(greta, row.id)
    assert names_on(manager) == {}
    assert candidacy_visible_to(manager, row.id) is None
    with pytest.raises(CandidacyNotFound):
        move_candidacy(manager, row.id, Move(Stage.INTERVIEW), row.version + 1)
    with pytest.raises(CandidacyNotFound):
        withdraw(greta, row.id)
    assert own_candidacies(greta)[0].stage is Stage.WITHDREW
    a_candidacy(greta, post)
    assert names_on(manager) == {Stage.INTERESTED: ["Greta Example"]}


def test_a_block_and_a_name_taken_back_count_at_once(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    a_candidacy(greta, post)
    save_consents(greta, [])
    assert names_on(manager) == {Stage.INTERESTED: ["Candidate 1"]}
    block(greta, manager_id=manager.person_id)
    assert names_on(manager) == {}


def test_two_who_move_one_card_do_not_overwrite(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    move_candidacy(manager, row.id, Move(Stage.APPLIED), row.version)
    with pytest.raises(CandidacyChanged):
        move_candidacy(signed_in(Role.HR), row.id, Move(Stage.APPLIED), row.version)
    assert the_candidacy(greta, post).stage is Stage.APPLIED


def test_the_timeline_says_who_when_and_what_was_before(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    move_candidacy(manager, row.id, Move(Stage.NOT_PROGRESSING, EndReason.HOURS, "Nights only"), row.version)
    view = candidacy_visible_to(manager, row.id)
    assert view is not None
    newest = happenings_of(manager, view)[0][0]
    assert (newest.old, newest.new, newest.by) == ("interested", "not progressing", "Morgan Example")
    assert newest.words == "the hours or days do not fit: Nights only"
    own = own_candidacies(greta)[0]
    assert "Nights only" not in repr(own)


def test_names_are_hidden_until_the_shortlist_where_the_vacancy_says_so(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post, Stage.APPLIED, manager)
    save_hiring(manager, post.id, anonymous=True, funded_hours=None, places=None, version=0)
    assert names_on(manager) == {Stage.APPLIED: ["Candidate 1"]}
    view = candidacy_visible_to(manager, row.id)
    assert view is not None
    assert view.profile is None
    assert "Greta" not in repr(happenings_of(manager, view))
    move_candidacy(manager, row.id, Move(Stage.SHORTLISTED), row.version)
    assert names_on(manager) == {Stage.SHORTLISTED: ["Greta Example"]}


def test_the_manager_who_leads_the_candidate_sees_and_does_nothing(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    declare_line_manager(greta, email_of(manager).upper())
    assert names_on(manager) == {}
    with pytest.raises(CandidacyNotFound):
        move_candidacy(manager, row.id, Move(Stage.APPLIED), row.version)
    move_candidacy(signed_in(Role.HR), row.id, Move(Stage.APPLIED), row.version)


def test_the_line_manager_sees_nothing_in_another_role_either(scene) -> None:  # type: ignore[no-untyped-def]
    _, greta, post = scene
    row = a_candidacy(greta, post)
    leads = signed_in(Role.HR, name="Leads")
    assert names_on(leads) == {Stage.INTERESTED: ["Greta Example"]}
    declare_line_manager(greta, email_of(leads))
    assert names_on(leads) == {}
    with pytest.raises(CandidacyNotFound):
        move_candidacy(leads, row.id, Move(Stage.APPLIED), row.version)


def test_who_did_not_go_on_stays_without_a_name_where_names_wait(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    save_hiring(manager, post.id, anonymous=True, funded_hours=None, places=None, version=0)
    move_candidacy(manager, row.id, Move(Stage.NOT_PROGRESSING, EndReason.HOURS), row.version)
    view = candidacy_visible_to(manager, row.id)
    assert view is not None
    assert (view.name, view.profile) == ("Candidate 1", None)
    assert profiles_as_manager_sees(manager, post.id) == []


def test_an_account_that_is_closed_is_gone_from_the_board(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    a_candidacy(greta, post)
    with transaction() as s:
        s.execute(update(Account).where(Account.id == greta.account_id).values(closed_at=clock.now()))
    assert names_on(manager) == {}


def test_nobody_handles_their_own() -> None:
    both = signed_in(Role.GRADUATE, Role.HR, name="Both")
    save_consents(both, [])
    post = an_open_post(a_manager())
    row = a_candidacy(both, post)
    as_hr = SignedIn(**{**{f: getattr(both, f) for f in both.__dataclass_fields__}, "role": Role.HR})
    assert names_on(as_hr) == {}
    with pytest.raises(CandidacyNotFound):
        move_candidacy(as_hr, row.id, Move(Stage.APPLIED), row.version)


def raw(statement: str, **values: object) -> None:
    """Try SQL past every service; it must be refused."""
    session().rollback()
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text(statement), values)


def test_the_database_refuses_what_the_services_do(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    other = a_candidate("Nobody")
    ids = "SELECT id FROM candidacy"
    raw(
        "INSERT INTO candidacy (id, vacancy_id, person_id, number, stage, stage_on, wants_interview, next_step, "
        "end_text, version, opened_at) SELECT p.id, c.vacancy_id, p.id, 9, 'interested', c.stage_on, "
        "c.wants_interview, '', '', 1, c.opened_at FROM candidacy c, person p WHERE p.given_name = 'Nobody'"
    )
    assert other
    moved = (
        "INSERT INTO candidacy_event (id, candidacy_id, kind, was, became, words, by_id, at) SELECT p.id, c.id, "
        "'moved', 'interested', 'shortlisted', '', p.id, c.opened_at FROM candidacy c, person p "
        "WHERE p.given_name = '{}'"
    )
    raw(moved.format("Greta"))
    declare_line_manager(greta, email_of(manager))
    raw(moved.format("Morgan"))
    raw("UPDATE candidacy_event SET was = 'x'")
    raw("DELETE FROM candidacy_event")
    raw("DELETE FROM candidacy")
    raw("UPDATE candidacy SET number = 7")
    raw(f"UPDATE candidacy SET stage = 'not progressing' WHERE id IN ({ids})")
    raw("UPDATE candidacy SET stage = 'hired'")
    assert the_candidacy(greta, post).version == row.version


def test_next_step_note_and_waiting(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    today = clock.today()
    with pytest.raises(Refused):
        set_next_step(manager, row.id, "Read it", None, row.version)
    set_next_step(manager, row.id, "Read it", today, row.version)
    assert waiting_for(manager) == 0
    set_next_step(manager, row.id, "Read it", today - timedelta(days=1), row.version + 1)
    assert waiting_for(manager) == 1
    assert [card.name for card in listed_for(manager, PipelineFilter(waiting=True))[0]] == ["Greta Example"]
    add_note(manager, row.id, "Called them")
    add_note(manager, row.id, "Called them")
    with pytest.raises(Refused):
        add_note(manager, row.id, "  ")
    assert own_candidacies(greta)[0].next_step == "Read it"
    assert session().scalar(text("SELECT COUNT(*) FROM candidacy_note")) == 1


def test_interview_with_a_sequence_and_help_for_the_interviewer_alone(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
    ask_for_help(greta, row.id, "The questions in writing")
    opt_for_interview(greta, row.id, True)
    row = the_candidacy(greta, post)
    soon = Meeting(clock.now() + timedelta(days=3), 45, "Room 2")
    with pytest.raises(Refused):
        plan_interview(manager, row.id, Meeting(clock.now() - timedelta(days=1), 45, "Room 2"), row.version)
    plan_interview(manager, row.id, soon, row.version)
    plan_interview(manager, row.id, Meeting(soon.starts_at, 30, "Room 3"), row.version + 1)
    call_off_interview(manager, row.id, row.version + 2)
    session().expire_all()
    meeting = session().get_one(Interview, row.id)
    assert (meeting.sequence, meeting.minutes, meeting.cancelled_at is not None) == (2, 30, True)
    view = candidacy_visible_to(manager, row.id)
    assert view is not None
    assert help_asked(manager, view) == "The questions in writing"
    assert help_asked(signed_in(Role.HR), view) == ""
    save_consents(greta, [])
    nameless = candidacy_visible_to(manager, row.id)
    assert nameless is not None
    assert help_asked(manager, nameless) == "", "taken back with the name"


def test_a_message_goes_into_the_outbox_once_it_was_read(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post, Stage.APPLIED, manager)
    send_message(manager, row.id, OutcomeMessage.RECEIVED, "Dear Greta", row.version)
    with pytest.raises(CandidacyChanged):
        send_message(manager, row.id, OutcomeMessage.RECEIVED, "Dear Greta", row.version)
    mail = session().scalars(select(OutgoingMail)).one()
    assert (mail.recipient, mail.body) == (email_of(greta), "Dear Greta\n")
    events = session().scalars(select(CandidacyEvent.became).where(CandidacyEvent.kind == "message"))
    assert list(events) == ["received"]


def test_the_board_asks_the_same_number_of_queries_for_one_and_for_many() -> None:
    manager = a_manager()
    post = an_open_post(manager)
    a_candidacy(a_candidate("One"), post)
    with statements() as few:
        board_for(manager, ALL)
    for number in range(6):
        a_candidacy(a_candidate(f"More{number}"), post)
    with statements() as many:
        columns = board_for(manager, ALL)
    assert columns[0].count == 7
    assert len(few) == len(many) <= 6


def test_sql_and_rules_agree_on_who_has_waited(scene) -> None:  # type: ignore[no-untyped-def]
    manager, greta, post = scene
    row = a_candidacy(greta, post)
    for days in (0, 6, 7, 8, 30):
        with transaction() as s:
            s.execute(
                text("UPDATE candidacy SET stage_on = :day"), {"day": clock.today() - timedelta(days=days)}
            )
        session().expire_all()
        view = candidacy_visible_to(manager, row.id)
        assert view is not None
        assert waiting_for(manager) == int(view.has_waited), days
