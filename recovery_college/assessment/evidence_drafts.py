"""What somebody is still writing: saved while they type, theirs alone, gone once it is handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_models import EvidenceDraft
from recovery_college.assessment.evidence_services import NoSuchEvidence
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.courses.models import Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is stored. `version` is 0 when there is none."""

    fields: Mapping[str, Any]
    version: int
    saved_at: datetime | None


class StaleDraft(Exception):
    """The draft was saved in another window since this one was opened. `theirs` is what it says now."""

    def __init__(self, theirs: Draft) -> None:
        super().__init__()
        self.theirs = theirs


NO_DRAFT = Draft({}, 0, None)


def draft_of(actor: Actor, enrolment_id: UUID) -> Draft:
    """The actor's own draft about an enrolment; the caller makes sure they may know of the enrolment."""
    row = session().get(EvidenceDraft, (enrolment_id, actor.person_id))
    return Draft(row.fields, row.version, row.saved_at) if row else NO_DRAFT


def save_draft(actor: Actor, enrolment_id: UUID, fields: Mapping[str, Any], seen: int) -> Draft:
    """Keep what is written so far. `seen` is the version the writer's window began from.

    Saying the same again changes nothing. Raises NoSuchEvidence, and StaleDraft when another window saved
    something else meanwhile.
    """
    with transaction() as s:
        enrolment = s.scalars(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()).first()
        if enrolment is None or actor.person_id is None or not _may_write(actor, enrolment):
            raise NoSuchEvidence
        row = s.get(EvidenceDraft, (enrolment_id, actor.person_id), populate_existing=True)
        if row is None:
            row = EvidenceDraft(
                enrolment_id=enrolment_id,
                written_by=actor.person_id,
                fields=dict(fields),
                version=seen + 1,
                saved_at=clock.now(),
            )
            s.add(row)
            s.flush()
        elif row.fields != dict(fields):
            if row.version != seen:
                raise StaleDraft(Draft(row.fields, row.version, row.saved_at))
            row.fields, row.version, row.saved_at = dict(fields), row.version + 1, clock.now()
        return Draft(row.fields, row.version, row.saved_at)


def _may_write(actor: Actor, enrolment: Enrolment) -> bool:
    if enrolment.person_id == actor.person_id:
        return may(actor, Permission.EVIDENCE_HAND_IN)
    return may(actor, Permission.EVIDENCE_WRITE) and cohort_known_to(actor, enrolment.cohort_id) is not None
