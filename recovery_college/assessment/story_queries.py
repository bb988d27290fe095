"""Reading one learner's story, as far as staff may know it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from recovery_college.access.rules import Actor
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.evidence_facts import handed_in
from recovery_college.assessment.history_queries import decision_rows, verdict_rows
from recovery_college.assessment.place_queries import place_from
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.assessment.unit_cells import QualityCell, cell_of
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import Place, cohorts_scope
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.kernel.db import session
from recovery_college.people.models import Person


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
