"""The student's own appeals: what can be asked about, asking, following it, and asking once more (A15)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.rules import Outcome
from recovery_college.fairness import appeal_services as services
from recovery_college.fairness.appeal_forms import AppealForm
from recovery_college.fairness.appeal_rules import why_no_second_review
from recovery_college.fairness.own_appeal_queries import (
    Appealable,
    OwnAppeal,
    appealable,
    own_appeal,
    own_appeals,
)
from recovery_college.fairness.presenters import APPEAL_FOR_STUDENT
from recovery_college.fairness.room import room
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.forms import Form


@room.page("/my-appeals", permission=Permission.OWN_FAIRNESS)
def my_appeals() -> ResponseReturnValue:
    """The student's appeals, and the decisions they can ask to have looked at again."""
    actor = the_actor()
    decisions = [one for one in appealable(actor) if one.appeal_id is None]
    return render_template(
        "fairness/my_appeals.html",
        appeals=own_appeals(actor),
        not_yet=[one for one in decisions if one.decision.outcome is Outcome.NOT_YET_MET],
        met=[one for one in decisions if one.decision.outcome is Outcome.MET],
        tags=APPEAL_FOR_STUDENT,
    )


@room.page(
    "/my-appeals/new/<uuid:enrolment_id>/<uuid:criterion_id>",
    permission=Permission.OWN_FAIRNESS,
    methods=("GET", "POST"),
)
def my_appeal_new(enrolment_id: UUID, criterion_id: UUID) -> ResponseReturnValue:
    """Ask for one decision to be looked at again."""
    one = _decision(enrolment_id, criterion_id)
    if one.appeal_id is not None:
        return redirect(url_for("fairness.my_appeal", appeal_id=one.appeal_id), 303)
    form = AppealForm()
    if request.method == "GET":
        form.seen.data = str(one.decision.id)
    elif form.validate():
        try:
            made = services.make_appeal(
                the_actor(), enrolment_id, criterion_id, form.seen_id(), form.words.data or ""
            )
        except services.NoSuchAppeal:
            abort(404)
        except services.StaleAppeal:
            here = url_for("fairness.my_appeal_new", enrolment_id=enrolment_id, criterion_id=criterion_id)
            theirs = [
                ("Decided since", f"{one.decision.outcome.value}, {one.decision.by_name}"),
                ("Feedback", one.decision.feedback),
            ]
            yours = [("Your words", form.words.data or "")]
            raise ChangedMeanwhile(theirs, [pair for pair in yours if pair[1]], here) from None
        except services.AppealRefused as refusal:
            form.words.errors = [str(refusal)]
        else:
            flash("Thank you. Somebody who had no part in the decision will look at it again.", "success")
            return redirect(url_for("fairness.my_appeal", appeal_id=made), 303)
    page = render_template("fairness/my_appeal_new.html", one=one, form=form)
    return page, 422 if form.errors else 200


def _decision(enrolment_id: UUID, criterion_id: UUID) -> Appealable:
    for one in appealable(the_actor()):
        if (one.enrolment_id, one.criterion_id) == (enrolment_id, criterion_id):
            return one
    abort(404)


@room.page("/my-appeals/<uuid:appeal_id>", permission=Permission.OWN_FAIRNESS)
def my_appeal(appeal_id: UUID) -> ResponseReturnValue:
    """One of the student's appeals: where it stands, what was found, and what they can do next."""
    own = _own(appeal_id)
    return render_template(
        "fairness/my_appeal.html",
        own=own,
        tag=APPEAL_FOR_STUDENT[own.state],
        may_ask_again=why_no_second_review(own.facts, taken_back=own.is_taken_back) is None,
        may_take_back=not own.is_taken_back and own.stage.finding is None,
        form=Form(formdata=None),
    )


@room.page(
    "/my-appeals/<uuid:appeal_id>/second-review", permission=Permission.OWN_FAIRNESS, methods=("GET", "POST")
)
def my_appeal_further(appeal_id: UUID) -> ResponseReturnValue:
    """Ask for the second, independent review."""
    own = _own(appeal_id)
    here = url_for("fairness.my_appeal", appeal_id=appeal_id)
    form = AppealForm()
    if request.method == "GET" and why_no_second_review(own.facts, taken_back=own.is_taken_back):
        return redirect(here, 303)
    if request.method == "POST" and form.validate():
        try:
            services.ask_second_review(the_actor(), appeal_id, form.words.data or "")
        except services.NoSuchAppeal:
            abort(404)
        except services.AppealRefused as refusal:
            form.words.errors = [str(refusal)]
        else:
            flash("Thank you. Somebody else will look at it once more.", "success")
            return redirect(here, 303)
    page = render_template("fairness/my_appeal_further.html", own=own, form=form)
    return page, 422 if form.errors else 200


@room.page("/my-appeals/<uuid:appeal_id>/take-back", permission=Permission.OWN_FAIRNESS, methods=("POST",))
def my_appeal_take_back(appeal_id: UUID) -> ResponseReturnValue:
    """Take one's own appeal back."""
    try:
        services.take_appeal_back(the_actor(), appeal_id)
    except services.NoSuchAppeal:
        abort(404)
    except services.AppealRefused as refusal:
        flash(str(refusal), "info")
    else:
        flash("You have taken it back. You can ask again at any time.", "success")
    return redirect(url_for("fairness.my_appeal", appeal_id=appeal_id), 303)


def _own(appeal_id: UUID) -> OwnAppeal:
    return or_404(own_appeal(the_actor(), appeal_id))
