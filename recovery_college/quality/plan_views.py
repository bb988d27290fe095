"""The pages of a cohort's sampling plan (A9): what was drawn and why, a new draw, a pick added or set aside."""

from secrets import randbelow
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.courses.models import Cohort
from recovery_college.courses.specification import unit_label
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.forms import Form
from recovery_college.kernel.numbers import number_given
from recovery_college.quality import plan_services as services
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.plan_forms import AsideForm, PickForm, PlanForm
from recovery_college.quality.plan_queries import interim_looks, stored_plan
from recovery_college.quality.room import room
from recovery_college.quality.sampling import Stage

PLAN = "/cohorts/<uuid:cohort_id>/quality/plan"
STAGES = {Stage.INTERIM: "While the course runs", Stage.SUMMATIVE: "When assessed"}


def _to_plan(cohort_id: UUID, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("quality.plan_cohort", cohort_id=cohort_id), 303)


def _form_page(cohort: Cohort, form: Form, heading: str, button: str, lead: str = "") -> ResponseReturnValue:
    page = render_template(
        "quality/quality_form.html",
        form=form,
        heading=heading,
        button=button,
        lead=lead,
        caption=cohort.title,
        back={"href": url_for("quality.plan_cohort", cohort_id=cohort.id), "text": "Sampling plan"},
    )
    return page, 422 if form.is_submitted() else 200


@room.page(PLAN, permission=Permission.QUALITY_SEE)
def plan_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """The plan: its draws, and students by units with each pick, its reason, and whether it was looked at."""
    actor, cohort = the_actor(), or_404(cohort_known_to(the_actor(), cohort_id))
    board, plan = quality_board(cohort), stored_plan(cohort_id)
    looks = interim_looks([place.enrolment_id for place in board.places])
    rows = []
    for pick in plan.picks if plan else ():
        key = (pick.enrolment_id, pick.unit_id)
        cell = board.cells.get(key)
        if cell is None:
            continue
        done = key in looks if pick.stage is Stage.INTERIM else cell.was_sampled
        rows.append((pick, cell, done))
    rows.sort(key=lambda row: (row[1].unit.code, row[1].place.family_name, row[0].stage))
    return render_template(
        "quality/plan_cohort.html",
        cohort=cohort,
        plan=plan,
        rows=rows,
        stages=STAGES,
        unit_label=unit_label,
        plans=may(actor, Permission.VERDICT_RECORD),
    )


@room.page(
    PLAN + "/draw", permission=Permission.VERDICT_RECORD, see=Permission.QUALITY_SEE, methods=("GET", "POST")
)
def plan_draw(cohort_id: UUID) -> ResponseReturnValue:
    """Draw the plan, or what is missing from it."""
    cohort, plan = or_404(cohort_known_to(the_actor(), cohort_id)), stored_plan(cohort_id)
    drawn = len(plan.draws) if plan else 0
    form = PlanForm(data={"seed": randbelow(1_000_000), "drawn_before": str(drawn)})
    if form.validate_on_submit():
        try:
            seen = number_given(form.drawn_before.data)
            made = services.make_plan(
                the_actor(), cohort_id, seed=form.seed.data, new_percent=form.new_percent.data,
                usual_percent=form.usual_percent.data, least_students=form.least_students.data,
                why=form.why.data or "", drawn_before=-1 if seen is None else seen,
            )  # fmt: skip
            return _to_plan(
                cohort_id,
                "The plan is drawn." if made else "The plan was drawn meanwhile, so nothing was added.",
            )
        except services.PlanRefused as refusal:
            form.blame(refusal)
    heading = "Draw more for the plan" if drawn else "Draw the sampling plan"
    lead = (
        "Every pick stays. What these shares ask for and the plan lacks is drawn."
        if drawn
        else "Every unit and every assessor is in it, whatever chance says."
    )
    return _form_page(cohort, form, heading, "Draw", lead)


@room.page(
    PLAN + "/add", permission=Permission.VERDICT_RECORD, see=Permission.QUALITY_SEE, methods=("GET", "POST")
)
def plan_add(cohort_id: UUID) -> ResponseReturnValue:
    """Add a pick by hand, with the reason."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    board, plan = quality_board(cohort), stored_plan(cohort_id)
    picked = {(one.enrolment_id, one.unit_id, one.stage) for one in plan.picks} if plan else set()
    form = PickForm()
    form.who.choices = [
        (f"{place_id}_{unit_id}", f"{cell.place.name}, {unit_label(cell.unit.code)}")
        for (place_id, unit_id), cell in board.cells.items()
        if form.is_submitted() or any((place_id, unit_id, stage) not in picked for stage in Stage)
    ]
    if form.validate_on_submit():
        place_id, _, unit_id = str(form.who.data).partition("_")
        try:
            services.add_pick(
                the_actor(), cohort_id, UUID(place_id), UUID(unit_id), Stage(form.stage.data),
                form.reason.data or "",
            )  # fmt: skip
            return _to_plan(cohort_id, "Added to the plan.")
        except services.PlanRefused as refusal:
            form.blame(refusal)
    return _form_page(cohort, form, "Add to the plan", "Add", "Your reason is shown beside the pick.")


@room.page(
    PLAN + "/<uuid:pick_id>/aside",
    permission=Permission.VERDICT_RECORD,
    see=Permission.QUALITY_SEE,
    methods=("GET", "POST"),
)
def plan_aside(cohort_id: UUID, pick_id: UUID) -> ResponseReturnValue:
    """Set a pick aside: it stays in the plan, with the reason."""
    cohort, plan = or_404(cohort_known_to(the_actor(), cohort_id)), stored_plan(cohort_id)
    if plan is None or pick_id not in {one.id for one in plan.picks}:
        abort(404)
    form = AsideForm()
    if form.validate_on_submit():
        try:
            services.set_pick_aside(the_actor(), cohort_id, pick_id, form.why.data or "")
            return _to_plan(cohort_id, "Set aside. It stays in the plan with your reason.")
        except services.PlanRefused as refusal:
            form.blame(refusal)
    return _form_page(cohort, form, "Set a pick aside", "Set aside")
