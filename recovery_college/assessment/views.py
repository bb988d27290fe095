"""Marking: the grid of a cohort, one student of it, and the release of drafts."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.grid import SHOWS, GridView, counts_of, grid_html, met_of
from recovery_college.assessment.marking import Grid, grid_of
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room as room
from recovery_college.assessment.services import (
    release_decisions,
)
from recovery_college.courses.models import Cohort


def _cohort(cohort_id: UUID) -> Cohort:
    cohort = cohort_known_to(the_actor(), cohort_id)
    if cohort is None:
        abort(404)
    return cohort


def _path(cohort_id: UUID) -> str:
    return url_for("assessment.marking", cohort_id=cohort_id)


@room.page("/cohorts/<uuid:cohort_id>/marking", permission=Permission.FEEDBACK_SEE, see=Permission.COHORT_SEE)
def marking(cohort_id: UUID) -> ResponseReturnValue:
    """The grid: students x criteria, filtered and folded as the address says."""
    actor, cohort = the_actor(), _cohort(cohort_id)
    grid = grid_of(cohort)
    writes = may(actor, Permission.DECISION_RECORD)
    if request.args.get("student"):
        return _one_student(cohort, grid, request.args["student"], writes)
    codes = {unit.code for unit in grid.units}
    show = request.args.get("show", "")
    wanted = request.args.get("unit", "")
    view = GridView(
        _path(cohort_id),
        show if show in SHOWS else "",
        next((unit.id for unit in grid.units if str(unit.id) == wanted), None),
        frozenset(request.args.getlist("fold")) & codes,
    )
    return render_template(
        "assessment/marking.html",
        cohort=cohort,
        grid=grid,
        table=grid_html(grid, view),
        view=view,
        shows=SHOWS,
        counts=counts_of(grid),
        writes=writes,
        queue=f"rc-marking-{actor.audit_id}-{cohort_id}",
        met_of=met_of,
    )


def _one_student(cohort: Cohort, grid: Grid, wanted: str, writes: bool) -> ResponseReturnValue:
    """One student's criteria as a list: what a phone shows instead of the grid."""
    student = next((one for one in grid.students if str(one.enrolment_id) == wanted), None)
    if student is None:
        abort(404)
    return render_template(
        "assessment/marking_student.html",
        cohort=cohort,
        grid=grid,
        student=student,
        met=met_of(student.cells),
        path=_path(cohort.id),
        writes=writes,
    )


@room.page(
    "/cohorts/<uuid:cohort_id>/marking/next", permission=Permission.FEEDBACK_SEE, see=Permission.COHORT_SEE
)
def marking_next(cohort_id: UUID) -> ResponseReturnValue:
    """Go to the next cell that needs the tutor, after the one named, student by student."""
    grid = grid_of(_cohort(cohort_id))
    criteria = [criterion for unit in grid.units for criterion in unit.criteria]
    cells = [
        (f"{student.enrolment_id}/{criterion.id}", cell is not None and cell.kind.needs_tutor)
        for student in grid.students
        for criterion, cell in zip(criteria, student.cells, strict=True)
    ]
    names = [name for name, _ in cells]
    after = request.args.get("after", "")
    start = names.index(after) + 1 if after in names else 0
    for name, needs in cells[start:] + cells[:start]:
        if needs and name != after:
            return redirect(f"{_path(cohort_id)}/{name}", 303)
    flash("Nothing else needs you in this cohort just now.", "success")
    return redirect(_path(cohort_id), 303)


@room.page(
    "/cohorts/<uuid:cohort_id>/marking/release",
    permission=Permission.DECISION_RECORD,
    see=Permission.COHORT_SEE,
    methods=("GET", "POST"),
)
def marking_release(cohort_id: UUID) -> ResponseReturnValue:
    """Name the drafts and their students first, then release the ticked ones."""
    cohort = _cohort(cohort_id)
    path = _path(cohort_id)
    trouble = ""
    if request.method == "POST":
        ids = [int(one) for one in request.form.getlist("decision") if one.isascii() and one.isdigit()]
        if ids:
            released = release_decisions(the_actor(), cohort_id, ids)
            flash(_released_words(released.count, released.held_back), "success")
            return redirect(path, 303)
        trouble = "Tick at least one decision to release"
    only = request.args.get("decision", "")
    grid = grid_of(cohort)
    criteria = [(unit, criterion) for unit in grid.units for criterion in unit.criteria]
    drafts = [
        (student, unit, criterion, cell)
        for student in grid.students
        for (unit, criterion), cell in zip(criteria, student.cells, strict=True)
        if cell is not None and cell.kind.draft and only in ("", str(cell.seen))
    ]
    page = render_template(
        "assessment/marking_release.html",
        cohort=cohort,
        path=path,
        trouble=trouble,
        ready=[draft for draft in drafts if draft[3].kind.ready],
        held=[draft for draft in drafts if not draft[3].kind.ready],
    )
    return page, 422 if trouble else 200


def _released_words(count: int, held_back: int) -> str:
    if count == 0:
        return "Nothing was left to release: somebody released it before, or it was changed meanwhile."
    words = (
        "Released 1 decision. The student can see it now."
        if count == 1
        else f"Released {count} decisions. The students can see them now."
    )
    return words + (f" {held_back} held back." if held_back else "")
