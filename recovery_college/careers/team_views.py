"""A team: how ready it is, who works in it, and the visit by a peer support worker of another team."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers.check_rules import StepState, TeamStep
from recovery_college.careers.considerations import Refused
from recovery_college.careers.models import Team
from recovery_college.careers.post_queries import count_posts, posts_for
from recovery_college.careers.room import room
from recovery_college.careers.team_forms import StepForm, VisitAnswerForm, VisitForm
from recovery_college.careers.team_queries import (
    own_visits,
    steps_of,
    team_visible_to,
    visitors_for,
    visits_of,
)
from recovery_college.careers.team_services import (
    StepChanged,
    StepSaid,
    TeamNotFound,
    answer_visit,
    ask_for_visit,
    save_step,
)
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.paging import page_asked_for, page_of
from recovery_college.kernel.wording import day

GET_AND_POST = ("GET", "POST")
SEE, PREPARE, ASK = Permission.TEAM_SEE, Permission.TEAM_PREPARE, Permission.VISIT_ASK


def _team(team_id: UUID) -> Team:
    return or_404(team_visible_to(the_actor(), team_id))


@room.page("/teams/<uuid:team_id>", permission=SEE)
def team_show(team_id: UUID) -> ResponseReturnValue:
    """How ready the team is for a peer support worker, and who works in it."""
    actor = the_actor()
    team = _team(team_id)
    steps = steps_of(session(), team_id)
    page = page_of(page_asked_for(), count_posts(actor, team_id))
    return render_template(
        "careers/team_show.html",
        team=team,
        steps=steps,
        to_go=len([one for one in steps if one.state not in (StepState.DONE, StepState.NOT_POSSIBLE)]),
        visits=visits_of(actor, team_id),
        posts=posts_for(actor, team_id=team_id, page=page),
        page=page,
        may_prepare=may(actor, PREPARE),
        may_ask=may(actor, ASK),
        states=StepState,
    )


@room.page("/teams/<uuid:team_id>/steps/<step>", permission=PREPARE, see=SEE, methods=GET_AND_POST)
def team_step(team_id: UUID, step: str) -> ResponseReturnValue:
    """One step: who, by when, done when."""
    team = _team(team_id)
    row = or_404(next((one for one in steps_of(session(), team_id) if one.step.value == step), None))
    form = StepForm(
        row.step,
        version=row.version,
        owner=row.owner,
        due_on=row.due_on,
        named=row.named,
        done_on=row.done_on,
        impossible_why=row.impossible_why,
    )
    if form.validate_on_submit():
        said = StepSaid(
            form.owner.data or "",
            form.due_on.data,
            form.done_on.data,
            (form.named.data or "") if "named" in form else "",
            (form.impossible_why.data or "") if "impossible_why" in form else "",
        )
        try:
            save_step(the_actor(), team_id, TeamStep(step), said, form.seen_version())
        except TeamNotFound:
            abort(404)
        except StepChanged:
            theirs = [
                ("Who sees to it?", row.owner),
                ("By which day?", day(row.due_on) if row.due_on else ""),
                ("Done on", day(row.done_on) if row.done_on else ""),
            ]
            yours = [("Who sees to it?", said.owner), ("Done on", day(said.done_on) if said.done_on else "")]
            raise ChangedMeanwhile(theirs, yours, url_for("careers.team_show", team_id=team_id)) from None
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[box if box in form else "done_on"].errors = [sentence]
        else:
            flash("The step is saved.", "success")
            return redirect(url_for("careers.team_show", team_id=team_id), 303)
    page = render_template("careers/team_step.html", team=team, row=row, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/teams/<uuid:team_id>/visit", permission=ASK, see=SEE, methods=GET_AND_POST)
def team_visit(team_id: UUID) -> ResponseReturnValue:
    """Ask somebody of another team to visit. Their name reaches the team only after their yes."""
    team = _team(team_id)
    people = visitors_for(the_actor(), team_id)
    form = VisitForm([(str(one), f"{name}, {where}") for one, name, where in people])
    if people and form.validate_on_submit():
        try:
            ask_for_visit(the_actor(), team_id, UUID(form.person.data or ""), form.visit_on.data)
        except TeamNotFound:
            abort(404)
        except Refused as refusal:
            for box, sentence in refusal.errors.items():
                form[box].errors = [sentence]
        else:
            flash("They are asked. The team learns who it is when they say yes.", "success")
            return redirect(url_for("careers.team_show", team_id=team_id), 303)
    page = render_template("careers/team_visit.html", team=team, people=people, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/visits/<uuid:visit_id>", permission=Permission.OWN_FUTURE, methods=GET_AND_POST)
def my_visit(visit_id: UUID) -> ResponseReturnValue:
    """Say yes or no to visiting a team."""
    visit = or_404(next((one for one in own_visits(the_actor()) if one.id == visit_id), None))
    form = VisitAnswerForm(agreed=visit.agreed)
    if form.validate_on_submit():
        try:
            answer_visit(the_actor(), visit_id, bool(form.agreed.data))
        except TeamNotFound:
            abort(404)
        flash("Thank you. Your answer is saved.", "success")
        return redirect(url_for("careers.my_candidacies"), 303)
    page = render_template("careers/my_visit.html", visit=visit, form=form)
    return page, 422 if form.is_submitted() else 200
