"""Recording, superseding and returning answers (V3), on a real database, in two windows at once."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.band_rule import set_go_live
from recovery_college.careers.bands import Band
from recovery_college.careers.compliance_queries import compliance_strip
from recovery_college.careers.considerations import (
    Refused,
    VacancyChanged,
    VacancyNotFound,
    confirm_still_right,
    record_consideration,
    return_consideration,
)
from recovery_college.careers.models import Consideration
from recovery_college.careers.queries import (
    bands_to_read,
    considerations_waiting,
    nobody_to_ask,
    vacancy_visible_to,
)
from recovery_college.careers.rules import PswFlag
from recovery_college.careers.vacancies import assign_manager, override_flag, read_band
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.careers import a_manager, a_vacancy, considered, email_of, import_rows, vacancy_of
from tests.factories.people import CONSOLE, signed_in

pytestmark = pytest.mark.usefixtures("app")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_an_answer_freezes_the_vacancy_and_is_on_the_record() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, weekly_hours="22.5", team="Ward S3")
    record_consideration(manager, vacancy.id, "not a psw role", "other", " Only nights ", vacancy.version)
    one = session().scalars(select(Consideration)).one()
    assert (one.reason_code, one.reason_text, one.decided_by) == ("other", "Only nights", manager.person_id)
    assert one.snapshot["bands"] == ["3"]
    assert one.snapshot["team"] == "Ward S3"
    assert one.due_on == vacancy.consideration_due_on
    event = session().scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert event is not None
    assert (event.action, event.subject_id) == ("recorded consideration", str(vacancy.id))
    assert "nights" not in event.details, "no free text in the trail"


def test_a_reason_beside_another_answer_is_not_kept() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    record_consideration(manager, vacancy.id, "psw post", "other", "left over", vacancy.version)
    one = session().scalars(select(Consideration)).one()
    assert (one.reason_code, one.reason_text) == (None, "")


@pytest.mark.parametrize(
    ("answer", "reason", "words", "box"),
    [
        ("", "", "", "answer"),
        ("maybe", "", "", "answer"),
        ("not a psw role", "", "", "reason"),
        ("not a psw role", "made up", "", "reason"),
        ("not a psw role", "other", "  ", "other_text"),
        ("not a psw role", "other", "x" * 501, "other_text"),
    ],
)
def test_what_is_missing_is_said_at_its_box(answer: str, reason: str, words: str, box: str) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    with pytest.raises(Refused) as refused:
        record_consideration(manager, vacancy.id, answer, reason, words, vacancy.version)
    assert list(refused.value.errors) == [box]
    assert session().scalar(select(func.count(Consideration.id))) == 0


def test_nobody_but_the_vacancys_own_manager_decides() -> None:
    manager, other = a_manager(), a_manager("Other")
    vacancy = a_vacancy(manager)
    for actor in (other, signed_in(Role.HR), signed_in(Role.ADMIN), signed_in(Role.STUDENT), CONSOLE):
        with pytest.raises(VacancyNotFound):
            record_consideration(actor, vacancy.id, "psw post", None, "", vacancy.version)
    unasked = a_vacancy()
    with pytest.raises(VacancyNotFound):
        record_consideration(CONSOLE, unasked.id, "psw post", None, "", unasked.version)


def test_the_same_person_in_another_role_does_not_decide() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    as_hr = signed_in(Role.HR, person=_person(manager))
    with pytest.raises(VacancyNotFound):
        record_consideration(as_hr, vacancy.id, "psw post", None, "", vacancy.version)


def _person(who):
    from recovery_college.people.models import Person

    return session().get_one(Person, who.person_id)


def test_only_what_the_rule_asks_can_be_decided() -> None:
    manager = a_manager()
    for columns in ({"band": "6"}, {"band": "?"}, {"posted_on": "2020-01-01", "closes_on": "2020-02-01"}):
        vacancy = a_vacancy(manager, **columns)
        with pytest.raises(Refused):
            record_consideration(manager, vacancy.id, "psw post", None, "", vacancy.version)


def test_deciding_again_supersedes_and_keeps() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    considered(vacancy, manager, "psw post")
    considered(vacancy, manager, "not a psw role", "funding")
    old, new = session().scalars(select(Consideration).order_by(Consideration.id)).all()
    assert (old.superseded_why, new.superseded_at) == ("The manager decided again", None)
    row = vacancy_visible_to(manager, vacancy.id)
    assert row is not None
    assert (row.state, row.answer) == ("not a psw role", "not a psw role")


def test_a_stale_page_is_told() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, reference="A1", weekly_hours="30")
    seen = vacancy.version
    import_rows({"reference": "A1", "title": "Health Care Assistant", "weekly_hours": "15"})
    with pytest.raises(VacancyChanged):
        record_consideration(manager, vacancy.id, "psw post", None, "", seen)
    assert session().scalar(select(func.count(Consideration.id))) == 0


def test_two_windows_at_once_record_one_answer(app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    version, vacancy_id = vacancy.version, vacancy.id
    session().rollback()
    start, outcomes = threading.Barrier(4), []

    def decide(answer: str) -> None:
        with app.app_context():
            start.wait()
            try:
                record_consideration(manager, vacancy_id, answer, None, "", version)
                outcomes.append("saved")
            except VacancyChanged:
                outcomes.append("told")

    threads = [
        threading.Thread(target=decide, args=(answer,))
        for answer in ("psw post", "open to both", "psw post", "open to both")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The same answer again is a button pressed twice: it is told that it is saved, and nothing is doubled.
    assert sorted(outcomes) == ["saved", "saved", "told", "told"]
    assert session().scalar(select(func.count(Consideration.id))) == 1


def test_an_answer_can_be_returned_by_hr_and_given_again() -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    vacancy = a_vacancy(manager)
    considered(vacancy, manager, "not a psw role", "funding")
    version = vacancy_of(vacancy.reference).version
    with pytest.raises(VacancyNotFound):
        return_consideration(manager, vacancy.id, "No", version)
    with pytest.raises(Refused):
        return_consideration(hr, vacancy.id, "  ", version)
    return_consideration(hr, vacancy.id, "Which money?", version)
    row = vacancy_visible_to(manager, vacancy.id)
    assert row is not None
    assert (row.state, row.answer, row.returned_why) == ("returned", None, "Which money?")
    assert considerations_waiting(manager).count == 1
    considered(vacancy, manager, "psw post")
    assert vacancy_visible_to(manager, vacancy.id).state == "psw post"


def test_a_changed_text_is_confirmed_by_its_manager() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, reference="A1", description="old")
    considered(vacancy, manager)
    import_rows({"reference": "A1", "title": "Health Care Assistant", "description": "new"})
    now = vacancy_of("A1")
    with pytest.raises(VacancyNotFound):
        confirm_still_right(a_manager("Other"), vacancy.id, now.version)
    confirm_still_right(manager, vacancy.id, now.version)
    assert not vacancy_of("A1").still_right_asked


def test_an_answer_cannot_be_changed_or_deleted_in_the_database() -> None:
    manager = a_manager()
    considered(a_vacancy(manager), manager)
    for statement in ("UPDATE consideration SET answer = 'open to both'", "DELETE FROM consideration"):
        with pytest.raises(DatabaseError), transaction() as s:
            s.execute(text(statement))


def test_a_file_that_takes_the_posting_day_back_brings_the_due_day() -> None:
    """Older than the rule by its posting day, then without one: it counts, and has its working days from today."""
    row = {"reference": "V-1", "title": "Support worker", "band": "Band 3"}
    with clock.held_at(MONDAY):
        set_go_live(signed_in(Role.HR), clock.today() + timedelta(days=3))
        for posted_on, is_asked in ((clock.today().isoformat(), False), ("", True), (clock.today(), False)):
            import_rows({**row, "posted_on": posted_on})
            session().expire_all()
            assert (vacancy_of("V-1").consideration_due_on is not None) is is_asked


def test_go_live_moves_what_is_due() -> None:
    hr = signed_in(Role.HR)
    with clock.held_at(MONDAY):
        old = a_vacancy(posted_on="2026-09-01", closes_on="2027-01-04")
        new = a_vacancy(posted_on="2026-11-20", closes_on="2027-01-04")
        draft = a_vacancy()
        with pytest.raises(PermissionError):
            set_go_live(signed_in(Role.MANAGER), date(2026, 10, 1))
        assert set_go_live(hr, date(2026, 10, 1)) == 1
        assert _state(hr, old) == "before the rule"
        assert (_state(hr, new), _state(hr, draft)) == ("due", "due")
        assert vacancy_of(old.reference).consideration_due_on is None
        assert not vacancy_of(old.reference).advertised_before_considered
        later = a_vacancy(posted_on="2026-09-30", closes_on="2027-01-04")
        assert _state(hr, later) == "before the rule"
        assert later.flag is PswFlag.YES
    with clock.held_at(MONDAY + timedelta(days=7)):
        assert set_go_live(hr, None) == 2
        assert vacancy_of(old.reference).consideration_due_on == date(2026, 12, 7)
        assert vacancy_of(old.reference).advertised_before_considered


def _state(actor, vacancy) -> str:
    session().expire_all()
    row = vacancy_visible_to(actor, vacancy.id)
    assert row is not None
    return str(row.state)


def test_hr_reads_bands_names_managers_and_overrides() -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    vacancy = a_vacancy(band="see advert")
    assert (bands_to_read(hr), nobody_to_ask(hr)) == (1, 0)
    with pytest.raises(VacancyNotFound):
        read_band(manager, vacancy.id, [Band.BAND_2], vacancy.version)
    read_band(hr, vacancy.id, [Band.BAND_2], vacancy.version)
    assert (bands_to_read(hr), nobody_to_ask(hr)) == (0, 1)
    now = vacancy_of(vacancy.reference)
    assert now.why.startswith("Band 2, as a person read it")
    with pytest.raises(Refused):
        assign_manager(hr, vacancy.id, "nobody@fenside.example", now.version)
    with pytest.raises(VacancyChanged):
        assign_manager(hr, vacancy.id, email_of(manager), now.version - 1)
    assign_manager(hr, vacancy.id, email_of(manager), now.version)
    assert (nobody_to_ask(hr), considerations_waiting(manager).count) == (0, 1)
    with pytest.raises(VacancyNotFound):
        override_flag(
            manager, vacancy.id, PswFlag.NO, "I would rather not", vacancy_of(vacancy.reference).version
        )
    override_flag(hr, vacancy.id, PswFlag.NO, "A bank shift", vacancy_of(vacancy.reference).version)
    assert considerations_waiting(manager).count == 0
    actions = session().scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(3)).all()
    assert list(actions) == ["overrode flag", "assigned manager", "read band"]


def test_a_post_outside_agenda_for_change_leaves_the_queue() -> None:
    hr = signed_in(Role.HR)
    vacancy = a_vacancy(band="local pay spine")
    read_band(hr, vacancy.id, [], vacancy.version)
    now = vacancy_of(vacancy.reference)
    assert (now.flag, bands_to_read(hr)) == (PswFlag.NO, 0)
    assert now.band_source.value == "not Agenda for Change"


def test_reading_another_band_asks_again() -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    vacancy = a_vacancy(manager)
    considered(vacancy, manager)
    read_band(hr, vacancy.id, [Band.BAND_4], vacancy_of(vacancy.reference).version)
    assert session().scalars(select(Consideration)).one().superseded_why == "The band changed"
    assert considerations_waiting(manager).count == 1


def test_advertised_before_considered_is_kept_when_the_answer_comes() -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    with clock.held_at(MONDAY):
        early = a_vacancy(manager, posted_on="2026-11-26")
        late = a_vacancy(manager, posted_on="2026-11-26")
        considered(early, manager)
    with clock.held_at(MONDAY + timedelta(days=4)):
        assert compliance_strip(hr).advertised_before_considered == 1
        considered(late, manager)
        strip = compliance_strip(hr)
    assert not vacancy_of(early.reference).advertised_before_considered
    assert vacancy_of(late.reference).advertised_before_considered
    assert (strip.on_time, strip.advertised_before_considered) == (2, 1)
