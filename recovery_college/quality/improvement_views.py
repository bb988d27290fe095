"""The pages of interim checks, observations, standardisation meetings and actions (A9)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form
from recovery_college.quality import improvement_services as services
from recovery_college.quality.board_queries import unit_file
from recovery_college.quality.improvement_forms import DoneForm, InterimForm, MeetingForm, ObservationForm
from recovery_college.quality.improvement_queries import (
    action_of,
    actions_known_to,
    meetings_known_to,
    units_taught,
)
from recovery_college.quality.improvement_rules import Finding, Seen
from recovery_college.quality.room import room
from recovery_college.quality.staff_queries import staff_members

SHOWN = {"open": "Open", "overdue": "Overdue", "done": "Done"}


def _form_page(
    form: Form, heading: str, button: str, back: dict[str, str], **words: str
) -> ResponseReturnValue:
    page = render_template(
        "quality/quality_form.html",
        form=form,
        heading=heading,
        button=button,
        back=back,
        lead=words.get("lead", ""),
        caption=words.get("caption", ""),
    )
    return page, 422 if form.is_submitted() else 200


@room.page(
    "/cohorts/<uuid:cohort_id>/quality/<uuid:enrolment_id>/<uuid:unit_id>/interim",
    permission=Permission.VERDICT_RECORD,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def interim_check(cohort_id: UUID, enrolment_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Record a look at a student's unit while the course runs."""
    actor = the_actor()
    file = or_404(unit_file(actor, cohort_id, enrolment_id, unit_id))
    unit_page = url_for(
        "quality.quality_unit", cohort_id=cohort_id, enrolment_id=enrolment_id, unit_id=unit_id
    )
    form = InterimForm()
    if form.validate_on_submit():
        try:
            services.record_interim_check(
                actor, cohort_id, enrolment_id, unit_id, Finding(form.finding.data),
                form.comment.data or "", form.action.data or "", form.act_by_on.data,
            )  # fmt: skip
            flash("Interim check recorded.", "success")
            return redirect(unit_page, 303)
        except services.ImprovementRefused as refusal:
            form.blame(refusal)
    cell = file.cell
    return _form_page(
        form,
        "Look while the course runs",
        "Save check",
        {"href": unit_page, "text": f"{unit_label(cell.unit.code)}, {cell.place.name}"},
        caption=f"{cell.place.name}, {unit_label(cell.unit.code)}",
        lead="Read the decisions, the feedback and the evidence on the unit's page first. This changes no state.",
    )


@room.page(
    "/quality/staff/<uuid:person_id>/observation",
    permission=Permission.VERDICT_RECORD,
    see=Permission.STAFF_SEE,
    methods=("GET", "POST"),
)
def observation_new(person_id: UUID) -> ResponseReturnValue:
    """Record an observation of an assessor at work."""
    actor = the_actor()
    members = staff_members(actor, person_id)
    if not members:
        abort(404)
    back = url_for("quality.staff_show", person_id=person_id)
    form = ObservationForm()
    if form.validate_on_submit():
        try:
            services.record_observation(
                actor, person_id, form.observed_on.data, Seen(form.seen.data), form.went_well.data or "",
                form.to_develop.data or "", form.action.data or "", form.act_by_on.data,
            )  # fmt: skip
            flash("Observation recorded.", "success")
            return redirect(back, 303)
        except services.ImprovementRefused as refusal:
            form.blame(refusal)
    name = members[0].name
    return _form_page(
        form, "Record an observation", "Save observation", {"href": back, "text": name}, caption=name
    )


@room.page("/quality/standardisation", permission=Permission.QUALITY_SEE)
def standardisation_list() -> ResponseReturnValue:
    """Standardisation meetings, the latest first."""
    actor = the_actor()
    return render_template(
        "quality/standardisation_list.html",
        meetings=meetings_known_to(actor),
        records=may(actor, Permission.VERDICT_RECORD),
    )


@room.page("/quality/standardisation/<uuid:meeting_id>", permission=Permission.QUALITY_SEE)
def standardisation_show(meeting_id: UUID) -> ResponseReturnValue:
    """One meeting: who, which units, what was agreed."""
    found = meetings_known_to(the_actor(), meeting_id)
    if not found:
        abort(404)
    return render_template("quality/standardisation_show.html", meeting=found[0])


@room.page(
    "/quality/standardisation/new",
    permission=Permission.VERDICT_RECORD,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def standardisation_new() -> ResponseReturnValue:
    """Record a standardisation meeting."""
    actor = the_actor()
    form = MeetingForm()
    form.people.choices = [(str(one.person_id), one.name) for one in staff_members(actor)]
    form.units.choices = [(str(one), words) for one, words in units_taught()]
    if form.validate_on_submit():
        try:
            made = services.record_meeting(
                actor, form.held_on.data, form.title.data or "", form.agreed.data or "",
                [UUID(one) for one in form.units.data], [UUID(one) for one in form.people.data],
                form.action.data or "", form.act_by_on.data,
            )  # fmt: skip
            flash("Standardisation meeting recorded.", "success")
            return redirect(url_for("quality.standardisation_show", meeting_id=made), 303)
        except services.ImprovementRefused as refusal:
            form.blame(refusal)
    back = {"href": url_for("quality.standardisation_list"), "text": "Standardisation"}
    return _form_page(form, "Record a standardisation meeting", "Save meeting", back)


@room.page("/quality/actions", permission=Permission.QUALITY_SEE)
def action_list() -> ResponseReturnValue:
    """What is to be done, by the day it is due: open, overdue, or done."""
    show = request.args.get("show", "open")
    show = show if show in SHOWN else "open"
    return render_template(
        "quality/action_list.html",
        actions=actions_known_to(the_actor(), show),
        show=show,
        shown=SHOWN,
        today=clock.today(),
    )


@room.page("/quality/actions/<uuid:action_id>", permission=Permission.QUALITY_SEE, methods=("GET", "POST"))
def action_show(action_id: UUID) -> ResponseReturnValue:
    """One action, and the form that says it is done."""
    actor = the_actor()
    action = or_404(action_of(actor, action_id))
    may_close = may(actor, Permission.VERDICT_RECORD) or may(actor, Permission.DECISION_RECORD)
    form = DoneForm()
    if form.is_submitted() and not may_close:
        abort(403)
    if form.validate_on_submit():
        try:
            services.close_action(actor, action_id, form.note.data or "")
            flash("Done.", "success")
            return redirect(url_for("quality.action_list"), 303)
        except services.ImprovementRefused as refusal:
            form.blame(refusal)
    page = render_template(
        "quality/action_show.html", action=action, form=form, may_close=may_close, today=clock.today()
    )
    return page, 422 if form.is_submitted() else 200
