"""/reports/impact: graduates and posts, counted, and beside them what was reported before this system."""

from flask import render_template
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.reporting.impact_queries import impact_for
from recovery_college.reporting.room import room


@room.page("/reports/impact", permission=Permission.REPORT_IMPACT)
def report_impact() -> ResponseReturnValue:
    """What the Trust got for it."""
    return render_template("reporting/report_impact.html", impact=impact_for(the_actor()))
