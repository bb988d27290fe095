"""Handing in, writing about a student's work, taking back, asking back: one verb, one transaction (A6).

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
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import HOME, tell_answered
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceDraft,
    EvidenceFile,
    EvidenceRequest,
    EvidenceWords,
    GoneDraft,
)
from recovery_college.assessment.evidence_rules import (
    STAFF_KINDS,
    AiUse,
    EvidenceKind,
    RequestAnswer,
    may_hand_in,
    may_take_back,
    may_write_about,
)
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
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
        _remove(storage, [key for _, key in stored])
        raise
    except StorageProblem:
        with suppress(StorageProblem):  # the first one is told
            _remove(storage, [key for _, key in stored])
        raise
    if not is_new:
        _remove(storage, [key for _, key in stored])
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


def _locked(s: Session, evidence_id: UUID) -> tuple[Evidence, Enrolment]:
    """The piece of evidence and its enrolment, the latter held until the transaction ends."""
    row = s.execute(
        select(Evidence, Enrolment)
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .where(Evidence.id == evidence_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NoSuchEvidence
    return row[0], row[1]


def is_decided(s: Session, evidence: Evidence) -> bool:
    """Whether a decision, released or not, was made on one of its criteria since it came (A6)."""
    return bool(
        s.scalar(
            select(
                exists().where(
                    EvidenceCriterion.evidence_id == evidence.id,
                    Decision.criterion_id == EvidenceCriterion.criterion_id,
                    Decision.enrolment_id == evidence.enrolment_id,
                    Decision.recorded_at >= evidence.handed_in_at,
                    ~taken_back(),
                )
            )
        )
    )


def take_back(actor: Actor, storage: Storage, evidence_id: UUID) -> None:
    """A student takes their evidence back: its words and files are gone, that there was one stays (A6).

    Twice is once. Raises NoSuchEvidence when it is not about them, EvidenceRefused once it is decided.
    """
    with transaction() as s:
        evidence, enrolment = _own(s, actor, evidence_id)
        if evidence.closed_at is not None:
            return
        problem = may_take_back(
            own=True,
            by_student=evidence.made_by == enrolment.person_id,
            taken_back=False,
            decided=is_decided(s, evidence),
        )
        if problem:
            raise EvidenceRefused(problem, "")
        keys = _close(s, actor, evidence)
        record(s, actor, "took back", "evidence", evidence_id, enrolment=str(enrolment.id), files=len(keys))
    _remove(storage, keys)


def ask_back(actor: Actor, evidence_id: UUID) -> None:
    """A student asks for evidence back that was decided on: a tutor answers (A6). Twice is once."""
    with transaction() as s:
        evidence, enrolment = _own(s, actor, evidence_id)
        if evidence.closed_at is not None or evidence.made_by != enrolment.person_id:
            raise EvidenceRefused("There is nothing to give back here.", "")
        waiting = select(EvidenceRequest.id).where(
            EvidenceRequest.evidence_id == evidence_id, EvidenceRequest.answer.is_(None)
        )
        if s.scalar(waiting) is not None:
            return
        s.add(EvidenceRequest(evidence_id=evidence_id, asked_at=clock.now()))
        record(s, actor, "asked back", "evidence", evidence_id, enrolment=str(enrolment.id))


def answer_request(
    actor: Actor, storage: Storage, evidence_id: UUID, answer: RequestAnswer, words: str = ""
) -> bool:
    """A tutor gives evidence back or keeps it, with a word to the student; whether there was one to answer."""
    keys: list[str] = []
    with transaction() as s:
        evidence, enrolment = _locked(s, evidence_id)
        if cohort_known_to(actor, enrolment.cohort_id) is None or not may(actor, Permission.EVIDENCE_WRITE):
            raise NoSuchEvidence
        if enrolment.person_id == actor.person_id:
            raise EvidenceRefused("Somebody else must answer what you asked yourself.", "")
        waiting = s.scalars(
            select(EvidenceRequest)
            .where(EvidenceRequest.evidence_id == evidence_id, EvidenceRequest.answer.is_(None))
            .execution_options(populate_existing=True)
        ).first()
        if waiting is None:
            return False
        if answer is RequestAnswer.KEPT and not words:
            raise EvidenceRefused("Say why the college keeps it", "words")
        waiting.answer, waiting.words = answer, words
        waiting.answered_at, waiting.answered_by = clock.now(), actor.person_id
        s.flush()
        if answer is RequestAnswer.GIVEN_BACK and evidence.closed_at is None:
            keys = _close(s, actor, evidence)
        record(
            s, actor, "answered", "evidence", evidence_id, answer=answer.value, enrolment=str(enrolment.id)
        )
        tell_answered(s, enrolment.person_id, HOME)
    _remove(storage, keys)
    return True


def confirm_evidence(actor: Actor, evidence_id: UUID) -> None:
    """A student confirms what staff wrote about their work. Twice is once."""
    with transaction() as s:
        evidence, enrolment = _own(s, actor, evidence_id)
        if evidence.made_by == enrolment.person_id or evidence.closed_at is not None:
            raise EvidenceRefused("There is nothing to confirm here.", "")
        if evidence.confirmed_at is not None:
            return
        evidence.confirmed_at = clock.now()
        record(s, actor, "confirmed", "evidence", evidence_id, enrolment=str(enrolment.id))


def _own(s: Session, actor: Actor, evidence_id: UUID) -> tuple[Evidence, Enrolment]:
    evidence, enrolment = _locked(s, evidence_id)
    if enrolment.person_id != actor.person_id or not may(actor, Permission.EVIDENCE_HAND_IN):
        raise NoSuchEvidence
    return evidence, enrolment


def _close(s: Session, actor: Actor, evidence: Evidence) -> list[str]:
    """Close it and forget what it said; the keys of its files, to be removed once this is committed."""
    evidence.closed_at, evidence.closed_by = clock.now(), actor.audit_id
    s.flush()
    keys = list(s.scalars(select(EvidenceFile.storage_key).where(EvidenceFile.evidence_id == evidence.id)))
    s.execute(delete(EvidenceFile).where(EvidenceFile.evidence_id == evidence.id))
    s.execute(delete(EvidenceWords).where(EvidenceWords.evidence_id == evidence.id))
    return keys


def _remove(storage: Storage, keys: Collection[str]) -> None:
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
    _remove(storage, lost)
    return len(lost)
