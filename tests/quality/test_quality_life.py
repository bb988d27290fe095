"""A student's units through any sequence of decide, release, verdict, return and close: what always holds."""

from dataclasses import dataclass

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.place_queries import own_enrolments
from recovery_college.assessment.progress_queries import own_work
from recovery_college.assessment.queries import cohort_known_to, results_of, sequence_of
from recovery_college.assessment.rules import (
    CriterionState,
    DecisionFact,
    Outcome,
    UnitState,
    Verdict,
    VerdictFact,
    unit_state,
)
from recovery_college.assessment.services import DecisionRefused, record_decision, release_decisions
from recovery_college.courses.models import AssessmentCriterion, Enrolment
from recovery_college.courses.queries import places_in
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.verdict_services import StaleUnit, VerdictRefused, close_sample
from recovery_college.quality.waiting_queries import to_look_at
from tests.factories.marking import MarkedCohort, a_marked_cohort, another_tutor
from tests.factories.people import signed_in
from tests.factories.quality import drop_guards, give_verdict

STUDENTS, CRITERIA = 2, 3

deeds = st.lists(
    st.one_of(
        st.tuples(
            st.just("decide"),
            st.integers(0, 1),
            st.integers(0, STUDENTS - 1),
            st.integers(0, CRITERIA - 1),
            st.sampled_from(Outcome),
        ),
        st.tuples(st.just("mark all"), st.integers(0, 1), st.integers(0, STUDENTS - 1)),
        st.tuples(st.just("release"), st.integers(0, 1)),
        st.tuples(
            st.just("verdict"),
            st.integers(0, 3),
            st.integers(0, STUDENTS - 1),
            st.integers(0, 1),
            st.sampled_from([Verdict.CONFIRMED, Verdict.RETURNED]),
        ),
        st.tuples(st.just("close"), st.integers(0, 3), st.integers(0, 1)),
    ),
    max_size=25,
)


@dataclass
class College:
    """Two tutors, one of whom is also a quality assurer, two more assurers, and a student who is one too."""

    made: MarkedCohort
    tutors: list[SignedIn]
    assurers: list[SignedIn]
    texts: int = 0

    def do(self, deed: tuple[object, ...]) -> str:
        """Do one thing; what is refused is refused with its sentence, and nothing else may be raised."""
        name, who, *rest = deed
        assert isinstance(who, int)
        try:
            match name:
                case "decide":
                    self.decide(self.tutors[who], *rest)  # type: ignore[arg-type]
                case "mark all":
                    for criterion in range(CRITERIA):
                        self.decide(self.tutors[who], rest[0], criterion, Outcome.MET)  # type: ignore[arg-type]
                    release_decisions(self.tutors[who], self.made.cohort_id)
                case "release":
                    release_decisions(self.tutors[who], self.made.cohort_id)
                case "verdict":
                    student, unit, verdict = rest
                    first = self.made.criteria[0 if unit == 0 else 2]
                    give_verdict(self.assurers[who], self.made, student, unit, verdict, criteria=[first])  # type: ignore[arg-type]
                case "close":
                    self.close(self.assurers[who], self.made.units[rest[0]])  # type: ignore[call-overload]
        except (VerdictRefused, DecisionRefused) as refusal:
            if not str(refusal).endswith((".", "student")):
                raise AssertionError(f"not a sentence: {refusal}") from refusal
            return "refused"
        return "done"

    def decide(self, tutor: SignedIn, student: int, criterion: int, outcome: Outcome) -> None:
        self.texts += 1
        enrolment, wanted = self.made.enrolments[student], self.made.criteria[criterion]
        facts = cell_facts(tutor, enrolment, wanted)
        assert facts is not None
        record_decision(tutor, enrolment, wanted, outcome, f"text-{self.texts}-end", facts.seen)

    def close(self, assurer: SignedIn, unit_id: object) -> None:
        cohort = cohort_known_to(assurer, self.made.cohort_id)
        assert cohort is not None
        plan = quality_board(cohort).plan(unit_id)  # type: ignore[arg-type]
        assert plan is not None
        close_sample(assurer, cohort.id, plan.unit.id, plan.stamp)


def a_college() -> College:
    made = a_marked_cohort(STUDENTS, units=((1, 1), (1,)))
    second = another_tutor(made)
    both = signed_in(Role.IQA, person=session().get_one(Person, second.person_id))
    student = signed_in(Role.IQA, person=made.people[0])
    return College(made, [made.tutor, second], [signed_in(Role.IQA), both, signed_in(Role.IQA), student])


