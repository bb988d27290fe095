"""A student's record in the browser: the college changes it, and a student says what to call them.

It stands in this room since a changed name matters to registrations, claims and certificates.
"""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record_view
from recovery_college.courses.queries import places_of_person
from recovery_college.courses.student_forms import OwnRecordForm, StudentForm
from recovery_college.courses.student_queries import FACTS, StudentRecord, own_record, record_to_change
from recovery_college.courses.student_services import (
    OWN_FACTS,
    NoSuchStudent,
    RecordChanged,
    RecordRefused,
    change_own_record,
    change_student,
)
from recovery_college.graduation.since_queries import Since, SinceKind, changed_since
from recovery_college.graduation.views import room
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile, or_404

BOTH = ("GET", "POST")


@room.page(
    "/students/<uuid:person_id>/edit",
    permission=Permission.PROFILE_EDIT,
    see=Permission.STUDENT_SEE,
    methods=BOTH,
)
def student_edit(person_id: UUID) -> ResponseReturnValue:
    """Change a student's names, contact, date of birth and learner number."""
    actor = the_actor()
    found = or_404(record_to_change(actor, person_id))
    here = url_for("graduation.student_edit", person_id=person_id)
    form = StudentForm(**{name: getattr(found, name) for name in FACTS}, seen=found.stamp)
    enrolments = [one.id for one in places_of_person(person_id)]
    back = url_for("graduation.student_show", person_id=person_id) if enrolments else "/cohorts"
    if form.validate_on_submit():
        try:
            changed, told = change_student(actor, person_id, form.facts(), str(form.seen.data))
        except NoSuchStudent:
            abort(404)
        except RecordRefused as refusal:
            form.blame(refusal)
        except RecordChanged:
            raise _changed(record_to_change(actor, person_id), form, here) from None
        else:
            flash("The record is saved." if changed else "Nothing was changed.", "success")
            for sentence in told:
                flash(sentence, "info")
            return redirect(back, 303)
    if not form.is_submitted():
        record_view(actor, "student", person_id)
    page = render_template(
        "graduation/student_edit.html",
        record=found,
        form=form,
        back_to=back,
        since=since_lines(actor, enrolments),
    )
    return page, 422 if form.is_submitted() else 200


def since_lines(actor: Actor, enrolment_ids: list[UUID]) -> list[tuple[Since, str]]:
    """What left the college and says something else, each with the way to where it is mended, or ""."""
    return [(one, _where(actor, one)) for one in changed_since(enrolment_ids)] if enrolment_ids else []


def _where(actor: Actor, one: Since) -> str:
    if one.kind is SinceKind.REGISTRATION and may(actor, Permission.CLAIM_PREPARE):
        anchor = f"student-{one.enrolment_id}"
        return url_for("claims.registrations", cohort_id=one.cohort_id, _anchor=anchor)
    if one.kind is SinceKind.CLAIM:
        return url_for("claims.claim_show", cohort_id=one.cohort_id, claim_id=UUID(one.ref))
    if one.kind is SinceKind.CERTIFICATE and may(actor, Permission.CERTIFICATE_ISSUE):
        return url_for("graduation.certificate_change", serial=one.ref, deed="reissue")
    return ""


def _changed(now: StudentRecord | None, form: OwnRecordForm, here: str) -> ChangedMeanwhile:
    session().expire_all()
    return ChangedMeanwhile(form.theirs(now) if now else [], form.yours(), here)


@room.page("/my-progress/record", permission=Permission.OWN_PROGRESS, methods=BOTH)
def my_record() -> ResponseReturnValue:
    """What the college holds of oneself; what to call one is one's own to change (C5)."""
    actor = the_actor()
    found = or_404(own_record(actor))
    form = OwnRecordForm(**{name: getattr(found, name) for name in OWN_FACTS}, seen=found.stamp)
    if form.validate_on_submit():
        try:
            change_own_record(actor, form.facts(), str(form.seen.data))
        except NoSuchStudent:
            abort(404)
        except RecordRefused as refusal:
            form.blame(refusal)
        except RecordChanged:
            raise _changed(own_record(actor), form, url_for("graduation.my_record")) from None
        else:
            flash("Saved. This is what we call you from now on.", "success")
            return redirect(url_for("graduation.my_record"), 303)
    page = render_template("graduation/my_record.html", record=found, form=form)
    return page, 422 if form.is_submitted() else 200
