"""Duties kept apart by person (A10), in the services and by the database itself, with raw SQL."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import DecisionRefused, record_decision
from recovery_college.assessment.staff_rules import Award
from recovery_college.assessment.steps import QualityStep
from recovery_college.audit.services import verify_chain
from recovery_college.courses.models import CohortTutor
from recovery_college.graduation.services import CertificateRefused, issue_certificate
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.quality.conflict_services import ConflictRefused, declare_conflict, end_conflict
from recovery_college.quality.countersign_queries import countersignatures_waiting, unsigned_decisions
from recovery_college.quality.countersign_services import CountersignRefused, countersign
from recovery_college.quality.staff_services import (
    StaffRefused,
    award_qualification,
    record_qualification,
    save_competence,
)
from recovery_college.quality.verdict_services import VerdictRefused
from tests.factories.graduation import a_finished_cohort
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, file_of, give_verdict, tutor_as_iqa
from tests.factories.staff import a_conflict, a_qualification, in_training

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: object) -> MarkedCohort:
    """A cohort whose tutor works towards the assessor's award, with one unit met in full."""
    cohort = a_marked_cohort()
    in_training(cohort.tutor.person_id)
    assess(cohort)
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


@pytest.fixture
def colleague(made: MarkedCohort) -> SignedIn:
    """A qualified assessor assigned to the same cohort."""
    tutor = signed_in(Role.TUTOR, name="Kit")
    a_qualification(tutor.person_id)
    with transaction() as s:
        s.add(CohortTutor(cohort_id=made.cohort_id, person_id=tutor.person_id))
    return tutor


def stored(value: UUID) -> str:
    """An id as the database stores it."""
    return value.hex if db.engine.dialect.name == "sqlite" else str(value)


def raw(statement: str, **values: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def waiting_ids(actor: SignedIn, made: MarkedCohort) -> list[int]:
    return [row.decision_id for row in unsigned_decisions(actor, made.cohort_id)]


def step(iqa: SignedIn, made: MarkedCohort) -> QualityStep:
    return file_of(iqa, made).cell.step


def test_a_unit_waits_until_a_qualified_colleague_has_signed(
    made: MarkedCohort, iqa: SignedIn, colleague: SignedIn
) -> None:
    assert step(iqa, made) is QualityStep.COUNTERSIGN
    with pytest.raises(VerdictRefused, match="countersignature"):
        give_verdict(iqa, made)
    ids = waiting_ids(colleague, made)
    assert len(ids) == 3
    assert [one.count for one in countersignatures_waiting(colleague)] == [3]
    assert countersign(colleague, made.cohort_id, ids[:2]) == 2
    assert step(iqa, made) is QualityStep.COUNTERSIGN
    assert countersign(colleague, made.cohort_id, ids) == 1
    assert countersign(colleague, made.cohort_id, ids) == 0
    assert step(iqa, made) is QualityStep.WAITING
    assert countersignatures_waiting(colleague) == []
    give_verdict(iqa, made)
    assert step(iqa, made) is QualityStep.CONFIRMED
    assert verify_chain(session()).problem is None


def test_nobody_countersigns_their_own_also_through_a_second_account(made: MarkedCohort) -> None:
    a_qualification(made.tutor.person_id)
    for actor in (made.tutor, tutor_as_iqa(made)):
        with pytest.raises(CountersignRefused, match="your own decision"):
            countersign(actor, made.cohort_id, waiting_ids(actor, made))
        assert countersignatures_waiting(actor) == []


def test_an_assessor_without_an_award_does_not_countersign(made: MarkedCohort, iqa: SignedIn) -> None:
    with pytest.raises(CountersignRefused, match="Only a qualified assessor"):
        countersign(iqa, made.cohort_id, waiting_ids(iqa, made))


def test_who_countersigned_does_not_verify(made: MarkedCohort) -> None:
    both = signed_in(Role.IQA, name="Bo")
    a_qualification(both.person_id)
    countersign(both, made.cohort_id, waiting_ids(both, made))
    with pytest.raises(VerdictRefused, match="You assessed part"):
        give_verdict(both, made)
    with pytest.raises(DBAPIError, match="countersigned"):
        raw(
            "INSERT INTO iqa_verdict (id, enrolment_id, unit_id, verdict, comment, action, verified_by, recorded_at) "
            "VALUES (:id, :place, :unit, 'confirmed', '', '', :by, :at)",
            id=stored(new_id()), place=stored(made.enrolments[0]), unit=stored(made.units[0]),
            by=stored(both.person_id), at=clock.now(),
        )  # fmt: skip


def sign(decision_id: int, person_id: UUID) -> None:
    raw(
        "UPDATE countersignature SET signed_by = :by, signed_at = :at WHERE decision_id = :id",
        by=stored(person_id), at=clock.now(), id=decision_id,
    )  # fmt: skip


def test_the_database_refuses_ones_own_signature(made: MarkedCohort, colleague: SignedIn) -> None:
    first, *_ = waiting_ids(colleague, made)
    a_qualification(made.tutor.person_id)
    a_qualification(made.people[0].id)
    for person_id in (made.tutor.person_id, made.people[0].id):
        with pytest.raises(DBAPIError, match="countersigns their own"):
            sign(first, person_id)
    with pytest.raises(DBAPIError, match="Only a qualified assessor"):
        sign(first, signed_in(Role.TUTOR).person_id)
    conflict = signed_in(Role.TUTOR)
    a_qualification(conflict.person_id)
    a_conflict(made.people[0].id, conflict.person_id)
    with pytest.raises(DBAPIError, match="conflict of interest"):
        sign(first, conflict.person_id)
    sign(first, colleague.person_id)  # the twin: what the guard lets through
    another = signed_in(Role.TUTOR)
    a_qualification(another.person_id)
    with pytest.raises(DBAPIError, match="never changed"):
        sign(first, another.person_id)


def test_a_signature_cannot_come_with_the_row(made: MarkedCohort) -> None:
    """Nor can the need for one be taken away."""
    other = a_marked_cohort()
    decision_id = a_decision(other)
    a_qualification(other.tutor.person_id)
    with pytest.raises(DBAPIError, match="countersigns their own"):
        raw(
            "INSERT INTO countersignature (decision_id, signed_by, signed_at) VALUES (:id, :by, :at)",
            id=decision_id, by=stored(other.tutor.person_id), at=clock.now(),
        )  # fmt: skip
    with pytest.raises(DBAPIError, match="never changed"):
        raw("DELETE FROM countersignature")


def test_only_decisions_made_in_training_need_one(iqa: SignedIn) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0)
    assert waiting_ids(iqa, made) == []
    qualification = in_training(made.tutor.person_id)
    a_decision(made, 0, 1)
    assert len(waiting_ids(iqa, made)) == 1
    award_qualification(iqa, made.tutor.person_id, qualification, clock.today())
    a_decision(made, 0, 2)
    a_decision(made, 1, 0, on=clock.today() - timedelta(days=1))
    assert [row.number for row in unsigned_decisions(iqa, made.cohort_id)] == ["1.2", "1.1"]


