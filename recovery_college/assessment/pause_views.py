"""A pause in the browser: staff record it and the day somebody is back; a student asks to come back (C2)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.deadline_forms import PauseForm
from recovery_college.assessment.deadline_views import OWN
from recovery_college.assessment.pause_services import (
    NoSuchPlace,
    PauseRefused,
    ask_back,
    begin_pause,
    come_back,
)
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room
from recovery_college.courses.pauses import open_pause
from recovery_college.courses.queries import place_of
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock


@room.page(
    "/cohorts/<uuid:cohort_id>/students/<uuid:enrolment_id>/pause",
    permission=Permission.DEADLINE_SET,
    see=Permission.STUDENT_SEE,
    methods=("GET", "POST"),
)
def place_pause(cohort_id: UUID, enrolment_id: UUID) -> ResponseReturnValue:
    """Record a pause, or the first day back from it: whichever the place is ready for."""
    actor = the_actor()
    cohort, place = cohort_known_to(actor, cohort_id), place_of(enrolment_id)
    if cohort is None or place is None or place.cohort_id != cohort_id:
        abort(404)
    is_paused = place.status is EnrolmentStatus.PAUSED
    form = PauseForm(is_paused, day=clock.today(), was="paused" if is_paused else "")
    if form.validate_on_submit():
        try:
            if form.was.data == "paused":
                done = come_back(actor, cohort_id, enrolment_id, form.day.data)
                said = f"{place.name} is back. Their dates have moved by as long as the pause was."
            else:
                done = begin_pause(actor, cohort_id, enrolment_id, form.day.data)
                said = f"{place.name} has a pause. Nothing is expected of them until they come back."
        except NoSuchPlace:
            abort(404)
        except PauseRefused as refusal:
            form.day.errors = [str(refusal)]
        else:
            flash(said if done else "Somebody recorded this already.", "success" if done else "info")
            return redirect(url_for("courses.cohort_students", cohort_id=cohort_id), 303)
    page = render_template(
        "assessment/place_pause.html",
        cohort=cohort,
        place=place,
        form=form,
        is_paused=is_paused,
        may_pause=place.status is EnrolmentStatus.ENROLLED,
        pause=open_pause(enrolment_id) if is_paused else None,
    )
    return page, 422 if form.is_submitted() else 200


@room.page(
    f"{OWN}/back", permission=Permission.EVIDENCE_HAND_IN, see=Permission.OWN_PROGRESS, methods=("POST",)
)
def back_ask(enrolment_id: UUID) -> ResponseReturnValue:
    """A student asks to come back. No reason is asked."""
    try:
        ask_back(the_actor(), enrolment_id)
    except NoSuchPlace:
        abort(404)
    flash("Good to hear. Your tutor will answer you and agree your first day back.", "success")
    return redirect(url_for("graduation.my_progress", course=enrolment_id), 303)
