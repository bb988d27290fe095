"""The page of a cohort's decisions that wait for a countersignature (A10)."""

from itertools import groupby
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record_view
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form, TextAreaField
from recovery_college.kernel.numbers import number_given
from recovery_college.quality import countersign_services as services
from recovery_college.quality.countersign_queries import unsigned_decisions
from recovery_college.quality.room import room


class CountersignForm(Form):
    """The decisions are ticked beside it."""

    note = TextAreaField(
        "A word to the assessor", called="The word to the assessor", rows=3, max_length=services.LONGEST_NOTE,
        hint="You do not have to write one. It is kept with each signature, for staff to read",
    )  # fmt: skip


@room.page(
    "/cohorts/<uuid:cohort_id>/quality/countersign",
    permission=Permission.COUNTERSIGN,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def countersign_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """Each decision of an assessor in training that waits, by student; tick and sign."""
    actor = the_actor()
    cohort = or_404(cohort_known_to(actor, cohort_id))
    form = CountersignForm()
    if form.validate_on_submit():
        ids = [one for one in map(number_given, request.form.getlist("decision")) if one is not None]
        try:
            if not ids:
                raise services.CountersignRefused("Tick at least one decision to countersign")
            signed = services.countersign(actor, cohort_id, ids, form.note.data or "")
            noun = "decision" if signed == 1 else "decisions"
            flash(f"Countersigned {signed} {noun}.", "success")
            return redirect(url_for("quality.countersign_cohort", cohort_id=cohort_id), 303)
        except services.CountersignRefused as refusal:
            form.blame(refusal)
    waiting = unsigned_decisions(actor, cohort_id)
    if waiting and not form.is_submitted():
        record_view(actor, "decisions", cohort_id, countersign=len(waiting))
    groups = [(key, list(rows)) for key, rows in groupby(waiting, key=lambda row: (row.student, row.unit))]
    page = render_template(
        "quality/countersign_cohort.html",
        cohort=cohort,
        form=form,
        groups=groups,
        count=sum(not row.problem for row in waiting),
        ticked=set(request.form.getlist("decision")),
    )
    return page, 422 if form.is_submitted() else 200