def test_a_conflict_stops_assessing_in_the_service_and_in_the_database(iqa: SignedIn) -> None:
    made = a_marked_cohort()
    declare_conflict(made.tutor, made.cohort_id, made.tutor.person_id, made.people[0].id, "Cousins")
    with pytest.raises(DecisionRefused, match="conflict of interest"):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], Outcome.MET, "", 0)
    with pytest.raises(DBAPIError, match="conflict of interest"):
        a_decision(made, 0)
    session().rollback()
    a_decision(made, 1)
    conflict = session().execute(text("SELECT id FROM conflict_of_interest")).scalar_one()
    end_conflict(iqa, made.cohort_id, UUID(str(conflict)))
    a_decision(made, 0)


def test_a_conflict_stops_verifying_either_way_round(iqa: SignedIn) -> None:
    made = a_marked_cohort()
    assess(made, 0)
    assess(made, 1)
    a_conflict(made.people[0].id, iqa.person_id)
    with pytest.raises(VerdictRefused, match="conflict of interest"):
        give_verdict(iqa, made, 0)
    give_verdict(iqa, made, 1)
    a_conflict(iqa.person_id, made.tutor.person_id)
    with pytest.raises(VerdictRefused, match="conflict of interest"):
        give_verdict(iqa, made, 1, verdict=Verdict.RETURNED)
    for student in (0, 1):
        with pytest.raises(DBAPIError, match="conflict of interest"):
            raw(
                "INSERT INTO iqa_verdict (id, enrolment_id, unit_id, verdict, comment, action, verified_by, "
                "recorded_at) VALUES (:id, :place, :unit, 'returned', '', '', :by, :at)",
                id=stored(new_id()), place=stored(made.enrolments[student]), unit=stored(made.units[0]),
                by=stored(iqa.person_id), at=clock.now(),
            )  # fmt: skip


