"""Lists that go on for longer than a page: each page, the count, and nobody twice or left out."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers import (
    candidacy_queries,
    consent_record_views,
    manager_queries,
    offer_queries,
    pipeline_queries,
)
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.candidacy_services import add_note, set_next_step
from recovery_college.careers.check_rules import CheckKind, CheckState
from recovery_college.careers.matching_rules import MatchKind
from recovery_college.careers.models import Funding, Post, Team
from recovery_college.careers.offer_queries import chase_list, checks_due
from recovery_college.careers.offer_services import make_offer, record_check
from recovery_college.careers.past_queries import count_past_graduates, past_graduates
from recovery_college.careers.past_services import invite_past_graduates
from recovery_college.careers.post_match_queries import counts_for, posts_for
from recovery_college.careers.preference_rules import Wishes
from recovery_college.careers.rules import ContractKind
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.paging import page_of
from recovery_college.people.models import Person
from tests.factories.candidacies import a_candidacy
from tests.factories.candidates import a_candidate, an_open_post, shows_all
from tests.factories.careers import a_manager, a_vacancy
from tests.factories.people import signed_in
from tests.page_client import PageClient


@pytest.mark.parametrize(
    ("asked", "count", "number", "pages"),
    [(1, 0, 1, 1), (9, 50, 1, 1), (2, 51, 2, 2), (0, 120, 1, 3), (9, 120, 3, 3)],
)
def test_a_page_beyond_the_last_is_the_last(asked: int, count: int, number: int, pages: int) -> None:
    page = page_of(asked, count)
    assert (page.number, page.pages, page.skipped) == (number, pages, 50 * (number - 1))


def test_a_graduate_finds_every_open_job_and_the_count_is_of_all(client: PageClient) -> None:
    greta, manager = a_candidate("Greta", Wishes(most_hours=Decimal(30))), a_manager()
    made = {an_open_post(manager, weekly_hours="22.5" if n % 2 else "37.5").id for n in range(106)}
    wishes = Wishes(most_hours=Decimal(30))
    assert counts_for(greta, wishes) == {MatchKind.FITS: 53, MatchKind.NEARLY: 53}
    found = [one.row.vacancy.id for skipped in (0, 50, 100) for one in posts_for(greta, wishes, 50, skipped)]
    assert len(found) == len(made)
    assert set(found) == made
    client.wear(greta)
    assert "53 jobs that fit what you would like" in client.get("/").words
    assert "106 open jobs for peer support workers" in client.get("/").words
    for address in ("/my-future/jobs", "/vacancies"):
        page = client.get(address)
        assert "Page 1 of 3, 106 jobs in all." in page.words
        assert "Page 3 of 3" in client.get(f"{address}?page=3").words
        assert "Page 3 of 3" in client.get(f"{address}?page=99").words
        assert "Page 1 of 3" in client.get(f"{address}?page=nine").words


def _people(count: int, *, graduated: bool) -> list[UUID]:
    with transaction() as s:
        made = [
            Person(given_name="P", family_name=str(n), email=f"p{n}@past.example", created_at=clock.now())
            for n in range(count)
        ]
        s.add_all(made)
        s.flush()
        if graduated:
            before = {
                "cohort_ref": "OLD",
                "graduated_on": date(2015, 5, 1),
                "source": GraduationSource.BEFORE,
            }
            s.add_all([Graduation(person_id=one.id, **before) for one in made])
        return [one.id for one in made]


def test_every_past_graduate_is_listed_counted_and_written_to_once(client: PageClient) -> None:
    made, admin = _people(60, graduated=True), signed_in(Role.ADMIN)
    assert count_past_graduates(admin) == (60, 60)
    assert count_past_graduates(signed_in(Role.HR)) == (0, 0)
    pages = [past_graduates(admin, page_of(number, 60)) for number in (1, 2)]
    assert [len(rows) for rows in pages] == [50, 10]
    assert {one.person_id for rows in pages for one in rows} == set(made)
    client.wear(admin)
    page = client.get("/graduates/past?page=2")
    assert "Page 2 of 2, 60 people in all." in page.words
    assert "See the letter to 60 people" in page.words
    assert invite_past_graduates(admin, lambda token: token, "College") == 60
    assert count_past_graduates(admin) == (60, 0)


def test_a_teams_posts_come_in_pages(client: PageClient, app: Flask) -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    an_open_post(manager, team="Ward S3")
    with transaction() as s:
        team_id = s.scalars(select(Team.id)).one()
    people = _people(52, graduated=False)
    with transaction() as s:
        s.add_all(
            [
                Post(
                    person_id=one, team_id=team_id, band=Band.BAND_3, weekly_hours=Decimal(8),
                    contract=ContractKind.PERMANENT, funding=Funding.SUBSTANTIVE, started_on=date(2025, 1, 1),
                )
                for one in people
            ]
        )  # fmt: skip
    client.wear(hr)
    first, second = (client.get(f"/teams/{team_id}?page={number}") for number in (1, 2))
    assert "Page 1 of 2, 52 posts in all." in first.words
    assert [page.words.count("since 1 January 2025") for page in (first, second)] == [50, 2]


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pages, so that few rows fill several."""
    for module in (candidacy_queries, manager_queries, offer_queries, pipeline_queries, consent_record_views):
        monkeypatch.setattr(module, "page_of", lambda asked, count: page_of(asked, count, 2))


