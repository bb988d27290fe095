"""Handing in, and writing about a student's work: one verb, one transaction (A6).

Files are stored before their rows and removed after them, so a row never names a file that is not there. What a
process that died between leaves behind, a sweep removes (`sweep_files`).
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import cast
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceDraft,
    EvidenceFile,
    EvidenceWords,
    GoneDraft,
)
from recovery_college.assessment.evidence_rules import (
    STAFF_KINDS,
    AiUse,
    EvidenceKind,
    may_hand_in,
    may_write_about,
)
from recovery_college.assessment.queries import cohort_known_to, results_of
from recovery_college.audit.services import record
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import places_in
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.kernel.storage import Storage, StorageProblem, new_key
from recovery_college.kernel.uploads import Upload

FOLDER = "evidence"
LEFT_OVER = timedelta(days=1)
"""A file this old that no row knows was left by something that died. Younger ones may still get their row."""


class NoSuchEvidence(LookupError):
    """There is none, or the actor may not know of it."""


class EvidenceRefused(DeedRefused):
    """Why it was not done."""

    field = "criteria"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What comes with a form. `key` was made with it: the same form sent twice is one piece of evidence.

    `draft`: the draft it was, which is done with.
    """

    key: UUID
    kind: EvidenceKind
    title: str
    criteria: frozenset[UUID]
    body: str = ""
    link: str = ""
    is_sensitive: bool = False
    ai_use: AiUse | None = None
    ai_note: str = ""
    files: Sequence[Upload] = ()
    draft: UUID | None = None


PRIOR_LEARNING_FIRST = (
    "Ask for your prior learning to count first, then choose only criteria that you asked about"
)


def prior_learning(enrolment_id: UUID) -> frozenset[UUID]:
    """The criteria a student claims by prior learning (A13). Where that is kept, this room does not know."""
    ask = cast(Callable[[UUID], frozenset[UUID]], current_app.extensions["prior_learning"])
    return ask(enrolment_id)


def hand_in(actor: Actor, storage: Storage, enrolment_id: UUID, given: HandedIn) -> UUID:
    """Keep what a student hands in for their own enrolment; their draft is done with. Returns its id.

    Raises NoSuchEvidence when the enrolment is not theirs, EvidenceRefused, StorageProblem.
    """
    enrolment = session().get(Enrolment, enrolment_id)
    if (
        enrolment is None
        or not may(actor, Permission.EVIDENCE_HAND_IN)
        or enrolment.person_id != actor.person_id
    ):
        raise NoSuchEvidence
    return _keep(actor, storage, enrolment_id, given)


def write_evidence(actor: Actor, storage: Storage, enrolment_id: UUID, given: HandedIn) -> UUID:
    """Keep what a tutor writes about a student's work: observation, testimony, discussion. Returns its id.

    Raises NoSuchEvidence when the student is in no cohort of theirs, EvidenceRefused, StorageProblem.
    """
    enrolment = session().get(Enrolment, enrolment_id)
    known = enrolment is not None and cohort_known_to(actor, enrolment.cohort_id) is not None
    if not known or not may(actor, Permission.EVIDENCE_WRITE):
        raise NoSuchEvidence
    return _keep(actor, storage, enrolment_id, given)


def _keep(actor: Actor, storage: Storage, enrolment_id: UUID, given: HandedIn) -> UUID:
    """Store the files, then write the rows; when these are refused, the files go again.

    After any other trouble it is not known whether the rows are there, so the files are left to the sweep.
    """
    before = _made_with(session(), given.key, enrolment_id, actor)
    if before is not None:
        return before
    session().rollback()  # nobody waits for the lock of this read while files are written
    stored: list[tuple[Upload, str]] = []
    try:
        for file in given.files:
            key = new_key(FOLDER, file.ending)
            stored.append((file, key))
            storage.put(key, file.content)
        with transaction() as s:
            evidence_id, is_new = _write(s, actor, enrolment_id, given, stored)
    except EvidenceRefused:
        remove_files(storage, [key for _, key in stored])
        raise
    except StorageProblem:
        with suppress(StorageProblem):  # the first one is told
            remove_files(storage, [key for _, key in stored])
        raise
    if not is_new:
        remove_files(storage, [key for _, key in stored])
    return evidence_id


