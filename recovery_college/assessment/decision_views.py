"""Marking: one cell of the grid, as a page of its own and as JSON for the panel beside the grid."""

from typing import Any
from uuid import UUID

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, Role, may
from recovery_college.assessment.cell_facts import CellFacts
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.cells import NO_TRIES
from recovery_college.assessment.comment_queries import comments_for
from recovery_college.assessment.evidence_queries import evidence_for_cell
from recovery_college.assessment.forms import DecisionForm
from recovery_college.assessment.grid import SHOWS, cell_html
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.resubmission_facts import answers_for_more
from recovery_college.assessment.room import room
from recovery_college.assessment.rules import QUALITY_ASSURED, Outcome, is_beyond_plan, next_attempt
from recovery_college.assessment.services import (
    DecisionRefused,
    NoSuchCell,
    Saved,
    StaleCell,
    record_decision,
    restore_decision,
    why_not_now,
    why_not_taken_back,
)
from recovery_college.assessment.vacsr import CONFIRMS
from recovery_college.audit.services import record_view
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.wording import clock, day

CELL = "/cohorts/<uuid:cohort_id>/marking/<uuid:enrolment_id>/<uuid:criterion_id>"


def _path(cohort_id: UUID) -> str:
    return url_for("assessment.marking", cohort_id=cohort_id)


@room.page(CELL, permission=Permission.FEEDBACK_SEE, see=Permission.COHORT_SEE)
def marking_cell(cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID) -> ResponseReturnValue:
    """One cell: the criterion, its attempts, and the form. As JSON for the panel beside the grid."""
    facts = _facts(cohort_id, enrolment_id, criterion_id)
    actor = the_actor()
    if actor.role is not Role.TUTOR:
        record_view(actor, "decisions", enrolment_id, criterion=str(criterion_id))
    form = DecisionForm(
        formdata=None,
        outcome=request.args.get("outcome"),
        feedback=_kept_feedback(facts),
        seen=str(facts.stamp),
        then=request.args.get("then", ""),
    )
    if _wants_json():
        return jsonify(panel=_panel(facts, form), seen=facts.stamp, cell=cell_html(facts, _path(cohort_id)))
    return _cell_page(facts, form)


@room.page(
    CELL,
    permission=Permission.DECISION_RECORD,
    see=Permission.COHORT_SEE,
    methods=("POST",),
)
def decision_record(cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID) -> ResponseReturnValue:
    """Record one decision, or undo the last one. Answers a page, or JSON to the grid's script.

    `insert` puts a comment of the bank into the feedback and decides nothing.
    """
    actor = the_actor()
    form = DecisionForm()
    if request.form.get("insert") and not request.form.get("outcome"):
        return _with_comment(cohort_id, enrolment_id, criterion_id, form)
    undo = request.form.get("deed") == "undo"
    seen = form.seen_id()
    if seen is None or not (undo or form.validate()):
        return _refused(cohort_id, enrolment_id, criterion_id, form)
    try:
        if undo:
            saved = restore_decision(actor, enrolment_id, criterion_id, seen, cohort_id=cohort_id)
        else:
            saved = record_decision(
                actor,
                enrolment_id,
                criterion_id,
                Outcome(form.outcome.data),
                form.feedback.data or "",
                seen,
                cohort_id=cohort_id,
                missing=form.missing_letters(),
                came=form.seen_evidence(),
            )
    except NoSuchCell:
        abort(404)
    except StaleCell as stale:
        return _stale(stale, form, undo)
    except DecisionRefused as refusal:
        form.blame(refusal)
        return _refused(cohort_id, enrolment_id, criterion_id, form)
    return _saved(saved, str(form.then.data or ""))


def _with_comment(
    cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID, form: DecisionForm
) -> ResponseReturnValue:
    """The same page with the comment after what was typed. Nothing is recorded."""
    facts = _facts(cohort_id, enrolment_id, criterion_id)
    wanted = request.form["insert"]
    comment = or_404(
        next((one for one in comments_for(the_actor(), criterion_id) if str(one.id) == wanted), None)
    )
    typed = (form.feedback.data or "").rstrip()
    filled = DecisionForm(
        formdata=None,
        outcome=None,
        feedback=f"{typed}\n{comment.text}" if typed else comment.text,
        missing=form.missing.data,
        seen=form.seen.data,
        then=form.then.data,
    )
    return _cell_page(facts, filled)


def _saved(saved: Saved, then: str) -> ResponseReturnValue:
    facts = saved.after
    path = _path(facts.cohort_id)
    if _wants_json():
        before, after = saved.before.kind.counts_as, facts.kind.counts_as
        return jsonify(
            saved_at=clock(saved.at),
            cell=cell_html(facts, path),
            seen=facts.stamp,
            changes={name: (name in after) - (name in before) for name in SHOWS},
        )
    words = facts.kind.words
    flash(f"Saved: {facts.student}, {facts.unit_code} {facts.number}, {words}.", "success")
    if then == "next":
        return redirect(f"{path}/next?after={facts.enrolment_id}/{facts.criterion_id}", 303)
    if then == "student":
        return redirect(f"{path}?student={facts.enrolment_id}#c-{facts.criterion_id}", 303)
    if then == "criterion":
        return redirect(f"{path}?criterion={facts.criterion_id}#s-{facts.enrolment_id}", 303)
    return redirect(f"{path}#s-{facts.enrolment_id}", 303)


