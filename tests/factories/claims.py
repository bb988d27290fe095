"""Verified units, registrations and claims for tests, as rows straight in the database."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_models import (
    AoRegistration,
    Claim,
    ClaimAnswer,
    ClaimLine,
    ClaimReply,
    ClaimSignature,
    ClaimStudent,
    ClaimUnit,
)
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.assessment.rules import Verdict
from recovery_college.courses.models import Cohort, Unit
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.marking import MarkedCohort, a_marked_cohort, a_verdict
from tests.factories.people import signed_in
from tests.factories.quality import assess

DIGEST = "d" * 64
BORN = date(1980, 5, 4)
ULN = "9276308686"


@dataclass
class Signers:
    """Who signs a claim, and the administrator who prepares it."""

    tutor: SignedIn
    iqa: SignedIn
    reviewer: SignedIn
    admin: SignedIn


def a_verified_cohort(
    students: int = 3, *, verified: int | None = None, weeks_since_end: int = -6, registered: bool = True
) -> MarkedCohort:
    """A cohort of whose students the first `verified` (else all) have both units verified; all are registered."""
    made = a_marked_cohort(students)
    with transaction() as s:
        cohort = s.get_one(Cohort, made.cohort_id)
        cohort.ends_on = clock.today() - timedelta(weeks=weeks_since_end)
        cohort.starts_on = min(cohort.starts_on, cohort.ends_on - timedelta(weeks=12))
        for number, person in enumerate(made.people):
            row = s.get_one(Person, person.id)
            row.student_ref = row.student_ref or f"S{cohort.ref}-{number}"
            row.certificate_name = f"{row.given_name} {row.family_name}"
            row.date_of_birth = BORN
            row.uln = ULN if number == 0 else ""
    for student in range(students if verified is None else verified):
        for unit in range(len(made.units)):
            assess(made, student, unit)
            a_verdict(made, student, unit, Verdict.CONFIRMED)
    if registered:
        for student in range(students):
            a_registration(made, student)
    return made


def signers_of(made: MarkedCohort) -> Signers:
    """Four different people, none of whom is a student of the cohort."""
    return Signers(
        made.tutor,
        signed_in(Role.IQA, name="Ira"),
        signed_in(Role.IQA, name="Rae"),
        signed_in(Role.ADMIN, name="Ada"),
    )


def a_registration(made: MarkedCohort, student: int = 0, **columns: object) -> UUID:
    """A student's registration with the awarding organisation, as their record says."""
    with transaction() as s:
        person = s.get_one(Person, made.people[student].id)
        values = {
            "certificate_name": person.certificate_name,
            "date_of_birth": person.date_of_birth,
            "uln": person.uln or "9999999999",
            **columns,
        }
        row = AoRegistration(
            enrolment_id=made.enrolments[student], registered_on=clock.today(),
            recorded_by=made.tutor.person_id, recorded_at=clock.now(), **values,
        )  # fmt: skip
        s.add(row)
    return row.id


def a_claim(
    made: MarkedCohort, signers: Signers, ticks: list[tuple[int, int]], *, stage: str = "prepared"
) -> UUID:
    """A claim for (student, unit) pairs; `stage`: prepared, signed (by all three) or locked."""
    with transaction() as s:
        run = (s.scalar(select(func.max(Claim.run))) or 0) + 1
        claim = Claim(
            run=run, cohort_id=made.cohort_id, reviewer_id=signers.reviewer.person_id,
            prepared_by=signers.admin.person_id, prepared_at=clock.now(), digest=DIGEST,
        )  # fmt: skip
        s.add(claim)
        s.flush()
        for place in sorted({unit for _, unit in ticks}):
            unit = s.get_one(Unit, made.units[place])
            s.add(
                ClaimUnit(
                    claim_id=claim.id, unit_id=unit.id, code=unit.code, title=unit.title, level=unit.level,
                    credit=unit.credit, position=place,
                )
            )  # fmt: skip
        for place in sorted({student for student, _ in ticks}):
            registration = s.scalars(
                select(AoRegistration)
                .where(AoRegistration.enrolment_id == made.enrolments[place])
                .order_by(AoRegistration.recorded_at.desc())
            ).first()
            assert registration is not None
            person = s.get_one(Person, made.people[place].id)
            s.add(
                ClaimStudent(
                    claim_id=claim.id, enrolment_id=made.enrolments[place], registration_id=registration.id,
                    student_ref=person.student_ref or "", certificate_name=registration.certificate_name,
                    uln=registration.uln, position=place,
                )
            )  # fmt: skip
        s.flush()
        for student, unit_place in ticks:
            s.add(
                ClaimLine(
                    claim_id=claim.id, enrolment_id=made.enrolments[student], unit_id=made.units[unit_place]
                )
            )
        s.flush()
        if stage != "prepared":
            add_signatures(claim.id, signers)
        if stage == "locked":
            claim.locked_at = clock.now()
    return claim.id


def add_signatures(claim_id: UUID, signers: Signers) -> None:
    """All three signatures."""
    with transaction() as s:
        for capacity, who in (
            (Capacity.TUTOR, signers.tutor),
            (Capacity.IQA, signers.iqa),
            (Capacity.REVIEWER, signers.reviewer),
        ):
            s.add(
                ClaimSignature(
                    claim_id=claim_id, person_id=who.person_id, capacity=capacity, digest=DIGEST,
                    signed_at=clock.now(),
                )
            )  # fmt: skip
            s.flush()


def line_of(claim_id: UUID, made: MarkedCohort, student: int = 0, unit: int = 0) -> UUID:
    """The id of one tick."""
    return session().scalars(
        select(ClaimLine.id).where(
            ClaimLine.claim_id == claim_id, ClaimLine.enrolment_id == made.enrolments[student],
            ClaimLine.unit_id == made.units[unit],
        )
    ).one()  # fmt: skip


def a_reply(line_id: UUID, result: Reply, on: date | None = None) -> UUID:
    """What the awarding organisation said of a line."""
    with transaction() as s:
        row = ClaimReply(
            line_id=line_id, result=result, recorded_by="console:tests", recorded_at=clock.now(),
            awarded_on=(on or clock.today()) if result is Reply.AWARDED else None,
        )  # fmt: skip
        s.add(row)
    return row.id


def an_answer(reply_id: UUID, who: SignedIn, *, claims_again: bool = True) -> None:
    """The college's answer to a query; with `claims_again` its line leaves the run."""
    with transaction() as s:
        s.add(
            ClaimAnswer(
                reply_id=reply_id, answer="We sent the observation.", claims_again=claims_again,
                answered_by=who.person_id, answered_at=clock.now(),
            )
        )  # fmt: skip
        s.flush()
        if claims_again:
            line = s.scalars(
                select(ClaimLine)
                .join(ClaimReply, ClaimReply.line_id == ClaimLine.id)
                .where(ClaimReply.id == reply_id)
            ).one()
            line.ended_at = clock.now()
