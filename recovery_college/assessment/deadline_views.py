"""Due dates in the browser: a cohort's, more time for one student, and what students ask for by one button."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.deadline_forms import DueDateForm, MoreTimeForm, MoveDateForm, TimeAnswerForm
from recovery_college.assessment.deadline_queries import CohortDue, cohort_dues, places_expected, time_asked
from recovery_college.assessment.deadline_rules import AskedFor, TimeAnswer
from recovery_college.assessment.deadline_services import (
    DateRefused,
    NoSuchDate,
    StaleDate,
    answer_time_request,
    ask_for_pause,
    ask_for_time,
    cancel_due_date,
    give_more_time,
    move_due_date,
    mute_reminders,
    set_due_date,
)
from recovery_college.assessment.pause_queries import resting_in
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.wording import day

DATES = "/cohorts/<uuid:cohort_id>/due-dates"
OWN = "/my-progress/<uuid:enrolment_id>"


@room.page(DATES, permission=Permission.DEADLINE_SET, see=Permission.COHORT_SEE, methods=("GET", "POST"))
def due_dates(cohort_id: UUID) -> ResponseReturnValue:
    """A cohort's due dates, what students asked for, and the form for one more date."""
    cohort, form = or_404(cohort_known_to(the_actor(), cohort_id)), DueDateForm()
    units = syllabus_of(cohort.qualification_id).units
    form.unit.choices = [(str(unit.id), f"{unit_label(unit.code)} {unit.title}") for unit in units]
    form.criteria.choices = [
        (str(one.id), f"{unit_label(unit.code)}, {one.number} {one.text}")
        for unit in units
        for one in unit.criteria
    ]
    if request.method == "POST" and form.validate():
        try:
            set_due_date(
                the_actor(),
                cohort_id,
                UUID(form.unit.data),
                str(form.title.data),
                form.due_on.data,
                {UUID(one) for one in form.criteria.data},
            )
            flash(f"Set: {form.title.data}, by {day(form.due_on.data)}.", "success")
            return redirect(request.path, 303)
        except NoSuchDate:
            abort(404)
        except DateRefused as refusal:
            form.blame(refusal)
    page = render_template(
        "assessment/due_dates.html",
        cohort=cohort,
        form=form,
        units=units,
        dues=cohort_dues(cohort_id),
        asked=time_asked(the_actor(), cohort_id=cohort_id),
        resting=resting_in(cohort_id),
        label=unit_label,
    )
    return page, 422 if form.is_submitted() else 200


@room.page(
    f"{DATES}/<uuid:due_id>",
    permission=Permission.DEADLINE_SET,
    see=Permission.COHORT_SEE,
    methods=("GET", "POST"),
)
def due_date_show(cohort_id: UUID, due_id: UUID) -> ResponseReturnValue:
    """Move, rename or cancel one date."""
    cohort, due = or_404(cohort_known_to(the_actor(), cohort_id)), _due(cohort_id, due_id)
    form = MoveDateForm(data={"title": due.title, "due_on": due.due_on, "version": str(due.version)})
    back = url_for("assessment.due_dates", cohort_id=cohort_id)
    if request.method == "POST":
        if request.form.get("deed") == "cancel":
            cancel_due_date(the_actor(), due_id)
            flash("Cancelled. Nobody is reminded of it any more.", "success")
            return redirect(back, 303)
        if form.validate():
            try:
                move_due_date(the_actor(), due_id, str(form.title.data), form.due_on.data, form.seen())
                flash("Saved.", "success")
                return redirect(back, 303)
            except NoSuchDate:
                abort(404)
            except DateRefused as refusal:
                form.blame(refusal)
            except StaleDate as stale:
                theirs = [("What", stale.theirs.title), ("By", day(stale.theirs.due_on))]
                yours = [("What", str(form.title.data)), ("By", day(form.due_on.data))]
                raise ChangedMeanwhile(theirs, yours, request.path) from None
    page = render_template("assessment/due_date_show.html", cohort=cohort, due=due, form=form)
    return page, 422 if form.is_submitted() else 200


def _due(cohort_id: UUID, due_id: UUID) -> CohortDue:
    return or_404(next((one for one in cohort_dues(cohort_id) if one.id == due_id), None))


