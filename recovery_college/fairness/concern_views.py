"""Concerns: raising one, looking into it where one is named, and the student's own page."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.audit.services import record_view
from recovery_college.courses.queries import cohort_visible_to, places_in
from recovery_college.fairness import concern_services as services
from recovery_college.fairness.concern_forms import EntryForm, NameForm, OwnAnswerForm, RaiseForm
from recovery_college.fairness.concern_queries import (
    ConcernFile,
    OwnConcern,
    concern_known_to,
    concerns_known_to,
    own_concern,
    own_concerns,
)
from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind, why_not_named
from recovery_college.fairness.reviewer_queries import colleagues
from recovery_college.fairness.room import room
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.forms import Form

ONE = "/concerns/<uuid:concern_id>"


@room.page("/concerns", permission=Permission.CONCERN_SEE)
def concern_list() -> ResponseReturnValue:
    """The concerns one may know of: all for administrators, else those one is named in."""
    files = concerns_known_to(the_actor())
    return render_template(
        "fairness/concern_list.html",
        waiting=[file for file in reversed(files) if file.is_open],
        over=[file for file in files if not file.is_open],
    )


@room.page("/cohorts/<uuid:cohort_id>/concern", permission=Permission.CONCERN_RAISE, methods=("GET", "POST"))
def concern_raise(cohort_id: UUID) -> ResponseReturnValue:
    """Raise a concern about a student's work in this cohort."""
    actor = the_actor()
    cohort = or_404(cohort_visible_to(actor, cohort_id))
    form = RaiseForm()
    form.student.choices = [
        (str(place.enrolment_id), place.name)
        for place in places_in([cohort_id])
        if place.person_id != actor.person_id
    ]
    if request.method == "POST" and form.validate():
        try:
            made = services.raise_concern(
                actor, form.the_key(), cohort_id, UUID(form.student.data), form.allegation.data or ""
            )
        except services.NoSuchConcern:
            abort(404)
        except services.ConcernRefused as refusal:
            form.blame(refusal)
        else:
            if may(actor, Permission.CONCERN_ARRANGE):
                return redirect(url_for("fairness.concern_show", concern_id=made), 303)
            flash(
                "Thank you. The college takes it from here. You will not see it again unless you are asked "
                "to look into it, and please tell nobody.",
                "success",
            )
            return redirect(url_for("courses.cohort_show", cohort_id=cohort_id), 303)
    page = render_template("fairness/concern_raise.html", cohort=cohort, form=form)
    return page, 422 if form.errors else 200


@room.page(ONE, permission=Permission.CONCERN_SEE)
def concern_show(concern_id: UUID) -> ResponseReturnValue:
    """One concern. Each look is recorded."""
    file = _file(concern_id)
    return _show(file, EntryForm(formdata=None, data={"seen": file.stamp, "happened_on": clock.today()}))


@room.page(ONE, permission=Permission.CONCERN_SEE, methods=("POST",))
def concern_entry(concern_id: UUID) -> ResponseReturnValue:
    """Add what happened."""
    file, form = _file(concern_id), EntryForm()
    if form.validate():
        outcome = ConcernOutcome(form.outcome.data) if form.outcome.data else None
        try:
            services.add_entry(
                the_actor(), concern_id, EntryKind(form.kind.data), form.words.data or "",
                form.happened_on.data, form.seen.data or "", outcome,
            )  # fmt: skip
        except services.NoSuchConcern:
            abort(404)
        except services.ConcernRefused as refusal:
            form.blame(refusal)
        except services.StaleConcern as stale:
            last = stale.file.entries[-1] if stale.file.entries else None
            theirs = [("Added since", f"{last.kind.value}, {last.by_name}: {last.words}")] if last else []
            yours = [("What happened", str(form.kind.data)), ("In a few words", form.words.data or "")]
            again = url_for("fairness.concern_show", concern_id=concern_id)
            raise ChangedMeanwhile(theirs, yours, again) from None
        else:
            flash("Saved.", "success")
            return redirect(url_for("fairness.concern_show", concern_id=concern_id), 303)
    return _show(file, form), 422


@room.page(
    ONE + "/people",
    permission=Permission.CONCERN_ARRANGE,
    methods=("GET", "POST"),
)
def concern_people(concern_id: UUID) -> ResponseReturnValue:
    """Name who looks into a concern."""
    file, form = _file(concern_id), NameForm()
    form.person.choices = [
        (str(person_id), f"{name} ({', '.join(role.label for role in roles)})")
        for person_id, (name, roles) in colleagues().items()
        if why_not_named(person_id, student=file.person_id, named=file.named) is None
    ]
    if request.method == "POST" and form.validate():
        try:
            services.name_person(the_actor(), concern_id, UUID(form.person.data))
        except services.NoSuchConcern:
            abort(404)
        except services.ConcernRefused as refusal:
            form.person.errors = [str(refusal)]
        else:
            flash("Saved. They find it on their home page.", "success")
            return redirect(url_for("fairness.concern_show", concern_id=concern_id), 303)
    page = render_template("fairness/concern_people.html", file=file, form=form)
    return page, 422 if form.errors else 200


@room.page(
    ONE + "/people/<uuid:person_id>/end",
    permission=Permission.CONCERN_ARRANGE,
    methods=("POST",),
)
def concern_person_end(concern_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Somebody no longer looks into it."""
    try:
        services.end_person(the_actor(), concern_id, person_id)
    except services.NoSuchConcern:
        abort(404)
    flash("Saved. They no longer see it.", "success")
    return redirect(url_for("fairness.concern_show", concern_id=concern_id), 303)


@room.page("/my-concerns/<uuid:concern_id>", permission=Permission.OWN_FAIRNESS, methods=("GET", "POST"))
def my_concern(concern_id: UUID) -> ResponseReturnValue:
    """What the student was told of, and their answer."""
    own, form = _own(concern_id), OwnAnswerForm()
    if request.method == "POST" and form.validate():
        try:
            services.answer_concern(the_actor(), concern_id, form.words.data or "")
        except services.NoSuchConcern:
            abort(404)
        except services.ConcernRefused as refusal:
            form.words.errors = [str(refusal)]
        else:
            flash("Thank you. Your answer is saved.", "success")
            return redirect(url_for("fairness.my_concern", concern_id=concern_id), 303)
    page = render_template("fairness/my_concern.html", own=own, form=form)
    return page, 422 if form.errors else 200


@room.page("/my-concerns", permission=Permission.OWN_FAIRNESS)
def my_concerns() -> ResponseReturnValue:
    """What the student was told of."""
    return render_template("fairness/my_concerns.html", concerns=own_concerns(the_actor()))


def _own(concern_id: UUID) -> OwnConcern:
    return or_404(own_concern(the_actor(), concern_id))


def _file(concern_id: UUID) -> ConcernFile:
    return or_404(concern_known_to(the_actor(), concern_id))


def _show(file: ConcernFile, form: EntryForm) -> str:
    actor = the_actor()
    record_view(actor, "concern", file.id)
    return render_template(
        "fairness/concern_show.html",
        file=file,
        form=form,
        arranges=may(actor, Permission.CONCERN_ARRANGE),
        token=Form(formdata=None),
        kinds=EntryKind,
    )