def test_a_conflict_stops_certifying_also_in_the_database() -> None:
    finished = a_finished_cohort(ready=1)
    admin = signed_in(Role.ADMIN, name="Ada")
    a_conflict(admin.person_id, finished.ready[0].person_id)
    with pytest.raises(CertificateRefused, match="conflict of interest"):
        issue_certificate(admin, finished.ready[0].id)
    session().rollback()
    other = signed_in(Role.ADMIN, name="Abe")
    certificate = issue_certificate(other, finished.ready[0].id)
    assert certificate is not None
    with pytest.raises(DBAPIError, match="certifies themselves or a declared conflict"):
        _copy_certificate(certificate.serial, str(admin.person_id))
    with pytest.raises(DBAPIError, match="certifies themselves"):
        _copy_certificate(certificate.serial, str(finished.ready[0].person_id))


def _copy_certificate(serial: str, issued_by: str) -> None:
    with db.engine.begin() as connection:
        row = dict(
            connection.execute(text("SELECT * FROM certificate WHERE serial = :s"), {"s": serial})
            .mappings()
            .one()
        )
        row |= {
            "id": stored(new_id()),
            "number": 999,
            "serial": "RC-000999",
            "code": "AAAA-BBBB",
            "issued_by": issued_by,
        }
        row["state"] = "revoked"
        if not isinstance(row["facts"], str):
            row["facts"] = json.dumps(row["facts"])
        names = ", ".join(row)
        connection.execute(
            text(f"INSERT INTO certificate ({names}) VALUES ({', '.join(':' + name for name in row)})"), row
        )


def test_a_conflict_is_declared_once_by_oneself_and_ended_by_another(iqa: SignedIn) -> None:
    made = a_marked_cohort()
    first = declare_conflict(made.tutor, made.cohort_id, iqa.person_id, made.people[0].id, "Neighbours")
    again = declare_conflict(
        made.tutor, made.cohort_id, made.tutor.person_id, made.people[0].id, "Neighbours"
    )
    assert first == again
    with pytest.raises(ConflictRefused, match="Choose from the list"):
        declare_conflict(made.tutor, made.cohort_id, made.tutor.person_id, signed_in(Role.HR).person_id, "No")
    own = declare_conflict(iqa, made.cohort_id, iqa.person_id, made.people[1].id, "Shared a home")
    with pytest.raises(ConflictRefused, match="Somebody else"):
        end_conflict(iqa, made.cohort_id, own)
    with pytest.raises(DBAPIError, match="never changed"):
        raw("UPDATE conflict_of_interest SET reason = 'nothing'")
    with pytest.raises(DBAPIError, match="never changed"):
        raw("DELETE FROM conflict_of_interest")


def test_nobody_keeps_their_own_record(iqa: SignedIn) -> None:
    made = a_marked_cohort()
    with pytest.raises(StaffRefused, match="Nobody records their own"):
        record_qualification(iqa, iqa.person_id, Award.ASSESSOR, "Certificate", clock.today())
    with pytest.raises(StaffRefused, match="future"):
        record_qualification(
            iqa, made.tutor.person_id, Award.ASSESSOR, "Certificate", clock.today() + timedelta(days=1)
        )
    one = record_qualification(iqa, made.tutor.person_id, Award.ASSESSOR, "Certificate", None)
    assert record_qualification(iqa, made.tutor.person_id, Award.ASSESSOR, "Certificate", None) == one
    award_qualification(iqa, made.tutor.person_id, one, clock.today())
    with pytest.raises(StaffRefused, match="settled"):
        award_qualification(iqa, made.tutor.person_id, one, clock.today() - timedelta(days=1))


def test_who_may_not_verify_yet_does_not() -> None:
    made = a_marked_cohort()
    assess(made)
    new, lead = signed_in(Role.IQA, name="Nia"), signed_in(Role.IQA, name="Lee")
    save_competence(lead, new.person_id, "Ten years on the wards", False, 0)
    with pytest.raises(VerdictRefused, match="do not verify yet"):
        give_verdict(new, made)
    save_competence(lead, new.person_id, "Ten years on the wards", True, 1)
    give_verdict(new, made)


def test_self_verifying_through_a_second_account_is_refused(made: MarkedCohort) -> None:
    same = tutor_as_iqa(made)
    assert session().get_one(Person, same.person_id).id == made.tutor.person_id
    with pytest.raises(VerdictRefused, match="You assessed part"):
        give_verdict(same, made)
