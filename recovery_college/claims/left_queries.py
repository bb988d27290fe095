"""Reading what is left to award, for a whole cohort or for one learner, in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_models import Claim, ClaimLine
from recovery_college.assessment.claim_rules import Capacity
from recovery_college.assessment.queries import UnitResult
from recovery_college.assessment.resubmission_facts import no_retries
from recovery_college.assessment.rules import CriterionState, Retry
from recovery_college.claims.board_queries import Board
from recovery_college.claims.claim_queries import LineRow, line_rows, signatures_on
from recovery_college.claims.left_rules import StudentLeft, UnitLeft, left_of_student
from recovery_college.claims.registration_queries import registrations_of
from recovery_college.courses.queries import Place
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import Syllabus
from recovery_college.fairness.concern_queries import open_concerns


@dataclass(frozen=True, slots=True)
class PlaceLeft:
    """One place with what is left to award."""

    place: Place
    left: StudentLeft


def left_on(board: Board, actor: Actor) -> list[PlaceLeft]:
    """What is left for each student of a cohort, from its board: one query more.

    That a decision is drafted is told only to those who may read decisions (A7).
    """
    drafts = may(actor, Permission.FEEDBACK_SEE)
    unsigned = {run.id: run.unsigned for run in board.runs}
    stuck = no_retries([student.place.enrolment_id for student in board.students])
    return [
        PlaceLeft(
            student.place,
            _left(
                student.place,
                board.syllabus,
                student.results,
                board.live,
                unsigned,
                [problem.text for problem in student.problems],
                drafts,
                student.is_held,
                stuck[student.place.enrolment_id],
            ),
        )
        for student in board.students
    ]


def left_for(
    actor: Actor, works: Sequence[tuple[Place, Syllabus, Sequence[UnitResult]]]
) -> dict[UUID, StudentLeft]:
    """What is left for some places whose results were read already: five more queries for all of them."""
    ids = [place.enrolment_id for place, *_ in works]
    live = {
        (line.enrolment_id, line.unit_id): line
        for line in line_rows(ClaimLine.enrolment_id.in_(ids), Claim.set_aside_at.is_(None))
        if line.is_live
    }
    open_runs = {line.claim_id for line in live.values() if not line.locked}
    signed = signatures_on(open_runs) if open_runs else {}
    unsigned = {
        claim_id: tuple(
            one for one in Capacity if one not in {row.capacity for row in signed.get(claim_id, ())}
        )
        for claim_id in open_runs
    }
    registered, held, stuck = registrations_of(ids), open_concerns(ids), no_retries(ids)
    return {
        place.enrolment_id: _left(
            place,
            syllabus,
            results,
            live,
            unsigned,
            [problem.text for problem in registered[place.enrolment_id].problems],
            may(actor, Permission.FEEDBACK_SEE),
            place.enrolment_id in held,
            stuck[place.enrolment_id],
        )
        for place, syllabus, results in works
    }


def _left(
    place: Place,
    syllabus: Syllabus,
    results: Sequence[UnitResult],
    live: Mapping[tuple[UUID, UUID], LineRow],
    unsigned: Mapping[UUID, tuple[Capacity, ...]],
    problems: Sequence[str],
    drafts: bool,
    is_held: bool,
    stuck: Mapping[UUID, Retry],
) -> StudentLeft:
    units = []
    for result in results:
        line = live.get((place.enrolment_id, result.unit.id))
        units.append(
            UnitLeft(
                code=result.unit.code,
                title=result.unit.title,
                credit=result.unit.credit,
                state=result.state,
                not_met=result.not_met,
                referred=_in(result.for_student, CriterionState.NOT_YET_MET),
                drafted=_in(result.for_staff, CriterionState.DRAFT) if drafts else frozenset(),
                run=line.run if line else "",
                claim=str(line.claim_id) if line else "",
                unsigned=unsigned.get(line.claim_id, ()) if line else (),
                queried=line.is_queried if line else False,
                stuck={one.number: stuck[one.id] for one in result.unit.criteria if one.id in stuck},
                uncountersigned=result.awaits_countersignature,
            )
        )
    has_left = place.status is EnrolmentStatus.WITHDRAWN
    return left_of_student(units, syllabus.specification, problems, has_left, is_held)


def _in(states: Mapping[str, CriterionState], state: CriterionState) -> frozenset[str]:
    return frozenset(number for number, found in states.items() if found is state)
