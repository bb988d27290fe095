"""/reports/hours: posts and hours that suit somebody, counted by the matching rule, and no people."""

from dataclasses import replace
from decimal import Decimal

from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.careers.preference_rules import Day, SiteEase, Wishes
from recovery_college.careers.preference_services import set_looking
from recovery_college.reporting.hours_queries import hours_to_fill
from tests.factories.candidates import a_candidate, a_pattern, an_open_post
from tests.factories.careers import a_manager, a_vacancy
from tests.factories.people import signed_in
from tests.page_client import PageClient


def test_works_and_says_when_there_is_nothing(client: PageClient, app: Flask) -> None:
    for role in (Role.HR, Role.ADMIN):
        page = client.wear(signed_in(role)).get("/reports/hours")
        assert "No possible PSW role is open just now" in page.words
    for role in (Role.MANAGER, Role.GRADUATE, Role.TUTOR, Role.SYSADMIN):
        assert client.wear(signed_in(role)).get("/reports/hours").status == 403


def test_hours_that_suit_somebody_are_told_from_the_rest(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    an_open_post(manager, weekly_hours="22.5", site="Cambridge", service_area="adult", contract="permanent")
    an_open_post(manager, weekly_hours="15", site="Ely", service_area="adult", setting="ward")
    shared = an_open_post(manager, weekly_hours="37.5", site="Cambridge", service_area="older people")
    a_pattern(shared.id, job_share=True)
    a_vacancy(manager, weekly_hours="20", site="Cambridge")
    a_vacancy(manager, band="Band 6", weekly_hours="30")
    who = a_candidate(
        wishes=Wishes(Decimal(15), Decimal(25), job_share=True, sites={"Cambridge": SiteEase.EASILY})
    )
    report = hours_to_fill(signed_in(Role.HR))
    assert report is not None
    total = report.total
    assert (total.posts, total.hours) == (4, Decimal(95))
    assert (total.posts_that_fit, total.hours_that_fit) == (2, Decimal("42.5"))
    assert [(one.label, one.posts, one.hours_that_fit) for one in report.by_answer] == [
        ("PSW post", 3, Decimal("22.5")),
        ("Open to both", 0, 0),
        ("Not a PSW role", 0, 0),
        ("Not decided yet", 1, 20),
    ]
    assert (total.posts_to_share, total.hours_to_share) == (0, 0), "one half makes no whole"
    page = client.wear(signed_in(Role.HR)).get("/reports/hours")
    assert "Of that, 42.5 hours a week would suit somebody" in page.words
    set_looking(who, False)
    assert hours_to_fill(signed_in(Role.HR)).total.posts_that_fit == 0


def test_a_post_that_suits_nobody_alone_may_suit_two(client: PageClient, app: Flask) -> None:
    post = an_open_post(a_manager(), weekly_hours="37.5", service_area="adult")
    a_pattern(post.id, [Day.MONDAY, Day.FRIDAY])
    first = Wishes(Decimal(7), Decimal(20), days=frozenset({Day.MONDAY}), job_share=True)
    a_candidate("Ada", first)
    a_candidate("Bea", replace(first, days=frozenset({Day.TUESDAY})))
    hr = client.wear(signed_in(Role.HR))
    assert "could be shared" not in hr.get("/reports/hours").words, "nobody would work on a Friday"
    third = a_candidate("Cy", replace(first, days=frozenset({Day.FRIDAY})))
    page = hr.get("/reports/hours")
    assert (
        "would suit somebody who is looking. A further 37.5 hours a week could be shared by two" in page.words
    )
    assert "Whether a post may be shared is for its manager to say" in page.words
    set_looking(third, False)
    assert "could be shared" not in hr.get("/reports/hours").words
    a_candidate("Di", Wishes())
    assert hours_to_fill(signed_in(Role.HR)).total.posts_to_share == 0, "no post is counted twice"
