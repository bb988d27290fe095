"""Importing decisions made elsewhere: released at once, by an assessor who is a tutor (A5, A7, A8, A10).

Every row becomes a decision of its own; what is stored is never overwritten, so the same attempt with other
content is refused and the same file twice changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role
from recovery_college.assessment.marking_locks import locked_units
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.rules import (
    ImportedAttempt,
    Outcome,
    UnitState,
    attempts_problems,
    may_decide,
)
from recovery_college.assessment.staff_queries import conflicts_among
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import number_label, one_line, unit_code
from recovery_college.courses.imports.lookups import (
    PlaceFact,
    cohorts_named,
    column,
    parts,
    places_held,
    refusal,
)
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.models import AssessmentCriterion, Cohort, EnrolmentUnit, Unit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.imports.kind import ImportKind, Options
from recovery_college.imports.kind import Outcome as Done
from recovery_college.imports.rules import (
    CheckedRow,
    Column,
    Refusal,
    choice,
    email,
    iso_date,
    text,
    whole_number,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import Rehearsal, add_rows, ids_reserved
from recovery_college.people.models import Account, RoleGrant

LONGEST_FEEDBACK = 4000


@dataclass
class _Known:
    """What the database knows of everything the file names."""

    cohorts: dict[str, Cohort]
    places: dict[tuple[UUID, str], PlaceFact]
    criteria: dict[tuple[UUID, str, str], tuple[UUID, UUID]]
    units: set[tuple[UUID, str]]
    registered: set[tuple[UUID, UUID]]
    locked: set[tuple[UUID, UUID]]
    assessors: dict[str, tuple[UUID, bool]]
    conflicts: dict[UUID, frozenset[UUID]]
    stored: dict[tuple[UUID, UUID], dict[int, ImportedAttempt]] = field(default_factory=dict)
    drafts: set[tuple[UUID, UUID, int]] = field(default_factory=set)
    revisions: dict[tuple[UUID, UUID, int], int] = field(default_factory=dict)


def _known(s: Session, actor: Actor, rows: list[CheckedRow]) -> _Known:
    cohorts = cohorts_named(s, column(rows, "cohort"))
    if actor.person_id is not None:  # the console is the operator; a tutor imports for assigned cohorts
        mine = {cohort.id for cohort in cohorts_known_to(actor)}
        cohorts = {ref: cohort for ref, cohort in cohorts.items() if cohort.id in mine}
    ids = [cohort.id for cohort in cohorts.values()]
    places = places_held(s, ids)
    criteria: dict[tuple[UUID, str, str], tuple[UUID, UUID]] = {}
    for qualification_id, code, number, criterion_id, unit_id in s.execute(
        select(Unit.qualification_id, Unit.code, AssessmentCriterion.number, AssessmentCriterion.id, Unit.id)
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == Unit.id)
        .where(Unit.qualification_id.in_({cohort.qualification_id for cohort in cohorts.values()}))
    ):
        criteria[qualification_id, code, number] = (criterion_id, unit_id)
    registered: set[tuple[UUID, UUID]] = set()
    enrolments = [place.id for place in places.values()]
    for part in parts(enrolments):
        statement = select(EnrolmentUnit.enrolment_id, EnrolmentUnit.unit_id)
        found = s.execute(statement.where(EnrolmentUnit.enrolment_id.in_(part)))
        registered.update((enrolment_id, unit_id) for enrolment_id, unit_id in found)
    assessors = _assessors(s, column(rows, "assessor_email"))
    known = _Known(
        cohorts,
        places,
        criteria,
        {(qualification_id, code) for qualification_id, code, _ in criteria},
        registered,
        {one for cohort_id in ids for one in locked_units(cohort_id)},
        assessors,
        conflicts_among({person_id for person_id, _ in assessors.values()}),
    )
    _add_stored(s, known, enrolments)
    return known


def _assessors(s: Session, emails: Collection[str]) -> dict[str, tuple[UUID, bool]]:
    """The person of each address, and whether they are or were a tutor."""
    found: dict[str, tuple[UUID, bool]] = {}
    for part in parts(emails):
        tutors = select(RoleGrant.person_id).where(RoleGrant.role == Role.TUTOR)
        for address, person_id, is_tutor in s.execute(
            select(Account.email, Account.person_id, Account.person_id.in_(tutors)).where(
                Account.email.in_(part)
            )
        ):
            found[address] = (person_id, bool(is_tutor))
    return found


def _add_stored(s: Session, known: _Known, enrolments: list[UUID]) -> None:
    """For each criterion the attempts stored: the decision in force of each, and which are only drafts."""
    for part in parts(enrolments):
        statement = (
            select(
                Decision.enrolment_id,
                Decision.criterion_id,
                Decision.attempt,
                Decision.outcome,
                Decision.decided_on,
                Decision.decided_by,
                Decision.feedback,
                Decision.released_at.is_not(None),
                Decision.revision,
                taken_back(),
            )
            .where(Decision.enrolment_id.in_(part))
            .order_by(Decision.attempt, Decision.revision)
        )
        for (
            enrolment_id, criterion_id, attempt, outcome, on, by, feedback, released, revision, undone,
        ) in s.execute(statement):  # fmt: skip
            known.revisions[enrolment_id, criterion_id, attempt] = revision
            if undone:
                continue
            if released:
                fact = ImportedAttempt(attempt, outcome, on, (by, feedback))
                known.stored.setdefault((enrolment_id, criterion_id), {})[attempt] = fact
                known.drafts.discard((enrolment_id, criterion_id, attempt))
            else:
                known.drafts.add((enrolment_id, criterion_id, attempt))


def apply_decisions(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Done:
    """Record a released decision for each row that is not there already."""
    known = _known(s, actor, rows)
    notes, refusals = Notes(), list[Refusal]()
    groups: dict[tuple[UUID, UUID], list[tuple[CheckedRow, ImportedAttempt]]] = {}
    for row in rows:
        read = _read(row, known)
        if isinstance(read, Refusal):
            refusals.append(read)
            continue
        key, attempt = read
        groups.setdefault(key, []).append((row, attempt))
        if attempt.outcome is Outcome.NOT_YET_MET and not row.values["feedback"]:
            notes.add("“not yet met” without feedback: the student is not told what to do next", row.line)
    new: list[dict[str, Any]] = []
    unchanged = 0
    at = clock.now()
    for key, given in groups.items():
        stored = list(known.stored.get(key, {}).values())
        problems = {
            problem.index - len(stored): problem.text
            for problem in attempts_problems([*stored, *(attempt for _, attempt in given)])
        }
        for index, (row, attempt) in enumerate(given):
            if index in problems:
                refusals.append(refusal(row, "attempt", problems[index].rstrip(".")))
            elif attempt in stored:
                unchanged += 1
            else:
                new.append(_new_row(key, attempt, known.revisions.get((*key, attempt.attempt), 0) + 1, at))
    _insert(s, actor, new)
    return Done(len(new), 0, unchanged, refusals, notes.sentences())


def _read(row: CheckedRow, known: _Known) -> Refusal | tuple[tuple[UUID, UUID], ImportedAttempt]:
    """The (enrolment, criterion) a row is about and what it says, or why it is refused."""
    values = row.values
    cohort = known.cohorts.get(values["cohort"])
    if cohort is None:
        return refusal(row, "cohort", "There is no such cohort. Import it first, or check the reference")
    place = known.places.get((cohort.id, values["student_ref"]))
    if place is None:
        reason = f"No student with this reference is enrolled in {cohort.ref}. Import the enrolment first"
        return refusal(row, "student_ref", reason)
    if (cohort.qualification_id, values["unit_code"]) not in known.units:
        return refusal(
            row, "unit_code", f"The qualification of {cohort.ref} has no such unit. Check the code"
        )
    found = known.criteria.get((cohort.qualification_id, values["unit_code"], values["criterion"]))
    if found is None:
        return refusal(row, "criterion", f"The unit {values['unit_code']} has no such criterion")
    criterion_id, unit_id = found
    assessor = known.assessors.get(values["assessor_email"])
    if assessor is None:
        return refusal(row, "assessor_email", "Nobody has an account with this address. Make it first")
    person_id, is_tutor = assessor
    if not is_tutor:
        return refusal(row, "assessor_email", "This person is not a tutor. Give them the role first")
    attempt = ImportedAttempt(
        values["attempt"], values["decision"], values["decided_on"], (person_id, values["feedback"] or "")
    )
    key = (place.id, criterion_id)
    if known.stored.get(key, {}).get(attempt.attempt) == attempt:
        return key, attempt
    if (*key, attempt.attempt) in known.drafts:
        return refusal(row, "attempt", "A draft of this attempt waits in the marking. Release it there first")
    left = place.ended_on is not None and values["decided_on"] > place.ended_on
    problem = may_decide(
        UnitState.VERIFIED if (place.id, unit_id) in known.locked else UnitState.IN_PROGRESS,
        # What was decided while they took part is history, and is kept.
        EnrolmentStatus.WITHDRAWN
        if left and place.status is EnrolmentStatus.WITHDRAWN
        else EnrolmentStatus.ENROLLED,
        registered=(place.id, unit_id) in known.registered,
        decided_on=values["decided_on"],
        enrolled_on=place.enrolled_on,
        today=clock.today(),
        assessor=person_id,
        student=place.person_id,
        conflicts=known.conflicts.get(person_id, frozenset()),
    )
    if problem:
        return refusal(row, _column_of(problem), problem.rstrip("."))
    return key, attempt


def _column_of(problem: str) -> str:
    """The column a rule's sentence is about."""
    if problem.startswith("The date"):
        return "decided_on"
    if problem.startswith("The student has withdrawn"):
        return "student_ref"
    return "assessor_email" if problem.startswith("You") else "unit_code"


