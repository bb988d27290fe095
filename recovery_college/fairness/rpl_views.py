"""Prior learning: the student's claims, a cohort's for its tutors, and each programme's limit (A13)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.place_queries import own_enrolments
from recovery_college.audit.services import record_view
from recovery_college.courses.models import Enrolment, Qualification
from recovery_college.courses.queries import cohort_visible_to, place_of, places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness import rpl_services as services
from recovery_college.fairness.room import room
from recovery_college.fairness.rpl_forms import ClaimForm, CloseForm, LimitForm
from recovery_college.fairness.rpl_queries import (
    RplFile,
    claim_known_to,
    claims_known_to,
    claims_waiting,
    limit_of,
    own_claims,
    room_of,
)
from recovery_college.fairness.rpl_rules import grouped
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.forms import Form

COHORT = "/cohorts/<uuid:cohort_id>/prior-learning"


@room.page("/my-prior-learning", permission=Permission.OWN_FAIRNESS)
def my_claims() -> ResponseReturnValue:
    """What the student asked to be assessed on what they could do before."""
    return render_template(
        "fairness/my_claims.html",
        claims=own_claims(the_actor()),
        places=_open_places(),
        grouped=grouped,
        form=Form(formdata=None),
    )


@room.page(
    "/my-prior-learning/new/<uuid:enrolment_id>", permission=Permission.OWN_FAIRNESS, methods=("GET", "POST")
)
def my_claim_new(enrolment_id: UUID) -> ResponseReturnValue:
    """Open a claim for oneself."""
    place = or_404(next((one for one in _open_places() if one.id == enrolment_id), None))
    return _new(place, url_for("fairness.my_claims"), "")


@room.page(
    "/my-prior-learning/<uuid:claim_id>/take-back", permission=Permission.OWN_FAIRNESS, methods=("POST",)
)
def my_claim_take_back(claim_id: UUID) -> ResponseReturnValue:
    """Take one's own claim back."""
    try:
        services.close_claim(the_actor(), claim_id)
    except services.NoSuchClaim:
        abort(404)
    flash("You have taken it back. What was decided stays, and you can ask again.", "success")
    return redirect(url_for("fairness.my_claims"), 303)


@room.page("/prior-learning", permission=Permission.PRIOR_LEARNING_SEE)
def claim_list() -> ResponseReturnValue:
    """Claims of prior learning in every cohort one may know of, those that wait for a decision first."""
    actor = the_actor()
    return _list(actor, claims_known_to(actor))


@room.page(COHORT, permission=Permission.PRIOR_LEARNING_SEE)
def claim_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """Claims of prior learning in one cohort; a tutor opens one for a student here."""
    actor = the_actor()
    cohort = or_404(cohort_visible_to(actor, cohort_id))
    opens = may(actor, Permission.PRIOR_LEARNING_OPEN)
    places = [
        place
        for place in (places_in([cohort_id]) if opens else [])
        if place.status is not EnrolmentStatus.WITHDRAWN and place.person_id != actor.person_id
    ]
    return _list(actor, claims_known_to(actor, cohort_id), cohort=cohort, places=places)


def _list(actor: Actor, files: list[RplFile], **more: object) -> str:
    waiting = claims_waiting(actor, files)
    first = {file.id for file in waiting}
    return render_template(
        "fairness/claim_list.html",
        heading="Prior learning",
        waiting=waiting,
        others=[file for file in files if file.id not in first],
        grouped=grouped,
        **{"cohort": None, "places": [], **more},
    )


@room.page(
    COHORT + "/<uuid:enrolment_id>/new",
    permission=Permission.PRIOR_LEARNING_OPEN,
    see=Permission.PRIOR_LEARNING_SEE,
    methods=("GET", "POST"),
)
def claim_new(cohort_id: UUID, enrolment_id: UUID) -> ResponseReturnValue:
    """A tutor opens a claim with a student."""
    actor = the_actor()
    place = session().get(Enrolment, enrolment_id)
    if cohort_visible_to(actor, cohort_id) is None or place is None or place.cohort_id != cohort_id:
        abort(404)
    if place.person_id == actor.person_id:
        abort(404)
    named = place_of(enrolment_id)
    return _new(place, url_for("fairness.claim_cohort", cohort_id=cohort_id), named.name if named else "")


