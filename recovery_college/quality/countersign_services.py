"""Countersigning the decisions of assessors in training: one verb, one transaction (A10)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.models import Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.countersign_queries import unsigned_decisions


class CountersignRefused(DeedRefused):
    """Why nothing was countersigned."""


class NoSuchCohort(LookupError):
    """The cohort is not there, or the actor may not know of it."""


LONGEST_NOTE = 2000


def countersign(actor: Actor, cohort_id: UUID, decision_ids: Collection[int], note: str = "") -> int:
    """Sign beside the assessor, for each of these decisions that still waits. Whole or not at all; twice is once.

    A decision that was decided anew meanwhile is passed over. `note`: a word to the assessor, kept with each of
    these signatures. Raises NoSuchCohort, CountersignRefused.
    """
    with transaction() as s:
        if cohort_known_to(actor, cohort_id) is None or not may(actor, Permission.COUNTERSIGN):
            raise NoSuchCohort
        s.execute(
            select(Enrolment.id)
            .where(Enrolment.cohort_id == cohort_id)
            .order_by(Enrolment.id)
            .with_for_update()
        )
        note = note.strip()
        if len(note) > LONGEST_NOTE:
            raise CountersignRefused(f"Use {LONGEST_NOTE:,} characters or fewer for the note")
        asked = [row for row in unsigned_decisions(actor, cohort_id) if row.decision_id in set(decision_ids)]
        problem = next((row.problem for row in asked if row.problem), "")
        if problem:
            raise CountersignRefused(problem)
        for row in asked:
            waiting = s.get_one(Countersignature, row.decision_id, populate_existing=True)
            waiting.signed_by, waiting.signed_at, waiting.note = actor.person_id, clock.now(), note
        try:
            s.flush()
        except IntegrityError as error:
            if "(A10)" in str(error.orig):
                raise CountersignRefused("You may not countersign one of these decisions (A10).") from error
            raise
        record_many(
            s,
            [
                event_of(
                    actor, "countersigned", "decision", row.decision_id,
                    enrolment=str(row.enrolment_id), criterion=str(row.criterion_id),
                    outcome=row.outcome.value,
                )
                for row in asked
            ],
        )  # fmt: skip
        return len(asked)
