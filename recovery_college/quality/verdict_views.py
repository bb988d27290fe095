"""The pages of internal quality assurance of a cohort."""

from collections import Counter
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_queries import EvidenceItem, evidence_of_enrolment
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.rules import Verdict
from recovery_college.assessment.steps import ASSESSED_ONCE, WAITS, QualityStep
from recovery_college.assessment.unit_cells import QualityCell
from recovery_college.audit.services import record, record_view
from recovery_college.courses.specification import unit_label
from recovery_college.kernel.db import transaction
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.wording import day
from recovery_college.quality import verdict_services as services
from recovery_college.quality.board_queries import Board, UnitFile, quality_board, unit_file
from recovery_college.quality.improvement_queries import checks_of
from recovery_college.quality.room import room
from recovery_college.quality.sampling import NEW_PERCENT, USUAL_PERCENT
from recovery_college.quality.verdict_forms import CloseForm, VerdictForm
from recovery_college.quality.verdict_rules import why_no_verdict

UNIT = "/cohorts/<uuid:cohort_id>/quality/<uuid:enrolment_id>/<uuid:unit_id>"
SHOWN = {
    "all": "Everything",
    "waiting": "Waiting for quality assurance",
    "picked": "Picked and not looked at yet",
    "returned": "Returned to the assessor",
}


@room.page("/cohorts/<uuid:cohort_id>/quality", permission=Permission.QUALITY_SEE)
def quality_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """Students and units with their states, what waits, the suggested sample, and what was returned."""
    actor = the_actor()
    cohort = or_404(cohort_known_to(actor, cohort_id))
    board = quality_board(cohort)
    show = request.args.get("show", "all")
    unit_id = request.args.get("unit", "")
    if show not in SHOWN or (show == "waiting" and not board.cells_in(WAITS)):
        show = "all"
    units = [unit for unit in board.units if str(unit.id) == unit_id] or list(board.units)
    only_unit = units[0] if len(units) == 1 and str(units[0].id) == unit_id else None
    rows = []
    for place in board.places:
        row = [board.cells.get((place.enrolment_id, unit.id)) for unit in units]
        if show == "all" or any(cell is not None and is_shown(cell, show) for cell in row):
            rows.append((place, row))
    return render_template(
        "quality/quality_cohort.html",
        cohort=cohort,
        board=board,
        units=units,
        only_unit=only_unit,
        rows=rows,
        show=show,
        shown=SHOWN,
        is_shown=is_shown,
        unit_label=unit_label,
        returned=[cell for cell in board.cells.values() if cell.step is QualityStep.RETURNED],
        coverage=coverage_of(board),
        reads_words=may(actor, Permission.FEEDBACK_SEE),
        records=may(actor, Permission.VERDICT_RECORD),
        opens_students=may(actor, Permission.STUDENT_SEE),
        ways=_ways(actor, cohort_id),
        percents=(NEW_PERCENT, USUAL_PERCENT),
        steps=QualityStep,
    )


def _ways(actor: Actor, cohort_id: UUID) -> list[dict[str, str]]:
    """What else there is to do about this cohort, for who may."""
    found = (
        (Permission.QUALITY_SEE, "quality.plan_cohort", "Sampling plan"),
        (Permission.QUALITY_SEE, "quality.coverage_cohort", "What the sample has covered"),
        (Permission.COUNTERSIGN, "quality.countersign_cohort", "Countersign decisions"),
        (Permission.CONFLICT_DECLARE, "quality.conflicts_cohort", "Conflicts of interest"),
    )
    return [
        {"text": text, "href": url_for(endpoint, cohort_id=cohort_id)}
        for permission, endpoint, text in found
        if may(actor, permission)
    ]


def is_shown(cell: QualityCell, show: str) -> bool:
    """Whether a cell belongs to what the filter asks for."""
    return {
        "all": True,
        "waiting": cell.step in WAITS,
        "picked": bool(cell.reason) and not cell.was_sampled and cell.step in WAITS,
        "returned": cell.step is QualityStep.RETURNED,
    }[show]


def coverage_of(board: Board) -> list[tuple[str, int, int]]:
    """For each assessor how many of their assessed units were looked at: (name, looked at, assessed)."""
    names: dict[UUID, str] = {}
    looked: Counter[UUID] = Counter()
    assessed: Counter[UUID] = Counter()
    for cell in board.cells_in(ASSESSED_ONCE):
        if cell.assessor:
            person_id, names[cell.assessor[0]] = cell.assessor
            looked[person_id] += cell.was_sampled
            assessed[person_id] += 1
    return sorted((name, looked[one], assessed[one]) for one, name in names.items())


