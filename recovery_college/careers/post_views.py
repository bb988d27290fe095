"""One post: what it is, who supports its holder, and its end."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, Role, may
from recovery_college.careers.considerations import Refused
from recovery_college.careers.offer_forms import FollowUpForm, LeaveForm
from recovery_college.careers.post_queries import (
    PostView,
    follow_ups_of,
    follow_ups_to_ask,
    is_in_post,
    posts_for,
)
from recovery_college.careers.post_services import FollowUpChanged, PostNotFound, end_post, record_follow_up
from recovery_college.careers.room import room
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.paging import page_asked_for
from recovery_college.kernel.wording import day


def _post(post_id: UUID) -> PostView:
    found = posts_for(the_actor(), post_id=post_id)
    if not found:
        abort(404)
    return found[0]


@room.page("/posts/follow-ups", permission=Permission.POST_CHANGE)
def follow_up_list() -> ResponseReturnValue:
    """Whom it is time to ask how it goes."""
    rows, page = follow_ups_to_ask(the_actor(), page_asked_for())
    return render_template(
        "careers/follow_up_list.html", rows=rows, page=page, leads=the_actor().role is Role.MANAGER
    )


@room.page("/posts/<uuid:post_id>", permission=Permission.POST_SEE)
def post_show(post_id: UUID) -> ResponseReturnValue:
    """One post."""
    view = _post(post_id)
    return render_template(
        "careers/post_show.html",
        view=view,
        in_post=is_in_post(view),
        follow_ups=follow_ups_of(view),
        may_change=may(the_actor(), Permission.POST_CHANGE),
        sees_team=may(the_actor(), Permission.TEAM_SEE),
    )


@room.page(
    "/posts/<uuid:post_id>/follow-up/<months>",
    permission=Permission.POST_CHANGE,
    see=Permission.POST_SEE,
    methods=("GET", "POST"),
)
def post_follow_up(post_id: UUID, months: str) -> ResponseReturnValue:
    """Write down that somebody asked how it goes."""
    view = _post(post_id)
    one = next((each for each in follow_ups_of(view) if str(each.months) == months), None)
    if one is None or view.is_own:
        abort(404)
    form = FollowUpForm(version=one.version, asked_on=one.asked_on, words=one.words)
    here = url_for("careers.post_show", post_id=post_id)
    if form.validate_on_submit():
        assert form.asked_on.data is not None
        said = (form.asked_on.data, form.words.data or "", form.seen_version())
        try:
            record_follow_up(the_actor(), post_id, one.months, *said)
        except PostNotFound:
            abort(404)
        except FollowUpChanged:
            theirs = [("Asked on", day(one.asked_on) if one.asked_on else ""), ("What was said", one.words)]
            raise ChangedMeanwhile(theirs, form.typed(), here) from None
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[box].errors = [sentence]
        else:
            flash("It is written down.", "success")
            return redirect(here, 303)
    page = render_template("careers/post_follow_up.html", view=view, one=one, form=form)
    return page, 422 if form.is_submitted() else 200


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