def stored_states(college: College) -> dict[tuple[object, object], UnitState]:
    """The pure rule on the rows as they are stored, read without any query of ours."""
    s = session()
    criteria = {row.id: row for row in s.scalars(select(AssessmentCriterion))}
    states = {}
    for enrolment_id in college.made.enrolments:
        for unit_id in college.made.units:
            numbers = sorted(row.number for row in criteria.values() if row.unit_id == unit_id)
            decisions = [
                DecisionFact(
                    criteria[row.criterion_id].number, row.attempt, row.revision, row.outcome, row.decided_on,
                    sequence_of(row.recorded_at), sequence_of(row.released_at) if row.released_at else None,
                )
                for row in s.scalars(select(Decision).where(Decision.enrolment_id == enrolment_id))
                if criteria[row.criterion_id].unit_id == unit_id
            ]  # fmt: skip
            verdicts = [
                VerdictFact(row.verdict, sequence_of(row.recorded_at))
                for row in s.scalars(select(IqaVerdict).where(IqaVerdict.enrolment_id == enrolment_id))
                if row.unit_id == unit_id
            ]
            states[enrolment_id, unit_id] = unit_state(numbers, decisions, verdicts)
    return states


def check(college: College) -> None:
    s = session()
    s.expire_all()
    made, viewer = college.made, college.assurers[0]
    cohort = cohort_known_to(viewer, made.cohort_id)
    assert cohort is not None
    states = stored_states(college)
    # The state on every page is the pure rule's on the stored rows.
    board = quality_board(cohort)
    assert {key: cell.result.state for key, cell in board.cells.items()} == states
    results = results_of(syllabus_of(cohort.qualification_id), places_in([cohort.id]))
    assert {(e, r.unit.id): r.state for e, found in results.items() for r in found} == states
    waiting = sum(state is UnitState.ASSESSED for state in states.values())
    counted = to_look_at(viewer)[1]
    assert sum(one.count for one in counted if one.cohort_id == cohort.id) == waiting
    # Nobody verified their own decision, or themselves: by person, over the whole history.
    for (enrolment_id, unit_id), cell in board.cells.items():
        if states[enrolment_id, unit_id] is UnitState.VERIFIED:
            assert cell.verdict is not None
            assert cell.verdict.verified_by not in cell.deciders
            assert cell.verdict.verified_by != cell.place.person_id
    # The student sees what is released, and nothing else.
    for person, enrolment_id in zip(made.people, made.enrolments, strict=True):
        (enrolment,) = [one for one in own_enrolments(person.id) if one.id == enrolment_id]
        work = own_work(enrolment)
        rows = s.scalars(select(Decision).where(Decision.enrolment_id == enrolment_id)).all()
        assert {row.feedback for row in work.said} == {row.feedback for row in rows if row.released_at}
        in_force: dict[object, Decision] = {}
        for row in sorted(rows, key=lambda one: (one.attempt, one.revision)):
            if row.released_at:
                in_force[row.criterion_id] = row
        wanted = [
            CriterionState(in_force[one].outcome.value) if one in in_force else CriterionState.NOT_SUBMITTED
            for one in made.criteria
        ]
        assert [one.state for unit in work.units for one in unit.criteria] == wanted
        drafts = {row.feedback for row in rows if not row.released_at}
        assert work.step.advice not in drafts
        assert isinstance(s.get(Enrolment, enrolment_id), Enrolment)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds)
def test_whatever_happens_these_hold(app: Flask, done: list[tuple[object, ...]]) -> None:
    session().rollback()
    college = a_college()
    for deed in done:
        try:
            college.do(deed)
        except StaleUnit as stale:
            pytest.fail(f"nobody else was there, yet {deed} was called stale: {stale}")
        check(college)


def test_a_whole_life(app: Flask) -> None:
    """The sequence that reaches every state, so that the test above is known to judge something."""
    college = a_college()
    plan = [
        (("mark all", 0, 0), "done"),
        (("mark all", 1, 1), "done"),
        (("close", 0, 0), "refused"),
        (("verdict", 3, 0, 0, Verdict.CONFIRMED), "refused"),
        (("verdict", 0, 0, 0, Verdict.CONFIRMED), "done"),
        (("decide", 0, 0, 0, Outcome.MET), "refused"),
        (("verdict", 1, 1, 0, Verdict.CONFIRMED), "refused"),
        (("verdict", 1, 0, 1, Verdict.RETURNED), "done"),
        (("decide", 0, 0, 2, Outcome.NOT_YET_MET), "done"),
        (("release", 0), "done"),
        (("decide", 0, 0, 2, Outcome.MET), "done"),
        (("release", 0), "done"),
        (("verdict", 2, 0, 1, Verdict.CONFIRMED), "done"),
        (("verdict", 2, 1, 0, Verdict.CONFIRMED), "done"),
        (("verdict", 2, 1, 1, Verdict.RETURNED), "done"),
    ]
    for deed, expected in plan:
        assert college.do(deed) == expected, deed
        check(college)
    states = stored_states(college)
    assert sorted(states.values()) == ["in progress", "verified", "verified", "verified"]


def test_the_check_notices_a_unit_verified_by_its_assessor(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: without the service's rule and the database's guards the check above fails."""
    college = a_college()
    assert college.do(("mark all", 1, 0)) == "done"
    assert college.do(("verdict", 1, 0, 0, Verdict.CONFIRMED)) == "refused"
    drop_guards()
    monkeypatch.setattr("recovery_college.quality.verdict_services.why_not_verify", lambda actor, cell: None)
    assert college.do(("verdict", 1, 0, 0, Verdict.CONFIRMED)) == "done"
    with pytest.raises(AssertionError):
        check(college)
