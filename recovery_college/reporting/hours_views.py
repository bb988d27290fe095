"""/reports/hours: hours of open posts that somebody who is looking could fill."""

from flask import render_template
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.reporting.hours_queries import hours_to_fill
from recovery_college.reporting.room import room


@room.page("/reports/hours", permission=Permission.CANDIDATE_MATCH)
def report_hours() -> ResponseReturnValue:
    """How much work there is for those who look for it."""
    report = or_404(hours_to_fill(the_actor()))
    return render_template(
        "reporting/report_hours.html", report=report, weeks=terms_now().start_weeks, today=clock.today()
    )
