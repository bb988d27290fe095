"""Who can see me: consents, the preview, teams and managers I would rather not; and my answer to one vacancy."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from recovery_college.access.gate import the_actor
from recovery_college.access.rules import Permission
from recovery_college.careers import matching_presenters as words
from recovery_college.careers.candidacy_own_queries import own_candidacies
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.consent_queries import consent_history, consents_of, facts_of
from recovery_college.careers.consent_rules import (
    ApplicationWay,
    Consent,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
    given_for,
    profile_of,
)
from recovery_college.careers.consent_services import (
    BlockRefused,
    answer_vacancy,
    ask_to_go_on,
    block,
    save_consents,
    unblock,
    words_on_record,
)
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.matching_rules import MatchKind
from recovery_college.careers.post_match_queries import PostMatch, counts_for, post_for, posts_for
from recovery_college.careers.preference_forms import (
    FIELD_WORDS,
    PURPOSES,
    SHORT_WORDS,
    BlockForm,
    LookingForm,
    SharingForm,
)
from recovery_college.careers.preference_queries import (
    own_answers,
    own_blocks,
    own_wishes,
    teams_and_managers,
)
from recovery_college.careers.preference_services import PreferenceChanged
from recovery_college.careers.room import room
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.errors import ChangedMeanwhile
from recovery_college.kernel.paging import page_asked_for, page_of

SHOWN = 50
DEEDS = {
    "yes": "You said yes. Its manager can see what you share, while the vacancy is open.",
    "no": "Thank you. You will not be asked about this job again.",
    "withdrawn": "You took your yes back. Its manager cannot see you any more.",
    "here": "You applied. Its manager can see what you share.",
    "by-link": "Noted: you applied at the advert. Good luck!",
    "introduction": "The college is asked to introduce you.",
}


@room.page("/my-future/sharing", permission=Permission.OWN_FUTURE, methods=("GET", "POST"))
def my_sharing() -> ResponseReturnValue:
    """Consent by field and purpose, and every word on it so far."""
    actor = the_actor()
    given = _given()
    form = SharingForm(given, words_on_record(session(), actor.person_id))
    if form.validate_on_submit():
        try:
            save_consents(actor, form.said(), form.seen_version())
        except PreferenceChanged:
            again = url_for("careers.my_sharing")
            raise ChangedMeanwhile(_told(given), _told(form.said()), again) from None
        flash("Your choice is saved. It counts at once.", "success")
        return redirect(url_for("careers.my_future"), 303)
    history = consent_history(actor.person_id) if actor.person_id else []
    page = render_template(
        "careers/my_sharing.html",
        form=form,
        anything=bool(given),
        history=[
            {
                "when": one.at,
                "what": "You agreed" if one.given else "You took back",
                "field": FIELD_WORDS[one.field][0],
                "purpose": PURPOSES[one.purpose],
            }
            for one in history[:SHOWN]
        ],
        older=max(0, len(history) - SHOWN),
    )
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/sharing/stop", permission=Permission.OWN_FUTURE, methods=("POST",))
def my_sharing_stop() -> ResponseReturnValue:
    """Take every consent back, with one button."""
    actor = the_actor()
    save_consents(actor, ())
    flash("You share nothing any more. It counts at once.", "success")
    if any(not one.stage.is_over and one.stage is not Stage.IN_POST for one in own_candidacies(actor)):
        flash(
            "Where you said yes to a job you are still a candidate, without your name. You can withdraw from it "
            "under “Jobs I said yes to”.",
            "info",
        )
    return redirect(url_for("careers.my_future"), 303)


@room.page("/my-future/preview", permission=Permission.OWN_FUTURE)
def my_preview() -> ResponseReturnValue:
    """Oneself as a manager would see one after a yes: the same class, drawn by the same lines."""
    actor = the_actor()
    facts = facts_of([actor.person_id])[actor.person_id] if actor.person_id else None
    # A yes gives the name, so that is what a manager would see where nothing else was agreed.
    given = given_for(_given(), ConsentPurpose.MANAGER)
    shown = given if ConsentField.NAME in given else {ConsentField.NAME}
    profile = profile_of(facts, shown) if facts else None
    return render_template(
        "careers/my_preview.html",
        profile=profile,
        facts=words.profile_as_facts(profile) if profile else [],
        only_name=given <= {ConsentField.NAME},
    )


@room.page("/my-future/not-to", permission=Permission.OWN_FUTURE, methods=("GET", "POST"))
def my_blocks() -> ResponseReturnValue:
    """Teams and managers I would rather not be shown to. Nobody asks why."""
    actor = the_actor()
    form = BlockForm(*teams_and_managers())
    if form.validate_on_submit():
        try:
            if form.team.data:
                block(actor, team_id=UUID(form.team.data))
            if form.manager.data:
                block(actor, manager_id=UUID(form.manager.data))
        except BlockRefused:
            abort(404)
        flash("Saved. They cannot see you, and nobody is told.", "success")
        return redirect(url_for("careers.my_blocks"), 303)
    page = render_template("careers/my_blocks.html", form=form, blocks=own_blocks(actor))
    return page, 422 if form.is_submitted() else 200


@room.page("/my-future/not-to/<uuid:block_id>/end", permission=Permission.OWN_FUTURE, methods=("POST",))
def my_block_end(block_id: UUID) -> ResponseReturnValue:
    """Take one of them off the list again."""
    try:
        unblock(the_actor(), block_id)
    except BlockRefused:
        abort(404)
    flash("Taken off your list.", "success")
    return redirect(url_for("careers.my_blocks"), 303)


@room.page("/my-future/jobs", permission=Permission.OWN_FUTURE)
def my_jobs() -> ResponseReturnValue:
    """Open posts by how little is missing, each with its reasons; and why the others do not fit."""
    actor = the_actor()
    own = own_wishes(actor)
    today = clock.today()
    count = counts_for(actor, own.wishes).total() if own.counted else 0
    page = page_of(page_asked_for(), count)
    found = posts_for(actor, own.wishes, page.size, page.skipped) if count else []
    said = {one.vacancy_id: one.answer for one in own_answers(actor)}
    groups = [
        (kind, [_told_post(one, own.wishes) for one in found if one.match.kind is kind]) for kind in MatchKind
    ]
    return render_template(
        "careers/my_jobs.html",
        own=own,
        groups=groups,
        said=said,
        tags=words.KIND_TAGS,
        today=today,
        page=page,
    )


@room.page("/my-future/jobs/<uuid:vacancy_id>", permission=Permission.OWN_FUTURE)
def my_job(vacancy_id: UUID) -> ResponseReturnValue:
    """One post: why it suits me or not, and what I say to it."""
    actor = the_actor()
    own = own_wishes(actor)
    found = post_for(actor, vacancy_id, own.wishes)
    answer = next((one for one in own_answers(actor) if one.vacancy_id == vacancy_id), None)
    if found is None and answer is None:
        abort(404)
    if found is None:
        return render_template("careers/my_job_closed.html", answer=answer, form=LookingForm())
    given = given_for(_given(), ConsentPurpose.MANAGER)
    return render_template(
        "careers/my_job.html",
        own=own,
        vacancy=found.row.vacancy,
        row=found.row,
        tag=words.KIND_TAGS[found.match.kind],
        told=_told_post(found, own.wishes),
        answer=answer.answer if answer else None,
        ways=answer.ways if answer else frozenset(),
        shared=[
            SHORT_WORDS[field] for field in SHORT_WORDS if field in given and field is not ConsentField.NAME
        ],
        form=LookingForm(),
    )


@room.page(
    '/my-future/jobs/<uuid:vacancy_id>/<any(yes, no, withdrawn, here, "by-link", introduction):deed>',
    permission=Permission.OWN_FUTURE,
    methods=("POST",),
)
def my_job_answer(vacancy_id: UUID, deed: str) -> ResponseReturnValue:
    """Say yes or no, take it back, apply here or note that one applied at the advert, ask to be introduced."""
    actor = the_actor()
    try:
        if deed in set(VacancyAnswerKind):
            answer_vacancy(actor, vacancy_id, VacancyAnswerKind(deed))
        else:
            ask_to_go_on(actor, vacancy_id, ApplicationWay(deed.replace("-", " ")))
    except VacancyNotFound:
        abort(404)
    flash(DEEDS[deed], "success")
    return redirect(url_for("careers.my_job", vacancy_id=vacancy_id), 303)


def _given() -> frozenset[Consent]:
    person_id = the_actor().person_id
    return consents_of([person_id]).get(person_id, frozenset()) if person_id else frozenset()


def _told(given: frozenset[Consent] | set[Consent]) -> list[tuple[str, str]]:
    return [
        (
            f"Shared {said}",
            words.listed(SHORT_WORDS[one] for one in SHORT_WORDS if one in given_for(given, purpose))
            or "Nothing",
        )
        for purpose, said in PURPOSES.items()
    ]


def _told_post(one: PostMatch, wishes: Any) -> dict[str, Any]:
    return {
        "id": one.row.vacancy.id,
        "row": one.row,
        "vacancy": one.row.vacancy,
        "met": words.reasons_met(wishes, one.post, one.match),
        "missing": words.reasons_missing(wishes, one.post, one.match, clock.today()),
        "silence": words.silence(one.match),
        "pay": words.my_pay(one.row, wishes, one.match, clock.today()),
    }
