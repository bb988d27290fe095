"""Reading a cohort as its claim sees it: what may be claimed, what stands in the way, and its runs.

The caller has made sure that the actor may see the cohort (`assessment.queries.cohort_known_to`).
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.claim_models import Claim
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import UnitResult, results_of
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.claims.claim_queries import LineRow, Run, runs_of
from recovery_college.claims.registration_queries import Registered, registrations_of
from recovery_college.claims.rules import CLAIMABLE, Clock, Problem, ProblemKind, claim_clock, digest_of
from recovery_college.courses.models import AssessmentCriterion, Cohort
from recovery_college.courses.queries import Place, places_in
from recovery_college.courses.syllabus_queries import Syllabus, UnitRow, syllabus_of
from recovery_college.fairness.concern_queries import open_concerns
from recovery_college.kernel import clock
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class BoardStudent:
    """A student of a cohort with their units and their registration.

    `is_held`: nothing may be claimed for them just now (A15). Why, this room does not know.
    """

    place: Place
    registered: Registered
    results: tuple[UnitResult, ...]
    is_held: bool = False

    @property
    def problems(self) -> list[Problem]:
        """What stands in the way of claiming for them."""
        return self.registered.problems


@dataclass(frozen=True)
class Board:
    """A cohort as the claim sees it: students, units, runs, and the day the claim is due."""

    cohort: Cohort
    syllabus: Syllabus
    students: tuple[BoardStudent, ...]
    runs: tuple[Run, ...]
    clock: Clock

    @cached_property
    def live(self) -> dict[tuple[UUID, UUID], LineRow]:
        """The lines that are live, by (enrolment, unit): nothing of them is claimed again."""
        return {
            (line.enrolment_id, line.unit_id): line
            for run in self.runs
            if run.set_aside_at is None
            for line in run.lines
            if line.is_live
        }

    @cached_property
    def claimable(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Students with the units that are verified and on no run, whatever stands in their way."""
        found = []
        for student in self.students:
            units = [
                result.unit
                for result in student.results
                if result.state is CLAIMABLE and (student.place.enrolment_id, result.unit.id) not in self.live
            ]
            if units:
                found.append((student, units))
        return found

    @property
    def ready(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Who can be claimed for now, and for what."""
        return [
            (student, units)
            for student, units in self.claimable
            if not student.problems and not student.is_held
        ]

    @property
    def blocked(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Who has something to claim and something to mend before it."""
        return [(student, units) for student, units in self.claimable if student.problems]

    @property
    def held(self) -> list[tuple[BoardStudent, list[UnitRow]]]:
        """Who has something to claim that is held back."""
        return [(student, units) for student, units in self.claimable if student.is_held]

    @property
    def ticks(self) -> set[tuple[UUID, UUID]]:
        """Every (enrolment, unit) that can be claimed now."""
        return {(student.place.enrolment_id, unit.id) for student, units in self.ready for unit in units}

    @property
    def problem_counts(self) -> Counter[ProblemKind]:
        """How many students who have something to claim each kind of problem concerns."""
        return Counter(problem.kind for student, _ in self.blocked for problem in student.problems)

    @property
    def stamp(self) -> str:
        """What the board offers to claim, to notice that it changed meanwhile."""
        offered = [
            [str(student.registered.registration_id), [str(unit.id) for unit in units]]
            for student, units in self.ready
        ]
        return digest_of(offered)[:32]

    def run(self, claim_id: UUID) -> Run | None:
        """One of this cohort’s runs; None for another cohort’s."""
        return next((run for run in self.runs if run.id == claim_id), None)


def board_of(cohort: Cohort) -> Board:
    """A cohort's board in twelve queries whatever its size."""
    syllabus, places = syllabus_of(cohort.qualification_id), places_in([cohort.id])
    results = results_of(syllabus, places)
    registered = registrations_of([place.enrolment_id for place in places])
    held = open_concerns([place.enrolment_id for place in places])
    return Board(
        cohort,
        syllabus,
        tuple(
            BoardStudent(
                place,
                registered[place.enrolment_id],
                tuple(results[place.enrolment_id]),
                place.enrolment_id in held,
            )
            for place in places
        ),
        tuple(runs_of(Claim.cohort_id == cohort.id)),
        claim_clock(cohort.ends_on, clock.today()),
    )


def deciders_of(pairs: Collection[tuple[UUID, UUID]]) -> set[UUID]:
    """Everyone with a decision or a countersignature (A10) in one of these (enrolment, unit) pairs.

    Drafts and earlier tries are included.
    """
    wanted = set(pairs)
    rows = session().execute(
        select(
            Decision.enrolment_id,
            AssessmentCriterion.unit_id,
            Decision.decided_by,
            Countersignature.signed_by,
        )
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .outerjoin(Countersignature, Countersignature.decision_id == Decision.id)
        .where(Decision.enrolment_id.in_({enrolment_id for enrolment_id, _ in wanted}))
        .distinct()
    )
    found = [both for enrolment_id, unit_id, *both in rows if (enrolment_id, unit_id) in wanted]
    return {by for both in found for by in both if by is not None}
