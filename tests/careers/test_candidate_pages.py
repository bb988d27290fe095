"""A vacancy's side: words before a yes, names after it, HR's list of who agreed, and the days of the work."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers import consent_queries, matching_list
from recovery_college.careers.candidacy_models import Candidacy, DeclaredLineManager, VacancyHiring
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.consent_models import CandidateIntroduction
from recovery_college.careers.consent_rules import (
    COUNTED,
    ApplicationWay,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
)
from recovery_college.careers.consent_services import answer_vacancy, ask_to_go_on, block, save_consents
from recovery_college.careers.preference_models import VacancyPattern
from recovery_college.careers.preference_rules import SiteEase, Wishes
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import OutgoingMail
from tests.factories.candidates import a_candidate, an_open_post, shows_all
from tests.factories.careers import a_manager
from tests.factories.people import signed_in
from tests.page_client import PageClient
from tests.statements import statements

SEEN = {
    COUNTED,
    (ConsentField.NAME, ConsentPurpose.INTRODUCE),
    (ConsentField.HOURS, ConsentPurpose.INTRODUCE),
}


@pytest.fixture
def made(app: Flask) -> Any:
    manager = a_manager()
    return manager, an_open_post(manager, weekly_hours="22.5", site="Cambridge", team="Ward S3")


def test_a_manager_reads_words_then_names_then_nothing(client: PageClient, made: Any) -> None:
    manager, post = made
    who = shows_all(a_candidate("Greta"))
    client.wear(manager)
    address = f"/vacancies/{post.id}/candidates"
    assert address in client.get(f"/vacancies/{post.id}").links
    before = client.get(address)
    assert "Graduates who fit just now: some" in before.words
    assert "The hours fit" in before.words
    assert "Greta" not in before.text
    assert client.get(f"{address}/{who.person_id}").status == 404
    answer_vacancy(who, post.id, VacancyAnswerKind.YES)
    assert "Greta" in client.get(address).words
    assert client.get(f"{address}/{who.person_id}").h1.startswith("Greta")
    answer_vacancy(who, post.id, VacancyAnswerKind.WITHDRAWN)  # while the manager has the page open
    assert client.get(f"{address}/{who.person_id}").status == 404
    assert "Greta" not in client.get(address).text


def test_names_wait_for_the_shortlist_where_the_vacancy_says_so(client: PageClient, made: Any) -> None:
    manager, post = made
    who = shows_all(a_candidate("Greta"))
    answer_vacancy(who, post.id, VacancyAnswerKind.YES)
    client.wear(manager)
    path = f"/vacancies/{post.id}/candidates"
    assert "Greta" in client.get(path).words
    with transaction() as s:
        s.add(VacancyHiring(vacancy_id=post.id, anonymous=True))
    page = client.get(path)
    assert "Greta" not in page.text
    assert "hides names until the shortlist" in page.words
    assert client.get(f"{path}/{who.person_id}").status == 404
    with transaction() as s:
        s.execute(update(Candidacy).values(stage=Stage.SHORTLISTED, version=2))
    assert "Greta" in client.get(path).words


def test_whom_they_lead_they_do_not_meet_as_a_candidate(client: PageClient, made: Any) -> None:
    manager, post = made
    who = shows_all(a_candidate("Greta"))
    answer_vacancy(who, post.id, VacancyAnswerKind.YES)
    with transaction() as s:
        s.add(DeclaredLineManager(person_id=who.person_id, email=manager.email, declared_at=clock.now()))
    client.wear(manager)
    assert "Greta" not in client.get(f"/vacancies/{post.id}/candidates").text


def test_other_role_refused_and_other_vacancy_not_found(client: PageClient, made: Any) -> None:
    _, post = made
    who = shows_all(a_candidate())
    answer_vacancy(who, post.id, VacancyAnswerKind.YES)
    for actor in (a_manager("Other"), signed_in(Role.TUTOR), who, signed_in(Role.AUDITOR)):
        client.wear(actor)
        assert client.get(f"/vacancies/{post.id}/candidates").status == 404
        assert client.get(f"/vacancies/{post.id}/candidates/{who.person_id}").status == 404
    assert client.wear(a_manager("Third")).get(f"/vacancies/{post.id}/days").status == 404


def test_hr_sees_who_agreed_and_introduces(client: PageClient, made: Any) -> None:
    _, post = made
    quiet, seen, near = a_candidate("Quiet"), a_candidate("Seen"), a_candidate("Near")
    save_consents(seen, SEEN)
    save_wishes_far(near)
    save_consents(near, SEEN)
    hr = signed_in(Role.HR)
    client.wear(hr)
    address = f"/vacancies/{post.id}/candidates"
    page = client.get(address)
    assert "Quiet" not in page.text
    assert page.words.index("Seen") < page.words.index("Near")
    assert "Would need another place" in page.words
    assert "There are more whom it may suit" in page.words
    assert client.get(f"{address}/{quiet.person_id}").status == 404
    one = f"{address}/{seen.person_id}"
    for _ in range(2):  # a double click suggests once
        token = client.get(address + f"/{near.person_id}").hidden("csrf_token")
        assert client.post(f"{one}/introduce", data={"csrf_token": token}).status == 303
    mails = list(session().scalars(select(OutgoingMail)))
    assert [mail.subject for mail in mails] == ["A job that may suit you"]
    assert f"/my-future/jobs/{post.id}" in mails[0].body
    ask_to_go_on(seen, post.id, ApplicationWay.INTRODUCTION)
    page = client.get(address)
    assert "Said yes, asks to be introduced" in page.words
    client.send(f"{one}/introduce", form_at=one)
    told = session().scalars(select(OutgoingMail).where(OutgoingMail.subject.startswith("Somebody"))).one()
    assert "Seen" not in told.body
    assert session().scalar(select(func.count()).select_from(CandidateIntroduction)) == 2
    assert client.wear(signed_in(Role.ADMIN)).get(address).status == 200
    assert client.post(f"{one}/introduce", data={"csrf_token": token}).status in (400, 403)


def test_a_block_keeps_somebody_off_hrs_list_and_cannot_be_told(client: PageClient, made: Any) -> None:
    """With a block the page is, word for word, that of somebody who has not agreed to be seen."""
    manager, post = made
    who = a_candidate("Seen")
    save_consents(who, {COUNTED})
    client.wear(signed_in(Role.HR))
    address = f"/vacancies/{post.id}/candidates"
    unseen = client.get(address).words
    save_consents(who, SEEN)
    assert "Seen" in client.get(address).words
    block(who, manager_id=manager.person_id)
    assert client.get(address).words == unseen
    assert client.get(f"{address}/{who.person_id}").status == 404


def test_two_who_could_share_are_named_where_both_agreed(client: PageClient, made: Any) -> None:
    manager, _ = made
    post = an_open_post(manager, weekly_hours="37.5")
    half = Wishes(most_hours=Decimal(20), job_share=True)
    for name in ("Ada", "Bea"):
        save_consents(a_candidate(name, half), SEEN)
    page = client.wear(signed_in(Role.HR)).get(f"/vacancies/{post.id}/candidates")
    assert "Two people could share this job between them" in page.words
    assert "Ada Example and Bea Example" in page.words or "Bea Example and Ada Example" in page.words


def test_the_days_of_a_vacancy(client: PageClient, made: Any) -> None:
    manager, post = made
    client.wear(manager)
    address = f"/vacancies/{post.id}/days"
    page = client.send(address, {"days": ["Monday"], "version": "0"})
    assert (page.status, "Say whether two people could share it" in page.words) == (422, True)
    data = {"days": ["Monday", "Friday"], "times": ["evenings"], "job_share": "yes", "version": "0"}
    assert client.send(address, data).status == 303
    row = session().get_one(VacancyPattern, post.id)
    assert (row.days, row.times, row.job_share) == (0b10001, 0b100, True)
    page = client.send(address, {**data, "days": ["Sunday"]})
    assert page.status == 409
    assert "Monday and Friday" in page.words
    assert client.wear(signed_in(Role.HR)).get(address).status == 200


def test_a_list_of_candidates_costs_the_same_however_many(client: PageClient, made: Any, app: Flask) -> None:
    _, post = made
    client.wear(signed_in(Role.HR))
    counts = []
    for number in (1, 5):
        for n in range(number):
            save_consents(a_candidate(f"P{number}{n}"), SEEN)
        with statements() as asked:
            client.get(f"/vacancies/{post.id}/candidates")
        counts.append(len([one for one in asked if "audit_event" not in one]))
    assert counts[0] == counts[1] <= 32


def test_only_the_page_is_read_and_each_who_is_on_it_is_recorded(
    client: PageClient, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, post = made
    monkeypatch.setattr(matching_list, "A_PAGE", 2)
    built: list[int] = []
    facts_of = consent_queries.facts_of
    monkeypatch.setattr(consent_queries, "facts_of", lambda ids: built.append(len(ids)) or facts_of(ids))
    for name in ("Cy", "Ada", "Bea"):
        save_consents(a_candidate(name), SEEN)
    far, asks = a_candidate("Abe"), a_candidate("Zoe")
    save_wishes_far(far)
    save_consents(far, SEEN)
    save_consents(asks, SEEN)
    ask_to_go_on(asks, post.id, ApplicationWay.INTRODUCTION)
    client.wear(signed_in(Role.HR))
    here = f"/vacancies/{post.id}/candidates"
    in_order = ["Zoe", "Ada", "Bea", "Cy", "Abe"]
    for page, names in ((1, in_order[:2]), (2, in_order[2:4]), (3, in_order[4:]), (99, in_order[4:])):
        built.clear()
        since = session().scalar(select(func.count()).select_from(AuditEvent))
        told = client.get(f"{here}?page={page}")
        assert [name for name in in_order if f">{name} Example<" in told.text] == names
        assert f"Page {min(page, 3)} of 3, 5 people in all" in told.words
        assert built == [len(names)]
        assert session().scalar(select(func.count()).select_from(AuditEvent)) - since == len(names)
    assert client.get(f"{here}?page=-1").words == client.get(here).words


def test_who_said_yes_to_a_post_that_suits_little_is_not_told_as_a_fit(client: PageClient, made: Any) -> None:
    manager, _ = made
    post = an_open_post(manager, weekly_hours="37.5", site="Cambridge")
    who = a_candidate("Yan", Wishes(most_hours=Decimal(10), sites={"Ely": SiteEase.EASILY}))
    save_consents(who, SEEN)
    answer_vacancy(who, post.id, VacancyAnswerKind.YES)
    page = client.wear(signed_in(Role.HR)).get(f"/vacancies/{post.id}/candidates")
    assert "Would need other hours and would need another place" in page.words


def test_a_closed_vacancy_names_nobody(client: PageClient, made: Any) -> None:
    manager, post = made
    who = shows_all(a_candidate("Greta"))
    answer_vacancy(who, post.id, VacancyAnswerKind.YES)
    with transaction() as s:
        s.execute(text("UPDATE vacancy SET status = 'closed'"))
    for actor in (manager, signed_in(Role.HR)):
        assert "Greta" not in client.wear(actor).get(f"/vacancies/{post.id}/candidates").text


def save_wishes_far(who: Any) -> None:
    from recovery_college.careers.preference_services import save_wishes
    from tests.factories.candidates import version_of

    save_wishes(who, Wishes(sites={"Ely": SiteEase.EASILY}), version_of(who))
