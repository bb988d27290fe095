"""The second read: quarterly samples for HR, single answers read again, and the manager's right of reply."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers import presenters
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_services import has_duty
from recovery_college.careers.escalation_rules import Duty
from recovery_college.careers.room import room
from recovery_college.careers.second_read_forms import (
    FINDINGS,
    OUTCOMES,
    DrawForm,
    FindingForm,
    ReplyForm,
    SettleForm,
)
from recovery_college.careers.second_read_queries import (
    ReadRow,
    read_visible_to,
    reads_visible_to,
    reads_waiting,
    samples_visible_to,
)
from recovery_college.careers.second_read_rules import (
    Finding,
    ReadOutcome,
    ReadState,
    last_quarter,
    why_not_reader,
)
from recovery_college.careers.second_read_services import (
    NoSuchRead,
    draw_sample,
    record_finding,
    reply_to_finding,
    settle_read,
)
from recovery_college.careers.terms_facts import terms_now
from recovery_college.kernel import clock
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form


@room.page("/considerations/second-read", permission=Permission.SECOND_READ_SEE)
def second_read_list() -> ResponseReturnValue:
    """Samples and their answers; a manager's own answers about which something was found."""
    actor = the_actor()
    quarter = last_quarter(clock.today())
    is_hr = may(actor, Permission.SECOND_READ)
    samples = samples_visible_to(actor)
    waiting = bool(request.args.get("waiting"))
    return render_template(
        "careers/second_read_list.html",
        form=DrawForm(quarter=quarter),
        samples=samples,
        reads=reads_waiting(actor) if waiting else reads_visible_to(actor),
        waiting=waiting,
        quarter=quarter,
        may_draw=is_hr and quarter not in {one.quarter for one in samples},
        is_reader=has_duty(actor, Duty.SECOND_READER),
        is_hr=is_hr,
        own=may(actor, Permission.CONSIDERATION_RECORD),
        terms=terms_now(),
        may_set=may(actor, Permission.TERMS_SET),
        tag=presenters.read_tag,
        quarter_words=presenters.quarter_words,
    )


@room.page(
    "/considerations/second-read/draw",
    permission=Permission.SECOND_READ,
    see=Permission.SECOND_READ_SEE,
    methods=("POST",),
)
def second_read_draw() -> ResponseReturnValue:
    """Draw the sample of a quarter that is over."""
    form = DrawForm()
    if not form.validate():
        abort(400)
    try:
        draw_sample(the_actor(), form.quarter.data or "")
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        flash("The sample is drawn.", "success")
    return redirect(url_for("careers.second_read_list"), 303)


@room.page("/considerations/second-read/<uuid:read_id>", permission=Permission.SECOND_READ_SEE)
def second_read_show(read_id: UUID) -> ResponseReturnValue:
    """One answer read again: what it rested on, the finding, the reply, the outcome."""
    return _page(_known(read_id))


@room.page(
    "/considerations/second-read/<uuid:read_id>/finding",
    permission=Permission.SECOND_READ,
    see=Permission.SECOND_READ_SEE,
    methods=("POST",),
)
def second_read_find(read_id: UUID) -> ResponseReturnValue:
    """Save what the second reader thinks."""
    form = FindingForm()

    def save() -> None:
        record_finding(the_actor(), read_id, Finding(form.finding.data or ""), form.finding_text.data or "")

    return _saved(read_id, form, save, "What you found is saved.")


@room.page(
    "/considerations/second-read/<uuid:read_id>/reply",
    permission=Permission.CONSIDERATION_RECORD,
    see=Permission.SECOND_READ_SEE,
    methods=("POST",),
)
def second_read_reply(read_id: UUID) -> ResponseReturnValue:
    """Save the manager's reply."""
    form = ReplyForm()

    def save() -> None:
        reply_to_finding(the_actor(), read_id, form.reply_text.data or "")

    return _saved(read_id, form, save, "Thank you, your reply is saved.")


@room.page(
    "/considerations/second-read/<uuid:read_id>/outcome",
    permission=Permission.SECOND_READ,
    see=Permission.SECOND_READ_SEE,
    methods=("POST",),
)
def second_read_settle(read_id: UUID) -> ResponseReturnValue:
    """Save what came of it."""
    form = SettleForm()

    def save() -> None:
        outcome = ReadOutcome(form.outcome.data or "")
        settle_read(the_actor(), read_id, outcome, form.outcome_text.data or "")

    return _saved(read_id, form, save, "The outcome is saved.")


def _known(read_id: UUID) -> ReadRow:
    return or_404(read_visible_to(the_actor(), read_id))


def _saved(read_id: UUID, form: Form, save: Callable[[], None], said: str) -> ResponseReturnValue:
    row = _known(read_id)
    here = url_for("careers.second_read_show", read_id=read_id)
    if not form.validate():
        return _page(row, form), 422
    try:
        save()
    except NoSuchRead:
        abort(404)
    except Refused as refusal:
        if not refusal.errors:
            flash(str(refusal), "error")
            return redirect(here, 303)
        for box, sentence in refusal.errors.items():
            form[box].errors = [sentence]
        return _page(row, form), 422
    flash(said, "success")
    return redirect(here, 303)


def _page(row: ReadRow, form: Form | None = None) -> str:
    actor = the_actor()
    not_mine = not why_not_reader(actor.person_id, row.decided_by_id)
    is_hr = may(actor, Permission.SECOND_READ)
    deed = ""
    if row.state is ReadState.TO_READ and is_hr and not_mine and has_duty(actor, Duty.SECOND_READER):
        deed, form = "finding", form or FindingForm()
    elif row.state in (ReadState.REPLY_ASKED, ReadState.TO_SETTLE) and may(
        actor, Permission.CONSIDERATION_RECORD
    ):
        deed, form = ("reply", form or ReplyForm()) if row.replied_at is None else ("", None)
    elif row.state is ReadState.TO_SETTLE and is_hr and not_mine:
        deed, form = "outcome", form or SettleForm()
    return render_template(
        "careers/second_read_show.html",
        row=row,
        deed=deed,
        form=form if deed else None,
        facts=presenters.snapshot_facts(row.snapshot),
        finding=FINDINGS.get(row.finding) if row.finding else "",
        outcome=OUTCOMES.get(row.outcome) if row.outcome else "",
        tag=presenters.read_tag(row.state),
        quarter=presenters.quarter_words(row.quarter),
        is_hr=is_hr,
        is_reader=has_duty(actor, Duty.SECOND_READER),
        not_mine=not_mine,
    )
