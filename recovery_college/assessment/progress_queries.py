"""Reading one learner's work: as the student may see it (released only, A7), and as staff may."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from recovery_college.access.rules import Actor
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.evidence_facts import handed_in
from recovery_college.assessment.history_queries import DecisionRow, decision_rows, verdict_rows
from recovery_college.assessment.next_step import NextStep, OwnCriterion, OwnUnit, next_step
from recovery_college.assessment.queries import UnitResult, engaged_cohorts, unit_result
from recovery_college.assessment.rules import CriterionState, decision_in_force
from recovery_college.assessment.unit_cells import QualityCell, cell_of
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import (
    Place,
    Syllabus,
    UnitRow,
    cohorts_scope,
    syllabus_of,
)
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


def place_from(enrolment: Enrolment) -> Place:
    """An enrolment read with its person, as the facts the rules take."""
    person = enrolment.person
    return Place(
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        cohort_id=enrolment.cohort_id,
        student_ref=person.student_ref or "",
        name=display_name(person.given_name, person.family_name, person.preferred_name),
        family_name=person.family_name,
        status=enrolment.status,
        enrolled_on=enrolment.enrolled_on,
        ended_on=enrolment.ended_on,
    )


def own_enrolments(person_id: UUID) -> list[Enrolment]:
    """A person's enrolments with cohort, qualification and site, the newest cohort first. One query."""
    statement = (
        select(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id)
        .options(
            joinedload(Enrolment.person),
            joinedload(Enrolment.cohort).joinedload(Cohort.qualification),
            joinedload(Enrolment.cohort).joinedload(Cohort.site),
        )
        .order_by(Cohort.starts_on.desc(), Cohort.ref)
    )
    return list(session().scalars(statement))


def the_one_to_show(enrolments: Sequence[Enrolment], chosen: str = "") -> Enrolment | None:
    """The enrolment to open: the chosen one, else a running one, else the newest; None when there is none."""
    for enrolment in enrolments:
        if str(enrolment.id) == chosen:
            return enrolment
    running = (one for one in enrolments if one.status in (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED))
    return next(running, enrolments[0] if enrolments else None)


@dataclass(frozen=True, slots=True)
class OwnWork:
    """One enrolment as its student sees it. `said`: released decisions with a tutor's words, latest first."""

    syllabus: Syllabus
    results: tuple[UnitResult, ...]
    units: tuple[OwnUnit, ...]
    said: tuple[DecisionRow, ...]
    step: NextStep

    @property
    def met(self) -> int:
        """Criteria met, over all registered units."""
        return sum(unit.met for unit in self.units)

    @property
    def criteria(self) -> int:
        """Criteria of all registered units."""
        return sum(len(unit.criteria) for unit in self.units)

    def label_of(self, row: DecisionRow) -> str:
        """The unit and criterion a decision is about."""
        unit = self.syllabus.unit(row.unit_id)
        return f"{unit_label(unit.code)}, {row.number}" if unit else row.number

    def text_of(self, row: DecisionRow) -> str:
        """What the criterion asks."""
        criterion = self.syllabus.criteria.get(row.criterion_id)
        return criterion.text if criterion else ""


