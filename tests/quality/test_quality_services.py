"""Verdicts and closed samples: A8, A9, A10, kept by the service and by the database itself."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from recovery_college.access.rules import Role
from recovery_college.assessment.models import IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.steps import QualityStep
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.courses.models import Cohort, CohortTutor
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.verdict_services import (
    NoSuchUnit,
    StaleSample,
    StaleUnit,
    VerdictRefused,
    close_sample,
)
from tests.factories.courses import an_enrolment
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import CONSOLE, signed_in
from tests.factories.quality import assess, drop_guards, file_of, give_verdict, tutor_as_iqa

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort()
    assess(cohort)
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


def step_of(iqa: SignedIn, made: MarkedCohort, student: int = 0, unit: int = 0) -> QualityStep:
    return file_of(iqa, made, student, unit).cell.step


def rows() -> list[IqaVerdict]:
    return list(session().scalars(select(IqaVerdict)))


def plan_stamp(iqa: SignedIn, made: MarkedCohort, unit: int = 0) -> str:
    cohort = cohort_known_to(iqa, made.cohort_id)
    assert cohort is not None
    plan = quality_board(cohort).plan(made.units[unit])
    assert plan is not None
    return plan.stamp


def test_confirming_verifies_the_unit_and_is_audited(made: MarkedCohort, iqa: SignedIn) -> None:
    assert step_of(iqa, made) is QualityStep.WAITING
    verdict_id = give_verdict(iqa, made, comment="Good, specific feedback.")
    assert step_of(iqa, made) is QualityStep.CONFIRMED
    sampled = session().scalars(
        select(IqaVerdictCriterion.criterion_id).where(IqaVerdictCriterion.verdict_id == verdict_id)
    )
    assert list(sampled) == [made.criteria[0]]
    event = session().scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert event is not None
    assert (event.action, event.actor) == ("quality assured", str(iqa.person_id))
    assert "specific feedback" not in str(event.details)
    assert verify_chain(session()).problem is None


def test_returning_reopens_the_unit_until_it_is_decided_again(made: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, made, verdict=Verdict.RETURNED)
    assert step_of(iqa, made) is QualityStep.RETURNED
    a_decision(made, 0, 0, Outcome.MET, revision=2)
    assert step_of(iqa, made) is QualityStep.ANSWERED
    give_verdict(iqa, made)
    assert step_of(iqa, made) is QualityStep.CONFIRMED


def test_a_verified_unit_may_still_be_returned(made: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, made)
    give_verdict(iqa, made, verdict=Verdict.RETURNED)
    assert step_of(iqa, made) is QualityStep.RETURNED


@pytest.mark.parametrize("verdict", [Verdict.CONFIRMED, Verdict.RETURNED])
def test_only_an_assessed_unit_gets_a_verdict(made: MarkedCohort, iqa: SignedIn, verdict: Verdict) -> None:
    with pytest.raises(VerdictRefused, match="not assessed yet"):
        give_verdict(iqa, made, unit=1, verdict=verdict)
    for criterion in (3, 4):
        a_decision(made, 0, criterion, released=False)
    with pytest.raises(VerdictRefused, match="not assessed yet"):
        give_verdict(iqa, made, unit=1, verdict=verdict)
    assert rows() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"criteria": []}, "criteria"),
        ({"criteria": [new_id()]}, "criteria"),
        ({"action": "  "}, "action"),
        ({"act_by_on": None}, "act_by_on"),
        ({"act_by_on": clock.today() - timedelta(days=1)}, "act_by_on"),
        ({"comment": "x" * 4001}, "comment"),
        ({"verdict": Verdict.SAMPLE_CLOSED}, "verdict"),
    ],
)
def test_what_a_return_owes(
    made: MarkedCohort, iqa: SignedIn, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(VerdictRefused) as refused:
        give_verdict(iqa, made, **{"verdict": Verdict.RETURNED, **changes})
    assert refused.value.field == field
    assert rows() == []


def test_the_second_of_two_quality_assurers_is_told(made: MarkedCohort, iqa: SignedIn) -> None:
    seen = file_of(iqa, made).cell.stamp
    give_verdict(signed_in(Role.IQA, name="Noor"), made)
    with pytest.raises(StaleUnit) as stale:
        give_verdict(iqa, made, verdict=Verdict.RETURNED, seen=seen)
    assert stale.value.file.cell.verdict is not None
    assert len(rows()) == 1


def test_a_decision_meanwhile_is_told_too(made: MarkedCohort, iqa: SignedIn) -> None:
    seen = file_of(iqa, made).cell.stamp
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, revision=2, released=False)
    with pytest.raises(StaleUnit):
        give_verdict(iqa, made, seen=seen)


def test_the_same_verdict_sent_twice_is_one(made: MarkedCohort, iqa: SignedIn) -> None:
    seen = file_of(iqa, made).cell.stamp
    assert give_verdict(iqa, made, seen=seen) == give_verdict(iqa, made, seen=seen)
    assert len(rows()) == 1


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.IQA])
def test_no_other_role_records(made: MarkedCohort, role: Role) -> None:
    with pytest.raises(NoSuchUnit):
        give_verdict(signed_in(role), made, seen="3.3.0")
    with pytest.raises(NoSuchUnit):
        close_sample(signed_in(role), made.cohort_id, made.units[0], "")


def test_the_console_records_nothing(made: MarkedCohort) -> None:
    with pytest.raises(NoSuchUnit):
        give_verdict(CONSOLE, made, seen="3.3.0")  # type: ignore[arg-type]


# A10: by person, in the service.


def test_nobody_verifies_their_own_decision(made: MarkedCohort) -> None:
    own = tutor_as_iqa(made)
    assert own.account_id != made.tutor.account_id
    with pytest.raises(VerdictRefused, match="You assessed part of this unit"):
        give_verdict(own, made)
    assert rows() == []


def test_not_even_with_one_draft_among_anothers_decisions(made: MarkedCohort, iqa: SignedIn) -> None:
    made.tutor, first = iqa, made.tutor
    a_decision(made, 0, 1, Outcome.MET, revision=2, released=False)
    made.tutor = first
    with pytest.raises(VerdictRefused, match="You assessed part of this unit"):
        give_verdict(iqa, made)


def test_nobody_verifies_themselves(made: MarkedCohort) -> None:
    own = signed_in(Role.IQA, person=made.people[0])
    with pytest.raises(VerdictRefused, match="your own work"):
        give_verdict(own, made)


# A10: in the database, whatever the code does; and the twin that shows the guard is what refuses.


def insert_verdict(made: MarkedCohort, by: UUID, unit: int = 0) -> None:
    """A verdict by raw SQL, as somebody with the database's password would write it."""
    values = {"id": new_id(), "e": made.enrolments[0], "u": made.units[unit], "p": by}
    sqlite = db.engine.dialect.name == "sqlite"
    given = {name: value.hex if sqlite else value for name, value in values.items()}
    statement = text(
        "INSERT INTO iqa_verdict"
        " (id, enrolment_id, unit_id, verdict, comment, action, verified_by, recorded_at)"
        " VALUES (:id, :e, :u, 'confirmed', '', '', :p, CURRENT_TIMESTAMP)"
    )
    with transaction() as s:
        s.execute(statement, given)


