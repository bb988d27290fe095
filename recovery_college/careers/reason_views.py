"""The page where HR keeps the reasons why a post is not a PSW role."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.considerations import Refused, VacancyNotFound
from recovery_college.careers.reason_services import (
    add_reason,
    kept_reasons,
    offer_reason_again,
    retire_reason,
)
from recovery_college.careers.role_text_forms import ReasonForm
from recovery_college.careers.room import room

DEEDS = {"retire": retire_reason, "offer": offer_reason_again}
SAID = {
    "retire": "The reason is no longer offered. Answers given with it keep it.",
    "offer": "The reason is offered again.",
}


@room.page("/considerations/reasons", permission=Permission.REASONS_KEEP, methods=("GET", "POST"))
def reason_list() -> ResponseReturnValue:
    """The reasons, and one more."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            add_reason(the_actor(), form.words.data or "")
        except Refused as refusal:
            form.words.errors = [str(refusal)]
        else:
            flash("The reason is added. Managers can choose it from now on.", "success")
            return redirect(url_for("careers.reason_list"), 303)
    page = render_template("careers/reason_list.html", form=form, reasons=kept_reasons(the_actor()))
    return page, 422 if form.is_submitted() else 200


@room.page("/considerations/reasons/<code>/<deed>", permission=Permission.REASONS_KEEP, methods=("POST",))
def reason_change(code: str, deed: str) -> ResponseReturnValue:
    """Retire a reason, or offer it again."""
    if deed not in DEEDS:
        abort(404)
    try:
        DEEDS[deed](the_actor(), code)
    except VacancyNotFound:
        abort(404)
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        flash(SAID[deed], "success")
    return redirect(url_for("careers.reason_list"), 303)
