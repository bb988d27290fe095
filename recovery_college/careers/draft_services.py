"""An answer that a manager has begun: kept as they type, theirs alone. It decides nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor
from recovery_college.careers.consideration_models import ConsiderationDraft
from recovery_college.careers.considerations import own_vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction

DRAFTED = {"answer": 40, "reason": 40, "other_text": 500, "redeployment": 40}
"""What of the form is kept, and how much of each."""


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """A draft as it is stored; `version` is 0 when there is none."""

    fields: Mapping[str, str]
    version: int
    saved_at: datetime | None


NO_DRAFT = AnswerDraft({}, 0, None)


class StaleDraft(Exception):
    """The draft was saved in another window since this one was opened; `theirs` is what it says now."""

    def __init__(self, theirs: AnswerDraft) -> None:
        super().__init__()
        self.theirs = theirs


def draft_of(actor: Actor, vacancy_id: UUID) -> AnswerDraft:
    """The actor's own draft about a vacancy; nobody reads another's."""
    row = session().get(ConsiderationDraft, (vacancy_id, actor.person_id)) if actor.person_id else None
    return AnswerDraft(row.fields, row.version, row.saved_at) if row else NO_DRAFT


def begun_by(actor: Actor, vacancy_ids: Collection[UUID]) -> set[UUID]:
    """Those of the vacancies about which the actor has begun an answer."""
    rows = session().execute(
        select(ConsiderationDraft.vacancy_id, ConsiderationDraft.fields).where(
            ConsiderationDraft.written_by == actor.person_id, ConsiderationDraft.vacancy_id.in_(vacancy_ids)
        )
    )
    return {vacancy_id for vacancy_id, fields in rows if any(fields.values())}


def save_answer_draft(actor: Actor, vacancy_id: UUID, fields: Mapping[str, str], seen: int) -> AnswerDraft:
    """Keep what is chosen and written so far. Only who may answer about the vacancy keeps a draft of it.

    Saying the same again changes nothing. Raises VacancyNotFound, and StaleDraft when another window of the
    same person saved something else meanwhile.
    """
    kept = {name: (fields.get(name) or "")[:longest] for name, longest in DRAFTED.items()}
    with transaction() as s:
        vacancy = own_vacancy(s, actor, vacancy_id)
        key = (vacancy.id, actor.person_id)
        row = s.get(ConsiderationDraft, key, populate_existing=True, with_for_update=True)
        if row is None:
            row = ConsiderationDraft(
                vacancy_id=vacancy.id,
                written_by=actor.person_id,
                fields=kept,
                version=seen + 1,
                saved_at=clock.now(),
            )
            s.add(row)
            s.flush()
        elif row.fields != kept:
            if row.version != seen:
                raise StaleDraft(AnswerDraft(row.fields, row.version, row.saved_at))
            row.fields, row.version, row.saved_at = kept, row.version + 1, clock.now()
        return AnswerDraft(row.fields, row.version, row.saved_at)
