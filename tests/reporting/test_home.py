"""/: what needs me today. Each line counts real rows, and its link shows exactly those."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_rules import EvidenceKind
from recovery_college.assessment.rules import Verdict
from recovery_college.courses.models import Cohort, CohortTutor
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.graduation import services as graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people import services as people
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.quality.improvement_queries import actions_known_to
from recovery_college.quality.improvement_rules import Finding
from recovery_college.quality.improvement_services import close_action, record_interim_check
from recovery_college.reporting.home_queries import home_of
from tests.factories.candidacies import a_candidacy
from tests.factories.candidates import an_open_post
from tests.factories.careers import a_manager, a_vacancy, considered
from tests.factories.courses import a_session
from tests.factories.evidence import an_evidence
from tests.factories.fairness import a_learner, a_request, an_appeal, find
from tests.factories.fairness import name as name_reviewer_of
from tests.factories.graduation import a_finished_cohort
from tests.factories.marking import a_decision, a_marked_cohort, a_verdict, another_tutor
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient
from tests.statements import statements


def lines(client: PageClient, who: SignedIn) -> dict[str, int]:
    """The counts of the home page by the address each leads to."""
    page = client.wear(who).get("/")
    tiles = re.findall(r'class="rc-tile__link" href="([^"]+)"><span class="rc-tile__count">(\d+)<', page.text)
    return {href.replace("&amp;", "&"): int(count) for href, count in tiles}


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get("/").response.location == "/sign-in"


@pytest.mark.parametrize("role", list(Role))
def test_calm_day(client: PageClient, app: Flask, role: Role) -> None:
    page = client.wear(signed_in(role)).get("/")
    assert page.status == 200
    assert "Good " in page.h1


def test_tutor_drafts(client: PageClient, app: Flask) -> None:
    made = a_marked_cohort()
    path = f"/cohorts/{made.cohort_id}/marking?show=drafts"
    assert path not in lines(client, made.tutor)
    a_decision(made, 0, 0, released=False)
    assert lines(client, made.tutor)[path] == 1
    a_decision(made, 1, 0, released=False)
    assert lines(client, made.tutor)[path] == 2
    assert client.get(path).status == 200


def test_tutor_returned_unit(client: PageClient, app: Flask) -> None:
    made = a_marked_cohort()
    for criterion in range(len(made.criteria)):
        a_decision(made, 0, criterion)
    before = lines(client, made.tutor)
    a_verdict(made, 0, 0, Verdict.RETURNED)
    after = lines(client, made.tutor)
    (new,) = after.keys() - before.keys()
    assert "/quality/" in new
    assert client.get(new).status == 200


def test_assurer_units(client: PageClient, app: Flask) -> None:
    made = a_marked_cohort()
    iqa = signed_in(Role.IQA)
    assert lines(client, iqa) == {}
    for criterion in range(len(made.criteria)):
        a_decision(made, 0, criterion)
    (path,) = found = lines(client, iqa)
    assert found[path] >= 1
    assert client.get(path).status == 200


def test_administrator_certificates(client: PageClient, app: Flask) -> None:
    admin = signed_in(Role.ADMIN)
    finished = a_finished_cohort(ready=2)
    path = f"/cohorts/{finished.cohort.id}/graduation"
    claim = f"/cohorts/{finished.cohort.id}/claim"
    assert lines(client, admin) == {path: 2, claim: 4}  # two students, two verified units each
    assert "Ready (2)" in client.get(path).words
    graduation.issue_certificate(CONSOLE, finished.ready[0].id)
    assert lines(client, admin) == {path: 1, claim: 4}


def test_manager_and_hr_vacancies(client: PageClient, app: Flask) -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    assert lines(client, manager) == {}
    vacancy = a_vacancy(manager)
    assert lines(client, manager) == {"/considerations": 1}
    assert lines(client, hr) == {"/considerations": 1}
    assert "Health Care Assistant" in client.wear(manager).get("/considerations").words
    considered(vacancy, manager)
    assert lines(client, manager) == {}
    a_vacancy(band="Band of brothers")
    assert lines(client, hr)["/vacancies?queue=bands"] == 1
    a_vacancy()
    assert lines(client, hr)["/vacancies?queue=nobody"] == 1


def test_system_administrator_invited(client: PageClient, app: Flask) -> None:
    sysadmin = signed_in(Role.SYSADMIN)
    before = lines(client, sysadmin)["/people?show=invited"]
    people.create_user(CONSOLE, "new@fenside.example", "New Person", Role.TUTOR)
    assert lines(client, sysadmin)["/people?show=invited"] == before + 1
    assert "New Person" in client.get("/people?show=invited").words


def test_auditor_views(client: PageClient, app: Flask) -> None:
    auditor = signed_in(Role.AUDITOR)
    path = "/audit?action=viewed&days=7"
    assert lines(client, auditor) == {}
    finished = a_finished_cohort(ready=1)
    made = graduation.issue_certificate(CONSOLE, finished.ready[0].id)
    assert made is not None
    owner = signed_in(Role.GRADUATE, person=session().get_one(Person, finished.ready[0].person_id))
    client.wear(owner).get(f"/certificates/{made.serial}.pdf")
    assert lines(client, auditor) == {path: 1}
    assert "certificate" in client.get(path).words


def test_graduate_finds_the_certificate_and_open_posts(client: PageClient, app: Flask) -> None:
    finished = a_finished_cohort(ready=1)
    made = graduation.issue_certificate(CONSOLE, finished.ready[0].id)
    assert made is not None
    owner = signed_in(Role.GRADUATE, person=session().get_one(Person, finished.ready[0].person_id))
    assert f"/certificates/{made.serial}.pdf" in client.wear(owner).get("/").links
    assert "/vacancies" not in lines(client, owner)
    manager = a_manager()
    considered(a_vacancy(manager, posted_on="2026-01-05"), manager)
    assert lines(client, owner)["/vacancies"] == 1


def test_appeals_wait_for_who_arranges_and_for_who_hears(client: PageClient, app: Flask) -> None:
    heard, admin, reviewer = an_appeal(), signed_in(Role.ADMIN), signed_in(Role.IQA)
    assert lines(client, admin)["/appeals"] == 1
    assert "/appeals" not in lines(client, reviewer)
    name_reviewer_of(heard.appeal_id, reviewer, admin)
    assert lines(client, reviewer)["/appeals"] == 1
    assert "10 working days left" in client.get("/").words
    assert "/appeals" not in lines(client, admin)
    answer = f"/my-appeals/{heard.appeal_id}"
    assert answer not in lines(client, heard.student)
    find(heard.appeal_id, reviewer, AppealFinding.NOT_UPHELD)
    assert lines(client, heard.student)[answer] == 1
    assert answer not in lines(client, a_learner(name="Ben")[0])
    with clock.held_at(clock.now() + timedelta(days=15)):
        assert all(one.href != answer for one in home_of(heard.student).needs)
    upheld = an_appeal()
    name_reviewer_of(upheld.appeal_id, reviewer, admin)
    find(upheld.appeal_id, reviewer, AppealFinding.UPHELD)
    words = client.wear(admin).get("/").words
    assert "a new decision is owed" in words
    assert "working days left" not in words


def test_requests_for_what_helps_wait_for_the_college(client: PageClient, app: Flask) -> None:
    student, place = a_learner()
    a_request(student, place)
    assert lines(client, signed_in(Role.ADMIN))["/what-helps"] == 1


def test_a_tutors_home_asks_a_query_a_line_however_many_cohorts(client: PageClient, app: Flask) -> None:
    made = a_marked_cohort(2)
    a_decision(made, 0, 0, released=False)
    first = count_queries(client, made.tutor)
    more = [a_marked_cohort(6) for _ in range(3)]
    with transaction() as s:
        for one in more:
            s.add(CohortTutor(cohort_id=one.cohort_id, person_id=made.tutor.person_id))
    for one in more:
        a_decision(one, 0, 0, released=False)
        a_decision(one, 1, 1)
    assert count_queries(client, made.tutor) == first <= 18
    words = client.get("/").words
    assert "1 of 30" in words


def count_queries(client: PageClient, who: SignedIn) -> int:
    client.wear(who).get("/")
    with statements() as asked:
        client.get("/")
    return len(asked)


def test_a_tutor_finds_the_action_an_interim_check_gave_them(client: PageClient, app: Flask) -> None:
    made = a_marked_cohort(2)
    a_decision(made, 0, 0)
    iqa, other = signed_in(Role.IQA), another_tutor(made)
    record_interim_check(
        iqa, made.cohort_id, made.enrolments[0], made.units[0], Finding.ACTION, "Thin", "See more",
        clock.today(),
    )  # fmt: skip
    (action,) = actions_known_to(made.tutor)
    assert lines(client, made.tutor)[action.href] == 1
    assert action.href not in lines(client, other)
    with clock.held_at(clock.now() + timedelta(days=1)):
        assert any(one.note.startswith("was due by") for one in home_of(made.tutor).needs)
    assert action.id is not None
    close_action(made.tutor, action.id, "Seen a second example")
    assert action.href not in lines(client, made.tutor)


def test_a_student_finds_the_next_session_what_to_confirm_and_the_way_to_a_pause(
    client: PageClient, app: Flask
) -> None:
    made = a_marked_cohort(1)
    cohort = session().get_one(Cohort, made.cohort_id)
    a_session(cohort, clock.today())
    note = an_evidence(
        made.enrolments[0], made.criteria[:1], kind=EvidenceKind.OBSERVATION, made_by=made.tutor.person_id
    )
    who = signed_in(Role.STUDENT, person=made.people[0])
    assert lines(client, who)[f"/evidence/{note.id}"] == 1
    page = client.get("/")
    assert "Next session: Today, " in page.words
    assert "/my-progress#too-much" in page.links
    assert 'id="too-much"' in client.get("/my-progress").text


def test_a_graduate_is_told_of_work_and_not_to_look_ahead_to_graduation(
    client: PageClient, app: Flask
) -> None:
    finished = a_finished_cohort(ready=1)
    place = finished.ready[0]
    owner = signed_in(Role.GRADUATE, person=session().get_one(Person, place.person_id))
    assert "Look ahead to graduation" in client.wear(owner).get("/").words
    graduation.issue_certificate(CONSOLE, place.id)
    assert "Look ahead to graduation" not in client.get("/").words
    page = client.get("/my-progress")
    assert "You graduated on" in page.words
    assert "The college will issue your certificate" not in page.words
    post = an_open_post(a_manager())
    a_candidacy(owner, post)
    assert lines(client, owner)["/my-future/candidacies"] == 1


def test_the_menu_begins_with_what_a_role_comes_for(client: PageClient, app: Flask) -> None:
    links = client.wear(signed_in(Role.AUDITOR)).get("/").links
    assert links.index("/audit") < links.index("/menu/quality-and-awards")
    links = client.wear(signed_in(Role.ADMIN)).get("/").links
    groups = [
        links.index(f"/menu/{one}") for one in ("quality-and-awards", "support-and-fairness", "reports")
    ]
    assert groups == sorted(groups)
