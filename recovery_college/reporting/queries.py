"""Training in numbers: a row a cohort, from seven queries; suppressed for who may not see the people."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import case, distinct, func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimReply
from recovery_college.assessment.claim_rules import Reply
from recovery_college.assessment.models import IqaVerdict
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.courses.models import Attendance, Cohort, Enrolment, Unit
from recovery_college.courses.queries import places_taken
from recovery_college.courses.rules import ATTENDED, Mark
from recovery_college.graduation.models import Certificate, CertificateState, Graduation
from recovery_college.kernel.db import session
from recovery_college.reporting.rules import hidden_with, share, share_of_rounded, suppressed, total_shown

COLUMNS = (
    "Places taken",
    "Units quality assured",
    "Graduated",
    "Certificates",
    "Units claimed",
    "Units awarded",
    "Credit awarded",
)
AWARDED, CREDIT = COLUMNS.index("Units awarded"), COLUMNS.index("Credit awarded")


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """One cohort in numbers; None is hidden. `cohort_id` is given only to who may go on from it."""

    cohort_id: UUID | None
    ref: str
    title: str
    counts: tuple[int | None, ...]
    attendance: Decimal | None
    attendance_hidden: bool


@dataclass(frozen=True, slots=True)
class Training:
    """The report: its lines, the totals under them, and what the reader may see of it."""

    lines: tuple[TrainingLine, ...]
    totals: tuple[int | None, ...]
    is_suppressed: bool
    shows_attendance: bool


def training_of(actor: Actor) -> Training:
    """What the actor may count: tutors their own cohorts, all others every cohort.

    Whoever may not see the people of a cohort, as HR, gets small numbers hidden and the others rounded (D2).
    """
    if not may(actor, Permission.REPORT_TRAINING):
        return Training((), (), False, False)
    sees_people = may(actor, Permission.QUALITY_SEE)
    cohorts = list(cohorts_known_to(actor)) if sees_people else _every_cohort()
    ids = [cohort.id for cohort in cohorts]
    columns = [_counts(one, ids) for one in (places_taken(ids), *_counted(ids), *_credit(ids))]
    came = _attendance(ids)
    shown: list[list[int | None]] = [list(column) for column in columns]
    totals: list[int | None] = [sum(column) for column in columns]
    if not sees_people:
        shown = [suppressed(column) for column in columns]
        # Credit is units times what each is worth, so it would tell a number of units that is hidden.
        shown[CREDIT] = hidden_with(columns[CREDIT], shown[AWARDED])
        totals = [total_shown(column, hidden) for column, hidden in zip(columns, shown, strict=True)]
    shows_attendance = may(actor, Permission.ATTENDANCE_SEE) or actor.role is Role.HR
    lines = []
    for number, cohort in enumerate(cohorts):
        attended, marked = came.get(cohort.id, (0, 0))
        hidden = not sees_people and shown[0][number] is None
        percentage = share if sees_people else share_of_rounded
        lines.append(
            TrainingLine(
                cohort.id if sees_people else None,
                cohort.ref,
                cohort.title,
                tuple(column[number] for column in shown),
                None if hidden or not shows_attendance else percentage(attended, marked),
                hidden,
            )
        )
    return Training(tuple(lines), tuple(totals), not sees_people, shows_attendance)


def _every_cohort() -> list[Cohort]:
    return list(session().scalars(select(Cohort).order_by(Cohort.starts_on.desc(), Cohort.ref)))


def _counts(found: dict[UUID, int], ids: Collection[UUID]) -> list[int]:
    return [found.get(cohort_id, 0) for cohort_id in ids]


def _counted(ids: Collection[UUID]) -> list[dict[UUID, int]]:
    """Units looked at by quality assurance, graduations, and valid certificates, each by cohort."""
    # Each student's unit once, however often it was looked at.
    units = select(IqaVerdict.enrolment_id, IqaVerdict.unit_id).distinct().subquery()
    verdicts = select(Enrolment.cohort_id, func.count()).join(units, units.c.enrolment_id == Enrolment.id)
    graduations = select(Enrolment.cohort_id, func.count(distinct(Graduation.id))).join(
        Graduation, Graduation.enrolment_id == Enrolment.id
    )
    certificates = (
        select(Enrolment.cohort_id, func.count(distinct(Certificate.id)))
        .join(Graduation, Graduation.enrolment_id == Enrolment.id)
        .join(Certificate, Certificate.graduation_id == Graduation.id)
        .where(Certificate.state == CertificateState.VALID)
    )
    found = []
    for statement in (verdicts, graduations, certificates):
        rows = session().execute(statement.where(Enrolment.cohort_id.in_(ids)).group_by(Enrolment.cohort_id))
        found.append({row[0]: int(row[1]) for row in rows})
    return found


def _credit(ids: Collection[UUID]) -> list[dict[UUID, int]]:
    """Units on a locked claim, units awarded, and the credit awarded, each by cohort (A12). One query."""
    awarded = func.max(case((ClaimReply.id.is_not(None), 1), else_=0)).label("awarded")
    units = (
        select(ClaimLine.enrolment_id, ClaimLine.unit_id, awarded)
        .join(Claim, ClaimLine.claim_id == Claim.id)
        .outerjoin(ClaimReply, (ClaimReply.line_id == ClaimLine.id) & (ClaimReply.result == Reply.AWARDED))
        .where(Claim.locked_at.is_not(None), ClaimLine.ended_at.is_(None) | ClaimReply.id.is_not(None))
        .group_by(ClaimLine.enrolment_id, ClaimLine.unit_id)
        .subquery()
    )
    rows = session().execute(
        select(
            Enrolment.cohort_id, func.count(), func.sum(units.c.awarded),
            func.sum(units.c.awarded * Unit.credit),
        )
        .join(units, units.c.enrolment_id == Enrolment.id)
        .join(Unit, Unit.id == units.c.unit_id)
        .where(Enrolment.cohort_id.in_(ids))
        .group_by(Enrolment.cohort_id)
    ).all()  # fmt: skip
    return [{row[0]: int(row[place]) for row in rows} for place in (1, 2, 3)]


def _attendance(ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each cohort how many marks are present or late, and how many there are. Cancelled ones count for nobody."""
    came = func.sum(case((Attendance.mark.in_(list(ATTENDED)), 1), else_=0))
    rows = session().execute(
        select(Enrolment.cohort_id, came, func.count(Attendance.id))
        .join(Attendance, Attendance.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id.in_(ids), Attendance.mark != Mark.CANCELLED)
        .group_by(Enrolment.cohort_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}
