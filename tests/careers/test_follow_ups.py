"""Asked after 1, 4 and 12 months how it goes: written down in a line that the holder of the post reads (P7)."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_models import Candidacy
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.check_rules import months_after
from recovery_college.careers.consent_models import VacancyAnswer
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_models import TeamManager
from recovery_college.careers.deputy_services import name_for_duty
from recovery_college.careers.escalation_rules import Duty
from recovery_college.careers.escalation_services import send_escalations
from recovery_college.careers.follow_up_facts import due_by_lead
from recovery_college.careers.follow_up_rules import FOLLOW_UP_MONTHS, follow_up_to_ask, last_start
from recovery_college.careers.models import Funding, Post, Team
from recovery_college.careers.offer_models import PostFollowUpReminder, PostOrigin
from recovery_college.careers.post_queries import count_to_ask, follow_ups_to_ask
from recovery_college.careers.post_services import (
    FollowUpChanged,
    PostNotFound,
    end_post,
    record_follow_up,
)
from recovery_college.careers.rules import ContractKind
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.people.models import Person, RoleGrant
from recovery_college.people.signin import SignedIn
from tests.factories.careers import a_manager, a_vacancy, email_of
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient


def a_post(who: SignedIn, manager: SignedIn) -> UUID:
    """Somebody in post for three months, in a team that the manager leads."""
    with transaction() as s:
        team = Team(name="Ward S3")
        s.add(team)
        s.flush()
        post = Post(
            person_id=who.person_id, team_id=team.id, band=Band.BAND_3, weekly_hours=Decimal(20),
            contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE,
            started_on=clock.today() - timedelta(days=90),
        )  # fmt: skip
        s.add_all([post, TeamManager(team_id=team.id, person_id=manager.person_id, since_on=clock.today())])
        s.flush()
        return post.id


def test_what_was_said_is_written_down_and_its_holder_reads_it(client: PageClient) -> None:
    greta, manager = signed_in(Role.GRADUATE, name="Greta"), a_manager()
    post_id = a_post(greta, manager)
    here = f"/posts/{post_id}"
    client.wear(manager)
    assert "Write down what was said" in client.get(here).words
    assert client.send(f"{here}/follow-up/1", {}).status == 422
    today = clock.today()
    said = {f"asked_on-{part}": getattr(today, part) for part in ("day", "month", "year")}
    said |= {"words": "Settled, and enjoys the group", "version": 0}
    assert client.send(f"{here}/follow-up/1", said).status == 303
    assert client.send(f"{here}/follow-up/1", {**said, "words": "Otherwise"}).status == 409
    assert client.get(f"{here}/follow-up/2").status == 404
    client.wear(greta)
    page = client.get(here)
    assert "Settled, and enjoys the group" in page.words
    assert "Write down" not in page.words
    assert client.get(f"{here}/follow-up/1").status == 403


def test_only_who_cares_for_the_post_and_never_their_own(app: Flask) -> None:
    greta, manager, today = signed_in(Role.GRADUATE, Role.HR), a_manager(), clock.today()
    post_id = a_post(greta, manager)
    for actor in (a_manager("Other"), signed_in(Role.AUDITOR), greta):
        with pytest.raises(PostNotFound):
            record_follow_up(actor, post_id, 1, today, "x", 0)
    with pytest.raises(PostNotFound):
        record_follow_up(manager, post_id, 2, today, "x", 0)
    for wrong in (today + timedelta(days=1), today - timedelta(days=91)):
        with pytest.raises(Refused):
            record_follow_up(manager, post_id, 1, wrong, "x", 0)
    record_follow_up(manager, post_id, 1, today, "x", 0)
    record_follow_up(manager, post_id, 1, today, "x", 0)
    with pytest.raises(FollowUpChanged):
        record_follow_up(signed_in(Role.HR), post_id, 1, today, "y", 0)


# ---- who is to ask, and when -------------------------------------------------------------------------------


@given(st.dates(date(2019, 1, 1), date(2026, 12, 31)), st.integers(0, 500), st.sampled_from(FOLLOW_UP_MONTHS))
def test_one_is_asked_from_its_day_until_the_next_and_the_last_start_says_so(
    started_on: date, days: int, months: int
) -> None:
    today = started_on + timedelta(days=days)
    now = follow_up_to_ask(started_on, (), today)
    reached = [one for one in FOLLOW_UP_MONTHS if months_after(started_on, one) <= today]
    over = months_after(started_on, 15) <= today
    assert now == (reached[-1] if reached and not over else None)
    assert follow_up_to_ask(started_on, [now] if now else [], today) is None
    assert (started_on <= last_start(today, months)) == (months_after(started_on, months) <= today)


def test_whoever_leads_the_team_is_reminded_once_and_what_was_asked_is_gone(client: PageClient) -> None:
    greta, manager, hr = signed_in(Role.GRADUATE, name="Greta Green"), a_manager(), signed_in(Role.HR)
    post_id, today = a_post(greta, manager), clock.today()
    assert (count_to_ask(manager), count_to_ask(hr), count_to_ask(a_manager("Other"))) == (1, 0, 0)
    client.wear(manager)
    assert "1 person in post to ask how it goes" in client.get("/").words
    assert "Greta Green" in client.get("/posts/follow-ups").words
    client.wear(hr)
    assert "Nobody is to be asked just now" in client.get("/posts/follow-ups").words
    monday = clock.now() + timedelta(days=(7 - clock.now().weekday()) % 7 or 7)
    with clock.held_at(monday):
        assert send_escalations(CONSOLE).mails == 1
        assert send_escalations(CONSOLE).mails == 0, "a second round tells nobody"
    mail = session().scalars(select(OutgoingMail).where(OutgoingMail.purpose == "consideration")).one()
    assert mail.recipient == email_of(manager)
    assert "Ward S3, after 1 month" in mail.body
    assert "Greta" not in mail.body + mail.subject, "a mail names nobody in post"
    record_follow_up(manager, post_id, 1, today, "Settled", 0)
    assert follow_ups_to_ask(manager)[0] == []
    client.wear(manager)
    assert "Nobody is to be asked just now" in client.get("/posts/follow-ups").words
    assert "to ask how it goes" not in client.get("/").words
    with clock.held_at(monday + timedelta(days=1)):
        assert send_escalations(CONSOLE).mails == 0


def test_who_left_is_not_asked_for_and_nobody_asks_themselves(app: Flask) -> None:
    greta, manager, hr = signed_in(Role.GRADUATE), a_manager(), signed_in(Role.HR)
    post_id, today = a_post(greta, manager), clock.today()
    with transaction() as s:
        s.query(TeamManager).update({"ended_on": today})
    assert (count_to_ask(manager), count_to_ask(hr)) == (0, 1), "where nobody leads the team it is HR's"
    recruiter = a_manager("Recruiter")
    vacancy, now = a_vacancy(recruiter, weekly_hours="37.5"), clock.now()
    with transaction() as s:
        held = Candidacy(
            vacancy_id=vacancy.id, person_id=greta.person_id, number=1, stage=Stage.IN_POST, stage_on=today,
            opened_at=now,
        )  # fmt: skip
        yes = {"vacancy_id": vacancy.id, "person_id": greta.person_id, "number": 1, "at": now}
        s.add(VacancyAnswer(answer=VacancyAnswerKind.YES, **yes))
        s.flush()
        s.add(held)
        s.flush()
        s.add(PostOrigin(post_id=post_id, candidacy_id=held.id, vacancy_id=vacancy.id, started_at=now))
    assert (count_to_ask(recruiter), count_to_ask(hr)) == (1, 0), (
        "whoever recruited for the post comes before HR"
    )
    with transaction() as s:
        assert list(due_by_lead(s, today)) == [recruiter.person_id]
        s.query(RoleGrant).filter_by(person_id=recruiter.person_id).update({"ended_at": now})
    name_for_duty(hr, Duty.HR_LEAD, hr.person_id)
    with clock.held_at(clock.now() + timedelta(days=(7 - clock.now().weekday()) % 7 or 7)):
        assert send_escalations(CONSOLE).mails == 1
    with transaction() as s:
        s.query(TeamManager).update({"ended_on": None})
        s.get_one(Post, post_id).person_id = manager.person_id
    assert (count_to_ask(manager), count_to_ask(hr)) == (0, 1)
    with transaction() as s:
        s.query(TeamManager).update({"ended_on": today})
        s.get_one(Post, post_id).person_id = hr.person_id
    with clock.held_at(clock.now() + timedelta(days=35 + (7 - clock.now().weekday()) % 7)):
        send_escalations(CONSOLE)
    told = session().scalars(select(PostFollowUpReminder.months)).all()
    assert list(told) == [1], "nor is the lead of HR reminded of their own post"
    with transaction() as s:
        s.get_one(Post, post_id).person_id = manager.person_id
    end_post(hr, post_id, today, "own choice")
    assert (count_to_ask(manager), count_to_ask(hr)) == (0, 0)


def test_more_than_a_page_of_people_comes_in_pages(app: Flask) -> None:
    manager = a_manager()
    a_post(signed_in(Role.GRADUATE), manager)
    with transaction() as s:
        first = s.scalars(select(Post)).one()
        for number in range(60):
            person = Person(given_name="P", family_name=str(number), created_at=clock.now())
            s.add(person)
            s.flush()
            s.add(
                Post(
                    person_id=person.id, team_id=first.team_id, band=Band.BAND_3, weekly_hours=Decimal(8),
                    contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE, started_on=first.started_on,
                )
            )  # fmt: skip
    found = [follow_ups_to_ask(manager, number) for number in (1, 2)]
    assert [len(rows) for rows, _ in found] == [50, 11]
    assert len({one.post_id for rows, _ in found for one in rows}) == count_to_ask(manager) == 61
