"""Registering, preparing, signing, answering: what is refused, what happens once, and what is on the record."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_models import AoRegistration, Claim, ClaimSignature
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.assessment.rules import Verdict
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.claims.board_queries import Board, board_of
from recovery_college.claims.claim_services import (
    ClaimRefused,
    NoSuchClaim,
    StaleClaim,
    prepare_claim,
    set_aside,
    sign_claim,
    write_note,
)
from recovery_college.claims.left_queries import left_for, left_on
from recovery_college.claims.left_rules import LeftKind
from recovery_college.claims.query_services import answer_query
from recovery_college.claims.registration_queries import registrations_of
from recovery_college.claims.registration_services import register_students, registration_stamp
from recovery_college.claims.rules import HELD
from recovery_college.claims.sheet_queries import sheet_of
from recovery_college.claims.waiting_queries import claims_to_sign, cohort_claims
from recovery_college.courses.models import Cohort, Enrolment, Unit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.concern_queries import concern_known_to
from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind
from recovery_college.fairness.concern_services import add_entry, name_person, raise_concern
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.claims import Signers, a_claim, a_reply, a_verified_cohort, line_of, signers_of
from tests.factories.marking import MarkedCohort, a_verdict
from tests.factories.people import signed_in
from tests.factories.quality import an_engaged_eqa

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_verified_cohort(2)


@pytest.fixture
def signers(made: MarkedCohort) -> Signers:
    return signers_of(made)


def board(made: MarkedCohort) -> Board:
    return board_of(session().get_one(Cohort, made.cohort_id))


def pairs(made: MarkedCohort, *ticks: tuple[int, int]) -> set[tuple[UUID, UUID]]:
    return {(made.enrolments[student], made.units[unit]) for student, unit in ticks}


def prepare(
    made: MarkedCohort, signers: Signers, *ticks: tuple[int, int], who: SignedIn | None = None
) -> UUID:
    assert signers.reviewer.person_id is not None
    return prepare_claim(
        who or signers.admin,
        made.cohort_id,
        pairs(made, *ticks),
        signers.reviewer.person_id,
        board(made).stamp,
    )


def sign(who: SignedIn, made: MarkedCohort, claim_id: UUID) -> Capacity:
    run = board(made).run(claim_id)
    assert run is not None
    return sign_claim(who, made.cohort_id, claim_id, run.digest).capacity


def lock(made: MarkedCohort, signers: Signers, claim_id: UUID) -> None:
    for who in (signers.tutor, signers.iqa, signers.reviewer):
        sign(who, made, claim_id)


def events(action: str) -> list[AuditEvent]:
    return list(session().scalars(select(AuditEvent).where(AuditEvent.action == action)))


# Registration.


def test_students_are_registered_as_their_record_says_and_once(app: object) -> None:
    made = a_verified_cohort(2, registered=False)
    admin = signed_in(Role.ADMIN)
    found = registrations_of(made.enrolments)
    seen = {one: registration_stamp(found[one]) for one in made.enrolments}
    assert register_students(admin, made.cohort_id, made.enrolments, clock.today(), seen) == 2
    assert register_students(admin, made.cohort_id, made.enrolments, clock.today(), seen) == 0
    rows = list(session().scalars(select(AoRegistration).order_by(AoRegistration.certificate_name)))
    assert [(row.certificate_name, row.uln) for row in rows] == [
        ("Amina O'Neill", "9276308686"),
        ("Ben Piątek", "9999999999"),  # not yet known (A4)
    ]
    assert len(events("registered student")) == 2
    assert "Amina" not in str([event.details for event in events("registered student")])


def test_what_registering_refuses(app: object) -> None:
    made = a_verified_cohort(2, registered=False)
    admin = signed_in(Role.ADMIN)
    one = made.enrolments[1]
    seen = {one: registration_stamp(registrations_of([one])[one])}
    with pytest.raises(ClaimRefused, match="future"):
        register_students(admin, made.cohort_id, [one], clock.today() + timedelta(days=1), seen)
    with pytest.raises(ClaimRefused, match="Tick the students"):
        register_students(admin, made.cohort_id, [], clock.today(), {})
    with pytest.raises(NoSuchClaim):
        register_students(made.tutor, made.cohort_id, [one], clock.today(), seen)
    with transaction() as s:
        s.get_one(Person, made.people[1].id).date_of_birth = None
    with pytest.raises(StaleClaim):
        register_students(admin, made.cohort_id, [one], clock.today(), seen)
    seen = {one: registration_stamp(registrations_of([one])[one])}
    with pytest.raises(ClaimRefused, match="date of birth is missing"):
        register_students(admin, made.cohort_id, [one], clock.today(), seen)


# Preparing.


def test_a_claim_freezes_what_it_claims(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0), (0, 1), (1, 0))
    assert prepare(made, signers, (0, 0), (0, 1), (1, 0)) == claim_id  # the button pressed twice
    with transaction() as s:  # the specification and the person change afterwards
        s.get_one(Unit, made.units[0]).title = "Another title"
        s.get_one(Person, made.people[0].id).certificate_name = "Somebody Else"
    run = board(made).run(claim_id)
    assert run is not None
    sheet = sheet_of(run)
    assert [unit.title for unit in sheet.units] == ["Working from experience 1", "Working from experience 2"]
    assert [one.certificate_name for one in sheet.students] == ["Amina O'Neill", "Ben Piątek"]
    assert (run.label, run.students, run.units, len(run.lines)) == ("RAC-0001", 2, 2, 3)
    assert len(events("prepared claim")) == 1
    assert verify_chain(session()).problem is None


def test_what_preparing_refuses(app: object) -> None:
    made = a_verified_cohort(3, verified=2)
    signers = signers_of(made)
    assert signers.reviewer.person_id is not None
    with pytest.raises(ClaimRefused, match="at least one"):
        prepare(made, signers)
    with pytest.raises(ClaimRefused, match="only verified units"):  # an unverified unit
        prepare(made, signers, (2, 0))
    with pytest.raises(StaleClaim):
        prepare_claim(signers.admin, made.cohort_id, pairs(made, (0, 0)), signers.reviewer.person_id, "old")
    with pytest.raises(NoSuchClaim):
        prepare(made, signers, (0, 0), who=made.tutor)
    nobody = signed_in(Role.ADMIN)
    assert nobody.person_id is not None
    with pytest.raises(ClaimRefused, match="from the list"):
        prepare_claim(signers.admin, made.cohort_id, pairs(made, (0, 0)), nobody.person_id, board(made).stamp)
    for person, why in (
        (made.people[0], "student on this claim"),
        (made.tutor.person_id, "assessed or countersigned work"),
    ):
        someone = person if isinstance(person, Person) else session().get_one(Person, person)
        both = signed_in(Role.IQA, person=someone)
        assert both.person_id is not None
        with pytest.raises(ClaimRefused, match=why):
            prepare_claim(
                signers.admin, made.cohort_id, pairs(made, (0, 0)), both.person_id, board(made).stamp
            )
    assert session().scalar(select(Claim.id)) is None


def test_a_student_without_registration_or_with_another_name_is_not_claimed_for(made: MarkedCohort) -> None:
    signers = signers_of(made)
    with transaction() as s:
        s.get_one(Person, made.people[0].id).certificate_name = "Amina Oneill"
    fresh = board(made)
    assert [one.place.name for one, _ in fresh.blocked] == ["Amina O'Neill"]
    assert "Registered as “Amina O'Neill”" in fresh.blocked[0][0].problems[0].text
    with pytest.raises(ClaimRefused, match="registered students"):
        prepare(made, signers, (0, 0))
    prepare(made, signers, (1, 0))


def test_who_leaves_is_claimed_for(made: MarkedCohort, signers: Signers) -> None:
    with transaction() as s:
        enrolment = s.get_one(Enrolment, made.enrolments[0])
        enrolment.status, enrolment.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()
    prepare(made, signers, (0, 0), (0, 1))


def test_no_unit_stands_on_two_claims(made: MarkedCohort, signers: Signers) -> None:
    first = prepare(made, signers, (0, 0))
    with pytest.raises(ClaimRefused, match="Choose from the list"):
        prepare(made, signers, (0, 0), (1, 0))
    set_aside(signers.admin, made.cohort_id, first, "A student was left out")
    set_aside(signers.admin, made.cohort_id, first, "A student was left out")
    second = prepare(made, signers, (0, 0), (1, 0))
    assert len(events("set claim aside")) == 1
    run = board(made).run(second)
    assert run is not None
    assert run.label == "RAC-0002"


# Signing.


def test_three_people_sign_and_the_last_locks(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0))
    assert sign(signers.reviewer, made, claim_id) is Capacity.REVIEWER
    assert sign(signers.tutor, made, claim_id) is Capacity.TUTOR
    assert sign(signers.tutor, made, claim_id) is Capacity.TUTOR  # twice is once
    assert sign(signers.iqa, made, claim_id) is Capacity.IQA
    run = board(made).run(claim_id)
    assert run is not None
    assert run.locked_at is not None
    assert len(events("signed claim")) == 3
    assert len(events("locked claim")) == 1
    with pytest.raises(ClaimRefused, match="is locked"):
        sign(signed_in(Role.IQA), made, claim_id)
    with pytest.raises(ClaimRefused, match="cannot be set aside"):
        set_aside(signers.admin, made.cohort_id, claim_id, "Too late")


def test_one_person_signs_once_whatever_their_accounts_and_roles(
    made: MarkedCohort, signers: Signers
) -> None:
    claim_id = prepare(made, signers, (0, 0))
    sign(signers.tutor, made, claim_id)
    person = session().get_one(Person, signers.tutor.person_id)
    with pytest.raises(ClaimRefused, match="three different people"):
        sign(signed_in(Role.IQA, person=person), made, claim_id)
    other = session().get_one(Person, signers.iqa.person_id)
    sign(signers.iqa, made, claim_id)
    again = signed_in(Role.IQA, person=other)  # a second account of the same person
    assert sign_claim(again, made.cohort_id, claim_id, digest_of(made, claim_id)).unchanged
    assert len(list(session().scalars(select(ClaimSignature)))) == 2


def digest_of(made: MarkedCohort, claim_id: UUID) -> str:
    run = board(made).run(claim_id)
    assert run is not None
    return run.digest


def test_who_may_not_sign(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0))
    decider = session().get_one(Person, made.tutor.person_id)
    with pytest.raises(ClaimRefused, match="assessed or countersigned work"):
        sign(signed_in(Role.IQA, person=decider), made, claim_id)
    with pytest.raises(ClaimRefused, match="student on this claim"):
        sign(signed_in(Role.IQA, person=made.people[0]), made, claim_id)
    sign(signers.iqa, made, claim_id)
    with pytest.raises(ClaimRefused, match="signed already"):
        sign(signed_in(Role.IQA), made, claim_id)
    for outsider in (signers.admin, signed_in(Role.TUTOR), signed_in(Role.AUDITOR)):
        with pytest.raises(NoSuchClaim):
            sign(outsider, made, claim_id)
    with pytest.raises(StaleClaim):
        sign_claim(signers.tutor, made.cohort_id, claim_id, "0" * 64)


def test_what_changed_meanwhile_is_not_signed(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0), (1, 0))
    a_verdict(made, 1, 0, Verdict.RETURNED)
    with pytest.raises(ClaimRefused, match="no longer verified, it is in progress"):
        sign(signers.tutor, made, claim_id)
    a_verdict(made, 1, 0, Verdict.CONFIRMED)
    with transaction() as s:
        s.get_one(Person, made.people[0].id).certificate_name = "Amina Oneill"
    with pytest.raises(ClaimRefused, match="record has changed"):
        sign(signers.tutor, made, claim_id)


# Queries and notes.


def test_a_queried_line_is_answered_and_claimed_again(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0))
    lock(made, signers, claim_id)
    line = line_of(claim_id, made)
    reply = a_reply(line, Reply.QUERIED)
    with pytest.raises(ClaimRefused, match="Write the answer"):
        answer_query(signers.admin, made.cohort_id, line, " ", True, reply)
    with pytest.raises(NoSuchClaim):
        answer_query(signers.tutor, made.cohort_id, line, "Sent.", True, reply)
    answer_query(signers.admin, made.cohort_id, line, "Sent.", True, reply)
    answer_query(signers.admin, made.cohort_id, line, "Sent.", True, reply)
    with pytest.raises(ClaimRefused, match="answered already"):
        answer_query(signers.admin, made.cohort_id, line, "Something else.", False, reply)
    assert len(events("answered query")) == 1
    second = prepare(made, signers, (0, 0))
    lock(made, signers, second)
    a_reply(line_of(second, made), Reply.AWARDED)
    assert board(made).ticks == pairs(made, (0, 1), (1, 0), (1, 1))


def test_an_answer_may_leave_the_line_where_it_is(made: MarkedCohort, signers: Signers) -> None:
    claim_id = a_claim(made, signers, [(0, 0)], stage="locked")
    line = line_of(claim_id, made)
    answer_query(signers.admin, made.cohort_id, line, "Sent.", False, a_reply(line, Reply.QUERIED))
    assert pairs(made, (0, 0)).isdisjoint(board(made).ticks)
    a_reply(line, Reply.AWARDED)


def test_the_external_assurer_notes_and_changes_nothing(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0))
    eqa = an_engaged_eqa(made)
    write_note(eqa, made.cohort_id, claim_id, "Well prepared.")
    write_note(eqa, made.cohort_id, claim_id, "Well prepared.")
    run = board(made).run(claim_id)
    assert run is not None
    assert [note.note for note, _ in sheet_of(run).notes] == ["Well prepared."]
    for who in (signed_in(Role.EQA), signers.iqa):
        with pytest.raises(NoSuchClaim):
            write_note(who, made.cohort_id, claim_id, "Not mine.")


# Held back (A15).


def a_concern_about(made: MarkedCohort, student: int) -> tuple[SignedIn, UUID]:
    admin = signed_in(Role.ADMIN)
    enrolment_id = made.enrolments[student]
    return admin, raise_concern(admin, uuid4(), made.cohort_id, enrolment_id, "Two essays are alike.")


def test_an_open_concern_holds_a_claim_until_it_has_an_outcome(made: MarkedCohort, signers: Signers) -> None:
    admin, concern_id = a_concern_about(made, 0)
    assert {enrolment for enrolment, _ in board(made).ticks} == {made.enrolments[1]}
    with pytest.raises(ClaimRefused, match="cannot be claimed just now"):
        prepare(made, signers, (0, 0), (1, 0))
    looker = signed_in(Role.IQA)
    assert looker.person_id is not None
    name_person(admin, concern_id, looker.person_id)
    for kind, outcome in ((EntryKind.TOLD, None), (EntryKind.OUTCOME, ConcernOutcome.NOTHING_IN_IT)):
        file = concern_known_to(looker, concern_id)
        assert file is not None
        add_entry(looker, concern_id, kind, "Words", clock.today(), file.stamp, outcome)
    assert prepare(made, signers, (0, 0), (1, 0))


def test_a_concern_raised_meanwhile_holds_the_signatures(made: MarkedCohort, signers: Signers) -> None:
    claim_id = prepare(made, signers, (0, 0), (1, 0))
    assert [one.claim_id for one in claims_to_sign(signers.tutor)] == [claim_id]
    a_concern_about(made, 0)
    # What is left, the home page and the list say that it waits, and no word of why.
    assert claims_to_sign(signers.tutor) == []
    left = [[line.kind for line in one.left.lines] for one in left_on(board(made), signers.tutor)]
    assert left == [[LeftKind.HELD], [LeftKind.SIGNATURE, LeftKind.PREPARE]]
    place, syllabus = board(made).students[0].place, board(made).syllabus
    told = left_for(signers.admin, [(place, syllabus, board(made).students[0].results)])
    assert [line.text for line in told[place.enrolment_id].lines] == [HELD]
    assert [(one.unclaimed, one.held) for one in cohort_claims(signers.admin)] == [(1, 1)]
    with pytest.raises(ClaimRefused, match="cannot be claimed just now") as refusal:
        sign(signers.tutor, made, claim_id)
    assert "concern" not in str(refusal.value)
