"""Preparing, signing and setting aside claims: one verb, one transaction, its audit events within (A12, A10)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.claim_models import (
    Claim,
    ClaimLine,
    ClaimNote,
    ClaimSignature,
    ClaimStudent,
    ClaimUnit,
)
from recovery_college.assessment.claim_rules import Capacity
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.audit.models import AuditHead
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.claims.board_queries import Board, board_of, deciders_of
from recovery_college.claims.claim_queries import Run, run_label
from recovery_college.claims.rules import HELD, capacity_of, digest_of, why_not_reviewer, why_not_sign
from recovery_college.claims.sheet_queries import sheet_of, what_changed
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.syllabus_queries import UnitRow
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.people.queries import people_with_role

LONGEST_TEXT = 2000


class ClaimRefused(DeedRefused):
    """Why it was not done."""


class NoSuchClaim(LookupError):
    """The claim or the cohort is not there, or the actor may not know of it."""


class StaleClaim(Exception):
    """What could be claimed, or what was to be signed, changed after the page was drawn."""


def _locked_cohort(s: Session, actor: Actor, cohort_id: UUID, permission: Permission) -> Cohort:
    """The cohort with its places held, so that claims, decisions and verdicts come one after the other."""
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None or actor.person_id is None or not may(actor, permission):
        raise NoSuchClaim
    s.execute(
        select(Enrolment.id).where(Enrolment.cohort_id == cohort_id).order_by(Enrolment.id).with_for_update()
    )
    return cohort


def prepare_claim(
    actor: Actor, cohort_id: UUID, ticks: Collection[tuple[UUID, UUID]], reviewer_id: UUID, seen: str
) -> UUID:
    """Freeze ticks, students as registered and units as they stand into a new run; its id.

    `ticks`: (enrolment, unit). `seen`: the stamp of the board the page showed. The same ticks sent twice are
    one claim. Raises NoSuchClaim, ClaimRefused, StaleClaim.
    """
    with transaction() as s:
        cohort = _locked_cohort(s, actor, cohort_id, Permission.CLAIM_PREPARE)
        board = board_of(cohort)
        wanted = set(ticks)
        there = _prepared_already(board, actor, wanted)
        if there is not None:
            return there.id
        if board.stamp != seen:
            raise StaleClaim
        if not wanted:
            raise ClaimRefused("Tick at least one unit of one student", "ticks")
        if {one for one, _ in wanted} & {one.place.enrolment_id for one in board.students if one.is_held}:
            raise ClaimRefused(HELD, "ticks")
        if not wanted <= board.ticks:
            raise ClaimRefused("Choose from the list: only verified units of registered students", "ticks")
        _check_reviewer(board, wanted, reviewer_id)
        # Runs are one count of the college. Whoever writes to the record stands in one line, here a little early.
        s.execute(select(AuditHead.id).where(AuditHead.id == 1).with_for_update())
        number = (s.scalar(select(Claim.run).order_by(Claim.run.desc()).limit(1)) or 0) + 1
        units = [unit for unit in board.syllabus.units if unit.id in {unit_id for _, unit_id in wanted}]
        claim = Claim(
            run=number, cohort_id=cohort.id, reviewer_id=reviewer_id, prepared_by=actor.person_id,
            prepared_at=clock.now(), digest=_digest(number, cohort, board, units, wanted),
        )  # fmt: skip
        s.add(claim)
        s.flush()
        _freeze(s, claim.id, board, units, wanted)
        record(
            s, actor, "prepared claim", "claim", claim.id, run=run_label(number), cohort=str(cohort.id),
            students=len({one for one, _ in wanted}), units=len(units), ticks=len(wanted), digest=claim.digest,
        )  # fmt: skip
        return claim.id


def _prepared_already(board: Board, actor: Actor, wanted: set[tuple[UUID, UUID]]) -> Run | None:
    """The open claim this person prepared with exactly these ticks: the form was sent twice."""
    for run in board.runs:
        same = {(line.enrolment_id, line.unit_id) for line in run.lines} == wanted
        if run.is_open and same and wanted and run.prepared_by == actor.person_id:
            return run
    return None


def _check_reviewer(board: Board, wanted: set[tuple[UUID, UUID]], reviewer_id: UUID) -> None:
    if reviewer_id not in {person.id for person in people_with_role(Role.IQA)}:
        raise ClaimRefused("Choose the quality reviewer from the list", "reviewer")
    on_it = {enrolment_id for enrolment_id, _ in wanted}
    students = {one.place.person_id for one in board.students if one.place.enrolment_id in on_it}
    problem = why_not_reviewer(reviewer_id, students=students, deciders=deciders_of(wanted))
    if problem:
        raise ClaimRefused(problem, "reviewer")


def _freeze(
    s: Session, claim_id: UUID, board: Board, units: list[UnitRow], wanted: set[tuple[UUID, UUID]]
) -> None:
    for place, unit in enumerate(units, 1):
        s.add(
            ClaimUnit(
                claim_id=claim_id, unit_id=unit.id, code=unit.code, title=unit.title, level=unit.level,
                credit=unit.credit, position=place,
            )
        )  # fmt: skip
    on_it = {enrolment_id for enrolment_id, _ in wanted}
    students = [one for one in board.students if one.place.enrolment_id in on_it]
    for place, student in enumerate(students, 1):
        registered = student.registered
        assert registered.registered is not None
        s.add(
            ClaimStudent(
                claim_id=claim_id, enrolment_id=student.place.enrolment_id,
                registration_id=registered.registration_id, student_ref=student.place.student_ref,
                certificate_name=registered.registered.certificate_name, uln=registered.registered.uln,
                position=place,
            )
        )  # fmt: skip
    s.flush()
    order = {student.place.enrolment_id: place for place, student in enumerate(students)}
    for enrolment_id, unit_id in sorted(wanted, key=lambda pair: (order[pair[0]], pair[1])):
        s.add(ClaimLine(claim_id=claim_id, enrolment_id=enrolment_id, unit_id=unit_id))
    s.flush()


def _digest(
    number: int, cohort: Cohort, board: Board, units: list[UnitRow], wanted: set[tuple[UUID, UUID]]
) -> str:
    """The digest of everything the claim says. `ticks` are in the order of the sheet."""
    students = []
    for student in board.students:
        ticked = [unit.code for unit in units if (student.place.enrolment_id, unit.id) in wanted]
        registered = student.registered.registered
        if ticked and registered:
            who = [student.place.student_ref, registered.certificate_name, registered.uln]
            students.append([*who, registered.date_of_birth, ticked])
    sheet = [[unit.code, unit.title, unit.level, unit.credit] for unit in units]
    return digest_of({"run": number, "cohort": cohort.ref, "units": sheet, "students": students})


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: in which capacity, and whether it was the last and locked the claim."""

    capacity: Capacity
    locked: bool
    unchanged: bool = False


