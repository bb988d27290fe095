"""Evidence in the browser: handing in, writing about a student's work, reading, taking back, asking back."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, flash, jsonify, redirect, render_template, request, send_file
from flask import url_for as to
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.evidence_drafts import Draft, StaleDraft, drafts_of, save_draft, throw_away
from recovery_college.assessment.evidence_forms import (
    LONGEST_BODY,
    AnswerForm,
    EvidenceForm,
    HandInForm,
    ObservationForm,
)
from recovery_college.assessment.evidence_list import (
    SHOWS,
    EvidencePage,
    evidence_list,
    evidence_page,
    stored_key,
)
from recovery_college.assessment.evidence_rules import AiUse, EvidenceKind, RequestAnswer, may_take_back
from recovery_college.assessment.evidence_services import (
    EvidenceRefused,
    HandedIn,
    NoSuchEvidence,
    answer_request,
    ask_back,
    confirm_evidence,
    hand_in,
    prior_learning,
    take_back,
    write_evidence,
)
from recovery_college.assessment.evidence_sheet import Sheet, sheet_for
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.room import room
from recovery_college.audit.services import record_view
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.storage import Storage, StorageMissing
from recovery_college.kernel.uploads import MOST_BYTES, Upload, UploadRefused, checked_upload
from recovery_college.kernel.wording import clock

DRAFTED = ("title", "kind", "body", "link", "ai_use", "ai_note")
ATTACHED_ONLY = "default-src 'none'; sandbox"


def _storage() -> Storage:
    storage: Storage = current_app.extensions["storage"]
    return storage


@room.page(
    "/my-progress/<uuid:enrolment_id>/hand-in",
    permission=Permission.EVIDENCE_HAND_IN,
    see=Permission.OWN_PROGRESS,
    methods=("GET", "POST"),
    largest=MOST_BYTES,
)
def evidence_new(enrolment_id: UUID) -> ResponseReturnValue:
    """A student hands something in, or saves what they have written so far."""
    sheet = sheet_for(the_actor(), enrolment_id)
    if sheet is None or sheet.person_id != the_actor().person_id:
        abort(404)
    return _write_page(sheet, HandInForm, "assessment/evidence_new.html")


@room.page(
    "/cohorts/<uuid:cohort_id>/students/<uuid:enrolment_id>/evidence",
    permission=Permission.EVIDENCE_WRITE,
    see=Permission.EVIDENCE_LIST,
    methods=("GET", "POST"),
    largest=MOST_BYTES,
)
def evidence_write(cohort_id: UUID, enrolment_id: UUID) -> ResponseReturnValue:
    """A tutor writes down what they saw or talked through; the student confirms it."""
    sheet = sheet_for(the_actor(), enrolment_id)
    if sheet is None or sheet.cohort_id != cohort_id or sheet.person_id == the_actor().person_id:
        abort(404)
    return _write_page(sheet, ObservationForm, "assessment/evidence_write.html")


def _write_page(
    sheet: Sheet, kind: type[HandInForm] | type[ObservationForm], template: str
) -> ResponseReturnValue:
    """The form on its page: shown with a draft, saved as a draft, or handed in."""
    actor = the_actor()
    drafts = drafts_of(actor, sheet.enrolment_id)
    claims = kind is HandInForm and bool(prior_learning(sheet.enrolment_id))
    if request.method == "GET":
        draft = _draft_to_open(drafts, _asked_about(sheet)["criteria"])
        said: dict[str, Any] = dict(draft.fields)
        if not said.get("criteria"):
            said |= _asked_about(sheet)
        hidden = {"key": str(new_id()), "draft": str(draft.id), "seen": str(draft.version)}
        form = kind(formdata=None, data={**said, **hidden})
        _fit(form, claims)
        return render_template(
            template, form=form, sheet=sheet, draft=draft, others=_others(drafts, draft.id)
        )
    form = kind()
    _fit(form, claims)
    form.criteria.choices = [(str(one), "") for one in sheet.ids]
    draft_id = form.draft_id()
    if draft_id is None:
        form.draft.data = str(draft_id := new_id())
    deed = request.form.get("deed")
    if deed == "draft":
        return _save_draft(actor, sheet, form, draft_id)
    if deed == "throw away":
        throw_away(actor, sheet.enrolment_id, draft_id)
        flash("The draft is gone.", "success")
        return redirect(request.path, 303)
    if form.validate() and _files_of(form) is not None:
        evidence_id = _hand_in(actor, sheet, form, draft_id)
        if evidence_id is not None:
            there = to("assessment.evidence_show", evidence_id=evidence_id)
            # The script that shows how far an upload is goes there itself: the words above are for that page.
            return (jsonify(to=there), 201) if _wants_json() else redirect(there, 303)
    draft = next((one for one in drafts if one.id == draft_id), Draft(draft_id, {}))
    others = _others(drafts, draft_id)
    return render_template(template, form=form, sheet=sheet, draft=draft, others=others), 422


def _draft_to_open(drafts: Sequence[Draft], asked: Sequence[str]) -> Draft:
    """The draft the link names, else the latest about what it asks for; a new one where there is none.

    Whoever comes for another criterion than their drafts name begins something new, and the drafts stay.
    """
    wanted = request.args.get("draft", "")
    if wanted:
        fits = (one for one in drafts if str(one.id) == wanted)
    else:
        fits = (one for one in drafts if not asked or not one.criteria or one.criteria >= set(asked))
    return next(fits, Draft(new_id(), {}))


def _others(drafts: Sequence[Draft], shown: UUID) -> list[Draft]:
    return [one for one in drafts if one.id != shown]


def _fit(form: HandInForm | ObservationForm, claims: bool) -> None:
    """Prior learning is offered to who asked for it to count, within the programme's limit (A13)."""
    if isinstance(form, HandInForm) and not claims:
        form.kind.choices = [one for one in form.kind.choices if one[0] != EvidenceKind.RPL.value]


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def _asked_about(sheet: Sheet) -> dict[str, Any]:
    """The criteria the link that led here named, as far as they may be chosen."""
    wanted = {str(one) for one in sheet.ids} & set(request.args.getlist("criterion"))
    return {"criteria": sorted(wanted)}


