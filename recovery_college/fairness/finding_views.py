"""Hearing appeals: the list, one appeal, who hears it, what was found, and the new decision (A15)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.rules import Outcome
from recovery_college.audit.services import record_view
from recovery_college.courses.queries import cohort_visible_to
from recovery_college.fairness import appeal_services as services
from recovery_college.fairness.appeal_files import AppealFile
from recovery_college.fairness.appeal_forms import FindingForm, NewDecisionForm, ReviewerForm, ToldForm
from recovery_college.fairness.appeal_queries import appeal_visible_to, appeals_visible_to, appeals_waiting
from recovery_college.fairness.appeal_rules import OPEN, AppealFinding, AppealState
from recovery_college.fairness.presenters import APPEAL_FOR_STAFF, days_left_words
from recovery_college.fairness.reviewer_queries import Candidate, candidates, may_decide_again, others_like
from recovery_college.fairness.room import room
from recovery_college.kernel.errors import ChangedMeanwhile, or_404

ONE = "/appeals/<uuid:appeal_id>"
NAMED_IN = frozenset({AppealState.NOBODY_YET, AppealState.REVIEW, AppealState.DECISION_OWED})
"""The states in which somebody can be asked: to hear it, or to make the new decision."""


@room.page("/appeals", permission=Permission.APPEAL_SEE)
def appeal_list() -> ResponseReturnValue:
    """The appeals one may know of: those waiting for oneself first, by working days left."""
    actor = the_actor()
    waiting = appeals_waiting(actor)
    mine = {file.id for file in waiting}
    files = [file for file in appeals_visible_to(actor) if file.id not in mine]
    return render_template(
        "fairness/appeal_list.html",
        waiting=waiting,
        under_way=[file for file in files if file.state in OPEN],
        answered=[file for file in files if file.state not in OPEN],
        tags=APPEAL_FOR_STAFF,
        days_left_words=days_left_words,
    )


@room.page(ONE, permission=Permission.APPEAL_SEE)
def appeal_show(appeal_id: UUID) -> ResponseReturnValue:
    """One appeal. Reading the student's words is recorded."""
    return _show(_file(appeal_id))


@room.page(
    ONE + "/reviewer", permission=Permission.APPEAL_ARRANGE, see=Permission.APPEAL_SEE, methods=("POST",)
)
def appeal_name(appeal_id: UUID) -> ResponseReturnValue:
    """Ask somebody to hear an appeal, or to make the new decision."""
    file = _file(appeal_id)
    if file.state not in NAMED_IN:
        return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    found = candidates(the_actor(), file)
    form = _reviewer_form(found, ReviewerForm())
    if form.validate():
        try:
            services.name_reviewer(the_actor(), appeal_id, UUID(form.person.data), form.seen.data or "")
        except services.NoSuchAppeal:
            abort(404)
        except services.StaleAppeal as stale:
            raise _changed(stale, [("You chose", _name_in(form))]) from None
        except services.AppealRefused as refusal:
            form.person.errors = [str(refusal)]
        else:
            flash("Saved. They find it on their home page.", "success")
            return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    return _show(file, form, found), 422


@room.page(
    ONE + "/finding",
    permission=Permission.APPEAL_HEAR,
    see=Permission.APPEAL_SEE,
    methods=("GET", "POST"),
)
def appeal_finding(appeal_id: UUID) -> ResponseReturnValue:
    """Record what the review found: for who was asked to hear it."""
    actor, file = the_actor(), _file(appeal_id)
    if file.stage.reviewer_id != actor.person_id:
        abort(403)
    if file.state is not AppealState.REVIEW:
        return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    like = others_like(file)
    form = FindingForm(data={"seen": file.stamp})
    form.others.choices = [(str(one), f"{name}, {cohort}") for one, name, cohort in like]
    if request.method == "POST" and form.validate():
        try:
            services.record_finding(
                actor, appeal_id, AppealFinding(form.finding.data), form.reasons.data or "",
                form.next_steps.data or "", form.others_affected.data,
                [UUID(one) for one in form.others.data or ()], form.seen.data or "",
            )  # fmt: skip
        except services.NoSuchAppeal:
            abort(404)
        except services.StaleAppeal as stale:
            yours = [
                ("You found", str(form.finding.data)), ("Why", form.reasons.data or ""),
                ("What happens next", form.next_steps.data or ""),
            ]  # fmt: skip
            raise _changed(stale, yours) from None
        except services.AppealRefused as refusal:
            form[refusal.field or "finding"].errors = [str(refusal)]
        else:
            flash(f"Saved. {file.student} can read your answer now.", "success")
            return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    else:
        record_view(actor, "appeal", appeal_id)
    page = render_template("fairness/appeal_finding.html", file=file, form=form, like=like)
    return page, 422 if form.errors else 200


