"""Where a student's record no longer says what left the college: the registration, a claim, a certificate (A12, G3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.claim_models import (
    AoRegistration,
    Claim,
    ClaimLine,
    ClaimReply,
    ClaimStudent,
)
from recovery_college.assessment.claim_rules import Reply
from recovery_college.claims.claim_queries import run_label
from recovery_college.claims.registration_queries import Registered, registrations_of
from recovery_college.claims.rules import ProblemKind, differs_from_sent
from recovery_college.courses.models import Enrolment
from recovery_college.graduation.models import Certificate, CertificateState, Graduation
from recovery_college.kernel.db import session

DIFFERS = (ProblemKind.NAME_DIFFERS, ProblemKind.BIRTHDAY_DIFFERS, ProblemKind.ULN_DIFFERS)


class SinceKind(StrEnum):
    """What says something else than the record, which tells where it is mended."""

    REGISTRATION = "registration"
    CLAIM = "claim"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Since:
    """One paper that left the college and says something else, in words, with what to do about it."""

    kind: SinceKind
    text: str
    cohort_id: UUID
    enrolment_id: UUID
    ref: str = ""


def changed_since(enrolment_ids: Sequence[UUID]) -> list[Since]:
    """What was sent or printed of these places and differs from the record now. Three queries.

    The caller has made sure the actor may see the students' profile.
    """
    registered = registrations_of(enrolment_ids)
    cohorts = dict(
        session()
        .execute(select(Enrolment.id, Enrolment.cohort_id).where(Enrolment.id.in_(enrolment_ids)))
        .all()
    )
    found = []
    for one in enrolment_ids:
        for problem in registered[one].problems if registered[one].registered else ():
            if problem.kind in DIFFERS:
                text = f"{problem.text} Register the student again before anything is claimed."
                found.append(Since(SinceKind.REGISTRATION, text, cohorts[one], one))
    return [
        *found,
        *_claims(enrolment_ids, registered, cohorts),
        *_certificates(enrolment_ids, registered, cohorts),
    ]


def _claims(
    enrolment_ids: Sequence[UUID], registered: dict[UUID, Registered], cohorts: dict[UUID, UUID]
) -> list[Since]:
    """Runs that went in, or are being signed, under another name or date of birth."""
    awarded = (
        select(ClaimReply.id)
        .join(ClaimLine, ClaimReply.line_id == ClaimLine.id)
        .where(
            ClaimLine.claim_id == ClaimStudent.claim_id,
            ClaimLine.enrolment_id == ClaimStudent.enrolment_id,
            ClaimReply.result == Reply.AWARDED,
        )
        .exists()
    )
    rows = session().execute(
        select(
            ClaimStudent.enrolment_id, Claim.id, Claim.run, Claim.locked_at, ClaimStudent.certificate_name,
            AoRegistration.date_of_birth, awarded,
        )
        .join(Claim, ClaimStudent.claim_id == Claim.id)
        .join(AoRegistration, ClaimStudent.registration_id == AoRegistration.id)
        .where(ClaimStudent.enrolment_id.in_(enrolment_ids), Claim.set_aside_at.is_(None))
        .order_by(Claim.run)
    )  # fmt: skip
    found = []
    for enrolment_id, claim_id, number, locked_at, name, born, has_award in rows:
        what = differs_from_sent(registered[enrolment_id].record, name, born)
        if not what:
            continue
        run, said = run_label(number), " and ".join(what)
        if locked_at is None:
            text = f"{run} is prepared with {said}. Set it aside and prepare it again."
        elif has_award:
            text = f"Credit was awarded on {run} with {said}. Ask the awarding organisation to correct it."
        else:
            text = f"{run} went to the awarding organisation with {said}. Tell them."
        found.append(Since(SinceKind.CLAIM, text, cohorts[enrolment_id], enrolment_id, str(claim_id)))
    return found


def _certificates(
    enrolment_ids: Sequence[UUID], registered: dict[UUID, Registered], cohorts: dict[UUID, UUID]
) -> list[Since]:
    """Valid certificates of the college that are in another name."""
    rows = session().execute(
        select(Graduation.enrolment_id, Certificate)
        .join(Certificate, Certificate.graduation_id == Graduation.id)
        .where(Graduation.enrolment_id.in_(enrolment_ids), Certificate.state == CertificateState.VALID)
    )
    found = []
    for enrolment_id, one in rows:
        name = one.facts["certificate_name"]
        if enrolment_id is not None and registered[enrolment_id].record.certificate_name != name:
            text = f"Certificate {one.serial} says “{name}”. Reissue it with the name as it is now."
            found.append(Since(SinceKind.CERTIFICATE, text, cohorts[enrolment_id], enrolment_id, one.serial))
    return found
