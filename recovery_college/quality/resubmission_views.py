"""The pages of more resubmissions than the programme plans (A5): asking, and answering."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.resubmission_queries import more_requests
from recovery_college.quality import resubmission_services as services
from recovery_college.quality.resubmission_forms import AnswerForm, MoreForm
from recovery_college.quality.room import room

ASK = "/cohorts/<uuid:cohort_id>/quality/more/<uuid:enrolment_id>/<uuid:criterion_id>"


@room.page(ASK, permission=Permission.DECISION_RECORD, see=Permission.QUALITY_SEE, methods=("GET", "POST"))
def more_ask(cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID) -> ResponseReturnValue:
    """Ask quality assurance for one more resubmission of a student's criterion."""
    actor = the_actor()
    facts = cell_facts(actor, enrolment_id, criterion_id)
    if cohort_known_to(actor, cohort_id) is None or facts is None or facts.cohort_id != cohort_id:
        abort(404)
    form = MoreForm()
    back = url_for(
        "assessment.marking_cell", cohort_id=cohort_id, enrolment_id=enrolment_id, criterion_id=criterion_id
    )
    if form.validate_on_submit():
        try:
            services.ask_for_more(actor, cohort_id, enrolment_id, criterion_id, form.reason.data or "")
            flash("Asked. A quality assurer answers, and you see the answer here.", "success")
            return redirect(back, 303)
        except services.MoreRefused as refusal:
            form.blame(refusal)
        except services.NoSuchCriterion:
            abort(404)
    page = render_template(
        "quality/quality_form.html",
        form=form,
        heading="Ask for one more resubmission",
        button="Ask",
        back={"href": back, "text": f"{facts.unit_code} {facts.number}"},
        caption=facts.student,
        lead=f"The course plans {facts.resubmissions}. Quality assurance may agree to one more.",
    )
    return page, 422 if form.is_submitted() else 200


@room.page("/quality/resubmissions", permission=Permission.QUALITY_SEE)
def more_list() -> ResponseReturnValue:
    """Requests for more resubmissions, those that wait first."""
    actor = the_actor()
    found = more_requests(actor)
    return render_template(
        "quality/more_list.html",
        requests=sorted(found, key=lambda one: one.agreed is not None),
        answers=may(actor, Permission.VERDICT_RECORD),
        reads_words=may(actor, Permission.FEEDBACK_SEE),
    )


@room.page(
    "/cohorts/<uuid:cohort_id>/quality/resubmissions/<uuid:request_id>",
    permission=Permission.VERDICT_RECORD,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def more_answer(cohort_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Agree to one more resubmission, or not."""
    actor = the_actor()
    asked = next((one for one in more_requests(actor) if one.id == request_id), None)
    if asked is None or asked.cohort_id != cohort_id:
        abort(404)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            services.answer_for_more(actor, cohort_id, request_id, form.answer.data == "yes")
            flash("Answered.", "success")
            return redirect(url_for("quality.more_list"), 303)
        except services.MoreRefused as refusal:
            form.blame(refusal)
    page = render_template(
        "quality/quality_form.html",
        form=form,
        heading=f"{asked.unit} {asked.number}: one more resubmission?",
        button="Save answer",
        back={"href": url_for("quality.more_list"), "text": "More resubmissions"},
        caption=f"{asked.student}, {asked.cohort}",
        lead=f"{asked.asked_by} asks: {asked.reason}",
        work=url_for(
            "quality.quality_unit",
            cohort_id=cohort_id,
            enrolment_id=asked.enrolment_id,
            unit_id=asked.unit_id,
        ),
    )
    return page, 422 if form.is_submitted() else 200
