"""Claims on one side of the world of the house tests: rows with a canary in each sensitive field."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_models import (
    AoRegistration,
    Claim,
    ClaimAnswer,
    ClaimLine,
    ClaimNote,
    ClaimReply,
    ClaimSignature,
    ClaimStudent,
    ClaimUnit,
)
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.courses.models import Enrolment, Unit
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Person
from tests.factories.courses import units_of
from tests.factories.graduation import Finished

if TYPE_CHECKING:
    from tests.house.world import Side

DIGEST = "c" * 64


def add_claims(side: Side, finished: Finished) -> None:
    """A locked claim with a query that waits and one that is answered, one set aside, and one to sign.

    The third student is registered and has units that are ready to be claimed.
    """
    first, second = units_of(finished.cohort.qualification)[:2]
    born = date(1959, 7, 1) if side.name == "mine" else date(1958, 2, 1)
    side.canary("registered date of birth", born.isoformat(), f"{born.day} {born:%B %Y}")
    name = side.canary("registered name", f"Regname{side.name} Person")
    uln = side.canary("registered uln", f"555000{'1' if side.name == 'mine' else '2'}777")
    with transaction() as s:
        registrations = []
        for number, enrolment in enumerate(finished.ready):
            row = AoRegistration(
                enrolment_id=enrolment.id, certificate_name=f"{name} {number}", date_of_birth=born, uln=uln,
                registered_on=clock.today(), recorded_by=side.actors[Role.ADMIN].person_id,
                recorded_at=clock.now(),
            )  # fmt: skip
            if number == 2:  # nothing stands in the way of claiming for this one
                person = s.get_one(Person, enrolment.person_id)
                person.date_of_birth, row.uln = born, "9999999999"
                row.certificate_name = person.certificate_name
            registrations.append(row)
        s.add_all(registrations)
        s.flush()
        by = zip(finished.ready, registrations, strict=True)
        on = {enrolment.id: row for enrolment, row in by}
        graduate, student = finished.ready[:2]
        locked = _claim(side, finished, first, [graduate, student], on)
        lines = _lines(locked, first, [graduate, student])
        for capacity, who in (
            (Capacity.TUTOR, side.actors[Role.TUTOR].person_id),
            (Capacity.IQA, side.actors[Role.IQA].person_id),
            (Capacity.REVIEWER, finished.iqa.id),
        ):
            s.add(
                ClaimSignature(
                    claim_id=locked.id, person_id=who, capacity=capacity, digest=DIGEST, signed_at=clock.now()
                )
            )
        s.flush()
        locked.locked_at = clock.now()
        s.flush()
        replies = [
            ClaimReply(
                line_id=line.id, result=Reply.QUERIED, recorded_by="console:tests", recorded_at=clock.now()
            )
            for line in lines
        ]
        s.add_all(replies)
        s.flush()
        s.add(
            ClaimAnswer(
                reply_id=replies[0].id, answer=side.canary("query answer"), claims_again=False,
                answered_by=side.actors[Role.ADMIN].person_id, answered_at=clock.now(),
            )
        )  # fmt: skip
        s.add(
            ClaimNote(
                claim_id=locked.id, note=side.canary("claim note"), written_by=side.actors[Role.EQA].person_id,
                written_at=clock.now(),
            )
        )  # fmt: skip
        aside = _claim(side, finished, second, [graduate], on)
        aside.set_aside_at, aside.set_aside_by = clock.now(), side.actors[Role.ADMIN].person_id
        aside.set_aside_reason = side.canary("set aside reason")
        s.flush()
        for line in _lines(aside, second, [graduate]):
            line.ended_at = clock.now()
        s.flush()
        to_sign = _claim(side, finished, second, [finished.ready[2]], on)
    side.values["claim_id"] = locked.id
    side.values["line_id"] = lines[1].id
    for endpoint in ("claim_sign", "claim_set_aside"):
        side.own[f"claims.{endpoint}", "claim_id"] = to_sign.id
    for endpoint in ("transcript", "transcript_pdf"):
        side.own[f"claims.{endpoint}", "person_id"] = student.person_id


def _claim(
    side: Side, finished: Finished, unit: Unit, students: list[Enrolment], on: dict[object, AoRegistration]
) -> Claim:
    with transaction() as s:
        claim = Claim(
            run=(s.scalar(select(func.max(Claim.run))) or 0) + 1, cohort_id=finished.cohort.id,
            reviewer_id=finished.iqa.id, prepared_by=side.actors[Role.ADMIN].person_id,
            prepared_at=clock.now(), digest=DIGEST,
        )  # fmt: skip
        s.add(claim)
        s.flush()
        s.add(
            ClaimUnit(
                claim_id=claim.id, unit_id=unit.id, code=unit.code, title=unit.title, level=unit.level,
                credit=unit.credit, position=1,
            )
        )  # fmt: skip
        for place, enrolment in enumerate(students):
            row = on[enrolment.id]
            s.add(
                ClaimStudent(
                    claim_id=claim.id, enrolment_id=enrolment.id, registration_id=row.id, student_ref="S",
                    certificate_name=row.certificate_name, uln=row.uln, position=place,
                )
            )  # fmt: skip
        s.flush()
        s.add_all(ClaimLine(claim_id=claim.id, enrolment_id=one.id, unit_id=unit.id) for one in students)
        s.flush()
    return claim


def _lines(claim: Claim, unit: Unit, students: list[Enrolment]) -> list[ClaimLine]:
    with transaction() as s:
        found = {
            line.enrolment_id: line
            for line in s.scalars(
                select(ClaimLine).where(ClaimLine.claim_id == claim.id, ClaimLine.unit_id == unit.id)
            )
        }
    return [found[one.id] for one in students]
