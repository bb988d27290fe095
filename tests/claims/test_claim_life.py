"""From enrolment and evidence to award in any order: the services against a register kept by hand, after every step.

The register is plain Python and knows nothing of the product: who is enrolled, what is met, what was verified, what
stands on which run, who signed, what came back. Whatever the services do or refuse must be what it expects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from flask import Flask, current_app
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.claim_models import ClaimLine, ClaimReply, ClaimSignature
from recovery_college.assessment.claim_rules import Credit, LineFact, Reply, credit_of
from recovery_college.assessment.evidence_models import Evidence
from recovery_college.assessment.evidence_rules import AiUse, EvidenceKind
from recovery_college.assessment.evidence_services import EvidenceRefused, HandedIn, hand_in
from recovery_college.assessment.exports import result_rows
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import DecisionRefused, record_decision
from recovery_college.assessment.take_back_services import take_back
from recovery_college.claims.board_queries import board_of
from recovery_college.claims.claim_services import ClaimRefused, prepare_claim, set_aside, sign_claim
from recovery_college.claims.query_services import answer_query
from recovery_college.claims.registration_queries import registrations_of
from recovery_college.claims.registration_services import register_students, registration_stamp
from recovery_college.claims.reply_imports import RAC_REPLY
from recovery_college.courses.imports import ENROLMENTS
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.imports.kind import run_import
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.quality.verdict_services import VerdictRefused
from tests.factories.claims import BORN, signers_of
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import CONSOLE, a_person, signed_in
from tests.factories.quality import give_verdict

REFUSALS = (ClaimRefused, DecisionRefused, EvidenceRefused, VerdictRefused)
STUDENTS, UNITS, CREDIT = 2, 2, 3
students, units = st.integers(0, STUDENTS - 1), st.integers(0, UNITS - 1)


@dataclass
class Piece:
    """One piece of evidence for the unit: whether a tutor decided after it came, and whether it was taken back."""

    id: UUID
    decided: bool = False
    back: bool = False


@dataclass
class Unit:
    """One student's unit in the register."""

    said: str = ""
    verified: bool = False
    reopened: bool = False
    run: int | None = None
    queried: bool = False
    awarded: bool = False
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Register:
    """What a careful clerk writes down."""

    enrolled: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    registered: set[int] = field(default_factory=set)
    units: dict[tuple[int, int], Unit] = field(
        default_factory=lambda: {(s, u): Unit() for s in range(STUDENTS) for u in range(UNITS)}
    )
    runs: int = 0
    open_run: int | None = None
    signed: set[str] = field(default_factory=set)
    locked: set[int] = field(default_factory=set)

    def state(self, key: tuple[int, int]) -> str:
        one = self.units[key]
        if one.awarded:
            return "awarded"
        if one.run in self.locked:
            return "claimed"
        if one.said == "met" and one.verified:
            return "verified"
        if one.said == "met" and not one.reopened:
            return "assessed"
        return "withdrawn" if key[0] in self.left else "in progress"

    def claimable(self) -> set[tuple[int, int]]:
        return {
            key
            for key, one in self.units.items()
            if self.state(key) == "verified" and one.run is None and key[0] in self.registered
        }