def sign_claim(actor: Actor, cohort_id: UUID, claim_id: UUID, seen: str) -> Signed:
    """Sign a claim in the one capacity the actor's role gives; the third signature locks it (A12).

    `seen`: the digest of the claim the page showed. Sent twice, it is one signature. Refused when anything the
    claim rests on has changed since it was prepared. Raises NoSuchClaim, ClaimRefused, StaleClaim.
    """
    with transaction() as s:
        cohort = _locked_cohort(s, actor, cohort_id, Permission.CLAIM_SIGN)
        claim = _locked_claim(s, cohort, claim_id)
        board = board_of(cohort)
        run = board.run(claim_id)
        assert run is not None
        assert actor.person_id is not None
        capacity = capacity_of(actor.role, actor.person_id, run.reviewer_id)
        own = next((one for one in run.signatures if one.person_id == actor.person_id), None)
        if own is not None and own.capacity is capacity:
            return Signed(own.capacity, run.locked_at is not None, unchanged=True)
        if not run.is_open:
            state = "locked" if run.locked_at else "set aside"
            raise ClaimRefused(f"{run.label} is {state}, so it takes no more signatures.")
        if seen != run.digest:
            raise StaleClaim
        sheet = sheet_of(run)
        problem = why_not_sign(
            capacity,
            actor.person_id,
            reviewer=run.reviewer_id,
            signed={one.capacity: one.person_id for one in run.signatures},
            students={one.person_id for one in sheet.students},
            deciders=deciders_of({(line.enrolment_id, line.unit_id) for line in run.lines}),
            conflicts=conflicts_of(actor.person_id),
        )
        if problem:
            raise ClaimRefused(problem)
        assert capacity is not None
        changed = what_changed(sheet, board)
        if changed:
            raise ClaimRefused(f"{' '.join(changed)} Set this claim aside and prepare it again.")
        _add_signature(s, actor, claim, capacity)
        locked = len(run.signatures) + 1 == len(Capacity)
        if locked:
            claim.locked_at = clock.now()
            s.flush()
        details = {"run": run.label, "capacity": capacity.value, "digest": run.digest}
        record_many(
            s,
            [
                event_of(actor, "signed claim", "claim", claim_id, **details),
                *([event_of(actor, "locked claim", "claim", claim_id, run=run.label)] if locked else []),
            ],
        )
        return Signed(capacity, locked)