def _refused(
    cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID, form: DecisionForm
) -> ResponseReturnValue:
    """Say at the place why nothing was saved; what was typed stays in the form."""
    facts = _facts(cohort_id, enrolment_id, criterion_id)
    if _wants_json():
        field, errors = next(((name, found) for name, found in form.errors.items() if found), ("", []))
        return jsonify(error=str(errors[0]) if errors else "Open the cell again.", field=field), 422
    return _cell_page(facts, form), 422


NEW_DECISION = "This was decided while you had it open"
NEW_EVIDENCE = "The evidence changed while you had it open"


def _now_there(stale: StaleCell) -> str:
    """What is there now, in words."""
    theirs = stale.theirs
    if stale.is_evidence:
        at = stale.facts.handed_in_at
        if at is None:
            return "What you saw was taken back. Nothing is handed in here now."
        return f"The latest came on {day(at)} at {clock(at)}. Have a look at it before you decide."
    if theirs is None:
        return "The decision you saw was taken back. Nothing is decided here now."
    return f"{theirs.by_name} recorded {theirs.outcome.value} at {clock(theirs.recorded_at)}."


def _stale(stale: StaleCell, form: DecisionForm, undo: bool) -> ResponseReturnValue:
    """Theirs and yours, and two ways on. Nothing of either is lost."""
    facts, theirs = stale.facts, stale.theirs
    yours = "undo" if undo else str(form.outcome.data)
    shows = theirs if not stale.is_evidence else None
    heading = NEW_EVIDENCE if stale.is_evidence else NEW_DECISION
    if _wants_json():
        answer = {
            "heading": heading,
            "theirs": {"words": _now_there(stale), "feedback": shows.feedback if shows else ""},
            "yours": {"outcome": yours, "feedback": form.feedback.data or ""},
            "seen": facts.stamp,
            "cell": cell_html(facts, _path(facts.cohort_id)),
        }
        return jsonify(answer), 409
    page = render_template(
        "assessment/marking_stale.html",
        facts=facts,
        theirs=theirs,
        heading=heading,
        is_evidence=stale.is_evidence,
        now_there=_now_there(stale),
        yours=yours,
        feedback=form.feedback.data or "",
        then=form.then.data or "",
        path=_path(facts.cohort_id),
    )
    return page, 409


def _facts(cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID) -> CellFacts:
    """A cell of a cohort the actor may know of, else 404."""
    if cohort_known_to(the_actor(), cohort_id) is None:
        abort(404)
    facts = cell_facts(the_actor(), enrolment_id, criterion_id)
    if facts is None or facts.cohort_id != cohort_id:
        abort(404)
    return facts


def _kept_feedback(facts: CellFacts) -> str:
    """A draft's feedback, to be written on; a released decision's stays in the history."""
    latest = facts.latest
    return latest.feedback if latest and latest.released_at is None else ""


def _panel_facts(facts: CellFacts, form: DecisionForm) -> dict[str, Any]:
    actor = the_actor()
    latest = facts.latest
    attempt, _ = next_attempt([row.fact for row in facts.history])
    writes = may(actor, Permission.DECISION_RECORD) and facts.state not in QUALITY_ASSURED
    drafted = latest is not None and latest.released_at is None
    beyond = is_beyond_plan(attempt, facts.resubmissions)
    answers = answers_for_more(facts.enrolment_id, facts.criterion_id) if beyond else []
    return {
        "facts": facts,
        "form": form,
        "path": _path(facts.cohort_id),
        "writes": writes,
        "why_not": why_not_now(facts, actor) if writes else None,
        "comments": comments_for(actor, facts.criterion_id) if writes else (),
        "confirms": CONFIRMS,
        "undoes": drafted or len(facts.standing) > 1,
        "takes_back": drafted
        and may(actor, Permission.DECISION_RECORD)
        and why_not_taken_back(facts, actor) is None,
        "ready": facts.kind.ready,
        "attempt": attempt,
        "over_limit": beyond and is_beyond_plan(attempt, facts.resubmissions, answers.count(True)),
        "asked_more": answers[:1],
        "no_tries": NO_TRIES,
        "evidence": evidence_for_cell(actor, facts.enrolment_id, facts.criterion_id),
        "more": f"/cohorts/{facts.cohort_id}/quality/more/{facts.enrolment_id}/{facts.criterion_id}",
    }


def _panel(facts: CellFacts, form: DecisionForm) -> str:
    return render_template("assessment/_marking_panel.html", level=2, **_panel_facts(facts, form))


def _cell_page(facts: CellFacts, form: DecisionForm) -> str:
    return render_template("assessment/marking_cell.html", level=0, **_panel_facts(facts, form))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