class Life(RuleBasedStateMachine):
    """The whole life of a cohort's credit."""

    made: MarkedCohort

    @initialize()
    def begin(self) -> None:
        session().rollback()
        self.made = a_marked_cohort(0, holds=False, units=((1,), (1,)))
        self.signers = signers_of(self.made)
        self.tutor_as_iqa = signed_in(Role.IQA, person=session().get_one(Person, self.made.tutor.person_id))
        self.ref = session().get_one(Cohort, self.made.cohort_id).ref
        self.made.people = [
            a_person(
                f"Stu{n}",
                "Dent",
                student_ref=f"{self.ref}-{n}",
                certificate_name=f"Stu{n} Dent",
                date_of_birth=BORN,
            )
            for n in range(STUDENTS)
        ]
        self.made.enrolments = [self.made.cohort_id] * STUDENTS
        self.register = Register()
        self.claims: dict[int, UUID] = {}
        self.learners: dict[int, SignedIn] = {}
        self.storage = current_app.extensions["storage"]

    def tried(self, expected: bool, deed: object) -> bool:
        """Do it; that it is done or refused is what the register expects."""
        done = True
        try:
            deed()  # type: ignore[operator]
        except REFUSALS:
            done = False
        assert done == expected
        return done

    def bring(self, status: str, student: int) -> None:
        day = clock.today().isoformat()
        text = (
            f"cohort,student_ref,status,enrolled_on,units\n{self.ref},{self.ref}-{student},{status},{day},\n"
        )
        assert run_import(ENROLMENTS, CONSOLE, text.encode(), "e.csv").ok

    @rule(student=students)
    def enrol(self, student: int) -> None:
        if student in self.register.left:
            return
        self.bring("enrolled", student)
        self.register.enrolled.add(student)
        self.made.enrolments[student] = session().scalars(
            select(Enrolment.id).where(
                Enrolment.cohort_id == self.made.cohort_id, Enrolment.person_id == self.made.people[student].id
            )
        ).one()  # fmt: skip

    @precondition(lambda self: self.register.enrolled)
    @rule(student=students, unit=units, met=st.sampled_from([True, True, False]))
    def decide(self, student: int, unit: int, met: bool) -> None:
        if student not in self.register.enrolled:
            return
        key, one = (student, unit), self.register.units[student, unit]
        free = self.register.state(key) in ("in progress", "assessed") and student not in self.register.left
        facts = cell_facts(self.made.tutor, self.made.enrolments[student], self.made.criteria[unit])
        assert facts is not None
        outcome = Outcome.MET if met else Outcome.NOT_YET_MET
        words = f"Words {len(facts.history)}"

        def deed() -> None:
            record_decision(
                self.made.tutor, facts.enrolment_id, facts.criterion_id, outcome, words, facts.seen
            )

        if self.tried(free, deed):
            one.said, one.verified, one.reopened = outcome.value, False, False
            for piece in one.pieces:
                piece.decided = piece.decided or not piece.back

    @precondition(lambda self: self.register.enrolled)
    @rule(student=students, unit=units)
    def hand_in_evidence(self, student: int, unit: int) -> None:
        if student not in self.register.enrolled:
            return
        key, one = (student, unit), self.register.units[student, unit]
        free = self.register.state(key) in ("in progress", "assessed") and student not in self.register.left
        given = HandedIn(
            uuid4(), EvidenceKind.REFLECTIVE_ACCOUNT, "What I did", frozenset({self.made.criteria[unit]}),
            body="I listened.", ai_use=AiUse.NONE,
        )  # fmt: skip

        def deed() -> None:
            one.pieces.append(
                Piece(hand_in(self.learner(student), self.storage, self.made.enrolments[student], given))
            )

        self.tried(free, deed)

    @precondition(lambda self: self.register.enrolled)
    @rule(student=students, unit=units)
    def take_evidence_back(self, student: int, unit: int) -> None:
        pieces = self.register.units[student, unit].pieces
        if not pieces:
            return
        piece = pieces[-1]

        def deed() -> None:
            take_back(self.learner(student), self.storage, piece.id)

        if self.tried(piece.back or not piece.decided, deed):
            piece.back = True

    def learner(self, student: int) -> SignedIn:
        if student not in self.learners:
            person = session().get_one(Person, self.made.people[student].id)
            self.learners[student] = signed_in(Role.STUDENT, person=person)
        return self.learners[student]

    @precondition(lambda self: self.register.enrolled)
    @rule(student=students, unit=units, confirm=st.sampled_from([True, True, True, False]), own=st.booleans())
    def verdict(self, student: int, unit: int, confirm: bool, own: bool) -> None:
        if student not in self.register.enrolled:
            return
        one, state = self.register.units[student, unit], self.register.state((student, unit))
        may = state == "assessed" or (state == "verified" and not confirm)
        who = self.tutor_as_iqa if own else self.signers.iqa
        verdict = Verdict.CONFIRMED if confirm else Verdict.RETURNED
        expected = may and not (own and one.said)

        def deed() -> None:
            give_verdict(who, self.made, student, unit, verdict, criteria=[self.made.criteria[unit]])

        if self.tried(expected, deed):
            one.verified, one.reopened = confirm, not confirm

    @precondition(lambda self: self.register.enrolled)
    @rule(student=students)
    def register_with_the_organisation(self, student: int) -> None:
        if student not in self.register.enrolled:
            return
        one = self.made.enrolments[student]
        seen = {one: registration_stamp(registrations_of([one])[one])}
        count = register_students(self.signers.admin, self.made.cohort_id, [one], clock.today(), seen)
        assert count == (student not in self.register.registered)
        self.register.registered.add(student)

    @rule()
    def prepare(self) -> None:
        if self.register.open_run is not None:
            return
        board = board_of(session().get_one(Cohort, self.made.cohort_id))
        wanted = self.register.claimable()
        assert board.ticks == {(self.made.enrolments[s], self.made.units[u]) for s, u in wanted}

        def deed() -> None:
            reviewer = self.signers.reviewer.person_id
            assert reviewer is not None
            run = self.register.runs + 1
            self.claims[run] = prepare_claim(
                self.signers.admin, self.made.cohort_id, board.ticks, reviewer, board.stamp
            )

        if self.tried(bool(wanted), deed):
            self.register.runs += 1
            self.register.open_run, self.register.signed = self.register.runs, set()
            for key in wanted:
                self.register.units[key].run = self.register.runs

    def on_open_run(self) -> list[tuple[int, int]]:
        return [key for key, one in self.register.units.items() if one.run == self.register.open_run]

    @precondition(lambda self: self.register.open_run is not None)
    @rule(who=st.sampled_from(["tutor", "iqa", "reviewer", "tutor as iqa"]))
    def sign(self, who: str) -> None:
        register = self.register
        assert register.open_run is not None
        fresh = all(register.state(key) == "verified" for key in self.on_open_run())
        expected = who != "tutor as iqa" and (fresh or who in register.signed)
        actor = self.tutor_as_iqa if who == "tutor as iqa" else getattr(self.signers, who)
        claim = self.claims[register.open_run]
        run = board_of(session().get_one(Cohort, self.made.cohort_id)).run(claim)
        assert run is not None
        if self.tried(expected, lambda: sign_claim(actor, self.made.cohort_id, claim, run.digest)):
            register.signed.add(who)
            if len(register.signed) == 3:
                register.locked.add(register.open_run)
                register.open_run = None

    @precondition(lambda self: self.register.open_run is not None)
    @rule()
    def give_up(self) -> None:
        register = self.register
        assert register.open_run is not None
        set_aside(self.signers.admin, self.made.cohort_id, self.claims[register.open_run], "Not now")
        for key in self.on_open_run():
            register.units[key].run = None
        register.open_run = None

    @precondition(lambda self: self.register.locked)
    @rule(student=students, unit=units, awarded=st.booleans())
    def reply(self, student: int, unit: int, awarded: bool) -> None:
        one = self.register.units[student, unit]
        today = clock.today().isoformat()
        said = f"awarded,{today}" if awarded else "queried,"
        text = (
            "cohort,student_ref,unit_code,result,awarded_on\n"
            f"{self.ref},{self.ref}-{student},PSW{unit + 1},{said}\n"
        )
        report = run_import(RAC_REPLY, CONSOLE, text.encode(), "r.csv")
        if one.run not in self.register.locked:
            return  # never claimed, to be claimed again, or on an open run: what is refused is tested elsewhere
        assert report.ok == (awarded or not one.awarded)
        if report.ok:
            one.awarded = one.awarded or awarded
            one.queried = not one.awarded

    @rule(student=students, unit=units)
    def answer_and_claim_again(self, student: int, unit: int) -> None:
        one = self.register.units[student, unit]
        if not one.queried or one.awarded:
            return
        line = session().scalars(
            select(ClaimLine).where(
                ClaimLine.enrolment_id == self.made.enrolments[student],
                ClaimLine.unit_id == self.made.units[unit], ClaimLine.ended_at.is_(None),
            )
        ).one()  # fmt: skip
        newest = select(ClaimReply.id).where(ClaimReply.line_id == line.id)
        reply = session().scalars(newest.order_by(ClaimReply.recorded_at.desc())).first()
        assert reply is not None
        answer_query(self.signers.admin, self.made.cohort_id, line.id, "Sent", True, reply)
        one.queried, one.run = False, None

    @precondition(lambda self: self.register.enrolled)
    @rule(student=students)
    def leave(self, student: int) -> None:
        if student in self.register.enrolled:
            self.bring("withdrawn", student)
            self.register.left.add(student)

    @invariant()
    def every_state_and_credit_is_as_written_down(self) -> None:
        if not hasattr(self, "register"):
            return
        session().expire_all()
        got = {(row[1], row[2]): row[7:] for row in result_rows(CONSOLE, self.ref)}
        for (student, unit), _ in self.register.units.items():
            if student not in self.register.enrolled:
                continue
            state = self.register.state((student, unit))
            recommended = CREDIT if state in ("verified", "claimed", "awarded") else 0
            awarded = CREDIT if state == "awarded" else 0
            assert got[f"{self.ref}-{student}", f"PSW{unit + 1}"] == (state, recommended, awarded)

    @invariant()
    def evidence_is_there_until_it_is_taken_back(self) -> None:
        if not hasattr(self, "register"):
            return
        pieces = {piece.id: piece.back for one in self.register.units.values() for piece in one.pieces}
        rows = session().execute(select(Evidence.id, Evidence.closed_at).where(Evidence.id.in_(pieces)))
        assert {one: closed is not None for one, closed in rows} == pieces

    @invariant()
    def nothing_is_claimed_twice_or_signed_twice(self) -> None:
        s = session()
        live = select(func.count()).where(ClaimLine.ended_at.is_(None))
        assert max(s.scalars(live.group_by(ClaimLine.enrolment_id, ClaimLine.unit_id)), default=1) == 1
        by = select(func.count()).group_by(ClaimSignature.claim_id, ClaimSignature.person_id)
        assert max(s.scalars(by.select_from(ClaimSignature)), default=1) == 1


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