@room.page(UNIT, permission=Permission.QUALITY_SEE)
def quality_unit(cohort_id: UUID, enrolment_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """One student's unit: decisions, verdicts, and the verdict form for who may give one."""
    actor = the_actor()
    file = or_404(unit_file(actor, cohort_id, enrolment_id, unit_id))
    if may(actor, Permission.FEEDBACK_SEE):
        record_view(actor, "unit work", enrolment_id, unit=str(unit_id))
    form = VerdictForm(formdata=None, data={"seen": file.cell.stamp})
    return unit_page(actor, file, form)


@room.page(UNIT, permission=Permission.VERDICT_RECORD, see=Permission.QUALITY_SEE, methods=("POST",))
def verdict_record(cohort_id: UUID, enrolment_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Record a verdict."""
    actor = the_actor()
    file = or_404(unit_file(actor, cohort_id, enrolment_id, unit_id))
    here = url_for("quality.quality_unit", cohort_id=cohort_id, enrolment_id=enrolment_id, unit_id=unit_id)
    form = VerdictForm()
    form.criteria.choices = criteria_choices(file)
    if form.validate_on_submit():
        verdict = Verdict(form.verdict.data)
        try:
            services.record_verdict(
                actor, enrolment_id, unit_id, verdict, [UUID(one) for one in form.criteria.data],
                form.comment.data or "", form.action.data or "", form.act_by_on.data, form.seen.data or "",
                cohort_id=cohort_id,
            )  # fmt: skip
        except services.VerdictRefused as refusal:
            form.blame(refusal)
        except services.StaleUnit as stale:
            raise ChangedMeanwhile(theirs(stale.file), yours(form), here) from stale
        else:
            done = "Confirmed" if verdict is Verdict.CONFIRMED else "Returned to the assessor"
            flash(f"{done}: {file.cell.place.name}, {unit_label(file.cell.unit.code)}.", "success")
            return redirect(url_for("quality.quality_cohort", cohort_id=cohort_id, show="waiting"), 303)
    with transaction() as s:
        record(s, actor, "viewed", "unit work", enrolment_id, unit=str(unit_id))
    return unit_page(actor, file, form), 422


def criteria_choices(file: UnitFile) -> list[tuple[str, str]]:
    """The unit's criteria to tick."""
    return [(str(one.id), f"{one.number} {one.text}") for one in file.cell.unit.criteria]


def theirs(file: UnitFile) -> list[tuple[str, str]]:
    """What is stored now, for the page that shows both sides."""
    latest = file.cell.verdict
    rows = [("State of the unit", str(file.cell.step))]
    if latest:
        rows += [("Verdict", str(latest.verdict)), ("By", latest.by_name)]
        rows += [
            (label, text) for label, text in (("Comment", latest.comment), ("Action", latest.action)) if text
        ]
    return rows


def yours(form: VerdictForm) -> list[tuple[str, str]]:
    """What was typed, for the same page."""
    rows = [("Verdict", form.verdict.data or ""), ("Action", form.action.data or "")]
    rows += [("Act by", day(form.act_by_on.data) if form.act_by_on.data else "")]
    rows += [("Comment", form.comment.data or "")]
    return [(label, text) for label, text in rows if text]


def unit_page(actor: Actor, file: UnitFile, form: VerdictForm) -> str:
    """Draw the page of one student's unit."""
    cell = file.cell
    form.criteria.choices = criteria_choices(file)
    records = may(actor, Permission.VERDICT_RECORD)
    own = services.why_not_verify(actor, cell) if records else None
    closed = all(
        why_no_verdict(verdict, cell.result.state, cell.place.status)
        for verdict in (Verdict.CONFIRMED, Verdict.RETURNED)
    )
    why = own or (why_no_verdict(Verdict.CONFIRMED, cell.result.state, cell.place.status) if closed else None)
    return render_template(
        "quality/quality_unit.html",
        cohort=file.cohort,
        cell=cell,
        form=form,
        unit_name=unit_label(cell.unit.code),
        numbers={one.id: one.number for one in cell.unit.criteria},
        evidence=_evidence(actor, file),
        checks=checks_of(cell.place.enrolment_id, cell.unit.id),
        reads_words=may(actor, Permission.FEEDBACK_SEE),
        marks=may(actor, Permission.DECISION_RECORD),
        records=records,
        why_not=why,
        why_own=own,
        steps=QualityStep,
    )


def _evidence(actor: Actor, file: UnitFile) -> dict[UUID, list[EvidenceItem]]:
    """The unit's evidence by criterion, for who may read it; else nothing."""
    found: dict[UUID, list[EvidenceItem]] = {criterion.id: [] for criterion in file.cell.unit.criteria}
    for item in evidence_of_enrolment(actor, file.cell.place.enrolment_id):
        for criterion_id in item.criteria:
            if criterion_id in found and item.closed_at is None:
                found[criterion_id].append(item)
    return found


@room.page(
    "/cohorts/<uuid:cohort_id>/quality/<uuid:unit_id>/close",
    permission=Permission.VERDICT_RECORD,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def quality_close(cohort_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Close a unit's sample: a page that names whom it verifies, then the deed."""
    actor = the_actor()
    cohort = or_404(cohort_known_to(actor, cohort_id))
    form = CloseForm()
    here = url_for("quality.quality_close", cohort_id=cohort_id, unit_id=unit_id)
    if form.validate_on_submit():
        try:
            closed = services.close_sample(actor, cohort_id, unit_id, form.seen.data or "")
        except services.NoSuchUnit:
            abort(404)
        except services.StaleSample as stale:
            now = [("Now", "Other students, or other decisions, belong to this sample than the page named.")]
            raise ChangedMeanwhile(now, [("You asked", "Close the sample")], here) from stale
        except services.VerdictRefused as refusal:
            form.blame(refusal)
        else:
            noun = "unit is" if closed.count == 1 else "units are"
            flash(f"Sample closed. {closed.count} more {noun} verified.", "success")
            return redirect(url_for("quality.quality_cohort", cohort_id=cohort_id), 303)
    plan = or_404(quality_board(cohort).plan(unit_id))
    form.seen.data = plan.stamp
    page = render_template(
        "quality/quality_close.html",
        cohort=cohort,
        plan=plan,
        form=form,
        unit_name=unit_label(plan.unit.code),
        own=services.own_in(actor, plan.waiting),
    )
    return page, 422 if form.is_submitted() else 200
