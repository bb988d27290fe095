"""“Met” for a student's unit or for a criterion of every student: a page that names them, the deed, and its undo."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.assessment.bulk_services import (
    BulkAsked,
    BulkDone,
    bulk_cells,
    bulk_lines,
    record_bulk_met,
    undo_bulk,
)
from recovery_college.assessment.forms import seen_of
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room
from recovery_college.assessment.services import DecisionRefused, NoSuchCell
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.ids import new_id

MOST_NAMED = 12
PATH = "/cohorts/<uuid:cohort_id>/marking/bulk"


@room.page(PATH, permission=Permission.DECISION_RECORD, see=Permission.COHORT_SEE, methods=("GET", "POST"))
def bulk_met(cohort_id: UUID) -> ResponseReturnValue:
    """Name who would be recorded as met, then record the ticked ones."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    if request.method == "GET" and not request.args:
        return redirect(url_for("assessment.marking", cohort_id=cohort_id), 303)
    trouble, target = "", ""
    if request.method == "POST":
        asked = [one for one in map(_asked, request.form.getlist("cell")) if one is not None]
        bulk_id = _uuid(request.form.get("bulk_id", "")) or new_id()
        if not asked:
            trouble, target = "Tick at least one criterion", "bulk-list"
        elif request.form.get("confirmed") != "yes":
            trouble, target = "Tick that you looked at the evidence of each", "confirmed"
        else:
            try:
                done = record_bulk_met(the_actor(), cohort_id, bulk_id, asked)
            except NoSuchCell:
                abort(404)
            except DecisionRefused as refusal:
                trouble, target = str(refusal), "bulk-list"
            else:
                _tell(done, "Recorded met for")
                return redirect(
                    url_for("assessment.bulk_show", cohort_id=cohort_id, bulk_id=done.bulk_id), 303
                )
    chosen = request.values
    cells = or_404(
        bulk_cells(
            the_actor(),
            cohort,
            enrolment_id=_uuid(chosen.get("student", "")),
            unit_id=_uuid(chosen.get("unit", "")),
            criterion_id=_uuid(chosen.get("criterion", "")),
        )
    )
    column = bool(chosen.get("criterion"))
    ticked = set(request.form.getlist("cell"))
    page = render_template(
        "assessment/bulk_met.html",
        cohort=cohort,
        path=url_for("assessment.marking", cohort_id=cohort_id),
        ready=[one for one in cells if one.why_not is None],
        left=[one for one in cells if one.why_not is not None],
        ticked=ticked if request.method == "POST" else None,
        what=f"{cells[0].unit_code} {cells[0].number}"
        if column
        else f"{cells[0].student}, {cells[0].unit_code}",
        column=column,
        chosen={name: chosen[name] for name in ("student", "unit", "criterion") if chosen.get(name)},
        bulk_id=request.form.get("bulk_id") or new_id(),
        trouble=trouble,
        target=target,
    )
    return page, 422 if trouble else 200


@room.page(f"{PATH}/<uuid:bulk_id>", permission=Permission.DECISION_RECORD, see=Permission.COHORT_SEE)
def bulk_show(cohort_id: UUID, bulk_id: UUID) -> ResponseReturnValue:
    """What was recorded together, what became of each, and the way back."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    try:
        lines = bulk_lines(the_actor(), cohort_id, bulk_id)
    except NoSuchCell:
        abort(404)
    return render_template(
        "assessment/bulk_show.html",
        cohort=cohort,
        path=url_for("assessment.marking", cohort_id=cohort_id),
        lines=lines,
        standing=sum(line.stands for line in lines),
    )


@room.page(
    f"{PATH}/<uuid:bulk_id>",
    permission=Permission.DECISION_RECORD,
    see=Permission.COHORT_SEE,
    methods=("POST",),
)
def bulk_undo(cohort_id: UUID, bulk_id: UUID) -> ResponseReturnValue:
    """Undo what was recorded together, cell by cell, where nobody changed it since."""
    or_404(cohort_known_to(the_actor(), cohort_id))
    try:
        done = undo_bulk(the_actor(), cohort_id, bulk_id)
    except NoSuchCell:
        abort(404)
    _tell(done, "Undone for")
    return redirect(url_for("assessment.bulk_show", cohort_id=cohort_id, bulk_id=bulk_id), 303)


def _tell(done: BulkDone, verb: str) -> None:
    """Say what was done, and name each cell that was left with its reason."""
    count = len(done.done)
    if count:
        flash(f"{verb} {count} {'criterion' if count == 1 else 'criteria'}.", "success")
    elif not done.left:
        flash("Nothing was left to do: it was done before.", "success")
    for one in done.left[:MOST_NAMED]:  # what a cookie holds; the page names them all
        flash(f"Left as it is: {one.name}. {one.why_not}", "warning")
    if len(done.left) > MOST_NAMED:
        flash(f"{len(done.left) - MOST_NAMED} more were left as they are.", "warning")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _asked(text: str) -> BulkAsked | None:
    """A ticked cell, or None for text that names none."""
    enrolment, _, rest = text.partition(":")
    criterion, _, seen = rest.partition(":")
    ids, stamp = (_uuid(enrolment), _uuid(criterion)), seen_of(seen)
    if ids[0] is None or ids[1] is None or stamp is None:
        return None
    return BulkAsked(ids[0], ids[1], *stamp)
