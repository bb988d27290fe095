"""One post: what it is, who supports its holder, and its end."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers.considerations import Refused
from recovery_college.careers.offer_forms import LeaveForm
from recovery_college.careers.post_queries import PostView, is_in_post, posts_for
from recovery_college.careers.post_services import PostNotFound, end_post
from recovery_college.careers.room import room


def _post(post_id: UUID) -> PostView:
    found = posts_for(the_actor(), post_id=post_id)
    if not found:
        abort(404)
    return found[0]


@room.page("/posts/<uuid:post_id>", permission=Permission.POST_SEE)
def post_show(post_id: UUID) -> ResponseReturnValue:
    """One post."""
    view = _post(post_id)
    return render_template(
        "careers/post_show.html",
        view=view,
        in_post=is_in_post(view),
        may_change=may(the_actor(), Permission.POST_CHANGE),
        sees_team=may(the_actor(), Permission.TEAM_SEE),
    )


@room.page(
    "/posts/<uuid:post_id>/end",
    permission=Permission.POST_CHANGE,
    see=Permission.POST_SEE,
    methods=("GET", "POST"),
)
def post_end(post_id: UUID) -> ResponseReturnValue:
    """Record the last day and why."""
    view = _post(post_id)
    form = LeaveForm(left_on=view.left_on, kind=view.leaving_kind)
    if form.validate_on_submit():
        assert form.left_on.data is not None
        try:
            end_post(the_actor(), post_id, form.left_on.data, form.kind.data or "")
        except PostNotFound:
            abort(404)
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[box].errors = [sentence]
        else:
            flash("The last day is saved.", "success")
            return redirect(url_for("careers.post_show", post_id=post_id), 303)
    page = render_template("careers/post_end.html", view=view, form=form)
    return page, 422 if form.is_submitted() else 200
