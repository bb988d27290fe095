"""Considering a peer support worker: the queue by working days left, and the page of one decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission, may
from recovery_college.careers import presenters
from recovery_college.careers.band_rule import stored_rules
from recovery_college.careers.consideration import OTHER_REASON, ConsiderationAnswer
from recovery_college.careers.considerations import (
    Refused,
    VacancyChanged,
    VacancyNotFound,
    confirm_still_right,
    reasons_offered,
    record_consideration,
)
from recovery_college.careers.draft_services import (
    NO_DRAFT,
    AnswerDraft,
    StaleDraft,
    begun_by,
    draft_of,
    save_answer_draft,
)
from recovery_college.careers.forms import ConsiderationForm, VersionedForm
from recovery_college.careers.people_match_queries import fit_of_vacancy
from recovery_college.careers.queries import (
    considerations_visible_to,
    considerations_waiting,
    extensions_of,
    past_answers,
)
from recovery_college.careers.role_text_queries import role_text
from recovery_college.careers.room import room
from recovery_college.careers.rules import PswFlag
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.vacancy_list import VacancyRow, decides
from recovery_college.careers.views import known_vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.wording import clock as time_of_day

WAYS = (
    ("Deputies for leave", "careers.deputy_list", Permission.DEPUTY_NAME),
    ("Second read", "careers.second_read_list", Permission.SECOND_READ_SEE),
    ("Who is told, and who reads again", "careers.duty_list", Permission.DUTIES_NAME),
    ("What the Trust has set", "careers.terms_edit", Permission.TERMS_SET),
    ("Reasons why a post is not a PSW role", "careers.reason_list", Permission.REASONS_KEEP),
)


@room.page("/considerations", permission=Permission.CONSIDERATION_SEE)
def consideration_list() -> ResponseReturnValue:
    """Vacancies that wait for an answer, the nearest deadline first: a manager's own, or all."""
    actor = the_actor()
    state = request.args.get("state", "")
    page = considerations_visible_to(actor, request.args.get("after", ""), state)
    own = may(actor, Permission.CONSIDERATION_RECORD)
    given: dict[str, Any] = {"state": state} if state else {}
    return render_template(
        "careers/consideration_list.html",
        page=page,
        waiting=considerations_waiting(actor),
        state=state,
        present=presenters,
        own=own,
        own_id=actor.person_id,
        begun=begun_by(actor, [row.vacancy.id for row in page.rows]) if own else set(),
        ways=[
            {"text": text, "href": url_for(endpoint)}
            for text, endpoint, permission in WAYS
            if may(actor, permission)
        ],
        next_page=url_for("careers.consideration_list", **given, after=page.onward) if page.onward else None,
        first_page=url_for("careers.consideration_list", **given) if request.args.get("after") else None,
    )


@room.page("/vacancies/<uuid:vacancy_id>/consideration", permission=Permission.CONSIDERATION_SEE)
def consideration_show(vacancy_id: UUID) -> ResponseReturnValue:
    """The page of one decision: the manager answers here, others read."""
    actor = the_actor()
    row = known_vacancy(actor, vacancy_id)
    draft = draft_of(actor, vacancy_id)
    kept = {name: text for name, text in draft.fields.items() if text}
    if not kept and row.answer is not None and request.args.get("change"):
        kept = _as_decided(row)
    return _page(row, _form(row, draft.version, kept), draft)


@room.page(
    "/vacancies/<uuid:vacancy_id>/consideration",
    permission=Permission.CONSIDERATION_RECORD,
    see=Permission.CONSIDERATION_SEE,
    methods=("POST",),
)
def consideration_record(vacancy_id: UUID) -> ResponseReturnValue:
    """Save the manager's answer, or what they have begun of it."""
    actor = the_actor()
    row = known_vacancy(actor, vacancy_id)
    form = _form(row)
    if request.form.get("deed") == "draft":
        return _keep_draft(row, form)
    if not form.validate():
        return _page(row, form), 422
    try:
        record_consideration(
            actor,
            vacancy_id,
            form.answer.data or "",
            form.reason.data,
            form.other_text.data or "",
            form.seen_version(),
            (form.redeployment.data or "") if "redeployment" in form else "",
        )
    except VacancyNotFound:
        abort(404)
    except VacancyChanged:
        raise _changed(row, form) from None
    except Refused as refusal:
        if not refusal.errors:
            flash(str(refusal), "error")
            return redirect(url_for("careers.vacancy_show", vacancy_id=vacancy_id), 303)
        for box, sentence in refusal.errors.items():
            form[box].errors = [sentence]
        return _page(row, form), 422
    flash(_thanks(form.answer.data or ""), "success")
    return redirect(url_for("careers.vacancy_show", vacancy_id=vacancy_id), 303)


