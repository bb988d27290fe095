"""Reading who may graduate, who did, and their certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.engagement_queries import picked_enrolments
from recovery_college.assessment.queries import cohort_known_to, cohorts_known_to, results_of
from recovery_college.assessment.rules import UnitState, credit_awarded
from recovery_college.claims.left_rules import is_accredited
from recovery_college.courses.attendance_queries import attendance_of
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import Place, places_in
from recovery_college.courses.rules import AttendanceSummary
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.graduation.models import (
    Certificate,
    CertificateBatch,
    CertificatePdf,
    CertificateState,
    Graduation,
)
from recovery_college.graduation.rules import Eligibility, UnitStanding, eligibility
from recovery_college.kernel import clock
from recovery_college.kernel.db import session

CERTIFICATES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one student of a cohort stands on the way to graduating.

    `credit_awarded` and `accredited` are the awarding organisation's word, which graduating is not (G1).
    Who graduated before this system has the day of it and no certificate, and gets none here.
    """

    place: Place
    attendance: AttendanceSummary
    eligibility: Eligibility
    certificate: Certificate | None
    graduated_on: date | None = None
    credit_awarded: int = 0
    accredited: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether a certificate is to be issued: may graduate, and has not yet."""
        return self.eligibility.eligible and self.certificate is None and self.graduated_on is None


def standings_in(cohort: Cohort, places: Sequence[Place] | None = None) -> list[Standing]:
    """Eligibility of every student of a cohort (or of some), explained line by line (G1).

    A constant number of queries. The caller has made sure the actor may see the cohort.
    """
    today = clock.today()
    shown = places_in([cohort.id]) if places is None else list(places)
    syllabus = syllabus_of(cohort.qualification_id)
    results = results_of(syllabus, shown)
    attendance = attendance_of(cohort, shown, today)
    certificates = certificates_by_enrolment([place.enrolment_id for place in shown])
    graduated = graduation_days([place.enrolment_id for place in shown])
    return [
        Standing(
            place,
            attendance[place.enrolment_id],
            eligibility(
                today=today,
                ends_on=cohort.ends_on,
                status=place.status,
                attendance=attendance[place.enrolment_id],
                min_attendance=cohort.min_attendance,
                spec=syllabus.specification,
                standings={
                    result.unit.code: UnitStanding(
                        result.state, result.not_met, result.awaits_countersignature
                    )
                    for result in results[place.enrolment_id]
                },
            ),
            certificates.get(place.enrolment_id),
            graduated.get(place.enrolment_id),
            sum(credit_awarded(result.state, result.unit.credit) for result in results[place.enrolment_id]),
            is_accredited(
                syllabus.specification,
                {
                    result.unit.code
                    for result in results[place.enrolment_id]
                    if result.state is UnitState.AWARDED
                },
            ),
        )
        for place in shown
    ]


def graduation_days(enrolment_ids: Sequence[UUID]) -> dict[UUID, date]:
    """The day on which each of these places led to graduation, here or before this system."""
    rows = session().execute(
        select(Graduation.enrolment_id, Graduation.graduated_on).where(
            Graduation.enrolment_id.in_(enrolment_ids)
        )
    )
    return {enrolment_id: day for enrolment_id, day in rows if enrolment_id is not None}


def certificates_by_enrolment(enrolment_ids: Sequence[UUID]) -> dict[UUID, Certificate]:
    """The newest certificate of each enrolment that has one."""
    rows = session().execute(
        select(Graduation.enrolment_id, Certificate)
        .join(Certificate, Certificate.graduation_id == Graduation.id)
        .where(Graduation.enrolment_id.in_(enrolment_ids))
        .order_by(Certificate.number)
    )
    return {enrolment_id: certificate for enrolment_id, certificate in rows if enrolment_id is not None}


def certificates_scope(actor: Actor) -> Select[Certificate]:
    """The certificates this actor may know of.

    One's own, an assigned cohort's, an external's sample while the engagement is open, or all for college
    and auditors.
    """
    statement = select(Certificate).join(Graduation, Certificate.graduation_id == Graduation.id)
    if not may(actor, Permission.CERTIFICATE_OPEN):
        return statement.where(Certificate.id.is_(None))
    if actor.role in (Role.STUDENT, Role.GRADUATE):
        return statement.where(Graduation.person_id == actor.person_id)
    if actor.role is Role.TUTOR:
        cohorts = [cohort.id for cohort in cohorts_known_to(actor)]
        enrolments = select(Enrolment.id).where(Enrolment.cohort_id.in_(cohorts))
        return statement.where(Graduation.enrolment_id.in_(enrolments))
    if actor.role is Role.EQA:
        return statement.where(Graduation.enrolment_id.in_(picked_enrolments(actor)))
    return statement


def certificates_of_place(actor: Actor, enrolment_id: UUID) -> Sequence[Certificate]:
    """The certificates one place led to, the newest first, as far as the actor may know of them."""
    found = certificates_scope(actor).where(Graduation.enrolment_id == enrolment_id)
    return session().scalars(found.order_by(Certificate.number.desc())).all()


def certificate_visible_to(actor: Actor, serial: str) -> Certificate | None:
    """One certificate by its serial number, or None when the actor may not know of it."""
    return session().scalar(certificates_scope(actor).where(Certificate.serial == serial))


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate in a list."""

    serial: str
    name: str
    cohort_ref: str
    issued_on: date
    state: CertificateState


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Some certificates, the references of the cohorts to choose from, and the number to go on from."""

    lines: tuple[CertificateLine, ...]
    cohorts: tuple[str, ...]
    onward: int | None


def certificates_page(
    actor: Actor, *, cohort: str = "", state: str = "", serial: str = "", before: int | None = None
) -> CertificatePage:
    """The certificates the actor may know of, 50 a page, the newest first: two queries."""
    known = certificates_scope(actor)
    refs = session().scalars(
        known.with_only_columns(Graduation.cohort_ref).distinct().order_by(Graduation.cohort_ref.desc())
    )
    statement = known.add_columns(Graduation.cohort_ref).order_by(Certificate.number.desc())
    if cohort:
        statement = statement.where(Graduation.cohort_ref == cohort)
    if state in set(CertificateState):
        statement = statement.where(Certificate.state == CertificateState(state))
    if serial:
        statement = statement.where(Certificate.serial.icontains(serial, autoescape=True))
    if before is not None and before < 2**31:
        statement = statement.where(Certificate.number < before)
    found = session().execute(statement.limit(CERTIFICATES_A_PAGE + 1)).all()
    lines = tuple(
        CertificateLine(one.serial, one.facts["certificate_name"], ref, one.issued_on, one.state)
        for one, ref in found[:CERTIFICATES_A_PAGE]
    )
    onward = found[CERTIFICATES_A_PAGE - 1][0].number if len(found) > CERTIFICATES_A_PAGE else None
    return CertificatePage(lines, tuple(ref for ref in refs if ref), onward)


def cohort_of_certificate(certificate: Certificate) -> UUID | None:
    """The cohort whose graduation page lists this certificate, or None when no place led to it."""
    return session().scalar(
        select(Enrolment.cohort_id)
        .join(Graduation, Graduation.enrolment_id == Enrolment.id)
        .where(Graduation.id == certificate.graduation_id)
    )


def pdf_of(certificate: Certificate) -> bytes:
    """The frozen bytes of a certificate."""
    return session().get_one(CertificatePdf, certificate.id).pdf


def own_graduations(person_id: UUID) -> list[tuple[Graduation, Certificate | None]]:
    """A person's graduations, newest first, each with its newest certificate."""
    s = session()
    graduations = s.scalars(
        select(Graduation).where(Graduation.person_id == person_id).order_by(Graduation.graduated_on.desc())
    ).all()
    if not graduations:
        return []
    certificates: dict[UUID, Certificate] = {}
    for certificate in s.scalars(
        select(Certificate)
        .where(Certificate.graduation_id.in_([g.id for g in graduations]))
        .order_by(Certificate.number)
    ):
        certificates[certificate.graduation_id] = certificate
    return [(graduation, certificates.get(graduation.id)) for graduation in graduations]


def certificate_by_code(code: str) -> Certificate | None:
    """The certificate with this verification code, unless its owner switched checking off (G4)."""
    return session().scalar(
        select(Certificate).where(Certificate.code == code, Certificate.checking_off.is_(False))
    )


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is."""

    batch: CertificateBatch
    done: int

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.batch.finished_at is not None


def batch_visible_to(actor: Actor, cohort_id: UUID, batch_id: UUID) -> BatchProgress | None:
    """A batch of a cohort the actor may know of, with its progress."""
    cohort = cohort_known_to(actor, cohort_id)
    batch = session().get(CertificateBatch, batch_id) if cohort else None
    if batch is None or batch.cohort_id != cohort_id:
        return None
    done = len(session().scalars(select(Certificate.id).where(Certificate.batch_id == batch_id)).all())
    return BatchProgress(batch, done)
