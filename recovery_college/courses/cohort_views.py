"""Adding and changing cohorts in the browser, and the units each student is registered for."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.courses.cohort_forms import CohortForm, UnitsForm
from recovery_college.courses.cohort_queries import (
    has_students,
    site_names,
    site_of,
    tutor_ids,
    tutors_to_choose,
    versions_to_choose,
)
from recovery_college.courses.cohort_services import (
    CohortChanged,
    CohortRefused,
    add_cohort,
    change_cohort,
    change_units,
    cohort_stamp,
    units_stamp,
)
from recovery_college.courses.imports.cohorts import MIN_ATTENDANCE
from recovery_college.courses.imports.unit_work import work_on_units
from recovery_college.courses.models import Cohort
from recovery_college.courses.queries import cohort_visible_to, place_of, units_registered
from recovery_college.courses.specification import counted
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.courses.views import room
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile, or_404

BOTH = ("GET", "POST")
EDIT, SEE = Permission.COHORT_EDIT, Permission.COHORT_SEE


def _form(cohort: Cohort | None, **facts: object) -> CohortForm:
    tutors = tutors_to_choose(cohort.id if cohort else None)
    return CohortForm(
        versions_to_choose(cohort.qualification_id if cohort else None),
        [(str(one.person_id), one.name, one.email) for one in tutors],
        site_names(),
        **facts,
    )


def _stored(cohort: Cohort) -> dict[str, object]:
    """What a cohort's form shows of it."""
    names = ("title", "starts_on", "ends_on", "capacity", "min_attendance", "holds_decisions")
    return {
        **{name: getattr(cohort, name) for name in names},
        "qualification_id": str(cohort.qualification_id),
        "site": site_of(cohort),
        "tutors": sorted(str(one) for one in tutor_ids(session(), cohort.id)),
    }


@room.page("/cohorts/new", permission=EDIT, see=SEE, methods=BOTH)
def cohort_new() -> ResponseReturnValue:
    """Plan a cohort."""
    form = _form(None, min_attendance=MIN_ATTENDANCE, holds_decisions=True)
    if form.validate_on_submit():
        facts, tutors = form.said()
        try:
            cohort_id, told = add_cohort(the_actor(), str(form.ref.data), facts, tutors)
        except CohortRefused as refusal:
            form.blame(refusal)
        else:
            _flash("The cohort is saved.", told)
            return redirect(url_for("courses.cohort_show", cohort_id=cohort_id), 303)
    page = render_template("courses/cohort_form.html", form=form, cohort=None, fixed=False)
    return page, 422 if form.is_submitted() else 200


@room.page("/cohorts/<uuid:cohort_id>/edit", permission=EDIT, see=SEE, methods=BOTH)
def cohort_edit(cohort_id: UUID) -> ResponseReturnValue:
    """Change a cohort."""
    cohort = or_404(cohort_visible_to(the_actor(), cohort_id))
    here = url_for("courses.cohort_edit", cohort_id=cohort_id)
    form = _form(cohort, **_stored(cohort), seen=cohort_stamp(session(), cohort))
    del form.ref
    fixed = has_students(session(), cohort_id)
    if fixed:
        own = str(cohort.qualification_id)
        form.qualification_id.choices = [one for one in form.qualification_id.choices if one[0] == own]
    if form.validate_on_submit():
        facts, tutors = form.said()
        try:
            told = change_cohort(the_actor(), cohort_id, facts, tutors, str(form.seen.data))
        except CohortChanged:
            session().expire_all()
            stored = _stored(cohort)
            now = _form(cohort, formdata=None, **stored)
            del now.ref
            raise ChangedMeanwhile(now.yours(), form.yours(), here) from None
        except CohortRefused as refusal:
            form.blame(refusal)
        else:
            _flash("The cohort is saved.", told)
            return redirect(url_for("courses.cohort_show", cohort_id=cohort_id), 303)
    page = render_template("courses/cohort_form.html", form=form, cohort=cohort, fixed=fixed)
    return page, 422 if form.is_submitted() else 200


@room.page(
    "/cohorts/<uuid:cohort_id>/students/<uuid:enrolment_id>/units",
    permission=EDIT, see=Permission.STUDENT_SEE, methods=BOTH,
)  # fmt: skip
def place_units(cohort_id: UUID, enrolment_id: UUID) -> ResponseReturnValue:
    """Register a student for optional units, or take units off; what is decided stays."""
    cohort = or_404(cohort_visible_to(the_actor(), cohort_id))
    place = place_of(enrolment_id)
    if place is None or place.cohort_id != cohort_id:
        abort(404)
    had = units_registered([enrolment_id])[enrolment_id]
    form = UnitsForm(units=sorted(str(one) for one in had), seen=units_stamp(had))
    syllabus = syllabus_of(cohort.qualification_id)
    form.units.choices = _choices(syllabus, enrolment_id)
    if form.validate_on_submit():
        wanted = [UUID(one) for one in form.units.data]
        try:
            told = change_units(the_actor(), enrolment_id, wanted, str(form.seen.data))
        except CohortChanged:
            now = {str(one) for one in had}
            words = [(choice[0], choice[1]) for choice in form.units.choices]
            theirs = ", ".join(text for value, text in words if value in now)
            yours = ", ".join(text for value, text in words if value in form.units.data)
            raise ChangedMeanwhile(
                [("Registered for", theirs)], [("Registered for", yours)], request.path
            ) from None
        except CohortRefused as refusal:
            form.blame(refusal)
        else:
            _flash(f"The units of {place.name} are saved.", told)
            return redirect(url_for("courses.cohort_students", cohort_id=cohort_id), 303)
    page = render_template("courses/place_units.html", form=form, cohort=cohort, place=place)
    return page, 422 if form.is_submitted() else 200


def _choices(syllabus: Syllabus, enrolment_id: UUID) -> list[tuple[str, str, str]]:
    """Every unit of the version, with its group and what is decided for it."""
    work = work_on_units(enrolment_id)
    choices = []
    for unit in syllabus.units:
        told = [f"{unit.group.capitalize()}, {counted(unit.credit, 'credit')}"]
        if unit.id in work and work[unit.id].decisions:
            told.append(f"{counted(work[unit.id].decisions, 'decision')} on record")
        if unit.id in work and work[unit.id].is_settled:
            told.append("verified, claimed or awarded, so it stays")
        choices.append((str(unit.id), f"{unit.code} {unit.title}", "; ".join(told)))
    return choices


def _flash(said: str, told: list[str]) -> None:
    flash(said, "success")
    for sentence in told:
        flash(sentence, "info")
