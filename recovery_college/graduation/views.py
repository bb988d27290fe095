"""Graduation of a cohort, certificates, and the public check."""

from io import BytesIO
from typing import cast
from uuid import UUID

from flask import Response, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from recovery_college.access.gate import the_actor
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, Role, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record_view
from recovery_college.graduation import services
from recovery_college.graduation.checking import name_matches, parse_verification_code
from recovery_college.graduation.exports import OWN_EXPORTS
from recovery_college.graduation.forms import CheckingForm, CodeForm, NameForm, ReasonForm
from recovery_college.graduation.graduate_imports import GRADUATES
from recovery_college.graduation.models import CertificateState
from recovery_college.graduation.presenters import in_groups
from recovery_college.graduation.queries import (
    batch_visible_to,
    certificate_by_code,
    certificate_visible_to,
    certificates_page,
    cohort_of_certificate,
    pdf_of,
    standings_in,
)
from recovery_college.graduation.tasks import go_on_with
from recovery_college.imports.kind import run_export
from recovery_college.imports.pages import add_import_pages
from recovery_college.kernel.db import aside
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.numbers import number_given
from recovery_college.kernel.tables_out import MEDIA_TYPES, Format
from recovery_college.people.throttle import TooManyTries, check_tries, count_wrong_try, key_of

room = Room("graduation", __name__)
WRONG_CODES = 20

add_import_pages(room, "/graduates/import", (GRADUATES,), Permission.COURSE_IMPORT)


@room.page("/cohorts/<uuid:cohort_id>/graduation", permission=Permission.GRADUATION_SEE)
def cohort_graduation(cohort_id: UUID) -> ResponseReturnValue:
    """Who may graduate, and what is missing for whom."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    groups = in_groups(standings_in(cohort))
    opens = may(the_actor(), Permission.CERTIFICATE_OPEN)
    return render_template("graduation/cohort_graduation.html", cohort=cohort, groups=groups, opens=opens)


@room.page(
    "/cohorts/<uuid:cohort_id>/graduation/issue",
    permission=Permission.CERTIFICATE_ISSUE,
    see=Permission.GRADUATION_SEE,
    methods=("POST",),
)
def certificates_issue(cohort_id: UUID) -> ResponseReturnValue:
    """Issue to everyone who is ready. Pressed twice, it leads to the same batch."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    batch = services.start_batch(the_actor(), cohort)
    go_on_with(batch.id)
    return redirect(url_for("graduation.certificates_batch", cohort_id=cohort_id, batch_id=batch.id), 303)


@room.page(
    "/cohorts/<uuid:cohort_id>/graduation/batches/<uuid:batch_id>", permission=Permission.CERTIFICATE_ISSUE
)
def certificates_batch(cohort_id: UUID, batch_id: UUID) -> ResponseReturnValue:
    """How far a batch is; it can be left and found again."""
    cohort = or_404(cohort_known_to(the_actor(), cohort_id))
    progress = or_404(batch_visible_to(the_actor(), cohort_id, batch_id))
    refused = {row["enrolment"]: row["why"] for row in progress.batch.refused}
    standings = [st for st in standings_in(cohort) if str(st.place.enrolment_id) in refused]
    problems = [(st.place.name, refused[str(st.place.enrolment_id)]) for st in standings]
    return render_template(
        "graduation/certificates_batch.html", cohort=cohort, progress=progress, problems=problems
    )


