"""Pages of an engagement: the list, opening one, its days, the sample (A11). One pick: graduation.pick_views."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.queries import cohort_known_to, cohorts_known_to
from recovery_college.courses.specification import unit_label
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.numbers import number_in
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.wording import day
from recovery_college.quality import engagement_services as services
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.engagement_forms import EngagementForm, LastDayForm, PickForm, SeenForm
from recovery_college.quality.engagement_queries import (
    EngagementRow,
    engagement_visible_to,
    engagements_visible_to,
    picks_of,
    why_nothing_is_open,
)
from recovery_college.quality.report_queries import actions_visible_to, report_visible_to
from recovery_college.quality.room import room

SEE = Permission.ENGAGEMENT_SEE
ONE = "/engagements/<uuid:engagement_id>"


def engagement_or_404(actor: Actor, engagement_id: UUID) -> EngagementRow:
    """An engagement the actor may know of."""
    return or_404(engagement_visible_to(actor, engagement_id))


@room.page("/engagements", permission=SEE)
def engagement_list() -> ResponseReturnValue:
    """Every engagement: who, when, which cohorts, what came of it."""
    actor = the_actor()
    return render_template(
        "quality/engagement_list.html",
        rows=engagements_visible_to(actor),
        why_none=why_nothing_is_open(actor),
        opens=may(actor, Permission.ENGAGEMENT_OPEN),
        is_external=actor.role is Role.EQA,
    )


@room.page("/engagements/new", permission=Permission.ENGAGEMENT_OPEN, see=SEE, methods=("GET", "POST"))
def engagement_new() -> ResponseReturnValue:
    """Open an engagement: the college does it itself."""
    actor = the_actor()
    form = EngagementForm()
    form.cohorts.choices = [(str(one.id), f"{one.title} ({one.ref})") for one in cohorts_known_to(actor)]
    if form.validate_on_submit():
        try:
            engagement_id, token = services.open_engagement(
                actor,
                form.email.data or "",
                form.name.data or "",
                [UUID(one) for one in form.cohorts.data],
                form.opens_on.data,
                form.ends_on.data,
                form.purpose.data or "",
            )
        except services.EngagementRefused as refusal:
            form.blame(refusal)
        else:
            if token is None:
                flash("The engagement is open to them from its first day.", "success")
                return redirect(url_for("quality.engagement_show", engagement_id=engagement_id), 303)
            settings = the_settings()
            link = settings.public_base_url + url_for("people.welcome", token=token)
            return render_template("quality/engagement_invited.html", engagement_id=engagement_id, link=link)
    status = 422 if form.is_submitted() else 200
    return render_template("quality/engagement_new.html", form=form), status


@room.page(ONE, permission=SEE)
def engagement_show(engagement_id: UUID) -> ResponseReturnValue:
    """One engagement: its days and cohorts, the picks, the report, and the actions."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    earlier = [one for one in actions_visible_to(actor) if one.engagement_id != engagement_id]
    return render_template(
        "quality/engagement_show.html",
        engagement=engagement,
        picks=picks_of(engagement_id),
        report=report_visible_to(actor, engagement),
        actions=actions_visible_to(actor, engagement_id=engagement_id),
        earlier=earlier,
        today=clock.today(),
        is_external=actor.role is Role.EQA,
        opens=may(actor, Permission.ENGAGEMENT_OPEN),
        makes_pack=may(actor, Permission.PACK_MAKE),
    )


