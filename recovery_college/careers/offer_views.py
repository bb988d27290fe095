"""The offer, the six checks, the agreed start, the first day, and HR's list of checks to chase."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.audit.services import record_view
from recovery_college.careers.bands import Band
from recovery_college.careers.candidacy_presenters import rows_of
from recovery_college.careers.candidacy_rules import MESSAGE_AT, Stage
from recovery_college.careers.candidacy_services import CandidacyChanged, CandidacyNotFound
from recovery_college.careers.candidacy_views import answered, known_candidacy
from recovery_college.careers.check_rules import CheckKind, CheckState, StepState, why_no_start
from recovery_college.careers.considerations import Refused
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.models import Funding
from recovery_college.careers.offer_forms import OfferForm, StartForm, check_form
from recovery_college.careers.offer_queries import (
    advertised_terms,
    chase_list,
    checks_in_short,
    checks_of,
    offer_of,
    room_of,
    training_due,
)
from recovery_college.careers.offer_services import agree_start, make_offer, record_check, start_post
from recovery_college.careers.room import room
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.team_queries import steps_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.paging import page_asked_for

GET_AND_POST = ("GET", "POST")
HIRING = "careers.candidacy_hiring"
SEE, MOVE, KEEP = Permission.PIPELINE_SEE, Permission.CANDIDACY_MOVE, Permission.CHECK_KEEP
SETTLED = (StepState.DONE, StepState.NOT_POSSIBLE)


@room.page("/candidacies/<uuid:candidacy_id>/hiring", permission=SEE)
def candidacy_hiring(candidacy_id: UUID) -> ResponseReturnValue:
    """The offer, the checks and the team beside each other, and what a start still waits for."""
    actor = the_actor()
    view = known_candidacy(actor, candidacy_id)
    if view.stage not in (Stage.INTERVIEW, Stage.OFFER, Stage.CHECKS, Stage.START_AGREED, Stage.IN_POST):
        flash("An offer comes after the interview.", "info")
        return redirect(url_for("careers.candidacy_show", candidacy_id=candidacy_id), 303)
    short = checks_in_short(candidacy_id)
    steps = steps_of(session(), view.team_id) if view.team_id else []
    to_go = len([one for one in steps if one.state not in SETTLED])
    offer = offer_of(candidacy_id)
    record_view(actor, "candidate", view.person_id, candidacy=str(view.id))
    return render_template(
        "careers/candidacy_hiring.html",
        view=view,
        offer=offer,
        short=short,
        checks=checks_of(actor, candidacy_id),
        steps=steps,
        why_not=why_no_start(short.to_go, to_go)
        if view.team_id
        else "Say first which team the vacancy is in",
        stages=Stage,
        may_move=may(actor, MOVE),
        writes=may(actor, MOVE) and view.stage in MESSAGE_AT,
        is_first_day=bool(offer and offer.start_on and offer.start_on <= clock.today()),
        form=VersionedForm(version=view.version),
    )


@room.page("/candidacies/<uuid:candidacy_id>/offer", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_offer(candidacy_id: UUID) -> ResponseReturnValue:
    """Make the conditional offer, or change it."""
    view = known_candidacy(the_actor(), candidacy_id)
    offer = offer_of(candidacy_id)
    space = room_of(session(), view.vacancy_id, candidacy_id)
    advertised = advertised_terms(session(), view.vacancy_id)
    form = OfferForm(
        version=view.version,
        weekly_hours=offer.weekly_hours if offer else None,
        band=offer.band.value if offer else advertised.band,
        contract=offer.contract.value if offer else advertised.contract,
        funding=offer.funding.value if offer else None,
    )

    def save() -> None:
        assert form.weekly_hours.data is not None
        make_offer(
            the_actor(),
            candidacy_id,
            weekly_hours=form.weekly_hours.data,
            band=Band(form.band.data or ""),
            contract=ContractKind(form.contract.data or ""),
            funding=Funding(form.funding.data or ""),
            version=form.seen_version(),
        )
        flash("The conditional offer is saved. Write to the person next.", "success")

    return answered(view, form, "candidacy_offer", save, back_to=HIRING, space=space)


@room.page("/candidacies/<uuid:candidacy_id>/checks/<check>", permission=KEEP, see=SEE, methods=GET_AND_POST)
def candidacy_check(candidacy_id: UUID, check: str) -> ResponseReturnValue:
    """Record where one check stands: no document and no content."""
    view = known_candidacy(the_actor(), candidacy_id)
    row = or_404(next((one for one in checks_of(the_actor(), candidacy_id) if one.kind.value == check), None))
    form = check_form(version=row.version, state=row.state.value, chase_on=row.chase_on)

    def save() -> None:
        if form.chase_on.data and form.chase_on.data < clock.today() and form.chase_on.data != row.chase_on:
            raise Refused("Choose a day", {"chase_on": "Choose today or a later day"})
        state = CheckState(form.state.data or "")
        record_check(
            the_actor(), candidacy_id, CheckKind(check), state, form.chase_on.data, form.seen_version()
        )
        flash("The check is saved.", "success")

    return answered(view, form, "candidacy_check", save, back_to=HIRING, check=row)


@room.page("/candidacies/<uuid:candidacy_id>/start", permission=MOVE, see=SEE, methods=GET_AND_POST)
def candidacy_start(candidacy_id: UUID) -> ResponseReturnValue:
    """Agree the first day, once the gate is open."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = StartForm(version=view.version, start_on=view.start_on)

    def save() -> None:
        assert form.start_on.data is not None
        agree_start(the_actor(), candidacy_id, form.start_on.data, form.seen_version())
        flash("The first day is agreed. Write to the person next.", "success")

    return answered(view, form, "candidacy_start", save, back_to=HIRING)


@room.page("/candidacies/<uuid:candidacy_id>/begin", permission=MOVE, see=SEE, methods=("POST",))
def candidacy_begin(candidacy_id: UUID) -> ResponseReturnValue:
    """They are here: the candidacy becomes a post."""
    view = known_candidacy(the_actor(), candidacy_id)
    form = VersionedForm()
    if not form.validate():
        abort(400)
    back = url_for("careers.candidacy_hiring", candidacy_id=candidacy_id)
    try:
        post_id = start_post(the_actor(), candidacy_id, form.seen_version())
    except CandidacyNotFound:
        abort(404)
    except CandidacyChanged:
        raise ChangedMeanwhile(rows_of(view), [], back) from None
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(back, 303)
    flash("They are in post. Welcome them.", "success")
    return redirect(url_for("careers.post_show", post_id=post_id), 303)


@room.page("/checks", permission=KEEP)
def check_list() -> ResponseReturnValue:
    """Checks to chase, the due ones first or alone; and who is due to be trained."""
    actor, only_due = the_actor(), request.args.get("due") == "yes"
    rows, page = chase_list(actor, only_due=only_due, asked_page=page_asked_for())
    due, training_page = training_due(actor, page_asked_for("training"))
    return render_template(
        "careers/check_list.html",
        rows=rows,
        page=page,
        only_due=only_due,
        due=due,
        training_page=training_page,
    )
