"""The awarding organisation's reply, reconciled line by line with what was claimed (A12; contract: rac-reply)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimReply
from recovery_college.assessment.claim_rules import Reply
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.audit.services import event_of, record_many
from recovery_college.claims.claim_queries import LineRow, line_rows
from recovery_college.courses.imports.cells import one_line, unit_code
from recovery_college.courses.imports.lookups import (
    PlaceFact,
    cohorts_named,
    column,
    places_held,
    refusal,
)
from recovery_college.courses.models import Cohort, Unit
from recovery_college.imports.kind import ImportKind, Options
from recovery_college.imports.kind import Outcome as Done
from recovery_college.imports.rules import CheckedRow, Column, Refusal, choice, iso_date
from recovery_college.kernel import clock
from recovery_college.kernel.ids import new_id

Key = tuple[UUID, UUID]


def apply_reply(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Done:
    """Record a reply for each line that has none like it; tell what the reply leaves open."""
    cohorts = cohorts_named(s, column(rows, "cohort"))
    if actor.person_id is not None:
        mine = {cohort.id for cohort in cohorts_known_to(actor)}
        cohorts = {ref: cohort for ref, cohort in cohorts.items() if cohort.id in mine}
    ids = [cohort.id for cohort in cohorts.values()]
    places = places_held(s, ids)
    units: dict[tuple[UUID, str], UUID] = {}
    for qualification_id, code, unit_id in s.execute(
        select(Unit.qualification_id, Unit.code, Unit.id).where(
            Unit.qualification_id.in_({cohort.qualification_id for cohort in cohorts.values()})
        )
    ):
        units[qualification_id, code] = unit_id
    # Hold the lines, so that two files of one reply come one after the other.
    held = select(ClaimLine.id).join(Claim, ClaimLine.claim_id == Claim.id).where(Claim.cohort_id.in_(ids))
    s.execute(held.order_by(ClaimLine.id).with_for_update(of=ClaimLine))
    lines = line_rows(Claim.cohort_id.in_(ids), Claim.set_aside_at.is_(None))
    by_unit: dict[Key, list[LineRow]] = {}
    for line in lines:
        by_unit.setdefault((line.enrolment_id, line.unit_id), []).append(line)
    refusals, new, unchanged = list[Refusal](), list[dict[str, Any]](), 0
    answered: set[UUID] = set()
    at = clock.now()
    for row in rows:
        found = _line_of(row, cohorts, places, units, by_unit)
        problem = found if isinstance(found, Refusal) else _problem(row, found)
        if problem is not None:
            refusals.append(problem)
            continue
        assert not isinstance(found, Refusal)
        answered.add(found.id)
        result, on = row.values["result"], row.values["awarded_on"]
        if (found.reply, found.awarded_on) == (result, on):
            unchanged += 1
        else:
            new.append(
                {
                    "id": new_id(), "line_id": found.id, "result": result, "awarded_on": on,
                    "recorded_by": actor.audit_id, "recorded_at": at,
                }
            )  # fmt: skip
    if new and not refusals:
        s.execute(insert(ClaimReply), new)
        of = {line.id: line for line in lines}
        record_many(
            s,
            [
                event_of(
                    actor, "recorded reply", "claim", of[row["line_id"]].claim_id,
                    line=str(row["line_id"]), result=row["result"].value,
                )
                for row in new
            ],
        )  # fmt: skip
    return Done(len(new), 0, unchanged, refusals, _differences(lines, answered))


def _line_of(
    row: CheckedRow,
    cohorts: dict[str, Cohort],
    places: dict[tuple[UUID, str], PlaceFact],
    units: dict[tuple[UUID, str], UUID],
    by_unit: dict[Key, list[LineRow]],
) -> LineRow | Refusal:
    """The line a row answers: the newest of that student's unit on a locked claim."""
    values = row.values
    cohort = cohorts.get(values["cohort"])
    if cohort is None:
        return refusal(row, "cohort", "There is no such cohort. Check the reference")
    place = places.get((cohort.id, values["student_ref"]))
    if place is None:
        return refusal(row, "student_ref", f"No student with this reference is enrolled in {cohort.ref}")
    unit_id = units.get((cohort.qualification_id, values["unit_code"]))
    if unit_id is None:
        return refusal(
            row, "unit_code", f"The qualification of {cohort.ref} has no such unit. Check the code"
        )
    own = by_unit.get((place.id, unit_id), [])
    locked = [line for line in own if line.locked]
    waiting = next((line for line in own if not line.locked), None)
    if waiting is not None:
        reason = f"This unit is on {waiting.run}, which is not signed by all three yet"
        return refusal(row, "unit_code", f"{reason}. Set that claim aside, or have it signed, first")
    if not locked:
        return refusal(row, "unit_code", "This unit was not claimed for this student, so there is no line")
    return locked[-1]


def _problem(row: CheckedRow, line: LineRow) -> Refusal | None:
    """Why a reply does not fit its line."""
    result: Reply = row.values["result"]
    on: date | None = row.values["awarded_on"]
    if result is Reply.AWARDED and on is None:
        return refusal(row, "awarded_on", "Enter the day the credit was awarded, like 2026-11-20")
    if result is Reply.QUERIED and on is not None:
        return refusal(row, "awarded_on", "A queried line has no award date. Leave it empty")
    if on is not None and on > clock.today():
        return refusal(row, "awarded_on", "The award is in the future. Check the date")
    if line.reply is Reply.AWARDED and (result, on) != (line.reply, line.awarded_on):
        assert line.awarded_on is not None
        said = f"{line.run} has this unit as awarded on {line.awarded_on.isoformat()}"
        column_name = "awarded_on" if result is Reply.AWARDED else "result"
        return refusal(row, column_name, f"{said}, and an award is kept. Ask the awarding organisation")
    if on is not None and line.locked_on is not None and on < line.locked_on and on != line.awarded_on:
        signed = f"{line.run} was signed by all three on {line.locked_on.isoformat()}"
        return refusal(row, "awarded_on", f"{signed}, and nothing is awarded before that. Check the date")
    return None


def _differences(lines: Sequence[LineRow], answered: set[UUID]) -> list[str]:
    """For each run the file speaks of: how many of its live lines it leaves without an answer."""
    numbers = {line.number for line in lines if line.id in answered}
    told = []
    for number in sorted(numbers):
        of_run = [line for line in lines if line.number == number and line.is_live]
        silent = [line for line in of_run if line.id not in answered and line.reply is None]
        if silent:
            noun = "line is" if len(silent) == 1 else "lines are"
            told.append(
                f"{of_run[0].run}: {len(silent)} of {len(of_run)} claimed {noun} not in this reply "
                "and still without an answer"
            )
    return told


RAC_REPLY = ImportKind(
    name="rac-reply",
    title="Awarding organisation’s reply",
    columns=(
        Column("cohort", one_line(40), required=True, help="The cohort's reference", example="C11"),
        Column("student_ref", one_line(40), required=True, help="The student's reference", example="S0001"),
        Column("unit_code", unit_code, required=True, help="The unit's code", example="PSW1"),
        Column("result", choice(Reply), required=True, help="awarded or queried", example="awarded"),
        Column("awarded_on", iso_date, help="The day the credit was awarded; empty for a queried line",
               example="2026-11-20"),
    ),
    key=("cohort", "student_ref", "unit_code"),
    apply=apply_reply,
    permission=Permission.CLAIM_PREPARE,
    note="One row for each claimed unit of each student. Each is put beside the line that was claimed.",
    seen_at="claims.claims_list",
    seen_as="See the claims",
)  # fmt: skip
