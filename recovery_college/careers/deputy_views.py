"""Deputies for leave, and who is told of late answers or reads again."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_forms import DeputyForm, DutyForm, EndForm
from recovery_college.careers.deputy_queries import deputies_visible_to, named_people
from recovery_college.careers.deputy_services import (
    ROLE_FOR,
    NoSuchNaming,
    end_deputy,
    end_duty,
    name_deputy,
    name_for_duty,
)
from recovery_college.careers.escalation_rules import Duty
from recovery_college.careers.room import room
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.people.queries import name_of, people_with_role

GET_AND_POST = ("GET", "POST")
DUTIES = {
    Duty.PSW_LEAD: (
        "PSW lead",
        "Told when manager and deputy have not answered. A college administrator.",
        "Name a PSW lead",
    ),
    Duty.HR_LEAD: (
        "HR lead",
        "Told when nobody has answered.",
        "Name an HR lead",
    ),
    Duty.SECOND_READER: (
        "Second reader",
        "Reads a sample of “Not a PSW role” again each quarter. Never somebody who gave the answer.",
        "Name a second reader",
    ),
}


@room.page("/considerations/deputies", permission=Permission.DEPUTY_NAME, methods=GET_AND_POST)
def deputy_list() -> ResponseReturnValue:
    """Who stands in for whom, and one more: a manager for themselves, HR for anybody."""
    actor = the_actor()
    form = DeputyForm(starts_on=clock.today())
    for_anybody = may(actor, Permission.VACANCY_EDIT)
    if not for_anybody:
        del form.manager_email
    if form.validate_on_submit():
        try:
            name_deputy(
                actor,
                form.deputy_email.data or "",
                form.starts_on.data or clock.today(),
                form.ends_on.data,
                (form.manager_email.data or "") if for_anybody else "",
            )
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                if box in form:
                    form[box].errors = [sentence]
        else:
            flash("The deputy is named. They may answer between these days.", "success")
            return redirect(url_for("careers.deputy_list"), 303)
    page = render_template(
        "careers/deputy_list.html",
        form=form,
        end_form=EndForm(),
        deputies=deputies_visible_to(actor),
        for_anybody=for_anybody,
        own_id=actor.person_id,
        today=clock.today(),
    )
    return page, 422 if form.is_submitted() else 200


@room.page(
    "/considerations/deputies/<uuid:naming_id>/end", permission=Permission.DEPUTY_NAME, methods=("POST",)
)
def deputy_end(naming_id: UUID) -> ResponseReturnValue:
    """End a naming."""
    try:
        end_deputy(the_actor(), naming_id)
    except NoSuchNaming:
        abort(404)
    flash("They no longer stand in.", "success")
    return redirect(url_for("careers.deputy_list"), 303)


@room.page("/considerations/duties", permission=Permission.DUTIES_NAME, methods=GET_AND_POST)
def duty_list() -> ResponseReturnValue:
    """Who is named for each duty, and one more."""
    sent = DutyForm()
    chosen = next((duty for duty in Duty if duty.value == sent.duty.data), None)
    forms = {}
    for duty in Duty:
        form = sent if duty is chosen and sent.is_submitted() else DutyForm(formdata=None, duty=duty.value)
        form.person.choices = [(str(one.id), name_of(one)) for one in people_with_role(ROLE_FOR[duty])]
        form.person.id = f"person-{duty.name.lower().replace('_', '-')}"
        forms[duty] = form
    if sent.is_submitted() and chosen is None:
        abort(400)
    if chosen is not None and sent.is_submitted() and sent.validate():
        try:
            name_for_duty(the_actor(), chosen, UUID(sent.person.data or ""))
        except Refused as refusal:
            sent.person.errors = [str(refusal)]
        else:
            flash(f"They are named: {DUTIES[chosen][0]}.", "success")
            return redirect(url_for("careers.duty_list"), 303)
    page = render_template(
        "careers/duty_list.html",
        form=sent if sent.is_submitted() else None,
        forms=forms,
        end_form=EndForm(),
        duties=DUTIES,
        named=named_people(the_actor()),
        terms=terms_now(),
    )
    return page, 422 if sent.is_submitted() else 200


@room.page(
    "/considerations/duties/<uuid:naming_id>/end", permission=Permission.DUTIES_NAME, methods=("POST",)
)
def duty_end(naming_id: UUID) -> ResponseReturnValue:
    """Name somebody no longer."""
    try:
        end_duty(the_actor(), naming_id)
    except NoSuchNaming:
        abort(404)
    flash("They are no longer named.", "success")
    return redirect(url_for("careers.duty_list"), 303)
