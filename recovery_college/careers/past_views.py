"""Past graduates: the college writes once; they answer three questions by a link, without an account."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.candidacy_forms import PastForm
from recovery_college.careers.past_queries import count_past_graduates, invitation_of, past_graduates
from recovery_college.careers.past_services import SUBJECT, answer_past, invite_past_graduates, letter
from recovery_college.careers.room import room
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form
from recovery_college.kernel.paging import page_asked_for, page_of
from recovery_college.kernel.running_app import the_settings


@room.page("/graduates/past", permission=Permission.PAST_INVITE)
def past_list() -> ResponseReturnValue:
    """Who graduated before this system, whom we wrote to, and what they answered."""
    count, waiting = count_past_graduates(the_actor())
    page = page_of(page_asked_for(), count)
    rows = past_graduates(the_actor(), page)
    return render_template("careers/past_list.html", rows=rows, waiting=waiting, page=page)


@room.page("/graduates/past/invite", permission=Permission.PAST_INVITE, methods=("GET", "POST"))
def past_invite() -> ResponseReturnValue:
    """Show the letter and how many would get it; then write to everybody who was not written to yet."""
    settings = the_settings()
    if request.method == "GET":
        words = letter("[their given name]", "[a link of their own]", settings.college_name)
        _, waiting = count_past_graduates(the_actor())
        return render_template(
            "careers/past_invite.html", waiting=waiting, subject=SUBJECT, letter=words, form=Form()
        )
    if not Form().validate():
        abort(400)
    sent = invite_past_graduates(
        the_actor(),
        lambda token: settings.public_base_url + url_for("careers.past_answer", token=token),
        settings.college_name,
    )
    flash(f"{sent} letter{' is' if sent == 1 else 's are'} on the way.", "success")
    return redirect(url_for("careers.past_list"), 303)


@room.page("/past-graduates/<token>", permission=Permission.PUBLIC, methods=("GET", "POST"))
def past_answer(token: str) -> ResponseReturnValue:
    """Three questions: hours, places, may we write to you."""
    row = or_404(invitation_of(token))
    form = PastForm(may_contact=row.may_contact, most_hours=row.most_hours, places=row.places)
    if form.validate_on_submit():
        if not answer_past(token, form.most_hours.data, form.places.data or "", bool(form.may_contact.data)):
            abort(404)
        return render_template("careers/past_thanks.html", yes=bool(form.may_contact.data))
    page = render_template("careers/past_answer.html", form=form)
    return page, 422 if form.is_submitted() else 200
