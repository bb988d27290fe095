"""Handing something in and writing about a student's work: the form, its drafts, and what it becomes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, flash, jsonify, redirect, render_template, request
from flask import url_for as to
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Actor, Permission
from recovery_college.assessment.evidence_drafts import (
    Draft,
    DraftGone,
    StaleDraft,
    drafts_of,
    save_draft,
    throw_away,
)
from recovery_college.assessment.evidence_forms import LONGEST_BODY, EvidenceForm, HandInForm, ObservationForm
from recovery_college.assessment.evidence_rules import AiUse, EvidenceKind
from recovery_college.assessment.evidence_services import (
    EvidenceRefused,
    HandedIn,
    NoSuchEvidence,
    hand_in,
    prior_learning,
    write_evidence,
)
from recovery_college.assessment.evidence_sheet import Sheet, sheet_for
from recovery_college.assessment.room import room
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.uploads import MOST_BYTES, Upload, UploadRefused, checked_upload
from recovery_college.kernel.wording import clock

DRAFTED = ("title", "kind", "body", "link", "ai_use", "ai_note")


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
        typed = [row for one in drafts for row in _as_rows(one.fields)] if sheet.closed else []
        others = _others(drafts, draft.id)
        return render_template(template, form=form, sheet=sheet, draft=draft, others=others, typed=typed)
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
    if sheet.closed:
        # Nothing is handed in any more, so there is no form: what they wrote is theirs to copy all the same.
        typed = _as_rows({name: form[name].data for name in DRAFTED if name in form})
        return render_template(template, form=kind(formdata=None), sheet=sheet, typed=typed), 422
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
            made = write_evidence(actor, the_storage(), sheet.enrolment_id, given)
        else:
            made = hand_in(actor, the_storage(), sheet.enrolment_id, _with_statements(given, form))
    except NoSuchEvidence:
        abort(404)
    except EvidenceRefused as refusal:
        form.blame(refusal)
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
    except DraftGone:
        # Nobody pressed anything: what is gone stays gone. Who presses “Save draft” keeps what they see, as a new one.
        if _wants_json():
            return jsonify(draft=str(new_id())), 410
        saved = save_draft(actor, sheet.enrolment_id, new_id(), fields, 0)
    except StaleDraft as stale:
        if _wants_json():
            return jsonify(version=stale.theirs.version, body=str(stale.theirs.fields.get("body", ""))), 409
        again = f"{request.path}?draft={draft_id}"
        raise ChangedMeanwhile(_as_rows(stale.theirs.fields), _as_rows(fields), again) from None
    assert saved.saved_at is not None
    if _wants_json():
        return jsonify(saved=clock(saved.saved_at), version=saved.version)
    flash(f"Draft saved {clock(saved.saved_at)}. It is not handed in yet.", "success")
    return redirect(f"{request.path}?draft={saved.id}", 303)


def _as_rows(fields: Any) -> list[tuple[str, str]]:
    """A draft as the page of two versions shows it."""
    return [
        (name.replace("_", " ").capitalize(), str(fields[name]))
        for name in ("title", "body", "link")
        if fields.get(name)
    ]
