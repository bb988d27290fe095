"""What waits for whom: counts for the home page, each of exactly the rows its link shows."""

from datetime import timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.waiting_queries import Asked, AskedKind, asked_of_tutor, met_in
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.signin import SignedIn
from recovery_college.quality.waiting_queries import to_look_at, units_returned
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict, tutor_as_iqa
from tests.page_client import PageClient


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_marked_cohort()


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA)


def drafts(actor: SignedIn) -> list[Asked]:
    return [one for one in asked_of_tutor(actor) if one.kind is AskedKind.DRAFTS]


def counts(actor: SignedIn) -> list[int]:
    return [one.count for one in to_look_at(actor)[1]]


def test_units_wait_from_assessed_to_verdict_and_again_after_an_answer(
    made: MarkedCohort, iqa: SignedIn
) -> None:
    assert counts(iqa) == []
    assess(made, 0)
    assess(made, 1)
    assert counts(iqa) == [2]
    give_verdict(iqa, made, 0)
    give_verdict(iqa, made, 1, verdict=Verdict.RETURNED)
    assert counts(iqa) == []
    a_decision(made, 1, 0, Outcome.MET, revision=2)
    assert counts(iqa) == [1]
    a_decision(made, 0, 0, Outcome.MET, revision=2)
    assert counts(iqa) == [2]


def test_the_count_is_what_its_link_shows(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    assess(made, 0)
    (waiting,) = to_look_at(iqa)[1]
    page = client.wear(iqa).get(waiting.href)
    assert "Waits for IQA" in page.words
    assert "Ben Piątek" not in page.words


def test_one_s_own_decisions_do_not_wait_for_oneself(made: MarkedCohort) -> None:
    assess(made, 0)
    assert counts(tutor_as_iqa(made)) == []


def test_an_earlier_met_that_was_corrected_does_not_wait(made: MarkedCohort, iqa: SignedIn) -> None:
    assess(made, 0)
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, revision=2, feedback="Look again.")
    assert counts(iqa) == []


def test_largest_first(made: MarkedCohort, iqa: SignedIn) -> None:
    other = a_marked_cohort()
    assess(made, 0)
    assess(other, 0)
    assess(other, 1)
    assert [one.cohort_id for one in to_look_at(iqa)[1]] == [other.cohort_id, made.cohort_id]


def test_returned_units_reach_their_tutor_until_answered(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    assess(made, 0)
    assess(made, 1)
    later = clock.today() + timedelta(days=9)
    give_verdict(iqa, made, 0, verdict=Verdict.RETURNED, action="Later one.", act_by_on=later)
    give_verdict(iqa, made, 1, verdict=Verdict.RETURNED, action="Sooner one.")
    found = units_returned(made.tutor)
    assert [(one.student, one.action) for one in found] == [
        ("Ben Piątek", "Sooner one."),
        ("Amina O'Neill", "Later one."),
    ]
    assert "Sooner one." in client.wear(made.tutor).get(found[0].href).words
    a_decision(made, 1, 0, Outcome.MET, revision=2)
    assert len(units_returned(made.tutor)) == 1
    assert units_returned(signed_in(Role.TUTOR)) == []


def test_drafts_count_each_criterion_once(made: MarkedCohort) -> None:
    a_decision(made, 0, 0, released=False)
    a_decision(made, 0, 0, revision=2, released=False)
    a_decision(made, 0, 1, released=True)
    a_decision(made, 1, 3, released=False)
    (waiting,) = drafts(made.tutor)
    assert (waiting.count, waiting.href) == (2, f"/cohorts/{made.cohort_id}/marking?show=drafts")
    assert drafts(signed_in(Role.TUTOR)) == []


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.TUTOR, Role.IQA)])
def test_nothing_waits_for_other_roles(made: MarkedCohort, role: Role) -> None:
    assess(made, 0)
    a_decision(made, 1, 0, released=False)
    actor = signed_in(role)
    assert (to_look_at(actor)[1], units_returned(actor), drafts(actor)) == ([], [], [])


def test_what_is_met_in_a_cohort_is_what_its_grid_says(app: Flask) -> None:
    made, empty = a_marked_cohort(3), a_marked_cohort(1)
    a_decision(made, 0, 0)
    a_decision(made, 0, 1, Outcome.NOT_YET_MET)
    a_decision(made, 0, 2, released=False)
    a_decision(made, 1, 0)
    a_decision(made, 1, 0, Outcome.NOT_YET_MET, attempt=2)
    a_decision(made, 1, 1)
    a_decision(made, 1, 1, Outcome.NOT_YET_MET, revision=2, released=False)
    a_decision(made, 2, 0)
    with transaction() as s:
        place = s.get_one(Enrolment, made.enrolments[2])
        place.status, place.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()
    found = met_in([made.cohort_id, empty.cohort_id])
    for cohort_id, counted in found.items():
        cells = [
            cell
            for student in grid_of(session().get_one(Cohort, cohort_id)).students
            if student.status is not EnrolmentStatus.WITHDRAWN
            for cell in student.cells
            if cell is not None
        ]
        assert counted == (sum(cell.counts for cell in cells), len(cells))
    assert found[made.cohort_id] == (2, 10)
