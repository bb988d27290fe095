"""Internal quality assurance: recording a verdict and closing a sample. One verb, one transaction (A8-A10)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.models import IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.rules import Verdict, may_verify
from recovery_college.assessment.staff_queries import MAY_NOT_VERIFY, conflicts_of, verifies
from recovery_college.assessment.unit_cells import QualityCell
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.courses.models import Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.board_queries import UnitFile, quality_board, unit_file
from recovery_college.quality.verdict_rules import why_no_verdict

LONGEST_TEXT = 4000
OWN_WORK = "You assessed part of this unit, so someone else must quality-assure it."


class VerdictRefused(DeedRefused):
    """Why a verdict was not recorded."""


class NoSuchUnit(LookupError):
    """The student, the unit or the cohort is not there, or the actor may not know of it."""


class StaleUnit(Exception):
    """Somebody recorded something after the page was drawn. `file` is the unit as it is now."""

    def __init__(self, file: UnitFile) -> None:
        super().__init__()
        self.file = file


class StaleSample(Exception):
    """What closing the sample would verify has changed since the page was drawn."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A verdict that is recorded. `unchanged`: the same one was there already (sent twice)."""

    verdict_id: UUID
    unchanged: bool = False


def record_verdict(
    actor: Actor,
    enrolment_id: UUID,
    unit_id: UUID,
    verdict: Verdict,
    criteria: Collection[UUID],
    comment: str,
    action: str,
    act_by_on: date | None,
    seen: str,
    *,
    cohort_id: UUID,
) -> Recorded:
    """Confirm one student's unit, or return it to its assessor with an action and a date (A8).

    `criteria`: those looked at, at least one. `seen`: the stamp of the unit the page showed. The same verdict
    sent twice is recorded once. Raises NoSuchUnit, VerdictRefused, StaleUnit.
    """
    with transaction() as s:
        file = unit_file(actor, cohort_id, enrolment_id, unit_id, lock=True)
        if file is None or actor.person_id is None or not may(actor, Permission.VERDICT_RECORD):
            raise NoSuchUnit
        cell = file.cell
        returned = verdict is Verdict.RETURNED
        words = (comment.strip(), action.strip() if returned else "", act_by_on if returned else None)
        latest = cell.verdict
        if latest is not None and cell.stamp != seen and latest.verified_by == actor.person_id:
            same = (latest.verdict, latest.criteria) == (verdict, frozenset(criteria))
            if same and (latest.comment, latest.action, latest.act_by_on) == words:
                return Recorded(latest.id, unchanged=True)
        _check_person(actor, cell)
        if cell.stamp != seen:
            raise StaleUnit(file)
        problem = why_no_verdict(verdict, cell.result.state, cell.place.status)
        if problem:
            raise VerdictRefused(problem, "verdict")
        _check_content(cell, verdict, criteria, *words)
        made = _add(s, actor, cell, verdict, *words)
        s.add_all(IqaVerdictCriterion(verdict_id=made.id, criterion_id=one) for one in set(criteria))
        record(
            s, actor, "quality assured", "unit", unit_id,
            enrolment=str(enrolment_id), verdict=verdict.value, criteria=len(set(criteria)),
            of=len(cell.unit.criteria), act_by=words[2].isoformat() if words[2] else "",
        )  # fmt: skip
        return Recorded(made.id)


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed sample: how many units it verified."""

    count: int


def close_sample(actor: Actor, cohort_id: UUID, unit_id: UUID, seen: str) -> Closed:
    """Verify every assessed unit that was not drawn, once the sample is as large as the plan asks (A8, A9).

    `seen`: the stamp of the plan the page showed, so that nobody is verified who was not named there. Refused
    whole when the actor assessed, or is, any of them (A10). Raises NoSuchUnit, VerdictRefused, StaleSample.
    """
    with transaction() as s:
        cohort = cohort_known_to(actor, cohort_id)
        if cohort is None or actor.person_id is None or not may(actor, Permission.VERDICT_RECORD):
            raise NoSuchUnit
        s.execute(
            select(Enrolment.id)
            .where(Enrolment.cohort_id == cohort_id)
            .order_by(Enrolment.id)
            .with_for_update()
        )
        plan = quality_board(cohort).plan(unit_id)
        if plan is None:
            raise NoSuchUnit
        if plan.stamp != seen:
            raise StaleSample
        if plan.why_not_closed:
            raise VerdictRefused(plan.why_not_closed)
        own = own_in(actor, plan.waiting)
        if own:
            raise VerdictRefused(
                f"You assessed, countersigned, are, or declared a conflict of interest with {_listed(own)}. "
                "Nobody quality-assures their own decision (rule A10), so another quality assurer must close "
                "this sample."
            )
        if not verifies(actor.person_id):
            raise VerdictRefused(MAY_NOT_VERIFY)
        for cell in plan.waiting:
            _add(s, actor, cell, Verdict.SAMPLE_CLOSED, "", "", None)
        record_many(
            s,
            [
                event_of(
                    actor, "quality assured", "unit", unit_id,
                    enrolment=str(cell.place.enrolment_id), verdict=Verdict.SAMPLE_CLOSED.value,
                    sampled=plan.sampled, asked=plan.asked, seed=plan.seed,
                )
                for cell in plan.waiting
            ],
        )  # fmt: skip
        return Closed(len(plan.waiting))


def own_in(actor: Actor, cells: Iterable[QualityCell]) -> list[str]:
    """The students whose units this person may not quality-assure (A10: by person)."""
    conflicts = conflicts_of(actor.person_id)
    return [
        cell.place.name
        for cell in cells
        if may_verify(actor.person_id, cell.deciders, cell.place.person_id, conflicts)
    ]


def why_not_verify(actor: Actor, cell: QualityCell) -> str | None:
    """Why this person may not quality-assure this unit, or None: their own work, a conflict, their record (A10)."""
    conflicts = conflicts_of(actor.person_id)
    problem = may_verify(actor.person_id, cell.deciders, cell.place.person_id, conflicts)
    return problem or (None if verifies(actor.person_id) else MAY_NOT_VERIFY)


def _check_person(actor: Actor, cell: QualityCell) -> None:
    problem = why_not_verify(actor, cell)
    if problem:
        raise VerdictRefused(problem)


def _check_content(
    cell: QualityCell,
    verdict: Verdict,
    criteria: Collection[UUID],
    comment: str,
    action: str,
    act_by_on: date | None,
) -> None:
    if verdict is Verdict.SAMPLE_CLOSED:
        raise VerdictRefused("A sample is closed for a whole unit, not for one student.", "verdict")
    if not criteria:
        raise VerdictRefused("Tick the criteria you looked at", "criteria")
    if not set(criteria) <= {criterion.id for criterion in cell.unit.criteria}:
        raise VerdictRefused("Choose from the list", "criteria")
    for text, field in ((comment, "comment"), (action, "action")):
        if len(text) > LONGEST_TEXT:
            raise VerdictRefused(f"Use {LONGEST_TEXT:,} characters or fewer", field)
    if verdict is Verdict.RETURNED:
        if not action:
            raise VerdictRefused("Write what the assessor should do", "action")
        if act_by_on is None:
            raise VerdictRefused("Enter the date to act by, like 27 3 2026", "act_by_on")
        if act_by_on < clock.today():
            raise VerdictRefused(
                "The date to act by is in the past. Enter today or a later date", "act_by_on"
            )


def _add(
    s: Session, actor: Actor, cell: QualityCell, verdict: Verdict, comment: str, action: str, by: date | None
) -> IqaVerdict:
    """Add the row. The database refuses one's own decision as well, whatever this code thinks (A10)."""
    assert actor.person_id is not None
    made = IqaVerdict(
        enrolment_id=cell.place.enrolment_id,
        unit_id=cell.unit.id,
        verdict=verdict,
        comment=comment,
        action=action,
        act_by_on=by,
        verified_by=actor.person_id,
        recorded_at=_after_all(cell),
    )
    s.add(made)
    try:
        s.flush()
    except IntegrityError as error:
        if "(A10)" in str(error.orig):
            raise VerdictRefused(OWN_WORK) from error
        raise
    return made


def _after_all(cell: QualityCell) -> datetime:
    """Now, but never at or before anything recorded about the unit: the order of events is what counts."""
    moments = [row.recorded_at for row in cell.decisions]
    moments += [row.released_at for row in cell.decisions if row.released_at]
    moments += [row.recorded_at for row in cell.verdicts]
    return max([clock.now(), *(moment + timedelta(microseconds=1) for moment in moments)])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
