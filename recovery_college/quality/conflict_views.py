"""The pages of conflicts of interest around a cohort (A10)."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record_view
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form
from recovery_college.quality import conflict_services as services
from recovery_college.quality.conflict_queries import conflicts_around, people_around
from recovery_college.quality.room import room
from recovery_college.quality.staff_forms import ConflictForm

CONFLICTS = "/cohorts/<uuid:cohort_id>/quality/conflicts"


def _id(text: object) -> UUID:
    return UUID(str(text))


@room.page(
    CONFLICTS, permission=Permission.CONFLICT_DECLARE, see=Permission.QUALITY_SEE, methods=("GET", "POST")
)
def conflicts_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """The declared conflicts of a cohort's people, and the form to declare one."""
    actor, cohort = the_actor(), or_404(cohort_known_to(the_actor(), cohort_id))
    people = people_around(actor, cohort_id)
    keeps = may(actor, Permission.STAFF_KEEP)
    form = ConflictForm()
    form.person.choices = [(str(one), name) for one, name in people.judges if keeps or one == actor.person_id]
    others = [*people.students, *(one for one in people.judges if one not in people.students)]
    form.other.choices = [(str(one), name) for one, name in others if keeps or one != actor.person_id]
    if form.validate_on_submit():
        try:
            services.declare_conflict(
                actor, cohort_id, _id(form.person.data), _id(form.other.data), form.reason.data or ""
            )
            flash("Conflict of interest declared. Neither judges the other's work from now on.", "success")
            return redirect(url_for("quality.conflicts_cohort", cohort_id=cohort_id), 303)
        except services.ConflictRefused as refusal:
            form.blame(refusal)
    declared = conflicts_around(actor, people)
    if declared and keeps and not form.is_submitted():
        record_view(actor, "conflicts of interest", cohort_id)
    page = render_template(
        "quality/conflicts_cohort.html", cohort=cohort, form=form, declared=declared, keeps=keeps
    )
    return page, 422 if form.is_submitted() else 200


@room.page(
    CONFLICTS + "/<uuid:conflict_id>/end",
    permission=Permission.STAFF_KEEP,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def conflict_end(cohort_id: UUID, conflict_id: UUID) -> ResponseReturnValue:
    """End a conflict that is over: the page names it, then the deed."""
    actor, cohort = the_actor(), or_404(cohort_known_to(the_actor(), cohort_id))
    declared = conflicts_around(actor, people_around(actor, cohort_id))
    found = or_404(next((one for one in declared if one.id == conflict_id), None))
    form = Form()
    if form.validate_on_submit():
        try:
            services.end_conflict(actor, cohort_id, conflict_id)
            flash("Conflict of interest ended.", "success")
            return redirect(url_for("quality.conflicts_cohort", cohort_id=cohort_id), 303)
        except services.ConflictRefused as refusal:
            form.blame(refusal)
    page = render_template("quality/conflict_end.html", cohort=cohort, form=form, found=found)
    return page, 422 if form.is_submitted() else 200