@room.page(f"{ONE}/days", permission=Permission.ENGAGEMENT_OPEN, see=SEE, methods=("GET", "POST"))
def engagement_days(engagement_id: UUID) -> ResponseReturnValue:
    """Change the last day."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    here = url_for("quality.engagement_days", engagement_id=engagement_id)
    form = LastDayForm(ends_on=engagement.ends_on, seen=str(engagement.version))
    if form.validate_on_submit():
        try:
            services.change_last_day(
                actor, engagement_id, form.ends_on.data, number_in(form.seen.data, -1, digits=18)
            )
        except services.StaleEngagement as stale:
            yours = [("Last day", day(form.ends_on.data))]
            raise ChangedMeanwhile([("Last day", day(engagement.ends_on))], yours, here) from stale
        except services.EngagementRefused as refusal:
            form.blame(refusal)
        else:
            flash(f"The last day is now {day(form.ends_on.data)}.", "success")
            return redirect(url_for("quality.engagement_show", engagement_id=engagement_id), 303)
    page = render_template("quality/engagement_days.html", engagement=engagement, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page(f"{ONE}/end", permission=Permission.ENGAGEMENT_OPEN, see=SEE, methods=("GET", "POST"))
def engagement_end(engagement_id: UUID) -> ResponseReturnValue:
    """End it now: a page that says what it means, then the deed."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    form = SeenForm(seen=str(engagement.version))
    if form.validate_on_submit():
        try:
            services.end_engagement(actor, engagement_id, number_in(form.seen.data, -1, digits=18))
        except services.StaleEngagement as stale:
            here = url_for("quality.engagement_end", engagement_id=engagement_id)
            theirs = [("Last day", day(engagement.ends_on))]
            raise ChangedMeanwhile(theirs, [("You asked", "End the engagement now")], here) from stale
        except services.EngagementRefused as refusal:
            form.blame(refusal)
        else:
            flash("The engagement has ended. They see nothing more from now on.", "success")
            return redirect(url_for("quality.engagement_show", engagement_id=engagement_id), 303)
    page = render_template("quality/engagement_end.html", engagement=engagement, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page(f"{ONE}/cohorts/<uuid:cohort_id>", permission=SEE)
def engagement_sample(engagement_id: UUID, cohort_id: UUID) -> ResponseReturnValue:
    """A cohort of an engagement: where every student's units stand, and which are picked."""
    actor = the_actor()
    return _sample_page(actor, engagement_or_404(actor, engagement_id), cohort_id, PickForm(formdata=None))


@room.page(
    f"{ONE}/cohorts/<uuid:cohort_id>", permission=Permission.ENGAGEMENT_PICK, see=SEE, methods=("POST",)
)
def engagement_pick(engagement_id: UUID, cohort_id: UUID) -> ResponseReturnValue:
    """The external picks, or widens the sample."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    form = PickForm()
    ticked = request.form.getlist("picks")
    form.validate()
    if not form.errors:
        try:
            new = services.pick_units(actor, engagement_id, cohort_id, _pairs(ticked), form.reason.data or "")
        except services.NoSuchEngagement:
            abort(404)
        except services.EngagementRefused as refusal:
            form.blame(refusal)
        else:
            flash(_picked_words(new), "success")
            return redirect(
                url_for("quality.engagement_show", engagement_id=engagement_id, _anchor="picks"), 303
            )
    return _sample_page(actor, engagement, cohort_id, form, frozenset(ticked)), 422


def _picked_words(new: int) -> str:
    if new == 0:
        return "These were in your sample already."
    return "1 unit is in your sample." if new == 1 else f"{new} units are in your sample."


def _pairs(ticked: list[str]) -> list[tuple[UUID, UUID]]:
    pairs = []
    for one in ticked:
        try:
            enrolment, unit = one.split(":")
            pairs.append((UUID(enrolment), UUID(unit)))
        except ValueError:
            abort(400)
    return pairs


def _sample_page(
    actor: Actor,
    engagement: EngagementRow,
    cohort_id: UUID,
    form: PickForm,
    ticked: frozenset[str] = frozenset(),
) -> str:
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None or cohort_id not in {one for one, _ in engagement.cohorts}:
        abort(404)
    board = quality_board(cohort)
    picks = {(one.enrolment_id, one.unit_id): one for one in picks_of(engagement.id)}
    return render_template(
        "quality/engagement_sample.html",
        engagement=engagement,
        cohort=cohort,
        board=board,
        picks=picks,
        form=form,
        ticked=ticked,
        picks_here=actor.role is Role.EQA,
        unit_label=unit_label,
    )
