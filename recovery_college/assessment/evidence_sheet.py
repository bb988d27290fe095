"""What a form for evidence offers: the student, and the criteria of their units that are still open."""

from dataclasses import dataclass
from uuid import UUID

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_rules import may_hand_in
from recovery_college.assessment.queries import cohort_known_to, results_of
from recovery_college.assessment.resubmission_facts import no_retries
from recovery_college.assessment.rules import QUALITY_ASSURED, CriterionState
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel.db import session

STATE_WORDS = {
    CriterionState.MET: "met",
    CriterionState.NOT_YET_MET: "not yet met",
    CriterionState.SUBMITTED: "being looked at",
    CriterionState.DRAFT: "",
    CriterionState.NOT_SUBMITTED: "",
}
NO_RETRY_WORDS = "not yet met, and no other try is planned: talk about it first"


@dataclass(frozen=True, slots=True)
class SheetCriterion:
    """A criterion to choose, with how it stands in its student's eyes."""

    id: UUID
    number: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class SheetUnit:
    """A unit that is still open."""

    id: UUID
    label: str
    title: str
    criteria: tuple[SheetCriterion, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The student and what evidence may be about. `closed` says why nothing may be handed in, or is ""."""

    enrolment_id: UUID
    person_id: UUID
    cohort_id: UUID
    cohort: str
    student: str
    status: EnrolmentStatus
    units: tuple[SheetUnit, ...]
    closed: str

    @property
    def ids(self) -> frozenset[UUID]:
        """Every criterion that may be chosen."""
        return frozenset(one.id for unit in self.units for one in unit.criteria)


def sheet_for(actor: Actor, enrolment_id: UUID) -> Sheet | None:
    """The form's facts for who may fill it in: the student for themselves, a tutor for students of theirs."""
    enrolment = session().get(Enrolment, enrolment_id)
    if enrolment is None:
        return None
    own = enrolment.person_id == actor.person_id and may(actor, Permission.EVIDENCE_HAND_IN)
    writes = may(actor, Permission.EVIDENCE_WRITE)
    if not own and not (writes and cohort_known_to(actor, enrolment.cohort_id)):
        return None
    cohort = session().get_one(Cohort, enrolment.cohort_id)
    place = next(one for one in places_in([cohort.id]) if one.enrolment_id == enrolment_id)
    results = results_of(syllabus_of(cohort.qualification_id), [place])[enrolment_id]
    stuck = no_retries([enrolment_id])[enrolment_id]

    def words_of(criterion_id: UUID, state: CriterionState) -> str:
        is_stuck = state is CriterionState.NOT_YET_MET and criterion_id in stuck
        return NO_RETRY_WORDS if is_stuck else STATE_WORDS[state]

    units = tuple(
        SheetUnit(
            result.unit.id,
            unit_label(result.unit.code),
            result.unit.title,
            tuple(
                SheetCriterion(one.id, one.number, one.text, words_of(one.id, result.for_student[one.number]))
                for one in result.unit.criteria
            ),
        )
        for result in results
        if result.state not in QUALITY_ASSURED
    )
    closed = may_hand_in(place.status, ()) or (
        "" if units else "All your units are done and checked, so nothing needs handing in."
    )
    return Sheet(
        enrolment_id, place.person_id, cohort.id, cohort.title, place.name, place.status, units, closed
    )
