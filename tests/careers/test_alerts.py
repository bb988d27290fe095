"""Messages about new jobs: as often as chosen, each job once, and never against anybody's wish (P1)."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.careers.alert_services import send_alerts
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.consent_services import answer_vacancy, block, save_consents
from recovery_college.careers.matching_rules import match
from recovery_college.careers.preference_queries import posts_as_facts
from recovery_college.careers.preference_rules import AlertFrequency, SiteEase, Wishes
from recovery_college.careers.preference_services import set_alerts, set_looking
from recovery_college.careers.rules import ServiceArea
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.people.signin import SignedIn
from tests.factories.candidates import a_candidate, an_open_post
from tests.factories.careers import a_manager, a_vacancy
from tests.factories.people import CONSOLE


def alerted(name: str, how_often: AlertFrequency, wishes: Wishes | None = None) -> SignedIn:
    who = a_candidate(name, wishes)
    set_alerts(who, how_often)
    return who


def mails() -> list[OutgoingMail]:
    return list(session().scalars(select(OutgoingMail).order_by(OutgoingMail.created_at, OutgoingMail.id)))


def test_each_job_is_told_once_and_as_often_as_chosen(app: Flask) -> None:
    manager = a_manager()
    post = an_open_post(manager, title="Peer worker", weekly_hours="22.5")
    a_vacancy(manager, title="Not decided")
    alerted("Daily", AlertFrequency.DAILY)
    alerted("Weekly", AlertFrequency.WEEKLY)
    alerted("Never", AlertFrequency.NEVER)
    alerted("Short", AlertFrequency.DAILY, Wishes(most_hours=Decimal(10)))
    assert send_alerts(CONSOLE).sent == 2
    assert send_alerts(CONSOLE).sent == 0
    first = mails()[0]
    assert first.subject == "Something that may suit you"
    assert f"/my-future/jobs/{post.id}" in first.body
    assert "Not decided" not in first.body
    an_open_post(manager, title="A second one")
    with clock.held_at(clock.now() + timedelta(days=1)):
        assert send_alerts(CONSOLE).sent == 2  # Daily, and Short, to whom the second says no hours
    with clock.held_at(clock.now() + timedelta(days=8)):
        assert send_alerts(CONSOLE).sent == 1  # Weekly
    assert "Peer worker" not in mails()[-1].body


def test_every_day_is_once_a_day(app: Flask) -> None:
    manager = a_manager()
    alerted("Daily", AlertFrequency.DAILY)
    an_open_post(manager, title="Of the morning")
    assert send_alerts(CONSOLE).sent == 1
    an_open_post(manager, title="Of the afternoon")
    assert send_alerts(CONSOLE).sent == 0
    with clock.held_at(clock.now() + timedelta(days=1)):
        assert send_alerts(CONSOLE).sent == 1


@pytest.mark.parametrize("how", ["break", "consent", "answered", "kept away"])
def test_nothing_is_sent_against_somebodys_wish(app: Flask, how: str) -> None:
    manager = a_manager()
    post = an_open_post(manager)
    who = alerted("Daily", AlertFrequency.DAILY)
    if how == "break":
        set_looking(who, False)
    elif how == "consent":
        save_consents(who, ())
    elif how == "answered":
        answer_vacancy(who, post.id, VacancyAnswerKind.NO)
    else:
        block(who, manager_id=manager.person_id)
    assert send_alerts(CONSOLE).sent == 0
    assert mails() == []


@pytest.mark.parametrize("few_posts", [True, False])
def test_whom_a_round_tells_of_what_is_the_rule(app: Flask, few_posts: bool) -> None:
    """Whether there are more people or more posts: the plain model compares each with each by `match`."""
    chance, today, manager = Random(11), clock.today(), a_manager()
    posts = [
        an_open_post(
            manager, title=f"Post {n}", weekly_hours=chance.choice(["7.5", "22.5", "37.5", ""]),
            site=chance.choice(["Cambridge", "Ely", ""]), service_area=chance.choice(["adult", "older people", ""]),
        )
        for n in range(3 if few_posts else 12)
    ]  # fmt: skip
    facts = posts_as_facts(posts)
    told: dict[str, set[str]] = {}
    for n in range(9):
        wishes = Wishes(
            most_hours=chance.choice([None, Decimal(20), Decimal(30)]),
            sites=chance.choice([{}, {"Ely": SiteEase.EASILY}]),
            areas=chance.choice([frozenset(), frozenset({ServiceArea.ADULT})]),
            job_share=chance.random() < 0.5,
            earliest_start=chance.choice([None, today + timedelta(days=400)]),
        )
        who = alerted(f"Person{n}", AlertFrequency.DAILY, wishes)
        answered = chance.choice(posts)
        answer_vacancy(who, answered.id, VacancyAnswerKind.NO)
        fits = {
            post.title
            for post in posts
            if post.id != answered.id and not match(wishes, facts[post.id], today).missing
        }
        if fits:
            told[f"Person{n}"] = fits
    assert send_alerts(CONSOLE).sent == len(told) > 2
    found = {mail.body.split()[1].strip(","): mail.body for mail in mails()}
    assert found.keys() == told.keys()
    for name, body in found.items():
        named = {post.title for post in posts if f"{post.title}\n" in body}
        assert len(named) == min(len(told[name]), 10)
        assert named <= told[name]
