"""The pages of staff records: the list, one record, and what may be added to it (A10)."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.staff_rules import Award, Standing
from recovery_college.audit.services import record_view
from recovery_college.kernel.errors import ChangedMeanwhile, or_404
from recovery_college.kernel.forms import Form
from recovery_college.kernel.numbers import number_in
from recovery_college.quality import staff_services as services
from recovery_college.quality.improvement_queries import observations_of
from recovery_college.quality.room import room
from recovery_college.quality.staff_forms import (
    CompetenceForm,
    DevelopmentForm,
    QualificationForm,
    SettleForm,
)
from recovery_college.quality.staff_queries import StaffFile, staff_file, staff_members

STAFF = "/quality/staff/<uuid:person_id>"
STANDINGS = {
    Standing.QUALIFIED: "Qualified",
    Standing.IN_TRAINING: "Working towards it",
    Standing.NOT_RECORDED: "Nothing recorded",
}
AWARDS = {
    Award.ASSESSOR: "Assessing",
    Award.IQA: "Internal quality assurance",
    Award.TEACHING: "Teaching",
    Award.OCCUPATIONAL: "The subject itself",
}


def _file(person_id: UUID) -> StaffFile:
    return or_404(staff_file(the_actor(), person_id))


def _done(person_id: UUID, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("quality.staff_show", person_id=person_id), 303)


def _form_page(file: StaffFile, form: Form, heading: str, button: str, lead: str = "") -> ResponseReturnValue:
    """Draw one form of a record; 422 when it was sent and needs mending."""
    page = render_template(
        "quality/quality_form.html",
        form=form,
        heading=heading,
        button=button,
        lead=lead,
        caption=file.member.name,
        back={
            "href": url_for("quality.staff_show", person_id=file.member.person_id),
            "text": file.member.name,
        },
    )
    return page, 422 if form.is_submitted() else 200


@room.page("/quality/staff", permission=Permission.STAFF_SEE)
def staff_list() -> ResponseReturnValue:
    """Who assesses and quality-assures, what they hold, and their development in the last year."""
    actor = the_actor()
    return render_template("quality/staff_list.html", members=staff_members(actor), standings=STANDINGS)


@room.page(STAFF, permission=Permission.STAFF_SEE)
def staff_show(person_id: UUID) -> ResponseReturnValue:
    """One record: qualifications, development, competence, and what quality assurance said of the assessing."""
    actor, file = the_actor(), _file(person_id)
    if actor.person_id != person_id:
        record_view(actor, "staff record", person_id)
    return render_template(
        "quality/staff_show.html",
        file=file,
        member=file.member,
        standings=STANDINGS,
        awards=AWARDS,
        keeps=may(actor, Permission.STAFF_KEEP) and actor.person_id != person_id,
        develops=may(actor, Permission.STAFF_KEEP)
        or (actor.person_id == person_id and may(actor, Permission.DEVELOPMENT_ADD)),
        observations=observations_of(person_id),
        observes=may(actor, Permission.VERDICT_RECORD) and actor.person_id != person_id,
    )


@room.page(
    STAFF + "/qualification",
    permission=Permission.STAFF_KEEP,
    see=Permission.STAFF_SEE,
    methods=("GET", "POST"),
)
def staff_qualification(person_id: UUID) -> ResponseReturnValue:
    """Record a qualification that is held, or worked towards."""
    file, form = _file(person_id), QualificationForm()
    if form.validate_on_submit():
        try:
            services.record_qualification(
                the_actor(), person_id, Award(form.kind.data), form.title.data or "", form.awarded_on.data
            )
            return _done(person_id, "Qualification recorded.")
        except services.StaffRefused as refusal:
            form.blame(refusal)
    return _form_page(file, form, "Record a qualification", "Save qualification")


@room.page(
    STAFF + "/qualification/<uuid:qualification_id>",
    permission=Permission.STAFF_KEEP,
    see=Permission.STAFF_SEE,
    methods=("GET", "POST"),
)
def staff_settle(person_id: UUID, qualification_id: UUID) -> ResponseReturnValue:
    """Record the award of a qualification, or withdraw one that was recorded by mistake."""
    file, form = _file(person_id), SettleForm()
    found = or_404(next((one for one in file.qualifications if one.id == qualification_id), None))
    if form.validate_on_submit():
        try:
            if form.what.data == "awarded":
                services.award_qualification(the_actor(), person_id, qualification_id, form.awarded_on.data)
                return _done(person_id, "Award recorded.")
            services.withdraw_qualification(the_actor(), person_id, qualification_id)
            return _done(person_id, "Qualification withdrawn. It stays to be seen, and counts for nothing.")
        except services.StaffRefused as refusal:
            form.blame(refusal)
    return _form_page(file, form, found.title, "Save", f"{AWARDS[found.kind]}, for {file.member.name}.")


@room.page(
    STAFF + "/development",
    permission=Permission.STAFF_SEE,
    methods=("GET", "POST"),
)
def staff_development(person_id: UUID) -> ResponseReturnValue:
    """Add a piece of professional development."""
    actor, file, form = the_actor(), _file(person_id), DevelopmentForm()
    own = actor.person_id == person_id and may(actor, Permission.DEVELOPMENT_ADD)
    if not own and not may(actor, Permission.STAFF_KEEP):
        abort(403)
    if form.validate_on_submit():
        try:
            services.add_development(
                actor, person_id, form.done_on.data, form.hours.data, form.what.data or ""
            )
            return _done(person_id, "Development added.")
        except services.StaffRefused as refusal:
            form.blame(refusal)
    return _form_page(file, form, "Add professional development", "Save development")


@room.page(
    STAFF + "/competence",
    permission=Permission.STAFF_KEEP,
    see=Permission.STAFF_SEE,
    methods=("GET", "POST"),
)
def staff_competence(person_id: UUID) -> ResponseReturnValue:
    """Change occupational competence, and whether they may verify."""
    file = _file(person_id)
    member = file.member
    form = CompetenceForm(
        data={
            "competence": member.competence,
            "may_verify": member.may_verify,
            "version": str(member.version),
        }
    )
    if form.validate_on_submit():
        try:
            services.save_competence(
                the_actor(), person_id, form.competence.data or "", bool(form.may_verify.data),
                number_in(form.version.data, -1),
            )  # fmt: skip
            return _done(person_id, "Staff record saved.")
        except services.StaffRefused as refusal:
            form.blame(refusal)
        except services.StaleStaff as stale:
            here = url_for("quality.staff_competence", person_id=person_id)
            yours = _sides(form.competence.data or "", bool(form.may_verify.data))
            raise ChangedMeanwhile(_sides(member.competence, member.may_verify), yours, here) from stale
    return _form_page(file, form, "Competence, and verifying", "Save record")


def _sides(competence: str, may_verify: bool) -> list[tuple[str, str]]:
    return [("Occupational competence", competence), ("May verify", "Yes" if may_verify else "No")]
