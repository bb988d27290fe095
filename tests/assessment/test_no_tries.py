"""Evidence for a criterion without tries left stays with the tutor, told apart in words (A5)."""

from datetime import timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.cells import NO_TRIES
from recovery_college.assessment.evidence_list import evidence_list
from recovery_college.assessment.grid import counts_of
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import why_no_more
from recovery_college.assessment.waiting_queries import AskedKind, asked_of_tutor
from recovery_college.courses.models import Cohort
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.quality.resubmission_services import answer_for_more, ask_for_more
from tests.factories.evidence import MadeEvidence, an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.page_client import PageClient


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    return a_marked_cohort()


def tried(made: MarkedCohort, student: int, attempts: int, *, closed: bool = False) -> MadeEvidence:
    """A student whose first criterion was "not yet met" so often, and who hands in once more."""
    for attempt in range(1, attempts + 1):
        a_decision(made, student, 0, Outcome.NOT_YET_MET, attempt=attempt, feedback="Say more.")
    at = clock.now() + timedelta(seconds=1)
    return an_evidence(made.enrolments[student], made.criteria[:1], at=at, closed=closed)


def told(made: MarkedCohort, student: int = 0) -> tuple[str, str, bool, bool]:
    """What the list, the home page, the grid and the one cell say of it; the last must agree with the rule."""
    enrolment = made.enrolments[student]
    rows = [row.no_tries for row in evidence_list(made.tutor, made.cohort_id, "waiting")
            if row.enrolment_id == enrolment]  # fmt: skip
    (row,) = rows or ["gone"]
    home = [one for one in asked_of_tutor(made.tutor) if one.kind is AskedKind.EVIDENCE]
    stuck = f"{sum(one.stuck for one in home)} of {sum(one.count for one in home)}"
    grid = grid_of(session().get_one(Cohort, made.cohort_id))
    cell = next(one for one in grid.students if one.enrolment_id == enrolment).cells[0]
    facts = cell_facts(made.tutor, enrolment, made.criteria[0])
    assert cell is not None
    assert facts is not None
    assert cell.kind is facts.kind
    assert facts.no_tries is (why_no_more(facts) is not None)
    return row, stuck, NO_TRIES in cell.kind.words, cell.kind.needs_tutor


def test_it_stays_and_says_so_until_one_more_is_agreed(made: MarkedCohort) -> None:
    tried(made, 0, 2)
    waits = ("Unit PSW1: 1.1", "1 of 1", True, True)
    assert told(made) == waits
    assert counts_of(grid_of(session().get_one(Cohort, made.cohort_id)))["needs"] == 1
    for agreed in (False, True):
        asked = ask_for_more(
            made.tutor, made.cohort_id, made.enrolments[0], made.criteria[0], "They were away"
        )
        assert told(made) == waits
        answer_for_more(signed_in(Role.IQA), made.cohort_id, asked, agreed)
        assert told(made) == (("", "0 of 1", False, True) if agreed else waits)


def test_what_is_taken_back_goes(made: MarkedCohort) -> None:
    tried(made, 0, 2, closed=True)
    assert told(made) == ("gone", "0 of 0", False, False)


def test_who_has_a_try_left_is_not_told_apart(made: MarkedCohort) -> None:
    tried(made, 0, 2)
    tried(made, 1, 1)
    assert told(made, 1) == ("", "1 of 2", False, True)


def test_a_draft_of_the_last_try_is_no_end_yet(made: MarkedCohort) -> None:
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback="Say more.")
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, attempt=2, feedback="Still.", released=False)
    an_evidence(made.enrolments[0], made.criteria[:1], at=clock.now() + timedelta(seconds=1))
    assert told(made) == ("", "0 of 1", False, True)


def test_the_pages_say_it_to_the_tutor_and_not_to_the_student(client: PageClient, made: MarkedCohort) -> None:
    item = tried(made, 0, 2)
    words = "No tries left: agree one more, or tell the student"
    tutor = client.wear(made.tutor)
    assert "1 piece of evidence to look at" in tutor.get("/").words
    assert "no tries left" in tutor.get("/").words
    listed = tutor.get(f"/cohorts/{made.cohort_id}/evidence?show=waiting")
    assert f"To look at. Unit PSW1: 1.1: {words.lower()}" in listed.words
    page = tutor.get(f"/evidence/{item.id}")
    assert words in page.words
    assert "Ask for one more" in page.words
    assert words in tutor.get(made.cell()).words
    assert words.lower() in tutor.get(f"{made.path}?show=needs").text
    phone = tutor.get(f"{made.path}?student={made.enrolments[0]}")
    assert "No tries left" in phone.words
    own = client.wear(signed_in(Role.STUDENT, person=made.people[0])).get(f"/evidence/{item.id}")
    assert words not in own.words