@pytest.mark.usefixtures("pages_of_two")
def test_what_hr_works_through_comes_in_pages(client: PageClient) -> None:
    hr, managers = signed_in(Role.HR), [a_manager(f"Ann{n}") for n in range(3)]
    for n in range(3):
        a_vacancy(reference=f"W{n}", manager_email=f"w{n}@waits.example")
    greta, posts = shows_all(a_candidate()), [an_open_post(managers[0], title=f"Job {n}") for n in range(3)]
    for _ in range(2):
        shows_all(a_candidate())
    row, *_ = [a_candidacy(greta, post) for post in posts]
    for n in range(3):
        add_note(hr, row.id, f"Note {n}")
    for n in range(2):
        set_next_step(hr, row.id, f"Step {n}", clock.today(), row.version + 3 + n)
    client.wear(hr)
    first, last = client.get("/managers"), client.get("/managers?page=2&waiting=2")
    assert "Page 1 of 2, 3 managers in all." in first.words
    assert "Page 2 of 2, 3 addresses in all." in last.words
    assert [page.text.count("@waits.example</strong>") for page in (first, last)] == [2, 1]
    assert client.get("/managers/waiting/w2@waits.example").status == 200, "of the second page too"
    assert "Page 2 of 2, 3 people in all." in client.get("/consents?page=2").words
    board = client.get("/pipeline?vacancies=2")
    assert "Page 2 of 2, 3 vacancies in all." in board.words
    assert "Only Job 2" in client.get(f"/pipeline?vacancy={posts[2].id}").words
    page = client.get(f"/candidacies/{row.id}?notes=2")
    assert "Page 2 of 2, 3 notes in all." in page.words
    assert "Note 0" in page.words
    assert "Note 2" not in page.words
    assert "Page 1 of 2, 3 entries in all." in page.words
    assert "#history" in page.text


@pytest.mark.usefixtures("pages_of_two")
def test_checks_come_in_pages_the_due_ones_first_and_none_twice(client: PageClient) -> None:
    manager, hr, greta = a_manager(), signed_in(Role.HR), a_candidate()
    post = an_open_post(manager, weekly_hours="37.5")
    row = a_candidacy(greta, post, Stage.INTERVIEW, manager)
    make_offer(
        manager, row.id, weekly_hours=Decimal(20), band=Band.BAND_3, contract=ContractKind.PERMANENT,
        funding=Funding.SUBSTANTIVE, version=row.version,
    )  # fmt: skip
    record_check(hr, row.id, CheckKind.IDENTITY, CheckState.CLEAR, None, 0)
    record_check(hr, row.id, CheckKind.EMPLOYMENT, CheckState.ASKED, clock.today() + timedelta(days=9), 0)
    found = [one for number in (1, 2, 3) for one in chase_list(hr, asked_page=number)[0]]
    assert {one.kind for one in found} == set(CheckKind) - {CheckKind.IDENTITY}
    assert [one.is_due for one in found] == [True] * 4 + [False]
    assert chase_list(hr, only_due=True)[1].count == checks_due(hr) == 4
    client.wear(hr)
    assert "Page 3 of 3, 5 checks in all." in client.get("/checks?page=3").words
    assert "Page 2 of 2, 4 checks in all." in client.get("/checks?due=yes&page=2").words