def _keep_draft(row: VacancyRow, form: ConsiderationForm) -> ResponseReturnValue:
    """Keep the draft; the page's script asks for JSON, a person without scripts gets the page again."""
    wants_json = request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"
    here = url_for("careers.consideration_show", vacancy_id=row.vacancy.id)
    fields = form.drafted()
    try:
        saved = save_answer_draft(the_actor(), row.vacancy.id, fields, form.seen_draft())
    except VacancyNotFound:
        abort(404)
    except StaleDraft as stale:
        if wants_json:
            return jsonify(version=stale.theirs.version), 409
        raise ChangedMeanwhile(_draft_rows(stale.theirs.fields), _draft_rows(fields), here) from None
    assert saved.saved_at is not None
    if wants_json:
        return jsonify(saved=time_of_day(saved.saved_at), version=saved.version)
    flash(f"Draft saved {time_of_day(saved.saved_at)}. Nothing is decided yet.", "success")
    return redirect(here, 303)


def _draft_rows(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """A draft as the page of two versions shows it."""
    return [
        (words, fields[name])
        for name, words in (("answer", "Answer"), ("other_text", "Reason in words"))
        if fields.get(name)
    ]


@room.page(
    "/vacancies/<uuid:vacancy_id>/still-right",
    permission=Permission.CONSIDERATION_RECORD,
    see=Permission.CONSIDERATION_SEE,
    methods=("POST",),
)
def consideration_confirm(vacancy_id: UUID) -> ResponseReturnValue:
    """Say that the answer still holds although the text of the advert changed."""
    row = known_vacancy(the_actor(), vacancy_id)
    form = VersionedForm()
    if not form.validate():
        abort(400)
    try:
        confirm_still_right(the_actor(), vacancy_id, form.seen_version())
    except VacancyNotFound:
        abort(404)
    except VacancyChanged:
        again = url_for("careers.vacancy_show", vacancy_id=vacancy_id)
        raise ChangedMeanwhile([("Vacancy", row.vacancy.title)], [], again) from None
    flash("Thank you. Your answer stands.", "success")
    return redirect(url_for("careers.vacancy_show", vacancy_id=vacancy_id), 303)


def _form(row: VacancyRow, seen: int = 0, kept: Mapping[str, str] | None = None) -> ConsiderationForm:
    return ConsiderationForm(
        reasons_offered(session()),
        clock.today(),
        redeployment_first=terms_now().redeployment_first,
        version=row.vacancy.version,
        seen=seen,
        **(kept or {}),
    )


def _as_decided(row: VacancyRow) -> dict[str, str]:
    """The live answer with its reason, to begin from when it is changed."""
    if row.answer is None:
        return {}
    if row.answer is not ConsiderationAnswer.NOT_A_PSW_ROLE:
        return {"answer": row.answer.value}
    listed = {one.words: one.code for one in reasons_offered(session())}
    code = listed.get(row.reason, OTHER_REASON)
    said = row.reason if code == OTHER_REASON else ""
    return {"answer": row.answer.value, "reason": code, "other_text": said}


def _page(row: VacancyRow, form: ConsiderationForm, draft: AnswerDraft = NO_DRAFT) -> str:
    actor = the_actor()
    vacancy = row.vacancy
    is_own = decides(actor, vacancy)
    words = role_text()
    return render_template(
        "careers/consideration_show.html",
        row=row,
        vacancy=vacancy,
        rule=stored_rules(session()).get(vacancy.rule_version or 0),
        short_facts=presenters.short_facts(row),
        days_left=presenters.days_left_words(row.days_left),
        state_tag=presenters.state_tag(row),
        past=past_answers(actor, vacancy.id),
        given_time=next(iter(extensions_of(actor, vacancy.id)), None),
        answers=presenters.ANSWERS,
        may_answer=is_own and vacancy.flag is PswFlag.YES and not row.status.is_over,
        is_own=is_own,
        stands_in=is_own and vacancy.manager_id != actor.person_id,
        form=form,
        draft=draft,
        fit=fit_of_vacancy(actor, vacancy.id)
        if vacancy.flag is PswFlag.YES and not row.status.is_over
        else None,
        words=words,
        brings=words.brings_to(vacancy.setting, vacancy.service_area),
        kind_of_team=presenters.kind_of_team(vacancy.setting, vacancy.service_area),
    )


def _changed(row: VacancyRow, form: ConsiderationForm) -> ChangedMeanwhile:
    now = known_vacancy(the_actor(), row.vacancy.id)
    theirs = [("Vacancy", now.vacancy.title), ("In short", presenters.short_facts(now))]
    if now.answer is not None:
        theirs.append(("Decided", f"{presenters.ANSWERS[now.answer]}, by {now.decided_by}"))
    labels = {choice[0]: choice[1] for choice in form.answer.choices}
    yours = [("Your answer", str(labels.get(form.answer.data or "", "none")))]
    if form.other_text.data:
        yours.append(("Your reason", form.other_text.data))
    return ChangedMeanwhile(theirs, yours, url_for("careers.consideration_show", vacancy_id=row.vacancy.id))


def _thanks(answer: str) -> str:
    if answer == "not a psw role":
        return "Thank you, your decision is saved. You can open it again for as long as the vacancy is open."
    return "Thank you, your decision is saved. Words for the advert are below."