@room.page(
    f"{DATES}/<uuid:due_id>/more-time",
    permission=Permission.DEADLINE_SET,
    see=Permission.COHORT_SEE,
    methods=("GET", "POST"),
)
def due_date_extend(cohort_id: UUID, due_id: UUID) -> ResponseReturnValue:
    """Give one student more time. No reason is asked."""
    cohort, due, actor = or_404(cohort_known_to(the_actor(), cohort_id)), _due(cohort_id, due_id), the_actor()
    form = MoreTimeForm()
    form.student.choices = [
        (str(place.enrolment_id), place.name)
        for place in places_expected(cohort_id)
        if place.person_id != actor.person_id
    ]
    if request.method == "POST" and form.validate():
        try:
            give_more_time(actor, due_id, UUID(form.student.data), form.until_on.data)
            flash(f"Given: until {day(form.until_on.data)}.", "success")
            return redirect(url_for("assessment.due_dates", cohort_id=cohort_id), 303)
        except NoSuchDate:
            abort(404)
        except DateRefused as refusal:
            form.blame(refusal)
    page = render_template("assessment/due_date_extend.html", cohort=cohort, due=due, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page(
    "/cohorts/<uuid:cohort_id>/time-asked/<uuid:request_id>",
    permission=Permission.DEADLINE_SET,
    see=Permission.COHORT_SEE,
    methods=("GET", "POST"),
)
def time_answer(cohort_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Answer a student who asked for more time or a pause."""
    cohort, actor = or_404(cohort_known_to(the_actor(), cohort_id)), the_actor()
    asked = next(iter(time_asked(actor, cohort_id=cohort_id, request_id=request_id)), None)
    if asked is None or asked.person_id == actor.person_id:
        abort(404)
    form = TimeAnswerForm()
    if request.method == "POST" and form.validate():
        try:
            answer_time_request(
                actor,
                request_id,
                TimeAnswer(form.answer.data),
                form.until_on.data,
                str(form.words.data or ""),
            )
            flash("Answered. The student sees it on their page.", "success")
            return redirect(url_for("assessment.due_dates", cohort_id=cohort_id), 303)
        except NoSuchDate:
            abort(404)
        except DateRefused as refusal:
            form.blame(refusal)
    facts: dict[str, Any] = {"cohort": cohort, "asked": asked, "form": form}
    page = render_template(
        "assessment/time_answer.html", **facts, wants_time=asked.asked_for is AskedFor.MORE_TIME
    )
    return page, 422 if form.is_submitted() else 200


# What a student asks for, by one button each.


def _asked(enrolment_id: UUID, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("graduation.my_progress", course=enrolment_id), 303)


@room.page(
    f"{OWN}/more-time/<uuid:due_id>",
    permission=Permission.EVIDENCE_HAND_IN,
    see=Permission.OWN_PROGRESS,
    methods=("POST",),
)
def time_ask(enrolment_id: UUID, due_id: UUID) -> ResponseReturnValue:
    """A student asks for more time. No reason is asked."""
    try:
        ask_for_time(the_actor(), enrolment_id, due_id)
    except NoSuchDate:
        abort(404)
    return _asked(
        enrolment_id, "You asked for more time. Your tutor will answer you. You do not have to say why."
    )


@room.page(
    f"{OWN}/pause", permission=Permission.EVIDENCE_HAND_IN, see=Permission.OWN_PROGRESS, methods=("POST",)
)
def pause_ask(enrolment_id: UUID) -> ResponseReturnValue:
    """A student asks for a pause. No reason is asked."""
    try:
        ask_for_pause(the_actor(), enrolment_id)
    except NoSuchDate:
        abort(404)
    return _asked(
        enrolment_id, "You asked for a pause. Your tutor will answer you. You do not have to say why."
    )


@room.page(
    "/my-progress/reminders",
    permission=Permission.EVIDENCE_HAND_IN,
    see=Permission.OWN_PROGRESS,
    methods=("POST",),
)
def reminders_choose() -> ResponseReturnValue:
    """A student wants no reminders, or wants them again."""
    muted = request.form.get("deed") == "mute"
    mute_reminders(the_actor(), muted=muted)
    flash("You get no more reminders." if muted else "You get reminders again.", "success")
    return redirect(url_for("graduation.my_progress"), 303)