@room.page(
    ONE + "/decision",
    permission=Permission.DECISION_RECORD,
    see=Permission.APPEAL_SEE,
    methods=("GET", "POST"),
)
def appeal_decision(appeal_id: UUID) -> ResponseReturnValue:
    """The new decision an upheld appeal led to, by an assessor who had no part in the unit."""
    actor, file = the_actor(), _file(appeal_id)
    if file.state is not AppealState.DECISION_OWED:
        return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    if not may_decide_again(actor, file):
        abort(403)
    form = NewDecisionForm(data={"seen": file.stamp})
    if request.method == "POST" and form.validate():
        try:
            services.decide_again(
                actor, appeal_id, Outcome(form.outcome.data), form.feedback.data or "", form.seen.data or ""
            )
        except services.NoSuchAppeal:
            abort(404)
        except services.StaleAppeal as stale:
            yours = [("You decided", str(form.outcome.data)), ("Feedback", form.feedback.data or "")]
            raise _changed(stale, yours) from None
        except services.AppealRefused as refusal:
            form[refusal.field or "outcome"].errors = [str(refusal)]
        else:
            flash(f"Saved. {file.student} can see your decision now.", "success")
            return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    # Who decides anew may be a tutor of another cohort: this page is all they are shown.
    sees_marking = (
        may(actor, Permission.FEEDBACK_SEE) and cohort_visible_to(actor, file.cohort_id) is not None
    )
    page = render_template("fairness/appeal_decision.html", file=file, form=form, sees_marking=sees_marking)
    return page, 422 if form.errors else 200


@room.page(ONE + "/told", permission=Permission.APPEAL_ARRANGE, see=Permission.APPEAL_SEE, methods=("POST",))
def appeal_told(appeal_id: UUID) -> ResponseReturnValue:
    """Note that the awarding organisation was told."""
    file, form = _file(appeal_id), ToldForm()
    if file.state is not AppealState.AO_TO_TELL:
        return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    if form.validate():
        try:
            services.tell_awarding_organisation(the_actor(), appeal_id, form.told_on.data)
        except services.NoSuchAppeal:
            abort(404)
        except services.AppealRefused as refusal:
            form.told_on.errors = [str(refusal)]
        else:
            flash("Saved.", "success")
            return redirect(url_for("fairness.appeal_show", appeal_id=appeal_id), 303)
    return _show(file, form), 422


def _file(appeal_id: UUID) -> AppealFile:
    return or_404(appeal_visible_to(the_actor(), appeal_id))


def _reviewer_form(found: list[Candidate], form: ReviewerForm) -> ReviewerForm:
    form.person.choices = [
        (str(one.person_id), f"{one.name} ({', '.join(role.label for role in one.roles)})")
        for one in found
        if one.why_not is None
    ]
    return form


def _name_in(form: ReviewerForm) -> str:
    return next((one[1] for one in form.person.choices if one[0] == form.person.data), "")


def _show(
    file: AppealFile, form: ReviewerForm | ToldForm | None = None, found: list[Candidate] | None = None
) -> str:
    """Draw an appeal; a form that needs mending stands for an empty one, with whom it offered."""
    actor = the_actor()
    if file.reads_words:
        record_view(actor, "appeal", file.id)
    arranges = may(actor, Permission.APPEAL_ARRANGE)
    names = arranges and file.state in NAMED_IN
    if found is None:
        found = candidates(actor, file) if names else []
    if form is None and names:
        form = _reviewer_form(found, ReviewerForm(formdata=None, data={"seen": file.stamp}))
    elif form is None and arranges and file.state is AppealState.AO_TO_TELL:
        form = ToldForm(formdata=None)
    return render_template(
        "fairness/appeal_show.html",
        file=file,
        form=form,
        names=names,
        tells=arranges and file.state is AppealState.AO_TO_TELL,
        not_these=[one for one in found if one.why_not],
        anybody=any(one.why_not is None for one in found),
        hears=file.state is AppealState.REVIEW and file.stage.reviewer_id == actor.person_id,
        decides=may_decide_again(actor, file),
        owed=file.state is AppealState.DECISION_OWED,
        tag=APPEAL_FOR_STAFF[file.state],
        days_left_words=days_left_words,
    )


def _changed(stale: services.StaleAppeal, yours: list[tuple[str, str]]) -> ChangedMeanwhile:
    file = or_404(stale.file)
    theirs = [("Where it stands now", APPEAL_FOR_STAFF[file.state][0])]
    if file.stage.finding is not None:
        theirs.append(("Answered by", file.stage.finding.by_name))
    elif file.stage.reviewer:
        theirs.append(("Asked to hear it", file.stage.reviewer))
    again = url_for("fairness.appeal_show", appeal_id=file.id)
    return ChangedMeanwhile(theirs, [pair for pair in yours if pair[1]], again)
