"""Reading evidence: what waits, and who reads what of it (A6, A7)."""

from datetime import timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_queries import (
    evidence_for_cell,
    evidence_item,
    evidence_metadata,
    evidence_of_enrolment,
    submitted_criteria,
)
from recovery_college.assessment.queries import results_of
from recovery_college.assessment.rules import CriterionState, Outcome
from recovery_college.courses.models import Cohort
from recovery_college.courses.queries import places_in
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from tests.factories.evidence import an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    return a_marked_cohort()


def states(made: MarkedCohort, student: int = 0) -> tuple[CriterionState, CriterionState]:
    """How the first criterion stands for staff and for the student."""
    cohort = session().get_one(Cohort, made.cohort_id)
    found = results_of(syllabus_of(cohort.qualification_id), places_in([made.cohort_id]))
    result = found[made.enrolments[student]][0]
    return result.for_staff["1.1"], result.for_student["1.1"]


def test_evidence_waits_until_it_is_decided_on(made: MarkedCohort) -> None:
    here = (made.enrolments[0], made.criteria[0])
    assert submitted_criteria(made.enrolments) == set()
    an_evidence(made.enrolments[0], made.criteria[:2], at=clock.now() - timedelta(hours=2))
    assert submitted_criteria(made.enrolments) == {here, (made.enrolments[0], made.criteria[1])}
    assert states(made) == (CriterionState.SUBMITTED, CriterionState.SUBMITTED)
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback="Say more.")
    assert submitted_criteria(made.enrolments) == {(made.enrolments[0], made.criteria[1])}
    assert states(made) == (CriterionState.NOT_YET_MET, CriterionState.NOT_YET_MET)
    an_evidence(made.enrolments[0], made.criteria[:1], at=clock.now() + timedelta(seconds=1))
    assert here in submitted_criteria(made.enrolments)
    assert states(made) == (CriterionState.SUBMITTED, CriterionState.SUBMITTED)


def test_a_draft_decision_is_not_given_away_by_the_evidence(made: MarkedCohort) -> None:
    an_evidence(made.enrolments[0], made.criteria[:1], at=clock.now() - timedelta(hours=2))
    a_decision(made, 0, 0, Outcome.MET, released=False)
    assert states(made) == (CriterionState.DRAFT, CriterionState.SUBMITTED)
    assert submitted_criteria(made.enrolments) == set()


def test_what_is_met_stays_met_whatever_comes_in(made: MarkedCohort) -> None:
    a_decision(made, 0, 0, Outcome.MET)
    an_evidence(made.enrolments[0], made.criteria[:1], at=clock.now() + timedelta(seconds=1))
    assert states(made) == (CriterionState.MET, CriterionState.MET)


def test_evidence_taken_back_waits_no_more_and_has_no_words(made: MarkedCohort) -> None:
    an_evidence(made.enrolments[0], made.criteria[:1], closed=True)
    assert submitted_criteria(made.enrolments) == set()
    (item,) = evidence_of_enrolment(made.tutor, made.enrolments[0])
    assert (item.title, item.body, item.files) == ("", "", ())
    assert item.closed_at is not None


def test_each_reads_what_is_for_them(made: MarkedCohort) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1], is_sensitive=True, file_name="mine.pdf")
    actors = {role: signed_in(role) for role in Role if role not in (Role.STUDENT, Role.TUTOR)}
    actors[Role.TUTOR] = made.tutor
    actors[Role.STUDENT] = signed_in(Role.STUDENT, person=made.people[0])
    reads = {
        role.value
        for role, actor in actors.items()
        if evidence_for_cell(actor, made.enrolments[0], made.criteria[0])
        and evidence_of_enrolment(actor, made.enrolments[0])
        and evidence_item(actor, item.id)
    }
    assert reads == {"student", "tutor", "iqa"}
    knows = {role.value for role, actor in actors.items() if evidence_metadata(actor, made.enrolments)}
    assert knows == {"student", "tutor", "iqa", "admin"}
    other_tutor, other_student = signed_in(Role.TUTOR), signed_in(Role.STUDENT)
    for actor in (other_tutor, other_student):
        assert evidence_for_cell(actor, made.enrolments[0], made.criteria[0]) == ()
        assert evidence_item(actor, item.id) is None
        assert evidence_metadata(actor, made.enrolments) == ()


def test_metadata_has_no_word_of_it(made: MarkedCohort) -> None:
    an_evidence(made.enrolments[0], made.criteria[:1], title="canary", body="canary", file_name="canary.pdf")
    (facts,) = evidence_metadata(signed_in(Role.ADMIN), made.enrolments)
    assert "canary" not in repr(facts)
    assert (facts.files, facts.size > 0, facts.criteria) == (1, True, tuple(made.criteria[:1]))