def test_the_register_agrees_whatever_happens(app: Flask) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(max_examples=4, stateful_step_count=25, deadline=None, suppress_health_check=QUIET),
    )


@pytest.mark.trust
def test_the_register_agrees_for_a_long_while(app: Flask) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=200, stateful_step_count=60, deadline=None, suppress_health_check=QUIET
        ),
    )


def test_a_whole_life_reaches_the_award(app: Flask) -> None:
    """The walk that reaches every state, so that the hunt above is known to judge something."""
    life = Life()
    life.begin()
    life.enrol(0)
    life.hand_in_evidence(0, 0)
    life.take_evidence_back(0, 0)
    life.hand_in_evidence(0, 0)
    life.decide(0, 0, True)
    life.take_evidence_back(0, 0)  # decided: refused
    life.verdict(0, 0, True, True)  # by its assessor: refused
    life.verdict(0, 0, True, False)
    life.register_with_the_organisation(0)
    life.prepare()
    for who in ("tutor", "tutor as iqa", "iqa", "reviewer"):
        life.sign(who)
    assert life.register.state((0, 0)) == "claimed"
    life.reply(0, 0, False)
    life.answer_and_claim_again(0, 0)
    assert life.register.state((0, 0)) == "verified"
    life.prepare()
    for who in ("reviewer", "tutor", "iqa"):
        life.sign(who)
    life.leave(0)
    life.reply(0, 0, True)
    life.hand_in_evidence(0, 0)  # awarded, and left: refused
    life.every_state_and_credit_is_as_written_down()
    life.evidence_is_there_until_it_is_taken_back()
    assert life.register.state((0, 0)) == "awarded"
    assert [(one.decided, one.back) for one in life.register.units[0, 0].pieces] == [
        (False, True),
        (True, False),
    ]


def test_the_register_notices_a_query_that_ends_a_claim(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: were a queried unit no longer claimed, the check after the step would fail."""

    def forgets(lines: Iterable[LineFact]) -> Credit:
        return credit_of(line for line in lines if line.reply is not Reply.QUERIED)

    life = Life()
    life.begin()
    life.enrol(0)
    life.decide(0, 0, True)
    life.verdict(0, 0, True, False)
    life.register_with_the_organisation(0)
    life.prepare()
    for who in ("tutor", "iqa", "reviewer"):
        life.sign(who)
    monkeypatch.setattr("recovery_college.assessment.claim_facts.credit_of", forgets)
    life.every_state_and_credit_is_as_written_down()
    life.reply(0, 0, False)
    with pytest.raises(AssertionError):
        life.every_state_and_credit_is_as_written_down()
