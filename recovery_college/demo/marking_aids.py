"""What helps the demo's tutors mark: comments in the bank, and criteria recorded together, one of them undone since."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery_college.assessment.bulk_services import BulkAsked, record_bulk_met
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.comment_services import add_comment, retire_comment
from recovery_college.assessment.services import restore_decision
from recovery_college.demo.cohorts import Course, MadeCohort, on
from recovery_college.demo.marking import ASKED
from recovery_college.demo.people import DemoActor
from recovery_college.demo.running import Teachers
from recovery_college.demo.timeline import Timeline
from recovery_college.kernel.ids import new_id

STEADY = 10
"""The student whose next criteria were recorded together: well ahead, with unit 3 begun."""
OWN = "I enjoyed reading this. Next time, tell me how the other person took it."
RETIRED = "See the handbook, page 12."


def add_marking_aids(
    timeline: Timeline, course: Course, running: MadeCohort, teachers: Teachers, today: date
) -> None:
    """Fill the bank for the criteria marked most, and record three criteria together."""
    criteria = course.units[1][1]
    tutor, peer = teachers.tutor, teachers.peer
    begun = on(running.plan.starts_on + timedelta(days=8), 17)

    def fill(_: Session) -> None:
        for place, text in enumerate(ASKED):
            add_comment(tutor, running.id, criteria[4 + place % 2], text, shared=True)
        add_comment(tutor, running.id, criteria[4], OWN, shared=False)
        old = add_comment(peer, running.id, criteria[4], RETIRED, shared=True)
        retire_comment(peer, running.id, old)

    timeline.do(begun, fill)
    place = running.places[STEADY]
    marked = on(today - timedelta(days=1), 16, 30)
    timeline.do(marked, lambda _: _together(peer, running.id, place, course.units[2][1][:3]))


def _together(tutor: DemoActor, cohort_id: UUID, place: UUID, criteria: tuple[UUID, ...]) -> None:
    """Record some criteria together, and take one back."""
    asked = [BulkAsked(place, one, 0) for one in criteria]
    record_bulk_met(tutor, cohort_id, new_id(), asked)
    last = cell_facts(tutor, place, criteria[-1])
    assert last is not None
    restore_decision(tutor, place, criteria[-1], last.seen, cohort_id=cohort_id)
