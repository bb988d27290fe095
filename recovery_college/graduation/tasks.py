"""Issuing a cohort's certificates beside the pages: started, stopped and taken up again without harm (G3)."""

from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.access.starter import Starter
from recovery_college.courses.models import Cohort
from recovery_college.graduation.models import CertificateBatch
from recovery_college.graduation.services import issue_for_cohort
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.tasks import enqueue, sweep, task

NAME = "go on with certificates"
LEFT_ALONE = timedelta(minutes=2)


@task(NAME)
def go_on_with_certificates(batch_id: UUID) -> None:
    """Issue what is left of a batch. Safe to run twice: who has a certificate is passed over."""
    s = session()
    batch = s.get(CertificateBatch, batch_id)
    if batch is None or batch.finished_at is not None:
        return
    cohort = s.get_one(Cohort, batch.cohort_id)
    s.rollback()
    issue_for_cohort(Starter(batch.started_by, Role(batch.started_role)), cohort, batch)


@sweep(minutes=1)
def take_up_certificates() -> None:
    """Go on with batches that somebody started and nobody is working on."""
    s = session()
    waiting = s.scalars(
        select(CertificateBatch.id).where(
            CertificateBatch.finished_at.is_(None), CertificateBatch.started_at < clock.now() - LEFT_ALONE
        )
    ).all()
    s.rollback()
    for batch_id in waiting:
        go_on_with_certificates(batch_id)


def go_on_with(batch_id: UUID) -> None:
    """Ask for the rest of a batch, beside the pages."""
    enqueue(current_app._get_current_object(), NAME, batch_id)  # type: ignore[attr-defined]


JOBS = (go_on_with_certificates, take_up_certificates)
