"""Quality assurance across cohorts, and what the sample of one cohort has covered."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, Role
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.countersign_queries import countersignatures_waiting
from recovery_college.quality.coverage_queries import camera
from recovery_college.quality.hub_queries import plans_known_to
from recovery_college.quality.improvement_queries import actions_known_to, meetings_known_to
from recovery_college.quality.room import room
from recovery_college.quality.waiting_queries import to_look_at


@room.page("/quality", permission=Permission.QUALITY_SEE)
def quality_home() -> ResponseReturnValue:
    """Plans across cohorts, what is to be looked at, actions, standardisation and staff."""
    actor, today = the_actor(), clock.today()
    actions = actions_known_to(actor)
    return render_template(
        "quality/quality_home.html",
        plans=plans_known_to(actor),
        to_look_at=to_look_at(actor)[0],
        countersign=countersignatures_waiting(actor),
        open_actions=len(actions),
        overdue=sum(one.overdue(today) for one in actions),
        meetings=meetings_known_to(actor),
        acts=actor.role is not Role.EQA,
    )


@room.page("/cohorts/<uuid:cohort_id>/quality/coverage", permission=Permission.QUALITY_SEE)
def coverage_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """What the sample has covered, against the plan: candidates, assessors, methods, evidence, records, sites."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    board = quality_board(cohort)
    return render_template(
        "quality/coverage_cohort.html", cohort=cohort, board=board, dimensions=camera(board)
    )
