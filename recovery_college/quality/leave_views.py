"""Asking for a sensitive piece of evidence, and the student's page to answer on (A6, A11)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.engagement_rules import LeaveAnswer
from recovery_college.kernel.errors import or_404
from recovery_college.quality import leave_services as services
from recovery_college.quality.engagement_forms import LeaveForm, SeenForm
from recovery_college.quality.engagement_services import EngagementRefused, NoSuchEngagement
from recovery_college.quality.engagement_views import ONE, SEE, engagement_or_404
from recovery_college.quality.room import room


@room.page(
    f"{ONE}/picks/<uuid:pick_id>/evidence/<uuid:evidence_id>/ask",
    permission=Permission.ENGAGEMENT_PICK,
    see=SEE,
    methods=("POST",),
)
def engagement_ask(engagement_id: UUID, pick_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """The external asks the student's leave."""
    actor = the_actor()
    engagement_or_404(actor, engagement_id)
    if not SeenForm().validate_on_submit():
        abort(400)
    try:
        services.ask_leave(actor, engagement_id, pick_id, evidence_id)
    except NoSuchEngagement:
        abort(404)
    except EngagementRefused as refusal:
        flash(str(refusal), "error")
    else:
        flash("The student is asked. You see it here when they say yes.", "success")
    here = url_for("quality.engagement_pick_show", engagement_id=engagement_id, pick_id=pick_id)
    return redirect(here, 303)


@room.page("/my-progress/leave", permission=Permission.OWN_PROGRESS)
def my_leave() -> ResponseReturnValue:
    """What a student is asked, and what they said."""
    requests = services.leave_requests(the_actor())
    return render_template("quality/my_leave.html", requests=requests)


@room.page("/my-progress/leave/<uuid:leave_id>", permission=Permission.OWN_PROGRESS, methods=("GET", "POST"))
def my_leave_answer(leave_id: UUID) -> ResponseReturnValue:
    """One question: yes, no, or something in between."""
    actor = the_actor()
    request = or_404(next((one for one in services.leave_requests(actor) if one.id == leave_id), None))
    form = LeaveForm(answer=request.answer.value if request.answer else None)
    if form.validate_on_submit():
        try:
            services.answer_leave(actor, leave_id, LeaveAnswer(form.answer.data))
        except NoSuchEngagement:
            abort(404)
        except EngagementRefused as refusal:
            form.blame(refusal)
        else:
            flash("Saved. You can change your answer here while the visit lasts.", "success")
            return redirect(url_for("quality.my_leave"), 303)
    page = render_template("quality/my_leave_answer.html", request=request, form=form)
    return page, 422 if form.is_submitted() else 200