def _locked_claim(s: Session, cohort: Cohort, claim_id: UUID) -> Claim:
    claim = s.scalars(
        select(Claim)
        .where(Claim.id == claim_id, Claim.cohort_id == cohort.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if claim is None:
        raise NoSuchClaim
    return claim


def _add_signature(s: Session, actor: Actor, claim: Claim, capacity: Capacity) -> None:
    """Add the row. The database refuses one's own decision or credit as well, whatever this code thinks."""
    assert actor.person_id is not None
    s.add(
        ClaimSignature(
            claim_id=claim.id, person_id=actor.person_id, capacity=capacity, digest=claim.digest,
            signed_at=clock.now(),
        )
    )  # fmt: skip
    try:
        s.flush()
    except IntegrityError as error:
        if "(A10)" in str(error.orig):
            raise ClaimRefused(
                "You assessed, or are, somebody on this claim, so you cannot sign it."
            ) from error
        raise


def set_aside(actor: Actor, cohort_id: UUID, claim_id: UUID, reason: str) -> None:
    """Give up an open claim with a reason: its units are free to be claimed again, its record stays.

    Set aside twice, it is set aside once. Raises NoSuchClaim, ClaimRefused.
    """
    with transaction() as s:
        cohort = _locked_cohort(s, actor, cohort_id, Permission.CLAIM_PREPARE)
        claim = _locked_claim(s, cohort, claim_id)
        if claim.set_aside_at is not None:
            return
        if claim.locked_at is not None:
            raise ClaimRefused(f"{run_label(claim.run)} is locked, so it cannot be set aside.")
        words = reason.strip()
        if not words or len(words) > LONGEST_TEXT:
            raise ClaimRefused(f"Say why, in {LONGEST_TEXT:,} characters or fewer", "reason")
        at = clock.now()
        claim.set_aside_at, claim.set_aside_by, claim.set_aside_reason = at, actor.person_id, words
        s.flush()
        s.execute(
            update(ClaimLine)
            .where(ClaimLine.claim_id == claim.id, ClaimLine.ended_at.is_(None))
            .values(ended_at=at),
            execution_options={"synchronize_session": False},
        )
        record(s, actor, "set claim aside", "claim", claim.id, run=run_label(claim.run))


def write_note(actor: Actor, cohort_id: UUID, claim_id: UUID, note: str) -> None:
    """Keep an external quality assurer's note about a claim. The same note sent twice is kept once."""
    with transaction() as s:
        cohort = _locked_cohort(s, actor, cohort_id, Permission.CLAIM_NOTE)
        claim = _locked_claim(s, cohort, claim_id)
        words = note.strip()
        if not words or len(words) > LONGEST_TEXT:
            raise ClaimRefused(f"Write the note, in {LONGEST_TEXT:,} characters or fewer", "note")
        again = s.scalar(
            select(ClaimNote.id).where(
                ClaimNote.claim_id == claim.id,
                ClaimNote.written_by == actor.person_id,
                ClaimNote.note == words,
            )
        )
        if again is None:
            assert actor.person_id is not None
            s.add(
                ClaimNote(claim_id=claim.id, note=words, written_by=actor.person_id, written_at=clock.now())
            )
            record(s, actor, "noted on claim", "claim", claim.id, run=run_label(claim.run))
