"""Issuing certificates: whole or absent, one per graduation, serial numbers without a gap (G2, G3).

A certificate is numbered, rendered, hashed and stored in one transaction. Rendering holds the write lock for
some 60 ms; in return there is never a number without a paper, nor a paper without a number, whenever the
process is stopped.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.assessment.queries import results_of
from recovery_college.assessment.rules import QUALITY_ASSURED
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.audit.services import record
from recovery_college.courses.models import Cohort, Enrolment, Qualification, Site
from recovery_college.courses.queries import Place, place_of
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.graduation.checking import serial_number, serials_named_in, verification_code
from recovery_college.graduation.documents import CertificateFacts, certificate_document
from recovery_college.graduation.models import (
    Certificate,
    CertificateBatch,
    CertificatePdf,
    CertificateState,
    Graduation,
    GraduationSource,
    SerialCounter,
)
from recovery_college.graduation.queries import Standing, standings_in
from recovery_college.graduation.rules import may_certify, why_not
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.pdf import PdfRefused, pdf_maker
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.kernel.running_app import the_settings
from recovery_college.people.models import Person
from recovery_college.people.queries import address_of
from recovery_college.people.rules import paper_name
from recovery_college.people.services import become_graduate

AWARD_TITLE = "Peer Support Worker training"
SIGNATORIES = (("", "Recovery College lead"), ("", "Peer tutor"))


class CertificateRefused(DeedRefused):
    """Why a certificate cannot be issued, reissued or revoked."""


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What came of issuing a cohort's certificates."""

    issued: tuple[Certificate, ...]
    had_already: tuple[Certificate, ...]
    not_eligible: tuple[tuple[Standing, str], ...]
    refused: tuple[tuple[Standing, str], ...]


def start_batch(actor: Actor, cohort: Cohort) -> CertificateBatch:
    """The batch that issues a cohort's certificates: the one under way, if there is one (double click), or a new."""
    with transaction() as s:
        s.scalar(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())
        under_way = s.scalar(
            select(CertificateBatch).where(
                CertificateBatch.cohort_id == cohort.id, CertificateBatch.finished_at.is_(None)
            )
        )
        if under_way is not None:
            return under_way
        ready = [st for st in standings_in(cohort) if st.is_ready]
        batch = CertificateBatch(
            cohort_id=cohort.id,
            started_by=actor.audit_id,
            started_role=actor.role.value,
            started_at=clock.now(),
            total=len(ready),
            refused=[],
        )
        s.add(batch)
        s.flush()
        record(s, actor, "started certificates", "cohort", cohort.id, total=len(ready))
        return batch


def issue_for_cohort(
    actor: Actor,
    cohort: Cohort,
    batch: CertificateBatch | None = None,
    progress: Callable[[int], None] | None = None,
) -> IssueReport:
    """Issue to every eligible student of the cohort who has none yet. Twice, or at once, issues once."""
    standings = standings_in(cohort)
    had = tuple(st.certificate for st in standings if st.certificate is not None)
    not_eligible = tuple(
        (st, why_not(st.eligibility))
        for st in standings
        if st.graduated_on is None and not st.eligibility.eligible
    )
    issued: list[Certificate] = []
    refused: list[tuple[Standing, str]] = []
    for standing in standings:
        if not standing.is_ready:
            continue
        try:
            made = issue_certificate(actor, standing.place.enrolment_id, batch.id if batch else None)
        except CertificateRefused as problem:
            refused.append((standing, str(problem)))
            continue
        if made is not None:
            issued.append(made)
        if progress:
            progress(len(issued))
    if batch is not None:
        with transaction() as s:
            row = s.get_one(CertificateBatch, batch.id)
            row.refused = [{"enrolment": str(st.place.enrolment_id), "why": why} for st, why in refused]
            row.finished_at = clock.now()
    return IssueReport(tuple(issued), had, not_eligible, tuple(refused))


def issue_certificate(actor: Actor, enrolment_id: UUID, batch_id: UUID | None = None) -> Certificate | None:
    """Graduate one student and issue the certificate, in one transaction. None if they have one already.

    Eligibility is worked out again inside the transaction, on the decisions of this moment. Raises
    CertificateRefused when the student is not eligible, or the paper cannot be made.
    """
    try:
        with transaction() as s:
            number = _take_number(s)
            if s.scalar(select(Graduation.id).where(Graduation.enrolment_id == enrolment_id)):
                raise _HadAlready
            return _graduate(s, actor, enrolment_id, batch_id, number)
    except _HadAlready:
        return None
    except IntegrityError as race:
        if "graduation" in str(race.orig):
            return None  # another window was faster; its certificate is the one
        raise