def test_raw_sql_cannot_verify_ones_own_decision(made: MarkedCohort) -> None:
    with pytest.raises((IntegrityError, OperationalError), match=r"own decision \(A10\)"):
        insert_verdict(made, made.tutor.person_id)
    assert rows() == []


def test_raw_sql_cannot_verify_oneself(made: MarkedCohort) -> None:
    with pytest.raises((IntegrityError, OperationalError), match=r"themselves \(A10\)"):
        insert_verdict(made, made.people[0].id)
    assert rows() == []


def test_raw_sql_by_somebody_else_goes_in(made: MarkedCohort, iqa: SignedIn) -> None:
    insert_verdict(made, iqa.person_id)
    assert len(rows()) == 1


@pytest.mark.parametrize("who", ["assessor", "student"])
def test_without_the_guards_the_same_sql_goes_in(made: MarkedCohort, who: str) -> None:
    drop_guards()
    insert_verdict(made, made.tutor.person_id if who == "assessor" else made.people[0].id)
    assert len(rows()) == 1


def test_the_database_refuses_what_a_mistaken_service_would_do(
    made: MarkedCohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "recovery_college.quality.verdict_services.why_not_verify"
    monkeypatch.setattr(module, lambda actor, cell: None)
    with pytest.raises(VerdictRefused, match="You assessed part of this unit"):
        give_verdict(tutor_as_iqa(made), made)
    assert rows() == []


# Closing a sample.


@pytest.fixture
def four(app: object) -> MarkedCohort:
    cohort = a_marked_cohort(4)
    for student in range(4):
        assess(cohort, student)
    return cohort


def test_closing_verifies_the_rest(four: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, four, 0)
    give_verdict(iqa, four, 1)
    assert close_sample(iqa, four.cohort_id, four.units[0], plan_stamp(iqa, four)).count == 2
    assert [step_of(iqa, four, n) for n in range(4)] == [
        QualityStep.CONFIRMED,
        QualityStep.CONFIRMED,
        QualityStep.CLOSED,
        QualityStep.CLOSED,
    ]
    closed = [row for row in rows() if row.verdict is Verdict.SAMPLE_CLOSED]
    assert {row.enrolment_id for row in closed} == set(four.enrolments[2:])


def test_not_before_the_sample_is_large_enough(four: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, four, 0)
    with pytest.raises(VerdictRefused, match="asks for 2; 1 looked at so far"):
        close_sample(iqa, four.cohort_id, four.units[0], plan_stamp(iqa, four))
    assert len(rows()) == 1


def test_a_returned_unit_counts_as_looked_at_but_is_not_verified(four: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, four, 0)
    give_verdict(iqa, four, 1, verdict=Verdict.RETURNED)
    close_sample(iqa, four.cohort_id, four.units[0], plan_stamp(iqa, four))
    assert step_of(iqa, four, 1) is QualityStep.RETURNED


def test_unfinished_units_stay_as_they_are(app: object, iqa: SignedIn) -> None:
    made = a_marked_cohort(4)
    for student in range(3):
        assess(made, student)
    give_verdict(iqa, made, 0)
    give_verdict(iqa, made, 1)
    assert close_sample(iqa, made.cohort_id, made.units[0], plan_stamp(iqa, made)).count == 1
    assert step_of(iqa, made, 3) is QualityStep.IN_PROGRESS
    with pytest.raises(VerdictRefused, match="nothing to close"):
        close_sample(iqa, made.cohort_id, made.units[0], plan_stamp(iqa, made))


def test_nobody_closes_a_sample_that_holds_their_own_decision(four: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, four, 0)
    give_verdict(iqa, four, 1)
    own = tutor_as_iqa(four)
    with pytest.raises(VerdictRefused, match=r"Cai Prys and Dee Quist.*A10"):
        close_sample(own, four.cohort_id, four.units[0], plan_stamp(own, four))
    assert len(rows()) == 2


def test_closing_tells_of_a_sample_that_changed(four: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, four, 0)
    give_verdict(iqa, four, 1)
    stamp = plan_stamp(iqa, four)
    a_decision(four, 2, 0, Outcome.MET, revision=2)
    with pytest.raises(StaleSample):
        close_sample(iqa, four.cohort_id, four.units[0], stamp)


def test_the_sample_is_the_same_each_time_and_gives_reasons(four: MarkedCohort, iqa: SignedIn) -> None:
    def picks() -> dict[object, str]:
        cohort = cohort_known_to(iqa, four.cohort_id)
        assert cohort is not None
        return {key: cell.reason for key, cell in quality_board(cohort).cells.items() if cell.reason}

    first = picks()
    assert len(first) == 2
    assert first == picks()
    assert all(reason.endswith(".") for reason in first.values())


def test_what_was_sampled_elsewhere_is_no_longer_new(four: MarkedCohort, iqa: SignedIn) -> None:
    cohort = cohort_known_to(iqa, four.cohort_id)
    assert cohort is not None
    assert quality_board(cohort).plans[0].is_new
    earlier = a_second_cohort(four)
    assess(earlier)
    give_verdict(iqa, earlier)
    plan = quality_board(cohort).plans[0]
    assert not plan.is_new
    assert plan.percent == 20


def a_second_cohort(made: MarkedCohort) -> MarkedCohort:
    """Another cohort of the same qualification with the same tutor."""
    first = session().get_one(Cohort, made.cohort_id)
    with transaction() as s:
        other = Cohort(
            ref=f"{first.ref}b", title="Earlier", qualification_id=first.qualification_id,
            site_id=first.site_id, starts_on=first.starts_on, ends_on=first.ends_on, capacity=4,
        )  # fmt: skip
        s.add(other)
        s.flush()
        s.add(CohortTutor(cohort_id=other.id, person_id=made.tutor.person_id))
    enrolment = an_enrolment(other)
    person = session().get_one(Person, enrolment.person_id)
    return MarkedCohort(other.id, made.tutor, [enrolment.id], [person], made.criteria, made.units)