def own_work(enrolment: Enrolment) -> OwnWork:
    """One's own work on a course, from released decisions only (A7): drafts are not even read. Seven queries."""
    cohort = enrolment.cohort
    syllabus = syllabus_of(cohort.qualification_id)
    registered = units_with_credit([enrolment.id])[enrolment.id]
    decisions = decision_rows([enrolment.id], released_only=True)
    verdicts = verdict_rows([enrolment.id])
    evidence = handed_in([enrolment.id])[enrolment.id]
    withdrawn = enrolment.status is EnrolmentStatus.WITHDRAWN
    results: list[UnitResult] = []
    units: list[OwnUnit] = []
    for unit in syllabus.units:
        if unit.id not in registered:
            continue
        rows = decisions.get((enrolment.id, unit.id), [])
        said = [row.fact for row in verdicts.get((enrolment.id, unit.id), [])]
        result = unit_result(
            unit,
            [row.fact for row in rows],
            said,
            registered[unit.id],
            withdrawn=withdrawn,
            handed_in=evidence,
        )
        results.append(result)
        units.append(_own_unit(unit, result, rows))
    step = next_step(
        units,
        enrolment.status,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        site=cohort.site.name,
        today=clock.today(),
    )
    known = {unit.id for unit in syllabus.units}
    spoken = [row for found in decisions.values() for row in found if row.feedback and row.unit_id in known]
    spoken.sort(key=lambda row: (row.released_at or row.recorded_at, row.id), reverse=True)
    return OwnWork(syllabus, tuple(results), tuple(units), tuple(spoken), step)


def _own_unit(unit: UnitRow, result: UnitResult, rows: Sequence[DecisionRow]) -> OwnUnit:
    criteria = []
    for criterion in unit.criteria:
        own = {row.fact: row for row in rows if row.criterion_id == criterion.id}
        in_force = decision_in_force(own)
        state = result.for_student[criterion.number]
        advice = own[in_force].feedback if in_force and state is CriterionState.NOT_YET_MET else ""
        criteria.append(OwnCriterion(criterion.number, criterion.text, state, advice))
    return OwnUnit(unit_label(unit.code), unit.title, result.state, tuple(criteria))


def my_next_step(person_id: UUID) -> NextStep | None:
    """The one next step of a student, for their home page; None for who is on no course."""
    enrolment = the_one_to_show(own_enrolments(person_id))
    return own_work(enrolment).step if enrolment else None


# What staff see of one learner.


@dataclass(frozen=True, slots=True)
class Chapter:
    """One enrolment of a learner, for staff: the cohort, and each registered unit with its whole history."""

    cohort: Cohort
    place: Place
    syllabus: Syllabus
    cells: tuple[QualityCell, ...]

    @property
    def met(self) -> int:
        """Criteria met by released decisions."""
        return sum(cell.result.met for cell in self.cells)

    @property
    def criteria(self) -> int:
        """Criteria of all registered units."""
        return sum(len(cell.unit.criteria) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Story:
    """One learner's story as far as the actor may know it."""

    person: Person
    name: str
    chapters: tuple[Chapter, ...]


def story_of(actor: Actor, person_id: UUID) -> Story | None:
    """A learner's enrolments in cohorts the actor may know of, or None when there is none (other people too)."""
    known = cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
    statement = (
        select(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id, Cohort.id.in_(known))
        .options(
            joinedload(Enrolment.person),
            joinedload(Enrolment.cohort).joinedload(Cohort.qualification),
            joinedload(Enrolment.cohort).joinedload(Cohort.site),
        )
        .order_by(Cohort.starts_on.desc(), Cohort.ref)
    )
    enrolments = list(session().scalars(statement))
    if not enrolments:
        return None
    ids = [one.id for one in enrolments]
    registered, decisions, verdicts = units_with_credit(ids), decision_rows(ids), verdict_rows(ids)
    evidence = handed_in(ids)
    syllabi = {one: syllabus_of(one) for one in {each.cohort.qualification_id for each in enrolments}}
    chapters = []
    for enrolment in enrolments:
        place, syllabus = place_from(enrolment), syllabi[enrolment.cohort.qualification_id]
        cells = tuple(
            cell_of(
                place,
                unit,
                decisions.get((enrolment.id, unit.id), []),
                verdicts.get((enrolment.id, unit.id), []),
                registered[enrolment.id][unit.id],
                evidence[enrolment.id],
            )
            for unit in syllabus.units
            if unit.id in registered[enrolment.id]
        )
        chapters.append(Chapter(enrolment.cohort, place, syllabus, cells))
    return Story(enrolments[0].person, chapters[0].place.name, tuple(chapters))
