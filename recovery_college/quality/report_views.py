"""Pages of the external's report, its actions, and what became of them (A11)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.engagement_rules import Finding
from recovery_college.kernel import clock
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.numbers import number_in
from recovery_college.quality import report_services as services
from recovery_college.quality.engagement_forms import ActionForm, NoteForm, ReportForm
from recovery_college.quality.engagement_queries import EngagementRow
from recovery_college.quality.engagement_services import EngagementRefused, NoSuchEngagement, StaleEngagement
from recovery_college.quality.engagement_views import ONE, SEE, engagement_or_404
from recovery_college.quality.report_queries import (
    ActionRow,
    ReportRow,
    action_visible_to,
    actions_visible_to,
    draft_actions,
    report_visible_to,
)
from recovery_college.quality.room import room

WRITES = Permission.ENGAGEMENT_PICK
ACTIONS = Permission.EQA_ACTIONS_SEE


def _back(engagement_id: UUID) -> str:
    return url_for("quality.engagement_report", engagement_id=engagement_id)


@room.page(f"{ONE}/report", permission=SEE)
def engagement_report(engagement_id: UUID) -> ResponseReturnValue:
    """The report: for its writer a form until it is sent, for the college what was sent."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    report = report_visible_to(actor, engagement)
    writes = may(actor, WRITES) and engagement.person_id == actor.person_id
    if report is None and not writes:
        abort(404)
    if not writes or (report is not None and report.sent_at is not None):
        actions = actions_visible_to(actor, engagement_id=engagement_id)
        return render_template(
            "quality/engagement_report.html",
            engagement=engagement,
            report=report,
            actions=actions,
            today=clock.today(),
        )
    return _report_form(engagement, _as_saved(report), ActionForm(formdata=None))


def _as_saved(report: ReportRow | None) -> ReportForm:
    form = ReportForm(formdata=None, obj=report, seen=str(report.version if report else 0))
    if report is not None and report.finding:
        form.finding.data = report.finding.value
    return form


def _report_form(
    engagement: EngagementRow,
    form: ReportForm | ActionForm,
    action_form: ActionForm,
    report_form: ReportForm | None = None,
) -> str:
    """The page. `form` is the one whose errors stand at its head."""
    return render_template(
        "quality/engagement_report_form.html",
        engagement=engagement,
        form=form,
        report_form=report_form or form,
        action_form=action_form,
        actions=draft_actions(the_actor(), engagement.id),
    )


@room.page(f"{ONE}/report", permission=WRITES, see=SEE, methods=("POST",))
def engagement_report_save(engagement_id: UUID) -> ResponseReturnValue:
    """Save the draft, or send the report. An action that is typed and not added yet is added with it."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    form = ReportForm()
    send = request.form.get("deed") == "send"
    if not form.validate_on_submit():
        return _report_form(engagement, form, ActionForm()), 422
    if request.form.get("words", "").strip():
        action_form = ActionForm()
        if not _added(action_form, engagement_id):
            return _report_form(engagement, action_form, action_form, form), 422
    try:
        _save(form, engagement, send=send)
    except EngagementRefused as refusal:
        form.blame(refusal)
        return _report_form(engagement, form, ActionForm(formdata=None)), 422
    flash("Your report is with the college." if send else "Your report is saved as a draft.", "success")
    return redirect(_back(engagement_id), 303)


def _save(form: ReportForm, engagement: EngagementRow, *, send: bool = False) -> None:
    """Save what is in the form. Raises EngagementRefused, ChangedMeanwhile."""
    actor = the_actor()
    finding = Finding(form.finding.data) if form.finding.data else None
    texts = (form.looked_at.data or "", form.good_practice.data or "", form.concerns.data or "")
    try:
        services.save_report(
            actor, engagement.id, *texts, finding, number_in(form.seen.data, -1, digits=18), send=send
        )
    except NoSuchEngagement:
        abort(404)
    except StaleEngagement as stale:
        now = report_visible_to(actor, engagement)
        if (
            now
            and not send
            and (now.looked_at, now.good_practice, now.concerns, now.finding)
            == (
                *(text.strip() for text in texts),
                finding,
            )
        ):
            return  # sent twice
        theirs = _as_typed(now.looked_at, now.good_practice, now.concerns) if now else []
        raise ChangedMeanwhile(theirs, _as_typed(*texts), _back(engagement.id)) from stale


def _added(form: ActionForm, engagement_id: UUID) -> bool:
    """Add the form's action; else say in the form why not."""
    if not form.validate_on_submit():
        return False
    try:
        services.add_action(the_actor(), engagement_id, form.words.data, form.act_by_on.data)
    except NoSuchEngagement:
        abort(404)
    except EngagementRefused as refusal:
        form.blame(refusal)
        return False
    return True


