"""A student who left keeps what they achieved: the assessor may answer an open return, and decide nothing else."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment import services
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.rules import (
    DecisionFact,
    Outcome,
    UnitState,
    Verdict,
    VerdictFact,
    owes_answer,
)
from recovery_college.audit.models import AuditEvent
from recovery_college.claims.transcript_queries import transcript_for_staff
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.signin import SignedIn
from recovery_college.quality.waiting_queries import units_returned
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict
from tests.page_client import PageClient

FACTS = st.builds(
    DecisionFact,
    criterion=st.sampled_from(["1.1", "1.2"]),
    attempt=st.integers(1, 3),
    revision=st.integers(1, 2),
    outcome=st.sampled_from(Outcome),
    decided_on=st.just(date(2026, 3, 2)),
    sequence=st.integers(0, 20),
    released_sequence=st.none() | st.integers(0, 20),
)


def model(
    verdict: VerdictFact | None, looked_at: set[str], criterion: str, decisions: list[DecisionFact]
) -> bool:
    """The rule on paper: returned, about this criterion, and nothing the student can see came since."""
    since = [
        one for one in decisions
        if one.criterion == criterion and verdict is not None and one.sequence > verdict.sequence
    ]  # fmt: skip
    returned = verdict is not None and verdict.verdict.value == "returned"
    return returned and criterion in looked_at and all(one.released_sequence is None for one in since)


def ignores_criteria(
    verdict: VerdictFact | None, looked_at: set[str], criterion: str, decisions: list[DecisionFact]
) -> bool:
    """The known-bad twin: a return opens the whole unit."""
    return owes_answer(verdict, {*looked_at, criterion}, criterion, decisions)


@given(
    st.none() | st.builds(VerdictFact, st.sampled_from(Verdict), st.integers(0, 20)),
    st.sets(st.sampled_from(["1.1", "1.2"])), st.sampled_from(["1.1", "1.2"]), st.lists(FACTS, max_size=4),
)  # fmt: skip
def test_it_is_owed_exactly_as_on_paper(
    verdict: VerdictFact | None, looked_at: set[str], criterion: str, decisions: list[DecisionFact]
) -> None:
    assert owes_answer(verdict, looked_at, criterion, decisions) == model(
        verdict, looked_at, criterion, decisions
    )


def test_the_bad_twin_is_told_from_the_rule() -> None:
    returned = VerdictFact(Verdict.RETURNED, 3)
    assert ignores_criteria(returned, {"1.1"}, "1.2", []) != model(returned, {"1.1"}, "1.2", [])


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    return a_marked_cohort()


@pytest.fixture
def iqa(app: Flask) -> SignedIn:
    return signed_in(Role.IQA)


def leave(made: MarkedCohort) -> None:
    with transaction() as s:
        place = s.get_one(Enrolment, made.enrolments[0])
        place.status, place.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()


def decide(made: MarkedCohort, criterion: int = 0, outcome: Outcome = Outcome.MET) -> services.Saved:
    enrolment, of = made.enrolments[0], made.criteria[criterion]
    facts = cell_facts(made.tutor, enrolment, of)
    assert facts is not None
    return services.record_decision(made.tutor, enrolment, of, outcome, "Seen again.", facts.seen)


def state(made: MarkedCohort) -> UnitState:
    facts = cell_facts(made.tutor, made.enrolments[0], made.criteria[0])
    assert facts is not None
    return facts.state


def needs(made: MarkedCohort) -> list[int]:
    """The columns that wait for the tutor in the leaver's row, and the same as each cell tells it of itself."""
    grid = grid_of(session().get_one(Cohort, made.cohort_id))
    row = next(one for one in grid.students if one.enrolment_id == made.enrolments[0])
    found = [place for place, cell in enumerate(row.cells) if cell and cell.kind.needs_tutor]
    alone = [cell_facts(made.tutor, made.enrolments[0], one) for one in made.criteria[:3]]
    assert [place for place, one in enumerate(alone) if one and one.kind.needs_tutor] == found
    return found


def refused(made: MarkedCohort, criterion: int) -> bool:
    with pytest.raises(services.DecisionRefused, match="has withdrawn"):
        decide(made, criterion, Outcome.NOT_YET_MET)
    return True


def test_the_open_return_is_answered_and_the_credit_is_theirs(made: MarkedCohort, iqa: SignedIn) -> None:
    assess(made)
    give_verdict(iqa, made, verdict=Verdict.RETURNED)
    leave(made)
    assert state(made) is UnitState.WITHDRAWN
    assert needs(made) == [0]
    assert len(units_returned(made.tutor)) == 1
    assert all(refused(made, other) for other in (1, 2, 3))  # of the unit, and of another one
    decide(made)
    facts = cell_facts(made.tutor, made.enrolments[0], made.criteria[0])
    assert facts is not None
    if facts.holds_decisions:
        assert state(made) is UnitState.WITHDRAWN
        decide(made, outcome=Outcome.NOT_YET_MET)  # a draft may still be changed
        decide(made)
        services.release_decisions(made.tutor, made.cohort_id)
    assert refused(made, 0)
    assert (state(made), needs(made), units_returned(made.tutor)) == (UnitState.ASSESSED, [], [])
    said = session().scalars(select(AuditEvent).where(AuditEvent.action == "decided")).all()
    assert any("after_leaving" in str(one.details) for one in said)
    give_verdict(iqa, made)
    assert refused(made, 0)
    record = transcript_for_staff(signed_in(Role.ADMIN), made.people[0].id)
    assert record is not None
    assert [(one.code, one.state) for one in record.courses[0].units] == [("PSW1", UnitState.VERIFIED)]


def test_without_a_return_nothing_is_decided_for_who_left(made: MarkedCohort, iqa: SignedIn) -> None:
    assess(made)
    leave(made)
    assert refused(made, 0)
    assert needs(made) == []


def test_the_page_offers_the_answer_and_says_why(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    assess(made)
    give_verdict(iqa, made, verdict=Verdict.RETURNED)
    leave(made)
    tutor = client.wear(made.tutor)
    assert "so this one decision may still be made" in tutor.get(made.cell()).words
    assert "unit sent back by quality assurance" in tutor.get("/").words
    other = tutor.get(made.cell(0, 1))
    assert "The student has withdrawn" in other.words
    assert "may still be made" not in other.words


@pytest.mark.parametrize("why", ["they have left", "the unit is quality-assured"])
def test_a_draft_that_cannot_be_released_any_more_is_taken_back(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, why: str
) -> None:
    if why == "they have left":
        a_decision(made, 0, 0, Outcome.NOT_YET_MET, released=False)
        leave(made)
    else:
        assess(made)
        a_decision(made, 0, 0, Outcome.NOT_YET_MET, revision=2, feedback="Say more.", released=False)
        give_verdict(iqa, made)
    tutor = client.wear(made.tutor)
    assert "decision drafted, not released" in tutor.get("/").words
    held = tutor.get(f"{made.path}/release")
    assert why in held.words
    assert made.cell() in held.links
    page = tutor.get(made.cell())
    assert "Met</button>" not in page.text
    before = state(made)
    sent = {"deed": "undo", "seen": page.hidden("seen"), "csrf_token": page.hidden("csrf_token")}
    assert tutor.post(made.cell(), data=sent).status == 303
    assert "decision drafted, not released" not in tutor.get("/").words
    assert "Take this draft back" not in tutor.get(made.cell()).words
    assert state(made) is before