def _write(
    s: Session, actor: Actor, enrolment_id: UUID, given: HandedIn, stored: Sequence[tuple[Upload, str]]
) -> tuple[UUID, bool]:
    enrolment = s.scalars(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    before = _made_with(s, given.key, enrolment_id, actor)
    if before is not None:
        return before, False
    if s.scalar(select(Evidence.id).where(Evidence.key == given.key)) is not None:
        raise EvidenceRefused("This form was sent before. Open it again, and hand in once more", "title")
    problem = may_write_about(actor.person_id, enrolment.person_id, given.kind)
    if problem:
        raise EvidenceRefused(problem, "kind")
    _check_place(s, enrolment, given.criteria)
    if given.kind is EvidenceKind.RPL and not given.criteria <= prior_learning(enrolment_id):
        raise EvidenceRefused(PRIOR_LEARNING_FIRST, "kind")
    assert actor.person_id is not None
    at = clock.now()
    by_student = given.kind not in STAFF_KINDS
    evidence = Evidence(
        key=given.key,
        enrolment_id=enrolment_id,
        kind=given.kind,
        is_sensitive=given.is_sensitive,
        ai_use=given.ai_use if by_student else None,
        made_by=actor.person_id,
        handed_in_at=at,
        confirmed_at=at if by_student else None,
    )
    s.add(evidence)
    s.flush()
    words = EvidenceWords(
        evidence_id=evidence.id, title=given.title, body=given.body, link=given.link, ai_note=given.ai_note
    )
    s.add(words)
    s.add_all(EvidenceCriterion(evidence_id=evidence.id, criterion_id=one) for one in sorted(given.criteria))
    s.add_all(
        EvidenceFile(
            evidence_id=evidence.id,
            name=file.name,
            media=file.media,
            size=len(file.content),
            sha256=sha256(file.content).hexdigest(),
            storage_key=key,
        )
        for file, key in stored
    )
    if given.draft is not None:
        let_draft_go(s, actor, enrolment_id, given.draft)
    record(
        s, actor, "handed in" if by_student else "wrote", "evidence", evidence.id,
        enrolment=str(enrolment_id), what=given.kind.value, criteria=len(given.criteria), files=len(stored),
    )  # fmt: skip
    return evidence.id, True


def let_draft_go(s: Session, actor: Actor, enrolment_id: UUID, draft_id: UUID) -> None:
    """Remove a draft in the caller's transaction, which holds its enrolment, and remember that it is gone."""
    s.execute(
        delete(EvidenceDraft).where(
            EvidenceDraft.id == draft_id,
            EvidenceDraft.enrolment_id == enrolment_id,
            EvidenceDraft.written_by == actor.person_id,
        )
    )
    if s.get(GoneDraft, draft_id) is None:
        s.add(GoneDraft(draft_id=draft_id, gone_at=clock.now()))
        s.flush()


def _made_with(s: Session, key: UUID, enrolment_id: UUID, actor: Actor) -> UUID | None:
    """What the same form made before, if it was this person's for this enrolment."""
    return s.scalar(
        select(Evidence.id).where(
            Evidence.key == key, Evidence.enrolment_id == enrolment_id, Evidence.made_by == actor.person_id
        )
    )


def _check_place(s: Session, enrolment: Enrolment, criteria: Collection[UUID]) -> None:
    """The criteria belong to units the student is registered for, and these are still open (A5, A8)."""
    cohort = s.get_one(Cohort, enrolment.cohort_id)
    place = next(one for one in places_in([cohort.id]) if one.enrolment_id == enrolment.id)
    results = results_of(syllabus_of(cohort.qualification_id), [place])[enrolment.id]
    unit_of = {criterion.id: result for result in results for criterion in result.unit.criteria}
    if not criteria:
        raise EvidenceRefused("Choose at least one criterion that this shows")
    if not set(criteria) <= unit_of.keys():
        raise EvidenceRefused("One of these criteria is not in a unit of this course. Choose from the list")
    problem = may_hand_in(place.status, {unit_of[one].state for one in criteria})
    if problem:
        raise EvidenceRefused(problem)


def remove_files(storage: Storage, keys: Collection[str]) -> None:
    """Remove these files, once no row names them."""
    for key in keys:
        storage.delete(key)


def sweep_files(storage: Storage) -> int:
    """Remove files that no row knows and that are a day old; how many."""
    old = [key for key, at in storage.listed(FOLDER) if at < clock.now() - LEFT_OVER]
    known: set[str] = set()
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        known |= set(
            session().scalars(select(EvidenceFile.storage_key).where(EvidenceFile.storage_key.in_(some)))
        )
    session().rollback()
    lost = [key for key in old if key not in known]
    remove_files(storage, lost)
    return len(lost)
