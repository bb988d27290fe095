"""One's own future: wishes, statement, consents, blocks, answers and alerts, on the pages themselves (P1)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.careers.consent_queries import consents_of, said_yes
from recovery_college.careers.consent_rules import COUNTED, ConsentField, ConsentPurpose
from recovery_college.careers.consent_services import save_consents
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_queries import own_wishes
from recovery_college.careers.preference_rules import AlertFrequency, Day, SiteEase, TimeOfDay, Wishes
from recovery_college.careers.preference_services import save_wishes
from recovery_college.careers.rules import ServiceArea
from recovery_college.kernel.db import session
from tests.factories.candidates import a_candidate, a_pattern, an_open_post, shows_all, version_of
from tests.factories.careers import a_manager, email_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

WISHES = {
    "least_hours": "15",
    "most_hours": "22.5",
    "job_share": "yes",
    "areas": ["adult", "older people"],
    "settings": ["ward"],
    "easy_sites": ["Cambridge"],
    "days": ["Monday", "Tuesday"],
    "times": ["mornings"],
    "contracts": ["permanent"],
    "earliest_start-day": "1",
    "earliest_start-month": "3",
    "earliest_start-year": "2027",
}
FORMS = ("wishes", "statement", "sharing", "not-to", "alerts")


@pytest.fixture
def post(app: Flask) -> Vacancy:
    return an_open_post(
        a_manager(),
        weekly_hours="22.5",
        site="Cambridge",
        team="Ward S3",
        salary="£24,000",
        service_area="adult",
    )


def test_works_for_who_has_said_nothing(client: PageClient, post: Vacancy) -> None:
    student = signed_in(Role.STUDENT)
    page = client.wear(student).get("/my-future")
    assert "You have not said what you would like yet" in page.words
    assert "You have not asked us to compare jobs" in page.words
    assert "Nothing yet. When I say yes to a vacancy: my name" in page.words
    assert "permitted work" in page.words
    for form in (*FORMS, "preview", "jobs", f"jobs/{post.id}"):
        assert client.get(f"/my-future/{form}").status == 200


def test_needs_sign_in_and_the_role(client: PageClient, app: Flask) -> None:
    manager = signed_in(Role.MANAGER)
    for form in ("", *(f"/{one}" for one in FORMS), "/jobs", "/preview"):
        with client.client.session_transaction() as cookie:
            cookie.clear()
        assert client.get(f"/my-future{form}").status == 303
        assert client.wear(manager).get(f"/my-future{form}").status == 403


def test_wishes_are_saved_and_told_back(client: PageClient, post: Vacancy) -> None:
    who = signed_in(Role.GRADUATE)
    client.wear(who)
    sent = client.send("/my-future/wishes", {**WISHES, "version": "0"})
    assert (sent.status, sent.response.location) == (303, "/my-future")
    assert own_wishes(who).wishes == Wishes(
        Decimal(15),
        Decimal("22.5"),
        frozenset({ServiceArea.ADULT, ServiceArea.OLDER_PEOPLE}),
        frozenset({"ward"}),
        frozenset({"permanent"}),
        frozenset({Day.MONDAY, Day.TUESDAY}),
        frozenset({TimeOfDay.MORNING}),
        True,
        own_wishes(who).wishes.earliest_start,
        {"Cambridge": SiteEase.EASILY},
    )
    words = client.get("/my-future").words
    for told in ("15 to 22.5 hours a week", "Adults and older people", "Monday and Tuesday", "1 March 2027"):
        assert told in words


def test_shows_errors_and_keeps_what_was_typed(client: PageClient, app: Flask) -> None:
    client.wear(a_candidate())
    page = client.send("/my-future/wishes", {"least_hours": "30", "most_hours": "10", "version": "1"})
    assert page.status == 422
    assert "The most hours must be the same as the least hours, or more" in page.words
    assert 'value="30"' in page.text
    page = client.send("/my-future/wishes", {"most_hours": "many", "version": "1"})
    assert (page.status, "The most hours a week must be a number, like 22.5" in page.words) == (422, True)
    page = client.send("/my-future/sharing", {"manager": "email", "version": "1"})
    assert (page.status, "Choose your name as well" in page.words) == (422, True)
    page = client.send("/my-future/not-to", {})
    assert (page.status, "Choose a team or a manager" in page.words) == (422, True)
    page = client.send("/my-future/statement", {"text": "x" * 2001, "version": "0"})
    assert page.status == 422


def test_what_another_window_saved_is_shown_and_not_lost(client: PageClient, app: Flask) -> None:
    who = a_candidate()
    client.wear(who)
    form = client.get("/my-future/wishes")
    save_wishes(who, Wishes(most_hours=Decimal(12)), version_of(who))
    page = client.post(
        "/my-future/wishes",
        data={
            "csrf_token": form.hidden("csrf_token"),
            "version": form.hidden("version"),
            "most_hours": "20",
            "job_share": "no",
        },
    )
    assert page.status == 409
    assert "At most 12 hours" in page.words
    assert "At most 20 hours" in page.words
    # A page of consents left open does not give again what was withdrawn elsewhere.
    form = client.get("/my-future/sharing")
    save_consents(who, ())
    page = client.post(
        "/my-future/sharing",
        data={
            "csrf_token": form.hidden("csrf_token"),
            "version": form.hidden("version"),
            "count": "wishes",
        },
    )
    assert page.status == 409
    assert consents_of([who.person_id]) == {}


def test_sharing_is_off_until_ticked_and_stops_with_one_button(client: PageClient, app: Flask) -> None:
    who = a_candidate(consents=())
    client.wear(who)
    client.send("/my-future/sharing", {"count": "wishes", "manager": ["name", "hours"], "version": "0"})
    assert consents_of([who.person_id])[who.person_id] == {
        COUNTED,
        (ConsentField.NAME, ConsentPurpose.MANAGER),
        (ConsentField.HOURS, ConsentPurpose.MANAGER),
    }
    page = client.get("/my-future/sharing")
    assert "You agreed" in page.words
    client.post("/my-future/sharing/stop", data={"csrf_token": page.hidden("csrf_token")})
    assert consents_of([who.person_id]) == {}
    assert "still a candidate" not in client.get("/my-future").words
    assert "You took back" in client.get("/my-future/sharing").words


def test_jobs_say_why_and_why_not(client: PageClient, post: Vacancy) -> None:
    an_open_post(a_manager("Far"), title="Far away", site="Ely", weekly_hours="22.5", service_area="adult")
    an_open_post(a_manager("Both"), title="Wrong twice", site="Ely", weekly_hours="37.5")
    share = an_open_post(a_manager("Share"), title="Two halves", site="Cambridge", weekly_hours="37.5")
    a_pattern(share.id, days=list(Day)[:5], job_share=True)
    wishes = Wishes(
        most_hours=Decimal(25),
        sites={"Cambridge": SiteEase.IF_NEED_BE},
        job_share=True,
        days=frozenset({Day.MONDAY}),
    )
    who = a_candidate(wishes=wishes)
    page = client.wear(who).get("/my-future/jobs")
    order = [page.words.index(title) for title in ("Two halves", "Far away", "Wrong twice")]
    assert order == sorted(order)
    for told in (
        "22.5 hours a week is what you want",
        "You can get to Cambridge if need be",
        "It is at Ely, which is not one of your places",
        "It is 37.5 hours a week, and you want at most 25 hours a week",
        "It is 37.5 hours a week, and could be shared by two people",
        "You would agree the days with whoever shares it",
        "The advert does not say",
    ):
        assert told in page.words, told
    assert "Two halves" in client.get("/my-future").words


@pytest.mark.parametrize("role", [Role.GRADUATE, Role.STUDENT])
def test_a_yes_a_no_and_taking_it_back(client: PageClient, post: Vacancy, role: Role) -> None:
    who = a_candidate(role=role)
    client.wear(who)
    address = f"/my-future/jobs/{post.id}"
    about = client.get(f"/vacancies/{post.id}")
    assert f"/my-future/jobs/{post.id}" in about.links
    assert "basic pay by the national scales" in about.words

    def press(deed: str) -> Any:
        return client.send(f"{address}/{deed}", form_at=address)

    for deed in ("yes", "withdrawn", "no", "by-link", "introduction"):
        sent = press(deed)
        assert (sent.status, sent.response.location) == (303, address), deed
        assert said_yes(post.id) == ({who.person_id} if deed in ("yes", "introduction") else set())
    words = client.get(address).words
    assert "You said yes" in words
    assert "You asked the college to introduce you" in words
    future = client.get("/my-future").words
    assert "You asked to be introduced" in future
    assert "No other open job fits just now" in future, "the one that fits is answered"
    assert "A manager I said yes to sees My name" in future
    assert f"{post.title}: You said yes to this vacancy" in future
    session().get_one(Vacancy, post.id)
    assert press("yes").status == 303  # pressed again
    token = client.get(address).hidden("csrf_token")
    assert client.post(f"/my-future/jobs/{uuid4()}/yes", data={"csrf_token": token}).status == 404
    assert client.get(f"/my-future/jobs/{uuid4()}").status == 404


def test_a_closed_job_can_still_be_taken_back(client: PageClient, post: Vacancy) -> None:
    from sqlalchemy import text

    from recovery_college.kernel.db import transaction

    who = a_candidate()
    client.wear(who)
    address = f"/my-future/jobs/{post.id}"
    client.send(f"{address}/yes", form_at=address)
    with transaction() as s:
        s.execute(text("UPDATE vacancy SET status = 'closed'"))
    page = client.get(address)
    assert "not open to you any more" in page.words
    client.post(f"{address}/withdrawn", data={"csrf_token": page.hidden("csrf_token")})
    assert "You took your yes back" in client.get("/my-future").words


def test_keeping_away_from_a_team_hides_its_jobs(client: PageClient, post: Vacancy) -> None:
    who = a_candidate()
    client.wear(who)
    assert post.title in client.get("/my-future/jobs").words
    sent = client.send("/my-future/not-to", {"team": str(post.team_id)})
    assert sent.status == 303
    page = client.get("/my-future/not-to")
    assert "Ward S3" in page.words
    assert "No job is open just now" in client.get("/my-future/jobs").words
    take_off = next(one for one in page.tree.iter("form") if "/end" in one.get("action", ""))
    data = {"csrf_token": page.hidden("csrf_token")}
    client.wear(a_candidate("Other"))
    other = {"csrf_token": client.get("/my-future/not-to").hidden("csrf_token")}
    assert client.post(take_off.get("action"), data=other).status == 404
    client.wear(who)
    data = {"csrf_token": client.get("/my-future/not-to").hidden("csrf_token")}
    assert client.post(take_off.get("action"), data=data).status == 303
    assert post.title in client.get("/my-future/jobs").words


def test_a_break_and_alerts(client: PageClient, app: Flask) -> None:
    who = a_candidate()
    client.wear(who)
    for deed, looking in (("pause", False), ("look", True)):
        token = client.get("/my-future").hidden("csrf_token")
        assert client.post(f"/my-future/{deed}", data={"csrf_token": token}).status == 303
        session().expire_all()
        assert own_wishes(who).looking is looking
    client.send("/my-future/alerts", {"often": "weekly"})
    session().expire_all()
    assert own_wishes(who).alerts is AlertFrequency.WEEKLY


def test_the_preview_is_what_the_manager_gets(client: PageClient, post: Vacancy) -> None:
    who = shows_all(a_candidate(wishes=Wishes(least_hours=Decimal(10), sites={"Ely": SiteEase.EASILY})))
    client.wear(who)
    client.send("/my-future/statement", {"text": "I listen well.", "version": "0"})
    client.send(f"/my-future/jobs/{post.id}/yes", form_at=f"/my-future/jobs/{post.id}")
    preview = client.get("/my-future/preview")
    manager = signed_in(Role.MANAGER, person=_person(post.manager_id))
    shown = client.wear(manager).get(f"/vacancies/{post.id}/candidates/{who.person_id}")
    for line in ("At least 10 hours a week", "Ely", "I listen well.", "@fenside.example"):
        assert line in preview.words
        assert line in shown.words
    assert f"Email {email_of(who)}" in preview.words, "as it is written, without a capital"
    stop = client.wear(who).send("/my-future/sharing/stop", form_at="/my-future/sharing")
    assert "still a candidate, without your name" in client.get(stop.response.location).words
    assert "What you share for a job" in client.wear(who).get("/privacy/who-looked").words


def _person(person_id: Any) -> Any:
    from recovery_college.people.models import Person

    return session().get_one(Person, person_id)
