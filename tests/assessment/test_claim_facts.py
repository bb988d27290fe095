"""What is claimed and awarded shows in every unit's state, and the database keeps claims as they were signed."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_models import ClaimLine, ClaimSignature, ClaimUnit
from recovery_college.assessment.claim_rules import Capacity, LineFact, Reply, claim_due_on, credit_of
from recovery_college.assessment.exports import result_rows
from recovery_college.assessment.queries import results_of
from recovery_college.assessment.rules import Outcome, UnitState, Verdict
from recovery_college.assessment.services import DecisionRefused, record_decision
from recovery_college.courses.models import Cohort, Enrolment, EnrolmentUnit
from recovery_college.courses.queries import places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.people.models import Person
from tests.factories.claims import (
    DIGEST,
    Signers,
    a_claim,
    a_registration,
    a_reply,
    a_verified_cohort,
    an_answer,
    line_of,
    signers_of,
)
from tests.factories.marking import MarkedCohort, a_decision, a_verdict
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_verified_cohort()


@pytest.fixture
def signers(made: MarkedCohort) -> Signers:
    return signers_of(made)


def states(made: MarkedCohort, student: int = 0) -> list[UnitState]:
    cohort = session().get_one(Cohort, made.cohort_id)
    results = results_of(syllabus_of(cohort.qualification_id), places_in([cohort.id]))
    return [result.state for result in results[made.enrolments[student]]]


def refused(statement: str, why: str, **values: object) -> None:
    """That the database itself refuses a statement, in these words."""
    with pytest.raises(DBAPIError, match=re.escape(why)), transaction() as s:
        s.execute(text(statement), {key: raw(value) for key, value in values.items()})


def raw(value: object) -> object:
    if isinstance(value, UUID) and db.engine.dialect.name == "sqlite":
        return value.hex
    return value


# Rules.


@given(st.lists(st.builds(LineFact, st.booleans(), st.none() | st.sampled_from(Reply))))
def test_credit_is_claimed_by_a_live_line_and_awarded_by_any_award(lines: list[LineFact]) -> None:
    credit = credit_of(lines)
    assert credit.claimed == (True in [line.live for line in lines])
    assert credit.awarded == (Reply.AWARDED in [line.reply for line in lines])


def test_a_claim_is_due_twelve_weeks_after_the_course_end() -> None:
    today = clock.today()
    assert claim_due_on(today) - today == timedelta(days=84)


# States.


def test_a_unit_is_claimed_from_the_last_signature_on(made: MarkedCohort, signers: Signers) -> None:
    a_claim(made, signers, [(0, 0)], stage="signed")
    assert states(made) == [UnitState.VERIFIED, UnitState.VERIFIED]
    a_claim(made, signers, [(1, 0)], stage="locked")
    assert states(made, 1) == [UnitState.CLAIMED, UnitState.VERIFIED]


def test_a_queried_unit_stays_claimed_until_it_is_taken_off_and_an_award_is_final(
    made: MarkedCohort, signers: Signers
) -> None:
    line = line_of(a_claim(made, signers, [(0, 0)], stage="locked"), made)
    first = a_reply(line, Reply.QUERIED)
    assert states(made)[0] is UnitState.CLAIMED
    an_answer(first, signers.admin)
    assert states(made)[0] is UnitState.VERIFIED
    again = line_of(a_claim(made, signers, [(0, 0)], stage="locked"), made)
    assert states(made)[0] is UnitState.CLAIMED
    a_reply(again, Reply.AWARDED)
    assert states(made)[0] is UnitState.AWARDED


def test_who_leaves_keeps_what_is_awarded(made: MarkedCohort, signers: Signers) -> None:
    with transaction() as s:
        enrolment = s.get_one(Enrolment, made.enrolments[0])
        enrolment.status, enrolment.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()
    a_reply(line_of(a_claim(made, signers, [(0, 0)], stage="locked"), made), Reply.AWARDED)
    assert states(made) == [UnitState.AWARDED, UnitState.VERIFIED]


def test_results_go_out_with_recommended_and_awarded_credit(made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0), (1, 0)], stage="locked")
    a_reply(line_of(claim, made), Reply.AWARDED)
    ref = session().get_one(Cohort, made.cohort_id).ref
    got = {(row[1], row[2]): row[3:] for row in result_rows(CONSOLE, ref)}
    first, second = (session().get_one(Person, person.id).student_ref for person in made.people[:2])
    assert got[first, "PSW1"] == (3, 3, 3, 3, "awarded", 3, 3)
    assert got[second, "PSW1"] == (3, 3, 3, 3, "claimed", 3, 0)
    assert got[second, "PSW2"] == (3, 3, 2, 2, "verified", 3, 0)


# Guards, whatever the code does.


def test_a_claimed_unit_takes_no_decision_and_no_verdict(
    client: PageClient, made: MarkedCohort, signers: Signers
) -> None:
    claim = a_claim(made, signers, [(0, 0)], stage="locked")
    with pytest.raises(DecisionRefused, match="This unit is claimed"):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], Outcome.MET, "More", seen_of(made))
    client.wear(made.tutor)
    token = client.get("/account/password").hidden("csrf_token")
    page = client.post(made.cell(), data={"csrf_token": token, "outcome": "met", "seen": str(seen_of(made))})
    assert (page.status, "This unit is claimed" in page.words) == (422, True)
    with pytest.raises(DBAPIError, match="takes no more decisions"):
        a_decision(made, 0, 0, Outcome.NOT_YET_MET, revision=2)
    with pytest.raises(DBAPIError, match="takes no more verdicts"):
        a_verdict(made, 0, 0, Verdict.RETURNED)
    a_decision(made, 0, 3, revision=2)  # the other unit is free
    an_answer(a_reply(line_of(claim, made), Reply.QUERIED), signers.admin)
    a_verdict(made, 0, 0, Verdict.RETURNED)
    a_decision(made, 0, 0, revision=2)


def seen_of(made: MarkedCohort) -> int:
    found = session().execute(
        text("SELECT max(id) FROM decision WHERE enrolment_id = :e AND criterion_id = :c"),
        {"e": raw(made.enrolments[0]), "c": raw(made.criteria[0])},
    )
    return int(found.scalar_one())


def test_a_claim_is_fixed_from_its_first_signature(made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0)], stage="signed")
    with pytest.raises(DBAPIError, match="fixed once it is signed"), transaction() as s:
        s.add(
            ClaimUnit(
                claim_id=claim, unit_id=made.units[1], code="X", title="", level=1, credit=60, position=9
            )
        )
    for table, column, value in (
        ("claim_unit", "credit", 99),
        ("claim_student", "certificate_name", "Somebody Else"),
        ("claim_signature", "person_id", signers.admin.person_id),
        ("claim_line", "unit_id", made.units[1]),
        ("claim", "digest", "e" * 64),
        ("ao_registration", "certificate_name", "Somebody Else"),
    ):
        refused(f"UPDATE {table} SET {column} = :value", "never changed", value=value)
        refused(f"DELETE FROM {table}", "never changed")


def test_a_locked_claim_stays_locked_and_takes_no_more(made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0)], stage="locked")
    refused("UPDATE claim SET locked_at = NULL", "never changed")
    with pytest.raises(DBAPIError), transaction() as s:
        s.execute(
            text("UPDATE claim SET set_aside_at = :at, set_aside_by = reviewer_id"), {"at": clock.now()}
        )
    refused("UPDATE claim_line SET ended_at = '2026-01-01'", "leaves its claim only when")
    somebody = signed_in(Role.IQA).person_id
    with pytest.raises(DBAPIError, match="takes no signature"):
        sign(claim, somebody, Capacity.IQA)


def test_only_three_signatures_lock(made: MarkedCohort, signers: Signers) -> None:
    a_claim(made, signers, [(0, 0)])
    refused("UPDATE claim SET locked_at = '2026-11-01 10:00:00'", "locked by its third signature")


def test_no_unit_is_claimed_twice(made: MarkedCohort, signers: Signers) -> None:
    first = a_claim(made, signers, [(0, 0)])
    with pytest.raises(DBAPIError):
        a_claim(made, signers, [(0, 0)])
    with transaction() as s:  # set aside, it is free again
        s.execute(
            text("UPDATE claim SET set_aside_at = :at, set_aside_by = prepared_by WHERE id = :id"),
            {"at": clock.now(), "id": raw(first)},
        )
        s.execute(text("UPDATE claim_line SET ended_at = :at"), {"at": clock.now()})
    second = a_claim(made, signers, [(0, 0)], stage="locked")
    a_reply(line_of(second, made), Reply.AWARDED)
    with pytest.raises(DBAPIError, match="awarded already"), transaction() as s:
        s.add(ClaimLine(claim_id=second, enrolment_id=made.enrolments[0], unit_id=made.units[0]))


def test_only_a_verified_unit_of_a_registered_student_is_claimed(app: object) -> None:
    made = a_verified_cohort(2, verified=1)
    signers = signers_of(made)
    with pytest.raises(DBAPIError, match="only when quality assurance has verified it"):
        a_claim(made, signers, [(1, 0)])
    with transaction() as s:
        s.execute(
            text("DELETE FROM enrolment_unit WHERE enrolment_id = :e AND unit_id = :u"),
            {"e": raw(made.enrolments[0]), "u": raw(made.units[0])},
        )
    with pytest.raises(DBAPIError, match="not registered for this unit"):
        a_claim(made, signers, [(0, 0)])
    assert session().query(EnrolmentUnit).count() == 3


def test_a_student_is_claimed_for_under_their_own_registration(made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0)])
    other = a_registration(made, 1)
    refused(
        "INSERT INTO claim_student (claim_id, enrolment_id, registration_id, student_ref, certificate_name, uln, "
        "position) VALUES (:claim, :enrolment, :registration, 'S', 'N', '9999999999', 1)",
        "under their own registration",
        claim=claim, enrolment=made.enrolments[2], registration=other,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("capacity", "who", "why"),
    [
        (Capacity.IQA, "tutor", "their own decision"),
        (Capacity.REVIEWER, "iqa", "named on the claim"),
        (Capacity.TUTOR, "student", "own credit"),
    ],
)
def test_who_may_not_sign(
    made: MarkedCohort, signers: Signers, capacity: Capacity, who: str, why: str
) -> None:
    claim = a_claim(made, signers, [(0, 0)])
    person = made.people[0].id if who == "student" else getattr(signers, who).person_id
    with pytest.raises(DBAPIError, match=why):
        sign(claim, person, capacity)


def test_nobody_signs_twice_and_nothing_but_the_claim_as_it_stands(
    made: MarkedCohort, signers: Signers
) -> None:
    claim = a_claim(made, signers, [(0, 0)])
    assert signers.iqa.person_id is not None
    with pytest.raises(DBAPIError, match="as it stands"):
        sign(claim, signers.iqa.person_id, Capacity.IQA, digest="e" * 64)
    sign(claim, signers.iqa.person_id, Capacity.IQA)
    with pytest.raises(DBAPIError):  # one person, two capacities
        sign(claim, signers.iqa.person_id, Capacity.TUTOR)
    with pytest.raises(DBAPIError):  # two people, one capacity
        sign(claim, signed_in(Role.IQA).person_id, Capacity.IQA)


def sign(claim: UUID, person: UUID | None, capacity: Capacity, digest: str = DIGEST) -> None:
    with transaction() as s:
        s.add(
            ClaimSignature(
                claim_id=claim, person_id=person, capacity=capacity, digest=digest, signed_at=clock.now()
            )
        )


def test_a_reply_needs_a_locked_line_and_an_award_is_the_last_word(
    made: MarkedCohort, signers: Signers
) -> None:
    unsigned = line_of(a_claim(made, signers, [(1, 0)]), made, 1)
    with pytest.raises(DBAPIError, match="Only a line of a locked claim"):
        a_reply(unsigned, Reply.AWARDED)
    line = line_of(a_claim(made, signers, [(0, 0)], stage="locked"), made)
    queried = a_reply(line, Reply.QUERIED)
    a_reply(line, Reply.AWARDED)
    with pytest.raises(DBAPIError, match="last word"):
        a_reply(line, Reply.QUERIED)
    with pytest.raises(DBAPIError, match="open query"):
        an_answer(queried, signers.admin)
    refused("UPDATE claim_reply SET recorded_by = 'me'", "never changed")


def test_without_the_guard_a_decider_could_sign(made: MarkedCohort, signers: Signers) -> None:
    """The twin: it is the trigger that refuses."""
    claim = a_claim(made, signers, [(0, 0)])
    with transaction() as s:
        on = " ON claim_signature" if db.engine.dialect.name == "postgresql" else ""
        s.execute(text(f"DROP TRIGGER claim_signature_own{on}"))
    sign(claim, made.tutor.person_id, Capacity.IQA)