def _as_typed(looked_at: str, good_practice: str, concerns: str) -> list[tuple[str, str]]:
    rows = (("Looked at", looked_at), ("Done well", good_practice), ("Should change", concerns))
    return [(label, text) for label, text in rows if text]


@room.page(f"{ONE}/report/actions", permission=WRITES, see=SEE, methods=("POST",))
def engagement_action_add(engagement_id: UUID) -> ResponseReturnValue:
    """Add an action to the draft, or take one out. What is typed of the report is saved with it."""
    actor = the_actor()
    engagement = engagement_or_404(actor, engagement_id)
    gone = request.form.get("remove", "")
    report_form, form = ReportForm(), ActionForm()
    try:
        if "looked_at" in request.form:
            if not report_form.validate_on_submit():
                return _report_form(
                    engagement, report_form, form if not gone else ActionForm(formdata=None)
                ), 422
            _save(report_form, engagement)
        if gone:
            services.remove_action(actor, engagement_id, _id(gone))
            return redirect(f"{_back(engagement_id)}#actions", 303)
    except NoSuchEngagement:
        abort(404)
    except EngagementRefused as refusal:
        flash(str(refusal), "error")
        return redirect(_back(engagement_id), 303)
    if _added(form, engagement_id):
        flash("The action is in your draft.", "success")
        return redirect(f"{_back(engagement_id)}#actions", 303)
    return _report_form(engagement, form, form, _as_saved(report_visible_to(actor, engagement))), 422


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(400)


@room.page("/engagements/actions", permission=ACTIONS)
def eqa_action_list() -> ResponseReturnValue:
    """What externals asked for, and what became of it."""
    actor = the_actor()
    return render_template(
        "quality/eqa_action_list.html", actions=actions_visible_to(actor), today=clock.today()
    )


@room.page("/engagements/actions/<uuid:action_id>", permission=ACTIONS)
def eqa_action_show(action_id: UUID) -> ResponseReturnValue:
    """One action with its notes; the college writes what was done."""
    action = or_404(action_visible_to(the_actor(), action_id))
    return _action_page(action, NoteForm(formdata=None, seen=str(len(action.notes))))


@room.page(
    "/engagements/actions/<uuid:action_id>",
    permission=Permission.ENGAGEMENT_ANSWER,
    see=ACTIONS,
    methods=("POST",),
)
def eqa_action_note(action_id: UUID) -> ResponseReturnValue:
    """Write what was done."""
    form = NoteForm()
    if form.validate_on_submit():
        try:
            services.note_action(
                the_actor(),
                action_id,
                form.words.data,
                bool(form.is_done.data),
                number_in(form.seen.data, -1, digits=18),
            )
        except NoSuchEngagement:
            abort(404)
        except StaleEngagement as stale:
            action = action_visible_to(the_actor(), action_id)
            last = action.notes[-1] if action and action.notes else None
            theirs = [("Last note", last.words), ("By", last.by_name)] if last else []
            here = url_for("quality.eqa_action_show", action_id=action_id)
            raise ChangedMeanwhile(theirs, [("What was done", form.words.data)], here) from stale
        except EngagementRefused as refusal:
            form.blame(refusal)
        else:
            flash("Saved. The next external sees it.", "success")
            return redirect(url_for("quality.eqa_action_show", action_id=action_id), 303)
    return _action_page(or_404(action_visible_to(the_actor(), action_id)), form), 422


def _action_page(action: ActionRow, form: NoteForm) -> str:
    return render_template(
        "quality/eqa_action_show.html",
        action=action,
        form=form,
        notes=may(the_actor(), Permission.ENGAGEMENT_ANSWER),
        today=clock.today(),
    )
