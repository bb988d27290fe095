"""What waits for a quality assurer, and what was sent back to a tutor: for the home page, row for row."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Exists, Select, exists, func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.history_queries import decision_rows, verdict_rows
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict, may_verify
from recovery_college.assessment.staff_queries import conflicts_of, verifies
from recovery_college.assessment.steps import WAITS
from recovery_college.assessment.unit_cells import QualityCell, cell_of
from recovery_college.assessment.waiting_queries import Waiting, cohort_ids
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, EnrolmentUnit, Unit
from recovery_college.courses.queries import places_in
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name
from recovery_college.quality.plan_queries import picks_of
from recovery_college.quality.sampling import Stage


@dataclass(frozen=True, slots=True)
class ReturnedUnit:
    """One unit sent back to its assessor, with what to do by when."""

    cohort: str
    student: str
    unit: str
    action: str
    act_by_on: date | None
    href: str
    assessor: str = ""


def to_look_at(actor: Actor) -> tuple[list[Waiting], list[Waiting]]:
    """For a quality assurer, per cohort, the largest first: how many units of its plan are assessed and not looked at
    yet (A9), and how many wait that this person may verify (A10).
    """
    cells = _to_verify(actor)
    if not cells:
        return [], []
    picks = {
        (one.enrolment_id, one.unit_id)
        for picked in picks_of({cohort.id for cohort, _ in cells}).values()
        for one in picked
        if one.live and one.stage is Stage.SUMMATIVE
    }
    found = [
        (cohort, cell)
        for cohort, cell in cells
        if (cell.place.enrolment_id, cell.unit.id) in picks and not cell.was_sampled
    ]
    return _counted(found, "picked"), _counted(cells, "waiting")


def _counted(cells: Iterable[tuple[Cohort, QualityCell]], show: str) -> list[Waiting]:
    """How many there are in each cohort, with the address that shows exactly those."""
    titles: dict[UUID, str] = {}
    counts: Counter[UUID] = Counter()
    for cohort, _ in cells:
        titles[cohort.id] = cohort.title
        counts[cohort.id] += 1
    found = [
        Waiting(one, titles[one], count, f"/cohorts/{one}/quality?show={show}")
        for one, count in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.cohort))


def _to_verify(actor: Actor) -> list[tuple[Cohort, QualityCell]]:
    """The units that wait and that this person may verify (A10)."""
    if not may(actor, Permission.VERDICT_RECORD):
        return []
    met = (
        select(func.count(func.distinct(Decision.criterion_id)))
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .where(
            Decision.enrolment_id == EnrolmentUnit.enrolment_id,
            AssessmentCriterion.unit_id == EnrolmentUnit.unit_id,
            Decision.outcome == Outcome.MET,
            Decision.released_at.is_not(None),
        )
        .correlate(EnrolmentUnit)
        .scalar_subquery()
    )
    asked = (
        select(func.count())
        .select_from(AssessmentCriterion)
        .where(AssessmentCriterion.unit_id == EnrolmentUnit.unit_id)
        .correlate(EnrolmentUnit)
        .scalar_subquery()
    )
    pairs = (
        select(EnrolmentUnit.enrolment_id, EnrolmentUnit.unit_id)
        .join(Enrolment, EnrolmentUnit.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id.in_(cohort_ids(actor)), ~_settled(), met == asked)
    )
    conflicts = conflicts_of(actor.person_id)
    if not verifies(actor.person_id):
        return []
    return [
        (cohort, cell)
        for cohort, cell in _cells(pairs)
        if cell.step in WAITS
        and may_verify(actor.person_id, cell.deciders, cell.place.person_id, conflicts) is None
    ]


def units_returned(actor: Actor) -> list[ReturnedUnit]:
    """For a tutor: the units of assigned cohorts that were returned and not answered, the most urgent first."""
    return returned_units(actor) if may(actor, Permission.DECISION_RECORD) else []


def returned_units(actor: Actor) -> list[ReturnedUnit]:
    """The units of the cohorts the actor may know of that were returned and not answered, the most urgent first.

    In one query: the latest verdict returned it, and no decision was released and recorded since (quality_step).
    """
    later, since, last, any_one = aliased(IqaVerdict), aliased(Decision), aliased(Decision), aliased(Decision)
    about, of_any = aliased(AssessmentCriterion), aliased(AssessmentCriterion)
    student, assessor = aliased(Person), aliased(Person)
    answered = exists().where(
        since.enrolment_id == IqaVerdict.enrolment_id,
        since.criterion_id == about.id,
        about.unit_id == IqaVerdict.unit_id,
        since.released_at.is_not(None),
        since.recorded_at > IqaVerdict.recorded_at,
        ~taken_back(since),
    )
    last_id = (
        select(func.max(any_one.id))
        .join(of_any, any_one.criterion_id == of_any.id)
        .where(any_one.enrolment_id == IqaVerdict.enrolment_id, of_any.unit_id == IqaVerdict.unit_id)
        .correlate(IqaVerdict)
        .scalar_subquery()
    )
    rows = session().execute(
        select(
            Cohort.id, Cohort.title, Enrolment.id, Unit.id, Unit.code, IqaVerdict.action, IqaVerdict.act_by_on,
            student.given_name, student.family_name, student.preferred_name,
            assessor.given_name, assessor.family_name, assessor.preferred_name,
        )
        .select_from(IqaVerdict)
        .join(Enrolment, IqaVerdict.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(student, Enrolment.person_id == student.id)
        .join(Unit, (IqaVerdict.unit_id == Unit.id) & (Unit.qualification_id == Cohort.qualification_id))
        .outerjoin(last, last.id == last_id)
        .outerjoin(assessor, last.decided_by == assessor.id)
        .where(
            Cohort.id.in_(cohort_ids(actor)),
            IqaVerdict.verdict == Verdict.RETURNED,
            ~exists().where(
                later.enrolment_id == IqaVerdict.enrolment_id,
                later.unit_id == IqaVerdict.unit_id,
                later.recorded_at > IqaVerdict.recorded_at,
            ),
            ~answered,
        )
    )  # fmt: skip
    found = [
        ReturnedUnit(
            title, display_name(*names[:3]), unit_label(code), action, act_by_on,
            f"/cohorts/{cohort_id}/quality/{enrolment_id}/{unit_id}",
            display_name(*names[3:]) if names[3] else "",
        )
        for cohort_id, title, enrolment_id, unit_id, code, action, act_by_on, *names in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.act_by_on or date.max, one.student))


def _settled() -> Exists:
    """That a verdict verified the unit, and nothing was recorded or released after it."""
    later, since = aliased(IqaVerdict), aliased(Decision)
    criterion = aliased(AssessmentCriterion)
    return exists().where(
        IqaVerdict.enrolment_id == EnrolmentUnit.enrolment_id,
        IqaVerdict.unit_id == EnrolmentUnit.unit_id,
        IqaVerdict.verdict != Verdict.RETURNED,
        ~exists().where(
            later.enrolment_id == IqaVerdict.enrolment_id,
            later.unit_id == IqaVerdict.unit_id,
            later.recorded_at > IqaVerdict.recorded_at,
        ),
        ~exists().where(
            since.enrolment_id == IqaVerdict.enrolment_id,
            since.criterion_id == criterion.id,
            criterion.unit_id == IqaVerdict.unit_id,
            since.released_at > IqaVerdict.recorded_at,
        ),
    )


def _cells(pairs: Select[UUID, UUID]) -> list[tuple[Cohort, QualityCell]]:
    """The cells of these (enrolment, unit) pairs: the rules have the last word, not the query that found them."""
    wanted: dict[UUID, set[UUID]] = {}
    for enrolment_id, unit_id in session().execute(pairs):
        wanted.setdefault(enrolment_id, set()).add(unit_id)
    if not wanted:
        return []
    cohorts = _cohorts_of(wanted)
    decisions, verdicts = decision_rows(wanted), verdict_rows(wanted)
    syllabi = {one: syllabus_of(one) for one in {cohort.qualification_id for cohort in cohorts.values()}}
    cells = []
    for place in places_in(cohorts.keys()):
        cohort = cohorts[place.cohort_id]
        for unit in syllabi[cohort.qualification_id].units:
            if unit.id in wanted.get(place.enrolment_id, ()):
                key = (place.enrolment_id, unit.id)
                cells.append((cohort, cell_of(place, unit, decisions.get(key, []), verdicts.get(key, []))))
    return cells


def _cohorts_of(enrolment_ids: Collection[UUID]) -> dict[UUID, Cohort]:
    ids = select(Enrolment.cohort_id).where(Enrolment.id.in_(enrolment_ids))
    return {cohort.id: cohort for cohort in session().scalars(select(Cohort).where(Cohort.id.in_(ids)))}