def _new_row(key: tuple[UUID, UUID], attempt: ImportedAttempt, revision: int, at: object) -> dict[str, Any]:
    enrolment_id, criterion_id = key
    person_id, feedback = cast(tuple[UUID, str], attempt.content)
    return {
        "enrolment_id": enrolment_id,
        "criterion_id": criterion_id,
        "attempt": attempt.attempt,
        "revision": revision,
        "outcome": attempt.outcome,
        "feedback": feedback,
        "decided_on": attempt.decided_on,
        "decided_by": person_id,
        "recorded_at": at,
        "released_at": at,
        "released_by": person_id,
        "is_imported": True,
    }


def _insert(s: Session, actor: Actor, new: list[dict[str, Any]]) -> None:
    """Add the decisions with an audit event each."""
    if isinstance(s, Rehearsal):
        return  # the database gives decisions their ids, and here it gives none
    events = []
    for start in range(0, len(new), 1000):
        some = new[start : start + 1000]
        ids: Sequence[int] = ids_reserved(s, Decision, len(some))
        if ids:
            add_rows(s, Decision, [{"id": own, **row} for own, row in zip(ids, some, strict=True)])
        else:
            ids = s.scalars(insert(Decision).returning(Decision.id, sort_by_parameter_order=True), some).all()
        events += [
            event_of(
                actor,
                "imported decision",
                "decision",
                decision_id,
                enrolment=str(row["enrolment_id"]),
                criterion=str(row["criterion_id"]),
                attempt=row["attempt"],
                outcome=row["outcome"].value,
                assessor=str(row["decided_by"]),
            )
            for decision_id, row in zip(ids, some, strict=True)
        ]
    record_many(s, events)


