"""Editing the parts of a specification: groups, units, learning outcomes and criteria, for administrators."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from recovery_college.access.gate import the_actor
from recovery_college.courses.rules import AccreditationKind
from recovery_college.courses.specification import MANDATORY
from recovery_college.courses.specification_forms import (
    CriterionForm,
    GroupForm,
    OutcomeForm,
    SeenForm,
    UnitForm,
)
from recovery_college.courses.specification_parts import PARTS, Kind, next_number, stamp_of
from recovery_college.courses.specification_queries import (
    EditedGroup,
    EditedOutcome,
    EditedUnit,
    Version,
    groups_of,
)
from recovery_college.courses.specification_rows import PartNotFound, facts_of, part_in
from recovery_college.courses.specification_services import (
    ONLY_WORDING,
    add_part,
    change_part,
    move_part,
    remove_part,
    renumber_unit,
)
from recovery_college.courses.specification_views import BOTH, EDIT, SEE, answered, done, known_version
from recovery_college.courses.views import room
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import or_404

ANY_KIND = "any(group,unit,outcome,criterion)"


@room.page("/qualifications/<uuid:qualification_id>/groups/new", permission=EDIT, see=SEE, methods=BOTH)
def group_new(qualification_id: UUID) -> ResponseReturnValue:
    """Add a group of units to choose from."""
    return _new_part(known_version(qualification_id), Kind.GROUP, GroupForm(), None, "Add a group of units")


@room.page(
    "/qualifications/<uuid:qualification_id>/groups/<uuid:group_id>/edit", permission=EDIT, see=SEE, methods=BOTH
)  # fmt: skip
def group_edit(qualification_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Change what a group asks for."""
    version = known_version(qualification_id)
    group = _group(qualification_id, group_id)
    if version.state.frozen:
        return _only_wording(qualification_id)
    form = GroupForm(obj=group)
    if group.is_mandatory:
        del form.name
    return _change_part(version, Kind.GROUP, group_id, form, "Change the group")


@room.page("/qualifications/<uuid:qualification_id>/units/new", permission=EDIT, see=SEE, methods=BOTH)
def unit_new(qualification_id: UUID) -> ResponseReturnValue:
    """Add a unit; `?group=` names the group it is for."""
    version = known_version(qualification_id)
    form = _unit_form(version, group_id=request.args.get("group"), level=4)
    return _new_part(version, Kind.UNIT, form, None, "Add a unit")


