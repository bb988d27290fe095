"""Evidence in the browser: reading, taking back, asking back, confirming, and a cohort's list."""

from io import BytesIO
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, send_file
from flask import url_for as to
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.assessment.cells import NO_TRIES
from recovery_college.assessment.evidence_forms import AnswerForm
from recovery_college.assessment.evidence_list import (
    SHOWS,
    EvidencePage,
    evidence_list,
    evidence_page,
    stored_key,
)
from recovery_college.assessment.evidence_rules import RequestAnswer, may_take_back
from recovery_college.assessment.evidence_services import EvidenceRefused, NoSuchEvidence
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room
from recovery_college.assessment.take_back_services import (
    answer_request,
    ask_back,
    confirm_evidence,
    take_back,
)
from recovery_college.audit.services import record_view
from recovery_college.kernel.errors import or_404
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.storage import StorageMissing

ATTACHED_ONLY = "default-src 'none'; sandbox"


@room.page("/evidence/<uuid:evidence_id>", permission=Permission.EVIDENCE_SEE)
def evidence_show(evidence_id: UUID) -> ResponseReturnValue:
    """One piece of evidence. Each look by anybody but its student is recorded."""
    page = _page_of(evidence_id)
    actor = the_actor()
    own = page.person_id == actor.person_id
    if not own:
        record_view(actor, "evidence", evidence_id)
    item = page.item
    why_not = may_take_back(
        own=own,
        by_student=item.by_student,
        taken_back=item.closed_at is not None,
        decided=page.is_decided,
    )
    return render_template(
        "assessment/evidence_show.html",
        page=page,
        item=item,
        own=own,
        acts=own and may(actor, Permission.EVIDENCE_HAND_IN),
        takes_back=own and why_not is None,
        marks=may(actor, Permission.DECISION_RECORD) and not own,
        answers=may(actor, Permission.EVIDENCE_WRITE) and not own,
        no_tries=NO_TRIES,
    )


def _page_of(evidence_id: UUID) -> EvidencePage:
    return or_404(evidence_page(the_actor(), evidence_id))


@room.page("/evidence/<uuid:evidence_id>/files/<uuid:file_id>", permission=Permission.EVIDENCE_SEE)
def evidence_file(evidence_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """One file of it, as an attachment that can run nothing."""
    page, actor = _page_of(evidence_id), the_actor()
    file = next((one for one in page.item.files if one.id == file_id), None)
    key = stored_key(evidence_id, file_id)
    if file is None or key is None:
        abort(404)
    if page.person_id != actor.person_id:
        record_view(actor, "evidence", evidence_id, file=str(file_id))
    try:
        content = the_storage().get(key)
    except StorageMissing:
        abort(404)
    answer: Response = send_file(
        BytesIO(content), mimetype=file.media, as_attachment=True, download_name=file.name
    )
    answer.headers["Content-Security-Policy"] = ATTACHED_ONLY
    return answer


@room.page(
    "/evidence/<uuid:evidence_id>/take-back",
    permission=Permission.EVIDENCE_HAND_IN,
    see=Permission.EVIDENCE_SEE,
    methods=("GET", "POST"),
)
def evidence_take_back(evidence_id: UUID) -> ResponseReturnValue:
    """A student takes evidence back while it is undecided, and asks for it afterwards."""
    page = _page_of(evidence_id)
    actor = the_actor()
    if page.person_id != actor.person_id:
        abort(404)
    if request.method == "POST":
        here = to("assessment.evidence_show", evidence_id=evidence_id)
        try:
            if request.form.get("deed") == "ask":
                ask_back(actor, evidence_id)
                flash("Asked. Your tutor will answer you here.", "success")
            else:
                take_back(actor, the_storage(), evidence_id)
                flash("Taken back. Its words and files are gone.", "success")
        except NoSuchEvidence:
            abort(404)
        except EvidenceRefused as refusal:
            flash(str(refusal), "error")
        return redirect(here, 303)
    return render_template("assessment/evidence_take_back.html", page=page, item=page.item)


@room.page(
    "/evidence/<uuid:evidence_id>/confirm",
    permission=Permission.EVIDENCE_HAND_IN,
    see=Permission.EVIDENCE_SEE,
    methods=("POST",),
)
def evidence_confirm(evidence_id: UUID) -> ResponseReturnValue:
    """A student confirms what staff wrote about their work."""
    try:
        confirm_evidence(the_actor(), evidence_id)
        flash("Confirmed. Thank you.", "success")
    except NoSuchEvidence:
        abort(404)
    except EvidenceRefused as refusal:
        flash(str(refusal), "error")
    return redirect(to("assessment.evidence_show", evidence_id=evidence_id), 303)


@room.page(
    "/evidence/<uuid:evidence_id>/answer",
    permission=Permission.EVIDENCE_WRITE,
    see=Permission.EVIDENCE_SEE,
    methods=("GET", "POST"),
)
def evidence_answer(evidence_id: UUID) -> ResponseReturnValue:
    """A tutor answers a student who asked for decided evidence back."""
    page, actor = _page_of(evidence_id), the_actor()
    if page.person_id == actor.person_id:
        abort(404)
    form = AnswerForm()
    here = to("assessment.evidence_show", evidence_id=evidence_id)
    if request.method == "POST" and form.validate():
        try:
            there = answer_request(
                actor, the_storage(), evidence_id, RequestAnswer(form.answer.data), str(form.words.data or "")
            )
            flash("Answered." if there else "There is nothing to answer any more.", "success")
            return redirect(here, 303)
        except NoSuchEvidence:
            abort(404)
        except EvidenceRefused as refusal:
            form[refusal.field or "words"].errors = [str(refusal)]
    status = 422 if form.is_submitted() else 200
    return render_template("assessment/evidence_answer.html", page=page, item=page.item, form=form), status


@room.page(
    "/cohorts/<uuid:cohort_id>/evidence", permission=Permission.EVIDENCE_LIST, see=Permission.COHORT_SEE
)
def evidence_of_cohort(cohort_id: UUID) -> ResponseReturnValue:
    """A cohort's evidence as a list, what has waited longest first. No word of it stands here."""
    actor = the_actor()
    cohort = or_404(cohort_known_to(actor, cohort_id))
    show = request.args.get("show", "")
    show = show if show in SHOWS else "all"
    return render_template(
        "assessment/evidence_list.html",
        cohort=cohort,
        show=show,
        shows=SHOWS,
        rows=evidence_list(actor, cohort_id, show),
        opens=may(actor, Permission.EVIDENCE_SEE),
        no_tries=NO_TRIES,
    )