DECISIONS = ImportKind(
    name="decisions",
    title="Decisions",
    columns=(
        Column("cohort", one_line(40), required=True, help="The cohort's reference", example="C11"),
        Column("student_ref", one_line(40), required=True, help="The student's reference", example="S0001"),
        Column("unit_code", unit_code, required=True, help="The unit's code", example="PSW1"),
        Column("criterion", number_label, required=True, help="The criterion's number", example="1.1"),
        Column("attempt", whole_number(1, 99), required=True,
               help="1 for the first time it was handed in, 2 for the next, without gaps", example="1"),
        Column("decision", choice(Outcome), required=True, help="met or not yet met", example="met"),
        Column("decided_on", iso_date, required=True, help="The day it was decided", example="2026-10-05"),
        Column("assessor_email", email, required=True,
               help="The assessor's sign-in address. They must be or have been a tutor",
               example="tutor@example.nhs.uk"),
        Column("feedback", text(LONGEST_FEEDBACK), help="What the student is told",
               example="Clear, with two examples of your own"),
    ),
    key=("cohort", "student_ref", "unit_code", "criterion", "attempt"),
    apply=apply_decisions,
    permission=Permission.DECISION_RECORD,
    note="One row for each attempt at a criterion. Students see imported decisions at once.",
    seen_at="courses.cohorts_list",
    seen_as="See the cohorts",
)  # fmt: skip