def _new(place: Enrolment, back: str, student: str) -> ResponseReturnValue:
    space = room_of(place)
    form = ClaimForm()
    form.criteria.choices = space.choices
    if request.method == "POST" and form.validate():
        try:
            services.open_claim(
                the_actor(), form.the_key(), place.id, [UUID(one) for one in form.criteria.data],
                form.words.data or "",
            )  # fmt: skip
        except services.NoSuchClaim:
            abort(404)
        except services.RplRefused as refusal:
            form.blame(refusal)
        else:
            flash("Saved. Next, hand in something that shows it, as evidence of prior learning.", "success")
            return redirect(back, 303)
    page = render_template(
        "fairness/claim_new.html", form=form, back_to=back, student=student, percent=space.percent,
        cohort=place.cohort,
    )  # fmt: skip
    return page, 422 if form.errors else 200


@room.page("/prior-learning/<uuid:claim_id>", permission=Permission.PRIOR_LEARNING_SEE)
def claim_show(claim_id: UUID) -> ResponseReturnValue:
    """One claim for staff. The look is recorded."""
    file = _file(claim_id)
    record_view(the_actor(), "prior learning", file.person_id)
    return _show(file, CloseForm(formdata=None))


@room.page(
    "/prior-learning/<uuid:claim_id>",
    permission=Permission.PRIOR_LEARNING_OPEN,
    see=Permission.PRIOR_LEARNING_SEE,
    methods=("POST",),
)
def claim_close(claim_id: UUID) -> ResponseReturnValue:
    """A tutor closes a claim, with words to the student."""
    file, form = _file(claim_id), CloseForm()
    if form.validate():
        try:
            services.close_claim(the_actor(), claim_id, form.words.data or "")
        except services.NoSuchClaim:
            abort(404)
        except services.RplRefused as refusal:
            form.blame(refusal)
        else:
            flash("Saved. The student reads your words on their page.", "success")
            return redirect(url_for("fairness.claim_cohort", cohort_id=file.cohort_id), 303)
    return _show(file, form), 422


@room.page(
    "/qualifications/<uuid:qualification_id>/prior-learning",
    permission=Permission.PRIOR_LEARNING_LIMIT,
    see=Permission.QUALIFICATION_SEE,
    methods=("GET", "POST"),
)
def claim_limit(qualification_id: UUID) -> ResponseReturnValue:
    """How much of this programme may be met by prior learning."""
    qualification = or_404(session().get(Qualification, qualification_id))
    percent, version = limit_of(qualification_id)
    form = LimitForm(data={"seen": str(version), "percent": percent})
    if request.method == "POST" and form.validate():
        here = url_for("fairness.claim_limit", qualification_id=qualification_id)
        try:
            services.set_limit(the_actor(), qualification_id, form.percent.data, form.seen_version())
        except services.NoSuchClaim:
            abort(404)
        except services.RplRefused as refusal:
            form.blame(refusal)
        except services.StaleLimit as stale:
            raise ChangedMeanwhile(
                [("At most", f"{stale.percent}%")], [("At most", f"{form.percent.data}%")], here
            ) from None
        else:
            flash("Saved.", "success")
            return redirect(here, 303)
    page = render_template("fairness/claim_limit.html", qualification=qualification, form=form)
    return page, 422 if form.errors else 200


def _open_places() -> list[Enrolment]:
    person_id = the_actor().person_id
    found = own_enrolments(person_id) if person_id else []
    return [one for one in found if one.status in (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED)]


def _file(claim_id: UUID) -> RplFile:
    return or_404(claim_known_to(the_actor(), claim_id))


def _show(file: RplFile, form: CloseForm) -> str:
    closes = may(the_actor(), Permission.PRIOR_LEARNING_OPEN) and file.is_live
    marks = may(the_actor(), Permission.FEEDBACK_SEE)
    return render_template("fairness/claim_show.html", file=file, form=form, closes=closes, marks=marks)