class _HadAlready(Exception):
    pass


def _take_number(s: Session) -> int:
    """The next serial number. The row is locked to the end of the transaction; a rollback gives it back."""
    counter = s.scalars(
        select(SerialCounter)
        .where(SerialCounter.id == 1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    counter.last += 1
    s.flush()
    return counter.last


def _graduate(
    s: Session, actor: Actor, enrolment_id: UUID, batch_id: UUID | None, number: int
) -> Certificate:
    place = place_of(enrolment_id)
    if place is None:
        raise CertificateRefused("There is no such student in this cohort.")
    problem = may_certify(actor.person_id or actor.audit_id, place.person_id, conflicts_of(actor.person_id))
    if problem:
        raise CertificateRefused(problem)
    cohort = s.get_one(Cohort, place.cohort_id)
    standing = standings_in(cohort, [place])[0]
    if not standing.eligibility.eligible:
        raise CertificateRefused(why_not(standing.eligibility))
    enrolment = s.get_one(Enrolment, enrolment_id)
    person = s.get_one(Person, place.person_id)
    today = clock.today()
    graduation = Graduation(
        person_id=person.id,
        enrolment_id=enrolment_id,
        cohort_ref=cohort.ref,
        graduated_on=today,
        source=GraduationSource.HERE,
    )
    s.add(graduation)
    enrolment.status = EnrolmentStatus.COMPLETED
    enrolment.ended_on = enrolment.ended_on or today
    s.flush()
    certificate = _make_paper(
        s,
        actor,
        graduation,
        number,
        batch_id,
        person=person,
        cohort=cohort,
        place=place,
    )
    become_graduate(s, actor, person.id)
    _tell(s, person)
    record(
        s, actor, "issued certificate", "certificate", certificate.id,
        serial=certificate.serial, sha256=certificate.sha256, person=str(person.id), design=certificate.design,
    )  # fmt: skip
    return certificate


def _tell(s: Session, person: Person) -> None:
    """A message without a word about health or the course: other people may read the screen it appears on."""
    address = address_of(person.id)
    if is_address(address):
        settings = the_settings()
        queue_mail(
            s,
            address,
            f"Good news from {settings.college_name}",
            f"Hello {person.preferred_name or person.given_name},\n\n"
            f"Something good is ready for you. Sign in to see it:\n{settings.public_base_url}/my-future\n\n"
            f"{settings.college_name}\n",
            "certificate",
        )


def _make_paper(
    s: Session,
    actor: Actor,
    graduation: Graduation,
    number: int,
    batch_id: UUID | None,
    *,
    person: Person,
    cohort: Cohort,
    place: Place,
) -> Certificate:
    settings = the_settings()
    code = verification_code(secrets.token_bytes(10))
    serial = serial_number(settings.serial_prefix, number)
    syllabus = syllabus_of(cohort.qualification_id)
    facts = CertificateFacts(
        certificate_name=paper_name(person.given_name, person.family_name, person.certificate_name),
        college_name=settings.college_name,
        org_name=settings.org_name,
        award_title=AWARD_TITLE,
        course_title=f"the course {s.get_one(Qualification, cohort.qualification_id).title}",
        accredited_line=settings.accredited_by or None,
        units=tuple(  # what was begun beside the units needed and not completed is not on the paper (G2)
            (result.unit.title, result.unit.level, result.unit.credit)
            for result in results_of(syllabus, [place])[place.enrolment_id]
            if result.state in QUALITY_ASSURED
        ),
        graduated_on=graduation.graduated_on,
        issued_on=clock.today(),
        serial=serial,
        verify_url=f"{settings.public_base_url}/verify/{code}",
        signatories=SIGNATORIES,
        site=s.get_one(Site, cohort.site_id).name,
    )
    try:
        pdf = pdf_maker().render(certificate_document(facts))
    except PdfRefused as refusal:
        raise CertificateRefused(f"The certificate could not be drawn: {refusal}.") from None
    certificate = Certificate(
        graduation_id=graduation.id,
        batch_id=batch_id,
        number=number,
        serial=serial,
        code=code,
        state=CertificateState.VALID,
        facts=_as_json(facts),
        issued_on=facts.issued_on,
        issued_by=actor.audit_id,
        sha256=hashlib.sha256(pdf).hexdigest(),
    )
    s.add(certificate)
    s.flush()
    s.add(CertificatePdf(certificate_id=certificate.id, pdf=pdf))
    s.flush()
    return certificate


def _as_json(facts: CertificateFacts) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(facts).items()
    }


def reissue_certificate(actor: Actor, serial: str, reason: str) -> Certificate:
    """Issue a new certificate with the name as it is now; the old one says superseded (G3)."""
    if not reason.strip():
        raise CertificateRefused("Say why it is reissued, for example that the name changed.")
    with transaction() as s:
        number = _take_number(s)
        old = s.scalar(select(Certificate).where(Certificate.serial == serial))
        if old is None or old.state is not CertificateState.VALID:
            raise CertificateRefused("Only a valid certificate can be reissued.")
        graduation = s.get_one(Graduation, old.graduation_id)
        problem = may_certify(
            actor.person_id or actor.audit_id, graduation.person_id, conflicts_of(actor.person_id)
        )
        if problem:
            raise CertificateRefused(problem)
        place = place_of(graduation.enrolment_id) if graduation.enrolment_id else None
        if place is None:
            raise CertificateRefused("This graduation is from before this system.")
        old.state = CertificateState.SUPERSEDED
        old.state_reason = reason.strip()
        s.flush()
        person = s.get_one(Person, graduation.person_id)
        new = _make_paper(
            s,
            actor,
            graduation,
            number,
            None,
            person=person,
            cohort=s.get_one(Cohort, place.cohort_id),
            place=place,
        )
        new.name_shown = old.name_shown
        new.checking_off = old.checking_off
        record(
            s, actor, "reissued certificate", "certificate", new.id,
            serial=new.serial, supersedes=old.serial, sha256=new.sha256,
        )  # fmt: skip
        return new


def revoke_certificate(actor: Actor, serial: str, reason: str) -> None:
    """Revoke a certificate; the record stays and says revoked (G3)."""
    if not reason.strip():
        raise CertificateRefused("Say why it is revoked. Only the college and auditors see the reason.")
    with transaction() as s:
        certificate = s.scalar(select(Certificate).where(Certificate.serial == serial))
        if certificate is None or certificate.state is not CertificateState.VALID:
            raise CertificateRefused("Only a valid certificate can be revoked.")
        certificate.state = CertificateState.REVOKED
        certificate.state_reason = reason.strip()
        record(s, actor, "revoked certificate", "certificate", certificate.id, serial=serial)


def set_checking(actor: Actor, certificate_id: UUID, *, name_shown: bool, checking_off: bool) -> None:
    """The owner's choice: whether the check page answers, and whether it shows the name (G4)."""
    with transaction() as s:
        certificate = s.get(Certificate, certificate_id)
        graduation = s.get(Graduation, certificate.graduation_id) if certificate else None
        if certificate is None or graduation is None or graduation.person_id != actor.person_id:
            raise CertificateRefused("This certificate is not yours.")
        certificate.name_shown = name_shown
        certificate.checking_off = checking_off
        record(
            s, actor, "chose checking", "certificate", certificate.id,
            name_shown=name_shown, checking_off=checking_off,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What `certificates verify` says of a file: valid, superseded, revoked, altered, or not ours."""

    word: str
    serial: str | None = None

    @property
    def is_valid(self) -> bool:
        """Whether the file is one of ours, unaltered, and its certificate is valid today."""
        return self.word == CertificateState.VALID.value


def verify_file(content: bytes) -> FileVerdict:
    """Compare a file's hash with the record: bytes that are not ours but name one of our serials were altered."""
    s = session()
    digest = hashlib.sha256(content).hexdigest()
    certificate = s.scalar(select(Certificate).where(Certificate.sha256 == digest))
    if certificate is not None:
        return FileVerdict(certificate.state.value, certificate.serial)
    for serial in serials_named_in(content):
        if s.scalar(select(Certificate.id).where(Certificate.serial == serial)):
            return FileVerdict("altered", serial)
    return FileVerdict("not ours")
