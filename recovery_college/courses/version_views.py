"""Versions that follow each other: copied, compared, and one superseded by the next (A2)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.courses.mapping_queries import mapping_report
from recovery_college.courses.presenters import FATE_TAGS
from recovery_college.courses.qualifications import qualifications_visible_to
from recovery_college.courses.specification_forms import SupersedeForm, VersionForm
from recovery_college.courses.specification_mapping import counts
from recovery_college.courses.specification_queries import Version, copies_of, superseded_versions
from recovery_college.courses.specification_rows import PartNotFound
from recovery_college.courses.specification_services import SpecificationRefused
from recovery_college.courses.specification_views import BOTH, EDIT, SEE, known_version
from recovery_college.courses.version_services import copy_version, supersede_version
from recovery_college.courses.views import engaged_cohorts, room
from recovery_college.kernel.errors import or_404


@room.page("/qualifications/<uuid:qualification_id>/copy", permission=EDIT, see=SEE, methods=BOTH)
def version_copy(qualification_id: UUID) -> ResponseReturnValue:
    """Make a new version of everything this one holds."""
    version, form = known_version(qualification_id), VersionForm()
    if form.validate_on_submit():
        try:
            made = copy_version(the_actor(), qualification_id, str(form.version.data))
        except PartNotFound:
            abort(404)
        except SpecificationRefused as refusal:
            form.version.errors = [str(refusal)]
        else:
            flash("The new version is made. Change it freely: nobody is on it yet.", "success")
            return redirect(url_for("courses.qualification_show", qualification_id=made), 303)
    page = render_template("courses/version_copy.html", version=version, form=form)
    return page, 422 if form.is_submitted() else 200


@room.page(
    "/qualifications/<uuid:qualification_id>/mapping/<uuid:new_id>", permission=Permission.QUALIFICATION_SEE
)
def mapping_show(qualification_id: UUID, new_id: UUID) -> ResponseReturnValue:
    """What became of each criterion of a version in a newer one, and whom it concerns."""
    actor = the_actor()
    report = or_404(mapping_report(actor, qualification_id, new_id, engaged_cohorts(actor)))
    return render_template(
        "courses/mapping_show.html", report=report, tags=FATE_TAGS, counts=counts(report.lines)
    )


@room.page("/qualifications/<uuid:qualification_id>/supersede", permission=EDIT, see=SEE, methods=BOTH)
def version_supersede(qualification_id: UUID) -> ResponseReturnValue:
    """Let this version take the place of an older one."""
    version = known_version(qualification_id)
    form = SupersedeForm()
    # A form that was drawn before somebody else superseded it is answered in words, by the service.
    form.old.choices = _older(version, still_in_use=not form.is_submitted())
    if not form.is_submitted() and version.state.copied_from:
        form.old.data = str(version.state.copied_from.id)
    if form.validate_on_submit():
        try:
            supersede_version(the_actor(), UUID(form.old.data), qualification_id)
        except PartNotFound:
            abort(404)
        except SpecificationRefused as refusal:
            form.old.errors = [str(refusal)]
        else:
            flash(
                "The older version is superseded. It takes no new cohort; its students stay on it.", "success"
            )
            there = url_for(
                "courses.mapping_show", qualification_id=UUID(form.old.data), new_id=qualification_id
            )
            return redirect(there, 303)
    page = render_template("courses/version_supersede.html", version=version, form=form)
    return page, 422 if form.is_submitted() else 200


def _older(version: Version, still_in_use: bool) -> list[tuple[str, str]]:
    """The versions it could take the place of, those of the same title first."""
    own = version.qualification
    gone = {*superseded_versions(), *copies_of(own.id)} if still_in_use else set()
    rows = [row for row in qualifications_visible_to(the_actor()) if row.id not in gone and row.id != own.id]
    rows.sort(key=lambda row: row.title != own.title)
    return [(str(row.id), f"{row.title}, version {row.version}") for row in rows]
