"""Qualifications and the specification editor: to read for who may, to change for administrators."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.courses.presenters import group_words, rule_words
from recovery_college.courses.qualifications import qualifications_visible_to
from recovery_college.courses.rules import AccreditationKind
from recovery_college.courses.specification_forms import ACCREDITATION, QualificationForm, SeenForm
from recovery_college.courses.specification_parts import (
    FACTS_OF_QUALIFICATION,
    WORDING_OF_QUALIFICATION,
    stamp_of,
)
from recovery_college.courses.specification_queries import (
    EditedOutcome,
    Version,
    corrections_of,
    groups_of,
    superseded_versions,
    version_visible_to,
)
from recovery_college.courses.specification_rows import PartNotFound, facts_of
from recovery_college.courses.specification_services import (
    SpecificationChanged,
    SpecificationRefused,
    add_qualification,
    change_qualification,
)
from recovery_college.courses.views import room
from recovery_college.kernel.errors import ChangedMeanwhile, or_404

BOTH = ("GET", "POST")
EDIT, SEE = Permission.QUALIFICATION_EDIT, Permission.QUALIFICATION_SEE


def known_version(qualification_id: UUID) -> Version:
    """The version in an address, or 404."""
    return or_404(version_visible_to(the_actor(), qualification_id))


@room.page("/qualifications", permission=SEE)
def qualifications_list() -> ResponseReturnValue:
    """What is taught."""
    actor = the_actor()
    return render_template(
        "courses/qualifications_list.html",
        rows=qualifications_visible_to(actor),
        superseded=superseded_versions(),
        sees_cohorts=may(actor, Permission.COHORT_SEE),
        may_import=may(actor, Permission.COURSE_IMPORT),
        may_edit=may(actor, EDIT),
    )


@room.page("/qualifications/<uuid:qualification_id>", permission=SEE)
def qualification_show(qualification_id: UUID) -> ResponseReturnValue:
    """One version: the rule, units, outcomes, criteria, to read and to print; and to change, for who may."""
    version = known_version(qualification_id)
    specification = version.syllabus.specification
    asked = {group.name: group_words(group) for group in specification.groups}
    return render_template(
        "courses/qualification_show.html",
        version=version,
        groups=[(group, asked[group.name]) for group in groups_of(qualification_id)],
        rule=rule_words(specification),
        accreditation={value: words for value, words, _ in ACCREDITATION}[
            version.qualification.accreditation.value
        ],
        corrections=corrections_of(qualification_id),
        may_edit=may(the_actor(), EDIT),
        sets_limit=may(the_actor(), Permission.PRIOR_LEARNING_LIMIT),
    )


@room.page("/qualifications/new", permission=EDIT, see=SEE, methods=BOTH)
def qualification_new() -> ResponseReturnValue:
    """Begin a qualification."""
    form = QualificationForm(accreditation=AccreditationKind.CENTRE_DEVISED.value, resubmissions=1)

    def save() -> str:
        qualification_id = add_qualification(the_actor(), form.facts())
        return url_for("courses.qualification_show", qualification_id=qualification_id)

    return answered(
        form, save, "The qualification is saved. Now add its units.", heading="Add a qualification"
    )


@room.page("/qualifications/<uuid:qualification_id>/edit", permission=EDIT, see=SEE, methods=BOTH)
def qualification_edit(qualification_id: UUID) -> ResponseReturnValue:
    """Change what is true of the whole version."""
    version = known_version(qualification_id)
    row, frozen = version.qualification, version.state.frozen
    form = QualificationForm(
        obj=row,
        accreditation=row.accreditation.value,
        seen=stamp_of(facts_of(row, FACTS_OF_QUALIFICATION), frozen),
    )
    if frozen:
        form.narrow(WORDING_OF_QUALIFICATION)
    back = url_for("courses.qualification_show", qualification_id=qualification_id)

    def save() -> str:
        change_qualification(the_actor(), qualification_id, form.facts(), str(form.seen.data))
        return back

    return answered(form, save, "The qualification is saved.", version, heading="Change the qualification")


# ---- common to all ----------------------------------------------------------------------------------------------


def answered(
    form: SeenForm, save: Callable[[], str], said: str, version: Version | None = None,
    unit_id: UUID | None = None, *, heading: str, under: EditedOutcome | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """Draw the form; when it was sent and is right, save and go on."""
    if form.validate_on_submit():
        try:
            there = save()
        except PartNotFound:
            abort(404)
        except SpecificationChanged as changed:
            theirs = [
                (str(form[name].label.text), str("" if value is None else value))
                for name, value in changed.theirs.items()
                if name in form and name != "group_id"
            ]
            raise ChangedMeanwhile(theirs, form.yours(), request.path) from None
        except SpecificationRefused as refusal:
            form.blame(refusal)
        else:
            flash(said, "success")
            return redirect(there, 303)
    page = render_template(
        "courses/specification_form.html", form=form, version=version, unit_id=unit_id, heading=heading,
        under=under, boxes=[f for f in form if f.name not in ("csrf_token", "seen")],
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def done(act: Callable[[], None], back: str, said: str) -> Response:
    """Do one deed of a button and go back to where it is."""
    try:
        act()
    except PartNotFound:
        abort(404)
    except SpecificationRefused as refusal:
        flash(str(refusal), "error")
    else:
        flash(said, "success")
    return redirect(back, 303)
