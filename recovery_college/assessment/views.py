"""Marking: the grid of a cohort, one student of it, and the release of drafts."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.grid import (
    SHOWS,
    GridView,
    columns_to_choose,
    counts_of,
    grid_html,
    met_of,
    people_html,
)
from recovery_college.assessment.grid_sheet import sheet_columns, sheet_rows
from recovery_college.assessment.imports import DECISIONS
from recovery_college.assessment.marking import Grid, GridCell, GridCriterion, GridStudent, GridUnit, grid_of
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room as room
from recovery_college.assessment.services import FEEDBACK_OWED, release_decisions
from recovery_college.assessment.vacsr import CONFIRMS
from recovery_college.audit.services import record
from recovery_college.courses.models import Cohort
from recovery_college.imports.pages import add_import_pages
from recovery_college.kernel.db import aside
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.numbers import number_given
from recovery_college.kernel.pages import page_in_pieces
from recovery_college.kernel.tables_out import MEDIA_TYPES, write_table

add_import_pages(room, "/marking/import", (DECISIONS,), Permission.DECISION_RECORD)

Draft = tuple[GridUnit, GridCriterion, GridCell]


def _path(cohort_id: UUID) -> str:
    return url_for("assessment.marking", cohort_id=cohort_id)


@room.page("/cohorts/<uuid:cohort_id>/marking", permission=Permission.FEEDBACK_SEE, see=Permission.COHORT_SEE)
def marking(cohort_id: UUID) -> ResponseReturnValue:
    """The grid: students x criteria, filtered and folded as the address says."""
    actor, cohort = the_actor(), or_404(cohort_known_to(the_actor(), cohort_id))
    grid = grid_of(cohort)
    writes = may(actor, Permission.DECISION_RECORD)
    if request.args.get("student"):
        return _one_student(cohort, grid, request.args["student"], writes)
    if request.args.get("criterion"):
        return _one_criterion(cohort, grid, request.args["criterion"], writes)
    codes = {unit.code for unit in grid.units}
    show = request.args.get("show", "")
    wanted = request.args.get("unit", "")
    view = GridView(
        _path(cohort_id),
        show if show in SHOWS else "",
        next((unit.id for unit in grid.units if str(unit.id) == wanted), None),
        frozenset(request.args.getlist("fold")) & codes,
    )
    return page_in_pieces(
        "assessment/marking.html",
        cohort=cohort,
        grid=grid,
        table=grid_html(grid, view),
        view=view,
        shows=SHOWS,
        counts=counts_of(grid),
        writes=writes,
        queue=f"rc-marking-{actor.audit_id}-{cohort_id}",
        people=people_html(grid, view),
        columns=columns_to_choose(grid),
        owed=FEEDBACK_OWED,
    )


def _one_student(cohort: Cohort, grid: Grid, wanted: str, writes: bool) -> ResponseReturnValue:
    """One student's criteria as a list: what a phone shows instead of the grid."""
    student = or_404(next((one for one in grid.students if str(one.enrolment_id) == wanted), None))
    return render_template(
        "assessment/marking_student.html",
        cohort=cohort,
        grid=grid,
        student=student,
        met=met_of(student.cells),
        path=_path(cohort.id),
        writes=writes,
        confirms=CONFIRMS,
    )


def _one_criterion(cohort: Cohort, grid: Grid, wanted: str, writes: bool) -> ResponseReturnValue:
    """One criterion's students as a list: the same work marked side by side."""
    columns = [(unit, criterion) for unit in grid.units for criterion in unit.criteria]
    place = or_404(next((n for n, (_, one) in enumerate(columns) if str(one.id) == wanted), None))
    return render_template(
        "assessment/marking_criterion.html",
        cohort=cohort,
        grid=grid,
        unit=columns[place][0],
        criterion=columns[place][1],
        rows=[(student, student.cells[place]) for student in grid.students],
        path=_path(cohort.id),
        writes=writes,
        confirms=CONFIRMS,
    )


@room.page(
    "/cohorts/<uuid:cohort_id>/marking/grid.xlsx",
    permission=Permission.DECISION_RECORD,
    see=Permission.COHORT_SEE,
)
def marking_sheet(cohort_id: UUID) -> ResponseReturnValue:
    """The grid for Excel. Put on the record before it leaves."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    grid = grid_of(cohort)
    content = write_table("xlsx", sheet_columns(grid), sheet_rows(grid))
    with aside() as s:
        record(s, the_actor(), "exported marking", "cohort", cohort_id, rows=len(grid.students))
    answer = Response(content, content_type=MEDIA_TYPES["xlsx"])
    answer.headers["Content-Disposition"] = 'attachment; filename="marking.xlsx"'
    return answer


@room.page(
    "/cohorts/<uuid:cohort_id>/marking/next", permission=Permission.FEEDBACK_SEE, see=Permission.COHORT_SEE
)
def marking_next(cohort_id: UUID) -> ResponseReturnValue:
    """Go to the next cell that needs the tutor, after the one named, student by student."""
    grid = grid_of(or_404(cohort_known_to(the_actor(), cohort_id)))
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
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    path = _path(cohort_id)
    trouble = ""
    if request.method == "POST":
        ids = [one for one in map(number_given, request.form.getlist("decision")) if one is not None]
        if ids:
            released = release_decisions(the_actor(), cohort_id, ids)
            flash(_released_words(released.count, released.held_back), "success")
            return redirect(path, 303)
        trouble = "Tick at least one decision to release"
    only = request.args.get("decision", "")
    grid = grid_of(cohort)
    ready = _drafts(grid, only, ready=True)
    page = render_template(
        "assessment/marking_release.html",
        cohort=cohort,
        path=path,
        trouble=trouble,
        ready=ready,
        count=sum(len(drafts) for _, drafts in ready),
        held=_drafts(grid, only, ready=False),
    )
    return page, 422 if trouble else 200


def _drafts(grid: Grid, only: str, *, ready: bool) -> list[tuple[GridStudent, list[Draft]]]:
    """The drafts by student that may be released, or that may not yet; `only` is one decision's id, or ""."""
    columns = [(unit, criterion) for unit in grid.units for criterion in unit.criteria]
    found = []
    for student in grid.students:
        drafts = [
            (unit, criterion, cell)
            for (unit, criterion), cell in zip(columns, student.cells, strict=True)
            if cell and cell.kind.draft and cell.kind.ready is ready and only in ("", str(cell.seen))
        ]
        if drafts:
            found.append((student, drafts))
    return found


def _released_words(count: int, held_back: int) -> str:
    if count == 0:
        return "Nothing was left to release: somebody released it before, or it was changed meanwhile."
    words = (
        "Released 1 decision. The student can see it now."
        if count == 1
        else f"Released {count} decisions. The students can see them now."
    )
    return words + (f" {held_back} held back." if held_back else "")
