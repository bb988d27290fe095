"""One's own candidacies, under /my-future: where each stands, what comes next, and the way out at any time."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers import candidacy_presenters as presenters
from recovery_college.careers.candidacy_forms import HelpForm, LineManagerForm, WantsInterviewForm
from recovery_college.careers.candidacy_own_queries import OwnCandidacy, declared_manager_of, own_candidacies
from recovery_college.careers.candidacy_own_services import (
    PeopleRefusal,
    ask_for_help,
    declare_line_manager,
    opt_for_interview,
    withdraw,
)
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.candidacy_services import CandidacyNotFound
from recovery_college.careers.candidacy_views import calendar_file
from recovery_college.careers.post_queries import posts_for
from recovery_college.careers.room import room
from recovery_college.careers.team_queries import own_visits
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form

OWN = Permission.OWN_FUTURE
GET_AND_POST = ("GET", "POST")


def _own(candidacy_id: UUID) -> OwnCandidacy:
    return or_404(next((one for one in own_candidacies(the_actor()) if one.id == candidacy_id), None))


@room.page("/my-future/candidacies", permission=OWN)
def my_candidacies() -> ResponseReturnValue:
    """Every candidacy of one's own as a timeline with its next step."""
    actor = the_actor()
    return render_template(
        "careers/my_candidacies.html",
        candidacies=own_candidacies(actor),
        line_manager=declared_manager_of(actor),
        posts=posts_for(actor),
        visits=own_visits(actor),
        present=presenters,
        form=Form(),
        stages=Stage,
    )


@room.page("/my-future/candidacies/<uuid:own_candidacy_id>/withdraw", permission=OWN, methods=GET_AND_POST)
def my_candidacy_withdraw(own_candidacy_id: UUID) -> ResponseReturnValue:
    """Withdraw, after one calm question."""
    found = _own(own_candidacy_id)
    form = Form()
    if form.validate_on_submit():
        try:
            withdraw(the_actor(), own_candidacy_id)
        except CandidacyNotFound:
            flash("This candidacy is over already.", "info")
        else:
            flash("You withdrew. The manager no longer sees you. You may say yes again.", "success")
        return redirect(url_for("careers.my_candidacies"), 303)
    return render_template("careers/my_candidacy_withdraw.html", one=found, form=form)


@room.page("/my-future/candidacies/<uuid:own_candidacy_id>/interview", permission=OWN, methods=GET_AND_POST)
def my_candidacy_interview(own_candidacy_id: UUID) -> ResponseReturnValue:
    """Ask to be offered an interview (Disability Confident)."""
    found = _own(own_candidacy_id)
    form = WantsInterviewForm(wants=found.wants_interview)
    if form.validate_on_submit():
        try:
            opt_for_interview(the_actor(), own_candidacy_id, bool(form.wants.data))
        except CandidacyNotFound:
            abort(404)
        flash("Your wish is saved.", "success")
        return redirect(url_for("careers.my_candidacies"), 303)
    page = render_template("careers/my_candidacy_interview.html", one=found, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/candidacies/<uuid:own_candidacy_id>/help", permission=OWN, methods=GET_AND_POST)
def my_candidacy_help(own_candidacy_id: UUID) -> ResponseReturnValue:
    """Say what would help on the day."""
    found = _own(own_candidacy_id)
    form = HelpForm(text=found.help)
    if form.validate_on_submit():
        try:
            ask_for_help(the_actor(), own_candidacy_id, form.text.data or "")
        except CandidacyNotFound:
            abort(404)
        flash("Saved. The person who meets you will read it.", "success")
        return redirect(url_for("careers.my_candidacies"), 303)
    page = render_template("careers/my_candidacy_help.html", one=found, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/candidacies/<uuid:own_candidacy_id>/interview.ics", permission=OWN)
def my_candidacy_calendar(own_candidacy_id: UUID) -> ResponseReturnValue:
    """The interview for one's own calendar."""
    found = _own(own_candidacy_id)
    if found.interview is None:
        abort(404)
    return calendar_file(found.interview, found.reference)


@room.page("/my-future/line-manager", permission=OWN, methods=GET_AND_POST)
def my_line_manager() -> ResponseReturnValue:
    """Say who leads one now."""
    form = LineManagerForm(email=declared_manager_of(the_actor()))
    if form.validate_on_submit():
        try:
            declare_line_manager(the_actor(), form.email.data or "")
        except PeopleRefusal as refusal:
            form.email.errors = [str(refusal)]
        else:
            flash("Saved. That person will not handle your candidacies.", "success")
            return redirect(url_for("careers.my_candidacies"), 303)
    page = render_template("careers/my_line_manager.html", form=form)
    return page, 422 if form.is_submitted() else 200
