"""Recruiting managers, for HR: invite, hand out a one-time link, give waiting vacancies to somebody."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers.considerations import Refused
from recovery_college.careers.manager_forms import GiveVacanciesForm, ManagerInviteForm
from recovery_college.careers.manager_queries import address_waiting, addresses_waiting, managers_known_to
from recovery_college.careers.manager_services import (
    ManagerNotFound,
    give_vacancies,
    invite_manager,
    link_for_manager,
)
from recovery_college.careers.room import room
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form
from recovery_college.kernel.paging import page_asked_for
from recovery_college.kernel.running_app import the_settings


def _vacancies(count: int) -> str:
    return "1 vacancy" if count == 1 else f"{count:,} vacancies"


@room.page("/managers", permission=Permission.MANAGER_INVITE)
def manager_list() -> ResponseReturnValue:
    """Who recruits, and which addresses wait for HR."""
    actor = the_actor()
    managers, page = managers_known_to(actor, page_asked_for())
    waiting, waiting_page = addresses_waiting(actor, page_asked_for("waiting"))
    return render_template(
        "careers/manager_list.html",
        managers=managers,
        page=page,
        waiting=waiting,
        waiting_page=waiting_page,
        vacancies=_vacancies,
        form=Form(),
    )


@room.page("/managers/invite", permission=Permission.MANAGER_INVITE, methods=("GET", "POST"))
def manager_invite() -> ResponseReturnValue:
    """Confirm somebody as a recruiting manager."""
    form = ManagerInviteForm(email=request.args.get("email", "")[:254])
    if form.validate_on_submit():
        try:
            token, found = invite_manager(the_actor(), form.email.data or "", form.name.data or "")
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[box if box in form else "email"].errors = [sentence]
        else:
            if found:
                flash(f"{_vacancies(found)} that waited for them: they are asked now.", "success")
            if token is None:
                flash("They sign in here already. They are a recruiting manager now as well.", "success")
                return redirect(url_for("careers.manager_list"), 303)
            return _shown_link(token)
    page = render_template("careers/manager_invite.html", form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/managers/<uuid:person_id>/link", permission=Permission.MANAGER_INVITE, methods=("POST",))
def manager_link(person_id: UUID) -> ResponseReturnValue:
    """Make a one-time link for a manager who has not been here yet."""
    try:
        return _shown_link(link_for_manager(the_actor(), person_id))
    except ManagerNotFound:
        abort(404)


@room.page("/managers/waiting/<address>", permission=Permission.MANAGER_INVITE, methods=("GET", "POST"))
def manager_assign(address: str) -> ResponseReturnValue:
    """Give the vacancies of an address nobody confirmed to a manager who is."""
    actor = the_actor()
    waiting = or_404(address_waiting(actor, address))
    form = GiveVacanciesForm()
    if form.validate_on_submit():
        try:
            found = give_vacancies(actor, address, form.to_email.data or "")
        except Refused as refusal:
            form.to_email.errors = [str(refusal)]
        else:
            flash(f"{_vacancies(found)} given to {form.to_email.data}.", "success")
            return redirect(url_for("careers.manager_list"), 303)
    page = render_template(
        "careers/manager_assign.html", form=form, waiting=waiting, vacancies=_vacancies(waiting.vacancies)
    )
    return page, 422 if form.is_submitted() else 200


def _shown_link(token: str) -> str:
    settings = the_settings()
    link = settings.public_base_url + url_for("people.welcome", token=token)
    return render_template("careers/manager_link.html", link=link)
