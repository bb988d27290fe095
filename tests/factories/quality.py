"""Assessed units, quality assurers and verdicts for tests, on top of a marked cohort."""

from uuid import UUID

from sqlalchemy import text

from recovery_college.access.rules import Role
from recovery_college.assessment.models import EqaEngagement, EqaEngagementCohort
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, transaction
from recovery_college.people.signin import SignedIn
from recovery_college.quality.board_queries import UnitFile, unit_file
from recovery_college.quality.verdict_services import record_verdict
from tests.factories.marking import MarkedCohort, a_decision
from tests.factories.people import signed_in


def assess(made: MarkedCohort, student: int = 0, unit: int = 0, *, feedback: str = "Clear and kind.") -> None:
    """Every criterion of the unit met by a released decision of the cohort's tutor."""
    for criterion in criteria_of(made, unit):
        a_decision(made, student, criterion, Outcome.MET, feedback=feedback)


def criteria_of(made: MarkedCohort, unit: int = 0) -> list[int]:
    """The places of a unit's criteria: the first unit has three, the second two."""
    return [0, 1, 2] if unit == 0 else [3, 4]


def file_of(actor: SignedIn, made: MarkedCohort, student: int = 0, unit: int = 0) -> UnitFile:
    """The unit as it is stored."""
    file = unit_file(actor, made.cohort_id, made.enrolments[student], made.units[unit])
    assert file is not None
    return file


def give_verdict(
    actor: SignedIn,
    made: MarkedCohort,
    student: int = 0,
    unit: int = 0,
    verdict: Verdict = Verdict.CONFIRMED,
    *,
    seen: str | None = None,
    action: str = "Ask for an example of a boundary.",
    **changes: object,
) -> UUID:
    """Record a verdict through the service, having seen the unit as it is."""
    criteria = [] if "criteria" in changes else [made.criteria[criteria_of(made, unit)[0]]]
    wanted = {
        "criteria": criteria,
        "comment": "",
        "action": action if verdict is Verdict.RETURNED else "",
        "act_by_on": clock.today() if verdict is Verdict.RETURNED else None,
        "seen": file_of(actor, made, student, unit).cell.stamp if seen is None else seen,
        **changes,
    }
    return record_verdict(
        actor, made.enrolments[student], made.units[unit], verdict, cohort_id=made.cohort_id, **wanted
    ).verdict_id


def an_engaged_eqa(made: MarkedCohort) -> SignedIn:
    """An external quality assurer with an open engagement for the cohort."""
    eqa = signed_in(Role.EQA, name="Eve")
    with transaction() as s:
        engagement = EqaEngagement(
            person_id=eqa.person_id, opens_on=clock.today(), ends_on=clock.today(), created_by="tests"
        )
        s.add(engagement)
        s.flush()
        s.add(EqaEngagementCohort(engagement_id=engagement.id, cohort_id=made.cohort_id))
    return eqa


def tutor_as_iqa(made: MarkedCohort) -> SignedIn:
    """The cohort's own tutor, wearing the quality assurer's role through a second account."""
    with transaction() as s:
        person = s.get_one(type(made.people[0]), made.tutor.person_id)
    return signed_in(Role.IQA, person=person)


TRIGGERS = {"sqlite": ("iqa_verdict_own", "iqa_verdict_self"), "postgresql": ("iqa_verdict_own",)}


def drop_guards() -> None:
    """Take the database's guards of A10 away, to show that they are what refuses."""
    with transaction() as s:
        name = db.engine.dialect.name
        for trigger in TRIGGERS[name]:
            s.execute(text(f"DROP TRIGGER {trigger}" + (" ON iqa_verdict" if name == "postgresql" else "")))