@room.page("/qualifications/<uuid:qualification_id>/units/<uuid:unit_id>", permission=EDIT, see=SEE)
def unit_show(qualification_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """One unit with its outcomes and criteria, each to be changed, moved or removed."""
    version = known_version(qualification_id)
    unit = _unit(qualification_id, unit_id)
    numbers = [
        (outcome.number, str(place), [c.number for c in outcome.criteria])
        for place, outcome in enumerate(unit.outcomes, 1)
    ]
    in_order = all(
        number == place and criteria == [f"{place}.{n}" for n in range(1, len(criteria) + 1)]
        for number, place, criteria in numbers
    )
    return render_template("courses/unit_show.html", version=version, unit=unit, in_order=in_order)


@room.page(
    "/qualifications/<uuid:qualification_id>/units/<uuid:unit_id>/edit", permission=EDIT, see=SEE, methods=BOTH
)  # fmt: skip
def unit_edit(qualification_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Change a unit."""
    version = known_version(qualification_id)
    row = _row(qualification_id, Kind.UNIT, unit_id)
    form = _unit_form(version, obj=row)
    return _change_part(version, Kind.UNIT, unit_id, form, "Change the unit", unit_id)


@room.page(
    "/qualifications/<uuid:qualification_id>/units/<uuid:unit_id>/renumber",
    permission=EDIT, see=SEE, methods=("POST",),
)  # fmt: skip
def unit_renumber(qualification_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Number outcomes and criteria in the order in which they stand."""
    back = url_for("courses.unit_show", qualification_id=qualification_id, unit_id=unit_id)
    return done(lambda: renumber_unit(the_actor(), qualification_id, unit_id), back, "Numbered in order.")


@room.page(
    "/qualifications/<uuid:qualification_id>/units/<uuid:unit_id>/outcomes/new",
    permission=EDIT, see=SEE, methods=BOTH,
)  # fmt: skip
def outcome_new(qualification_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Add a learning outcome to a unit."""
    version, unit = known_version(qualification_id), _unit(qualification_id, unit_id)
    form = OutcomeForm(number=next_number([one.number for one in unit.outcomes]))
    return _new_part(version, Kind.OUTCOME, form, unit_id, "Add a learning outcome", unit_id)


@room.page(
    "/qualifications/<uuid:qualification_id>/outcomes/<uuid:outcome_id>/edit",
    permission=EDIT, see=SEE, methods=BOTH,
)  # fmt: skip
def outcome_edit(qualification_id: UUID, outcome_id: UUID) -> ResponseReturnValue:
    """Change a learning outcome."""
    version = known_version(qualification_id)
    row = _row(qualification_id, Kind.OUTCOME, outcome_id)
    form = OutcomeForm(obj=row)
    return _change_part(version, Kind.OUTCOME, outcome_id, form, "Change the learning outcome", row.unit_id)


@room.page(
    "/qualifications/<uuid:qualification_id>/outcomes/<uuid:outcome_id>/criteria/new",
    permission=EDIT, see=SEE, methods=BOTH,
)  # fmt: skip
def criterion_new(qualification_id: UUID, outcome_id: UUID) -> ResponseReturnValue:
    """Add an assessment criterion to a learning outcome."""
    version = known_version(qualification_id)
    row = _row(qualification_id, Kind.OUTCOME, outcome_id)
    outcome = next(one for one in _unit(qualification_id, row.unit_id).outcomes if one.id == outcome_id)
    form = CriterionForm(number=next_number([one.number for one in outcome.criteria], outcome.number))
    heading = "Add an assessment criterion"
    return _new_part(version, Kind.CRITERION, form, outcome_id, heading, row.unit_id, outcome)


@room.page(
    "/qualifications/<uuid:qualification_id>/criteria/<uuid:criterion_id>/edit",
    permission=EDIT, see=SEE, methods=BOTH,
)  # fmt: skip
def criterion_edit(qualification_id: UUID, criterion_id: UUID) -> ResponseReturnValue:
    """Change an assessment criterion."""
    version = known_version(qualification_id)
    row = _row(qualification_id, Kind.CRITERION, criterion_id)
    form = CriterionForm(obj=row)
    heading = "Change the assessment criterion"
    return _change_part(version, Kind.CRITERION, criterion_id, form, heading, row.unit_id)


@room.page(
    f"/qualifications/<uuid:qualification_id>/<{ANY_KIND}:kind>/<uuid:part_id>/move",
    permission=EDIT, see=SEE, methods=("POST",),
)  # fmt: skip
def part_move(qualification_id: UUID, kind: str, part_id: UUID) -> ResponseReturnValue:
    """Move a part up or down by one."""
    back = _page_of(qualification_id, Kind(kind), part_id)
    at = request.form.get("at", "")
    if not (at.isascii() and at.isdigit() and len(at) < 6) or request.form.get("to") not in ("up", "down"):
        abort(400)
    up = request.form["to"] == "up"
    return done(
        lambda: move_part(the_actor(), qualification_id, Kind(kind), part_id, up, int(at)), back, "Moved."
    )


@room.page(
    f"/qualifications/<uuid:qualification_id>/<{ANY_KIND}:kind>/<uuid:part_id>/remove",
    permission=EDIT, see=SEE, methods=BOTH,
)  # fmt: skip
def part_remove(qualification_id: UUID, kind: str, part_id: UUID) -> ResponseReturnValue:
    """Take a part out, after a page that says what goes with it."""
    version, of = known_version(qualification_id), Kind(kind)
    row = _row(qualification_id, of, part_id)
    page = url_for("courses.qualification_show", qualification_id=qualification_id)
    above = page if of in (Kind.GROUP, Kind.UNIT) else _page_of(qualification_id, of, part_id)
    if request.method == "POST":
        return done(
            lambda: remove_part(the_actor(), qualification_id, of, part_id), above,
            f"The {PARTS[of].words} is removed.",
        )  # fmt: skip
    name = row.name if of is Kind.GROUP else row.title if of is Kind.UNIT else row.text
    label = "" if of is Kind.GROUP else row.code if of is Kind.UNIT else row.number
    return render_template(
        "courses/part_remove.html", version=version, words=PARTS[of].words, label=label, name=name,
        unit=_unit(qualification_id, part_id) if of is Kind.UNIT else None,
        outcome=_outcome(qualification_id, row) if of is Kind.OUTCOME else None, above=above,
    )  # fmt: skip


# ---- common to all ---------------------------------------------------------------------------------------------


def _unit_form(version: Version, **rest: Any) -> UnitForm:
    groups = [
        (str(group.id), "Mandatory units" if group.name == MANDATORY else group.name)
        for group in groups_of(version.qualification.id)
    ]
    accredited = version.qualification.accreditation is not AccreditationKind.NOT_ACCREDITED
    return UnitForm(groups, accredited, **rest)


def _row(qualification_id: UUID, kind: Kind, part_id: UUID) -> Any:
    try:
        return part_in(session(), qualification_id, kind, part_id)
    except PartNotFound:
        abort(404)


def _group(qualification_id: UUID, group_id: UUID) -> EditedGroup:
    return or_404(next((group for group in groups_of(qualification_id) if group.id == group_id), None))


def _unit(qualification_id: UUID, unit_id: UUID) -> EditedUnit:
    units = (unit for group in groups_of(qualification_id) for unit in group.units)
    return or_404(next((unit for unit in units if unit.id == unit_id), None))


def _outcome(qualification_id: UUID, row: Any) -> EditedOutcome:
    unit = _unit(qualification_id, row.unit_id)
    return next(one for one in unit.outcomes if one.id == row.id)


def _page_of(qualification_id: UUID, kind: Kind, part_id: UUID) -> str:
    """The page a part is edited on: a unit's for what stands in it, else the version's."""
    row = _row(qualification_id, kind, part_id)
    if kind in (Kind.GROUP, Kind.UNIT):
        return url_for(
            "courses.qualification_show", qualification_id=qualification_id, _anchor=f"p-{part_id}"
        )
    return url_for(
        "courses.unit_show", qualification_id=qualification_id, unit_id=row.unit_id, _anchor=f"p-{part_id}"
    )


def _new_part(
    version: Version, kind: Kind, form: SeenForm, parent_id: UUID | None, heading: str,
    unit_id: UUID | None = None, under: EditedOutcome | None = None,
) -> ResponseReturnValue:  # fmt: skip
    qualification_id = version.qualification.id
    if version.state.frozen:
        return _only_wording(qualification_id)

    def save() -> str:
        part_id = add_part(the_actor(), qualification_id, kind, form.facts(), parent_id)
        return _after(qualification_id, kind, part_id, unit_id)

    said = f"The {PARTS[kind].words} is added."
    return answered(form, save, said, version, unit_id, heading=heading, under=under)


def _only_wording(qualification_id: UUID) -> Response:
    flash(f"{ONLY_WORDING}. Copy it into a new version to change more.", "error")
    return redirect(url_for("courses.qualification_show", qualification_id=qualification_id), 303)


def _after(qualification_id: UUID, kind: Kind, part_id: UUID, unit_id: UUID | None) -> str:
    if kind is Kind.UNIT:
        return url_for("courses.unit_show", qualification_id=qualification_id, unit_id=part_id)
    if unit_id is not None:
        return url_for(
            "courses.unit_show", qualification_id=qualification_id, unit_id=unit_id, _anchor=f"p-{part_id}"
        )
    return url_for("courses.qualification_show", qualification_id=qualification_id, _anchor=f"p-{part_id}")


def _change_part(
    version: Version, kind: Kind, part_id: UUID, form: SeenForm, heading: str, unit_id: UUID | None = None
) -> ResponseReturnValue:
    qualification_id, frozen = version.qualification.id, version.state.frozen
    row = _row(qualification_id, kind, part_id)
    if not form.is_submitted():
        form.seen.data = stamp_of(facts_of(row, PARTS[kind].facts), frozen)
    if frozen:
        form.narrow(PARTS[kind].wording)
        heading = heading.replace("Change", "Correct the wording of", 1)

    def save() -> str:
        change_part(the_actor(), qualification_id, kind, part_id, form.facts(), str(form.seen.data))
        return _after(qualification_id, kind, part_id, unit_id)

    said = f"The {PARTS[kind].words} is saved."
    return answered(form, save, said, version, unit_id, heading=heading)
