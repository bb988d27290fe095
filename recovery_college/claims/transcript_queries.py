"""The record of units achieved: who leaves keeps them (A12), and it says so on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from recovery_college.access.rules import Actor
from recovery_college.assessment.claim_models import Claim, ClaimLine
from recovery_college.assessment.place_queries import own_enrolments, place_from
from recovery_college.assessment.queries import UnitResult, results_of
from recovery_college.assessment.rules import QUALITY_ASSURED, UnitState
from recovery_college.assessment.story_queries import story_of
from recovery_college.claims.claim_queries import line_rows
from recovery_college.courses.models import Cohort
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.people.models import Person
from recovery_college.people.rules import paper_name


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One achieved unit; `awarded_on` when the awarding organisation has confirmed its credit."""

    code: str
    title: str
    level: int
    credit: int
    state: UnitState
    awarded_on: date | None


@dataclass(frozen=True, slots=True)
class CourseRecord:
    """A course with the units achieved on it."""

    title: str
    qualification: str
    version: str
    from_on: date
    to_on: date
    has_left: bool
    units: tuple[UnitRecord, ...]

    @property
    def awarded(self) -> int:
        """The credit awarded."""
        return sum(unit.credit for unit in self.units if unit.awarded_on)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything somebody achieved, by course, the newest first. `name` is the one printed on certificates."""

    person_id: UUID
    name: str
    courses: tuple[CourseRecord, ...]

    @property
    def credit(self) -> int:
        """The credit of all units achieved."""
        return sum(unit.credit for course in self.courses for unit in course.units)

    @property
    def awarded(self) -> int:
        """The credit the awarding organisation has confirmed."""
        return sum(course.awarded for course in self.courses)


def transcript_for_staff(actor: Actor, person_id: UUID) -> Transcript | None:
    """A learner's record in the cohorts the actor may know of, or None."""
    story = story_of(actor, person_id)
    if story is None:
        return None
    works = [
        (chapter.cohort, chapter.place.status, chapter.place.enrolment_id, chapter.place.ended_on,
         [cell.result for cell in chapter.cells])
        for chapter in story.chapters
    ]  # fmt: skip
    return _transcript(story.person, works)


def own_transcript(person_id: UUID) -> Transcript | None:
    """One's own record, or None for who was on no course."""
    enrolments = own_enrolments(person_id)
    if not enrolments:
        return None
    works = []
    for enrolment in enrolments:
        results = results_of(syllabus_of(enrolment.cohort.qualification_id), [place_from(enrolment)])
        works.append(
            (enrolment.cohort, enrolment.status, enrolment.id, enrolment.ended_on, results[enrolment.id])
        )
    return _transcript(enrolments[0].person, works)


def _transcript(
    person: Person,
    works: Sequence[tuple[Cohort, EnrolmentStatus, UUID, date | None, Sequence[UnitResult]]],
) -> Transcript:
    ids = [enrolment_id for _, _, enrolment_id, *_ in works]
    awarded = {
        (line.enrolment_id, line.unit_id): line.awarded_on
        for line in line_rows(ClaimLine.enrolment_id.in_(ids), Claim.set_aside_at.is_(None))
        if line.awarded_on
    }
    courses = []
    for cohort, status, enrolment_id, ended_on, results in works:
        units = tuple(
            UnitRecord(
                one.unit.code, one.unit.title, one.unit.level, one.unit.credit, one.state,
                awarded.get((enrolment_id, one.unit.id)),
            )
            for one in results
            if one.state in QUALITY_ASSURED
        )  # fmt: skip
        has_left = status is EnrolmentStatus.WITHDRAWN
        until = ended_on if has_left and ended_on else cohort.ends_on
        courses.append(
            CourseRecord(
                cohort.title, cohort.qualification.title, cohort.qualification.version, cohort.starts_on,
                until, has_left, units,
            )
        )  # fmt: skip
    name = paper_name(person.given_name, person.family_name, person.certificate_name)
    return Transcript(person.id, name, tuple(courses))
