"""Raising a concern, naming who looks into it, and what happens to it (A15). One verb, one transaction.

Audit events about a concern name the concern alone: who reads the audit trail learns nothing about whom.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment
from recovery_college.courses.queries import cohort_visible_to
from recovery_college.fairness.concern_models import Concern, ConcernEntry, ConcernPerson
from recovery_college.fairness.concern_queries import ConcernFile, concern_known_to, own_concern
from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind, why_no_entry, why_not_named
from recovery_college.fairness.reviewer_queries import colleagues
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused

LONGEST_TEXT = 4000


class ConcernRefused(DeedRefused):
    """Why nothing was saved."""


class NoSuchConcern(LookupError):
    """The concern or the student is not there, or the actor may not know of it."""


class StaleConcern(Exception):
    """Something was recorded after the page was drawn."""

    def __init__(self, file: ConcernFile) -> None:
        super().__init__()
        self.file = file


def raise_concern(actor: Actor, key: UUID, cohort_id: UUID, enrolment_id: UUID, allegation: str) -> UUID:
    """Raise a concern about a student's work. Sent twice is raised once. Raises NoSuchConcern, ConcernRefused.

    Who raises one and is not an administrator does not see it again unless they are named.
    """
    with transaction() as s:
        if actor.person_id is None or not may(actor, Permission.CONCERN_RAISE):
            raise NoSuchConcern
        place = s.get(Enrolment, enrolment_id)
        known = cohort_visible_to(actor, cohort_id) is not None
        if place is None or not known or place.cohort_id != cohort_id or place.person_id == actor.person_id:
            raise NoSuchConcern
        there = s.scalar(select(Concern.id).where(Concern.key == key))
        if there is not None:
            return there
        _check("allegation", allegation.strip(), "Write what you saw")
        made = Concern(
            key=key, enrolment_id=enrolment_id, allegation=allegation.strip(), raised_by=actor.person_id,
            raised_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        record(s, actor, "raised", "concern", made.id)
        return made.id


def name_person(actor: Actor, concern_id: UUID, person_id: UUID) -> None:
    """Name somebody to look into a concern: from then on they may know of it. Twice is once."""
    with transaction() as s:
        file = _arranged(actor, concern_id)
        if person_id in file.named:
            return
        if person_id not in colleagues():
            raise ConcernRefused("Choose from the list", "person")
        problem = why_not_named(person_id, student=file.person_id, named=file.named)
        if problem:
            raise ConcernRefused(problem, "person")
        s.add(
            ConcernPerson(
                concern_id=concern_id, person_id=person_id, named_by=actor.audit_id, named_at=clock.now()
            )
        )
        record(s, actor, "named", "concern", concern_id, person=str(person_id))


def end_person(actor: Actor, concern_id: UUID, person_id: UUID) -> None:
    """Somebody no longer looks into a concern, and no longer knows of it from the next request on. Twice is once."""
    with transaction() as s:
        _arranged(actor, concern_id)
        rows = s.scalars(
            select(ConcernPerson).where(
                ConcernPerson.concern_id == concern_id, ConcernPerson.person_id == person_id
            )
        ).all()
        if not rows:
            raise NoSuchConcern
        for row in (one for one in rows if one.ended_at is None):
            row.ended_at = clock.now()
            record(s, actor, "ended", "concern", concern_id, person=str(person_id))


def _arranged(actor: Actor, concern_id: UUID) -> ConcernFile:
    file = concern_known_to(actor, concern_id, lock=True)
    if file is None or not may(actor, Permission.CONCERN_ARRANGE):
        raise NoSuchConcern
    return file


def add_entry(
    actor: Actor,
    concern_id: UUID,
    kind: EntryKind,
    words: str,
    happened_on: date,
    seen: str,
    outcome: ConcernOutcome | None = None,
) -> bool:
    """Add what happened to a concern; False when the same was there already (sent twice).

    Raises NoSuchConcern, ConcernRefused, StaleConcern.
    """
    with transaction() as s:
        file = concern_known_to(actor, concern_id, lock=True)
        if file is None or actor.person_id is None:
            raise NoSuchConcern
        words = words.strip()
        last = file.entries[-1] if file.entries else None
        same = last is not None and (last.kind, last.words, last.outcome, last.happened_on, last.written_by) == (
            kind, words, outcome, happened_on, actor.person_id,
        )  # fmt: skip
        if same and file.stamp != seen:
            return False
        if file.stamp != seen:
            raise StaleConcern(file)
        problem = why_no_entry(
            kind, file.kinds, outcome, words,
            writer=actor.person_id, raised_by=file.raised_by, student=file.person_id,
        )  # fmt: skip
        if problem:
            field, sentence = problem
            raise ConcernRefused(sentence, field)
        _check("words", words, "Write what happened, in a few words")
        if happened_on > clock.today():
            raise ConcernRefused("The date is in the future. Enter today or an earlier date", "happened_on")
        if happened_on < clock.today() - timedelta(days=3660):
            raise ConcernRefused("Enter the date it happened, like 27 3 2026", "happened_on")
        latest = max([clock.now(), *(one.written_at + timedelta(microseconds=1) for one in file.entries)])
        s.add(
            ConcernEntry(
                concern_id=concern_id, kind=kind, words=words, outcome=outcome, happened_on=happened_on,
                written_by=actor.person_id, written_at=latest,
            )
        )  # fmt: skip
        said = outcome.value if outcome else ""
        record(s, actor, "added entry", "concern", concern_id, kind=kind.value, outcome=said)
        return True


def answer_concern(actor: Actor, concern_id: UUID, words: str) -> None:
    """The student answers what they were told of. The same words sent twice are one answer."""
    with transaction() as s:
        own = own_concern(actor, concern_id)
        if own is None or actor.person_id is None:
            raise NoSuchConcern
        s.execute(select(Concern.id).where(Concern.id == concern_id).with_for_update())
        words = words.strip()
        if any(entry.kind is EntryKind.ANSWER and entry.words == words for entry in own.entries):
            return
        if not own.is_open:
            raise ConcernRefused(
                "This has been decided. Talk to the college if you want to add something.", "words"
            )
        _check("words", words, "Write your answer")
        s.add(
            ConcernEntry(
                concern_id=concern_id, kind=EntryKind.ANSWER, words=words, outcome=None,
                happened_on=clock.today(), written_by=actor.person_id, written_at=clock.now(),
            )
        )  # fmt: skip
        record(s, actor, "added entry", "concern", concern_id, kind=EntryKind.ANSWER.value, outcome="")


def _check(field: str, text: str, owed: str) -> None:
    if not text:
        raise ConcernRefused(owed, field)
    if len(text) > LONGEST_TEXT:
        raise ConcernRefused(f"Use {LONGEST_TEXT:,} characters or fewer", field)