@room.page("/certificates/<serial>.pdf", permission=Permission.CERTIFICATE_OPEN)
def certificate_pdf(serial: str) -> ResponseReturnValue:
    """The frozen PDF, to its owner and entitled staff."""
    actor = the_actor()
    certificate = or_404(certificate_visible_to(actor, serial))
    record_view(actor, "certificate", certificate.id)
    return send_file(
        BytesIO(pdf_of(certificate)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{certificate.serial}.pdf",
    )


@room.page("/certificates/<serial>", permission=Permission.CERTIFICATE_SEE)
def certificate_show(serial: str) -> ResponseReturnValue:
    """One certificate with its state, for staff."""
    actor = the_actor()
    certificate = or_404(certificate_visible_to(actor, serial))
    if actor.role is Role.EQA:
        record_view(actor, "certificate", certificate.id)
    return render_template(
        "graduation/certificate_show.html",
        certificate=certificate,
        cohort_id=cohort_of_certificate(certificate) if may(actor, Permission.GRADUATION_SEE) else None,
    )


@room.page("/certificates", permission=Permission.CERTIFICATE_SEE)
def certificates_list() -> ResponseReturnValue:
    """Every certificate the actor may know of, the newest first; `?cohort=` and `?state=` narrow it."""
    chosen = {name: request.args.get(name, "").strip()[:100] for name in ("cohort", "state", "serial")}
    page = certificates_page(the_actor(), **chosen, before=number_given(request.args.get("before")))
    return render_template(
        "graduation/certificates_list.html", page=page, chosen=chosen, states=CertificateState
    )


@room.page(
    "/certificates/<serial>/<any(reissue, revoke):deed>",
    permission=Permission.CERTIFICATE_ISSUE,
    see=Permission.CERTIFICATE_SEE,
    methods=("GET", "POST"),
)
def certificate_change(serial: str, deed: str) -> ResponseReturnValue:
    """Reissue with the name as it is now, or revoke; both ask why."""
    actor = the_actor()
    certificate = or_404(certificate_visible_to(actor, serial))
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            if deed == "reissue":
                serial = services.reissue_certificate(actor, serial, form.reason.data).serial
                flash(f"Reissued as {serial}. The old certificate says superseded.", "success")
            else:
                services.revoke_certificate(actor, serial, form.reason.data)
                flash("Revoked. The record stays and says so.", "success")
            return redirect(url_for("graduation.certificate_show", serial=serial), 303)
        except services.CertificateRefused as refusal:
            form.blame(refusal)
    page = render_template(
        "graduation/certificate_change.html", certificate=certificate, deed=deed, form=form
    )
    return page, 422 if form.is_submitted() else 200


@room.page("/my-progress/<name>.<form>", permission=Permission.OWN_PROGRESS)
def my_export(name: str, form: str) -> ResponseReturnValue:
    """One's own units, decisions or attendance, to take away."""
    if name not in OWN_EXPORTS or form not in MEDIA_TYPES:
        abort(404)
    content = run_export(OWN_EXPORTS[name], the_actor(), cast(Format, form))
    answer = Response(content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


@room.page("/my-future/<serial>/checking", permission=Permission.OWN_FUTURE, methods=("GET", "POST"))
def my_checking(serial: str) -> ResponseReturnValue:
    """Choose what the public check of one's certificate shows."""
    actor = the_actor()
    certificate = or_404(certificate_visible_to(actor, serial))
    now = [] if certificate.checking_off else ["answers"]
    form = CheckingForm(choices=[*now, *(["name"] if certificate.name_shown else [])])
    if form.validate_on_submit():
        chosen = form.choices.data or []
        services.set_checking(
            actor, certificate.id, name_shown="name" in chosen, checking_off="answers" not in chosen
        )
        flash("Your choice is saved.", "success")
        return redirect(url_for("careers.my_future"), 303)
    page = render_template("graduation/my_checking.html", certificate=certificate, form=form)
    return page, 422 if form.is_submitted() else 200


def _address_key() -> str:
    return key_of(current_app.config["SECRET_KEY"], "certificate check", request.remote_addr or "")


def _throttled() -> None:
    try:
        check_tries(_address_key(), WRONG_CODES)
    except TooManyTries as paused:
        raise TooManyRequests(retry_after=paused.wait) from None


def _count() -> None:
    with aside() as s:
        count_wrong_try(s, _address_key())


@room.page("/verify", permission=Permission.PUBLIC)
def verify() -> ResponseReturnValue:
    """Where a checker types the code on a certificate."""
    typed = request.args.get("code", "")
    form = CodeForm(code=typed, meta={"csrf": False})
    if typed:
        code = parse_verification_code(typed)
        if code:
            return redirect(url_for("graduation.verify_code", code=code), 303)
        form.code.errors = ["Enter the 16 letters and numbers on the certificate, like 7K2M-9PQR-4TVW-XY3Z"]
    return render_template("graduation/verify.html", form=form), 422 if typed else 200


@room.page("/verify/<code>", permission=Permission.PUBLIC, methods=("GET", "POST"))
def verify_code(code: str) -> ResponseReturnValue:
    """What a certificate is worth today: its state, award and date; a name only if its owner opted in (G4)."""
    _throttled()
    known = parse_verification_code(code)
    certificate = certificate_by_code(known) if known else None
    if certificate is None:
        _count()
        return render_template("graduation/verify_unknown.html"), 404
    form = NameForm()
    matches: bool | None = None
    if form.validate_on_submit():
        matches = name_matches(form.name.data, certificate.facts["certificate_name"])
        if not matches:
            _count()
    page = render_template(
        "graduation/verify_code.html",
        certificate=certificate,
        states=CertificateState,
        form=form,
        matches=matches,
    )
    return page, 422 if form.is_submitted() and matches is None else 200
