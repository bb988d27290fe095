"""The bank of comments of one criterion: the college's and one's own."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.comment_forms import CommentForm, NewCommentForm
from recovery_college.assessment.comment_queries import BankCriterion, Comment, bank_criterion, comments_for
from recovery_college.assessment.comment_services import (
    CommentRefused,
    NoSuchComment,
    StaleComment,
    add_comment,
    change_comment,
    retire_comment,
)
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room
from recovery_college.courses.models import Cohort
from recovery_college.kernel.errors import ChangedMeanwhile, or_404

BANK = "/cohorts/<uuid:cohort_id>/marking/comments/<uuid:criterion_id>"
COMMENT = f"{BANK}/<uuid:comment_id>"


@room.page(BANK, permission=Permission.DECISION_RECORD, see=Permission.COHORT_SEE, methods=("GET", "POST"))
def comment_bank(cohort_id: UUID, criterion_id: UUID) -> ResponseReturnValue:
    """The comments of a criterion, and the form for one more."""
    cohort, criterion = _criterion(cohort_id, criterion_id)
    form = NewCommentForm(data={"shared": "no"})
    if form.validate_on_submit():
        try:
            add_comment(
                the_actor(), cohort_id, criterion_id, form.text.data or "", shared=form.shared.data == "yes"
            )
        except CommentRefused as refusal:
            form.text.errors = [str(refusal)]
        else:
            flash("Kept. It is offered whenever this criterion is marked.", "success")
            return redirect(_bank(cohort_id, criterion_id), 303)
    page = render_template(
        "assessment/comment_bank.html",
        cohort=cohort,
        criterion=criterion,
        form=form,
        comments=comments_for(the_actor(), criterion_id, retired=True),
        path=_bank(cohort_id, criterion_id),
    )
    return page, 422 if form.is_submitted() else 200


@room.page(COMMENT, permission=Permission.DECISION_RECORD, see=Permission.COHORT_SEE, methods=("GET", "POST"))
def comment_edit(cohort_id: UUID, criterion_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    """Change one comment, put it away, or bring it back."""
    cohort, criterion = _criterion(cohort_id, criterion_id)
    comment = _comment(criterion_id, comment_id)
    here = url_for(
        "assessment.comment_edit", cohort_id=cohort_id, criterion_id=criterion_id, comment_id=comment_id
    )
    deed = request.form.get("deed", "")
    form = CommentForm(data={"text": comment.text, "version": str(comment.version)})
    if form.is_submitted() and deed in ("retire", "back"):
        _retire(cohort_id, comment_id, back=deed == "back")
        flash("It is offered again." if deed == "back" else "Put away. You can bring it back.", "success")
        return redirect(_bank(cohort_id, criterion_id), 303)
    if form.validate_on_submit():
        try:
            change_comment(the_actor(), cohort_id, comment_id, form.text.data or "", form.version_seen())
        except NoSuchComment:
            abort(404)
        except CommentRefused as refusal:
            form.text.errors = [str(refusal)]
        except StaleComment as stale:
            raise ChangedMeanwhile(
                [("Comment", stale.theirs)], [("Comment", form.text.data or "")], here
            ) from stale
        else:
            flash("Changed. Feedback that used it before stays as it was.", "success")
            return redirect(_bank(cohort_id, criterion_id), 303)
    page = render_template(
        "assessment/comment_edit.html",
        cohort=cohort,
        criterion=criterion,
        comment=comment,
        form=form,
        path=_bank(cohort_id, criterion_id),
    )
    return page, 422 if form.is_submitted() else 200


def _retire(cohort_id: UUID, comment_id: UUID, *, back: bool) -> None:
    try:
        retire_comment(the_actor(), cohort_id, comment_id, back=back)
    except NoSuchComment:
        abort(404)


def _bank(cohort_id: UUID, criterion_id: UUID) -> str:
    return url_for("assessment.comment_bank", cohort_id=cohort_id, criterion_id=criterion_id)


def _criterion(cohort_id: UUID, criterion_id: UUID) -> tuple[Cohort, BankCriterion]:
    """A cohort the actor may know of and a criterion of its qualification, else 404."""
    cohort = cohort_known_to(the_actor(), cohort_id)
    criterion = bank_criterion(cohort, criterion_id) if cohort else None
    if cohort is None or criterion is None:
        abort(404)
    return cohort, criterion


def _comment(criterion_id: UUID, comment_id: UUID) -> Comment:
    found = comments_for(the_actor(), criterion_id, retired=True)
    return or_404(next((one for one in found if one.id == comment_id), None))