def _hand_in(actor: Actor, sheet: Sheet, form: HandInForm | ObservationForm, draft_id: UUID) -> UUID | None:
    """Keep it; None, with the sentence at its field, when it is refused."""
    key, own = form.key_id(), isinstance(form, HandInForm)
    files = _files_of(form)
    if key is None or files is None:
        abort(400)
    given = HandedIn(
        key=key,
        kind=EvidenceKind(form.kind.data),
        title=str(form.title.data),
        criteria=frozenset(UUID(one) for one in form.criteria.data),
        body=str(form.body.data or ""),
        files=files,
        draft=draft_id,
    )
    try:
        if not isinstance(form, HandInForm):
            made = write_evidence(actor, _storage(), sheet.enrolment_id, given)
        else:
            made = hand_in(actor, _storage(), sheet.enrolment_id, _with_statements(given, form))
    except NoSuchEvidence:
        abort(404)
    except EvidenceRefused as refusal:
        form[refusal.field].errors = [str(refusal)]
        return None
    words = (
        "Handed in. Your tutor can see it now." if own else f"Saved. {sheet.student} can read and confirm it."
    )
    flash(words, "success")
    return made


def _with_statements(given: HandedIn, form: HandInForm) -> HandedIn:
    some = form.ai_use.data == AiUse.SOME.value
    return replace(
        given,
        link=str(form.link.data or ""),
        is_sensitive=bool(form.is_sensitive.data),
        ai_use=AiUse(form.ai_use.data),
        ai_note=str(form.ai_note.data or "") if some else "",
    )


def _files_of(form: EvidenceForm) -> list[Upload] | None:
    """The files, looked into; None, with a sentence at the field, when one of them cannot be taken."""
    found: list[Upload] = []
    for file in form.files.data or ():
        try:
            file.stream.seek(0)
            found.append(checked_upload(str(file.filename), file.stream.read(MOST_BYTES + 1)))
        except UploadRefused as refusal:
            form.files.errors = [f"{refusal}."]
            return None
    return found


def _save_draft(
    actor: Actor, sheet: Sheet, form: HandInForm | ObservationForm, draft_id: UUID
) -> ResponseReturnValue:
    """Save what is written so far; as JSON for the page's script, which saves while one types."""
    fields: dict[str, Any] = {
        name: str(form[name].data or "")[:LONGEST_BODY] for name in DRAFTED if name in form
    }
    fields["criteria"] = sorted(set(form.criteria.data or ()) & {str(one) for one in sheet.ids})
    if isinstance(form, HandInForm):
        fields["is_sensitive"] = ["yes"] if form.is_sensitive.data else []
    try:
        saved = save_draft(actor, sheet.enrolment_id, draft_id, fields, form.seen_version())
    except NoSuchEvidence:
        abort(404)
    except StaleDraft as stale:
        if _wants_json():
            return jsonify(version=stale.theirs.version, body=str(stale.theirs.fields.get("body", ""))), 409
        again = f"{request.path}?draft={draft_id}"
        raise ChangedMeanwhile(_as_rows(stale.theirs.fields), _as_rows(fields), again) from None
    assert saved.saved_at is not None
    if _wants_json():
        return jsonify(saved=clock(saved.saved_at), version=saved.version)
    flash(f"Draft saved {clock(saved.saved_at)}. It is not handed in yet.", "success")
    return redirect(f"{request.path}?draft={draft_id}", 303)


def _as_rows(fields: Any) -> list[tuple[str, str]]:
    """A draft as the page of two versions shows it."""
    return [
        (name.replace("_", " ").capitalize(), str(fields[name]))
        for name in ("title", "body", "link")
        if fields.get(name)
    ]


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
    )


def _page_of(evidence_id: UUID) -> EvidencePage:
    page = evidence_page(the_actor(), evidence_id)
    if page is None:
        abort(404)
    return page


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
        content = _storage().get(key)
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
                take_back(actor, _storage(), evidence_id)
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
                actor, _storage(), evidence_id, RequestAnswer(form.answer.data), str(form.words.data or "")
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
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None:
        abort(404)
    show = request.args.get("show", "")
    show = show if show in SHOWS else "all"
    return render_template(
        "assessment/evidence_list.html",
        cohort=cohort,
        show=show,
        shows=SHOWS,
        rows=evidence_list(actor, cohort_id, show),
        opens=may(actor, Permission.EVIDENCE_SEE),
    )
