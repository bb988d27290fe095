"""The rows of a pause: begun, open, and ended, in one way whoever does it (C2)."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from recovery_college.courses.models import EnrolmentPause
from recovery_college.kernel.db import session


def open_pause(enrolment_id: UUID) -> EnrolmentPause | None:
    """The pause an enrolment has now."""
    return session().scalar(
        select(EnrolmentPause)
        .where(EnrolmentPause.enrolment_id == enrolment_id, EnrolmentPause.to_on.is_(None))
        .order_by(EnrolmentPause.from_on)
        .limit(1)
    )


def start_pause(s: Session, enrolment_id: UUID, from_on: date) -> EnrolmentPause:
    """Begin a pause. The caller has made sure that there is none, and changes the place's status."""
    pause = EnrolmentPause(enrolment_id=enrolment_id, from_on=from_on)
    s.add(pause)
    return pause


def end_pauses(s: Session, enrolment_ids: Collection[UUID], back_on: date) -> None:
    """End the open pauses of these places the day before `back_on`; one that did not begin before was a slip
    and never was. What the session holds of them is stale afterwards.
    """
    is_open = EnrolmentPause.to_on.is_(None) & EnrolmentPause.enrolment_id.in_(enrolment_ids)
    slips = delete(EnrolmentPause).where(is_open, EnrolmentPause.from_on >= back_on)
    ends = update(EnrolmentPause).where(is_open).values(to_on=back_on - timedelta(days=1))
    for statement in (slips, ends):
        s.execute(statement.execution_options(synchronize_session=False))
