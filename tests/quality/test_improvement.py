"""Interim checks, observations, standardisation, actions, more resubmissions, and coverage (A5, A9, A10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.resubmission_models import ResubmissionRequest
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import DecisionRefused, record_decision
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.people.signin import SignedIn
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.coverage_queries import camera
from recovery_college.quality.improvement_queries import actions_known_to, checks_of, observations_of
from recovery_college.quality.improvement_rules import Finding, Seen
from recovery_college.quality.improvement_services import (
    ImprovementRefused,
    NoSuchThing,
    close_action,
    record_interim_check,
    record_meeting,
    record_observation,
)
from recovery_college.quality.resubmission_services import (
    MoreRefused,
    NoSuchCriterion,
    answer_for_more,
    ask_for_more,
)
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict, tutor_as_iqa
from tests.factories.staff import a_conflict
from tests.page_client import PageClient

pytestmark = pytest.mark.usefixtures("app")
SOON = timedelta(days=7)


@contextmanager
def raw() -> Iterator[Connection]:
    """The database without the services, once the session has let go of it."""
    session().rollback()
    with db.engine.begin() as connection:
        yield connection


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort()
    a_decision(cohort, 0, 0)
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


def look(actor: SignedIn, made: MarkedCohort, finding: Finding = Finding.SOUND, **changes: object) -> UUID:
    wanted = {"comment": "Clear feedback", "action": "", "act_by_on": None, **changes}
    return record_interim_check(
        actor,
        made.cohort_id,
        made.enrolments[0],
        made.units[0],
        finding,
        **wanted,  # type: ignore[arg-type]
    )


def stored(value: UUID) -> str:
    return value.hex if db.engine.dialect.name == "sqlite" else str(value)


def test_an_interim_check_gives_its_assessor_an_action_that_may_be_overdue(
    made: MarkedCohort, iqa: SignedIn
) -> None:
    assert look(iqa, made) == look(iqa, made)
    with pytest.raises(ImprovementRefused, match="date to act by"):
        look(iqa, made, Finding.ACTION, comment="Thin", action="See more")
    look(iqa, made, Finding.ACTION, comment="Thin", action="See more", act_by_on=clock.today())
    assert [one.finding for one in checks_of(made.enrolments[0], made.units[0])] == [
        Finding.ACTION,
        Finding.SOUND,
    ]
    (action,) = actions_known_to(made.tutor)
    assert action.owner == "Jo Example"
    assert action.id is not None
    assert actions_known_to(iqa, "overdue") == []
    with clock.held_at(clock.now() + timedelta(days=1)):
        assert len(actions_known_to(iqa, "overdue")) == 1
    close_action(made.tutor, action.id, "Seen a second example")
    close_action(made.tutor, action.id, "Twice")
    assert [one.done_note for one in actions_known_to(iqa, "done")] == ["Seen a second example"]
    assert actions_known_to(iqa) == []


def test_a_returned_unit_is_an_open_action(made: MarkedCohort, iqa: SignedIn) -> None:
    assess(made, 1)
    give_verdict(iqa, made, 1, verdict=Verdict.RETURNED, action="Ask again.")
    assert [(one.what, one.owner) for one in actions_known_to(iqa)] == [("Ask again.", "Jo Example")]
    assert actions_known_to(signed_in(Role.TUTOR)) == []


def test_nobody_checks_their_own_by_person_in_service_and_database(made: MarkedCohort) -> None:
    same = tutor_as_iqa(made)
    with pytest.raises(ImprovementRefused, match="You assessed part"):
        look(same, made)
    close = signed_in(Role.IQA, name="Cleo")
    a_conflict(close.person_id, made.people[0].id)
    with pytest.raises(ImprovementRefused, match="conflict of interest"):
        look(close, made)
    for person_id, words in (
        (same.person_id, "own decision"),
        (made.people[0].id, "themselves"),
        (close.person_id, "conflict of interest"),
    ):
        with pytest.raises(DBAPIError, match=words), raw() as connection:
            connection.execute(
                text(
                    "INSERT INTO interim_check (id, enrolment_id, unit_id, finding, comment, checked_by, checked_at) "
                    "VALUES (:id, :place, :unit, 'sound', '', :by, :at)"
                ),
                {
                    "id": stored(new_id()), "place": stored(made.enrolments[0]), "unit": stored(made.units[0]),
                    "by": stored(person_id), "at": clock.now(),
                },
            )  # fmt: skip


def test_practice_is_observed_by_somebody_else(made: MarkedCohort, iqa: SignedIn) -> None:
    def observe(actor: SignedIn, days: int = 0) -> UUID:
        day = clock.today() + timedelta(days=days)
        return record_observation(
            actor, made.tutor.person_id, day, Seen.FEEDBACK, "Kind", "", "Let them say it back", clock.today()
        )

    assert observe(iqa) == observe(iqa)
    assert [one.by_name for one in observations_of(made.tutor.person_id)] == ["Ira Example"]
    assert len(actions_known_to(made.tutor)) == 1
    with pytest.raises(ImprovementRefused, match="future"):
        observe(iqa, 1)
    with pytest.raises(ImprovementRefused, match="own practice"):
        observe(tutor_as_iqa(made))
    with pytest.raises(NoSuchThing):
        observe(signed_in(Role.AUDITOR))


def test_a_meeting_is_recorded_whole_or_not_at_all(made: MarkedCohort, iqa: SignedIn) -> None:
    people = [made.tutor.person_id, iqa.person_id]

    def meet(units: list[UUID]) -> UUID:
        return record_meeting(
            iqa,
            clock.today(),
            "Unit 1",
            "Compare means two",
            units,
            people,
            "Look again",
            clock.today() + SOON,
        )

    with pytest.raises(ImprovementRefused, match="Tick the units"):
        meet([])
    assert meet(made.units[:1]) == meet(made.units[:1])
    assert len(actions_known_to(iqa)) == 1
    with pytest.raises(DBAPIError, match="never changed"), raw() as connection:
        connection.execute(text("DELETE FROM standardisation_person"))


def decide(made: MarkedCohort, attempt: int) -> None:
    seen = session().execute(text("SELECT COALESCE(MAX(id), 0) FROM decision")).scalar_one()
    saved = record_decision(
        made.tutor, made.enrolments[1], made.criteria[0], Outcome.NOT_YET_MET, f"Look again {attempt}", seen
    )
    assert saved.after.latest is not None
    assert saved.after.latest.attempt == attempt


def test_one_more_resubmission_than_planned_needs_agreement(iqa: SignedIn) -> None:
    made = a_marked_cohort(holds=False)
    seen = record_decision(made.tutor, made.enrolments[1], made.criteria[0], Outcome.NOT_YET_MET, "Once", 0)
    assert seen.after.seen
    decide(made, 2)
    with pytest.raises(DecisionRefused, match="Ask quality assurance"):
        decide(made, 3)
    cell = (made.cohort_id, made.enrolments[1], made.criteria[0])
    with pytest.raises(NoSuchCriterion):
        ask_for_more(iqa, *cell, "I assess nobody")
    asked = ask_for_more(made.tutor, *cell, "One paragraph is missing")
    assert ask_for_more(made.tutor, *cell, "Again") == asked
    for own in (tutor_as_iqa(made),):
        with pytest.raises(MoreRefused, match="You assessed part"):
            answer_for_more(own, made.cohort_id, asked, True)
    with pytest.raises(DBAPIError), raw() as connection:
        connection.execute(
            text("UPDATE resubmission_request SET agreed = :yes, answered_by = :by, answered_at = :at"),
            {"yes": True, "by": stored(made.tutor.person_id), "at": clock.now()},
        )
    answer_for_more(iqa, made.cohort_id, asked, True)
    answer_for_more(iqa, made.cohort_id, asked, False)  # the first answer stands
    assert session().scalars(select(ResubmissionRequest.agreed)).all() == [True]
    decide(made, 3)
    with pytest.raises(DecisionRefused, match="1 more agreed"):
        decide(made, 4)


def test_a_request_for_a_student_who_has_left_waits_for_nobody(client: PageClient, iqa: SignedIn) -> None:
    made = a_marked_cohort()
    for attempt in (1, 2):
        a_decision(made, 0, 0, Outcome.NOT_YET_MET, attempt=attempt, feedback="Say more.")
    ask_for_more(made.tutor, made.cohort_id, made.enrolments[0], made.criteria[0], "They were away")
    assert "1 request for one more resubmission" in client.wear(iqa).get("/").words
    with transaction() as s:
        s.get_one(Enrolment, made.enrolments[0]).status = EnrolmentStatus.WITHDRAWN
    assert "one more resubmission" not in client.get("/").words
    assert "No answer is needed any more" in client.get("/quality/resubmissions").words


def test_coverage_counts_what_was_looked_at(made: MarkedCohort, iqa: SignedIn) -> None:
    assess(made, 1)
    assess(made, 2)
    give_verdict(iqa, made, 1)
    cohort = cohort_known_to(iqa, made.cohort_id)
    assert cohort is not None
    candidates, assessors, methods, _, records, sites = camera(quality_board(cohort))
    assert [(one.what, one.looked, one.total) for one in candidates.lines] == [
        ("Ben Piątek", 1, 1),
        ("Cai Prys", 0, 1),
    ]
    assert [(one.looked, one.total) for one in assessors.lines] == [(1, 2)]
    assert methods.lines == ()
    assert [(one.looked, one.total) for one in records.lines] == [(1, 7)]
    assert [(one.looked, one.total) for one in sites.lines] == [(1, 2)]


def test_the_pages_work_and_say_what_is_missing(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    client.wear(iqa)
    unit = f"/cohorts/{made.cohort_id}/quality/{made.enrolments[0]}/{made.units[0]}"
    refused = client.send(f"{unit}/interim", {"finding": "action needed", "comment": ""})
    assert refused.status == 422
    assert "Write what you saw" in refused.words
    assert "Write what the assessor should do" in refused.words
    assert client.send(f"{unit}/interim", {"finding": "sound", "comment": "Clear"}).status == 303
    assert "Clear" in client.get(unit).words
    assert "Sampling plans" in client.get("/quality").words
    assert client.get("/quality/actions").status == 200
    assert "Nothing is overdue" in client.get("/quality/actions?show=overdue").words
    assert "No meeting is recorded yet" in client.get("/quality/standardisation").words
    assert "Nobody has asked" in client.get("/quality/resubmissions").words
    assert client.get(f"/cohorts/{made.cohort_id}/quality/coverage").status == 200
