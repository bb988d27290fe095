"""What somebody is still writing: saved while they type, theirs alone, gone once it is handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_models import EvidenceDraft, GoneDraft
from recovery_college.assessment.evidence_services import NoSuchEvidence, let_draft_go
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.courses.models import Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction

UNDER_WAY = timedelta(days=1)
"""A first save that comes later than this after its draft went is one no browser still sends."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is stored. `version` is 0 when it is not stored yet."""

    id: UUID
    fields: Mapping[str, Any]
    version: int = 0
    saved_at: datetime | None = None

    @property
    def title(self) -> str:
        """What its writer calls it, or how it begins."""
        begins = " ".join(str(self.fields.get("body") or "").split())
        return str(self.fields.get("title") or "") or (begins if len(begins) <= 40 else f"{begins[:40]}…")

    @property
    def criteria(self) -> frozenset[str]:
        """The ids of the criteria it names."""
        return frozenset(self.fields.get("criteria") or ())


class StaleDraft(Exception):
    """The draft was saved in another window since this one was opened. `theirs` is what it says now."""

    def __init__(self, theirs: Draft) -> None:
        super().__init__()
        self.theirs = theirs


class DraftGone(Exception):
    """The draft was thrown away or handed in meanwhile: nothing was saved."""


def drafts_of(actor: Actor, enrolment_id: UUID) -> list[Draft]:
    """The actor's own drafts about an enrolment, the latest first. One query.

    The caller makes sure they may know of the enrolment.
    """
    rows = session().scalars(
        select(EvidenceDraft)
        .where(EvidenceDraft.enrolment_id == enrolment_id, EvidenceDraft.written_by == actor.person_id)
        .order_by(EvidenceDraft.saved_at.desc(), EvidenceDraft.id)
    )
    return [_draft(row) for row in rows]


def save_draft(
    actor: Actor, enrolment_id: UUID, draft_id: UUID, fields: Mapping[str, Any], seen: int
) -> Draft:
    """Keep what is written so far. `seen` is the version the writer's window began from.

    Saying the same again changes nothing. Raises NoSuchEvidence, StaleDraft when another window saved
    something else meanwhile, and DraftGone when it was thrown away or handed in.
    """
    with transaction() as s:
        enrolment = s.scalars(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()).first()
        if enrolment is None or actor.person_id is None or not _may_write(actor, enrolment):
            raise NoSuchEvidence
        row = s.get(EvidenceDraft, draft_id, populate_existing=True)
        if row is None:
            if seen > 0 or s.get(GoneDraft, draft_id) is not None:
                raise DraftGone
            row = EvidenceDraft(
                id=draft_id,
                enrolment_id=enrolment_id,
                written_by=actor.person_id,
                fields=dict(fields),
                version=1,
                saved_at=clock.now(),
            )
            s.add(row)
            s.flush()
        elif (row.enrolment_id, row.written_by) != (enrolment_id, actor.person_id):
            raise NoSuchEvidence
        elif row.fields != dict(fields):
            if row.version != seen:
                raise StaleDraft(_draft(row))
            row.fields, row.version, row.saved_at = dict(fields), row.version + 1, clock.now()
        return _draft(row)


def throw_away(actor: Actor, enrolment_id: UUID, draft_id: UUID) -> None:
    """Let a draft of one's own go, for good. Twice is once; another's is none of theirs."""
    with transaction() as s:
        # Held as a save holds it: whichever of the two comes second finds what the first one did.
        s.execute(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update())
        let_draft_go(s, actor, enrolment_id, draft_id)


def sweep_gone_drafts() -> None:
    """Forget drafts that went so long ago that no save of them can be under way."""
    with transaction() as s:
        s.execute(delete(GoneDraft).where(GoneDraft.gone_at < clock.now() - UNDER_WAY))


def _draft(row: EvidenceDraft) -> Draft:
    return Draft(row.id, row.fields, row.version, row.saved_at)


def _may_write(actor: Actor, enrolment: Enrolment) -> bool:
    if enrolment.person_id == actor.person_id:
        return may(actor, Permission.EVIDENCE_HAND_IN)
    return may(actor, Permission.EVIDENCE_WRITE) and cohort_known_to(actor, enrolment.cohort_id) is not None
